"""The script reports Forecast Accuracy, and Demand and Forecast: as Desk runs them, as users with one role."""

from __future__ import annotations

from datetime import date, timedelta

import frappe
import pytest
from factories import make_item, make_sales_order, make_score, make_stock, make_user, make_warehouse
from frappe.desk.query_report import run
from frappe.utils import add_days, get_last_day, getdate, today
from trade import days_ago

from sentia_ops.permissions import VIEWER

ACCURACY, DEMAND = "Forecast Accuracy", "Demand and Forecast"


@pytest.fixture(autouse=True)
def nothing_else(site):
	for doctype in ("Forecast Score", "Demand Forecast", "Demand Forecast Point"):
		frappe.db.delete(doctype)


def report(name: str, **filters) -> frappe._dict:
	found = frappe._dict(run(name, filters=filters, ignore_prepared_report=True))
	found.rows = [row for row in found.result if isinstance(row, dict)]
	return found


def cards(found) -> dict[str, str]:
	return {card["label"]: card["value"] for card in found.report_summary}


@pytest.fixture
def scores(item, shed, site):
	other = make_item()
	make_score(item, shed, "2026-03-02", planner="ann", mase=0.5, mase_machine=0.9)
	make_score(item, shed, "2026-03-09", planner="ann", mase=1.0, mase_machine=0.9)
	make_score(other, shed, "2026-03-09", demand_class="lumpy", model="TSB", mase=1.2, sold=200, expected=150)
	return item, other


def test_accuracy_by_item(scores):
	item, other = scores
	found = report(ACCURACY, group_by="Item")
	rows = {row["group"]: row for row in found.rows}
	assert rows[item.name]["mase"] == pytest.approx(0.75) and rows[item.name]["item_name"] == item.item_name
	assert rows[item.name]["bias"] == pytest.approx(100 * 40 / 160)
	assert rows[item.name]["coverage95"] == pytest.approx(95)
	assert rows[other.name]["bias"] == pytest.approx(-25)
	assert cards(found)["Planner overrides"] == "better in 1 of 2"
	assert cards(found)["Forecasts scored"] == "3"
	assert cards(found)["Error against last week's same day"] == "10.0 % smaller"
	assert found.chart["data"]["datasets"][0]["values"] == [0.5, 1.1], "a point a week"


@pytest.mark.parametrize(
	("group_by", "groups"),
	[
		("Class", {"smooth", "lumpy"}),
		("Model", {"AutoETS", "TSB"}),
		("Planner", {"ann", "without an override"}),
	],
)
def test_accuracy_by_other_groups(scores, group_by, groups):
	assert {row["group"] for row in report(ACCURACY, group_by=group_by).rows} == groups


def test_accuracy_filters_and_nothing_scored(scores):
	assert len(report(ACCURACY, group_by="Model", demand_class="lumpy").rows) == 1
	empty = report(ACCURACY, group_by="Item", from_date="2027-01-01")
	assert (empty.rows, empty.chart, empty.report_summary) == ([], None, [])
	with pytest.raises(frappe.ValidationError, match="From lies after To"):
		report(ACCURACY, from_date="2026-02-01", to_date="2026-01-01")
	with pytest.raises(frappe.ValidationError, match="Group by must be one of"):
		report(ACCURACY, group_by="Moon")


def make_forecast(
	item, shed, qty: float, days: int = 30, machine: float | None = None, error_std: float = 1.0
):
	"""`qty` a day from today on, between half and twice of it."""
	doc = frappe.get_doc(
		{
			"doctype": "Demand Forecast",
			"item_code": item.name,
			"warehouse": shed.name,
			"as_of": today(),
			"model": "test",
			"error_std": error_std,
		}
	)
	for day in range(days):
		bounds = {"lo80": qty / 2, "lo95": qty / 2, "hi80": qty * 2, "hi95": qty * 2}
		point = {"item_code": item.name, "delivery_date": add_days(today(), day), "demand_qty": qty, **bounds}
		doc.append("points", point | {"machine_qty": qty if machine is None else machine})
	return doc.insert(ignore_permissions=True)


