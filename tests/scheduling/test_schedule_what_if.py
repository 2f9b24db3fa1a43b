"""Machine down, overtime, rush order, late material, pins: both sides made now, nothing written."""

from __future__ import annotations

import pandas as pd
import pytest
from shop_store import MAIN, QUICK, scheduled, shop, stocked
from shop_world import NOW, job, mode

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.what_if import what_if
from sentia_ops.scheduling.what_if_text import parse_change


def asked(store, *changes):
	return what_if(store, [parse_change(c) if isinstance(c, str) else c for c in changes], QUICK, NOW)


def ends(frames) -> dict:
	return frames["scheduled_jobs"].set_index("job")["ends_at"].to_dict()


def test_a_machine_down_is_told_and_nothing_written():
	store = shop()
	scheduled(store)
	written = store.written
	before, after, difference = asked(
		store, "down Press from 2026-03-02 06:00 until 2026-03-02 12:30 because oil leak"
	)
	assert max(ends(before).values()) == pd.Timestamp("2026-03-02 10:00")
	# the press opens at 12:30: 14:00; the second one does not fit before 14:30 and goes to the next day
	assert sorted(ends(after).values()) == [
		pd.Timestamp("2026-03-02 14:00"),
		pd.Timestamp("2026-03-03 07:30"),
	]
	later = difference.jobs.set_index("job")
	assert set(later["kind"]) == {"later"} and later["hours"].max() == later["hours"].iloc[0] > 0
	assert difference.headline[0].startswith(
		"With Press down from Mon 02 Mar 06:00 until Mon 02 Mar 12:30: 2 jobs end later"
	)
	assert {name: id(rows) for name, rows in store.written.items()} == {
		n: id(rows) for n, rows in written.items()
	}


def test_overtime_brings_forward_what_waits_for_the_night():
	store = shop(
		jobs=[job(name, due="2026-03-02 14:30") for name in "AB"],
		operation_modes=[
			mode("A", 10, "Saw", 240),
			mode("A", 20, "Press", 240),
			mode("B", 10, "Saw 2", 240),
			mode("B", 20, "Press", 240),
		],
	)
	before, after, difference = asked(store, "overtime Press from 2026-03-02 14:30 until 2026-03-02 19:00")
	# saws 06:00-10:00, press 10:30-14:30 for one, and for the other in the morning or, with overtime, until 18:30
	assert sorted(ends(before).values()) == [
		pd.Timestamp("2026-03-02 14:30"),
		pd.Timestamp("2026-03-03 10:00"),
	]
	assert sorted(ends(after).values()) == [
		pd.Timestamp("2026-03-02 14:30"),
		pd.Timestamp("2026-03-02 18:30"),
	]
	assert difference.jobs["kind"].tolist() == ["earlier"] and difference.jobs["hours"].tolist() == [-15.5]
	assert "no job ends later" in difference.headline[0]


def test_a_rush_order_is_made_by_its_items_last_job():
	store = shop()
	_before, after, difference = asked(
		store, {"kind": "rush", "item_code": "item A", "qty": 20, "due": "2026-03-02 12:00"}
	)
	rows = after["scheduled_operations"].set_index(["job", "step"])
	assert (
		rows.loc[("RUSH-1", 10), "minutes"] == 120 and rows.loc[("RUSH-1", 20), "minutes"] == 180
	)  # twice ten pieces
	row = difference.jobs.set_index("job").loc["RUSH-1"]
	assert row["kind"] == "new" and row["due_at"] == pd.Timestamp("2026-03-02 12:00")
	assert any(text.startswith("RUSH-1 would be done") for text in difference.headline)
	assert store.read(f.JOBS)["job"].tolist() == ["A", "B"]


def test_late_material_delays_the_job_that_takes_it():
	store = shop(job_materials=[{"job": "A", "item_code": "BOLT", "qty": 10, "step": 10, "warehouse": MAIN}])
	stocked(store, {"BOLT": 0}, [("BOLT", "2026-03-02", 10, "PO-7-1")])
	before, after, difference = asked(store, "late BOLT 2 days")
	assert ends(before)["A"] == pd.Timestamp("2026-03-03 08:30") and ends(after)["A"] == pd.Timestamp(
		"2026-03-05 08:30"
	)
	assert difference.jobs["job"].tolist() == ["A"] and difference.jobs["hours"].tolist() == [48.0]
	with pytest.raises(SentiaError, match="not on order PO-8"):
		asked(store, "late BOLT PO-8 2")


def test_a_pinned_operation_stays_where_it_is_put_and_pauses_over_the_break():
	operations = [
		{"job": j, "step": n, "operation": f"op {n}", "splittable": True} for j in "AB" for n in (10, 20)
	]
	store = shop(operations=operations)
	_before, after, _difference = asked(store, "pin A 20 on Press at 2026-03-02 09:00")
	row = after["scheduled_operations"].set_index(["job", "step"]).loc[("A", 20)]
	# an hour until the break at 10:00, half an hour after it
	assert (row["starts_at"], row["ends_at"]) == (
		pd.Timestamp("2026-03-02 09:00"),
		pd.Timestamp("2026-03-02 11:00"),
	)
	assert row["fixed_why"] == "pinned"


