"""Publishing on real Job Cards and Work Orders: what is written, what is left alone, and the way back."""

from __future__ import annotations

import threading

import frappe
import pytest
from factories import make_user, unique
from frappe.utils import add_to_date, now_datetime
from schedules import as_it_is, at, write_schedule
from workshop import cards_of, finish_card, in_days, make_work_order, make_workstation, start_card, two_steps

from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.scheduling.site_jobs import job_of
from sentia_ops.sentia_ops.doctype.production_schedule.publishing import publish, revert

SCHEDULE = "Production Schedule"


class Shop:
	"""A Work Order of a saw and a press, and a draft that has both next week, the press over its break."""

	def __init__(self, name: str = "SCH-PUB-1"):
		self.item, self.bom, self.saw, self.press = two_steps()
		self.order = make_work_order(self.bom, 10, expected_delivery_date=in_days(3))
		self.before = as_it_is(self.order)
		self.name = name
		self.draft(name)

	def draft(self, name: str, days: int = 7, **values) -> str:
		times = [(self.saw, days, "10:00", "11:00", 60), (self.press, days, "11:00", "14:00", 120)]
		return write_schedule(name, [self.order], [times], **values)

	@property
	def job(self):
		return frappe.get_doc("Production Job", job_of(self.order.name))


@pytest.fixture
def shop(site):
	frappe.db.delete(SCHEDULE)
	return Shop()


def test_times_of_job_cards_and_work_orders_become_those_of_the_schedule(shop):
	done = publish(shop.name)
	assert done == {"schedule": shop.name, "documents": 5, "left_alone": "", "already": False}
	saw, press = cards_of(shop.order)
	assert [(r.from_time, r.to_time, r.time_in_mins) for r in saw.scheduled_time_logs] == [
		(at(7, "10:00"), at(7, "11:00"), 60)
	]
	assert [(r.from_time, r.to_time, r.time_in_mins) for r in press.scheduled_time_logs] == [
		(at(7, "11:00"), at(7, "12:00"), 60),
		(at(7, "13:00"), at(7, "14:00"), 60),
	], "the break from 12 to 13 is no working time"
	assert (press.expected_start_date, press.expected_end_date, press.time_required) == (
		at(7, "11:00"),
		at(7, "14:00"),
		120,
	)
	order = frappe.get_doc("Work Order", shop.order.name)
	assert (order.planned_start_date, order.planned_end_date) == (at(7, "10:00"), at(7, "14:00"))
	assert [(r.planned_start_time, r.planned_end_time) for r in order.operations] == [
		(at(7, "10:00"), at(7, "11:00")),
		(at(7, "11:00"), at(7, "14:00")),
	]


def test_the_job_knows_when_it_will_be_made_and_how_late(shop):
	publish(shop.name)
	job = shop.job
	assert (job.status, job.schedule, job.scheduled_end) == ("scheduled", shop.name, at(7, "14:00"))
	assert job.tardiness == pytest.approx(86.017, abs=0.01), (
		"due in three days at 23:59, ends on the seventh at 14:00"
	)
	assert [row.scheduled_start for row in job.operations] == [at(7, "10:00"), at(7, "11:00")]
	doc = frappe.get_doc(SCHEDULE, shop.name)
	assert (doc.status, doc.published_by, doc.documents) == ("Published", "Administrator", 5)
	assert frappe.db.exists(
		"Comment", {"reference_name": shop.name, "content": ["like", "Published: 5 documents%"]}
	)


def test_a_later_save_of_the_card_keeps_the_times(shop):
	publish(shop.name)
	card = cards_of(shop.order)[1]
	card.remarks = "careful"
	card.save()
	assert (card.expected_start_date, card.expected_end_date, card.time_required) == (
		at(7, "11:00"),
		at(7, "14:00"),
		120,
	)


def test_publishing_again_changes_nothing(shop):
	publish(shop.name)
	now = as_it_is(shop.order)
	undo = frappe.db.get_value(SCHEDULE, shop.name, "undo")
	assert publish(shop.name)["already"] is True
	assert as_it_is(shop.order) == now and frappe.db.get_value(SCHEDULE, shop.name, "undo") == undo


def test_taking_back_restores_exactly_what_was_there(shop):
	publish(shop.name)
	assert as_it_is(shop.order) != shop.before
	assert revert(shop.name) == {"schedule": shop.name, "documents": 5, "published": None}
	assert as_it_is(shop.order) == shop.before
	job = shop.job
	assert (job.status, job.schedule, job.scheduled_start, job.tardiness) == ("pending", None, None, 0)
	assert frappe.db.get_value(SCHEDULE, shop.name, "status") == "Draft"
	publish(shop.name)  # and once more
	assert cards_of(shop.order)[0].expected_start_date == at(7, "10:00")


