"""Small shops for the tests of what is said about a schedule: by hand, and at random with every rule in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.scheduling.engine.prepare import Built
from sentia_ops.scheduling.engine.problem import After, Fixed, Job, Mode, Operation, Problem, Resource

MONDAY = pd.Timestamp("2026-03-02 08:00", tz="UTC")
DAY = 24 * 60


def shifts(opens: int = 0, closes: int = 480, days: int = 28) -> np.ndarray:
	"""Monday to Friday, in minutes after 08:00."""
	return np.array(
		[[day * DAY + opens, day * DAY + closes] for day in range(days) if day % 7 < 5], dtype=np.int64
	)


def shop(jobs, operations, resources, setups=None, **more) -> Built:
	problem = Problem(jobs, operations, resources, setups or {}, more.pop("previous", {}))
	return Built(
		problem,
		[],
		[],
		MONDAY,
		"UTC",
		[(jobs[operation.job].name, operation.step) for operation in operations],
		{index: resource.name for index, resource in enumerate(resources)},
		more.pop("families", ["Red", "Blue", "Green"]),
		more.pop("materials", {}),
		**more,
	)


def random_shop(seed: int, jobs: int = 5, tight: bool = False) -> Built:
	"""Two machines with setups, one of capacity 2, an oven for batches, a person; waits, splits, releases, ways.

	Args:
	    tight: few minutes and short shifts, so that every start can be tried out.
	"""
	draw = np.random.default_rng(seed)
	day = 60 if tight else 480
	resources = [
		Resource("Saw 1", windows=shifts(0, day), initial_family=int(draw.integers(0, 3))),
		Resource("Press 1", windows=shifts(0, day // 2)),
		Resource("Bench", capacity=2, windows=shifts(day // 4, day)),
		Resource(
			"Oven",
			capacity=3,
			batch=True,
			windows=None if not tight and draw.random() < 0.5 else shifts(0, day),
		),
		Resource("Anna", windows=shifts(0, int(day * 0.8)), kind="operator"),
	]
	setups = {r: draw.integers(0, day // 8, (3, 3)) * (1 - np.eye(3, dtype=np.int64)) for r in (0, 1)}
	made, operations = [], []
	for number in range(jobs):
		due = int(draw.integers(1, 5)) * DAY if draw.random() < 0.8 else None
		release = int(draw.integers(0, DAY)) if draw.random() < 0.3 else 0
		made.append(Job(f"PJ-{number}", release, due, float(draw.choice([0.5, 2.0, 8.0]))))
		first = len(operations)
		for step in range(int(draw.integers(1, 5))):
			operations.append(_operation(draw, number, step, first, len(operations), day))
	return shop(made, operations, resources, setups, materials={"PJ-0": "brass rod (PO-0044)"})


def _operation(draw, job: int, step: int, first: int, index: int, day: int) -> Operation:
	after: tuple[After, ...] = ()
	if index > first:
		least = int(draw.integers(0, day // 4)) if draw.random() < 0.3 else 0
		longest = least + int(draw.integers(2 * DAY, 5 * DAY)) if draw.random() < 0.2 else None
		other = index - 1 if draw.random() < 0.8 else int(draw.integers(first, index))
		after = (After(other, least, longest),)
	baked = draw.random() < 0.2
	minutes = int(draw.integers(1, day // 4))
	if baked:
		modes = (Mode(3, 20 if day == 60 else 120),)
	else:
		where = draw.permutation(3)[: int(draw.integers(1, 3))]
		needs = ((4, 1),) if draw.random() < 0.3 else ()
		modes = tuple(Mode(int(r), minutes + int(draw.integers(0, 5)), 1, needs) for r in where)
	return Operation(
		job,
		10 * (step + 1),
		modes,
		after,
		name=f"work {step + 1}",
		family=int(draw.integers(0, 3)) if draw.random() < 0.8 else None,
		batch=str(draw.choice(["A", "B"])) if baked else "",
		splittable=bool(draw.random() < 0.4),
		release=int(draw.integers(0, DAY)) if draw.random() < 0.2 else 0,
	)


def fixed(operation: Operation, start: int, end: int, mode: int = 0) -> Operation:
	from dataclasses import replace

	return replace(operation, fixed=Fixed(mode, start, end))
