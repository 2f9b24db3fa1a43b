"""Sites older than service classes, budget and transfers get what a new site starts with; open keys name the action."""

import frappe

from sentia_ops.install import make_list_views

FIELDS = (
	"stockout_margin",
	"service_measure",
	"propose_transfers",
	"transfer_days",
	"transfer_cost",
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
	make_list_views()
