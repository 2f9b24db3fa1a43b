"""The published schedule planned again after something changed: better where it has to move, the same everywhere else.

What can keep its published place keeps it; what cannot goes into the gaps (affected operations rescheduling, Abumaizar
and Svestka, International Journal of Production Research 35, 1997). Then the solver works on what had to move, and on
few others that stand in its way: a plan that jumps about at every breakdown is one that nobody follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sentia_ops.scheduling.engine import arrays, forms
from sentia_ops.scheduling.engine.aims import aims, spans, value
from sentia_ops.scheduling.engine.decode import Infeasible, decode, fixed, mode_rows, order_of
from sentia_ops.scheduling.engine.problem import Fixed, Objective, Problem, Result, Schedule, Status
from sentia_ops.scheduling.engine.repair import repair
from sentia_ops.scheduling.engine.solve import solve

MOST = 0.06  # of what could stay: that much may be moved to make room
FEW = 20  # or so many, in a small shop
AROUND = 2 * 1440  # minutes after an affected operation within which others may make room for it


def replan(
	problem: Problem,
	objective: Objective,
	limit: float = 60.0,
	workers: int = 2,
	seed: int = 0,
	on_better: Callable[[Schedule, float, str], None] | None = None,
	stop: Callable[[], bool] | None = None,
	most: float = MOST,
) -> Result:
	"""As `solve`, from where `problem.previous` has the operations, moving few of those that could stay.

	Where nothing has to move, that is `solve` from the published schedule. Else nothing is proven: the bound is 0.

	Raises:
	    Infeasible: see `solve`.
	"""
	start = steady(problem)
	if not moved(problem, start).any():  # whatever is better now is worth its moves by the objective alone
		return solve(problem, objective, limit, workers, seed, start=start, on_better=on_better, stop=stop)
	free = _free(problem, start, most)
	held = replace(
		problem, operations=[_held(o, problem, start, free) for o in range(len(problem.operations))]
	)
	result = solve(held, objective, limit, workers, seed, start=start, on_better=on_better, stop=stop)
	result.schedule = _lawful(problem, result.schedule, start)
	result.aims = aims(problem, result.schedule)
	result.value = value(problem, objective, result.schedule)
	result.bound, result.gap = 0.0, min(1.0, result.value)
	if result.status is not Status.EMPTY:
		result.status = Status.FEASIBLE
	return result


def steady(problem: Problem) -> Schedule:
	"""Every operation that can at its published minute and station, the others in the first gaps after theirs.

	Raises:
	    Infeasible: see `repair`.
	"""
	kept = _keeps(problem)
	start = np.array([p.start if (p := problem.previous.get(o)) else 1 << 60 for o in range(len(kept))])
	modes = np.array([_mode(problem, o) if kept[o] else -1 for o in range(len(kept))])
	due = np.array([job.due if job.due is not None else 1 << 60 for job in problem.jobs])
	job = np.array([operation.job for operation in problem.operations], dtype=np.int64)
	order = np.lexsort((due[job], start, ~kept)) if len(kept) else np.zeros(0, dtype=np.int64)
	try:
		return decode(_not_before(problem, start), order, modes, compiled=forms.warm())
	except Infeasible:
		return repair(problem, problem.previous)


def moved(problem: Problem, schedule: Schedule) -> np.ndarray:
	"""Which operations are elsewhere than published, or were not published at all."""
	found = np.ones(len(problem.operations), dtype=bool)
	for o, before in problem.previous.items():
		resource = problem.operations[o].modes[int(schedule.mode[o])].resource
		found[o] = schedule.start[o] != before.start or resource != before.resource
	return found


def _mode(problem: Problem, o: int) -> int:
	"""The mode on the published station; -1 where it has none there any more."""
	before = problem.previous.get(o)
	if before is None:
		return -1
	return next(
		(m for m, mode in enumerate(problem.operations[o].modes) if mode.resource == before.resource), -1
	)


def _keeps(problem: Problem) -> np.ndarray:
	"""Operations whose published place still is open, free of what is fixed, and after what they wait for."""
	data = arrays.pack(problem)
	form = forms.form(forms.warm())
	flat, state = form.row(data), form.row(arrays.fresh(data))
	rows, first = mode_rows(data, None), arrays.first_modes(data)
	table = fixed(problem, data)
	for o, operation in enumerate(problem.operations):
		if operation.fixed is not None:
			form.run.insert(flat, state, o, int(table[0][o]), int(table[1][o]), int(table[2][o]))
	kept, end = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=np.int64)
	for o in arrays.topological(problem):
		operation, mode = problem.operations[o], _mode(problem, o)
		if operation.fixed is not None:
			kept[o], end[o] = True, operation.fixed.end
			continue
		if mode < 0:
			continue
		at = problem.previous[o].start
		release = max(operation.release, problem.jobs[operation.job].release)
		waited = all(
			kept[link.op]
			and end[link.op] + link.min_wait <= at
			and (link.max_wait is None or at - end[link.op] <= link.max_wait)
			for link in operation.after
		)
		if not waited or at < release:
			continue
		start, end[o] = form.run.earliest(flat, state, o, int(first[o] + mode), at, -1)
		kept[o] = start == at
	for chain in arrays.chains(problem):  # what longest waits tie together stays together
		if not kept[chain].all():
			kept[chain] = [problem.operations[o].fixed is not None for o in chain]
	return kept


def _not_before(problem: Problem, start: np.ndarray) -> Problem:
	"""The problem with no operation before the given minute; beyond every minute: as it is."""
	return replace(
		problem,
		operations=[
			replace(operation, release=max(operation.release, int(at))) if at < 1 << 59 else operation
			for operation, at in zip(problem.operations, start, strict=True)
		],
	)


def _free(problem: Problem, start: Schedule, most: float) -> np.ndarray:
	"""What had to move with all that follows it, and of the others on its stations then those whose jobs have time."""
	operations = problem.operations
	followers: list[list[int]] = [[] for _ in operations]
	for o, operation in enumerate(operations):
		for link in operation.after:
			followers[link.op].append(o)
	free = np.zeros(len(operations), dtype=bool)
	touched = [o for o in np.flatnonzero(moved(problem, start)).tolist() if operations[o].fixed is None]
	for o in touched:
		_add(o, free, followers)
	budget = max(FEW, int(most * (~free).sum()))
	_first, last = spans(problem, start)
	slack = [
		np.inf if job.due is None else job.due - end for job, end in zip(problem.jobs, last, strict=True)
	]
	since: dict[int, int] = {}
	for o in touched:
		at = problem.previous[o].start if o in problem.previous else int(start.start[o])
		for mode in operations[o].modes:
			since[mode.resource] = min(at, since.get(mode.resource, at))
	near = [
		o
		for o, operation in enumerate(operations)
		if not free[o] and operation.fixed is None
		and 0 <= start.start[o] - since.get(operation.modes[int(start.mode[o])].resource, 1 << 60) <= AROUND
	]  # fmt: skip
	for o in sorted(near, key=lambda o: -slack[operations[o].job]):
		extra = free.copy()
		_add(o, extra, followers)
		cost = int(extra.sum() - free.sum())
		if cost <= budget:
			free, budget = extra, budget - cost
	return free


def _add(o: int, free: np.ndarray, followers: list[list[int]]) -> None:
	"""Frees an operation and all that follows it: what is held is not asked whether it waits for it."""
	stack = [o]
	while stack:
		one = stack.pop()
		if not free[one]:
			free[one] = True
			stack += followers[one]


def _held(o: int, problem: Problem, start: Schedule, free: np.ndarray):
	operation = problem.operations[o]
	if free[o] or operation.fixed is not None:
		return operation
	return replace(operation, fixed=Fixed(int(start.mode[o]), int(start.start[o]), int(start.end[o])))


def _lawful(problem: Problem, schedule: Schedule, start: Schedule) -> Schedule:
	"""The schedule by all rules: two that are held have not been asked for the setup between them."""
	try:
		return decode(
			_not_before(problem, schedule.start),
			order_of(problem, schedule),
			schedule.mode,
			compiled=forms.warm(),
		)
	except Infeasible:
		return start
