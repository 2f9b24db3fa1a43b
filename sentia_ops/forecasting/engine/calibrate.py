"""Quantiles of every forecast, so that a 95 % interval covers 95 %: from errors on days held out, of the series and of its class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.forecasting.engine.classify import Profile
from sentia_ops.forecasting.engine.counts import count_quantiles, dispersion, pooled_dispersion, unit_of
from sentia_ops.forecasting.engine.evidence import Combination, Evidence
from sentia_ops.forecasting.engine.history import phases
from sentia_ops.forecasting.engine.methods import boosting
from sentia_ops.forecasting.engine.methods.base import LEVELS
from sentia_ops.forecasting.engine.plain import PlainErrors, plain_errors

SLOW = ("intermittent", "lumpy")
MEDIANS = (boosting.NAME,)  # methods that minimise the absolute error of regular demand
MEDIAN_AT = LEVELS.index(0.5)
POWER = {"smooth": 0.5}
"""Errors grow with the mean to this power within a series: counts vary with its root, all else with the mean itself."""
SPREAD_FLOOR = 0.1  # of the mean forecast: a day expected to sell little may still sell something
LEAST_POOL = 20  # series; a smaller class is judged together with all others
LARGEST = 5.0  # times its usual size an error counts for, where sizes are compared: one order must not rule
SMALLEST = 0.05  # of the mean size of a window's errors: a window without a sale says little, not everything
NARROWED = (
	0.94  # by choice, from coverage on two validation origins of five public sets, which was near 97 % with 1
)
RECENT = 0.7  # weight of a window over that of the next, when more was known
PRIOR_RATIO = 3.0  # windows' worth of belief that a series gains on the plain forecast what its class does
PRIOR_SIZE = 1.5  # windows' worth of belief that its errors are of the size of its class's
UNSURE_OF_PLAIN = 0.15  # standard deviation of the logarithm of what plain errors tell of the combination's
QUIETEST = 0.1  # of its usual errors: a quiet window is not infinitely quiet
UNSURE_OF_WINDOW = 0.15  # the same of what one window tells of the next, before any were compared
WINDOWS_BELIEVED = 2.0  # windows' worth of that belief
TOP_TRIMMED = (
	0.15  # of the way to the bound of 80 %, where the lower bound is 0 and misses nothing (see `counts.TOP`)
)
UNTRIED = np.log(1.1)  # errors over plain errors, where nothing was held out: rather too wide


@dataclass(frozen=True)
class Window:
	"""Errors of one held-out window, over the plain forecast's errors until then.

	Attributes:
	    order: 1 is the newest window.
	    z: errors over the size of plain errors at their step; shape (steps,), NaN where unknown.
	    size: logarithm of their root mean square.
	    ratio: logarithm of their root mean square over that of the plain forecast in the same window; NaN: no such.
	"""

	order: int
	z: np.ndarray
	size: float
	ratio: float

	@property
	def weight(self) -> float:
		return RECENT ** (self.order - 1)


@dataclass(frozen=True)
class Pool:
	"""What a class teaches about errors.

	Attributes:
	    shape: quantiles at `LEVELS` of plain errors over their size, median 0.
	    window_shape: the same of errors in windows over their window's size.
	    ratio, size: of its windows, see `Window`.
	    weight: of the windows as they are; the rest is the plain errors'.
	    median, mean: of errors over their size. Errors are skewed as seen within windows, and the forecast lies between their
	        mean and their median: a shift of all errors of a window beyond that was an event of that window.
	    dispersion: variance over mean of the demand of a period.
	"""

	shape: np.ndarray
	window_shape: np.ndarray
	ratio: float
	size: float
	weight: float
	dispersion: float
	median: float = 0.0
	mean: float = 0.0


@dataclass(frozen=True)
class Calibrated:
	"""Quantiles at `LEVELS`, never negative, never crossing.

	Attributes:
	    mean: of the forecast, shape (horizon,).
	    quantiles: of the forecast, shape (7, horizon).
	    held_out: of each window's forecast, from the other windows and what was known before it; shape (origins, 7, steps), NaN
	        where there was no forecast.
	"""

	mean: np.ndarray
	quantiles: np.ndarray
	held_out: np.ndarray


def calibrate(combinations: Sequence[Combination]) -> list[Calibrated]:
	"""Quantiles of each forecast, in the order given.

	Conformal prediction (Vovk and others 2005) for few windows and many series. How errors grow with the step comes from a
	plain smoothing of the series from many origins, their shape from the plain errors of its whole class. Both are
	corrected by the errors of the combination in held-out windows: relative to the plain forecast in the same window, so
	that what happened to all series there cancels, and as they are. The latter counts the less the more windows differ
	from one another: one Christmas among two windows tells little of spring. Slow movers get the mean of that and of a
	negative binomial, which knows that most days sell nothing.
	"""
	plain = [_plain(c) for c in combinations]
	held = [_windows(c, p) for c, p in zip(combinations, plain, strict=True)]
	found: dict[int, Calibrated] = {}
	for members, among in pools(combinations):
		base = _base([combinations[i] for i in among], [plain[i] for i in among])
		whole = _with_windows(base, [held[i] for i in among])
		orders = {w.order for i in members for w in held[i]}
		without = {
			order: _with_windows(base, [_others(held[i], order) for i in among]) for order in sorted(orders)
		}
		for i in members:
			mean, ahead = _ahead(combinations[i], plain[i], held[i], whole)
			found[i] = Calibrated(mean, ahead, _held_out(combinations[i], plain[i], held[i], without))
	return [found[i] for i in range(len(combinations))]


def pools(combinations: Sequence[Combination]) -> list[tuple[list[int], list[int]]]:
	"""Series calibrated together, and the series they learn from: their class, or all where it is small."""
	classes = defaultdict(list)
	for i, combination in enumerate(combinations):
		classes[combination.evidence.profile.demand_class].append(i)
	everyone = list(range(len(combinations)))
	return [(members, members if len(members) >= LEAST_POOL else everyone) for members in classes.values()]


def origin(evidence: Evidence, k: int) -> int:
	"""Periods known at the k-th origin; without record, windows followed one another up to now."""
	if evidence.origins:
		return evidence.origins[k]
	count, steps = evidence.actual.shape
	return len(evidence.demand) - steps * (count - k)


def _others(windows: list[Window], order: int) -> list[Window]:
	return [w for w in windows if w.order != order]


def _plain(combination: Combination) -> PlainErrors | None:
	evidence = combination.evidence
	return plain_errors(evidence.capped, len(evidence.profile.closed), len(combination.mean))


def _spread(path: np.ndarray, demand_class: str) -> np.ndarray:
	"""Size of errors from period to period, relative to the mean square; shape as `path`."""
	mean = path.mean()
	if mean <= 0:
		return np.ones_like(path)
	spread = np.maximum(path / mean, SPREAD_FLOOR) ** POWER.get(demand_class, 1.0)
	return spread / _root(spread)


def _windows(combination: Combination, plain: PlainErrors | None) -> list[Window]:
	evidence, past = combination.evidence, combination.past
	found = []
	for k in range(len(past)) if plain is not None else ():
		start, steps = origin(evidence, k), past.shape[1]
		size = plain.size(steps, start)
		known = np.isfinite(past[k]) & np.isfinite(evidence.actual[k])
		if size is None or not size.all() or not known.any() or not np.isfinite(past[k]).all():
			continue
		unit = size * _spread(past[k], evidence.profile.demand_class)
		z = np.where(known, evidence.actual[k] - past[k], np.nan) / unit
		rival, at = plain.from_origin(start), plain.steps <= steps
		looked_at = plain.steps[at] - 1
		ratio = np.nan if rival is None else _log_ratio(z[looked_at], rival[at] / size[looked_at])
		found.append(Window(len(past) - k, z, np.log(max(_root(z), 1e-3)), ratio))
	return found


def _log_ratio(own: np.ndarray, rival: np.ndarray) -> float:
	"""Of errors on the same days; NaN where there are none."""
	both = np.isfinite(own) & np.isfinite(rival)
	if not both.any():
		return float("nan")
	return float(np.clip(np.log(max(_root(own[both]), 1e-3) / max(_root(rival[both]), 1e-3)), -2.0, 2.0))


def _root(errors: np.ndarray) -> float:
	"""Root mean square, of errors held to `LARGEST`."""
	return float(np.sqrt(np.nanmean(np.minimum(np.abs(errors), LARGEST) ** 2)))


def _base(combinations: list[Combination], plain: list[PlainErrors | None]) -> tuple[Pool, float]:
	"""What is known of a class without windows (a forecast is then taken to be a mean), and how much its windows differ."""
	shapes = [s for s in (p.shape() for p in plain if p is not None) if s is not None]
	shape = np.quantile(np.concatenate(shapes), LEVELS) if shapes else _bell()
	middle = shape[MEDIAN_AT]
	varies = pooled_dispersion([c.evidence.capped for c in combinations])
	shape = shape - middle
	pool = Pool(shape, shape, UNTRIED, UNTRIED, 0.0, varies, median=middle)
	return pool, _between_windows(plain)


def _with_windows(base: tuple[Pool, float], held: list[list[Window]]) -> Pool:
	pool, between = base
	windows = [w for of_series in held for w in of_series]
	if not windows:
		return pool
	sizes = np.array([w.size for w in windows])
	least = np.log(SMALLEST) + np.log(np.exp(sizes).mean())
	size = float(np.average(np.maximum(sizes, least), weights=[w.weight for w in windows]))
	ratios = np.array([w.ratio for w in windows])
	ratio = float(np.nanmedian(ratios)) if np.isfinite(ratios).any() else size
	errors = _errors_over_size(held, size, least)
	count = len(errors)
	medians = np.array([np.nanmedian(e) for e in errors])
	means = np.array([np.nanmean(np.clip(e, -LARGEST, LARGEST)) for e in errors])
	skew = float((medians - means).mean())
	median = float(np.clip(medians.mean(), min(skew, 0.0), max(skew, 0.0)))
	found = np.nanquantile(np.concatenate(errors) - np.median(medians), LEVELS)
	return replace(
		pool,
		window_shape=found - found[MEDIAN_AT],
		ratio=ratio,
		size=size,
		weight=UNSURE_OF_PLAIN**2 / (UNSURE_OF_PLAIN**2 + between / count),
		median=median,
		mean=median - skew,
	)


def _bell() -> np.ndarray:
	from scipy.stats import norm

	return norm.ppf(LEVELS)


def _errors_over_size(held: list[list[Window]], size: float, least: float) -> list[np.ndarray]:
	"""Errors over the size expected of them from the series' other windows; of each window, of all series."""
	by_order = defaultdict(list)
	for windows in held:
		for window in windows:
			others = [(w.weight, max(w.size, least)) for w in windows if w is not window]
			by_order[window.order].append(window.z / np.exp(_shrunk(others, size, PRIOR_SIZE)))
	return [np.concatenate(z) for _, z in sorted(by_order.items())]


