"""Forecasts kept and scored on a site: documents, drift on the form, the API; and the sums behind the report."""

from __future__ import annotations

import json
from datetime import timedelta

import frappe
import pandas as pd
import pytest
from factories import make_item, make_score, make_user, make_warehouse, unique
from frappe.utils import add_days, today
from trade import forget, make_company

from sentia_ops.api import forecasts as api
from sentia_ops.chain import plan
from sentia_ops.cli.report.facts import KEPT_BY, kept
from sentia_ops.forecasting.frames import FORECAST_PARTS, FORECAST_QUALITY, FORECAST_SCORES
from sentia_ops.forecasting.site_scores import measured, total
from sentia_ops.permissions import VIEWER
from sentia_ops.store.site import SiteStore
from sentia_ops.store.site_sql import UNKNOWN
from sentia_ops.tasks import plan_settings

MADE = ["Demand Forecast", "Demand Forecast Point", "Forecast Part", "Forecast Score"]


@pytest.fixture(scope="module")
def made(site):
	frappe.set_user("Administrator")
	for doctype in MADE:
		frappe.db.delete(doctype)
	company = make_company()
	yield company
	forget(company)
	frappe.db.commit()


@pytest.fixture(scope="module")
def scored(made):
	"""Plans of five weeks ago, of the day after, and of today."""
	store, now = SiteStore(), SiteStore().today()
	for ago in (35, 34, 0):
		plan(store, plan_settings(), as_of=now - timedelta(days=ago), only=["forecasting"])
	return made


def documents(item: str) -> list[frappe._dict]:
	return frappe.get_all("Forecast Score", {"item_code": item}, ["*"], order_by="as_of")


def test_a_forecast_is_kept_as_a_document_and_scored_by_a_later_plan(scored):
	first, *middle, last = documents(scored.steady)
	assert str(first.as_of) == add_days(today(), -35) and str(last.as_of) == today()
	assert len(middle) <= 1, "the day after belongs to the next ISO week at most"
	assert (first.status, first.days, first.days_scored) == ("scored", 28, 28)
	assert (last.status, last.mase) == ("open", -1)
	assert 8 * 28 < first.sold < 13 * 28, "8 to 12 a day"
	points = json.loads(first.points)
	assert first.expected == pytest.approx(sum(points["qty"]), abs=0.01)
	assert first.bias == pytest.approx((first.expected - first.sold) / first.sold, abs=1e-6)
	assert first.mase < first.mase_naive and 0 <= first.coverage95 <= 1
	assert first.mase_machine == -1, "no planner was in it"


def test_planning_again_changes_no_score(scored):
	before = SiteStore().read(FORECAST_SCORES)
	plan(SiteStore(), plan_settings(), only=["forecasting"])
	frappe.db.rollback()
	pd.testing.assert_frame_equal(SiteStore().read(FORECAST_SCORES), before)


def test_the_form_says_what_a_forecast_is_made_of(scored):
	doc = frappe.get_doc("Demand Forecast", {"item_code": scored.steady})
	methods = [part for part in doc.parts if part.kind == "method"]
	assert sum(part.share for part in methods) == pytest.approx(1, abs=1e-6)
	found = SiteStore().read(FORECAST_PARTS, item_code=scored.steady)
	assert len(found) == len(doc.parts) and found["effect"].isna().any()


def test_drift_is_said_once_a_run_and_on_the_form(scored):
	name = documents(scored.weekly)[0].name
	frappe.db.set_value("Forecast Score", name, {"drift": "too high", "expected_machine": 150, "sold": 100})
	frappe.db.commit()
	run = plan(SiteStore(), plan_settings(), only=["forecasting"])
	told = [text for text in run.warnings if "drift" in text]
	assert len(told) == 1 and "1 of " in told[0] and "(1 too high)" in told[0]
	doc = frappe.get_doc("Demand Forecast", {"item_code": scored.weekly})
	assert doc.drift == "too high" and "150 were expected and 100 sold" in doc.verdict
	assert frappe.get_all("Demand Forecast", {"drift": ["!=", ""]}, pluck="name") == [doc.name]
	quality = SiteStore().read(FORECAST_QUALITY).set_index("item_code")["drift"]
	assert quality[scored.weekly] == "too high" and quality[scored.steady] == ""
	assert api.accuracy()["data"]["drifting"] == 1


@pytest.fixture
def pair(site):
	"""Two items, each in a warehouse of its own."""
	frappe.db.delete("Forecast Score")
	group = frappe.get_doc(
		{
			"doctype": "Item Group",
			"item_group_name": unique("Gadgets"),
			"parent_item_group": "All Item Groups",
		}
	).insert()
	return make_item(item_group=group.name), make_warehouse(), make_item(), make_warehouse()