def test_cards_that_were_not_scheduled_before_are_not_scheduled_after(shop):
	frappe.db.set_single_value("Manufacturing Settings", "disable_capacity_planning", 1)
	order = make_work_order(shop.bom, 5)
	before = as_it_is(order)
	assert not any(card[4] for card in before["cards"].values())
	times = [(shop.saw, 8, "08:00", "08:30", 30), (shop.press, 8, "08:30", "09:30", 60)]
	write_schedule("SCH-PUB-2", [order], [times])
	publish("SCH-PUB-2")
	assert as_it_is(order) != before
	revert("SCH-PUB-2")
	assert as_it_is(order) == before


def test_started_and_submitted_cards_are_left_alone(shop):
	saw, press = cards_of(shop.order)
	finish_card(saw)
	press.reload()
	start_card(press)
	now = as_it_is(shop.order)
	done = publish(shop.name)
	assert done["documents"] == 0
	assert "1 Job Cards submitted" in done["left_alone"] and "1 Job Cards started" in done["left_alone"]
	assert as_it_is(shop.order) == now


def test_only_what_has_not_begun_moves(shop):
	finish_card(cards_of(shop.order)[0])
	publish(shop.name)
	order = frappe.get_doc("Work Order", shop.order.name)
	assert cards_of(shop.order)[1].expected_start_date == at(7, "11:00")
	assert order.planned_end_date == at(7, "14:00") and order.planned_start_date == shop.before["order"][0]


def test_a_card_moves_to_another_workstation_and_back(shop):
	other = make_workstation(unique("Press"))
	times = [(shop.saw, 7, "10:00", "11:00", 60), (other, 7, "11:00", "14:00", 120)]
	write_schedule(shop.name, [shop.order], [times])
	publish(shop.name)
	assert cards_of(shop.order)[1].workstation == other.name
	revert(shop.name)
	assert cards_of(shop.order)[1].workstation == shop.press.name


def test_a_stopped_order_is_left_alone(shop):
	from erpnext.manufacturing.doctype.work_order.work_order import stop_unstop

	stop_unstop(shop.order.name, "Stopped")
	done = publish(shop.name)
	assert done["documents"] == 0 and "2 Job Cards of a Work Order that was stopped" in done["left_alone"]


def test_what_somebody_changed_since_is_not_overwritten(shop):
	publish(shop.name)
	start_card(cards_of(shop.order)[0])
	now = as_it_is(shop.order)
	with pytest.raises(frappe.ValidationError, match=r"Changed since .* \(started\)"):
		revert(shop.name)
	assert as_it_is(shop.order) == now and frappe.db.get_value(SCHEDULE, shop.name, "status") == "Published"


def test_a_work_order_whose_dates_were_edited_is_named(shop):
	publish(shop.name)
	frappe.get_doc("Work Order", shop.order.name).db_set("planned_end_date", at(9, "12:00").to_pydatetime())
	with pytest.raises(frappe.ValidationError, match=shop.order.name):
		revert(shop.name)


def test_the_next_one_supersedes_and_taking_it_back_brings_the_first_back(shop):
	publish(shop.name)
	first = as_it_is(shop.order)
	later = add_to_date(now_datetime(), seconds=5)
	shop.draft("SCH-PUB-2", days=9, made_at=later)
	publish("SCH-PUB-2")
	states = dict(frappe.get_all(SCHEDULE, fields=["name", "status"], as_list=True))
	assert states == {shop.name: "Superseded", "SCH-PUB-2": "Published"}
	assert shop.job.schedule == "SCH-PUB-2"
	assert revert("SCH-PUB-2")["published"] == shop.name
	assert as_it_is(shop.order) == first and shop.job.schedule == shop.name
	assert frappe.db.get_value(SCHEDULE, shop.name, "status") == "Published"
	frappe.db.set_value(SCHEDULE, "SCH-PUB-2", "status", "Superseded")
	with pytest.raises(frappe.ValidationError, match="only a draft"):
		publish("SCH-PUB-2")
	with pytest.raises(frappe.ValidationError, match="only the published"):
		revert("SCH-PUB-2")


