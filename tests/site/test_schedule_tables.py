"""What the scheduling room reads from real ERPNext documents, and what it writes."""

from __future__ import annotations

import json

import frappe
import pandas as pd
import pytest
from factories import make_item, make_warehouse, unique
from frappe.utils import add_to_date, getdate, now_datetime
from schedules import at, head
from workshop import (
	cards_of,
	finish_card,
	in_days,
	make_bom,
	make_operation,
	make_type,
	make_work_order,
	make_workstation,
	start_card,
	two_steps,
)

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.site_jobs import job_of
from sentia_ops.store.base import Run
from sentia_ops.store.site import SiteStore


@pytest.fixture
def store(site):
	return SiteStore(notes=Run("", "test"))


def of(rows: pd.DataFrame, workstation) -> pd.DataFrame:
	return rows[rows["workstation"] == workstation.name].reset_index(drop=True)


# workstations


def test_workstations_with_kind_capacity_and_what_they_are_set_up_for(store):
	press = make_workstation(
		production_capacity=3, sentia_batch=1, sentia_initial_family="red", hour_rate_labour=40
	)
	people = make_workstation(unique("Setters"), sentia_kind="operator", production_capacity=2)
	tool = make_workstation(unique("Mould"), hours=(), sentia_kind="tool")
	closed = make_workstation(hours=())
	oven = make_workstation(hours=(), sentia_always_open=1)
	rows = store.read(f.WORKSTATIONS).set_index("workstation")
	row = rows.loc[press.name]
	assert (row["kind"], row["capacity"], row["batch"], row["initial_family"]) == ("machine", 3, True, "red")
	assert row["hourly_cost"] == 40 and not row["always_open"]
	assert (rows.loc[people.name, "kind"], rows.loc[people.name, "capacity"]) == ("operator", 2)
	assert rows.loc[[tool.name, oven.name], "always_open"].all() and not rows.loc[closed.name, "always_open"]


def test_shifts_are_the_enabled_hours_on_every_weekday(store):
	press = make_workstation(
		hours=(("06:00:00", "14:30:00"), ("14:30:01", "23:59:59"), ("01:00:00", "02:00:00"))
	)
	press.working_hours[2].enabled = 0
	press.save()
	rows = of(store.read(f.SHIFTS), press)
	assert set(zip(rows["from_time"], rows["to_time"], strict=True)) == {
		("06:00", "14:30"),
		("14:30", "24:00"),
	}
	assert sorted(rows["weekday"]) == sorted([*range(7), *range(7)])


def test_holidays_downtimes_and_exceptions_close_and_open(store):
	holidays = frappe.get_doc(
		{
			"doctype": "Holiday List",
			"holiday_list_name": unique("Works"),
			"from_date": in_days(0),
			"to_date": in_days(10),
		}
	)
	holidays.append("holidays", {"holiday_date": in_days(2), "description": "<b>Stocktaking</b>"})
	holidays.insert()
	press = make_workstation(holiday_list=holidays.name)
	down(press, 1, "09:00", "11:00", "Machine malfunction")
	exception(press, "overtime", 3, "18:00", "20:00")
	exception(press, "closed", 4, "08:00", "10:00", reason="Audit")
	rows = of(store.read(f.CALENDAR_EXCEPTIONS), press).sort_values("starts_at")
	found = [(r.starts_at, r.ends_at, r.open) for r in rows.itertuples()]
	assert found == [
		(at(1, "09:00"), at(1, "11:00"), False),
		(at(2, "00:00"), at(3, "00:00"), False),
		(at(3, "18:00"), at(3, "20:00"), True),
		(at(4, "08:00"), at(4, "10:00"), False),
	]
	assert rows["reason"].tolist()[1] == "Stocktaking" and "Machine malfunction" in rows["reason"].tolist()[0]
	assert any(holidays.name in text and "Extend it" in text for text in store._notes.warnings)


def test_production_on_holidays_is_respected(store):
	holidays = frappe.get_doc(
		{
			"doctype": "Holiday List",
			"holiday_list_name": unique("Works"),
			"from_date": in_days(0),
			"to_date": in_days(90),
		}
	)
	holidays.append("holidays", {"holiday_date": in_days(2), "description": "closed"})
	holidays.insert()
	press = make_workstation(holiday_list=holidays.name)
	frappe.db.set_single_value("Manufacturing Settings", "allow_production_on_holidays", 1)
	assert of(store.read(f.CALENDAR_EXCEPTIONS), press).empty


def test_a_downtime_that_ends_before_it_begins_is_counted_and_left_out(store):
	press = make_workstation()
	entry = down(press, 1, "09:00", "11:00")
	frappe.db.set_value("Downtime Entry", entry.name, "to_time", at(1, "08:00"))
	assert of(store.read(f.CALENDAR_EXCEPTIONS), press).empty
	assert store._notes.refused == {"downtime entries that end before they begin": 1}


