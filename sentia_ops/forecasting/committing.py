"""Open orders and the pipeline put beside the forecasts of a run: what is ordered already, and what more may come."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.netting import consume
from sentia_ops.forecasting.engine.pipeline import (
	Extra,
	Record,
	add,
	beyond,
	known_on,
	track_records,
	weigh,
)
from sentia_ops.forecasting.frames import PIPELINE, SERIES
from sentia_ops.replenishment.frames import OUTBOUND
from sentia_ops.store import Run, Store

BOUNDS = ["lo95", "lo80", "hi80", "hi95"]
PART_COLUMNS = [*SERIES, "kind", "part", "effect", "note"]
PARTS = {
	"quotation": "open quotations",
	"opportunity": "open opportunities",
	"maintenance": "planned maintenance",
	"ticket": "open repairs",
}


def commit(
	store: Store, run: Run, rows: pd.DataFrame, as_of: date, settings: ForecastSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""Rows of FORECASTS with open orders and pipeline, and rows of FORECAST_PARTS that say what the pipeline adds.

	- `committed`: open orders by the day they are due; overdue ones on the first day, on top of the forecast, since they
	  are demand of the past.
	- Orders not overdue consume the forecast. What is left the pipeline, weighted by its track record, consumes likewise:
	  the usual wins are in the forecast already. Only what it asks for beyond that is added to `qty`.
	- `net_qty`: of `qty`, what no open order has consumed.

	Args:
	    rows: FORECASTS; every series has the same days, from `as_of` on.
	"""
	rows = rows.sort_values([*SERIES, "date"], ignore_index=True)
	first, days = pd.Timestamp(as_of), rows["date"].nunique()
	heads = pd.MultiIndex.from_frame(rows.loc[::days, list(SERIES)])
	asked, committed = _orders(store.read(OUTBOUND), heads, first, days)
	deals, records = _deals(store, run, heads, first)
	paths = {name: rows[name].to_numpy(float).reshape(-1, days) for name in ("qty", "median", *BOUNDS)}
	windows = settings.consume_backward_days, settings.consume_forward_days
	net, parts = paths["qty"].copy(), []
	for row in np.flatnonzero(asked.any(axis=1)):
		net[row] = consume(net[row], asked[row], *windows).left
	for row, own in deals[deals["day"] < days].groupby("row"):
		extra = beyond(net[row], own, *windows)
		net[row] += extra.mean
		_raise(paths, row, extra)
		parts += _parts(heads[row], own, extra, records)
	changed = {name: values.ravel() for name, values in paths.items()}
	rows = rows.assign(**changed, committed=committed.ravel(), net_qty=net.ravel())
	return rows, pd.DataFrame(parts, columns=PART_COLUMNS)


def _orders(
	outbound: pd.DataFrame, heads: pd.MultiIndex, first: pd.Timestamp, days: int
) -> tuple[np.ndarray, np.ndarray]:
	"""Open orders by day due, shape (series, days): without and with overdue ones, which stand on the first day."""
	row = heads.get_indexer(pd.MultiIndex.from_frame(outbound[list(SERIES)]))
	day = (outbound["due_date"].dt.normalize() - first).dt.days.to_numpy()
	qty = outbound["qty"].to_numpy(float)
	committed, asked = np.zeros((len(heads), days)), np.zeros((len(heads), days))
	due = (row >= 0) & (day < days)
	np.add.at(committed, (row[due], np.maximum(day[due], 0)), qty[due])
	due &= day >= 0
	np.add.at(asked, (row[due], day[due]), qty[due])
	return asked, committed


def _deals(
	store: Store, run: Run, heads: pd.MultiIndex, first: pd.Timestamp
) -> tuple[pd.DataFrame, dict[str, Record]]:
	"""Open deals of series that have a forecast, with `row` among `heads`, and how such ended before."""
	known = known_on(store.read(PIPELINE), first)
	records = track_records(known)
	deals = weigh(known, records, first)
	deals["row"] = heads.get_indexer(pd.MultiIndex.from_frame(deals[list(SERIES)]))
	unknown = int((deals["row"] < 0).sum())
	if unknown:
		lines = "line of quotations, opportunities or maintenance is" if unknown == 1 else (
			"lines of quotations, opportunities or maintenance are"
		)  # fmt: skip
		run.warn(f"{unknown} open {lines} for items without a forecast, and not planned for.")
	return deals[deals["row"] >= 0], records


def _raise(paths: dict[str, np.ndarray], row: int, extra: Extra) -> None:
	bounds = np.array([paths[name][row] for name in BOUNDS])
	paths["qty"][row], paths["median"][row], wider = add(
		paths["qty"][row], paths["median"][row], bounds, extra
	)
	for name, bound in zip(BOUNDS, wider, strict=True):
		paths[name][row] = bound


def _parts(key: tuple[str, str], deals: pd.DataFrame, extra: Extra, records: dict[str, Record]) -> list[dict]:
	"""One row a kind; its effect is a mean a day over all days forecast."""
	rows = []
	for kind, own in deals.groupby("kind"):
		more, stale = extra.by_kind[kind], int(own["stale"].sum())
		words = [records[kind].words, f"{_short(own['qty'].sum())} asked for"]
		words.append(f"{_short(own['expected'].sum())} expected")
		words.append(
			f"{_short(more)} of it beyond the forecast" if more > 0 else "all of it in the forecast already"
		)
		if stale:
			words.append(f"{stale} open for too long to count")
		values = (*key, "adjustment", PARTS[kind], more / len(extra.mean), "; ".join(words))
		rows.append(dict(zip(PART_COLUMNS, values, strict=True)))
	return rows


def _short(qty: float) -> str:
	return f"{qty:,.0f}" if qty >= 1000 else f"{qty:.3g}"
