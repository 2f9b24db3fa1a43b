"""When a delivery that is overdue may be expected: those that took so long already take longer still."""

from __future__ import annotations

import numpy as np


def remaining_days(elapsed: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
	"""E[L - t | L > t] of a lognormal lead time L after `elapsed` days t, one decimal; 0 where lead times never scatter.

	With s^2 = ln(1 + (std / mean)^2) and m = ln(mean) - s^2 / 2: mean x P(Z < (m + s^2 - ln t) / s) / P(Z < (m - ln t) / s) - t.
	"""
	from scipy.special import log_ndtr

	known = (std > 0) & (mean > 0) & (elapsed > 0)
	mean, std, t = (np.where(known, x, 1.0) for x in (mean, std, elapsed))
	square = np.log1p((std / mean) ** 2)
	s = np.sqrt(square)
	k = (np.log(mean) - square / 2 - np.log(t)) / s
	expected = mean * np.exp(np.clip(log_ndtr(k + s) - log_ndtr(k), -50, 50))
	return np.where(known, np.round(np.maximum(expected - t, 0.0), 1), 0.0)
