"""The whole chain on a site: real orders in, documents out; the same flow on the exported lake says the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import frappe
import pandas as pd
import pytest
from conftest import BENCH, SITE
from trade import forget, make_company

from sentia_ops.chain import plan
from sentia_ops.errors import NoDataError
from sentia_ops.forecasting.frames import DEMAND, FORECAST_PARTS, FORECAST_QUALITY, FORECASTS
from sentia_ops.replenishment.frames import INBOUND, RECOMMENDATIONS, STOCK_POLICY
from sentia_ops.store.base import STALE
from sentia_ops.store.export import export_site
from sentia_ops.store.lake import LakeStore
from sentia_ops.store.registry import FRAMES
from sentia_ops.store.site import SiteStore
from sentia_ops.suppliers.frames import LEAD_TIMES
from sentia_ops.tasks import plan_settings, run_plan

RESULTS = [FORECASTS, FORECAST_QUALITY, FORECAST_PARTS, LEAD_TIMES, STOCK_POLICY, RECOMMENDATIONS]
DOCTYPES = [
	"Demand Forecast",
	"Demand Forecast Point",
	"Forecast Part",
	"Forecast Score",
	"Supplier Lead Time",
	"Stock Policy",
	"Reorder Recommendation",
]
HORIZON = 30


@pytest.fixture(scope="module")
def made(site):
	frappe.set_user("Administrator")
	settings = frappe.get_doc("Sentia Settings")
	before = settings.horizon_days
	settings.horizon_days = HORIZON
	settings.save()
	company = make_company()
	yield company
	forget(company)
	settings.reload()
	settings.horizon_days = before
	settings.save()
	frappe.db.commit()


@pytest.fixture
def planned(made):
	"""A plan that has run, and nothing of older ones."""
	for doctype in [*DOCTYPES, "Planning Run", "Reorder Alternative"]:
		frappe.db.delete(doctype)
	run = run_plan("cli")
	yield run
	frappe.db.rollback()


def results() -> dict[str, pd.DataFrame]:
	frappe.db.rollback()
	return {frame.name: SiteStore().read(frame) for frame in RESULTS}


def test_every_result_is_a_document(made, planned):
	assert planned.status == "Completed" and planned.error == ""
	forecast = frappe.get_doc("Demand Forecast", {"item_code": made.steady})
	assert len(forecast.points) == HORIZON and str(forecast.points[0].delivery_date) == frappe.utils.today()
	assert 8 < forecast.mean_daily < 13 and 8 * 28 < forecast.next_28_days < 13 * 28
	young = frappe.get_doc("Demand Forecast", {"item_code": made.young})
	assert young.demand_class == "new" and young.windows == 0 and young.verdict
	lead = frappe.get_doc("Supplier Lead Time", {"item_code": made.steady, "supplier": made.mill})
	assert lead.receipts == 4 and 9 <= lead.mean_days <= 14
	unsold = frappe.get_doc("Stock Policy", {"item_code": made.unsold})
	assert unsold.verdict in ("no demand", "no forecast") and unsold.why
	order = frappe.get_doc("Reorder Recommendation", {"item_code": made.steady})
	assert order.status == "Draft" and order.run == planned.name
	assert order.supplier in (made.mill, made.works) and order.qty > 0 and json.loads(order.reasons)
	if order.supplier == made.mill:
		assert order.qty % 12 == 0, "whole packs of the supplier's price"
	record = frappe.get_doc("Planning Run", planned.name)
	assert record.status == "Completed" and record.progress == 100 and record.duration > 0
	assert json.loads(record.rows_in)["demand"] == len(SiteStore().read(DEMAND))


def test_planning_again_piles_nothing_up(made, planned):
	before = {doctype: frappe.db.count(doctype) for doctype in DOCTYPES}
	names = sorted(frappe.get_all("Reorder Recommendation", pluck="name"))
	run_plan("cli")
	assert {doctype: frappe.db.count(doctype) for doctype in DOCTYPES} == before
	assert sorted(frappe.get_all("Reorder Recommendation", pluck="name")) == names


def test_the_lake_gives_the_same_answer(made, planned, tmp_path):
	site = results()
	export_site(tmp_path / "lake")
	lake = LakeStore(tmp_path / "lake")
	for name, frame in FRAMES.items():
		if name != "runs":
			pd.testing.assert_frame_equal(lake.read(frame), SiteStore().read(frame))
	plan(lake, plan_settings(), as_of=SiteStore().today())
	for frame in RESULTS:
		key = list(frame.key)
		ours, theirs = (
			rows.drop(columns="run").sort_values(key).reset_index(drop=True)
			for rows in (site[frame.name], lake.read(frame))
		)
		assert len(ours), frame.name
		# MariaDB keeps nine decimals
		pd.testing.assert_frame_equal(ours, theirs, rtol=1e-6, atol=1e-7, obj=frame.name)


def test_what_reading_has_to_say_is_in_the_export(made, planned, tmp_path):
	frappe.db.set_value("Bin", {"item_code": made.unsold}, "actual_qty", -3)
	run = export_site(tmp_path / "lake")
	assert any(f"{made.unsold} in {made.warehouse} (-3)" in text for text in run.warnings)


def test_an_approved_order_is_not_proposed_again(made, planned):
	from sentia_ops.replenishment.approval import approve

	name = frappe.db.get_value("Reorder Recommendation", {"item_code": made.steady})
	order = approve(name)
	frappe.db.commit()
	assert order["doctype"] == "Purchase Order"
	coming = SiteStore().read(INBOUND, item_code=made.steady)
	assert coming["voucher"].str.startswith(order["name"]).sum() == 1, "a draft of ours is on its way"
	run_plan("cli")
	assert frappe.get_all("Reorder Recommendation", {"item_code": made.steady}, pluck="name") == [name]
	assert frappe.db.get_value("Reorder Recommendation", name, "status") == "Approved"


def test_one_step_alone_leaves_the_others(made, planned):
	before = results()
	run = run_plan("cli", only=["suppliers"])
	after = results()
	assert set(after["lead_times"]["run"]) == {run.name}
	for name in set(before) - {"lead_times"}:
		pd.testing.assert_frame_equal(before[name], after[name])


def test_without_history_the_run_fails_in_words_and_keeps_the_results(made, planned):
	before = results()
	frappe.db.sql("update `tabSales Order Item` set warehouse = null where item_code in %s", [made.items])
	frappe.db.commit()
	try:
		with pytest.raises(NoDataError):
			run_plan("cli")
	finally:
		frappe.db.sql(
			"update `tabSales Order Item` set warehouse = %s where item_code in %s",
			(made.warehouse, made.items),
		)
		frappe.db.commit()
	failed = frappe.get_last_doc("Planning Run")
	assert failed.status == "Failed" and "history" in failed.error
	for name, rows in results().items():
		pd.testing.assert_frame_equal(rows, before[name])


def test_a_plan_killed_half_way_keeps_the_results_and_is_marked(made, planned):
	before = results()
	command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE, "sentia-plan"]
	child = subprocess.Popen(
		command,
		cwd=BENCH / "sites",
		stdout=subprocess.DEVNULL,
		stderr=subprocess.PIPE,
		start_new_session=True,
	)
	try:
		killed = _wait_for_forecasts(child, planned.name)
	finally:
		os.killpg(child.pid, signal.SIGKILL)
		child.wait(timeout=10)
	for name, rows in results().items():
		pd.testing.assert_frame_equal(rows, before[name])
	assert frappe.db.get_value("Planning Run", killed, "status") == "Running"
	run_plan("cli")
	assert frappe.db.get_value("Planning Run", killed, ["status", "error"]) == ("Failed", STALE)


def _wait_for_forecasts(child: subprocess.Popen, before: str) -> str:
	"""Name of the child's run, once it has inserted new forecasts, uncommitted, into the same tables."""
	frappe.db.sql("set session transaction isolation level read uncommitted")
	try:
		until = time.monotonic() + 90
		while time.monotonic() < until:
			frappe.db.rollback()
			run = frappe.db.get_value("Planning Run", {"status": "Running", "name": ["!=", before]})
			if run and frappe.db.exists("Demand Forecast", {"run": run}):
				return run
			assert child.poll() is None, child.stderr.read().decode()
			time.sleep(0.02)
	finally:
		frappe.db.sql("set session transaction isolation level repeatable read")
		frappe.db.rollback()
	raise AssertionError("the plan never wrote a forecast")


@pytest.mark.parametrize(
	("arguments", "told"),
	[
		(["sentia-plan", "--only", "cooking"], "Unknown step cooking"),
		(["sentia-export", "/proc/nowhere"], "Cannot make the lake /proc/nowhere"),
	],
)
def test_commands_say_what_is_wrong(site, arguments, told):
	command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE, *arguments]
	done = subprocess.run(command, cwd=BENCH / "sites", capture_output=True, text=True, timeout=120)
	assert done.returncode == 2
	assert told in done.stderr and "Traceback" not in done.stderr


def test_commands_plan_and_export(made, planned, tmp_path):
	base = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE]
	done = subprocess.run(
		[*base, "sentia-plan"], cwd=BENCH / "sites", capture_output=True, text=True, timeout=300
	)
	assert done.returncode in (0, 1), done.stderr
	assert f"forecasts: {HORIZON * 3}" in done.stdout and "completed in" in done.stdout
	done = subprocess.run(
		[*base, "sentia-export", str(tmp_path / "out")],
		cwd=BENCH / "sites",
		capture_output=True,
		text=True,
		timeout=120,
	)
	assert done.returncode == 0, done.stderr
	assert LakeStore(tmp_path / "out").tables()["forecasts"] == HORIZON * 3
