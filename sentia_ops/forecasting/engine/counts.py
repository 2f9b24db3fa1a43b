"""Quantiles of slow movers: counts that are mostly zero have no bell shape."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.methods.base import LEVELS

TOP = 0.945
"""Level of the upper bound of 95 %. A lower bound of zero misses nothing, so that all that falls outside lies above; yet a bound
is a whole unit and covers more than its level (on validation origins: spare parts 92 to 95 %, retail 95 to 97 %)."""
LEAST_DISPERSION = 1.02  # variance over mean; 1 is Poisson
PRIOR_SALES = 3.0  # worth of belief that an item's orders vary as those of its class
FINEST = 200.0  # units the median sale may be made of; finer differences are rounding
DIGITS = 3  # of means that share one calculation


def unit_of(demand: np.ndarray) -> float:
	"""The largest quantity of which all sales are multiples: 1, a pack of 12, 0.5 kg; not finer than 1/200 of the median sale."""
	sizes = np.unique(demand[demand > 0])
	if not len(sizes):
		return 1.0
	least = float(np.median(demand[demand > 0])) / FINEST
	unit = float(sizes[0])
	for size in sizes[1:]:
		unit = _common(unit, float(size), max(least, 1e-6 * float(size)))
	return max(unit, least)


def _common(a: float, b: float, tolerance: float) -> float:
	"""Greatest common divisor of two quantities (Euclid), up to a tolerance."""
	while a > tolerance:
		a, b = b % a, a
		if b - a < tolerance:
			a = 0.0
	return b


def pooled_dispersion(demands: list[np.ndarray]) -> float:
	"""Variance over mean of the demand of a period, of a class: the median series; 1 (Poisson) where none sold."""
	own = [float(d.var() / d.mean()) for d in demands if d.any()]
	return float(np.median(own)) if own else 1.0


def dispersion(demand: np.ndarray, pooled: float) -> float:
	"""Variance over mean of the demand of a period, in its own unit of measure, drawn towards the class where sales are few."""
	sales = int((demand > 0).sum())
	mean = float(demand.mean()) if sales else 0.0
	own = float(demand.var()) / mean if mean > 0 else pooled
	return (sales * own + PRIOR_SALES * pooled) / (sales + PRIOR_SALES)


def count_quantiles(mean: np.ndarray, disperse: np.ndarray, unit: float) -> np.ndarray:
	"""Quantiles at `LEVELS` of a negative binomial with that mean, whole multiples of `unit`, shape (7, horizon).

	Args:
	    mean: shape (horizon,).
	    disperse: variance over mean, shape (horizon,).
	    unit: of the sales, see `unit_of`.
	"""
	from scipy.stats import nbinom

	levels = np.array([*LEVELS[:-1], TOP])
	pairs = np.column_stack([_rounded(mean / unit), _rounded(disperse / unit)])
	distinct, place = np.unique(pairs, axis=0, return_inverse=True)
	expected, varies = np.maximum(distinct[:, 0], 1e-9), np.maximum(distinct[:, 1], LEAST_DISPERSION)
	found = nbinom.ppf(levels[:, None], expected / (varies - 1), 1 / varies)
	found = np.where(distinct[:, 0] > 0, found, 0.0)
	return found[:, place.reshape(-1)] * unit


def _rounded(values: np.ndarray) -> np.ndarray:
	"""To three significant digits, so that days alike are calculated once."""
	power = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.maximum(values, 1e-12))))
	return np.round(values * power) / power
