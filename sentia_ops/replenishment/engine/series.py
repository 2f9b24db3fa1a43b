"""Forecasts and open orders of all items and warehouses as arrays; day 0 is the day planned for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

PAIR = ["item_code", "warehouse"]
TAIL_DAYS = 28  # the last forecast days whose mean stands for every day beyond the horizon
Z80, Z95 = 1.281552, 1.959964
SPAN = 4096  # days ahead that open orders are told apart


@dataclass(frozen=True)
class Pairs:
	"""Items in warehouses, sorted; a pair is its position here.

	Attributes:
	    items, warehouses: names by code; item, warehouse: codes of each pair.
	"""

	items: np.ndarray
	warehouses: np.ndarray
	item: np.ndarray
	warehouse: np.ndarray

	def __len__(self) -> int:
		return len(self.item)

	def find(self, rows: pd.DataFrame) -> np.ndarray:
		"""The pair of each row; -1: none."""
		key = codes(rows["item_code"], self.items) * len(self.warehouses) + codes(
			rows["warehouse"], self.warehouses
		)
		known = (codes(rows["item_code"], self.items) >= 0) & (codes(rows["warehouse"], self.warehouses) >= 0)
		keys = self.item * len(self.warehouses) + self.warehouse
		at = np.minimum(np.searchsorted(keys, key), max(len(keys) - 1, 0))
		return np.where(known & (keys[at] == key) if len(keys) else False, at, -1)


def codes(names: pd.Series, known: np.ndarray) -> np.ndarray:
	"""Position of each name in the sorted array `known`; -1: not in it."""
	found, distinct = pd.factorize(names)
	distinct = np.asarray(distinct, dtype=object)
	if not len(distinct) or not len(known):
		return np.full(len(names), -1)
	at = np.minimum(np.searchsorted(known, distinct), len(known) - 1)
	code = np.where(known[at] == distinct, at, -1)
	return np.where(found >= 0, code[found], -1)


def all_pairs(frames: list[pd.DataFrame], items: pd.Series, warehouses: pd.Series) -> tuple[Pairs, int]:
	"""Pairs in any of the frames whose item and warehouse are both known; and how many are not."""
	names = np.array(sorted(set(items)), dtype=object), np.array(sorted(set(warehouses)), dtype=object)
	keys, strange = [np.zeros(0, dtype=np.int64)], set()
	for frame in frames:
		item, warehouse = codes(frame["item_code"], names[0]), codes(frame["warehouse"], names[1])
		known = (item >= 0) & (warehouse >= 0)
		keys.append(np.unique(item[known] * len(names[1]) + warehouse[known]))
		if not known.all():
			strange |= set(frame.loc[~known, PAIR].itertuples(index=False, name=None))
	key = np.unique(np.concatenate(keys))
	most = max(len(names[1]), 1)
	return Pairs(*names, key // most, key % most), len(strange)


@dataclass(frozen=True)
class ForecastPanel:
	"""Daily forecasts of all pairs.

	Attributes:
	    running: pairs x (days + 1), the forecast's total up to the end of each day, from 0 on; zeros where there is none.
	    tail: mean of the last TAIL_DAYS forecast days, for the days after.
	    spread: daily standard deviation that the intervals imply.
	    known: pairs that have a forecast.
	"""

	running: np.ndarray
	tail: np.ndarray
	spread: np.ndarray
	known: np.ndarray

	def within(self, pair: np.ndarray, days: np.ndarray) -> np.ndarray:
		"""Forecast of the first `days` days; part of a day counts in part."""
		last = self.running.shape[1] - 1
		whole = np.minimum(np.floor(days).astype(int), last)
		part = np.minimum(days, last) - whole
		found = self.running[pair, whole]
		ahead = self.running[pair, np.minimum(whole + 1, last)]
		return found + part * (ahead - found) + np.maximum(days - last, 0) * self.tail[pair]

	def totals(self, pair: int, count: int) -> np.ndarray:
		"""Running totals of one pair at the end of each of `count` days."""
		return self.within(np.full(count, pair), np.arange(1.0, count + 1))


def forecast_panel(
	forecasts: pd.DataFrame, pairs: Pairs, as_of: pd.Timestamp, dead: np.ndarray
) -> ForecastPanel:
	"""Days before `as_of` only serve the tail; a day missing in between gets the tail's mean; `dead` pairs sell nothing."""
	at = pairs.find(forecasts)
	ours = at >= 0
	at = at[ours]
	day = (forecasts["date"].to_numpy()[ours] - as_of.to_datetime64()) // np.timedelta64(1, "D")
	qty = forecasts["qty"].to_numpy(dtype=float)[ours]
	n = len(pairs)
	last = np.full(n, np.iinfo(np.int64).min)
	np.maximum.at(last, at, day)
	late = day > last[at] - TAIL_DAYS
	tail = _mean(at[late], qty[late], n)
	ahead = day >= 0
	daily = np.full((n, int(day.max(initial=-1)) + 1), np.nan)
	daily[at[ahead], day[ahead]] = qty[ahead]
	daily = np.where(np.isnan(daily), tail[:, None], daily)
	daily[dead] = 0.0
	tail = np.where(dead, 0.0, tail)
	running = np.concatenate([np.zeros((n, 1)), np.cumsum(daily, axis=1)], axis=1)
	return ForecastPanel(running, tail, _spread(forecasts, ours, at, n), np.bincount(at, minlength=n) > 0)


