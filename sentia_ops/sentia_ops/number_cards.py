"""Figures on the workspace that a filter on one doctype cannot express."""

import frappe
from frappe import _
from frappe.utils import pretty_date


@frappe.whitelist()
def forecasts_better_than_naive(filters=None) -> dict | str:
	"""Share of backtested forecasts that beat repeating last week's same day."""
	frappe.has_permission("Demand Forecast", throw=True)
	# -1 stands for a figure that could not be measured
	tested = frappe.get_list(
		"Demand Forecast", filters={"mase": (">=", 0)}, fields=["mase", "mase_naive"], limit_page_length=0
	)
	if not tested:
		return _("none tested yet")
	better = sum(row.mase < row.mase_naive for row in tested)
	return {"value": 100 * better / len(tested), "fieldtype": "Percent", "route": ["List", "Demand Forecast"]}


@frappe.whitelist()
def last_run(filters=None) -> str:
	"""When the plan last finished, in words; a failure of a newer run is said."""
	frappe.has_permission("Planning Run", throw=True)
	runs = frappe.get_list(
		"Planning Run", fields=["status", "creation"], order_by="creation desc", limit_page_length=1
	)
	if not runs:
		return _("never")
	when = pretty_date(runs[0].creation)
	return when if runs[0].status == "Completed" else f"{_(runs[0].status)}, {when}"
