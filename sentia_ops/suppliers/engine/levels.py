"""Means and spreads of lead times on four levels, each leaning on the wider one: item, item group, supplier, promise.

Empirical Bayes. An item's own mean counts n / (n + k), n being its order lines and k the number of lines that the
wider level's mean is worth: the variance of lead times within an item over the variance between the items of a group
(Buehlmann's credibility factor; Efron and Morris 1975). k is estimated from the receipts by the method of moments,
for each supplier, leaning on what holds for all suppliers. The same between groups of one supplier. What a supplier
promises counts as a few lines, a default as one.

An open line enters with the days it is expected to take in all, given that it takes longer than it has so far
(the E step of the EM algorithm for censored lognormal times; Aitkin 1981). Receipts lose half their weight every
`half_life` days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.suppliers.engine import survival
from sentia_ops.suppliers.engine.survival import sum_by

FIRST_GUESS = 3.0  # lines that a wider level is worth before anything is known
GUESS_LINES = (
	30.0  # lines' worth of evidence behind the guess, and behind all suppliers' figure for one supplier
)
LEAST_LINES, MOST_LINES = 0.05, 100.0  # what the wider level is worth; items may differ though unseen
SPREAD_LINES = 10.0  # lines that the wider level's spread is worth
ASSUMED_SPREAD = 0.3  # standard deviation as a share of the mean, where nothing was ever received
ROUNDING = 1 / 12  # variance that whole days add, in days squared
ROUNDS, STILL = 60, 1e-4  # of EM at most; fewer where no mean moves by more than this share of itself
LEAST_MEAN = 0.05  # days; logarithms need more than 0


@dataclass(frozen=True)
class Index:
	"""Which pair, group and supplier: arrays of whole numbers.

	Attributes:
	    pair: of each part, shape (parts,).
	    group, supplier: of each pair, shape (pairs,); a group is an item group of one supplier.
	    group_supplier: of each group, shape (groups,).
	"""

	pair: np.ndarray
	group: np.ndarray
	supplier: np.ndarray
	group_supplier: np.ndarray
	suppliers: int


@dataclass(frozen=True)
class Parts:
	"""One entry per part of an order line; days of an open one are those it has been open."""

	days: np.ndarray
	is_open: np.ndarray
	share: np.ndarray
	age: np.ndarray


@dataclass(frozen=True)
class Levels:
	"""Per pair, shape (pairs,), unless said otherwise; means in days, NaN where a level has no lines.

	Attributes:
	    mean: shrunken; own, group, supplier: the levels' own means, open lines counted as they are expected.
	    shares: what each level weighs in `mean`, shape (4, pairs): item, group, supplier, promise.
	    sigma: standard deviation of the logarithm of days around the pair's own mean.
	    sigma_ahead: the same of a line still to come, for which the mean itself may be off: sigma^2 times 1 + 1 / (n + k)
	        for the item's mean + 1 / (N + prior_lines) for the supplier's.
	    lines: effective order lines, shape (3, pairs): what they are worth as recent ones weigh more.
	    expected: days of each part, open ones as they are expected to end, shape (parts,).
	    weight: of each part, shape (parts,).
	"""

	mean: np.ndarray
	own: np.ndarray
	group: np.ndarray
	supplier: np.ndarray
	shares: np.ndarray
	sigma: np.ndarray
	sigma_ahead: np.ndarray
	lines: np.ndarray
	expected: np.ndarray
	weight: np.ndarray


def fit(parts: Parts, index: Index, prior: np.ndarray, prior_lines: np.ndarray, half_life: float) -> Levels:
	"""Args:
	prior: promised days of each pair, or what stands for them, shape (pairs,).
	prior_lines: how many order lines that is worth, shape (pairs,).
	half_life: days after which an order weighs half; infinite: never.
	"""
	pair, pairs = index.pair, len(prior)
	group, supplier = index.group[pair], index.supplier[pair]
	recency = 0.5 ** (parts.age / half_life)
	weight = parts.share * recency
	places = ((pair, pairs), (group, len(index.group_supplier)), (supplier, index.suppliers))
	sums = [sum_by(of, weight, n) for of, n in places]
	# Kish's effective number: order lines of equal weight that would tell as much
	lines = [
		_zero_ratio(s**2, sum_by(of, weight * recency, n)) for s, (of, n) in zip(sums, places, strict=True)
	]
	log = survival.log_days(parts.days, parts.is_open)
	worth = np.array(_worth(parts, index, log))[:, index.supplier]
	expected = parts.days.astype(float).copy()
	mean = np.maximum(prior, LEAST_MEAN)
	sigma = np.full(pairs, np.sqrt(np.log1p(ASSUMED_SPREAD**2)))
	late = np.flatnonzero(parts.is_open)
	shares = _shares(lines, index, worth, prior_lines)
	for _ in range(ROUNDS):
		expected[late] = survival.expected_beyond(mean[pair[late]], sigma[pair[late]], log[late])
		own, grouped, pooled = (
			_ratio(sum_by(of, weight * expected, n), s) for s, (of, n) in zip(sums, places, strict=True)
		)
		levels = np.array([own, grouped[index.group], pooled[index.supplier], prior])
		before, mean = mean, np.maximum((shares * np.nan_to_num(levels)).sum(axis=0), LEAST_MEAN)
		sigma = _spread(parts.is_open, index, log, mean, sigma, weight, sums, lines)
		if np.abs(mean / before - 1).max() < STILL:
			break
	here = np.array([lines[0], lines[1][index.group], lines[2][index.supplier]])
	off = 1 / (here[0] + worth[0]) + 1 / (here[2] + prior_lines)
	off = np.where(here[2] > 0, off, 0.0)  # an assumed spread is one of what is to come already
	ahead = sigma * np.sqrt(1 + off)
	return Levels(mean, *levels[:3], shares, sigma, ahead, here, expected, weight)


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
	return np.divide(over, under, out=np.full(len(under), np.nan), where=under > 0)


def _shares(lines: list[np.ndarray], index: Index, worth: np.ndarray, prior_lines: np.ndarray) -> np.ndarray:
	"""What item, group, supplier and promise weigh, shape (4, pairs); adds up to 1."""
	own, in_group, at_supplier = lines[0], lines[1][index.group], lines[2][index.supplier]
	# where the wider level has no other lines it is the same receipts again: they count once, at the widest level
	alone = np.isclose(own, in_group)
	of_item = np.where(alone, 0.0, own / (own + worth[0]))
	of_group = in_group / (in_group + np.where(alone, worth[2], worth[1]))
	of_group = np.where(np.isclose(in_group, at_supplier), 0.0, of_group)
	of_group = (1 - of_item) * of_group
	of_supplier = (1 - of_item - of_group) * at_supplier / (at_supplier + prior_lines)
	return np.array([of_item, of_group, of_supplier, 1 - of_item - of_group - of_supplier])


def _spread(is_open, index: Index, log, mean, sigma, weight, sums, lines) -> np.ndarray:
	"""Log standard deviation of each pair: its own lines' around their mean, then the supplier's, then all suppliers'."""
	pair = index.pair
	supplier = index.supplier[pair]
	off = log - (np.log(mean) - sigma**2 / 2)[pair]
	square = off**2
	late = np.flatnonzero(is_open)
	hazard, second = survival.moments_beyond(off[late] / sigma[pair[late]])
	off[late], square[late] = hazard * sigma[pair[late]], second * sigma[pair[late]] ** 2
	scatter = [  # sum of squares around the level's own mean, in effective lines
		n
		* np.maximum(
			_ratio(sum_by(of, weight * square, len(s)), s) - _ratio(sum_by(of, weight * off, len(s)), s) ** 2,
			0,
		)
		for of, s, n in ((pair, sums[0], lines[0]), (supplier, sums[2], lines[2]))
	]
	own, pooled = (np.nan_to_num(s) for s in scatter)
	degrees = np.maximum(lines[2] - 1, 0)
	assumed = np.log1p(ASSUMED_SPREAD**2)
	everywhere = (pooled.sum() + SPREAD_LINES * assumed) / (degrees.sum() + SPREAD_LINES)
	usual = ((pooled + SPREAD_LINES * everywhere) / (degrees + SPREAD_LINES))[index.supplier]
	variance = (own + SPREAD_LINES * usual) / (np.maximum(lines[0] - 1, 0) + SPREAD_LINES)
	return np.sqrt(np.maximum(variance, ROUNDING / np.maximum(mean, 1) ** 2))


