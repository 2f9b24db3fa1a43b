"""The one entry to all solvers: the best schedule that can be found in the time given, with what is proven about it.

A dispatching rule gives a schedule at once. Then CP-SAT on the whole model (where that is small enough to build) and on
parts of it (large-neighbourhood search, Shaw 1998) run side by side, each starting from the best of all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from sentia_ops.scheduling.engine import dispatch
from sentia_ops.scheduling.engine.aims import aims
from sentia_ops.scheduling.engine.decode import Infeasible
from sentia_ops.scheduling.engine.problem import Objective, Problem, Result, Schedule, Status
from sentia_ops.scheduling.engine.race import Race

LARGEST = 60_000  # arcs, pairs and starts of a model that is still built as a whole


def solve(
	problem: Problem,
	objective: Objective | None = None,
	limit: float = 60.0,
	workers: int = 2,
	seed: int = 0,
	start: Schedule | None = None,
	on_better: Callable[[Schedule, float, str], None] | None = None,
	stop: Callable[[], bool] | None = None,
) -> Result:
	"""Schedules all operations.

	Args:
	    objective: what is better; default: Objective().
	    limit: seconds in all.
	    workers: threads; one searches, the others are CP-SAT's.
	    start: a schedule that keeps the rules; the result is never worse.
	    on_better: called with (schedule, value, who found it), in the caller's thread, values falling.
	    stop: asked several times a second; True ends the search.

	Returns:
	    The best schedule, left-shifted, with bound and gap. See Result.

	Raises:
	    Infeasible: neither `start` nor a schedule in order of due dates keeps the rules; see decode.py.
	"""
	objective = objective or Objective()
	race = Race(problem, objective, limit, on_better, stop)
	if not problem.operations:
		return _result(race, Status.EMPTY)
	if start is not None:
		race.offer(start, "start")
	try:
		race.offer(dispatch.quick(problem, data=race.data), "due dates")
	except Infeasible:
		if start is None:
			raise
	race.tell()
	race.watch([_thread(race, steps) for steps in _plan(race, workers, seed)])
	race.left_shift(race.best, "left shift", tie=True)
	race.tell()
	return _result(race, Status.OPTIMAL if race.proven else Status.FEASIBLE)


def _thread(race: Race, steps: list[Callable[[], None]]) -> threading.Thread:
	def run() -> None:
		try:
			for step in steps:
				if not race.over():
					step()
		except Exception as error:  # told to the caller by Race.watch
			race.fail(error)

	return threading.Thread(target=run, daemon=True)


def _plan(race: Race, workers: int, seed: int) -> list[list[Callable[[], None]]]:
	"""What each thread does, one step after the other."""
	whole = [lambda: _whole(race, max(workers - 1, 1), seed)] if size(race.problem) <= LARGEST else []
	parts = [[lambda n=n: _parts(race, seed + n)] for n in range(max(workers - len(whole), 0))]
	first, *others = [whole, *parts] if whole else parts
	return [[lambda: _rules(race), *first], *others]


def _rules(race: Race) -> None:
	try:
		name, schedule = dispatch.best_rule(race.problem, race.objective)
		race.offer(schedule, name)
	except Infeasible:  # there is a schedule already; rules are only one way to a better one
		return


def size(problem: Problem) -> int:
	"""About how many literals the whole model has."""
	users: dict[int, int] = {}
	total = 0
	for operation in problem.operations:
		for mode in operation.modes:
			users[mode.resource] = users.get(mode.resource, 0) + 1
			windows = problem.resources[mode.resource].windows
			total += 1 if windows is None or not operation.splittable else 5
	for r, count in users.items():
		if r in problem.setups:
			windows = problem.resources[r].windows
			total += count * (count + (0 if windows is None else len(windows)))
		elif problem.resources[r].batch:
			total += count * count
	return total


def _whole(race: Race, workers: int, seed: int) -> None:
	from sentia_ops.scheduling.engine.cp.model import Limits, Model, whole_scope

	model = Model(race.facts, race.objective, whole_scope(race.facts, race.best))
	with race.stoppable() as started:
		found = model.solve(
			Limits(race.left(), workers, seed),
			on_better=lambda schedule: race.offer(schedule, "CP-SAT"),
			started=started,
			on_bound=race.raise_bound,
		)
	if found.bounds:
		race.raise_bound(found.bounds[0])
	if found.schedule is not None:
		race.offer(found.schedule, "CP-SAT")
	if found.proven:
		race.prove()


def _parts(race: Race, seed: int) -> None:
	from sentia_ops.scheduling.engine.neighbourhoods import Neighbourhoods

	Neighbourhoods(race, seed).run()


def _result(race: Race, status: Status) -> Result:
	if race.best is None:
		nothing = Schedule(*(np.zeros(0, np.int64) for _ in range(3)))
		return Result(nothing, status, dict.fromkeys(aims(race.problem, nothing), 0.0), 0.0, 0.0, 0.0)
	found = race.score[0]
	bound = found if status is Status.OPTIMAL else min(race.bound, found)
	gap = max(0.0, found - bound) / max(found, 1.0)
	return Result(
		race.best, status, aims(race.problem, race.best), found, bound, gap, race.seconds(), race.history
	)
