"""Tiny problems with every feature, and their optimum by trying every start minute of every mode.

It shares nothing with the solvers: what an operation may do alone is asked of the verifier, and so is the whole.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
from verifier import _open, _windows_of, aims, violations

from sentia_ops.scheduling.engine.problem import (
	After,
	Fixed,
	Job,
	Mode,
	Objective,
	Operation,
	Previous,
	Problem,
	Resource,
	Schedule,
)

HORIZON = 26  # minutes in which a tiny problem is looked through


def tiny(seed: int, features: set[str]) -> Problem:
	"""Two or three jobs, four or five operations, three resources; each feature only where it is asked for."""
	random = Random(seed)
	resources = [_resource(random, f"R{r}", features) for r in range(3)]
	jobs, operations = [], []
	lengths = random.choice(
		([2, 2], [2, 1, 1], [1, 2, 2], [3, 2]) if len(features) < 3 else ([2, 2], [2, 1, 1])
	)
	for j, count in enumerate(lengths):
		release = random.randint(0, 3) if "release" in features else 0
		jobs.append(Job(f"J{j}", release, random.randint(2, 12), random.choice((0.5, 1.0, 2.0, 4.0))))
		for step in range(count):
			operations.append(_operation(random, j, step, len(operations), features))
	setups = {}
	if "setup" in features:
		setups = {0: np.array([[0, random.randint(1, 4)], [random.randint(1, 4), 0]])}
		resources[0] = replace(
			resources[0], capacity=1, batch=False, initial_family=random.choice((None, 0, 1))
		)
	previous = {}
	if "previous" in features:
		previous = {
			i: Previous(random.randrange(3), random.randint(0, 8)) for i in range(0, len(operations), 2)
		}
	if "fixed" in features:
		minutes = operations[0].modes[0].minutes
		at = random.randint(0, 5)
		operations[0] = replace(operations[0], fixed=Fixed(0, at, at + minutes))
	return Problem(jobs, operations, resources, setups, previous)


def _resource(random: Random, name: str, features: set[str]) -> Resource:
	windows, capacity, batch = None, 1, False
	if "calendar" in features and random.random() < 0.8:
		a = random.randint(0, 2)
		points = [a, a + 5, a + 5 + random.randint(1, 3), a + 13, a + 15, 200]
		windows = np.array(points, np.int64).reshape(-1, 2)
	if "capacity" in features and random.random() < 0.6:
		capacity = 2
	if "batch" in features and random.random() < 0.7:
		capacity, batch = 2, True
	return Resource(name, capacity, windows, batch)


def _operation(random: Random, job: int, step: int, index: int, features: set[str]) -> Operation:
	choices = random.sample(range(3), 2 if "modes" in features and random.random() < 0.5 else 1)
	modes = []
	for r in choices:
		needs = (
			((random.choice([q for q in range(3) if q != r]), 1),)
			if _often(random, "needs", features)
			else ()
		)
		minutes = random.randint(1, 3) if "batch" not in features else random.choice((2, 2, 3))
		modes.append(Mode(r, minutes, 1, needs))
	after = ()
	if step:
		low = random.randint(0, 2) if "waits" in features else 0
		most = low + random.randint(0, 3) if _often(random, "waits", features) else None
		after = (After(index - 1, low, most),)
	return Operation(
		job,
		step,
		tuple(modes),
		after,
		family=random.choice((None, 0, 1)) if "setup" in features else None,
		batch=random.choice(("", "a", "a", "b")) if "batch" in features else "",
		splittable=_often(random, "split", features),
		release=random.randint(0, 3) if "release" in features else 0,
	)


def _often(random: Random, feature: str, features: set[str]) -> bool:
	return feature in features and random.random() < 0.5


def places(problem: Problem, i: int) -> list[tuple[int, int, int]]:
	"""Every (start, end, mode) that the operation may have for itself, soonest first."""
	operation = problem.operations[i]
	if operation.fixed is not None:
		return [(operation.fixed.start, operation.fixed.end, operation.fixed.mode)]
	found = []
	for m, mode in enumerate(operation.modes):
		spans = _windows_of(problem, mode)
		for start in range(max(operation.release, problem.jobs[operation.job].release), HORIZON):
			if _open(spans, start, start + 1) == 0:
				continue
			end = start + mode.minutes
			while operation.splittable and _open(spans, start, end) < mode.minutes:
				end += 1
			if _open(spans, start, end) == mode.minutes:
				found.append((start, end, m))
	return sorted(found)


def cheapest(problem: Problem, objective: Objective) -> tuple[float, ...] | None:
	"""Least value (of each aim in turn where ordered) over all schedules within the horizon; None: there is none."""
	count = len(problem.operations)
	options = [places(problem, i) for i in range(count)]
	best: list[tuple[float, ...] | None] = [None]
	chosen: list[tuple[int, int, int]] = []

	def finish() -> None:
		schedule = Schedule(*(np.array(part) for part in zip(*chosen, strict=True)))
		worth = aims(problem, schedule)
		if objective.ordered:
			score = tuple(worth[aim] for aim, _weight in objective.aims)
		else:
			score = (round(sum(weight * worth[aim] for aim, weight in objective.aims), 6),)
		if (best[0] is None or score < best[0]) and not violations(problem, schedule):
			best[0] = score

	def extend() -> None:
		i = len(chosen)
		if best[0] is not None and _least(problem, objective, chosen) > best[0][0] - (
			0 if objective.ordered else 1e-9
		):
			return
		if i == count:
			return finish()
		for place in options[i]:
			if _fits(problem, chosen, place, i):
				chosen.append(place)
				extend()
				chosen.pop()

	extend()
	return best[0]


def _least(problem: Problem, objective: Objective, chosen: list[tuple[int, int, int]]) -> float:
	"""What the objective (its first aim, where ordered) is at least, whatever comes: aims that only ever grow."""
	wanted = dict(objective.aims[:1] if objective.ordered else objective.aims)
	if objective.ordered:
		wanted = dict.fromkeys(wanted, 1.0)
	total = wanted.get("makespan", 0.0) * max((end for _start, end, _m in chosen), default=0)
	first: dict[int, int] = {}
	last: dict[int, int] = {}
	for operation, (start, end, _m) in zip(problem.operations, chosen, strict=False):
		first[operation.job] = min(start, first.get(operation.job, start))
		last[operation.job] = max(end, last.get(operation.job, end))
	for i, before in problem.previous.items():
		if i < len(chosen) and "stability" in wanted:
			moved = problem.operations[i].modes[chosen[i][2]].resource != before.resource
			total += wanted["stability"] * (abs(chosen[i][0] - before.start) + 240 * moved)
	for j in last:
		job = problem.jobs[j]
		total += wanted.get("tardiness", 0.0) * job.weight * max(0, last[j] - job.due)
		total += wanted.get("wip", 0.0) * (last[j] - first[j])
	return total


def _fits(problem: Problem, chosen: list[tuple[int, int, int]], place: tuple[int, int, int], i: int) -> bool:
	"""Waits, and two on one workstation of capacity 1: enough to cut the tree; the leaves are verified."""
	operation = problem.operations[i]
	if operation.fixed is not None:
		return True
	for after in operation.after:
		wait = place[0] - chosen[after.op][1]
		if wait < after.min_wait or (after.max_wait is not None and wait > after.max_wait):
			return False
	r = operation.modes[place[2]].resource
	for j, (start, end, m) in enumerate(chosen):
		if problem.operations[j].modes[m].resource == r and problem.resources[r].capacity == 1:
			if place[0] < end and start < place[1]:
				return False
	return True
