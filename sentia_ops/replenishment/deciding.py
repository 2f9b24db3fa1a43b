"""A buyer's decisions in the Reorder Workbench: another quantity, not now, not at all, yes.

Every decision names the `modified` stamp of the row it was taken on; when somebody, or a plan, has changed the
recommendation since, it is refused, so that nobody decides on figures that are not there any more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, flt, getdate, strip_html, today

DOCTYPE = "Reorder Recommendation"
UNDECIDED = ("Draft", "Snoozed")
BATCH = 200


def set_quantity(name: str, qty: float, modified: str, *, exactly: bool = False) -> str:
	"""Change the quantity of an open recommendation; its cost follows.

	Args:
	    exactly: take a quantity that is not a full pack, or below the minimum order, all the same.

	Returns: what was made of the quantity and why, in words; empty: taken as it is.

	Raises:
	    frappe.PermissionError, frappe.TimestampMismatchError, frappe.ValidationError: nothing is changed.
	"""
	doc = _locked(name, modified)
	if not math.isfinite(qty) or qty <= 0:
		frappe.throw(_("Quantity must be more than zero."))
	fitted, hint = qty, ""
	if not exactly:
		fitted, hint = fit(qty, frappe.parse_json(doc.inputs or "{}"))
	doc.qty = fitted
	doc.save()
	return hint


def fit(qty: float, inputs: dict) -> tuple[float, str]:
	"""Raise a quantity to the supplier's minimum order and to full packs; the second value says so."""
	minimum, pack = flt(inputs.get("min_order_qty")), flt(inputs.get("pack_size"))
	fitted = max(qty, minimum)
	if pack > 0:
		fitted = flt(math.ceil(round(fitted / pack, 6)) * pack, 6)
	if fitted == qty:
		return qty, ""
	why = [_("minimum order {0}").format(f"{minimum:g}")] if qty < minimum else []
	why += [_("packs of {0}").format(f"{pack:g}")] if pack > 0 and max(qty, minimum) != fitted else []
	return fitted, _("{0} became {1}: {2}.").format(f"{qty:g}", f"{fitted:g}", ", ".join(why))


def snooze(rows: list[list[str]], until: str | None = None) -> list[dict]:
	"""Put recommendations aside until a day; see `_each`."""
	days = frappe.get_cached_doc("Sentia Settings").snooze_days
	day = getdate(until or add_days(today(), days))
	if day <= getdate(today()):
		frappe.throw(_("Snooze until a day after today."))

	def decide(doc: Document) -> None:
		doc.status, doc.snoozed_until = "Snoozed", day
		doc.save()
		doc.add_comment("Workflow", _("Snoozed until {0}").format(day))

	return _each(rows, decide)


def reject(rows: list[list[str]], reason: str, note: str = "") -> list[dict]:
	"""Say no, and why; see `_each`."""
	reasons = [r for r in frappe.get_meta(DOCTYPE).get_options("reject_reason").split("\n") if r]
	if reason not in reasons:
		frappe.throw(_("Choose a reason: {0}.").format(", ".join(reasons)))

	def decide(doc: Document) -> None:
		doc.status, doc.reject_reason = "Rejected", reason
		doc.decision_note = note or doc.decision_note
		doc.save()
		doc.add_comment("Workflow", _("Rejected: {0}").format(_(reason)))

	return _each(rows, decide)


def approve(rows: list[list[str]]) -> list[dict]:
	"""Approve those that nobody has changed since; the orders made stand in the answer, see `approve_many`."""
	from sentia_ops.replenishment.approval import approve_many

	_refuse_many(rows)
	checked = _each(rows, lambda doc: None)
	sound = [row["name"] for row in checked if not row.get("error")]
	return [row for row in checked if row.get("error")] + (approve_many(sound) if sound else [])


def _each(rows: list[list[str]], decide: Callable[[Document], None]) -> list[dict]:
	"""Decide each of [name, modified] in a savepoint of its own.

	Returns: {"name"} or {"name", "error"} a row.
	"""
	_refuse_many(rows)
	results = []
	for name, modified in rows:
		frappe.db.savepoint("sentia_decide")
		try:
			decide(_locked(name, modified))
		except (frappe.ValidationError, frappe.PermissionError, frappe.DoesNotExistError) as error:
			frappe.db.rollback(save_point="sentia_decide")
			frappe.clear_last_message()  # told in the row
			results.append({"name": name, "error": strip_html(str(error)) or _("Not permitted")})
		else:
			frappe.db.release_savepoint("sentia_decide")
			results.append({"name": name})
	return results


def _refuse_many(rows: list[list[str]]) -> None:
	if len(rows) > BATCH:
		frappe.throw(_("Please decide at most {0} recommendations at once.").format(BATCH))


def _locked(name: str, modified: str) -> Document:
	"""The recommendation, its row locked, as it was when the user saw it.

	Raises:
	    frappe.PermissionError: the user may not change it. frappe.TimestampMismatchError: it is another by now.
	    frappe.ValidationError: it is decided already.
	"""
	doc = frappe.get_doc(DOCTYPE, name, for_update=True)
	doc.check_permission("write")
	if doc.status not in UNDECIDED:
		frappe.throw(
			_("{0} is {1} by now.").format(doc.item_code, _(doc.status)), frappe.TimestampMismatchError
		)
	if str(doc.modified) != modified:
		text = _("{0} was changed by {1} at {2}: the quantity is {3} now.")
		who = frappe.utils.get_fullname(doc.modified_by)
		when = frappe.utils.format_datetime(doc.modified, "HH:mm")
		frappe.throw(text.format(doc.item_code, who, when, f"{doc.qty:g}"), frappe.TimestampMismatchError)
	return doc
