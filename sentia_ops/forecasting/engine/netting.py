"""Open orders consume the forecast: what was expected and is now ordered must not be planned for twice.

As frePPLe's "net forecast" does: an order takes the forecast of its own day, then of the days before it, the nearest
first, then of the days after it, within windows. What it finds no forecast for comes on top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Netted:
	"""A forecast after orders: shapes (days,), in the forecast's unit.

	Attributes:
	    left: of the forecast, what nothing has consumed, by day of the forecast.
	    excess: of what was asked for, what no forecast was left for, by day it is asked for.
	"""

	left: np.ndarray
	excess: np.ndarray


def consume(forecast: np.ndarray, asked: np.ndarray, backward: int, forward: int) -> Netted:
	"""Let `asked`, the earliest first, consume `forecast`; then `left.sum() + asked.sum() == forecast.sum() + excess.sum()`.

	Args:
	    forecast: expected a day, never negative, shape (days,).
	    asked: wanted on a day, never negative, shape (days,).
	    backward, forward: days before and after its own from which a quantity may take forecast.
	"""
	left, excess = np.array(forecast, dtype=float), np.zeros(len(forecast))
	for day in np.flatnonzero(asked):
		reach = np.concatenate(
			[
				np.arange(day, max(day - backward, 0) - 1, -1),
				np.arange(day + 1, min(day + forward + 1, len(left))),
			]
		)
		found = left[reach]
		before = np.cumsum(found) - found
		taken = np.clip(asked[day] - before, 0.0, found)
		left[reach] = found - taken
		excess[day] = max(asked[day] - float(found.sum()), 0.0)
	return Netted(left, excess)
