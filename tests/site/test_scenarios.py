"""Scenarios on a site: nothing real changes until a manager promotes one, and then exactly once."""

from __future__ import annotations

import json

import frappe
import pytest
from factories import make_user
from frappe.utils import add_days, today
from jobqueue import own_queue, work  # noqa: F401 - a fixture
from trade import forget, make_company

from sentia_ops import tasks
from sentia_ops.api import scenarios as api
from sentia_ops.errors import BusyError, SentiaError
from sentia_ops.forecasting.frames import FORECASTS
from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.scenarios.site import kept_tables, unmark_recommendations
from sentia_ops.sentia_ops.doctype.planning_scenario import promoting, running
from sentia_ops.store.site import SiteStore

DOCTYPE = "Planning Scenario"
RESULTS = (
	"Reorder Recommendation",
	"Stock Policy",
	"Supplier Lead Time",
	"Demand Forecast",
	"Demand Forecast Point",
)
RESULTS += ("Planning Run", "Sentia Settings", "Forecast Override", "Purchase Order", "Item Price")  # fmt: skip
SETTINGS = ("service_level", "use_classes", "level_ax", "review_days", "use_budget", "budget", "holding_rate")


@pytest.fixture(scope="module")
def made(site):
	frappe.set_user("Administrator")
	company = make_company(days=40)
	tasks.run_plan("manual")
	yield company
	_sweep()
	forget(company)
	frappe.db.commit()


@pytest.fixture(autouse=True)
def clean(made, own_queue, rollback):  # noqa: F811
	"""Scenarios commit; so what they left is swept, and settings are put back."""
	before = {field: frappe.db.get_single_value("Sentia Settings", field) for field in SETTINGS}
	yield
	frappe.db.rollback()
	frappe.set_user("Administrator")
	_sweep()
	for field, value in before.items():
		frappe.db.set_single_value("Sentia Settings", field, value)
	frappe.db.commit()
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")


def _sweep() -> None:
	frappe.db.set_value("Reorder Recommendation", {"scenario": ["is", "set"]}, "scenario", None)
	for doctype in (DOCTYPE, "Scenario Change", "Scenario Result", "Forecast Override"):
		frappe.db.delete(doctype)
	frappe.db.commit()


def scenario(*changes: str, ran: bool = True) -> str:
	name = api.create("Try", list(changes))["data"]["name"]
	frappe.db.commit()
	if ran:
		running.begin(name)
		tasks.scenario_job(name)
		doc = frappe.get_doc(DOCTYPE, name)
		assert doc.status == "Ready", doc.error
	return name


def proposed(*changes: str) -> str:
	name = scenario(*changes)
	promoting.propose(name)
	frappe.db.commit()
	return name


def fingerprint() -> dict[str, str]:
	"""Checksums of everything a plan writes, and of what it reads."""
	tables = [f"`tab{doctype}`" for doctype in RESULTS if doctype != "Sentia Settings"] + ["`tabSingles`"]
	return dict(frappe.db.sql(f"checksum table {', '.join(tables)}"))


def refused(function, *args) -> str:
	with pytest.raises((frappe.ValidationError, SentiaError)) as error:
		function(*args)
	return str(error.value)


# running


def test_a_run_changes_no_row_but_its_own(made):
	before = fingerprint()
	name = scenario("demand All Item Groups x1.5", "late Chain Mill 5", "service 99%", "review 14")
	assert fingerprint() == before
	doc = frappe.get_doc(DOCTYPE, name)
	result = json.loads(doc.result)
	assert doc.orders_changed == result["orders_changed"] > 0
	assert doc.cost_change == pytest.approx(doc.cost_then - doc.cost_now)
	assert (
		doc.base_run
		== frappe.get_all("Planning Run", {"flow": "plan"}, pluck="name", order_by="creation desc")[0]
	)
	assert str(doc.as_of) == today()
	assert "higher" in result["headline"][0] and "5 days late" in result["headline"][0]


def test_the_plan_as_it_is_equals_the_open_recommendations(made):
	result = api.get(scenario("service 99%"))["data"]["result"]
	orders = next(m for m in result["measures"] if m["name"] == "orders")
	real = frappe.db.count("Reorder Recommendation", {"status": ["in", ["Draft", "Snoozed"]]})
	assert orders["now"] == real


