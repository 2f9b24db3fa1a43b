"""`plan`, `reorder`: the chain or a part of it, and what it proposes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from sentia_ops.cli.network import cut_lines, cuts
from sentia_ops.cli.proposals import (
	best_sellers,
	company_currency,
	most_urgent,
	proposals,
	reorder_points,
	stock_known,
)
from sentia_ops.cli.schedule_tables import last_schedule
from sentia_ops.cli.settings import Set, cluster_errors, plan_settings
from sentia_ops.cli.state import State, records, run_summary
from sentia_ops.store.base import Run

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

CUT = ["item_code", "warehouse", "cut_by", "cut_qty", "cut_risk", "why"]
AsOf = Annotated[
	datetime | None,
	typer.Option(formats=["%Y-%m-%d"], help="First day to plan for. Default: the day after the last sale."),
]
Top = Annotated[int, typer.Option(min=0, help="Recommendations to print.")]


def register(app: typer.Typer) -> None:
	app.command()(plan)
	app.command()(reorder)


def run_chain(
	state: State,
	store: LakeStore,
	only: Sequence[str] | None = None,
	as_of: datetime | date | None = None,
	rules: list[str] | None = None,
) -> Run:
	"""The chain with a progress display."""
	from sentia_ops import chain

	settings = plan_settings(rules)
	day = as_of.date() if isinstance(as_of, datetime) else as_of
	with state.progress() as progress, cluster_errors():
		return chain.plan(
			store,
			settings,
			as_of=day,
			only=chain.STEPS if only is None else only,
			trigger="cli",
			progress=progress,
		)


def plan(
	context: typer.Context,
	only: Annotated[
		str, typer.Option(help="Steps, separated by commas: forecasting, suppliers, buying, scheduling.")
	] = "",
	as_of: AsOf = None,
	rules: Set = None,
	top: Top = 10,
) -> None:
	"""Run the chain: forecasts, lead times, recommendations, and the production schedule where there are jobs."""
	state: State = context.obj
	steps = [step.strip() for step in only.split(",") if step.strip()] or None
	store = state.open()
	run = run_chain(state, store, steps, as_of, rules)
	_show_plan(state, store, run, top if steps is None or "buying" in steps else 0)


def reorder(context: typer.Context, as_of: AsOf = None, rules: Set = None, top: Top = 10) -> None:
	"""Recommendations from the forecasts the lake already has."""
	state: State = context.obj
	store = state.open()
	_show_plan(state, store, run_chain(state, store, ["suppliers", "buying"], as_of, rules), top)


def _show_plan(state: State, store: LakeStore, run: Run, top: int) -> None:
	written = ", ".join(f"{rows:,} {name}" for name, rows in run.rows_out.items())
	done = f"Planned in {run.seconds:.1f} s: {written or 'nothing'}."
	made = last_schedule(store, run)
	if not top:
		state.result(run_summary(run), *made, done)
	elif stock_known(store):
		found, cut = proposals(store, top), cuts(store, top)
		state.result(
			run_summary(run) | {"recommendations": records(found), "cuts": records(cut[CUT])},
			*most_urgent(store, found),
			*cut_lines(cut, company_currency(store)),
			*made,
			done,
		)
	else:
		keep = best_sellers(store).head(top)
		state.result(run_summary(run) | {"reorder_points": records(keep)}, reorder_points(keep), *made, done)
	state.finish(run)
