"""Forecasts of items and of their sums made to agree, and how uncertain the sums are.

Sums are always those of the single series, to the last unit. What forecasts made of the sums themselves know better can be
brought down to the series first: by weighted least squares with the variances of both (MinT with a diagonal matrix,
Wickramasuriya, Athanasopoulos and Hyndman 2019), but only where the same had helped on weeks held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_GAIN = (
	0.03  # by which sums must become better on weeks held out: four windows that say 1 or 2 % say nothing
)
Z80, Z95 = 1.281552, 1.959964


def weekly(daily: np.ndarray) -> np.ndarray:
	"""Sums of seven days along the last axis; the last week may have fewer."""
	return np.add.reduceat(daily, np.arange(0, daily.shape[-1], 7), axis=-1)


@dataclass(frozen=True)
class Hierarchy:
	"""Which series make up which sums.

	Attributes:
	    nodes: (level, name) of each sum.
	    members: 1 where a series is part of a sum, scipy sparse matrix (nodes, series).
	"""

	nodes: tuple[tuple[str, str], ...]
	members: object

	def sums(self, values: np.ndarray) -> np.ndarray:
		"""Values of the series, shape (series, ...), summed up to the nodes, shape (nodes, ...)."""
		return (self.members @ values.reshape(len(values), -1)).reshape(len(self.nodes), *values.shape[1:])

	def only(self, wanted: Sequence[int]) -> Hierarchy:
		return Hierarchy(tuple(self.nodes[i] for i in wanted), self.members[list(wanted)])


def hierarchy(labels: dict[str, Sequence[str]]) -> Hierarchy:
	"""The tree of series that are each part of one node on every level.

	Args:
	    labels: level -> name of the node that each series belongs to.
	"""
	from scipy.sparse import csr_matrix

	place: dict[tuple[str, str], int] = {}
	row, column = [], []
	for level, names in labels.items():
		for series, name in enumerate(names):
			row.append(place.setdefault((level, name), len(place)))
			column.append(series)
	count = len(next(iter(labels.values())))
	return Hierarchy(tuple(place), csr_matrix((np.ones(len(row)), (row, column)), shape=(len(place), count)))


def reconciled(
	bottom: np.ndarray,
	sums: np.ndarray,
	tree: Hierarchy,
	bottom_variance: np.ndarray,
	sum_variance: np.ndarray,
) -> np.ndarray:
	"""Forecasts of the series after those of the sums have had their say; never negative, shape as `bottom`.

	With A the members and W the variances: b + Wb A' (A Wb A' + Wa)^-1 (a - A b), which is the closed form
	(S' W^-1 S)^-1 S' W^-1 y of the paper, solved in the size of the sums rather than of the series.

	Args:
	    bottom: shape (series, weeks); a series of which nothing is expected stays so.
	    sums: forecasts made of the sums themselves, shape (nodes, weeks).
	    bottom_variance, sum_variance: of the errors of both, shapes (series,) and (nodes,).
	"""
	spread = np.where(bottom.any(axis=1), bottom_variance, 0.0)
	weighted = tree.members.multiply(spread).T.tocsr()
	inner = (tree.members @ weighted).toarray() + np.diag(np.maximum(sum_variance, 1e-12))
	return np.maximum(bottom + weighted @ np.linalg.solve(inner, sums - tree.sums(bottom)), 0.0)


@dataclass(frozen=True)
class Trial:
	"""What reconciling would have done on windows held out.

	Attributes:
	    bottom, sums: change of the absolute weekly errors of the series, and of the sums; -0.1: a tenth smaller.
	    better: windows in which those of the sums became smaller.
	"""

	windows: int
	bottom: float
	sums: float
	better: int

	@property
	def helps(self) -> bool:
		"""In every window, since few windows agree by chance, and not at the cost of the series."""
		return self.better == self.windows > 2 and self.sums <= -LEAST_GAIN and self.bottom <= 0

	@property
	def words(self) -> str:
		return (
			f"on {self.windows} windows held out, reconciling changes the errors of sums by {self.sums:+.1%} "
			f"and those of the series by {self.bottom:+.1%}"
		)


def trial(bottom: np.ndarray, sums: np.ndarray, actual: np.ndarray, tree: Hierarchy) -> Trial:
	"""Reconcile every window with the variances seen in the others.

	Args:
	    bottom, actual: shape (windows, series, weeks).
	    sums: forecasts of the sums, shape (windows, nodes, weeks).
	"""
	windows = len(bottom)
	truth = np.array([tree.sums(a) for a in actual])
	errors = np.zeros((2, 2, windows))  # series, sums; without, with
	for k in range(windows if windows > 1 else 0):
		others = np.arange(windows) != k
		moved = reconciled(
			bottom[k],
			sums[k],
			tree,
			((bottom - actual)[others] ** 2).mean(axis=(0, 2)),
			((sums - truth)[others] ** 2).mean(axis=(0, 2)),
		)
		for row, path in enumerate((bottom[k], moved)):
			errors[0, row, k] = np.abs(path - actual[k]).sum()
			errors[1, row, k] = np.abs(tree.sums(path) - truth[k]).sum()
	without, with_ = errors.sum(axis=2).T
	change = np.divide(with_, without, out=np.ones(2), where=without > 0) - 1
	better = int((errors[1, 1] < errors[1, 0]).sum())
	return Trial(windows, float(change[0]), float(change[1]), better)


def correlations(errors: np.ndarray, tree: Hierarchy) -> np.ndarray:
	"""How far errors of the members of each sum go together: their mean correlation, shape (nodes,).

	Measured within each level as one figure, since a single sum has few weeks: (E[sum^2] - sum of E[e^2]) over
	((sum of s)^2 - sum of s^2), and at least 0, with s the root mean squared errors.

	Args:
	    errors: of the series, by week, shape (series, weeks); 0 where not known.
	"""
	squares = (errors**2).mean(axis=1)
	own = tree.sums(squares)
	shared = (tree.sums(errors) ** 2).mean(axis=1) - own
	possible = tree.sums(np.sqrt(squares)) ** 2 - own
	found = np.zeros(len(tree.nodes))
	levels = np.array([level for level, _ in tree.nodes])
	for level in set(levels.tolist()):
		at = levels == level
		found[at] = (
			np.clip(shared[at].sum() / possible[at].sum(), 0.0, 1.0) if possible[at].sum() > 0 else 0.0
		)
	return found


def sum_bounds(qty: np.ndarray, spread: np.ndarray, correlation: np.ndarray, tree: Hierarchy) -> np.ndarray:
	"""lo95, lo80, hi80, hi95 of the sums, shape (4, nodes, weeks); normal, since errors of many series add up.

	Args:
	    qty: of the sums, shape (nodes, weeks).
	    spread: standard deviation of the error of each series, by week, shape (series, weeks).
	"""
	own = tree.sums(spread**2)
	variance = own + correlation[:, None] * (tree.sums(spread) ** 2 - own)
	reach = np.sqrt(np.maximum(variance, 0.0))
	return np.stack([np.maximum(qty + z * reach, 0.0) for z in (-Z95, -Z80, Z80, Z95)])
