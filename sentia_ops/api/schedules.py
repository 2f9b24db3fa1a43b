"""Production schedules: the board, new drafts, what a change would do, publishing, promise dates."""

from typing import Any

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope
from sentia_ops.api.paging import page

SCHEDULE, JOB = "Production Schedule", "Production Job"
FIELDS = [
	"name", "status", "made_at", "from_at", "until_at", "jobs", "operations", "late_jobs", "unplaced", "makespan", "tardiness",
	"setup_hours", "utilisation", "moved", "solver_status", "gap", "seconds", "summary", "outdated", "published_by", "published_on",
]  # fmt: skip
MOST_CHANGES = 20  # in one question
MOST_PINS = 200
MOST_JOBS = 200  # made in one call: about ten seconds
ASK_SECONDS = 3.0  # solver time of each of the two schedules that a question compares


@frappe.whitelist(methods=["GET"])
@envelope
def board(schedule: str | None = None) -> dict:
	"""Everything the production board draws; needs read permission on Production Schedule.

	Args:
	    schedule: default: the published one, else the newest draft.

	Returns:
	    data: as `scheduling.board.payload`: {"schedule", "from", "until", "figures", "stations", "operations", "jobs",
	    "unplaced", "loads"}, and "schedules": [{"name", "status", "made_at", "summary", "outdated", "published_on",
	    "published_by"}] (published and drafts), "may": {"edit", "publish"}, "outdated": text, "now". Without any
	    schedule "schedule" is {}.

	Raises:
	    404: no such schedule.
	"""
	from sentia_ops.sentia_ops.doctype.production_schedule.showing import board_of

	frappe.has_permission(SCHEDULE, "read", throw=True)
	if schedule:
		frappe.get_doc(SCHEDULE, schedule).check_permission("read")
	return answer(board_of(schedule))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=60, seconds=60 * 60)
def run(reason: str = "") -> dict:
	"""Queue a new draft schedule; needs write permission on Production Job.

	Args:
	    reason: why it is made anew, for its summary.

	Returns:
	    data: {"run": Planning Run}. Progress comes as realtime event `sentia_run`, or from `plan.status`; the draft's
	    name as event `sentia_schedule`, or from `board`.

	Raises:
	    409 busy: one is queued or running. 400 invalid: a setting makes no sense. 503: the job queue does not answer.
	"""
	from sentia_ops.errors import BusyError
	from sentia_ops.tasks import enqueue_schedule

	frappe.has_permission(JOB, "write", throw=True)
	name = enqueue_schedule("api", reason)
	if name is None:
		raise BusyError("A schedule is being made.", "Wait until it has finished.")
	return answer({"run": name}, "The schedule is queued.")


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def move(schedule: str, job: str, step: int, workstation: str, start: str) -> dict:
	"""What it would do to start an operation at another time or place; nothing is written. See `pin`.

	The schedule stays as it is, but for what has to make room.

	Args:
	    start: local time, e.g. "2026-11-23 08:00".

	Returns:
	    data: as `what_if`.

	Raises:
	    400 invalid: no such operation or workstation, or it cannot be there; the message says why.
	"""
	change = {"kind": "pin", "job": job, "step": step, "workstation": workstation, "start": start}
	frappe.get_doc(SCHEDULE, schedule).check_permission("read")
	return answer(_asked([change], schedule))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def what_if(changes: list[dict[str, Any]]) -> dict:
	"""What changes would do, beside the plan as it is; nothing is written. Needs write permission on Production Job.

	Args:
	    changes: [{"kind": "down" or "overtime", "workstation", "from", "until"}, {"kind": "rush", "item_code", "qty",
	        "due"}, {"kind": "late", "item_code", "days"}, {"kind": "pin", "job", "step", "workstation", "start"}].

	Returns:
	    data: {"headline": [sentence], "changes": [in words], "measures": [{"name", "label", "unit", "before", "after"}],
	    "jobs": [{"job", "item_code", "due_at", "ends_before", "ends_after", "hours", "late_before", "late_after", "kind"}],
	    "unplaced": [...], "after": the board as it would be, "before": [{"id", "job", "step", "operation", "workstation",
	    "start", "end"}] of the operations that the change puts elsewhere, as they are without it}.

	Raises:
	    400 invalid: a change names what does not exist. 409 no_data: there is no open job.
	"""
	return answer(_asked(changes))


