"""The workbench's API as real users: what each sees, what each may do, and what happens to a row changed meanwhile."""

from __future__ import annotations

import json

import frappe
import pytest
from board import make_board
from factories import make_recommendation, make_supplier, make_user, unique
from frappe.utils import add_days, getdate, today

from sentia_ops.api import workbench
from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.replenishment.deciding import fit

DOCTYPE = "Reorder Recommendation"


def become(*roles):
	frappe.set_user("Administrator")
	user = make_user(*roles)
	frappe.set_user(user.name)
	return user.name


def restrict(user: str, doctype: str, name: str):
	frappe.set_user("Administrator")
	permission = {"doctype": "User Permission", "user": user, "allow": doctype, "for_value": name}
	frappe.get_doc(permission).insert(ignore_permissions=True)
	frappe.clear_cache(user=user)
	frappe.set_user(user)


def unpacked(data: dict) -> dict[str, dict]:
	"""Rows by name."""
	columns = {
		name: column if isinstance(column, list) else [column["values"][place] for place in column["rows"]]
		for name, column in data["columns"].items()
	}
	rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
	assert len(rows) == data["count"]
	return {row["name"]: row for row in rows}


def board(view="Draft", **filters) -> dict[str, dict]:
	return unpacked(workbench.board(view, json.dumps(filters))["data"])


def stamp(rec) -> str:
	return str(frappe.db.get_value(DOCTYPE, rec.name, "modified"))


def test_a_row_has_what_the_table_shows():
	rec = make_recommendation(weekly_demand="[7, 8]", service_class="AX", wanted_qty=150, cut_by="budget")
	policy = {"item_code": rec.item_code, "warehouse": rec.warehouse, "verdict": "order", "on_hand": 40}
	levels = {
		"position": 40,
		"safety_stock": 25,
		"reorder_point": 60,
		"order_up_to": 160,
		"service_level": 0.95,
	}
	frappe.get_doc({"doctype": "Stock Policy", **policy, **levels}).insert(ignore_permissions=True)
	start = frappe.parse_json(rec.projection)["start"]
	rec.db_set("need_by", add_days(start, 3))
	become(VIEWER)
	row = board()[rec.name]
	assert (row["item_code"], row["warehouse"], row["supplier"]) == (
		rec.item_code,
		rec.warehouse,
		rec.supplier,
	)
	assert (row["on_hand"], row["reorder_point"], row["order_up_to"]) == (40, 60, 160)
	assert row["projected"] == 10  # the fourth of 40, 30, 20, 10: the day it is needed by
	assert (row["qty"], row["wanted_qty"], row["cut_by"], row["cost"]) == (100, 150, "budget", 420)
	assert (row["service_class"], row["weekly_demand"]) == ("AX", "[7, 8]")
	assert row["order_by"] == today() and row["modified"] == stamp(rec)


def test_what_was_not_measured_is_empty():
	rec = make_recommendation(wanted_qty=-1, projection="{}", days_of_cover=-1)
	row = board()[rec.name]
	assert [row[name] for name in ("wanted_qty", "projected", "days_of_cover")] == [None] * 3


def test_the_urgent_come_first_and_views_part_them():
	low, critical = make_recommendation(urgency="Low"), make_recommendation(urgency="Critical")
	snoozed = make_recommendation()
	snoozed.db_set("status", "Snoozed")
	names = list(board())
	assert names.index(critical.name) < names.index(low.name) and snoozed.name not in names
	assert snoozed.name in board("Snoozed") and low.name not in board("Snoozed")
	with pytest.raises(frappe.ValidationError, match="view must be"):
		workbench.board("Ordered")


def test_the_emptiest_buffer_comes_first_and_what_has_none_last():
	def policy(**values):
		rec = make_recommendation()
		key = {
			"item_code": rec.item_code,
			"warehouse": rec.warehouse,
			"verdict": "order",
			"service_level": 0.9,
		}
		doc = frappe.get_doc({"doctype": "Stock Policy", **key, **values})
		return rec, doc.insert(ignore_permissions=True).name

	(_, without), (_, green) = policy(days_of_cover=-1), policy(buffer="green", days_of_cover=40)
	(rec, red), (_, emptier) = policy(buffer="red", days_of_cover=5), policy(buffer="red", days_of_cover=2)
	names = list(board("planned"))
	assert sorted([without, green, red, emptier], key=names.index) == [emptier, red, green, without]
	rec.db_set({"buffer": "green", "days_of_cover": 9})
	row = board()[rec.name]
	assert (row["buffer"], row["days_of_cover"]) == ("red", 5), "of the regular supplier, like the levels"


