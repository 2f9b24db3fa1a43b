"""A pure shop as arrays, and solutions as schedules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.scheduling.engine.problem import Problem, Schedule
from sentia_ops.scheduling.engine.shop.layout import (
	BEYOND,
	COLUMNS,
	FAMILY,
	FIRST,
	JP,
	JS,
	MP,
	MS,
	ON,
	RELEASE,
	TAKES,
)

MOST_OPERATIONS = 3000  # a searcher remembers pairs of operations: 36 MB at 3,000
MOST_MINUTES = 2**29  # sums of all minutes and setups have to fit in 32 bits


def fits(problem: Problem) -> bool:
	"""Whether this is a shop that `search` knows, if only the makespan counts.

	That is: jobs are chains without waits; machines are always open and take one operation at a time; nothing is
	batched, fixed, or held beside the machine. Alternatives, releases and setups by family are allowed.
	"""
	operations = problem.operations
	if not 0 < len(operations) <= MOST_OPERATIONS:
		return False
	if any(r.windows is not None or r.batch for r in problem.resources):
		return False
	return (
		_are_chains(problem)
		and all(op.fixed is None and _are_plain(problem, op.modes) for op in operations)
		and _longest(problem) < MOST_MINUTES
	)


def _are_plain(problem: Problem, modes) -> bool:
	"""One unit of a machine of one unit and nothing else; no minutes and setups do not mix: who follows whom then?"""
	return all(
		mode.units == 1
		and not mode.needs
		and problem.resources[mode.resource].capacity == 1
		and (mode.minutes > 0 or not problem.setups)
		for mode in modes
	)


def _are_chains(problem: Problem) -> bool:
	followed = set()
	for op in problem.operations:
		if len(op.after) > 1 or any(a.min_wait or a.max_wait is not None for a in op.after):
			return False
		for after in op.after:
			if after.op in followed:
				return False
			followed.add(after.op)
	return True


def _longest(problem: Problem) -> int:
	setup = max((int(np.max(matrix, initial=0)) for matrix in problem.setups.values()), default=0)
	release = max(op.release for op in problem.operations) + max(job.release for job in problem.jobs)
	return release + sum(max(mode.minutes for mode in op.modes) + setup for op in problem.operations)


@dataclass(frozen=True)
class Shop:
	"""A shop as the kernels of graph.py want it; searchers copy what they write to.

	Attributes:
	    n: operations; table (n + 1 + machines, COLUMNS), alts (alternatives, 3) and setups as in graph.py.
	"""

	n: int
	machines: int
	table: np.ndarray
	alts: np.ndarray
	setups: np.ndarray

	def column(self, name: int) -> np.ndarray:
		return self.table[: self.n, name]


def arrays(problem: Problem) -> Shop:
	"""The arrays of a problem that fits."""
	operations, n = problem.operations, len(problem.operations)
	table = np.zeros((n + 1 + len(problem.resources), COLUMNS), np.int32)
	table[:, (MP, MS, JP, JS)] = n
	for i, op in enumerate(operations):
		for after in op.after:
			table[i, JP], table[after.op, JS] = after.op, i
	table[:n, RELEASE] = [max(op.release, problem.jobs[op.job].release, 0) for op in operations]
	beyond = np.cumsum([len(op.modes) for op in operations])
	table[1:n, FIRST], table[:n, BEYOND] = beyond[:-1], beyond
	alts = np.zeros((beyond[-1], 3), np.int32)
	alts[:, ON] = [mode.resource for op in operations for mode in op.modes]
	alts[:, TAKES] = [mode.minutes for op in operations for mode in op.modes]
	if not problem.setups:
		return Shop(n, len(problem.resources), table, alts, np.zeros((1, 1, 1), np.int32))
	setups = _setups(problem)
	before_first = setups.shape[1] - 1
	neutral = before_first - 1
	table[:n, FAMILY] = [neutral if op.family is None else op.family for op in operations]
	table[n:, FAMILY] = before_first
	return Shop(n, len(problem.resources), table, alts, setups)


def _setups(problem: Problem) -> np.ndarray:
	"""Matrices of all machines, with two more families: a neutral one, and the row of what the first one needs."""
	size = max(len(matrix) for matrix in problem.setups.values()) + 2
	setups = np.zeros((len(problem.resources), size, size), np.int32)
	for machine, matrix in problem.setups.items():
		setups[machine, : len(matrix), : len(matrix)] = matrix
		stands = problem.resources[machine].initial_family
		if stands is not None:
			setups[machine, -1] = setups[machine, stands]
	return setups


def schedule_of(shop: Shop, order: np.ndarray, alt: np.ndarray) -> Schedule:
	"""Every operation as early as the order lets it; order and alternatives (n,)."""
	start, end = np.zeros(shop.n, np.int64), np.zeros(shop.n + 1, np.int64)
	last = np.full(shop.machines, shop.n)
	setups = shop.setups if shop.setups.size > 1 else None
	for v in order:
		machine, minutes = shop.alts[alt[v], ON], shop.alts[alt[v], TAKES]
		before = last[machine]
		ready = end[before]
		if setups is not None:
			ready += setups[machine, shop.table[before, FAMILY], shop.table[v, FAMILY]]
		start[v] = max(shop.table[v, RELEASE], end[shop.table[v, JP]], ready)
		end[v] = start[v] + minutes
		last[machine] = v
	return Schedule(start, end[: shop.n], (alt - shop.column(FIRST)).astype(np.int64))


def solution_of(shop: Shop, schedule: Schedule) -> tuple[np.ndarray, np.ndarray]:
	"""Topological order and alternatives (n,) of a schedule of the shop."""
	depth = np.zeros(
		shop.n + 1, np.int64
	)  # operations without minutes start with the next: the chain decides
	for v in np.flatnonzero(shop.column(JP) == shop.n):
		while v != shop.n:
			before = shop.table[v, JP]
			depth[v] = depth[before] + 1 if before != shop.n else 1
			v = shop.table[v, JS]
	order = np.lexsort((depth[: shop.n], schedule.end, schedule.start))
	return order.astype(np.int32), (shop.column(FIRST) + schedule.mode).astype(np.int32)
