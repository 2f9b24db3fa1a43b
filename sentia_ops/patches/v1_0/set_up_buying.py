"""Sites older than service classes, budget and transfers get what a new site starts with; open keys name the action."""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from sentia_ops.custom_fields import CUSTOM_FIELDS
from sentia_ops.install import OWN_WORDS, make_first_tier, make_list_views
from sentia_ops.replenishment import tiers

FIELDS = (
	"stockout_margin",
	"service_measure",
	"propose_transfers",
	"transfer_days",
	"transfer_cost",
	"order_lines",
	"write_levels",
	"autonomy_cap",
	"autonomy_backtest_share",
	"autonomy_min_backtests",
	"autonomy_good_share",
	"autonomy_min_outcomes",
	*(f"level_{a}{x}" for a in "abc" for x in "xyz"),
)


def execute():
	known = frappe.db.get_singles_dict("Sentia Settings")
	meta = frappe.get_meta("Sentia Settings")
	for field in FIELDS:
		if field not in known:
			frappe.db.set_single_value("Sentia Settings", field, meta.get_field(field).default)
	frappe.db.sql(
		"""update `tabReorder Recommendation` set open_key = concat(item_code, '|', warehouse, '|', action)
		where open_key is not null"""
	)
	create_custom_fields(CUSTOM_FIELDS)
	make_list_views()
	make_first_tier()
	workflow = {
		"parent": (
			"in",
			frappe.get_all("Workflow", {"document_type": "Reorder Recommendation"}, pluck="name"),
		)
	}
	frappe.db.set_value(
		"Workflow Document State", {**workflow, "state": ("in", OWN_WORDS)}, "avoid_status_override", 1
	)
	tiers.update_workflow()
