"""Supplier Performance on a site: real orders, receipts, quotations and inspections in; documents, reports and REST out."""

from __future__ import annotations

import frappe
import pytest
from factories import (
	company,
	make_item,
	make_item_price,
	make_purchase_order,
	make_supplier,
	make_user,
	make_warehouse,
)
from frappe.utils import getdate, today
from trade import days_ago, listening, receive, send_back_to_supplier

from sentia_ops.api import suppliers as api
from sentia_ops.sentia_ops.report.on_time_by_erpnext_and_sentia import (
	on_time_by_erpnext_and_sentia as on_time,
)
from sentia_ops.sentia_ops.report.supplier_comparison import supplier_comparison
from sentia_ops.suppliers.frames import INSPECTIONS, QUOTATIONS
from sentia_ops.suppliers.scores import score


def plan(store=None) -> None:
	"""Only the scores, within the test's transaction."""
	store, run = store or listening()
	score(store, run, as_of=getdate(today()))


@pytest.fixture
def trade():
	"""A mill that was on time, late, early, in parts, with rejects, and owes a line; item and warehouse."""
	item, shed, rejects, mill = make_item(), make_warehouse(), make_warehouse(), make_supplier()
	orders = {}
	for name, day in (
		("on time", 10),
		("late", 14),
		("early", 5),
		("in parts", None),
		("rejected", 10),
		("open", None),
	):
		orders[name] = make_purchase_order(item, shed, mill, 10, on=days_ago(60), due=days_ago(50))
		if day and name != "rejected":
			receive(orders[name], on=days_ago(60 - day))
	receive(orders["in parts"], qty=6, on=days_ago(52))
	receive(orders["in parts"], qty=4, on=days_ago(50))
	receive(orders["rejected"], qty=10, rejected=2, on=days_ago(50), rejected_warehouse=rejects.name)
	return frappe._dict(item=item, shed=shed, mill=mill, orders=orders)


def test_a_supplier_gets_a_document_with_months(trade):
	plan()
	doc = frappe.get_doc("Supplier Performance", trade.mill.name)
	assert doc.on_time == pytest.approx(4 / 6, abs=1e-6) and doc.on_time_n == 6
	# 4 days late, and 50 so far
	assert doc.days_late == pytest.approx(54 / 6, abs=1e-6)
	assert doc.in_full == pytest.approx(4 / 5) and doc.in_full_n == 5
	assert doc.accepted == pytest.approx((5 + 0.8) / 6, abs=1e-6) and doc.accepted_n == 6
	assert doc.overdue_lines == 1 and doc.overdue_days == 50
	assert doc.inspected == -1 and doc.inspected_n == 0, "no data is no figure"
	assert 0 < doc.score < 100 and doc.confidence == "low"
	assert sum(row.on_time_n for row in doc.months) == 6
	measures = frappe.parse_json(doc.measures)
	assert next(m for m in measures if m["measure"] == "inspected")["text"] == "no data"
	plan()
	assert frappe.db.count("Supplier Performance", {"supplier": trade.mill.name}) == 1
	assert frappe.db.count("Supplier Performance Month", {"parent": trade.mill.name}) == len(doc.months)


def test_returns_count_against_quality_and_cancelled_orders_do_not_count():
	item, shed, mill = make_item(), make_warehouse(), make_supplier()
	receipt = receive(
		make_purchase_order(item, shed, mill, 10, on=days_ago(40), due=days_ago(30)), on=days_ago(30)
	)
	send_back_to_supplier(receipt, 5)
	cancelled, idle = make_supplier(), make_supplier()
	make_purchase_order(item, shed, cancelled, 10, on=days_ago(40), due=days_ago(30)).cancel()
	make_item_price(item, idle)
	plan()
	assert frappe.db.get_value("Supplier Performance", mill.name, "accepted") == 0.5
	assert not frappe.db.exists("Supplier Performance", cancelled.name), "nothing was ever ordered there"
	doc = frappe.get_doc("Supplier Performance", idle.name)
	assert (doc.score, doc.on_time, doc.risk) == (-1, -1, "no data")
	assert doc.recommendation.startswith("No data")