def test_suppliers_are_named_with_their_least_order_value():
	rec = make_recommendation(supplier=make_supplier(sentia_min_order_value=500))
	other = make_recommendation()
	data = workbench.board()["data"]
	assert data["minimum_values"][rec.supplier] == 500 and other.supplier not in data["minimum_values"]
	assert data["currencies"][rec.company] == "GBP"


def test_planned_items_are_shown_though_they_need_nothing():
	rec = make_recommendation()
	policy = {
		"item_code": rec.item_code,
		"warehouse": rec.warehouse,
		"verdict": "enough",
		"service_level": 0.9,
	}
	doc = frappe.get_doc({"doctype": "Stock Policy", **policy, "position": 77}).insert(
		ignore_permissions=True
	)
	row = board("planned")[doc.name]
	assert (row["verdict"], row["position"], row["stock_uom"]) == ("enough", 77, "Nos")
	assert row["company"] == rec.company


def test_filters_reach_the_database():
	mine, other = make_recommendation(), make_recommendation()
	assert set(board(supplier=mine.supplier)) == {mine.name}
	assert set(board(search=mine.item_code[-8:])) == {mine.name}
	assert other.name not in board(warehouse=mine.warehouse)
	assert board(search="%' or '1'='1") == {}


@pytest.mark.parametrize("field", ["warehouse", "supplier", "company"])
def test_user_permissions_hide_rows_and_refuse_changes(field):
	mine, other = make_recommendation(), make_recommendation()
	if field == "company":
		other.db_set("company", make_company())
	user = become(MANAGER)
	restrict(user, field.title(), mine.get(field))
	names = board()
	assert mine.name in names and other.name not in names
	with pytest.raises(frappe.PermissionError):
		workbench.reasons(other.name)
	with pytest.raises(frappe.PermissionError):
		workbench.set_quantity(other.name, 50, stamp(other))
	assert "error" in workbench.reject([[other.name, stamp(other)]], "Not needed")["data"]["results"][0]
	assert "error" in workbench.approve([[other.name, stamp(other)]])["data"]["results"][0]
	assert frappe.db.get_value(DOCTYPE, other.name, ["qty", "status"]) == (100, "Draft")
	assert workbench.approve([[mine.name, stamp(mine)]])["data"]["results"][0]["document"]


def make_company() -> str:
	name = unique("Other")
	frappe.db.sql(
		"insert into `tabCompany` (name, company_name, abbr, default_currency) values (%s, %s, %s, 'EUR')",
		(name, name, frappe.generate_hash(length=5)),
	)
	return name


def test_each_role_and_what_it_may():
	rec = make_recommendation()
	for role, edits, approves in ((VIEWER, False, False), (OPERATOR, True, False), (MANAGER, True, True)):
		become(role)
		data = workbench.board()["data"]
		assert (data["may_edit"], data["may_approve"]) == (edits, approves), role
	become("Purchase User")
	for call in (workbench.board, workbench.news, lambda: workbench.reasons(rec.name)):
		with pytest.raises(frappe.PermissionError):
			call()


def test_a_viewer_is_refused_every_change():
	rec = make_recommendation()
	row = [[rec.name, stamp(rec)]]
	become(VIEWER)
	for call in (
		lambda: workbench.set_quantity(rec.name, 50, stamp(rec)),
		lambda: workbench.snooze(row),
		lambda: workbench.reject(row, "Not needed"),
		lambda: workbench.approve(row),
	):
		with pytest.raises(frappe.PermissionError):
			call()
	assert frappe.db.get_value(DOCTYPE, rec.name, ["qty", "status"]) == (100, "Draft")


