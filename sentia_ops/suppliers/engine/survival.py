"""Lead times of which some are only known to be longer than so many days: lognormal expectation and Kaplan-Meier.

Written on arrays over all suppliers at once: a fit per supplier and item by a general optimiser (lifelines) takes
some 10 ms each, 200 s for 20,000 pairs; this takes well under a second. Tests hold it against lifelines.
"""

from __future__ import annotations

import numpy as np

LEAST_DAYS = 0.5  # a delivery on the day of the order took half a day: logarithms need more than 0
HALF_DAY = 0.5  # dates are whole days: a line open for 12 days is known to take longer than 11.5


def sum_by(place: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
	"""Sums of `values` by place, shape (size,)."""
	return np.bincount(place, values, size).astype(float)  # of nothing numpy makes whole numbers


def log_days(days: np.ndarray, is_open: np.ndarray) -> np.ndarray:
	"""Natural logarithm of days; of open lines that of the day they are known to exceed."""
	return np.log(np.maximum(days - HALF_DAY * is_open, LEAST_DAYS))


def expected_beyond(mean: np.ndarray, sigma: np.ndarray, log_bound: np.ndarray) -> np.ndarray:
	"""E[T | T > c] of lognormal T in days, given its mean, log standard deviation sigma and log c.

	E[T | T > c] = mean x Phi(sigma - z) / Phi(-z) with z = (ln c - mu) / sigma, mu = ln mean - sigma^2 / 2.
	"""
	from scipy.special import log_ndtr

	z = (log_bound - np.log(mean) + sigma**2 / 2) / sigma
	return np.maximum(mean * np.exp(log_ndtr(sigma - z) - log_ndtr(-z)), np.exp(log_bound))


def moments_beyond(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
	"""E[Z | Z > z] and E[Z^2 | Z > z] of a standard normal Z: the hazard h, and 1 + z h."""
	from scipy.special import log_ndtr

	hazard = np.exp(-(z**2) / 2 - np.log(2 * np.pi) / 2 - log_ndtr(-z))
	return hazard, 1 + z * hazard


def kaplan_meier(
	value: np.ndarray, is_open: np.ndarray, weight: np.ndarray, group: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
	"""Product-limit estimate by group (Kaplan and Meier 1958), weighted; open ones leave after those that end there.

	Returns:
	    value, group, reached: sorted; the share of each group that has ended by each value.
	"""
	order = np.lexsort((is_open, value, group))
	value, is_open, weight, group = value[order], is_open[order], weight[order], group[order]
	total = sum_by(group, weight, groups)
	before = np.cumsum(weight) - weight
	first = np.searchsorted(group, np.arange(groups))
	at_risk = total[group] - (before - before[first[group]])
	ended = np.where(is_open, 0.0, np.minimum(weight / at_risk, 1.0))
	with np.errstate(divide="ignore"):
		steps = np.maximum(np.log1p(-ended), -50.0)  # the last one takes the rest
	total_steps = np.cumsum(steps)
	start = (total_steps - steps)[first[group]]
	return value, group, 1 - np.exp(total_steps - start)


def quantile(curve: tuple[np.ndarray, np.ndarray, np.ndarray], share: float, groups: int) -> np.ndarray:
	"""Smallest value by which at least `share` of each group has ended; NaN where it never gets there."""
	value, group, reached = curve
	there = np.flatnonzero(reached >= share - 1e-9)
	found = np.full(groups, np.nan)
	found[group[there][::-1]] = value[there][::-1]
	return found