def test_a_settled_answer_keeps_the_schedule_and_makes_room():
	store = shop()
	scheduled(store)
	name = store.read(f.SCHEDULES)["schedule"].iloc[-1]
	shown = store.read(f.SCHEDULED_OPERATIONS, schedule=[name]).set_index(["job", "step"])
	start = shown.loc[("A", 20), "starts_at"]

	def moved_to(at):
		change = parse_change(f"pin A 20 on Press at {at:%Y-%m-%d %H:%M}")
		before, after, difference = what_if(store, [change], QUICK, NOW, base=name, settle=True)
		places = before["scheduled_operations"].set_index(["job", "step"])["starts_at"]
		assert places.to_dict() == shown["starts_at"].to_dict()  # nothing is planned anew
		return after["scheduled_operations"].set_index(["job", "step"])["starts_at"], difference

	same, difference = moved_to(start)
	assert same.to_dict() == shown["starts_at"].to_dict() and difference.jobs.empty
	pushed, difference = moved_to(start + pd.Timedelta(minutes=30))
	assert pushed[("A", 20)] == start + pd.Timedelta(minutes=30)
	assert (pushed >= shown["starts_at"]).all()  # right-shift: what is not in the way stays, nothing gains
	assert set(difference.jobs["kind"]) == {"later"}


def test_several_changes_and_none_that_matters():
	store = shop()
	_before, _after, difference = asked(
		store,
		"overtime Saw from 2026-03-07 06:00 until 2026-03-07 10:00",
		"down Saw 2 from 2026-03-10 06:00 until 2026-03-10 08:00",
	)
	assert difference.jobs.empty
	assert difference.headline == [
		"With overtime on Saw from Sat 07 Mar 06:00 until Sat 07 Mar 10:00 and Saw 2 down from Tue 10 Mar 06:00 until "
		"Tue 10 Mar 08:00: nothing changes; every job ends when it does now."
	]
	data = difference.as_data()
	assert data["jobs"] == [] and {row["name"] for row in data["measures"]} >= {
		"tardiness",
		"makespan",
		"moved",
	}


@pytest.mark.parametrize(
	("change", "told"),
	[
		("down Pres from 2026-03-02 06:00 until 2026-03-02 12:00", "there is no workstation 'Pres'"),
		("down Press from 2026-03-02 12:00 until 2026-03-02 06:00", "is not after"),
		("down Press from noon until 2026-03-02 06:00", "'noon' is no local time"),
		("down Press from 06:00 until 12:00", "'06:00' is no local time"),
		("rush item A 0", "must be above 0"),
		("rush item Z 10", "Nobody knows how item Z is made"),
		("rush item A 10 priority 9", "between 1"),
		("late NUT 3", "there is no item_code 'NUT'"),
		("pin A 30 at 2026-03-02 09:00", "no step 30"),
		("pin C 10 at 2026-03-02 09:00", "there is no job 'C'"),
		("pin A 20 on Saw at 2026-03-02 09:00", "cannot run on Saw"),
		("faster please", "cannot be read"),
		({"kind": "magic"}, "no change of kind 'magic'"),
		({"kind": "down", "workstation": "Press", "from": "2026-03-02 06:00"}, "until is missing"),
		({"kind": "rush", "item_code": "item A", "qty": "many"}, "qty must be a number"),
	],
)
def test_changes_that_make_no_sense_are_refused_with_a_reason(change, told):
	with pytest.raises(SentiaError, match=told):
		asked(shop(), change)


def test_no_change_and_no_job_are_refused():
	with pytest.raises(SentiaError, match="nothing to change"):
		asked(shop())
	with pytest.raises(NoDataError, match="no open job"):
		asked(shop(jobs=[]), "down Press from 2026-03-02 06:00 until 2026-03-02 12:00")


@pytest.mark.parametrize(
	("text", "change"),
	[
		("late RM-MOTOR-90 3 days", {"kind": "late", "item_code": "RM-MOTOR-90", "days": "3"}),
		("late RM-1 PO-2-1 3", {"kind": "late", "item_code": "RM-1", "voucher": "PO-2-1", "days": "3"}),
		(
			"RUSH Red kettle 12 due 2026-03-04",
			{"kind": "rush", "item_code": "Red kettle", "qty": "12", "due": "2026-03-04"},
		),
		(
			"pin WO-1 20 at 2026-03-04 08:00",
			{"kind": "pin", "job": "WO-1", "step": "20", "start": "2026-03-04 08:00"},
		),
	],
)
def test_changes_as_text(text, change):
	assert parse_change(text) == change
