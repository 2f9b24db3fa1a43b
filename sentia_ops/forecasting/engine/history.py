"""One series as the engine sees it: a value for each day, and which days had stock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class History:
	"""Daily sales of one item in one warehouse, without gaps, up to the day before the forecast.

	Attributes:
	    key: names the series in results, for example (item_code, warehouse).
	    qty: sold a day, stock UOM, shape (days,), never negative.
	    in_stock: False on days when stock was out, so that `qty` understates what was wanted; shape (days,).
	"""

	key: tuple[str, ...]
	qty: np.ndarray
	in_stock: np.ndarray

	def __len__(self) -> int:
		return len(self.qty)

	def until(self, day: int) -> History:
		"""The first `day` days, as known on that day."""
		return History(self.key, self.qty[:day], self.in_stock[:day])

	@property
	def observed(self) -> np.ndarray:
		"""Days that tell of demand: in stock, or something was sold in spite of it; shape (days,)."""
		return self.in_stock | (self.qty > 0)


def phases(start: int, days: int, season: int) -> np.ndarray:
	"""Place in the season of `days` days from day `start` on: the day of the week, counted from the first day."""
	return (start + np.arange(days)) % season
