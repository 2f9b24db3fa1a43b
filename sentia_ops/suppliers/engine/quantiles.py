"""Days within which half, 90 % and 95 % of order lines are here."""

from __future__ import annotations

import numpy as np

from sentia_ops.suppliers.engine import survival
from sentia_ops.suppliers.engine.levels import Index, Levels, Parts
from sentia_ops.suppliers.engine.survival import sum_by

QUANTILES = {"p50_days": 0.50, "p90_days": 0.90, "p95_days": 0.95}
NORMAL_Z = {"p50_days": 0.0, "p90_days": 1.281552, "p95_days": 1.644854}
EMPIRICAL_LINES = 40.0  # effective lines of a supplier from which on its own curve replaces the lognormal one
LONGEST_DAYS = 3650.0  # a curve through two or three wild figures has no end
HEAVY = 0.25  # share of lines still open: beyond, the curve's upper end is guesswork


def arrive_within(
	parts: Parts, index: Index, levels: Levels, mean: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
	"""Whole days by quantile, each of shape (pairs,); and which pairs rest on the supplier's own curve.

	Each pair has its own mean and spread; how often which delay happens is the supplier's: the Kaplan-Meier curve of
	its delays, in standard deviations of the logarithm, or the lognormal one where receipts are few or many lines are
	open. Days are whole: what the curve puts at 8.4 arrives on day 8 or, if later, on day 9.
	"""
	supplier = index.supplier[index.pair]
	centre = np.log(np.maximum(levels.mean, 1e-9)) - levels.sigma**2 / 2
	off = (survival.log_days(parts.days, parts.is_open) - centre[index.pair]) / levels.sigma[index.pair]
	open_share = sum_by(supplier, levels.weight * parts.is_open, index.suppliers)
	open_share /= np.maximum(sum_by(supplier, levels.weight, index.suppliers), 1e-9)
	enough = (levels.lines[2] >= EMPIRICAL_LINES) & (open_share[index.supplier] <= HEAVY)
	scale = mean * np.exp(-(levels.sigma_ahead**2) / 2)
	curve = survival.kaplan_meier(off, parts.is_open, levels.weight, supplier, index.suppliers)
	found, empirical = {}, enough.copy()
	places = {}
	for name, share in QUANTILES.items():
		places[name] = survival.quantile(curve, share, index.suppliers)[index.supplier]
		empirical &= np.isfinite(places[name])
	for name, place in places.items():
		z = np.where(empirical, place, NORMAL_Z[name])
		days = np.ceil(scale * np.exp(z * levels.sigma_ahead) - survival.HALF_DAY)
		found[name] = np.clip(days, 0.0, LONGEST_DAYS)
	return found, empirical
