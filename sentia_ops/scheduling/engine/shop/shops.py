"""A pure shop as arrays, and solutions as schedules."""

from __future__ import annotations

import numpy as np

from sentia_ops.scheduling.engine.problem import Problem, Schedule
from sentia_ops.scheduling.engine.shop.graph import Shop

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


def arrays(problem: Problem) -> Shop:
	"""The arrays of a problem that fits."""
	operations, n = problem.operations, len(problem.operations)
	jp, js = np.full(n + 1, n, np.int32), np.full(n + 1, n, np.int32)
	for i, op in enumerate(operations):
		for after in op.after:
			jp[i], js[after.op] = after.op, i
	release = [max(op.release, problem.jobs[op.job].release, 0) for op in operations]
	counts = [len(op.modes) for op in operations]
	modes = [mode for op in operations for mode in op.modes]
	setups, which, initial = _setups(problem)
	neutral = setups.shape[1] - 1
	family = [neutral if op.family is None else op.family for op in operations] if problem.setups else [0] * n
	return Shop(
		jp,
		js,
		np.array([*release, 0], np.int32),
		np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
		np.array([mode.resource for mode in modes], np.int32),
		np.array([mode.minutes for mode in modes], np.int32),
		np.array([*family, neutral], np.int32),
		setups,
		which,
		initial,
		len(problem.resources),
		bool(problem.setups),
		max(counts) > 1,
	)


def _setups(problem: Problem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
	"""Matrices with a last, neutral family without setups; matrix 0 is all zero, for machines that have none."""
	size = max((len(matrix) for matrix in problem.setups.values()), default=0) + 1
	setups = np.zeros((len(problem.setups) + 1, size, size), np.int32)
	which = np.zeros(len(problem.resources), np.int32)
	initial = np.zeros((len(problem.resources), size), np.int32)
	for k, (resource, matrix) in enumerate(problem.setups.items(), start=1):
		which[resource] = k
		setups[k, : len(matrix), : len(matrix)] = matrix
		stands = problem.resources[resource].initial_family
		if stands is not None:
			initial[resource] = setups[k, stands]
	return setups, which, initial


def schedule_of(shop: Shop, order: np.ndarray, alt: np.ndarray) -> Schedule:
	"""Every operation as early as the order lets it."""
	n = len(shop.jp) - 1
	start, end = np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
	last = np.full(shop.machines, n)
	for v in order[:n]:
		machine, before = shop.machine[alt[v]], last[shop.machine[alt[v]]]
		if before == n:
			setup = shop.initial[machine, shop.family[v]]
		else:
			setup = shop.setups[shop.which[machine], shop.family[before], shop.family[v]]
		start[v] = max(shop.release[v], end[shop.jp[v]], end[before] + setup)
		end[v] = start[v] + shop.minutes[alt[v]]
		last[machine] = v
	return Schedule(start, end[:n], (alt[:n] - shop.first[:n]).astype(np.int64))


def solution_of(shop: Shop, schedule: Schedule) -> tuple[np.ndarray, np.ndarray]:
	"""Topological order and alternatives (n + 1,) of a schedule of the shop; the dummy comes last."""
	n = len(shop.jp) - 1
	depth = np.zeros(n + 1, np.int64)  # operations without minutes start with the next: the chain decides
	for v in np.flatnonzero(shop.jp[:n] == n):
		while v != n:
			depth[v] = depth[shop.jp[v]] + 1 if shop.jp[v] != n else 1
			v = shop.js[v]
	order = np.lexsort((depth[:n], schedule.end, schedule.start))
	alt = np.append(shop.first[:n] + schedule.mode, 0)
	return np.append(order, n).astype(np.int32), alt.astype(np.int32)