def test_setup_times_and_their_one_row_for_a_change(store):
	press = make_workstation()
	row = {
		"doctype": "Setup Time",
		"workstation": press.name,
		"from_family": "red",
		"to_family": "blue",
		"minutes": 25,
	}
	frappe.get_doc(row).insert()
	frappe.get_doc({**row, "workstation": None, "from_family": None, "minutes": 10}).insert()
	rows = store.read(f.SETUPS).set_index(["workstation", "from_family", "to_family"])["minutes"]
	assert rows[press.name, "red", "blue"] == 25 and rows["", "", "blue"] == 10
	with pytest.raises(frappe.ValidationError, match="already"):
		frappe.get_doc({**row, "minutes": 5}).insert()


def test_maintenance_of_an_asset_that_names_its_workstation(store):
	press = make_workstation()
	task = asset_task(press, due=5, minutes=90)
	other = asset_task(press, due=5, minutes=0)
	rows = store.read(f.MAINTENANCE).set_index("maintenance")
	assert other not in rows.index
	row = rows.loc[task]
	assert (row["workstation"], row["minutes"], row["latest"]) == (press.name, 90, at(6, "00:00"))
	assert row["earliest"] == at(0, "00:00") and "Oil" in row["reason"]


# jobs


def test_a_job_its_operations_modes_and_materials(store):
	steel, shed = make_item(unique("Steel")), make_warehouse()
	kind = make_type()
	presses = [make_workstation(workstation_type=kind, sentia_speed=speed).name for speed in (100, 200)]
	crew, mould = (
		make_workstation(unique("Crew"), sentia_kind="operator"),
		make_workstation(unique("Mould"), sentia_kind="tool"),
	)
	details = {"sentia_family": "red", "sentia_splittable": 1, "sentia_min_wait": 10, "sentia_max_wait": 99}
	details |= {
		"sentia_operators": crew.name,
		"sentia_operator_count": 2,
		"sentia_tool": mould.name,
		"sentia_batch_key": "180",
	}
	step = {"operation": make_operation().name, "workstation_type": kind, "time_in_mins": 6, **details}
	bom = make_bom(make_item(unique("Plate")), [step], [(steel, 2, shed.name)])
	order = make_work_order(bom, 10)
	job = job_of(order.name)
	row = store.read(f.OPERATIONS, job=job).iloc[0]
	assert (row["family"], row["splittable"], row["min_wait"], row["max_wait"], row["batch_key"]) == (
		"red",
		True,
		10,
		99,
		"180",
	)
	assert (row["after"], row["status"], row["fixed_why"], row["job_card"]) == (
		"[]",
		"pending",
		"",
		cards_of(order)[0].name,
	)
	modes = store.read(f.OPERATION_MODES, job=job).set_index("workstation")
	assert modes["minutes"].to_dict() == {presses[0]: 60, presses[1]: 30}
	assert json.loads(modes["needs"].iloc[0]) == {crew.name: 2, mould.name: 1}
	need = store.read(f.JOB_MATERIALS, job=job).iloc[0]
	assert (need["item_code"], need["qty"], need["warehouse"]) == (steel.name, 20, shed.name)


def test_material_that_was_transferred_is_no_longer_needed(store):
	steel, shed = make_item(unique("Steel")), make_warehouse()
	_item, _bom, saw, _press = two_steps()
	step = {"operation": make_operation().name, "workstation": saw.name}
	order = make_work_order(make_bom(make_item(unique("Plate")), [step], [(steel, 2, shed.name)]), 10)
	row = order.required_items[0]
	frappe.db.set_value("Work Order Item", row.name, "transferred_qty", 15)
	assert store.read(f.JOB_MATERIALS, job=job_of(order.name))["qty"].tolist() == [5]
	frappe.db.set_value("Work Order Item", row.name, "transferred_qty", 20)
	assert store.read(f.JOB_MATERIALS, job=job_of(order.name)).empty


