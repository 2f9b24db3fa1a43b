"""The model as a whole: built for a scope, solved, and read back as a schedule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine.cp import constraints
from sentia_ops.scheduling.engine.cp.facts import Facts
from sentia_ops.scheduling.engine.cp.objective import Aims, levels, whole
from sentia_ops.scheduling.engine.cp.variables import Scope, Variables
from sentia_ops.scheduling.engine.problem import Objective, Schedule


@dataclass
class Limits:
	"""How long, with how many threads. `deterministic`: CP-SAT's own unit of work, the same on every machine."""

	seconds: float = 60.0
	workers: int = 1
	seed: int = 0
	deterministic: float | None = None


@dataclass
class Solved:
	"""What CP-SAT found. `bounds`: of each level; `proven`: all levels are optimal.

	`value`: of the first level, what no decision of the model can change left out, as it is in `bounds`.
	"""

	schedule: Schedule | None
	bounds: list[float]
	proven: bool
	infeasible: bool = False
	value: float = 0.0


class Model:
	"""CP-SAT model of the free operations of a scope; the others stay where they are."""

	def __init__(self, facts: Facts, objective: Objective, scope: Scope):
		self.scope = scope
		self.model = cp_model.CpModel()
		self.variables = Variables(self.model, facts, scope)
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
		best, bounds, first = None, [], 0.0
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
				first = first if n else solver.objective_value / scale
			bounds.append(solver.best_objective_bound / scale)
			if status != cp_model.OPTIMAL:
				return Solved(best, bounds, False, value=first)
			if n + 1 < len(self.levels):
				self.model.add(expression <= round(solver.objective_value))
				self.model.clear_hints()
				for variable in self._all():
					self.model.add_hint(variable, solver.value(variable))
		return Solved(best, bounds, True, value=first)

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
		for i, at in self.variables.operations.items():
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


def whole_scope(facts: Facts, schedule: Schedule) -> Scope:
	"""Everything free except what is fixed."""
	return Scope(facts.movable, schedule, facts.safe_lo, facts.safe_hi)