def test_a_disabled_supplier_keeps_its_history(trade):
	trade.mill.disabled = 1
	trade.mill.save()
	plan()
	assert frappe.db.get_value("Supplier Performance", trade.mill.name, "on_time_n") == 6


def test_quotations_are_paired_with_their_requests():
	item, mill, other, shed = make_item(), make_supplier(), make_supplier(), make_warehouse()
	request = frappe.new_doc("Request for Quotation")
	request.update(
		{
			"company": company(),
			"transaction_date": days_ago(20),
			"schedule_date": today(),
			"message_for_supplier": "?",
		}
	)
	for supplier in (mill, other):
		request.append("suppliers", {"supplier": supplier.name, "send_email": 0})
	request.append(
		"items",
		{
			"item_code": item.name,
			"qty": 5,
			"uom": "Nos",
			"conversion_factor": 1,
			"warehouse": shed.name,
			"schedule_date": today(),
		},
	)
	request.insert()
	request.submit()
	for day in (14, 9):  # the first answer counts
		quotation = frappe.new_doc("Supplier Quotation")
		quotation.update({"supplier": mill.name, "company": company(), "transaction_date": days_ago(day)})
		row = {
			"item_code": item.name,
			"qty": 5,
			"rate": 4,
			"warehouse": shed.name,
			"request_for_quotation": request.name,
		}
		quotation.append("items", row | {"request_for_quotation_item": request.items[0].name})
		quotation.insert()
		quotation.submit()
	store, _run = listening()
	rows = store.read(QUOTATIONS, item_code=item.name).set_index("supplier")
	assert str(rows.loc[mill.name, "answered_on"].date()) == str(days_ago(14))
	assert (
		rows.loc[other.name, "answered_on"] is not None and rows.loc[[other.name], "answered_on"].isna().all()
	)
	plan()
	assert frappe.db.get_value("Supplier Performance", mill.name, "response_days") == 6
	assert frappe.db.get_value("Supplier Performance", other.name, "response_days") == 20, "still waiting"


def test_inspections_of_receipts_are_read(trade):
	trade.item.db_set("inspection_required_before_purchase", 1)
	receipt = frappe.get_all("Purchase Receipt", {"supplier": trade.mill.name, "docstatus": 1}, pluck="name")[
		0
	]
	for status in ("Accepted", "Rejected"):
		inspection = frappe.new_doc("Quality Inspection")
		inspection.update(
			{"inspection_type": "Incoming", "reference_type": "Purchase Receipt", "reference_name": receipt, "item_code": trade.item.name,
			 "report_date": days_ago(45), "sample_size": 1, "status": status, "inspected_by": "Administrator", "manual_inspection": 1}
		)  # fmt: skip
		inspection.insert()
		inspection.submit()
	store, _run = listening()
	rows = store.read(INSPECTIONS, supplier=trade.mill.name)
	assert sorted(rows["accepted"]) == [False, True]
	plan()
	assert frappe.db.get_value("Supplier Performance", trade.mill.name, ["inspected", "inspected_n"]) == (
		0.5,
		2,
	)


# ERPNext says, we say, why


def test_the_native_figure_is_erpnexts_own_and_every_difference_has_a_reason(trade):
	from erpnext.buying.doctype.supplier_scorecard_variable import supplier_scorecard_variable as native

	plan()
	filters = {"from_date": days_ago(55), "to_date": today(), "supplier": trade.mill.name, "lines": "All"}
	_columns, rows, message, _chart, _summary = on_time.execute(filters)
	period = frappe._dict(supplier=trade.mill.name, start_date=days_ago(55), end_date=today())
	head, lines = rows[0], rows[1:]
	assert (
		head["counted"] == f"{native.get_on_time_shipments(period)} of {native.get_total_shipments(period)}"
	)
	assert head["share"] == pytest.approx(100 * 4 / 6) and head["judged"] == 6 and message is None
	by_order = {row["purchase_order"]: row for row in lines}
	why = {name: by_order[order.name]["why"] for name, order in trade.orders.items()}
	assert why["on time"] == "on time"
	assert why["late"] == "came late, and ERPNext counts it as on time"
	assert why["early"] == "came before the promised day, which ERPNext does not count"
	assert why["in parts"].startswith("came on time in several deliveries")
	assert why["rejected"] == "came on time, and ERPNext does not count it as some was rejected"
	assert why["open"] == "50 days late and still open"
	assert head["differing"] == 4 and "1 late counted as on time" in head["why"]