def test_what_has_begun_is_fixed_until_what_is_left_of_it_is_done(store):
	_item, bom, saw, _press = two_steps()
	order = make_work_order(bom, 10)  # 60 minutes on the saw
	first, second = cards_of(order)
	start_card(first, 20)
	job = job_of(order.name)
	row = store.read(f.OPERATIONS, job=job).iloc[0]
	assert (row["status"], row["fixed_why"], row["fixed_workstation"]) == ("started", "started", saw.name)
	assert abs(row["fixed_start"] - (pd.Timestamp(now_datetime()) - pd.Timedelta(minutes=20))) < pd.Timedelta(
		minutes=1
	)
	assert row["fixed_end"] >= pd.Timestamp(now_datetime()) + pd.Timedelta(minutes=39)
	modes = store.read(f.OPERATION_MODES, job=job).set_index("step")["minutes"]
	assert modes[1] == pytest.approx(40, abs=1) and modes[2] == 120
	first.reload()
	finish_card(first)
	rows = store.read(f.OPERATIONS, job=job)
	assert rows["status"].tolist() == ["done", "pending"] and rows["fixed_why"].tolist() == ["", ""]
	assert pd.notna(rows["fixed_end"].iloc[0])
	assert store.read(f.OPERATION_MODES, job=job)["step"].tolist() == [2]
	second.reload()
	finish_card(second)
	assert store.read(f.JOBS, job=job).empty, "a finished job is no longer planned"


def test_a_pin_is_read_with_its_end_in_working_hours(store):
	_item, bom, _saw, press = two_steps()
	order = make_work_order(bom, 10)
	doc = frappe.get_doc("Production Job", job_of(order.name))
	doc.operations[1].update(
		{"pinned_workstation": press.name, "pinned_start": at(3, "09:00"), "splittable": 1}
	)
	doc.operations[1].minutes = 240
	doc.save()
	frappe.db.set_value("Production Job Operation", doc.operations[1].name, "minutes", 240)
	row = store.read(f.OPERATIONS, job=doc.name).iloc[1]
	assert (row["fixed_why"], row["fixed_workstation"], row["fixed_start"]) == (
		"pinned",
		press.name,
		at(3, "09:00"),
	)
	assert row["fixed_end"] == at(3, "14:00"), "three hours before the break, one after it"


def test_routings_are_those_of_a_work_order_of_the_defaults(store):
	"""Operations of the sub-assembly first, materials exploded."""
	saw, press = make_workstation(unique("Saw")), make_workstation()
	steel, part, whole = (make_item(unique(name)) for name in ("Steel", "Leg", "Table"))
	sawing, pressing = make_operation(unique("Sawing")), make_operation()
	make_bom(
		part, [{"operation": sawing.name, "workstation": saw.name, "time_in_mins": 3}], [(steel, 2, None)]
	)
	step = {"operation": pressing.name, "workstation": press.name, "time_in_mins": 20, "fixed_time": 1}
	bom = make_bom(whole, [step], [(part, 4, None)])
	rows = store.read(f.ROUTINGS, item_code=whole.name)
	assert rows["operation"].tolist() == [sawing.name, pressing.name]
	assert rows["minutes_per_unit"].tolist() == [12, 0] and rows["minutes_fixed"].tolist() == [0, 20]
	materials = store.read(f.ROUTING_MATERIALS, item_code=whole.name)
	assert dict(zip(materials["material"], materials["qty"], strict=True)) == {steel.name: 8}
	order = make_work_order(bom, 5)
	assert [row.time_in_mins for row in order.operations] == [60, 20], "ERPNext says the same"


# results


def test_a_schedule_is_read_as_it_was_written(store):
	moved = {
		"schedule": "SCH-T",
		"job": "PJ-T",
		"step": 1,
		"workstation": "W",
		"starts_at": at(1, "08:00"),
		"ends_at": at(1, "09:00"),
		"minutes": 60,
	}
	rows = [
		(f.SCHEDULES, head("SCH-T", utilisation=None, summary="All in time.")),
		(f.SCHEDULED_OPERATIONS, pd.DataFrame([moved, {**moved, "step": 2, "moved_minutes": -15, "critical": True, "setup_from": at(1, "07:50")}])),
		(f.SCHEDULED_JOBS, pd.DataFrame([{"schedule": "SCH-T", "job": "PJ-T", "starts_at": at(1, "08:00"), "ends_at": at(1, "09:00"), "tardiness": 0.5, "late": True}])),
		(f.UNPLACED_OPERATIONS, pd.DataFrame([{"schedule": "SCH-T", "job": "PJ-U", "step": -1, "code": "no operations", "text": "It has none."}])),
		(f.STATION_LOADS, pd.DataFrame([{"schedule": "SCH-T", "workstation": "W", "week": at(0, "00:00"), "open_hours": 40, "work_hours": 1, "setup_hours": 0, "maintenance_hours": 0}])),
	]  # fmt: skip
	for frame, table in rows:
		store.amend(frame, table, scope={"schedule": ["SCH-T"]})
	for frame, table in rows:
		found = store.read(frame, schedule="SCH-T")
		pd.testing.assert_frame_equal(found, frame.validate(table), check_dtype=False)


