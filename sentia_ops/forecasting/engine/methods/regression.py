"""Linear regression on trend, calendar and factors."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.history import phases
from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.methods.common import (
	Answer,
	Checked,
	from_residuals,
	level_growth,
	short_season,
	years,
)
from sentia_ops.forecasting.engine.methods.factors import columns, summed

LEAST_YEARS = 1.6  # with less, the season of a year and a trend look the same
MOST_YEARS = 3  # over which a straight line may be a trend
HARMONICS = 3
RIDGE = 0.5  # period's worth of belief that a term is nothing
LEAST_SEEN = 10
BLOCK = 4  # periods, whose means tell whether the level wanders


class LinearRegression(Checked):
	"""Ridge regression of demand on a straight trend, the short season, the year (from 20 months on) and factors.

	Of the last three years. All terms add up. Quantiles: residuals, wider where the terms stand further from those of the
	history (leverage) and as the level wanders around the line.
	"""

	name = "LinearRegression"
	source = "Hoerl and Kennard 1970"
	least = LEAST_SEEN

	def learn(self, sample: Sample) -> Answer:
		periods, factors = len(sample.y), columns(sample)
		terms = Terms(sample.calendar, short_season(sample), HARMONICS if years(sample) >= LEAST_YEARS else 0)
		fixed = terms.at(0, periods)
		x = np.hstack([fixed, factors.known])
		seen = weights_of(sample, int(MOST_YEARS * sample.calendar.year))
		penalty = np.full(x.shape[1], RIDGE)
		penalty[:2] = 0.0  # level and trend
		inverse = np.linalg.pinv(x.T @ (x * seen[:, None]) + np.diag(penalty), hermitian=True)
		beta = inverse @ (x.T @ (seen * sample.y))
		residuals = (sample.y - x @ beta)[seen > 0]

		def forecast(horizon: int) -> Path:
			ahead = factors.ahead(horizon)
			x_ahead = np.hstack([terms.at(periods, horizon), ahead])
			leverage = np.einsum("ij,jk,ik->i", x_ahead, inverse, x_ahead)
			mean = x_ahead @ beta
			effects = summed(factors.names, ahead * beta[fixed.shape[1] :])
			spread = np.sqrt(1 + np.maximum(leverage, 0.0)) * level_growth(residuals, BLOCK, horizon)
			return Path(mean, from_residuals(mean, residuals, spread), effects, factors.notes_for(horizon))

		return Answer(forecast)


class Terms:
	"""Columns of a regression that time alone decides: level, trend in years, short season, harmonics of the year."""

	def __init__(self, calendar: Calendar, season: int, harmonics: int):
		self.year = calendar.year
		self.season = season
		# the short season of monthly data is the year: harmonics would say the same again
		self.harmonics = harmonics if season != round(calendar.year) else 0

	def at(self, start: int, periods: int) -> np.ndarray:
		"""Shape (periods, terms), from period `start` on."""
		time = start + np.arange(periods)
		parts = [np.ones((periods, 1)), time[:, None] / self.year]
		if self.season > 1:
			parts.append(np.eye(self.season)[phases(start, periods, self.season)])
		if self.harmonics:
			angles = 2 * np.pi * np.outer(time / self.year, np.arange(1, self.harmonics + 1))
			parts += [np.sin(angles), np.cos(angles)]
		return np.hstack(parts)


def weights_of(sample: Sample, most: int = 0) -> np.ndarray:
	"""1 for periods seen and 0 for estimates; all 1 where hardly any was seen.

	Args:
	    most: the last periods, before which all weigh 0; 0: all count.
	"""
	seen = sample.seen.astype(float)
	seen[: -most if most else 0] = 0.0
	return seen if seen.sum() >= LEAST_SEEN else np.ones(len(seen))
