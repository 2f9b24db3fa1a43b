"""`forecast FILE`: any long table (unique_id, ds, y) -> forecasts, without a lake."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from rich.table import Table

from sentia_ops.cli.files import read_table, refuse_unwritable, write_table
from sentia_ops.cli.forecast_table import column_mapping, read_factors, standard_rows
from sentia_ops.cli.naming import closest
from sentia_ops.cli.settings import cluster_errors
from sentia_ops.cli.state import State, plain, records, run_summary
from sentia_ops.errors import SentiaError
from sentia_ops.forecasting.engine import ForecastSettings, History, Outcome, forecast_many
from sentia_ops.forecasting.engine.calendar import CALENDARS
from sentia_ops.forecasting.tables import Prepared, TableRules, add_factors, prepare
from sentia_ops.store.base import Run

HORIZONS = {"D": 28, "W": 13, "MS": 12, "h": 48}
WINDOW_AT_MOST = {"D": 56, "W": 26, "MS": 24, "h": 168}
GAPS = ("auto", "zero", "unknown")
SHOWN = 40  # series on a terminal
NAMED = 10  # refused series named for each reason, where a file has them all


@dataclass(frozen=True)
class Request:
	"""What was asked on the command line; 0 and "" are left to be found out."""

	file: Path
	out: Path | None = None
	horizon: int = 0
	freq: str = ""
	mapping: Sequence[tuple[str, str]] = ()
	factors: Path | None = None
	gaps: str = "auto"
	as_of: np.datetime64 | None = None
	date_format: str = ""
	decimal: str = "."
	keep_duplicates: bool = False


def forecast_file(state: State, asked: Request, settings: ForecastSettings) -> None:
	"""Read, forecast, write, and say what was refused.

	Raises:
	    SentiaError: wrong use, or a file of which nothing can be forecast.
	"""
	_check(asked)
	run = Run("forecast file", "forecast", trigger="cli")
	raw, column, found = _prepared(asked, run)
	if not asked.freq:
		state.say(found.warnings.pop(0))
	horizon = asked.horizon or HORIZONS[found.calendar.code]
	if not asked.horizon:
		state.say(f"--horizon is not given: {horizon} {found.calendar.period}s are forecast.")
	if asked.factors:
		rows = read_factors(asked.factors, asked.date_format, asked.decimal)
		found.histories, warnings = add_factors(found.histories, rows, horizon)
		found.warnings += warnings
	for warning in found.warnings:
		run.warn(warning)
	for reason, count in Counter(found.lines["reason"]).items():
		run.refuse(reason, count)
	outcomes = _forecast(state, run, found, settings_for(settings, found.calendar.code, horizon))
	rows = forecast_rows(outcomes, found.histories, found.notes)
	run.rows_in, run.rows_out = {"rows": len(raw)}, {"forecasts": len(rows)}
	refused = refused_rows(found, raw, column)
	if asked.out:
		write_table(asked.out, rows)
		state.say(f"{len(outcomes):,} series, {len(rows):,} rows written to {asked.out}.")
	if asked.out and len(refused):
		path = write_table(asked.out.with_name(f"{asked.out.stem}.refused.csv"), refused)
		state.say(f"What was refused, and why, is in {path}.")
	_show(state, asked, run, rows, outcomes, found)


def _prepared(asked: Request, run: Run) -> tuple[pd.DataFrame, str, Prepared]:
	"""The file's rows, the column that names the series, and the histories."""
	table = read_table(asked.file)
	raw = table.rows.reset_index(drop=True)
	raw.columns = [str(name) for name in raw.columns]
	mapping = column_mapping(asked.mapping, list(raw.columns), asked.file.name)
	rows, warnings = standard_rows(raw, mapping, asked.date_format, asked.decimal, asked.keep_duplicates)
	found = prepare(rows, TableRules(asked.freq, asked.gaps, asked.as_of))
	for warning in (*table.notes, *warnings):
		run.warn(warning)
	return raw, mapping["unique_id"], found


def settings_for(settings: ForecastSettings, code: str, horizon: int) -> ForecastSettings:
	"""Held-out windows as long as what is asked for, within reason."""
	return replace(settings, horizon_days=horizon, backtest_days=min(max(horizon, 7), WINDOW_AT_MOST[code]))