def test_a_run_replaces_drafts_and_never_what_was_published_meanwhile(store):
	part = {
		"schedule": "SCH-A",
		"job": "PJ-T",
		"step": 1,
		"workstation": "W",
		"starts_at": at(1, "08:00"),
		"ends_at": at(1, "09:00"),
		"minutes": 60,
	}
	store.amend(f.SCHEDULES, head("SCH-A"), scope={"schedule": ["SCH-A"]})
	store.amend(f.SCHEDULED_OPERATIONS, pd.DataFrame([part]), scope={"schedule": ["SCH-A"]})
	frappe.db.set_value(
		"Production Schedule", "SCH-A", "status", "Published"
	)  # somebody, while the solver was at work
	both = {"schedule": ["SCH-A", "SCH-B"]}
	store.amend(f.SCHEDULES, head("SCH-B"), scope=both)
	store.amend(f.SCHEDULED_OPERATIONS, pd.DataFrame([{**part, "schedule": "SCH-B"}]), scope=both)
	known = store.read(f.SCHEDULES, schedule=["SCH-A", "SCH-B"])
	assert dict(zip(known["schedule"], known["status"], strict=True)) == {
		"SCH-A": "Published",
		"SCH-B": "Draft",
	}
	assert sorted(store.read(f.SCHEDULED_OPERATIONS, job="PJ-T")["schedule"]) == ["SCH-A", "SCH-B"]


def test_a_deleted_schedule_leaves_no_rows_and_a_published_one_stays(store):
	store.amend(f.SCHEDULES, head("SCH-A"), scope={"schedule": ["SCH-A"]})
	row = {"schedule": "SCH-A", "job": "PJ-U", "step": -1, "code": "cycle"}
	store.amend(f.UNPLACED_OPERATIONS, pd.DataFrame([row]), scope={"schedule": ["SCH-A"]})
	frappe.db.set_value("Production Schedule", "SCH-A", "status", "Published")
	with pytest.raises(frappe.ValidationError, match="is published"):
		frappe.delete_doc("Production Schedule", "SCH-A")
	frappe.db.set_value("Production Schedule", "SCH-A", "status", "Superseded")
	frappe.delete_doc("Production Schedule", "SCH-A")
	assert not frappe.db.exists("Unplaced Operation", {"schedule": "SCH-A"})


def test_old_superseded_schedules_are_cleared():
	from sentia_ops.sentia_ops.doctype.production_schedule.production_schedule import ProductionSchedule

	SiteStore().amend(
		f.SCHEDULES, pd.concat([head("SCH-A"), head("SCH-B")]), scope={"schedule": ["SCH-A", "SCH-B"]}
	)
	old = add_to_date(now_datetime(), days=-100)
	for name, status in (("SCH-A", "Superseded"), ("SCH-B", "Published")):
		frappe.db.set_value(
			"Production Schedule", name, {"status": status, "modified": old}, update_modified=False
		)
	ProductionSchedule.clear_old_logs(90)
	assert not frappe.db.exists("Production Schedule", "SCH-A") and frappe.db.exists(
		"Production Schedule", "SCH-B"
	)


# helpers


def down(station, days: int, start: str, end: str, reason: str = "Other"):
	values = {
		"workstation": station.name,
		"from_time": at(days, start).to_pydatetime(),
		"to_time": at(days, end).to_pydatetime(),
	}
	doc = frappe.get_doc({"doctype": "Downtime Entry", **values, "stop_reason": reason})
	doc.flags.ignore_mandatory = True  # an operator is an Employee, who is of no interest here
	return doc.insert()


def exception(station, kind: str, days: int, start: str, end: str, **values):
	times = {"starts_at": at(days, start).to_pydatetime(), "ends_at": at(days, end).to_pydatetime()}
	return frappe.get_doc(
		{"doctype": "Workstation Exception", "workstation": station.name, "kind": kind, **times, **values}
	).insert()


def asset_task(station, due: int, minutes: int) -> str:
	"""A task of an Asset Maintenance; rows written directly, since an Asset needs accounts that are not the matter here."""
	asset = frappe.get_doc(
		{
			"doctype": "Asset",
			"name": unique("Asset"),
			"asset_name": "Press, old",
			"sentia_workstation": station.name,
		}
	)
	asset.db_insert()
	care = frappe.get_doc({"doctype": "Asset Maintenance", "name": asset.name, "asset_name": asset.name})
	care.db_insert()
	task = frappe.get_doc(
		{
			"doctype": "Asset Maintenance Task",
			"name": unique("task"),
			"parent": care.name,
			"parenttype": "Asset Maintenance",
			"parentfield": "asset_maintenance_tasks",
			"maintenance_task": "Oil",
			"maintenance_status": "Planned",
			"next_due_date": getdate(in_days(due)),
			"sentia_minutes": minutes,
		}
	)
	task.db_insert()
	return task.name