@pytest.fixture
def sold(item, shed, customer):
	"""3 a day on each of the last 20 days, out of stock at the end of the last two; 4 a day expected, by the machine 3."""
	make_stock(item, shed, 60, on=days_ago(25))
	for day in range(20, 0, -1):
		make_sales_order(item, shed, 3, customer=customer, on=days_ago(day))
	make_forecast(item, shed, 4.0, machine=3.0)
	return item


def test_demand_by_day(sold):
	found = report(
		DEMAND, period="Day", item_code=sold.name, from_date=days_ago(25), to_date=add_days(today(), 9)
	)
	assert len(found.rows) == 30, "from the first sale on: nothing is known before"
	past, future = found.rows[:20], found.rows[20:]
	assert {row["sold"] for row in past} == {3.0}
	assert {row["qty"] for row in past} == {None} and {row["sold"] for row in future} == {None}
	assert {(row["qty"], row["lo95"], row["hi95"], row["adjusted"]) for row in future} == {
		(4.0, 2.0, 8.0, 1.0)
	}
	assert past[-1]["period"] == getdate(days_ago(1)) and future[0]["period"] == getdate(today())
	summary = cards(found)
	assert (summary["Sold"], summary["Forecast"]) == ("60", "40")
	assert summary["Of it overrides and pipeline"] == "+10"
	line = found.chart["data"]["datasets"][0]["values"]
	assert line == [3.0] * 20 + [4.0] * 10


@pytest.mark.parametrize("period", ["Week", "Month"])
def test_periods_add_up_and_a_cut_off_last_one_is_left_out(sold, period):
	found = report(DEMAND, period=period, item_code=sold.name, from_date=days_ago(20))
	assert sum(row["sold"] or 0 for row in found.rows) == 60
	starts = [row["period"] for row in found.rows]
	assert all(day.weekday() == 0 if period == "Week" else day.day == 1 for day in starts)
	forecast = [getdate(add_days(today(), i)) for i in range(30)]
	reached = [day for day in forecast if last_day(day, period) <= forecast[-1]]
	assert sum(row["qty"] or 0 for row in found.rows) == 4 * len(reached)
	whole_weeks = [row["hi95"] for row in found.rows if period == "Week" and row["qty"] == 28.0]
	assert whole_weeks == [pytest.approx(28 + 1.96 * 7**0.5)] * len(whole_weeks)


def last_day(day: date, period: str) -> date:
	return day + timedelta(6 - day.weekday()) if period == "Week" else getdate(get_last_day(day))


def test_demand_of_several_items_is_added_up(sold, shed):
	other = make_item(stock_uom="Kg" if frappe.db.exists("UOM", "Kg") else "Nos")
	make_forecast(other, shed, 1.0)
	found = report(DEMAND, period="Day", warehouse=shed.name, from_date=today(), to_date=today())
	assert [row["qty"] for row in found.rows] == [5.0] and cards(found)["Items and warehouses"] == "2"
	assert "Errors of different items are taken as independent." in found.message
	one = report(
		DEMAND,
		period="Day",
		item_group=sold.item_group,
		item_code=sold.name,
		from_date=today(),
		to_date=today(),
	)
	assert [row["qty"] for row in one.rows] == [4.0] and not one.message


def test_nothing_to_show_and_wrong_filters(item):
	found = report(DEMAND, item_code=item.name)
	assert found.rows == [] and "No forecasts match" in found.message
	with pytest.raises(frappe.ValidationError, match="Period must be one of"):
		report(DEMAND, period="Fortnight")


@pytest.mark.parametrize("name", [ACCURACY, DEMAND])
def test_who_may_run_them(name, sold):
	frappe.set_user(make_user(VIEWER).name)
	assert report(name).columns
	frappe.set_user("Administrator")
	frappe.set_user(make_user("Purchase User").name)
	with pytest.raises(frappe.PermissionError):
		report(name)


def test_user_permissions_hold(sold, shed):
	make_forecast(make_item(), make_warehouse(), 100.0)
	user = make_user(VIEWER)
	permission = {
		"doctype": "User Permission",
		"user": user.name,
		"allow": "Warehouse",
		"for_value": shed.name,
	}
	frappe.get_doc(permission).insert(ignore_permissions=True)
	frappe.clear_cache(user=user.name)
	frappe.set_user(user.name)
	found = report(DEMAND, period="Day", from_date=today(), to_date=today())
	assert [row["qty"] for row in found.rows] == [4.0]
