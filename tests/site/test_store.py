"""What ERPNext's documents become: demand, stock, open orders, receipts, offers. Real documents, rolled back."""

from __future__ import annotations

import frappe
import pandas as pd
import pytest
from factories import (
	company,
	make_customer,
	make_item,
	make_item_price,
	make_purchase_order,
	make_recommendation,
	make_sales_order,
	make_stock,
	make_supplier,
	make_warehouse,
	unique,
)
from frappe.utils import add_days, getdate, today
from trade import (
	days_ago,
	deliver,
	move,
	read,
	receive,
	sell_without_order,
	send_back,
	send_back_to_supplier,
)

from sentia_ops.errors import FrameError, SentiaError
from sentia_ops.forecasting.frames import DEMAND
from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, STOCK
from sentia_ops.store.base import Run
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.site import SiteStore
from sentia_ops.suppliers.frames import RECEIPTS, SUPPLIER_ITEMS


@pytest.fixture
def item():
	return make_item()


@pytest.fixture
def shed():
	return make_warehouse()


@pytest.fixture
def customer():
	return make_customer()


def by_day(item) -> dict[str, float]:
	"""Demand that is not zero, by day."""
	rows = read(DEMAND, item)
	return {str(r.date.date()): r.qty for r in rows.itertuples() if r.qty}


def listening() -> tuple[SiteStore, Run]:
	"""A store whose reads are part of a run, to see what it is told."""
	store, run = SiteStore(), Run("PLAN-TEST", "test")
	store._run = run
	return store, run


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
	def test_days_that_began_and_ended_with_nothing_are_marked(self, item, shed, customer):
		make_stock(item, shed, 10, on=days_ago(30))
		first = make_sales_order(item, shed, 10, customer=customer, on=days_ago(25))
		deliver(first, on=days_ago(20))
		make_sales_order(item, shed, 4, customer=customer, on=days_ago(18))
		make_stock(item, shed, 50, on=days_ago(15))
		rows = read(DEMAND, item).assign(day=lambda d: d["date"].astype(str))
		out = rows[~rows["in_stock"]]
		# sold out during day 20 and filled during day 15: four whole days between them were empty
		assert out["day"].tolist() == [days_ago(d) for d in (19, 18, 17, 16)]
		assert out["qty"].tolist() == [0, 4, 0, 0]
		assert rows[rows["in_stock"]]["day"].tolist() == [days_ago(25)]

	def test_still_empty_counts_up_to_yesterday(self, item, shed, customer):
		make_stock(item, shed, 10, on=days_ago(9))
		deliver(make_sales_order(item, shed, 10, customer=customer, on=days_ago(5)), on=days_ago(4))
		rows = read(DEMAND, item)
		assert rows.loc[~rows["in_stock"], "date"].astype(str).tolist() == [days_ago(d) for d in (3, 2, 1)]

	def test_empty_days_before_the_first_sale_do_not_start_a_series(self, item, shed, customer):
		make_stock(item, shed, 1, on=days_ago(30))
		move("Material Transfer", item, 1, days_ago(29), source=shed, target=make_warehouse())
		make_stock(item, shed, 9, on=days_ago(5))
		make_sales_order(item, shed, 2, customer=customer, on=days_ago(4))
		rows = read(DEMAND, item)
		assert rows["date"].astype(str).tolist() == [days_ago(4)] and rows["in_stock"].all()


