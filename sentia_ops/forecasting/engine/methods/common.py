"""What all methods share: checks of what goes in and comes out, one scale, one kind of error, quantiles from residuals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.methods.base import LEVELS, Fitted, Path, Sample

RUNAWAY = 10.0  # times what was ever sold: a method that answers more has run wild, and is worse than none
DIGITS = 10  # kept of demand divided by its mean, so that rounding does not tell 3 x y from y
LEAST_SEEN = 2
SHORT_MONTH = 90  # days, from which on months are easier to read


@dataclass(frozen=True)
class Answer:
	"""A fitted method: `forecast` maps a horizon to a path."""

	forecast: Callable[[int], Path]


class Checked:
	"""A method around `reason` and `learn`, which subclasses write for demand with mean 1.

	Attributes:
	    least: periods of history without which it is not tried.
	"""

	name: str
	source: str
	least = LEAST_SEEN

	def why_not(self, sample: Sample) -> str:
		"""Why this series is none for the method, in words for a planner; empty: it is."""
		y, calendar = sample.y, sample.calendar
		if len(y) != len(sample.seen):
			return "demand and the marks of what was seen differ in length"
		if not len(y):
			return "no history"
		if not np.isfinite(y).all() or (y < 0).any():
			return "its history holds quantities that are negative or no numbers"
		if not y.any():
			return f"nothing was sold in {length(len(y), calendar)} of history"
		if len(y) < self.least:
			return f"{length(len(y), calendar)} of history; it needs {length(self.least, calendar)}"
		return self.reason(sample)

	def fit(self, sample: Sample) -> Fitted:
		"""Raises: ValueError where `why_not` would have answered, or where the library behind it failed."""
		reason = self.why_not(sample)
		if reason:
			raise ValueError(f"{self.name} does not apply: {reason}.")
		top = sample.y.max()
		shape = sample.y / top
		scale = shape.mean()
		unit = np.round(shape / scale, DIGITS)
		with faults_named(self.name):
			fitted = self.learn(replace(sample, y=unit))
		return Answer(lambda horizon: self._answer(fitted, horizon, unit.max(), scale * top))

	def _answer(self, fitted: Fitted, horizon: int, top: float, scale: float) -> Path:
		if horizon < 1:
			raise ValueError(f"The horizon must be at least one period, not {horizon}.")
		with faults_named(self.name):
			path = fitted.forecast(horizon)
		mean = np.asarray(path.mean, dtype=float)
		if mean.shape != (horizon,) or not np.isfinite(mean).all() or np.abs(mean).max() > RUNAWAY * top:
			raise ValueError(f"{self.name}: its forecast runs away.")
		return Path(
			np.maximum(mean, 0.0) * scale,
			_rising(path.quantiles, scale),
			{name: effect * scale for name, effect in path.effects.items()},
			path.notes,
		)

	def reason(self, sample: Sample) -> str:
		"""Why not, for demand that has no fault and is long enough."""
		return ""

	def learn(self, sample: Sample) -> Fitted:
		raise NotImplementedError


def _rising(quantiles: np.ndarray | None, scale: float) -> np.ndarray | None:
	"""None where the library's are no numbers: its mean is sound all the same."""
	if quantiles is None or not np.isfinite(quantiles).all():
		return None
	return np.maximum(np.sort(quantiles, axis=0), 0.0) * scale


@contextmanager
def faults_named(name: str) -> Iterator[None]:
	"""Whatever goes wrong within is a ValueError: libraries raise all kinds of errors for a series they cannot digest."""
	try:
		with warnings.catch_warnings(), np.errstate(all="ignore"):
			warnings.simplefilter("ignore")
			yield
	except Exception as fault:
		raise ValueError(f"{name} failed: {str(fault) or type(fault).__name__}") from fault


def length(periods: int, calendar: Calendar) -> str:
	"""Periods in words: "7 months", "12 days", "1 week"."""
	count, unit = periods, calendar.period
	if unit == "day" and periods >= SHORT_MONTH:
		count, unit = round(periods / 30.44), "month"
	elif unit == "hour" and periods >= 48:
		count, unit = round(periods / 24), "day"
	return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def years(sample: Sample) -> float:
	"""Long seasons known (years; of hours, weeks)."""
	return len(sample.y) / sample.calendar.year


def short_season(sample: Sample, seasons: int = 2) -> int:
	"""The short season where that many of it are known, else 1."""
	season = sample.calendar.season
	return season if len(sample.y) >= seasons * season else 1


def from_residuals(mean: np.ndarray, residuals: np.ndarray, spread: np.ndarray | float = 1.0) -> np.ndarray:
	"""`mean` plus the quantiles of in-sample residuals at `LEVELS` times `spread`, shape (7, horizon)."""
	at = np.quantile(residuals, LEVELS)
	return mean + np.outer(at, np.broadcast_to(spread, mean.shape))


def level_growth(values: np.ndarray, block: int, horizon: int, variance: float | None = None) -> np.ndarray:
	"""How errors grow with the horizon as the level wanders, shape (horizon,), from 1 on.

	Values are read as a local level plus noise: of the differences of means of blocks, variance plus twice the first
	autocovariance is the variance of the level's steps (Harvey 1989, section 2.4).

	Args:
	    values: demand, or residuals around a curve that does not move, shape (periods,).
	    block: periods of a block; a season, so that no season is taken for a step.
	    variance: of errors one period ahead; without it, of `values`.
	"""
	whole = len(values) // block
	variance = values.var() if variance is None else variance
	if whole < 4 or variance <= 0:
		return np.ones(horizon)
	steps = np.diff(values[len(values) - whole * block :].reshape(whole, block).mean(axis=1))
	steps = steps - steps.mean()  # a steady trend is no wandering
	step = (steps**2).mean() + 2 * (steps[1:] * steps[:-1]).mean()
	return np.sqrt(1 + np.arange(horizon) / block * max(step, 0.0) / variance)
