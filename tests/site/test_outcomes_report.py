"""Report Recommendation Outcomes: sums by group, and words where there is nothing yet."""

from __future__ import annotations

import frappe
import pytest
from factories import company, make_item, make_supplier, make_warehouse
from frappe.utils import add_days, today

from sentia_ops.sentia_ops.report.recommendation_outcomes.recommendation_outcomes import execute

DOCTYPE = "Recommendation Outcome"


@pytest.fixture(autouse=True)
def nothing_else(rollback):
	frappe.db.delete(DOCTYPE)


def make_outcome(supplier, **values):
	doc = {
		"doctype": DOCTYPE, "recommendation": f"REC-{frappe.generate_hash(length=6)}", "item_code": make_item().name,
		"warehouse": make_warehouse().name, "supplier": supplier.name, "segment": "AX", "company": company(), "qty": 100,
		"ordered_on": add_days(today(), -60), "judged_on": today(), "was_needed": 1, "is_good": 1, "stockout_days": 0,
		"arrived_on": add_days(today(), -50), "days_late": 2, "excess_qty": 10, "regret": 5, "approved_by": "Administrator",
	}  # fmt: skip
	doc = frappe.get_doc({**doc, **values})
	doc.flags.ignore_links = True
	return doc.insert(ignore_permissions=True)


def rows_by(group_by: str, **filters) -> dict:
	return {row["group"]: row for row in execute({"group_by": group_by, **filters})[1]}


def test_by_supplier():
	mill, works = make_supplier(), make_supplier()
	make_outcome(mill)
	make_outcome(mill, is_good=0, stockout_days=4, regret=45, days_late=6, excess_qty=0)
	make_outcome(
		works, is_good=0, was_needed=0, arrived_on=None, days_late=-999_999_999, excess_qty=0, regret=0
	)
	rows = rows_by("Supplier")
	got = rows[mill.name]
	assert (got.orders, got.good, got.needed, got.days_late, got.short) == (2, 50, 100, 4, 50)
	assert (got.stockout_days, got.excess, got.regret, got.currency) == (4, 5, 50, "GBP")
	assert rows[works.name].days_late is None and rows[works.name].arrived == 0
	_columns, _rows, message, chart, summary = execute({"group_by": "Supplier"})
	assert message is None
	assert chart["data"]["datasets"][0]["values"] == [1, 0] and chart["data"]["datasets"][1]["values"] == [
		1,
		1,
	]
	assert [card["value"] for card in summary][:2] == ["3", "33 %"]


def test_by_approver_class_and_month():
	mill = make_supplier()
	make_outcome(mill)
	make_outcome(mill, is_automatic=1, segment="CZ")
	assert set(rows_by("Approver")) == {"Administrator", "automatically"}
	assert set(rows_by("Class")) == {"AX", "CZ"}
	assert list(rows_by("Month")) == [add_days(today(), -60)[:7]]
	assert rows_by("Class", only_automatic=1)["CZ"].automatic == 1
	assert not rows_by("Class", from_date=today())


def test_empty_says_why():
	assert "No order" in execute({})[2]
	with pytest.raises(frappe.ValidationError, match="Group by"):
		execute({"group_by": "Mood"})
