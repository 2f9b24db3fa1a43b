"""What a schedule is worth: the aims of `problem.OBJECTIVES`, from its starts and ends alone."""

from __future__ import annotations

import numpy as np

from sentia_ops.scheduling.engine.problem import MOVED_STATION, Objective, Problem, Schedule


def aims(problem: Problem, schedule: Schedule) -> dict[str, float]:
	"""Value of each aim, in the units of `Objective`."""
	first, last = spans(problem, schedule)
	there = last > -np.inf
	return {
		"tardiness": float(np.sum(weights(problem)[there] * tardiness(problem, last)[there])),
		"makespan": float(schedule.end.max(initial=0)),
		"setup": float(sum(minutes for *_pair, minutes in changes(problem, schedule))),
		"wip": float(np.sum((last - first)[there])),
		"stability": float(_moved(problem, schedule)),
	}


def value(problem: Problem, objective: Objective, schedule: Schedule) -> float:
	"""The weighted sum of the aims; the first aim alone where they are ordered."""
	each = aims(problem, schedule)
	if objective.ordered:
		return each[objective.aims[0][0]]
	return float(sum(weight * each[aim] for aim, weight in objective.aims))


def better(problem: Problem, objective: Objective, one: Schedule, other: Schedule) -> bool:
	"""Whether `one` is strictly better than `other`, in the order of the aims or by their weighted sum."""
	if not objective.ordered:
		return value(problem, objective, one) < value(problem, objective, other) - 1e-9
	mine, theirs = aims(problem, one), aims(problem, other)
	return [mine[aim] for aim, _w in objective.aims] < [theirs[aim] for aim, _w in objective.aims]


def spans(problem: Problem, schedule: Schedule) -> tuple[np.ndarray, np.ndarray]:
	"""(first start, last end) of each job, float; infinite where a job has no operation."""
	job = np.array([operation.job for operation in problem.operations], dtype=np.int64)
	first = np.full(len(problem.jobs), np.inf)
	last = np.full(len(problem.jobs), -np.inf)
	np.minimum.at(first, job, schedule.start)
	np.maximum.at(last, job, schedule.end)
	return first, last


def tardiness(problem: Problem, last: np.ndarray) -> np.ndarray:
	"""Minutes late of each job, from its last end."""
	due = np.array([np.inf if job.due is None else job.due for job in problem.jobs])
	return np.maximum(last - due, 0.0)


def weights(problem: Problem) -> np.ndarray:
	return np.array([job.weight for job in problem.jobs], dtype=float)


def sequences(problem: Problem, schedule: Schedule) -> dict[int, list[int]]:
	"""Operations on each resource with setups, in order of start; those that take no time are left out."""
	found: dict[int, list[int]] = {resource: [] for resource in problem.setups}
	for o in np.lexsort((schedule.end, schedule.start)).tolist():
		mode = problem.operations[o].modes[int(schedule.mode[o])]
		if mode.resource in found and mode.minutes > 0:
			found[mode.resource].append(o)
	return found


def changes(problem: Problem, schedule: Schedule) -> list[tuple[int, int | None, int, int]]:
	"""(resource, operation before or None, operation, minutes) of each setup."""
	found = []
	for resource, sequence in sequences(problem, schedule).items():
		before, family = None, problem.resources[resource].initial_family
		for o in sequence:
			mine = problem.operations[o].family
			minutes = 0 if family is None or mine is None else int(problem.setups[resource][family, mine])
			if minutes:
				found.append((resource, before, o, minutes))
			before, family = o, mine
	return found


def _moved(problem: Problem, schedule: Schedule) -> int:
	total = 0
	for o, before in problem.previous.items():
		resource = problem.operations[o].modes[int(schedule.mode[o])].resource
		total += abs(int(schedule.start[o]) - before.start)
		total += MOVED_STATION * (resource != before.resource)
	return total
