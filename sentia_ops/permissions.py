"""Roles of the app, and who sees it on the apps screen."""

import frappe

MANAGER = "Operations Manager"  # approves and configures
OPERATOR = "Operations Operator"  # creates, edits, snoozes, rejects
VIEWER = "Operations Viewer"  # reads
ROLES = (MANAGER, OPERATOR, VIEWER)


def has_app_permission() -> bool:
	"""True for users who may read recommendations."""
	return bool(frappe.has_permission("Reorder Recommendation", "read"))
