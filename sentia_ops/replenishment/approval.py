"""From approved recommendations to draft Purchase Orders or Material Requests: exactly one, linked both ways.

The rows are locked (SELECT ... FOR UPDATE, in the order of their names) before their state is looked at, so of two
simultaneous approvals one makes the document and the other finds it made. Where MariaDB ends one of two that wait for
each other, that one starts again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime, strip_html

from sentia_ops.replenishment import documents, reorder_levels
from sentia_ops.replenishment.documents import exchange_rate, linked_document
from sentia_ops.replenishment.grouping import ORDER, REQUESTED, groups
from sentia_ops.replenishment.tiers import require_approver

__all__ = ["approve", "approve_many", "exchange_rate", "linked_document", "make_document"]

DOCTYPE = "Reorder Recommendation"
TRIES = 5
Answer = TypeVar("Answer")


def approve(name: str) -> dict:
	"""Approve one recommendation; approving it again answers with the same document.

	Returns: {"doctype", "name"} of the draft made.

	Raises:
	    frappe.PermissionError: the user may not approve this recommendation, or not for so much.
	    frappe.ValidationError: it is not a draft any more, or ERPNext refuses the document; nothing is changed.
	"""

	def once() -> dict:
		doc = frappe.get_doc(DOCTYPE, name, for_update=True)
		check(doc)
		if doc.status == "Draft":
			doc.status = "Approved"
			doc.save()
			doc.add_comment("Workflow", _("Approved"))
		return linked_document(doc)

	return until_no_deadlock(once)


def approve_many(names: list[str], automatic: bool = False) -> list[dict]:
	"""Approve together: one document for each supplier and warehouse, up to the size in the settings.

	A line that cannot be ordered leaves the others ordered. Call it first in a transaction: after a deadlock the
	transaction starts again.

	Args:
	    automatic: by earned autonomy: marked, and past the tiers.

	Returns: a row per name: {"name", "doctype", "document"} or {"name", "error"}.
	"""
	wanted = list(dict.fromkeys(names))
	found = until_no_deadlock(lambda: _approve_together(wanted, automatic))
	return [{"name": name, **found[name]} for name in wanted]


def _approve_together(names: list[str], automatic: bool) -> dict[str, dict]:
	found, ready = {}, []
	locked = frappe.db.sql_list(
		f"select name from `tab{DOCTYPE}` where name in %s order by name for update", [names or [""]]
	)
	for name in names:
		if name not in locked:
			found[name] = {"error": _("There is no such recommendation.")}
			continue
		doc = frappe.get_doc(DOCTYPE, name, for_update=True)
		try:
			check(doc, automatic)
		except (frappe.ValidationError, frappe.PermissionError) as error:
			found[name] = {"error": in_words(error)}
			continue
		if doc.status == "Draft":
			ready.append(doc)
		else:
			made = linked_document(doc) or {"doctype": None, "name": None}
			found[name] = {"doctype": made["doctype"], "document": made["name"]}
	for group in groups(ready):
		found |= _order_group([doc.name for doc in group], automatic)
	return found


def check(doc: Document, automatic: bool = False) -> None:
	"""Whether the session's user may approve `doc`, and it can be approved at all; else raises, and says why not."""
	if not automatic:
		doc.check_permission("write")
		require_approver(doc)
	if doc.status not in ("Draft", "Approved", "Ordered"):
		frappe.throw(_("{0} is {1}; only a draft can be approved.").format(doc.name, _(doc.status)))
	if doc.status == "Draft":
		reorder_levels.refuse_double(doc)


def _order_group(names: list[str], automatic: bool) -> dict[str, dict]:
	"""One document of all that can be ordered, and the reason for each that cannot."""
	document, error = _attempt(names, automatic)
	refused = {}
	if error and len(names) > 1:
		refused = _refused(names, error, automatic)
		rest = [name for name in names if name not in refused]
		document, error = _attempt(rest, automatic) if rest else (None, "")
	made = {"doctype": document.doctype, "document": document.name} if document else {"error": error}
	return {name: {"error": refused[name]} if name in refused else made for name in names}


