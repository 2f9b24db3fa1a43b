"""Demand over the time that stock must cover, as a distribution: how much is enough, and how much falls short.

A gamma distribution, never below zero and with a long tail of good days and of late deliveries; all but normal where the
scatter is small. Intermittent and lumpy demand, which comes in single orders, is often nothing at all: chance of none
exp(-orders expected), otherwise gamma ("compound"). With a normal distribution for smooth demand simulated cycles ran out
more often than wanted, and cost more: lead times are skewed.

Mean and standard deviation are kept (moment matching; Burgin 1975, "The gamma distribution and
inventory control"; for the mass at zero Silver, Pyke & Thomas 2017, chapter 9).
"""

from __future__ import annotations

import numpy as np

from sentia_ops.replenishment.engine.arrays import significant

GAMMA, COMPOUND = "gamma", "compound"
IN_ORDERS = ("intermittent", "lumpy")  # demand classes
SIZE_SPREAD = 0.5  # squared coefficient of variation of the size of single orders, where it is not known
NOISE = 1e-9


def shape_of(demand_class: np.ndarray) -> np.ndarray:
	"""GAMMA or COMPOUND, by demand class."""
	return np.where(np.isin(demand_class.astype(str), IN_ORDERS), COMPOUND, GAMMA).astype(object)


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


def quantile(mean: np.ndarray, std: np.ndarray, none: np.ndarray, level: np.ndarray) -> np.ndarray:
	"""What is enough with probability `level`; not below the mean, unless nothing at all is as probable.

	The gamma's scatter is held where its quantile is largest: beyond that, more scatter only means "nothing most of the
	time", and a less predictable item must not get less stock.
	"""
	from scipy.special import gammaincinv

	level = np.broadcast_to(level, mean.shape)
	found = np.maximum(mean, 0.0)
	at = np.flatnonzero((std > NOISE) & (mean > NOISE))
	p = (level[at] - none[at]) / (1 - none[at])
	k, scale = printed_gamma(mean[at], std[at], none[at], widest(p))
	enough = np.where(p > 0, gammaincinv(k, np.clip(p, 0, 1 - 1e-12)) * scale, 0.0)
	found[at] = np.where(p > 0, np.maximum(enough, mean[at]), enough)
	return found


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
	mean: np.ndarray, std: np.ndarray, none: np.ndarray, available: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
	"""(E[max(demand - available, 0)], P(demand > available)).

	With shape k and scale t: mean x P(gamma(k + 1) > a / t) - a x P(gamma(k) > a / t).
	"""
	from scipy.special import gammaincc

	short = np.maximum(mean - available, 0.0)
	chance = (mean > available + 1e-6).astype(float)
	at = np.flatnonzero((std > 1e-6) & (mean > NOISE))
	k, scale = gamma_of(mean[at], std[at], none[at])
	stock, some = available[at], 1 - none[at]
	tail = gammaincc(k, np.maximum(stock, 0) / scale)
	loss = k * scale * gammaincc(k + 1, np.maximum(stock, 0) / scale) - np.maximum(stock, 0) * tail
	short[at] = np.maximum(some * loss, 0) + np.maximum(-stock, 0)
	chance[at] = np.where(stock < 0, 1.0, some * tail)
	return short, chance


def gamma_of(
	mean: np.ndarray, std: np.ndarray, none: np.ndarray, most: np.ndarray | float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
	"""Shape and scale of demand given that there is some, its coefficient of variation held at `most`."""
	m, s = conditional(mean, std, none)
	k = np.clip(s / m, 1e-4, most) ** -2.0
	return k, m / k


def printed_gamma(*given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
	"""As `gamma_of`, in four significant digits: what is enough can be looked up again."""
	k, _scale = gamma_of(*given)
	k = significant(k)
	return k, significant(conditional(*given[:3])[0] / k)
