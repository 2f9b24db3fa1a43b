"""From an order of operations to a schedule that keeps every rule."""

from __future__ import annotations

import numpy as np

from sentia_ops.scheduling.engine import arrays, forms
from sentia_ops.scheduling.engine.problem import Problem, Schedule

_NO_DUE = 1 << 40


class Infeasible(ValueError):
	"""An operation found no place within the calendars; the calendars end too early, or its waits contradict."""


def decode(
	problem: Problem, order, modes=None, *, data: np.ndarray | None = None, compiled: bool = True
) -> Schedule:
	"""Serial schedule generation: each operation, when its turn comes, at the earliest minute that all rules leave.

	An operation whose predecessors are not placed yet waits for them, so any order will do; operations that longest
	waits tie together are placed together, at the turn of the first that can be.

	Args:
	    order: indices of all operations, the first to be placed first.
	    modes: index of each operation's mode; None, or -1 for one of them: the one that ends earliest.
	    data: `arrays.pack(problem)`, where it is there already.

	Raises:
	    Infeasible: see there.
	"""
	data = arrays.pack(problem) if data is None else data
	form = forms.form(compiled)
	flat = form.row(data)
	state = form.row(arrays.fresh(data))
	rows = form.row(mode_rows(data, modes))
	if not form.run.begin(flat, state, rows, *map(form.row, fixed(problem, data))):
		raise Infeasible("an operation cannot follow a fixed one within its longest wait")
	if not form.run.serial(flat, state, form.row(order), rows, 0, len(order)):
		raise Infeasible("an operation finds no place in the working hours")
	return arrays.schedule_of(data, state)


NO_TIME, TIED, BLOCKED = "no time", "tied", "blocked"


def unplaceable(problem: Problem) -> dict[int, str]:
	"""Operations that find no place when jobs go by due date, each with NO_TIME, TIED (longest waits) or BLOCKED.

	BLOCKED: it waits for one that finds none. Runs uncompiled.
	"""
	data = arrays.pack(problem)
	form = forms.form(compiled=False)
	flat, state, rows = data.tolist(), arrays.fresh(data).tolist(), mode_rows(data, None).tolist()
	first = data[int(data[arrays.FIRST_AT]) :][: int(data[arrays.FIRST])].tolist()
	form.run.begin(
		[*flat[: arrays.FIRST], 0, *flat[arrays.FIRST + 1 :]], state, rows, *map(list, fixed(problem, data))
	)
	tied = [len(chain) > 1 or o in first for o, chain in enumerate(arrays.chains(problem))]
	found, mode = {}, arrays.S_MODE * len(rows)
	turns, before = [*first, *by_due_date(problem)], None
	while turns != before:  # what was next in line behind a failure has its turn in the next round
		for o in turns:
			lost = form.run.take(flat, state, o, rows)
			if lost >= 0:
				found[lost] = TIED if tied[lost] else NO_TIME
		before, turns = turns, [o for o in turns if state[mode + o] < 0 and o not in found]
	return {o: found.get(o, BLOCKED) for o in range(len(rows)) if state[mode + o] < 0}


def by_due_date(problem: Problem) -> list[int]:
	"""Operations in the order of their jobs' due dates, the weightier first where those are the same."""
	due = [_NO_DUE if job.due is None else job.due for job in problem.jobs]
	urgent = [
		(due[operation.job], -problem.jobs[operation.job].weight, o)
		for o, operation in enumerate(problem.operations)
	]
	return [o for *_key, o in sorted(urgent)]


def fixed(problem: Problem, data: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
	"""(row of the mode, start, end) of each fixed operation; -1 where it is not fixed."""
	table = np.full((3, len(problem.operations)), -1, dtype=np.int64)
	first = arrays.first_modes(data)
	for o, operation in enumerate(problem.operations):
		if operation.fixed is not None:
			table[:, o] = first[o] + operation.fixed.mode, operation.fixed.start, operation.fixed.end
	return table[0], table[1], table[2]


def mode_rows(data: np.ndarray, modes) -> np.ndarray:
	"""Rows in the table of modes; -1 stays."""
	first = arrays.first_modes(data)
	if modes is None:
		return np.full(len(first), -1, dtype=np.int64)
	modes = np.asarray(modes, dtype=np.int64)
	return np.where(modes >= 0, first + modes, -1)


def order_of(problem: Problem, schedule: Schedule) -> np.ndarray:
	"""Operations by start, each after those that it waits for: decoding it gives no later schedule."""
	rank = np.empty(len(problem.operations), dtype=np.int64)
	rank[arrays.topological(problem)] = np.arange(len(rank))
	return np.lexsort((rank, schedule.start))
