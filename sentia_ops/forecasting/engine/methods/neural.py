"""A small neural network on lags and the calendar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.methods.common import (
	Answer,
	Checked,
	from_residuals,
	length,
	short_season,
	years,
)
from sentia_ops.forecasting.engine.methods.factors import columns, summed
from sentia_ops.forecasting.engine.methods.regression import LEAST_YEARS, Terms, weights_of

HIDDEN = 8
NETS = 3  # from different seeds, averaged: one alone depends too much on where it began
PENALTY = 5.0  # on squared weights
STEPS = 60  # of the optimiser: stopped early it overfits less
HARMONICS = 2
LEAST_LAGS, MOST_LAGS = 12, 28
SEASONS = 4  # whose same places are averaged
DRAWS = 2  # steps ahead learned from each origin
LEAST_ROWS = 20
SEED = 1


class MLP(Checked):
	"""Three networks of one hidden layer, from lags at the origin and calendar and factors of the period wanted to demand.

	Direct: the step ahead is an input, so that no forecast feeds on another. All is relative to the level of the lags, the
	last two seasons, as a network does not extrapolate. Quantiles: residuals of the past at all steps.
	"""

	name = "MLP"
	source = "scikit-learn MLPRegressor (L-BFGS)"

	def reason(self, sample: Sample) -> str:
		needed = _lags(sample) + LEAST_ROWS
		if len(sample.y) < needed:
			known = length(len(sample.y), sample.calendar)
			return f"{known} of history; a network on lags needs {length(needed, sample.calendar)}"
		return ""

	def learn(self, sample: Sample) -> Answer:
		y, factors, periods = sample.y, columns(sample), len(sample.y)
		inputs = Inputs(sample)
		origins = np.repeat(np.arange(inputs.lags, periods), DRAWS)
		steps = np.random.default_rng(SEED).integers(0, inputs.reach, len(origins))
		kept = origins + steps < periods
		origins, steps = origins[kept], steps[kept]
		kept = weights_of(sample)[origins + steps] > 0
		origins, steps = origins[kept], steps[kept]
		levels, rows = inputs.at(origins, steps)
		rows = np.hstack([rows, factors.known[origins + steps]])
		target = y[origins + steps] - levels
		nets = _trained(rows, target)
		residuals = target - nets(rows)

		def forecast(horizon: int) -> Path:
			levels, rows = inputs.at(np.full(horizon, periods), np.arange(horizon))
			ahead = factors.ahead(horizon)
			mean = levels + nets(np.hstack([rows, ahead]))
			effects = np.zeros_like(ahead)
			for i in range(len(factors.names)):
				usual = ahead.copy()
				usual[:, i] = 0.0
				effects[:, i] = mean - levels - nets(np.hstack([rows, usual]))
			quantiles = from_residuals(mean, residuals)
			return Path(mean, quantiles, summed(factors.names, effects), factors.notes_for(horizon))

		return Answer(forecast)


class Inputs:
	"""What a network sees of a series.

	Attributes:
	    lags: periods before an origin whose mean is the level.
	    reach: steps ahead that are told apart; later ones count as the last.
	"""

	def __init__(self, sample: Sample):
		self.lags = _lags(sample)
		self.reach = min(2 * self.lags, (len(sample.y) - self.lags) // 2)
		self._y, self._season = sample.y, short_season(sample)
		self._sums = np.cumsum(np.r_[0.0, sample.y])
		self._terms = Terms(sample.calendar, self._season, HARMONICS if years(sample) >= LEAST_YEARS else 0)

	def at(self, origins: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
		"""Levels, shape (rows,), and inputs without factors, shape (rows, inputs); an origin is the first period unknown."""
		levels = self._mean(origins, self.lags)
		late = [self._mean(origins, n) - levels for n in (1, max(self.lags // 4, 2), self.lags // 2)]
		periods = origins + steps
		calendar = self._terms.at(0, periods.max() + 1)[periods, 2:]  # without level and trend
		ahead = np.minimum(steps, self.reach) / self.reach
		return levels, np.column_stack([*late, self._same_place(origins, periods) - levels, ahead, calendar])

	def _mean(self, origins: np.ndarray, periods: int) -> np.ndarray:
		return (self._sums[origins] - self._sums[origins - periods]) / periods

	def _same_place(self, origins: np.ndarray, periods: np.ndarray) -> np.ndarray:
		"""Mean of the last seasons' values at the same place in the season."""
		back = (periods - origins) // self._season + 1  # seasons from the last such period known
		at = periods[:, None] - self._season * (back[:, None] + np.arange(SEASONS))
		known = at >= 0
		return np.where(known, self._y[np.maximum(at, 0)], 0.0).sum(axis=1) / known.sum(axis=1)


def _lags(sample: Sample) -> int:
	return int(np.clip(2 * sample.calendar.season, LEAST_LAGS, MOST_LAGS))


@dataclass(frozen=True)
class Nets:
	"""The mean of networks of one hidden layer, each its weights and biases by layer."""

	layers: list[tuple[list[np.ndarray], list[np.ndarray]]]
	middle: np.ndarray
	spread: np.ndarray

	def __call__(self, rows: np.ndarray) -> np.ndarray:
		x = (rows - self.middle) / self.spread
		answers = [np.tanh(x @ w[0] + b[0]) @ w[1] + b[1] for w, b in self.layers]
		return np.mean(answers, axis=0)[:, 0]


def _trained(rows: np.ndarray, target: np.ndarray) -> Nets:
	from sklearn.neural_network import MLPRegressor

	middle, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 0.1)
	nets = [
		MLPRegressor(
			hidden_layer_sizes=(HIDDEN,),
			activation="tanh",
			solver="lbfgs",
			alpha=PENALTY,
			max_iter=STEPS,
			random_state=SEED + i,
		).fit((rows - middle) / spread, target)
		for i in range(NETS)
	]
	return Nets([(net.coefs_, net.intercepts_) for net in nets], middle, spread)
