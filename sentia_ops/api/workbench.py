"""The Reorder Workbench: its table, the reasons behind a row, and a buyer's decisions."""

import math
from collections.abc import Callable
from typing import Any

import frappe
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope

RECOMMENDATION = "Reorder Recommendation"
MOST = 5000  # decided in one call
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
	    (company currency an order), "currencies" (by company), "may_edit", "may_approve", "approve_up_to" (company
	    currency a recommendation; null: no limit), "plan": {"run", "ended"},
	    "reject_reasons"}. The 20,000 most urgent rows at most.
	"""
	from sentia_ops.replenishment import site_board

	frappe.has_permission(RECOMMENDATION, "read", throw=True)
	if view not in ("Draft", "Snoozed", "planned"):
		frappe.throw(frappe._("view must be Draft, Snoozed or planned."))
	chosen = frappe.parse_json(filters)
	rows = site_board.planned_rows(chosen) if view == "planned" else site_board.open_rows(view, chosen)
	return answer({**rows, **site_board.surroundings(rows), **_rights(), "plan": site_board.last_plan()})


def _rights() -> dict[str, Any]:
	from sentia_ops.replenishment.tiers import limit_of_user

	limit = limit_of_user()
	return {
		"reject_reasons": frappe.get_meta(RECOMMENDATION).get_options("reject_reason").strip().split("\n"),
		"may_edit": bool(frappe.has_permission(RECOMMENDATION, "write")),
		"may_approve": limit is not None,
		"approve_up_to": None if limit is None or math.isinf(limit) else limit,
	}


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
	from sentia_ops.store.empty import NOT_MEASURED

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
	"""As `recommendations.snooze`, of rows that nobody has changed meanwhile.

	Args:
	    rows: [[name, modified]].

	Returns:
	    data: {"results": [{"name", "status"} or {"name", "error"}]}.
	"""
	from sentia_ops.replenishment import decisions

	return _decide(rows, lambda names: decisions.snooze(names, until))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def reject(rows: list[list[str]], reason: str = "", note: str = "") -> dict:
	"""As `recommendations.reject`, of rows that nobody has changed meanwhile; otherwise as `snooze`."""
	from sentia_ops.replenishment import decisions

	return _decide(rows, lambda names: decisions.reject(names, reason, note))


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def reopen(rows: list[list[str]]) -> dict:
	"""As `recommendations.reopen`, of rows that nobody has changed meanwhile; otherwise as `snooze`."""
	from sentia_ops.replenishment import decisions

	return _decide(rows, decisions.reopen)


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def approve(rows: list[list[str]]) -> dict:
	"""As `recommendations.approve`, of rows that nobody has changed meanwhile.

	Returns:
	    data: {"results": [{"name", "doctype", "document"} or {"name", "error"}], "job": name of the background job that
	    approves the rest, see `recommendations.progress`; left out when all is done}.
	"""
	from sentia_ops.replenishment.approval import approve_many
	from sentia_ops.replenishment.approval_jobs import AT_ONCE, enqueue_approval

	if len(rows) <= AT_ONCE:
		return _decide(rows, approve_many)
	job = {}

	def queue(names: list[str]) -> list[dict]:
		job["job"] = enqueue_approval(names)
		return []

	found = _decide(rows, queue)
	return answer({**found["data"], **job})


def _decide(rows: list[list[str]], decide: Callable[[list[str]], list[dict]]) -> dict:
	"""Decide those that are as the user saw them; the answer has the others with the reason."""
	from sentia_ops.replenishment.deciding import unchanged

	frappe.has_permission(RECOMMENDATION, "write", throw=True)
	if len(rows) > MOST:
		frappe.throw(frappe._("Please decide at most {0} recommendations at once.").format(MOST))
	names, changed = unchanged(rows)
	return answer({"results": changed + (decide(names) if names else [])})
