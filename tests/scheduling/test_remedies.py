"""What would bring a late job forward: each kind by hand, and every stated gain worked out again on a changed problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sentia_ops.scheduling.engine import remedies, words
from sentia_ops.scheduling.engine.decode import decode, order_of
from sentia_ops.scheduling.engine.problem import After, Job, Mode, Operation, Resource
from sentia_ops.scheduling.engine.why import chains
from tests.scheduling.small_shop import DAY, fixed, random_shop, shifts, shop

SAW, PRESS = 0, 1


def machines() -> list[Resource]:
	return [Resource("Saw 1", windows=shifts()), Resource("Press 1", windows=shifts())]


def told(jobs, operations, order=None, **more) -> list[str]:
	"""Texts of the remedies of the last job, of the schedule by order of operations."""
	built = shop(jobs, operations, machines(), **more)
	schedule = decode(built.problem, order or range(len(operations)), compiled=False)
	return [row["text"] for row in chains(built, schedule)[-1]["remedies"]]


def test_overtime_names_station_day_and_gain():
	operations = [Operation(0, 10, (Mode(SAW, 420),)), Operation(1, 10, (Mode(SAW, 120),))]
	texts = told([Job("PJ-1", due=480), Job("PJ-2", due=300)], operations)
	# 15:00 to 17:00 instead of 08:00 to 10:00 the next day; two hours do what four do
	assert "2 h of overtime on Saw 1 from today 16:00: done 17 h earlier, 4 h late instead of 21 h." in texts


def test_another_job_first_and_what_it_costs():
	operations = [Operation(0, 10, (Mode(SAW, 300),)), Operation(1, 10, (Mode(SAW, 120),))]
	texts = told([Job("PJ-1", due=300), Job("PJ-2", due=200, weight=8)], operations)
	assert "Put before PJ-1 on Saw 1: done 5 h earlier, in time, but makes later: PJ-1 2 h." in texts
	free = told([Job("PJ-1"), Job("PJ-2", due=200)], operations)
	assert "Put before PJ-1 on Saw 1: done 5 h earlier, in time, and nobody else is later for it." in free


def test_what_costs_more_than_it_gains_is_said_and_comes_last():
	operations = [Operation(0, 10, (Mode(SAW, 240),)), Operation(1, 10, (Mode(SAW, 240),))]
	texts = told([Job("PJ-1", due=240, weight=8), Job("PJ-2", due=300)], operations)
	assert texts[-1].endswith("but makes later: PJ-1 4 h, more than it gains.")


def test_material_earlier():
	operations = [Operation(0, 10, (Mode(SAW, 60),), release=3 * DAY + 60)]
	texts = told([Job("PJ-1", due=DAY)], operations, materials={"PJ-1": "brass rod (PO-0044)"})
	assert texts[0] == "Brass rod (PO-0044) 4 days earlier: done 3 days earlier, in time."
	assert len(texts) == 1  # of one kind only what helps most


def test_another_workstation():
	operations = [
		Operation(0, 10, (Mode(SAW, 400),)),
		Operation(1, 10, (Mode(SAW, 60), Mode(PRESS, 90)), name="Cut"),
	]
	built = shop([Job("PJ-1"), Job("PJ-2", due=60)], operations, machines())
	schedule = decode(built.problem, [0, 1], [0, 0], compiled=False)
	texts = [row["text"] for row in chains(built, schedule)[1]["remedies"]]
	assert (
		"Step 10 (Cut) on Press 1 instead of Saw 1: done 6.2 h earlier, 30 min late instead of 6.7 h, and nobody else is later for it."
		in texts
	)


def test_splitting():
	operations = [
		Operation(0, 10, (Mode(SAW, 400),)),
		Operation(1, 10, (Mode(SAW, 300),), name="Cut"),
	]
	texts = told([Job("PJ-1", due=400, weight=8), Job("PJ-2", due=60)], operations)
	assert any(
		text.startswith("Step 10 (Cut) split over the time when Saw 1 is closed: done 1.3 h earlier")
		for text in texts
	)


def test_letting_a_pinned_step_go():
	operations = [fixed(Operation(0, 10, (Mode(SAW, 60),), name="Cut"), 400, 460)]
	texts = told([Job("PJ-1", due=100)], operations, fixed_why={0: "pinned"})
	assert texts == [
		"Step 10 (Cut) no longer fixed where it is: done 6.7 h earlier, in time, and nobody else is later for it."
	]


def test_says_so_where_nothing_helps():
	operations = [Operation(0, 10, (Mode(SAW, 300),)), Operation(0, 20, (Mode(PRESS, 100),), (After(0),))]
	texts = told([Job("PJ-1", due=60)], operations)
	assert len(texts) == 1 and texts[0].startswith("Nothing that was tried")


@pytest.mark.parametrize("seed", range(10))
def test_stated_gains_are_those_of_the_changed_problem(seed):
	"""Each decoded change is decoded again from a problem built anew, with no number patched in."""
	built = random_shop(seed, jobs=8)
	tight = [replace(job, due=60) for job in built.problem.jobs]
	built = replace(built, problem=replace(built.problem, jobs=tight))
	schedule = decode(built.problem, np.arange(len(built.problem.operations)), compiled=False)
	order, said = order_of(built.problem, schedule), 0
	again = decode(built.problem, order, schedule.mode, compiled=False)
	ends = np.minimum(schedule.end, again.end)  # what planning again gains alone is no gain of a remedy
	before = [
		max(ends[i] for i, op in enumerate(built.problem.operations) if op.job == job)
		for job in range(len(tight))
	]
	for job, row in enumerate(chains(built, schedule)):
		for remedy in row["remedies"]:
			said += 1
			if " split over " in remedy["text"]:
				step = int(remedy["text"].split()[1])
				operations = [
					replace(op, splittable=True) if (op.job, op.step) == (job, step) else op
					for op in built.problem.operations
				]
				changed = replace(built.problem, operations=operations)
				after = decode(changed, order, schedule.mode, compiled=False)
				end = max(after.end[i] for i, op in enumerate(operations) if op.job == job)
				assert remedy["hours"] * 60 == pytest.approx(before[job] - end)
			if " of overtime on " in remedy["text"]:
				end = _with_overtime(built, remedy["text"], order, schedule.mode, job)
				assert remedy["hours"] * 60 == pytest.approx(before[job] - end)
	assert said and remedies.WORTH == 30


def _with_overtime(built, text: str, order, modes, job: int) -> int:
	hours, rest = text.split(" h of overtime on ")
	station, at = rest.split(" from ")
	minutes = int(float(hours) * 60)
	found = []
	for resource, info in enumerate(built.problem.resources):
		if built.lanes[resource] != station:
			continue
		for closes in info.windows[:, 1].tolist():
			if at.startswith(words.when(built.to_local(closes), built.to_local(0)) + ":"):
				opened = np.array(
					sorted([*map(tuple, info.windows.tolist()), (closes, closes + minutes)]), dtype=np.int64
				)
				found.append((resource, opened))
	(resource, windows) = found[0]
	merged = []
	for start, end in windows.tolist():
		if merged and merged[-1][1] >= start:
			merged[-1][1] = max(end, merged[-1][1])
		else:
			merged.append([start, end])
	resources = list(built.problem.resources)
	resources[resource] = replace(resources[resource], windows=np.array(merged, dtype=np.int64))
	after = decode(replace(built.problem, resources=resources), order, modes, compiled=False)
	return max(after.end[i] for i, op in enumerate(built.problem.operations) if op.job == job)
