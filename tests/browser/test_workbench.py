"""The Reorder Workbench as a buyer uses it: look, ask why, change, decide; and with thousands of rows."""

from __future__ import annotations

import frappe
import pytest
from board import make_board, remove_board
from factories import unique
from playwright.sync_api import expect

expect.set_options(timeout=60_000)
DOCTYPE = "Reorder Recommendation"
ROWS = 2_000


def open_workbench(desk, *recs):
	"""Opened, and searched for these recommendations' items when there is but one."""
	desk.goto("/app/reorder-workbench")
	expect(desk.locator(".wb-row").first).to_be_visible()
	if len(recs) == 1:
		desk.locator(".wb-search").fill(recs[0].item_code)
		expect(desk.locator(".wb-row")).to_have_count(1)


def row_of(desk, rec):
	return desk.locator(".wb-row", has_text=rec.item_code)


def fresh(rec, *fields):
	frappe.db.rollback()  # a new snapshot
	return frappe.db.get_value(DOCTYPE, rec.name, fields if len(fields) > 1 else fields[0])


@pytest.fixture(scope="module")
def board(site):
	frappe.db.rollback()
	remove_board()
	names = make_board(ROWS)
	frappe.db.commit()
	yield names
	frappe.db.rollback()
	remove_board()
	frappe.db.commit()


@pytest.fixture
def other_company(site):
	"""A company that keeps its books in euros."""
	name = unique("Books")
	values = (name, name, frappe.generate_hash(length=5))
	frappe.db.sql(
		"insert into `tabCompany` (name, company_name, abbr, default_currency) values (%s, %s, %s, 'EUR')",
		values,
	)
	frappe.db.commit()
	yield name
	frappe.db.rollback()
	frappe.db.sql("delete from `tabCompany` where name = %s", name)
	frappe.db.commit()


def test_the_workspace_leads_to_it(desk, recommendations):
	desk.goto("/app/sentia-ops")
	desk.locator(".shortcut-widget-box", has_text="Reorder Workbench").click()
	expect(desk.locator(".wb-row").first).to_be_visible()


def test_reasons_open_with_the_keyboard_and_close_again(desk, recommendations):
	rec = recommendations[0]
	open_workbench(desk, rec)
	desk.locator(".wb-grid").focus()
	desk.keyboard.press("Enter")
	panel = desk.locator(".wb-panel")
	expect(panel.locator(".sentia-headline")).to_have_text(rec.summary)
	expect(panel.locator(".wb-reason", has_text="Safety stock")).to_contain_text("1.645 standard deviations")
	expect(panel.locator(".sentia-chart svg")).to_be_visible()
	expect(panel).to_contain_text("No other supplier offers this item.")
	panel.focus()
	desk.keyboard.press("Escape")
	expect(panel).to_be_hidden()
	desk.keyboard.press(" ")  # the table has the keyboard again
	expect(desk.locator(".wb-total")).to_contain_text("1 selected")


def test_a_quantity_is_changed_in_place(desk, recommendations):
	rec = recommendations[0]
	open_workbench(desk, rec)
	row_of(desk, rec).locator("[data-edit]").click()
	desk.keyboard.type("60")
	desk.keyboard.press("Enter")
	expect(row_of(desk, rec).locator("[data-cell=cost]")).to_have_text("£ 252.00")
	assert fresh(rec, "qty", "cost") == (60, 252)
	desk.keyboard.press("F2")
	desk.keyboard.type("999")
	desk.keyboard.press("Escape")
	expect(row_of(desk, rec).locator("[data-cell=qty]")).to_contain_text("60")
	assert fresh(rec, "qty") == 60


def test_packs_are_hinted_at_and_can_be_overruled(desk, recommendations):
	rec = recommendations[0]
	rec.db_set("inputs", '{"min_qty": 24, "step": 12}')
	frappe.db.commit()
	open_workbench(desk, rec)
	row_of(desk, rec).locator("[data-edit]").click()
	desk.keyboard.type("50")
	desk.keyboard.press("Enter")
	alert = desk.locator(".desk-alert", has_text="50 became 60: packs of 12.")
	expect(alert).to_be_visible()
	expect(row_of(desk, rec).locator("[data-cell=qty]")).to_contain_text("60")
	alert.locator(".wb-exact").click()
	expect(row_of(desk, rec).locator("[data-cell=qty]")).to_contain_text("50")
	assert fresh(rec, "qty") == 50


