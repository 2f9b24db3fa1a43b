"""A buyer's way through Desk: see, approve, find the order, plan again."""

from __future__ import annotations

import re

import frappe
import pytest
from playwright.sync_api import expect

expect.set_options(timeout=60_000)
PLAN_TIMEOUT = 240_000  # ms; the first forecast of a worker compiles its models


def open_form(desk, doctype: str, name: str):
	desk.goto(f"/app/{doctype.lower().replace(' ', '-')}/{name}")
	desk.wait_for_function(
		"name => window.cur_frm && cur_frm.doc.name === name && !cur_frm.is_dirty()", arg=name
	)


def order_of(rec) -> str | None:
	frappe.db.rollback()  # a new snapshot
	return frappe.db.get_value("Reorder Recommendation", rec.name, "purchase_order")


def test_approve_in_the_form_and_find_the_order(desk, recommendations):
	rec = recommendations[0]
	open_form(desk, "Reorder Recommendation", rec.name)
	expect(desk.locator(".sentia-headline:visible")).to_have_text(rec.summary)
	expect(desk.locator(".sentia-chart svg:visible")).to_be_visible()
	expect(desk.locator(".sentia-table:visible").first).to_contain_text("Safety stock")
	desk.locator(".actions-btn-group button:visible").click()
	desk.locator(".actions-btn-group .dropdown-item", has_text="Approve").click()
	expect(desk.locator(".page-head .indicator-pill:visible", has_text="Approved")).to_be_visible()
	order = order_of(rec)
	assert order
	link = desk.locator(".sentia-fact a:visible", has_text=order)
	expect(link).to_be_visible()
	link.click()
	desk.wait_for_function("name => cur_frm && cur_frm.doc.name === name", arg=order)
	assert desk.evaluate("cur_frm.doc.docstatus") == 0
	line = desk.evaluate("cur_frm.doc.items[0]")
	assert (line["item_code"], line["qty"], line["rate"]) == (rec.item_code, 100, 4.2)
	desk.get_by_role("tab", name="Connections").click()
	back = desk.locator(".document-link[data-doctype='Reorder Recommendation'] .badge-link:visible")
	expect(desk.locator(".document-link[data-doctype='Reorder Recommendation'] .count")).to_have_text("1")
	back.click()
	desk.wait_for_function("() => cur_list && cur_list.doctype === 'Reorder Recommendation'")
	expect(desk.locator(".list-row-container:visible", has_text=rec.item_name)).to_be_visible()


def test_reject_asks_why_and_can_be_called_off(desk, recommendations):
	rec = recommendations[0]
	open_form(desk, "Reorder Recommendation", rec.name)

	def reject():
		desk.locator(".actions-btn-group button:visible").click()
		desk.locator(".actions-btn-group .dropdown-item", has_text="Reject").click()
		dialog = desk.locator(".modal.show .modal-dialog", has_text="Reject this recommendation")
		expect(dialog.locator("select")).to_be_focused()
		return dialog

	dialog = reject()
	desk.keyboard.press("Escape")
	expect(dialog).to_be_hidden()
	frappe.db.rollback()
	assert frappe.db.get_value("Reorder Recommendation", rec.name, "status") == "Draft"
	dialog = reject()
	dialog.locator("select").select_option("Not needed")
	dialog.locator("textarea").fill("Replaced by the new model")
	dialog.get_by_role("button", name="Reject").click()
	expect(desk.locator(".page-head .indicator-pill:visible", has_text="Not needed")).to_be_visible()
	frappe.db.rollback()
	rejected = frappe.get_doc("Reorder Recommendation", rec.name)
	assert (rejected.status, rejected.reject_reason) == ("Rejected", "Not needed")
	assert rejected.decision_note == "Replaced by the new model"


def test_approve_several_in_the_list(desk, recommendations):
	names = ",".join(rec.name for rec in recommendations)
	desk.goto(f'/app/reorder-recommendation?name=["in","{names}"]')
	rows = desk.locator(".list-row-container:visible .list-row-checkbox")
	expect(rows).to_have_count(2)
	expect(desk.locator(".indicator-pill.red:visible", has_text="Critical")).to_be_visible()
	for row in rows.all():
		row.check()
	desk.get_by_role("button", name="Actions").click()
	expect(
		desk.locator(".actions-btn-group .dropdown-item:visible", has_text=re.compile("^Approve$"))
	).to_have_count(0)
	desk.locator(".actions-btn-group .dropdown-item:visible", has_text="Approve and make orders").click()
	dialog = desk.locator(".modal-dialog:visible")
	expect(dialog).to_contain_text("Approve 2 recommendations worth £ 840.00")
	assert not any(order_of(rec) for rec in recommendations), "nothing happens before the answer"
	dialog.get_by_role("button", name="Yes").click()
	result = desk.locator(".modal-dialog:visible", has_text="2 of 2 approved")
	expect(result).to_be_visible()
	for rec in recommendations:
		assert order_of(rec)
		expect(result).to_contain_text(order_of(rec))


def test_plan_now_shows_progress_and_links_to_its_run(desk):
	before = frappe.db.count("Planning Run")
	desk.goto("/app/reorder-recommendation")
	desk.locator(".sentia-plan-now:visible").click()
	bar = desk.locator(".sentia-run:visible")
	expect(bar).to_be_visible()
	link = bar.locator("a")
	expect(link).to_have_text(re.compile(r"^PLAN-\d{4}-\d{5}$"))
	expect(desk.locator(".sentia-run.done, .sentia-run.failed")).to_be_visible(timeout=PLAN_TIMEOUT)
	text = bar.inner_text()
	assert "Traceback" not in text and "Error:" not in text
	run = link.inner_text()
	link.click()
	desk.wait_for_function("name => window.cur_frm && cur_frm.doc.name === name", arg=run)
	frappe.db.rollback()
	assert frappe.db.count("Planning Run") == before + 1
	status = frappe.db.get_value("Planning Run", run, "status")
	expect(desk.locator(".sentia-fact .indicator-pill:visible").first).to_have_text(status)
	assert status in ("Completed", "Failed")
	if status == "Failed":  # a site without sales says so
		expect(desk.locator(".sentia-block:visible", has_text="What went wrong")).to_be_visible()
	else:
		expect(desk.locator(".sentia-block:visible", has_text="Rows written")).to_contain_text("forecasts")


@pytest.mark.parametrize("doctype", ["demand-forecast", "planning-run"])
def test_plan_now_is_on_the_other_lists_too(desk, doctype):
	desk.goto(f"/app/{doctype}")
	expect(desk.locator(".sentia-plan-now:visible")).to_be_visible()


def test_settings_form(desk):
	desk.goto("/app/sentia-settings")
	expect(desk.locator(".sentia-plan-now:visible")).to_be_visible()
	expect(desk.locator("[data-fieldname=service_level] input:visible")).to_be_visible()


def test_workspace_shows_its_figures(desk, recommendations):
	desk.goto("/app/sentia-ops")
	card = desk.locator(".number-widget-box", has_text="Critical Recommendations")
	expect(card.locator(".number")).to_have_text(re.compile(r"^[1-9]\d*$"))
	expect(desk.locator(".number-widget-box .number")).to_have_count(6)
	expect(desk.locator(".dashboard-widget-box svg.frappe-chart")).to_have_count(2)
