"""The aims as linear expressions, and their weights as whole numbers."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine.cp.variables import Variables
from sentia_ops.scheduling.engine.problem import MOVED_STATION, Objective

FINEST = (
	10_000  # weights are told apart to this part of 1; a finer one is rounded down, so that bounds stay valid
)


class Aims:
	"""Expressions of the aims that an objective asks for, over one set of variables."""

	def __init__(self, v: Variables, setups: list[tuple[cp_model.IntVar, int]]):
		self.v, self.setups = v, setups
		self.first, self.last = v.facts.first, v.facts.last
		self.jobs = sorted({int(j) for j in v.facts.job[v.free]})  # those of which something moves

	def terms(self, aim: str) -> list[tuple[float, cp_model.LinearExprT]]:
		"""(weight, expression) whose sum is the aim, up to what no decision here can change."""
		return getattr(self, f"_{aim}")()

	def _ends(self, i: int) -> int:
		return int(self.v.scope.hi[i]) if self.v.is_free(i) else self.v.end(i)

	def _tardiness(self) -> list:
		found, model, now = [], self.v.model, self.v.scope.schedule
		for j in self.jobs:
			job, last = self.v.problem.jobs[j], self.last[j]
			moving = [i for i in last if self.v.is_free(i)]
			if job.due is None or not moving:
				continue
			sure = max((self._ends(i) - job.due for i in last if not self.v.is_free(i)), default=0)
			most = max(self._ends(i) for i in moving) - job.due
			if most <= max(sure, 0):
				continue
			late = model.new_int_var(max(sure, 0), most, "")
			for i in moving:
				model.add(late >= self.v.end(i) - job.due)
			self.v.hint(late, max(0, *(int(now.end[i]) - job.due for i in last)))
			found.append((job.weight, late))
		return found + [self._target(*target) for target in self.v.scope.targets]

	def _target(self, i: int, weight: float, due: int) -> tuple[float, cp_model.LinearExprT]:
		late = self.v.model.new_int_var(0, max(0, self._ends(i) - due), "")
		self.v.model.add(late >= self.v.end(i) - due)
		self.v.hint(late, max(0, int(self.v.scope.schedule.end[i]) - due))
		return weight, late

	def _makespan(self) -> list:
		last = [i for several in self.last.values() for i in several]
		sure = max((self._ends(i) for i in last if not self.v.is_free(i)), default=0)
		moving = [i for i in last if self.v.is_free(i)]
		if not moving:
			return []
		makespan = self.v.model.new_int_var(sure, max(sure, *map(self._ends, moving)), "")
		for i in moving:
			self.v.model.add(makespan >= self.v.end(i))
		self.v.hint(makespan, max(int(self.v.scope.schedule.end[i]) for i in last))
		return [(1.0, makespan)]

	def _setup(self) -> list:
		return [(float(minutes), literal) for literal, minutes in self.setups]

	def _wip(self) -> list:
		found, model, now = [], self.v.model, self.v.scope.schedule
		for j in self.jobs:
			members = self.first[j] + self.last[j]
			if not any(map(self.v.is_free, members)):
				continue
			lo, hi = min(map(self._starts, members)), max(map(self._ends, members))
			start, end = model.new_int_var(lo, hi, ""), model.new_int_var(lo, hi, "")
			for i in self.first[j]:
				model.add(start <= self.v.start(i))
			for i in self.last[j]:
				model.add(end >= self.v.end(i))
			self.v.hint(start, min(int(now.start[i]) for i in self.first[j]))
			self.v.hint(end, max(int(now.end[i]) for i in self.last[j]))
			found.append((1.0, end - start))
		return found

	def _starts(self, i: int) -> int:
		return int(self.v.scope.lo[i]) if self.v.is_free(i) else self.v.start(i)

	def _stability(self) -> list:
		found, model, now = [], self.v.model, self.v.scope.schedule
		for i, before in self.v.problem.previous.items():
			if not self.v.is_free(i):
				continue
			start, modes = self.v.operations[i].start, self.v.operations[i].modes
			lo, hi = self._starts(i) - before.start, self._ends(i) - before.start
			away = model.new_int_var(0, max(abs(lo), abs(hi)), "")
			model.add(away >= start - before.start)
			model.add(away >= before.start - start)
			self.v.hint(away, abs(int(now.start[i]) - before.start))
			found.append((1.0, away))
			if len(modes) > 1:
				options = self.v.problem.operations[i].modes
				found += [
					(float(MOVED_STATION), mode.present)
					for mode in modes
					if options[mode.mode].resource != before.resource
				]
		return found


def whole(
	terms: list[tuple[float, cp_model.LinearExprT]],
) -> tuple[int, list[tuple[int, cp_model.LinearExprT]]]:
	"""(scale, terms with whole weights): the sum is scale times that of the given terms, or slightly below."""
	weights = [Fraction(w).limit_denominator(FINEST) for w, _term in terms]
	exact = all(abs(float(f) - w) < 1e-12 for f, (w, _term) in zip(weights, terms, strict=True))
	scale = lcm(*(f.denominator for f in weights)) if exact and weights else 1
	if not exact or scale > FINEST:
		scale = FINEST
		return scale, [(int(w * scale), term) for w, term in terms]
	return scale, [(int(f * scale), term) for f, (_w, term) in zip(weights, terms, strict=True)]


def levels(objective: Objective) -> list[tuple[tuple[str, float], ...]]:
	"""What is minimised in turn: one weighted sum, or one aim after the other."""
	if objective.ordered:
		return [((aim, 1.0),) for aim, _weight in objective.aims]
	return [tuple((aim, weight) for aim, weight in objective.aims if weight > 0)]
