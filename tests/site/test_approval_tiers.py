"""Amount tiers: real users of different roles, below and above their limit, by every way there is to approve."""

from __future__ import annotations

import frappe
import pytest
from factories import make_recommendation, make_user
from frappe.model.workflow import apply_workflow, get_transitions

from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.replenishment.approval import approve, approve_many
from sentia_ops.replenishment.tiers import limit_of_user

DOCTYPE = "Reorder Recommendation"


@pytest.fixture(autouse=True)
def tiers(rollback):
	"""Operators up to 500, managers without limit."""
	set_tiers((OPERATOR, 500), (MANAGER, 0))
	yield
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	frappe.clear_document_cache("Workflow", DOCTYPE)


def set_tiers(*rows) -> None:
	settings = frappe.get_doc("Sentia Settings")
	settings.set("approval_tiers", [{"role": role, "up_to": up_to} for role, up_to in rows])
	settings.save()


def login(*roles: str):
	user = make_user(*roles)
	frappe.set_user(user.name)
	return user


def status(rec) -> str:
	return frappe.db.get_value(DOCTYPE, rec.name, "status")


@pytest.mark.parametrize(("qty", "roles", "may"), [
	(100, (OPERATOR,), True),  # 420.00
	(119, (OPERATOR,), True),  # 499.80
	(120, (OPERATOR,), False),  # 504.00
	(120, (OPERATOR, MANAGER), True),
	(120, (MANAGER,), True),
	(1, (VIEWER,), False),
])  # fmt: skip
def test_below_and_above(qty, roles, may):
	rec = make_recommendation(qty=qty)
	login(*roles)
	row = approve_many([rec.name])[0]
	assert ("document" in row, status(rec)) == ((True, "Approved") if may else (False, "Draft"))


def test_a_refusal_names_the_amount_the_limit_and_who_may():
	rec = make_recommendation(qty=1000)
	boss = make_user(MANAGER)
	login(OPERATOR)
	with pytest.raises(frappe.PermissionError) as refused:
		approve(rec.name)
	text = str(refused.value)
	assert "4,200.00" in text and "500.00" in text and f"role {MANAGER}" in text and boss.first_name in text
	doc = frappe.get_doc(DOCTYPE, rec.name)
	doc.onload()
	assert doc.get_onload("cannot_approve") == text, "the form says the same"


def test_the_form_offers_approve_only_within_the_limit():
	small, large = make_recommendation(qty=10), make_recommendation(qty=1000)
	login(OPERATOR)
	offered = [[step["action"] for step in get_transitions(rec)] for rec in (small, large)]
	assert "Approve" in offered[0] and "Approve" not in offered[1]
	with pytest.raises(frappe.ValidationError):
		apply_workflow(large, "Approve")
	assert apply_workflow(small, "Approve").purchase_order


def test_an_amount_raised_in_the_same_breath_is_what_counts():
	"""One PUT that sets quantity and status: the workflow itself looks at the figures before."""
	rec = make_recommendation(qty=10)
	login(OPERATOR)
	doc = frappe.get_doc(DOCTYPE, rec.name)
	doc.update({"qty": 1000, "status": "Approved"})
	with pytest.raises(frappe.PermissionError, match=r"4,200\.00"):
		doc.save()


def test_a_cost_that_is_not_known_is_within_no_limit():
	rec = make_recommendation(unit_price=0)
	login(OPERATOR)
	with pytest.raises(frappe.PermissionError, match="not known"):
		approve(rec.name)


def test_new_limits_count_at_once_and_other_transitions_stay():
	before = {(t.state, t.action, t.allowed) for t in frappe.get_doc("Workflow", DOCTYPE).transitions}
	set_tiers((OPERATOR, 5000), (MANAGER, 0))
	assert {(t.state, t.action, t.allowed) for t in frappe.get_doc("Workflow", DOCTYPE).transitions} == before
	rec = make_recommendation(qty=1000)
	login(OPERATOR)
	assert limit_of_user() == 5000 and approve(rec.name)


def test_no_tiers_means_the_manager_and_a_limit_for_all_means_nobody_above_it():
	set_tiers()
	(row,) = frappe.get_doc("Sentia Settings").approval_tiers
	assert (row.role, row.up_to) == (MANAGER, 0)
	set_tiers((MANAGER, 100))
	rec = make_recommendation()
	login(MANAGER)
	with pytest.raises(frappe.PermissionError, match="Nobody may"):
		approve(rec.name)


@pytest.mark.parametrize(("rows", "words"), [
	([(OPERATOR, 5), (OPERATOR, 9)], "twice"),
	([(VIEWER, 5)], "may not write"),
])  # fmt: skip
def test_tiers_that_cannot_work_are_refused(rows, words):
	with pytest.raises(frappe.ValidationError, match=words):
		set_tiers(*rows)