def _refused(names: list[str], error: str, automatic: bool) -> dict[str, str]:
	"""Name -> reason of the lines for which a document of all `names` was refused with `error`.

	Found by trying halves and taking them back.
	"""
	if len(names) == 1:
		return {names[0]: error}
	ends = [_attempt([name], automatic, keep=False)[1] for name in (names[0], names[-1])]
	if ends[0] and ends[0] == ends[1] and "row" not in ends[0].lower():
		return dict.fromkeys(names, error)  # of the supplier, or of anything else that all lines share
	half = len(names) // 2
	found = {}
	for part in (names[:half], names[half:]):
		error = _attempt(part, automatic, keep=False)[1]
		found |= _refused(part, error, automatic) if error else {}
	return found


def _attempt(names: list[str], automatic: bool, keep: bool = True) -> tuple[Document | None, str]:
	"""(document, "") or (None, why not); without `keep` nothing remains of it either way."""
	frappe.db.savepoint("sentia_order")
	told = len(frappe.local.message_log)
	try:
		docs = [frappe.get_doc(DOCTYPE, name, for_update=True) for name in names]
		document = documents.make(docs, automatic)
		for doc in docs:
			(_mark_automatic if automatic else _save_approved)(doc, document)
	except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
		raise
	except Exception as error:
		frappe.db.rollback(save_point="sentia_order")
		if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
			frappe.log_error(
				title="Approving reorder recommendations"
			)  # another app's hook, or our own fault
		document, why = None, in_words(error)
	else:
		frappe.db.rollback(save_point="sentia_order") if not keep else frappe.db.release_savepoint(
			"sentia_order"
		)
		why = ""
	del frappe.local.message_log[told:]  # said in the rows instead of in dialogs of their own
	return document, why


def _save_approved(doc: Document, document: Document) -> None:
	frappe.flags.sentia_ordered = (doc.name, document)
	try:
		doc.status = "Approved"
		doc.save()
	finally:
		frappe.flags.sentia_ordered = None
	doc.add_comment("Workflow", _("Approved"))


def _mark_automatic(doc: Document, document: Document) -> None:
	"""By the system: not a transition that a user could choose, hence past the workflow."""
	values = {"status": "Approved", documents.LINKS[document.doctype]: document.name, "is_automatic": 1}
	doc.db_set({**values, "approved_by": frappe.session.user, "approved_on": now_datetime()}, notify=True)
	text = _("Approved automatically: class {0} has earned it, and {1} is within the amount set.")
	doc.add_comment("Info", text.format(doc.service_class, doc.get_formatted("cost")))


def make_document(doc: Document) -> None:
	"""Set the link on `doc`, which is being saved as Approved, to the draft it is in, or to one made for it alone."""
	before = doc.get_doc_before_save() or doc
	require_approver(doc, before.status)
	name, document = frappe.flags.sentia_ordered or (None, None)
	if name != doc.name:
		reorder_levels.refuse_double(doc)
		document = documents.make([doc])
		_tell_request(doc, document.doctype)
	doc.set(documents.LINKS[document.doctype], document.name)


def _tell_request(doc: Document, made: str) -> None:
	wanted = frappe.get_cached_doc("Sentia Settings").order_document or ORDER
	if wanted != made and doc.action not in REQUESTED:
		text = _("{0} has no supplier, so a Material Request was made instead of a Purchase Order.")
		frappe.msgprint(text.format(doc.item_code), alert=True, indicator="orange")


def in_words(error: Exception) -> str:
	"""The reason in plain text, without markup."""
	if isinstance(error, frappe.PermissionError):
		return strip_html(str(error)) or _("Not permitted")
	if isinstance(error, frappe.ValidationError):
		return strip_html(str(error)) or _("ERPNext refused it without a word.")
	return _("Something went wrong that nobody expected; it is in the Error Log.")


def until_no_deadlock(function: Callable[[], Answer], tries: int = TRIES) -> Answer:
	"""Start again, with a new transaction, when MariaDB chose this one to end a deadlock."""
	try:
		return function()
	except frappe.QueryDeadlockError:
		frappe.db.rollback()
		if tries == 1:
			raise
	time.sleep(random.uniform(0.05, 0.5))
	return until_no_deadlock(function, tries - 1)