def test_a_group_holds_the_groups_within_and_a_supplier_s_open_orders_come_later(made):
	name = scenario("demand All Item Groups x2")
	assert " forecasts scaled by 2" in json.loads(frappe.db.get_value(DOCTYPE, name, "result"))["notes"][0]


def test_a_run_of_a_plan_under_way_does_not_stop_a_scenario(made):
	name = scenario("service 99%", ran=False)
	with SiteStore().run("plan"):
		running.begin(name)
		tasks.scenario_job(name)
	assert frappe.db.get_value(DOCTYPE, name, "status") == "Ready"
	assert frappe.db.count("Planning Run", {"status": "Running"}) == 0


def test_the_worker_runs_it_once_and_says_how_far_it_is(made):
	name = scenario("service 99%", ran=False)
	api.run(name)
	assert api.status(name)["data"] | {"text": ""} == {
		"name": name, "status": "Running", "progress": 0, "text": "", "error": None, "lost": False,
	}  # fmt: skip
	with pytest.raises(BusyError, match="being calculated"):
		api.run(name)
	work()
	frappe.db.rollback()
	assert api.status(name)["data"]["status"] == "Ready"
	assert running.progress_of(name)["progress"] == 100


def test_a_dead_worker_is_told_and_the_scenario_can_run_again(made):
	name = scenario("service 99%", ran=False)
	running.begin(name)
	assert api.status(name)["data"]["lost"]
	api.run(name)
	work()
	frappe.db.rollback()
	assert frappe.db.get_value(DOCTYPE, name, "status") == "Ready"


def test_a_failure_is_in_words_and_surprises_are_not_shown(made, monkeypatch):
	name = scenario("demand Chain Steady x2", ran=False)
	frappe.db.set_value("Scenario Change", {"parent": name}, "item_code", "Gone")
	frappe.db.commit()
	running.begin(name)
	tasks.scenario_job(name)
	doc = frappe.get_doc(DOCTYPE, name)
	assert doc.status == "Failed" and "There is no item Gone in the plan" in doc.error
	monkeypatch.setattr(running, "what_if", lambda *a, **k: 1 / 0)
	with pytest.raises(ZeroDivisionError):
		tasks.scenario_job(name)
	assert frappe.db.get_value(DOCTYPE, name, "error") == running.UNEXPECTED


# documents


@pytest.mark.parametrize(
	("row", "told"),
	[
		({"kind": "demand", "value": 0}, "above 0"),
		({"kind": "service", "value": 100}, "below 100 percent"),
		({"kind": "late", "value": 5}, "needs a supplier"),
		({"kind": "demand", "value": 2, "market": "Atlantis"}, "no market Atlantis"),
		({"kind": "demand", "value": 2, "from_date": "2026-12-02", "to_date": "2026-12-01"}, "lies before"),
	],
)
def test_what_cannot_be_is_refused_on_saving(row, told):
	doc = frappe.get_doc({"doctype": DOCTYPE, "title": "Bad", "changes": [row]})
	assert told in refused(doc.insert)


def test_words_that_name_nothing_are_refused_with_what_there_is(made):
	assert "Did you mean Chain Steady?" in refused(api.create, "Bad", ["demand Chain Steadi x2"])
	assert "Example: demand Kitchen x1.2" in refused(api.understand, "demand x")
	assert api.understand("late chain mill 5")["data"] == {
		"kind": "late", "words": "Chain Mill 5 days late", "supplier": "Chain Mill", "value": 5.0,
	}  # fmt: skip


def test_a_change_makes_a_result_old_and_system_fields_cannot_be_set(made):
	name = scenario("service 99%")
	doc = frappe.get_doc(DOCTYPE, name)
	doc.update({"status": "Promoted", "cost_change": 1, "title": "Renamed"})
	doc.save()
	assert (doc.status, doc.title) == ("Ready", "Renamed") and doc.cost_change != 1
	doc.changes[0].value = 98
	doc.save()
	assert (doc.status, doc.result, doc.changes[0].words) == ("Draft", None, "Service level 98 %")


