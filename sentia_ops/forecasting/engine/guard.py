"""Paths of methods kept within reason: none grows by its own momentum, none stands above all that ever was."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.calendar import DAILY, Calendar

LEVEL_PERIODS = {
	"D": 28,
	"W": 4,
	"MS": 12,
	"h": 168,
}  # a level is what held for so long; shorter peaks are peaks
LEVEL_ROOM = {
	"D": 1.25,
	"W": 1.5,
	"MS": 1.75,
	"h": 1.25,
}  # how far above the highest level held a forecast may stand
STEP_GROWTH = 1.01  # a season; a straight trend has 1, and rounding adds a little


def reasonable(path: np.ndarray, y: np.ndarray, calendar: Calendar = DAILY) -> np.ndarray:
	"""`path`, held where it runs away and brought down where its level has no precedent in `y`; shape (horizon,)."""
	return _precedented(_stable(path, calendar.season), y, calendar)


def _stable(path: np.ndarray, season: int) -> np.ndarray:
	"""The first season repeated where the steps from season to season grow from the first step to the last.

	A linear smoothing with an eigenvalue outside the unit circle does that: its steps grow geometrically, and with them
	level or amplitude (complex exponential smoothing is not bound to be stable: Svetunkov and Kourentzes 2022). A straight
	or damped trend does not. The first season is kept, being the least extrapolated.
	"""
	whole = path[: len(path) // season * season].reshape(-1, season)
	if len(whole) < 3:
		return path
	steps = np.sqrt((np.diff(whole, axis=0) ** 2).mean(axis=1))
	if steps[-1] <= steps[0] * STEP_GROWTH ** (len(steps) - 1):
		return path
	return np.resize(whole[0], len(path))


def _precedented(path: np.ndarray, y: np.ndarray, calendar: Calendar) -> np.ndarray:
	"""Seasons whose mean is far (of days: a quarter) above the highest level of `y` scaled down to that."""
	season = calendar.season
	count = len(path) // season
	if not count:  # part of a season has no level
		return path
	periods = min(LEVEL_PERIODS[calendar.code], len(y))
	highest = np.convolve(y, np.full(periods, 1 / periods), "valid").max() * LEVEL_ROOM[calendar.code]
	levels = path[: count * season].reshape(count, season).mean(axis=1)
	factors = highest / np.maximum(levels, highest)
	of_period = np.minimum(np.arange(len(path)) // season, count - 1)  # a rest goes with the season before it
	return path * factors[of_period]
