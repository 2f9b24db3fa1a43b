"""The Reorder Workbench: its table, the reasons behind a row, and a buyer's decisions."""

from typing import Any

import frappe
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope

RECOMMENDATION = "Reorder Recommendation"
TEXTS = ["reasons", "alternatives", "projection", "inputs"]
SHOWN = ["name", "item_code", "item_name", "warehouse", "company", "action", "supplier", "from_warehouse"]
SHOWN += ["status", "summary", "changes", "qty", "stock_uom", "unit_price", "currency", "cost", "order_by"]
SHOWN += ["need_by", "urgency", "service_level", "stockout_risk", "confidence", "wanted_qty", "cut_by"]
SHOWN += ["cost_without", "cost_with", "days_of_cover", "service_class", "first_seen", "previous_qty"]
SHOWN += ["previous_urgency", "snoozed_until", "run"]
LEVELS = ["on_hand", "inbound", "outbound", "position", "daily_demand", "lead_days", "safety_stock"]
LEVELS += ["reorder_point", "order_up_to"]


@frappe.whitelist(methods=["GET"])
@envelope
def board(view: str = "Draft", filters: str = "{}") -> dict:
	"""All open recommendations, or all planned items, that the user may read.

	Args:
	    view: Draft (to decide), Snoozed, or planned: every planned item and warehouse, also where nothing is needed.
	    filters: JSON {"warehouse", "supplier", "item_group", "search"}; for boards beyond 20,000 rows.

	Returns:
	    data: {"total", "count", "columns": {name: values, or {"values", "rows"}}, "supplier_names", "minimum_values"
	    (company currency an order), "currencies" (by company), "may_edit", "may_approve", "plan": {"run", "ended"}}.
	    The 20,000 most urgent rows at most.
	"""
	from sentia_ops.replenishment import site_board

	frappe.has_permission(RECOMMENDATION, "read", throw=True)
	if view not in ("Draft", "Snoozed", "planned"):
		frappe.throw(frappe._("view must be Draft, Snoozed or planned."))
	chosen = frappe.parse_json(filters)
	rows = site_board.planned_rows(chosen) if view == "planned" else site_board.open_rows(view, chosen)
	rights = {
		"may_edit": bool(frappe.has_permission(RECOMMENDATION, "write")),
		"may_approve": site_board.may_approve(),
	}
	return answer({**rows, **site_board.surroundings(rows), **rights, "plan": site_board.last_plan()})


@frappe.whitelist(methods=["GET"])
@envelope
def news() -> dict:
	"""Whether there is something new to look at.

	Returns:
	    data: {"plan": {"run", "ended"} of the newest finished plan, or null}.
	"""
	from sentia_ops.replenishment import site_board

	frappe.has_permission(RECOMMENDATION, "read", throw=True)
	return answer({"plan": site_board.last_plan()})


@frappe.whitelist(methods=["GET"])
@envelope
def reasons(name: str) -> dict:
	"""One recommendation with all that explains it.

	Returns:
	    data: the recommendation's fields; "reasons", "alternatives", "projection" and "inputs" parsed; "policy": the
	    stock policy of its item and warehouse, or null; "row": as a board of one row. Empty numbers are null.

	Raises:
	    403: the user may not read it. 404: there is none.
	"""
	from sentia_ops.replenishment import site_board
	from sentia_ops.store.site_sql import NOT_MEASURED

	doc = frappe.get_doc(RECOMMENDATION, name)
	doc.check_permission("read")
	key = {"item_code": doc.item_code, "warehouse": doc.warehouse}
	policy = frappe.db.get_value("Stock Policy", key, LEVELS, as_dict=True)
	found: dict[str, Any] = {field: doc.get(field) for field in SHOWN}
	found = {field: None if value == NOT_MEASURED else value for field, value in found.items()}
	texts = {field: frappe.parse_json(doc.get(field) or "null") for field in TEXTS}
	return answer({**found, **texts, "policy": policy, "row": site_board.one_row(name)})


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=3000, seconds=60 * 60)
def set_quantity(name: str, qty: float, modified: str, exactly: bool = False) -> dict:
	"""Change a quantity; it is raised to the supplier's minimum and to full packs unless `exactly` is set.

	Args:
	    modified: the row's time stamp, as `board` gave it.

	Returns:
	    data: {"row": as a board of one row}; message: what became of the quantity and why, or empty.

	Raises:
	    409 conflict: somebody changed it meanwhile. 403: the user may not edit. 400: not a quantity.
	"""
	from sentia_ops.replenishment import deciding, site_board

	hint = deciding.set_quantity(name, qty, modified, exactly=exactly)
	return answer({"row": site_board.one_row(name)}, hint)


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def snooze(rows: list[list[str]], until: str | None = None) -> dict:
	"""Put recommendations aside until a day (default: the settings' snooze days from today).

	Args:
	    rows: [[name, modified]], at most 200.

	Returns:
	    data: [{"name"} or {"name", "error"}]; one that fails leaves the others decided.
	"""
	from sentia_ops.replenishment import deciding

	frappe.has_permission(RECOMMENDATION, "write", throw=True)
	return answer(deciding.snooze(rows, until))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def reject(rows: list[list[str]], reason: str, note: str = "") -> dict:
	"""Decline recommendations, with one of the doctype's reasons; otherwise as `snooze`."""
	from sentia_ops.replenishment import deciding

	frappe.has_permission(RECOMMENDATION, "write", throw=True)
	return answer(deciding.reject(rows, reason, note))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def approve(rows: list[list[str]]) -> dict:
	"""Approve recommendations: draft orders are made of them.

	Args:
	    rows: [[name, modified]], at most 200.

	Returns:
	    data: [{"name", "doctype", "document"} or {"name", "error"}].
	"""
	from sentia_ops.replenishment import deciding

	frappe.has_permission(RECOMMENDATION, "write", throw=True)
	return answer(deciding.approve(rows))