def test_an_operator_cannot_approve():
	rec = make_recommendation()
	become(OPERATOR)
	assert "error" in workbench.approve([[rec.name, stamp(rec)]])["data"]["results"][0]
	assert frappe.db.get_value(DOCTYPE, rec.name, "purchase_order") is None


def test_a_new_quantity_is_saved_and_costs_accordingly():
	rec = make_recommendation()
	become(OPERATOR)
	said = workbench.set_quantity(rec.name, 60, stamp(rec))
	row = unpacked(said["data"]["row"])[rec.name]
	assert (row["qty"], row["cost"], said["message"]) == (60, 252, "")
	assert row["modified"] == stamp(rec) and row["modified"] != str(rec.modified)


@pytest.mark.parametrize("qty", [0, -5, float("nan"), float("inf")])
def test_an_impossible_quantity_is_refused(qty):
	rec = make_recommendation()
	with pytest.raises(frappe.ValidationError, match="more than zero"):
		workbench.set_quantity(rec.name, qty, stamp(rec))
	assert frappe.db.get_value(DOCTYPE, rec.name, "qty") == 100


@pytest.mark.parametrize(
	("qty", "fitted", "words"),
	[
		(100, 108, "packs of 12"),
		(108, 108, ""),
		(5, 24, "minimum order 24"),
		(0.1, 24, "minimum order 24"),
	],
)
def test_packs_and_minimum(qty, fitted, words):
	found, hint = fit(qty, {"min_qty": 24, "step": 12})
	assert found == fitted and words in hint and bool(hint) == bool(words)


def test_without_terms_any_quantity_fits():
	assert fit(7.5, {}) == (7.5, "")
	assert fit(0.3, {"step": 0.1}) == (0.3, "")  # in floating point 0.3 / 0.1 is not 3


def test_pieces_stay_whole():
	assert fit(7.2, {"whole": True, "step": 0.0}) == (8, "7.2 became 8: whole numbers.")
	assert fit(7.2, {"whole": False, "step": 0.0}) == (7.2, "")
	assert fit(1234567, {"step": 10}) == (1234570, "1234567 became 1234570: packs of 10.")


def test_a_minimum_between_packs_is_raised_to_the_next_pack():
	found, hint = fit(5, {"min_qty": 20, "step": 12})
	assert found == 24 and "minimum order 20" in hint and "packs of 12" in hint


def test_packs_are_kept_unless_the_buyer_insists():
	rec = make_recommendation(inputs=json.dumps({"min_qty": 24, "step": 12}))
	said = workbench.set_quantity(rec.name, 50, stamp(rec))
	assert said["message"] == "50 became 60: packs of 12."
	assert frappe.db.get_value(DOCTYPE, rec.name, "qty") == 60
	said = workbench.set_quantity(rec.name, 50, stamp(rec), exactly=True)
	assert said["message"] == "" and frappe.db.get_value(DOCTYPE, rec.name, "qty") == 50


def test_a_quantity_below_the_price_break_is_told():
	rec = make_recommendation(inputs=json.dumps({"tier_qty": 100.0, "step": 10.0}))
	said = workbench.set_quantity(rec.name, 75, stamp(rec))["message"]
	assert (
		said
		== "75 became 80: packs of 10. The price is for 100 and more: ask the supplier for the price of 80."
	)
	assert workbench.set_quantity(rec.name, 100, stamp(rec))["message"] == ""


def test_a_row_changed_by_somebody_else_is_refused_and_says_so():
	rec = make_recommendation()
	seen = stamp(rec)
	become(OPERATOR)
	workbench.set_quantity(rec.name, 70, seen)
	become(MANAGER)
	with pytest.raises(frappe.TimestampMismatchError, match="the quantity is 70 now"):
		workbench.set_quantity(rec.name, 90, seen)
	for call in (
		lambda: workbench.approve([[rec.name, seen]]),
		lambda: workbench.snooze([[rec.name, seen]]),
		lambda: workbench.reject([[rec.name, seen]], "Not needed"),
	):
		assert "70 now" in call()["data"]["results"][0]["error"]
	assert frappe.db.get_value(DOCTYPE, rec.name, ["qty", "status"]) == (70, "Draft")


