"""Start a plan, and watch it."""

import frappe
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=20, seconds=60 * 60)
def start(only: list[str] | None = None) -> dict:
	"""Queue a plan; needs write permission on Reorder Recommendation.

	Args:
	    only: steps (forecasting, suppliers, buying, scheduling); default: all.

	Returns:
	    data: {"run": Planning Run name}. Progress comes as realtime event `sentia_run`, or from `status`.

	Raises:
	    409 busy: a plan is queued or running. 503: the job queue does not answer.
	"""
	frappe.has_permission("Reorder Recommendation", "write", throw=True)
	return queue(only)


def queue(only: list[str] | None = None) -> dict:
	"""The answer to a permitted request for a plan."""
	from sentia_ops.errors import BusyError
	from sentia_ops.tasks import active_run, enqueue_plan

	run = enqueue_plan("api", only)
	if run is None:
		raise BusyError(
			f"A plan is under way ({active_run() or 'just finished'}).", "Wait until it has finished."
		)
	return answer({"run": run}, "The plan is queued.")


@frappe.whitelist(methods=["GET"])
@envelope
def status(run: str) -> dict:
	"""How far a run is; needs read permission on the Planning Run.

	Returns:
	    data: {"run", "status", "progress" (percent), "text", "error", "warnings", "refused", "rows_out"}.
	"""
	from sentia_ops.store.site import progress_of

	doc = frappe.get_doc("Planning Run", run)
	doc.check_permission("read")
	live = (progress_of(run) if doc.status == "Running" else None) or {}
	return answer(
		{
			"run": doc.name,
			"status": doc.status,
			"progress": live.get("progress", doc.progress),
			"text": live.get("text", doc.progress_text),
			"error": doc.error,
			"warnings": frappe.parse_json(doc.warnings or "[]"),
			"refused": frappe.parse_json(doc.refused or "{}"),
			"rows_out": frappe.parse_json(doc.rows_out or "{}"),
		}
	)
