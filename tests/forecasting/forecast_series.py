"""Seeded series for the forecasting tests."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine import History

WEEK = np.array([0.6, 0.8, 1.0, 1.1, 1.5, 1.6, 0.4])


def history(qty, out=(), key=("A", "UK")) -> History:
	"""A history of `qty`; `out` are the days without stock."""
	qty = np.array(qty, dtype=float)
	in_stock = np.ones(len(qty), dtype=bool)
	in_stock[list(out)] = False
	return History(key, qty, in_stock)


def weekly(days: int, mean: float = 30.0, seed: int = 0, start: int = 0) -> np.ndarray:
	"""Poisson sales with a strong week and a steady level."""
	rate = mean * WEEK[(start + np.arange(days)) % 7]
	return np.random.default_rng(seed).poisson(rate).astype(float)


def slow(days: int, share: float = 0.1, size: float = 4.0, seed: int = 0) -> np.ndarray:
	"""Sales on a share of days, of geometric sizes with a given mean: lumpy."""
	rng = np.random.default_rng(seed)
	return rng.binomial(1, share, days) * rng.geometric(1 / size, days).astype(float)
