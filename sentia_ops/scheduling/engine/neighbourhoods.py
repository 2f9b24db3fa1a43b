"""Large-neighbourhood search: a part of the schedule is set free and solved by CP-SAT, the rest stays where it is.

Shaw (1998); which kind of part comes next is drawn by what the kinds have brought so far, as in adaptive search (Ropke
and Pisinger, 2006), and parts grow while they are solved to the end within their time and shrink where they are not.
"""

from __future__ import annotations

from random import Random

import numpy as np

from sentia_ops.scheduling.engine.aims import spans, tardiness, weights
from sentia_ops.scheduling.engine.cp.model import Limits, Model
from sentia_ops.scheduling.engine.cp.variables import Infeasible, Scope
from sentia_ops.scheduling.engine.problem import Schedule
from sentia_ops.scheduling.engine.race import Race

SMALLEST, FIRST, LARGEST = 8, 40, 400  # free operations
SECONDS = 2.0  # for one part
FORGET = 0.85  # share of a kind's merit that stays after each try


class Neighbourhoods:
	"""One thread of large-neighbourhood search on the best schedule of a race."""

	def __init__(self, race: Race, seed: int):
		self.race, self.problem = race, race.problem
		self.random = Random(seed)
		self.facts = race.facts
		self.movable, self.job = self.facts.movable, self.facts.job
		self.kinds = {
			"late": self._late,
			"window": self._window,
			"station": self._station,
			"jobs": self._jobs,
		}
		self.merit = dict.fromkeys(self.kinds, 1.0)
		self.size = dict.fromkeys(self.kinds, float(FIRST))

	def run(self, rounds: int | None = None) -> None:
		"""Until the race is over, or for so many parts."""
		turn = 0
		while not self.race.over() and self.movable.any() and (rounds is None or turn < rounds):
			kind = self.random.choices(list(self.merit), [m + 0.05 for m in self.merit.values()])[0]
			turn += 1
			now = self.race.best
			free = self._trim(self.kinds[kind](now, int(self.size[kind])))
			gain, solved = self._solve(now, free, turn, kind)
			self.merit[kind] = FORGET * self.merit[kind] + (1 - FORGET) * (1.0 if gain else 0.0)
			self.size[kind] *= 1.1 if solved else 0.85
			self.size[kind] = min(max(self.size[kind], SMALLEST), LARGEST)

	def _solve(self, now: Schedule, free: np.ndarray, seed: int, kind: str) -> tuple[bool, bool]:
		"""(whether a better schedule came of it, whether the part was solved to the end)."""
		race = self.race
		try:
			model = Model(self.facts, race.objective, self._scope(now, free))
		except Infeasible:
			return False, True
		with race.stoppable() as started:
			found = model.solve(Limits(min(SECONDS, race.left()), 1, seed), started=started)
		if found.schedule is None:
			return False, found.infeasible
		better = race.offer(found.schedule, f"part: {kind}")
		return race.left_shift(found.schedule, f"part: {kind}") or better, found.proven

	def _scope(self, now: Schedule, free: np.ndarray) -> Scope:
		"""Free operations between what stays before and behind them in their jobs."""
		last = int(now.end[free].max())
		span = last - int(now.start[free].min())
		lo, hi = self.facts.safe_lo.copy(), np.minimum(self.facts.safe_hi, last + span // 4)
		for i in np.flatnonzero(free).tolist():
			for after in self.problem.operations[i].after:
				if not free[after.op]:
					lo[i] = max(lo[i], now.end[after.op] + after.min_wait)
			for j, after in self.facts.followers[i]:
				if not free[j]:
					hi[i] = min(hi[i], now.start[j] - after.min_wait)
		return Scope(free, now, lo, hi, self._targets(now, free))

	def _targets(self, now: Schedule, free: np.ndarray) -> list[tuple[int, float, int]]:
		"""Where later steps of a job stay for now: they will follow to the left, so that time won here is won at the end."""
		ends: dict[int, int] = {}
		found = []
		for i in np.flatnonzero(free).tolist():
			j = int(self.job[i])
			job = self.problem.jobs[j]
			behind = self.facts.followers[i]
			if job.due is None or not behind or any(free[k] for k, _after in behind):
				continue
			if j not in ends:
				ends[j] = max(int(now.end[k]) for k in self.facts.last[j])
			found.append((i, job.weight, int(now.end[i]) - (ends[j] - job.due)))
		return found

	def _trim(self, free: np.ndarray) -> np.ndarray:
		"""Without what is fixed; something is always free."""
		free = free & self.movable
		if not free.any():
			free[self.random.choice(np.flatnonzero(self.movable).tolist())] = True
		return free

	def _late_jobs(self, now: Schedule) -> np.ndarray:
		_first, last = spans(self.problem, now)
		return weights(self.problem) * tardiness(self.problem, np.where(np.isfinite(last), last, 0))

	def _late(self, now: Schedule, size: int) -> np.ndarray:
		"""A late job, with the jobs that stand in its way on its stations."""
		cost = self._late_jobs(now)
		if cost.sum() <= 0:
			return self._jobs(now, size)
		chosen = {self.random.choices(range(len(cost)), cost.tolist())[0]}
		frontier = list(chosen)
		stations = self._stations(now)
		while frontier and np.isin(self.job, list(chosen)).sum() < size:
			j = frontier.pop(0)
			for i in np.flatnonzero(self.job == j):
				same = np.flatnonzero((stations == stations[i]) & (now.end <= now.start[i]) & self.movable)
				for k in same[np.argsort(now.end[same])][-2:]:
					if int(self.job[k]) not in chosen and self.random.random() < 0.7:
						chosen.add(int(self.job[k]))
						frontier.append(int(self.job[k]))
		return np.isin(self.job, list(chosen))

	def _window(self, now: Schedule, size: int) -> np.ndarray:
		"""All that starts in a span of time."""
		order = np.argsort(now.start, kind="stable")
		at = self.random.randrange(max(1, len(order) - size // 2))
		free = np.zeros(len(order), bool)
		free[order[at : at + size]] = True
		return free

	def _station(self, now: Schedule, size: int) -> np.ndarray:
		"""What stands on a few stations, over a span of time."""
		stations = self._stations(now)
		chosen = self.random.sample(sorted(set(stations.tolist())), min(3, len(set(stations.tolist()))))
		mine = np.flatnonzero(np.isin(stations, chosen))
		mine = mine[np.argsort(now.start[mine], kind="stable")]
		at = self.random.randrange(max(1, len(mine) - size // 2))
		free = np.zeros(len(stations), bool)
		free[mine[at : at + size]] = True
		return free

	def _jobs(self, now: Schedule, size: int) -> np.ndarray:
		"""Jobs that run at about the same time."""
		first, last = spans(self.problem, now)
		j = self.random.randrange(len(first))
		near = np.abs(np.nan_to_num(first + last - first[j] - last[j], posinf=np.inf, nan=np.inf))
		near = near + np.array([self.random.random() for _ in near]) * 2880
		free = np.zeros(len(self.job), bool)
		for k in np.argsort(near):
			free |= self.job == k
			if free.sum() >= size:
				break
		return free

	def _stations(self, now: Schedule) -> np.ndarray:
		return np.array(
			[o.modes[int(m)].resource for o, m in zip(self.problem.operations, now.mode, strict=True)]
		)