def test_months_and_bad_filters(trade):
	plan()
	_columns, rows, *_rest = on_time.execute(
		{"from_date": days_ago(55), "to_date": today(), "supplier": trade.mill.name, "period": "Month"}
	)
	assert [row["period"] for row in rows] == [str(days_ago(50))[:7]]
	with pytest.raises(frappe.ValidationError, match="From lies after To"):
		on_time.execute({"from_date": today(), "to_date": days_ago(5)})
	_columns, rows, message, *_rest = on_time.execute(
		{"from_date": "2001-01-01", "to_date": "2001-02-01", "supplier": trade.mill.name}
	)
	assert rows == [] and message == "No order line was promised in these days."


# the comparison


def test_suppliers_of_an_item_in_columns(trade):
	from sentia_ops.suppliers.flow import lead_times

	works = make_supplier()
	make_item_price(trade.item, trade.mill, rate=4, packing_unit=12)
	make_item_price(trade.item, works, rate=6, lead_time_days=3)
	store, run = listening()
	lead_times(store, run, as_of=getdate(today()), default_days=14)
	plan((store, run))
	columns, rows, message, _chart, summary = supplier_comparison.execute(
		{"item_code": trade.item.name, "qty": 100}
	)
	assert [c["label"] for c in columns[1:]] == [trade.mill.name, works.name], "the cheapest first"
	facts = {row["fact"]: (row["s0"], row["s1"]) for row in rows}
	assert facts["Price now"] == ("4 GBP", "6 GBP") and facts["Order quantity"] == ("108", "100")
	assert facts["Last order"][1] == "no data" and facts["Score, confidence"][1] == "no data"
	assert (
		facts["Verdict"][0].startswith("WINS: cheapest landed")
		and "most of it the price" in facts["Verdict"][1]
	)
	assert summary[0]["value"] == trade.mill.name
	ordering = frappe.db.get_single_value("Sentia Settings", "ordering_cost")
	assert f"108 x 4.0000 = 432.00 goods + {ordering:.2f} to order" in message
	_columns, rows, message, *_rest = supplier_comparison.execute({"item_code": make_item().name})
	assert rows == [] and message.startswith("Nobody offers")


# REST and permissions


def test_rest(trade):
	plan()
	found = api.get(trade.mill.name)["data"]
	assert found["on_time_n"] == 6 and found["inspected"] is None and found["months"][0]["score"] is not None
	assert found["measures"][0]["text"].startswith("66.7 % of 6 order lines due")
	listed = api.list(limit=500)["data"]["rows"]
	assert trade.mill.name in [row["supplier"] for row in listed]
	with pytest.raises(frappe.DoesNotExistError, match="Nothing is known of"):
		api.get("Nobody Ltd")


def test_viewers_read_and_others_do_not(trade):
	plan()
	viewer, nobody = make_user("Operations Viewer"), make_user("Sales User")
	frappe.set_user(viewer.name)
	assert api.get(trade.mill.name)["data"]["supplier"] == trade.mill.name
	assert not frappe.has_permission("Supplier Performance", "write")
	assert on_time.may_see(frappe._dict())
	frappe.set_user(nobody.name)
	with pytest.raises(frappe.PermissionError):
		api.get(trade.mill.name)
	with pytest.raises(frappe.PermissionError):
		api.list()
	frappe.set_user("Administrator")


def test_the_suppliers_form_shows_it():
	from frappe.desk.form.meta import get_meta

	meta = get_meta("Supplier", cached=False)
	groups = frappe.get_meta("Supplier", cached=False).get_dashboard_data()["transactions"]
	assert "Supplier Performance" in [name for group in groups for name in group["items"]]
	assert "sentia_ops.api.suppliers.get" in meta.get("__js")
