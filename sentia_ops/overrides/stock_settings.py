"""Events of ERPNext's Stock Settings."""

import frappe

from sentia_ops.replenishment import reorder_levels


def validate(doc, method=None):
	"""Turning automatic Material Requests on may not let two order the same."""
	if doc.auto_indent and doc.has_value_changed("auto_indent"):
		reorder_levels.refuse_both(True, frappe.get_cached_doc("Sentia Settings"))