class TestStock:
	def test_bins(self, item, shed, customer):
		make_stock(item, shed, 40)
		make_sales_order(item, shed, 15, customer=customer)
		make_purchase_order(item, shed, make_supplier(), 25)
		row = read(STOCK, item).iloc[0]
		assert (row.on_hand, row.reserved, row.ordered, row.projected) == (40, 15, 25, 50)

	def test_negative_stock_counts_as_none_and_is_named(self, item, shed):
		make_stock(item, shed, 5)
		frappe.db.set_value("Bin", {"item_code": item.name, "warehouse": shed.name}, "actual_qty", -3)
		store, run = listening()
		assert store.read(STOCK, item_code=item.name)["on_hand"].tolist() == [0]
		assert len(run.warnings) == 1 and f"{item.name} in {shed.name} (-3)" in run.warnings[0]

	def test_only_warehouses_of_the_chosen_company_that_hold_stock(self, shed):
		root = frappe.db.get_value(
			"Warehouse", {"company": company(), "is_group": 1, "parent_warehouse": ["is", "not set"]}
		)
		group = frappe.get_doc(
			{
				"doctype": "Warehouse",
				"warehouse_name": unique("Group"),
				"company": company(),
				"is_group": 1,
				"parent_warehouse": root,
			}
		).insert()
		found = read(WAREHOUSES).set_index("warehouse")
		assert shed.name in found.index and group.name not in found.index
		shed.parent_warehouse = group.name
		shed.save()
		assert read(WAREHOUSES).set_index("warehouse").loc[shed.name, "market"] == group.warehouse_name


class TestOpenOrders:
	def test_what_is_still_to_come(self, item, shed):
		order = make_purchase_order(
			item, shed, make_supplier(), 30, on=days_ago(10), due=add_days(today(), 4)
		)
		receive(order, 12)
		rows = read(INBOUND, item)
		assert rows[["qty", "kind"]].values.tolist() == [[18, "PO"]]
		assert rows["due_date"].iloc[0].date() == getdate(add_days(today(), 4))
		assert rows["voucher"].iloc[0].startswith(order.name)
		frappe.get_doc("Purchase Order", order.name).update_status("Closed")
		assert read(INBOUND, item).empty

	def test_a_promise_by_the_supplier_goes_before_the_day_asked_for(self, item, shed):
		order = make_purchase_order(item, shed, make_supplier(), 30)
		frappe.db.set_value(
			"Purchase Order Item", order.items[0].name, "expected_delivery_date", add_days(today(), 40)
		)
		assert read(INBOUND, item)["due_date"].iloc[0].date() == getdate(add_days(today(), 40))

	def test_drafts_count_only_when_made_from_a_recommendation(self, item, shed):
		supplier = make_supplier()
		order = make_purchase_order(item, shed, supplier, 30, submit=False)
		assert read(INBOUND, item).empty
		recommendation = make_recommendation(item, shed, supplier)
		frappe.db.set_value(
			"Purchase Order Item", order.items[0].name, "sentia_recommendation", recommendation.name
		)
		assert read(INBOUND, item)["qty"].tolist() == [30]

	def test_requests_not_yet_ordered(self, item, shed):
		for kind, qty in (("Purchase", 9), ("Manufacture", 4), ("Material Issue", 100)):
			request = frappe.new_doc("Material Request")
			request.update(
				{"material_request_type": kind, "company": company(), "schedule_date": add_days(today(), 3)}
			)
			request.append(
				"items",
				{
					"item_code": item.name,
					"qty": qty,
					"warehouse": shed.name,
					"schedule_date": add_days(today(), 3),
				},
			)
			request.insert()
			request.submit()
		assert sorted(read(INBOUND, item)[["qty", "kind"]].values.tolist()) == [[4, "MR"], [9, "MR"]]

	def test_work_orders_bring_goods_and_take_materials(self, item, shed):
		work, made = make_work_order(item, shed)
		coming = read(INBOUND, made)
		assert coming[["qty", "kind", "voucher"]].values.tolist() == [[4, "WO", work.name]]
		assert read(OUTBOUND, item)[["qty", "kind"]].values.tolist() == [[8, "WO material"]]

	def test_what_is_promised(self, item, shed, customer):
		make_stock(item, shed, 50)
		order = make_sales_order(item, shed, 10, customer=customer, due=add_days(today(), 6))
		deliver(order, 4)
		rows = read(OUTBOUND, item)
		assert rows[["qty", "kind"]].values.tolist() == [[6, "SO"]]
		assert rows["due_date"].iloc[0].date() == getdate(add_days(today(), 6))


