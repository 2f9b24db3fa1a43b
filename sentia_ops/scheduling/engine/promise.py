"""The earliest honest date for a new order: put into the gaps of the current schedule, nobody else moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sentia_ops.scheduling.engine import causes as c
from sentia_ops.scheduling.engine import forms, words
from sentia_ops.scheduling.engine.aims import spans, tardiness
from sentia_ops.scheduling.engine.causes import Piece
from sentia_ops.scheduling.engine.decode import Infeasible, decode, order_of
from sentia_ops.scheduling.engine.gaps import Gaps
from sentia_ops.scheduling.engine.insert import insert
from sentia_ops.scheduling.engine.problem import Job, Operation, Problem, Schedule, Unplaced
from sentia_ops.scheduling.engine.remedies import WORTH
from sentia_ops.scheduling.engine.settings import PRIORITY_WEIGHTS
from sentia_ops.scheduling.engine.why import Asked

WAITS = 3  # named between two steps


@dataclass(frozen=True)
class Promise:
	"""A date with its arithmetic, or why none can be given.

	Attributes:
	    end: minutes; at: the same on the local clock; None, both, where no date can be promised.
	    text: the sentence for people, either way.
	    chain: links as of a scheduled job: {kind, text, from, until, hours, job, step, workstation}.
	    built, schedule: the current ones with the new order in them (its operations are the last); None without a date.
	    if_moved: the earlier date where jobs of lower priority make room for it; None: that gains nothing.
	"""

	end: int | None
	at: pd.Timestamp | None
	text: str
	chain: list[dict] = field(default_factory=list)
	built: object | None = None
	schedule: Schedule | None = None
	if_moved: pd.Timestamp | None = None


def promise(
	built,
	schedule: Schedule,
	routing: Sequence[Operation],
	release: int | None = 0,
	*,
	name: str = "the new order",
	material: str = "",
	unplaced: Sequence[Unplaced] = (),
	weight: float = PRIORITY_WEIGHTS[3],
) -> Promise:
	"""When a new order would be done, nobody else moved; and when, if jobs of lower priority may be.

	Args:
	    built: what the schedule was made for (engine/prepare.py).
	    routing: operations of the order; `After.op` counts within them, `job` is not read.
	    release: minutes from which its material is there; None: it never arrives.
	    name: of the order, for the sentences; material: what it waits for, and what brings it.
	    unplaced: reasons that were found against it when it was prepared.
	    weight: of the order, as of a job.
	"""
	refused = _refused(routing, release, unplaced, material)
	if refused:
		return Promise(None, None, f"No date can be promised: {refused}")
	with_it = _extended(built, routing, max(0, release), name, material)
	problem: Problem = with_it.problem
	try:
		longer = insert(problem, schedule)
	except Infeasible:
		return Promise(None, None, f"No date can be promised: {_beyond(with_it, schedule)}")
	asked = Asked(with_it, longer)
	pieces = asked.causes.pieces(len(problem.jobs) - 1)
	end = int(longer.end[len(schedule.end) :].max())
	text = f"{words.capital(asked.names.when(end))}: {_told(asked, pieces)}."
	sooner, how = _if_moved(asked, longer, len(schedule.end), weight)
	text += f" {how}" if how else ""
	return Promise(end, built.to_local(end), text, asked.chain(pieces), with_it, longer, sooner)


def _if_moved(asked: Asked, longer: Schedule, known: int, weight: float) -> tuple[pd.Timestamp | None, str]:
	"""The date if jobs of less weight come after the order, and what they pay; none if any other job gets later."""
	problem = asked.problem
	lower = [op.job for op in problem.operations[:known] if problem.jobs[op.job].weight < weight]
	if not lower:
		return None, ""
	last, lower = len(problem.jobs) - 1, set(lower)
	turn = np.array([1 if op.job == last else 2 if op.job in lower else 0 for op in problem.operations])
	order = order_of(problem, longer)
	modes = np.where(turn == 1, -1, longer.mode)
	try:
		moved = decode(problem, order[np.argsort(turn[order], kind="stable")], modes, compiled=forms.warm())
	except Infeasible:
		return None, ""
	before, after = spans(problem, longer)[1], spans(problem, moved)[1]
	others = [job for job in range(last) if job not in lower and after[job] > before[job]]
	if others or before[last] - after[last] < WORTH:
		return None, ""
	late = tardiness(problem, after) - tardiness(problem, before)
	paid = sorted((-int(late[job]), job) for job in lower if late[job] > 0)
	named = [f"{problem.jobs[job].name} {words.length(-minutes)}" for minutes, job in paid[:WAITS]]
	more = len(paid) - WAITS
	named += [f"{more} more {words.length(-sum(m for m, _job in paid[WAITS:]))}"] if more > 0 else []
	cost = f"which makes later: {words.listed(named)}" if named else "and none of them is late by it"
	day = asked.names.when(int(after[last]))
	return asked.built.to_local(int(after[last])), f"If jobs of lower priority may be moved: {day}, {cost}."


def _refused(routing, release, unplaced, material: str) -> str:
	if unplaced:
		return unplaced[0].text
	if not routing:
		return "the item has no operations; give its BOM operations, or plan the order by hand."
	if release is None:
		return f"{material or 'its material'} is not in stock and not on order; order it first."
	for operation in routing:
		if not operation.modes:
			return f"step {operation.step} ({operation.name}) has no workstation; give it one in the BOM."
	return ""


def _extended(built, routing: Sequence[Operation], release: int, name: str, material: str):
	"""The same shop with one more job, the last; the time of its material is that of its first operations."""
	old, job = built.problem, len(built.problem.jobs)
	offset = len(old.operations)
	operations = [
		replace(
			operation,
			job=job,
			after=tuple(replace(after, op=after.op + offset) for after in operation.after),
			release=max(operation.release, release) if not operation.after else operation.release,
			fixed=None,
		)
		for operation in routing
	]
	problem = replace(old, jobs=[*old.jobs, Job(name)], operations=[*old.operations, *operations])
	materials = {**built.materials, name: material} if material else built.materials
	return replace(built, problem=problem, materials=materials)


def _beyond(built, schedule: Schedule) -> str:
	"""Why the first operation that fits nowhere does not."""
	operation, empty = _first_without_place(built.problem, schedule), Gaps.of(built.problem)
	step = f"step {operation.step}" + (f" ({operation.name})" if operation.name else "")
	longest = 0
	for mode in operation.modes:
		windows = empty.windows(mode)
		if windows is None or (operation.splittable and len(windows)):
			longest = None
			break
		longest = max(longest, int((windows[:, 1] - windows[:, 0]).max()) if len(windows) else 0)
	least = min(mode.minutes for mode in operation.modes)
	if longest == 0:
		return f"the workstations of {step} have no working hours in the planned time."
	if longest is not None and longest < least:
		return (
			f"{step} takes {words.hours(least)} at a stretch, and its workstations are never open for longer than "
			f"{words.hours(longest)}; allow it to be split over breaks, or add hours."
		)
	waits = [after for after in operation.after if after.max_wait is not None]
	if waits:
		before = built.problem.operations[waits[0].op]
		return (
			f"{step} has to start within {words.hours(waits[0].max_wait)} after step {before.step}, and finds no room that "
			"soon after it in all of the planned time; allow a longer wait, or add hours."
		)
	return f"{step} finds no room before the end of the planned time; plan further ahead, or add hours."


def _first_without_place(problem: Problem, schedule: Schedule) -> Operation:
	known = len(schedule.start)
	for last in range(known + 1, len(problem.operations)):
		if any(after.op >= last for operation in problem.operations[known:last] for after in operation.after):
			continue
		try:
			insert(replace(problem, operations=problem.operations[:last]), schedule)
		except Infeasible:
			return problem.operations[last - 1]
	return problem.operations[-1]


def _told(asked: Asked, pieces: Sequence[Piece]) -> str:
	"""The way of the order in time: each step with its moment, and the waits between."""
	worked: dict[int, int] = {}
	for piece in pieces:
		if piece.kind == c.WORK:
			worked[piece.op] = worked.get(piece.op, 0) + piece.minutes
	parts: list[str] = []
	waits: list[Piece] = []
	said: set[int] = set()
	for piece in pieces:
		if piece.kind != c.WORK:
			waits.append(piece)
		elif piece.op not in said:
			parts += _waited(asked, waits)
			waits = []
			said.add(piece.op)
			station = asked.names.station(piece.resource)
			parts.append(f"{words.hours(worked[piece.op])} on {station} from {asked.names.when(piece.start)}")
	return ", then ".join(parts + _waited(asked, waits))


def _waited(asked: Asked, waits: list[Piece]) -> list[str]:
	"""One phrase for a wait, with what it is made of; what is not among the longest is added up."""
	groups = asked.wasted(waits)
	if len(groups) < 2:
		return [f"{words.hours(minutes)} {what}" for minutes, what in groups]
	parts = [f"{words.hours(minutes)} {what}" for minutes, what in groups[:WAITS]]
	rest = sum(minutes for minutes, _what in groups[WAITS:])
	parts += [f"{words.hours(rest)} otherwise"] if rest else []
	return [f"{words.hours(sum(minutes for minutes, _what in groups))} of waiting ({'; '.join(parts)})"]
