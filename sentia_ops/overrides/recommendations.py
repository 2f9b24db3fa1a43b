"""What happens to a recommendation when the document made from it is submitted, cancelled, deleted or edited."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from sentia_ops.replenishment.approval import DOCTYPE
from sentia_ops.replenishment.documents import LINKS

FREED = {"purchase_order": None, "material_request": None, "approved_by": None, "approved_on": None}
FREED |= {"is_automatic": 0}


def mark_ordered(document: Document) -> None:
	"""Approved -> Ordered; the item may be recommended anew from here on."""
	for name in _linked(document, ["Approved"]):
		_set(
			name,
			{"status": "Ordered", "open_key": None},
			_("Ordered: {0} was submitted.").format(document.name),
		)


def release(document: Document, reason: str) -> None:
	"""Back to Draft, since nothing is on order any more."""
	for name in _linked(document, ["Approved", "Ordered"]):
		_release(name, reason)


def release_removed(document: Document) -> None:
	"""Release those whose row was taken out of the document while it was a draft."""
	kept = {row.get("sentia_recommendation") for row in document.items}
	for name in _linked(document, ["Approved"]):
		if name not in kept:
			_release(name, _("The row was removed from {0}.").format(document.name))


def _linked(document: Document, states: list[str]) -> list[str]:
	filters = {LINKS[document.doctype]: document.name, "status": ("in", states)}
	return frappe.get_all(DOCTYPE, filters=filters, pluck="name")


def _release(name: str, reason: str) -> None:
	"""Draft where no newer recommendation for the item and warehouse is open; else Expired."""
	from sentia_ops.sentia_ops.doctype.reorder_recommendation.reorder_recommendation import open_key

	subject = frappe.db.get_value(DOCTYPE, name, ["item_code", "warehouse", "action"], for_update=True)
	key = open_key(*subject)
	newer = frappe.db.get_value(DOCTYPE, {"open_key": key, "name": ("!=", name)}, for_update=True)
	if newer:
		note = _("{0} Expired, since {1} is open for the same item and warehouse.").format(reason, newer)
		_set(name, {**FREED, "status": "Expired", "open_key": None, "decision_note": note}, note)
	else:
		_set(name, {**FREED, "status": "Draft", "open_key": key}, _("{0} Back to Draft.").format(reason))


def _set(name: str, values: dict, comment: str) -> None:
	"""By the system: not a transition that a user could choose, hence past the workflow."""
	doc = frappe.get_doc(DOCTYPE, name)
	doc.db_set(values, notify=True)
	doc.add_comment("Info", comment)
