"""Lists in pages, seen through the caller's own permissions."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _

LARGEST_PAGE = 500


def page(
	doctype: str, fields: list[str], filters: dict[str, Any], order_by: str, start: int, limit: int
) -> dict[str, Any]:
	"""{"rows": [...], "total", "start", "limit"}; filters that are empty do not count.

	Raises:
	    frappe.PermissionError: no read permission on the doctype.
	    frappe.ValidationError: a page that cannot be.
	"""
	frappe.has_permission(doctype, "read", throw=True)
	if start < 0 or not 1 <= limit <= LARGEST_PAGE:
		frappe.throw(_("start must be 0 or more and limit 1 to {0}.").format(LARGEST_PAGE))
	chosen = {field: value for field, value in filters.items() if value not in (None, "", [])}
	rows = frappe.get_list(
		doctype, filters=chosen, fields=fields, order_by=order_by, limit_start=start, limit_page_length=limit
	)
	total = frappe.get_list(doctype, filters=chosen, fields=["count(name) as n"], order_by=None)[0].n
	return {"rows": rows, "total": total, "start": start, "limit": limit}


def measured(row: dict[str, Any], fields: list[str]) -> dict[str, Any]:
	"""Numbers that were not measured are null to the outside."""
	from sentia_ops.store.empty import NOT_MEASURED

	for field in fields:
		if row.get(field) == NOT_MEASURED:
			row[field] = None
	return row