def test_what_was_proposed_stands(made):
	doc = frappe.get_doc(DOCTYPE, proposed("service 99%"))
	doc.changes[0].value = 98
	assert "its changes stand" in refused(doc.save)
	assert "its result stands" in refused(api.run, doc.name)
	promoting.send_back(doc.name)
	assert frappe.db.get_value(DOCTYPE, doc.name, ["status", "proposed_by"]) == ("Ready", None)


def test_deleting_takes_what_was_kept_along(made):
	name = scenario("service 99%")
	assert set(kept_tables(name)) >= {"recommendations", "stock_policy", "order_differences"}
	frappe.delete_doc(DOCTYPE, name)
	assert kept_tables(name) == {}


def test_all_changed_orders_come_in_pages(made):
	name = scenario("demand all x3")
	whole = api.orders(name)["data"]
	assert whole["total"] == len(whole["rows"]) == frappe.db.get_value(DOCTYPE, name, "orders_changed")
	assert api.orders(name, start=1, limit=1)["data"]["rows"] == whole["rows"][1:2]
	kind = whole["rows"][0]["kind"]
	assert {row["kind"] for row in api.orders(name, kind=kind)["data"]["rows"]} == {kind}


def test_several_side_by_side(made):
	names = [scenario("service 99%"), scenario("demand all x2")]
	found = api.compare(json.dumps(names))["data"]
	assert [row["name"] for row in found["scenarios"]] == names and found["same_base"]
	assert len({row["measures"][0]["now"] for row in found["scenarios"]}) == 1
	assert "Choose 2 to 6" in refused(api.compare, json.dumps(names[:1]))
	assert "no result yet" in refused(api.compare, json.dumps([names[0], scenario("review 3", ran=False)]))


# who may


def test_roles(made):
	name = scenario("service 99%")
	frappe.set_user(make_user(VIEWER).name)
	assert api.get(name)["data"]["result"]
	for call in (api.run, api.propose, api.promote):
		with pytest.raises(frappe.PermissionError):
			call(name)
	with pytest.raises(frappe.PermissionError):
		api.create("Mine", ["service 97%"])
	frappe.set_user("Administrator")
	frappe.set_user(make_user(OPERATOR).name)
	api.propose(name)
	with pytest.raises(frappe.PermissionError, match="Operations Manager"):
		api.promote(name)
	frappe.set_user("Administrator")
	assert frappe.db.get_value(DOCTYPE, name, "status") == "Proposed"


# promotion


def test_promotion_makes_it_real_exactly_once(made):
	name = proposed("service 99%", "demand Chain Steady x2")
	wanted = kept_tables(name)["recommendations"].set_index(["item_code", "warehouse"])
	orders = frappe.db.count("Purchase Order")
	frappe.set_user(make_user(MANAGER).name)
	done = promoting.promote(name)
	frappe.db.commit()
	frappe.set_user("Administrator")
	doc = frappe.get_doc(DOCTYPE, name)
	assert (doc.status, doc.run) == ("Promoted", done["run"]) and doc.promoted_by.endswith("@example.com")
	assert frappe.db.get_single_value("Sentia Settings", "service_level") == 99
	open_now = frappe.get_all(
		"Reorder Recommendation",
		{"status": "Draft"},
		["item_code", "warehouse", "qty", "scenario", "run", "service_level"],
	)
	assert {(r.item_code, r.warehouse): r.qty for r in open_now} == wanted["qty"].to_dict()
	assert {(r.scenario, r.run) for r in open_now} == {(name, done["run"])}
	assert done["recommendations"] == len(open_now) > 0
	assert frappe.db.count("Purchase Order") == orders  # drafts to approve, nothing ordered
	override = frappe.get_all(
		"Forecast Override", fields=["item_code", "kind", "value", "from_date", "reason"]
	)
	assert [(o.item_code, o.kind, o.value, str(o.from_date)) for o in override] == [
		(made.steady, "percent", 100, today())
	]
	assert name in override[0].reason
	rows = SiteStore().read(FORECASTS, item_code=made.steady)
	assert rows["qty"].sum() == pytest.approx(2 * rows["machine_qty"].sum(), rel=1e-6)
	assert "was promoted by" in refused(promoting.promote, name)
	assert frappe.db.count("Planning Run", {"flow": "promotion", "status": "Failed"}) == 0


