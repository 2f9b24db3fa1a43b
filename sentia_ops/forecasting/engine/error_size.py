"""How wrong a forecast is on the sum over a lead time, which is what a safety stock must cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.calibrate import origin, pools
from sentia_ops.forecasting.engine.counts import dispersion, pooled_dispersion
from sentia_ops.forecasting.engine.evidence import Combination
from sentia_ops.forecasting.engine.plain import smoothed

SMOOTHING = (0.02, 0.05, 0.1, 0.2, 0.4)
BETTER = 0.98
POWER, POWER_BELIEVED = (
	1.5,
	1.0,
)  # variance of sums grows with the mean to this power, before the series say so themselves
BINS = 12
WILDEST = 30.0  # times the median of squared errors at which they are held
PRIOR_WINDOWS = 10.0  # windows' worth of belief in the variance usual for such a level
MOST_PLAIN = 12.0  # windows' worth the plain forecast's errors from overlapping origins count at most
LEAST_ROWS = 40  # windows of a class, to tell how often they run out
TAIL, TAIL_NORMAL = 0.95, 1.645
FACTOR_BOUNDS = (0.6, 3.0)
FACTOR_PRIOR = 20.0  # windows' worth of belief that errors are normal


@dataclass(frozen=True)
class ErrorSize:
	"""Two parts of the error: `daily` variance, and `level` variance of a mean that is off for weeks on end."""

	daily: float
	level: float

	def std(self, periods: int) -> float:
		"""s such that s x sqrt(periods) is the standard deviation of the error summed over `periods`.

		The sum over L periods has variance L x daily + L^2 x level, hence s^2 = daily + L x level. The second term is why
		the root mean squared error of single periods understates what a safety stock must cover.
		"""
		return float(np.sqrt(self.daily + periods * self.level))


@dataclass(frozen=True)
class _Held:
	"""Errors of one series over whole windows.

	Attributes:
	    level: mean forecast, now.
	    levels, sums: of each window: mean forecast; sum of errors over the root of its periods.
	    starts: periods known before each.
	    plain: sums of errors of a plain forecast over the root of a window's periods, from many origins; and those origins.
	    single: variance of the error of one period.
	    periods: of a window.
	"""

	level: float
	levels: np.ndarray
	sums: np.ndarray
	starts: np.ndarray
	plain: np.ndarray
	plain_origins: np.ndarray
	single: float
	periods: int


def error_sizes(combinations: Sequence[Combination]) -> list[ErrorSize]:
	"""Error sizes of each series, in the order given.

	The variance of sums over windows is that of the series (held-out windows, and a plain smoothing from many origins)
	drawn to what is usual for its level in its class; then it is scaled so that in the class 5 % of held-out windows lay
	above mean + 1.645 standard deviations. Where that is less than single periods say, they count.
	"""
	spread = pooled_dispersion([c.evidence.capped for c in combinations])
	held = [_held(c, spread) for c in combinations]
	found: dict[int, ErrorSize] = {}
	for members, among in pools(combinations):
		usual = _usual([held[i] for i in among])
		factor = _factor([held[i] for i in among], usual)
		for i in members:
			found[i] = _size(held[i], usual, factor)
	return [found[i] for i in range(len(combinations))]


def _size(held: _Held, usual: tuple[float, float], factor: float) -> ErrorSize:
	if held.level <= 0:  # errors from the time when it still sold say nothing of now
		return ErrorSize(0.0, 0.0)
	block = factor**2 * _variance(held, held.level, usual)
	level = max(block - held.single, 0.0) / max(held.periods - 1, 1)
	return ErrorSize(max(held.single - level, 0.0), level)


def _held(combination: Combination, spread: float) -> _Held:
	evidence, past = combination.evidence, combination.past
	errors = evidence.actual - past
	known = np.isfinite(errors)
	used = [k for k in range(len(errors)) if known[k].any()]
	periods = errors.shape[1] if used else min(len(combination.mean), max(len(evidence.demand) // 3, 1))
	plain, origins = _plain_sums(evidence.capped, periods)
	sums = [np.nansum(errors[k]) / np.sqrt(known[k].sum()) for k in used]
	squares = errors[known] ** 2 if used else np.zeros(0)
	return _Held(
		level=float(combination.mean.mean()),
		levels=np.array([np.nanmean(past[k]) for k in used]),
		sums=np.array(sums),
		starts=np.array([origin(evidence, k) for k in used]),
		plain=plain,
		plain_origins=origins,
		single=_single(combination, squares, spread),
		periods=periods,
	)


def _single(combination: Combination, squares: np.ndarray, spread: float) -> float:
	"""Variance of the error of one period; not below that of orders at random (windows may have missed every sale)."""
	demand, level = combination.evidence.capped, float(combination.mean.mean())
	if len(squares):
		tested = float(squares.mean())
	else:
		tested = float(demand.var(ddof=1)) * (1 + 1 / len(demand)) if len(demand) > 1 else level
	if combination.evidence.profile.demand_class in ("smooth", "erratic"):
		return tested
	return max(tested, dispersion(demand, spread) * level)


def _plain_sums(demand: np.ndarray, periods: int) -> tuple[np.ndarray, np.ndarray]:
	"""Errors of simple exponential smoothing summed over `periods`, over their root; and the origins."""
	count = len(demand)
	first = max(count // 4, min(10, count))
	origins = np.arange(first, count - periods + 1)
	if len(origins) < 2 or first < 1:
		return np.zeros(0), np.zeros(0, dtype=int)
	total = np.concatenate([[0.0], np.cumsum(demand)])
	actual = total[origins + periods] - total[origins]
	best, least = np.zeros(0), np.inf
	for alpha in SMOOTHING:
		errors = actual - periods * smoothed(demand, alpha, demand[:first].mean())[origins - 1]
		square = float((errors**2).mean())
		if not len(best) or square < BETTER * least:
			best, least = errors, square
	return best / np.sqrt(periods), origins


def _usual(held: list[_Held]) -> tuple[float, float]:
	"""Variance of window sums usual at a level, exp(start) x level^power: fitted to means over bins of like levels."""
	levels = np.concatenate([h.levels for h in held])
	squares = np.concatenate([h.sums for h in held]) ** 2
	if not (levels > 0).any():
		return _from_plain(held)
	if not squares.any():
		return float("nan"), POWER
	squares = _held_in(levels, squares)
	order = np.lexsort((squares, levels))  # whatever the order of the series
	levels, squares = levels[order][levels[order] > 0], squares[order][levels[order] > 0]
	bins = np.array_split(np.arange(len(levels)), max(min(BINS, len(levels) // LEAST_ROWS), 1))
	x = np.array([np.log(levels[b]).mean() for b in bins])
	y = np.log(np.maximum([squares[b].mean() for b in bins], 1e-12))
	power = ((x - x.mean()) @ (y - y.mean()) + POWER_BELIEVED * POWER) / (
		((x - x.mean()) ** 2).sum() + POWER_BELIEVED
	)
	return float(y.mean() - power * x.mean()), float(power)


def _from_plain(held: list[_Held]) -> tuple[float, float]:
	pairs = [
		(h.level, float((h.plain**2).mean())) for h in held if len(h.plain) and h.level > 0 and h.plain.any()
	]
	if not pairs:
		return float("nan"), POWER
	return float(np.median([np.log(square) - POWER * np.log(level) for level, square in pairs])), POWER


def _held_in(levels: np.ndarray, squares: np.ndarray) -> np.ndarray:
	"""Squared sums of errors held at a multiple of what is usual for their level: one order must not rule all items."""
	usual = np.maximum(levels, 1e-12) ** POWER
	ratios = squares / usual
	middle = np.median(ratios[ratios > 0]) if (ratios > 0).any() else 0.0
	return np.minimum(ratios, WILDEST * middle) * usual


def _variance(held: _Held, level: float, usual: tuple[float, float], known: int | None = None) -> float:
	"""Of a sum over a window, a period; from what had happened within the first `known` periods."""
	plain = held.plain if known is None else held.plain[held.plain_origins + held.periods <= known]
	sums = held.sums if known is None else held.sums[held.starts + held.periods <= known]
	heavy = min(len(plain) / held.periods, MOST_PLAIN)
	total = heavy * float((plain**2).mean()) if len(plain) else 0.0
	total, weight = total + float((sums**2).sum()), heavy + len(sums)
	start, power = usual
	if np.isfinite(start) and level > 0:
		total, weight = total + PRIOR_WINDOWS * np.exp(start + power * np.log(level)), weight + PRIOR_WINDOWS
	return total / weight if weight else held.single


def _factor(held: list[_Held], usual: tuple[float, float]) -> float:
	"""Standard deviations, over those found so far, that leave 5 % of the class's held-out sums above mean + 1.645 of them."""
	ratios = []
	for h in held:
		for k, start in enumerate(h.starts):
			variance = _variance(h, h.levels[k], usual, int(start))
			if variance > 0:
				ratios.append(h.sums[k] / np.sqrt(variance))
	if len(ratios) < LEAST_ROWS:
		return 1.0
	tail = np.clip(np.quantile(ratios, TAIL) / TAIL_NORMAL, *FACTOR_BOUNDS)
	return float(tail ** (len(ratios) / (len(ratios) + FACTOR_PRIOR)))
