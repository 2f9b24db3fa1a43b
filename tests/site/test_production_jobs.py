"""Production Jobs made from real Work Orders: once, with their steps, and in step with Job Cards."""

from __future__ import annotations

import frappe
import pytest
from factories import make_item, make_sales_order, make_user, make_warehouse, unique
from frappe.utils import add_to_date, get_datetime, getdate, now_datetime
from workshop import (
	cards_of,
	finish_card,
	in_days,
	make_bom,
	make_operation,
	make_type,
	make_work_order,
	make_workstation,
	start_card,
	two_steps,
)

from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.scheduling.site_jobs import job_of, make_job

JOB = "Production Job"


def job_for(order):
	return frappe.get_doc(JOB, job_of(order.name))


def steps_of(job) -> list[tuple]:
	return [
		(row.step, row.kind, row.workstation, row.minutes, row.after, row.status) for row in job.operations
	]


def test_a_submitted_work_order_becomes_a_job_with_its_operations():
	item, bom, saw, press = two_steps()
	order = make_work_order(bom, 10, expected_delivery_date=in_days(4))
	job = job_for(order)
	assert (job.item_code, job.qty, job.priority, job.status) == (item.name, 10, "3", "pending")
	assert job.due_at == get_datetime(f"{in_days(4)} 23:59:00") and job.release_at is None
	assert steps_of(job) == [
		(1, "work", saw.name, 60, "0", "pending"),
		(2, "work", press.name, 120, "1", "pending"),
	]
	assert [row.job_card for row in job.operations] == [card.name for card in cards_of(order)]


def test_exactly_one_job_however_often_it_is_asked_for():
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	assert make_job(order.name) == make_job(order.name) == job_of(order.name)
	assert frappe.db.count(JOB, {"work_order": order.name}) == 1
	with pytest.raises(frappe.UniqueValidationError):
		frappe.get_doc(
			{"doctype": JOB, "item_code": order.production_item, "work_order": order.name}
		).insert()


def test_no_job_where_the_setting_says_so():
	frappe.db.set_single_value("Sentia Settings", "make_jobs", 0)
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	assert job_of(order.name) is None
	assert frappe.get_doc(JOB, make_job(order.name)).work_order == order.name


def test_open_work_orders_from_before_become_jobs_in_one_go():
	from sentia_ops.scheduling.site_jobs import make_jobs

	frappe.db.set_single_value("Sentia Settings", "make_jobs", 0)
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	frappe.db.sql("update `tabWork Order` set status = 'Closed'")
	_item, bom, _saw, _press = two_steps()
	orders = [make_work_order(bom, 2) for _ in range(3)]
	orders[0].db_set("status", "Stopped")
	assert make_jobs(1) == {"made": 1, "left": 1, "refused": []}
	assert make_jobs(10) == {"made": 1, "left": 0, "refused": []}
	assert [job_of(order.name) is None for order in orders] == [True, False, False]
	assert make_jobs(10) == {"made": 0, "left": 0, "refused": []}


def test_a_draft_or_stopped_work_order_makes_no_job():
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom, submit=False)
	with pytest.raises(frappe.ValidationError, match="not submitted"):
		make_job(order.name)


def test_due_date_and_customer_come_from_the_sales_order(customer):
	item, bom, _saw, _press = two_steps()
	sale = make_sales_order(item, make_warehouse(), 5, customer=customer, due=in_days(6))
	order = make_work_order(bom, 5, sales_order=sale.name, sales_order_item=sale.items[0].name)
	job = job_for(order)
	assert (job.sales_order, job.customer, getdate(job.due_at)) == (
		sale.name,
		customer.name,
		getdate(in_days(6)),
	)


def test_a_start_planned_for_later_is_a_release_and_stays_one():
	_item, bom, _saw, _press = two_steps()
	later = get_datetime(f"{in_days(3)} 08:00:00")
	order = make_work_order(bom, planned_start_date=later)
	job = job_for(order)
	assert job.release_at == later
	order.db_set("planned_start_date", add_to_date(later, days=5))  # as publishing does
	assert job_for(order).release_at == later


def test_job_cards_carry_the_job_along():
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	first, second = cards_of(order)
	start_card(first, 30)
	job = job_for(order)
	assert job.status == "in progress"
	assert [row.status for row in job.operations] == ["started", "pending"]
	first.reload()
	finish_card(first)
	job = job_for(order)
	assert [row.status for row in job.operations] == ["done", "pending"] and job.operations[0].ended_at
	second.reload()
	finish_card(second, 15)
	job = job_for(order)
	assert job.status == "completed" and round(job.operations[1].minutes_done) == 15
	assert job.finished_at == job.operations[1].ended_at
	second.reload()
	second.cancel()
	assert job_for(order).status == "in progress"


