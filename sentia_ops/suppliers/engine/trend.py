"""Whether a supplier gets slower or faster."""

from __future__ import annotations

import numpy as np

from sentia_ops.suppliers.engine.levels import Index, Levels, Parts
from sentia_ops.suppliers.engine.survival import LEAST_DAYS, sum_by

CERTAIN = 3.0  # standard errors from nought: one supplier in 370 would look so by chance
LEAST_LINES, LEAST_SPAN = 20, 120  # order lines, and days between the first and the last
YEAR = 365.25
STEEPEST = np.log(3.0)  # a year; what is steeper is a change of habits, not a trend


def yearly_growth(parts: Parts, index: Index, levels: Levels) -> np.ndarray:
	"""Growth of the logarithm of lead times a year, by supplier; 0 where it cannot be told from chance.

	A straight line through each part's logarithm off its pair's mean, by day of order, least squares weighted by the
	part's share of its order line.
	"""
	supplier = index.supplier[index.pair]
	off = np.log(np.maximum(levels.expected, LEAST_DAYS) / levels.mean[index.pair])
	years = -parts.age / YEAR

	def total(values: np.ndarray) -> np.ndarray:
		return sum_by(supplier, parts.share * values, index.suppliers)

	lines = np.maximum(total(np.ones(len(years))), 1e-9)
	x = years - (total(years) / lines)[supplier]
	y = off - (total(off) / lines)[supplier]
	spread = np.maximum(total(x * x), 1e-9)
	growth = total(x * y) / spread
	left = total((y - growth[supplier] * x) ** 2) / np.maximum(lines - 2, 1)
	error = np.sqrt(np.maximum(left, 1e-9) / spread)
	span = np.zeros(index.suppliers)
	newest = np.full(index.suppliers, np.inf)
	np.maximum.at(span, supplier, parts.age)
	np.minimum.at(newest, supplier, parts.age)
	told = (lines >= LEAST_LINES) & (span - newest >= LEAST_SPAN) & (np.abs(growth) >= CERTAIN * error)
	return np.where(told, np.clip(growth, -STEEPEST, STEEPEST), 0.0)


def raised(parts: Parts, index: Index, growth: np.ndarray) -> Parts:
	"""Days as they would be if ordered today, along the supplier's trend."""
	factor = np.exp(growth[index.supplier[index.pair]] * parts.age / YEAR)
	return Parts(parts.days * factor, parts.is_open, parts.share, parts.age)
