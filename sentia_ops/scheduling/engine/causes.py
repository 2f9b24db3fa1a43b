"""The whole time of a job, cut into pieces that each have one cause: work, setup, another job, closed hours, material ...

The pieces of a job follow each other without gap or overlap from the minute it might have begun to its end, so that
their hours add up. They are found backwards: from the last operation to whatever was ready last before it, and so on.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.scheduling.engine import arrays
from sentia_ops.scheduling.engine.gaps import BUSY, CLOSED, SETUP, Gaps, Wait
from sentia_ops.scheduling.engine.insert import first_ending
from sentia_ops.scheduling.engine.problem import Mode, Problem, Schedule

WORK, SHORT, WAITING, MAINTENANCE, BATCH = "work", "too short", "waiting", "maintenance", "batch"
PAUSE, MAX_WAIT, MATERIAL, RELEASE = "pause", "max wait", "material", "release"
FIXED, KEPT, IDLE = "fixed", "kept", "idle"
STEP, NOW = "step", "now"  # what an operation is ready by, besides MATERIAL and RELEASE


@dataclass(frozen=True)
class Piece:
	"""Minutes [start, until) of a job.

	Attributes:
	    kind: WORK, CLOSED, SETUP; SHORT: open, but too short before it closes; WAITING: another operation is on the
	        resource; MAINTENANCE; BATCH: for those it runs together with; PAUSE: least time after a step; MAX_WAIT: held
	        back for the step after; MATERIAL; RELEASE; FIXED, KEPT: pinned, or where it was published, though free before; IDLE: nothing held it.
	    op: the job's operation that ran or waited; by: the other operation in the way, or the partner.
	    resource: what it ran on or waited for.
	    hole: of CLOSED: the whole closed time [from, until) that the piece is in or touches; SHORT: the one after it.
	"""

	start: int
	until: int
	kind: str
	op: int
	by: int | None = None
	resource: int = -1
	hole: tuple[int, int] | None = None

	@property
	def minutes(self) -> int:
		return self.until - self.start


@dataclass(frozen=True)
class Ready:
	"""The minute from which an operation might run, and why not before; `by`: the operation it follows (STEP, PAUSE)."""

	at: int
	kind: str
	by: int | None = None


class Causes:
	"""A schedule that can be asked what held each operation."""

	def __init__(self, problem: Problem, schedule: Schedule, gaps: Gaps | None = None):
		self.problem, self.schedule = problem, schedule
		self.gaps = gaps or Gaps.of(problem, schedule)
		self.of_job: list[list[int]] = [[] for _job in problem.jobs]
		self.followers: list[list[int]] = [[] for _operation in problem.operations]
		for index in arrays.topological(problem):
			operation = problem.operations[index]
			self.of_job[operation.job].append(index)
			for after in operation.after:
				self.followers[after.op].append(index)
		self._before: dict[int, list[Piece]] = {}

	def mode(self, op: int) -> Mode:
		return self.problem.operations[op].modes[self.schedule.mode[op]]

	def start(self, op: int) -> int:
		return int(self.schedule.start[op])

	def end(self, op: int) -> int:
		return int(self.schedule.end[op])

	def last(self, job: int) -> int:
		"""The operation that ends the job."""
		return max(self.of_job[job], key=lambda op: (self.end(op), self.start(op)))

	def ready(self, op: int) -> list[Ready]:
		"""All that an operation had to wait for before any resource, the last first."""
		operation = self.problem.operations[op]
		found = [Ready(0, NOW)]
		release = self.problem.jobs[operation.job].release
		if release > 0:
			found.append(Ready(release, RELEASE))
		if operation.release > 0:
			found.append(Ready(operation.release, MATERIAL))
		for after in operation.after:
			kind = PAUSE if after.min_wait else STEP
			found.append(Ready(self.end(after.op) + after.min_wait, kind, after.op))
		return sorted(found, key=lambda ready: ready.at, reverse=True)

	def earliest(self, job: int) -> int:
		"""When the job might have begun: now or its release, or the first start of what runs already."""
		first = min(self.start(op) for op in self.of_job[job])
		return min(first, max(0, self.problem.jobs[job].release))

	def pieces(self, job: int) -> list[Piece]:
		"""The time of a job from `earliest` to its end, in order."""
		op, floor = self.last(job), self.earliest(job)
		found: list[Piece] = []
		cursor = self.end(op)
		while cursor > floor:
			start = min(self.start(op), cursor)
			found[:0] = _within(self.running(op), floor, cursor)
			ready = self.ready(op)[0]
			found[:0] = _within(self.waited(op), floor, start)
			cursor = min(start, max(ready.at, floor))
			for ready in self.ready(op):
				if ready.kind == STEP:
					break
				until = self.end(ready.by) if ready.kind == PAUSE else self._next_ready(op, ready)
				until = max(min(until, cursor), floor)
				found[:0] = [Piece(until, cursor, ready.kind, op, ready.by)] if until < cursor else []
				cursor = until
				if ready.kind == PAUSE:
					break
			if ready.by is None:
				break
			op = ready.by
		return ([Piece(floor, cursor, NOW, op)] if cursor > floor else []) + found

	def _next_ready(self, op: int, ready: Ready) -> int:
		order = self.ready(op)
		at = order.index(ready) + 1
		return order[at].at if at < len(order) else 0

	def running(self, op: int) -> list[Piece]:
		"""An operation's own time: work, and the closed time in which it pauses."""
		piece = Piece(self.start(op), self.end(op), WORK, op, None, self.mode(op).resource)
		return [piece] if self.problem.operations[op].fixed else self._by_hours(piece)

	def waited(self, op: int) -> list[Piece]:
		"""What stood between the minute an operation was ready and its start."""
		if op not in self._before:
			self._before[op] = list(self._waited(op))
		return self._before[op]

	def _waited(self, op: int) -> Iterator[Piece]:
		ready, start = self.ready(op)[0].at, self.start(op)
		if ready >= start:
			return
		resource, together = self.mode(op).resource, self._partners(op)
		at = yield from self._walk(op, ready, together)
		held, follower = self._held_back(op, at)
		if held > at:
			yield Piece(at, held, MAX_WAIT, op, follower, resource)
			at = yield from self._walk(op, held, together)
		if together and at < start:
			partner = max(together, key=lambda other: self.ready(other)[0].at)
			until = min(self.ready(partner)[0].at, start)
			if until > at:
				yield Piece(at, until, BATCH, op, partner, resource)
				at = until
		if at < start:
			previous = self.problem.previous.get(op)
			kept = previous is not None and previous.start == start
			kind = FIXED if self.problem.operations[op].fixed else KEPT if kept else IDLE
			yield Piece(at, start, kind, op, None, resource)

	def _walk(self, op: int, ready: int, together: list[int]) -> Generator[Piece, None, int]:
		"""What was in the way from a minute on; returns when nothing was any more, its batch apart."""
		start, at = self.start(op), ready
		fit = self.gaps.fit(self.problem.operations[op], self.mode(op), ready, skip=op, until=start)
		for wait in fit.waits if fit else ():
			if wait.by in together and wait.kind == BUSY:
				break
			yield from self._of_wait(op, wait, start)
			at = min(wait.until, start)
		return at

	def _partners(self, op: int) -> list[int]:
		resource = self.mode(op).resource
		if not self.problem.resources[resource].batch:
			return []
		return self.gaps.together(resource, self.start(op), op)

	def _of_wait(self, op: int, wait: Wait, start: int) -> Iterator[Piece]:
		kind = {CLOSED: SHORT, SETUP: SETUP}.get(wait.kind, WAITING)
		if kind == WAITING and self.problem.operations[wait.by].kind == "maintenance":
			kind = MAINTENANCE
		whole = Piece(wait.start, min(wait.until, start), kind, op, wait.by, wait.resource)
		yield from self._by_hours(whole)

	def _by_hours(self, piece: Piece) -> list[Piece]:
		"""A piece cut into its open minutes and the closed ones, each with the hole in the calendar that it is in."""
		windows = self.gaps.windows(self.mode(piece.op))
		if windows is None or piece.minutes <= 0:
			return [piece] if piece.minutes > 0 else []
		found, at = [], piece.start
		row = int(np.searchsorted(windows[:, 1], piece.start, side="right"))
		while at < piece.until:
			opens = int(windows[row, 0]) if row < len(windows) else piece.until
			closed_until = min(opens, piece.until)
			hole = (int(windows[row - 1, 1]) if row else min(0, at), opens)
			if at < closed_until:
				found.append(replace(piece, start=at, until=closed_until, kind=CLOSED, hole=hole))
				at = closed_until
			if at < piece.until:
				closes = int(windows[row, 1])
				next_open = int(windows[row + 1, 0]) if row + 1 < len(windows) else closes
				after = (closes, next_open) if piece.kind == SHORT else None
				found.append(replace(piece, start=at, until=min(closes, piece.until), hole=after))
				at = min(closes, piece.until)
			row += 1
		return found

	def _held_back(self, op: int, at: int) -> tuple[int, int | None]:
		"""Until when, and for which step after it, it must not run yet: that would come too long after it."""
		until, by = at, None
		for follower in self.followers[op]:
			for after in self.problem.operations[follower].after:
				if after.op == op and after.max_wait is not None:
					need = self.start(follower) - after.max_wait
					mode = int(self.schedule.mode[op])
					first = first_ending(self.gaps, self.problem.operations[op], mode, at, need)
					if first > until:
						until, by = first, follower
		return min(until, self.start(op)), by

	def holder(self, op: int) -> list[int]:
		"""The operation on which the start of another hangs; none where it waits for material, hours or nothing."""
		operation = self.problem.operations[op]
		if operation.fixed:
			return []
		waited = self.waited(op)
		if waited and waited[-1].kind in (IDLE, KEPT):
			return []
		by = next((piece.by for piece in reversed(waited) if piece.by is not None), None)
		by = self.ready(op)[0].by if by is None else by
		return [] if by is None else [by]


def _within(pieces: list[Piece], floor: int, ceiling: int) -> list[Piece]:
	cut = [replace(p, start=max(p.start, floor), until=min(p.until, ceiling)) for p in pieces]
	return [piece for piece in cut if piece.minutes > 0]
