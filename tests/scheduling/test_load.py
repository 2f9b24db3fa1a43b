"""Loads of the workstations by week, utilisation, and the sentence about the bottleneck."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sentia_ops.scheduling.engine.decode import decode
from sentia_ops.scheduling.engine.load import bottleneck, loads, setups, utilisation
from sentia_ops.scheduling.engine.problem import After, Job, Mode, Operation, Resource, Schedule
from tests.scheduling.small_shop import DAY, fixed, random_shop, shifts, shop


def placed(starts, ends) -> Schedule:
	return Schedule(np.array(starts), np.array(ends), np.zeros(len(starts), dtype=np.int64))


def by_week(rows) -> dict:
	return {(row["workstation"], f"{row['week']:%d %b}"): row for row in rows}


def test_hours_of_each_week():
	resources = [Resource("Saw 1", windows=shifts()), Resource("Bench", capacity=2, windows=shifts())]
	operations = [
		Operation(0, 10, (Mode(0, 480),), family=0),
		Operation(0, 20, (Mode(1, 240),), (After(0),)),
		# over the weekend: 4 h on Friday, 3 h on Monday
		Operation(1, 10, (Mode(0, 420),), splittable=True, family=1),
		Operation(2, 0, (Mode(1, 120, units=2),), kind="maintenance"),
	]
	built = shop(
		[Job("PJ-1"), Job("PJ-2"), Job("Check")],
		operations,
		resources,
		{0: np.array([[0, 60], [60, 0]])},
	)
	schedule = placed([0, DAY, 4 * DAY + 240, 7 * DAY], [480, DAY + 240, 7 * DAY + 180, 7 * DAY + 120])
	rows = by_week(loads(built, schedule))
	saw, next_saw = rows["Saw 1", "02 Mar"], rows["Saw 1", "09 Mar"]
	assert (saw["open_hours"], saw["work_hours"], saw["setup_hours"]) == (40, 12, 1)
	assert (next_saw["open_hours"], next_saw["work_hours"]) == (3, 3)  # until the last end
	assert rows["Bench", "02 Mar"]["open_hours"] == 80
	assert rows["Bench", "02 Mar"]["work_hours"] == 4
	assert rows["Bench", "09 Mar"]["maintenance_hours"] == 4
	assert utilisation(built, schedule) == pytest.approx((12 + 1 + 3 + 4 + 4) / (40 + 3 + 80 + 6))
	assert setups(built.problem, schedule) == {2: (4 * DAY + 180, 60)}


def test_setup_reaches_back_over_the_night():
	operations = [Operation(0, 10, (Mode(0, 300),), family=0), Operation(1, 10, (Mode(0, 60),), family=1)]
	built = shop(
		[Job("PJ-1"), Job("PJ-2")],
		operations,
		[Resource("Saw 1", windows=shifts())],
		{0: np.array([[0, 90], [0, 0]])},
	)
	assert setups(built.problem, placed([0, DAY + 30], [300, DAY + 90])) == {1: (420, 90)}


def test_fixed_work_at_night_counts_as_open():
	operations = [fixed(Operation(0, 10, (Mode(0, 120),)), 420, 540)]
	built = shop([Job("PJ-1")], operations, [Resource("Saw 1", windows=shifts())])
	row = loads(built, placed([420], [540]))[0]
	assert (row["open_hours"], row["work_hours"]) == (9, 2)


def test_overbooked_is_a_defect():
	operations = [Operation(0, 10, (Mode(0, 400),)), Operation(1, 10, (Mode(0, 400),))]
	built = shop([Job("PJ-1"), Job("PJ-2")], operations, [Resource("Saw 1", windows=shifts())])
	with pytest.raises(ValueError, match=r"Saw 1, week of 2026-03-02: 13\.3 h taken of 6\.7 h"):
		loads(built, placed([0, 0], [400, 400]))


def test_lanes_of_one_workstation_are_added():
	resources = [Resource("Press #1", windows=shifts()), Resource("Press #2", windows=shifts())]
	built = shop([Job("PJ-1")], [Operation(0, 10, (Mode(1, 480),))], resources)
	built.lanes = {0: "Press", 1: "Press"}
	rows = loads(built, placed([0], [480]))
	assert len(rows) == 1 and (rows[0]["open_hours"], rows[0]["work_hours"]) == (16, 8)


def test_bottleneck_is_what_late_jobs_wait_for():
	resources = [Resource("Saw 1", windows=shifts()), Resource("Press 1", windows=shifts())]
	operations = [
		Operation(0, 10, (Mode(1, 240),)),
		Operation(1, 10, (Mode(1, 120),)),
		Operation(2, 10, (Mode(0, 350),)),
	]
	built = shop([Job("PJ-1"), Job("PJ-2", due=100), Job("PJ-3")], operations, resources)
	assert bottleneck(built, placed([0, 240, 0], [240, 360, 350])) == (
		"Press 1 is the bottleneck: late jobs wait 4 h for it, and until today 12:00, when the last of them "
		"gets there, 100 % of its open hours are taken."
	)
	in_time = shop([Job("PJ-1"), Job("PJ-2"), Job("PJ-3")], operations, resources)
	assert bottleneck(in_time, placed([0, 240, 0], [240, 360, 350])).startswith("No late job waits")


def test_nothing_scheduled():
	built = shop([], [], [Resource("Saw 1", windows=shifts())])
	empty = Schedule(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
	assert [row["work_hours"] for row in loads(built, empty)] == [0]
	assert utilisation(built, empty) == 0


@pytest.mark.parametrize("seed", range(15))
def test_never_over_full_and_nothing_lost(seed):
	built = random_shop(seed, jobs=8)
	schedule = decode(built.problem, np.arange(len(built.problem.operations)), compiled=False)
	rows = pd.DataFrame(loads(built, schedule))
	taken = rows["work_hours"] + rows["setup_hours"] + rows["maintenance_hours"]
	assert (taken <= rows["open_hours"] + 1e-6).all()
	held = 0
	for index, operation in enumerate(built.problem.operations):
		mode = operation.modes[schedule.mode[index]]
		for resource, units in ((mode.resource, mode.units), *mode.needs):
			windows = built.problem.resources[resource].windows
			for minute in range(schedule.start[index], schedule.end[index]):
				if windows is None or any(start <= minute < until for start, until in windows):
					held += units
	assert rows["work_hours"].sum() * 60 == pytest.approx(held)
