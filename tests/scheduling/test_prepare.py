"""From tables to a problem: every bad row has its reason and the other jobs are still scheduled."""

from __future__ import annotations

import pandas as pd
import pytest
from shop_world import NOW, built, job, mode, step, week
from verifier import violations

from sentia_ops.scheduling.engine import stations
from sentia_ops.scheduling.engine.dispatch import dispatch
from sentia_ops.scheduling.engine.problem import REASONS
from sentia_ops.scheduling.engine.settings import ScheduleSettings

STEPS = [step("A", 10), step("A", 20), step("B", 10), step("B", 20)]
MODES = [mode("A", 10, "Saw"), mode("A", 20, "Press", 90), mode("B", 10, "Saw"), mode("B", 20, "Press", 90)]


def reasons(made) -> dict:
	assert {u.code for u in made.unplaced} <= set(REASONS)
	assert violations(made.problem, dispatch(made.problem, "EDD", compiled=False)) == []
	return {(u.job, u.step): u.code for u in made.unplaced}


def text(made, key) -> str:
	return next(u.text for u in made.unplaced if (u.job, u.step) == key)


def replaced(rows: list[dict], at: int, **changes) -> list[dict]:
	return [{**row, **changes} if i == at else row for i, row in enumerate(rows)]


def test_a_plain_factory():
	made = built()
	assert made.unplaced == [] and made.warnings == []
	assert made.op_keys == [("A", 10), ("A", 20), ("B", 10), ("B", 20)]
	assert made.lanes == {0: "Saw", 1: "Saw 2", 2: "Press"}
	assert [len(o.modes) for o in made.problem.operations] == [2, 1, 2, 1]
	assert made.problem.jobs[0].weight == 2.0  # priority 3
	assert made.to_local(made.to_minutes(NOW)) == NOW and made.to_minutes(NOW) == 0
	made_at = dispatch(made.problem, "EDD", compiled=False)
	assert made.to_local(made_at.end.max()) == pd.Timestamp("2026-03-02 10:00")


