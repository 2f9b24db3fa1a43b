"""What ERPNext's sales become: demand and stock-out days. Real documents, rolled back."""

from __future__ import annotations

import frappe
from factories import (
	company,
	make_item,
	make_sales_order,
	make_stock,
	make_warehouse,
	unique,
)
from frappe.utils import add_days, today
from trade import (
	days_ago,
	deliver,
	listening,
	make_work_order,
	move,
	read,
	sell_without_order,
	send_back,
)

from sentia_ops.forecasting.frames import DEMAND
from sentia_ops.replenishment.frames import OUTBOUND
from sentia_ops.store.frames import ITEMS


def by_day(item) -> dict[str, float]:
	"""Demand that is not zero, by day."""
	rows = read(DEMAND, item)
	return {str(r.date.date()): r.qty for r in rows.itertuples() if r.qty}


class TestDemand:
	def test_is_what_was_ordered_on_the_day_it_was_ordered(self, item, shed, customer):
		make_stock(item, shed, 4, on=days_ago(30))
		order = make_sales_order(item, shed, 10, customer=customer, on=days_ago(20), due=days_ago(5))
		deliver(order, 4, on=days_ago(5))
		make_sales_order(item, shed, 3, customer=customer, on=days_ago(20))
		make_sales_order(item, shed, 99, customer=customer, on=days_ago(20), submit=False)
		assert by_day(item) == {days_ago(20): 13}

	def test_cancelled_orders_are_none(self, item, shed, customer):
		make_sales_order(item, shed, 10, customer=customer, on=days_ago(20)).cancel()
		assert read(DEMAND, item).empty

	def test_a_closed_order_counts_for_what_was_delivered(self, item, shed, customer):
		make_stock(item, shed, 50, on=days_ago(30))
		order = make_sales_order(item, shed, 10, customer=customer, on=days_ago(20))
		deliver(order, 4, on=days_ago(18))
		frappe.get_doc("Sales Order", order.name).update_status("Closed")
		assert by_day(item) == {days_ago(20): 4}

	def test_a_return_reduces_the_day_of_its_order(self, item, shed, customer):
		make_stock(item, shed, 50, on=days_ago(30))
		order = make_sales_order(item, shed, 10, customer=customer, on=days_ago(20))
		send_back(deliver(order, on=days_ago(18)), 3, on=days_ago(2))
		assert by_day(item) == {days_ago(20): 7}

	def test_a_replaced_return_is_demand_again(self, item, shed, customer):
		make_stock(item, shed, 50, on=days_ago(30))
		order = make_sales_order(item, shed, 10, customer=customer, on=days_ago(20))
		send_back(deliver(order, on=days_ago(18)), 3, on=days_ago(10))
		deliver(order, 3, on=days_ago(2))
		assert by_day(item) == {days_ago(20): 10}

	def test_is_in_stock_units(self, shed, customer):
		frappe.get_doc({"doctype": "UOM", "uom_name": unique("Crate")}).insert()
		crate = frappe.get_last_doc("UOM").name
		item = make_item(
			uoms=[{"uom": "Nos", "conversion_factor": 1}, {"uom": crate, "conversion_factor": 12}]
		)
		order = make_sales_order(item, shed, 2, customer=customer, on=days_ago(9), submit=False)
		order.items[0].uom, order.items[0].conversion_factor = crate, 12
		order.save()
		order.submit()
		assert by_day(item) == {days_ago(9): 24}
		assert read(OUTBOUND, item)["qty"].tolist() == [24]

	def test_deliveries_and_invoices_without_an_order_count_once(self, item, shed, customer):
		make_stock(item, shed, 50, on=days_ago(30))
		note = sell_without_order("Delivery Note", item, shed, 5, customer, days_ago(12))
		send_back(note, 2, on=days_ago(1))
		sell_without_order("Sales Invoice", item, shed, 6, customer, days_ago(8), update_stock=1)
		sell_without_order("Sales Invoice", item, shed, 40, customer, days_ago(7))  # a bill, no goods
		assert by_day(item) == {days_ago(12): 3, days_ago(8): 6}

	def test_an_invoice_of_an_order_is_not_counted_again(self, item, shed, customer):
		from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

		make_stock(item, shed, 50, on=days_ago(30))
		order = make_sales_order(item, shed, 5, customer=customer, on=days_ago(9))
		invoice = make_sales_invoice(order.name)
		invoice.update_stock = 1
		invoice.insert()
		invoice.submit()
		assert by_day(item) == {days_ago(9): 5}

	def test_a_returned_invoice_counts_on_the_day_of_the_sale(self, item, shed, customer):
		from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

		make_stock(item, shed, 50, on=days_ago(30))
		sold = sell_without_order("Sales Invoice", item, shed, 6, customer, days_ago(8), update_stock=1)
		back = make_sales_return(sold.name)
		back.items[0].qty = -4
		back.insert()
		back.submit()
		assert by_day(item) == {days_ago(8): 2}

	def test_a_bundle_is_demand_for_its_contents(self, item, shed, customer):
		box = make_item(is_stock_item=0)
		content = {"item_code": item.name, "qty": 3}
		frappe.get_doc({"doctype": "Product Bundle", "new_item_code": box.name, "items": [content]}).insert()
		make_sales_order(box, shed, 2, customer=customer, on=days_ago(6))
		assert by_day(item) == {days_ago(6): 6}
		assert read(OUTBOUND, item)["qty"].tolist() == [6]
		assert read(DEMAND, box).empty

	def test_materials_used_are_demand_but_moves_and_counts_are_not(self, item, shed):
		other = make_warehouse()
		make_stock(item, shed, 100, on=days_ago(30))
		move("Material Issue", item, 7, days_ago(10), source=shed)
		move("Material Transfer", item, 20, days_ago(9), source=shed, target=other)
		count = frappe.new_doc("Stock Reconciliation")
		count.update({"purpose": "Stock Reconciliation", "company": company(), "set_posting_time": 1})
		count.posting_date = days_ago(5)
		count.expense_account = frappe.db.get_value("Company", company(), "stock_adjustment_account")
		count.append(
			"items", {"item_code": item.name, "warehouse": shed.name, "qty": 50, "valuation_rate": 5}
		)
		count.insert()
		count.submit()
		assert by_day(item) == {days_ago(10): 7}

	def test_materials_of_a_work_order_count_once_where_they_leave_the_store(self, item, shed):
		work, made = make_work_order(item, shed)
		from erpnext.manufacturing.doctype.work_order.work_order import make_stock_entry

		for purpose in ("Material Transfer for Manufacture", "Manufacture"):
			entry = frappe.get_doc(make_stock_entry(work.name, purpose, 4))
			entry.set_posting_time, entry.posting_date = 1, days_ago(3)
			entry.insert()
			entry.submit()
		rows = read(DEMAND, item)
		assert [(r.warehouse, r.qty) for r in rows.itertuples()] == [(shed.name, 8)]
		assert read(DEMAND, made).empty

	def test_orders_dated_after_today_are_left_out_and_counted(self, item, shed, customer):
		make_sales_order(item, shed, 5, customer=customer, on=days_ago(3))
		order = make_sales_order(item, shed, 5, customer=customer, on=days_ago(2))
		frappe.db.set_value("Sales Order", order.name, "transaction_date", add_days(today(), 5))
		store, run = listening()
		assert store.read(DEMAND, item_code=item.name)["qty"].tolist() == [5]
		assert run.refused == {"sales order lines dated after today": 1}

	def test_an_item_without_history_has_no_rows(self, item):
		assert read(DEMAND, item).empty

	def test_disabled_items_and_warehouses_are_not_planned(self, item, shed, customer):
		make_sales_order(item, shed, 5, customer=customer, on=days_ago(3))
		frappe.db.set_value("Warehouse", shed.name, "disabled", 1)
		assert read(DEMAND, item).empty
		frappe.db.set_value("Warehouse", shed.name, "disabled", 0)
		frappe.db.set_value("Item", item.name, "disabled", 1)
		assert read(DEMAND, item).empty and read(ITEMS, item).empty


