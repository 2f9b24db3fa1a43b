"""Workstation Load, Production On Time, Plan Against Actual: numbers worked out by hand."""

from __future__ import annotations

import frappe
import pandas as pd
import pytest
from factories import make_user, unique
from frappe.desk.query_report import run
from frappe.utils import add_to_date, now_datetime
from schedules import at, write_schedule
from workshop import cards_of, finish_card, in_days, make_work_order, two_steps

from sentia_ops.permissions import VIEWER
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.site_jobs import job_of
from sentia_ops.sentia_ops.doctype.production_schedule.publishing import publish
from sentia_ops.store.site import SiteStore

JOB, SCHEDULE = "Production Job", "Production Schedule"


@pytest.fixture(autouse=True)
def as_viewer(site):
	frappe.db.delete(SCHEDULE)
	frappe.db.delete(JOB)
	frappe.db.delete("Production Job Operation")
	yield
	frappe.set_user("Administrator")


def shown(report: str, **filters) -> dict:
	frappe.set_user(make_user(VIEWER).name)
	try:
		return run(report, filters=filters, ignore_prepared_report=True)
	finally:
		frappe.set_user("Administrator")


def rows_of(answer: dict) -> list[dict]:
	return [row for row in answer["result"] if isinstance(row, dict)]


def test_load_is_busy_of_open_hours_and_a_closed_week_has_none():
	_item, _bom, saw, press = two_steps()
	write_schedule("SCH-LOAD", [], [])
	week = pd.Timestamp(in_days(0))
	hours = {"work_hours": 30.0, "setup_hours": 6.0, "maintenance_hours": 2.0}
	loads = [
		{"schedule": "SCH-LOAD", "workstation": saw.name, "week": week, "open_hours": 40.0, **hours},
		{
			"schedule": "SCH-LOAD",
			"workstation": press.name,
			"week": week,
			"open_hours": 0.0,
			**dict.fromkeys(hours, 0.0),
		},
	]
	SiteStore().amend(f.STATION_LOADS, pd.DataFrame(loads), scope={"schedule": ["SCH-LOAD"]})
	answer = shown("Workstation Load")
	found = {row["workstation"]: (row["load"], row["free_hours"]) for row in rows_of(answer)}
	assert found == {saw.name: (95.0, 2.0), press.name: (None, 0)}
	cards = {card["label"]: card["value"] for card in answer["report_summary"]}
	assert cards["Weeks above 95 percent"] == "1" and cards["Setup, of work and setup"] == "17 %"
	assert cards["Work and setup, of the hours open"] == "90 %"


def test_load_without_a_schedule_says_so():
	answer = shown("Workstation Load")
	assert rows_of(answer) == [] and "no production schedule yet" in answer["message"]


def test_on_time_counts_finished_jobs_and_overdue_ones():
	_item, bom, _saw, _press = two_steps()
	orders = [make_work_order(bom, 1) for _ in range(4)]
	now = now_datetime()
	states = [
		{
			"status": "completed",
			"due_at": add_to_date(now, hours=-5),
			"finished_at": add_to_date(now, hours=-6),
		},
		{
			"status": "completed",
			"due_at": add_to_date(now, hours=-5),
			"finished_at": add_to_date(now, hours=-2),
		},
		{"status": "late", "due_at": add_to_date(now, hours=-1)},
		{
			"status": "scheduled",
			"due_at": add_to_date(now, hours=9),
			"scheduled_end": add_to_date(now, hours=20),
		},
	]
	for order, values in zip(orders, states, strict=True):
		frappe.db.set_value(JOB, job_of(order.name), values)
	answer = shown("Production On Time", group_by="Item")
	(row,) = rows_of(answer)
	assert (row["jobs"], row["finished"], row["overdue"], row["expected_late"]) == (4, 2, 1, 1)
	assert row["on_time"] == pytest.approx(100 / 3) and row["hours_late"] == pytest.approx(3, abs=0.02)
	assert answer["report_summary"][0]["value"] == "33 %"
	assert sum(answer["chart"]["data"]["datasets"][1]["values"]) == 2


def test_on_time_without_a_due_date_is_no_data():
	_item, bom, _saw, _press = two_steps()
	make_work_order(bom, 1)
	answer = shown("Production On Time")
	assert rows_of(answer) == [] and answer["message"]


@pytest.mark.parametrize("report", ["Production On Time", "Plan Against Actual"])
def test_an_unknown_grouping_is_refused(report):
	with pytest.raises(frappe.ValidationError, match="Group by must be one of"):
		shown(report, group_by="Moon phase")


def test_plan_against_actual_by_operation_and_together():
	_item, bom, saw, press = two_steps()
	order = make_work_order(bom, 10)  # 60 minutes of sawing
	publish(
		write_schedule(
			"SCH-PLAN", [order], [[(saw, 2, "10:00", "11:00", 60), (press, 2, "11:00", "14:00", 120)]]
		)
	)
	card = cards_of(order)[0]
	start = add_to_date(now_datetime(), minutes=-100)
	planned = {"scheduled_start": start, "scheduled_end": add_to_date(start, minutes=60)}
	frappe.db.set_value("Production Job Operation", {"job_card": card.name}, planned)
	finish_card(card, 40)  # from 60 minutes after the planned start on, and 40 minutes long
	(row,) = rows_of(shown("Plan Against Actual"))
	assert (row["job"], row["job_card"], row["workstation"]) == (job_of(order.name), card.name, saw.name)
	assert row["start_late"] == pytest.approx(1.0, abs=0.03) and row["end_late"] == pytest.approx(
		40 / 60, abs=0.03
	)
	assert (row["minutes"], row["planned_on"]) == (60, None) and row["share"] == pytest.approx(
		100 * 40 / 60, abs=2
	)
	answer = shown("Plan Against Actual", group_by="Workstation")
	(group,) = rows_of(answer)
	assert (group["group"], group["operations"], group["punctual"], group["as_planned"]) == (
		saw.name,
		1,
		0,
		100,
	)
	assert group["planned"] == 1 and group["actual"] == pytest.approx(40 / 60, abs=0.02)
	assert answer["report_summary"][1]["value"] == "0 %"


def test_nothing_started_is_said():
	answer = shown("Plan Against Actual")
	assert rows_of(answer) == [] and "has been started" in answer["message"]


def test_published_times_stay_with_what_has_begun():
	"""A later schedule must not rewrite what was planned when it began."""
	_item, bom, saw, press = two_steps()
	order = make_work_order(bom, 10)
	steps = [(saw, 2, "10:00", "11:00", 60), (press, 2, "11:00", "14:00", 120)]
	publish(write_schedule(unique("SCH"), [order], [steps]))
	finish_card(cards_of(order)[0])
	later = [(saw, 5, "10:00", "11:00", 60), (press, 5, "11:00", "14:00", 120)]
	made = add_to_date(now_datetime(), seconds=5)
	publish(write_schedule(unique("SCH"), [order], [later], made_at=made))
	rows = frappe.get_doc(JOB, job_of(order.name)).operations
	assert [row.scheduled_start for row in rows] == [at(2, "10:00"), at(5, "11:00")]
