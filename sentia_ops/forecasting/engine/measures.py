"""Measures of forecast error. Scales come from the history before the days measured, never from those days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BOUNDS = (0.025, 0.1, 0.9, 0.975)  # levels of lo95, lo80, hi80, hi95


def naive_errors(y: np.ndarray, season: int) -> np.ndarray:
	"""Errors of "as on the same day of last week" within a history, shape (days - season,)."""
	return y[season:] - y[:-season]


def mean_scale(y: np.ndarray, season: int) -> float:
	"""Mean absolute seasonal-naive error: the denominator of MASE (Hyndman and Koehler 2006); NaN if it is 0."""
	return _positive(np.abs(naive_errors(y, season)).mean()) if len(y) > season else float("nan")


def root_scale(y: np.ndarray, season: int) -> float:
	"""Root mean squared seasonal-naive error: the denominator of RMSSE (Makridakis and others 2022)."""
	return _positive(np.sqrt((naive_errors(y, season) ** 2).mean())) if len(y) > season else float("nan")


def pinball(actual: np.ndarray, quantiles: np.ndarray, levels: Sequence[float] = BOUNDS) -> float:
	"""Mean pinball loss of quantiles, in units of `actual`.

	Args:
	    actual: shape (periods,).
	    quantiles: shape (levels, periods).
	    levels: of the quantiles; `methods.base.LEVELS` for all seven.
	"""
	at = np.asarray(levels)[:, None]
	short = actual[None, :] - quantiles
	return float(np.maximum(at * short, (at - 1) * short).mean())


def bias(actual: np.ndarray, forecast: np.ndarray) -> float:
	"""Sum forecast over sum sold, less 1: 0.1 is a tenth too much; NaN where nothing sold."""
	sold = actual.sum()
	return float(forecast.sum() / sold - 1) if sold > 0 else float("nan")


def coverage(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
	"""Share of days within their bounds; bounds included."""
	return float(((actual >= low - TOLERANCE) & (actual <= high + TOLERANCE)).mean())


def _positive(scale: float) -> float:
	return float(scale) if scale > 0 else float("nan")


TOLERANCE = 1e-9  # a bound that equals the sale but for rounding covers it
