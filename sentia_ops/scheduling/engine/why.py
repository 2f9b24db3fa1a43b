"""Why each operation is where it is, and why each job ends when it does: sentences, and hours that add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sentia_ops.scheduling.engine import causes as c
from sentia_ops.scheduling.engine import remedies, words
from sentia_ops.scheduling.engine.causes import Causes, Piece
from sentia_ops.scheduling.engine.gaps import Gaps
from sentia_ops.scheduling.engine.insert import alone
from sentia_ops.scheduling.engine.names import Names
from sentia_ops.scheduling.engine.problem import Schedule

LINKS = 12  # shown of a chain; the rest is summed in one
CAUSES = 3  # named in a summary
MOST = 2  # named of a queue
FIXED_WORDS = {
	"started": "it has started",
	"frozen": "it starts so soon that it is frozen as published",
	"pinned": "a planner pinned it there",
}


def operation_reasons(built, schedule: Schedule) -> list[str]:
	"""One sentence per operation of the problem: what holds its start."""
	asked = Asked(built, schedule)
	return [asked.reason(op) for op in range(len(built.problem.operations))]


def critical(built, schedule: Schedule) -> np.ndarray:
	"""Operations on the way to the end of a late job (of the last job, if none is late), as a bool array.

	From the end of each such job back over what holds each start: the step before, or the operation of another job
	that has the workstation or the people. One of them later, and a late job is later.
	"""
	asked = Causes(built.problem, schedule)
	jobs = [job for job, operations in enumerate(asked.of_job) if operations]
	late = [job for job in jobs if _tardiness(asked, job) > 0]
	last = max((asked.end(asked.last(job)) for job in jobs), default=0)
	todo = [asked.last(job) for job in late or [job for job in jobs if asked.end(asked.last(job)) == last]]
	found = np.zeros(len(built.problem.operations), dtype=bool)
	while todo:
		op = todo.pop()
		if not found[op]:
			found[op] = True
			todo += asked.holder(op)
	return found


def chains(built, schedule: Schedule) -> list[dict]:
	"""A row per job that has operations: {job, late, tardiness (hours), starts, ends (minutes), summary, chain, remedies}.

	`chain` is a list of {kind, text, from, until, hours, job, step, workstation}, in order of time; its hours add up to
	the time from the job's release, or now, to its end. `remedies`: see remedies.py.
	"""
	asked = Asked(built, schedule)
	rows = [asked.row(job) for job, operations in enumerate(asked.causes.of_job) if operations]
	found = remedies.remedies(built, asked.causes, asked.names, [row["job"] for row in rows if row["late"]])
	return [{**row, "remedies": found.get(row["job"], [])} for row in rows]


def _tardiness(causes: Causes, job: int) -> int:
	due = causes.problem.jobs[job].due
	return 0 if due is None else max(0, causes.end(causes.last(job)) - due)


class Asked:
	"""A schedule, its causes and the words for both."""

	def __init__(self, built, schedule: Schedule):
		self.built, self.problem = built, built.problem
		self.causes, self.names = Causes(built.problem, schedule), Names(built)
		self.empty = Gaps.of(built.problem)

	def row(self, job: int) -> dict:
		pieces = self.causes.pieces(job)
		tardiness = _tardiness(self.causes, job)
		return {
			"job": self.problem.jobs[job].name,
			"late": tardiness > 0,
			"tardiness": tardiness / words.HOUR,
			"starts": min(self.causes.start(op) for op in self.causes.of_job[job]),
			"ends": self.causes.end(self.causes.last(job)),
			"summary": self.summary(job, pieces, tardiness),
			"chain": self.chain(pieces),
		}

	# One operation

	def reason(self, op: int) -> str:
		operation = self.problem.operations[op]
		if operation.fixed:
			why = self.built.fixed_why.get(op, "")
			return f"Stays where it is: {FIXED_WORDS.get(why, 'it is fixed')}."
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
			resource = self._shut(piece)
			hole = names.between(*piece.hole)
			return f"{names.station(resource)} is closed {hole} ({names.closed(resource, piece.hole)})"
		if piece.kind == c.SHORT:
			need = words.hours(self.causes.mode(piece.op).minutes)
			left = words.hours(piece.hole[0] - piece.start)
			closed = f"closed {names.between(*piece.hole)} ({names.closed(piece.resource, piece.hole)})"
			return f"needs {need} at a stretch, and {left} are left before {names.station(piece.resource)} is {closed}"
		if piece.kind == c.SETUP:
			return f"{words.hours(self._setup(piece))} of setup of {names.station(piece.resource)} {self._families(piece)}"
		if piece.kind == c.BATCH:
			return f"runs together with {names.task(piece.by)}, which is ready {names.when(self.causes.ready(piece.by)[0].at)}"
		if piece.kind == c.MAX_WAIT:
			return f"held back, so that {names.step(piece.by)} does not come too long after it"
		return "it is fixed where it is"

	def _waits_for(self, piece: Piece) -> str:
		names = self.names
		end = self.causes.end(piece.by)
		who, station = names.task(piece.by), names.station(piece.resource)
		first = self.causes.start(piece.by) > piece.start
		how = f"the time before {who} takes {station} is too short; it is" if first else f"{who} is"
		text = f"{how} on {station} until {names.when(end)}"
		if piece.resource != self.causes.mode(piece.op).resource:
			kind = self.problem.resources[piece.resource].kind
			where = names.station(self.causes.mode(piece.by).resource)
			text = f"{kind} {station} works on {who} ({where}) until {names.when(end)}"
		return text

	def _setup(self, piece: Piece) -> int:
		return self.causes.gaps.setup(piece.resource, piece.by, self.problem.operations[piece.op].family)

	def _families(self, piece: Piece) -> str:
		"""What a setup changes from and to."""
		to = self.problem.operations[piece.op].family
		stands = self.problem.resources[piece.resource].initial_family
		if piece.by is None:
			return f"from {self.names.family(stands)}, as it stands now, to {self.names.family(to)}"
		stands = self.problem.operations[piece.by].family
		return f"from {self.names.family(stands)} ({self.names.task(piece.by)}) to {self.names.family(to)}"

	def _shut(self, piece: Piece) -> int:
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

	# One job

	def summary(self, job: int, pieces: list[Piece], tardiness: int) -> str:
		due, end = self.problem.jobs[job].due, self.causes.end(self.causes.last(job))
		if due is None:
			return f"Ends {self.names.when(end)}; no due date is given."
		if not tardiness:
			spare = f"{words.days(due - end)} before" if due > end else "when"
			return f"In time: ends {self.names.when(end)}, {spare} it is due."
		whole = sum(piece.minutes for piece in pieces)
		first = pieces[0].start if pieces else end
		worked = sum(piece.minutes for piece in pieces if piece.kind == c.WORK)
		causes = self._causes(pieces)
		held = words.listed(causes) if causes else "all of it is work"
		text = (
			f"{words.capital(words.days(tardiness))} late: {held}; {words.hours(worked)} of work, "
			f"{words.hours(whole)} in all from {self.names.when(first)} to {self.names.when(end)}."
		)
		return self._hopeless(job) + text

	def _hopeless(self, job: int) -> str:
		"""Said first where the job would be late with the whole shop to itself."""
		due = self.problem.jobs[job].due
		way = alone(self.empty, self.causes.of_job[job], self.causes.earliest(job))
		if way is None or way.end <= due:
			return ""
		since = f"from {self.names.when(way.since)} on"
		if way.material is not None:
			since = f"after {self.names.material(way.material)} comes {self.names.when(way.since)}"
		other = way.end - way.since - way.work
		need = f"{words.length(way.work)} of work" + (
			f" and {words.length(other)} of closed or waiting time" if other else ""
		)
		left = f"{words.length(due - way.since)} were left" if due > way.since else "it was due before that"
		return f"Cannot be on time, even with the shop to itself: {need} {since}, {left}. "

	def _causes(self, pieces: list[Piece]) -> list[str]:
		"""What the hours went to besides work, the most first: queues and closed times each as one."""
		groups: dict[tuple, list[Piece]] = {}
		for piece in pieces:
			if piece.kind != c.WORK:
				alike = piece.kind in (c.WAITING, c.CLOSED, c.SHORT, c.SETUP)
				about = self.phrase(piece) if not alike else piece.resource if piece.kind == c.WAITING else ""
				groups.setdefault((piece.kind, about), []).append(piece)
		largest = sorted(groups.values(), key=_minutes, reverse=True)[:CAUSES]
		return [f"{words.hours(_minutes(group))} {self.together(group)}" for group in largest]

	def together(self, group: list[Piece]) -> str:
		"""One phrase for pieces of a kind: who was in the way, or why it was closed, the most hours first."""
		first, phrases = group[0], _sums(group, self.phrase)
		if len(phrases) == 1:
			return self.phrase(first)
		if first.kind == c.WAITING:
			station = self.names.station(first.resource)
			return f"waiting for {station}, behind {_most(_sums(group, lambda piece: self.names.task(piece.by)))}"
		if first.kind == c.CLOSED:
			return f"closed ({_most(_sums(group, self._closed))})"
		what = "of setup" if first.kind == c.SETUP else "at the end of shifts that were too short,"
		return f"{what} on {_most(_sums(group, lambda piece: self.names.station(piece.resource)))}"

	def _closed(self, piece: Piece) -> str:
		return self.names.closed(self._shut(piece), piece.hole)

	def phrase(self, piece: Piece) -> str:
		"""What hours were for, to be said after their number."""
		names, kind = self.names, piece.kind
		station = names.station(piece.resource) if piece.resource >= 0 else ""
		if kind == c.WAITING:
			if piece.resource != self.causes.mode(piece.op).resource:
				return f"waiting for {self.problem.resources[piece.resource].kind} {station} (on {names.task(piece.by)})"
			return f"waiting for {names.task(piece.by)} on {station}"
		if kind == c.CLOSED:
			return _over(names.closed(self._shut(piece), piece.hole))
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

	def chain(self, pieces: list[Piece]) -> list[dict]:
		"""Links of one cause each, in order of time; a queue is one link where there are too many, small ones the last."""
		fine: dict[tuple, list[Piece]] = {}
		coarse: dict[tuple, list[Piece]] = {}
		for piece in pieces:
			fine.setdefault((piece.op, piece.kind, self.phrase(piece)), []).append(piece)
			coarse.setdefault((piece.op, piece.kind, piece.resource), []).append(piece)
		order = sorted((fine if len(fine) <= LINKS else coarse).values(), key=_minutes, reverse=True)
		shown = order if len(order) <= LINKS else order[: LINKS - 1]
		links = [self._link(group) for group in sorted(shown, key=lambda group: group[0].start)]
		rest = [piece for group in order[len(shown) :] for piece in group]
		return links + ([self._rest(rest, len(order) - len(shown))] if rest else [])

	def _link(self, group: list[Piece]) -> dict:
		first = group[0]
		about = (
			first.op
			if first.by is None or first.kind not in (c.WAITING, c.MAINTENANCE, c.BATCH)
			else first.by
		)
		text = f"{words.hours(_minutes(group))} {self.together(group)}"
		detail = self._detail(first) if len(_sums(group, self.phrase)) == 1 else ""
		return {
			"kind": first.kind,
			"text": text + (f": {detail}" if detail else ""),
			**self._time(group),
			"job": self.names.job(about),
			"step": self.problem.operations[about].step,
			"workstation": self.names.station(first.resource) if first.resource >= 0 else "",
		}

	def _time(self, group: list[Piece]) -> dict:
		start, until = min(piece.start for piece in group), max(piece.until for piece in group)
		return {
			"from": self.built.to_local(start).isoformat(),
			"until": self.built.to_local(until).isoformat(),
			"hours": _minutes(group) / words.HOUR,
		}

	def _rest(self, pieces: list[Piece], links: int) -> dict:
		total = words.hours(_minutes(pieces))
		kinds = words.listed(sorted({piece.kind for piece in pieces}))
		text = f"{total} in {links} smaller pieces ({kinds})"
		return {"kind": "rest", "text": text, **self._time(pieces), "job": "", "step": -1, "workstation": ""}

	def _detail(self, piece: Piece) -> str:
		"""Why the operation in the way was there: what held it in its turn, as far as three steps back."""
		if piece.kind == c.SETUP:
			return self._families(piece)
		if piece.kind != c.WAITING:
			return ""
		return "; ".join(self._behind(piece.by, self.problem.operations[piece.op].job))

	def _behind(self, op: int, job: int) -> Iterator[str]:
		seen = {op}
		for _hop in range(CAUSES):
			waited = self.causes.waited(op)
			cause = next((piece for piece in reversed(waited) if piece.kind != c.CLOSED), None)
			ready = self.causes.ready(op)[0]
			if cause is None and ready.kind == c.MATERIAL:
				yield f"{self.names.task(op)} waited for {self.names.material(op)} until {self.names.when(ready.at)}"
			by = ready.by if cause is None else cause.by
			if by is None or by in seen or self.problem.operations[by].job == job:
				return
			if cause is not None and cause.kind == c.WAITING:
				station = self.names.station(cause.resource)
				until = self.names.when(self.causes.end(by))
				yield f"{self.names.task(op)} waited for {self.names.task(by)} on {station} until {until}"
			seen.add(by)
			op = by


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


def _minutes(pieces: list[Piece]) -> int:
	return sum(piece.minutes for piece in pieces)


def _sums(pieces: list[Piece], key: Callable[[Piece], str]) -> dict[str, int]:
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
