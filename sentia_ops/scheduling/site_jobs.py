"""Production Jobs of Work Orders: made once, then kept in step with the Work Order and its Job Cards.

A job's steps are the Work Order's Job Cards: an operation that ERPNext splits over several cards can so run on several
workstations at once, and a card of the next operation waits only for the cards whose quantity it needs. An operation
without a card is a step of its own, as is the inspection of an operation.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import frappe
from frappe import _
from frappe.utils import flt, get_datetime, now_datetime

from sentia_ops.scheduling.site_quality import rework_shares
from sentia_ops.scheduling.site_routings import DETAILS, details_sql

DOCTYPE = "Production Job"
STOPPED = ("Stopped", "Closed", "Cancelled")
END_OF_DAY = "23:59:00"
FOLLOWED = (
	"operation",
	"workstation",
	"workstation_type",
	"minutes",
	"after",
	"job_card",
	"work_order_operation",
)
FOLLOWED += ("status", "started_at", "ended_at", "minutes_done")  # fields of a step that are the Work Order's


def make_job(work_order: str) -> str:
	"""The Production Job of a submitted Work Order, made if there is none: exactly one, also when two ask at once.

	Raises:
	    frappe.ValidationError: the Work Order is not submitted, or has been stopped or finished.
	"""
	found = job_of(work_order)
	if found:
		return found
	order = frappe.get_doc("Work Order", work_order)
	if order.docstatus != 1:
		frappe.throw(_("Work Order {0} is not submitted.").format(work_order))
	if order.status in (*STOPPED, "Completed"):
		frappe.throw(_("Work Order {0} is {1}.").format(work_order, _(order.status)))
	job = frappe.new_doc(DOCTYPE)
	job.update(_head(order))
	follow_order(job, order)
	job.flags.by_system = True
	frappe.db.savepoint("sentia_job")
	try:
		return job.insert(ignore_permissions=True).name
	except (frappe.UniqueValidationError, frappe.DuplicateEntryError):
		frappe.db.rollback(save_point="sentia_job")
		frappe.clear_messages()
		return frappe.db.get_value(DOCTYPE, {"work_order": work_order}, for_update=True)


def make_jobs(most: int) -> dict[str, Any]:
	"""Jobs of open Work Orders that have operations and no job, the earliest due first.

	Returns:
	    {"made": how many, "left": how many there are beyond `most`, "refused": [{"work_order", "reason"}]}.
	"""
	orders = frappe.db.sql_list(
		"""select h.name from `tabWork Order` h left join `tabProduction Job` j on j.work_order = h.name
		where h.docstatus = 1 and h.status in ('Submitted', 'Not Started', 'In Process') and j.name is null
			and exists(select 1 from `tabWork Order Operation` o where o.parent = h.name)
		order by coalesce(h.expected_delivery_date, h.planned_end_date), h.name"""
	)
	made, refused = 0, []
	for name in orders[:most]:
		frappe.db.savepoint("sentia_jobs")
		try:
			make_job(name)
			made += 1
		except frappe.ValidationError as error:
			frappe.db.rollback(save_point="sentia_jobs")
			frappe.clear_messages()
			refused.append({"work_order": name, "reason": str(error)})
	return {"made": made, "left": max(len(orders) - most, 0), "refused": refused}


def job_of(work_order: str) -> str | None:
	return frappe.db.get_value(DOCTYPE, {"work_order": work_order})


def _head(order) -> dict[str, Any]:
	"""What a new job takes from its Work Order; planners may change it afterwards."""
	now = now_datetime()
	start = get_datetime(order.planned_start_date) if order.planned_start_date else None
	due = order.expected_delivery_date or _promised(order)
	return {
		"work_order": order.name,
		"item_code": order.production_item,
		"qty": order.qty,
		"company": order.company,
		"sales_order": order.sales_order,
		"customer": order.sales_order and frappe.db.get_value("Sales Order", order.sales_order, "customer"),
		"warehouse": order.source_warehouse,
		"release_at": start if start and start > now else None,
		"due_at": get_datetime(f"{due} {END_OF_DAY}") if due else None,
	}


def _promised(order):
	"""The day the Sales Order's line, or the Material Request's, asks for."""
	for doctype, line, field in (
		("Sales Order Item", order.sales_order_item, "delivery_date"),
		("Material Request Item", order.material_request_item, "schedule_date"),
	):
		if line and (day := frappe.db.get_value(doctype, line, field)):
			return day
	if order.sales_order:
		return frappe.db.get_value("Sales Order", order.sales_order, "delivery_date")
	return None


def follow(work_order: str | None) -> None:
	"""Bring the job of a Work Order, if it has one, up to date; nothing is saved where nothing changed."""
	name = work_order and job_of(work_order)
	if not name:
		return
	job = frappe.get_doc(DOCTYPE, name, for_update=True)
	before = job.as_json()
	follow_order(job, frappe.get_doc("Work Order", work_order))
	job.set_status()
	if job.as_json() != before:
		job.flags.by_system = True
		job.save(ignore_permissions=True)


# steps


def follow_order(job, order) -> None:
	"""Set the job's steps to those of the order; what planners wrote into a step stays."""
	wanted = _steps_of(order)
	known = {_key(row): row for row in job.operations}
	number = max((row.step or 0 for row in job.operations), default=0)
	numbers, rows = {}, []
	for step in wanted:
		row = known.get(_key(frappe._dict(step))) or known.get(
			(step["work_order_operation"], None, step["kind"])
		)
		if row is None or row in rows:
			number += 1
			row = frappe.new_doc("Production Job Operation")
			row.update({**step, "step": number})
		numbers[step["id"]] = row.step
		rows.append(row)
	for step, row in zip(wanted, rows, strict=True):
		after = ", ".join(str(numbers[one]) for one in step["after"]) or "0"
		row.update({name: step.get(name) for name in FOLLOWED} | {"after": after})
	job.set("operations", [])
	for row in rows:
		job.append("operations", row)
	job.qty = order.qty


