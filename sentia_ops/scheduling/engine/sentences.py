"""What held one operation, and what the hours of a job went to, in the words of the shop floor."""

from __future__ import annotations

from collections.abc import Callable

from sentia_ops.scheduling.engine import causes as c
from sentia_ops.scheduling.engine import words
from sentia_ops.scheduling.engine.causes import Causes, Piece
from sentia_ops.scheduling.engine.names import Names
from sentia_ops.scheduling.engine.problem import Schedule

CAUSES = 3  # named of one start
MOST = 2  # named of a queue
FIXED_WORDS = {
	"started": "it has started",
	"frozen": "it starts so soon that it is frozen as published",
	"pinned": "a planner pinned it there",
}


class Sentences:
	"""A schedule, its causes and the words for both."""

	def __init__(self, built, schedule: Schedule):
		self.built, self.problem = built, built.problem
		self.causes, self.names = Causes(built.problem, schedule), Names(built)

	def reason(self, op: int) -> str:
		operation = self.problem.operations[op]
		if operation.fixed:
			why = self.built.fixed_why.get(op, "")
			unknown = "its time is given" if operation.kind == "maintenance" else "it is fixed"
			return f"Stays where it is: {FIXED_WORDS.get(why, unknown)}."
		waited = [piece for piece in self.causes.waited(op) if piece.minutes]
		if not waited:
			return words.capital(self._ready(op)) + "."
		last = waited[-1]
		if last.kind in (c.IDLE, c.KEPT):
			return self._idle(op, last)
		said = self._last_causes(op, waited)
		return words.capital("; ".join(said)) + "."

	def _ready(self, op: int) -> str:
		ready = self.causes.ready(op)[0]
		at = self.names.when(ready.at)
		if ready.kind == c.NOW:
			return "nothing holds it: it starts at once"
		if ready.kind == c.RELEASE:
			return f"its job is not released before {at}"
		if ready.kind == c.MATERIAL:
			return f"waits for {self.names.material(op)}, there {at}"
		ended = self.names.when(self.causes.end(ready.by))
		if ready.kind == c.PAUSE:
			pause = words.hours(ready.at - self.causes.end(ready.by))
			return f"waits {pause} after {self.names.step(ready.by)}, which ends {ended}"
		return f"follows {self.names.step(ready.by)}, which ends {ended}"

	def _idle(self, op: int, last: Piece) -> str:
		earlier = words.hours(last.minutes)
		if last.kind == c.KEPT:
			return f"Kept where it was published; it could start {earlier} earlier, {self._gain(op)}."
		return f"Nothing holds it: it could start {earlier} earlier, {self._gain(op)}."

	def _gain(self, op: int) -> str:
		job = self.problem.operations[op].job
		if op == self.causes.last(job):
			due = self.problem.jobs[job].due
			in_time = due is None or self.causes.end(op) <= due
			return "its job is in time as it is" if in_time else "which would make its job less late"
		following = self.causes.followers[op]
		if any(self.causes.holder(follower) == [op] for follower in following):
			return "and what follows it as well"
		return "without a gain for its job: what follows it waits for something else"

	def _last_causes(self, op: int, waited: list[Piece]) -> list[str]:
		"""The cause next to the start and what led to it, in order of time."""
		texts: list[str] = []
		for piece in reversed(_merged(waited)):
			text = self._waits(piece)
			if text not in texts:
				texts.insert(0, text)
			if len(texts) == CAUSES or piece.kind in (c.WAITING, c.BATCH, c.MAINTENANCE):
				break
		first = self.causes.ready(op)[0]
		return texts if len(texts) == CAUSES or first.kind == c.NOW else [self._ready(op), *texts]

	def _waits(self, piece: Piece) -> str:
		names = self.names
		if piece.kind in (c.WAITING, c.MAINTENANCE):
			return self._waits_for(piece)
		if piece.kind == c.CLOSED:
			resource = self.shut(piece)
			hole = names.between(*piece.hole)
			return f"{names.station(resource)} is closed {hole} ({names.closed(resource, piece.hole)})"
		if piece.kind == c.SHORT:
			need = words.hours(self.causes.mode(piece.op).minutes)
			left = words.hours(piece.hole[0] - piece.start)
			closed = f"closed {names.between(*piece.hole)} ({names.closed(piece.resource, piece.hole)})"
			return f"needs {need} at a stretch, and {left} are left before {names.station(piece.resource)} is {closed}"
		if piece.kind == c.SETUP:
			return f"{words.hours(self._setup(piece))} of setup of {names.station(piece.resource)} {self.families(piece)}"
		if piece.kind == c.BATCH:
			return f"runs together with {names.task(piece.by)}, which is ready {names.when(self.causes.ready(piece.by)[0].at)}"
		if piece.kind == c.MAX_WAIT:
			return f"held back, so that {names.step(piece.by)} does not come too long after it"
		return "it is fixed where it is"

	def _waits_for(self, piece: Piece) -> str:
		names = self.names
		end = self.causes.end(piece.by)
		who, station = names.task(piece.by), names.station(piece.resource)
		text = f"{who} is on {station} until {names.when(end)}"
		resource = self.problem.resources[piece.resource]
		if resource.capacity > 1 and not resource.batch:
			text = f"{station} is full until {names.when(end)}, when {who} ends"
		elif self.causes.start(piece.by) > piece.start:
			text = f"the gap before {who} on {station} is too short, and {who} ends {names.when(end)}"
		if piece.resource != self.causes.mode(piece.op).resource:
			where = names.station(self.causes.mode(piece.by).resource)
			text = f"{resource.kind} {station} works on {who} ({where}) until {names.when(end)}"
			if resource.capacity > 1:
				text = f"no {resource.kind} of {station} is free until {names.when(end)}, when {who} ends on {where}"
		return text

	def _setup(self, piece: Piece) -> int:
		return self.causes.gaps.setup(piece.resource, piece.by, self.problem.operations[piece.op].family)

	def families(self, piece: Piece) -> str:
		"""What a setup changes from and to."""
		to = self.problem.operations[piece.op].family
		stands = self.problem.resources[piece.resource].initial_family
		if piece.by is None:
			return f"from {self.names.family(stands)}, as it stands now, to {self.names.family(to)}"
		stands = self.problem.operations[piece.by].family
		return f"from {self.names.family(stands)} ({self.names.task(piece.by)}) to {self.names.family(to)}"

	def shut(self, piece: Piece) -> int:
		"""Which of the resources of an operation is the closed one: the workstation, or who it needs besides."""
		mode = self.causes.mode(piece.op)
		for resource in (mode.resource, *(need for need, _units in mode.needs)):
			windows = self.problem.resources[resource].windows
			if (
				windows is not None
				and not ((windows[:, 0] < piece.until) & (windows[:, 1] > piece.start)).any()
			):
				return resource
		return mode.resource

	def together(self, group: list[Piece]) -> str:
		"""One phrase for pieces of a kind: who was in the way, or why it was closed, the most hours first."""
		first, phrases = group[0], sums(group, self.phrase)
		if len(phrases) == 1:
			return self.phrase(first)
		if first.kind == c.WAITING:
			station = self.names.station(first.resource)
			return (
				f"waiting for {station}, behind {_most(sums(group, lambda piece: self.names.task(piece.by)))}"
			)
		if first.kind == c.CLOSED:
			return f"closed ({_most(sums(group, self._closed))})"
		what = "of setup" if first.kind == c.SETUP else "at the end of shifts that were too short,"
		return f"{what} on {_most(sums(group, lambda piece: self.names.station(piece.resource)))}"

	def _closed(self, piece: Piece) -> str:
		return self.names.closed(self.shut(piece), piece.hole)

	def phrase(self, piece: Piece) -> str:
		"""What hours were for, to be said after their number."""
		names, kind = self.names, piece.kind
		station = names.station(piece.resource) if piece.resource >= 0 else ""
		if kind == c.WAITING:
			if piece.resource != self.causes.mode(piece.op).resource:
				return f"waiting for {self.problem.resources[piece.resource].kind} {station} (on {names.task(piece.by)})"
			return f"waiting for {names.task(piece.by)} on {station}"
		if kind == c.CLOSED:
			return _over(names.closed(self.shut(piece), piece.hole))
		if kind == c.STEP or kind == c.NOW:
			return "before now"
		return {
			c.WORK: f"of {names.step(piece.op)} on {station}",
			c.SETUP: f"of setup on {station}",
			c.SHORT: f"at the end of shifts on {station} (too short for a step of {words.hours(self.causes.mode(piece.op).minutes)})",
			c.MAINTENANCE: f"of maintenance on {station}",
			c.BATCH: f"to run together with {names.task(piece.by) if piece.by is not None else ''}",
			c.PAUSE: f"of waiting time after {names.step(piece.by) if piece.by is not None else ''}",
			c.MAX_WAIT: "held back for the step after",
			c.MATERIAL: f"for {names.material(piece.op)}",
			c.RELEASE: "until it is released",
			c.FIXED: "until the time where it is fixed",
			c.KEPT: "kept as published, though free",
			c.IDLE: "though nothing held it",
		}[kind]


def _merged(pieces: list[Piece]) -> list[Piece]:
	"""Neighbours of one cause as one: a night inside the time of another operation is not a cause of its own."""
	found: list[Piece] = []
	for piece in pieces:
		if piece.kind == c.CLOSED and (piece.by is not None or (found and found[-1].hole == piece.hole)):
			continue
		if found and found[-1].kind == piece.kind and found[-1].by == piece.by and piece.by is not None:
			continue
		found.append(piece)
	return found or pieces[-1:]


def sums(pieces: list[Piece], key: Callable[[Piece], str]) -> dict[str, int]:
	"""Minutes by what they are called."""
	found: dict[str, int] = {}
	for piece in pieces:
		found[key(piece)] = found.get(key(piece), 0) + piece.minutes
	return found


def _most(sums: dict[str, int]) -> str:
	"""The names with the most minutes; the others counted."""
	order = sorted(sums, key=lambda name: -sums[name])
	more = len(order) - MOST
	return f"{', '.join(order[:MOST])} and {more} more" if more > 0 else words.listed(order)


def _over(closed: str) -> str:
	if closed == "night":
		return "closed at night"
	if closed == "break":
		return "closed for breaks"
	if closed == "weekend":
		return "closed over the weekend"
	return f"closed ({closed})"