def _mean(at: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
	many = np.bincount(at, minlength=count)
	return np.bincount(at, values, minlength=count) / np.maximum(many, 1)


def _spread(forecasts: pd.DataFrame, ours: np.ndarray, at: np.ndarray, count: int) -> np.ndarray:
	"""The upper side of an interval is not cut off at zero, so it tells the spread; the wider of both answers."""
	qty, hi80, hi95 = (forecasts[c].to_numpy(dtype=float)[ours] for c in ("qty", "hi80", "hi95"))
	upper = np.maximum((hi80 - qty) / Z80, (hi95 - qty) / Z95).clip(min=0)
	return _mean(at, upper, count)


@dataclass(frozen=True)
class OpenOrder:
	voucher: str
	kind: str
	qty: float
	due: date
	day: int  # counted as coming or going on, from 0 on


@dataclass(frozen=True)
class OpenOrders:
	"""Open orders in order of pair and day.

	Attributes:
	    voucher, kind, qty, due, pair, day: of each order.
	    running: total up to each, from 0 on; key: pair and day as one number.
	"""

	voucher: np.ndarray
	kind: np.ndarray
	qty: np.ndarray
	due: np.ndarray
	pair: np.ndarray
	day: np.ndarray
	running: np.ndarray
	key: np.ndarray

	def within(self, pair: np.ndarray, days: np.ndarray) -> np.ndarray:
		"""Total of orders due on a day that starts within the first `days` days."""
		count = np.clip(np.ceil(np.round(days, 6)), 0, SPAN).astype(np.int64)
		start = np.searchsorted(self.key, pair * SPAN)
		return self.running[np.searchsorted(self.key, pair * SPAN + count)] - self.running[start]

	def by_day(self, first: int, last: int, days: int) -> np.ndarray:
		"""Running totals at the end of each day of the pairs first .. last - 1: pairs x days."""
		found = np.zeros((last - first, days))
		ours = slice(*np.searchsorted(self.pair, [first, last]))
		pair, day, qty = self.pair[ours] - first, self.day[ours], self.qty[ours]
		near = day < days
		np.add.at(found, (pair[near], day[near]), qty[near])
		return np.cumsum(found, axis=1)

	def of(self, pair: int) -> list[OpenOrder]:
		first, last = np.searchsorted(self.pair, [pair, pair + 1])
		return [
			OpenOrder(self.voucher[i], self.kind[i], float(self.qty[i]), self.due[i], int(self.day[i]))
			for i in range(first, last)
		]


def open_orders(rows: pd.DataFrame, at: np.ndarray, day: np.ndarray) -> OpenOrders:
	"""Orders by pair `at` and day (below 0 counts as 0), those of no pair left out."""
	rows = rows.assign(_pair=at, _day=np.clip(day, 0, SPAN - 1))[at >= 0]
	rows = rows.sort_values(["_pair", "_day", "due_date", "voucher"], ignore_index=True)
	pair, day = rows["_pair"].to_numpy(np.int64), rows["_day"].to_numpy(np.int64)
	running = np.concatenate([[0.0], np.cumsum(rows["qty"].to_numpy(dtype=float))])
	return OpenOrders(
		voucher=rows["voucher"].to_numpy(dtype=object),
		kind=rows["kind"].to_numpy(dtype=object),
		qty=rows["qty"].to_numpy(dtype=float),
		due=rows["due_date"].dt.date.to_numpy(dtype=object),
		pair=pair,
		day=day,
		running=running,
		key=pair * SPAN + day,
	)


def days_from(dates: pd.Series, as_of: pd.Timestamp) -> np.ndarray:
	return ((dates.to_numpy() - as_of.to_datetime64()) // np.timedelta64(1, "D")).astype(np.int64)


def whole_days(days: float) -> int:
	return math.ceil(round(days, 6))


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

	@property
	def promisable(self) -> np.ndarray:
		"""Available to promise: what could still be promised for each day without breaking any later commitment."""
		free = self.on_hand - self.owed + self.inbound - self.promised
		return np.maximum(np.minimum.accumulate(free[::-1])[::-1], 0.0)
