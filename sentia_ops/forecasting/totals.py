"""Forecasts added up to items, item groups, warehouses and companies: FORECAST_TOTALS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sentia_ops.forecasting.engine import ForecastSettings, History, Outcome, fill_stockouts, forecast_many
from sentia_ops.forecasting.engine.reconcile import (
	Hierarchy,
	correlations,
	hierarchy,
	reconciled,
	sum_bounds,
	trial,
	weekly,
)
from sentia_ops.forecasting.frames import FORECAST_TOTALS, SERIES
from sentia_ops.store import Store
from sentia_ops.store.frames import ITEMS, WAREHOUSES

WORTH = 10  # series to one forecast of a sum, so that these cost little beside those
MOST = 3.0  # times that reconciling may raise a week of a series, or lower it
TESTED_WEEKS = 4  # whose bounds the errors measured belong to
PRIOR_WEEKS = 4
PATHS = ["qty", "median", "machine_qty", "lo80", "hi80", "lo95", "hi95"]
PART_COLUMNS = [*SERIES, "kind", "part", "effect", "note"]
BOUNDS = ["lo95", "lo80", "hi80", "hi95"]


def hierarchy_of(store: Store, keys: Sequence[tuple[str, ...]]) -> Hierarchy:
	"""Items, item groups, warehouses and companies of series named by item and warehouse."""
	groups = store.read(ITEMS).set_index("item_code")["item_group"]
	companies = store.read(WAREHOUSES).set_index("warehouse")["company"]
	items, warehouses = (list(part) for part in zip(*keys, strict=True))
	labels = {
		"item": items,
		"item group": [groups.get(item) or "(no item group)" for item in items],
		"warehouse": warehouses,
		"company": [companies.get(warehouse) or "(no company)" for warehouse in warehouses],
	}
	return hierarchy(labels)


# reconciling


def reconcile(
	rows: pd.DataFrame,
	outcomes: Sequence[Outcome],
	histories: Sequence[History],
	tree: Hierarchy,
	settings: ForecastSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""Rows of FORECASTS that heed forecasts made of the sums, where that helps, and rows of FORECAST_PARTS that say so.

	Args:
	    rows: what the machine forecast, in the order of `outcomes`, every series with all days.
	"""
	nothing = pd.DataFrame(columns=PART_COLUMNS)
	tree = tree.only(_worth_forecasting(tree, len(outcomes)))
	if not tree.nodes:
		return rows, nothing
	above = forecast_many(_added_up(histories, tree), settings)
	bottom, actual = held_out(outcomes, histories, settings)
	sums, _ = held_out(above, [], settings)
	tested = np.isfinite(sums).all(axis=(1, 2))
	bottom, actual, sums = bottom[tested], actual[tested], sums[tested]
	found = trial(bottom, sums, actual, tree)
	if not found.helps:
		return rows, nothing
	before = weekly(np.array([o.qty for o in outcomes]))
	after = reconciled(
		before,
		weekly(np.array([o.qty for o in above])),
		tree,
		((bottom - actual) ** 2).mean(axis=(0, 2)),
		((sums - np.array([tree.sums(a) for a in actual])) ** 2).mean(axis=(0, 2)),
	)
	return _moved(rows, before, after, found.words)


def _worth_forecasting(tree: Hierarchy, series: int) -> list[int]:
	"""Nodes of the levels, the highest first, that together have at most a `WORTH`th as many nodes as there are series."""
	chosen: list[int] = []
	for level in ("company", "warehouse", "item group", "item"):
		own = [i for i, (name, _) in enumerate(tree.nodes) if name == level]
		if (len(chosen) + len(own)) * WORTH > series:
			break
		chosen += own
	return chosen


def _added_up(histories: Sequence[History], tree: Hierarchy) -> list[History]:
	"""Histories of the sums: demand repaired in each series first, as far back as the longest goes."""
	repaired = [fill_stockouts(h.qty, h.in_stock, h.calendar.season) for h in histories]
	found = []
	for row, node in enumerate(tree.nodes):
		members = tree.members[row].indices
		longest = histories[max(members, key=lambda i: len(histories[i]))]
		qty = np.zeros(len(longest))
		for i in members:
			qty[len(qty) - len(repaired[i]) :] += repaired[i]
		shared = tuple(factor for factor in longest.factors if factor.kind == "holiday")
		found.append(
			replace(
				longest, key=node, qty=qty, in_stock=np.ones(len(qty), dtype=bool), factors=shared, group=""
			)
		)
	return found


