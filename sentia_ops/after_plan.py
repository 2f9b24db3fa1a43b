"""What follows a plan on a site: reorder levels written, outcomes judged, rights won and lost, and what has earned it
approved without a person.

Nothing here may undo the plan: it has its own run and its own transactions, and a failure is a line in the Error Log.
"""

from __future__ import annotations

from collections.abc import Callable

import frappe
from frappe import _

from sentia_ops.replenishment import reorder_levels
from sentia_ops.replenishment.autonomy import update_rights
from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.outcomes import judge_outcomes
from sentia_ops.replenishment.site_autonomy import approve_earned, rules, tell_managers
from sentia_ops.store import Run
from sentia_ops.store.site import SiteStore


def after_plan(plan: Run, policy: Policy) -> None:
	"""All that follows a plan that proposed orders."""
	_safely(_("Writing reorder levels"), lambda: reorder_levels.apply_after_plan(plan.name))
	if frappe.db.exists("Reorder Recommendation", {"status": "Ordered"}) or frappe.db.count("Approval Right"):
		_safely(_("Judging outcomes"), lambda: judge(plan.trigger, policy))
	_safely(_("Approving automatically"), lambda: approve_earned(plan.name))


def _safely(what: str, step: Callable[[], object]) -> None:
	try:
		step()
		frappe.db.commit()  # nosemgrep: a step of its own after the plan
	except Exception:
		frappe.db.rollback()
		frappe.log_error(title=_("{0} after the plan failed").format(what))
		frappe.db.commit()  # nosemgrep: the log stays


def judge(trigger: str, policy: Policy) -> None:
	"""A run of its own: outcomes, then rights; Operations Managers hear of what was withdrawn."""
	store = SiteStore()
	with store.run("outcomes", trigger=trigger) as run:
		count = judge_outcomes(store, run, as_of=store.today(), policy=policy)
		rights = update_rights(store, run, as_of=store.today(), rules=rules())
		run.progress(1.0, f"{count} orders judged")
	for text in rights.withdrawn:
		tell_managers(_("Automatic approval withdrawn"), text, run.name)
	for text in rights.granted:
		tell_managers(_("Automatic approval earned"), text, run.name)
