"""What a global model sees of a series at an origin, free of its unit: so series of any size teach one another.

All levels are differences from a plain seasonal forecast (`Frames.base`), in units of the mean absolute seasonal-naive
error, the denominator of MASE: a model with absolute loss then minimises MASE itself. The idea of normalised windows
and direct forecasts of every step is that of the best boosted entries to M5 (Makridakis and others 2022).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.methods.base import Sample


@dataclass(frozen=True)
class Shape:
	"""Memories for one kind of season.

	Attributes:
	    seasons: numbers of last seasons whose levels and profiles are features.
	    smoothing: parameters of exponentially weighted levels; the second is the base level.
	    window: periods those levels reach back.
	    medians: periods of the medians.
	    around: periods either side of the day a year ago that are averaged.
	    before: periods whose level a year ago it is compared with.
	"""

	seasons: tuple[int, ...]
	smoothing: tuple[float, ...]
	window: int
	medians: tuple[int, ...]
	around: int
	before: int


SHAPES = {
	"D": Shape((1, 2, 4, 8, 16), (0.03, 0.08, 0.2, 0.5), 112, (28, 112), 3, 28),
	"W": Shape((1, 2, 4, 8, 16, 32), (0.1, 0.2, 0.4, 0.8), 64, (8, 32), 1, 8),
	"MS": Shape((1, 2, 3, 5), (0.1, 0.2, 0.4, 0.8), 144, (12, 36), 0, 12),
	"h": Shape((1, 2, 4, 7, 14), (0.03, 0.08, 0.2, 0.5), 336, (48, 168), 1, 168),
}


@dataclass(frozen=True)
class Frames:
	"""Features of some origins of one series, for each step ahead.

	Attributes:
	    x: shape (origins, steps, features); NaN where the history does not reach.
	    base: plain seasonal forecast, shape (origins, steps).
	    scale: mean absolute seasonal-naive error up to each origin, shape (origins,); NaN: none.
	"""

	x: np.ndarray
	base: np.ndarray
	scale: np.ndarray


def frames(sample: Sample, origins: np.ndarray, steps: np.ndarray, factors: tuple[str, ...]) -> Frames:
	"""Features at `origins` (periods known) for `steps` (1: the first period after), from what was known then.

	Args:
	    factors: names of factors known ahead, a feature each; a series without one has NaN there.
	"""
	with warnings.catch_warnings(), np.errstate(all="ignore"):
		warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are NaN, and meant
		return _frames(sample, np.asarray(origins), np.asarray(steps), factors)


def _frames(sample: Sample, origins: np.ndarray, steps: np.ndarray, factors: tuple[str, ...]) -> Frames:
	y, calendar = sample.y, sample.calendar
	shape, season = SHAPES[calendar.code], calendar.season
	scale = _scales(y, origins, season)[:, None]
	levels, profiles = _seasons(y, origins, season, shape.seasons)
	recent = _before(y, origins, shape.window)
	if season > 1:
		recent = recent - np.take(profiles[-1], (np.arange(shape.window) - shape.window) % season, axis=1)
	smooth = [_weighted(recent, alpha) for alpha in shape.smoothing]
	medians = [_median(recent[:, -n:]) for n in shape.medians]
	level = smooth[1]
	phase = (steps - 1) % season
	base = np.repeat(level[:, None], len(steps), axis=1)
	if season > 1:
		base = base + profiles[-1][:, phase]
	of_origin = [(v - level) / scale[:, 0] for v in [*levels, *smooth[:1], *smooth[2:], *medians]]
	of_origin += [np.nanstd(recent, axis=1) / scale[:, 0], level / scale[:, 0]]
	of_origin += [np.cumsum(y == 0)[origins - 1] / origins, origins.astype(float)]
	columns = [np.repeat(v[:, None], len(steps), axis=1) for v in of_origin]
	columns.append(np.repeat(steps[None].astype(float), len(origins), axis=0))
	at = origins[:, None] + steps[None] - 1
	if season > 1:
		columns += [p[:, phase] / scale for p in profiles]
		columns.append((_value(y, at - -(-steps // season) * season) - base) / scale)
	columns += _slopes(levels, shape.seasons, season, steps, scale)
	columns += _years(y, origins, at, calendar, shape, scale)
	columns += _dates(sample, at)
	columns += _factors(sample, at, factors)
	return Frames(np.stack(columns, axis=-1).astype(np.float32), base, scale[:, 0])


def _scales(y: np.ndarray, origins: np.ndarray, season: int) -> np.ndarray:
	"""Mean absolute seasonal-naive error of the first `origin` periods."""
	total = np.r_[np.zeros(season + 1), np.cumsum(np.abs(y[season:] - y[:-season]))]
	scale = total[origins] / np.maximum(origins - season, 1)
	return np.where(scale > 0, scale, np.nan)


def _before(y: np.ndarray, origins: np.ndarray, count: int) -> np.ndarray:
	"""The last `count` values before each origin, NaN before the first; shape (origins, count)."""
	return _value(y, origins[:, None] - count + np.arange(count)[None])


def _value(y: np.ndarray, at: np.ndarray) -> np.ndarray:
	return np.where((at >= 0) & (at < len(y)), y[np.clip(at, 0, len(y) - 1)], np.nan)


def _seasons(
	y: np.ndarray, origins: np.ndarray, season: int, counts: tuple[int, ...]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
	"""Means of the last so many seasons (origins,), and their mean departures from them by place (origins, season)."""
	all_of_them = _before(y, origins, counts[-1] * season).reshape(len(origins), counts[-1], season)
	means = np.nanmean(all_of_them, axis=2)
	levels = [np.nanmean(means[:, -n:], axis=1) for n in counts]
	if season == 1:
		return levels, []
	apart = all_of_them - means[:, :, None]
	return levels, [np.nanmean(apart[:, -n:], axis=1) for n in counts]


def _weighted(recent: np.ndarray, alpha: float) -> np.ndarray:
	weights = np.where(np.isnan(recent), 0.0, (1 - alpha) ** np.arange(recent.shape[1] - 1, -1, -1))
	return (weights * np.nan_to_num(recent)).sum(axis=1) / weights.sum(axis=1)


def _median(recent: np.ndarray) -> np.ndarray:
	"""As nanmedian, which is ten times slower."""
	count = np.isfinite(recent).sum(axis=1)
	rows, rising = np.arange(len(recent)), np.sort(recent, axis=1)  # NaN come last
	return (rising[rows, np.maximum(count - 1, 0) // 2] + rising[rows, count // 2]) / 2


def _slopes(
	levels: list[np.ndarray], counts: tuple[int, ...], season: int, steps: np.ndarray, scale: np.ndarray
) -> list[np.ndarray]:
	"""Level of few seasons against that of more, carried on over the steps."""
	pairs = ((0, 2), (2, 4)) if len(counts) > 4 else ((0, 1), (1, 3))
	return [(levels[a] - levels[b])[:, None] / scale * steps / (counts[b] * season) for a, b in pairs]


def _years(
	y: np.ndarray, origins: np.ndarray, at: np.ndarray, calendar: Calendar, shape: Shape, scale: np.ndarray
) -> list[np.ndarray]:
	"""One and two long seasons ago: how far the same time stood from the level before that origin."""
	if calendar.code == "MS":
		return []  # a year is the short season there
	total = np.r_[0.0, np.cumsum(y)]
	columns = []
	for years in (1, 2):
		back = round(years * calendar.year / calendar.season) * calendar.season
		then = at - back
		before = _mean_of(total, origins - back - shape.before, origins - back)[:, None]
		columns.append((_mean_of(total, then - shape.around, then + shape.around + 1) - before) / scale)
		if calendar.season > 1:
			columns.append((_value(y, then) - before) / scale)
	return columns


def _mean_of(total: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
	"""Means from `first` to before `last`, NaN where that is not all known."""
	inside = (first >= 0) & (last < len(total))
	first, last = np.clip(first, 0, len(total) - 1), np.clip(last, 0, len(total) - 1)
	return np.where(inside, (total[last] - total[first]) / np.maximum(last - first, 1), np.nan)


def _dates(sample: Sample, at: np.ndarray) -> list[np.ndarray]:
	"""Place of each period in week, month, year or day, as far as the calendar has them."""
	code = sample.calendar.code
	if sample.first is None:
		return [np.full(at.shape, np.nan)] * len(DATE_PARTS[code])
	units = {"D": ("D", 1), "W": ("D", 7), "MS": ("M", 1), "h": ("h", 1)}
	unit, step = units[code]
	when = np.datetime64(sample.first, unit) + at * np.timedelta64(step, unit)
	return [DATE_PARTS_OF[part](when).astype(float) for part in DATE_PARTS[code]]


def _since(when: np.ndarray, unit: str, larger: str) -> np.ndarray:
	return (when.astype(f"M8[{unit}]") - when.astype(f"M8[{larger}]").astype(f"M8[{unit}]")).astype(int)


DATE_PARTS = {"D": ("weekday", "month", "day"), "W": ("week",), "MS": ("month",), "h": ("hour", "weekday")}
DATE_PARTS_OF = {
	"hour": lambda when: _since(when, "h", "D"),
	"weekday": lambda when: (when.astype("M8[D]").astype(int) + 3) % 7,
	"day": lambda when: _since(when, "D", "M"),
	"week": lambda when: _since(when, "D", "Y") // 7,
	"month": lambda when: _since(when, "M", "Y"),
}


def _factors(sample: Sample, at: np.ndarray, names: tuple[str, ...]) -> list[np.ndarray]:
	values = {f.name: np.asarray(f.values, dtype=float) for f in sample.factors if f.known_ahead}
	unknown = np.full(at.shape, np.nan)
	return [_value(values[name], at) if name in values else unknown for name in names]