def _check(asked: Request) -> None:
	if asked.freq and asked.freq not in CALENDARS:
		raise SentiaError(f"--freq {asked.freq} is not known.", closest(asked.freq, CALENDARS, "Frequencies"))
	if asked.gaps not in GAPS:
		raise SentiaError(f"--gaps {asked.gaps} is not known.", closest(asked.gaps, GAPS, "It is one of"))
	if len(asked.decimal) != 1:
		raise SentiaError("--decimal must be one character.", "Example: --decimal ','")
	if asked.out:
		refuse_unwritable(asked.out)


def _forecast(state: State, run: Run, found: Prepared, settings: ForecastSettings) -> list[Outcome]:
	with state.progress() as progress:
		run.report = progress
		run.progress(0.0, f"forecasting {len(found.histories):,} series")

		def done(count: int, total: int) -> None:
			run.progress(count / total, f"forecasting: {count:,} of {total:,} series")

		with cluster_errors():
			return forecast_many(found.histories, settings, done, run.warn)


def forecast_rows(outcomes: list[Outcome], histories: list[History], notes: dict[str, str]) -> pd.DataFrame:
	"""A row for each series and period ahead."""
	horizon = len(outcomes[0].qty)
	dates = [h.calendar.dates(h.first, len(h) + horizon)[-horizon:] for h in histories]
	lo95, lo80, hi80, hi95 = np.hstack([o.bounds for o in outcomes])
	mean = np.concatenate([o.qty for o in outcomes])
	verdicts = [f"{o.quality.verdict} {notes.get(o.key[0], '')}".strip() for o in outcomes]
	return pd.DataFrame(
		{
			"unique_id": np.repeat(np.array([o.key[0] for o in outcomes], dtype=object), horizon),
			"ds": np.concatenate(dates),
			"mean": mean,
			"median": np.concatenate([o.median for o in outcomes]),
			"lo80": lo80,
			"hi80": hi80,
			"lo95": lo95,
			"hi95": hi95,
			"model": np.repeat(np.array([o.quality.model for o in outcomes], dtype=object), horizon),
			"verdict": np.repeat(np.array(verdicts, dtype=object), horizon),
		}
	)


def refused_rows(found: Prepared, raw: pd.DataFrame, column: str) -> pd.DataFrame:
	"""The file's refused rows with their line and reason, and a row for each series that has no forecast."""
	lines = raw.iloc[found.lines["line"] - 1].reset_index(drop=True)
	rows = pd.concat([found.lines, lines], axis=1)
	series = pd.DataFrame({"reason": [f"no forecast: {why}" for why in found.series.values()]}, dtype=object)
	series[column] = list(found.series)
	both = pd.concat([rows.astype(object), series], ignore_index=True)
	return both


def _show(
	state: State, asked: Request, run: Run, rows: pd.DataFrame, outcomes: list[Outcome], found: Prepared
) -> None:
	if state.as_json:
		summary = run_summary(run) | {
			"status": "Completed",
			"freq": found.calendar.code,
			"series": len(outcomes),
		}
		summary["refused_series"] = found.series
		state.result(summary | ({} if asked.out else {"forecasts": records(rows)}))
	elif state.out.is_terminal:
		state.result(None, overview(rows, outcomes, found))
	elif not asked.out:
		rows.to_csv(sys.stdout, index=False)
	by_reason: dict[str, list[str]] = {}
	for name, reason in found.series.items():
		by_reason.setdefault(reason, []).append(name)
	for reason, names in by_reason.items():
		shown = names[:NAMED] if asked.out else names
		more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
		state.say(f"No forecast for {', '.join(shown)}{more}: {reason}.")
		run.refuse(f"series without a forecast: {reason}", len(names))
	state.finish(run)


def overview(rows: pd.DataFrame, outcomes: list[Outcome], found: Prepared) -> Table:
	"""A line per series: what is expected in all, and how well it did on periods it had not seen."""
	horizon = len(outcomes[0].qty)
	title = f"The next {horizon} {found.calendar.period}s"
	table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
	for name, side in (("series", "left"), ("sum", "right"), ("MASE", "right")):
		table.add_column(name, justify=side)
	table.add_column("how far to trust it")
	firsts = rows.drop_duplicates("unique_id").set_index("unique_id")["verdict"]
	for outcome in sorted(outcomes, key=lambda o: -o.qty.sum())[:SHOWN]:
		name, mase = outcome.key[0], outcome.quality.mase
		table.add_row(
			plain(name),
			f"{outcome.qty.sum():,.1f}",
			f"{mase:.2f}" if mase == mase else "-",
			plain(firsts[name]),
		)
	if len(outcomes) > SHOWN:
		table.caption = f"{SHOWN} of {len(outcomes):,}; --out FILE writes them all."
	return table
