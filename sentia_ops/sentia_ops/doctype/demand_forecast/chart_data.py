"""What the chart on a Demand Forecast shows, by day: sales, days without stock, forecast, overrides, the year before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import frappe
import pandas as pd

from sentia_ops.forecasting.frames import DEMAND, FORECASTS, OVERRIDES
from sentia_ops.store.site import SiteStore

HISTORY_DAYS = 180
YEAR = timedelta(days=364)  # whole weeks, so that weekdays meet
COLUMNS = ["qty", "median", "lo80", "hi80", "lo95", "hi95", "machine_qty", "committed", "net_qty"]


def series(item_code: str, warehouse: str, as_of: date) -> dict[str, Any]:
	"""The series of one Demand Forecast; quantities in stock UOM a day.

	Args:
	    as_of: where history ends and, where there are days forecast, these begin.

	Returns:
	    {"start": first day shown, "as_of", "uom",
	    "sold": a value a day from `start` to the day before `as_of`, "out": indexes of its days without stock,
	    "forecast": {column of FORECASTS: a value a day from `as_of`},
	    "last_year": what was sold 52 weeks before, a value a day from `start` to the last day forecast, null: not known,
	    "overrides": [{"name", "warehouse", "first", "last", "kind", "value", "reason", "planner"}], oldest first}.
	"""
	store, only = SiteStore(), {"item_code": item_code, "warehouse": warehouse}
	demand = store.read(DEMAND, **only).set_index("date")
	ahead = store.read(FORECASTS, **only).sort_values("date")
	start = pd.Timestamp(as_of) - timedelta(days=HISTORY_DAYS)
	began = demand.index.min() if len(demand) else pd.Timestamp(as_of)  # before it the series did not exist
	start = min(max(start, began), pd.Timestamp(as_of))
	past = pd.date_range(start, pd.Timestamp(as_of) - timedelta(days=1))
	out = demand.index[~demand["in_stock"]]
	return {
		"start": str(start.date()),
		"as_of": str(as_of),
		"uom": frappe.get_cached_value("Item", item_code, "stock_uom"),
		"sold": demand["qty"].reindex(past, fill_value=0.0).tolist(),
		"out": [i for i, day in enumerate(past) if day in out],
		"forecast": {column: ahead[column].tolist() for column in COLUMNS},
		"last_year": _last_year(demand["qty"], start, len(past) + len(ahead), began, as_of),
		"overrides": _overrides(store, item_code, warehouse, ahead["date"]),
	}


def _last_year(
	sold: pd.Series, start: pd.Timestamp, days: int, began: pd.Timestamp, as_of: date
) -> list[float | None]:
	before = pd.date_range(start - YEAR, periods=days)
	values = sold.reindex(before, fill_value=0.0)
	known = (before >= began) & (before < pd.Timestamp(as_of))
	return [float(value) if there else None for value, there in zip(values, known, strict=True)]


def _overrides(store: SiteStore, item_code: str, warehouse: str, days: pd.Series) -> list[dict[str, Any]]:
	"""Overrides of the days forecast."""
	rows = store.read(OVERRIDES, item_code=item_code, warehouse=["", warehouse])
	rows = rows[(rows["last"] >= days.min()) & (rows["first"] <= days.max())].sort_values("made_on")
	return [
		{
			"name": row.override,
			"warehouse": row.warehouse,
			"first": str(row.first.date()),
			"last": str(row.last.date()),
			"kind": row.kind,
			"value": row.value,
			"reason": row.reason,
			"planner": row.planner,
		}
		for row in rows.itertuples(index=False)
	]