class TestReceipts:
	def test_parts_and_the_open_rest(self, item, shed):
		order = make_purchase_order(item, shed, make_supplier(), 30, on=days_ago(20), due=days_ago(6))
		receive(order, 12, on=days_ago(9))
		receive(order, 10, on=days_ago(4))
		rows = read(RECEIPTS, item)
		assert rows["part"].tolist() == [0, 1, 2]
		assert rows["qty_received"].tolist() == [12, 10, 0]
		assert rows["received_on"].astype(str).tolist() == [days_ago(9), days_ago(4), "NaT"]
		assert set(rows["ordered_on"].astype(str)) == {days_ago(20)}
		assert set(rows["promised_on"].astype(str)) == {days_ago(6)}
		assert set(rows["qty_ordered"]) == {30} and set(rows["rate"]) == {5}

	def test_a_closed_line_is_not_open(self, item, shed):
		order = make_purchase_order(item, shed, make_supplier(), 30, on=days_ago(20))
		receive(order, 12, on=days_ago(9))
		frappe.get_doc("Purchase Order", order.name).update_status("Closed")
		assert read(RECEIPTS, item)["qty_received"].tolist() == [12]

	def test_rejected_and_returned(self, item, shed):
		order = make_purchase_order(item, shed, make_supplier(), 30, on=days_ago(20))
		receipt = receive(order, 30, rejected=5, on=days_ago(9), rejected_warehouse=make_warehouse().name)
		send_back_to_supplier(receipt, 4)
		row = read(RECEIPTS, item).iloc[0]
		assert (row.qty_received, row.qty_rejected) == (30, 9)

	def test_an_invoice_that_updates_stock_is_a_receipt(self, item, shed):
		from erpnext.buying.doctype.purchase_order.purchase_order import make_purchase_invoice

		order = make_purchase_order(item, shed, make_supplier(), 8, on=days_ago(20))
		invoice = make_purchase_invoice(order.name)
		invoice.update_stock, invoice.set_posting_time, invoice.posting_date = 1, 1, days_ago(2)
		invoice.insert()
		invoice.submit()
		rows = read(RECEIPTS, item)
		assert rows["qty_received"].tolist() == [8] and rows["received_on"].astype(str).tolist() == [
			days_ago(2)
		]


class TestOffers:
	def test_own_price_before_list_price(self, item, shed):
		mill, works = make_supplier(), make_supplier()
		item.append("supplier_items", {"supplier": works.name})
		item.min_order_qty = 20
		item.item_defaults[0].default_supplier = mill.name
		item.save()
		make_item_price(item, None, rate=6)
		make_item_price(item, mill, rate=4, packing_unit=10, lead_time_days=9)
		make_item_price(item, mill, rate=1, valid_from=add_days(today(), 9))  # not yet
		rows = read(SUPPLIER_ITEMS, item).set_index("supplier")
		assert rows.loc[
			mill.name, ["price", "pack_size", "promised_lead_days", "min_order_qty"]
		].tolist() == [4, 10, 9, 20]
		assert rows.loc[works.name, "price"] == 6 and pd.isna(rows.loc[works.name, "promised_lead_days"])
		assert rows["is_default"].to_dict() == {mill.name: True, works.name: False}

	def test_the_last_order_is_a_price(self, item, shed):
		mill = make_supplier()
		make_purchase_order(item, shed, mill, 5, on=days_ago(9), rate=3)
		make_purchase_order(item, shed, mill, 5, on=days_ago(2), rate=3.5)
		assert read(SUPPLIER_ITEMS, item)["price"].tolist() == [3.5]

	def test_disabled_suppliers_offer_nothing_and_held_ones_are_named(self, item):
		gone, held = make_supplier(disabled=1), make_supplier(on_hold=1, hold_type="All")
		for supplier in (gone, held):
			make_item_price(item, supplier)
		store, run = listening()
		assert store.read(SUPPLIER_ITEMS, item_code=item.name).empty
		assert any(held.name in text for text in run.warnings) and not any(
			gone.name in t for t in run.warnings
		)

	def test_a_currency_without_a_rate_leaves_the_offer_out(self, item):
		prices = frappe.get_doc(
			{
				"doctype": "Price List",
				"price_list_name": unique("Yen"),
				"currency": "JPY",
				"buying": 1,
				"enabled": 1,
			}
		).insert()
		mill = make_supplier()
		make_item_price(item, mill, rate=900, price_list=prices.name)
		store, run = listening()
		assert store.read(SUPPLIER_ITEMS, item_code=item.name).empty
		assert run.refused["supplier offers in a currency without an exchange rate"] == 1
		assert "No Currency Exchange from JPY to GBP" in run.warnings[-1]
		frappe.get_doc(
			{
				"doctype": "Currency Exchange",
				"from_currency": "JPY",
				"to_currency": "GBP",
				"exchange_rate": 0.005,
				"date": days_ago(1),
				"for_buying": 1,
				"for_selling": 1,
			}
		).insert()
		rows = read(SUPPLIER_ITEMS, item)
		assert rows[["price", "currency"]].values.tolist() == [[900, "JPY"]]
		assert read(CURRENCIES).set_index("currency").loc["JPY", "rate"] == 0.005

	def test_an_offer_without_any_price_is_counted(self, item):
		item.append("supplier_items", {"supplier": make_supplier().name})
		item.save()
		store, run = listening()
		assert store.read(SUPPLIER_ITEMS, item_code=item.name).empty
		assert run.refused == {"supplier offers without any price": 1}


