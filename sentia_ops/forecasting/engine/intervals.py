"""Intervals and error sizes, from how wrong the combined forecast was on days it had not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.measures import QUANTILES

SPREAD_POWER = 0.5  # errors grow with the square root of the mean, as counts do (Poisson)
SPREAD_FLOOR = 0.1  # of the mean forecast: a day expected to sell nothing may still sell something
FEW = 40  # with fewer errors a 95 % range reaches past the largest one seen


@dataclass(frozen=True)
class Window:
	"""One held-out window.

	Attributes:
	    actual, forecast: shape (days,), days on which stock was out left away.
	    rival: the seasonal naive forecast of the same days.
	    abs_scale, root_scale: denominators from the history before the window; NaN where there is none.
	"""

	actual: np.ndarray
	forecast: np.ndarray
	rival: np.ndarray
	abs_scale: float
	root_scale: float

	@property
	def errors(self) -> np.ndarray:
		return self.actual - self.forecast


def spread(forecast: np.ndarray) -> np.ndarray:
	"""Size of errors upwards from day to day, relative to the mean day; shape as `forecast`."""
	mean = forecast.mean()
	if mean <= 0:
		return np.ones_like(forecast)
	return np.maximum(forecast / mean, SPREAD_FLOOR) ** SPREAD_POWER


@dataclass(frozen=True)
class ErrorQuantiles:
	"""`below`: of the share of the forecast missed, for lo95 and lo80; `above`: of error / spread, for hi80 and hi95.

	Below, a day can miss no more than all that was forecast, so shares are compared: whatever the level, a day that
	may sell nothing has the bound 0. Above there is no such end, and sizes of orders do not shrink with the forecast.
	"""

	below: np.ndarray
	above: np.ndarray


def error_quantiles(windows: list[Window]) -> ErrorQuantiles:
	"""Quantiles of errors on held-out days.

	Order statistics at rank p (n + 1), which cover p on average whatever the distribution (split conformal
	prediction, Vovk and others 2005). With few errors those ranks lie beyond the largest: then not less than
	Student's t times their standard deviation.
	"""
	above = np.concatenate([w.errors / spread(w.forecast) for w in windows])
	below = np.concatenate([w.errors[w.forecast > 0] / w.forecast[w.forecast > 0] for w in windows])
	return ErrorQuantiles(_ranked(below, QUANTILES[:2]), _ranked(above, QUANTILES[2:]))


def _ranked(errors: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
	from scipy.stats import t

	if not len(errors):
		return np.zeros(len(levels))
	ranked = np.quantile(errors, levels, method="weibull")
	count = len(errors)
	if 1 < count < FEW:
		reach = errors.mean() + errors.std(ddof=1) * np.sqrt(1 + 1 / count) * t.ppf(levels, count - 1)
		ranked = np.where(np.array(levels) < 0.5, np.minimum(ranked, reach), np.maximum(ranked, reach))
	return ranked


def bounds(forecast: np.ndarray, quantiles: ErrorQuantiles, growth: np.ndarray | float = 1.0) -> np.ndarray:
	"""lo95, lo80, hi80, hi95 of each day, never negative and never on the wrong side of the forecast.

	Args:
	    forecast: shape (days,).
	    growth: widening of the errors, shape (days,) or a number.

	Returns:
	    Shape (4, days), each row at least the one before.
	"""
	below = forecast + quantiles.below[:, None] * (forecast * growth)
	above = forecast + quantiles.above[:, None] * (spread(forecast) * growth)
	lo95, lo80 = np.clip(below, 0.0, forecast)
	hi80, hi95 = np.maximum(above, forecast)
	return np.stack([np.minimum(lo95, lo80), lo80, hi80, np.maximum(hi95, hi80)])


@dataclass(frozen=True)
class ErrorSize:
	"""Two parts of the error: `daily` variance, and `level` variance of a mean that is off for weeks on end."""

	daily: float
	level: float

	def std(self, days: int) -> float:
		"""A daily standard deviation s such that s x sqrt(days) is that of the error summed over `days`.

		The sum over L days has variance L x daily + L^2 x level, hence s^2 = daily + L x level. The second term is why
		the root mean squared error of single days understates what a safety stock must cover.
		"""
		return float(np.sqrt(self.daily + days * self.level))

	def growth(self, horizon: int, tested: int) -> np.ndarray:
		"""Widening of daily errors beyond the days tested: the level wanders on as a random walk; shape (horizon,)."""
		total = self.daily + self.level
		beyond = np.maximum(np.arange(1, horizon + 1) / tested - 1, 0.0)
		return np.sqrt(1 + (self.level / total if total > 0 else 0.0) * beyond)


def error_size(windows: list[Window], demand: np.ndarray, least: float = 0.0) -> ErrorSize:
	"""Split mean squared errors into daily and level parts by sums over whole windows.

	With V1 the mean squared error of a day and VB the mean of (sum over a window)^2 / days of the window,
	V1 = daily + level and VB = daily + B x level. A few windows may by chance have been quiet ones, so their VB is averaged
	with that of a plain forecast (the mean of the B days before) from every day of the last year, as if that were
	`PRIOR_WINDOWS` windows more. Where errors cancel over a window (VB < V1) the daily figure is kept.

	Args:
	    demand: the history, stock-out days filled in, shape (days,).
	    least: V1 is not believed below this: windows may by chance have missed every sale of a slow mover.
	"""
	single = max(float(np.mean(np.concatenate([w.errors for w in windows]) ** 2)), least)
	sums = [w.errors.sum() ** 2 / len(w.errors) for w in windows]
	days = round(float(np.mean([len(w.errors) for w in windows])))
	prior = _plain_block_error(demand, days)
	block = (np.sum(sums) + PRIOR_WINDOWS * prior) / (len(sums) + PRIOR_WINDOWS)
	level = max(block - single, 0.0) / max(days - 1, 1)
	return ErrorSize(max(single - level, 0.0), level)


def _plain_block_error(demand: np.ndarray, days: int) -> float:
	"""Mean of (sum of `days` - sum of the `days` before)^2 / days, over the origins of the last year."""
	sums = np.convolve(demand[-YEAR - 2 * days :], np.ones(days), "valid")
	return float((np.subtract(sums[days:], sums[:-days]) ** 2).mean() / days)


PRIOR_WINDOWS = 4.0
YEAR = 365


def untested(demand: np.ndarray) -> tuple[ErrorQuantiles, ErrorSize]:
	"""Error quantiles and sizes where no window could be held out: those of a mean of so many days.

	Variance is that of the history, and no less than the mean (Poisson), since one day alone shows none; quantiles are
	Student's t, very wide for a handful of days, as they should be.
	"""
	from scipy.stats import t

	count = len(demand)
	variance = max(float(demand.var(ddof=1)) if count > 1 else 0.0, float(demand.mean()))
	size = ErrorSize(daily=variance, level=variance / count)
	reach = np.sqrt(variance * (1 + 1 / count)) * t.ppf(QUANTILES, max(count - 1, 1))
	mean = float(demand.mean())
	return ErrorQuantiles(reach[:2] / mean if mean > 0 else np.zeros(2), reach[2:]), size
