"""ERPNext's own reorder levels: written from the policy, and with its own reorder job run: goods are never ordered twice."""

from __future__ import annotations

import frappe
import pytest
from erpnext.stock.reorder_item import reorder_item
from factories import make_item, make_recommendation, make_stock, make_supplier, make_user, make_warehouse
from trade import read

from sentia_ops.api.stock_policy import apply_levels, level_changes
from sentia_ops.permissions import MANAGER, OPERATOR
from sentia_ops.replenishment import reorder_levels
from sentia_ops.replenishment.approval import approve, approve_many
from sentia_ops.replenishment.frames import INBOUND

FIELDS = [
	"warehouse",
	"warehouse_group",
	"warehouse_reorder_level",
	"warehouse_reorder_qty",
	"material_request_type",
]


@pytest.fixture(autouse=True)
def clean(rollback):
	frappe.db.delete("Stock Policy")
	frappe.db.delete("Item Reorder")
	indent(0)
	setting(write_levels="off", use_autonomy=0)


def setting(**values):
	settings = frappe.get_doc("Sentia Settings")
	settings.update(values)
	settings.save()


def indent(on: int) -> None:
	frappe.db.set_single_value("Stock Settings", "auto_indent", on)


def make_policy(item, shed, level=60.0, qty=120.0, verdict="order"):
	doc = {"doctype": "Stock Policy", "item_code": item.name, "warehouse": shed.name, "verdict": verdict,
	       "reorder_point": level, "order_qty": qty}  # fmt: skip
	return frappe.get_doc(doc).insert(ignore_permissions=True)


def levels(item) -> list[tuple]:
	rows = frappe.get_all("Item Reorder", {"parent": item.name}, FIELDS, order_by="idx")
	return [tuple(row.values()) for row in rows]


def requests_for(item) -> int:
	return frappe.db.count("Material Request Item", {"item_code": item.name})


def test_a_level_is_written_once_and_changed_in_place(item, shed):
	policy = make_policy(item, shed, 59.2, 118.7)  # counted in whole pieces
	frappe.db.set_value("UOM", item.stock_uom, "must_be_whole_number", 1)
	(change,) = reorder_levels.apply()
	assert (change["old_level"], change["level"], change["old_qty"], change["qty"]) == (None, 60, None, 119)
	assert levels(item) == [(shed.name, shed.name, 60, 119, "Purchase")]
	assert reorder_levels.apply() == [], "nothing left to change"
	policy.db_set("reorder_point", 80)
	(change,) = reorder_levels.apply()
	assert (change["old_level"], change["level"]) == (60, 80) and len(levels(item)) == 1
	frappe.get_doc("Item", item.name).save()  # ERPNext accepts what was written


def test_an_open_form_cannot_write_the_old_levels_back(item, shed):
	form = frappe.get_doc("Item", item.name)
	make_policy(item, shed)
	reorder_levels.apply()
	with pytest.raises(frappe.TimestampMismatchError):
		form.save()


def test_only_what_is_planned_and_wanted(item, shed):
	make_policy(item, shed, verdict="no demand")
	other = make_warehouse()
	doc = frappe.get_doc("Item", item.name)
	doc.append("reorder_levels", {"warehouse": other.name, "warehouse_reorder_level": 5, "warehouse_reorder_qty": 5,
	                              "material_request_type": "Purchase"})  # fmt: skip
	doc.save()
	assert reorder_levels.apply() == []
	assert [row[0] for row in levels(item)] == [other.name], "a level for another warehouse is left alone"


def test_one_click_takes_a_manager(item, shed):
	policy = make_policy(item, shed)
	frappe.set_user(make_user(OPERATOR).name)
	assert level_changes(f'["{policy.name}"]')["data"]["total"] == 1
	with pytest.raises(frappe.PermissionError):
		apply_levels([policy.name])
	frappe.set_user(make_user(MANAGER).name)
	told = apply_levels([policy.name])["data"]
	assert told["total"] == 1 and told["changes"][0]["level"] == 60 and len(levels(item)) == 1


def test_on_approval(item, shed):
	setting(write_levels="when approved")
	make_policy(item, shed)
	rec = make_recommendation(item, shed, make_supplier())
	approve(rec.name)
	assert levels(item) == [(shed.name, shed.name, 60, 120, "Purchase")]
	notes = frappe.get_all("Comment", {"reference_name": rec.name, "comment_type": "Info"}, pluck="content")
	assert any("Reorder levels written" in text and "0 → 60" in text for text in notes)


def test_after_every_plan_told_on_the_run(item, shed):
	make_policy(item, shed)
	run = frappe.get_doc({"doctype": "Planning Run", "flow": "plan", "trigger": "manual", "status": "Completed",
	                      "user": "Administrator", "started": frappe.utils.now()}).insert()  # fmt: skip
	reorder_levels.apply_after_plan(run.name)
	assert not levels(item), "off"
	setting(write_levels="after every plan")
	reorder_levels.apply_after_plan(run.name)
	assert len(levels(item)) == 1
	assert frappe.db.exists("Comment", {"reference_name": run.name, "content": ("like", f"%{item.name}%")})


def test_with_automatic_requests_off_erpnext_orders_nothing_and_we_may(item, shed):
	make_stock(item, shed, 10)
	make_policy(item, shed)
	reorder_levels.apply()
	reorder_item()
	assert requests_for(item) == 0
	assert approve(make_recommendation(item, shed).name)


def test_with_them_on_erpnext_orders_and_we_may_not(item, shed):
	make_stock(item, shed, 10)
	make_policy(item, shed)
	reorder_levels.apply()
	indent(1)
	free = make_recommendation(make_item(), shed, make_supplier())
	taken = make_recommendation(item, shed, free.supplier)
	reorder_item()
	assert requests_for(item) == 1
	rows = approve_many([taken.name, free.name])
	assert "ordered twice" in rows[0]["error"] and "document" in rows[1], (
		"only what has a level is left to ERPNext"
	)
	inbound = read(INBOUND, item)
	assert inbound[["qty", "kind"]].values.tolist() == [[120, "MR"]], (
		"the next plan counts on ERPNext's request"
	)
	reorder_item()
	assert requests_for(item) == 1


def test_a_variant_has_its_templates_level(item, shed):
	indent(1)
	template = make_item()
	make_policy(template, shed)
	reorder_levels.apply()
	frappe.db.set_value("Item", item.name, "variant_of", template.name)
	frappe.clear_document_cache("Item", item.name)
	with pytest.raises(frappe.ValidationError, match="ordered twice"):
		approve(make_recommendation(item, shed).name)


@pytest.mark.parametrize(("values", "refused"), [
	({"write_levels": "when approved"}, True),
	({"write_levels": "after every plan"}, False),
	({"write_levels": "after every plan", "use_autonomy": 1}, True),
	({"use_autonomy": 1}, False),
])  # fmt: skip
def test_settings_that_would_let_both_order_are_refused_on_both_sides(values, refused):
	indent(1)
	if refused:
		with pytest.raises(frappe.ValidationError, match="automatic Material Requests are on"):
			setting(**values)
	else:
		setting(**values)
	indent(0)
	setting(**values)
	stock = frappe.get_doc("Stock Settings")
	stock.auto_indent = 1
	if refused:
		with pytest.raises(frappe.ValidationError, match="automatic Material Requests are on"):
			stock.save()
	else:
		stock.save()
