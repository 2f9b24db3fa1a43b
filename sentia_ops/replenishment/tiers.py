"""Who may approve how much: amount tiers by role, kept in Sentia Settings and lived by the workflow.

Saving the settings rewrites the workflow's Approve transitions, one a tier, each with a condition on the cost in company
currency. Who changes the workflow itself is obeyed as well: it is the workflow that decides, the tiers explain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import (
	get_workflow,
	get_workflow_name,
	has_approval_access,
	is_transition_condition_satisfied,
)
from frappe.utils import flt, fmt_money

from sentia_ops.permissions import MANAGER

DOCTYPE = "Reorder Recommendation"
SHOWN = 3  # users named in a refusal


@dataclass(frozen=True)
class Tier:
	"""`up_to` in company currency; infinite where there is no limit."""

	role: str
	up_to: float

	def covers(self, doc: Document) -> bool:
		"""An unknown cost is within no limit; a transfer within the company costs nothing that is bought."""
		if math.isinf(self.up_to):
			return True
		return flt(doc.cost) <= self.up_to and (flt(doc.cost) > 0 or doc.action == "transfer")

	@property
	def condition(self) -> str:
		"""`covers` in the words of a workflow transition."""
		if math.isinf(self.up_to):
			return ""
		return f'(doc.cost or 0) <= {self.up_to!r} and ((doc.cost or 0) > 0 or doc.action == "transfer")'


def tiers() -> list[Tier]:
	"""As set, the smallest first; an Operations Manager without limit where nothing is set."""
	rows = frappe.get_cached_doc("Sentia Settings").approval_tiers
	found = [Tier(row.role, flt(row.up_to) or math.inf) for row in rows] or [Tier(MANAGER, math.inf)]
	return sorted(found, key=lambda tier: (tier.up_to, tier.role))


def limit_of_user() -> float | None:
	"""The most the session's user may approve, in company currency; infinite: no limit; None: nothing."""
	roles = set(frappe.get_roles())
	return max((tier.up_to for tier in tiers() if tier.role in roles), default=None)


def transitions() -> list[dict]:
	"""The workflow's Approve rows."""
	row = {"state": "Draft", "action": "Approve", "next_state": "Approved", "allow_self_approval": 1}
	return [{**row, "allowed": tier.role, "condition": tier.condition} for tier in tiers()]


def update_workflow() -> None:
	"""Put the tiers into the workflow, where there is one; its other transitions stay as they are."""
	name = frappe.db.get_value("Workflow", {"document_type": DOCTYPE, "is_active": 1})
	if not name:
		return
	workflow = frappe.get_doc("Workflow", name)
	others = [
		row for row in workflow.transitions if not (row.state == "Draft" and row.next_state == "Approved")
	]
	workflow.set("transitions", [])
	for row in transitions():
		workflow.append("transitions", row)
	for row in others:
		workflow.append("transitions", row)
	workflow.save(ignore_permissions=True)  # who may change the settings has been asked already
	frappe.clear_cache(doctype=DOCTYPE)


def require_approver(doc: Document, state: str | None = None) -> None:
	"""The workflow says who may approve; without an active one the tiers do.

	Args:
	    doc: with the figures that are to be ordered, also where they were edited a moment ago.
	    state: before approving; default: the document's.

	Raises:
	    frappe.PermissionError: naming the amount, the user's limit and who may approve it.
	"""
	roles = set(frappe.get_roles())
	if not get_workflow_name(DOCTYPE):
		allowed = any(tier.role in roles and tier.covers(doc) for tier in tiers())
	else:
		steps = [step for step in get_workflow(DOCTYPE).transitions if step.next_state == "Approved"]
		steps = [step for step in steps if step.allowed in roles]
		if (state or doc.status) == "Draft":
			allowed = any(_open_to(doc, step) for step in steps)
		else:  # asked again after it was approved
			allowed = bool(steps)
	if not allowed:
		frappe.throw(refusal(doc), frappe.PermissionError)


def _open_to(doc: Document, step: Document) -> bool:
	access = has_approval_access(frappe.session.user, doc, step)
	return step.state == "Draft" and access and is_transition_condition_satisfied(step, doc)


def refusal(doc: Document) -> str:
	"""Why the session's user may not approve `doc`, and who may."""
	own = limit_of_user()
	currency = frappe.get_cached_value("Company", doc.company, "default_currency") if doc.company else None
	if own is None:
		why = _("You are not allowed to approve {0}.").format(doc.name)
	elif not flt(doc.cost):
		why = _("The cost of {0} is not known, so it is within no limit.").format(doc.name)
	else:
		cost, limit = (fmt_money(value, currency=currency) for value in (doc.cost, own))
		why = _("{0} costs {1}; you may approve up to {2}.").format(doc.name, cost, limit)
	return f"{why} {_who_may(doc)}".strip()


def _who_may(doc: Document) -> str:
	roles = [tier.role for tier in tiers() if tier.covers(doc)]
	if not roles:
		return _("Nobody may, by the tiers in Sentia Settings.")
	people = frappe.get_all(
		"Has Role",
		{"role": ("in", roles), "parenttype": "User", "parent": ("!=", "Administrator")},
		pluck="parent",
	)
	named = frappe.get_all(
		"User", {"name": ("in", people or [""]), "enabled": 1}, pluck="full_name", order_by="full_name"
	)
	text = _("It takes the role {0}").format(_(" or ").join(_(role) for role in dict.fromkeys(roles)))
	if not named:
		return f"{text}."
	more = _(" and {0} more").format(len(named) - SHOWN) if len(named) > SHOWN else ""
	return f"{text}: {', '.join(named[:SHOWN])}{more}."