BAD = {
	"no operations": ({"operations": STEPS[:2]}, {("B", None): "no operations"}),
	"no quantity": ({"jobs": [job("A"), job("B", qty=0)]}, {("B", None): "no quantity"}),
	"negative quantity": ({"jobs": [job("A"), job("B", qty=-3)]}, {("B", None): "no quantity"}),
	"no workstation": ({"operation_modes": MODES[:3]}, {("B", 20): "no workstation"}),
	"no time": ({"operation_modes": replaced(MODES, 3, minutes=0)}, {("B", 20): "no time"}),
	"negative time": ({"operation_modes": replaced(MODES, 3, minutes=-5)}, {("B", 20): "no time"}),
	"unknown station": ({"operation_modes": replaced(MODES, 3, workstation="Pres")}, {("B", 20): "unknown resource"}),
	"unknown need": ({"operation_modes": replaced(MODES, 3, needs='{"Ghost": 1}')}, {("B", 20): "unknown resource"}),
	"broken need": ({"operation_modes": replaced(MODES, 3, needs="{oops")}, {("B", 20): "unknown resource"}),
	"too many units": ({"operation_modes": replaced(MODES, 3, units=2)}, {("B", 20): "needs more than there is"}),
	"too long for a shift": ({"operation_modes": replaced(MODES, 3, minutes=10000)}, {("B", 20): "too long for a shift"}),
	"longer than the horizon": (
		{"operation_modes": replaced(MODES, 3, minutes=10000), "operations": replaced(STEPS, 3, splittable=True)},
		{("B", 20): "no working time in the horizon"},
	),
	"waits": ({"operations": replaced(STEPS, 3, min_wait=60, max_wait=30)}, {("B", 20): "waits contradict"}),
	"material": (
		{"jobs": [job("A"), job("B", material_missing=True, material="Steel")]},
		{("B", None): "material never arrives"},
	),
	"cycle": (
		{"operations": replaced(replaced(STEPS, 2, after="[20]"), 3, after="[10]")},
		{("B", 10): "cycle", ("B", 20): "cycle"},
	),
	"first step lost": (
		{"operation_modes": replaced(MODES, 2, minutes=0)},
		{("B", 10): "no time", ("B", 20): "depends on an unplaced operation"},
	),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_has_its_reason_and_the_other_job_is_scheduled(case: str):
	given, expected = BAD[case]
	made = built(**{"operations": STEPS, "operation_modes": MODES, **given})
	assert reasons(made) == expected
	assert [key for key in made.op_keys if key[0] == "A"] == [("A", 10), ("A", 20)]


def test_a_workstation_without_hours():
	made = built(operations=STEPS, operation_modes=MODES, shifts=week("Saw"))
	assert reasons(made) == {("A", 20): "no working hours", ("B", 20): "no working hours"}
	assert "Press has no working hours" in text(made, ("A", 20))
	assert len(made.op_keys) == 2


def test_texts_say_what_where_and_what_next():
	made = built(operations=STEPS, operation_modes=replaced(MODES, 3, minutes=10000))
	assert text(made, ("B", 20)) == (
		"Job B, step 20 (op 20): it takes 10,000 minutes and may not be split, but the longest open stretch of Press is "
		"240 minutes; allow splitting, or split the job."
	)
	circle = built(
		operations=[*STEPS[:2], step("B", 10, after="[20]"), step("B", 20, after="[10]")],
		operation_modes=MODES,
	)
	assert "step 10 after 20 after 10" in text(circle, ("B", 10))


def test_a_bad_alternative_is_left_out_and_said():
	made = built(operations=STEPS, operation_modes=[*MODES, mode("B", 20, "Saw 2", 9999)])
	assert made.unplaced == [] and len(made.problem.operations[3].modes) == 1
	assert "one workstation less" in made.warnings[0] and "9,999" in made.warnings[0]


def test_past_due_dates_are_warned_of_and_scheduled():
	made = built(jobs=[job("A", due="2026-02-01"), job("B")])
	assert made.unplaced == [] and "was due 01 Feb 2026" in made.warnings[0]
	assert made.problem.jobs[0].due < 0


def test_rows_that_are_there_twice_count_once():
	double = built(operations=STEPS, operation_modes=MODES)
	import dataclasses

	from shop_world import tables

	from sentia_ops.scheduling.engine.prepare import build

	one = tables(operations=STEPS, operation_modes=MODES)
	twice = dataclasses.replace(
		one,
		**{
			n: pd.concat([getattr(one, n)] * 2, ignore_index=True)
			for n in ("jobs", "operations", "operation_modes")
		},
	)
	made = build(twice, NOW, ScheduleSettings(horizon_days=20))
	assert made.op_keys == double.op_keys and len(made.warnings) == 2 and "twice" in made.warnings[0]


def test_a_change_of_the_clocks_in_the_horizon_is_said():
	made = built(
		now=pd.Timestamp("2026-03-23 06:00"),
		jobs=[job("A", due="2026-04-01"), job("B", due="2026-04-01")],
		settings=ScheduleSettings(horizon_days=20, time_zone="Europe/Berlin"),
	)
	(said,) = made.warnings
	assert ("1 h forward" in said and "29 Mar 2026" in said) or "30 Mar 2026" in said


def test_setup_rows_the_most_particular_counts():
	import shop_world

	from sentia_ops.scheduling import frames as f

	change = stations.setup_minutes(
		shop_world.rows(
			f.SETUPS,
			[
				{"to_family": "red", "minutes": 20},
				{"from_family": "blue", "to_family": "red", "minutes": 15},
				{"workstation": "Saw", "to_family": "red", "minutes": 5},
				{"workstation": "Saw", "from_family": "red", "to_family": "red", "minutes": 2},
			],
		)
	)
	assert change("Press", "green", "red") == 20 and change("Press", "blue", "red") == 15
	assert change("Saw", "blue", "red") == 5 and change("Saw", "red", "red") == 2
	assert change("Press", "red", "red") == 0 and change("Press", "red", "blue") == 0


def test_a_station_of_two_places_with_setups_becomes_two_lanes():
	made = built(
		workstations=[
			{"workstation": "Saw", "capacity": 2},
			{"workstation": "Saw 2"},
			{"workstation": "Press"},
		],
		operations=[step("A", 10, family="red"), step("A", 20), step("B", 10, family="blue"), step("B", 20)],
		operation_modes=MODES,
		setups=[{"to_family": "red", "minutes": 20}, {"to_family": "blue", "minutes": 30}],
		maintenance=[{"maintenance": "M", "workstation": "Saw", "minutes": 60, "earliest": NOW}],
	)
	assert made.lanes == {0: "Saw", 1: "Saw", 2: "Saw 2", 3: "Press"}
	assert [r.name for r in made.problem.resources[:2]] == ["Saw #1", "Saw #2"] and made.families == [
		"blue",
		"red",
	]
	assert [m.resource for m in made.problem.operations[0].modes] == [0, 1]
	assert made.problem.setups[0].tolist() == [[0, 20], [30, 0]]
	maintenance = made.problem.operations[-1]
	assert maintenance.kind == "maintenance" and maintenance.modes[0].needs == ((1, 1),)
	assert made.op_keys[-1] == ("M", 0)
	reasons(made)


def test_setups_that_cannot_be_kept_are_said():
	made = built(
		workstations=[
			{"workstation": "Saw", "capacity": 3},
			{"workstation": "Saw 2"},
			{"workstation": "Press"},
		],
		operations=[step("A", 10, family="red"), step("A", 20), step("B", 10, family="blue"), step("B", 20)],
		operation_modes=replaced(MODES, 0, units=2),
		setups=[{"to_family": "red", "minutes": 20}, {"to_family": "blue", "minutes": 30}],
	)
	assert not made.problem.setups and "setup times are not counted" in made.warnings[0]


def test_an_inspection_plans_its_rework():
	steps = [step("A", 10), step("A", 20, kind="inspection", rework_share=0.2), step("A", 30)]
	made = built(
		jobs=[job("A")], operations=steps,
		operation_modes=[mode("A", 10, "Saw", 100), mode("A", 20, "Press", 15), mode("A", 30, "Press", 30)],
	)  # fmt: skip
	assert made.op_keys == [("A", 10), ("A", 20), ("A", 21), ("A", 30)]
	again = made.problem.operations[2]
	assert again.kind == "rework" and again.name == "Rework of op 10" and again.modes[0].minutes == 20
	assert made.problem.operations[3].after[0].op == 2 and again.after[0].op == 1


def test_started_pinned_and_done():
	started = {"status": "started", "fixed_why": "started", "fixed_workstation": "Saw"}
	steps = [
		step("A", 10, **started, fixed_start=NOW - pd.Timedelta(minutes=20)),
		step("A", 20, fixed_why="pinned", fixed_workstation="Press", fixed_start=NOW + pd.Timedelta(hours=6)),
		step("B", 10, status="done", fixed_end=NOW - pd.Timedelta(minutes=10)),
		step("B", 20, min_wait=30),
	]
	made = built(operations=steps, operation_modes=MODES)
	assert made.op_keys == [("A", 10), ("A", 20), ("B", 20)]
	a, pinned, b = made.problem.operations
	assert (a.fixed.start, a.fixed.end) == (-20, 40) and made.fixed_why == {0: "started", 1: "pinned"}
	assert (pinned.fixed.start, pinned.fixed.end) == (360, 450)  # inside the window 10:30 to 14:30
	assert b.after == () and b.release == 20
	reasons(made)


def test_pinned_to_a_station_alone_and_pinned_in_the_past():
	steps = [step("A", 10, fixed_why="pinned", fixed_workstation="Saw 2"), *STEPS[1:3]]
	modes = [*MODES, mode("A", 10, "Saw 2", 70)]
	made = built(operations=steps, operation_modes=modes)
	assert [m.resource for m in made.problem.operations[0].modes] == [1] and made.problem.operations[
		0
	].fixed is None
	late = step("A", 10, fixed_why="pinned", fixed_workstation="Saw", fixed_start=NOW - pd.Timedelta(hours=1))
	made = built(operations=[late, *STEPS[1:]], operation_modes=MODES)
	assert made.problem.operations[0].fixed is None and "planned anew" in made.warnings[0]


def test_two_that_are_pinned_to_the_same_time_are_said():
	pin = {"fixed_why": "pinned", "fixed_workstation": "Saw", "fixed_start": NOW}
	made = built(operations=[step("A", 10, **pin), step("B", 10, **pin)], operation_modes=MODES)
	assert "both fixed on Saw at the same time" in made.warnings[0] and len(made.op_keys) == 2


def test_material_is_waited_for_by_the_step_that_takes_it():
	there = NOW + pd.Timedelta(days=1)
	jobs = [job("A", material_at=there, material="Steel (PO-1)"), job("B", material_at=there)]
	made = built(
		jobs=jobs, operations=STEPS, operation_modes=MODES,
		job_materials=[{"job": "A", "item_code": "Bolt", "qty": 1, "step": 20}],
	)  # fmt: skip
	assert [o.release for o in made.problem.operations] == [0, 1440, 1440, 0]
	assert made.materials == {"A": "Steel (PO-1)"}


def test_too_much_work_for_the_horizon_leaves_out_what_is_due_last():
	jobs = [job(f"J{n}", due=f"2026-03-{3 + n:02d}") for n in range(9)]
	made = built(
		settings=ScheduleSettings(horizon_days=1), jobs=jobs,
		operations=[step(f"J{n}", 10) for n in range(9)], operation_modes=[mode(f"J{n}", 10, "Press", 240) for n in range(9)],
	)  # fmt: skip
	assert reasons(made) == {(f"J{n}", 10): "no working time in the horizon" for n in range(4, 9)}
	assert "jobs that are due earlier fill it" in text(made, ("J8", 10))


def test_where_things_were_published():
	row = {"schedule": "S", "job": "A", "step": 10, "workstation": "Saw 2", "minutes": 60,
		"starts_at": NOW + pd.Timedelta(hours=1), "ends_at": NOW + pd.Timedelta(hours=2)}  # fmt: skip
	made = built(published=[row])
	assert made.problem.previous[0].resource == 1 and made.problem.previous[0].start == 60


def test_nothing_at_all():
	made = built(jobs=[], operations=[], operation_modes=[])
	assert made.op_keys == [] and made.unplaced == []
