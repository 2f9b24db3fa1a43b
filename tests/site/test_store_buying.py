"""What ERPNext's stock and purchasing become: positions, open orders, receipts, offers, masters. Rolled back."""

from __future__ import annotations

import json

import frappe
import pandas as pd
import pytest
from factories import (
	company,
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
	listening,
	make_work_order,
	read,
	receive,
	send_back_to_supplier,
)

from sentia_ops.errors import FrameError, SentiaError
from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, STOCK
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.suppliers.frames import RECEIPTS, SUPPLIER_ITEMS, SUPPLIER_TERMS


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

	def test_a_cancelled_order_is_none(self, item, shed):
		order = make_purchase_order(item, shed, make_supplier(), 30, on=days_ago(20))
		assert len(read(RECEIPTS, item)) == 1
		order.cancel()
		assert read(RECEIPTS, item).empty

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

	def test_suppliers_that_may_not_be_ordered_from_keep_their_offers(self, item):
		gone, held = make_supplier(disabled=1), make_supplier(on_hold=1, hold_type="All")
		for supplier in (gone, held):
			make_item_price(item, supplier)
		rows = read(SUPPLIER_ITEMS, item)
		assert sorted(rows["supplier"]) == sorted([gone.name, held.name]) and set(rows["price"]) == {5}
		assert (read(SUPPLIER_TERMS, supplier=[gone.name, held.name])["barred"] != "").all()

	def test_a_disabled_item_is_offered_by_nobody(self, item):
		make_item_price(item, make_supplier())
		assert len(read(SUPPLIER_ITEMS, item)) == 1
		item.disabled = 1
		item.save()
		assert read(SUPPLIER_ITEMS, item).empty

	def test_an_offer_in_a_currency_without_a_rate_is_named(self, item):
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
		assert store.read(SUPPLIER_ITEMS, item_code=item.name)["currency"].tolist() == ["JPY"]
		assert f"No Currency Exchange from JPY to GBP: {item.name} from {mill.name}" in run.warnings[-1]
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

	def test_an_offer_without_any_price_is_kept_and_named(self, item):
		mill = make_supplier()
		item.append("supplier_items", {"supplier": mill.name})
		item.save()
		store, run = listening()
		row = store.read(SUPPLIER_ITEMS, item_code=item.name).iloc[0]
		assert (row.price, row.currency) == (0, "GBP")
		assert run.warnings == [
			f"No price is known for {item.name} from {mill.name}: such an offer cannot be chosen. Add an Item Price."
		]

	def test_a_lead_time_of_no_days_is_no_promise(self, item):
		make_item_price(item, make_supplier(), lead_time_days=0)
		assert read(SUPPLIER_ITEMS, item)["promised_lead_days"].isna().all()


def make_terms(item, supplier, breaks=(), **values):
	doc = frappe.get_doc(
		{"doctype": "Supplier Item Terms", "item_code": item.name, "supplier": supplier.name, **values}
	)
	for qty, price in breaks:
		doc.append("price_breaks", {"from_qty": qty, "price": price})
	return doc.insert()


class TestItemTerms:
	def test_minimum_pack_and_breaks(self, item):
		mill, works = make_supplier(), make_supplier()
		item.min_order_qty = 5
		item.save()
		for supplier in (mill, works):
			make_item_price(item, supplier, rate=4, packing_unit=10)
		make_terms(item, mill, [(500, 3), (100, 3.5)], min_order_qty=50, pack_size=25)
		rows = read(SUPPLIER_ITEMS, item).set_index("supplier")
		assert rows.loc[mill.name, ["price", "min_order_qty", "pack_size"]].tolist() == [4, 50, 25]
		assert json.loads(rows.loc[mill.name, "price_breaks"]) == [
			{"qty": 100, "price": 3.5},
			{"qty": 500, "price": 3},
		]
		assert rows.loc[works.name, ["min_order_qty", "pack_size", "price_breaks"]].tolist() == [5, 10, "[]"]

	def test_only_those_valid_today_and_they_make_an_offer(self, item):
		mill = make_supplier()
		make_terms(item, mill, [(1, 9)], valid_upto=days_ago(1))
		make_terms(item, mill, [(10, 6)], valid_from=days_ago(0), valid_upto=add_days(today(), 9))
		make_terms(item, mill, [(1, 1)], valid_from=add_days(today(), 10))
		row = read(SUPPLIER_ITEMS, item).iloc[0]
		assert (row.supplier, row.price, row.currency) == (mill.name, 6, "GBP"), "the break is the only price"

	def test_breaks_in_another_currency_follow_the_price(self, item):
		frappe.get_doc(
			{
				"doctype": "Currency Exchange",
				"from_currency": "USD",
				"to_currency": "GBP",
				"exchange_rate": 0.8,
				"date": days_ago(1),
				"for_buying": 1,
				"for_selling": 1,
			}
		).insert()
		mill = make_supplier()
		make_item_price(item, mill, rate=4)
		make_terms(item, mill, [(100, 4.5)], currency="USD")
		assert json.loads(read(SUPPLIER_ITEMS, item)["price_breaks"].iloc[0]) == [{"qty": 100, "price": 3.6}]

	@pytest.mark.parametrize(
		("breaks", "more", "said"),
		[
			([(0, 3)], {}, "must be above 0"),
			([(5, 3), (5, 2)], {}, "Two prices from quantity"),
			([], {"valid_from": "2025-03-02", "valid_upto": "2025-03-01"}, "last day lies before the first"),
		],
	)
	def test_nonsense_is_refused(self, item, breaks, more, said):
		with pytest.raises(frappe.ValidationError, match=said):
			make_terms(item, make_supplier(), breaks, **more)

	def test_two_sets_for_the_same_days_are_refused(self, item):
		mill = make_supplier()
		first = make_terms(item, mill)
		with pytest.raises(frappe.ValidationError, match=first.name):
			make_terms(item, mill, valid_from=today())


