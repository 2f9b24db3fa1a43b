"""Why each operation is where it is, and why each job ends when it does: sentences, and hours that add up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sentia_ops.scheduling.engine import causes as c
from sentia_ops.scheduling.engine import remedies, words
from sentia_ops.scheduling.engine.causes import Causes, Piece
from sentia_ops.scheduling.engine.gaps import Gaps
from sentia_ops.scheduling.engine.insert import alone
from sentia_ops.scheduling.engine.problem import Schedule
from sentia_ops.scheduling.engine.sentences import Sentences, sums

LINKS = 12  # shown of a chain; the rest is summed in one
CAUSES = 3  # named in a summary


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


def chains(built, schedule: Schedule, *, with_remedies: bool = True) -> list[dict]:
	"""A row per job that has operations: {job, late, tardiness (hours), starts, ends (minutes), summary, chain, remedies}.

	`chain` is a list of {kind, text, from, until, hours, job, step, workstation}, in order of time; its hours add up to
	the time from the job's release, or now, to its end. `remedies`: see remedies.py; they take most of the time.
	"""
	asked = Asked(built, schedule)
	rows = [asked.row(job) for job, operations in enumerate(asked.causes.of_job) if operations]
	late = [row["job"] for row in rows if row["late"] and with_remedies]
	found = remedies.remedies(built, asked.causes, asked.names, late)
	return [{**row, "remedies": found.get(row["job"], [])} for row in rows]


def _tardiness(causes: Causes, job: int) -> int:
	due = causes.problem.jobs[job].due
	return 0 if due is None else max(0, causes.end(causes.last(job)) - due)


class Asked(Sentences):
	"""A schedule that tells why its jobs end when they do."""

	def __init__(self, built, schedule: Schedule):
		super().__init__(built, schedule)
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
		causes = [f"{words.hours(minutes)} {what}" for minutes, what in self.wasted(pieces)[:CAUSES]]
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
		best = f"at best {words.days(way.end - due)} late"
		return f"Cannot be on time, even with the shop to itself: {need} {since}, {left}; {best}. "

	def wasted(self, pieces: list[Piece]) -> list[tuple[int, str]]:
		"""(minutes, what for) of all that is not work, the most first: queues and closed times each as one."""
		groups: dict[tuple, list[Piece]] = {}
		for piece in pieces:
			if piece.kind != c.WORK:
				about = "" if piece.kind in (c.CLOSED, c.SHORT, c.SETUP) else self.phrase(piece)
				about = self.names.station(piece.resource) if piece.kind == c.WAITING else about
				groups.setdefault((piece.kind, about), []).append(piece)
		largest = sorted(groups.values(), key=_minutes, reverse=True)
		return [(_minutes(group), self.together(group)) for group in largest]

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
		detail = self._detail(first) if len(sums(group, self.phrase)) == 1 else ""
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
			return self.families(piece)
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


def _minutes(pieces: list[Piece]) -> int:
	return sum(piece.minutes for piece in pieces)
