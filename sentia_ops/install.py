"""What an installation adds to a site beside the app's own doctypes: roles, custom fields and the approval workflow.

Roles, workflow states and workflow actions are shared names on a site. Those this app had to create are noted down,
so that uninstalling removes them and leaves alone what was there before.
"""

from __future__ import annotations

import json

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from sentia_ops.custom_fields import CUSTOM_FIELDS
from sentia_ops.overrides import supplier_scorecard
from sentia_ops.permissions import MANAGER, OPERATOR, ROLES
from sentia_ops.replenishment import tiers

CREATED = (
	"sentia_ops_created_records"  # key of the note, a JSON list of [doctype, name], in the site's defaults
)
WORKFLOW = "Reorder Recommendation"
DOCTYPE = "Reorder Recommendation"
STATES = {  # state -> indicator style; Frappe: Primary blue, Success green, Danger red, Warning orange
	"Draft": "Primary",
	"Approved": "Success",
	"Ordered": "Success",
	"Rejected": "Danger",
	"Snoozed": "Warning",
	"Expired": "",
}
EDITED_BY = {  # who may edit a recommendation in a state; in the other states nobody needs to
	"Draft": (MANAGER, OPERATOR),
	"Snoozed": (MANAGER, OPERATOR),
}
LIST_COLUMNS = {  # Frappe shows four on a common screen, which is too few to decide by
	"Reorder Recommendation": ["status_field", "urgency", "qty", "warehouse", "order_by", "cost"],
	"Demand Forecast": ["status_field", "warehouse", "next_28_days", "demand_class", "mase"],
	"Forecast Total": ["level", "date", "qty", "lo80", "hi80"],
	"Forecast Score": ["status_field", "warehouse", "as_of", "expected", "sold", "mase"],
	"Forecast Override": ["status_field", "warehouse", "kind", "value", "from_date", "to_date", "planner"],
	"Demand Factor": ["kind", "item_code", "from_date", "to_date", "value"],
	"Stock Policy": ["warehouse", "verdict", "on_hand", "days_of_cover", "stockout_on"],
	"Planning Scenario": ["status_field", "cost_change", "orders_changed"],
	"Stock Policy Override": [
		"item_code",
		"item_group",
		"warehouse",
		"hold",
		"service_level",
		"service_measure",
	],
	"Recommendation Outcome": ["supplier", "segment", "is_good", "stockout_days", "excess_qty", "regret"],
	"Approval Right": ["may_approve", "since", "backtest_pass", "outcomes", "good_share"],
	"Supplier Performance": ["status_field", "score", "on_time", "days_late", "findings"],
	"Excess Stock": ["warehouse", "proposal", "excess_qty", "excess_value", "holding_cost", "days_of_cover"],
	"Stock Allocation": ["warehouse", "available", "demand", "allocated", "short", "lost_margin"],
	"Production Job": ["status_field", "qty", "due_at", "scheduled_end", "tardiness"],
	"Production Schedule": ["status_field", "jobs", "late_jobs", "unplaced", "made_at"],
	"Scheduled Operation": ["operation", "workstation", "starts_at", "ends_at", "schedule"],
	"Production Schedule Job": ["starts_at", "ends_at", "due_at", "tardiness", "schedule"],
	"Unplaced Operation": ["job", "step", "code", "text"],
	"Station Load": ["workstation", "week", "open_hours", "work_hours", "setup_hours"],
	"Setup Time": ["workstation", "from_family", "to_family", "minutes"],
	"Workstation Exception": ["kind", "starts_at", "ends_at", "reason"],
	"Planning Run": ["status_field", "trigger", "started", "duration"],
}
OWN_WORDS = ("Snoozed", "Rejected")  # states whose mark in the list says until when, or why
TRANSITIONS = [  # from, action, to, who. Draft to Approved: see `tiers`. Ordered and Expired: the system alone
	("Draft", "Reject", "Rejected", (MANAGER, OPERATOR)),
	("Draft", "Snooze", "Snoozed", (MANAGER, OPERATOR)),
	("Snoozed", "Reject", "Rejected", (MANAGER, OPERATOR)),
	("Snoozed", "Reopen", "Draft", (MANAGER, OPERATOR)),
]


def before_install() -> None:
	"""Create the roles before the doctypes' permissions would do it unnoticed."""
	for role in ROLES:
		_ensure("Role", role, role_name=role, desk_access=1)


def after_install() -> None:
	create_custom_fields(CUSTOM_FIELDS)
	make_workflow()
	make_list_views()
	supplier_scorecard.register()
	# the install filled in the site's default company; empty means all of them
	frappe.db.set_single_value("Sentia Settings", "company", None)
	make_first_tier()


def make_first_tier() -> None:
	"""An Operations Manager may approve any amount."""
	settings = frappe.get_doc("Sentia Settings")
	if not settings.approval_tiers:
		settings.append("approval_tiers", {"role": MANAGER})
		settings.save(ignore_permissions=True)


def make_workflow() -> None:
	if frappe.db.exists("Workflow", WORKFLOW):
		return
	for state, style in STATES.items():
		_ensure("Workflow State", state, workflow_state_name=state, style=style)
	for action in {"Approve", *(action for _from, action, _to, _who in TRANSITIONS)}:
		_ensure("Workflow Action Master", action, workflow_action_name=action)
	workflow = frappe.new_doc("Workflow")
	workflow.update(
		{
			"workflow_name": WORKFLOW,
			"document_type": DOCTYPE,
			"workflow_state_field": "status",
			"is_active": 1,
			"send_email_alert": 0,
		}
	)
	for state in STATES:
		for role in EDITED_BY.get(state, (MANAGER,)):
			own = {"avoid_status_override": int(state in OWN_WORDS)}
			workflow.append("states", {"state": state, "doc_status": "0", "allow_edit": role, **own})
	for row in tiers.transitions():
		workflow.append("transitions", row)
	for start, action, end, roles in TRANSITIONS:
		for role in roles:
			row = {"state": start, "action": action, "next_state": end, "allowed": role}
			workflow.append("transitions", {**row, "allow_self_approval": 1})
	workflow.insert(ignore_permissions=True)


def make_list_views() -> None:
	for doctype, columns in LIST_COLUMNS.items():
		if frappe.db.exists("List View Settings", doctype):
			continue
		title = frappe.get_meta(doctype).title_field or "name"
		settings = frappe.new_doc("List View Settings")
		fields = json.dumps([{"fieldname": name} for name in (title, *columns)])
		# title, tags, then the columns
		settings.update({"fields": fields, "total_fields": str(len(columns) + 2), "disable_comment_count": 1})
		settings.insert(set_name=doctype, ignore_permissions=True)


def created_records() -> list[tuple[str, str]]:
	"""(doctype, name) of the shared records that this app created, oldest first.

	Not by `get_global`: that reads a cache, which a worker of the same site can fill with what was there before.
	"""
	note = frappe.db.get_value("DefaultValue", {"parent": "__global", "defkey": CREATED}, "defvalue")
	return [tuple(row) for row in json.loads(note or "[]")]


def _ensure(doctype: str, name: str, **values) -> None:
	if frappe.db.exists(doctype, name):
		return
	frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)
	frappe.db.set_global(CREATED, json.dumps([*created_records(), (doctype, name)]))
