"""Intervals, shrinkage, trend tests and robust distances for small and lumpy samples."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

Z95 = 1.959964
MAD_TO_STD = 1.4826  # the median absolute deviation of a normal distribution, as a standard deviation


def wilson(share: float, n: float) -> tuple[float, float]:
	"""95 % interval of a share seen in n observations (Wilson 1927).

	    (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)

	For observations between 0 and 1 it is wider than needed, never narrower.
	"""
	z2 = Z95**2
	middle, spread = share + z2 / (2 * n), Z95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
	return max((middle - spread) / (1 + z2 / n), 0.0), min((middle + spread) / (1 + z2 / n), 1.0)


def mean_interval(mean: float, std: float, n: float) -> tuple[float, float]:
	"""95 % interval of a mean that cannot be below 0: mean -+ 1.96 std / sqrt(n)."""
	half = Z95 * std / math.sqrt(n)
	return max(mean - half, 0.0), mean + half


def shrunk(own: float, n: float, company: float, strength: float) -> float:
	"""(n x own + strength x company) / (n + strength): the mean of a beta-binomial, or of a normal, posterior."""
	return (n * own + strength * company) / (n + strength)


def clustering(groups: pd.DataFrame, means: pd.Series) -> float:
	"""Intraclass correlation of observations that come together (lines of one order), pooled over suppliers.

	One-way analysis of variance (Donner 1986): (MSB - MSW) / (MSB + (m0 - 1) MSW), not below 0.

	Args:
	    groups: one row per supplier and cluster: supplier, n, total, squares (sums of values and of their squares).
	    means: supplier -> mean of its observations.
	"""
	centre = groups["supplier"].map(means).to_numpy(float)
	n, total, squares = (groups[c].to_numpy(float) for c in ("n", "total", "squares"))
	suppliers = groups["supplier"].nunique()
	inside, between = n.sum() - len(groups), len(groups) - suppliers
	if inside <= 0 or between <= 0:
		return 0.0
	within = max(float((squares - total**2 / n).sum()), 0.0) / inside
	across = float((n * (total / n - centre) ** 2).sum()) / between
	size = (n.sum() - float((n**2).sum() / n.sum())) / max(len(groups) - 1, 1)
	below = across + (size - 1) * within
	return min(max((across - within) / below, 0.0), 1.0) if below > 0 else 0.0


def mann_kendall(values: np.ndarray) -> tuple[float, float]:
	"""Slope a step (Theil 1950, Sen 1968) and two-sided p of no trend (Mann 1945, Kendall 1975, with ties).

	`values` in order of time; empty (NaN) steps are passed over but keep their distance.
	"""
	at = np.flatnonzero(~np.isnan(values))
	x = values[at]
	n = len(x)
	if n < 3:
		return 0.0, 1.0
	first, second = np.triu_indices(n, 1)
	change = x[second] - x[first]
	slope = float(np.median(change / (at[second] - at[first])))
	ties = np.unique(x, return_counts=True)[1]
	variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
	if variance <= 0:
		return slope, 1.0
	s = abs(np.sign(change).sum())
	return slope, math.erfc(max(s - 1, 0) / math.sqrt(variance) / math.sqrt(2))


def holm(p_values: list[float]) -> list[float]:
	"""p adjusted for testing several things at once (Holm 1979)."""
	order = np.argsort(p_values)
	adjusted, highest = [1.0] * len(p_values), 0.0
	for rank, i in enumerate(order):
		highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
		adjusted[i] = highest
	return adjusted
