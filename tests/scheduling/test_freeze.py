"""What stays where it was published, and what may not."""

from __future__ import annotations

import pandas as pd
import pytest
from shop_world import NOW, job, rows, step

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.freeze import freeze


def at(hours: float) -> pd.Timestamp:
	return NOW + pd.Timedelta(hours=hours)


def place(name: str, number: int, start: float, end: float, workstation: str = "Saw") -> dict:
	return {
		"schedule": "SCH-1", "job": name, "step": number, "workstation": workstation, "starts_at": at(start),
		"ends_at": at(end), "minutes": round((end - start) * 60),
	}  # fmt: skip


def frozen(
	published: list[dict], operations: list[dict] | None = None, jobs=None, exceptions=(), hours=8.0
) -> dict:
	found = freeze(
		rows(f.OPERATIONS, operations or [step("A", 10), step("A", 20)]),
		rows(f.JOBS, jobs or [job("A")]),
		rows(f.SCHEDULED_OPERATIONS, published),
		rows(f.CALENDAR_EXCEPTIONS, list(exceptions)),
		NOW,
		hours,
	)
	f.OPERATIONS.validate(found)
	return {
		(row.job, row.step): (row.fixed_workstation, row.fixed_start, row.fixed_end)
		for row in found.itertuples()
		if row.fixed_why == "frozen"
	}


def test_what_starts_within_the_window_stays():
	both = [place("A", 10, 1, 2), place("A", 20, 9, 10)]
	assert frozen(both) == {("A", 10): ("Saw", at(1), at(2))}
	assert set(frozen(both, hours=9.5)) == {("A", 10), ("A", 20)}
	assert frozen(both, hours=0) == {}


def test_what_should_have_started_has_slipped_and_what_waits_for_it_moves_too():
	assert frozen([place("A", 10, -1, 0.5), place("A", 20, 1, 2)]) == {}


def test_a_step_after_one_that_is_done_or_ends_in_time_stays():
	done = [step("A", 10, status="done"), step("A", 20)]
	assert set(frozen([place("A", 20, 1, 2)], done)) == {("A", 20)}
	begun = [
		step(
			"A",
			10,
			status="started",
			fixed_workstation="Saw",
			fixed_start=at(-1),
			fixed_end=at(1.5),
			fixed_why="started",
		)
	]
	late = [place("A", 10, -1, 1), place("A", 20, 1, 2, "Press")]
	assert frozen(late, [*begun, step("A", 20)]) == {}
	late[1] = place("A", 20, 2, 3, "Press")
	assert set(frozen(late, [*begun, step("A", 20)])) == {("A", 20)}


@pytest.mark.parametrize(
	("what", "given"),
	[
		("the station is down", {"exceptions": [{"workstation": "Saw", "starts_at": at(1.5), "ends_at": at(4)}]}),
		("material comes later", {"jobs": [job("A", material_at=at(1.5))]}),
		("material is missing", {"jobs": [job("A", material_missing=True)]}),
		(
			"what runs there takes longer",
			{
				"operations": [
					step("A", 10),
					step("B", 10, status="started", fixed_workstation="Saw", fixed_start=at(-1), fixed_end=at(1.5), fixed_why="started"),
				]
			},
		),
		("a planner pinned it elsewhere", {"operations": [step("A", 10, fixed_workstation="Saw 2", fixed_start=at(3), fixed_end=at(4), fixed_why="pinned")]}),
	],
)  # fmt: skip
def test_what_can_no_longer_be_so_may_move(what, given):
	assert frozen([place("A", 10, 1, 2)]), "without it, it stays"
	assert frozen([place("A", 10, 1, 2)], **given) == {}, what


def test_overtime_closes_nothing():
	longer = {"workstation": "Saw", "starts_at": at(1), "ends_at": at(4), "open": True}
	assert frozen([place("A", 10, 1, 2)], exceptions=[longer])


def test_steps_in_a_graph_wait_for_those_they_name():
	graph = [step("A", 10), step("A", 20, after="[]"), step("A", 30, after="[10, 20]")]
	slipped = [place("A", 10, -1, 0.5), place("A", 20, 1, 2), place("A", 30, 2, 3)]
	assert set(frozen(slipped, graph)) == {("A", 20)}
