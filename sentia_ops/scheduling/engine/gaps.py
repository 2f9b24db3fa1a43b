"""Where an operation fits between those that are placed already, and what keeps it from each earlier minute.

One walk forward in time serves both the promise of a date (the first minute that fits) and the reasons of a schedule
(what was in the way before). Each jump goes over minutes at which a start is impossible for one named reason, so that
the first minute reached without one is the earliest there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.problem import Mode, Operation, Problem, Schedule

CLOSED, BUSY, SETUP = "closed", "busy", "setup"


@dataclass(frozen=True)
class Wait:
	"""Minutes [start, until) at which an operation can not start.

	Attributes:
	    kind: CLOSED: the calendar, or what is left of a shift is too short; BUSY: another operation holds the
	        resource, or starts there too soon; SETUP: the resource is set up for it.
	    by: the operation in the way, or the one before the setup; None: none.
	"""

	start: int
	until: int
	kind: str
	resource: int
	by: int | None = None


@dataclass(frozen=True)
class Fit:
	"""The first place found, and what was in the way before it."""

	start: int
	end: int
	waits: tuple[Wait, ...] = ()


@dataclass
class Held:
	"""What holds a resource: parallel arrays, one entry per operation, in order of start."""

	start: np.ndarray
	end: np.ndarray
	units: np.ndarray
	op: np.ndarray


@dataclass
class Gaps:
	"""What holds the resources of a problem, and when."""

	problem: Problem
	_rows: dict[int, list[tuple[int, ...]]] = field(default_factory=dict)
	_held: dict[int, Held] = field(default_factory=dict)
	_windows: dict[tuple[int, ...], np.ndarray | None] = field(default_factory=dict)

	@classmethod
	def of(
		cls, problem: Problem, schedule: Schedule | None = None, only: Iterable[int] | None = None
	) -> Gaps:
		"""All operations of a schedule placed, or `only` some of them (none without a schedule)."""
		gaps = cls(problem)
		if schedule is not None:
			for index in range(len(problem.operations)) if only is None else only:
				mode = problem.operations[index].modes[schedule.mode[index]]
				gaps.hold(index, mode, int(schedule.start[index]), int(schedule.end[index]))
		return gaps

	def hold(self, index: int, mode: Mode, start: int, end: int) -> None:
		"""Puts an operation of the problem on all that its mode holds."""
		if end <= start:
			return
		for resource, units in ((mode.resource, mode.units), *mode.needs):
			self._rows.setdefault(resource, []).append((start, end, units, index))
			self._held.pop(resource, None)

	def windows(self, mode: Mode) -> np.ndarray | None:
		"""Calendar of a mode: when all that it holds is open; None: always."""
		resources = tuple(sorted({mode.resource, *(need for need, _units in mode.needs)}))
		if resources not in self._windows:
			found = None
			for resource in resources:
				open_here = self.problem.resources[resource].windows
				if open_here is not None:
					found = open_here if found is None else calendars.intersect(found, open_here)
			self._windows[resources] = found
		return self._windows[resources]

	def fit(
		self, operation: Operation, mode: Mode, ready: int, *, skip: int = -1, until: int | None = None
	) -> Fit | None:
		"""The earliest place at or after `ready`; None: none in the horizon.

		Args:
		    skip: index of a placed operation that is not in the way (itself).
		    until: give up there: the Fit returned then starts at `until` and only its waits are meant.
		"""
		if not mode.minutes:
			return Fit(ready, ready)
		windows, waits, at = self.windows(mode), [], ready
		while until is None or at < until:
			found = calendars.finish(windows, at, mode.minutes, operation.splittable)
			if found is None:
				return None
			start, end = int(found[0]), int(found[1])
			wait = Wait(at, start, CLOSED, mode.resource) if start > at else None
			wait = wait or self._in_the_way(operation, mode, start, end, skip)
			if wait is None:
				return Fit(start, end, tuple(waits))
			waits.append(wait)
			at = wait.until
		return Fit(at, at, tuple(waits))

	def before(self, resource: int, at: int, skip: int = -1) -> int | None:
		"""The operation that ended last on a resource, at or before a minute."""
		held = self._on(resource)
		done = np.flatnonzero((held.end <= at) & (held.op != skip))
		return (
			None if not done.size else int(held.op[done[np.lexsort((held.start[done], held.end[done]))[-1]]])
		)

	def together(self, resource: int, start: int, skip: int) -> list[int]:
		"""Operations that start on a resource at a minute, without one."""
		held = self._on(resource)
		return [int(op) for op in held.op[(held.start == start) & (held.op != skip)]]

	def setup(self, resource: int, first: int | None, family: int | None) -> int:
		"""Minutes to set a resource up for a family after an operation (None: as it stands at the origin)."""
		matrix = self.problem.setups.get(resource)
		if matrix is None or family is None:
			return 0
		here = self.problem.resources[resource]
		stands = here.initial_family if first is None else self.problem.operations[first].family
		return 0 if stands is None else int(matrix[stands, family])

	def end_of(self, resource: int, op: int | None) -> int:
		"""End of a placed operation; the origin for None."""
		if op is None:
			return 0
		held = self._on(resource)
		return int(held.end[held.op == op][0])

	def _on(self, resource: int) -> Held:
		if resource not in self._held:
			rows = np.array(sorted(self._rows.get(resource, [])), dtype=np.int64).reshape(-1, 4)
			self._held[resource] = Held(*(np.ascontiguousarray(column) for column in rows.T))
		return self._held[resource]

	def _in_the_way(self, operation: Operation, mode: Mode, start: int, end: int, skip: int) -> Wait | None:
		for resource, units in ((mode.resource, mode.units), *mode.needs):
			if self.problem.resources[resource].batch:
				wait = self._other_batch(operation, mode, resource, units, start, end, skip)
			else:
				wait = self._full(resource, units, start, end, skip)
			wait = wait or self._set_up(operation, resource, start, end, skip)
			if wait is not None:
				return wait
		return None

	def _overlapping(self, resource: int, start: int, end: int, skip: int) -> tuple[Held, np.ndarray]:
		held = self._on(resource)
		return held, np.flatnonzero((held.start < end) & (held.end > start) & (held.op != skip))

	def _full(self, resource: int, units: int, start: int, end: int, skip: int) -> Wait | None:
		"""Over the first moment without room for the units, until enough of those that hold it then have ended."""
		held, over = self._overlapping(resource, start, end, skip)
		room = self.problem.resources[resource].capacity - units
		for moment in np.unique(np.maximum(held.start[over], start)):
			now = over[(held.start[over] <= moment) & (held.end[over] > moment)]
			taken = int(held.units[now].sum())
			if taken > room:
				for index in now[np.argsort(held.end[now], kind="stable")]:
					taken -= int(held.units[index])
					if taken <= room:
						return Wait(start, int(held.end[index]), BUSY, resource, int(held.op[index]))
		return None

	def _other_batch(
		self, operation: Operation, mode: Mode, resource: int, units: int, start: int, end: int, skip: int
	) -> Wait | None:
		"""A batch may be joined at its very start only; anything else in the way has to end first."""
		held, over = self._overlapping(resource, start, end, skip)
		if not over.size:
			return None
		same = np.array([self.problem.operations[op].batch == operation.batch != "" for op in held.op[over]])
		taken = int(held.units[over].sum())
		if same.all() and (held.start[over] == start).all() and (held.end[over] == end).all():
			if taken + units <= self.problem.resources[resource].capacity:
				return None
		joinable = over[same & (held.start[over] > start)]
		by = over[np.argmin(held.end[over])]
		until = int(held.end[by])
		if joinable.size and held.start[joinable].min() < until:
			by = joinable[np.argmin(held.start[joinable])]
			until = int(held.start[by])
		return Wait(start, until, BUSY, resource, int(held.op[by]))

	def _set_up(self, operation: Operation, resource: int, start: int, end: int, skip: int) -> Wait | None:
		if operation.family is None or resource not in self.problem.setups:
			return None
		windows = self.problem.resources[resource].windows
		first = self.before(resource, start, skip)
		minutes = self.setup(resource, first, operation.family)
		if minutes:
			done = calendars.finish(windows, self.end_of(resource, first), minutes, True)
			if done is None or done[1] > start:
				until = int(windows[-1, 1]) if done is None else int(done[1])
				return Wait(start, until, SETUP, resource, first)
		held = self._on(resource)
		later = np.flatnonzero((held.start >= end) & (held.op != skip))
		if later.size:
			after = int(held.op[later[0]])
			family = self.problem.operations[after].family
			minutes = 0 if family is None else int(self.problem.setups[resource][operation.family, family])
			if minutes > calendars.work(windows, end, int(held.start[later[0]])):
				return Wait(start, int(held.end[later[0]]), BUSY, resource, after)
		return None
