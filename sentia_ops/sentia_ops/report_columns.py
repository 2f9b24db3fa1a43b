"""Columns of script reports."""

from __future__ import annotations

import frappe


def link(doctype: str) -> dict[str, str]:
	"""A link for who may read such documents, else plain text: Frappe refuses the whole report for one link that may not be read."""
	if frappe.has_permission(doctype, "read"):
		return {"fieldtype": "Link", "options": doctype}
	return {"fieldtype": "Data"}