def _asked(changes: list[dict[str, Any]], base: str = "") -> dict[str, Any]:
	from sentia_ops.sentia_ops.doctype.production_schedule.showing import asked

	frappe.has_permission(JOB, "write", throw=True)
	if not 1 <= len(changes) <= MOST_CHANGES:
		frappe.throw(_("Give 1 to {0} changes.").format(MOST_CHANGES))
	return asked(changes, ASK_SECONDS, base)


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def pin(pins: list[dict[str, Any]], schedule: str | None = None) -> dict:
	"""Keep operations where a planner wants them, in every schedule from now on; or let them go.

	Args:
	    pins: [{"job", "step", "workstation", "start"}]; start null or empty: let it go.
	    schedule: that they were seen in; not needed.

	Returns:
	    data: {"pinned", "released": how many}.

	Raises:
	    403: no write permission on the job. 400 invalid: no such step, or it has begun.
	"""
	from sentia_ops.scheduling.site_pins import pin

	frappe.has_permission(JOB, "write", throw=True)
	if not 1 <= len(pins) <= MOST_PINS:
		frappe.throw(_("Give 1 to {0} pins.").format(MOST_PINS))
	return answer(pin(pins), "The next schedule keeps it so.")


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=60, seconds=60 * 60)
def publish(schedule: str) -> dict:
	"""Write a draft's times into Job Cards and Work Orders; Operations Managers only. A repeat changes nothing.

	Returns:
	    data: {"schedule", "documents" (written), "left_alone" (text), "already"}.

	Raises:
	    403: no Operations Manager. 400 invalid: superseded, or made before another one was published. 404: no such one.
	"""
	from sentia_ops.sentia_ops.doctype.production_schedule.publishing import publish

	done = publish(schedule)
	return answer(
		done, _("Published: {0} documents written. {1}").format(done["documents"], done["left_alone"]).strip()
	)


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=60, seconds=60 * 60)
def revert(schedule: str) -> dict:
	"""Put back what publishing changed; Operations Managers only. The one published before is the published one again.

	Returns:
	    data: {"schedule", "documents" (put back), "published": the schedule that is published now, or null}.

	Raises:
	    403: no Operations Manager. 400 invalid: it is not published, or somebody has changed what it wrote.
	"""
	from sentia_ops.sentia_ops.doctype.production_schedule.publishing import revert

	done = revert(schedule)
	return answer(done, _("Taken back: {0} documents are as they were before.").format(done["documents"]))


@frappe.whitelist(methods=["GET"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def promise(item_code: str, qty: float) -> dict:
	"""The earliest honest date for a new order, in the gaps of the current schedule: nobody else is moved.

	Needs read permission on Production Schedule.

	Returns:
	    data: {"item_code", "qty", "at" (local; null: no date can be promised), "text" (with the reasons), "chain": [{"kind",
	    "text", "from", "until", "hours"}], "schedule", "free" (of the item in stock, not reserved; null: not known), "notes"}.

	Raises:
	    409 no_data: nobody knows how the item is made. 400 invalid: the quantity is not above 0.
	"""
	from sentia_ops.sentia_ops.doctype.production_schedule.showing import promised

	frappe.has_permission(SCHEDULE, "read", throw=True)
	return answer(promised(item_code, qty))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def make_job(work_order: str) -> dict:
	"""The Production Job of a submitted Work Order, made if there is none; needs create permission on Production Job.

	Returns:
	    data: {"job"}.

	Raises:
	    400 invalid: the Work Order is not submitted, or was stopped or finished.
	"""
	from sentia_ops.scheduling.site_jobs import make_job

	frappe.has_permission(JOB, "create", throw=True)
	frappe.get_doc("Work Order", work_order).check_permission("read")
	return answer({"job": make_job(work_order)})


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=60, seconds=60 * 60)
def make_jobs() -> dict:
	"""Production Jobs of open Work Orders that have none, e.g. from before this app was installed; up to 200 at a time.

	Needs create permission on Production Job and read permission on Work Order.

	Returns:
	    data: {"made", "left" (call again), "refused": [{"work_order", "reason"}]}.
	"""
	from sentia_ops.scheduling.site_jobs import make_jobs

	frappe.has_permission(JOB, "create", throw=True)
	frappe.has_permission("Work Order", "read", throw=True)
	done = make_jobs(MOST_JOBS)
	return answer(done, _("{0} Production Jobs made.").format(done["made"]))


@frappe.whitelist(methods=["GET"])
@envelope
def list(  # the endpoint's name; last in the module, as it hides the builtin
	status: str | None = None, start: int = 0, limit: int = 20
) -> dict:
	"""Schedules, the newest first.

	Returns:
	    data: {"rows": [{name, status, made_at, from_at, until_at, jobs, operations, late_jobs, unplaced, makespan,
	    tardiness, setup_hours, utilisation, moved, solver_status, gap, seconds, summary, outdated, published_by,
	    published_on}], "total", "start", "limit"}.
	"""
	return answer(page(SCHEDULE, FIELDS, {"status": status}, "made_at desc", start, limit))
