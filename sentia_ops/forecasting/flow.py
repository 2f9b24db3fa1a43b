"""Sales history in, forecasts and their measured quality out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sentia_ops.errors import NoDataError
from sentia_ops.forecasting.committing import commit
from sentia_ops.forecasting.engine import ForecastSettings, History, Outcome, forecast_many
from sentia_ops.forecasting.engine.executors import Executor
from sentia_ops.forecasting.factors import FactorTable, read_factors
from sentia_ops.forecasting.frames import (
	DEMAND,
	FORECAST_PARTS,
	FORECAST_QUALITY,
	FORECAST_TOTALS,
	FORECASTS,
	SERIES,
)
from sentia_ops.forecasting.overriding import override
from sentia_ops.forecasting.scoring import keep_and_score
from sentia_ops.forecasting.totals import hierarchy_of, reconcile, total_rows
from sentia_ops.store import Run, Store
from sentia_ops.store.frames import ITEMS

DAY = np.timedelta64(1, "D")
NOTABLE = 0.001  # of the mean: effects smaller than that are not told
READ, DONE = 0.02, 0.92  # shares of the time until history is read, and until all series are forecast


def forecast(
	store: Store, run: Run, *, as_of: date, settings: ForecastSettings, executor: Executor | None = None
) -> None:
	"""Forecast every item and warehouse that has sales rows, and write FORECASTS and FORECAST_QUALITY.

	Args:
	    as_of: the first day forecast; only history before it is used.
	    executor: where series are examined; default: as `settings` say.

	Raises:
	    NoDataError: there is no sales history at all, or none of it lies in the days that `as_of` and `settings` leave.
	"""
	run.progress(0.0, "reading sales history")
	demand = store.read(DEMAND)
	if demand.empty:
		raise NoDataError(
			"There is no sales history to forecast from.",
			"Import sales ('sentia-ops import transactions FILE'), or submit sales orders on the site, then plan again.",
		)
	_refuse_empty_history(demand, as_of, settings.history_days)
	_warn_of_gaps(store, run, demand, as_of)
	factors = read_factors(store, run, as_of=as_of, settings=settings)
	items = store.read(ITEMS).set_index("item_code")[["item_group", "whole_number"]]
	histories = read_histories(demand, as_of, settings.history_days, factors, items)
	run.progress(READ, f"forecasting {len(histories)} series")

	def report(done: int, total: int) -> None:
		run.progress(READ + (DONE - READ) * done / total, f"forecasting: {done} of {total} series")

	outcomes = forecast_many(histories, settings, report, run.warn, executor)
	run.progress(DONE, "writing forecasts")
	machine, quality = forecast_rows(outcomes, as_of, run.name), quality_rows(outcomes, run.name)
	tree = hierarchy_of(store, [outcome.key for outcome in outcomes])
	machine, moved = reconcile(machine, outcomes, histories, tree, settings)
	forecasts, expected = commit(store, run, machine, as_of, settings)
	# last: it is what planners say of all the rest
	forecasts, overrides = override(store, run, forecasts, as_of)
	quality = keep_and_score(store, run, as_of, histories, forecasts, quality)
	store.write(FORECASTS, forecasts, run=run)
	store.write(FORECAST_QUALITY, quality, run=run)
	store.write(FORECAST_PARTS, part_rows(outcomes, run.name, moved, expected, overrides), run=run)
	totals = total_rows(forecasts, machine, outcomes, histories, tree, settings)
	store.write(FORECAST_TOTALS, totals, run=run)
	run.progress(1.0, f"{len(outcomes)} series forecast")


def _refuse_empty_history(demand: pd.DataFrame, as_of: date, history_days: int) -> None:
	"""Forecasts from nothing must not replace good ones."""
	first, last = demand["date"].min().date(), demand["date"].max().date()
	if as_of <= first:
		raise NoDataError(
			f"There is no sales history before {as_of}, the first day to plan for: it begins on {first} and ends on {last}.",
			f"Plan from {first + timedelta(days=1)} on, best from the day after the last sale ({last + timedelta(days=1)}), "
			"or import earlier sales.",
		)
	if last < as_of - timedelta(days=history_days):
		raise NoDataError(
			f"There is no sales history in the {history_days} days before {as_of}, the first day to plan for: "
			f"it begins on {first} and ends on {last}.",
			f"Plan from an earlier day, best the day after the last sale ({last + timedelta(days=1)}), or import later sales.",
		)


def _warn_of_gaps(store: Store, run: Run, demand: pd.DataFrame, as_of: date) -> None:
	later = int((demand["date"] >= pd.Timestamp(as_of)).sum())
	if later:
		run.warn(f"{later} sales rows lie on or after {as_of}, the first day to plan for, and were not used.")
	unsold = len(set(store.read(ITEMS)["item_code"]) - set(demand["item_code"]))
	if unsold:
		have = "item has" if unsold == 1 else "items have"
		run.warn(f"{unsold} {have} no sales history: no forecast.")


def read_histories(
	demand: pd.DataFrame,
	as_of: date,
	history_days: int,
	factors: FactorTable | None = None,
	items: pd.DataFrame | None = None,
) -> list[History]:
	"""A gapless daily history for each item and warehouse in `demand`, up to the day before `as_of`.

	A series starts with its first row, or `history_days` before `as_of` if that is later; days without a row had
	stock and sold nothing. Ordered by item and warehouse.

	Args:
	    items: item_group and whole_number by item_code.
	"""
	demand = demand.sort_values([*SERIES, "date"], ignore_index=True)
	end = np.datetime64(as_of, "D")
	days = demand["date"].to_numpy().astype("datetime64[D]")
	ages = ((end - days) / DAY).astype(int)  # 1: the day before as_of
	qty, in_stock = demand["qty"].to_numpy(float), demand["in_stock"].to_numpy(bool)
	series = demand.groupby(list(SERIES), sort=False).indices
	found = [_history(key, ages[at], qty[at], in_stock[at], history_days, end) for key, at in series.items()]
	if items is not None:
		known = {code: (str(group), bool(whole)) for code, group, whole in items.itertuples()}
		about = [known.get(history.key[0], ("", False)) for history in found]
		found = [replace(h, group=group, whole=whole) for h, (group, whole) in zip(found, about, strict=True)]
	if factors:
		found = [replace(history, factors=factors.of(history.key[0], len(history))) for history in found]
	return found


def _history(
	key: tuple[str, str],
	ages: np.ndarray,
	qty: np.ndarray,
	in_stock: np.ndarray,
	history_days: int,
	end: np.datetime64,
) -> History:
	length = int(np.clip(ages.max(), 0, history_days))
	known = (ages >= 1) & (ages <= length)
	filled, stocked = np.zeros(length), np.ones(length, dtype=bool)
	filled[length - ages[known]] = qty[known]
	stocked[length - ages[known]] = in_stock[known]
	return History(key, filled, stocked, first=end - length * DAY)


def forecast_rows(outcomes: list[Outcome], as_of: date, run: str) -> pd.DataFrame:
	"""Rows of FORECASTS: a day of a series each."""
	horizon = len(outcomes[0].qty)
	dates = np.datetime64(as_of, "D") + np.arange(horizon) * DAY
	lo95, lo80, hi80, hi95 = np.hstack([o.bounds for o in outcomes])
	rows = {name: np.repeat([o.key[i] for o in outcomes], horizon) for i, name in enumerate(SERIES)}
	return pd.DataFrame(
		{
			**rows,
			"date": np.tile(dates.astype("datetime64[ns]"), len(outcomes)),
			"qty": np.concatenate([o.qty for o in outcomes]),
			"median": np.concatenate([o.median for o in outcomes]),
			"machine_qty": np.concatenate([o.qty for o in outcomes]),
			"before": "",
			"lo80": lo80,
			"hi80": hi80,
			"lo95": lo95,
			"hi95": hi95,
			"model": np.repeat([o.quality.model for o in outcomes], horizon),
			"run": run,
		}
	)


def quality_rows(outcomes: list[Outcome], run: str) -> pd.DataFrame:
	"""Rows of FORECAST_QUALITY: one a series."""
	keys = [dict(zip(SERIES, o.key, strict=True)) for o in outcomes]
	return pd.DataFrame(
		[{**key, **asdict(o.quality), "run": run} for key, o in zip(keys, outcomes, strict=True)]
	)


def part_rows(outcomes: list[Outcome], run: str, *adjustments: pd.DataFrame) -> pd.DataFrame:
	"""Rows of FORECAST_PARTS: what each forecast is made of, and what changed it since (rows of kind "adjustment")."""
	rows = [
		{**dict(zip(SERIES, o.key, strict=True)), "share": np.nan, "effect": np.nan, "note": "", **part}
		for o in outcomes
		for part in _parts(o)
	]
	made = pd.DataFrame(rows)
	changed = [part for part in adjustments if len(part)]
	return pd.concat([made, *changed], ignore_index=True).assign(run=run)


def _parts(outcome: Outcome) -> Iterator[dict]:
	"""Methods, the heaviest first, and why the others were not used; factors; then what was changed in the history."""
	parts = outcome.parts
	weights = {**dict.fromkeys(parts.why_not, 0.0), **parts.weights} or {outcome.quality.model: 1.0}
	for name, weight in sorted(weights.items(), key=lambda pair: -pair[1]):
		share = min(max(weight, 0.0), 1.0)
		yield {"kind": "method", "part": name, "share": share, "note": parts.why_not.get(name, "")}
	for name, effect in parts.effects.items():
		if abs(effect) > NOTABLE * outcome.qty.mean():
			yield {"kind": "factor", "part": name, "effect": effect}
	for name, periods in parts.changes.items():
		yield {"kind": "adjustment", "part": f"history: {name}", "note": periods}