def test_a_stopped_order_is_not_scheduled_and_a_resumed_one_is():
	from erpnext.manufacturing.doctype.work_order.work_order import stop_unstop

	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	stop_unstop(order.name, "Stopped")
	assert job_for(order).status == "cancelled"
	stop_unstop(order.name, "Resumed")
	assert job_for(order).status == "pending"


def test_a_cancelled_order_cancels_the_job_and_a_deleted_one_takes_it_along():
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	name = job_of(order.name)
	order.cancel()
	assert frappe.db.get_value(JOB, name, "status") == "cancelled"
	assert not cards_of(order)
	frappe.delete_doc("Work Order", order.name)
	assert not frappe.db.exists(JOB, name)


def test_a_job_that_is_due_and_not_done_is_late():
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	job = job_for(order)
	job.due_at = add_to_date(now_datetime(), hours=-1)
	job.save()
	assert job.status == "late"


def test_cards_of_one_operation_run_beside_each_other_and_the_next_waits_for_what_it_needs():
	"""ERPNext splits 10 pieces into cards of 5: the second press card needs both saw cards, the first only one."""
	saw, press = make_workstation(unique("Saw")), make_workstation()
	split = {"create_job_card_based_on_batch_size": 1, "batch_size": 5}
	sawing, pressing = (make_operation(unique(name), **split) for name in ("Sawing", "Pressing"))
	steps = [
		{"operation": sawing.name, "workstation": saw.name, "time_in_mins": 6, "batch_size": 5},
		{"operation": pressing.name, "workstation": press.name, "time_in_mins": 12, "batch_size": 5},
	]
	order = make_work_order(make_bom(make_item(unique("Rod")), steps), 10)
	job = job_for(order)
	by_card = {row.job_card: row for row in job.operations}
	assert len(by_card) == 4 and None not in by_card
	first, second = (row for row in job.operations if row.operation == sawing.name)
	assert (first.after, second.after) == ("0", "0")
	third, fourth = (row for row in job.operations if row.operation == pressing.name)
	assert third.after == str(first.step) and fourth.after == str(second.step)
	total = sum(row.minutes for row in job.operations if row.operation == sawing.name)
	assert total == pytest.approx(order.operations[0].time_in_mins)


def test_an_operation_of_a_type_keeps_its_alternatives():
	kind = make_type()
	for _ in range(2):
		make_workstation(workstation_type=kind)
	step = {"operation": make_operation().name, "workstation_type": kind, "time_in_mins": 5}
	order = make_work_order(make_bom(make_item(unique("Lid")), [step]))
	row = job_for(order).operations[0]
	assert row.workstation_type == kind and not row.workstation


def test_an_inspection_is_a_step_of_its_own_between_its_operation_and_the_next():
	inspector = make_workstation(unique("Inspectors"), sentia_kind="inspector")
	_item, bom, _saw, press = two_steps(
		sentia_inspector=inspector.name,
		sentia_inspection_minutes=15,
		sentia_rework_share=20,
		sentia_family="red",
	)
	order = make_work_order(bom)
	job = job_for(order)
	assert [(row.kind, row.workstation, row.after) for row in job.operations][1:3] == [
		("inspection", inspector.name, "1"),
		("work", press.name, "2"),
	]
	assert (job.operations[1].minutes, job.operations[1].rework_share) == (15, 20)
	assert [row.family for row in job.operations] == ["red", None, "red", None]
	first, second = cards_of(order)
	finish_card(first)
	assert [row.status for row in job_for(order).operations] == ["done", "pending", "pending", "pending"]
	second.reload()
	start_card(second)  # so somebody let it pass
	assert [row.status for row in job_for(order).operations] == ["done", "done", "started", "pending"]


def test_what_a_planner_writes_into_a_step_stays_when_its_card_moves_on():
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	job = job_for(order)
	job.operations[1].family = "blue"
	job.priority = "1"
	job.save()
	start_card(cards_of(order)[0])
	job.reload()
	assert (job.operations[1].family, job.priority, job.operations[0].status) == ("blue", "1", "started")