def test_sums_are_weighted_by_the_days_scored(pair):
	one, shed, other, store = (doc.name for doc in pair)
	make_score(one, shed, "2026-03-02", mase=0.5, mase_naive=1.0, planner="ann", mase_machine=0.9)
	make_score(
		one,
		shed,
		"2026-03-09",
		mase=2.0,
		days_scored=7,
		sold=10,
		expected=5,
		planner="ann, bob",
		mase_machine=1.0,
	)
	make_score(
		other,
		store,
		"2026-03-09",
		mase=-1,
		mase_naive=-1,
		demand_class="new",
		model="mean",
		sold=0,
		expected=0,
	)
	make_score(other, store, "2026-03-16", status="open", days_scored=0)
	make_score(other, store, "2026-03-23", days_scored=0, mase=-1)  # never in stock
	found = {row["group"]: row for row in measured("item", {})}
	assert found[one]["mase"] == pytest.approx((0.5 * 28 + 2.0 * 7) / 35) and found[one]["forecasts"] == 2
	assert found[one]["bias"] == pytest.approx((105 - 90) / 90)
	assert (found[one]["overridden"], found[one]["overrides_better"]) == (2, 1)
	assert (found[other]["mase"], found[other]["bias"], found[other]["forecasts"]) == (None, None, 1)
	assert [str(row["group"]) for row in measured("week", {})] == ["2026-03-02", "2026-03-09"]
	assert {row["group"] for row in measured("planner", {})} == {"ann", "ann, bob", ""}
	everything = total({})
	assert (everything["forecasts"], everything["series"]) == (3, 2)


@pytest.mark.parametrize("by", list(KEPT_BY))
def test_the_command_line_sums_alike(pair, by):
	one, shed, other, store = (doc.name for doc in pair)
	make_score(one, shed, "2026-03-02", mase=0.5, planner="ann", mase_machine=0.4)
	make_score(one, shed, "2026-03-09", mase=2.0, days_scored=7, sold=10, expected=5, model="TSB")
	make_score(other, store, "2026-03-09", mase=-1, mase_naive=-1, demand_class="new", sold=0, bias=UNKNOWN)
	theirs = kept(SiteStore().read(FORECAST_SCORES), by)
	ours = [row | {"group": str(row["group"])} for row in measured(by, {})]
	assert len(ours) > 1 and ours == [pytest.approx(row) for row in theirs]


@pytest.mark.parametrize(
	("filters", "forecasts"),
	[
		({"demand_class": "new"}, 1),
		({"planner": "bob"}, 1),
		({"planner": "bo"}, 0),
		({"from_date": "2026-03-09"}, 2),
		({"to_date": "2026-03-02"}, 1),
		({"model": "AutoETS"}, 2),
		({"company": "no such"}, 0),
		({"item_group": "All Item Groups"}, 3),
	],
)
def test_filters_of_the_sums(pair, filters, forecasts):
	one, shed, other, store = (doc.name for doc in pair)
	make_score(one, shed, "2026-03-02")
	make_score(one, shed, "2026-03-09", planner="ann, bob")
	make_score(other, store, "2026-03-09", demand_class="new", model="mean")
	assert sum(row["forecasts"] for row in measured("item", filters)) == forecasts
	assert sum(row["forecasts"] for row in measured("item", {"item_group": pair[0].item_group})) == 2
	assert sum(row["forecasts"] for row in measured("item", {"warehouse": store})) == 1


def test_user_permissions_hold_for_the_sums(pair):
	one, shed, other, store = (doc.name for doc in pair)
	make_score(one, shed, "2026-03-02")
	make_score(other, store, "2026-03-02")
	user = make_user(VIEWER)
	permission = {"doctype": "User Permission", "user": user.name, "allow": "Warehouse", "for_value": shed}
	frappe.get_doc(permission).insert(ignore_permissions=True)
	frappe.clear_cache(user=user.name)
	frappe.set_user(user.name)
	assert [row["group"] for row in measured("item", {})] == [one]


def test_api_accuracy(pair):
	one, shed, *_rest = (doc.name for doc in pair)
	make_score(one, shed, "2026-03-02", planner="ann", mase_machine=0.9)
	data = api.accuracy(by="planner", from_date="2026-03-01")["data"]
	assert data["kept"]["total"]["mase"] == 0.8 and data["kept"]["rows"][0]["group"] == "ann"
	assert api.accuracy(to_date="2026-03-01")["data"]["kept"] == {"total": None, "by": "class", "rows": []}
	for wrong in ({"by": "all"}, {"by": "name; drop table"}, {"from_date": "yesterday-ish"}):
		with pytest.raises(frappe.ValidationError):
			api.accuracy(**wrong)
	frappe.set_user(make_user("Purchase User").name)
	with pytest.raises(frappe.PermissionError):
		api.accuracy()
