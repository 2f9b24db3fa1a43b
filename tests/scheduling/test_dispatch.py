"""Dispatching rules: feasible for every rule, and they choose what their names say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from random_shop import shop
from verifier import violations

from sentia_ops.scheduling.engine import rules
from sentia_ops.scheduling.engine.aims import value
from sentia_ops.scheduling.engine.decode import unplaceable
from sentia_ops.scheduling.engine.dispatch import RULES, best_rule, dispatch, quick
from sentia_ops.scheduling.engine.problem import Job, Mode, Objective, Operation, Problem, Resource


def queue(*jobs: tuple[int, int, float], setups=None, families=None, initial=None) -> Problem:
	"""(minutes, due, weight) of jobs that all wait for one saw."""
	return Problem(
		[Job(f"J{i}", 0, due, weight) for i, (_m, due, weight) in enumerate(jobs)],
		[
			Operation(i, 0, (Mode(0, minutes),), family=families[i] if families else None)
			for i, (minutes, _d, _w) in enumerate(jobs)
		],
		[Resource("Saw", initial_family=initial)],
		{0: np.array(setups)} if setups else {},
	)


def sequence(problem: Problem, rule: str) -> list[int]:
	return np.argsort(dispatch(problem, rule, compiled=False).start).tolist()


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_every_rule_gives_a_schedule_that_keeps_every_rule(seed: int):
	problem = shop(seed, jobs=15)
	assert unplaceable(problem) == {}
	for rule in RULES:
		assert violations(problem, dispatch(problem, rule, compiled=False)) == [], rule
	assert violations(problem, quick(problem)) == []


def test_rules_choose_by_their_names():
	jobs = queue((50, 400, 1.0), (10, 300, 1.0), (30, 100, 8.0))
	assert sequence(jobs, "EDD") == [2, 1, 0]
	assert sequence(jobs, "SPT") == [1, 2, 0]
	assert sequence(jobs, "WSPT")[0] == 2
	assert sequence(queue((50, 60, 1.0), (10, 55, 1.0)), "CR") == [0, 1]  # 60 / 50 before 55 / 10


def test_atc_is_wspt_when_all_are_late_and_waits_for_who_has_time():
	late = queue((50, 0, 1.0), (10, 0, 1.0), (30, 0, 8.0))
	assert sequence(late, "ATC") == sequence(late, "WSPT")
	assert sequence(queue((10, 5000, 1.0), (40, 50, 1.0)), "ATC") == [1, 0]


def test_atc_index_by_hand():
	# w / p x exp(-(due - now - p) / (k x mean p)), Vepsalainen and Morton's with nothing left to do after it
	found = rules.index(rules.ATC, 20, 10.0, 10.0, 0, 100, 2.0, 0, 0, 25.0, 1.0, 2.0, 0.0)
	assert found == pytest.approx(2 / 10 * (math.exp(-70 / 50) + 1e-9))


def test_atcs_prefers_what_needs_no_setup():
	problem = queue((20, 100, 1.0), (20, 100, 1.0), setups=[[0, 90], [90, 0]], families=[0, 1], initial=1)
	assert sequence(problem, "ATCS") == [1, 0]


def test_the_best_rule_is_no_worse_than_any():
	problem = shop(4, jobs=25, waits=False)
	objective = Objective((("tardiness", 1.0),))
	name, best = best_rule(problem, objective)
	values = {rule: value(problem, objective, dispatch(problem, rule)) for rule in RULES}
	assert values[name] == value(problem, objective, best) == min(values.values())


def test_compiled_rules_are_the_same_rules():
	problem = shop(2, jobs=20)
	for rule in ("ATC", "ATCS", "CR"):
		plain, fast = (dispatch(problem, rule, compiled=compiled) for compiled in (False, True))
		assert (plain.start == fast.start).all() and (plain.mode == fast.mode).all()
