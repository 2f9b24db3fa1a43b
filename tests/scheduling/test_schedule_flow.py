"""Jobs -> a draft, a draft -> published, and what planning again leaves where it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from shop_store import MAIN, QUICK, scheduled, shop, stocked, write
from shop_world import NOW, job, mode, step, tables, week
from verifier_tables import wrong_in_tables

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.scheduling import flow
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine.problem import Objective
from sentia_ops.scheduling.reading import current, read_tables


def published(store):
	name, _run = scheduled(store)
	with store.run("publish") as run:
		flow.publish(store, run, name)
	return name


def places(store, name):
	rows = store.read(f.SCHEDULED_OPERATIONS, schedule=name)
	return {(r.job, r.step): (r.workstation, r.starts_at, r.ends_at) for r in rows.itertuples()}


def verified(store, name, now=NOW):
	made_from, _ = read_tables(store, now)
	rows = store.read(f.SCHEDULED_OPERATIONS, schedule=name)
	assert wrong_in_tables(vars(made_from), rows) == []
	return rows


def test_every_table_is_written_and_agrees_with_the_others():
	store = shop()
	name, run = scheduled(store)
	rows = verified(store, name)
	head = store.read(f.SCHEDULES, schedule=name).iloc[0]
	assert name == "SCH-20260302-1" and head["status"] == "Draft" and head["run"] == run.name
	assert set(zip(rows["job"], rows["step"], strict=True)) == {("A", 10), ("A", 20), ("B", 10), ("B", 20)}
	jobs = store.read(f.SCHEDULED_JOBS, schedule=name).set_index("job")
	assert jobs["ends_at"].to_dict() == rows.groupby("job")["ends_at"].max().to_dict()
	assert (head["jobs"], head["operations"], head["late_jobs"], head["unplaced"]) == (2, 4, 0, 0)
	assert head["makespan"] == (rows["ends_at"].max() - NOW).total_seconds() / 3600
	# both saw for an hour, one on each saw, then press for 1.5 h one after the other: 06:00-07:00, -08:30, -10:00
	assert rows["ends_at"].max() == pd.Timestamp("2026-03-02 10:00")
	loads = store.read(f.STATION_LOADS, schedule=name).set_index("workstation")
	assert loads.loc["Press", "work_hours"] == pytest.approx(3.0)
	assert loads["work_hours"].sum() == pytest.approx(rows["minutes"].sum() / 60)
	assert "2 jobs, 4 operations on 3 workstations" in head["summary"] and "in time" in head["summary"]
	assert rows["why"].ne("").all() and not run.warnings


def test_a_second_draft_takes_the_place_of_the_first():
	store = shop()
	first, _ = scheduled(store)
	second, _ = scheduled(store)
	assert first != second
	for frame in flow.RESULTS:
		rows = store.read(frame)
		assert set(rows["schedule"]) <= {second}, frame.name
	assert current(store) == second


def test_publishing_supersedes_and_keeps_the_rows():
	store = shop()
	first = published(store)
	second = published(store)
	states = store.read(f.SCHEDULES).set_index("schedule")["status"].to_dict()
	assert states == {first: "Superseded", second: "Published"}
	assert len(store.read(f.SCHEDULED_OPERATIONS, schedule=first)) == 4
	with store.run("publish") as run:
		assert flow.publish(store, run, second) == second  # once more changes nothing
		with pytest.raises(NoDataError, match="no draft schedule"):
			flow.publish(store, run)
	assert store.read(f.SCHEDULES).set_index("schedule")["status"].to_dict() == states
	third, _ = scheduled(store)
	assert current(store) == second, "a draft is a proposal"
	assert third in set(store.read(f.SCHEDULES)["schedule"])


def test_superseded_schedules_do_not_pile_up(monkeypatch):
	monkeypatch.setattr(flow, "KEEP_SUPERSEDED", 1)
	store = shop()
	names = [published(store) for _ in range(3)]
	for frame in flow.RESULTS:
		assert names[0] not in set(store.read(frame)["schedule"]), frame.name
	assert set(store.read(f.SCHEDULES)["schedule"]) == set(names[1:])


def test_planning_again_without_a_change_moves_nothing():
	store = shop()
	first = published(store)
	second, _ = scheduled(store)
	assert places(store, second) == places(store, first)
	head = store.read(f.SCHEDULES, schedule=second).iloc[0]
	assert head["moved"] == 0 and f"Against {first}: none of 4 operations moved." in head["summary"]


def test_a_machine_that_is_down_moves_what_ran_there_and_the_draft_says_so():
	store = shop(
		operation_modes=[
			mode("A", 10, "Saw"),
			mode("B", 10, "Saw 2"),
			mode("A", 20, "Press"),
			mode("B", 20, "Press"),
		],
	)
	first = published(store)
	was = places(store, first)
	down = {
		"workstation": "Saw",
		"starts_at": NOW,
		"ends_at": NOW + pd.Timedelta(hours=3),
		"reason": "blade broken",
	}
	write(store, f.CALENDAR_EXCEPTIONS, [down])
	second, _ = scheduled(store, reason="Saw is down until 09:00.")
	rows = verified(store, second).set_index(["job", "step"])
	assert rows.loc[("A", 10), "starts_at"] == pd.Timestamp("2026-03-02 09:00")
	assert (
		rows.loc[("A", 10), "moved_minutes"]
		== (rows.loc[("A", 10), "starts_at"] - was["A", 10][1]).total_seconds() / 60
	)
	assert places(store, second)["B", 10] == was["B", 10]
	summary = store.read(f.SCHEDULES, schedule=second)["summary"].iloc[0]
	assert summary.startswith("Made because: Saw is down until 09:00. ") and f"Against {first}" in summary
	assert store.read(f.SCHEDULES, schedule=first)["status"].iloc[0] == "Published", (
		"nothing is published by itself"
	)


def test_what_is_frozen_stays_although_another_order_would_be_better():
	store = shop()
	first = published(store)
	rush = job("C", due="2026-03-02 08:30", priority=1)
	write(store, f.JOBS, [job("A"), job("B"), rush])
	write(store, f.OPERATIONS, [step(j, n) for j in "ABC" for n in (10, 20)])
	modes = [mode(j, 10, w) for j in "ABC" for w in ("Saw", "Saw 2")] + [
		mode(j, 20, "Press", 90) for j in "ABC"
	]
	write(store, f.OPERATION_MODES, modes)
	second, _ = scheduled(store, settings=replace(QUICK, freeze_hours=8))
	rows = verified(store, second).set_index(["job", "step"])
	before = places(store, first)
	assert all(places(store, second)[key] == before[key] for key in before)
	assert set(rows.loc[["A", "B"], "fixed_why"]) == {"frozen"} and set(rows.loc["C", "fixed_why"]) == {""}
	assert (
		pd.isna(rows.loc[("C", 10), "moved_minutes"])
		and "2 operations are new" in store.read(f.SCHEDULES, schedule=second)["summary"].iloc[0]
	)
	free, _ = scheduled(store, settings=replace(QUICK, freeze_hours=0, stability=0.0))
	assert places(store, free)["C", 20][2] == pd.Timestamp("2026-03-02 08:30"), (
		"nothing frozen: the urgent one goes first"
	)


def test_material_holds_the_step_that_takes_it_and_no_other():
	store = shop(job_materials=[{"job": "A", "item_code": "BOLT", "qty": 10, "step": 20, "warehouse": MAIN}])
	stocked(store, {"BOLT": 4}, [("BOLT", "2026-03-03", 50, "PO-7-1")])
	name, _ = scheduled(store)
	rows = verified(store, name).set_index(["job", "step"])
	assert rows.loc[("A", 10), "starts_at"] == NOW
	assert rows.loc[("A", 20), "starts_at"] == pd.Timestamp("2026-03-04 06:00")
	assert "BOLT" in rows.loc[("A", 20), "why"]


def test_what_no_order_brings_leaves_the_job_out_with_its_reason():
	store = shop(job_materials=[{"job": "A", "item_code": "BOLT", "qty": 10, "step": 20, "warehouse": MAIN}])
	stocked(store, {"BOLT": 4})
	name, run = scheduled(store)
	assert set(verified(store, name)["job"]) == {"B"}
	lost = store.read(f.UNPLACED_OPERATIONS, schedule=name)
	assert lost[["job", "step", "code"]].values.tolist() == [["A", -1, "material never arrives"]]
	assert "BOLT (6 of 10 needed in Main)" in lost["text"].iloc[0]
	assert run.warnings == [
		f"Schedule {name}: 1 entry could not be placed; table unplaced_operations says why."
	]


def test_without_stock_tables_materials_are_taken_to_be_there_and_that_is_said():
	store = shop(job_materials=[{"job": "A", "item_code": "BOLT", "qty": 10}])
	name, run = scheduled(store)
	assert len(verified(store, name)) == 4
	assert any("neither a stock nor an inbound table" in text for text in run.warnings)


def test_all_that_cannot_be_placed_is_still_an_answer():
	store = shop(shifts=[])
	name, _ = scheduled(store)
	head = store.read(f.SCHEDULES, schedule=name).iloc[0]
	assert (head["solver_status"], head["operations"], head["jobs"]) == ("empty", 0, 0)
	assert set(store.read(f.UNPLACED_OPERATIONS)["code"]) >= {"no working hours"}
	assert head["summary"].startswith("Nothing could be scheduled.")


def test_late_jobs_are_named_with_their_hours():
	store = shop(jobs=[job("A", due="2026-03-02 08:00", priority=1), job("B")])
	name, _ = scheduled(store)
	jobs = store.read(f.SCHEDULED_JOBS, schedule=name).set_index("job")
	# saw 06:00-07:00, press 07:00-08:30: half an hour late at best
	assert jobs.loc["A", "late"] and jobs.loc["A", "tardiness"] == pytest.approx(0.5)
	assert json.loads(jobs.loc["A", "chain"]) and jobs.loc["A", "summary"]
	head = store.read(f.SCHEDULES, schedule=name).iloc[0]
	assert head["tardiness"] == pytest.approx(0.5) and head["weighted_tardiness"] == pytest.approx(0.5 * 8)
	assert "1 of 2 jobs is late" in head["summary"] and "A (0.5 h)" in head["summary"]


def test_jobs_that_are_over_are_left_out_and_rows_without_a_job_are_said():
	store = shop(
		jobs=[job("A"), job("B", status="completed")],
		operations=[step(j, 10) for j in ("A", "B", "GHOST")],
	)
	name, run = scheduled(store)
	assert set(verified(store, name)["job"]) == {"A"}
	assert any("GHOST" in text for text in run.warnings)


def test_nothing_to_schedule_and_settings_without_sense_are_refused():
	store = shop(jobs=[job("A", status="completed")])
	assert not flow.has_jobs(store)
	with pytest.raises(NoDataError, match="no open job"):
		scheduled(store)
	for wrong in ({"horizon_days": 0}, {"time_limit": 0.0}, {"objective": Objective((("speed", 1.0),))}):
		with pytest.raises(SentiaError, match="Schedule: "):
			scheduled(store, settings=replace(QUICK, **wrong))
	assert store.read(f.SCHEDULES).empty


def test_stopped_early_it_still_writes_a_schedule():
	many = [f"J{i}" for i in range(30)]
	store = shop(jobs=[job(name, due="2026-03-03") for name in many],
		operations=[step(name, n) for name in many for n in (10, 20)],
		operation_modes=[mode(name, n, w, 37 + i) for i, name in enumerate(many) for n in (10, 20) for w in ("Saw", "Press")],
	)  # fmt: skip
	name, _ = scheduled(store, settings=replace(QUICK, time_limit=600), stop=lambda: True)
	assert len(verified(store, name)) == 60


def test_setups_are_placed_before_their_operations_and_counted():
	store = shop(workstations=[{"workstation": "Press", "initial_family": "red"}],
		shifts=week("Press"),
		operations=[step("A", 10, family="red"), step("B", 10, family="blue")],
		operation_modes=[mode("A", 10, "Press"), mode("B", 10, "Press")],
		setups=[{"workstation": "Press", "to_family": "blue", "minutes": 30}, {"workstation": "Press", "to_family": "red", "minutes": 45}],
	)  # fmt: skip
	name, _ = scheduled(store)
	rows = verified(store, name).set_index("job")
	assert rows.loc["A", "starts_at"] == NOW and pd.isna(rows.loc["A", "setup_from"])
	assert (rows.loc["B", "setup_from"], rows.loc["B", "setup_minutes"]) == (
		pd.Timestamp("2026-03-02 07:00"),
		30,
	)
	assert store.read(f.SCHEDULES)["setup_hours"].tolist() == [0.5]


def test_tables_alone_are_enough():
	made = flow.make(tables(), NOW, QUICK)
	for frame in flow.RESULTS:
		rows = made.frames[frame.name]
		frame.validate(rows.assign(run="") if len(rows) else frame.empty())
	assert len(made.frames["scheduled_operations"]) == 4
