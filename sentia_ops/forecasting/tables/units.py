"""A change of the unit of measure: from one day on all quantities are twelve times, or a twelfth of, those before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FACTORS = (6, 10, 12, 20, 24, 48, 50, 100, 144, 1000)
LEAST = {"h": 48, "D": 28, "W": 8, "MS": 6}  # periods with sales on either side
CLEAR, LIKELY = np.log(1.1), np.log(1.2)  # how near to a factor the logarithm of the step must be
SEASONS = 8  # before a season is taken out
TAIL = 0.02  # of each side that may lie where the other one does
MULTIPLES = 0.95  # of values that are multiples of the factor on one side, and seldom on the other


@dataclass(frozen=True)
class UnitChange:
	"""Quantities from period `at` on are `factor` times those before; `clear` where nothing else explains it."""

	at: int
	factor: float
	clear: bool


def change_of_unit(qty: np.ndarray, least: int, season: int = 1) -> UnitChange | None:
	"""The change of unit in a series, if there is one.

	The step that explains most of the variance of the logarithms of sales is looked for. It is a change of unit where the
	mean rises or falls by one of `FACTORS`, at once, and hardly a value lies in between; without a doubt so where the step
	is within a tenth of the factor, or where the larger values are multiples of it and the smaller ones are not.

	Args:
	    qty: shape (periods,), never negative.
	    least: sales there must be on either side.
	    season: periods after which the short season, which spreads values that are compared, returns.
	"""
	sold = np.flatnonzero(qty > 0)
	if len(sold) < 2 * least:
		return None
	logs = np.log((qty / _profile(qty, season))[sold])
	cut = _best_step(logs, least)
	before, after = logs[:cut], logs[cut:]
	small, large = (before, after) if before.mean() < after.mean() else (after, before)
	if np.quantile(small, 1 - TAIL) >= np.quantile(large, TAIL):
		return None
	at = int(sold[cut])
	step = np.log(_middle_mean(qty[at:]) / _middle_mean(qty[:at]))
	factor = min(FACTORS, key=lambda f: abs(np.log(f) - abs(step)))
	off = abs(np.log(factor) - abs(step))
	near = np.median(after[:least]) - np.median(before[-least:])  # at once, not little by little
	if off > LIKELY or abs(near - step) > np.log(1.5):
		return None
	sides = (qty[:at], qty[at:]) if step > 0 else (qty[at:], qty[:at])
	clear = off <= CLEAR or _multiples(*(side[side > 0] for side in sides), factor)
	return UnitChange(at, float(factor) if step > 0 else 1.0 / factor, bool(clear))


def _profile(qty: np.ndarray, season: int) -> np.ndarray:
	"""What each place in the season usually sells, shape (periods,); ones where there are too few seasons to tell."""
	if season == 1 or len(qty) < SEASONS * season:
		return np.ones(len(qty))
	phase = np.arange(len(qty)) % season
	means = np.bincount(phase, weights=qty, minlength=season) / np.bincount(phase, minlength=season)
	return np.where(means > 0, means, 1.0)[phase]


def _best_step(logs: np.ndarray, least: int) -> int:
	"""Where two levels fit best, with `least` values on either side."""
	n = len(logs)
	sums = np.cumsum(logs)
	cuts = np.arange(least, n - least + 1)
	left, right = sums[cuts - 1], sums[-1] - sums[cuts - 1]
	return int(cuts[(left**2 / cuts + right**2 / (n - cuts)).argmax()])


def _middle_mean(qty: np.ndarray) -> float:
	"""Mean with the largest values cut down, so that no single order makes a step."""
	sold = qty[qty > 0]
	return float(np.minimum(qty, 5 * np.median(sold)).mean())


def _multiples(small: np.ndarray, large: np.ndarray, factor: int) -> bool:
	def share(values: np.ndarray) -> float:
		return float((np.abs(values / factor - np.rint(values / factor)) < 1e-6).mean())

	return share(large) >= MULTIPLES and share(small) < 0.5