def test_a_row_changed_meanwhile_is_refused_and_shown(desk, recommendations):
	rec = recommendations[0]
	open_workbench(desk, rec)
	other = frappe.get_doc(DOCTYPE, rec.name)
	other.qty = 33
	other.save()
	frappe.db.commit()
	row_of(desk, rec).locator("[data-edit]").click()
	desk.keyboard.type("80")
	desk.keyboard.press("Enter")
	expect(desk.locator(".desk-alert", has_text="the quantity is 33 now")).to_be_visible()
	expect(row_of(desk, rec).locator("[data-cell=qty]")).to_contain_text("33")
	assert fresh(rec, "qty") == 33


def test_approve_asks_with_number_and_money(desk, recommendations):
	open_workbench(desk)
	for rec in recommendations:
		desk.evaluate("name => frappe.pages['reorder-workbench'].workbench.rows.toggle(name, true)", rec.name)
	desk.evaluate("frappe.pages['reorder-workbench'].workbench.selected()")
	expect(desk.locator(".wb-total")).to_contain_text("2 selected")
	desk.locator("[data-do=approve]").click()
	dialog = desk.locator(".modal.show")
	expect(dialog).to_contain_text("Approve 2 recommendations worth £ 840.00")
	for rec in recommendations:
		expect(dialog.locator("tr", has_text=rec.supplier)).to_contain_text("£ 420.00")
	assert not any(fresh(rec, "purchase_order") for rec in recommendations)
	dialog.get_by_role("button", name="Approve 2").click()
	result = desk.locator(".modal.show", has_text="2 approved")
	expect(result).to_be_visible()
	for rec in recommendations:
		expect(result).to_contain_text(fresh(rec, "purchase_order"))
		expect(row_of(desk, rec)).to_have_count(0)


def test_books_in_two_currencies_are_not_added_up(desk, recommendations, other_company):
	recommendations[1].db_set("company", other_company)
	frappe.db.commit()
	open_workbench(desk)
	names = [rec.name for rec in recommendations]
	desk.evaluate(
		"names => names.forEach(n => frappe.pages['reorder-workbench'].workbench.rows.toggle(n, true))", names
	)
	desk.evaluate("frappe.pages['reorder-workbench'].workbench.selected()")
	expect(desk.locator(".wb-total")).to_contain_text("£ 420.00 + € 420.00")


def test_reject_and_snooze(desk, recommendations):
	first, second = recommendations
	open_workbench(desk, first)
	row_of(desk, first).locator(".wb-box").click()
	desk.locator("[data-do=reject]").click()
	dialog = desk.locator(".modal.show")
	dialog.locator("select").select_option("Price too high")
	dialog.get_by_role("button", name="Reject").click()
	expect(row_of(desk, first)).to_have_count(0)
	assert fresh(first, "status", "reject_reason") == ("Rejected", "Price too high")
	open_workbench(desk, second)
	row_of(desk, second).locator(".wb-box").click()
	desk.locator("[data-do=snooze]").click()
	desk.locator(".modal.show").get_by_role("button", name="Snooze").click()
	expect(row_of(desk, second)).to_have_count(0)
	assert fresh(second, "status") == "Snoozed"
	desk.locator("[data-view=Snoozed]").click()
	row_of(desk, second).locator(".wb-box").click()
	desk.locator("[data-do=reopen]").click()
	expect(row_of(desk, second)).to_have_count(0)
	assert fresh(second, "status") == "Draft"


def test_filters_that_hide_everything_say_so(desk, recommendations):
	open_workbench(desk)
	desk.locator(".wb-search").fill("no such item anywhere")
	expect(desk.locator(".wb-empty")).to_contain_text("No row matches these filters.")
	desk.locator(".wb-empty [data-clear]").click()
	expect(desk.locator(".wb-empty")).to_be_hidden()
	expect(desk.locator(".wb-row").first).to_be_visible()


def test_markup_in_data_stays_text(desk, recommendations):
	rec = recommendations[0]
	evil = "<img src=x onerror=window.hacked=1>"
	rec.db_set({"item_name": evil, "summary": evil, "changes": evil, "stock_uom": evil})
	rec.db_set("reasons", frappe.as_json([{"label": evil, "text": evil, "value": evil}]))
	frappe.db.commit()
	open_workbench(desk, rec)
	expect(row_of(desk, rec).locator("[data-cell=item]")).to_contain_text(evil)
	row_of(desk, rec).locator("[data-cell=item]").click()
	expect(desk.locator(".wb-panel .wb-reason")).to_contain_text(evil)
	assert desk.evaluate("window.hacked") is None


