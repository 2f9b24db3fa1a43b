"""What every model of one problem needs to know, worked out once: the parts of a search build hundreds of models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.scheduling.engine.arrays import topological
from sentia_ops.scheduling.engine.cp import times
from sentia_ops.scheduling.engine.problem import After, Problem, Schedule

FAR = 10**8  # minutes, 190 years: above every horizon, and sums of them stay exact


@dataclass
class Held:
	"""An operation that does not move and holds a resource; from `start` until `end`."""

	op: int
	units: int
	start: int
	end: int


class Facts:
	"""Calendars, precedence and resources of a problem, indexed as models ask for them."""

	def __init__(self, problem: Problem):
		self.problem = problem
		self.order = topological(problem)
		self.movable = np.array([operation.fixed is None for operation in problem.operations], bool)
		self.job = np.array([operation.job for operation in problem.operations], np.int64)
		self.followers = followers(problem)
		self.first, self.last = ends_of_jobs(problem)
		self.work = {r: times.WorkTime(problem.resources[r].windows) for r in problem.setups}
		self._calendars: dict[tuple[int, ...], np.ndarray | None] = {}
		self._pieces: dict[tuple, dict[int, times.Spans]] = {}
		self._uses = _uses(problem)
		self.safe_lo, self.safe_hi = bounds(problem, self.order, safe_horizon(problem))

	def calendar(self, i: int, m: int) -> np.ndarray | None:
		"""Windows of a mode: when all that it holds is open."""
		mode = self.problem.operations[i].modes[m]
		held = (mode.resource, *(r for r, _units in mode.needs))
		if held not in self._calendars:
			self._calendars[held] = times.calendar(self.problem, mode)
		return self._calendars[held]

	def pieces(self, i: int, m: int, lo: int, hi: int) -> dict[int, times.Spans]:
		"""Pause -> starts at or after `lo` from which the mode ends by `hi`."""
		operation = self.problem.operations[i]
		mode = operation.modes[m]
		held = (mode.resource, *(r for r, _units in mode.needs))
		key = (held, mode.minutes, operation.splittable)
		if key not in self._pieces:
			windows = self.calendar(i, m)
			self._pieces[key] = times.starts(windows, mode.minutes, operation.splittable)
		return times.clipped(self._pieces[key], lo, hi - mode.minutes)

	def held(self, r: int, schedule: Schedule, free: np.ndarray, lo: int, hi: int) -> list[Held]:
		"""Operations that do not move and hold the resource at some time within [lo, hi)."""
		ops, modes, units = self._uses[r]
		there = ~free[ops] & (schedule.mode[ops] == modes) & (schedule.start[ops] < schedule.end[ops])
		there &= (schedule.end[ops] > lo) & (schedule.start[ops] < hi)
		mine = ops[there]
		return [
			Held(*each)
			for each in zip(
				mine.tolist(),
				units[there].tolist(),
				schedule.start[mine].tolist(),
				schedule.end[mine].tolist(),
				strict=True,
			)
		]


def _uses(problem: Problem) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
	"""For each resource: operations, modes and units of all that may hold it."""
	rows: list[list[tuple[int, int, int]]] = [[] for _ in problem.resources]
	for i, operation in enumerate(problem.operations):
		for m, mode in enumerate(operation.modes):
			for r, units in ((mode.resource, mode.units), *mode.needs):
				rows[r].append((i, m, units))
	return [tuple(np.array(each, np.int64).reshape(-1, 3).T) for each in rows]


def followers(problem: Problem) -> list[list[tuple[int, After]]]:
	"""Operations that wait for each one, with the wait; a fixed one waits for nothing."""
	found: list[list[tuple[int, After]]] = [[] for _ in problem.operations]
	for i, operation in enumerate(problem.operations):
		if operation.fixed is None:
			for after in operation.after:
				found[after.op].append((i, after))
	return found


def ends_of_jobs(problem: Problem) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
	"""Operations of each job that can be its first, and that can be its last, to run."""
	behind, ahead = set(), set()
	for i, operation in enumerate(problem.operations):
		if operation.fixed is not None:
			continue
		for after in operation.after:
			if problem.operations[after.op].job == operation.job:
				behind.add(i)
				ahead.add(after.op)
	first: dict[int, list[int]] = {}
	last: dict[int, list[int]] = {}
	for i, operation in enumerate(problem.operations):
		if i not in behind:
			first.setdefault(operation.job, []).append(i)
		if i not in ahead:
			last.setdefault(operation.job, []).append(i)
	return first, last


def safe_horizon(problem: Problem) -> int:
	"""Minute by which everything can have ended, however it is ordered."""
	ends = [int(r.windows[-1, 1]) for r in problem.resources if r.windows is not None and len(r.windows)]
	rest = max((operation.release for operation in problem.operations), default=0)
	rest = max([rest, *(job.release for job in problem.jobs), *(p.start for p in problem.previous.values())])
	rest = max([rest, *(o.fixed.end for o in problem.operations if o.fixed is not None)])
	setup = max((int(matrix.max(initial=0)) for matrix in problem.setups.values()), default=0)
	for operation in problem.operations:
		rest += max(mode.minutes for mode in operation.modes) + setup
		rest += max((after.min_wait for after in operation.after), default=0)
	return min(max([rest, *ends]), FAR)


def bounds(problem: Problem, order: list[int], horizon: int) -> tuple[np.ndarray, np.ndarray]:
	"""Earliest start and latest end of each operation along releases and precedence, calendars left aside."""
	count = len(problem.operations)
	lo, hi = np.zeros(count, np.int64), np.full(count, horizon, np.int64)
	shortest = [min(mode.minutes for mode in operation.modes) for operation in problem.operations]
	for i in order:
		operation = problem.operations[i]
		if operation.fixed is not None:
			lo[i], hi[i] = operation.fixed.start, operation.fixed.end
			continue
		lo[i] = max(operation.release, problem.jobs[operation.job].release)
		for after in operation.after:
			lo[i] = max(lo[i], _end(problem, after.op, lo, shortest) + after.min_wait)
	for i in reversed(order):
		if problem.operations[i].fixed is not None:
			continue
		for after in problem.operations[i].after:
			if problem.operations[after.op].fixed is None:
				hi[after.op] = min(hi[after.op], hi[i] - shortest[i] - after.min_wait)
	return lo, hi


def _end(problem: Problem, i: int, lo: np.ndarray, shortest: list[int]) -> int:
	fixed = problem.operations[i].fixed
	return fixed.end if fixed is not None else int(lo[i]) + shortest[i]
