"""The season of the year, where two years or nearly show it and where it forecast better than none."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.methods.base import Sample

YEAR = 365.25
WEEK = 7
LEAST_DAYS = 600  # with less, a year's season and a trend look the same
LEAST_TRAINED = 500  # days before an origin of the trial
TRIAL_DAYS = 90  # a season is about the quarter ahead, not about next week
TRIAL_ORIGINS = 2
LEAST_GAIN = 0.1  # a season must cut the trial's error by a tenth: by chance alone it often cuts a little
LEAST_WEEKLY = 5.0  # units a week; below, weeks say nothing of a season
HARMONICS = 2
RIDGE = 2.0  # weeks' worth of belief that there is no season
LEVEL_DAYS = 28
BOUNDS = (0.2, 5.0)


def yearly_index(sample: Sample, horizon: int) -> np.ndarray | None:
	"""Multipliers of the season of the year for the days known and the days ahead, or None to abstain.

	The season is two harmonics fitted, with a trend, to the logarithm of weekly sums. It is used only when it helped on a trial
	inside the sample: from one or two origins, flat forecasts of the following 90 days with and without it, compared by the
	absolute error of weekly sums. So a backtest that calls this on what was known then stays honest.

	Args:
	    sample: of a daily calendar; others are abstained from.

	Returns:
	    Shape (days + horizon,), geometric mean about 1 over a year, or None: too short, too small, or no gain.
	"""
	y = sample.y
	if sample.calendar.code != "D" or len(y) < LEAST_DAYS or y.mean() * WEEK < LEAST_WEEKLY:
		return None
	origins = [len(y) - TRIAL_DAYS * (k + 1) for k in range(TRIAL_ORIGINS)]
	with_season = without = 0.0
	for origin in [o for o in origins if o >= LEAST_TRAINED]:
		index = _fit(y[:origin], TRIAL_DAYS)
		actual = y[origin : origin + TRIAL_DAYS]
		recent = slice(origin - LEVEL_DAYS, origin)
		level = (y[recent] / index[recent]).mean()
		with_season += _weekly_error(actual, level * index[origin : origin + TRIAL_DAYS])
		without += _weekly_error(actual, np.full(TRIAL_DAYS, y[recent].mean()))
	if with_season > (1 - LEAST_GAIN) * without:
		return None
	return _fit(y, horizon)


def _weekly_error(actual: np.ndarray, forecast: np.ndarray) -> float:
	weeks = len(actual) // WEEK * WEEK
	return float(np.abs((actual - forecast)[:weeks].reshape(-1, WEEK).sum(axis=1)).sum())


def _fit(y: np.ndarray, ahead: int) -> np.ndarray:
	"""Multipliers for the days of `y` and `ahead` more, shape (days + ahead,)."""
	weeks = len(y) // WEEK
	first = len(y) - weeks * WEEK
	sums = y[first:].reshape(weeks, WEEK).sum(axis=1)
	middles = first + WEEK * np.arange(weeks) + (WEEK - 1) / 2
	season = _harmonics(middles)
	design = np.column_stack([np.ones(weeks), middles / YEAR, season])
	penalty = np.diag([0.0, 0.0] + [RIDGE] * season.shape[1])
	weights = np.linalg.solve(design.T @ design + penalty, design.T @ np.log(sums + 1))
	days = np.arange(len(y) + ahead)
	return np.clip(np.exp(_harmonics(days) @ weights[2:]), *BOUNDS)


def _harmonics(days: np.ndarray) -> np.ndarray:
	angles = 2 * np.pi * np.outer(days / YEAR, np.arange(1, HARMONICS + 1))
	return np.hstack([np.sin(angles), np.cos(angles)])
