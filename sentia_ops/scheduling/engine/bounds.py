"""What no schedule can beat, worked out in a moment for problems of any size: for where CP-SAT proves nothing in time.

Each relaxation forgets something, so that what remains is easy and never dearer: all workstations that alternatives
join become one of their common speed, work on it may be interrupted, setups are free. Shortest remaining time first
then makes the k-th completion as early as any schedule can (Schrage 1968), and the cheapest assignment of jobs to those
completions is below the weighted tardiness of all schedules (after Chu, Naval Research Logistics 39, 1992).
"""

from __future__ import annotations

import heapq

import numpy as np

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.arrays import topological
from sentia_ops.scheduling.engine.problem import MOVED_STATION, Objective, Problem

ROUNDING = 1e-9


def lower_bound(problem: Problem, objective: Objective) -> float:
	"""A value of the objective (of its first aim, where ordered) that no schedule is below."""
	facts = _Relaxed(problem)
	if objective.ordered:
		return facts.least(objective.aims[0][0]) * (1 - ROUNDING)
	total = sum(weight * facts.least(aim) for aim, weight in objective.aims if weight > 0)
	return total * (1 - ROUNDING)


class _Relaxed:
	"""Earliest starts and ends of all operations, and what is left behind them, as if each had the stations for itself."""

	def __init__(self, problem: Problem):
		self.problem = problem
		self.order = topological(problem)
		self.start, self.end = self._forward()
		self.tail = self._tails()
		count = len(problem.jobs)
		self.job_end = np.zeros(count, np.int64)
		for o, operation in enumerate(problem.operations):
			self.job_end[operation.job] = max(self.job_end[operation.job], self.end[o])

	def least(self, aim: str) -> float:
		return float(getattr(self, f"_{aim}")())

	def _forward(self) -> tuple[np.ndarray, np.ndarray]:
		problem, known = self.problem, {}
		start, end = (np.zeros(len(problem.operations), np.int64) for _ in range(2))
		for o in self.order:
			operation = problem.operations[o]
			if operation.fixed is not None:
				start[o], end[o] = operation.fixed.start, operation.fixed.end
				continue
			at = max(operation.release, problem.jobs[operation.job].release)
			at = max([at, *(int(end[link.op]) + link.min_wait for link in operation.after)])
			fits = [self._fit(mode, at, operation.splittable, known) for mode in operation.modes]
			start[o], end[o] = min(a for a, _b in fits), min(b for _a, b in fits)
		return start, end

	def _fit(self, mode, at: int, splittable: bool, known: dict) -> tuple[int, int]:
		if mode.minutes == 0:
			return at, at
		held = (mode.resource, *(r for r, _units in mode.needs))
		if held not in known:
			known[held] = None
			for r in held:
				known[held] = calendars.intersect(known[held], self.problem.resources[r].windows)
		if known[held] is None:
			return at, at + mode.minutes
		return calendars.finish(known[held], at, mode.minutes, splittable) or (at, at + mode.minutes)

	def _tails(self) -> np.ndarray:
		"""Minutes of its job from each operation's end to the job's, at the least."""
		tail = np.zeros(len(self.problem.operations), np.int64)
		for o in reversed(self.order):
			operation = self.problem.operations[o]
			if operation.fixed is not None:
				continue
			least = min(mode.minutes for mode in operation.modes)
			for link in operation.after:
				if self.problem.operations[link.op].job == operation.job:
					tail[link.op] = max(tail[link.op], link.min_wait + least + tail[o])
		return tail

	def _groups(self) -> list[tuple[set[int], list[int]]]:
		"""Stations that alternatives join, with the operations that have to be done there."""
		parent = list(range(len(self.problem.resources)))

		def root(r: int) -> int:
			while parent[r] != r:
				r = parent[r]
			return r

		moving = [o for o, each in enumerate(self.problem.operations) if each.fixed is None]
		for o in moving:
			first, *others = (root(mode.resource) for mode in self.problem.operations[o].modes)
			for other in others:
				parent[root(other)] = root(first)
		members: dict[int, list[int]] = {}
		for o in moving:
			members.setdefault(root(self.problem.operations[o].modes[0].resource), []).append(o)
		return [
			({r for r in range(len(parent)) if root(r) == at}, operations)
			for at, operations in members.items()
		]

	def _items(self, operations: list[int]) -> dict[int, tuple[int, int, int]]:
		"""Job -> (earliest start here, unit minutes in all here, minutes of the job after all that)."""
		found: dict[int, tuple[int, int, int]] = {}
		for o in operations:
			each = self.problem.operations[o]
			work = min(mode.minutes * mode.units for mode in each.modes)
			start, before, tail = found.get(each.job, (1 << 60, 0, 1 << 60))
			found[each.job] = (min(start, int(self.start[o])), before + work, min(tail, int(self.tail[o])))
		return found

	def _makespan(self) -> float:
		bound = int((self.end + self.tail).max(initial=0))
		for stations, operations in self._groups():
			items = self._items(operations)
			speed = _Speed(self.problem, stations)
			first = min(start for start, _work, _tail in items.values())
			work = sum(work for _start, work, _tail in items.values())
			done = speed.clock(speed.at(first) + work)
			bound = max(bound, int(done) + min(tail for _start, _work, tail in items.values()))
		return bound

	def _tardiness(self) -> float:
		jobs = self.problem.jobs
		alone = {
			j: job.weight * max(0, int(self.job_end[j]) - job.due)
			for j, job in enumerate(jobs)
			if job.due is not None
		}
		total = sum(alone.values())
		return max([total, *(self._queue(*group, alone, total) for group in self._groups())])

	def _queue(
		self, stations: set[int], operations: list[int], alone: dict[int, float], total: float
	) -> float:
		"""Weighted tardiness at the least, if the jobs had to queue for these stations only."""
		from scipy.optimize import linear_sum_assignment

		items = self._items(operations)
		speed = _Speed(self.problem, stations)
		done = [
			speed.clock(at)
			for at in _completions([(speed.at(start), work) for start, work, _tail in items.values()])
		]
		cost = np.zeros((len(items), len(items)))
		for row, (j, (_start, _work, tail)) in enumerate(items.items()):
			job = self.problem.jobs[j]
			if job.due is not None:
				late = np.maximum(np.array(done) + tail, self.job_end[j]) - job.due
				cost[row] = job.weight * np.maximum(late, 0)
		rows, columns = linear_sum_assignment(cost)
		return float(cost[rows, columns].sum()) + total - sum(alone.get(j, 0.0) for j in items)

	def _setup(self) -> float:
		return 0.0

	def _wip(self) -> float:
		"""Jobs of which nothing is fixed take their longest chain at the least."""
		longest: dict[int, int] = {}
		for o, each in enumerate(self.problem.operations):
			own = min(mode.minutes for mode in each.modes) if each.fixed is None else 0
			longest[each.job] = max(longest.get(each.job, 0), own + int(self.tail[o]))
		return sum(longest.values())

	def _stability(self) -> float:
		total = 0
		for o, before in self.problem.previous.items():
			each = self.problem.operations[o]
			modes = each.modes if each.fixed is None else (each.modes[each.fixed.mode],)
			total += max(0, int(self.start[o]) - before.start)
			total += MOVED_STATION * all(mode.resource != before.resource for mode in modes)
		return total


