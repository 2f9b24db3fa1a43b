"""`forecast`: demand of the lake's items, or of any table's series."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from sentia_ops.cli.naming import split_pair
from sentia_ops.cli.planning import AsOf, run_chain
from sentia_ops.cli.settings import Set, plan_settings
from sentia_ops.cli.state import State, records, run_summary
from sentia_ops.errors import SentiaError

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore


def register(app: typer.Typer) -> None:
	app.command()(forecast)


def forecast(
	context: typer.Context,
	file: Annotated[
		Path | None,
		typer.Argument(help="Any long table, CSV or Parquet: unique_id, ds, y and, if wanted, in_stock."),
	] = None,
	out: Annotated[Path | None, typer.Option(help="Write the forecasts here: .csv or .parquet.")] = None,
	horizon: Annotated[int, typer.Option(min=0, help="Periods to forecast. 0: by the frequency.")] = 0,
	freq: Annotated[str, typer.Option(help="D, W, MS (months) or h. Default: as the dates look.")] = "",
	profile: Annotated[str, typer.Option(help="best (the default), or fast for many series.")] = "",
	methods: Annotated[str, typer.Option(help="Use only these, separated by commas.")] = "",
	factors: Annotated[
		Path | None,
		typer.Option(help="What else moves y: name, ds, value and, if wanted, unique_id, kind, known_ahead."),
	] = None,
	processes: Annotated[int, typer.Option(min=0, help="Worker processes. 0: one for each core.")] = 0,
	engine: Annotated[str, typer.Option(help="dask://HOST:PORT: work on that cluster.")] = "",
	mapping: Annotated[
		list[str] | None,
		typer.Option(
			"--map", help="TARGET=COLUMN of the file: unique_id, ds, y, in_stock.", metavar="TARGET=COLUMN"
		),
	] = None,
	gaps: Annotated[
		str, typer.Option(help="A period without a row: zero, unknown, or auto (by how the file looks).")
	] = "auto",
	date_format: Annotated[str, typer.Option(help="e.g. '%d/%m/%Y'. Default: ISO 8601.")] = "",
	decimal: Annotated[str, typer.Option(help="Decimal sign in a CSV's numbers.")] = ".",
	keep_duplicates: Annotated[
		bool, typer.Option("--keep-duplicates", help="Equal rows are added together, too.")
	] = False,
	as_of: AsOf = None,
	rules: Set = None,
) -> None:
	"""Forecast demand: the lake's, or, with FILE, any table's and without a lake.

	With FILE: writes unique_id, ds, mean, median, lo80, hi80, lo95, hi95, model, verdict for each series and period.
	On a terminal a line per series; into a pipe the forecasts as CSV.
	"""
	state: State = context.obj
	rules = [*(rules or []), *_as_rules(profile, methods, processes, engine)]
	if file is None:
		only_with_file = {"--horizon": horizon, "--freq": freq, "--factors": factors, "--map": mapping}
		for option, given in only_with_file.items():
			if given:
				raise SentiaError(
					f"{option} is for a FILE, and none is named.", "For the lake: --set horizon_days=90."
				)
		_forecast_lake(state, out, as_of, rules)
		return
	from sentia_ops.cli.forecast_file import Request, forecast_file

	asked = Request(
		file=file,
		out=out,
		horizon=horizon,
		freq=freq.strip(),
		mapping=[split_pair(text) for text in mapping or []],
		factors=factors,
		gaps=gaps,
		as_of=np.datetime64(as_of, "ns") if as_of else None,
		date_format=date_format,
		decimal=decimal,
		keep_duplicates=keep_duplicates,
	)
	forecast_file(state, asked, plan_settings(rules).forecast)


def _as_rules(profile: str, methods: str, processes: int, engine: str) -> list[str]:
	"""Options that are settings of every forecast, as --set takes them."""
	given = {"profile": profile, "methods": methods, "processes": processes, "engine": engine}
	return [f"{name}={value}" for name, value in given.items() if value]


def _forecast_lake(state: State, out: Path | None, as_of: datetime | None, rules: list[str] | None) -> None:
	from sentia_ops.forecasting.frames import FORECASTS

	store = state.open()
	run = run_chain(state, store, ["forecasting"], as_of, rules)
	rows = store.read(FORECASTS).drop(columns=["before", "run"])
	if out:
		from sentia_ops.cli.files import write_table

		write_table(out, rows)
		state.say(f"{len(rows):,} daily forecasts written to {out}.")
	if state.as_json:
		state.result(run_summary(run) | {"forecasts": records(rows)})
	elif state.out.is_terminal or out:
		state.result(None, _overview(store, rows))
	else:
		rows.to_csv(sys.stdout, index=False)
	state.finish(run)


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
