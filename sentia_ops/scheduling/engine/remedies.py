"""What would bring a late job forward, and by how much: each tried on the problem with that one thing changed.

The changed problem is decoded in the order of the present schedule and on the same workstations, so that nothing but
the change makes the difference. What does not help by WORTH minutes is not said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sentia_ops.scheduling.engine import arrays, calendars, forms, words
from sentia_ops.scheduling.engine import causes as c
from sentia_ops.scheduling.engine.causes import Causes, Piece
from sentia_ops.scheduling.engine.decode import Infeasible, decode, order_of
from sentia_ops.scheduling.engine.names import Names
from sentia_ops.scheduling.engine.problem import Problem, Schedule

WORTH = 30  # minutes; less than that is not worth a change
JOBS = 40  # the latest by weight that remedies are worked out for
OVERTIME = (240, 120)  # minutes after a shift
STATIONS = 2  # workstations that a job waits for the longest: overtime is tried there
NAMED = 3
NOTHING = {
	"text": "Nothing that was tried (overtime, material, order, other workstations, splitting) brings it half an hour forward.",
	"hours": 0.0,
}
NOT_TRIED = {
	"text": f"Not worked out: only for the {JOBS} jobs that are late by the most, weighted.",
	"hours": 0.0,
}
COMPILE = 300  # operations from which on compiling is faster than decoding without


@dataclass(frozen=True)
class Change:
	"""One thing done otherwise: how the problem is packed with it, in what order and ways decoded, and how it is said."""

	text: str
	data: Callable[[], np.ndarray]
	order: np.ndarray
	modes: np.ndarray
	with_cost: bool = False  # say which others become later
	problem: Problem | None = None  # where other operations are fixed in it


def remedies(built, causes: Causes, names: Names, late: Sequence[str]) -> dict[str, list[dict]]:
	"""Late job -> [{"text", "hours"}], what helps most first; one row with 0 hours says that nothing does."""
	problem = causes.problem
	index = {job.name: number for number, job in enumerate(problem.jobs)}
	wanted = [index[name] for name in late]

	def worth(job: int) -> float:
		return -problem.jobs[job].weight * (causes.end(causes.last(job)) - (problem.jobs[job].due or 0))

	if not wanted:
		return {}
	trial = Trial(built, causes, names)
	order = sorted(wanted, key=worth)
	found = {problem.jobs[job].name: trial.rows(job) or [NOTHING] for job in order[:JOBS]}
	return found | {problem.jobs[job].name: [NOT_TRIED] for job in order[JOBS:]}


class Trial:
	"""Decodes changed problems and compares them with the schedule as it is."""

	def __init__(self, built, causes: Causes, names: Names):
		self.built, self.causes, self.names = built, causes, names
		self.problem, self.schedule = causes.problem, causes.schedule
		self.compiled = forms.warm() or len(self.problem.operations) > COMPILE
		self.order = order_of(self.problem, self.schedule)
		self.modes = np.asarray(self.schedule.mode, dtype=np.int64)
		self.ends = self._ends(self.schedule)
		self.data = arrays.pack(self.problem)
		again = self._decode(Change("", lambda: self.data, self.order, self.modes))
		# what decoding alone gains is no gain of the change
		self.before = self.ends if again is None else np.minimum(self.ends, again)
		self.tried: dict[tuple, np.ndarray | None] = {}

	def rows(self, job: int) -> list[dict]:
		"""What helps, the most first; what costs others more than it gains comes last."""
		pieces = self.causes.pieces(job)
		best: dict[tuple, tuple[bool, int, str]] = {}
		for key, change in self._changes(job, pieces):
			if key not in self.tried:
				self.tried[key] = self._decode(change)
			ends = self.tried[key]
			gain = 0 if ends is None else int(self.before[job] - ends[job])
			# one of each kind and place: what gains most; as much with less overtime is better
			if gain >= WORTH and gain >= best.get(key[:2], (False, 0))[1]:
				paid = self._paid(job, ends) if change.with_cost else []
				dear = self._weighed(paid) > self.problem.jobs[job].weight * gain
				best[key[:2]] = dear, gain, self._said(change, job, gain, ends, paid, dear)
		smaller = [row[1] for key, row in best.items() if key[0] == "before"]
		if smaller and smaller[0] >= best.get(("first", job), (False, 0))[1]:
			best.pop(("first", job), None)  # before one job does as much as before all
		order = sorted(best.values(), key=lambda row: (row[0], -row[1]))
		return [{"text": text, "hours": gain / words.HOUR} for _dear, gain, text in order]

	def _changes(self, job: int, pieces: list[Piece]) -> Iterator[tuple[tuple, Change]]:
		yield from self._overtime(pieces)
		yield from self._material(job, pieces)
		yield from self._first(job)
		yield from self._before(job, pieces)
		yield from self._elsewhere(pieces)
		yield from self._split(pieces)
		yield from self._unpinned(pieces)

	def _said(self, change: Change, job: int, gain: int, ends: np.ndarray, paid: list, dear: bool) -> str:
		due = self.problem.jobs[job].due
		late, before = max(0, int(ends[job]) - due), max(0, int(self.before[job]) - due)
		say = words.hours if words.days(late) == words.days(before) else words.days
		left = "in time" if not late else f"{say(late)} late instead of {say(before)}"
		text = f"{change.text}: done {words.length(gain)} earlier, {left}"
		if self.before[job] < self.ends[job]:
			alone = words.length(int(self.ends[job] - self.before[job]))
			text += f" (planning again in the same order alone brings {alone})"
		if not change.with_cost:
			return text + "."
		return text + self._cost(paid) + (", more than it gains." if dear else ".")

	def _paid(self, job: int, ends: np.ndarray) -> list[tuple[int, int]]:
		"""(minutes, job) of the jobs that get later, or late, the most first."""
		found = []
		for other, task in enumerate(self.problem.jobs):
			if other != job and task.due is not None and self.causes.of_job[other]:
				more = max(0, int(ends[other]) - task.due) - max(0, int(self.before[other]) - task.due)
				found += [(more, other)] if more > 0 else []
		return sorted(found, reverse=True)

	def _weighed(self, paid: list[tuple[int, int]]) -> float:
		return sum(more * self.problem.jobs[other].weight for more, other in paid)

	def _cost(self, paid: list[tuple[int, int]]) -> str:
		if not paid:
			return ", and nobody else is later for it"
		named = [f"{self.problem.jobs[other].name} {words.length(more)}" for more, other in paid[:NAMED]]
		rest = paid[NAMED:]
		if rest:
			others = "another job" if len(rest) == 1 else f"{len(rest)} other jobs"
			named.append(f"{others} {words.length(sum(more for more, _other in rest))}")
		return f", but makes later: {words.listed(named)}"

	def _overtime(self, pieces: list[Piece]) -> Iterator[tuple[tuple, Change]]:
		"""Hours after the last shift of a day, on the workstations that the job waits for the longest."""
		waits: dict[int, int] = defaultdict(int)
		for piece in pieces:
			if piece.kind in (c.WAITING, c.CLOSED, c.SHORT) and piece.resource >= 0:
				waits[piece.resource] += piece.minutes
		for resource in sorted(waits, key=lambda r: -waits[r])[:STATIONS]:
			windows = self.problem.resources[resource].windows
			if windows is None:
				continue
			for hole in self._holes(windows, pieces, resource):
				for minutes in OVERTIME:
					if hole[1] - hole[0] < minutes:
						continue
					key, change = self._extra(resource, hole[0], minutes)
					yield key, change
					if not self._helped(key, pieces[0].op):
						break

	def _helped(self, key: tuple, op: int) -> bool:
		"""Whether what has just been tried brought the job of an operation forward: else less of it is not tried."""
		job, ends = self.problem.operations[op].job, self.tried[key]
		return ends is not None and self.before[job] - ends[job] >= WORTH

	def _holes(self, windows: np.ndarray, pieces: list[Piece], resource: int) -> list[tuple[int, int]]:
		"""Closed times of a workstation while the job waits for it: the last before it gets there, and the first."""
		mine = [piece for piece in pieces if piece.resource == resource and piece.kind != c.WORK]
		start, until = min(piece.start for piece in mine), max(piece.until for piece in mine)
		holes = [(int(a), int(b)) for a, b in zip(windows[:-1, 1], windows[1:, 0], strict=True)]
		within = [hole for hole in holes if hole[0] >= max(start, 0) and hole[0] < until]
		return list(dict.fromkeys(within[:1] + within[-1:]))

	def _extra(self, resource: int, start: int, minutes: int) -> tuple[tuple, Change]:
		station = self.names.station(resource)
		with_it = [
			number for number in range(len(self.problem.resources)) if self.names.station(number) == station
		]

		def data() -> np.ndarray:
			resources = list(self.problem.resources)
			for number in with_it:
				opened = np.vstack([resources[number].windows, [[start, start + minutes]]])
				resources[number] = replace(resources[number], windows=calendars.merge(opened))
			return arrays.pack(replace(self.problem, resources=resources))

		text = f"{words.hours(minutes)} of overtime on {station} from {self.names.when(start)}"
		return ("overtime", station, start, minutes), Change(text, data, self.order, self.modes)

	def _material(self, job: int, pieces: list[Piece]) -> Iterator[tuple[tuple, Change]]:
		"""The material a day earlier, and as many whole days as it holds the job up."""
		held = [piece for piece in pieces if piece.kind == c.MATERIAL]
		if not held:
			return
		release = self.problem.operations[held[-1].op].release
		least = self.problem.jobs[job].release
		for days in sorted({1, -(-held[-1].minutes // words.DAY)}):
			same = [op for op in self.causes.of_job[job] if self.problem.operations[op].release == release]
			data = self._with(same, arrays.O_RELEASE, max(least, release - days * words.DAY))
			count = "a day" if days == 1 else f"{days} days"
			text = f"{words.capital(self.names.material(held[-1].op))} {count} earlier"
			yield ("material", job, days), Change(text, data, self.order, self.modes)

	def _first(self, job: int) -> Iterator[tuple[tuple, Change]]:
		"""Before all others that are not fixed."""
		mine = set(self.causes.of_job[job])
		order = np.array(sorted(self.order, key=lambda op: op not in mine), dtype=np.int64)
		yield ("first", job), Change("Put before all others", lambda: self.data, order, self.modes, True)

	def _before(self, job: int, pieces: list[Piece]) -> Iterator[tuple[tuple, Change]]:
		"""Before the one job that it waits for the longest."""
		waits: dict[tuple[int, int, int], int] = defaultdict(int)
		for piece in pieces:
			if piece.kind == c.WAITING and not self.problem.operations[piece.by].fixed:
				waits[piece.op, piece.by, piece.resource] += piece.minutes
		if not waits:
			return
		op, other, resource = max(waits, key=lambda key: waits[key])
		place = {int(index): rank for rank, index in enumerate(self.order)}
		mine = {index for index in self.causes.of_job[job] if place[index] <= place[op]}
		order = sorted(
			place,
			key=lambda i: (
				(min(place[i], place[other]), i not in mine, place[i]) if i in mine else (place[i], True, 0)
			),
		)
		text = f"Put before {self.names.task(other)} on {self.names.station(resource)}"
		yield ("before", op, other), Change(text, lambda: self.data, np.array(order), self.modes, True)

	def _elsewhere(self, pieces: list[Piece]) -> Iterator[tuple[tuple, Change]]:
		"""Another workstation for a step that waits for its own."""
		waiting = [piece.op for piece in pieces if piece.kind in (c.WAITING, c.MAINTENANCE, c.SETUP)]
		for op in dict.fromkeys(waiting):
			here = self.causes.mode(op).resource
			for mode, way in enumerate(self.problem.operations[op].modes):
				if way.resource == here or self.problem.operations[op].fixed:
					continue
				modes = self.modes.copy()
				modes[op] = mode
				stations = f"on {self.names.station(way.resource)} instead of {self.names.station(here)}"
				text = f"{words.capital(self.names.step(op))} {stations}"
				yield ("mode", op, mode), Change(text, lambda: self.data, self.order, modes, True)

	def _split(self, pieces: list[Piece]) -> Iterator[tuple[tuple, Change]]:
		"""A step allowed to pause, where what is left of a shift is too short for it."""
		for op in dict.fromkeys(piece.op for piece in pieces if piece.kind == c.SHORT):
			station = self.names.station(self.causes.mode(op).resource)
			text = f"{words.capital(self.names.step(op))} split over the time when {station} is closed"
			data = self._with([op], arrays.O_SPLIT, 1)
			yield ("split", op), Change(text, data, self.order, self.modes)

	def _unpinned(self, pieces: list[Piece]) -> Iterator[tuple[tuple, Change]]:
		"""A step that is pinned or frozen later than it might run, let go."""
		for op in dict.fromkeys(piece.op for piece in pieces if piece.kind == c.FIXED):
			operations = list(self.problem.operations)
			operations[op] = replace(operations[op], fixed=None)
			free = replace(self.problem, operations=operations)
			text = f"{words.capital(self.names.step(op))} no longer fixed where it is"
			change = Change(text, partial(arrays.pack, free), self.order, self.modes, True, free)
			yield ("unpinned", op), change

	def _with(self, ops: Sequence[int], column: int, value: int) -> Callable[[], np.ndarray]:
		"""The packed problem with one number of some operations changed."""

		def data() -> np.ndarray:
			changed = self.data.copy()
			changed[self.data[arrays.OPS_AT] + np.array(ops) * arrays.OP + column] = value
			return changed

		return data

	def _decode(self, change: Change) -> np.ndarray | None:
		"""End of each job; None where the changed problem has no schedule in this order."""
		problem = change.problem or self.problem
		try:
			found = decode(problem, change.order, change.modes, data=change.data(), compiled=self.compiled)
		except Infeasible:
			return None
		return self._ends(found)

	def _ends(self, schedule: Schedule) -> np.ndarray:
		ends = np.zeros(len(self.problem.jobs), dtype=np.int64)
		jobs = np.array([operation.job for operation in self.problem.operations], dtype=np.int64)
		np.maximum.at(ends, jobs, schedule.end)
		return ends