def _between_windows(plain: list[PlainErrors | None]) -> float:
	"""Variance from window to window of the mean logarithm of errors of all series, beyond chance.

	How much windows differ is seen in the plain errors of many: where all series err more in the same windows, as at
	Christmas, the mean over series goes up and down with the window.
	"""
	windows = [p.windows() for p in plain if p is not None]
	sizes = [np.log(np.maximum(np.sqrt((w**2).mean(axis=1)), QUIETEST)) for w in windows]
	count = max((len(s) for s in sizes), default=0)
	groups = [np.array([s[k] for s in sizes if len(s) > k]) for k in range(count)]
	groups = [g for g in groups if len(g) >= LEAST_POOL]
	beyond, free = 0.0, 0
	if len(groups) > 1:
		means, chance = np.array([g.mean() for g in groups]), np.mean([g.var() / len(g) for g in groups])
		free = len(groups) - 1
		beyond = max(float(((means - means.mean()) ** 2).sum() - free * chance), 0.0)
	return (WINDOWS_BELIEVED * UNSURE_OF_WINDOW**2 + beyond) / (WINDOWS_BELIEVED + free)


def _shrunk(own: list[tuple[float, float]], pooled: float, prior: float) -> float:
	"""Mean of pairs of weight and figure, and of the class's figure with the weight `prior`."""
	return (sum(w * v for w, v in own) + prior * pooled) / (sum(w for w, _ in own) + prior)


