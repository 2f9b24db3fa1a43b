"""The one entry: optimal where that can be enumerated, any-time, never worse than its start."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from exhaustive import cheapest, tiny
from verifier import aims, violations

from sentia_ops.scheduling.engine.problem import (
	After,
	Job,
	Mode,
	Objective,
	Operation,
	Previous,
	Problem,
	Resource,
	Schedule,
	Status,
)
from sentia_ops.scheduling.engine.solve import solve

MAKESPAN = Objective((("makespan", 1.0),))
FEATURES = ("calendar", "capacity", "batch", "modes", "needs", "waits", "setup", "split", "release", "fixed")
OBJECTIVES = (
	Objective(),
	MAKESPAN,
	Objective((("tardiness", 1.0), ("setup", 0.5), ("wip", 0.1))),
	Objective((("tardiness", 1.0), ("makespan", 1.0), ("setup", 1.0)), ordered=True),
)
# Fisher and Thompson (1963), 6 jobs on 6 machines: pairs machine, minutes
FT06 = (
	(2, 1, 0, 3, 1, 6, 3, 7, 5, 3, 4, 6),
	(1, 8, 2, 5, 4, 10, 5, 10, 0, 10, 3, 4),
	(2, 5, 3, 4, 5, 8, 0, 9, 1, 1, 4, 7),
	(1, 5, 0, 5, 2, 5, 3, 3, 4, 8, 5, 9),
	(2, 9, 1, 3, 4, 5, 5, 4, 0, 3, 3, 1),
	(1, 3, 3, 3, 5, 9, 0, 10, 4, 4, 2, 1),
)


def job_shop(rows=FT06) -> Problem:
	operations = []
	for j, row in enumerate(rows):
		for step in range(len(row) // 2):
			after = (After(len(operations) - 1),) if step else ()
			operations.append(Operation(j, step, (Mode(row[2 * step], row[2 * step + 1]),), after))
	machines = max(max(row[::2]) for row in rows) + 1
	return Problem(
		[Job(f"J{j}") for j in range(len(rows))], operations, [Resource(f"M{m}") for m in range(machines)]
	)


def score(objective: Objective, problem: Problem, schedule: Schedule) -> tuple[float, ...]:
	worth = aims(problem, schedule)
	if objective.ordered:
		return tuple(worth[aim] for aim, _weight in objective.aims)
	return (round(sum(weight * worth[aim] for aim, weight in objective.aims), 6),)


@pytest.mark.parametrize("seed", range(24))
def test_optimum_of_tiny_problems(seed):
	random = Random(seed)
	features = {FEATURES[seed % len(FEATURES)], *random.sample(FEATURES, random.randint(0, 3))}
	problem, objective = tiny(seed, features), OBJECTIVES[seed % len(OBJECTIVES)]
	result = solve(problem, objective, limit=60)
	assert violations(problem, result.schedule) == []
	assert score(objective, problem, result.schedule) == cheapest(problem, objective)
	assert result.status is Status.OPTIMAL
	assert result.bound == result.value and result.gap == 0


def test_nearness_to_the_published_schedule_is_optimal():
	objective = Objective((("tardiness", 1.0), ("stability", 0.25)))
	problem = tiny(3, {"previous", "calendar", "modes"})
	result = solve(problem, objective, limit=60)
	assert score(objective, problem, result.schedule) == cheapest(problem, objective)


def test_ft06_is_55_and_proven():
	result = solve(job_shop(), MAKESPAN, limit=120)
	assert (result.value, result.bound, result.status) == (55, 55, Status.OPTIMAL)
	assert violations(job_shop(), result.schedule) == []


def test_improvements_are_told_in_falling_order_and_kept():
	told = []
	result = solve(
		job_shop(), MAKESPAN, limit=120, on_better=lambda schedule, value, who: told.append((value, schedule))
	)
	values = [value for value, _schedule in told]
	assert values == sorted(values, reverse=True) and len(set(values)) == len(values)
	assert values[-1] == result.value
	for value, schedule in told:
		assert violations(job_shop(), schedule) == []
		assert schedule.end.max() == value
	assert [value for _at, value, _who in result.history] == sorted(
		(value for _at, value, _who in result.history), reverse=True
	)


def test_stop_before_anything_gives_a_schedule_all_the_same():
	asked = []

	def stop() -> bool:
		asked.append(1)
		return True

	result = solve(_large(), Objective(), limit=3600, stop=stop)
	assert asked and result.status is Status.FEASIBLE
	assert violations(_large(), result.schedule) == []
	assert result.seconds < 600


def test_never_worse_than_its_start():
	problem = _large()
	good = solve(problem, Objective(), limit=3)
	again = solve(problem, Objective(), limit=0.2, start=good.schedule, seed=1)
	assert again.value <= good.value
	assert again.history[0][1:] == (good.value, "start")


def test_bound_is_below_what_is_found():
	result = solve(_large(), MAKESPAN, limit=2)
	longest = sum(o.modes[0].minutes for o in _large().operations if o.job == 0)
	assert 0 < result.bound <= result.value
	assert result.value >= longest
	assert result.gap == pytest.approx((result.value - result.bound) / result.value)


def test_ordered_aims_differ_from_weighted_ones():
	# one station: B is due sooner, and A weighs more; changing over from A to B costs much, from B to A nothing
	jobs = [Job("A", due=10, weight=1.0), Job("B", due=10, weight=1.5)]
	operations = [Operation(0, 0, (Mode(0, 10),), family=0), Operation(1, 0, (Mode(0, 10),), family=1)]
	problem = Problem(jobs, operations, [Resource("M")], {0: np.array([[0, 0], [4, 0]])})
	weighted = solve(problem, Objective((("tardiness", 1.0), ("setup", 0.1))), limit=60)
	assert weighted.schedule.start.tolist() == [14, 0]  # 14 late for A and 0.4, against 15 late for B
	setup_first = solve(problem, Objective((("setup", 1.0), ("tardiness", 1.0)), ordered=True), limit=60)
	assert setup_first.schedule.start.tolist() == [0, 10]
	assert setup_first.value == 0 and setup_first.aims["tardiness"] == 15


def test_slack_is_left_shifted():
	jobs = [Job("long"), Job("short")]
	operations = [Operation(0, 0, (Mode(0, 50),)), Operation(1, 0, (Mode(1, 5),))]
	problem = Problem(jobs, operations, [Resource("A"), Resource("B")])
	assert solve(problem, MAKESPAN, limit=60).schedule.start.tolist() == [0, 0]


def test_nothing_to_do():
	result = solve(Problem([], [], []), limit=1)
	assert result.status is Status.EMPTY and len(result.schedule.start) == 0


def test_an_error_of_a_search_reaches_the_caller(monkeypatch):
	from sentia_ops.scheduling.engine.cp import model

	def broken(*_args, **_more):
		raise RuntimeError("the solver broke")

	monkeypatch.setattr(model.Model, "solve", broken)
	with pytest.raises(RuntimeError, match="the solver broke"):
		solve(job_shop(), MAKESPAN, limit=60)


def _large() -> Problem:
	"""A job shop of 15 jobs on 10 machines with working hours, in which nothing is proven soon."""
	random = Random(7)
	rows = [
		[number for m in random.sample(range(10), 10) for number in (m, random.randint(5, 99))]
		for _ in range(15)
	]
	problem = job_shop(rows)
	shifts = np.array([[day * 1440 + 360, day * 1440 + 840] for day in range(60)], np.int64)
	resources = [Resource(r.name, windows=shifts if k % 2 else None) for k, r in enumerate(problem.resources)]
	jobs = [
		Job(job.name, due=random.randint(500, 2500), weight=random.choice((1, 2, 4))) for job in problem.jobs
	]
	previous = {0: Previous(0, 0)}
	return Problem(jobs, problem.operations, resources, previous=previous)
