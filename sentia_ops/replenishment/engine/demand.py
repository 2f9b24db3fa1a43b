"""Demand over the time that stock must cover, as a distribution: how much is enough, and how much falls short.

Three shapes, by demand class:

| shape | classes | why |
| --- | --- | --- |
| gamma | smooth, erratic, new | never below zero, with a long tail of good days and of late deliveries; all but normal where the scatter is small |
| compound | intermittent, lumpy | often nothing at all: chance of none exp(-orders expected), otherwise gamma |
| normal | open orders without a forecast; risks of smooth demand | many small sales add up |

With a normal shape for smooth demand, too, simulated cycles ran out more often than wanted, and cost more: lead times are skewed.
Mean and standard deviation are the same whatever the shape (moment matching; Burgin 1975, "The gamma distribution and
inventory control"; for the mass at zero Silver, Pyke & Thomas 2017, chapter 9).
"""

from __future__ import annotations

import numpy as np

from sentia_ops.replenishment.engine.arrays import significant

NORMAL, GAMMA, COMPOUND = "normal", "gamma", "compound"
SHAPES = {"erratic": GAMMA, "intermittent": COMPOUND, "lumpy": COMPOUND}
SIZE_SPREAD = 0.5  # squared coefficient of variation of the size of single orders, where it is not known
NOISE = 1e-9


def shape_of(demand_class: np.ndarray, usual: str = GAMMA) -> np.ndarray:
	"""Shape by demand class; classes not named have the `usual` one."""
	found = np.full(len(demand_class), usual, dtype=object)
	for name, shape in SHAPES.items():
		found[demand_class == name] = shape
	return found


def order_rate(daily: np.ndarray, error_std: np.ndarray) -> np.ndarray:
	"""Customer orders a day of compound demand: (1 + SIZE_SPREAD) x mean^2 / variance, but no order is below one unit.

	For orders at random the variance is rate x E[size^2] = mean^2 x (1 + spread of sizes) / rate.
	"""
	with np.errstate(divide="ignore", invalid="ignore"):
		rate = (1 + SIZE_SPREAD) * daily**2 / error_std**2
	return np.where(error_std > NOISE, np.minimum(rate, np.where(daily >= 1, np.inf, daily)), daily)


def none_chance(shape: np.ndarray, orders: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
	"""Chance of no demand at all, of compound demand; what is left must still be able to scatter as `std` says.

	Four decimals, as printed.
	"""
	with np.errstate(divide="ignore", invalid="ignore"):
		most = np.where(mean > 0, std**2 / (mean**2 + std**2), 0.0)  # all demand in one size otherwise
	chance = np.minimum(np.exp(-orders), 0.95 * most)
	return np.where((shape == COMPOUND) & (mean > NOISE) & (std > NOISE), np.round(chance, 4), 0.0)


def conditional(mean: np.ndarray, std: np.ndarray, none: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
	"""Mean and standard deviation given that there is demand."""
	above = mean / (1 - none)
	square = (std**2 + mean**2) / (1 - none) - above**2
	return above, np.sqrt(np.maximum(square, 0.0))


def quantile(
	shape: np.ndarray, mean: np.ndarray, std: np.ndarray, none: np.ndarray, level: np.ndarray
) -> np.ndarray:
	"""What is enough with probability `level`; not below the mean.

	The gamma's scatter is held where its quantile is largest: beyond that, more scatter only means "nothing most of the
	time", and a less predictable item must not get less stock.
	"""
	from scipy.special import gammaincinv, ndtri

	level = np.broadcast_to(level, mean.shape)
	found = np.where(std > NOISE, mean + np.round(ndtri(level), 3) * std, mean)
	skewed = (shape != NORMAL) & (std > NOISE) & (mean > NOISE)
	if skewed.any():
		p = (level[skewed] - none[skewed]) / (1 - none[skewed])
		k, scale = gamma_of(mean[skewed], std[skewed], none[skewed], widest(p))
		found[skewed] = np.where(p > 0, gammaincinv(k, np.clip(p, 0, 1 - 1e-12)) * scale, 0.0)
		low = skewed & (none < level)
		found[low] = np.maximum(found[low], mean[low])
	return np.maximum(found, 0.0)


def widest(level: np.ndarray) -> np.ndarray:
	"""Coefficient of variation at which a gamma of mean 1 has its largest quantile; by table over the level."""
	table_level, table_widest = _table()
	return np.interp(np.maximum(level, 0.5), table_level, table_widest)


_TABLE: list[tuple[np.ndarray, np.ndarray]] = []


def _table() -> tuple[np.ndarray, np.ndarray]:
	if not _TABLE:
		from scipy.special import gammaincinv

		levels = 1 - np.geomspace(0.5, 1e-5, 120)
		spread = np.geomspace(0.05, 12, 400)
		k = spread**-2.0
		best = np.argmax(gammaincinv(k[None, :], levels[:, None]) / k[None, :], axis=1)
		_TABLE.append((levels, spread[best]))
	return _TABLE[0]


def short_of(
	shape: np.ndarray, mean: np.ndarray, std: np.ndarray, none: np.ndarray, available: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
	"""(E[max(demand - available, 0)], P(demand > available)).

	Normal: std x (density(k) - k x P(Z > k)), k = (available - mean) / std, the unit normal loss function. Gamma (shape k,
	scale t): mean x P(gamma(k + 1) > a / t) - a x P(gamma(k) > a / t).
	"""
	from scipy.special import gammaincc, ndtr

	spread = np.where(std > 1e-6, std, 1.0)
	z = (available - mean) / spread
	density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
	short = np.where(
		std > 1e-6, np.maximum(spread * (density - z * ndtr(-z)), 0.0), np.maximum(mean - available, 0)
	)
	chance = np.where(std > 1e-6, ndtr(-z), (mean > available + 1e-6).astype(float))
	skewed = (shape != NORMAL) & (std > 1e-6) & (mean > NOISE)
	if skewed.any():
		k, scale = gamma_of(mean[skewed], std[skewed], none[skewed])
		stock = available[skewed]
		some, at = 1 - none[skewed], np.maximum(stock, 0) / scale
		tail = gammaincc(k, at)
		loss = k * scale * gammaincc(k + 1, at) - np.maximum(stock, 0) * tail
		short[skewed] = np.maximum(some * loss, 0) + np.maximum(-stock, 0)
		chance[skewed] = np.where(stock < 0, 1.0, some * tail)
	return short, chance


def gamma_of(
	mean: np.ndarray, std: np.ndarray, none: np.ndarray, most: np.ndarray | float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
	"""Shape and scale of demand given that there is some, its coefficient of variation held at `most`; as printed."""
	m, s = conditional(mean, std, none)
	spread = np.clip(s / m, 1e-4, most)
	k = significant(spread**-2.0)
	return k, significant(m / k)