def _ahead(
	combination: Combination, plain: PlainErrors | None, held: list[Window], pool: Pool
) -> tuple[np.ndarray, np.ndarray]:
	"""Mean (horizon,) and quantiles (7, horizon).

	What learned to hit the median is too low where errors are skewed, by the distance of their mean from it: so the mean is
	the combination, moved up by the share that such methods have in it.
	"""
	evidence, path = combination.evidence, combination.mean
	if evidence.quantiles is not None:
		return path, evidence.quantiles
	size = None if plain is None else plain.size(len(path))
	quantiles = _around(path, evidence.capped, evidence.profile, size, held, pool)
	demand_class = evidence.profile.demand_class
	share = sum(w for name, w in zip(evidence.methods, combination.weights, strict=True) if name in MEDIANS)
	if size is None or demand_class in SLOW or not share:
		return path, quantiles
	moved = path + share * pool.mean * _usual_size(held, pool) * size * _spread(path, demand_class)
	mean = np.where(_closed(evidence.profile, evidence.demand, len(path)), 0.0, np.maximum(moved, 0.0))
	return mean, quantiles


def _closed(profile: Profile, demand: np.ndarray, horizon: int) -> np.ndarray:
	return profile.closed[phases(len(demand), horizon, len(profile.closed))]


def _usual_size(held: list[Window], pool: Pool) -> float:
	"""Of the errors of a series, over its plain errors."""
	sizes = [(w.weight, max(w.size, pool.size + np.log(SMALLEST))) for w in held]
	return float(np.exp(_shrunk(sizes, pool.size, PRIOR_SIZE)))


