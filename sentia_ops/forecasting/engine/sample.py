"""A history made ready for methods: repaired, classified, and rid of what methods should not see."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.forecasting.engine.classify import Profile, classify
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.methods.base import Sample
from sentia_ops.forecasting.engine.repair import cap_spikes, fill_stockouts, orders_kept_coming
from sentia_ops.forecasting.engine.settings import ForecastSettings


@dataclass(frozen=True)
class Prepared:
	"""A history and what was made of it.

	Attributes:
	    history: with stock-outs forgotten where orders kept coming through them.
	    demand: repaired, spikes and all, shape (periods,).
	    sample: what methods are given: `demand` with spikes cut down.
	    spikes: periods cut down.
	"""

	history: History
	profile: Profile
	demand: np.ndarray
	sample: Sample
	spikes: int
	season: int


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
	capped, spikes = cap_spikes(demand)
	calendar = replace(history.calendar, season=season)
	sample = Sample(capped, history.observed, history.first, calendar, history.factors)
	return Prepared(history, classify(history, season), demand, sample, spikes, season)
