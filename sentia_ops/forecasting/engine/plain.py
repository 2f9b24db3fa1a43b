"""A plain smoothing of one series from very many earlier origins: how errors of that series grow with the days ahead, and what shape they have.

A few held-out windows tell little of either. They are used to correct what is found here (`calibrate.calibrate`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SMOOTHING = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
MOST_ORIGINS = 400
MOST_STEPS = 12  # of the horizon looked at, evenly spread
LEAST_ERRORS = 8
BETTER = 0.98  # a quicker smoothing, or a season, must save two in a hundred
LEAST_SHARE = 0.02  # of the mean variance: no step is without error
SHAPE_POINTS = 101


@dataclass(frozen=True)
class PlainErrors:
	"""Errors of the plain forecast, actual - forecast.

	Attributes:
	    errors: shape (origins, steps looked at); NaN beyond the history.
	    origins: periods known at each, rising.
	    steps: which steps ahead, from 1 on.
	"""

	errors: np.ndarray
	origins: np.ndarray
	steps: np.ndarray

	def size(self, horizon: int, known: int | None = None) -> np.ndarray | None:
		"""Root mean square error at each step, shape (horizon,); a straight line in the variance, so that it also goes beyond.

		Args:
		    known: use only what had happened within so many periods; None: all.
		"""
		used = np.isfinite(self.errors)
		if known is not None:
			used = used & (self.origins[:, None] + self.steps[None, :] <= known)
		count = used.sum(axis=0)
		if count.sum() < LEAST_ERRORS:
			return None
		return np.sqrt(_line(self.steps, _mean_square(self.errors, used, count), count, horizon))

	def from_origin(self, origin: int) -> np.ndarray | None:
		"""Errors at `steps` when `origin` periods were known."""
		at = np.flatnonzero(self.origins == origin)
		return self.errors[at[0]] if len(at) else None

	def windows(self) -> np.ndarray:
		"""Errors over their usual size, of windows one after another; newest first, shape (windows, steps)."""
		size = self.size(int(self.steps[-1]))
		last = len(self.errors) - int(self.steps[-1])  # the newest origin whose window is complete
		if size is None or not size.all() or last < 0:
			return np.empty((0, len(self.steps)))
		return self.errors[last :: -int(self.steps[-1])] / size[self.steps - 1]

	def shape(self) -> np.ndarray | None:
		"""`SHAPE_POINTS` quantiles of the errors divided by their size at their step, mean 0."""
		size = self.size(int(self.steps[-1]))
		if size is None or not size.all():
			return None
		z = self.errors / size[self.steps - 1]
		z = z[np.isfinite(z)]
		return np.quantile(z - z.mean(), shape_levels())


def shape_levels() -> np.ndarray:
	return (np.arange(SHAPE_POINTS) + 0.5) / SHAPE_POINTS


def plain_errors(demand: np.ndarray, season: int, horizon: int) -> PlainErrors | None:
	"""Errors of simple exponential smoothing, with or without a fixed additive season, from up to 400 origins.

	Of all smoothings the one with the least squared error over the horizon counts. None: too short.

	Args:
	    demand: shape (periods,).
	    season: periods of the short season; 1: none.
	"""
	count = len(demand)
	first = min(max(count // 4, 10), 200) if count > 20 else count // 2
	if count - first < 2:
		return None
	steps = np.unique(np.linspace(1, min(horizon, count - first), MOST_STEPS).round().astype(int))
	origins = np.arange(first, count)[-MOST_ORIGINS:]
	ahead = origins[:, None] + steps[None, :] - 1
	known = ahead < count
	ahead = np.minimum(ahead, count - 1)
	best, least = None, np.inf
	for series in _seasonal_variants(demand, season):
		actual = series[ahead]
		for alpha in SMOOTHING:
			errors = actual - smoothed(series, alpha, series[:first].mean())[origins - 1][:, None]
			square = float((errors[known] ** 2).mean())
			if best is None or square < BETTER * least:
				best, least = errors, square
	best[~known] = np.nan
	return PlainErrors(best, origins, steps)


def smoothed(series: np.ndarray, alpha: float, start: float) -> np.ndarray:
	from scipy.signal import lfilter

	return lfilter([alpha], [1.0, alpha - 1.0], series, zi=[(1.0 - alpha) * start])[0]


def _seasonal_variants(demand: np.ndarray, season: int) -> list[np.ndarray]:
	if season < 2 or len(demand) < 2 * season + 4:
		return [demand]
	return [demand, demand - _season(demand, season)]


def _season(demand: np.ndarray, season: int) -> np.ndarray:
	"""Mean deviation of each place in the season from a centred moving mean, drawn towards 0; shape of `demand`."""
	place = np.arange(len(demand)) % season
	middle = np.convolve(demand, np.full(season, 1 / season), "same")
	whole = slice(season // 2, len(demand) - season // 2)
	seen = np.bincount(place[whole], minlength=season)
	total = np.bincount(place[whole], weights=(demand - middle)[whole], minlength=season)
	profile = total / (seen + 1)
	return (profile - profile.mean())[place]


def _mean_square(errors: np.ndarray, used: np.ndarray, count: np.ndarray) -> np.ndarray:
	return (np.where(used, errors, 0.0) ** 2).sum(axis=0) / np.maximum(count, 1)


def _line(steps: np.ndarray, variance: np.ndarray, count: np.ndarray, horizon: int) -> np.ndarray:
	"""Variance at steps 1 to `horizon`: a line that does not fall and stays positive, weighted by how many errors it rests on."""
	share = count / count.sum()
	mean, middle = share @ variance, share @ steps
	spread = share @ (steps - middle) ** 2
	slope = share @ ((steps - middle) * (variance - mean)) / spread if spread > 0 else 0.0
	start = mean - slope * middle
	if slope < 0:
		start, slope = mean, 0.0
	if start < LEAST_SHARE * mean:
		start, slope = LEAST_SHARE * mean, (1 - LEAST_SHARE) * mean / middle
	return start + slope * np.arange(1, horizon + 1)
