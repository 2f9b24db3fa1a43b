"""Serial schedule generation: every rule is kept, whatever the order; the compiled form gives the same schedule."""

from __future__ import annotations

import numpy as np
import pytest
from random_shop import shop
from verifier import aims as counted
from verifier import violations

from sentia_ops.scheduling.engine import arrays
from sentia_ops.scheduling.engine.aims import aims
from sentia_ops.scheduling.engine.decode import Infeasible, decode, order_of, unplaceable
from sentia_ops.scheduling.engine.problem import After, Fixed, Job, Mode, Operation, Problem, Resource

HOURS = np.array([[0, 240], [270, 480], [1440, 1680], [1710, 1920]], dtype=np.int64)


def one(*operations: Operation, resources=None, setups=None, jobs=None) -> Problem:
	resources = resources or [Resource("Saw", windows=HOURS)]
	return Problem(jobs or [Job("A", due=100)], list(operations), resources, setups or {})


def times(problem: Problem, order=None, modes=None) -> list[tuple[int, int]]:
	made = decode(problem, order or range(len(problem.operations)), modes, compiled=False)
	assert violations(problem, made) == []
	return list(zip(made.start.tolist(), made.end.tolist(), strict=True))


def work(minutes: int, *, resource: int = 0, **more) -> Operation:
	return Operation(
		0,
		more.pop("step", 0),
		(Mode(resource, minutes, more.pop("units", 1), more.pop("needs", ())),),
		**more,
	)


@pytest.mark.parametrize("seed", range(30))
def test_any_order_keeps_every_rule(seed: int):
	problem = shop(seed)
	rng = np.random.default_rng(seed)
	assert unplaceable(problem) == {}
	made = decode(problem, rng.permutation(len(problem.operations)), compiled=False)
	assert violations(problem, made) == []
	assert aims(problem, made) == pytest.approx(counted(problem, made))


def test_decoding_a_schedule_again_is_no_later():
	problem = shop(3, jobs=20, waits=False)
	made = decode(problem, range(len(problem.operations)), compiled=False)
	again = decode(problem, order_of(problem, made), made.mode, compiled=False)
	assert (again.end <= made.end).all()


def test_compiled_and_plain_are_the_same_schedule():
	problem = shop(11, jobs=15)
	order = np.random.default_rng(0).permutation(len(problem.operations))
	plain, fast = (decode(problem, order, compiled=compiled) for compiled in (False, True))
	assert (
		(plain.start == fast.start).all()
		and (plain.end == fast.end).all()
		and (plain.mode == fast.mode).all()
	)


def test_split_and_unsplit_over_a_break():
	assert times(one(work(300, splittable=True))) == [(0, 330)]
	assert times(one(work(200), work(200))) == [(0, 200), (270, 470)]
	assert times(one(work(200), work(200, splittable=True))) == [(0, 200), (200, 430)]


def test_an_earlier_gap_is_used():
	assert times(one(work(200), work(210), work(40))) == [(0, 200), (270, 480), (200, 240)]


def test_setup_is_done_in_working_time_and_on_both_sides_of_a_gap():
	setups = {0: np.array([[0, 60], [30, 0]])}
	resource = [Resource("Saw", windows=HOURS, initial_family=1)]
	first, second = work(200, family=0), work(100, family=1)
	# 30 minutes of setup from the initial family; then 10 minutes of it before the break, 50 after
	assert times(one(first, second, resources=resource, setups=setups)) == [(30, 230), (320, 420)]
	third = work(20, family=0)  # fits between the two, but not with the 60 minutes of setup after it
	assert times(one(first, second, third, resources=resource, setups=setups))[2] == (450, 470)


def test_capacity_and_second_resource():
	resources = [Resource("Washer", capacity=3), Resource("People", capacity=1)]
	two = work(60, units=2)
	assert times(one(two, two, work(30), resources=resources)) == [(0, 60), (60, 120), (0, 30)]
	by_hand = work(60, needs=((1, 1),))
	assert times(one(by_hand, by_hand, resources=resources)) == [(0, 60), (60, 120)]


def test_batches_of_one_key_run_together_up_to_capacity():
	oven = [Resource("Oven", capacity=2, batch=True)]
	hot = [work(60, batch="hot") for _ in range(3)]
	assert times(one(*hot, work(60, batch="cold"), resources=oven)) == [
		(0, 60),
		(0, 60),
		(60, 120),
		(120, 180),
	]
	assert times(one(hot[0], work(90, batch="hot"), work(60), resources=oven)) == [
		(0, 60),
		(60, 150),
		(150, 210),
	]


def test_longest_wait_moves_the_operation_before():
	resources = [Resource("Saw"), Resource("Press", windows=np.array([[500, 900]]))]
	second = work(30, resource=1, after=(After(0, 10, 20),), step=1)
	assert times(one(work(60), second, resources=resources)) == [(420, 480), (500, 530)]


def test_waits_that_no_start_can_hold():
	resources = [
		Resource("Saw", windows=np.array([[0, 100]])),
		Resource("Press", windows=np.array([[500, 900]])),
	]
	problem = one(work(60), work(30, resource=1, after=(After(0, 0, 20),), step=1), resources=resources)
	with pytest.raises(Infeasible):
		decode(problem, [0, 1], compiled=False)
	assert set(unplaceable(problem)) == {0, 1} and "tied" in unplaceable(problem).values()


def test_fixed_stays_and_the_others_go_round_it():
	pinned = work(60, fixed=Fixed(0, 100, 160))
	assert times(one(pinned, work(100), work(30))) == [(100, 160), (0, 100), (160, 190)]
	at_night = work(60, fixed=Fixed(0, 600, 700))
	assert times(one(at_night, work(60))) == [(600, 700), (0, 60)]


def test_what_follows_something_unplaceable_is_blocked():
	problem = one(work(300), work(30, after=(After(0),), step=1), work(30))
	assert unplaceable(problem) == {0: "no time", 1: "blocked"}


def test_a_cycle_is_refused():
	with pytest.raises(ValueError, match="cycle"):
		arrays.topological(one(work(5, after=(After(1),)), work(5, after=(After(0),))))
