"""Local search: never worse, every rule kept, the best there is on what can be counted out."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from random_shop import shop
from verifier import aims, violations

from sentia_ops.scheduling.engine.aims import value
from sentia_ops.scheduling.engine.decode import decode, unplaceable
from sentia_ops.scheduling.engine.dispatch import dispatch
from sentia_ops.scheduling.engine.improve import improve
from sentia_ops.scheduling.engine.problem import Job, Mode, Objective, Operation, Problem, Resource

TARDINESS = Objective((("tardiness", 1.0),))


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5])
def test_never_worse_and_every_rule_kept(seed: int):
	problem = shop(seed, jobs=25)
	assert unplaceable(problem) == {}
	start = dispatch(problem, "EDD")
	told = []
	found = improve(problem, start, TARDINESS, 60, rounds=1500, on_better=lambda s, v: told.append((s, v)))
	assert violations(problem, found) == []
	assert value(problem, TARDINESS, found) <= value(problem, TARDINESS, start)
	assert [v for _s, v in told] == sorted((v for _s, v in told), reverse=True)
	for better, said in told:
		assert violations(problem, better) == [] and aims(problem, better)["tardiness"] == pytest.approx(said)


def test_finds_the_best_sequence_of_one_machine_with_setups():
	rng = np.random.default_rng(1)
	minutes, due, families = rng.integers(10, 60, 7), rng.integers(30, 250, 7), [0, 1, 2, 0, 1, 2, 0]
	setups = np.array([[0, 30, 10], [20, 0, 40], [15, 25, 0]])
	problem = Problem(
		[Job(f"J{i}", 0, int(due[i]), float(1 + i % 3)) for i in range(7)],
		[Operation(i, 0, (Mode(0, int(minutes[i])),), family=families[i]) for i in range(7)],
		[Resource("Saw", initial_family=0)],
		{0: setups},
	)
	best = min(
		value(problem, TARDINESS, decode(problem, order, compiled=True)) for order in permutations(range(7))
	)
	found = improve(problem, dispatch(problem, "SPT"), TARDINESS, 60, rounds=4000)
	assert value(problem, TARDINESS, found) == best


def test_the_same_seed_gives_the_same_schedule():
	problem = shop(5, jobs=20)
	start = dispatch(problem, "EDD")
	one, other = (improve(problem, start, TARDINESS, 60, seed=7, rounds=600) for _ in range(2))
	assert (one.start == other.start).all()


@pytest.mark.parametrize("aim", ["makespan", "setup", "wip"])
def test_other_aims_get_better_too(aim: str):
	problem = shop(6, jobs=25, waits=False)
	start = decode(problem, range(len(problem.operations)))  # one job after the other
	objective = Objective(((aim, 1.0),))
	found = improve(problem, start, objective, 60, rounds=3000)
	assert aims(problem, found)[aim] < aims(problem, start)[aim]


def test_ordered_aims_hold_the_first():
	problem = shop(6, jobs=25, waits=False)
	start = dispatch(problem, "EDD")
	objective = Objective((("tardiness", 1.0), ("setup", 1.0)), ordered=True)
	found = aims(problem, improve(problem, start, objective, 60, rounds=2000))
	before = aims(problem, start)
	assert (found["tardiness"], found["setup"]) <= (before["tardiness"], before["setup"])


def test_stops_when_asked():
	problem = shop(0, jobs=10)
	start = dispatch(problem, "EDD")
	asked = []
	improve(problem, start, TARDINESS, 1000.0, stop=lambda: asked.append(1) or len(asked) > 2)
	assert len(asked) == 3


def test_nothing_to_improve():
	empty = Problem([], [], [])
	start = decode(empty, [], compiled=False)
	assert improve(empty, start, TARDINESS, 1.0) is start
