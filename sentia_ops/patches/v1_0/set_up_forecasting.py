"""Sites older than the forecast profile, holidays and the new lists get what a new site starts with."""

import frappe

from sentia_ops.install import make_list_views

STARTS_WITH = {"forecast_profile": "best", "use_holidays": 1}


def execute():
	known = frappe.db.get_singles_dict("Sentia Settings")
	for field, value in STARTS_WITH.items():
		if field not in known:
			frappe.db.set_single_value("Sentia Settings", field, value)
	make_list_views()
