"""Promised dates: schedules that the verifier passes, none earlier by trying every start, and reasons where there is none."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from sentia_ops.scheduling.engine.decode import decode
from sentia_ops.scheduling.engine.problem import (
	After,
	Fixed,
	Job,
	Mode,
	Operation,
	Resource,
	Schedule,
	Unplaced,
)
from sentia_ops.scheduling.engine.promise import promise
from tests.scheduling.small_shop import DAY, random_shop, shifts, shop
from tests.scheduling.verifier import violations

SAW, PRESS = 0, 1


def machines() -> list[Resource]:
	return [Resource("Saw 1", windows=shifts()), Resource("Press 1", windows=shifts())]


def busy(*spans, setups=None):
	"""A shop in which Press 1 is taken over some spans (start, end)."""
	operations = [
		Operation(number, 10, (Mode(PRESS, end - start),), family=0)
		for number, (start, end) in enumerate(spans)
	]
	jobs = [Job(f"PJ-{number + 1}") for number in range(len(spans))]
	schedule = Schedule(
		np.array([start for start, _end in spans]),
		np.array([end for _start, end in spans]),
		np.zeros(len(spans), dtype=np.int64),
	)
	return shop(jobs, operations, machines(), setups), schedule


ROUTING = [
	Operation(0, 10, (Mode(SAW, 180),), name="Cut"),
	Operation(0, 20, (Mode(PRESS, 120),), (After(0),), name="Press", family=1),
]


def test_goes_into_the_gap_and_says_how():
	built, schedule = busy((0, 240), (400, 480))
	found = promise(built, schedule, ROUTING, weight=1.0)
	assert found.end == 360 and f"{found.at:%a %H:%M}" == "Mon 14:00"
	assert found.text == (
		"Today 14:00: 3 h on Saw 1 from today 08:00, then 1 h waiting for PJ-1 on Press 1, "
		"then 2 h on Press 1 from today 12:00."
	)
	assert violations(found.built.problem, found.schedule) == []
	assert (found.schedule.start[:2] == schedule.start).all()
	assert sum(link["hours"] for link in found.chain) == 6


def test_setups_with_both_neighbours_count():
	setups = {PRESS: np.array([[0, 30], [30, 0]])}
	built, schedule = busy((0, 240), (400, 480), setups=setups)
	# 240 + 30 + 120 + 30 is beyond 400: only after the second one
	assert promise(built, schedule, ROUTING).end == DAY + 30 + 120  # set up on Tuesday morning
	built, schedule = busy((0, 240), (420, 480), setups=setups)
	assert promise(built, schedule, ROUTING).end == 390


def test_material_comes_first():
	built, schedule = busy((0, 10))
	found = promise(built, schedule, ROUTING, DAY + 60, material="brass rod (PO-0044)")
	assert found.end == DAY + 60 + 300
	assert "9 h for brass rod (PO-0044)" in found.text or "brass rod (PO-0044)" in found.text
	assert found.chain[0]["kind"] == "material"


def test_joins_a_batch():
	oven = [Resource("Oven", capacity=3, batch=True)]
	operations = [Operation(0, 10, (Mode(0, 60, units=2),), batch="A")]
	built = shop([Job("PJ-1")], operations, oven)
	schedule = Schedule(np.array([100]), np.array([160]), np.array([0]))
	same = promise(built, schedule, [Operation(0, 10, (Mode(0, 60),), batch="A")], 50)
	other = promise(built, schedule, [Operation(0, 10, (Mode(0, 60),), batch="B")], 50)
	full = promise(built, schedule, [Operation(0, 10, (Mode(0, 60, units=2),), batch="A")], 50)
	assert (same.end, other.end, full.end) == (160, 220, 220)


def test_ends_the_first_step_later_for_a_longest_wait():
	built, schedule = busy((0, 480), (DAY, DAY + 200))
	routing = [ROUTING[0], replace(ROUTING[1], after=(After(0, 0, 60),))]
	found = promise(built, schedule, routing)
	assert found.end == DAY + 320
	assert found.schedule.start[2] == DAY  # 180 minutes and not more than an hour before Press 1 is free
	assert "held back for the step after" in found.text


def test_sooner_where_jobs_of_lower_priority_make_room():
	built, schedule = busy((0, 240), (240, 480))
	low = replace(built.problem, jobs=[Job("PJ-1"), Job("PJ-2", due=480, weight=0.5)])
	first = promise(replace(built, problem=low), schedule, ROUTING, weight=1.0)
	assert f"{first.at:%H:%M}" == "10:00" and f"{first.if_moved:%a %H:%M}" == "Mon 14:00"
	assert first.text.endswith(
		"If jobs of lower priority may be moved: today 14:00, which makes later: PJ-2 20 h."
	)
	assert promise(built, schedule, ROUTING, weight=1.0).if_moved is None  # nobody has a lower one


@pytest.mark.parametrize(
	("routing", "more", "reason"),
	[
		([], {}, "the item has no operations"),
		(ROUTING, {"release": None, "material": "brass rod"}, "brass rod is not in stock and not on order"),
		([replace(ROUTING[0], modes=())], {}, "step 10 (Cut) has no workstation"),
		([replace(ROUTING[0], modes=(Mode(SAW, 600),))], {}, "takes 10 h at a stretch"),
		([replace(ROUTING[0], release=40 * DAY)], {}, "no room before the end of the planned time"),
		(
			ROUTING,
			{"unplaced": [Unplaced("X", 10, "no time", "step 10 has no time: give it one.")]},
			"step 10 has no time",
		),
	],
)
def test_abstains_with_the_reason(routing, more, reason):
	built, schedule = busy((0, 240))
	found = promise(built, schedule, routing, **more)
	assert (found.end, found.at) == (None, None)
	assert found.text.startswith("No date can be promised: ") and reason in found.text


def new_order(draw, routing_size: int, waits: bool) -> list[Operation]:
	routing = []
	for step in range(routing_size):
		longest = int(draw.integers(0, 40)) if waits and step else None
		baked = draw.random() < 0.2
		where = draw.permutation(3)[: int(draw.integers(1, 3))]
		needs = ((4, 1),) if draw.random() < 0.3 else ()
		minutes = int(draw.integers(3, 25))
		modes = (Mode(3, 20),) if baked else tuple(Mode(int(r), minutes, 1, needs) for r in where)
		routing.append(
			Operation(
				0,
				step,
				modes,
				(After(step - 1, int(draw.integers(0, 20)), longest and longest + 20),) if step else (),
				family=int(draw.integers(0, 3)),
				batch="A" if baked else "",
				splittable=bool(draw.random() < 0.3),
			)
		)
	return routing


def possible(built, operation, before: int):
	"""(mode, start, end) of every start in an open minute that ends before a minute."""
	for number, way in enumerate(operation.modes):
		spans = [built.problem.resources[r].windows for r in (way.resource, *(n for n, _u in way.needs))]
		is_open = np.ones(before, dtype=bool)
		for windows in spans:
			inside = np.zeros(before, dtype=bool)
			for start, until in windows if windows is not None else [(0, before)]:
				inside[start:until] = True
			is_open &= inside
		for start in np.flatnonzero(is_open).tolist():
			worked = np.cumsum(is_open[start:])
			done = np.flatnonzero(worked == way.minutes)
			if done.size and (operation.splittable or done[0] == way.minutes - 1):
				yield number, start, start + int(done[0]) + 1


def with_order(built, schedule, routing, places) -> list[str]:
	"""What the verifier says where steps of the order are put at places, all others being fixed."""
	old = built.problem
	held = [
		replace(op, fixed=Fixed(int(m), int(s), int(e)))
		for op, m, s, e in zip(old.operations, schedule.mode, schedule.start, schedule.end, strict=True)
	]
	more = [
		replace(op, job=len(old.jobs), after=tuple(replace(a, op=a.op + len(held)) for a in op.after))
		for op in routing
	]
	problem = replace(old, jobs=[*old.jobs, Job("new")], operations=[*held, *more])
	columns = [
		np.concatenate([column, np.array([place[k] for place in places], dtype=np.int64)])
		for column, k in ((schedule.start, 1), (schedule.end, 2), (schedule.mode, 0))
	]
	return violations(problem, Schedule(*columns))


def earlier_one(built, schedule, routing, end: int):
	"""A way to put two steps that ends before a minute, tried start by start; None: there is none."""
	first, second = (
		[
			place
			for place in possible(built, step, end - 1)
			if not with_order(built, schedule, [replace(step, after=())], [place])
		]
		for step in routing
	)
	after = routing[1].after[0]
	for one, other in product(first, second):
		wait = other[1] - one[2]
		if after.min_wait <= wait and (after.max_wait is None or wait <= after.max_wait):
			if not with_order(built, schedule, routing, [one, other]):
				return one, other
	return None


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("waits", [False, True])
def test_no_earlier_date_by_trying_every_start(seed, waits):
	built = random_shop(seed, jobs=3, tight=True)
	draw = np.random.default_rng(seed + 1000)
	schedule = decode(built.problem, draw.permutation(len(built.problem.operations)), compiled=False)
	routing = new_order(draw, 2, waits)
	found = promise(built, schedule, routing)
	assert found.end is None or violations(found.built.problem, found.schedule) == []
	assert earlier_one(built, schedule, routing, found.end or 3 * DAY) is None


@pytest.mark.parametrize("seed", range(30))
def test_nobody_is_moved_and_every_rule_is_kept(seed):
	built = random_shop(seed, jobs=10)
	draw = np.random.default_rng(seed)
	count = len(built.problem.operations)
	schedule = decode(built.problem, draw.permutation(count), compiled=False)
	routing = [
		replace(op, modes=tuple(replace(m, minutes=m.minutes * 3) for m in op.modes))
		for op in new_order(draw, int(draw.integers(1, 6)), waits=bool(draw.random() < 0.5))
	]
	found = promise(built, schedule, routing, int(draw.integers(0, 3 * DAY)))
	if found.end is None:
		assert "allow a longer wait" in found.text
		return
	assert violations(found.built.problem, found.schedule) == []
	for old, new in ((schedule.start, found.schedule.start), (schedule.end, found.schedule.end)):
		assert (new[:count] == old).all()
	assert sum(link["hours"] for link in found.chain) == pytest.approx(found.end / 60)
