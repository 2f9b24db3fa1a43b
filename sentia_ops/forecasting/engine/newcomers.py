"""New items: how items sell from their first sale on, learned from earlier launches; a few days of its own tell an item from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.classify import lifetimes
from sentia_ops.forecasting.engine.counts import count_quantiles, unit_of
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.methods.base import Path

NAME = "launch curve"
AGES = (
	0.0,
	0.25,
	0.5,
	1.0,
	2.0,
	3.0,
	5.0,
)  # over the time in which an item is new; the period of the first sale stands alone
OWN = 0.2  # of that time: as many periods of its own count as much as all other launches; between 3 and 12 days a retailer's launches were forecast about alike
LEAST_LAUNCHES = 10  # of which one has a curve
LEAST_IN_GROUP = 3
GROUP_BELIEVED = 5.0  # launches' worth of belief that a group launches like all
LARGEST = 0.98  # quantile at which sales of a launch, over the curve, are held when their variance is counted


@dataclass(frozen=True)
class Launches:
	"""What earlier launches teach.

	Attributes:
	    edges: ages, in periods since the first sale, at which the curve changes; shape (steps + 1,).
	    curve: mean demand a period from each edge on, shape (steps,).
	    groups: item group -> its launches over the curve, drawn to 1.
	    counts: item group -> how many launches.
	    variance: of an item's level over the curve.
	    dispersion: variance over mean of the demand of a period.
	    count: launches.
	    unit: all sales are multiples of it.
	"""

	calendar: Calendar
	edges: np.ndarray
	curve: np.ndarray
	variance: float
	dispersion: float
	count: int
	unit: float
	groups: dict[str, float] = field(default_factory=dict)
	counts: dict[str, int] = field(default_factory=dict)

	def expected(self, ages: np.ndarray) -> np.ndarray:
		place = np.searchsorted(self.edges, ages, side="right") - 1
		return self.curve[np.clip(place, 0, len(self.curve) - 1)]

	def forecast(self, history: History, horizon: int) -> Path:
		"""The curve from the item's age on, at its group's level and, the more periods it has, its own.

		Empirical Bayes: own sales over what the curve expected until now, weighed with the group's as `OWN` says. The notes
		of the path say what it rests on.
		"""
		sold = np.flatnonzero(history.qty > 0)
		since = sold[0] if len(sold) else 0
		own, seen = history.qty[since:], history.observed[since:]
		ages = np.arange(len(own))
		of_group = self.groups.get(history.group, 1.0)
		expected = of_group * float(self.expected(ages)[seen].sum())
		periods, prior = float(seen.sum()), OWN * lifetimes(self.calendar).new
		share = periods / (periods + prior) if expected > 0 else 0.0
		ratio = float(own[seen].sum()) / expected if share else 1.0
		level = of_group * (1 + share * (ratio - 1))
		mean = level * self.expected(len(own) * bool(len(sold)) + np.arange(horizon))
		unsure = self.variance * prior / (periods + prior)
		quantiles = count_quantiles(mean, self.dispersion + unsure * mean, self.unit)
		return Path(mean, quantiles, notes=(self.words(history.group),))

	def words(self, group: str) -> str:
		"""What the curve rests on, for a planner."""
		if group in self.groups:
			return f"{self.counts[group]} launches of {group}"
		return f"{self.count} launches of other items"


def learn_launches(histories: Sequence[History]) -> Launches | None:
	"""The launches among histories with one calendar; None: fewer than `LEAST_LAUNCHES`.

	A launch is a first sale that came at least the time an item is new after the oldest history begins: what sold from the
	start may have been sold for years. All histories end with the same period.
	"""
	oldest = max((len(h) for h in histories), default=0)
	if not oldest:
		return None
	calendar = histories[0].calendar
	new = lifetimes(calendar).new
	found = sorted((h for h in histories if _is_launch(h, oldest, new)), key=lambda h: h.key)
	if len(found) < LEAST_LAUNCHES:
		return None
	edges = np.unique(np.concatenate([[0, 1], np.ceil(np.array(AGES[1:]) * new)]).astype(int))
	own = [_since_first_sale(h) for h in found]
	curve = _curve(own, edges)
	base = Launches(
		calendar, edges, curve, 1.0, 1.0, len(found), unit_of(np.concatenate([y for y, _ in own]))
	)
	ratios = np.array([_ratio(y, seen, base) for y, seen in own])
	groups, counts = _groups(found, ratios)
	spread = float(np.median([_dispersion(y, seen, base) for y, seen in own]))
	held = np.minimum(ratios, np.quantile(ratios, LARGEST))
	chance = np.mean([spread / max(base.expected(np.arange(len(y)))[seen].sum(), 1e-9) for y, seen in own])
	variance = max(float(held.var() / max(held.mean(), 1e-9) ** 2 - chance), 0.0)
	return Launches(calendar, edges, curve, variance, spread, len(found), base.unit, groups, counts)


def _is_launch(history: History, oldest: int, new: int) -> bool:
	sold = np.flatnonzero(history.qty > 0)
	return len(sold) > 0 and oldest - (len(history) - sold[0]) >= new and len(history) - sold[0] >= new // 4


def _since_first_sale(history: History) -> tuple[np.ndarray, np.ndarray]:
	first = np.flatnonzero(history.qty > 0)[0]
	return history.qty[first:], history.observed[first:]


def _curve(own: list[tuple[np.ndarray, np.ndarray]], edges: np.ndarray) -> np.ndarray:
	"""Mean demand a period seen between edges; where no launch is so old yet, as at the last age known."""
	curve = np.zeros(len(edges))
	for k, first in enumerate(edges):
		last = edges[k + 1] if k + 1 < len(edges) else None
		total = sum(float(y[first:last][seen[first:last]].sum()) for y, seen in own)
		count = sum(int(seen[first:last].sum()) for _, seen in own)
		curve[k] = total / count if count else curve[k - 1]
	return curve


def _ratio(own: np.ndarray, seen: np.ndarray, launches: Launches) -> float:
	expected = launches.expected(np.arange(len(own)))[seen].sum()
	return float(own[seen].sum() / expected) if expected > 0 else 1.0


def _dispersion(own: np.ndarray, seen: np.ndarray, launches: Launches) -> float:
	"""Variance around the curve at the launch's own level, over its mean."""
	expected = (_ratio(own, seen, launches) * launches.expected(np.arange(len(own))))[seen]
	if not expected.any():
		return 1.0
	return float(((own[seen] - expected) ** 2).mean() / expected.mean())


def _groups(found: list[History], ratios: np.ndarray) -> tuple[dict[str, float], dict[str, int]]:
	members = defaultdict(list)
	for history, ratio in zip(found, ratios, strict=True):
		if history.group:
			members[history.group].append(ratio)
	known = {g: r for g, r in members.items() if len(r) >= LEAST_IN_GROUP}
	levels = {g: (sum(sorted(r)) + GROUP_BELIEVED) / (len(r) + GROUP_BELIEVED) for g, r in known.items()}
	return levels, {g: len(r) for g, r in known.items()}