def _held_out(
	combination: Combination, plain: PlainErrors | None, held: list[Window], without: dict[int, Pool]
) -> np.ndarray:
	evidence, past = combination.evidence, combination.past
	demand = evidence.capped
	found = np.full((len(past), len(LEVELS), past.shape[1] if past.ndim == 2 else 0), np.nan)
	for window in held:
		k = len(past) - window.order
		start = origin(evidence, k)
		size = plain.size(past.shape[1], start)
		others = _others(held, window.order)
		found[k] = _around(past[k], demand[:start], evidence.profile, size, others, without[window.order])
	return found


def _around(
	mean: np.ndarray,
	demand: np.ndarray,
	profile: Profile,
	size: np.ndarray | None,
	held: list[Window],
	pool: Pool,
) -> np.ndarray:
	"""Quantiles around a path, shape (7, steps), from what was known before it.

	Args:
	    size: of plain errors at each step; None: unknown.
	"""
	if not mean.any():
		return np.zeros((len(LEVELS), len(mean)))
	slow, varies = profile.demand_class in SLOW, dispersion(demand, pool.dispersion)
	if size is None or profile.demand_class == "new":
		size = np.full(len(mean), _untested_size(demand, mean))
	if slow:  # windows may by chance have missed every sale
		size = np.maximum(size, np.sqrt(varies * mean.mean()))
	ratios = [(w.weight, w.ratio) for w in held if np.isfinite(w.ratio)]
	shape = (1 - pool.weight) * pool.shape * np.exp(_shrunk(ratios, pool.ratio, PRIOR_RATIO))
	shape = shape + (pool.weight * pool.window_shape + pool.median) * _usual_size(held, pool)
	found = mean + np.outer(shape * NARROWED, size * _spread(mean, profile.demand_class))
	found[-1] -= np.where(slow | (found[0] <= 0), TOP_TRIMMED, 0.0) * (found[-1] - found[-2])
	if slow:
		growth, unit = (size / size.mean()) ** 2, unit_of(demand)
		found = (found + count_quantiles(mean, varies * growth, unit)) / 2
		found = np.rint(found / unit) * unit
	found = np.maximum(np.sort(found, axis=0), 0.0)
	found[:, _closed(profile, demand, len(mean))] = 0.0
	return found


def _untested_size(demand: np.ndarray, mean: np.ndarray) -> float:
	"""Of a mean of so few days: their variance, but no less than the mean (Poisson, of units sold), wide as Student's t is for few."""
	from scipy.stats import norm, t

	count = len(demand)
	variance = max(float(demand.var(ddof=1)) if count > 1 else 0.0, float(mean.mean()) * unit_of(demand))
	wide = t.ppf(LEVELS[-1], max(count - 1, 1)) / norm.ppf(LEVELS[-1])
	return float(np.sqrt(variance * (1 + 1 / max(count, 1))) * wide)