def test_a_new_card_for_a_deleted_one_takes_its_step():
	from erpnext.manufacturing.doctype.work_order.work_order import make_job_card

	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	first = cards_of(order)[0]
	frappe.delete_doc("Job Card", first.name)
	assert job_for(order).operations[0].job_card is None
	row = order.operations[0].as_dict() | {"qty": 10, "pending_qty": 10}
	make_job_card(order.name, [row])
	job = job_for(order)
	assert [row.step for row in job.operations] == [1, 2] and job.operations[0].job_card not in (
		None,
		first.name,
	)


def test_a_failure_of_ours_does_not_stop_a_work_order(monkeypatch):
	from sentia_ops.overrides import work_order

	def fail(_name):
		raise KeyError("our own mistake")

	monkeypatch.setattr(work_order, "make_job", fail)
	_item, bom, _saw, _press = two_steps()
	order = make_work_order(bom)
	assert order.docstatus == 1 and len(cards_of(order)) == 2 and job_of(order.name) is None
	assert frappe.db.exists("Error Log", {"method": ["like", f"%on_submit of Work Order {order.name}%"]})


# by hand


def by_hand(**values):
	station = make_workstation()
	rows = [{"workstation": station.name, "minutes": 30}, {"workstation": station.name, "minutes": 20}]
	return frappe.get_doc(
		{"doctype": JOB, "item_code": make_item().name, "qty": 2, "operations": rows, **values}
	)


def test_a_job_by_hand_numbers_its_steps_and_is_done_when_they_are():
	job = by_hand().insert()
	assert [row.step for row in job.operations] == [1, 2] and job.status == "pending"
	job.operations[0].status = "started"
	job.save()
	assert job.status == "in progress"
	for row in job.operations:
		row.status = "done"
	job.save()
	assert job.status == "completed" and job.finished_at


@pytest.mark.parametrize(
	("row", "values", "message"),
	[
		(0, {"step": 2}, "twice"),
		(1, {"after": "7"}, "cannot come after step 7"),
		(1, {"after": "2", "step": 2}, "cannot come after step 2"),
		(1, {"after": "first"}, "no number of a step"),
		(1, {"min_wait": 60, "max_wait": 30}, "may wait less than it has to"),
	],
)
def test_steps_that_make_no_sense_are_refused(row, values, message):
	job = by_hand()
	job.operations[0].step, job.operations[1].step = 1, 2
	job.operations[row].update(values)
	with pytest.raises(frappe.ValidationError, match=message):
		job.insert()


def test_release_after_due_is_refused():
	with pytest.raises(frappe.ValidationError, match="lies after Due"):
		by_hand(release_at=f"{in_days(3)} 08:00:00", due_at=f"{in_days(2)} 08:00:00").insert()


def test_a_planner_may_cancel_a_job_and_take_it_up_again():
	job = by_hand(closed=1).insert()
	assert job.status == "cancelled"
	job.closed = 0
	job.save()
	assert job.status == "pending"


# rights


@pytest.mark.parametrize(
	("role", "may"),
	[(MANAGER, {"read", "write", "create", "delete"}), (OPERATOR, {"read", "write", "create"}), (VIEWER, {"read"}), ("Purchase User", set())],
)  # fmt: skip
def test_rights_on_jobs(role, may):
	frappe.set_user(make_user(role).name)
	rights = {right for right in ("read", "write", "create", "delete") if frappe.has_permission(JOB, right)}
	assert rights == may


@pytest.mark.parametrize(
	"doctype", ["Production Schedule", "Scheduled Operation", "Production Schedule Job", "Unplaced Operation", "Station Load"]
)  # fmt: skip
def test_results_are_read_by_all_and_changed_by_none(doctype):
	for role in (MANAGER, OPERATOR, VIEWER):
		frappe.set_user("Administrator")
		frappe.set_user(make_user(role).name)
		assert frappe.has_permission(doctype, "read")
		assert not any(frappe.has_permission(doctype, right) for right in ("write", "create", "delete"))


def test_system_fields_cannot_be_set_through_the_api():
	job = by_hand().insert()
	frappe.set_user(make_user(OPERATOR).name)
	doc = frappe.get_doc(JOB, job.name)
	doc.update({"status": "completed", "tardiness": 5, "summary": "early"})
	doc.operations[0].scheduled_start = now_datetime()
	doc.save()
	doc.reload()
	assert (doc.status, doc.tardiness, doc.summary) == ("pending", 0, None)
	assert doc.operations[0].scheduled_start is None