def _moved(
	rows: pd.DataFrame, before: np.ndarray, after: np.ndarray, words: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""`rows` with each week of each series scaled from `before` to `after`, and a part for each series that moved."""
	series = len(before)
	days = len(rows) // series
	share = np.divide(after, before, out=np.ones_like(before), where=before > 0).clip(1 / MOST, MOST)
	daily = np.repeat(share, 7, axis=1)[:, :days]
	heads = rows.iloc[::days]
	effect = (rows["qty"].to_numpy().reshape(series, days) * (daily - 1)).mean(axis=1)
	parts = heads[list(SERIES)].assign(kind="adjustment", part="hierarchy", effect=effect, note=words)
	moved = rows.assign(**{name: rows[name].to_numpy() * daily.ravel() for name in PATHS})
	return moved, parts[effect != 0].reset_index(drop=True)[PART_COLUMNS]


def held_out(
	outcomes: Sequence[Outcome], histories: Sequence[History], settings: ForecastSettings
) -> tuple[np.ndarray, np.ndarray]:
	"""Weekly sums forecast from earlier origins and what then happened, both (windows, series, weeks).

	Args:
	    histories: of the outcomes; without them the second is empty, and what was not forecast is NaN in the first.
	        With them such days, and those out of stock, are without error: the other takes their place.
	"""
	windows, length = settings.backtest_windows, settings.backtest_days
	past = np.full((len(outcomes), windows * length), np.nan)
	for row, outcome in enumerate(outcomes):
		known = outcome.past.ravel()[-windows * length :]
		past[row, windows * length - len(known) :] = known
	actual = np.full((len(histories), windows * length), np.nan)
	for row, history in enumerate(histories):
		seen = np.where(history.in_stock, history.qty, np.nan)[-windows * length :]
		actual[row, windows * length - len(seen) :] = seen
	if len(histories):
		actual = np.nan_to_num(np.where(np.isnan(actual), past, actual))
		past = np.where(np.isnan(past), actual, past)
	cut = (weekly(values.reshape(len(values), windows, length)) for values in (past, actual))
	by_window, happened = (values.transpose(1, 0, 2) for values in cut)
	return by_window, happened


# totals


def total_rows(
	rows: pd.DataFrame,
	machine: pd.DataFrame,
	outcomes: Sequence[Outcome],
	histories: Sequence[History],
	tree: Hierarchy,
	settings: ForecastSettings,
) -> pd.DataFrame:
	"""Rows of FORECAST_TOTALS: weekly sums of `rows`, with bounds from errors that partly go together.

	Args:
	    rows: FORECASTS as they are written, in the order of `outcomes`, every series with all days.
	    machine: the same before overrides and pipeline, to whose bounds the errors measured belong.
	"""
	series = len(outcomes)
	qty = tree.sums(weekly(rows["qty"].to_numpy().reshape(series, -1)))
	past, actual = held_out(outcomes, histories, settings)
	errors = (actual - past).transpose(1, 0, 2).reshape(series, -1)
	spread = _spread(rows, machine, _daily_errors(outcomes, errors))
	bounds = sum_bounds(qty, spread, correlations(errors, tree), tree)
	first = rows["date"].iloc[0]
	weeks = qty.shape[1]
	return FORECAST_TOTALS.validate(
		pd.DataFrame(
			{
				"level": np.repeat([level for level, _ in tree.nodes], weeks),
				"node": np.repeat([name for _, name in tree.nodes], weeks),
				"date": np.tile(first + pd.to_timedelta(np.arange(weeks) * 7, "D"), len(tree.nodes)),
				"qty": qty.ravel(),
				**dict(zip(BOUNDS, bounds.reshape(4, -1), strict=True)),
				"run": rows["run"].iloc[0],
			}
		)
	)


def _daily_errors(outcomes: Sequence[Outcome], errors: np.ndarray) -> np.ndarray:
	"""s such that s x root of 7 is the standard deviation of a week's error, shape (series,).

	From the weeks held out, with `Quality.error_std` as if it were `PRIOR_WEEKS` weeks more: that is made for the error
	over a lead time and is too wide for a week, but it is there for series that could not be tested, too.
	"""
	weeks = np.array([o.past.size / 7 for o in outcomes]).clip(max=errors.shape[1])
	prior = np.array([o.quality.error_std for o in outcomes]) ** 2
	return np.sqrt(((errors**2).sum(axis=1) / 7 + PRIOR_WEEKS * prior) / (weeks + PRIOR_WEEKS))


def _spread(rows: pd.DataFrame, machine: pd.DataFrame, daily: np.ndarray) -> np.ndarray:
	"""Standard deviation of each series' error over each week, shape (series, weeks).

	That of a day x root of the days, wider where the series' own bounds are wider than in the weeks tested; squares of the
	widths are compared, so that one day with a large quotation counts as what it is.
	"""
	series = len(daily)

	def squares(table: pd.DataFrame) -> np.ndarray:
		wide = (table["hi80"] - table["lo80"] + table["hi95"] - table["lo95"]).to_numpy()
		return weekly(wide.reshape(series, -1) ** 2)

	days = weekly(np.ones((1, len(rows) // series)))
	tested = squares(machine)[:, :TESTED_WEEKS].sum(axis=1) / days[0, :TESTED_WEEKS].sum()
	now = squares(rows)
	growth = np.divide(now, tested[:, None], out=np.ones_like(now) * days, where=tested[:, None] > 0)
	return daily[:, None] * np.sqrt(growth)
