"""Variables of the model: start, end and mode of every operation that may still move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine.cp import times
from sentia_ops.scheduling.engine.cp.facts import Facts
from sentia_ops.scheduling.engine.problem import Schedule


@dataclass
class Scope:
	"""Which part of a problem a model decides.

	Attributes:
	    free: mask of the operations that may move; the others stay as in `schedule`.
	    schedule: where everything is now; also the hint.
	    lo, hi: earliest start and latest end of the free operations, int64 arrays.
	    targets: (operation, weight, due): what a minute after `due` will cost a job whose later steps do not move here.
	"""

	free: np.ndarray
	schedule: Schedule
	lo: np.ndarray
	hi: np.ndarray
	targets: Sequence[tuple[int, float, int]] = ()


@dataclass
class ModeVars:
	"""One mode of one operation. `present` None: it is the only one, hence always taken."""

	mode: int
	present: cp_model.IntVar | None
	start: cp_model.LinearExprT
	end: cp_model.LinearExprT
	interval: cp_model.IntervalVar | None  # None: takes no time, hence no room
	lo: int
	hi: int  # of the start
	latest_end: int
	own_calendar: bool  # the calendar is that of the workstation alone


@dataclass
class OperationVars:
	"""A free operation."""

	start: cp_model.LinearExprT
	end: cp_model.LinearExprT
	modes: list[ModeVars]


class Infeasible(Exception):
	"""An operation has no start left within its bounds."""


class Variables:
	"""All variables, and the hints that put them where the schedule of the scope is."""

	def __init__(self, model: cp_model.CpModel, facts: Facts, scope: Scope):
		self.model, self.facts, self.problem, self.scope = model, facts, facts.problem, scope
		self.hints: dict[int, tuple[cp_model.IntVar, int]] = {}
		self.free = np.flatnonzero(scope.free).tolist()
		self.operations = {i: self._operation(i) for i in self.free}

	def hint(self, variable: cp_model.IntVar, value: int) -> None:
		self.hints[variable.index] = (variable, int(value))

	def is_free(self, i: int) -> bool:
		return i in self.operations

	def start(self, i: int) -> cp_model.LinearExprT:
		"""A number where the operation does not move."""
		return self.operations[i].start if i in self.operations else int(self.scope.schedule.start[i])

	def end(self, i: int) -> cp_model.LinearExprT:
		"""A number where the operation does not move."""
		return self.operations[i].end if i in self.operations else int(self.scope.schedule.end[i])

	def _operation(self, i: int) -> OperationVars:
		lo, hi = int(self.scope.lo[i]), int(self.scope.hi[i])
		count = len(self.problem.operations[i].modes)
		found = [(m, self.facts.pieces(i, m, lo, hi)) for m in range(count)]
		found = [(m, pieces) for m, pieces in found if pieces]
		if not found:
			raise Infeasible(f"operation {i} has no start left")
		if len(found) == 1:
			only = self._mode(i, *found[0], None)
			return OperationVars(only.start, only.end, [only])
		modes = [self._mode(i, m, pieces, self.model.new_bool_var("")) for m, pieces in found]
		self.model.add_exactly_one(mode.present for mode in modes)
		start = self._number(min(m.lo for m in modes), max(m.hi for m in modes))
		end = self._number(lo, hi)
		for mode in modes:
			self.model.add(start == mode.start).only_enforce_if(mode.present)
			self.model.add(end == mode.end).only_enforce_if(mode.present)
		now = self.scope.schedule
		self.hint(start, now.start[i])
		self.hint(end, now.end[i])
		for mode in modes:
			self.hint(mode.present, mode.mode == now.mode[i])
		return OperationVars(start, end, modes)

	def _number(self, lo: int, hi: int) -> cp_model.IntVar:
		return self.model.new_int_var(lo, hi, "")

	def _mode(self, i: int, m: int, pieces: dict[int, times.Spans], present) -> ModeVars:
		model, mode, now = self.model, self.problem.operations[i].modes[m], self.scope.schedule
		spans = sorted(span for several in pieces.values() for span in several)
		start = model.new_int_var_from_domain(cp_model.Domain.from_intervals(spans), "")
		at = int(now.start[i]) if now.mode[i] == m else spans[0][0]
		self.hint(start, at)
		if len(pieces) == 1:
			size = mode.minutes + next(iter(pieces))
			end = start + size
		else:
			size, end = self._pauses(start, mode.minutes, pieces, at)
		interval = None
		if mode.minutes:
			interval = (
				model.new_interval_var(start, size, end, "")
				if present is None
				else model.new_optional_interval_var(start, size, end, present, "")
			)
		windows = self.facts.calendar(i, m)
		own = windows is self.problem.resources[mode.resource].windows or windows is None
		latest = max(spans[-1][1] + mode.minutes + pause for pause, spans in pieces.items())
		return ModeVars(m, present, start, end, interval, spans[0][0], spans[-1][1], latest, own)

	def _pauses(self, start, minutes: int, pieces: dict[int, times.Spans], at: int):
		model = self.model
		size = model.new_int_var_from_domain(
			cp_model.Domain.from_values([minutes + pause for pause in pieces]), ""
		)
		literals = []
		inside = next((p for p, spans in pieces.items() if any(a <= at <= b for a, b in spans)), None)
		for pause, spans in pieces.items():
			literal = model.new_bool_var("")
			model.add_linear_expression_in_domain(
				start, cp_model.Domain.from_intervals(spans)
			).only_enforce_if(literal)
			model.add(size == minutes + pause).only_enforce_if(literal)
			literals.append(literal)
			self.hint(literal, pause == inside)
		model.add_exactly_one(literals)
		end = self._number(
			min(a for spans in pieces.values() for a, _b in spans) + minutes,
			max(b + minutes + pause for pause, spans in pieces.items() for _a, b in spans),
		)
		model.add(end == start + size)
		if inside is not None:
			self.hint(size, minutes + inside)
			self.hint(end, at + minutes + inside)
		return size, end
