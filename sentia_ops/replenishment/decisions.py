"""Decisions that order nothing: reject with a reason, snooze until a day, reopen. Each through the workflow."""

from __future__ import annotations

from collections.abc import Callable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import apply_workflow
from frappe.utils import add_days, cstr, getdate, today

from sentia_ops.replenishment.approval import DOCTYPE, in_words, until_no_deadlock


def reject(names: list[str], reason: str, note: str = "") -> list[dict]:
	"""Returns: a row per name: {"name", "status"} or {"name", "error"}."""

	def prepare(doc: Document) -> None:
		doc.db_set({"reject_reason": reason, "decision_note": note or None}, update_modified=False)

	return _each(names, "Reject", prepare)


def snooze(names: list[str], until: str | None = None) -> list[dict]:
	"""Returns: as `reject`. Without a day: for as long as the settings say."""

	def prepare(doc: Document) -> None:
		doc.db_set("snoozed_until", getdate(until) if until else default_until(), update_modified=False)

	return _each(names, "Snooze", prepare)


def reopen(names: list[str]) -> list[dict]:
	"""Returns: as `reject`."""
	return _each(names, "Reopen", lambda doc: None)


def default_until() -> str:
	return add_days(today(), frappe.get_cached_doc("Sentia Settings").snooze_days)


def validate(doc: Document) -> None:
	"""A rejection says why, a snooze ends in the future; called while `doc` is being saved in its new status."""
	if doc.status == "Rejected" and not (doc.reject_reason or cstr(doc.decision_note).strip()):
		frappe.throw(_("Say why it is rejected: choose a reason or write a note."))
	if doc.status == "Snoozed":
		doc.snoozed_until = doc.snoozed_until or default_until()
		if getdate(doc.snoozed_until) <= getdate():
			frappe.throw(_("Snooze until a day after today."))
	if doc.status == "Draft":
		doc.update({"snoozed_until": None, "reject_reason": None})


def _each(names: list[str], action: str, prepare: Callable[[Document], None]) -> list[dict]:
	return until_no_deadlock(lambda: [_one(name, action, prepare) for name in sorted(set(names))])


def _one(name: str, action: str, prepare: Callable[[Document], None]) -> dict:
	frappe.db.savepoint("sentia_decide")
	try:
		doc = frappe.get_doc(DOCTYPE, name, for_update=True)
		doc.check_permission("write")
		prepare(doc)
		status = apply_workflow(doc, action).status
	except (frappe.ValidationError, frappe.PermissionError) as error:
		frappe.db.rollback(save_point="sentia_decide")
		frappe.clear_last_message()
		return {"name": name, "error": in_words(error)}
	frappe.db.release_savepoint("sentia_decide")
	return {"name": name, "status": status}
