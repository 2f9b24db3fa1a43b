"""Sites older than scheduling get the fields, settings and lists that a new site starts with."""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from sentia_ops.install import make_list_views
from sentia_ops.scheduling.custom_fields import CUSTOM_FIELDS

FIELDS = (
	"schedule_aims",
	"schedule_stability",
	"schedule_horizon_days",
	"schedule_freeze_hours",
	"schedule_time_limit",
	"schedule_workers",
	"make_jobs",
	"replan",
)


def execute():
	known = frappe.db.get_singles_dict("Sentia Settings")
	meta = frappe.get_meta("Sentia Settings")
	for field in FIELDS:
		if field not in known:
			frappe.db.set_single_value("Sentia Settings", field, meta.get_field(field).default)
	create_custom_fields(CUSTOM_FIELDS)
	make_list_views()
