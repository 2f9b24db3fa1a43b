"""What the demo company made on a site, so that removing it takes these records and no others.

Documents need no mark: they lie in a company that is the demo's own. Names of shared records are kept as rows of Frappe's own DefaultValue table under a parent of our own: they need no DocType, and are
written in the same transaction as the record they name.
"""

from __future__ import annotations

import frappe

PARENT = "Sentia Demo"
MADE, SETTINGS = "made", "settings"


def mark(doctype: str, name: str) -> None:
	"""Note that the demo made this record."""
	_add(MADE, doctype, name)


def marked(doctype: str) -> list[str]:
	"""Names of this doctype that the demo made, the newest first."""
	return _rows(MADE, doctype)


def unmark(doctype: str, name: str) -> None:
	frappe.db.delete("DefaultValue", {"parent": PARENT, "defkey": doctype, "defvalue": name})


def setting(key: str) -> str:
	"""A parameter of the demo on this site (its seed, its first day to plan for); empty: there is no demo."""
	return next(iter(_rows(SETTINGS, key)), "")


def set_setting(key: str, value: str) -> None:
	_add(SETTINGS, key, value)


def is_here() -> bool:
	"""Something of a demo is on this site."""
	return bool(frappe.db.exists("DefaultValue", {"parent": PARENT}))


def forget(kept: list[tuple[str, str]]) -> None:
	"""Drop the settings and all marks but those of (doctype, name) that stay."""
	frappe.db.delete("DefaultValue", {"parent": PARENT})
	for doctype, name in kept:
		mark(doctype, name)


def _add(field: str, key: str, value: str) -> None:
	row = {"doctype": "DefaultValue", "parent": PARENT, "parenttype": PARENT, "parentfield": field}
	frappe.get_doc({**row, "defkey": key, "defvalue": value}).db_insert()


def _rows(field: str, key: str) -> list[str]:
	filters = {"parent": PARENT, "parentfield": field, "defkey": key}
	return frappe.get_all("DefaultValue", filters, pluck="defvalue", order_by="creation desc, name desc")
