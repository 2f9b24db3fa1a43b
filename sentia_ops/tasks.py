"""Background work: the one place that knows queue, timeout and names of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager

import frappe
from frappe.utils.background_jobs import enqueue, get_job

PLAN_JOB = "sentia_plan"
BASE_SECONDS, SECONDS_PER_SERIES = 900, 1.0  # a forecast takes about 0.1 s a series: ten times that is a hang
SCHEDULE_JOB = "sentia_schedule"
SCHEDULE_SECONDS = 900  # besides the solver's time limit, for reading, explaining and writing
SCENARIO_JOB = "sentia_scenario"
SCENARIO_SECONDS = 0.2  # a pair, two plans: a hundred times what it takes
QUEUED, STARTED = "queued", "started"


def enqueue_plan(trigger: str, only: Sequence[str] | None = None) -> str | None:
	"""Queue a plan and return its Planning Run, already recorded; None where one is queued or running.

	Commits, because the worker must find the record.

	Raises:
	    StoreError: the job queue does not answer; the Planning Run is marked Failed.
	"""

	from sentia_ops.chain import STEPS
	from sentia_ops.errors import SentiaError

	steps = list(only or STEPS)
	unknown = [step for step in steps if step not in STEPS]
	if unknown:
		raise SentiaError(f"Unknown step {', '.join(unknown)}.", f"Steps: {', '.join(STEPS)}.")
	with _one_at_a_time():
		if active_run():
			return None
		return _queue("plan", "sentia_ops.tasks.plan_job", PLAN_JOB, plan_timeout(), trigger, only=steps)


def active_run() -> str | None:
	"""Name of the Planning Run that is queued or running, if any."""
	from sentia_ops.store import planning_runs
	from sentia_ops.store.site import is_running

	return (
		queued_run(QUEUED, STARTED) or (is_running() and (planning_runs.running() or "just started")) or None
	)


def queued_run(*states: str, job: str = PLAN_JOB) -> str | None:
	"""The Planning Run of the plan job, or of another one, in one of the RQ `states` (default: queued)."""
	from redis.exceptions import RedisError

	try:
		found = get_job(job)
		if found and found.get_status() in (states or (QUEUED,)):
			return found.kwargs["kwargs"]["run"]
	except RedisError:  # without a queue nothing waits in it
		pass
	return None


def waiting_runs() -> set[str]:
	"""Planning Runs whose jobs are queued and not yet started."""
	return {run for job in (PLAN_JOB, SCHEDULE_JOB) if (run := queued_run(job=job))}


def enqueue_schedule(trigger: str, reason: str = "") -> str | None:
	"""Queue a new schedule and return its Planning Run, already recorded; None where one is queued or running.

	Commits, because the worker must find the record.

	Args:
	    reason: why it is made anew, for its summary.

	Raises:
	    StoreError: the job queue does not answer; the Planning Run is marked Failed.
	    SentiaError: a setting makes no sense.
	"""

	from sentia_ops.scheduling.site_settings import schedule_settings

	limit = schedule_settings().time_limit
	with _one_at_a_time():
		if queued_run(QUEUED, STARTED, job=SCHEDULE_JOB):
			return None
		timeout = int(SCHEDULE_SECONDS + 2 * limit)
		return _queue(
			"schedule", "sentia_ops.tasks.schedule_job", SCHEDULE_JOB, timeout, trigger, reason=reason
		)


def _queue(flow: str, method: str, job: str, timeout: int, trigger: str, **parameters) -> str:
	"""Record a Planning Run as waiting and queue the job that carries it out; returns the run's name."""
	from redis.exceptions import RedisError

	from sentia_ops.errors import StoreError
	from sentia_ops.store import planning_runs

	run = planning_runs.new_run(flow, trigger, parameters, planning_runs.WAITING)
	try:
		enqueue(
			method,
			queue="long",
			timeout=timeout,
			job_id=job,
			deduplicate=True,
			run=run,
			trigger=trigger,
			**parameters,
		)
	except RedisError as error:
		planning_runs.fail(run, "The job queue (Redis) does not answer.")
		frappe.db.commit()  # nosemgrep: the failure stays visible although the request fails
		raise StoreError("The job queue (Redis) does not answer.", "Start it, then plan again.") from error
	return run


