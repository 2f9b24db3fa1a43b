"""The board's payload: times of the site's clock, closed spans, lateness by job, plain JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from sentia_ops.scheduling import frames as tables
from sentia_ops.scheduling.board import GANTT_FILES, elsewhere, payload

MONDAY = pd.Timestamp("2026-11-23")


def at(text: str, day: int = 0) -> pd.Timestamp:
	return MONDAY + pd.Timedelta(days=day) + pd.Timedelta(f"{text}:00")


def rows(frame, *found):
	"""Rows with the frame's defaults, validated."""
	return frame.validate(pd.DataFrame(list(found)))


def operation(job, step, station, start, end, **more):
	name = {
		"schedule": "S1",
		"job": job,
		"step": step,
		"workstation": station,
		"starts_at": start,
		"ends_at": end,
	}
	return {**name, "minutes": int((end - start).total_seconds() // 60), "setup_from": pd.NaT, **more}


@pytest.fixture
def frames():
	shifts = [(s, day, "08:00", "16:00") for s in ("Saw", "Mill") for day in range(5)]
	return {
		"schedules": rows(
			tables.SCHEDULES,
			{
				"schedule": "S1",
				"made_at": at("07:00"),
				"from_at": at("07:30"),
				"until_at": at("07:30", 60),
				"solver_status": "feasible",
				"value": 200.0,
				"bound": 150.0,
				"gap": 0.25,
				"seconds": 4.0,
				"jobs": 2,
				"operations": 3,
				"late_jobs": 1,
				"unplaced": 1,
				"makespan": 29.5,
				"tardiness": 3.5,
				"weighted_tardiness": 7.0,
				"setup_hours": 0.5,
				"utilisation": 0.4,
				"history": '[[0.1, 300.0, "EDD"]]',
			},
		),
		"scheduled_operations": rows(
			tables.SCHEDULED_OPERATIONS,
			operation(
				"A",
				0,
				"Saw",
				at("08:30"),
				at("10:00"),
				setup_from=at("08:00"),
				setup_minutes=30,
				critical=True,
			),
			operation("A", 1, "Mill", at("10:00"), at("12:00"), moved_minutes=60, why="Waits for sawing."),
			operation("B", 0, "Saw", at("11:00", 1), at("13:00", 1), fixed_why="pinned"),
		),
		"scheduled_jobs": rows(
			tables.SCHEDULED_JOBS,
			{
				"schedule": "S1",
				"job": "A",
				"starts_at": at("08:30"),
				"ends_at": at("12:00"),
				"due_at": at("08:30"),
				"tardiness": 3.5,
				"late": True,
				"chain": json.dumps([{"kind": "busy", "text": "Saw was busy", "job": "B", "step": 0}]),
			},
			{
				"schedule": "S1",
				"job": "B",
				"starts_at": at("11:00", 1),
				"ends_at": at("13:00", 1),
				"due_at": pd.NaT,
				"tardiness": 0.0,
				"late": False,
			},
		),
		"unplaced_operations": rows(
			tables.UNPLACED_OPERATIONS,
			{"schedule": "S1", "job": "C", "step": -1, "code": "no time", "text": "C has no time."},
		),
		"workstations": rows(
			tables.WORKSTATIONS,
			{"workstation": "Saw", "capacity": 2},
			{"workstation": "Mill"},
			{"workstation": "Ann", "kind": "operator"},
			{"workstation": "Shelf", "always_open": True},
			{"workstation": "Old"},
		),
		"shifts": rows(
			tables.SHIFTS,
			*[
				dict(zip(("workstation", "weekday", "from_time", "to_time"), row, strict=True))
				for row in shifts
			],
		),
		"calendar_exceptions": rows(
			tables.CALENDAR_EXCEPTIONS,
			{"workstation": "Mill", "starts_at": at("14:00"), "ends_at": at("17:00"), "reason": "Bearing"},
			{"workstation": "Saw", "starts_at": at("16:00"), "ends_at": at("18:00"), "open": True},
		),
	}


def station(found, name):
	return next(row for row in found["stations"] if row["name"] == name)


def test_times_are_of_the_clock_and_it_is_json(frames):
	found = json.loads(json.dumps(payload(frames), allow_nan=False))
	first = found["operations"][0]
	assert (first["id"], first["start"], first["end"]) == ("A/0", "2026-11-23T08:30", "2026-11-23T10:00")
	assert (first["setup_from"], first["setup_minutes"]) == ("2026-11-23T08:00", 30)
	assert found["from"] == "2026-11-23T07:00"
	assert found["until"] == "2026-11-25T13:00"
	assert found["schedule"]["history"] == [[0.1, 300.0, "EDD"]]


def test_an_operation_is_late_by_its_job(frames):
	found = {row["id"]: row for row in payload(frames)["operations"]}
	assert found["A/0"]["late_hours"] == found["A/1"]["late_hours"] == 3.5
	assert "late_hours" not in found["B/0"]
	assert "setup_minutes" not in found["B/0"] and "critical" not in found["B/0"]
	assert found["B/0"]["fixed_why"] == "pinned" and found["A/1"]["moved_minutes"] == 60


def test_closed_spans_lie_between_shifts(frames):
	closed = station(payload(frames), "Saw")["closed"]
	assert closed[:2] == [
		["2026-11-23T07:00", "2026-11-23T08:00", ""],
		["2026-11-23T18:00", "2026-11-24T08:00", ""],  # overtime opened 16:00 to 18:00
	]
	assert closed[-1][1] == "2026-11-25T13:00" or closed[-1][1] <= "2026-11-25T13:00"


def test_a_breakdown_names_its_reason_and_the_night_does_not(frames):
	closed = station(payload(frames), "Mill")["closed"]
	assert closed[1:3] == [
		["2026-11-23T14:00", "2026-11-23T17:00", "Bearing"],
		["2026-11-23T17:00", "2026-11-24T08:00", ""],
	]


def test_stations_are_machines_and_whatever_is_used(frames):
	found = payload(frames)
	assert {row["name"] for row in found["stations"]} == {"Saw", "Mill", "Shelf", "Old"}
	assert station(found, "Saw")["capacity"] == 2
	assert station(found, "Shelf")["closed"] == []
	assert station(found, "Old")["closed"] == [["2026-11-23T07:00", "2026-11-25T13:00", "no working hours"]]


def test_an_operation_on_a_station_that_is_gone_keeps_its_row(frames):
	frames["workstations"] = frames["workstations"].query("workstation != 'Mill'")
	assert station(payload(frames), "Mill")["capacity"] == 1


def test_jobs_bring_their_reasons(frames):
	found = {row["job"]: row for row in payload(frames)["jobs"]}
	assert found["A"]["chain"][0]["text"] == "Saw was busy" and found["A"]["due"] == "2026-11-23T08:30"
	assert found["B"]["chain"] == [] and "due" not in found["B"] and "late" not in found["B"]
	assert payload(frames)["unplaced"] == [
		{"job": "C", "step": -1, "code": "no time", "text": "C has no time."}
	]


def test_figures_tell_their_arithmetic(frames):
	found = {row["label"]: row for row in payload(frames)["figures"]}
	assert found["Late jobs"]["value"] == "1 of 2"
	assert (
		found["Late jobs"]["how"]
		== "1 of the 1 job with a due date end after it; 1 job without one cannot be late."
	)
	assert found["Lateness"]["value"] == "3.5 h" and "the most is A" in found["Lateness"]["how"]
	assert (
		found["Setup"]["value"] == "0.5 h"
		and "1 setup before 3 operations of 5.5 h work" in found["Setup"]["how"]
	)
	assert found["Last end"]["value"] == "Tue 24 Nov 13:00"
	assert found["Proof"]["value"] == "Within 25.0%"
	assert found["Not placed"]["value"] == "1 job"


def test_a_wide_limit_is_not_sold_as_a_proof(frames):
	frames["schedules"] = frames["schedules"].assign(bound=1.0, gap=0.99)
	proof = next(row for row in payload(frames)["figures"] if row["label"] == "Proof")
	assert proof["value"] == "Little" and "at most 99.0% of it can be saved" in proof["how"]


def test_nothing_at_all_is_an_empty_board():
	found = payload({})
	assert found["operations"] == found["jobs"] == found["figures"] == found["stations"] == []
	assert (found["schedule"], found["from"], found["until"]) == ({}, None, None)


def test_elsewhere_is_what_another_plan_moves_or_leaves_out(frames):
	rows = frames["scheduled_operations"]
	later = rows.assign(starts_at=rows["starts_at"].where(rows["job"] != "B", at("12:00", 1)))
	found = elsewhere(frames, {"scheduled_operations": later.query("job == 'B' or step == 0")})
	assert [row["id"] for row in found] == ["A/1", "B/0"]
	assert found[1]["start"] == "2026-11-24T11:00" and found[1]["workstation"] == "Saw"
	assert elsewhere(frames, frames) == []


def test_the_files_of_the_gantt_are_part_of_the_package():
	folder = files("sentia_ops") / "public"
	for name in GANTT_FILES:
		assert (folder / name).is_file(), name
	assert "MIT" in (folder / "vendor/vis-timeline/LICENSE.md").read_text()


def test_package_data_covers_them():
	tomllib = pytest.importorskip("tomllib")  # Python 3.11
	root = Path(__file__).resolve().parents[2]
	patterns = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
	folder = root / "sentia_ops" / "public" / "vendor"
	for path in folder.rglob("*"):
		assert path.is_dir() or any(path.match(pattern) for pattern in patterns), path


def test_the_gantt_uses_nothing_of_frappe():
	for name in GANTT_FILES:
		if "vendor" in name:
			continue
		text = (files("sentia_ops") / "public" / name).read_text()
		assert "frappe" not in text.replace("Nothing of Frappe", "").lower(), name
	if shutil.which("node"):
		for name in GANTT_FILES[2:]:
			subprocess.run(["node", "--check", str(files("sentia_ops") / "public" / name)], check=True)
