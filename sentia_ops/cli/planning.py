"""`plan`, `forecast`, `reorder`: the chain or a part of it, and what it proposes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentia_ops.cli.proposals import NO_STOCK, best_sellers, has_stock, most_urgent, proposals, reorder_points
from sentia_ops.cli.state import State, records, run_summary
from sentia_ops.errors import SentiaError
from sentia_ops.store.base import Run

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

AsOf = Annotated[
	datetime | None,
	typer.Option(formats=["%Y-%m-%d"], help="First day to plan for. Default: the day after the last sale."),
]
Top = Annotated[int, typer.Option(min=0, help="Recommendations to print.")]


def register(app: typer.Typer) -> None:
	app.command()(plan)
	app.command()(forecast)
	app.command()(reorder)


def run_chain(
	state: State, store: LakeStore, only: Sequence[str] | None = None, as_of: datetime | date | None = None
) -> Run:
	"""The chain with a progress display."""
	from sentia_ops import chain

	day = as_of.date() if isinstance(as_of, datetime) else as_of
	with state.progress() as progress:
		return chain.plan(
			store, as_of=day, only=chain.STEPS if only is None else only, trigger="cli", progress=progress
		)


def plan(
	context: typer.Context,
	only: Annotated[
		str, typer.Option(help="Steps, separated by commas: forecasting, suppliers, buying.")
	] = "",
	as_of: AsOf = None,
	top: Top = 10,
) -> None:
	"""Run the chain: forecasts, lead times, recommendations."""
	state: State = context.obj
	steps = [step.strip() for step in only.split(",") if step.strip()] or None
	store = state.open()
	run = run_chain(state, store, steps, as_of)
	_show_plan(state, store, run, top if steps is None or "buying" in steps else 0)


def reorder(context: typer.Context, as_of: AsOf = None, top: Top = 10) -> None:
	"""Recommendations from the forecasts the lake already has."""
	state: State = context.obj
	store = state.open()
	_show_plan(state, store, run_chain(state, store, ["suppliers", "buying"], as_of), top)


def _show_plan(state: State, store: LakeStore, run: Run, top: int) -> None:
	written = ", ".join(f"{rows:,} {name}" for name, rows in run.rows_out.items())
	done = f"Planned in {run.seconds:.1f} s: {written or 'nothing'}."
	if not top:
		state.result(run_summary(run), done)
	elif has_stock(store):
		found = proposals(store, top)
		state.result(run_summary(run) | {"recommendations": records(found)}, *most_urgent(store, found), done)
	else:
		run.warn(NO_STOCK)
		keep = best_sellers(store).head(top)
		state.result(run_summary(run) | {"reorder_points": records(keep)}, reorder_points(keep), done)
	state.finish(run)


def forecast(
	context: typer.Context,
	file: Annotated[
		Path | None,
		typer.Argument(help="CSV or Parquet with item_code, date, qty and, if wanted, warehouse."),
	] = None,
	out: Annotated[Path | None, typer.Option(help="Write the daily forecasts to this CSV file.")] = None,
	as_of: AsOf = None,
) -> None:
	"""Forecast demand: the lake's, or, with FILE, a plain file's and without a lake.

	On a terminal a line per item; into a pipe the daily forecasts as CSV.
	"""
	from sentia_ops.forecasting.frames import FORECASTS

	state: State = context.obj
	with _lake_of(state, file) as (store, imported):
		run = run_chain(state, store, ["forecasting"], as_of)
		for reason, count in imported.refused.items() if imported else ():
			run.refuse(reason, count)
		for warning in imported.warnings if imported else ():
			run.warn(warning)
		rows = store.read(FORECASTS).drop(columns="run")
		if out:
			from sentia_ops.cli.files import write_atomically

			write_atomically(out, rows.to_csv(index=False))
			state.say(f"{len(rows):,} daily forecasts written to {out}.")
		if state.as_json:
			state.result(run_summary(run) | {"forecasts": records(rows)})
		elif state.out.is_terminal or out:
			state.result(None, _overview(store, rows))
		else:
			rows.to_csv(sys.stdout, index=False)
		state.finish(run)


@contextmanager
def _lake_of(state: State, file: Path | None):
	"""The lake and None; or, for a plain file, a lake that lives as long as the command, and its import run."""
	if file is None:
		yield state.open(), None
		return
	from sentia_ops.cli import transactions
	from sentia_ops.cli.files import read_table
	from sentia_ops.cli.intake import write_transactions
	from sentia_ops.store.lake import LakeStore

	table = read_table(file)
	columns = [name for name in transactions.TARGETS if name in table.rows.columns]
	missing = [name for name in transactions.REQUIRED if name not in columns]
	if missing:
		raise SentiaError(
			f"{file.name} has no column {', '.join(missing)}.",
			f"Columns found: {', '.join(map(str, table.rows.columns))}. "
			"For other names use 'sentia-ops import transactions' with --map.",
		)
	rules = transactions.Rules(today=date.today(), skip_items="")
	found = transactions.bring_in(table.rows, {name: name for name in columns}, rules)
	found.notes[:0] = table.notes
	transactions.refuse_useless(found)
	with tempfile.TemporaryDirectory(prefix="sentia-") as folder:
		store = LakeStore(folder, create=True)
		yield store, write_transactions(store, found, table.rows, source=file.name)


def _overview(store: LakeStore, rows):
	"""A line per series: what is expected in all, how sure, how well it did on days it had not seen."""
	from rich.table import Table

	from sentia_ops.forecasting.frames import FORECAST_QUALITY, SERIES

	days = rows["date"].nunique()
	sums = rows.groupby(list(SERIES))["qty"].sum().rename("total").reset_index()
	sums = sums.merge(store.read(FORECAST_QUALITY), on=list(SERIES), how="left").sort_values(
		"total", ascending=False
	)
	table = Table(
		title=f"Demand over the next {days} days", title_justify="left", box=None, padding=(0, 2, 0, 0)
	)
	for name, side in (("item", "left"), ("warehouse", "left"), ("units", "right"), ("MASE", "right")):
		table.add_column(name, justify=side)
	table.add_column("how far to trust it")
	for row in sums.head(40).itertuples():
		mase = f"{row.mase:.2f}" if row.mase == row.mase else "-"
		table.add_row(row.item_code, row.warehouse, f"{row.total:,.1f}", mase, str(row.verdict))
	if len(sums) > 40:
		table.caption = f"40 of {len(sums):,}; --out FILE writes all days of all items."
	return table