def schedule_job(run: str, trigger: str, reason: str = "") -> None:
	"""The job: failures are in the Planning Run already, surprises in the Error Log as well."""
	from sentia_ops.errors import SentiaError
	from sentia_ops.sentia_ops.doctype.production_schedule.replanning import open_reasons
	from sentia_ops.sentia_ops.doctype.production_schedule.running import run_schedule

	try:
		if trigger == "event":
			reason = open_reasons() or reason  # more of them since it was queued
		run_schedule(trigger, run=run, reason=reason)
		if meanwhile := open_reasons():  # they found this job running, and started none
			run_schedule("event", reason=meanwhile)
	except SentiaError:
		return  # `watch_schedule` proposes again what was to answer an event
	except Exception:
		frappe.log_error(
			title=f"Planning Run {run} failed", reference_doctype="Planning Run", reference_name=run
		)
		frappe.db.commit()  # nosemgrep: the job fails, its log stays
		raise


def plan_job(run: str, trigger: str, only: Sequence[str]) -> None:
	"""The job: failures are in the Planning Run and at the user's screen already, surprises in the Error Log as well."""
	from sentia_ops.errors import SentiaError

	try:
		run_plan(trigger, only=only, run=run)
	except SentiaError:
		return
	except Exception:
		frappe.log_error(
			title=f"Planning Run {run} failed", reference_doctype="Planning Run", reference_name=run
		)
		frappe.db.commit()  # nosemgrep: the job fails, its log stays
		raise


def run_plan(trigger: str, *, only: Sequence[str] | None = None, run: str | None = None, progress=None):
	"""Plan now, in this process; returns the finished `Run`.

	Args:
	    run: a Planning Run recorded as waiting by `enqueue_plan`.

	Raises:
	    SentiaError: see `sentia_ops.chain.plan`.
	"""
	from sentia_ops.after_plan import after_plan
	from sentia_ops.chain import STEPS, plan
	from sentia_ops.errors import SentiaError
	from sentia_ops.forecasting.site_jobs import SiteExecutor
	from sentia_ops.replenishment.recommendations import expire_unconfirmed
	from sentia_ops.scenarios.site import unmark_recommendations
	from sentia_ops.sentia_ops.doctype.forecast_override.applying import apply_late
	from sentia_ops.store import planning_runs
	from sentia_ops.store.site import SiteStore

	try:
		settings = plan_settings()
	except SentiaError as error:
		if run:
			planning_runs.fail(run, str(error))
			frappe.db.commit()  # nosemgrep: the failure stays visible although the job ends
		raise
	done = plan(
		SiteStore(run),
		settings,
		only=only or STEPS,
		trigger=trigger,
		progress=progress,
		executor=SiteExecutor(),
		now=frappe.utils.now_datetime(),
	)
	apply_late(planning_runs.to_local(done.started))
	expire_unconfirmed(frappe.get_cached_doc("Sentia Settings").expire_days or 14)
	unmark_recommendations()
	frappe.db.commit()  # nosemgrep: after the run's own commit
	if "buying" in (only or STEPS):
		after_plan(done, settings.policy)
	return done


def plan_settings():
	"""Sentia Settings as the chain wants them.

	Raises:
	    SentiaError: a setting makes no sense.
	"""
	from sentia_ops.chain import PlanSettings
	from sentia_ops.errors import SentiaError
	from sentia_ops.forecasting.engine import ForecastSettings
	from sentia_ops.replenishment.engine import Policy
	from sentia_ops.scheduling.site_settings import schedule_settings

	settings = frappe.get_cached_doc("Sentia Settings")
	try:
		forecast = ForecastSettings(
			horizon_days=settings.horizon_days,
			history_days=settings.history_days,
			holidays=holiday_countries(settings),
			profile=settings.forecast_profile or "best",  # empty on sites older than the field
		)
		policy = Policy(
			service_level=settings.service_level / 100,
			review_days=settings.review_days,
			ordering_cost=settings.ordering_cost,
			holding_rate=settings.holding_rate / 100,
			max_cover_days=settings.max_cover_days,
			default_lead_days=settings.default_lead_days,
			stockout_margin=settings.stockout_margin / 100,
			service_levels=class_levels(settings),
			service_measure=settings.service_measure or "cycle",
			budget=settings.budget if settings.use_budget else None,
			transfers=bool(settings.propose_transfers),
			transfer_days=settings.transfer_days,
			transfer_cost=settings.transfer_cost,
		)
		policy.check()
	except ValueError as error:
		raise SentiaError(f"Sentia Settings: {error}", "Correct it and plan again.") from error
	return PlanSettings(forecast, policy, schedule_settings(settings))


