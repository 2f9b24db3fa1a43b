"""The forecast of one series as verdicts speak of it, and the level of one too young for methods."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sentia_ops.forecasting.engine.classify import Profile
from sentia_ops.forecasting.engine.repair import Change

QUIET_DAYS = 7  # before a first sale


@dataclass(frozen=True)
class Point:
	"""Daily means and how they came about.

	Attributes:
	    qty: shape (horizon,), stock UOM a day, never negative.
	    model: the methods used.
	    demand: the history with stock-out days filled in, shape (days,).
	    changes: days cut down before fitting, or freed of a promotion.
	    uplifts: promotion -> what it multiplies demand by.
	    yearly: a season of the year is in the forecast.
	    notes: what a planner should know of it.
	"""

	qty: np.ndarray
	model: str
	profile: Profile
	demand: np.ndarray
	changes: tuple[Change, ...] = ()
	uplifts: dict[str, float] = field(default_factory=dict)
	yearly: bool = False
	notes: tuple[str, ...] = ()


def mean_since_launch(demand: np.ndarray) -> float:
	"""Mean a day, as if up to a week without a sale had come before a history that begins with one.

	Such a history was cut to begin with a sale, and launches sell best at first: over the eight weeks after their first
	2 to 27 days, the plain mean of 765 real launches was 26 to 109 % too high. The quiet days count for less the more
	days have sold (`1 - (days with sales - 1) / days` of them): an item that sells daily shows no such cut.
	"""
	if not demand[0]:
		return float(demand.mean())
	days, sold = len(demand), int((demand > 0).sum())
	return float(demand.sum() / (days + QUIET_DAYS * (1 - (sold - 1) / days)))