def _key(row) -> tuple:
	return row.work_order_operation, row.job_card, row.kind


def _steps_of(order) -> list[dict[str, Any]]:
	"""The steps in their order. `id` names a step here, `after` those it waits for; `upto` is the quantity it completes."""
	cards, details, shares = _cards(order), _details(order), rework_shares()
	steps, before, current, sequence = [], [], [], None
	for operation in order.operations:
		if operation.sequence_id != sequence or not operation.sequence_id:
			before, current, sequence = current or before, [], operation.sequence_id
		found = _steps_of_operation(
			order, operation, cards[operation.name], details[operation.name], before, shares
		)
		steps += found
		current = [*current, *found]
	_close_passed(steps)
	return steps


def _close_passed(steps: list[dict]) -> None:
	"""An inspection that nobody wrote down was done, or left out, when what waits for it has begun."""
	begun = {one for step in steps if step["status"] != "pending" for one in step["after"]}
	for step in steps:
		if step["kind"] == "inspection" and step["id"] in begun:
			step["status"] = "done"


def _steps_of_operation(
	order, operation, cards: list, detail, before: list[dict], shares: dict
) -> list[dict]:
	done, found = 0.0, []
	minutes, qty = flt(operation.time_in_mins), flt(order.qty)
	parts = [*cards, *_without_card(operation, cards, qty)]
	for card in parts:
		if card.is_corrective_job_card:
			found.append(_corrective(operation, card, [step["id"] for step in found] or _ids(before)))
			continue
		first, done = done, done + flt(card.for_quantity)
		share = 1.0 if detail.fixed_time or not qty else flt(card.for_quantity) / qty
		step = {
			"id": card.name or operation.name,
			"kind": "work",
			"minutes": minutes * share,
			"operation": operation.operation,
			"workstation": (card.workstation if not operation.workstation_type else None) or operation.workstation,
			"workstation_type": operation.workstation_type,
			"work_order_operation": operation.name,
			"job_card": card.name,
			"after": [s["id"] for s in before if s["last"] and s["from"] < done and s["upto"] > first] or _ids(before),
			"from": first, "upto": done, "last": True,
			**{name: detail.get(name) for name in DETAILS if name not in ("inspector", "inspection_minutes", "rework_share")},
			**_progress(card, operation),
		}  # fmt: skip
		found.append(step)
		if detail.inspector:
			step["last"] = False
			found.append(_inspection(step, card, detail, share, shares))
	return found


def _ids(steps: list[dict]) -> list[str]:
	return [step["id"] for step in steps if step["last"]]


