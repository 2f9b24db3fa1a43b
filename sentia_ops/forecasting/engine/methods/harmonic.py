"""Regression with effects that multiply, on a level that moves; with harmonics of the year and without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.methods.common import (
	Answer,
	Checked,
	from_residuals,
	length,
	level_growth,
	short_season,
	years,
)
from sentia_ops.forecasting.engine.methods.factors import columns, summed
from sentia_ops.forecasting.engine.methods.regression import LEAST_YEARS, Terms, weights_of

LEAST = 10  # periods
MOST_YEARS = 20  # of history
HARMONICS = 6
# Standard deviations, of the logarithm; like the constants after them chosen on origins within the training parts of the
# benchmark's series and on seeds of the demo company that no benchmark uses (docs/forecasting.md):
PRIOR_TREND = 0.1  # a year's growth,
PRIOR_KNOT = 0.04  # its change from one quarter to the next,
PRIOR_SEASON = 1.0  # a place in the short season,
PRIOR_YEAR = 0.2  # the first harmonic of the year, of the n-th that over n to the power of 1.5,
PRIOR_FACTOR = 1.0  # a factor's largest swing
DECAY = 1.5
KNOTS_A_YEAR = 4
TREND_HALVES = 0.04  # of a year until half of a trend is left
ITERATIONS = 8
BLOCKS_AHEAD = 4  # over which today's departure from the curve should hold
SPANS = (0.5, 1, 2, 4, 8)  # blocks, over which it may be averaged
LEAST_FREE = 0.25  # share of periods that terms leave free, of which the spread of errors is told
LARGEST_LOG = 5.0  # of demand over its mean


class DynamicRegression(Checked):
	"""Quasi-Poisson regression with a log link on a bending, damped trend, the short season and factors.

	Effects multiply, and zeros need no care: the mean itself is modelled, not the mean of logarithms (Gourieroux, Monfort
	and Trognon 1984). Terms are held by normal priors (ridge), the stronger the wilder demand is. In place of ARIMA errors:
	the departure of the last weeks from the curve is carried on and dies away, over the span and at the rate that would have
	served best in the history. Solved by iterated least squares. Quantiles: residuals over the root of the mean, growing as
	the level wanders.
	"""

	name = "DynamicRegression"
	source = "Gourieroux, Monfort and Trognon 1984"
	least = LEAST
	harmonics = 0

	def learn(self, sample: Sample) -> Answer:
		periods, factors = len(sample.y), columns(sample)
		terms = MultiplicativeTerms(sample.calendar, short_season(sample), self.harmonics, periods)
		x = np.hstack([terms.at(0, periods), factors.known])
		prior = np.r_[terms.prior, np.full(len(factors.names), PRIOR_FACTOR)]
		most = int(MOST_YEARS * sample.calendar.year)
		seen = weights_of(sample, most)
		beta, freedom = _solved(x, sample.y, seen, prior, terms.block)
		mu = _exp(x @ beta)
		observed = np.where(sample.seen, sample.y, mu)  # an estimate departs from nothing
		carried = departure(observed[-most:], mu[-most:], terms.block)
		residuals = ((sample.y - mu) / np.sqrt(mu))[seen > 0] / np.sqrt(freedom)

		def forecast(horizon: int) -> Path:
			ahead = factors.ahead(horizon)
			curve = _exp(np.hstack([terms.at(periods, horizon), ahead]) @ beta)
			mean = curve * np.exp(carried.ahead(horizon))
			weights = beta[len(terms.prior) :]
			effects = summed(factors.names, mean[:, None] * (1 - np.exp(-ahead * weights)))
			spread = np.sqrt(mean) * level_growth(residuals, terms.block, horizon)
			return Path(mean, from_residuals(mean, residuals, spread), effects, factors.notes_for(horizon))

		return Answer(forecast)


class DynamicHarmonic(DynamicRegression):
	"""Dynamic harmonic regression: the same with harmonics of the year (of hours: of the week)."""

	name = "DynamicHarmonic"
	source = "Young, Pedregal and Tych 1999; Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 10.5"
	harmonics = HARMONICS

	def reason(self, sample: Sample) -> str:
		if years(sample) >= LEAST_YEARS:
			return ""
		calendar = sample.calendar
		season = "weekly" if calendar.period == "hour" else "yearly"
		needed = length(int(np.ceil(LEAST_YEARS * calendar.year)), calendar)
		return f"{length(len(sample.y), calendar)} of history; a {season} season needs {needed}"


class MultiplicativeTerms:
	"""Columns and the standard deviations of their priors.

	Attributes:
	    prior: infinite for the level, shape (terms,).
	    block: periods whose mean shows a level without the short season.
	"""

	def __init__(self, calendar: Calendar, season: int, harmonics: int, periods: int):
		self._terms = Terms(calendar, season, harmonics)
		self._end, self._year = periods, calendar.year
		since, step = max(0, periods - MOST_YEARS * calendar.year), calendar.year / KNOTS_A_YEAR
		self._knots = np.arange(periods - step, since, -step)
		order = np.arange(1, self._terms.harmonics + 1)
		self.prior = np.concatenate(
			[
				[np.inf, PRIOR_TREND],
				np.full(season if season > 1 else 0, PRIOR_SEASON),
				np.tile(PRIOR_YEAR / order**DECAY, 2),
				np.full(len(self._knots), PRIOR_KNOT),
			]
		)
		self.block = season if 1 < season < calendar.year else 2

	def at(self, start: int, periods: int) -> np.ndarray:
		"""Shape (periods, terms); after the end of the history trends die away."""
		x = self._terms.at(start, periods)
		time = self._damped(start + np.arange(periods))
		x[:, 1] = time / self._year
		bends = np.maximum(time[:, None] - self._knots, 0.0) / self._year
		return np.hstack([x, bends])

	def _damped(self, time: np.ndarray) -> np.ndarray:
		rate = TREND_HALVES * self._year / np.log(2)
		return np.where(time <= self._end, time, self._end + rate * (1 - np.exp(-(time - self._end) / rate)))


def _solved(
	x: np.ndarray, y: np.ndarray, seen: np.ndarray, prior: np.ndarray, block: int
) -> tuple[np.ndarray, float]:
	"""Coefficients of the largest posterior, by Newton's method, and the share of periods that they leave free."""
	precision = 1 / prior**2
	beta = np.zeros(x.shape[1])
	beta[0] = np.log((seen * y).sum() / seen.sum())
	for _ in range(ITERATIONS):
		mu = _exp(x @ beta)
		dispersion = _dispersion(seen * (y - mu), seen * mu, block)
		weighted = x * (seen * mu / dispersion)[:, None]
		gradient = x.T @ (seen * (y - mu) / dispersion) - precision * beta
		information = x.T @ weighted
		inverse = np.linalg.inv(information + np.diag(precision))
		beta = beta + inverse @ gradient
	used = (inverse * information).sum()
	return beta, max(1 - used / seen.sum(), LEAST_FREE)


