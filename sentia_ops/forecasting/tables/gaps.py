"""Periods of a series that should not be taken as they stand: those without a row, and those with less than nothing."""

from __future__ import annotations

import numpy as np

UNKNOWN_SHARE = 0.2  # of its periods: a series with more missing is one that sells now and then
FAR_FROM_ZERO = 0.25  # of the middle: where 95 % of values lie above this, a zero would be a wonder
OPEN_SHARE = 0.5  # of a weekday's periods that must have a row: else the seller is closed on it


def unknown_periods(qty: np.ndarray, known: np.ndarray, season: int) -> np.ndarray:
	"""Which periods without a value are holes in the record, and not times when nothing was sold.

	Lists of sales have no rows where nothing was sold; records of meters or machines lose a row now and then. The second
	is the case where few are missing, not always on the same weekday, and what is there is never near zero.

	Args:
	    qty, known: shape (periods,).
	"""
	missing = ~known
	values = qty[known]
	if not missing.any() or missing.mean() > UNKNOWN_SHARE:
		return np.zeros(len(qty), dtype=bool)
	if np.quantile(values, 0.05) <= FAR_FROM_ZERO * np.median(values):
		return np.zeros(len(qty), dtype=bool)
	phase = np.arange(len(qty)) % season
	open_share = np.bincount(phase[known], minlength=season) / np.maximum(
		np.bincount(phase, minlength=season), 1
	)
	return missing & (open_share[phase] >= OPEN_SHARE)


def take_off_returns(qty: np.ndarray) -> tuple[np.ndarray, float]:
	"""Negative periods set to zero and taken off the periods before them, the latest first.

	Returns:
	    quantities, never negative; and units that no earlier sale explains.
	"""
	left, unexplained = qty.copy(), 0.0
	for at in np.flatnonzero(qty < 0):
		units, left[at] = -left[at], 0.0
		before = left[:at][::-1]
		taken = np.minimum(before, np.maximum(units - (np.cumsum(before) - before), 0.0))
		left[:at] -= taken[::-1]
		unexplained += units - taken.sum()
	return np.maximum(left, 0.0), float(unexplained)
