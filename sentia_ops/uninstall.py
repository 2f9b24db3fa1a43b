"""Takes away what `install.py` added; Frappe itself drops the app's doctypes, workspace, cards, charts and module."""

from __future__ import annotations

import frappe

from sentia_ops.custom_fields import CUSTOM_FIELDS
from sentia_ops.install import CREATED, DOCTYPE, created_records
from sentia_ops.overrides import supplier_scorecard

MODULE = "Sentia Ops"
TRACES = {  # rows that Frappe keeps about any document -> the field that names the document's doctype
	"Comment": "reference_doctype",
	"Version": "ref_doctype",
	"Workflow Action": "reference_doctype",
	"Tag Link": "document_type",
	"DocShare": "share_doctype",
	"List View Settings": "name",
	"Singles": "doctype",
	"Custom DocPerm": "parent",
	"Property Setter": "doc_type",
	"Custom Field": "dt",
}
USED_BY = {  # shared record -> where another workflow may use it
	"Workflow State": ("Workflow Document State", "state"),
	"Workflow Action Master": ("Workflow Transition", "action"),
}


def before_uninstall() -> None:
	supplier_scorecard.refuse_while_used()
	supplier_scorecard.unregister()
	remove_workflow()
	remove_custom_fields()
	remove_scheduled_jobs()
	remove_patch_log()
	remove_traces()
	remove_created_records()


def remove_workflow() -> None:
	for name in frappe.get_all("Workflow", filters={"document_type": DOCTYPE}, pluck="name"):
		frappe.delete_doc("Workflow", name, force=True, ignore_permissions=True)


def remove_custom_fields() -> None:
	for doctype, fields in CUSTOM_FIELDS.items():
		for field in fields:
			name = frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": field["fieldname"]})
			if name:
				frappe.delete_doc("Custom Field", name, force=True, ignore_permissions=True)
			# Frappe keeps the column of a deleted field; with our doctype gone its values point nowhere
			if field["fieldname"] in frappe.db.get_table_columns(doctype):
				frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` DROP COLUMN `{field['fieldname']}`")
		frappe.clear_cache(doctype=doctype)


def remove_scheduled_jobs() -> None:
	for name in frappe.get_all(
		"Scheduled Job Type", filters={"method": ("like", "sentia_ops.%")}, pluck="name"
	):
		frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": name})
		frappe.delete_doc("Scheduled Job Type", name, force=True, ignore_permissions=True)


def remove_patch_log() -> None:
	"""A later install notes the patches anew."""
	frappe.db.delete("Patch Log", {"patch": ("like", "sentia_ops.%")})


def remove_traces() -> None:
	doctypes = frappe.get_all("DocType", filters={"module": MODULE}, pluck="name")
	for table, field in TRACES.items():
		frappe.db.delete(table, {field: ("in", doctypes)})
	frappe.db.delete("Logs To Clear", {"ref_doctype": ("in", doctypes)})


def remove_created_records() -> None:
	for doctype, name in reversed(created_records()):
		if doctype in USED_BY and frappe.db.exists(USED_BY[doctype][0], {USED_BY[doctype][1]: name}):
			continue
		if doctype == "Role":
			frappe.db.delete("Has Role", {"role": name})
			frappe.db.delete("Custom DocPerm", {"role": name})
		frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
	frappe.db.delete("DefaultValue", {"parent": "__global", "defkey": CREATED})
	frappe.clear_cache()
