"""Tabu search of pure shops: every schedule passes the verifier, small shops are solved to the optimum."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from verifier import violations

from sentia_ops.scheduling.engine.instances import jobshop
from sentia_ops.scheduling.engine.problem import After, Fixed, Job, Mode, Operation, Problem, Resource
from sentia_ops.scheduling.engine.shop.bound import lower_bound
from sentia_ops.scheduling.engine.shop.population import IDLE, Hunt, Searcher, join, search
from sentia_ops.scheduling.engine.shop.shops import arrays, fits, schedule_of, solution_of

DATA = Path(os.environ.get("SENTIA_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
LONG = 300.0  # seconds no test needs: what ends the searches here is a number of rounds, or the proof


def random_shop(seed: int, jobs=3, machines=3, most_modes=1, setups=False, releases=False) -> Problem:
	rng = np.random.default_rng(seed)
	operations = []
	for job in range(jobs):
		for step in range(machines):
			on = rng.permutation(machines)[: rng.integers(1, most_modes + 1)]
			modes = tuple(Mode(int(m), int(rng.integers(1, 10))) for m in on)
			after = (After(len(operations) - 1),) if step else ()
			operations.append(Operation(job, step, modes, after, family=job if setups else None))
	matrices = {m: rng.integers(0, 8, (jobs, jobs)) for m in range(machines)} if setups else {}
	release = rng.integers(0, 9, jobs) if releases else np.zeros(jobs, int)
	stands = int(rng.integers(jobs)) if releases and setups else None
	return Problem(
		[Job(str(j), int(release[j])) for j in range(jobs)],
		operations,
		[Resource(str(m), initial_family=stands) for m in range(machines)],
		matrices,
	)


def optimum(problem: Problem) -> int:
	"""By trying all orders in which operations can be put one after the other, and all alternatives.

	Every order of each machine arises from one of these sequences, and times as early as possible are the best.
	"""
	tokens = [op.job for op in problem.operations]
	first = {op.job: i for i, op in reversed(list(enumerate(problem.operations)))}
	best = 10**9
	for sequence in set(permutations(tokens)):
		step, order = dict.fromkeys(first, 0), []
		for job in sequence:
			order.append(first[job] + step[job])
			step[job] += 1
		for modes in product(*(range(len(op.modes)) for op in problem.operations)):
			best = min(best, _makespan(problem, order, modes))
	return best


def _makespan(problem: Problem, order, modes) -> int:
	free, last, ready = {}, {}, {}
	for i in order:
		op, mode = problem.operations[i], problem.operations[i].modes[modes[i]]
		m = mode.resource
		family = last.get(m, problem.resources[m].initial_family)
		setup = 0 if family is None or m not in problem.setups else int(problem.setups[m][family, op.family])
		start = max(ready.get(op.job, problem.jobs[op.job].release), free.get(m, 0) + setup)
		free[m] = ready[op.job] = start + mode.minutes
		last[m] = op.family
	return max(free.values())


CASES = {
	"job shop": {"jobs": 3, "machines": 3},
	"flexible": {"jobs": 3, "machines": 2, "most_modes": 2},
	"setups": {"jobs": 4, "machines": 2, "setups": True},
	"flexible with setups": {"jobs": 3, "machines": 2, "most_modes": 2, "setups": True},
	"releases and first setups": {"jobs": 3, "machines": 2, "setups": True, "releases": True},
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(4))
def test_small_shops_are_solved_to_the_optimum(case, seed):
	problem = random_shop(seed, **CASES[case])
	assert fits(problem)
	schedule = search(problem, LONG, rounds=30)
	assert violations(problem, schedule) == []
	assert schedule.end.max() == optimum(problem)
	assert lower_bound(arrays(problem)) <= optimum(problem)


@pytest.mark.parametrize("setups", [False, True])
@pytest.mark.parametrize("modes", [1, 3])
def test_larger_shops_keep_all_rules(setups, modes):
	problem = random_shop(7, jobs=12, machines=6, most_modes=modes, setups=setups, releases=True)
	told = []
	schedule = search(problem, LONG, rounds=3, on_better=told.append)
	for each in told:
		assert violations(problem, each) == []
	makespans = [int(each.end.max()) for each in told]
	assert makespans == sorted(set(makespans), reverse=True)
	assert makespans[-1] == schedule.end.max()


def test_two_threads_keep_all_rules():
	problem = random_shop(8, jobs=10, machines=5, most_modes=2)
	assert violations(problem, search(problem, LONG, workers=2, rounds=4)) == []


def test_one_seed_gives_one_schedule():
	problem = random_shop(9, jobs=12, machines=6, setups=True)
	one, same = (search(problem, LONG, seed=5, rounds=13) for _ in range(2))
	other = search(problem, LONG, seed=6, rounds=13)
	assert (one.start == same.start).all() and (one.mode == same.mode).all()
	assert (one.start != other.start).any()


def test_never_worse_than_its_start():
	problem = random_shop(10, jobs=10, machines=5)
	start = search(problem, LONG, rounds=2)
	assert search(problem, LONG, seed=1, start=start, rounds=1).end.max() <= start.end.max()


def test_a_schedule_comes_back_from_its_order():
	problem = random_shop(11, jobs=8, machines=4, most_modes=2, setups=True, releases=True)
	schedule, shop = search(problem, LONG, rounds=1), arrays(problem)
	again = schedule_of(shop, *solution_of(shop, schedule))
	assert (again.start <= schedule.start).all() and (again.mode == schedule.mode).all()


def test_stops_when_told():
	problem = random_shop(12, jobs=12, machines=6)
	asked = []

	def stop() -> bool:
		asked.append(1)
		return len(asked) > 2

	assert violations(problem, search(problem, LONG, stop=stop)) == []


def test_a_population_that_stands_still_makes_way_for_a_larger_one():
	shop = arrays(random_shop(13, jobs=6, machines=3))
	searcher = Searcher(shop, 0)
	searcher.begin(*searcher.dispatch(100))
	hunt = Hunt(shop, ends=0.0, target=0, stop=None, on_better=None, rounds=None, size=4)
	for _ in range(4 + IDLE * 4):
		join(hunt, searcher.elite())
	assert (len(hunt.elites), hunt.size) == (4, 4)
	join(hunt, searcher.elite())
	assert (len(hunt.elites), hunt.size) == (0, 5)


def test_operations_without_minutes_take_no_room():
	steps = [Operation(0, 0, (Mode(0, 0),)), Operation(0, 1, (Mode(1, 0),), (After(0),))]
	steps += [Operation(0, 2, (Mode(0, 4),), (After(1),)), Operation(1, 0, (Mode(0, 3),))]
	problem = Problem([Job("A"), Job("B")], steps, [Resource("a"), Resource("b")])
	schedule = search(problem, LONG, rounds=5)
	assert violations(problem, schedule) == []
	assert schedule.end.max() == 7


def test_what_does_not_fit_is_left_to_others():
	problem = random_shop(1)
	assert fits(problem)
	operation = problem.operations[1]

	def with_operation(**changes) -> Problem:
		operations = list(problem.operations)
		operations[1] = replace(operation, **changes)
		return replace(problem, operations=operations)

	assert not fits(with_operation(after=(After(0, min_wait=5),)))
	assert not fits(with_operation(after=(After(0, max_wait=5),)))
	assert not fits(with_operation(after=(After(0), After(3))))
	assert not fits(with_operation(fixed=Fixed(0, 3, 8)))
	assert not fits(with_operation(modes=(Mode(0, 5, needs=((1, 1),)),)))
	windows = np.array([[0, 500]])
	assert not fits(replace(problem, resources=[replace(r, windows=windows) for r in problem.resources]))
	assert not fits(replace(problem, resources=[replace(r, capacity=2) for r in problem.resources]))
	assert not fits(replace(problem, operations=[]))


@pytest.mark.parametrize(
	("name", "makespan"),
	[("ft06", 55), ("la01", 666), ("la02", 655), ("la03", 597), ("la04", 590), ("la05", 593)],
)
def test_best_known_of_small_classics(name, makespan):
	file = DATA / "scheduling" / "jobshop" / f"{name}.txt"
	if not file.exists():
		pytest.skip(f"{file} is not there: set SENTIA_DATA")
	problem = jobshop(file.read_text())
	told = []
	schedule = search(
		problem, LONG, rounds=200, on_better=told.append, stop=lambda: told[-1].end.max() <= makespan
	)
	assert violations(problem, schedule) == []
	assert schedule.end.max() == makespan
