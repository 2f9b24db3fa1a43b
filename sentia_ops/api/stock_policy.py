"""One click from the stock policy to ERPNext's own reorder levels."""

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope
from sentia_ops.permissions import MANAGER

SHOWN = 500


@frappe.whitelist(methods=["GET"])
@envelope
def level_changes(names: str | list[str] | None = None) -> dict:
	"""What applying Stock Policies (default: all) would change in the items' reorder levels; nothing is written.

	Returns:
	    data: {"changes": [{item_code, warehouse, material_request_type, old_level, level, old_qty, qty}] (the first 500),
	    "total"}.
	"""
	from sentia_ops.replenishment.reorder_levels import preview

	frappe.has_permission("Stock Policy", "read", throw=True)
	return _told(preview(frappe.parse_json(names) or None))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=60, seconds=60 * 60)
def apply_levels(names: list[str] | None = None) -> dict:
	"""Write reorder point and order quantity into the items; it takes an Operations Manager.

	Returns:
	    data: as `level_changes`: what was changed.

	Raises:
	    403: the user is no Operations Manager.
	"""
	from sentia_ops.replenishment.reorder_levels import apply

	if MANAGER not in frappe.get_roles():
		frappe.throw(_("It takes an Operations Manager to write reorder levels."), frappe.PermissionError)
	return _told(apply(names or None))


def _told(changes: list[dict]) -> dict:
	rows = [{key: value for key, value in change.items() if key != "row"} for change in changes[:SHOWN]]
	return answer({"changes": rows, "total": len(changes)})