def _inspection(step: dict, card, detail, share: float, shares: dict) -> dict[str, Any]:
	"""Done when its Quality Inspection is submitted, or when what follows it has begun (see `_close_passed`)."""
	seen = (
		card.quality_inspection
		and frappe.db.get_value("Quality Inspection", card.quality_inspection, "docstatus") == 1
	)
	share_back = flt(detail.rework_share) or shares.get(step["operation"], 0.0)
	return {
		**{name: step[name] for name in ("operation", "work_order_operation", "job_card", "from", "upto")},
		"id": f"{step['id']}/inspection",
		"kind": "inspection",
		"minutes": flt(detail.inspection_minutes) * share,
		"workstation": detail.inspector,
		"rework_share": share_back,
		"after": [step["id"]],
		"last": True,
		"status": "done" if seen and step["status"] == "done" else "pending",
	}  # fmt: skip


def _corrective(operation, card, after: list[str]) -> dict[str, Any]:
	minutes = flt(card.time_required) or flt(
		frappe.db.get_value("Operation", card.operation, "total_operation_time")
	)
	return {
		"id": card.name,
		"kind": "rework",
		"minutes": minutes,
		"operation": card.operation,
		"workstation": card.workstation,
		"work_order_operation": operation.name,
		"job_card": card.name,
		"after": after,
		"from": 0.0,
		"upto": 0.0,
		"last": True,
		**_progress(card, operation),
	}


def _without_card(operation, cards: list, qty: float) -> list:
	"""What of the order's quantity has no Job Card yet, as if it had one."""
	left = qty - sum(flt(card.for_quantity) for card in cards if not card.is_corrective_job_card)
	if left <= 1e-6 and cards:
		return []
	return [frappe._dict(for_quantity=left if cards else qty)]


def _progress(card, operation) -> dict[str, Any]:
	"""Status, start, end and minutes by the card's time logs; without a card by the Work Order's row."""
	if not card.name:
		done = operation.status == "Completed"
		return {
			"status": "done" if done else "pending",
			"started_at": None,
			"ended_at": None,
			"minutes_done": 0.0,
		}
	status = "done" if card.docstatus == 1 else "started" if card.started else "pending"
	return {
		"status": status,
		"started_at": card.started,
		"ended_at": card.ended if status == "done" else None,
		"minutes_done": flt(card.total_time_in_mins),
	}


def _cards(order) -> dict[str, list]:
	"""Row of the order's operations -> its Job Cards; a corrective one belongs to the operation it corrects."""
	rows = frappe.db.sql(
		"""select c.name, coalesce(f.operation_id, c.operation_id) row, c.operation, c.workstation, c.for_quantity, c.docstatus,
			c.is_corrective_job_card, c.total_time_in_mins, c.time_required, c.quality_inspection,
			min(l.from_time) started, max(l.to_time) ended
		from `tabJob Card` c left join `tabJob Card` f on f.name = c.for_job_card and c.is_corrective_job_card = 1
		left join `tabJob Card Time Log` l on l.parent = c.name and l.parentfield = 'time_logs'
		where c.work_order = %s and c.docstatus < 2 group by c.name
		order by c.is_corrective_job_card, c.creation, c.name""",
		order.name,
		as_dict=True,
	)
	found = defaultdict(list)
	for row in rows:
		found[row.row].append(row)
	return found


def _details(order) -> dict[str, frappe._dict]:
	"""Row of the order's operations -> what its BOM row, or the Operation, says besides time."""
	boms = sorted({row.bom or order.bom_no for row in order.operations} - {None}) or [""]
	rows = frappe.db.sql(
		f"""select b.parent bom, b.operation, b.fixed_time, {details_sql()}
		from `tabBOM Operation` b left join `tabOperation` p on p.name = b.operation
		where b.parenttype = 'BOM' and b.parent in %(boms)s order by b.parent, b.idx""",
		{"boms": boms},
		as_dict=True,
	)
	by_place = defaultdict(list)
	for row in rows:
		by_place[row.bom, row.operation].append(row)
	found, used = {}, defaultdict(int)
	for row in order.operations:
		key = (row.bom or order.bom_no, row.operation)
		same = by_place.get(key)
		# an operation that stands in a BOM twice: the first row is the first, and so on
		found[row.name] = same[min(used[key], len(same) - 1)] if same else _of_operation(row.operation)
		used[key] += 1
	return found


def _of_operation(operation: str) -> frappe._dict:
	rows = frappe.db.sql(
		f"""select 0 fixed_time, {details_sql("p", "p")} from `tabOperation` p where p.name = %s""",
		operation,
		as_dict=True,
	)
	return rows[0] if rows else frappe._dict()
