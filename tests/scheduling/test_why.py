"""What holds each operation and each late job, by hand-made cases of every cause; hours that add up, at random."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sentia_ops.scheduling.engine import causes as c
from sentia_ops.scheduling.engine.causes import Causes
from sentia_ops.scheduling.engine.decode import decode
from sentia_ops.scheduling.engine.insert import alone
from sentia_ops.scheduling.engine.load import bottleneck, loads
from sentia_ops.scheduling.engine.problem import After, Job, Mode, Operation, Previous, Resource, Schedule
from sentia_ops.scheduling.engine.why import chains, critical, operation_reasons
from tests.scheduling.small_shop import DAY, fixed, random_shop, shifts, shop
from tests.scheduling.verifier import violations

SAW, PRESS, ANNA = 0, 1, 2


def machines(**more) -> list[Resource]:
	return [
		Resource("Saw 1", windows=shifts(), **more),
		Resource("Press 1", windows=shifts()),
		Resource("Anna", windows=shifts(), kind="operator"),
	]


def placed(built, starts, ends=None, modes=None) -> Schedule:
	operations = built.problem.operations
	ends = ends or [start + op.modes[0].minutes for start, op in zip(starts, operations, strict=True)]
	return Schedule(np.array(starts), np.array(ends), np.array(modes or [0] * len(operations)))


def kinds(built, schedule, job=0) -> dict[str, int]:
	found: dict[str, int] = {}
	for piece in Causes(built.problem, schedule).pieces(job):
		found[piece.kind] = found.get(piece.kind, 0) + piece.minutes
	return found


def test_step_after_step_and_start_at_once():
	operations = [
		Operation(0, 10, (Mode(SAW, 60),), name="Cut"),
		Operation(0, 20, (Mode(PRESS, 90),), (After(0),), name="Press"),
	]
	built = shop([Job("PJ-1")], operations, machines())
	schedule = placed(built, [0, 60])
	first, second = operation_reasons(built, schedule)
	assert first == "Nothing holds it: it starts at once."
	assert second == "Follows step 10 (Cut), which ends today 09:00."
	assert kinds(built, schedule) == {"work": 150}


def test_waits_for_the_job_before_it_and_its_setup():
	operations = [
		Operation(0, 10, (Mode(SAW, 120),), family=0),
		Operation(1, 10, (Mode(SAW, 60),), family=1),
	]
	built = shop(
		[Job("PJ-1"), Job("PJ-2", due=60)], operations, machines(), {SAW: np.array([[0, 45], [30, 0]])}
	)
	schedule = placed(built, [0, 165])
	assert operation_reasons(built, schedule)[1] == (
		"PJ-1 is on Saw 1 until today 10:00; 45 min of setup of Saw 1 from Red (PJ-1) to Blue."
	)
	assert kinds(built, schedule, 1) == {"waiting": 120, "setup": 45, "work": 60}
	row = chains(built, schedule)[1]
	assert row["late"] and row["tardiness"] == pytest.approx(165 / 60)
	assert row["summary"] == (
		"2.8 h late: 2 h waiting for PJ-1 on Saw 1 and 45 min of setup on Saw 1; "
		"1 h of work, 3.8 h in all from today 08:00 to today 11:45."
	)
	assert [link["kind"] for link in row["chain"]] == ["waiting", "setup", "work"]
	assert row["chain"][0]["job"] == "PJ-1" and row["chain"][0]["workstation"] == "Saw 1"
	json.dumps(row)


def test_setup_of_the_family_it_stands_in_now():
	operations = [Operation(0, 10, (Mode(SAW, 60),), family=1)]
	built = shop([Job("PJ-1")], operations, machines(initial_family=0), {SAW: np.array([[0, 45], [30, 0]])})
	text = operation_reasons(built, placed(built, [45]))[0]
	assert text == "45 min of setup of Saw 1 from Red, as it stands now, to Blue."


@pytest.mark.parametrize(
	("ready", "start", "word"),
	[
		(400, DAY, "Press 1 is closed today 16:00 to Tuesday 08:00 (night)"),
		(4 * DAY + 400, 7 * DAY, "is closed Friday 16:00 to Mon 9 March 08:00 (weekend)"),
	],
)
def test_closed_at_night_and_over_the_weekend(ready, start, word):
	operations = [
		Operation(0, 10, (Mode(SAW, 80),), release=ready),
		Operation(0, 20, (Mode(PRESS, 60),), (After(0),)),
	]
	built = shop([Job("PJ-1", due=10)], operations, machines())
	schedule = placed(built, [ready, start])
	assert word in operation_reasons(built, schedule)[1]
	night = start - ready - 80
	assert kinds(built, schedule)["closed"] >= night
	assert sum(kinds(built, schedule).values()) == start + 60


def test_holiday_and_breakdown_are_named():
	resources = machines()
	windows = shifts()
	windows = windows[windows[:, 0] != DAY]
	resources[SAW] = Resource("Saw 1", windows=windows)
	operations = [Operation(0, 10, (Mode(SAW, 60),), release=470)]
	built = shop(
		[Job("PJ-1", due=480)], operations, resources, closures={SAW: [(960, 960 + DAY, "Founders' Day")]}
	)
	schedule = placed(built, [2 * DAY])
	assert operation_reasons(built, schedule)[0].endswith(
		"needs 1 h at a stretch, and 10 min are left before Saw 1 is closed "
		"today 16:00 to Wednesday 08:00 (Founders' Day)."
	)
	assert "closed (Founders' Day)" in chains(built, schedule)[0]["summary"]


def test_too_short_before_closing():
	operations = [Operation(0, 10, (Mode(SAW, 400),)), Operation(1, 10, (Mode(SAW, 120),))]
	built = shop([Job("PJ-1"), Job("PJ-2", due=500)], operations, machines())
	schedule = placed(built, [0, DAY])
	text = operation_reasons(built, schedule)[1]
	assert "needs 2 h at a stretch, and 1.3 h are left before Saw 1 is closed today 16:00" in text
	assert kinds(built, schedule, 1) == {"waiting": 400, "too short": 80, "closed": DAY - 480, "work": 120}


def test_material_release_and_cooling():
	operations = [
		Operation(0, 10, (Mode(SAW, 60),), release=300),
		Operation(0, 20, (Mode(SAW, 60),), (After(0, 30),), name="Grind"),
	]
	built = shop([Job("PJ-1", 120, 200)], operations, machines(), materials={"PJ-1": "brass rod (PO-0044)"})
	schedule = placed(built, [300, 390])
	first, second = operation_reasons(built, schedule)
	assert first == "Waits for brass rod (PO-0044), there today 13:00."
	assert second == "Waits 30 min after step 10, which ends today 14:00."
	# counted from the release: what comes before it is nobody's delay
	assert kinds(built, schedule) == {"material": 180, "work": 120, "pause": 30}
	assert "3 h for brass rod (PO-0044)" in chains(built, schedule)[0]["summary"]


def test_released_later():
	built = shop([Job("PJ-1", 120)], [Operation(0, 10, (Mode(SAW, 60),))], machines())
	assert operation_reasons(built, placed(built, [120])) == ["Its job is not released before today 10:00."]


def test_second_resource_taken_by_somebody():
	operations = [
		Operation(0, 10, (Mode(SAW, 100, needs=((ANNA, 1),)),)),
		Operation(1, 10, (Mode(PRESS, 60, needs=((ANNA, 1),)),)),
	]
	built = shop([Job("PJ-1"), Job("PJ-2", due=30)], operations, machines())
	schedule = placed(built, [0, 100])
	assert operation_reasons(built, schedule)[1] == "Operator Anna works on PJ-1 (Saw 1) until today 09:40."
	assert "1.7 h waiting for operator Anna (on PJ-1)" in chains(built, schedule)[1]["summary"]


def test_full_station_and_full_crew():
	resources = [Resource("Bench", capacity=2), *machines(), Resource("Fitters", capacity=2, kind="operator")]
	operations = [
		Operation(0, 10, (Mode(0, 100),)),
		Operation(1, 10, (Mode(0, 60),)),
		Operation(2, 10, (Mode(0, 60),)),
		Operation(3, 10, (Mode(1, 90, needs=((4, 2),)),)),
		Operation(4, 10, (Mode(2, 60, needs=((4, 1),)),)),
	]
	built = shop([Job(f"PJ-{number}") for number in range(5)], operations, resources)
	texts = operation_reasons(built, placed(built, [0, 0, 60, 0, 90]))
	assert texts[2] == "Bench is full until today 09:00, when PJ-1 ends."
	assert texts[4] == "No operator of Fitters is free until today 09:30, when PJ-3 ends on Saw 1."


def test_second_resource_not_there():
	resources = machines()
	resources[ANNA] = Resource("Anna", windows=shifts(120, 480), kind="operator")
	built = shop([Job("PJ-1")], [Operation(0, 10, (Mode(SAW, 60, needs=((ANNA, 1),)),))], resources)
	assert "Anna is closed" in operation_reasons(built, placed(built, [120]))[0]


def test_maintenance_in_the_way():
	operations = [
		Operation(0, 0, (Mode(SAW, 200),), kind="maintenance"),
		Operation(1, 10, (Mode(SAW, 60),)),
	]
	built = shop([Job("Oil change"), Job("PJ-2", due=10)], operations, machines())
	schedule = placed(built, [0, 200])
	assert operation_reasons(built, schedule)[1] == "Maintenance Oil change is on Saw 1 until today 11:20."
	assert "3.3 h of maintenance on Saw 1" in chains(built, schedule)[1]["summary"]


def test_fixed_says_what_fixed_it():
	operations = [fixed(Operation(0, 10, (Mode(SAW, 60),)), -30, 30)]
	operations += [fixed(Operation(0, 20, (Mode(SAW, 60),), (After(0),)), 100, 160)]
	built = shop([Job("PJ-1")], operations, machines(), fixed_why={0: "started", 1: "pinned"})
	schedule = placed(built, [-30, 100])
	assert operation_reasons(built, schedule) == [
		"Stays where it is: it has started.",
		"Stays where it is: a planner pinned it there.",
	]
	assert kinds(built, schedule) == {"work": 120, "fixed": 70}


def test_batch_partner():
	oven = Resource("Oven", capacity=4, batch=True)
	operations = [
		Operation(0, 10, (Mode(0, 60),), batch="A"),
		Operation(1, 10, (Mode(0, 60),), batch="A", release=200),
	]
	built = shop([Job("PJ-1", due=100), Job("PJ-2")], operations, [oven])
	schedule = placed(built, [200, 200])
	assert operation_reasons(built, schedule)[0] == "Runs together with PJ-2, which is ready today 11:20."
	assert kinds(built, schedule) == {"batch": 200, "work": 60}


def test_held_back_by_a_longest_wait():
	operations = [
		Operation(0, 10, (Mode(SAW, 60),)),
		Operation(0, 20, (Mode(PRESS, 60),), (After(0, 0, 30),), release=300, name="Harden"),
	]
	built = shop([Job("PJ-1")], operations, machines())
	schedule = placed(built, [210, 300])
	assert (
		operation_reasons(built, schedule)[0]
		== "Held back, so that step 20 (Harden) does not come too long after it."
	)
	assert kinds(built, schedule)["max wait"] == 210


def test_nothing_holds_it_and_kept_where_published():
	operations = [
		Operation(0, 10, (Mode(SAW, 60),)),
		Operation(0, 20, (Mode(PRESS, 60),), (After(0),), release=300),
	]
	free = shop([Job("PJ-1")], operations, machines())
	assert operation_reasons(free, placed(free, [90, 300]))[0] == (
		"Nothing holds it: it could start 1.5 h earlier, without a gain for its job: what follows it waits for something else."
	)
	kept = shop([Job("PJ-1")], operations, machines(), previous={0: Previous(SAW, 90)})
	assert operation_reasons(kept, placed(kept, [90, 300]))[0].startswith(
		"Kept where it was published; it could start 1.5 h earlier"
	)


def test_late_even_alone_is_said_first():
	operations = [
		Operation(0, 10, (Mode(SAW, 480),), release=2 * DAY),
		Operation(0, 20, (Mode(PRESS, 240),), (After(0),)),
	]
	built = shop(
		[Job("PJ-1", due=3 * DAY)], operations, machines(), materials={"PJ-1": "brass rod (PO-0044)"}
	)
	summary = chains(built, placed(built, [2 * DAY, 3 * DAY]))[0]["summary"]
	assert summary.startswith(
		"Cannot be on time, even with the shop to itself: 12 h of work and 16 h of closed or waiting time "
		"after brass rod (PO-0044) comes Wednesday 08:00, 24 h were left; at best 4 h late. 4 h late: 48 h for brass rod (PO-0044)"
	)


def test_late_by_a_pin_is_not_hopeless():
	operations = [fixed(Operation(0, 10, (Mode(SAW, 60),)), 400, 460)]
	built = shop([Job("PJ-1", due=100)], operations, machines(), fixed_why={0: "pinned"})
	summary = chains(built, placed(built, [400]))[0]["summary"]
	assert summary.startswith("6 h late: 6.7 h until the time where it is fixed; 1 h of work")


def test_chain_says_why_the_job_ahead_was_there():
	operations = [
		Operation(0, 10, (Mode(SAW, 100),), release=60),
		Operation(1, 10, (Mode(SAW, 50),), release=70),
	]
	built = shop([Job("PJ-1"), Job("PJ-2", due=100)], operations, machines(), materials={"PJ-1": "steel"})
	links = chains(built, placed(built, [60, 160]))[1]["chain"]
	assert links[1]["text"] == "1.5 h waiting for PJ-1 on Saw 1: PJ-1 waited for steel until today 09:00"


def test_critical_goes_through_other_jobs():
	operations = [
		Operation(0, 10, (Mode(PRESS, 60),)),
		Operation(0, 20, (Mode(SAW, 100),), (After(0),)),
		Operation(1, 10, (Mode(SAW, 60),)),
		Operation(1, 20, (Mode(SAW, 60),), (After(2),)),
		Operation(2, 10, (Mode(PRESS, 10),)),
	]
	built = shop([Job("PJ-1", due=500), Job("PJ-2", due=200), Job("PJ-3")], operations, machines())
	schedule = placed(built, [0, 60, 0, 160, 300])
	assert critical(built, schedule).tolist() == [True, True, False, True, False]


def test_long_queue_is_summed_in_a_few_links():
	operations = [Operation(number, 10, (Mode(SAW, 20),)) for number in range(24)]
	jobs = [Job(f"PJ-{number}", due=10) for number in range(24)]
	built = shop(jobs, operations, machines())
	row = chains(built, placed(built, [20 * number for number in range(24)]))[-1]
	assert len(row["chain"]) == 2
	assert row["chain"][0]["text"].startswith("7.7 h waiting for Saw 1, behind PJ-0, PJ-1 and 21 more")
	assert sum(link["hours"] for link in row["chain"]) == pytest.approx(8)


@pytest.mark.parametrize("seed", range(40))
def test_hours_add_up(seed):
	built = random_shop(seed)
	order = np.random.default_rng(seed).permutation(len(built.problem.operations))
	schedule = decode(built.problem, order, compiled=False)
	assert violations(built.problem, schedule) == []
	asked = Causes(built.problem, schedule)
	for job, row in enumerate(chains(built, schedule)):
		pieces = asked.pieces(job)
		assert [piece.until for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]
		assert (pieces[0].start, pieces[-1].until) == (asked.earliest(job), row["ends"])
		total = (row["ends"] - asked.earliest(job)) / 60
		assert sum(link["hours"] for link in row["chain"]) == pytest.approx(total)
		assert len(row["chain"]) <= 12
		assert alone(asked.gaps, asked.of_job[job], asked.earliest(job)).end <= row["ends"]
		assert all(piece.kind != c.NOW for piece in pieces)
	assert all(operation_reasons(built, schedule))


@pytest.mark.parametrize("seed", range(40, 60))
def test_nothing_is_left_idle_where_all_start_as_early_as_they_can(seed):
	"""Decoded in the order of its own starts nothing can move to the left: so every wait has a cause."""
	from sentia_ops.scheduling.engine.decode import order_of

	built = random_shop(seed)
	schedule = decode(built.problem, np.arange(len(built.problem.operations)), compiled=False)
	for _round in range(5):
		schedule = decode(built.problem, order_of(built.problem, schedule), schedule.mode, compiled=False)
	asked = Causes(built.problem, schedule)
	for op in range(len(built.problem.operations)):
		assert c.IDLE not in [piece.kind for piece in asked.waited(op)], op


def in_the_middle(built, schedule, now: int):
	"""The shop some minutes later: what has started is fixed, the rest is planned again."""
	problem = built.problem
	operations = []
	for index, operation in enumerate(problem.operations):
		start, end = int(schedule.start[index]) - now, int(schedule.end[index]) - now
		moved = replace(operation, release=max(0, operation.release - now))
		operations.append(fixed(moved, start, end, int(schedule.mode[index])) if start < 0 else moved)
	jobs = [
		replace(job, release=max(0, job.release - now), due=None if job.due is None else job.due - now)
		for job in problem.jobs
	]
	resources = []
	for resource in problem.resources:
		windows = resource.windows
		if windows is not None:
			windows = np.maximum(windows - now, 0)
			windows = windows[windows[:, 1] > windows[:, 0]]
		resources.append(replace(resource, windows=windows))
	later = replace(problem, jobs=jobs, operations=operations, resources=resources)
	return replace(built, problem=later, origin=built.origin + pd.Timedelta(minutes=now))


@pytest.mark.parametrize("seed", range(20))
def test_hours_add_up_while_work_goes_on(seed):
	built = random_shop(seed, jobs=7)
	draw = np.random.default_rng(seed)
	count = len(built.problem.operations)
	schedule = decode(built.problem, draw.permutation(count), compiled=False)
	later = in_the_middle(built, schedule, int(draw.integers(10, 2 * DAY)))
	again = decode(later.problem, draw.permutation(count), compiled=False)
	asked = Causes(later.problem, again)
	for job, row in enumerate(chains(later, again)):
		total = (row["ends"] - asked.earliest(job)) / 60
		assert sum(link["hours"] for link in row["chain"]) == pytest.approx(total)
	assert all(operation_reasons(later, again))
	loads(later, again)  # raises where more is taken than open
	assert bottleneck(later, again)


def test_an_operation_of_no_minutes_and_an_empty_shop():
	built = shop([Job("PJ-1", due=-5)], [Operation(0, 10, (Mode(SAW, 0),))], machines())
	row = chains(built, placed(built, [0]))[0]
	assert row["late"] and row["chain"] == []
	empty = shop([], [], machines())
	assert chains(empty, placed(empty, [], [])) == []
	assert critical(empty, placed(empty, [], [])).tolist() == []
