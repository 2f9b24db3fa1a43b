"""A small neural network on lags and the calendar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.methods.base import LEVELS, Path, Sample
from sentia_ops.forecasting.engine.methods.common import Answer, Checked, length, short_season, years
from sentia_ops.forecasting.engine.methods.factors import columns, summed
from sentia_ops.forecasting.engine.methods.regression import LEAST_YEARS, Terms, weights_of

HIDDEN = 8
NETS = 3  # from different seeds, averaged: one alone depends too much on where it began
PENALTY = 1.0  # on squared weights
STEPS = 60  # of the optimiser: stopped early it overfits less
LEAST_LAGS, MOST_LAGS = 4, 28
LEAST_ROWS = 20
PATHS = 100
SEED = 1


class MLP(Checked):
	"""Three networks of one hidden layer, from the last two seasons, the calendar and factors to the next period.

	They learn the logarithm of one plus demand over its mean, and forecast period by period from their own answers.
	Quantiles: of a hundred such paths with residuals of the past drawn at random.
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
		logs, lags, factors = np.log1p(sample.y), _lags(sample), columns(sample)
		terms = Terms(sample.calendar, short_season(sample), 2 if years(sample) >= LEAST_YEARS else 0)
		periods = len(logs)
		windows = np.lib.stride_tricks.sliding_window_view(logs, lags)[:-1]
		# no level and no trend: a network does not extrapolate
		rows = np.hstack([windows, terms.at(lags, periods - lags)[:, 2:], factors.known[lags:]])
		seen = weights_of(sample)[lags:] > 0
		nets = _trained(rows[seen], logs[lags:][seen])
		residuals = logs[lags:] - nets(rows)

		def paths(outside: np.ndarray, noise: np.ndarray) -> np.ndarray:
			"""Logarithms from the network's own answers, shape (paths, horizon)."""
			state = np.tile(logs[-lags:], (len(noise), 1))
			for step in range(len(outside)):
				row = np.hstack([state[:, -lags:], np.tile(outside[step], (len(noise), 1))])
				state = np.hstack([state, np.clip(nets(row)[:, None] + noise[:, step : step + 1], 0.0, top)])
			return state[:, lags:]

		top = logs.max() + 1.0

		def forecast(horizon: int) -> Path:
			calendar, ahead = terms.at(periods, horizon)[:, 2:], factors.ahead(horizon)
			noise = np.random.default_rng(SEED).choice(residuals, (PATHS, horizon))
			drawn = np.expm1(paths(np.hstack([calendar, ahead]), noise))
			mean = drawn.mean(axis=0)
			effects = np.zeros((horizon, len(factors.names)))
			for i in range(len(factors.names)):
				usual = ahead.copy()
				usual[:, i] = 0.0
				effects[:, i] = mean - np.expm1(paths(np.hstack([calendar, usual]), noise)).mean(axis=0)
			return Path(
				mean,
				np.quantile(drawn, LEVELS, axis=0),
				summed(factors.names, effects),
				factors.notes_for(horizon),
			)

		return Answer(forecast)


def _lags(sample: Sample) -> int:
	return int(np.clip(2 * sample.calendar.season, LEAST_LAGS, MOST_LAGS))


@dataclass(frozen=True)
class Nets:
	"""The mean of networks of one hidden layer; their own `predict` takes ten times as long for a row."""

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