class TestTerms:
	def terms(self, supplier):
		found = read(SUPPLIER_TERMS, supplier=supplier.name)
		return found.iloc[0] if len(found) else None

	def test_a_supplier_without_terms_has_no_row(self):
		assert self.terms(make_supplier()) is None
		assert self.terms(make_supplier(on_hold=1, hold_type="Payments")) is None

	@pytest.mark.parametrize(
		("given", "reason"),
		[
			({"disabled": 1}, "the supplier is disabled"),
			({"on_hold": 1, "hold_type": "All"}, "on hold"),
			({"on_hold": 1, "hold_type": "All", "release_date": "2099-03-31"}, "on hold until 31-03-2099"),
			({"prevent_pos": 1}, "its scorecard blocks orders"),
			({"warn_pos": 1}, ""),
		],
	)
	def test_why_no_order_may_be_placed(self, given, reason):
		supplier = make_supplier()
		for field, value in given.items():
			frappe.db.set_value("Supplier", supplier.name, field, value)
		found = self.terms(supplier)["barred"]
		assert found == reason or (found.startswith("on hold until") and "2099" in found)

	def test_a_hold_that_has_ended_bars_nobody(self):
		held = make_supplier(on_hold=1, hold_type="All", release_date=days_ago(2), sentia_min_order_value=5)
		assert self.terms(held)["barred"] == ""

	def test_a_scorecards_warning_is_told(self):
		supplier = make_supplier()
		frappe.db.set_value("Supplier", supplier.name, "warn_pos", 1)
		store, run = listening()
		store.read(SUPPLIER_TERMS)
		assert any(
			text.startswith("The scorecard warns of orders to") and supplier.name in text
			for text in run.warnings
		)

	def test_value_days_closures_and_cost(self):
		days = [add_days(today(), n) for n in (-3, 10, 11, 12, 20)]
		closed = frappe.get_doc(
			{
				"doctype": "Holiday List",
				"holiday_list_name": unique("Closed"),
				"from_date": days[0],
				"to_date": days[-1],
				"holidays": [{"holiday_date": day, "description": "closed"} for day in days],
			}
		).insert()
		supplier = make_supplier(
			sentia_min_order_value=750,
			sentia_order_days="thursday, mon",
			sentia_ordering_cost=12.5,
			sentia_holiday_list=closed.name,
		)
		row = self.terms(supplier)
		assert (row.min_order_value, row.order_days, row.ordering_cost, row.barred) == (
			750,
			"Mon,Thu",
			12.5,
			"",
		)
		assert json.loads(row.closed) == [
			{"from": days[1], "to": days[3]},
			{"from": days[4], "to": days[4]},
		]

	def test_ordering_cost_is_empty_unless_given(self):
		assert pd.isna(self.terms(make_supplier(sentia_min_order_value=1))["ordering_cost"])

	def test_order_days_that_cannot_be_read(self):
		with pytest.raises(frappe.ValidationError, match="Blue is no weekday"):
			make_supplier(sentia_order_days="Mon, Blue")
		supplier = make_supplier()
		frappe.db.set_value("Supplier", supplier.name, "sentia_order_days", "Blue")
		store, run = listening()
		assert store.read(SUPPLIER_TERMS, supplier=supplier.name)["order_days"].tolist() == [""]
		assert any("Blue is no weekday" in text for text in run.warnings)

	def test_a_circle_of_replacements_is_refused_and_one_from_elsewhere_told(self):
		from sentia_ops.suppliers.engine import odd_replacements

		first, second = make_supplier(), make_supplier()
		first.sentia_replaced_by = second.name
		first.save()
		second.sentia_replaced_by = first.name
		with pytest.raises(frappe.ValidationError, match="in a circle"):
			second.save()
		frappe.db.set_value(
			"Supplier", second.name, "sentia_replaced_by", first.name
		)  # an import, an old patch
		terms = read(SUPPLIER_TERMS).set_index("supplier")
		warnings = odd_replacements(terms["barred"].to_dict(), terms["replaced_by"].to_dict())
		assert len(warnings) == 1 and first.name in warnings[0] and second.name in warnings[0]


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
