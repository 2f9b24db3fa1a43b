"""After a disturbance: what can stay stays, the rest moves to the right, and all rules are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from verifier import violations

from sentia_ops.scheduling.engine.problem import (
	After,
	Fixed,
	Job,
	Mode,
	Operation,
	Previous,
	Problem,
	Resource,
)
from sentia_ops.scheduling.engine.repair import repair

ALWAYS = np.array([[0, 1000]], np.int64)
DOWN = np.array([[0, 10], [40, 1000]], np.int64)  # station A is down from 10 to 40


def shop(windows=ALWAYS) -> Problem:
	"""Two jobs, first on A, then on B; a third on B alone."""
	operations = [
		Operation(0, 0, (Mode(0, 10),)),
		Operation(0, 1, (Mode(1, 10),), (After(0),)),
		Operation(1, 0, (Mode(0, 10), Mode(1, 30))),
		Operation(1, 1, (Mode(1, 10),), (After(2),)),
		Operation(2, 0, (Mode(1, 5),)),
	]
	jobs = [Job("first"), Job("second"), Job("third")]
	return Problem(jobs, operations, [Resource("A", windows=windows), Resource("B", windows=ALWAYS)])


PUBLISHED = {0: (0, 0), 1: (0, 10), 2: (0, 10), 3: (0, 20), 4: (0, 30)}


def test_nothing_moves_where_nothing_happened():
	schedule = repair(shop(), PUBLISHED)
	assert schedule.start.tolist() == [0, 10, 10, 20, 30]
	assert violations(shop(), schedule) == []


def test_only_what_is_hit_moves_and_the_station_is_kept():
	problem = shop(DOWN)
	schedule = repair(problem, PUBLISHED)
	assert schedule.start.tolist() == [0, 10, 40, 50, 30]  # the third job keeps its minute, the second waits
	assert schedule.mode.tolist() == [0, 0, 0, 0, 0]
	assert violations(problem, schedule) == []


def test_gaps_of_the_published_schedule_are_kept():
	late = {0: (0, 100), 1: (0, 200), 2: (0, 300), 3: (0, 400), 4: (0, 500)}
	assert repair(shop(), late).start.tolist() == [100, 200, 300, 400, 500]


def test_published_places_may_be_given_by_station():
	published = {i: Previous(shop().operations[i].modes[m].resource, at) for i, (m, at) in PUBLISHED.items()}
	assert repair(shop(), published).start.tolist() == [0, 10, 10, 20, 30]


def test_a_station_that_is_gone_is_replaced():
	schedule = repair(shop(), {**PUBLISHED, 2: Previous(7, 10)})
	assert violations(shop(), schedule) == []
	assert schedule.mode[2] in (0, 1)


def test_new_operations_come_into_the_gaps():
	published = {i: at for i, at in PUBLISHED.items() if i not in (2, 3)}
	schedule = repair(shop(), published)
	assert schedule.start[[0, 1, 4]].tolist() == [0, 10, 30]
	assert violations(shop(), schedule) == []


def test_started_work_stays_and_pushes_what_was_planned_there():
	operations = list(shop().operations)
	operations[0] = replace(operations[0], fixed=Fixed(0, 0, 25))  # it takes longer than planned
	problem = replace(shop(), operations=operations)
	schedule = repair(problem, PUBLISHED)
	assert schedule.start.tolist() == [0, 25, 25, 35, 45]
	assert violations(problem, schedule) == []
