"""Local search for any problem: weighted tardiness with calendars, setups, alternatives, people and waits."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from sentia_ops.scheduling.engine import arrays, forms
from sentia_ops.scheduling.engine.aims import better
from sentia_ops.scheduling.engine.decode import Infeasible, fixed, mode_rows, order_of
from sentia_ops.scheduling.engine.problem import OBJECTIVES, Objective, Problem, Schedule

HOT, COLD = 1e-4, 1e-5  # temperature at the start and at the end, as a share of the best value
CHUNK = 0.15  # seconds between two looks at the clock
FIRST_ROUNDS = 20
EXCHANGE = 0.05  # of the time, between two looks at what others have found


def improve(
	problem: Problem,
	schedule: Schedule,
	objective: Objective | None = None,
	seconds: float = 10.0,
	seed: int = 0,
	on_better: Callable[[Schedule, float], None] | None = None,
	stop: Callable[[], bool] | None = None,
	rounds: int | None = None,
	others: Callable[[], Schedule | None] | None = None,
) -> Schedule:
	"""The best schedule found from `schedule` on by simulated annealing; never a worse one.

	Runs in one thread and leaves the interpreter free for others.

	Args:
	    seconds: of the clock.
	    on_better: called with each better schedule and its value, between chunks of moves.
	    stop: asked between chunks whether to end early.
	    rounds: so many moves at the most, whatever the clock says: the same answer on any machine.
	    others: asked now and then for the best schedule of searches beside this one, which goes on from it if it is
	        better than its own.
	"""
	if not len(problem.operations):
		return schedule
	return _Search(problem, schedule, objective or Objective(), seed).run(
		seconds, on_better, stop, rounds, others
	)


class _Search:
	def __init__(self, problem: Problem, schedule: Schedule, objective: Objective, seed: int) -> None:
		self.problem, self.objective, self.seed, self.best = problem, objective, seed, schedule
		self.data = arrays.pack(problem)
		self.run_ = forms.form(compiled=True).run
		self.weight = _weights(objective)
		self.previous = np.full(2 * len(problem.operations), -1, dtype=np.int64)
		for o, before in problem.previous.items():
			self.previous[2 * o : 2 * o + 2] = before.resource, before.start
		self.tail = _tails(problem)
		self.members, self.bounds = _members(problem)
		self.free = np.array([operation.fixed is None for operation in problem.operations])
		tied = any(len(chain) > 1 for chain in arrays.chains(problem))
		self.whole = tied or int(self.data[arrays.FIRST]) > 0
		self.begun = arrays.fresh(self.data)
		self.run_.begin(
			self.data, self.begun, mode_rows(self.data, schedule.mode), *fixed(problem, self.data)
		)

	def start(self, schedule: Schedule):
		"""(state, order, modes) of a schedule, decoded: what search goes on from."""
		order = order_of(self.problem, schedule)
		order = np.ascontiguousarray(order[self.free[order]])
		modes = mode_rows(self.data, schedule.mode)
		state = self.begun.copy()
		if not self.run_.serial(self.data, state, order, modes, 0, len(order)):
			raise Infeasible("the schedule to start from does not decode")
		return state, order, modes

	def run(self, seconds: float, on_better, stop, rounds: int | None, others=None) -> Schedule:
		begin = time.monotonic()
		try:
			state, order, modes = self.start(self.best)
		except Infeasible:
			return self.best
		best_state = state.copy()
		best = self._value(state)
		done, size, share, asked = 0, FIRST_ROUNDS, 0.0, begin
		while share < 1.0 and (stop is None or not stop()):
			size = size if rounds is None else min(size, rounds - done)
			heat = best * HOT * (COLD / HOT) ** share
			tick = time.monotonic()
			_value, found, _taken = self.run_.climb(
				self.data, state, self.begun, self.whole, order, modes, self.tail, self.weight, self.previous,
				self.members, self.bounds, heat, size, self.seed + done, best_state, best,
			)  # fmt: skip
			spent = time.monotonic() - tick
			done += size
			if found < best:
				best = found
				self._keep(best_state, best, on_better)
			if others is not None and time.monotonic() - asked > EXCHANGE * seconds:
				asked = time.monotonic()
				best = self._join(others(), state, order, modes, best_state, best)
			if rounds is None:
				share = (time.monotonic() - begin) / seconds
				size = int(np.clip(size * CHUNK / max(spent, 1e-6), size // 4 + 1, size * 4))
			else:
				size, share = 200, done / rounds
		self.value, self.rounds = best, done
		return self.best

	def _join(self, other: Schedule | None, state, order, modes, best_state, best: float) -> float:
		"""Goes on from another search's schedule where it is better; answers the value of the best."""
		if other is None or not better(self.problem, self.objective, other, self.best):
			return best
		try:
			fresh = self.start(other)
		except Infeasible:
			return best
		value = self._value(fresh[0])
		if value >= best:
			return best
		state[:], order[:], modes[:], best_state[:] = *fresh, fresh[0]
		self.best = arrays.schedule_of(self.data, state)
		return value

	def _value(self, state) -> float:
		jobs = len(self.problem.jobs)
		ends = np.zeros((2, jobs), dtype=np.int64)
		return float(self.run_.worth(self.data, state, self.weight, self.previous, ends[0], ends[1]))

	def _keep(self, state, value: float, on_better) -> None:
		found = arrays.schedule_of(self.data, state)
		if better(self.problem, self.objective, found, self.best):
			self.best = found
			if on_better:
				on_better(found, value)


def _weights(objective: Objective) -> np.ndarray:
	"""Weight of each aim of OBJECTIVES; where they are ordered, each far above the next."""
	weight = np.zeros(len(OBJECTIVES))
	for place, (aim, given) in enumerate(objective.aims):
		weight[OBJECTIVES.index(aim)] = 10.0 ** (-4 * place) if objective.ordered else given
	return weight


def _tails(problem: Problem) -> np.ndarray:
	"""Minutes that a job still takes after each operation at the least."""
	tail = np.zeros(len(problem.operations), dtype=np.int64)
	for o in reversed(arrays.topological(problem)):
		operation = problem.operations[o]
		if operation.fixed is not None:
			continue
		least = min(mode.minutes for mode in operation.modes)
		for link in operation.after:
			if problem.operations[link.op].job == operation.job:
				tail[link.op] = max(tail[link.op], link.min_wait + least + tail[o])
	return tail


def _members(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
	"""Operations of each job in an order that keeps precedence, and where each job's begin."""
	rank = np.empty(len(problem.operations), dtype=np.int64)
	rank[arrays.topological(problem)] = np.arange(len(rank))
	job = np.array([operation.job for operation in problem.operations], dtype=np.int64)
	members = np.lexsort((rank, job))
	return members, np.searchsorted(job[members], np.arange(len(problem.jobs) + 1))
