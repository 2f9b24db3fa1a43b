"""What puts the published schedule out of date: noted with its reason, once; a new draft is asked for, nothing published."""

from __future__ import annotations

import frappe
import pytest
from factories import make_item, make_purchase_order, make_supplier, make_warehouse
from frappe.utils import add_to_date, now_datetime
from schedules import at, write_schedule
from workshop import (
	cards_of,
	finish_card,
	in_days,
	make_bom,
	make_operation,
	make_work_order,
	make_workstation,
	start_card,
)

from sentia_ops.scheduling.site_jobs import job_of
from sentia_ops.sentia_ops.doctype.production_schedule import replanning
from sentia_ops.sentia_ops.doctype.production_schedule.publishing import publish

SCHEDULE, STEP = "Production Schedule", "Production Job Operation"


class Shop:
	"""One press, one operation of an hour next week that needs steel from a shed; published."""

	def __init__(self):
		self.steel, self.shed, self.press = make_item(), make_warehouse(), make_workstation()
		step = {"operation": make_operation().name, "workstation": self.press.name, "time_in_mins": 6}
		bom = make_bom(make_item(), [step], [(self.steel, 1, self.shed.name)])
		self.order = make_work_order(bom, 10)
		self.job = job_of(self.order.name)
		publish(write_schedule("SCH-OUT", [self.order], [[(self.press, 7, "10:00", "11:00", 60)]]))

	@property
	def card(self):
		return cards_of(self.order)[0]

	def planned(self, start=None, end=None) -> None:
		"""As if it had been published for these times."""
		values = {"scheduled_start": start or now_datetime(), "scheduled_end": end or now_datetime()}
		frappe.db.set_value(STEP, {"parent": self.job}, values)


@pytest.fixture
def shop(site):
	frappe.db.delete(SCHEDULE)
	return Shop()


@pytest.fixture
def asked(site):
	"""What is to be done after a commit, which never comes in these tests."""
	return frappe.db.after_commit._functions


def reasons() -> list[str]:
	return [line for line in (frappe.db.get_value(SCHEDULE, "SCH-OUT", "outdated") or "").split("\n") if line]


def ago(**values):
	return add_to_date(now_datetime(), **{name: -n for name, n in values.items()}, as_datetime=True)


def test_a_card_that_starts_as_planned_is_no_reason(shop, asked):
	shop.planned(start=ago(minutes=40))
	start_card(shop.card, 20)
	assert reasons() == [] and replanning.propose not in asked


def test_a_card_that_starts_late_is(shop, asked):
	shop.planned(start=ago(hours=5))
	card = start_card(shop.card, 60)
	assert reasons() == [f"{card.operation} of {shop.job} ({card.name}) started 4.0 hours later than planned"]
	assert asked.count(replanning.propose) == 1
	card.reload()
	card.remarks = "again"
	card.save()
	assert len(reasons()) == 1, "the same reason is noted once"


def test_a_card_that_ends_early_is(shop, asked):
	shop.planned(start=ago(minutes=20), end=add_to_date(now_datetime(), minutes=50))
	card = finish_card(shop.card, 20)
	assert reasons() == [
		f"{card.operation} of {shop.job} ({card.name}) ended 50 minutes earlier than planned"
	]


def test_a_machine_that_is_down_where_something_is_planned_is(shop, asked):
	down(shop.press, at(7, "10:30"), at(7, "16:00"))
	assert len(reasons()) == 1
	text = reasons()[0]
	assert (
		text.startswith(f"{shop.press.name} is down until") and f"of {shop.job}" in text and "16:00" in text
	)
	assert asked.count(replanning.propose) == 1


@pytest.mark.parametrize("other", [False, True])
def test_a_machine_that_is_down_where_nothing_is_planned_is_not(shop, asked, other):
	if other:
		down(make_workstation(), at(7, "10:30"), at(7, "16:00"))
	else:
		down(shop.press, at(7, "11:00"), at(7, "16:00"))
	assert reasons() == []


def test_a_delivery_that_comes_after_its_material_is_needed_is(shop, asked):
	order = make_purchase_order(shop.steel, shop.shed, make_supplier(), 10, due=in_days(3))
	order.items[0].expected_delivery_date = in_days(5)
	order.save()
	assert reasons() == [], "the operation begins on the seventh day"
	order.items[0].expected_delivery_date = in_days(9)
	order.save()
	assert len(reasons()) == 1 and f"{shop.steel.name} of {order.name} comes on" in reasons()[0]


def test_an_overdue_delivery_and_an_operation_that_has_not_begun_are_seen_every_hour(shop, asked):
	replanning.outdated_by_time()
	assert reasons() == []
	order = make_purchase_order(shop.steel, shop.shed, make_supplier(), 10, due=in_days(1))
	frappe.db.set_value("Purchase Order Item", order.items[0].name, "schedule_date", in_days(-1))
	values = {"starts_at": ago(hours=2), "ends_at": ago(hours=1)}
	frappe.db.set_value("Scheduled Operation", {"job": shop.job}, values)
	replanning.outdated_by_time()
	late, missing = reasons()
	assert "was to start on" in late and shop.job in late
	assert f"{shop.steel.name} of {order.name} was due on" in missing
	replanning.outdated_by_time()
	assert len(reasons()) == 2


def test_a_cancelled_work_order_is_noted_without_a_new_plan(shop, asked):
	shop.order.reload()
	shop.order.cancel()
	assert reasons() == [f"{shop.job}: {shop.order.name} was cancelled"]
	assert replanning.propose not in asked


def test_without_a_published_schedule_nothing_is_noted(shop, asked):
	frappe.db.set_value(SCHEDULE, "SCH-OUT", "status", "Superseded")
	down(shop.press, at(7, "10:30"), at(7, "16:00"))
	assert reasons() == [] and not replanning.open_reasons()


def test_a_draft_made_since_has_answered_the_reasons(shop, asked):
	replanning.outdate("Press is down")
	replanning.outdate("Steel is late")
	assert replanning.open_reasons() == "Press is down; Steel is late"
	write_schedule("SCH-OUT-2", [], [], made_at=add_to_date(now_datetime(), minutes=1))
	assert replanning.open_reasons() == ""


def test_with_the_setting_off_nothing_is_proposed(shop, asked):
	frappe.db.set_single_value("Sentia Settings", "replan", 0)
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	replanning.outdate("Press is down")
	assert reasons() == ["Press is down"] and replanning.open_reasons() == ""


def test_the_next_schedule_is_up_to_date_again(shop, asked):
	replanning.outdate("Press is down")
	later = add_to_date(now_datetime(), seconds=5)
	write_schedule("SCH-OUT-2", [shop.order], [[(shop.press, 8, "10:00", "11:00", 60)]], made_at=later)
	publish("SCH-OUT-2")
	assert not frappe.db.get_value(SCHEDULE, "SCH-OUT-2", "outdated")


def test_jobs_whose_due_date_passes_become_late(shop):
	frappe.db.set_value("Production Job", shop.job, "due_at", ago(minutes=5))
	replanning.late_jobs()
	assert frappe.db.get_value("Production Job", shop.job, "status") == "late"


def down(station, start, end):
	doc = frappe.get_doc({"doctype": "Downtime Entry", "workstation": station.name, "stop_reason": "Other"})
	doc.update({"from_time": start.to_pydatetime(), "to_time": end.to_pydatetime()})
	doc.flags.ignore_mandatory = True
	return doc.insert()
