"""Approving: one draft document, linked both ways, exactly once, or nothing at all."""

from __future__ import annotations

import multiprocessing

import frappe
import pytest
from factories import (
	company,
	make_item,
	make_recommendation,
	make_supplier,
	make_user,
	make_warehouse,
)
from frappe.model.workflow import apply_workflow
from frappe.utils import add_days, flt, getdate, today

from sentia_ops.permissions import MANAGER, OPERATOR
from sentia_ops.replenishment.approval import approve, approve_many

DOCTYPE = "Reorder Recommendation"


def setting(**values):
	settings = frappe.get_doc("Sentia Settings")
	settings.update(values)
	settings.save()


def state(name):
	return frappe.db.get_value(DOCTYPE, name, ["status", "purchase_order", "open_key"], as_dict=True)


def give_bad_standing(supplier):
	"""ERPNext heeds `prevent_pos` only where a scorecard says why."""
	card = {
		"doctype": "Supplier Scorecard",
		"name": supplier.name,
		"supplier": supplier.name,
		"status": "Very Poor",
	}
	frappe.get_doc(card).db_insert()


def test_approve_makes_a_draft_purchase_order_that_carries_everything():
	item, supplier, warehouse = make_item(), make_supplier(), make_warehouse()
	rec = make_recommendation(
		item, warehouse, supplier, qty=120, unit_price=4.2, need_by=add_days(today(), 9)
	)
	made = approve(rec.name)
	order = frappe.get_doc(made["doctype"], made["name"])
	line = order.items[0]
	assert (made["doctype"], order.docstatus, len(order.items)) == ("Purchase Order", 0, 1)
	assert (order.supplier, order.company, order.currency) == (supplier.name, company(), "GBP")
	assert (line.item_code, line.qty, line.rate, line.uom) == (item.name, 120, 4.2, "Nos")
	assert (line.warehouse, getdate(line.schedule_date)) == (warehouse.name, getdate(add_days(today(), 9)))
	assert line.sentia_recommendation == rec.name
	assert order.grand_total == pytest.approx(504)
	rec.reload()
	assert (rec.status, rec.purchase_order, rec.approved_by) == ("Approved", order.name, "Administrator")
	assert rec.approved_on and rec.open_key == f"{item.name}|{warehouse.name}|buy"


def test_price_list_and_pricing_rule_do_not_replace_the_approved_price():
	item, supplier = make_item(), make_supplier()
	price = {"item_code": item.name, "price_list": "Standard Buying", "price_list_rate": 9.99}
	frappe.get_doc({"doctype": "Item Price", **price}).insert()
	rule = {
		"doctype": "Pricing Rule",
		"title": "Half price",
		"apply_on": "Item Code",
		"items": [{"item_code": item.name}],
		"buying": 1,
		"rate_or_discount": "Discount Percentage",
		"discount_percentage": 50,
		"company": company(),
		"currency": "GBP",
	}
	frappe.get_doc(rule).insert()
	rec = make_recommendation(item, supplier=supplier, unit_price=4.2)
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	assert order.items[0].rate == 4.2
	order.save()  # as a buyer would; the price must outlive it
	assert frappe.get_doc("Purchase Order", order.name).items[0].rate == 4.2


def test_a_need_in_the_past_is_due_when_the_supplier_can_deliver():
	rec = make_recommendation(order_by=add_days(today(), -20), need_by=add_days(today(), -5))
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	assert getdate(order.items[0].schedule_date) == getdate(add_days(today(), 15)), "the days between the two"


def test_foreign_currency_takes_the_site_rate():
	exchange = {"from_currency": "EUR", "to_currency": "GBP", "exchange_rate": 0.8, "for_buying": 1}
	frappe.get_doc({"doctype": "Currency Exchange", "date": today(), **exchange}).insert()
	supplier = make_supplier(default_currency="EUR")
	rec = make_recommendation(supplier=supplier, unit_price=10, currency="EUR", qty=10)
	assert rec.cost == pytest.approx(80)
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	assert (order.currency, order.conversion_rate) == ("EUR", 0.8)
	assert (order.items[0].rate, order.items[0].base_rate) == (10, 8)


def test_approving_again_answers_with_the_same_order():
	rec = make_recommendation()
	assert approve(rec.name) == approve(rec.name)
	assert frappe.db.count("Purchase Order Item", {"sentia_recommendation": rec.name}) == 1


def test_workflow_button_makes_the_order_too():
	rec = make_recommendation()
	apply_workflow(rec, "Approve")
	assert state(rec.name).status == "Approved"
	assert frappe.db.exists("Purchase Order", state(rec.name).purchase_order)