def class_levels(settings) -> str:
	"""Service levels by ABC x XYZ class as `Policy.service_levels` has them; empty: one level for all."""
	if not settings.use_classes:
		return ""
	return " ".join(f"{a}{x}={settings.get(f'level_{a}{x}'.lower()):g}" for a in "ABC" for x in "XYZ")


def holiday_countries(settings) -> str:
	"""ISO codes of the countries whose holidays move demand: those set, else those of the companies planned."""
	if not settings.use_holidays:
		return ""
	if settings.holiday_countries:
		return settings.holiday_countries
	companies = {"name": settings.company} if settings.company else {"is_group": 0}
	countries = {name for name in frappe.get_all("Company", companies, pluck="country") if name}
	codes = frappe.get_all("Country", {"name": ["in", sorted(countries)]}, pluck="code", order_by="code")
	return ",".join(code.upper() for code in codes)


def plan_timeout() -> int:
	"""Seconds after which a plan is given up, by the number of stocked items and warehouses."""
	schedule = 2 * (frappe.get_cached_doc("Sentia Settings").schedule_time_limit or 0)
	return int(BASE_SECONDS + SECONDS_PER_SERIES * frappe.db.count("Bin") + schedule)


def plan_daily() -> None:
	"""Scheduler: queue the nightly plan where Sentia Settings want one."""
	if frappe.get_cached_doc("Sentia Settings").plan_daily:
		enqueue_plan("scheduler")


def watch_schedule() -> None:
	"""Scheduler, every hour: late jobs, slips, and proposals that could not be made before."""
	from sentia_ops.sentia_ops.doctype.production_schedule.replanning import watch

	watch()


def enqueue_scenario(name: str) -> None:
	"""Queue the run of a Planning Scenario and mark it as running; commits.

	Raises:
	    BusyError: it is queued or running.
	    StoreError: the job queue does not answer.
	"""
	from redis.exceptions import RedisError

	from sentia_ops.errors import BusyError, StoreError
	from sentia_ops.sentia_ops.doctype.planning_scenario import running

	try:
		if scenario_active(name):
			raise BusyError(f"{name} is being calculated.", "Wait until it has ended.")
		running.begin(name)
		enqueue(
			"sentia_ops.tasks.scenario_job",
			queue="long",
			timeout=int(BASE_SECONDS + SCENARIO_SECONDS * frappe.db.count("Bin")),
			job_id=f"{SCENARIO_JOB}:{name}",
			deduplicate=True,
			name=name,
		)
	except RedisError as error:
		running.fail(name, "The job queue (Redis) does not answer.")
		raise StoreError("The job queue (Redis) does not answer.", "Start it, then run again.") from error


def scenario_active(name: str) -> bool:
	"""Whether the scenario's job is queued or running; one whose worker died is not."""
	job = get_job(f"{SCENARIO_JOB}:{name}")
	return bool(job) and job.get_status() in (QUEUED, STARTED)


def scenario_job(name: str) -> None:
	"""The job: failures are on the scenario already, surprises in the Error Log as well."""
	from sentia_ops.errors import SentiaError
	from sentia_ops.sentia_ops.doctype.planning_scenario import running

	try:
		running.run(name, plan_settings())
	except SentiaError as error:
		running.fail(name, str(error))
	except Exception:
		frappe.log_error(
			title=f"Scenario {name} failed", reference_doctype=running.DOCTYPE, reference_name=name
		)
		frappe.db.commit()  # nosemgrep: the job fails, its log stays
		raise


@contextmanager
def _one_at_a_time():
	"""Two requests at once must not both find the queue empty."""
	name = f"sentia_ops_enqueue:{frappe.conf.db_name}"[:64]
	frappe.db.sql("select get_lock(%s, 10)", name)
	try:
		yield
	finally:
		frappe.db.sql("select release_lock(%s)", name)
