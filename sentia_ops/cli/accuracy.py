"""`accuracy`: how good the forecasts were, by backtest and as measured when their days were over."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from sentia_ops.cli.naming import closest
from sentia_ops.cli.report.facts import KEPT_BY, accuracy, kept
from sentia_ops.cli.state import State, plain
from sentia_ops.errors import NoDataError, SentiaError


def register(app: typer.Typer) -> None:
	app.command(name="accuracy")(show_accuracy)


def show_accuracy(
	context: typer.Context,
	by: Annotated[
		str, typer.Option(help="Sum up kept forecasts by: class, model, item, planner or week.")
	] = "class",
) -> None:
	"""How good the forecasts were: tested on held-out history, and kept and scored when their days were over."""
	from sentia_ops.forecasting.frames import FORECAST_QUALITY, FORECAST_SCORES

	state: State = context.obj
	if by not in KEPT_BY:
		raise SentiaError(f"Forecasts cannot be summed up by {by}.", closest(by, KEPT_BY, "Possible"))
	store = state.open()
	quality, scores = store.read(FORECAST_QUALITY), store.read(FORECAST_SCORES)
	if quality.empty:
		raise NoDataError(f"Nothing has been forecast in {store.path} yet.", "Run 'sentia-ops plan' first.")
	tested, found = accuracy(quality), kept(scores, by)
	drifting = int((quality["drift"] != "").sum())
	waiting = int((scores["status"] == "open").sum())
	state.result(
		{"tested": tested, "kept": found, "by": by, "drifting": drifting, "open": waiting},
		_tested_table(tested),
		"",
		_kept_table(found, by) if found else "No kept forecast has been scored yet.",
		f"{waiting:,} kept forecasts wait for their days to be over. {drifting:,} of {len(quality):,} series drift.",
	)


def _tested_table(rows: list[dict[str, Any]]) -> Table:
	table = _table(
		"Tested on held-out history (median series)",
		["demand", "series", "tested", "MASE", "naive", "inside 95 %"],
	)
	for row in rows:
		table.add_row(
			row["name"], f"{row['series']:,}", f"{row['tested']:,}", _number(row["mase"]), _number(row["naive"]),
			_percent(row["coverage"]),
		)  # fmt: skip
	return table


def _kept_table(rows: list[dict[str, Any]], by: str) -> Table:
	names = [
		by,
		"forecasts",
		"days",
		"MASE",
		"naive",
		"RMSSE",
		"pinball",
		"bias",
		"inside 95 %",
		"override better",
	]
	table = _table("Kept, and scored when their days were over (mean)", names)
	for row in rows:
		better = f"{row['overrides_better']} of {row['overridden']}" if row["overridden"] else ""
		figures = (_number(row[name]) for name in ("mase", "mase_naive", "rmsse", "scaled_pinball"))
		table.add_row(
			plain(row["group"]) or "-", f"{row['forecasts']:,}", f"{row['days_scored']:,}", *figures,
			_percent(row["bias"]), _percent(row["coverage95"]), better,
		)  # fmt: skip
	return table


def _table(title: str, names: list[str]) -> Table:
	table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
	for number, name in enumerate(names):
		table.add_column(name, justify="right" if number else "left")
	return table


def _number(value: float | None) -> str:
	return "-" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
	return "-" if value is None else f"{value:.1%}"
