"""The REST API over HTTP, as a manager, an operator, a viewer and a guest."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import frappe
import pandas as pd
import pytest
from factories import make_item, make_recommendation, make_supplier, make_warehouse
from frappe.utils import add_days, today
from serving import Person, serving

from sentia_ops.forecasting.frames import FORECAST_QUALITY, FORECASTS
from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.replenishment.frames import STOCK_POLICY
from sentia_ops.store.site import SiteStore, lock_name

RESULTS = [
	"Demand Forecast",
	"Demand Forecast Point",
	"Forecast Part",
	"Forecast Score",
	"Stock Policy",
	"Reorder Recommendation",
	"Planning Run",
]
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class World:
	"""Two items with results, committed."""

	def __init__(self):
		self.items = [make_item("Api A"), make_item("Api B")]
		self.shed, self.mill = make_warehouse("Api Shed"), make_supplier("Api Mill")
		frappe.db.commit()
		a, b = (item.name for item in self.items)
		pairs = pd.DataFrame({"item_code": [a, b], "warehouse": self.shed.name})
		quality = pairs.assign(
			model="theta", demand_class=["smooth", "new"], history_days=[100, 3], stockout_days=0, mean_daily=[5.0, 1.0],
			error_std=1.0, mase=[0.7, None], rmsse=None, scaled_pinball=None, coverage95=[0.9, None],
			mase_naive=[1.1, None], windows=[4, 0], verdict="",
		)  # fmt: skip
		days = pairs.merge(pd.DataFrame({"date": pd.date_range(today(), periods=40)}), how="cross")
		bounds = {"qty": 5.0, "lo80": 4.0, "hi80": 6.0, "lo95": 3.0, "hi95": 7.0}
		numbers = ["inbound", "outbound", "position", "daily_demand", "lead_days", "lead_std", "safety_stock"]
		policy = pairs.assign(
			**dict.fromkeys([*numbers, "reorder_point", "order_qty"], 1.0), on_hand=[2.0, 90.0], service_level=0.95,
			days_of_cover=[1.5, None], stockout_on=[pd.Timestamp(add_days(today(), 5)), pd.NaT],
			verdict=["order", "no demand"], why="because",
		)  # fmt: skip
		store = SiteStore()
		with store.run("contract") as run:
			store.write(FORECAST_QUALITY, quality.assign(run=run.name), run=run)
			store.write(FORECASTS, days.assign(model="theta", run=run.name, **bounds), run=run)
			store.write(STOCK_POLICY, policy.assign(run=run.name), run=run)
		self.run = run.name


def clear() -> None:
	for doctype in RESULTS:
		frappe.db.delete(doctype)
	frappe.db.commit()


@pytest.fixture(scope="module")
def world(site):
	frappe.set_user("Administrator")
	clear()
	made = World()
	yield made
	frappe.db.rollback()
	clear()
	for doc in (*made.items, made.shed, made.mill):
		frappe.delete_doc(doc.doctype, doc.name, force=True)
	frappe.db.commit()


@pytest.fixture(scope="module")
def people(world):
	with serving() as base:
		found = {
			"manager": Person(base, MANAGER, "Purchase User"),
			"operator": Person(base, OPERATOR),
			"viewer": Person(base, VIEWER),
			"stranger": Person(base, "Blogger"),
			"guest": Person(base),
		}
		frappe.db.commit()
		yield found
	frappe.db.rollback()
	for person in found.values():
		if person.user:
			frappe.delete_doc("User", person.user.name, force=True)
	frappe.db.commit()


def good(response) -> object:
	body = response.json()
	assert response.status_code == 200 and body["success"] is True, response.text
	assert TIMESTAMP.fullmatch(body["timestamp"]) and set(body) == {"success", "data", "message", "timestamp"}
	return body["data"]


def bad(response, status: int, code: str) -> dict:
	body = response.json()
	assert response.status_code == status, response.text
	assert set(body) == {"success", "error", "timestamp"} and body["success"] is False
	assert TIMESTAMP.fullmatch(body["timestamp"])
	assert set(body["error"]) == {"code", "message", "details"} and body["error"]["code"] == code
	assert (
		body["error"]["message"] and "Traceback" not in response.text and "sentia_ops/" not in response.text
	)
	return body["error"]


READS = ["forecasts.list", "forecasts.accuracy", "stock.levels", "stock.alerts", "stock.reorder"]


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("who", ["manager", "operator", "viewer"])
def test_those_with_a_role_may_read(people, method, who):
	good(people[who].get(method))


@pytest.mark.parametrize("method", [*READS, "plan.status", "forecasts.get"])
@pytest.mark.parametrize("who", ["stranger", "guest"])
def test_others_may_not(people, world, method, who):
	arguments = {"run": world.run} if method == "plan.status" else {}
	arguments |= {"item_code": "Api A", "warehouse": world.shed.name} if method == "forecasts.get" else {}
	bad(people[who].get(method, **arguments), 403, "forbidden")


@pytest.mark.parametrize("method", ["plan.start", "forecasts.generate", "stock.approve"])
@pytest.mark.parametrize("who", ["viewer", "stranger", "guest"])
def test_changes_need_more(people, world, method, who):
	arguments = {"name": "REC-0"} if method == "stock.approve" else {}
	bad(people[who].post(method, **arguments), 403, "forbidden")
	assert not frappe.db.exists("Planning Run", {"flow": "plan"})


@pytest.mark.parametrize("method", ["plan.start", "forecasts.generate", "stock.approve"])
def test_changes_are_posts(people, method):
	bad(people["manager"].get(method, name="x"), 403, "forbidden")


def test_a_wrong_key(people):
	stranger = Person(people["guest"].base)
	stranger.headers = {"Authorization": "token wrong:wrong"}
	bad(stranger.get("stock.levels"), 401, "not_authenticated")


def test_an_unknown_endpoint(people):
	error = bad(people["manager"].get("stock.cook"), 404, "not_found")
	assert "stock.cook" in error["message"] or "endpoint" in error["message"]


class TestForecasts:
	def test_list_in_pages(self, people, world):
		data = good(people["viewer"].get("forecasts.list", limit=1))
		assert (data["total"], data["limit"], len(data["rows"])) == (2, 1, 1)
		row = data["rows"][0]
		assert (row["item_code"], row["mase"], row["next_28_days"]) == ("Api A", 0.7, 140)
		second = good(people["viewer"].get("forecasts.list", limit=1, start=1))["rows"][0]
		assert second["item_code"] == "Api B" and second["mase"] is None and second["coverage95"] is None

	def test_list_filters(self, people):
		assert good(people["viewer"].get("forecasts.list", demand_class="new"))["total"] == 1
		assert good(people["viewer"].get("forecasts.list", item_code="Nobody"))["rows"] == []

	@pytest.mark.parametrize("arguments", [{"limit": 0}, {"limit": 501}, {"start": -1}, {"limit": "many"}])
	def test_pages_that_cannot_be(self, people, arguments):
		bad(people["viewer"].get("forecasts.list", **arguments), 400, "invalid")

	def test_get(self, people, world):
		data = good(people["viewer"].get("forecasts.get", item_code="Api A", warehouse=world.shed.name))
		assert len(data["points"]) == 40
		assert data["points"][0] == {"date": today(), "qty": 5, "lo80": 4, "hi80": 6, "lo95": 3, "hi95": 7}

	def test_get_nothing(self, people, world):
		error = bad(
			people["viewer"].get("forecasts.get", item_code="Nix", warehouse=world.shed.name),
			404,
			"not_found",
		)
		assert "no forecast for Nix" in error["message"]

	def test_get_without_arguments(self, people):
		bad(people["viewer"].get("forecasts.get"), 400, "invalid")

	def test_accuracy(self, people):
		data = good(people["viewer"].get("forecasts.accuracy"))
		assert (data["series"], data["tested"], data["better_than_naive"]) == (2, 1, 1)
		assert (data["median_mase"], data["median_mase_naive"]) == (0.7, 1.1)
		assert data["by_class"] == {
			"new": {"series": 1, "tested": 0, "median_mase": None},
			"smooth": {"series": 1, "tested": 1, "median_mase": 0.7},
		}


@pytest.fixture
def recommend(world):
	"""Make a committed recommendation; all are removed after the test."""

	def make(item, **values):
		made = make_recommendation(item, world.shed, world.mill)
		if values:
			frappe.db.set_value("Reorder Recommendation", made.name, values)
		frappe.db.commit()
		return made

	yield make
	frappe.db.rollback()
	frappe.db.delete("Reorder Recommendation")
	frappe.db.commit()


class TestStock:
	def test_levels(self, people):
		data = good(people["viewer"].get("stock.levels"))
		a, b = data["rows"]
		assert (a["on_hand"], a["verdict"], a["why"], a["stockout_on"]) == (
			2,
			"order",
			"because",
			add_days(today(), 5),
		)
		assert b["days_of_cover"] is None and b["stockout_on"] is None
		assert good(people["viewer"].get("stock.levels", verdict="order"))["total"] == 1

	def test_alerts(self, people):
		assert [r["item_code"] for r in good(people["viewer"].get("stock.alerts"))["rows"]] == ["Api A"]
		assert good(people["viewer"].get("stock.alerts", within_days=4))["rows"] == []

	def test_reorder_and_approve(self, people, world, recommend):
		a, b = world.items
		medium, critical = recommend(a, urgency="Medium"), recommend(b, urgency="Critical")
		rows = good(people["viewer"].get("stock.reorder"))["rows"]
		assert [r["name"] for r in rows] == [critical.name, medium.name], "the most urgent first"
		assert rows[0]["reasons"][0]["label"] == "Demand" and rows[0]["alternatives"] == []
		assert [r["name"] for r in good(people["viewer"].get("stock.reorder", urgency="Medium"))["rows"]] == [
			medium.name
		]

		bad(people["operator"].post("stock.approve", name=critical.name), 403, "forbidden")
		with ThreadPoolExecutor(2) as both:
			first, second = both.map(
				lambda _: people["manager"].post("stock.approve", name=critical.name), range(2)
			)
		made = good(first)
		assert made == good(second) and made["doctype"] == "Purchase Order"
		frappe.db.rollback()
		assert frappe.get_all(
			"Purchase Order Item", {"sentia_recommendation": critical.name}, pluck="parent"
		) == [made["name"]]
		assert (
			good(people["viewer"].get("stock.reorder", status="Approved"))["rows"][0]["purchase_order"]
			== made["name"]
		)
		frappe.delete_doc("Purchase Order", made["name"], force=True)
		frappe.db.commit()

	def test_approving_what_is_not_there(self, people):
		bad(people["manager"].post("stock.approve", name="REC-1999-00001"), 404, "not_found")

	def test_an_approval_that_cannot_be_says_why_and_changes_nothing(self, people, world, recommend):
		made = recommend(world.items[0], currency="JPY")
		error = bad(people["manager"].post("stock.approve", name=made.name), 400, "invalid")
		assert "exchange rate" in error["message"]
		frappe.db.rollback()
		assert frappe.db.get_value("Reorder Recommendation", made.name, ["status", "purchase_order"]) == (
			"Draft",
			None,
		)


class TestPlan:
	def test_busy(self, people, world):
		frappe.db.sql("select get_lock(%s, 0)", lock_name())
		try:
			error = bad(people["manager"].post("plan.start"), 409, "busy")
			assert "under way" in error["message"]
		finally:
			frappe.db.sql("select release_lock(%s)", lock_name())

	def test_unknown_step(self, people):
		error = bad(people["manager"].post("plan.start", only=["cooking"]), 400, "invalid")
		assert "Unknown step cooking" in error["message"] and "forecasting" in error["message"]

	def test_status(self, people, world):
		data = good(people["viewer"].get("plan.status", run=world.run))
		assert (data["status"], data["progress"], data["rows_out"]["stock_policy"]) == ("Completed", 100, 2)
		bad(people["viewer"].get("plan.status", run="PLAN-1999-00001"), 404, "not_found")


class TestHealth:
	def test_a_guest_learns_only_that_all_is_well(self, people):
		assert good(people["guest"].get("health.check")) == {"ok": True}
		assert good(people["stranger"].get("health.check")) == {"ok": True}

	def test_a_viewer_learns_more(self, people, world):
		data = good(people["viewer"].get("health.check"))
		assert data["database"] and data["cache"] and data["queue"]
		assert isinstance(data["workers"], int) and isinstance(data["scheduler"], bool)
		assert data["last_run"]["run"] == world.run and data["last_run"]["status"] == "Completed"


def test_surprises_are_logged_and_not_shown(people, world, recommend):
	"""A broken document makes the code fail in a way nobody foresaw."""
	recommend(world.items[0], reasons="{broken")
	logged = frappe.db.count("Error Log")
	error = bad(people["viewer"].get("stock.reorder"), 500, "internal")
	assert "Error Log" in error["message"] and "broken" not in str(error)
	frappe.db.rollback()
	assert frappe.db.count("Error Log") == logged + 1


def test_too_many(people, world):
	"""plan.start takes 20 an hour from one address; the site's lock makes each of them harmless."""
	frappe.db.sql("select get_lock(%s, 0)", lock_name())
	try:
		codes = [people["manager"].post("plan.start").status_code for _ in range(22)]
		assert set(codes) == {409, 429} and codes[-1] == 429
		bad(people["manager"].post("plan.start"), 429, "too_many_requests")
	finally:
		frappe.db.sql("select release_lock(%s)", lock_name())
		frappe.cache.delete_keys("rl:")