def test_material_request_by_setting():
	setting(order_document="Material Request")
	rec = make_recommendation(qty=30)
	made = approve(rec.name)
	request = frappe.get_doc("Material Request", made["name"])
	assert (request.docstatus, request.material_request_type) == (0, "Purchase")
	assert (request.items[0].qty, request.items[0].sentia_recommendation) == (30, rec.name)
	assert frappe.db.get_value(DOCTYPE, rec.name, "material_request") == request.name


def test_made_items_become_a_request_to_manufacture():
	rec = make_recommendation(supplier="", action="make", unit_price=0)
	request = frappe.get_doc("Material Request", approve(rec.name)["name"])
	assert request.material_request_type == "Manufacture"


def test_without_supplier_a_material_request_and_a_word_about_it():
	rec = make_recommendation(supplier="")
	made = approve(rec.name)
	assert made["doctype"] == "Material Request"
	assert any("no supplier" in str(m) for m in frappe.get_message_log())


@pytest.mark.parametrize(
	("supplier", "item", "words"),
	[
		({"on_hold": 1, "hold_type": "All"}, {}, "block"),
		({"prevent_pos": 1}, {}, "Purchase Orders are not allowed"),
		({}, {"min_order_qty": 500}, "minimum order qty"),
		({}, {"is_purchase_item": 0}, "Purchase Item"),
		({}, {"disabled": 1}, "disabled"),
	],
)
def test_what_erpnext_refuses_is_said_and_leaves_a_draft(supplier, item, words):
	thing, source = make_item(**item), make_supplier(**supplier)
	if source.prevent_pos:
		give_bad_standing(source)
	rec = make_recommendation(thing, supplier=source)
	result = approve_many([rec.name])[0]
	assert words.lower() in result["error"].lower()
	assert "<" not in result["error"]
	assert state(rec.name).status == "Draft" and not state(rec.name).purchase_order
	assert not frappe.db.exists("Purchase Order Item", {"sentia_recommendation": rec.name})


def test_fractions_of_whole_units_are_refused():
	frappe.db.set_value("UOM", "Nos", "must_be_whole_number", 1)
	rec = make_recommendation(qty=10.5)
	with pytest.raises(frappe.ValidationError, match=r"whole number|fraction"):
		approve(rec.name)


def test_one_bad_row_leaves_the_others_approved():
	good, bad, last = make_recommendation(), make_recommendation(), make_recommendation()
	frappe.db.set_value("Supplier", bad.supplier, {"on_hold": 1, "hold_type": "All"})
	results = approve_many([good.name, bad.name, last.name, "REC-none"])
	assert ["document" in row for row in results] == [True, False, True, False]
	assert [state(r.name).status for r in (good, bad, last)] == ["Approved", "Draft", "Approved"]
	assert results[3]["name"] == "REC-none" and "no such recommendation" in results[3]["error"]
	assert not [m for m in frappe.get_message_log() if m.get("raise_exception")]  # said in its row instead


def test_only_drafts_can_be_approved():
	rec = make_recommendation()
	rec.db_set("reject_reason", "Not needed")
	apply_workflow(rec, "Reject")
	with pytest.raises(frappe.ValidationError, match="Rejected"):
		approve(rec.name)


def test_an_operator_may_not_approve_by_any_door():
	rec = make_recommendation()
	operator = make_user(OPERATOR)
	frappe.set_user(operator.name)
	with pytest.raises(frappe.PermissionError):
		approve(rec.name)
	with pytest.raises(frappe.ValidationError):
		apply_workflow(frappe.get_doc(DOCTYPE, rec.name), "Approve")
	doc = frappe.get_doc(DOCTYPE, rec.name)
	doc.status = "Approved"
	with pytest.raises(frappe.PermissionError):
		doc.save()
	assert state(rec.name).status == "Draft"


def test_without_the_workflow_it_still_takes_a_manager():
	rec = make_recommendation()
	frappe.db.set_value("Workflow", DOCTYPE, "is_active", 0)
	frappe.cache.hdel("workflow", DOCTYPE)
	try:
		frappe.set_user(make_user(OPERATOR).name)
		doc = frappe.get_doc(DOCTYPE, rec.name)
		doc.status = "Approved"
		with pytest.raises(frappe.PermissionError):
			doc.save()
	finally:
		frappe.cache.hdel("workflow", DOCTYPE)


def test_a_manager_without_purchasing_roles_can_approve():
	rec = make_recommendation()
	manager = make_user(MANAGER)
	frappe.set_user(manager.name)
	approve(rec.name)
	assert frappe.db.get_value(DOCTYPE, rec.name, "approved_by") == manager.name