def _worth(parts: Parts, index: Index, log: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
	"""How many order lines a wider level's mean is worth, by supplier: the group's for an item, the supplier's for a
	group, the supplier's for an item that is alone in its group.

	Variance within over variance between, from the delivered parts' logarithms: the nested analysis of variance with
	unequal numbers (Searle, Casella, McCulloch 1992, ch. 5).
	"""
	done = ~parts.is_open
	pair, share, y = index.pair[done], parts.share[done], log[done]
	pairs, groups, suppliers = len(index.group), len(index.group_supplier), index.suppliers
	n_pair = sum_by(pair, share, pairs)
	n_group = sum_by(index.group, n_pair, groups)
	n_supplier = sum_by(index.supplier, n_pair, suppliers)
	total = sum_by(pair, share * y, pairs)
	square_item = sum_by(index.supplier, _zero_ratio(total**2, n_pair), suppliers)
	total_group = sum_by(index.group, total, groups)
	square_group = sum_by(index.group_supplier, _zero_ratio(total_group**2, n_group), suppliers)
	square_all = _zero_ratio(sum_by(index.supplier, total, suppliers) ** 2, n_supplier)
	items_seen = sum_by(index.supplier, n_pair > 0, suppliers)
	groups_seen = sum_by(index.group_supplier, n_group > 0, suppliers)
	within = sum_by(index.supplier[pair], share * y**2, suppliers) - square_item
	variance = _zero_ratio(within, np.maximum(n_supplier - items_seen, 0))
	known = variance > 1e-9

	in_group = sum_by(index.group, n_pair**2, groups)
	in_group = sum_by(index.group_supplier, _zero_ratio(in_group, n_group), suppliers)
	in_supplier = _zero_ratio(sum_by(index.supplier, n_pair**2, suppliers), n_supplier)
	of_groups = _zero_ratio(sum_by(index.group_supplier, n_group**2, suppliers), n_supplier)
	excess = _zero_ratio(square_item - square_group, variance) - (items_seen - groups_seen)
	item = _pooled(np.where(known, excess, 0.0), np.where(known, n_supplier - in_group, 0.0))
	item = 1 / _lines_worth(item)
	excess = _zero_ratio(square_group - square_all, variance) - (groups_seen - 1)
	excess -= (in_group - in_supplier) * item
	group = _pooled(np.where(known, excess, 0.0), np.where(known, n_supplier - of_groups, 0.0))
	# a group of one item differs from the others as groups do and as items do
	return _lines_worth(item), _lines_worth(group), _lines_worth(group + item)


def _zero_ratio(over, under) -> np.ndarray:
	return np.divide(over, under, out=np.zeros(len(under)), where=under > 0)


def _pooled(evidence: np.ndarray, lines: np.ndarray) -> np.ndarray:
	"""Variance between over variance within, by supplier: leaning on all suppliers', and that on the first guess."""
	everywhere = (evidence.sum() + GUESS_LINES / FIRST_GUESS) / (lines.sum() + GUESS_LINES)
	everywhere = np.clip(everywhere, 1 / MOST_LINES, 1 / LEAST_LINES)
	return (evidence + GUESS_LINES * everywhere) / (lines + GUESS_LINES)


def _lines_worth(ratio: np.ndarray) -> np.ndarray:
	return 1 / np.clip(ratio, 1 / MOST_LINES, 1 / LEAST_LINES)
