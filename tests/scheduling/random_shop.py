"""Random problems in which every rule of `problem.py` is at work, for checks by the independent verifier."""

from __future__ import annotations

import random

import numpy as np

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.problem import After, Fixed, Job, Mode, Operation, Problem, Resource

FAMILIES = 4


def shop(
	seed: int, *, jobs: int = 12, steps: int = 5, stations: int = 5, days: int = 60, waits: bool = True
) -> Problem:
	"""Shifts, breaks, capacities, batches, setups, people, alternatives, waits and some fixed operations."""
	rng = random.Random(seed)
	resources, setups = [], {}
	for r in range(stations):
		resources.append(_station(rng, r, days, setups))
	helpers = [stations, stations + 1]
	for r in helpers:
		windows = _windows(rng.randint(0, 1), days) if rng.random() < 0.7 else None
		resources.append(
			Resource(f"People {r}", capacity=rng.randint(1, 3), windows=windows, kind="operator")
		)
	orders, operations = [], []
	for j in range(jobs):
		due = None if rng.random() < 0.1 else rng.randint(1000, 20000)
		orders.append(
			Job(f"J{j}", rng.choice([0, 0, rng.randint(0, 5000)]), due, rng.choice([0.5, 1, 2, 4, 8]))
		)
		first = len(operations)
		for step in range(rng.randint(1, steps)):
			modes = [
				_mode(rng, resources, r, helpers) for r in rng.sample(range(stations), rng.randint(1, 3))
			]
			operations.append(
				Operation(
					j,
					step,
					tuple(modes),
					_after(rng, first, len(operations), waits),
					family=rng.choice([None, 0, 1, 2, 3]),
					batch=rng.choice(["", "a", "b"]),
					splittable=rng.random() < 0.4,
					release=rng.choice([0] * 9 + [3000]),
				)
			)
	_fix(rng, operations, resources)
	return Problem(orders, operations, resources, setups)


def _station(rng, r: int, days: int, setups: dict) -> Resource:
	kind = rng.random()
	batch, capacity = kind < 0.2, 1 if kind > 0.4 else rng.randint(2, 4)
	windows = None if rng.random() < 0.1 else _windows(rng.randint(0, 2), days)
	family = None
	if capacity == 1 and rng.random() < 0.7:
		cells = [[0 if a == b else rng.randint(5, 60) for b in range(FAMILIES)] for a in range(FAMILIES)]
		setups[r], family = np.array(cells), rng.choice([None, 0, 1])
	return Resource(f"Station {r}", capacity, windows, batch, initial_family=family)


def _windows(kind: int, days: int) -> np.ndarray:
	day = [[(360, 600), (630, 840)], [(360, 840), (840, 1320)], [(0, 1440)]][kind]
	open_ = [(d * 1440 + a, d * 1440 + b) for d in range(days) if d % 7 < 5 or kind == 2 for a, b in day]
	return calendars.merge(np.array(open_, dtype=np.int64))


def _mode(rng, resources, r: int, helpers: list[int]) -> Mode:
	units = 1 if resources[r].capacity == 1 else rng.randint(1, resources[r].capacity)
	needs = tuple((h, 1) for h in helpers if rng.random() < 0.15)
	return Mode(r, rng.choice([15, 30, 60, 60, 90, 120, 200]), units, needs)


def _after(rng, first: int, here: int, waits: bool) -> tuple[After, ...]:
	if here == first:
		return ()
	before = rng.randrange(first, here) if rng.random() < 0.2 else here - 1
	least = rng.choice([0, 0, 0, 30])
	most = least + rng.choice([300, 1500, 4000]) if waits and rng.random() < 0.15 else None
	return (After(before, least, most),)


def _fix(rng, operations: list[Operation], resources: list[Resource]) -> None:
	"""First steps that have started at the origin, at most one on a station."""
	from dataclasses import replace

	taken = set()
	tied = {link.op for operation in operations for link in operation.after if link.max_wait is not None}
	for o, operation in enumerate(operations):
		mode = operation.modes[0]
		if (
			operation.step == 0
			and o not in tied
			and mode.resource not in taken
			and not mode.needs
			and rng.random() < 0.15
		):
			taken.add(mode.resource)
			operations[o] = replace(operation, fixed=Fixed(0, -10, max(1, mode.minutes - 10)))
