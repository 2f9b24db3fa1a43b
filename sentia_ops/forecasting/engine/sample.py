"""A history made ready for methods: repaired, classified, and rid of what methods should not see."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.forecasting.engine.classify import Profile, classify
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.methods.base import Sample
from sentia_ops.forecasting.engine.repair import Cleaned, clean, fill_stockouts, orders_kept_coming
from sentia_ops.forecasting.engine.settings import ForecastSettings


@dataclass(frozen=True)
class Prepared:
	"""A history and what was made of it.

	Attributes:
	    history: with stock-outs forgotten where orders kept coming through them.
	    demand: repaired, spikes and all, shape (periods,).
	    sample: what methods are given: `demand` with spikes cut down.
	    cleaned: what was cut down or belongs to promotions.
	"""

	history: History
	profile: Profile
	demand: np.ndarray
	sample: Sample
	cleaned: Cleaned
	season: int

	def promoted(self, steps: int) -> np.ndarray:
		"""What promotions multiply demand by, shape (periods + steps,); 1 where none is planned."""
		known = np.ones(len(self.demand) + steps)
		given = self.cleaned.promoted[: len(known)]
		known[: len(given)] = given
		return known


def season_of(history: History, settings: ForecastSettings) -> int:
	"""Periods of the short season: of days that which is set, of other calendars their own."""
	return settings.season_days if history.calendar.code == "D" else history.calendar.season


def check(history: History) -> None:
	"""Raises: ValueError: quantities are negative or not finite, or lengths differ."""
	if len(history.qty) != len(history.in_stock):
		raise ValueError(f"{history.key}: quantities and stock days differ in length.")
	if not np.isfinite(history.qty).all() or (history.qty < 0).any():
		raise ValueError(f"{history.key}: quantities must be finite and not negative.")


def prepare(history: History, settings: ForecastSettings) -> Prepared:
	"""Repair and classify; pure, so that earlier origins see what was known then.

	Raises:
	    ValueError: see `check`.
	"""
	check(history)
	season = season_of(history, settings)
	if orders_kept_coming(history.qty, history.in_stock):
		history = replace(history, in_stock=np.ones(len(history), dtype=bool))
	demand = fill_stockouts(history.qty, history.in_stock, season)
	cleaned = clean(demand, history.observed, history.factors, season)
	calendar = replace(history.calendar, season=season)
	sample = Sample(cleaned.demand, history.observed, history.first, calendar, history.factors)
	return Prepared(history, classify(history, season), demand, sample, cleaned, season)