def test_submitting_the_order_makes_it_ordered_and_frees_the_key():
	rec = make_recommendation()
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	order.submit()
	assert (state(rec.name).status, state(rec.name).open_key) == ("Ordered", None)
	again = make_recommendation(rec.item_code, rec.warehouse, rec.supplier)
	assert again.status == "Draft"


@pytest.mark.parametrize("ending", ["delete", "cancel", "remove row"])
def test_without_its_order_a_recommendation_is_a_draft_again(ending):
	rec, other = make_recommendation(), make_item()
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	if ending == "delete":
		order.delete()
	elif ending == "cancel":
		order.submit()
		order.cancel()
	else:
		order.append("items", {"item_code": other.name, "qty": 1, "rate": 1, "warehouse": rec.warehouse})
		order.remove(order.items[0])
		order.save()
	now = state(rec.name)
	assert (now.status, now.purchase_order, now.open_key) == ("Draft", None, rec.open_key)
	comments = frappe.get_all(
		"Comment", {"reference_name": rec.name, "comment_type": "Info"}, pluck="content"
	)
	assert any(order.name in text for text in comments)
	assert approve(rec.name)["name"]  # and can be approved anew


def test_cancelled_order_with_a_newer_recommendation_open_expires_the_old_one():
	rec = make_recommendation()
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	order.submit()
	newer = make_recommendation(rec.item_code, rec.warehouse, rec.supplier)
	order.reload()
	order.cancel()
	assert (state(rec.name).status, state(rec.name).open_key) == ("Expired", None)
	assert newer.name in frappe.db.get_value(DOCTYPE, rec.name, "decision_note")
	assert state(newer.name).status == "Draft"


def test_one_open_recommendation_per_item_and_warehouse():
	rec = make_recommendation()
	with pytest.raises(frappe.UniqueValidationError):
		make_recommendation(rec.item_code, rec.warehouse, rec.supplier)


def test_snooze_reopen_reject():
	setting(snooze_days=5)
	rec = apply_workflow(make_recommendation(), "Snooze")
	assert (rec.status, getdate(rec.snoozed_until)) == ("Snoozed", getdate(add_days(today(), 5)))
	rec = apply_workflow(rec, "Reopen")
	assert (rec.status, rec.snoozed_until) == ("Draft", None)
	rec.db_set("reject_reason", "Not needed")
	rec = apply_workflow(rec, "Reject")
	assert (rec.status, rec.open_key) == ("Rejected", None)
	make_recommendation(rec.item_code, rec.warehouse, rec.supplier)  # the way is free


def test_an_edited_quantity_changes_the_cost_and_the_order():
	rec = make_recommendation(qty=100, unit_price=4.2)
	rec.qty = 150
	rec.save()
	assert flt(rec.cost) == pytest.approx(630)
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	assert order.items[0].qty == 150


def _approve_in_a_process(site, name, start, answers):
	"""A web worker of its own: own connection, own transaction, commits like a request."""
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.db.get_value(DOCTYPE, name, "status")  # opens the snapshot, as reading the session does
	start.wait()
	try:
		answers.put(approve(name)["name"])
		frappe.db.commit()
	except Exception as error:  # whatever it is, the test must see it
		frappe.db.rollback()
		answers.put(f"{type(error).__name__}: {error}")
	frappe.destroy()


@pytest.fixture
def committed(site):
	"""A recommendation that other connections can see; removed afterwards with all it led to."""
	rec = make_recommendation()
	frappe.db.commit()
	yield rec
	frappe.db.rollback()
	for order in frappe.get_all("Purchase Order Item", {"sentia_recommendation": rec.name}, pluck="parent"):
		frappe.delete_doc("Purchase Order", order, force=True)
	frappe.delete_doc(DOCTYPE, rec.name, force=True)
	for doctype, name in (("Item", rec.item_code), ("Warehouse", rec.warehouse), ("Supplier", rec.supplier)):
		frappe.delete_doc(doctype, name, force=True)
	frappe.db.commit()


@pytest.mark.parametrize("attempt", range(3))
def test_two_people_at_once_get_one_order(site, committed, attempt):
	context = multiprocessing.get_context("spawn")
	start, answers = context.Barrier(2), context.Queue()
	arguments = (site, committed.name, start, answers)
	people = [context.Process(target=_approve_in_a_process, args=arguments) for _ in range(2)]
	for person in people:
		person.start()
	got = [answers.get(timeout=120) for _ in people]
	for person in people:
		person.join(30)
	frappe.db.rollback()  # a new snapshot
	orders = frappe.get_all("Purchase Order Item", {"sentia_recommendation": committed.name}, pluck="parent")
	assert len(orders) == 1
	assert got == [orders[0]] * 2
	assert state(committed.name).purchase_order == orders[0]
