"""One series as the engine sees it: a value for each period, which of them had stock, and what else moves it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from sentia_ops.forecasting.engine.calendar import DAILY, Calendar


@dataclass(frozen=True)
class Factor:
	"""Something other than time that moves demand.

	Attributes:
	    values: one a period from the first of the history to the end of the horizon, shape (periods + ahead,); NaN: not known.
	    known_ahead: False where values after the history must not be used, as nobody could have known them.
	"""

	name: str
	kind: str
	values: np.ndarray
	known_ahead: bool = True

	def until(self, period: int) -> Factor:
		"""As known after the first `period` periods."""
		if self.known_ahead:
			return self
		known = np.arange(len(self.values)) < period
		return replace(self, values=np.where(known, self.values, np.nan))


@dataclass(frozen=True)
class History:
	"""Sales of one item in one warehouse, without gaps, up to the period before the forecast.

	Attributes:
	    key: names the series in results, for example (item_code, warehouse).
	    qty: sold a period, stock UOM, shape (periods,), never negative.
	    in_stock: False where stock was out, so that `qty` understates what was wanted; shape (periods,).
	    first: timestamp of the first period; None: not known, so that no calendar effect can be used.
	    factors: see `Factor`.
	    group: items of one group are alike: new ones borrow from it.
	    whole: the unit allows whole quantities only.
	"""

	key: tuple[str, ...]
	qty: np.ndarray
	in_stock: np.ndarray
	first: np.datetime64 | None = None
	calendar: Calendar = DAILY
	factors: tuple[Factor, ...] = field(default=())
	group: str = ""
	whole: bool = False

	def __len__(self) -> int:
		return len(self.qty)

	def until(self, period: int) -> History:
		"""The first `period` periods, as known then; of factors not known ahead nothing later remains."""
		factors = tuple(factor.until(period) for factor in self.factors)
		return replace(self, qty=self.qty[:period], in_stock=self.in_stock[:period], factors=factors)

	@property
	def observed(self) -> np.ndarray:
		"""Periods that tell of demand: in stock, or something was sold in spite of it; shape (periods,)."""
		return self.in_stock | (self.qty > 0)


def phases(start: int, days: int, season: int) -> np.ndarray:
	"""Place in the season of `days` periods from period `start` on: the day of the week, counted from the first day."""
	return (start + np.arange(days)) % season
