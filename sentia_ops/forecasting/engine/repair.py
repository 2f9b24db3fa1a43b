"""Demand that was not seen: stock-out days are filled in, and days far outside everything else are capped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sentia_ops.forecasting.engine.history import Factor

NEIGHBOURS = 4  # same-weekday days in stock whose mean fills a stock-out day
REACH = 8  # seasons to look back and ahead for them
LOCAL = 28  # days either side, where too few such neighbours exist
LEAST_DAYS = 14  # days in stock, and days within spells without, that must be there to be compared
KEPT_COMING = 0.5  # of the usual sales: with more, customers order whether there is stock or not
SPIKE_DEVIATIONS = 5.0  # robust deviations of the logarithm above the median: rarer than 1 in a million days
SPIKE_LEAST_SPREAD = 0.5  # of the logarithm: a cap is never under twelve times the median sale
SPIKE_SHARE = 0.01  # of days with sales: what happens more often is no accident, and stays
SPIKE_LEAST_SALES = 8
PROMOTION = "promotion"  # kind of factor
OUTLIER = "outlier"
LEAST_PROMOTED = 3  # periods with a promotion, to learn what it does
PRIOR_PROMOTED = 2.0  # periods' worth of belief that it does nothing
LEAST_UPLIFT, MOST_UPLIFT = 1.1, 10.0


@dataclass(frozen=True)
class Change:
	"""One period whose demand methods see changed: cut down as an outlier, or divided by what a promotion added."""

	period: int
	was: float
	now: float
	reason: str


@dataclass(frozen=True)
class Cleaned:
	"""Demand without what no method should learn from.

	Attributes:
	    demand: outliers cut down, shape (periods,).
	    promoted: what promotions multiply demand by, in the history and as far ahead as they are planned, shape (periods + ahead,);
	        methods that know nothing of factors get `demand` divided by it, and their forecasts multiplied.
	    uplifts: promotion -> that factor at its usual strength.
	    changes: every period touched, in order.
	"""

	demand: np.ndarray
	promoted: np.ndarray
	uplifts: dict[str, float] = field(default_factory=dict)
	changes: tuple[Change, ...] = ()


def fill_stockouts(qty: np.ndarray, in_stock: np.ndarray, season: int = 7) -> np.ndarray:
	"""Sales with stock-out days raised to what would have been sold.

	A stock-out day becomes the mean of its nearest in-stock days of the same weekday (up to four, within eight
	weeks either side); where there are fewer than two, the mean of in-stock days within four weeks; else of all
	in-stock days. It is never below what was sold. Without any in-stock day nothing can be known: sales are returned.

	Args:
	    qty, in_stock: shape (days,).
	    season: days after which a weekday returns.

	Returns:
	    Demand a day, shape (days,), the stock UOM of `qty`.
	"""
	out = np.flatnonzero(~in_stock)
	filled = np.array(qty, dtype=float)
	if not len(out) or not in_stock.any():
		return filled
	estimate, found = _mean_of_same_weekday(filled, in_stock, out, season)
	for i in np.flatnonzero(found < 2):
		low, high = max(out[i] - LOCAL, 0), out[i] + LOCAL + 1
		near = in_stock[low:high]
		estimate[i] = filled[low:high][near].mean() if near.any() else filled[in_stock].mean()
	filled[out] = np.maximum(filled[out], estimate)
	return filled


def orders_kept_coming(qty: np.ndarray, in_stock: np.ndarray) -> bool:
	"""Whether stock-outs hid nothing: on days within a spell without stock as much as usual was ordered, or half of it.

	So it is where customers order ahead and wait, above all for what is bought or made to order: to fill in such days
	would invent demand. The first day of a spell is left out, as it sold until stock was gone.

	Args:
	    qty, in_stock: shape (days,).
	"""
	within = ~in_stock & np.concatenate([[False], ~in_stock[:-1]])
	if min(within.sum(), in_stock.sum()) < LEAST_DAYS:
		return False
	return bool(qty[within].mean() >= KEPT_COMING * qty[in_stock].mean() > 0)


def clean(demand: np.ndarray, seen: np.ndarray, factors: Sequence[Factor], season: int) -> Cleaned:
	"""Outliers cut down, and promotions found in `factors` measured; a day of promotion is no outlier.

	Args:
	    demand: stock-out days filled in, shape (periods,).
	    seen: False where it is an estimate, shape (periods,).
	    season: periods of the short season.
	"""
	promotions = [f for f in factors if f.kind == PROMOTION and len(f.values) >= len(demand)]
	longest = max((len(f.values) for f in promotions), default=len(demand))
	promoted, uplifts = np.ones(longest), {}
	on = np.zeros(len(demand), dtype=bool)
	for factor in promotions:
		on |= np.nan_to_num(factor.values[: len(demand)]) > 0
	for factor in promotions:
		strength = np.nan_to_num(factor.values)
		uplift = _uplift(demand, seen, strength[: len(demand)] > 0, on, season)
		if uplift < LEAST_UPLIFT:
			continue
		usual = strength[: len(demand)][strength[: len(demand)] > 0].mean()
		share = strength / usual
		if not factor.known_ahead:
			share[len(demand) :] = 0.0
		uplifts[factor.name] = uplift
		promoted[: len(share)] *= 1 + (uplift - 1) * np.maximum(share, 0.0)
	capped = np.where(on, demand, cap_spikes(np.where(on, 0.0, demand))[0])
	return Cleaned(capped, promoted, uplifts, _changes(demand, capped, promoted[: len(demand)], uplifts))


def _uplift(
	demand: np.ndarray, seen: np.ndarray, promoted: np.ndarray, any_on: np.ndarray, season: int
) -> float:
	"""Sales on days of a promotion over those of the same weekday around without any, drawn to 1; below 1 counts as 1."""
	days = np.flatnonzero(promoted & seen)
	if len(days) < LEAST_PROMOTED:
		return 1.0
	usual, found = _mean_of_same_weekday(demand, seen & ~any_on, days, season)
	days, usual = days[found > 0], usual[found > 0]
	if len(days) < LEAST_PROMOTED or not usual.any():
		return 1.0
	prior = PRIOR_PROMOTED * usual.mean()
	return float(np.clip((demand[days].sum() + prior) / (usual.sum() + prior), 1.0, MOST_UPLIFT))


def _changes(
	demand: np.ndarray, capped: np.ndarray, promoted: np.ndarray, uplifts: dict[str, float]
) -> tuple[Change, ...]:
	names = " and ".join(uplifts)
	outliers = [
		Change(int(t), float(demand[t]), float(capped[t]), OUTLIER) for t in np.flatnonzero(capped < demand)
	]
	lifted = [
		Change(int(t), float(demand[t]), float(capped[t] / promoted[t]), names)
		for t in np.flatnonzero((promoted != 1) & (demand > 0))
	]
	return tuple(sorted([*outliers, *lifted], key=lambda change: change.period))


def _mean_of_same_weekday(
	qty: np.ndarray, in_stock: np.ndarray, days: np.ndarray, season: int
) -> tuple[np.ndarray, np.ndarray]:
	steps = season * np.repeat(np.arange(1, REACH + 1), 2) * np.tile([-1, 1], REACH)  # nearest first
	at = days[:, None] + steps[None, :]
	usable = (at >= 0) & (at < len(qty))
	at = np.clip(at, 0, len(qty) - 1)
	usable &= in_stock[at]
	usable &= np.cumsum(usable, axis=1) <= NEIGHBOURS
	found = usable.sum(axis=1)
	total = np.where(usable, qty[at], 0.0).sum(axis=1)
	return total / np.maximum(found, 1), found


def cap_spikes(qty: np.ndarray) -> tuple[np.ndarray, int]:
	"""Sales with days far outside all others cut down, and how many were.

	Far outside means: the logarithm of the sale lies five robust standard deviations (1.4826 x median absolute
	deviation, Hampel 1974) above the median of days with sales, on at most one such day in a hundred (or a single
	one). Sizes of lumpy demand pass, and so do packs of twelve among single pieces; a wholesale order of a year's
	quantity does not.
	"""
	sold = qty > 0
	if sold.sum() < SPIKE_LEAST_SALES:
		return qty, 0
	logs = np.log(qty[sold])
	middle = np.median(logs)
	spread = max(1.4826 * np.median(np.abs(logs - middle)), SPIKE_LEAST_SPREAD)
	cap = np.exp(min(middle + SPIKE_DEVIATIONS * spread, 700.0))
	spikes = int((qty > cap).sum())
	if spikes > max(1, SPIKE_SHARE * len(logs)):
		return qty, 0
	return np.minimum(qty, cap), spikes
