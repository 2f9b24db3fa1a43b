"""What a buyer does to rows of the Reorder Workbench: another quantity; and a look before each decision.

Every change names the `modified` stamp of the row it was taken on; when somebody, or a plan, has changed the
recommendation since, it is refused, so that nobody decides on figures that are not there any more.
"""

from __future__ import annotations

import math

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, format_datetime, get_fullname

DOCTYPE = "Reorder Recommendation"
UNDECIDED = ("Draft", "Snoozed")
CHANGED = ["name", "item_code", "status", "qty", "modified", "modified_by"]


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
	inputs = frappe.parse_json(doc.inputs or "{}")
	fitted, hint = (qty, "") if exactly else fit(qty, inputs)
	doc.qty = fitted
	doc.save()
	return " ".join(filter(None, [hint, _lost_break(fitted, inputs)]))


def _lost_break(qty: float, inputs: dict) -> str:
	least = flt(inputs.get("tier_qty"))
	if qty >= least:
		return ""
	return _("The price is for {0} and more: ask the supplier for the price of {1}.").format(
		_plain(least), _plain(qty)
	)


def fit(qty: float, inputs: dict) -> tuple[float, str]:
	"""Raise a quantity to the supplier's minimum order and to full packs; the second value says so.

	Args:
	    inputs: of the recommendation; "min_qty", "step" (0: any quantity) and "whole" are looked at.
	"""
	minimum, step = (
		flt(inputs.get("min_qty")),
		flt(inputs.get("step")) or (1.0 if inputs.get("whole") else 0.0),
	)
	least = max(qty, minimum)
	fitted = flt(math.ceil(round(least / step, 6)) * step, 6) if step else least
	if fitted == qty:
		return qty, ""
	why = [_("minimum order {0}").format(_plain(minimum))] if qty < minimum else []
	if fitted != least:
		why.append(_("whole numbers") if step == 1 else _("packs of {0}").format(_plain(step)))
	return fitted, _("{0} became {1}: {2}.").format(_plain(qty), _plain(fitted), ", ".join(why))


def unchanged(rows: list[list[str]]) -> tuple[list[str], list[dict]]:
	"""Of [name, modified]: the names that are as the user saw them, and {"name", "error"} of the others.

	No row is locked: what happens between this look and the decision is seen by the decision's own lock.
	"""
	seen = dict(rows)
	found = frappe.get_all(DOCTYPE, {"name": ("in", list(seen))}, CHANGED)
	there = {row.name: row for row in found}
	errors = {name: _("There is no such recommendation.") for name in seen if name not in there}
	for name, row in there.items():
		if row.status not in UNDECIDED or str(row.modified) != seen[name]:
			errors[name] = _what_changed(row)
	names = [name for name in seen if name not in errors]
	return names, [{"name": name, "error": error} for name, error in errors.items()]


def _locked(name: str, modified: str) -> Document:
	"""The recommendation, its row locked, as it was when the user saw it.

	Raises:
	    frappe.PermissionError: the user may not change it. frappe.TimestampMismatchError: it is another by now.
	    frappe.ValidationError: it is decided already.
	"""
	doc = frappe.get_doc(DOCTYPE, name, for_update=True)
	doc.check_permission("write")
	if doc.status not in UNDECIDED or str(doc.modified) != modified:
		frappe.throw(_what_changed(doc), frappe.TimestampMismatchError)
	return doc


def _what_changed(row: Document) -> str:
	who, when = get_fullname(row.modified_by), format_datetime(row.modified, "HH:mm")
	if row.status not in UNDECIDED:
		return _("{0} is {1} by now ({2}, {3}).").format(row.item_code, _(row.status), who, when)
	text = _("{0} was changed by {1} at {2}: the quantity is {3} now.")
	return text.format(row.item_code, who, when, _plain(row.qty))


def _plain(value: float) -> str:
	return f"{value:.6f}".rstrip("0").rstrip(".")
