"""Background plans: queued once, run by a real worker, seen by whoever started them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
import time

import frappe
import pytest
import redis
from conftest import BENCH, SITE
from factories import make_recommendation, make_user
from frappe.utils.background_jobs import create_job_id, get_job, get_queue, get_redis_conn
from jobqueue import connect_to, own_queue, work  # noqa: F401 - a fixture
from trade import forget, make_company

from sentia_ops import tasks
from sentia_ops.errors import BusyError, SentiaError, StoreError
from sentia_ops.events.realtime import publish
from sentia_ops.forecasting.engine.executors import Processes
from sentia_ops.permissions import MANAGER
from sentia_ops.replenishment.frames import RECOMMENDATIONS
from sentia_ops.store import planning_runs
from sentia_ops.store.base import STALE
from sentia_ops.store.site import SiteStore, is_running, lock_name, progress_of


@pytest.fixture(scope="module")
def made(site):
	frappe.set_user("Administrator")
	company = make_company(days=40)
	yield company
	forget(company)


@pytest.fixture(autouse=True)
def quiet_queue(own_queue, rollback):  # noqa: F811
	"""No plan queued, no run left over."""
	_clear()
	yield
	frappe.db.rollback()
	_clear()


def _clear() -> None:
	get_redis_conn().flushdb()
	frappe.db.delete("Planning Run")
	frappe.db.commit()


def record(run: str):
	frappe.db.rollback()
	return frappe.get_doc("Planning Run", run)


def test_a_queued_plan_is_recorded_at_once_and_only_once(made):
	run = tasks.enqueue_plan("manual")
	waiting = record(run)
	assert (waiting.status, waiting.progress_text) == ("Running", planning_runs.WAITING)
	assert tasks.enqueue_plan("manual") is None
	assert frappe.db.count("Planning Run") == 1
	assert get_queue("long").get_job_ids().count(create_job_id(tasks.PLAN_JOB)) == 1
	assert get_job(tasks.PLAN_JOB).timeout == tasks.plan_timeout() > 900


def test_the_worker_runs_it_under_the_name_that_was_told(made):
	run = tasks.enqueue_plan("manual")
	work()
	done = record(run)
	assert done.status == "Completed", done.error
	assert frappe.db.count("Planning Run") == 1
	assert frappe.db.get_value("Demand Forecast", {"item_code": made.steady}, "run") == run
	assert tasks.active_run() is None and not is_running()
	assert progress_of(run)["progress"] == 100


def test_a_job_may_use_several_processes(site):
	"""Forecasts of many series are spread over spawned processes; a worker's job is itself a forked one."""
	frappe.enqueue(
		"sentia_ops.forecasting.engine.parallel.map_chunks",
		queue="long",
		job_id="sentia_spawn_test",
		function=math.pow,
		items=[4, 9, 16],
		shared=0.5,
		executor=Processes(2),
		done=print,
	)
	work()
	assert get_job("sentia_spawn_test").result == [2, 3, 4]


def test_the_user_who_started_it_hears_of_it(made):
	user = make_user(MANAGER).name
	frappe.db.commit()
	frappe.set_user(user)
	heard = _listen()
	run = tasks.enqueue_plan("manual")
	work()
	frappe.set_user("Administrator")
	messages = [m for m in heard() if m["event"] == "sentia_run" and m["message"]["run"] == run]
	assert {m["room"] for m in messages} == {f"user:{user}", f"doc:Planning Run/{run}"}
	shares = [m["message"]["progress"] for m in messages if m["room"].startswith("user:")]
	assert shares == sorted(shares) and shares[-1] == 100 and len(shares) > 2
	assert messages[-1]["message"]["status"] == "Completed"
	assert record(run).user == user
	frappe.delete_doc("User", user, force=True)
	frappe.db.commit()


def _listen():
	"""Everything published to this site's clients from now on; call the result to get it."""
	found, client = [], redis.from_url(frappe.conf.redis_queue)
	channel = client.pubsub()
	channel.subscribe("events")
	channel.get_message(timeout=5)
	stop = threading.Event()

	def collect():
		while not stop.is_set():
			message = channel.get_message(timeout=0.2)
			if message and message["type"] == "message":
				found.append(json.loads(message["data"]))

	thread = threading.Thread(target=collect)
	thread.start()

	def heard():
		time.sleep(0.5)
		stop.set()
		thread.join()
		return found

	return heard


def test_a_failure_is_in_the_record_and_told(made):
	frappe.db.sql("update `tabSales Order Item` set warehouse = null where item_code in %s", [made.items])
	frappe.db.commit()
	try:
		run = tasks.enqueue_plan("manual")
		work()
	finally:
		frappe.db.sql(
			"update `tabSales Order Item` set warehouse = %s where item_code in %s",
			(made.warehouse, made.items),
		)
		frappe.db.commit()
	failed = record(run)
	assert failed.status == "Failed" and "history" in failed.error and "Traceback" not in failed.error
	assert progress_of(run)["status"] == "Failed"


