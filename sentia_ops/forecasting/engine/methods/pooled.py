"""Slow movers together: one item's few sales say little of its level, so that it is drawn towards its class's; and weekdays are all items'.

Empirical Bayes (Efron and Morris 1975) on exponentially weighted means. Levels are compared in mean sales a period (quantity over the
mean quantity of a sale): units would draw a spare part sold one by one towards a material sold by the thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.methods.base import Path, Sample

NAME = "Pooled"
SMOOTHING = {"h": 0.005, "D": 0.04, "W": 0.1, "MS": 0.15}  # weight of the newest period
PRIOR_SEASONS = 100.0  # seasons' worth of belief that an item sells on the same weekdays as all others
LEARNED_FROM = ("erratic", "intermittent", "lumpy")
LEAST_SERIES = 5  # with fewer there is no class to learn from


@dataclass(frozen=True)
class Levels:
	"""What slow movers with one calendar have in common.

	Attributes:
	    centre: mean of their levels, mean sales a period; NaN: too few series.
	    variance: of their true levels around it.
	    dispersion: variance over mean of the demand of a period, in mean sales.
	    profile: how much is sold at each place of the season, counted from 1970, mean 1; shape (season,).
	"""

	calendar: Calendar
	centre: float
	variance: float
	dispersion: float
	profile: np.ndarray

	def forecast(self, sample: Sample, horizon: int, alive: float = 1.0) -> Path:
		"""The level of a series times the season, shape (horizon,).

		Args:
		    alive: chance that the item still sells, see `classify`.

		Raises:
		    ValueError: nothing was seen.
		"""
		if not sample.seen.any():
			raise ValueError("no period of its history was in stock")
		level, periods = _weighted_mean(sample)
		sale = _mean_sale(sample)
		if np.isfinite(self.centre) and sale > 0:
			level = self._shrunk(level / sale, periods) * sale
		places = _places(sample, horizon)[len(sample.y) :]
		return Path(alive * level * self._own_profile(sample)[places])

	def _shrunk(self, level: float, periods: float) -> float:
		"""Posterior mean: the chance error of a mean of so many periods grows with the level, as of counts."""
		chance = self.dispersion * (level + self.centre) / 2 / periods
		if self.variance + chance <= 0:
			return level
		return self.centre + (level - self.centre) * self.variance / (self.variance + chance)

	def _own_profile(self, sample: Sample) -> np.ndarray:
		season = len(self.profile)
		places = _places(sample, 0)[sample.seen]
		total = sample.y[sample.seen].mean()
		if season == 1 or total <= 0:
			return self.profile
		seen = np.bincount(places, minlength=season)
		sold = np.bincount(places, weights=sample.y[sample.seen] / total, minlength=season)
		profile = (sold + PRIOR_SEASONS * self.profile) / (seen + PRIOR_SEASONS)
		return profile / profile.mean()


def learn_levels(samples: Sequence[Sample]) -> Levels:
	"""Learn from slow movers with one calendar; the order of the series does not matter.

	Raises:
	    ValueError: there is no series.
	"""
	if not samples:
		raise ValueError("No slow mover to learn from.")
	told = [s for s in samples if s.seen.any() and s.y[s.seen].any()]
	profile = _profile(told, samples[0].calendar)
	if len(told) < LEAST_SERIES:
		return Levels(samples[0].calendar, float("nan"), 0.0, 1.0, profile)
	counted = [replace(s, y=s.y / _mean_sale(s)) for s in told]
	found = [_weighted_mean(s) for s in counted]
	level, periods = np.array([f[0] for f in found]), np.array([f[1] for f in found])
	spread, means = (_sorted(f(s.y[s.seen]) for s in counted) for f in (np.var, np.mean))
	disperse = sum(spread) / sum(means)
	centre = float(np.sort(level).mean())
	chance = disperse * (level + centre) / 2 / periods
	variance = max(float(np.sort((level - centre) ** 2).mean() - np.sort(chance).mean()), 0.0)
	return Levels(samples[0].calendar, centre, variance, float(disperse), profile)


def _sorted(values) -> list[float]:
	"""So that sums do not depend on the order of the series."""
	return sorted(float(v) for v in values)


def _mean_sale(sample: Sample) -> float:
	"""Quantity of a period with sales, on average; 0: none was seen."""
	y = sample.y[sample.seen]
	return float(y[y > 0].mean()) if (y > 0).any() else 0.0


def _weighted_mean(sample: Sample) -> tuple[float, float]:
	"""Mean of the periods seen, the newer the heavier, and how many equal ones it is worth."""
	y = sample.y[sample.seen]
	weights = (1 - SMOOTHING[sample.calendar.code]) ** np.arange(len(y))[::-1]
	weights = weights / weights.sum()
	return float(y @ weights), float(1 / (weights**2).sum())


def _places(sample: Sample, horizon: int) -> np.ndarray:
	"""Place in the season of each period known and ahead. Without dates all series are taken to end on the same day."""
	count, season = len(sample.y), _season(sample.calendar)
	start = -count
	if sample.first is not None and season > 1:
		unit = {"D": "D", "h": "h"}[sample.calendar.code]
		start = int(np.datetime64(sample.first, unit).astype(int))
	return (start + np.arange(count + horizon)) % season


def _season(calendar: Calendar) -> int:
	"""Of days and hours; a season that is a year is none for items that sell a few times in it."""
	return calendar.season if calendar.code in ("D", "h") else 1


def _profile(samples: Sequence[Sample], calendar: Calendar) -> np.ndarray:
	"""Mean over series of the mean sale at each place of the season over the mean sale, mean 1."""
	season = _season(calendar)
	if season == 1 or not samples:
		return np.ones(season)
	shares = np.array([_shares(s, season) for s in samples])
	profile = np.sort(shares, axis=0).mean(axis=0)
	return profile / profile.mean()


def _shares(sample: Sample, season: int) -> np.ndarray:
	places, y = _places(sample, 0)[sample.seen], sample.y[sample.seen]
	seen = np.bincount(places, minlength=season)
	sold = np.bincount(places, weights=y / y.mean(), minlength=season)
	return np.where(seen > 0, sold / np.maximum(seen, 1), 1.0)