def test_the_next_plan_takes_the_mark_off(made):
	name = proposed("service 98.5%")
	promoting.promote(name)
	assert frappe.db.count("Reorder Recommendation", {"scenario": name, "status": "Draft"})
	unmark_recommendations()
	assert frappe.db.count("Reorder Recommendation", {"scenario": name, "status": "Draft"})
	tasks.run_plan("manual", only=["buying"])
	assert not frappe.db.count("Reorder Recommendation", {"scenario": name, "status": "Draft"})


def test_a_scenario_older_than_the_plan_is_refused(made):
	name = proposed("service 99%")
	tasks.run_plan("manual", only=["buying"])
	assert "has planned anew since" in refused(promoting.promote, name)
	assert "has planned anew since" in api.promotion(name)["data"]["refused"]
	assert frappe.db.get_value(DOCTYPE, name, "status") == "Proposed"


def test_a_scenario_of_yesterday_is_refused(made):
	name = proposed("service 99%")
	frappe.db.set_value(DOCTYPE, name, "as_of", add_days(today(), -1))
	assert "Run it again" in refused(promoting.promote, name)


def test_a_promotion_makes_the_others_old(made):
	first, second = proposed("service 98%"), proposed("service 97%")
	promoting.promote(first)
	assert "has planned anew since" in refused(promoting.promote, second)


def test_only_a_proposed_one_is_promoted(made):
	assert "only a proposed one" in refused(promoting.promote, scenario("service 99%"))
	assert "only one with a result" in refused(promoting.propose, scenario("service 99%", ran=False))


def test_a_plan_under_way_is_not_crossed(made):
	name = proposed("service 99%")
	with SiteStore().run("plan"), pytest.raises(BusyError):
		promoting.promote(name)
	assert frappe.db.get_value(DOCTYPE, name, "status") == "Proposed"


def test_a_promotion_that_fails_leaves_nothing(made, monkeypatch):
	name = proposed("service 99%", "demand Chain Steady x2")
	before = fingerprint()
	monkeypatch.setattr(promoting, "mark_recommendations", lambda *a: frappe.throw("no"))
	assert "no" in refused(promoting.promote, name)
	after = fingerprint()
	changed = {table for table in before if before[table] != after[table]}
	assert {table.rpartition(".")[2] for table in changed} <= {"tabPlanning Run"}  # says that it failed
	assert frappe.db.get_value(DOCTYPE, name, "status") == "Proposed"


def test_what_will_be_made_real_is_said_before(made):
	frappe.db.set_single_value("Sentia Settings", "level_ax", 95)
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	told = api.promotion(
		scenario("service AX 99%", "late Chain Mill 5", "demand Chain Steady x2", "budget 50")
	)["data"]
	real, left = " ".join(told["real"]), " ".join(told["not_real"])
	assert "AX: 99" in real and "Budget: 50" in real and "1 Forecast Overrides of +100 percent" in real
	assert "they stay drafts that somebody approves" in real
	assert "Chain Mill 5 days late. The next plan goes by the facts again" in left
	assert told["refused"] == ""


def test_settings_by_class_and_budget(made):
	frappe.db.set_single_value("Sentia Settings", "service_level", 95)
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	promoting.promote(proposed("service AX 99%", "budget 12345", "review 9", "holding 20%"))
	settings = frappe.get_doc("Sentia Settings")
	assert (settings.use_classes, settings.level_ax, settings.level_cz) == (1, 99, 95)
	assert (settings.use_budget, settings.budget, settings.review_days, settings.holding_rate) == (
		1,
		12345,
		9,
		20,
	)


def test_a_planner_s_own_override_stays(made):
	theirs = {
		"doctype": "Forecast Override",
		"item_code": made.steady,
		"kind": "set",
		"value": 7,
		"reason": "fair",
	}
	frappe.get_doc(theirs | {"from_date": today(), "to_date": add_days(today(), 6)}).insert()
	frappe.db.commit()
	name = proposed("demand Chain Steady x2")
	assert "an override on these days already, which stays" in " ".join(
		api.promotion(name)["data"]["not_real"]
	)
	assert promoting.promote(name)["overrides"] == 0
	assert frappe.get_all("Forecast Override", pluck="reason") == ["fair"]