def test_settings_that_make_no_sense_fail_the_waiting_run(site):
	frappe.db.set_single_value("Sentia Settings", "service_level", 120)
	frappe.db.commit()
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	run = planning_runs.new_run("plan", "manual", {}, planning_runs.WAITING)
	try:
		with pytest.raises(SentiaError, match="Sentia Settings: service_level"):
			tasks.run_plan("manual", run=run)
	finally:
		frappe.db.set_single_value("Sentia Settings", "service_level", 95)
		frappe.db.commit()
		frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	assert (record(run).status, "service_level" in record(run).error) == ("Failed", True)


def test_another_process_holds_the_site(site):
	"""A real second connection has the lock; the waiting run says so and does not wait for ever."""
	holder = subprocess.Popen(
		[sys.executable, "-c", HOLDER.format(site=site)],
		cwd=BENCH / "sites",
		stdout=subprocess.PIPE,
		stdin=subprocess.PIPE,
		text=True,
	)
	try:
		other = holder.stdout.readline().strip()
		assert is_running() and tasks.active_run() == other
		assert tasks.enqueue_plan("manual") is None
		run = planning_runs.new_run("plan", "manual", {}, planning_runs.WAITING)
		with pytest.raises(BusyError, match=f"Another run is under way on this site .{other}."):
			with SiteStore(run).run("plan"):
				pass
		assert record(run).status == "Failed" and other in record(run).error
	finally:
		holder.communicate("go", timeout=20)
	assert not is_running()
	assert record(other).status == "Completed"


HOLDER = """
import sys
import frappe
frappe.init(site={site!r}, sites_path=".")
frappe.connect()
from sentia_ops.store.site import SiteStore
with SiteStore().run("plan") as run:
	print(run.name, flush=True)
	sys.stdin.read()
"""


def test_a_waiting_run_is_not_taken_for_dead(made):
	waiting = tasks.enqueue_plan("manual")
	dead = planning_runs.new_run("plan", "manual", {})
	with SiteStore().run("contract") as run:
		pass
	assert record(waiting).status == "Running"
	assert (record(dead).status, record(dead).error) == ("Failed", STALE)
	assert record(run.name).status == "Completed"


def test_the_scheduler_queues_where_settings_want_it(made):
	assert "sentia_ops.tasks.plan_daily" in frappe.get_hooks("scheduler_events")["daily_long"]
	settings = frappe.get_doc("Sentia Settings")
	settings.db_set("plan_daily", 0)
	tasks.plan_daily()
	assert frappe.db.count("Planning Run") == 0
	settings.db_set("plan_daily", 1)
	tasks.plan_daily()
	assert frappe.get_last_doc("Planning Run").trigger == "scheduler"


def test_a_queue_that_does_not_answer(site):
	ours = frappe.conf.redis_queue
	connect_to("redis://127.0.0.1:1")
	try:
		with pytest.raises(StoreError, match=r"job queue \(Redis\) does not answer"):
			tasks.enqueue_plan("manual")
	finally:
		connect_to(ours)
	assert frappe.get_last_doc("Planning Run").status == "Failed"


def test_unknown_steps_are_refused_before_anything_is_queued(site):
	with pytest.raises(SentiaError, match="Unknown step cooking"):
		tasks.enqueue_plan("manual", ["cooking"])
	assert frappe.db.count("Planning Run") == 0


def test_nothing_is_published_to_everybody(site):
	heard = _listen()
	publish("sentia_run", {"run": "x"}, after_commit=False)
	publish("sentia_run", {"run": "x"}, user="Guest", after_commit=False)
	publish(
		"sentia_run", {"run": "x"}, user="a@example.com", document=("Planning Run", "x"), after_commit=False
	)
	assert [m["room"] for m in heard() if m["event"] == "sentia_run"] == [
		"user:a@example.com",
		"doc:Planning Run/x",
	]


def test_the_lock_has_the_name_of_the_database(site):
	assert frappe.conf.db_name in lock_name()


def test_rows_held_by_somebody_else_fail_the_run_in_words(made):
	"""A second connection holds a recommendation's row for longer than the plan will wait."""
	frappe.db.delete("Reorder Recommendation")
	held = make_recommendation(made.steady, made.warehouse, made.mill)
	frappe.db.commit()
	holder = subprocess.Popen(
		[sys.executable, "-c", ROW_HOLDER.format(site=SITE, name=held.name)],
		cwd=BENCH / "sites",
		stdout=subprocess.PIPE,
		stdin=subprocess.PIPE,
		text=True,
	)
	try:
		assert holder.stdout.readline().strip() == "held"
		frappe.db.sql("set session innodb_lock_wait_timeout = 1")
		store = SiteStore()
		with pytest.raises(frappe.QueryTimeoutError), store.run("contract") as run:
			store.write(RECOMMENDATIONS, RECOMMENDATIONS.empty(), run=run)
	finally:
		frappe.db.sql("set session innodb_lock_wait_timeout = default")
		holder.communicate("go", timeout=20)
	assert "Somebody was changing the same documents" in record(run.name).error
	assert frappe.db.get_value("Reorder Recommendation", held.name, "status") == "Draft"
	frappe.delete_doc("Reorder Recommendation", held.name, force=True)
	frappe.db.commit()


ROW_HOLDER = """
import sys
import frappe
frappe.init(site={site!r}, sites_path=".")
frappe.connect()
frappe.get_doc("Reorder Recommendation", {name!r}, for_update=True)
print("held", flush=True)
sys.stdin.read()
"""