def test_a_draft_from_before_another_was_published_is_refused(shop):
	"""Two planners made a draft each; whoever publishes second would undo the first without having seen it."""
	shop.draft("SCH-PUB-2", days=9)
	publish(shop.name)
	now = as_it_is(shop.order)
	with pytest.raises(frappe.ValidationError, match=rf"{shop.name} was published by .* Plan again"):
		publish("SCH-PUB-2")
	assert as_it_is(shop.order) == now


@pytest.mark.parametrize("role", [OPERATOR, VIEWER, "Manufacturing Manager"])
def test_only_an_operations_manager_publishes_or_takes_back(shop, role):
	frappe.set_user(make_user(role).name)
	for act in (publish, revert):
		with pytest.raises(frappe.PermissionError, match="Only an Operations Manager"):
			act(shop.name)
	frappe.set_user("Administrator")
	assert as_it_is(shop.order) == shop.before


def test_a_manager_publishes_without_rights_on_job_cards(shop):
	"""As with orders made of recommendations: the right to publish is the right to write these times."""
	frappe.set_user(make_user(MANAGER).name)
	assert publish(shop.name)["documents"] == 5
	assert revert(shop.name)["documents"] == 5


def test_all_or_nothing(shop, monkeypatch):
	from sentia_ops.sentia_ops.doctype.production_schedule import publishing

	def fail(_name):
		raise RuntimeError("the power went out")

	monkeypatch.setattr(publishing, "mark_jobs", fail)
	frappe.db.savepoint("untouched")
	with pytest.raises(RuntimeError):
		publish(shop.name)
	frappe.db.rollback(save_point="untouched")
	assert as_it_is(shop.order) == shop.before


def test_erpnext_keeps_published_time_for_its_card(shop):
	"""Not ours, and worth knowing: a time log may not overlap what is scheduled for another card on the workstation."""
	from erpnext.manufacturing.doctype.job_card.job_card import OverlapError

	other = make_work_order(shop.bom, 10)
	times = [[(shop.saw, 7, a, b, 60), (shop.press, 7, c, d, 60)] for a, b, c, d in (("08:00", "09:00", "09:00", "10:00"), ("09:00", "10:00", "10:00", "11:00"))]  # fmt: skip
	publish(write_schedule("SCH-PUB-3", [shop.order, other], times))
	card = cards_of(shop.order)[0]
	card.append("time_logs", {"from_time": at(7, "08:30").to_pydatetime(), "to_time": at(7, "09:30").to_pydatetime(), "completed_qty": 10})  # fmt: skip
	with pytest.raises(OverlapError):
		card.save()
	card.reload()
	card.append("time_logs", {"from_time": at(7, "08:00").to_pydatetime(), "to_time": at(7, "09:00").to_pydatetime(), "completed_qty": 10})  # fmt: skip
	card.save()


def test_of_two_at_once_one_wins(site):
	"""Two real connections publish two drafts at the same moment."""
	frappe.db.delete(SCHEDULE)
	shop = Shop("SCH-RACE-1")
	shop.draft("SCH-RACE-2", days=9)
	frappe.db.commit()
	try:
		told = _together(site, ["SCH-RACE-1", "SCH-RACE-2"])
		frappe.db.rollback()
		states = frappe.get_all(SCHEDULE, {"status": "Published"}, pluck="name")
		assert len(states) == 1
		winner, loser = states[0], ({"SCH-RACE-1", "SCH-RACE-2"} - set(states)).pop()
		assert told[winner] == "5" and "Plan again" in told[loser]
		days = 7 if winner == "SCH-RACE-1" else 9
		assert cards_of(shop.order)[0].expected_start_date == at(days, "10:00")
	finally:
		frappe.db.rollback()
		_remove(shop)


def _together(site: str, names: list[str]) -> dict[str, str]:
	told, barrier = {}, threading.Barrier(len(names))

	def attempt(name: str) -> None:
		frappe.init(site=site, sites_path=".")
		frappe.connect()
		frappe.set_user("Administrator")
		try:
			barrier.wait(30)
			told[name] = str(publish(name)["documents"])
			frappe.db.commit()
		except frappe.ValidationError as error:
			told[name] = str(error)
			frappe.db.rollback()
		finally:
			frappe.destroy()

	threads = [threading.Thread(target=attempt, args=(name,)) for name in names]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(60)
	return told


def _remove(shop: Shop) -> None:
	for doctype in (SCHEDULE, "Scheduled Operation", "Production Schedule Job"):
		frappe.db.delete(doctype)
	order = frappe.get_doc("Work Order", shop.order.name)
	order.cancel()
	frappe.delete_doc("Work Order", order.name, force=True)
	frappe.db.commit()
