"""`schedule`: the plant's jobs on its workstations, or any shop in a text file; `promise`: a date for a new order."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentia_ops.cli.schedule_tables import difference_parts, schedule_data, schedule_parts
from sentia_ops.cli.state import WITH_REFUSALS, State, run_summary
from sentia_ops.errors import SentiaError
from sentia_ops.scheduling.objective import HELP, parse_objective
from sentia_ops.scheduling.what_if_text import EXAMPLES

if TYPE_CHECKING:
	from sentia_ops.scheduling.engine.settings import ScheduleSettings
	from sentia_ops.store.lake import LakeStore

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]

Now = Annotated[
	datetime | None,
	typer.Option(
		formats=FORMATS, help="Plan from here on. Default: midnight of the lake's first day to plan for."
	),
]
Objective = Annotated[str, typer.Option(help=f"What is better. {HELP}.")]
Horizon = Annotated[int, typer.Option("--horizon-days", help="How far working hours are looked at.")]
Freeze = Annotated[float, typer.Option("--freeze-hours", help="What is published and starts sooner stays.")]
Zone = Annotated[str, typer.Option("--time-zone", help="The plant's clock, such as Europe/London.")]


def register(app: typer.Typer) -> None:
	app.command()(schedule)
	app.command()(promise)


def schedule(
	context: typer.Context,
	file: Annotated[
		Path | None,
		typer.Argument(help="A shop in a classical text format, see --format. Default: the lake's jobs."),
	] = None,
	time_limit: Annotated[float, typer.Option(help="Seconds for the solver.")] = 60.0,
	workers: Annotated[int, typer.Option(min=0, help="Processor cores to use. 0: all.")] = 0,
	seed: Annotated[int, typer.Option(min=0, help="Of the random choices.")] = 0,
	objective: Objective = "",
	horizon_days: Horizon = 60,
	freeze_hours: Freeze = 8.0,
	now: Now = None,
	time_zone: Zone = "UTC",
	reason: Annotated[str, typer.Option(help="Why it is made anew; kept with the schedule.")] = "",
	publish: Annotated[
		bool, typer.Option("--publish", help="Publish it: people work by it from now on.")
	] = False,
	publish_draft: Annotated[
		bool,
		typer.Option("--publish-draft", help="Publish the draft that is there; nothing is scheduled anew."),
	] = False,
	what_if: Annotated[
		list[str] | None,
		typer.Option(
			metavar="CHANGE", help=f"Nothing is written; what would change? May be repeated. {EXAMPLES}."
		),
	] = None,
	top: Annotated[int, typer.Option(min=0, help="Late jobs and reasons to print.")] = 10,
	kind: Annotated[str, typer.Option("--format", help="Of FILE: jobshop or flexible.")] = "jobshop",
	setups: Annotated[
		Path | None,
		typer.Option(help="For FILE; CSV: machine, from_job, to_job, minutes, all numbers from 0."),
	] = None,
	out: Annotated[
		Path | None, typer.Option(help="For FILE: write the schedule here as JSON. Default: stdout.")
	] = None,
) -> None:
	"""Schedule the lake's production jobs: what runs where and when, what is late and why. With FILE: any shop."""
	state: State = context.obj
	if file is not None:
		from sentia_ops.cli.schedule_file import Request, solve_file

		with _interruptible() as stopped:
			solve_file(state, Request(file, kind, setups, out, time_limit, workers, seed), stopped)
		return
	if setups is not None or out is not None:
		raise SentiaError("--setups and --out are for a FILE.", "Name the file, or leave them out.")
	if (publish or publish_draft) and what_if:
		raise SentiaError("What is only asked cannot be published.", "Leave out --publish or --what-if.")
	if publish_draft:
		_publish(state, state.open())
		return
	settings = _settings(objective, horizon_days, freeze_hours, time_limit, workers, seed, time_zone)
	store = state.open()
	if what_if:
		_ask(state, store, what_if, settings, now, top)
	else:
		_make(state, store, settings, now, reason, publish, top)


