"""Variables of the model: start, end and mode of every operation that may still move."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine.cp import times
from sentia_ops.scheduling.engine.problem import Problem, Schedule


@dataclass
class Scope:
	"""Which part of a problem a model decides.

	Attributes:
	    free: mask of the operations that may move; the others stay as in `schedule`.
	    schedule: where everything is now; also the hint.
	    lo, hi: earliest start and latest end of the free operations, int64 arrays.
	"""

	free: np.ndarray
	schedule: Schedule
	lo: np.ndarray
	hi: np.ndarray


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
	"""An operation; start and end are numbers where it does not move."""

	start: cp_model.LinearExprT
	end: cp_model.LinearExprT
	modes: list[ModeVars] = field(default_factory=list)


class Infeasible(Exception):
	"""An operation has no start left within its bounds."""


class Variables:
	"""All variables, and the hints that put them where the schedule of the scope is."""

	def __init__(self, model: cp_model.CpModel, problem: Problem, scope: Scope):
		self.model, self.problem, self.scope = model, problem, scope
		self.hints: dict[int, tuple[cp_model.IntVar, int]] = {}
		self._calendars: dict = {}
		self.operations = [self._operation(i) for i in range(len(problem.operations))]

	def hint(self, variable: cp_model.IntVar, value: int) -> None:
		self.hints[variable.index] = (variable, int(value))

	def is_free(self, i: int) -> bool:
		return bool(self.scope.free[i])

	def _operation(self, i: int) -> OperationVars:
		if not self.is_free(i):
			schedule = self.scope.schedule
			return OperationVars(int(schedule.start[i]), int(schedule.end[i]))
		operation = self.problem.operations[i]
		found = [(m, *self._starts(i, m)) for m in range(len(operation.modes))]
		found = [(m, windows, pieces) for m, windows, pieces in found if pieces]
		if not found:
			raise Infeasible(f"operation {i} has no start left")
		if len(found) == 1:
			only = self._mode(i, *found[0], None)
			return OperationVars(only.start, only.end, [only])
		modes = [
			self._mode(i, m, windows, pieces, self.model.new_bool_var("")) for m, windows, pieces in found
		]
		self.model.add_exactly_one(mode.present for mode in modes)
		start = self._number(min(m.lo for m in modes), max(m.hi for m in modes))
		end = self._number(int(self.scope.lo[i]), int(self.scope.hi[i]))
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

	def _starts(self, i: int, m: int):
		operation = self.problem.operations[i]
		mode = operation.modes[m]
		held = (mode.resource, *(r for r, _units in mode.needs))
		if held not in self._calendars:
			self._calendars[held] = times.calendar(self.problem, mode)
		windows = self._calendars[held]
		lo, hi = int(self.scope.lo[i]), int(self.scope.hi[i])
		pieces = times.starts(windows, mode.minutes, operation.splittable, lo, hi - mode.minutes)
		pieces = {
			pause: [
				(a, min(b, hi - mode.minutes - pause)) for a, b in spans if a <= hi - mode.minutes - pause
			]
			for pause, spans in pieces.items()
		}
		return windows, {pause: spans for pause, spans in pieces.items() if spans}

	def _mode(self, i: int, m: int, windows, pieces: dict[int, times.Spans], present) -> ModeVars:
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
