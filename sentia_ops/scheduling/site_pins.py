"""Operations that a planner keeps where they are: written into their Production Jobs, read by every schedule."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import get_datetime

DOCTYPE = "Production Job"


def pin(pins: list[dict[str, Any]]) -> dict[str, int]:
	"""Pin or release steps, all of them or none.

	Args:
	    pins: {"job", "step", "workstation", "start"}; without a start: released.

	Raises:
	    frappe.PermissionError: the user may not write a job.
	    frappe.ValidationError: no such job or step, it has begun, or the time cannot be read.
	"""
	by_job: dict[str, list] = {}
	for one in pins:
		by_job.setdefault(str(one.get("job") or ""), []).append(one)
	done = {"pinned": 0, "released": 0}
	for name, mine in sorted(by_job.items()):
		job = frappe.get_doc(DOCTYPE, name, for_update=True)
		for one in mine:
			done["pinned" if _pin(job, one) else "released"] += 1
		job.save()
	return done


def _pin(job, one: dict[str, Any]) -> bool:
	"""True: pinned; False: released."""
	step = str(one.get("step"))
	row = next((row for row in job.operations if str(row.step) == step), None)
	if row is None:
		frappe.throw(_("{0} has no step {1}.").format(job.name, step))
	start, workstation = (
		one.get("start"),
		one.get("workstation") or row.workstation or row.scheduled_workstation,
	)
	if not start:
		row.pinned_start = row.pinned_workstation = None
		return False
	if row.status != "pending":
		frappe.throw(_("Step {0} of {1} has begun: it stays where it is.").format(step, job.name))
	if not workstation or not frappe.db.exists("Workstation", workstation):
		frappe.throw(
			_("Step {0} of {1}: there is no workstation {2}.").format(step, job.name, workstation or "")
		)
	try:
		row.pinned_start = get_datetime(start)
	except (ValueError, TypeError):
		frappe.throw(_("Step {0} of {1}: {2} is no time.").format(step, job.name, start))
	row.pinned_workstation = workstation
	return True
