"""What the desk pages ask the server for, and that every page's records are on the site."""

from __future__ import annotations

import json

import frappe
import pytest
from factories import make_item, make_recommendation, make_warehouse
from frappe.desk.doctype.dashboard_chart.dashboard_chart import get as get_chart
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.utils import add_days, now_datetime, today

from sentia_ops.sentia_ops.number_cards import forecasts_better_than_naive, last_run

WORKSPACE = "Sentia Ops"


def make_forecast(item, warehouse, **values):
	doc = {
		"doctype": "Demand Forecast",
		"item_code": item.name,
		"warehouse": warehouse.name,
		"as_of": today(),
	}
	return frappe.get_doc({**doc, "model": "test", **values}).insert(ignore_permissions=True)


def make_run(status="Completed", **values):
	doc = {"doctype": "Planning Run", "flow": "plan", "trigger": "manual", "status": status}
	return frappe.get_doc({**doc, **values}).insert(ignore_permissions=True)


def test_workspace_has_its_parts():
	page = frappe.get_doc("Workspace", WORKSPACE)
	assert page.public and page.module == "Sentia Ops"
	blocks = json.loads(page.content)
	named = {b["data"]["number_card_name"] for b in blocks if b["type"] == "number_card"}
	assert named == {row.number_card_name for row in page.number_cards}
	assert all(frappe.db.exists("Number Card", name) for name in named)
	assert all(frappe.db.exists("Dashboard Chart", row.chart_name) for row in page.charts)


def test_cards_count_open_recommendations():
	cards = {
		name: frappe.get_doc("Number Card", name)
		for name in ("Open Recommendations", "Critical Recommendations")
	}

	def counts():
		return [get_result(card.as_dict(), json.loads(card.filters_json)) for card in cards.values()]

	before = counts()
	make_recommendation(urgency="Critical")
	make_recommendation(urgency="Low")
	assert counts() == [before[0] + 2, before[1] + 1]


def test_value_card_sums_money():
	card = frappe.get_doc("Number Card", "Value of Open Recommendations").as_dict()
	filters = json.loads(card.filters_json)
	before = get_result(card, filters)
	make_recommendation(qty=10, unit_price=7)
	assert get_result(card, filters) == pytest.approx(before + 70)


@pytest.mark.parametrize("name", ["Open Recommendations by Urgency", "Value to Order by Supplier"])
def test_charts_draw(name):
	rec = make_recommendation(urgency="Critical", qty=1000, unit_price=1000)
	chart = get_chart(chart_name=name, refresh=1)
	assert {"Critical", rec.supplier} & set(chart["labels"])


def test_forecast_card_counts_only_tested_ones():
	frappe.db.delete("Demand Forecast")
	shed = make_warehouse()
	assert isinstance(forecasts_better_than_naive(), str)
	make_forecast(make_item(), shed, windows=3, mase=0.7, mase_naive=1.0)
	make_forecast(make_item(), shed, windows=3, mase=1.2, mase_naive=1.0)
	make_forecast(make_item(), shed, windows=0, mase=-1, mase_naive=-1)
	assert forecasts_better_than_naive()["value"] == 50


def test_last_run_card_says_when_and_what():
	frappe.db.delete("Planning Run")
	assert last_run() == "never"
	make_run("Completed")
	assert "now" in last_run() or "ago" in last_run()
	run = make_run("Failed")
	frappe.db.set_value("Planning Run", run.name, "creation", add_days(now_datetime(), 1))
	assert last_run().startswith("Failed")


def test_one_forecast_per_item_and_warehouse():
	item, shed = make_item(), make_warehouse()
	make_forecast(item, shed)
	with pytest.raises(frappe.UniqueValidationError):
		make_forecast(item, shed)


@pytest.mark.parametrize(
	("field", "value"),
	[("service_level", 100), ("service_level", 20), ("horizon_days", 0), ("review_days", 0)],
)
def test_settings_refuse_nonsense(field, value):
	settings = frappe.get_doc("Sentia Settings")
	settings.set(field, value)
	with pytest.raises(frappe.ValidationError, match="must be"):
		settings.save()


@pytest.mark.parametrize("on", [0, 1])
def test_settings_form_knows_whether_erpnext_reorders_too(on):
	frappe.db.set_single_value("Stock Settings", "auto_indent", on)
	settings = frappe.get_doc("Sentia Settings")
	settings.run_method("onload")
	assert int(settings.get_onload("auto_indent")) == on


def test_old_runs_are_cleared_unless_results_point_at_them():
	used, unused, fresh = make_run(), make_run(), make_run()
	for run in (used, unused):
		frappe.db.set_value("Planning Run", run.name, "creation", add_days(now_datetime(), -200))
	make_recommendation(run=used.name)
	frappe.get_doc("Planning Run", fresh.name).clear_old_logs(days=180)
	left = set(frappe.get_all("Planning Run", pluck="name"))
	assert {used.name, fresh.name} <= left and unused.name not in left


def test_zero_quantity_is_refused():
	with pytest.raises(frappe.ValidationError, match="more than zero"):
		make_recommendation(qty=0)


@pytest.mark.parametrize("doctype", ["Purchase Order", "Material Request"])
def test_orders_show_where_they_come_from(doctype):
	connections = frappe.get_meta(doctype).get_dashboard_data()
	assert connections.internal_links["Reorder Recommendation"] == ["items", "sentia_recommendation"]
	assert any("Reorder Recommendation" in group["items"] for group in connections.transactions)