class _Speed:
	"""Unit minutes that several stations can do together since minute 0."""

	def __init__(self, problem: Problem, stations: set[int]):
		spans = []
		for r in stations:
			resource = problem.resources[r]
			windows = np.array([[0, 1 << 40]]) if resource.windows is None else resource.windows
			spans += [(int(a), resource.capacity) for a in windows[:, 0]]
			spans += [(int(b), -resource.capacity) for b in windows[:, 1]]
		changes = sorted(spans)
		self.minutes = np.array([at for at, _change in changes], float)
		self.speed = np.cumsum([change for _at, change in changes])
		self.done = np.concatenate([[0.0], np.cumsum(np.diff(self.minutes) * self.speed[:-1])])

	def at(self, minute: float) -> float:
		return float(np.interp(minute, self.minutes, self.done))

	def clock(self, work: float) -> float:
		"""The first minute by which so much can be done; what is beyond the calendars ends with them."""
		k = int(np.searchsorted(self.done, work - 1e-6, side="left"))
		if k == 0 or k >= len(self.done):
			return float(self.minutes[min(k, len(self.done) - 1)])
		return float(np.ceil(self.minutes[k - 1] + (work - self.done[k - 1]) / self.speed[k - 1] - 1e-6))


def _completions(items: list[tuple[float, float]]) -> list[float]:
	"""Ends of (release, work) on one machine, shortest remaining work first; sorted."""
	waiting: list[float] = []
	ends: list[float] = []
	now, coming = 0.0, sorted(items)
	k = 0
	while k < len(coming) or waiting:
		if not waiting:
			now = max(now, coming[k][0])
		while k < len(coming) and coming[k][0] <= now:
			heapq.heappush(waiting, coming[k][1])
			k += 1
		left = heapq.heappop(waiting)
		until = coming[k][0] if k < len(coming) else np.inf
		if now + left <= until:
			now += left
			ends.append(now)
		else:
			heapq.heappush(waiting, left - (until - now))
			now = until
	return ends