class TestMasters:
	def test_an_item(self, item, shed):
		make_stock(item, shed, 10, rate=4)
		make_stock(item, shed, 30, rate=8)
		item.update({"lead_time_days": 12, "min_order_qty": 5, "shelf_life_in_days": 90})
		item.save()
		make_item_price(item, rate=19, price_list="Standard Selling")
		row = read(ITEMS, item).iloc[0]
		assert (row.valuation_rate, row.selling_rate, row.lead_time_days, row.min_order_qty) == (7, 19, 12, 5)
		assert (row.is_purchased, row.is_made, row.whole_number, row.shelf_life_days) == (
			True,
			False,
			True,
			90,
		)

	def test_an_item_with_a_recipe_is_made(self, item, shed):
		_, made = make_work_order(item, shed)
		assert read(ITEMS, made)["is_made"].tolist() == [True]

	def test_books_in_two_currencies_need_a_choice(self):
		frappe.get_doc(
			{
				"doctype": "Company",
				"company_name": unique("Sentia US"),
				"default_currency": "USD",
				"abbr": frappe.generate_hash(length=4).upper(),
				"country": "United States",
				"create_chart_of_accounts_based_on": "",
			}
		).db_insert()
		choose(None)
		with pytest.raises(SentiaError, match=r"different currencies \(GBP, USD\)"):
			read(ITEMS)
		choose(company())
		assert read(CURRENCIES)["currency"].tolist() == ["GBP"]

	def test_an_unknown_column_is_named(self):
		with pytest.raises(FrameError, match="colour: no such column"):
			read(ITEMS, colour="red")


def choose(chosen: str | None) -> None:
	settings = frappe.get_doc("Sentia Settings")
	settings.company = chosen
	settings.save()


def make_work_order(material, store):
	"""A submitted Work Order for 4 of a new item, each of 2 `material` from `store`, through work in progress."""
	made, shop = make_item(), make_warehouse()
	make_stock(material, store, 100, on=days_ago(30))
	bom = frappe.new_doc("BOM")
	bom.update({"item": made.name, "company": company(), "quantity": 1, "rm_cost_as_per": "Valuation Rate"})
	bom.append("items", {"item_code": material.name, "qty": 2, "uom": "Nos", "source_warehouse": store.name})
	bom.insert()
	bom.submit()
	work = frappe.new_doc("Work Order")
	work.update(
		{
			"production_item": made.name,
			"bom_no": bom.name,
			"qty": 4,
			"company": company(),
			"wip_warehouse": shop.name,
			"fg_warehouse": make_warehouse().name,
			"planned_start_date": days_ago(3),
		}
	)
	work.get_items_and_operations_from_bom()
	for row in work.required_items:
		row.source_warehouse = store.name
	work.insert()
	work.submit()
	return work, made
