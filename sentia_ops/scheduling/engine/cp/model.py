"""The model as a whole: built for a scope, solved, and read back as a schedule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine.cp import constraints
from sentia_ops.scheduling.engine.cp.objective import Aims, levels, whole
from sentia_ops.scheduling.engine.cp.variables import Scope, Variables
from sentia_ops.scheduling.engine.problem import Objective, Problem, Schedule

FAR = 10**8  # minutes, 190 years: above every horizon, and sums of them stay exact


@dataclass
class Limits:
	"""How long, with how many threads. `deterministic`: CP-SAT's own unit of work, the same on every machine."""

	seconds: float = 60.0
	workers: int = 1
	seed: int = 0
	deterministic: float | None = None


@dataclass
class Solved:
	"""What CP-SAT found. `bounds`: of each level; `proven`: all levels are optimal."""

	schedule: Schedule | None
	bounds: list[float]
	proven: bool
	infeasible: bool = False


class Model:
	"""CP-SAT model of the free operations of a scope; the others stay where they are."""

	def __init__(self, problem: Problem, objective: Objective, scope: Scope):
		self.problem, self.objective, self.scope = problem, objective, scope
		self.model = cp_model.CpModel()
		self.variables = Variables(self.model, problem, scope)
		constraints.precedence(self.variables)
		self.aims = Aims(self.variables, constraints.resources(self.variables))
		self.levels = [self._level(level) for level in levels(objective)]
		for variable, value in self.variables.hints.values():
			self.model.add_hint(variable, value)

	def _level(self, level) -> tuple[int, cp_model.LinearExprT]:
		terms = [(weight * w, term) for aim, weight in level for w, term in self.aims.terms(aim)]
		scale, terms = whole(terms)
		return scale, sum(weight * term for weight, term in terms)

	def solve(
		self,
		limits: Limits,
		on_better: Callable[[Schedule], None] | None = None,
		started: Callable[[cp_model.CpSolver], None] | None = None,
		on_bound: Callable[[float], None] | None = None,
	) -> Solved:
		"""Solves level after level, each holding what those before reached. `started` gets the solver, to stop it."""
		best, bounds = None, []
		for n, (scale, expression) in enumerate(self.levels):
			solver = self._solver(limits)
			self.model.clear_objective()
			self.model.minimize(expression)
			if on_bound is not None and n == 0:
				solver.best_bound_callback = lambda bound, scale=scale: on_bound(bound / scale)
			if started is not None:
				started(solver)
			status = solver.solve(self.model, _Reader(self, on_better))
			if status == cp_model.INFEASIBLE:
				return Solved(best, bounds, False, infeasible=True)
			if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
				best = self.read(solver.value)
			bounds.append(solver.best_objective_bound / scale)
			if status != cp_model.OPTIMAL:
				return Solved(best, bounds, False)
			if n + 1 < len(self.levels):
				self.model.add(expression <= round(solver.objective_value))
				self.model.clear_hints()
				for variable in self._all():
					self.model.add_hint(variable, solver.value(variable))
		return Solved(best, bounds, True)

	def _all(self):
		return (self.model.get_int_var_from_proto_index(n) for n in range(len(self.model.proto.variables)))

	def _solver(self, limits: Limits) -> cp_model.CpSolver:
		solver = cp_model.CpSolver()
		solver.parameters.max_time_in_seconds = max(limits.seconds, 0.01)
		solver.parameters.num_workers = limits.workers
		solver.parameters.random_seed = limits.seed
		if limits.deterministic is not None:
			solver.parameters.max_deterministic_time = limits.deterministic
		return solver

	def read(self, value: Callable) -> Schedule:
		"""Schedule of one solution; `value` gives the number of an expression."""
		found = self.scope.schedule.copy()
		for i in np.flatnonzero(self.scope.free):
			at = self.variables.operations[i]
			found.start[i], found.end[i] = value(at.start), value(at.end)
			found.mode[i] = next(m.mode for m in at.modes if m.present is None or value(m.present))
		return found


class _Reader(cp_model.CpSolverSolutionCallback):
	def __init__(self, model: Model, on_better: Callable[[Schedule], None] | None):
		super().__init__()
		self._model, self._on_better = model, on_better

	def on_solution_callback(self) -> None:
		if self._on_better is not None:
			self._on_better(self._model.read(self.value))


def whole_scope(problem: Problem, schedule: Schedule, horizon: int | None = None) -> Scope:
	"""Everything free except what is fixed; `horizon`: latest end, where a better one than the safe one is known."""
	free = np.array([operation.fixed is None for operation in problem.operations], bool)
	return Scope(free, schedule, *bounds(problem, safe_horizon(problem) if horizon is None else horizon))


def safe_horizon(problem: Problem) -> int:
	"""Minute by which everything can have ended, however it is ordered."""
	ends = [int(r.windows[-1, 1]) for r in problem.resources if r.windows is not None and len(r.windows)]
	rest = max((operation.release for operation in problem.operations), default=0)
	rest = max([rest, *(job.release for job in problem.jobs), *(p.start for p in problem.previous.values())])
	setup = max((int(matrix.max(initial=0)) for matrix in problem.setups.values()), default=0)
	for operation in problem.operations:
		rest += max(mode.minutes for mode in operation.modes) + setup
		rest += max((after.min_wait for after in operation.after), default=0)
		if operation.fixed is not None:
			rest = max(rest, operation.fixed.end + rest)
	return min(max([rest, *ends]), FAR)


def bounds(problem: Problem, horizon: int) -> tuple[np.ndarray, np.ndarray]:
	"""Earliest start and latest end of each operation along releases and precedence, calendars left aside."""
	count = len(problem.operations)
	lo, hi = np.zeros(count, np.int64), np.full(count, horizon, np.int64)
	shortest = [min(mode.minutes for mode in operation.modes) for operation in problem.operations]
	order = topological(problem)
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


def topological(problem: Problem) -> list[int]:
	"""Operations, each behind all that it comes after."""
	waiting = [len(operation.after) for operation in problem.operations]
	behind: list[list[int]] = [[] for _ in problem.operations]
	for i, operation in enumerate(problem.operations):
		for after in operation.after:
			behind[after.op].append(i)
	ready = [i for i, count in enumerate(waiting) if not count]
	for i in ready:
		for j in behind[i]:
			waiting[j] -= 1
			if not waiting[j]:
				ready.append(j)
	return ready