def _dispersion(errors: np.ndarray, mu: np.ndarray, block: int) -> float:
	"""Variance over mean: of single periods or, where errors come in runs, of sums of blocks."""
	whole = len(errors) // block * block
	sums = errors[:whole].reshape(-1, block).sum(axis=1)
	return max((errors**2).sum() / mu.sum(), (sums**2).sum() / mu[:whole].sum(), 1e-9)


def _exp(logs: np.ndarray) -> np.ndarray:
	return np.exp(np.clip(logs, -2 * LARGEST_LOG, LARGEST_LOG))


@dataclass(frozen=True)
class Departure:
	"""How far demand stands above the curve now (logarithm), and what remains of that after one more period."""

	log: float
	kept: float

	def ahead(self, horizon: int) -> np.ndarray:
		return self.log * self.kept ** np.arange(1, horizon + 1)


def departure(y: np.ndarray, mu: np.ndarray, block: int) -> Departure:
	"""The departure of late, averaged and carried on as would have served best in the history.

	For each span the logarithm of demand over the curve, exponentially averaged, is regressed on that of the four blocks
	that followed; the span with the least error is used. A slope of one half means that half of a departure is left in
	the middle of those four blocks.
	"""
	from scipy.signal import lfilter

	reach = BLOCKS_AHEAD * block
	if len(y) < 3 * reach:
		return Departure(0.0, 0.0)
	sums = np.cumsum(np.r_[0.0, y]), np.cumsum(np.r_[0.0, mu])
	after = [s[reach + 1 :] - s[1:-reach] for s in sums]  # the sum after each period but the last ones
	target = np.log((after[0] + mu.mean()) / (after[1] + mu.mean()))
	best, least = Departure(0.0, 0.0), (target[reach:] ** 2).sum()
	for span in np.array(SPANS) * block:
		share = 1 / span
		late = [lfilter([share], [1, share - 1], s) for s in (y, mu)]
		logs = np.log((late[0] + share * mu.mean()) / (late[1] + share * mu.mean()))
		told, came = logs[reach : len(target)], target[reach:]
		slope = np.clip((told @ came) / max(told @ told, 1e-12), 0.0, 1.0)
		error = ((came - slope * told) ** 2).sum()
		if error < least:
			best, least = Departure(float(logs[-1]), float(slope ** (2 / reach))), error
	return best
