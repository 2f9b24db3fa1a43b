"""Planning again: what can stay stays to the minute, the rest keeps every rule, and few others are moved for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_shop import shop
from verifier import violations

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.aims import aims, value
from sentia_ops.scheduling.engine.decode import unplaceable
from sentia_ops.scheduling.engine.dispatch import dispatch
from sentia_ops.scheduling.engine.problem import Objective, Previous, Problem
from sentia_ops.scheduling.engine.replan import FEW, MOST, moved, replan, steady

OBJECTIVE = Objective((("tardiness", 1.0), ("stability", 0.02)))


def published(problem: Problem) -> Problem:
	"""The problem after its schedule by due dates was published."""
	made = dispatch(problem, "EDD", compiled=False)
	previous = {
		o: Previous(operation.modes[int(made.mode[o])].resource, int(made.start[o]))
		for o, operation in enumerate(problem.operations)
	}
	return replace(problem, previous=previous)


def broken(problem: Problem, station: int, start: int, end: int) -> Problem:
	"""The same with one station closed from start to end."""
	windows = problem.resources[station].windows
	windows = np.array([[0, 90000]]) if windows is None else windows
	resources = list(problem.resources)
	closed = calendars.subtract(windows, np.array([[start, end]], dtype=np.int64))
	resources[station] = replace(resources[station], windows=closed)
	return replace(problem, resources=resources)


def busiest(problem: Problem, start: int, end: int) -> int:
	work = np.zeros(len(problem.resources))
	for o, before in problem.previous.items():
		if start <= before.start < end and problem.operations[o].fixed is None:
			work[before.resource] += 1
	return int(work.argmax())


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_nothing_happened_nothing_moves(seed: int):
	problem = shop(seed, jobs=20, waits=False)
	after = published(problem)
	made = steady(after)
	assert violations(after, made) == [] and not moved(after, made).any()


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5, 6])
def test_after_a_breakdown_most_stays(seed: int):
	before = shop(seed, jobs=30, waits=seed % 2 == 0)
	assert unplaceable(before) == {}
	before = published(before)
	station = busiest(before, 0, 2000)
	problem = broken(before, station, 300, 1500)
	made = replan(problem, OBJECTIVE, 1.0, seed=1)
	assert violations(problem, made.schedule) == []
	assert made.value == pytest.approx(value(problem, OBJECTIVE, made.schedule)) and made.bound == 0
	kept = steady(problem)
	assert value(problem, OBJECTIVE, made.schedule) <= value(problem, OBJECTIVE, kept) + 1e-6
	hit = moved(problem, kept)
	beyond = moved(problem, made.schedule) & ~hit
	assert beyond.sum() <= max(FEW, MOST * len(problem.operations)) + hit.sum()
	assert aims(problem, made.schedule)["tardiness"] <= aims(problem, kept)["tardiness"] * 1.02 + 1


def test_new_orders_go_into_the_gaps():
	problem = published(shop(4, jobs=25, waits=False))
	new = {o for o, operation in enumerate(problem.operations) if operation.job >= 22}
	problem = replace(problem, previous={o: p for o, p in problem.previous.items() if o not in new})
	made = steady(problem)
	assert violations(problem, made) == [] and set(np.flatnonzero(moved(problem, made))) <= new


def test_a_station_that_is_no_longer_allowed():
	problem = published(shop(4, jobs=10, waits=False))
	o = next(
		o
		for o, operation in enumerate(problem.operations)
		if len(operation.modes) > 1 and not operation.fixed
	)
	other = [m for m in problem.operations[o].modes if m.resource != problem.previous[o].resource]
	operations = list(problem.operations)
	operations[o] = replace(operations[o], modes=tuple(other))
	problem = replace(problem, operations=operations)
	made = steady(problem)
	assert violations(problem, made) == [] and moved(problem, made)[o]
