"""The parts of the CP-SAT model: starts and pauses of a calendar, work time, weights, and models of a part."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from exhaustive import cheapest, tiny
from verifier import aims, violations

from sentia_ops.scheduling.engine import calendars, dispatch
from sentia_ops.scheduling.engine.cp import times
from sentia_ops.scheduling.engine.cp.facts import Facts
from sentia_ops.scheduling.engine.cp.model import Limits, Model, whole_scope
from sentia_ops.scheduling.engine.cp.objective import whole
from sentia_ops.scheduling.engine.cp.variables import Scope
from sentia_ops.scheduling.engine.neighbourhoods import Neighbourhoods
from sentia_ops.scheduling.engine.problem import (
	After,
	Fixed,
	Job,
	Mode,
	Objective,
	Operation,
	Problem,
	Resource,
)
from sentia_ops.scheduling.engine.race import Race

FEATURES = ("calendar", "capacity", "batch", "modes", "needs", "waits", "setup", "split", "release", "fixed")
MAKESPAN = Objective((("makespan", 1.0),))


def hours(seed: int) -> np.ndarray:
	random, at, found = Random(seed), 0, []
	for _ in range(6):
		at += random.randint(1, 9)
		found.append((at, at + random.randint(1, 12)))
		at = found[-1][1]
	return np.array(found, np.int64)


@pytest.mark.parametrize("seed", range(8))
def test_starts_and_pauses_are_those_of_the_calendar(seed):
	windows = hours(seed)
	for minutes in (1, 4, 9, 20):
		for splittable in (False, True):
			pieces = times.starts(windows, minutes, splittable)
			found = {
				at: at + minutes + pause
				for pause, spans in pieces.items()
				for a, b in spans
				for at in range(a, b + 1)
			}
			expected = {}
			for at in range(int(windows[-1, 1]) + 1):
				place = calendars.finish(windows, at, minutes, splittable)
				if place is not None and place[0] == at:
					expected[at] = place[1]
			assert found == expected


@pytest.mark.parametrize("seed", range(4))
def test_clipped_starts_are_between_and_end_in_time(seed):
	pieces = times.starts(hours(seed), 6, True)
	for lo, hi in ((0, 200), (9, 30), (17, 17), (40, 20)):
		found = times.clipped(pieces, lo, hi)
		assert all(found.values())
		for pause, spans in pieces.items():
			expected = {at for a, b in spans for at in range(a, b + 1) if lo <= at <= hi - pause}
			assert {at for a, b in found.get(pause, []) for at in range(a, b + 1)} == expected


def test_work_time_counts_open_minutes_since_minute_zero():
	windows = hours(5)
	work = times.WorkTime(windows)
	assert [work.at(t) for t in range(80)] == [calendars.work(windows, 0, t) for t in range(80)]
	first, last = int(windows[0, 0]), int(windows[-1, 0])
	passed = sum(gap for _opens, gap in work.gaps(first, last))
	assert work.at(last) - work.at(first) == last - first - passed


def test_weights_become_whole_numbers_and_never_count_more():
	scale, terms = whole([(0.5, "a"), (0.01, "b"), (8.0, "c")])
	assert (scale, terms) == (100, [(50, "a"), (1, "b"), (800, "c")])
	scale, terms = whole([(1 / 3 + 1e-7, "a"), (2.0, "b")])
	assert all(
		weight <= given * scale for (weight, _t), given in zip(terms, (1 / 3 + 1e-7, 2.0), strict=True)
	)
	assert terms[0][0] / scale == pytest.approx(1 / 3, abs=1e-3)


@pytest.mark.parametrize("seed", range(40, 60))
def test_whole_model_finds_the_optimum(seed):
	random = Random(seed)
	problem = tiny(seed, set(random.sample(FEATURES, 4)))
	problem = replace(problem, jobs=[replace(job, due=max(1, job.due // 3)) for job in problem.jobs])
	objective = Objective((("tardiness", 1.0), ("makespan", 0.5), ("setup", 0.25)))
	facts = Facts(problem)
	model = Model(facts, objective, whole_scope(facts, dispatch.quick(problem)))
	found = model.solve(Limits(seconds=600, deterministic=60))
	assert found.proven and violations(problem, found.schedule) == []
	worth = aims(problem, found.schedule)
	total = round(sum(weight * worth[aim] for aim, weight in objective.aims), 6)
	assert (total,) == cheapest(problem, objective)


@pytest.mark.parametrize("seed", range(12))
def test_a_part_moves_only_what_is_free_and_keeps_all_rules(seed):
	random = Random(seed)
	problem = tiny(seed, set(random.sample(FEATURES, 4)))
	now = dispatch.quick(problem)
	facts = Facts(problem)
	free = facts.movable & np.array([random.random() < 0.5 for _ in problem.operations])
	if not free.any():
		free[np.flatnonzero(facts.movable)[0]] = True
	objective = Objective()
	scope = Scope(free, now, facts.safe_lo, facts.safe_hi)
	found = Model(facts, objective, scope).solve(Limits(seconds=600, deterministic=60))
	assert found.proven and violations(problem, found.schedule) == []
	for part in ("start", "end", "mode"):
		assert (getattr(found.schedule, part)[~free] == getattr(now, part)[~free]).all()
	before, after = aims(problem, now), aims(problem, found.schedule)
	assert (
		after["tardiness"] + 0.01 * after["makespan"]
		<= before["tardiness"] + 0.01 * before["makespan"] + 1e-6
	)


def test_one_batch_holds_what_fits_and_has_one_key():
	operations = [
		Operation(j, 0, (Mode(0, 10),), batch=key) for j, key in enumerate(("a", "a", "a", "b", ""))
	]
	problem = Problem(
		[Job(f"J{j}") for j in range(5)], operations, [Resource("Oven", capacity=2, batch=True)]
	)
	facts = Facts(problem)
	found = Model(facts, MAKESPAN, whole_scope(facts, dispatch.quick(problem))).solve(
		Limits(deterministic=60)
	)
	assert found.schedule.end.max() == 40  # two of a, one of a, b, and the one without a key
	assert violations(problem, found.schedule) == []


def test_setup_is_worked_in_the_open_minutes_of_the_station():
	# the first ends at 8; of the setup of 4, two minutes are before the break at 10 and two after it
	windows = np.array([[0, 10], [20, 60]], np.int64)
	operations = [Operation(0, 0, (Mode(0, 8),), family=0), Operation(1, 0, (Mode(0, 5),), family=1)]
	problem = Problem(
		[Job("A"), Job("B")], operations, [Resource("M", windows=windows)], {0: np.array([[0, 4], [40, 0]])}
	)
	facts = Facts(problem)
	found = Model(facts, MAKESPAN, whole_scope(facts, dispatch.quick(problem))).solve(
		Limits(deterministic=60)
	)
	assert (found.schedule.start.tolist(), found.schedule.end.tolist()) == ([0, 22], [8, 27])


def test_fixed_operations_that_overlap_are_no_contradiction():
	operations = [
		Operation(0, 0, (Mode(0, 10),), fixed=Fixed(0, 0, 10)),
		Operation(1, 0, (Mode(0, 10),), fixed=Fixed(0, 5, 15)),
		Operation(2, 0, (Mode(0, 10),), (After(0, 2),)),
	]
	problem = Problem([Job("A"), Job("B"), Job("C")], operations, [Resource("M")])
	facts = Facts(problem)
	found = Model(facts, MAKESPAN, whole_scope(facts, dispatch.quick(problem))).solve(
		Limits(deterministic=60)
	)
	assert found.proven and found.schedule.start.tolist() == [0, 5, 15]


def test_neighbourhoods_never_make_it_worse():
	random = Random(3)
	jobs = [Job(f"J{j}", due=random.randint(100, 600), weight=random.choice((1.0, 4.0))) for j in range(12)]
	operations = []
	for j in range(12):
		for step, r in enumerate(random.sample(range(4), 4)):
			after = (After(len(operations) - 1),) if step else ()
			modes = (Mode(r, random.randint(10, 60)), Mode((r + 1) % 4, 70))
			operations.append(Operation(j, step, modes, after, family=j % 3, splittable=j % 2 == 0))
	windows = np.array([[day * 200, day * 200 + 120] for day in range(40)], np.int64)
	setups = {0: np.array([[0, 9, 5], [7, 0, 8], [4, 6, 0]])}
	problem = Problem(jobs, operations, [Resource(f"M{r}", windows=windows) for r in range(4)], setups)
	race = Race(problem, Objective(), 600)
	race.offer(dispatch.quick(problem), "due dates")
	search = Neighbourhoods(race, 1)
	search.run(rounds=5)
	values = [value for _at, value, _who in race.history]
	assert len(values) > 1 and values == sorted(values, reverse=True)
	assert violations(problem, race.best) == []
	assert race.score[0] == pytest.approx(race.rate(race.best)[0])
