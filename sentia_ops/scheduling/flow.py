"""Jobs, workstations, working hours and materials -> a schedule, with reasons; it proposes, a person publishes.

	with store.run("schedule") as run:
		name = schedule(store, run, settings=ScheduleSettings())

A schedule is written as a Draft. The Draft before it is replaced, so that none pile up; what is Published stays as it
is until a person publishes another.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from sentia_ops.errors import NoDataError
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.scheduling.freeze import freeze
from sentia_ops.scheduling.promising import promise
from sentia_ops.scheduling.reading import check, has_jobs, names_in, read_tables
from sentia_ops.scheduling.rows import frames_of
from sentia_ops.scheduling.telling import count
from sentia_ops.store import Run, Store

if TYPE_CHECKING:
	from sentia_ops.scheduling.engine.prepare import Built, Tables
	from sentia_ops.scheduling.engine.problem import Result

__all__ = ["Made", "has_jobs", "make", "promise", "publish", "schedule"]

RESULTS = (f.SCHEDULES, f.SCHEDULED_OPERATIONS, f.SCHEDULED_JOBS, f.UNPLACED_OPERATIONS, f.STATION_LOADS)
KEEP_SUPERSEDED = 10  # schedules once published whose rows a lake keeps


@dataclass
class Made:
	"""A schedule before it is written: the problem, its solution, and the rows of RESULTS by table name."""

	built: Built
	result: Result
	frames: dict[str, pd.DataFrame]
	warnings: list[str]


def schedule(
	store: Store,
	run: Run,
	*,
	settings: ScheduleSettings,
	now: pd.Timestamp | None = None,
	stop: Callable[[], bool] | None = None,
	reason: str = "",
) -> str:
	"""Make a schedule of all open jobs and write it as the Draft.

	Args:
	    now: local time from which on is planned; default: the beginning of `store.today()`.
	    stop: asked again and again; true: the best schedule so far is taken.
	    reason: why it is made anew, in words for its summary ("Press 1 is down until 14:00").

	Returns:
	    the schedule's name.

	Raises:
	    NoDataError: there is no open job.
	    SentiaError: a setting makes no sense.
	"""
	check(settings)
	now = pd.Timestamp(store.today()) if now is None else pd.Timestamp(now)
	run.progress(0.0, "reading jobs, workstations and materials")
	tables, warnings = read_tables(store, now)
	if tables.jobs.empty:
		raise NoDataError(
			"There is no open job to schedule.",
			"Bring in tables jobs, operations, operation_modes, workstations and shifts.",
		)
	known = store.read(f.SCHEDULES)
	name = new_name(known, now)
	published = names_in(known, "Published")
	made = make(
		tables, now, settings, name=name, stop=stop, reason=reason,
		published=published[-1] if published else "", progress=run.progress,
	)  # fmt: skip
	for text in [*warnings, *made.warnings]:
		run.warn(text)
	replaced = [*names_in(known, "Draft"), name]
	for frame in RESULTS:
		rows = made.frames[frame.name].assign(run=run.name)
		store.write(frame, rows if len(rows) else frame.empty(), run=run, scope={"schedule": replaced})
	if len(unplaced := made.frames[f.UNPLACED_OPERATIONS.name]):
		run.warn(
			f"Schedule {name}: {count(len(unplaced), 'entry', 'entries')} could not be placed; table unplaced_operations says why."
		)
	run.progress(1.0, f"schedule {name}: {made.frames['schedules']['summary'].iloc[0]}")
	return name


def make(
	tables: Tables,
	now: pd.Timestamp,
	settings: ScheduleSettings,
	*,
	name: str = "schedule",
	published: str = "",
	stop: Callable[[], bool] | None = None,
	reason: str = "",
	progress: Callable[[float, str], None] | None = None,
	settle: bool = False,
) -> Made:
	"""Build, solve and explain, without a store.

	Args:
	    published: name of the schedule whose rows `tables.published` are.
	    settle: keep that schedule and move only what must; nothing is made better.
	"""
	from sentia_ops.scheduling.engine.prepare import build
	from sentia_ops.scheduling.engine.replan import replan
	from sentia_ops.scheduling.engine.solve import solve

	tell = progress or (lambda share, text: None)
	started = time.monotonic()
	operations = freeze(
		tables.operations,
		tables.jobs,
		tables.published,
		tables.calendar_exceptions,
		now,
		settings.freeze_hours,
	)
	tables = replace(tables, operations=operations)
	tell(0.02, "checking jobs and working hours")
	built = build(tables, now, settings)
	tell(0.05, f"scheduling {len(built.problem.operations):,} operations")
	objective = aims_of(settings, bool(built.problem.previous))
	steady = bool(built.problem.previous) and "stability" in dict(objective.aims)
	if settle and built.problem.previous:
		result = _settled(built.problem, objective)
	else:
		result = (replan if steady else solve)(
			built.problem,
			objective,
			limit=settings.time_limit,
			workers=settings.workers,
			seed=settings.seed,
			stop=_pulse(tell, settings.time_limit, stop),
		)
	result.seconds = time.monotonic() - started
	tell(0.92, "explaining")
	found = frames_of(
		built, result, tables, now=now, settings=settings, name=name, published=published, reason=reason
	)
	return Made(built, result, found, list(built.warnings))


def _settled(problem, objective) -> Result:
	"""The published schedule, repaired: nothing better was sought, and nothing is proven."""
	from sentia_ops.scheduling.engine.aims import aims, value
	from sentia_ops.scheduling.engine.problem import Result, Status
	from sentia_ops.scheduling.engine.repair import repair

	schedule = repair(problem, problem.previous)
	worth = value(problem, objective, schedule)
	gap = worth / max(worth, 1.0)
	return Result(schedule, Status.FEASIBLE, aims(problem, schedule), worth, bound=0.0, gap=gap)


def aims_of(settings: ScheduleSettings, replanned: bool):
	"""The objective; against a published schedule moves count too, last where the aims are ordered."""
	objective = settings.objective
	if not replanned or not settings.stability or "stability" in dict(objective.aims):
		return objective
	return replace(objective, aims=(*objective.aims, ("stability", settings.stability)))


def _pulse(tell: Callable[[float, str], None], limit: float, stop: Callable[[], bool] | None):
	"""`stop` for the solver, which asks several times a second: so it is also how progress is told."""
	started, told = time.monotonic(), 0.0

	def asked() -> bool:
		nonlocal told
		spent = time.monotonic() - started
		if spent - told >= 1:
			told = spent
			tell(
				0.05 + 0.85 * min(spent / limit, 1.0),
				f"looking for a better schedule for {spent:.0f} s of {limit:g}",
			)
		return stop is not None and stop()

	return asked


def new_name(known: pd.DataFrame, now: pd.Timestamp) -> str:
	"""SCH-YYYYMMDD-n, the first n that is free."""
	taken, day = set(known["schedule"]), f"SCH-{now:%Y%m%d}"
	return next(name for n in range(1, len(taken) + 2) if (name := f"{day}-{n}") not in taken)


def publish(store: Store, run: Run, name: str = "") -> str:
	"""Mark a Draft (default: the newest) as Published and the one published before as Superseded.

	Publishing what is published changes nothing. On a site publishing writes documents too: see `site_publish`.

	Raises:
	    NoDataError: there is no such Draft.
	"""
	known = store.read(f.SCHEDULES)
	drafts, published = names_in(known, "Draft"), names_in(known, "Published")
	if name and name in published:
		return name
	wanted = name or (drafts[-1] if drafts else "")
	if wanted not in drafts:
		listed = f"Drafts: {', '.join(drafts)}." if drafts else "Make one with 'sentia-ops schedule'."
		raise NoDataError(f"There is no draft schedule {wanted}".rstrip() + ".", listed)
	status = known["status"].where(~known["schedule"].isin(published), "Superseded")
	known = known.assign(status=status.where(known["schedule"] != wanted, "Published"))
	gone = names_in(known, "Superseded")[:-KEEP_SUPERSEDED]
	store.write(f.SCHEDULES, known[~known["schedule"].isin(gone)], run=run)
	for frame in RESULTS[1:] if gone else ():
		store.write(frame, frame.empty(), run=run, scope={"schedule": gone})
	return wanted
