"""Stock, day by day: deliveries arrive, customers take what there is, the buyer reorders below a level.

Nothing here is scripted: stock-outs, late and partial receipts follow from the sources' true lead times and from a
buyer who trusts the promised days and the average of the last six weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sentia_ops.demo.catalogue import Source

MEMORY_DAYS = 42  # the buyer looks back this far
YEAR = 365.25


@dataclass(frozen=True)
class Supply:
	"""How each of n series is supplied. All arrays have n entries.

	Attributes:
	    source, second: index into `sources`; `second` -1 where there is none.
	    min_qty, pack: of an order, stock UOM; second_min_qty: of an order from the second source.
	    safety_days: days of demand that the buyer keeps above the promised lead time, having learnt; see `caution`.
	    guess: what the buyer takes for a day's demand before there are sales.
	    first_day, last_day: the buyer orders on these days only.
	"""

	sources: list[Source]
	source: np.ndarray
	second: np.ndarray
	min_qty: np.ndarray
	second_min_qty: np.ndarray
	pack: np.ndarray
	safety_days: np.ndarray
	guess: np.ndarray
	first_day: np.ndarray
	last_day: np.ndarray


@dataclass
class Outcome:
	"""What happened to n series over T days.

	Attributes:
	    sold: taken from stock, shape (n, T).
	    on_hand: at the end of the day, shape (n, T).
	    opening: before the first day, shape (n,).
	    orders: series, source, day, promised_day, qty; one row per order line.
	    parts: order (row of `orders`), part, day (may lie after the last day: still open), qty, rejected.
	"""

	sold: np.ndarray
	on_hand: np.ndarray
	opening: np.ndarray
	orders: pd.DataFrame = field(default_factory=pd.DataFrame)
	parts: pd.DataFrame = field(default_factory=pd.DataFrame)


def simulate(wanted: np.ndarray, supply: Supply, start: pd.Timestamp, rng: np.random.Generator) -> Outcome:
	"""Run the warehouse over `wanted` (n series, T days)."""
	n, days = wanted.shape
	arriving = np.zeros(
		(n, days + 1)
	)  # good pieces by day; the last column takes all that is still under way
	gone = np.zeros((n, days + 1))  # pieces that leave `ordered`, good or rejected
	opening = _opening_stock(supply, rng)
	on_hand, ordered = opening.copy(), np.zeros(n)
	outcome = Outcome(np.zeros((n, days)), np.zeros((n, days)), opening)
	available = np.zeros((n, days), dtype=bool)
	orders, parts = [], []
	for day in range(days):
		on_hand += arriving[:, day]
		ordered -= gone[:, day]
		sold = np.minimum(wanted[:, day], on_hand)
		on_hand = np.round(on_hand - sold, 6)
		outcome.sold[:, day], outcome.on_hand[:, day] = sold, on_hand
		available[:, day] = on_hand > 0
		for i, qty in _reorder(
			day, (start.dayofweek + day) % 7, on_hand + ordered, outcome.sold, available, supply
		):
			order, delivered = _place(i, qty, day, len(orders), supply, rng)
			orders.append(order)
			parts += delivered
			ordered[i] += order[-1]
			for _, _, when, size, rejected in delivered:
				arriving[i, min(when, days)] += size - rejected
				gone[i, min(when, days)] += size
	outcome.orders = pd.DataFrame(orders, columns=["series", "source", "day", "promised_day", "qty"])
	outcome.parts = pd.DataFrame(parts, columns=["order", "part", "day", "qty", "rejected"])
	return outcome


def caution(day: int, days: int) -> float:
	"""Share of the safety days that the buyer keeps: he learns from stock-outs, so history has more than the present."""
	return 0.35 + 0.95 * day / days


def _opening_stock(supply: Supply, rng: np.random.Generator) -> np.ndarray:
	promised = np.array([s.promised_days for s in supply.sources])[supply.source]
	cycle = np.array([s.cycle_days for s in supply.sources])[supply.source]
	cover = promised + supply.safety_days * caution(0, 1) + rng.uniform(0.2, 1.0, len(promised)) * cycle
	return np.where(supply.first_day == 0, np.ceil(supply.guess * cover), 0.0)


def _reorder(day, weekday, position, sold, available, supply):
	"""(series, quantity) of today's orders: an (s, S) rule on the buyer's own figures."""
	sources = supply.sources
	since = max(0, day + 1 - MEMORY_DAYS)
	stocked = available[:, since : day + 1].sum(axis=1)
	average = sold[:, since : day + 1].sum(axis=1) / np.maximum(stocked, 1)
	rate = np.where(stocked >= 14, average, supply.guess)
	promised = np.array([s.promised_days for s in sources])[supply.source]
	cycle = np.array([s.cycle_days for s in sources])[supply.source]
	gap = np.array([7 if s.order_weekday >= 0 else 1 for s in sources])[supply.source]
	level = np.maximum(
		rate * (promised + supply.safety_days * caution(day, sold.shape[1]) + gap / 2),
		np.minimum(supply.guess, 1) * 2,
	)
	order_day = np.array([s.order_weekday in (-1, weekday) for s in sources])[supply.source]
	selling = (day >= supply.first_day - promised - 7) & (day <= supply.last_day)
	due = np.flatnonzero(order_day & selling & (position <= level))
	for i in due:
		want = max(level[i] + rate[i] * cycle[i] - position[i], supply.min_qty[i], 1.0)
		yield i, float(np.ceil(want / supply.pack[i]) * supply.pack[i])


def _place(i: int, qty: float, day: int, number: int, supply: Supply, rng: np.random.Generator):
	"""One order line and its deliveries: (number, part, day, qty, rejected)."""
	use_second = supply.second[i] >= 0 and rng.random() < 0.15
	which = int(supply.second[i] if use_second else supply.source[i])
	source = supply.sources[which]
	qty = max(qty, supply.second_min_qty[i]) if use_second else qty
	arrival = day + lead_days(source, day, rng)
	sizes = [qty]
	if qty >= 4 and rng.random() < source.split_chance:
		rest = np.floor(qty * 0.4)
		sizes = (
			[qty - rest, rest]
			if rng.random() < 0.5 or rest < 2
			else [qty - rest, rest - rest // 2, rest // 2]
		)
	parts = []
	for part, size in enumerate(sizes):
		if part:
			arrival += 1 + int(rng.poisson(source.gap_days - 1))
		rejected = float(rng.binomial(int(size), source.reject_share)) if source.reject_share else 0.0
		parts.append((number, part, arrival, float(size), rejected))
	return (i, which, day, day + source.promised_days, qty), parts


def true_mean_days(source: Source, day: float) -> float:
	"""Mean days from an order placed on `day` of history to its first delivery."""
	return source.mean_days + source.drift * day / YEAR


def lead_days(source: Source, day: int, rng: np.random.Generator) -> int:
	"""Lognormal with the source's mean and standard deviation, in whole days, at least one."""
	mean = true_mean_days(source, day)
	variance = np.log1p((source.std_days / mean) ** 2)
	return max(1, round(float(rng.lognormal(np.log(mean) - variance / 2, np.sqrt(variance)))))
