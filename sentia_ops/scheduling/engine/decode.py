"""From an order of operations to a schedule that keeps every rule."""

from __future__ import annotations

import numpy as np

from sentia_ops.scheduling.engine import arrays, forms
from sentia_ops.scheduling.engine.problem import Problem, Schedule


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
