"""The policies that ours is compared with: what an ERPNext user, a textbook and stockpyl would do.

Rivals look every day, know the true mean and standard deviation of the lead time (ERPNext's users the promised days),
and see the sales of the last LOOK_BACK days. All take a `factor` a pair, by which the benchmark makes their service
equal to ours. None of them sees minimum orders or packs: the simulator applies those to everybody.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from replenishment_forecasts import EVERY
from replenishment_sim import YEAR, Costs, Levels
from replenishment_world import HISTORY, World

LOOK_BACK = 90


@dataclass(frozen=True)
class _Rival:
	"""Common to the rivals: figures worked out anew every EVERY days from the last LOOK_BACK days of sales."""

	world: World
	costs: Costs
	factor: np.ndarray
	look_back: int = LOOK_BACK
	review: int = 1

	@cached_property
	def _tables(self) -> list[Levels]:
		return [self._table(day) for day in range(0, self.world.days, EVERY)]

	def levels(self, day: int) -> Levels:
		return self._tables[day // EVERY]

	def _seen(self, day: int) -> tuple[np.ndarray, np.ndarray]:
		"""Sold a day and which days count, the look-back before `day`; shapes (n, look_back)."""
		sold, stocked = self.world.past
		last = slice(HISTORY + day - self.look_back, HISTORY + day)
		return sold[:, last], stocked[:, last] & ~np.isnan(sold[:, last])

	def _moments(self, day: int) -> tuple[np.ndarray, np.ndarray]:
		"""Mean and standard deviation of a day's sales on days with stock, shapes (n,)."""
		sold, known = self._seen(day)
		count = np.maximum(known.sum(axis=1), 1)
		mean = np.where(known, sold, 0.0).sum(axis=1) / count
		square = np.where(known, (sold - mean[:, None]) ** 2, 0.0).sum(axis=1)
		return mean, np.sqrt(square / np.maximum(count - 1, 1))

	def _economic(self, daily: np.ndarray) -> np.ndarray:
		return np.sqrt(
			2 * daily * YEAR * self.costs.ordering / (self.costs.holding_rate * self.world.unit_cost)
		)


@dataclass(frozen=True)
class ERPNext(_Rival):
	"""Itemwise Recommended Reorder Level: average daily outgoing x lead time days + safety stock.

	The average is over all days of the report's period; lead time days are the supplier's promise, as its users
	enter them. ERPNext gives no formula for the safety stock: `factor` x the demand of the lead time. It orders the reorder
	quantity, which users set, here the economic quantity, or what is missing to the level if that is more
	(`reorder_item`). Levels are typed in anew every 28 days.
	"""

	name: str = "ERPNext reorder level"
	usual: float = 0.5
	grid: tuple[float, ...] = (
		-0.5,
		-0.2,
		0,
		0.1,
		0.2,
		0.3,
		0.4,
		0.5,
		0.65,
		0.8,
		1,
		1.25,
		1.5,
		2,
		2.5,
		3,
		4,
		6,
		9,
	)

	def _table(self, day: int) -> Levels:
		sold, _ = self._seen(day)
		daily = np.nansum(sold, axis=1) / self.look_back
		level = daily * self.world.promised_days * (1 + self.factor)
		return Levels(level, self._economic(daily), level)


@dataclass(frozen=True)
class Textbook(_Rival):
	"""Reorder point d L + z sqrt(L s^2 + d^2 sL^2), economic quantity: Silver, Pyke & Thomas 2017, chapter 6."""

	name: str = "textbook normal + EOQ"
	usual: float = float("nan")  # z of the wanted service
	grid: tuple[float, ...] = (
		-1,
		-0.5,
		0,
		0.3,
		0.6,
		0.9,
		1.1,
		1.3,
		1.5,
		1.7,
		1.9,
		2.1,
		2.3,
		2.6,
		3,
		3.5,
		4,
		5,
		7,
	)

	def _table(self, day: int) -> Levels:
		daily, std = self._moments(day)
		lead = self.world.lead_mean[:, day]
		level = daily * lead + self.factor * np.sqrt(lead * std**2 + (daily * self.world.lead_std) ** 2)
		return Levels(level, self._economic(daily), level)


@dataclass(frozen=True)
class Stockpyl(_Rival):
	"""stockpyl's (r, Q) by expected inventory level (Hadley & Whitin 1963): normal demand, a unit short costs its margin.

	`factor` multiplies the margin. The scatter of the lead time is given to it as that of demand, as it knows none.
	Where holding a lot costs more than the margin it has no answer: the demand of the lead time, and the economic quantity.
	"""

	name: str = "stockpyl (r,Q)"
	usual: float = 1.0
	grid: tuple[float, ...] = (0.06, 0.2, 0.5, 1, 1.6, 2.5, 4, 7, 12, 25, 100, 1e3, 1e5)

	def _table(self, day: int) -> Levels:
		daily, std = self._moments(day)
		lead = self.world.lead_mean[:, day]
		spread = np.sqrt(YEAR * (std**2 + (daily * self.world.lead_std) ** 2 / lead))
		level, lot = daily * lead, self._economic(daily)
		for i in np.flatnonzero(daily > 0):
			holding = self.costs.holding_rate * self.world.unit_cost[i]
			found = stockpyl_levels(
				holding,
				self.world.margin[i] * self.factor[i],
				self.costs.ordering,
				daily[i] * YEAR,
				spread[i],
				lead[i] / YEAR,
			)
			if found:
				level[i], lot[i] = found
		return Levels(level, lot, level)


def stockpyl_levels(*arguments: float) -> tuple[float, float] | None:
	"""`r_q_eil_approximation` itself; None where it finds nothing."""
	from stockpyl.rq import r_q_eil_approximation

	with warnings.catch_warnings(), np.errstate(all="ignore"):
		warnings.simplefilter("ignore")
		level, lot, _ = r_q_eil_approximation(*arguments)
	return (float(level), float(lot)) if np.isfinite(level) and np.isfinite(lot) and lot > 0 else None
