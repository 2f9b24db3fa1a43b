"""The ERP-sized benchmark: ERPNext's capacity planning worked out again, case by case, and the factory that is planned."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from verifier import violations

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from scheduling_factory import NOW, factory
from scheduling_greedy import Station, erpnext_order

from sentia_ops.scheduling.engine.decode import decode
from sentia_ops.scheduling.engine.dispatch import quick
from sentia_ops.scheduling.engine.prepare import build
from sentia_ops.scheduling.engine.settings import ScheduleSettings

HOURS = [(480, 720), (780, 1020)]  # 08:00 to 12:00, 13:00 to 17:00


def station(capacity: int = 1, holidays=()) -> Station:
	return Station(HOURS, set(holidays), capacity)


def test_work_is_split_over_the_break_and_the_night():
	assert station().plan(480, 300) == (480, 840)
	assert station().plan(900, 240) == (900, 1440 + 600)
	assert station(holidays=[1]).plan(900, 240) == (900, 2 * 1440 + 600)


def test_a_start_outside_working_hours_goes_on_the_next_day():
	assert station().plan(400, 60) == (1440 + 480, 1440 + 540)  # before opening, too: that is what it does
	assert station().plan(740, 60) == (1440 + 480, 1440 + 540)


def test_the_next_begins_ten_minutes_after_what_overlaps():
	taken = station()
	assert taken.plan(480, 60) == (480, 540)
	assert taken.plan(500, 30) == (550, 580)
	assert station(2).plan(480, 60) == (480, 540)


def test_a_capacity_of_two_takes_two():
	two = station(2)
	assert [two.plan(480, 60) for _ in range(3)] == [(480, 540), (480, 540), (550, 610)]


@pytest.fixture(scope="module")
def small():
	tables = factory(5, 40, 200)
	return tables, build(tables, NOW, ScheduleSettings(horizon_days=60))


def test_the_factory_is_what_it_says(small):
	tables, built = small
	assert len(tables.jobs) == 40 and len(built.problem.operations) == 200 and not built.unplaced
	assert (tables.workstations["kind"] == "machine").sum() == 25
	assert len(factory(5, 40, 200).jobs) == 40
	assert factory(5, 40, 200).operation_modes.equals(tables.operation_modes)
	assert violations(built.problem, quick(built.problem)) == []


def test_erpnext_order_can_be_carried_out(small):
	tables, built = small
	order, modes = erpnext_order(tables, built, NOW)
	assert sorted(order.tolist()) == list(range(200))
	place = np.empty(200, dtype=np.int64)
	place[order] = np.arange(200)
	for o, operation in enumerate(built.problem.operations):
		assert all(place[link.op] < place[o] for link in operation.after)
	assert violations(built.problem, decode(built.problem, order, modes, compiled=False)) == []
