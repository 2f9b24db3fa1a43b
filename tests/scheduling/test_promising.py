"""Promise dates: in the gaps of the current schedule, with materials, and nobody else moved."""

from __future__ import annotations

import pandas as pd
import pytest
from shop_store import MAIN, QUICK, scheduled, shop, stocked, write
from shop_world import NOW

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.flow import promise
from sentia_ops.scheduling.orders import order_rows, routing_of

ROUTING = [
	{"item_code": "STOOL", "step": 10, "workstation": "Saw", "operation": "Cut", "minutes_fixed": 10, "minutes_per_unit": 5},
	{"item_code": "STOOL", "step": 10, "workstation": "Saw 2", "operation": "Cut", "minutes_fixed": 10, "minutes_per_unit": 6},
	{"item_code": "STOOL", "step": 20, "workstation": "Press", "operation": "Press", "minutes_fixed": 0, "minutes_per_unit": 3},
]  # fmt: skip
LEGS = [{"item_code": "STOOL", "material": "LEG", "qty": 4, "warehouse": MAIN, "step": 20}]


def stools(**given):
	store = shop(**given)
	write(store, f.ROUTINGS, ROUTING)
	return store


def test_a_new_order_goes_into_the_gaps():
	store = stools()
	name, _ = scheduled(store)
	before = store.read(f.SCHEDULED_OPERATIONS)
	found = promise(store, "STOOL", 10, QUICK, NOW)
	# saw free from 07:00: 60 minutes on it, until 08:00; the press works for A and B until 10:00, break until 10:30
	assert found.at == pd.Timestamp("2026-03-02 11:00") and found.schedule == name
	assert sum(link["hours"] for link in found.chain) == pytest.approx(5.0)
	assert "Press" in found.text and found.free is None and found.notes == ()
	pd.testing.assert_frame_equal(store.read(f.SCHEDULED_OPERATIONS), before)
	assert "the new order" not in set(store.read(f.JOBS)["job"])


def test_material_counts_after_what_the_jobs_take():
	store = stools(job_materials=[{"job": "A", "item_code": "LEG", "qty": 30, "step": 20, "warehouse": MAIN}])
	write(store, f.ROUTING_MATERIALS, LEGS)
	stocked(store, {"LEG": 50}, [("LEG", "2026-03-04", 100, "PO-9-1")])
	scheduled(store)
	assert promise(store, "STOOL", 5, QUICK, NOW).at < pd.Timestamp("2026-03-03"), "20 legs are left"
	found = promise(store, "STOOL", 10, QUICK, NOW)
	# 40 are needed for the press; they come on the 4th, the press opens at 6 on the 5th
	assert found.at == pd.Timestamp("2026-03-05 06:30") and "PO-9-1" in found.text
	none = promise(store, "STOOL", 100, QUICK, NOW)
	assert none.at is None and none.text.startswith("No date can be promised") and "LEG" in none.text


def test_without_a_schedule_it_says_so():
	found = promise(stools(), "STOOL", 10, QUICK, NOW)
	assert found.at is not None and found.schedule == "" and "no schedule yet" in found.notes[0]


def test_a_schedule_that_time_has_overtaken_is_pushed_on_and_that_is_said():
	store = stools()
	scheduled(store)
	later = NOW + pd.Timedelta(hours=2)
	found = promise(store, "STOOL", 10, QUICK, later)
	assert found.at > pd.Timestamp("2026-03-02 11:00"), (
		"A and B have not started, so they are in the way for longer"
	)
	assert "should have started before 02 Mar 08:00" in found.notes[0]


def test_an_item_without_a_routing_is_made_as_its_last_job_was():
	store = shop()
	routing, materials = routing_of(store, "item A")
	assert routing["minutes_per_unit"].tolist() == [6.0, 6.0, 9.0] and materials.empty
	rows = {frame.name: part for frame, part in order_rows(store, "item A", 5, name="X")}
	assert rows["operation_modes"]["minutes"].tolist() == [30.0, 30.0, 45.0]
	assert promise(store, "item A", 10, QUICK, NOW).at is not None


@pytest.mark.parametrize("qty", [0, -1, float("nan"), float("inf")])
def test_a_quantity_that_makes_no_sense_is_refused(qty):
	with pytest.raises(SentiaError, match="must be above 0"):
		promise(stools(), "STOOL", qty, QUICK, NOW)


def test_an_unknown_item_is_refused_with_a_hint():
	with pytest.raises(NoDataError) as refused:
		promise(stools(), "STOOLS", 1, QUICK, NOW)
	assert "neither a routing nor a job" in refused.value.message and "STOOL" in refused.value.hint


def test_a_step_that_no_shift_is_long_enough_for_has_no_date():
	found = promise(stools(), "STOOL", 200, QUICK, NOW)
	assert found.at is None and "may not be split" in found.text
