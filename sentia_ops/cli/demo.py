"""`demo`: the demo company from nothing to recommendations and a report."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentia_ops.cli.planning import run_chain
from sentia_ops.cli.proposals import most_urgent, proposals
from sentia_ops.cli.reporting import write_report
from sentia_ops.cli.schedule_tables import last_schedule
from sentia_ops.cli.state import State, records, run_summary
from sentia_ops.errors import SentiaError

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

SCHEDULE_SECONDS = "schedule_time_limit=10"  # a newcomer waits for it


def register(app: typer.Typer) -> None:
	app.command()(demo)


def demo(
	context: typer.Context,
	seed: Annotated[int, typer.Option(help="The same seed makes the same company.")] = 2026,
	items: Annotated[int, typer.Option(min=20, max=200, help="Items of the company.")] = 200,
	days: Annotated[int, typer.Option(min=60, max=3650, help="Days of history.")] = 730,
	as_of: Annotated[
		datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day to plan for. Default: today.")
	] = None,
	report: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("report.html"),
) -> None:
	"""Make a demo company in ./demo-lake (or --lake), plan it, and write a report."""
	from sentia_ops.demo import generate, write_lake

	state: State = context.obj
	day = as_of.date() if as_of else date.today()
	store = _demo_lake(state)
	state.say(f"Making the demo company: {items} items, {days} days, seed {seed} ...")
	company = generate(seed=seed, items=items, days=days, as_of=day)
	with state.progress() as progress:
		write_lake(store, company, progress)
	state.say("Planning: forecasts, lead times, recommendations, production ...")
	run = run_chain(state, store, as_of=day, rules=[SCHEDULE_SECONDS])
	file = write_report(state, store, report)
	found = proposals(store, 10)
	state.result(
		run_summary(run) | {"lake": str(store.path), "report": str(file), "recommendations": records(found)},
		*most_urgent(store, found),
		*last_schedule(store, run),
		f"Planned in {run.seconds:.1f} s. The lake: {store.path}. The report: {file}",
	)
	state.finish(run)


def _demo_lake(state: State) -> LakeStore:
	"""A folder for the demo company: never one that holds other data, hence not $SENTIA_LAKE either.

	Raises:
	    SentiaError: the lake named was not made by the demo.
	"""
	from sentia_ops.store.frames import RUNS
	from sentia_ops.store.lake import LakeStore

	store = LakeStore(state.lake or Path("demo-lake"), create=True)
	if store.tables() and "demo" not in set(store.read(RUNS)["flow"]):
		raise SentiaError(
			f"{store.path} holds data that is not the demo company's.",
			"Name another folder with --lake; nothing was written.",
		)
	return store
