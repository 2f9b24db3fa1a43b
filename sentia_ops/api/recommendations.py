"""Decide on recommendations, one or many: approve, reject, snooze, reopen; and who may approve how much."""

import math

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope

DOCTYPE = "Reorder Recommendation"
MOST = 5000  # in one call


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def approve(names: list[str]) -> dict:
	"""Approve together: one draft order for each supplier and warehouse, up to the size in the settings, exactly once.

	Up to 50 are approved at once; more become a background job, whose progress and results `progress` tells.

	Returns:
	    data: {"results": [{"name", "doctype", "document"} or {"name", "error"}]}, or {"job"}.

	Raises:
	    403: the user may not write recommendations. 400: none or too many names.
	"""
	from sentia_ops.replenishment.approval import approve_many
	from sentia_ops.replenishment.approval_jobs import AT_ONCE, enqueue_approval

	names = _checked(names)
	if len(names) > AT_ONCE:
		job = enqueue_approval(names)
		return answer({"job": job}, _("{0} recommendations are being approved.").format(len(names)))
	results = approve_many(names)
	done = [row for row in results if "error" not in row]
	return answer({"results": results}, _("{0} of {1} approved.").format(len(done), len(results)))


@frappe.whitelist(methods=["GET"])
@envelope
def progress(job: str) -> dict:
	"""How far an approval in the background is; for the user who started it.

	Returns:
	    data: {"progress" (percent), "done", "results": as `approve`}.

	Raises:
	    404: no such job of this user.
	"""
	from sentia_ops.replenishment.approval_jobs import progress_of

	found = progress_of(job)
	if found is None:
		frappe.throw(_("There is no such job."), frappe.DoesNotExistError)
	return answer(found)


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def reject(names: list[str], reason: str = "", note: str = "") -> dict:
	"""Reject with a reason (one of the list of the document) or a note; it does not come back unless the need grows.

	Returns:
	    data: {"results": [{"name", "status"} or {"name", "error"}]}.
	"""
	from sentia_ops.replenishment.decisions import reject

	return answer({"results": reject(_checked(names), _reason(reason), note)})


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def snooze(names: list[str], until: str | None = None) -> dict:
	"""Put off until a day (default: as many days as the settings say).

	Returns:
	    data: as `reject`.
	"""
	from sentia_ops.replenishment.decisions import snooze

	return answer({"results": snooze(_checked(names), until)})


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def reopen(names: list[str]) -> dict:
	"""Make snoozed ones drafts again.

	Returns:
	    data: as `reject`.
	"""
	from sentia_ops.replenishment.decisions import reopen

	return answer({"results": reopen(_checked(names))})


@frappe.whitelist(methods=["GET"])
@envelope
def limits() -> dict:
	"""What the user may approve, and all tiers.

	Returns:
	    data: {"may_approve", "up_to" (company currency; null: no limit), "tiers": [{"role", "up_to"}]}.
	"""
	from sentia_ops.replenishment.tiers import limit_of_user, tiers

	frappe.has_permission(DOCTYPE, "read", throw=True)
	own = limit_of_user()
	rows = [{"role": tier.role, "up_to": _finite(tier.up_to)} for tier in tiers()]
	return answer({"may_approve": own is not None, "up_to": _finite(own), "tiers": rows})


def _checked(names: list[str]) -> list[str]:
	frappe.has_permission(DOCTYPE, "write", throw=True)
	if not 1 <= len(names) <= MOST:
		frappe.throw(_("Name 1 to {0} recommendations.").format(MOST))
	return [str(name) for name in names]


def _reason(reason: str) -> str:
	known = frappe.get_meta(DOCTYPE).get_field("reject_reason").options.split("\n")
	if reason not in known:
		frappe.throw(_("The reason must be one of: {0}.").format(", ".join(filter(None, known))))
	return reason


def _finite(value: float | None) -> float | None:
	return None if value is None or math.isinf(value) else value
