"""Forecasts and open orders as arrays by day; day 0 is the day planned for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

PAIR = ["item_code", "warehouse"]
TAIL_DAYS = 28  # the last forecast days whose mean stands for every day beyond the horizon
Z80, Z95 = 1.281552, 1.959964


@dataclass(frozen=True)
class ForecastPanel:
	"""Daily forecasts of all pairs in one array.

	Attributes:
	    row: (item, warehouse) -> row of the arrays.
	    daily: rows x days.
	    tail: mean of the last TAIL_DAYS forecast days, for the days after.
	    spread: daily standard deviation that the intervals imply, for pairs without a backtest.
	"""

	row: dict[tuple[str, str], int]
	daily: np.ndarray
	tail: np.ndarray
	spread: np.ndarray

	def days(self, pair: tuple[str, str], count: int) -> np.ndarray:
		"""The forecast of the next `count` days; zeros where there is none."""
		row = self.row.get(pair)
		if row is None:
			return np.zeros(count)
		known = self.daily[row, :count]
		return np.concatenate([known, np.full(count - len(known), self.tail[row])])


def forecast_panel(forecasts: pd.DataFrame, as_of: pd.Timestamp) -> ForecastPanel:
	"""Days before `as_of` only serve the tail; a day missing in between gets the tail's mean."""
	ordered = forecasts.sort_values([*PAIR, "date"])
	grouped = ordered.groupby(PAIR, sort=True)
	code = grouped.ngroup().to_numpy()
	pairs = list(grouped.groups)
	tail = grouped.tail(TAIL_DAYS).groupby(PAIR, sort=True)["qty"].mean().to_numpy(dtype=float)
	day = (ordered["date"] - as_of).dt.days.to_numpy()
	ahead = day >= 0
	daily = np.full((len(pairs), int(day.max(initial=-1)) + 1), np.nan)
	daily[code[ahead], day[ahead]] = ordered["qty"].to_numpy(dtype=float)[ahead]
	daily = np.where(np.isnan(daily), tail[:, None], daily)
	return ForecastPanel({pair: i for i, pair in enumerate(pairs)}, daily, tail, _spread(ordered))


def _spread(ordered: pd.DataFrame) -> np.ndarray:
	"""The upper side of an interval is not cut off at zero, so it tells the spread; the wider of both answers."""
	upper = np.maximum((ordered["hi80"] - ordered["qty"]) / Z80, (ordered["hi95"] - ordered["qty"]) / Z95)
	return upper.clip(lower=0).groupby([ordered[k] for k in PAIR], sort=True).mean().to_numpy(dtype=float)


@dataclass(frozen=True)
class OpenOrder:
	voucher: str
	kind: str
	qty: float
	due: pd.Timestamp
	day: int  # 0 where overdue

	def overdue(self, as_of: pd.Timestamp) -> bool:
		return self.due < as_of


def open_orders(rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[tuple[str, str], list[OpenOrder]]:
	"""Open orders per pair in order of their due date; what is overdue counts as due on `as_of`."""
	ordered = rows.sort_values([*PAIR, "due_date", "voucher"])
	day = np.maximum((ordered["due_date"] - as_of).dt.days.to_numpy(), 0)
	found: dict[tuple[str, str], list[OpenOrder]] = {}
	columns = (ordered[c] for c in (*PAIR, "voucher", "kind", "qty", "due_date"))
	for item, warehouse, voucher, kind, qty, due, late in zip(*columns, day, strict=True):
		found.setdefault((item, warehouse), []).append(OpenOrder(voucher, kind, float(qty), due, int(late)))
	return found


def by_day(orders: list[OpenOrder], count: int) -> np.ndarray:
	days = np.zeros(count)
	for order in orders:
		if order.day < count:
			days[order.day] += order.qty
	return days


@dataclass(frozen=True)
class Outlook:
	"""What one item in one warehouse faces from day 0 on; arrays hold a running total up to the end of each day.

	Attributes:
	    owed: customer orders that are overdue. They are demand of the past and come on top of the forecast, while
	        orders not yet due (`promised`) are part of what was forecast.
	"""

	on_hand: float
	owed: float
	forecast: np.ndarray
	promised: np.ndarray  # open customer orders due from today on
	inbound: np.ndarray

	@property
	def demand(self) -> np.ndarray:
		"""Open customer orders consume the forecast: whichever has asked for more by then."""
		return np.maximum(self.forecast, self.promised)

	@property
	def projected(self) -> np.ndarray:
		"""Stock at the end of each day if nothing is ordered; below zero: owed to customers."""
		return self.on_hand - self.owed + self.inbound - self.demand

	def forecast_within(self, days: float) -> float:
		"""Forecast of the first `days` days; part of a day counts in part."""
		return float(
			np.interp(days, np.arange(len(self.forecast) + 1), np.concatenate([[0.0], self.forecast]))
		)

	def promised_within(self, days: float) -> float:
		return _started(self.promised, days)

	def inbound_within(self, days: float) -> float:
		return _started(self.inbound, days)


def _started(running: np.ndarray, days: float) -> float:
	"""Orders due on a day that starts within the first `days` days."""
	count = math.ceil(round(days, 6))
	return float(running[count - 1]) if count else 0.0