class TestStockouts:
	def test_days_that_ended_with_nothing_are_marked(self, item, shed, customer):
		make_stock(item, shed, 10, on=days_ago(30))
		first = make_sales_order(item, shed, 10, customer=customer, on=days_ago(25))
		deliver(first, on=days_ago(20))
		make_sales_order(item, shed, 4, customer=customer, on=days_ago(18))
		make_stock(item, shed, 50, on=days_ago(15))
		rows = read(DEMAND, item).assign(day=lambda d: d["date"].astype(str))
		out = rows[~rows["in_stock"]]
		# sold out on day 20, when more may have been wanted, and filled on day 15
		assert out["day"].tolist() == [days_ago(d) for d in (20, 19, 18, 17, 16)]
		assert out["qty"].tolist() == [0, 0, 4, 0, 0]
		assert rows[rows["in_stock"]]["day"].tolist() == [days_ago(25)]

	def test_still_empty_counts_up_to_yesterday(self, item, shed, customer):
		make_stock(item, shed, 10, on=days_ago(9))
		deliver(make_sales_order(item, shed, 10, customer=customer, on=days_ago(5)), on=days_ago(4))
		rows = read(DEMAND, item)
		assert rows.loc[~rows["in_stock"], "date"].astype(str).tolist() == [days_ago(d) for d in (4, 3, 2, 1)]

	def test_empty_days_before_the_first_sale_do_not_start_a_series(self, item, shed, customer):
		make_stock(item, shed, 1, on=days_ago(30))
		move("Material Transfer", item, 1, days_ago(29), source=shed, target=make_warehouse())
		make_stock(item, shed, 9, on=days_ago(5))
		make_sales_order(item, shed, 2, customer=customer, on=days_ago(4))
		rows = read(DEMAND, item)
		assert rows["date"].astype(str).tolist() == [days_ago(4)] and rows["in_stock"].all()