def test_a_newer_plan_is_offered_and_the_selection_stays(desk, recommendations):
	rec = recommendations[0]
	open_workbench(desk, rec)
	row_of(desk, rec).locator(".wb-box").click()
	run = frappe.new_doc("Planning Run")
	run.update(
		{"flow": "plan", "status": "Completed", "started": frappe.utils.now(), "ended": frappe.utils.now()}
	)
	run.rows_out = '{"stock_policy": 1}'
	run.insert(ignore_permissions=True)
	rec.db_set("qty", 77)
	frappe.db.commit()
	try:
		desk.evaluate("frappe.pages['reorder-workbench'].workbench.hear_news()")
		expect(desk.locator(".wb-banner")).to_contain_text("A newer plan has finished")
		expect(row_of(desk, rec).locator("[data-cell=qty]")).to_contain_text("100")
		desk.locator(".wb-banner [data-refresh]").click()
		expect(row_of(desk, rec).locator("[data-cell=qty]")).to_contain_text("77")
		expect(desk.locator(".wb-total")).to_contain_text("1 selected")
		expect(desk.locator(".wb-banner")).to_be_hidden()
	finally:
		frappe.db.rollback()
		frappe.delete_doc("Planning Run", run.name, force=True)
		frappe.db.commit()


def test_export_is_a_table_of_plain_numbers(desk, recommendations):
	rec = recommendations[0]
	rec.db_set("item_name", "=cmd|'/c calc'!A1")
	frappe.db.commit()
	open_workbench(desk, rec)
	with desk.expect_download() as waiting:
		desk.locator("[data-do=export_rows]").click()
	head, line, *rest = open(waiting.value.path(), encoding="utf-8-sig").read().splitlines()
	row = dict(zip(head.split(","), line.split(","), strict=True))
	assert (row["item_code"], row["qty"], row["cost"], row["name"]) == (rec.item_code, "100", "420", rec.name)
	assert row["item_name"].startswith("'="), "a spreadsheet must not run it"
	assert not rest


def test_a_viewer_looks_and_cannot_touch(viewer, recommendations):
	rec = recommendations[0]
	open_workbench(viewer, rec)
	assert viewer.locator("[data-edit]").count() == 0
	row_of(viewer, rec).locator(".wb-box").click()
	expect(viewer.locator(".wb-total")).to_contain_text("1 selected")
	assert [button.get_attribute("data-do") for button in viewer.locator(".wb-foot [data-do]").all()] == [
		"clear",
		"export_rows",
	]


def test_thousands_of_rows_scroll_sort_and_are_selected_at_once(desk, board):
	desk.goto("/app/reorder-workbench")
	expect(desk.locator(".wb-row").first).to_be_visible()
	desk.locator(".wb-search").fill("BOARD-")
	expect(desk.locator(".wb-grid")).to_have_attribute("aria-rowcount", str(ROWS))
	assert desk.locator(".wb-row").count() < 60, "only what is in sight"
	desk.locator(".wb-head [data-column=item]").click()
	expect(desk.locator(".wb-row").first).to_contain_text("BOARD-00000")
	desk.locator(".wb-grid").focus()
	desk.keyboard.press("End")
	expect(desk.locator(".wb-row.cursor")).to_contain_text(f"BOARD-{ROWS // 4 - 1:05d}")
	desk.keyboard.press("Control+a")
	expect(desk.locator(".wb-total")).to_contain_text(f"{ROWS:,} selected")
	desk.locator("[data-filter=supplier]").select_option("BOARD Mill 07")
	shown = int(desk.locator(".wb-grid").get_attribute("aria-rowcount"))
	expected = frappe.db.count(DOCTYPE, {"supplier": "BOARD Mill 07", "status": "Draft"})
	assert 0 < shown == expected < ROWS
	expect(desk.locator(".wb-total")).to_contain_text(f"{ROWS:,} selected")
	desk.locator("[data-do=clear]").click()
	cost = frappe.db.sql(f"select sum(cost) from `tab{DOCTYPE}` where supplier = 'BOARD Mill 07'")[0][0]
	expect(desk.locator(".wb-total")).to_contain_text(f"£ {cost:,.2f}")