def test_what_is_decided_is_not_decided_again():
	rec = make_recommendation()
	seen = stamp(rec)
	workbench.approve([[rec.name, seen]])
	with pytest.raises(frappe.TimestampMismatchError, match="Approved by now"):
		workbench.set_quantity(rec.name, 90, stamp(rec))
	assert "by now" in workbench.reject([[rec.name, seen]], "Not needed")["data"]["results"][0]["error"]


def test_snooze_and_reject_several():
	first, second, third = (make_recommendation() for _ in range(3))
	become(OPERATOR)
	until = add_days(today(), 10)
	assert workbench.snooze([[r.name, stamp(r)] for r in (first, second)], until)["data"]["results"] == [
		{"name": first.name, "status": "Snoozed"},
		{"name": second.name, "status": "Snoozed"},
	]
	assert frappe.db.get_value(DOCTYPE, first.name, ["status", "snoozed_until"]) == (
		"Snoozed",
		getdate(until),
	)
	workbench.reject([[r.name, stamp(r)] for r in (second, third)], "Price too high", "ask again in May")
	for rec in (second, third):
		found = frappe.db.get_value(DOCTYPE, rec.name, ["status", "reject_reason", "decision_note"])
		assert found == ("Rejected", "Price too high", "ask again in May")


def test_a_snoozed_row_is_reopened():
	rec = make_recommendation()
	become(OPERATOR)
	workbench.snooze([[rec.name, stamp(rec)]])
	assert workbench.reopen([[rec.name, stamp(rec)]])["data"]["results"][0]["status"] == "Draft"
	assert rec.name in board()


def test_many_are_approved_by_a_job_and_changed_ones_are_told_at_once(monkeypatch):
	from sentia_ops.replenishment import approval_jobs

	recs = [make_recommendation(supplier="") for _ in range(3)]
	rows = [[r.name, stamp(r)] for r in recs]
	recs[0].db_set("qty", 5)
	queued = []
	monkeypatch.setattr(approval_jobs, "AT_ONCE", 2)
	monkeypatch.setattr(approval_jobs, "enqueue_approval", lambda names: queued.append(names) or "job-1")
	data = workbench.approve(rows)["data"]
	assert data["job"] == "job-1" and queued == [[recs[1].name, recs[2].name]]
	assert [row["name"] for row in data["results"]] == [recs[0].name] and "5 now" in data["results"][0][
		"error"
	]


def test_decisions_need_a_day_and_a_reason_that_exist():
	rec = make_recommendation()
	row = [[rec.name, stamp(rec)]]
	for said in (workbench.snooze(row, today()), workbench.reject(row, "Because"), workbench.reject(row)):
		assert said["data"]["results"][0]["error"]
	with pytest.raises(frappe.ValidationError, match="at most"):
		workbench.reject([["x", ""]] * 5001, "Not needed")
	assert "error" in workbench.reject([["REC-0000-00000", ""]], "Not needed")["data"]["results"][0]
	assert frappe.db.get_value(DOCTYPE, rec.name, "status") == "Draft"


def test_reasons_hold_what_the_panel_shows():
	rec = make_recommendation(changes="Demand rose from 8 to 10 a day.", cost_without=90, cost_with=-1)
	become(VIEWER)
	data = workbench.reasons(rec.name)["data"]
	assert data["reasons"][0]["label"] == "Demand" and data["projection"]["without"][0] == 40
	assert (data["changes"], data["cost_without"], data["cost_with"]) == (rec.changes, 90, None)
	assert data["alternatives"] == [] and data["policy"] is None
	assert unpacked(data["row"])[rec.name]["qty"] == 100


def test_ten_thousand_rows_come_at_once_and_whole():
	names = make_board(10_000)
	data = workbench.board()["data"]
	rows = unpacked(data)
	assert set(names) <= set(rows) and data["total"] == data["count"] == len(rows)
	drawn = frappe.db.get_value(DOCTYPE, names[123], ["item_code", "qty", "cost", "supplier"], as_dict=True)
	assert {name: rows[names[123]][name] for name in drawn} == drawn
	size = len(frappe.as_json(data, indent=None))
	assert size < 4_000_000, "a slim answer"
