"""Stock positions with their policy, what is about to run out, and what to order."""

import frappe
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope
from sentia_ops.api.paging import measured, page

POLICY = "Stock Policy"
RECOMMENDATION = "Reorder Recommendation"
LEVEL = ["item_code", "item_name", "warehouse", "supplier", "on_hand", "inbound", "outbound", "position"]
LEVEL += [
	"daily_demand",
	"lead_days",
	"lead_std",
	"service_level",
	"safety_stock",
	"reorder_point",
	"order_qty",
]
LEVEL += ["days_of_cover", "stockout_on", "verdict", "why", "as_of", "run"]
REORDER = [
	"name",
	"status",
	"item_code",
	"item_name",
	"warehouse",
	"company",
	"action",
	"supplier",
	"qty",
	"stock_uom",
]
REORDER += [
	"order_by",
	"need_by",
	"unit_price",
	"currency",
	"cost",
	"service_level",
	"stockout_risk",
	"confidence",
]
REORDER += ["urgency", "summary", "reasons", "alternatives", "previous_qty", "previous_urgency", "first_seen"]
REORDER += ["purchase_order", "material_request", "snoozed_until", "run"]
BY_URGENCY = "field(urgency, 'Critical', 'High', 'Medium', 'Low'), order_by, item_code, warehouse"


@frappe.whitelist(methods=["GET"])
@envelope
def levels(
	item_code: str | None = None,
	warehouse: str | None = None,
	verdict: str | None = None,
	start: int = 0,
	limit: int = 20,
) -> dict:
	"""Stock position and policy of planned items, in stock UOM.

	Args:
	    verdict: order, enough, no demand or no forecast.

	Returns:
	    data: {"rows": [{item_code, item_name, warehouse, supplier, on_hand, inbound, outbound, position, daily_demand,
	    lead_days, lead_std, service_level, safety_stock, reorder_point, order_qty, days_of_cover (null: no demand),
	    stockout_on (null: none seen), verdict, why, as_of, run}], "total", "start", "limit"}.
	"""
	filters = {"item_code": item_code, "warehouse": warehouse, "verdict": verdict}
	return answer(_levels(filters, "item_code, warehouse", start, limit))


@frappe.whitelist(methods=["GET"])
@envelope
def alerts(warehouse: str | None = None, within_days: int = 30, start: int = 0, limit: int = 20) -> dict:
	"""Items whose projected stock falls below zero within the days given, the soonest first.

	Returns:
	    data: as `levels`.
	"""
	until = frappe.utils.add_days(frappe.utils.nowdate(), within_days)
	filters = {"warehouse": warehouse, "stockout_on": ["between", ["1900-01-01", until]]}
	return answer(_levels(filters, "stockout_on, item_code, warehouse", start, limit))


def _levels(filters: dict, order_by: str, start: int, limit: int) -> dict:
	found = page(POLICY, LEVEL, filters, order_by, start, limit)
	found["rows"] = [measured(row, ["days_of_cover"]) for row in found["rows"]]
	return found


@frappe.whitelist(methods=["GET"])
@envelope
def reorder(
	item_code: str | None = None,
	warehouse: str | None = None,
	urgency: str | None = None,
	status: str = "Draft",
	start: int = 0,
	limit: int = 20,
) -> dict:
	"""Reorder recommendations with their reasons, the most urgent first.

	Args:
	    status: Draft (default), Approved, Ordered, Rejected, Snoozed or Expired.

	Returns:
	    data: {"rows": [{name, status, item_code, ..., qty (stock UOM), order_by, need_by, unit_price (currency),
	    cost (company currency), ..., summary, "reasons": [{label, text, value}], "alternatives": [...]}],
	    "total", "start", "limit"}.
	"""
	filters = {"item_code": item_code, "warehouse": warehouse, "urgency": urgency, "status": status}
	found = page(RECOMMENDATION, REORDER, filters, BY_URGENCY, start, limit)
	for row in found["rows"]:
		row["reasons"] = frappe.parse_json(row["reasons"] or "[]")
		row["alternatives"] = frappe.parse_json(row["alternatives"] or "[]")
	return answer(found)


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=300, seconds=60 * 60)
def approve(name: str) -> dict:
	"""Approve a recommendation: a draft Purchase Order or Material Request is made, exactly one.

	Returns:
	    data: {"doctype", "name"} of the draft; the same again when it was approved before.

	Raises:
	    403: the user may not approve. 404: no such recommendation. 400: the draft cannot be made, and why.
	"""
	from sentia_ops.replenishment.approval import approve as approve_recommendation

	frappe.has_permission(RECOMMENDATION, "write", throw=True)
	made = approve_recommendation(name)
	return answer(made, f"{made['doctype']} {made['name']} is ready as a draft.")
