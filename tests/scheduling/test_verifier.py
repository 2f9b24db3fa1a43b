"""The verifier itself: a good schedule passes, and each rule broken on purpose is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from verifier import aims, violations
from verifier_files import wrong_in_answer

from sentia_ops.scheduling.engine.problem import (
	After,
	Fixed,
	Job,
	Mode,
	Operation,
	Previous,
	Problem,
	Resource,
	Schedule,
)

SHIFTS = np.array([[0, 240], [300, 540]])  # four hours, an hour's break, four hours


def made(problem: Problem, start: list[int], end: list[int], mode: list[int] | None = None) -> list[str]:
	mode = mode or [0] * len(start)
	return violations(problem, Schedule(np.array(start), np.array(end), np.array(mode)))


def two(**changes) -> Problem:
	"""Two jobs of one operation each on one station with shifts: 100 and 120 minutes."""
	operations = [
		Operation(0, 0, (Mode(0, 100),), **changes.pop("first", {})),
		Operation(1, 0, (Mode(0, 120),), **changes.pop("second", {})),
	]
	station = Resource("Saw", windows=SHIFTS, **changes.pop("station", {}))
	return replace(Problem([Job("A"), Job("B")], operations, [station]), **changes)


def test_a_good_schedule_passes():
	assert made(two(), [0, 100], [100, 220]) == []
	assert made(two(), [300, 0], [400, 120]) == []


@pytest.mark.parametrize(
	("start", "end", "named"),
	[
		([0, 90], [100, 210], "holds 2 of 1"),
		([0, 150], [100, 270], "open minutes"),
		([0, 150], [100, 330], "may not be split"),
		([0, 240], [100, 420], "may not be split"),
		([0, 100], [90, 220], "open minutes"),
		([-5, 100], [95, 220], "before its release"),
	],
)
def test_each_broken_time_is_named(start, end, named):
	assert any(named in text for text in made(two(), start, end))


def test_what_may_be_split_pauses_over_the_break_and_no_longer():
	split = two(second={"splittable": True})
	assert made(split, [0, 150], [100, 330]) == []
	assert "open minutes" in made(split, [0, 150], [100, 340])[0]
	assert any("while closed" in text for text in made(split, [0, 270], [100, 420]))


def test_waits_and_releases():
	late = two(second={"after": (After(0, 10, 30),), "release": 105})
	assert made(late, [0, 110], [100, 230]) == []
	assert "at least 10" in made(late, [0, 106], [100, 226])[0]
	assert "at most 30" in made(late, [0, 300], [100, 420])[0]
	assert any("before its release 105" in text for text in made(late, [0, 100], [100, 220]))


def test_setups_count_open_minutes_only():
	matrix = {0: np.array([[0, 30], [30, 0]])}
	change = two(first={"family": 0}, second={"family": 1}, setups=matrix)
	assert made(change, [120, 310], [220, 430]) == []  # 20 minutes before the break, 10 after it
	assert "29 of 30 minutes" in made(change, [121, 310], [221, 430])[0]
	first = replace(change, resources=[replace(change.resources[0], initial_family=1)])
	assert "before its first operation" in made(first, [20, 310], [120, 430])[0]


def test_batches_run_together_or_not_at_all():
	oven = {"capacity": 2, "batch": True}
	same = two(station=oven, first={"batch": "red"}, second={"batch": "red"})
	same = replace(same, operations=[replace(o, modes=(Mode(0, 100),)) for o in same.operations])
	assert made(same, [0, 0], [100, 100]) == []
	assert "at two times" in made(same, [0, 50], [100, 150])[0]
	other = replace(same, operations=[same.operations[0], replace(same.operations[1], batch="blue")])
	assert "not of one batch key" in made(other, [0, 0], [100, 100])[0]


def test_second_resources_have_capacity_and_hours():
	people = Resource("Welders", windows=np.array([[0, 100]]))
	both = (Mode(0, 100, needs=((1, 1),)), Mode(2, 120, needs=((1, 1),)))
	problem = Problem(
		[Job("A"), Job("B")],
		[Operation(0, 0, both[:1]), Operation(1, 0, both[1:])],
		[Resource("Saw", windows=SHIFTS), people, Resource("Press")],
	)
	found = made(problem, [0, 0], [100, 120])
	assert any("Welders holds 2 of 1" in text for text in found)
	assert any("operation 1 has 100 open minutes" in text for text in found)


def test_fixed_stays_and_others_go_round_it():
	started = two(first={"fixed": Fixed(0, 230, 330)})
	assert made(started, [230, 330], [330, 450]) == []
	assert "is fixed at" in made(started, [0, 330], [100, 450])[0]
	assert any("holds 2 of 1" in text for text in made(started, [230, 300], [330, 420]))


def test_aims_by_hand():
	problem = two(first={"family": 0}, second={"family": 1}, setups={0: np.array([[0, 30], [15, 0]])})
	problem = replace(
		problem, jobs=[Job("A", due=50, weight=2), Job("B", due=500)], previous={0: Previous(1, 40)}
	)
	schedule = Schedule(np.array([0, 300]), np.array([100, 420]), np.array([0, 0]))
	assert aims(problem, schedule) == {
		"tardiness": 100.0,
		"makespan": 420.0,
		"setup": 30.0,
		"wip": 220.0,
		"stability": 280.0,
	}


JOBSHOP = "2 2\n0 3 1 2\n1 4 0 1\n"
GOOD = [(0, 0, 0, 0, 3), (0, 1, 1, 4, 6), (1, 0, 1, 0, 4), (1, 1, 0, 4, 5)]


def answer(rows, makespan=6, bound=6, status="optimal"):
	names = ("job", "step", "machine", "start", "end")
	return {
		"status": status,
		"makespan": makespan,
		"bound": bound,
		"operations": [dict(zip(names, r, strict=True)) for r in rows],
	}


def test_answers_are_checked_against_the_text():
	assert wrong_in_answer(answer(GOOD), JOBSHOP, "jobshop") == []
	flexible = "2 2 1\n2 1 1 3 2 1 9 2 2\n2 1 2 4 1 1 1\n"
	assert wrong_in_answer(answer(GOOD), flexible, "flexible") == []
	assert "asked for" in wrong_in_answer(answer(GOOD[1:]), JOBSHOP, "jobshop")[0]
	assert "makespan" in wrong_in_answer(answer(GOOD, makespan=5, bound=5), JOBSHOP, "jobshop")[0]
	assert "status" in wrong_in_answer(answer(GOOD, bound=4), JOBSHOP, "jobshop")[0]
	swapped = [GOOD[0], (0, 1, 0, 4, 6), *GOOD[2:]]
	assert "cannot run" in wrong_in_answer(answer(swapped), JOBSHOP, "jobshop")[0]
	early = [GOOD[0], (0, 1, 1, 3, 5), *GOOD[2:]]
	assert "machine 1" in wrong_in_answer(answer(early, 5, 5), JOBSHOP, "jobshop")[0]
	setups = "machine,from_job,to_job,minutes\n1,1,0,2\n"
	assert "2 of setup" in wrong_in_answer(answer(GOOD), JOBSHOP, "jobshop", setups)[0]