def _settings(
	objective, horizon_days, freeze_hours, time_limit, workers, seed, time_zone
) -> ScheduleSettings:
	from sentia_ops.scheduling.engine.settings import ScheduleSettings
	from sentia_ops.scheduling.reading import check

	try:
		aims = {"objective": parse_objective(objective)} if objective.strip() else {}
	except ValueError as error:
		raise SentiaError(f"--objective: {error}.") from None
	settings = ScheduleSettings(
		**aims,
		horizon_days=horizon_days,
		freeze_hours=freeze_hours,
		time_limit=time_limit,
		workers=workers or os.cpu_count() or 1,
		seed=seed,
		time_zone=time_zone,
	)
	check(settings)
	return settings


def _make(
	state: State,
	store: LakeStore,
	settings: ScheduleSettings,
	now: datetime | None,
	reason: str,
	publish: bool,
	top: int,
) -> None:
	from sentia_ops.scheduling import flow

	parameters = {"settings": vars(settings) | {"objective": str(settings.objective)}, "reason": reason}
	with (
		state.progress() as progress,
		store.run("schedule", parameters=parameters, trigger="cli", progress=progress) as run,
	):
		with _interruptible() as stopped:
			name = flow.schedule(store, run, settings=settings, now=now, stop=stopped, reason=reason)
		if publish:
			flow.publish(store, run, name)
	frames = {frame.name: store.read(frame, schedule=name) for frame in flow.RESULTS}
	done = f"Schedule {name}, {'published' if publish else 'a draft'}. "
	done += "" if publish else "'sentia-ops schedule --publish-draft' makes it the one that people work by; "
	done += "'sentia-ops report' draws it."
	state.result(run_summary(run) | schedule_data(frames), *schedule_parts(frames, top), done)
	state.finish(run)
	if len(frames["unplaced_operations"]):
		raise typer.Exit(WITH_REFUSALS)


def _publish(state: State, store: LakeStore) -> None:
	from sentia_ops.scheduling.flow import publish

	with store.run("publish", trigger="cli") as run:
		name = publish(store, run)
	state.result(
		run_summary(run) | {"published": name},
		f"Schedule {name} is published: people work by it from now on.",
	)


@contextmanager
def _interruptible():
	"""Ctrl-C takes the best schedule so far; a second one stops everything."""
	import signal

	asked = False

	def stop(*_signal) -> None:
		nonlocal asked
		if asked:
			raise KeyboardInterrupt
		asked = True

	try:
		before = signal.signal(signal.SIGINT, stop)
	except ValueError:  # not the main thread: nobody there to press it
		yield lambda: False
		return
	try:
		yield lambda: asked
	finally:
		signal.signal(signal.SIGINT, before)


def _ask(
	state: State,
	store: LakeStore,
	texts: list[str],
	settings: ScheduleSettings,
	now: datetime | None,
	top: int,
) -> None:
	from sentia_ops.scheduling.what_if import what_if
	from sentia_ops.scheduling.what_if_text import parse_change

	changes = [parse_change(text) for text in texts]
	with state.progress() as progress:
		_before, after, difference = what_if(store, changes, settings, now, progress=progress)
	data = difference.as_data() | {"after": schedule_data(after)}
	state.result(data, *difference_parts(difference, top), "Nothing was written.")


def promise(
	context: typer.Context,
	item: Annotated[str, typer.Argument(help="Item code.")],
	qty: Annotated[float, typer.Argument(help="How many.")],
	horizon_days: Horizon = 60,
	now: Now = None,
	time_zone: Zone = "UTC",
) -> None:
	"""The earliest honest date for a new order, in the gaps of the schedule; nobody else is moved."""
	from sentia_ops.cli.schedule_tables import promise_data, promise_parts
	from sentia_ops.scheduling.flow import promise as promised

	state: State = context.obj
	settings = _settings("", horizon_days, 0.0, 60.0, 0, 0, time_zone)
	found = promised(state.open(), item, qty, settings, now)
	state.result(promise_data(found), *promise_parts(found))
	if found.at is None:
		raise typer.Exit(WITH_REFUSALS)
