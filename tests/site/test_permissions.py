"""Who may do what, tried as real users with one role each."""

from __future__ import annotations

import frappe
import pytest
from factories import make_recommendation, make_user, make_warehouse
from frappe.model.workflow import apply_workflow, get_transitions

from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER, has_app_permission
from sentia_ops.replenishment.approval import approve, approve_many
from sentia_ops.sentia_ops.number_cards import forecasts_better_than_naive, last_run

DOCTYPE = "Reorder Recommendation"
RESULTS = ["Planning Run", "Demand Forecast", "Forecast Score", "Stock Policy"]


def become(*roles):
	frappe.set_user(make_user(*roles).name)


@pytest.mark.parametrize(
	("role", "actions"),
	[(MANAGER, {"Approve", "Reject", "Snooze"}), (OPERATOR, {"Reject", "Snooze"}), (VIEWER, set())],
)
def test_workflow_offers_each_role_its_own_actions(role, actions):
	rec = make_recommendation()
	become(role)
	assert {step["action"] for step in get_transitions(rec)} == actions


@pytest.mark.parametrize(
	("role", "may"),
	[
		(MANAGER, {"read", "write", "create", "delete"}),
		(OPERATOR, {"read", "write", "create"}),
		(VIEWER, {"read"}),
		("Purchase User", set()),
	],
)
def test_rights_on_recommendations(role, may):
	become(role)
	rights = {
		right for right in ("read", "write", "create", "delete") if frappe.has_permission(DOCTYPE, right)
	}
	assert rights == may


@pytest.mark.parametrize("doctype", RESULTS)
@pytest.mark.parametrize("role", [MANAGER, OPERATOR, VIEWER])
def test_results_are_read_by_all_and_changed_by_none(doctype, role):
	become(role)
	assert frappe.has_permission(doctype, "read")
	assert not any(frappe.has_permission(doctype, right) for right in ("write", "create", "delete"))


def test_only_managers_configure():
	for role, may in ((MANAGER, True), (OPERATOR, False), (VIEWER, False)):
		frappe.set_user("Administrator")
		become(role)
		assert frappe.has_permission("Sentia Settings", "write") is may
		assert frappe.has_permission("Sentia Settings", "read")


def test_a_viewer_cannot_change_anything():
	rec = make_recommendation()
	become(VIEWER)
	doc = frappe.get_doc(DOCTYPE, rec.name)
	doc.qty = 7
	with pytest.raises(frappe.PermissionError):
		doc.save()
	with pytest.raises(frappe.ValidationError):
		apply_workflow(doc, "Snooze")
	assert approve_many([rec.name])[0]["error"]
	assert frappe.db.get_value(DOCTYPE, rec.name, ["qty", "status"]) == (100, "Draft")


def test_an_operator_edits_snoozes_and_rejects():
	rec = make_recommendation()
	become(OPERATOR)
	doc = frappe.get_doc(DOCTYPE, rec.name)
	doc.qty = 60
	doc.save()
	doc = apply_workflow(doc, "Snooze")
	doc.reject_reason = "Not needed"
	doc.save()
	assert apply_workflow(doc, "Reject").status == "Rejected"


def test_nobody_is_born_approved():
	rec = make_recommendation()
	shed = make_warehouse().name
	for role in (OPERATOR, MANAGER):
		frappe.set_user("Administrator")
		become(role)
		fields = {"item_code": rec.item_code, "warehouse": shed, "supplier": rec.supplier, "qty": 1}
		frappe.db.savepoint("born")
		with pytest.raises(frappe.ValidationError, match="starts as a draft"):
			frappe.get_doc({"doctype": DOCTYPE, **fields, "status": "Approved"}).insert()
		frappe.db.rollback(save_point="born")


def test_a_link_to_an_order_cannot_be_forged():
	"""Read-only fields arrive through REST like any other; a forged link would look like an approval."""
	theirs, rec = make_recommendation(), make_recommendation()
	order = approve(theirs.name)["name"]
	become(OPERATOR)
	doc = frappe.get_doc(DOCTYPE, rec.name)
	doc.update({"purchase_order": order, "approved_by": "Administrator", "open_key": "free"})
	doc.save()
	doc.reload()
	assert (doc.purchase_order, doc.approved_by) == (None, None)
	assert doc.open_key == f"{rec.item_code}|{rec.warehouse}|buy"


def test_what_was_decided_stays():
	rec = make_recommendation()
	approve(rec.name)
	become(OPERATOR)
	doc = frappe.get_doc(DOCTYPE, rec.name)
	doc.qty = 9000
	with pytest.raises(frappe.ValidationError, match="no longer be changed"):
		doc.save()


def test_user_permissions_on_a_warehouse_hold():
	mine, other = make_recommendation(), make_recommendation()
	user = make_user(MANAGER)
	permission = {
		"doctype": "User Permission",
		"user": user.name,
		"allow": "Warehouse",
		"for_value": mine.warehouse,
	}
	frappe.get_doc(permission).insert(ignore_permissions=True)
	frappe.clear_cache(user=user.name)
	frappe.set_user(user.name)
	seen = frappe.get_list(DOCTYPE, pluck="name")
	assert mine.name in seen and other.name not in seen
	assert approve_many([other.name])[0]["error"]
	assert approve_many([mine.name])[0]["document"]


def test_apps_screen_and_cards_need_a_role():
	become(VIEWER)
	assert has_app_permission()
	assert last_run()
	frappe.set_user("Administrator")
	become("Purchase User")
	assert not has_app_permission()
	for card in (last_run, forecasts_better_than_naive):
		with pytest.raises(frappe.PermissionError):
			card()


def test_guests_reach_nothing():
	frappe.set_user("Guest")
	assert not frappe.has_permission(DOCTYPE, "read")
	with pytest.raises(frappe.PermissionError):
		last_run()
