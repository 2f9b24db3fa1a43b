"""A job put into the gaps of a schedule at its earliest, nobody else moved; and how early it would be with no one else.

The decoder does it, with all others fixed where they are. For operations in a row the place that it finds is the
earliest there is: an earlier end of one step never makes the next one later, so that each step takes the way that ends
first. Steps that a longest wait ties together try all their ways together, as far as TRIALS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

import numpy as np

from sentia_ops.scheduling.engine import arrays, calendars, forms
from sentia_ops.scheduling.engine.decode import Infeasible, decode
from sentia_ops.scheduling.engine.gaps import Gaps
from sentia_ops.scheduling.engine.problem import Fixed, Operation, Problem, Schedule

TRIALS = 64  # combinations of ways tried


@dataclass(frozen=True)
class Alone:
	"""The longest way through a job: from `since`, with so many minutes of work on it, to its end.

	`material`: the operation whose material comes at `since`; None: it begins at the release, or with what has started.
	"""

	end: int
	since: int
	material: int | None
	work: int


def insert(problem: Problem, schedule: Schedule) -> Schedule:
	"""The schedule with the operations of the problem that it does not know yet, its own where they are.

	Args:
	    problem: its first operations are those of `schedule`, the others are placed.

	Raises:
	    Infeasible: one of them fits nowhere before the end of the calendars.
	"""
	known = len(schedule.start)
	held = [_held(operation, schedule, index) for index, operation in enumerate(problem.operations[:known])]
	around = replace(problem, operations=[*held, *problem.operations[known:]])
	order = np.arange(len(problem.operations))
	data = arrays.pack(around)
	best, failure = None, Infeasible("nothing to place")
	for modes in _ways(problem, known):
		try:
			found = decode(around, order, modes, data=data, compiled=forms.warm())
		except Infeasible as error:
			failure = error
			continue
		if best is None or found.end[known:].max() < best.end[known:].max():
			best = found
	if best is None:
		raise failure
	return best


def alone(empty: Gaps, indices: Sequence[int], release: int) -> Alone | None:
	"""The operations each at once, with all resources to itself: no schedule ends them sooner.

	What has started stays; what is frozen or pinned does not, that is a wish and not a must.

	Args:
	    empty: the shop without anybody; indices: operations of a job, each after those that it follows.

	Returns:
	    None: beyond the calendars.
	"""
	found: dict[int, Alone] = {}
	for index in indices:
		operation = empty.problem.operations[index]
		there = operation.fixed
		if there and there.start < 0:
			found[index] = Alone(there.end, there.start, None, there.end - there.start)
			continue
		ready = Alone(max(release, 0), max(release, 0), None, 0)
		if operation.release > ready.end:
			ready = Alone(operation.release, operation.release, index, 0)
		for after in operation.after:
			before = found[after.op]
			if before.end + after.min_wait > ready.end:
				ready = replace(before, end=before.end + after.min_wait)
		fits = []
		for mode in operation.modes:
			fit = calendars.finish(empty.windows(mode), ready.end, mode.minutes, operation.splittable)
			fits += [(fit[1], mode.minutes)] if fit else []
		if not fits:
			return None
		end, minutes = min(fits)
		found[index] = replace(ready, end=end, work=ready.work + minutes)
	return max(found.values(), key=lambda way: way.end)


def first_ending(gaps: Gaps, operation: Operation, mode: int, ready: int, need: int) -> int:
	"""The first minute from `ready` on at which a start would not end before `need` (ends grow with starts: bisection)."""
	way = operation.modes[mode]
	windows, low, high = gaps.windows(way), ready, max(ready, need)
	while low < high:
		middle = (low + high) // 2
		found = calendars.finish(windows, middle, way.minutes, operation.splittable)
		if found is not None and found[1] < need:
			low = middle + 1
		else:
			high = middle
	return low


def _held(operation: Operation, schedule: Schedule, index: int) -> Operation:
	there = Fixed(int(schedule.mode[index]), int(schedule.start[index]), int(schedule.end[index]))
	return replace(operation, fixed=there)


def _ways(problem: Problem, known: int) -> Iterator[np.ndarray]:
	"""Modes to decode with: -1, the one that ends first, except for operations tied by a longest wait."""
	tied = set()
	for index, operation in enumerate(problem.operations[known:], start=known):
		for after in operation.after:
			if after.max_wait is not None:
				tied |= {index, after.op}
	tied = sorted(tied)
	choices = [range(len(problem.operations[index].modes)) for index in tied]
	free = np.full(len(problem.operations), -1, dtype=np.int64)
	if prod(map(len, choices)) > TRIALS:
		choices, tied = [], []
	for chosen in product(*choices):
		modes = free.copy()
		modes[tied] = chosen
		yield modes
