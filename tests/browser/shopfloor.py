"""Schedules for the board's tests: a small one that is really planned, and a large one that is only written."""

from __future__ import annotations

import json

import frappe
import pandas as pd
from factories import make_stock, unique
from workshop import in_days, make_work_order, make_workstation, two_steps

from sentia_ops.scheduling import frames as f
from sentia_ops.store.site import SiteStore

STATIONS = 20
STEPS = 5


def plan(seconds: float = 2.0) -> str:
	"""Makes a draft of all open jobs now; returns its name."""
	from sentia_ops.sentia_ops.doctype.production_schedule.running import run_schedule

	frappe.db.set_single_value("Sentia Settings", "schedule_time_limit", seconds)
	frappe.db.commit()
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")
	return run_schedule("test")


def make_shop() -> dict:
	"""A saw and a press, and three Work Orders on them: the first is due long ago."""
	item, bom, saw, press = two_steps()
	material = frappe.get_doc("Item", bom.items[0].item_code)
	store = frappe.db.get_value("Warehouse", {"warehouse_name": "Stores"})
	stock = make_stock(material, frappe.get_doc("Warehouse", store), 100)
	orders = [make_work_order(bom, qty=10, expected_delivery_date=in_days(day)) for day in (1, 10, 20)]
	frappe.db.commit()
	return {
		"item": item.name,
		"stock": stock.name,
		"saw": saw.name,
		"press": press.name,
		"orders": [o.name for o in orders],
	}


def remove_shop(shop: dict) -> None:
	remove_schedules()
	for name in shop["orders"]:
		order = frappe.get_doc("Work Order", name)
		for card in frappe.get_all("Job Card", {"work_order": name}, pluck="name"):
			frappe.delete_doc("Job Card", card, force=True)
		if order.docstatus == 1:
			order.cancel()
		for job in frappe.get_all("Production Job", {"work_order": name}, pluck="name"):
			frappe.delete_doc("Production Job", job, force=True)
		frappe.delete_doc("Work Order", name, force=True)
	frappe.get_doc("Stock Entry", shop["stock"]).cancel()
	frappe.db.commit()


def remove_schedules() -> None:
	from sentia_ops.sentia_ops.doctype.production_schedule.production_schedule import delete_parts

	names = frappe.get_all("Production Schedule", pluck="name")
	delete_parts(names or [""])
	frappe.db.delete("Production Schedule", {"name": ["in", names or [""]]})
	frappe.db.commit()


def write_schedule(operations: int) -> tuple[str, list[str]]:
	"""A draft of so many operations, five to a job, every fourth job late; and its workstations."""
	name = unique("LARGE")
	stations = [make_workstation(unique(f"Cell {n:02d}")).name for n in range(STATIONS)]
	monday = pd.Timestamp(frappe.utils.get_first_day_of_week(frappe.utils.today())) + pd.Timedelta(days=7)
	ops, jobs = [], []
	for number in range(operations // STEPS):
		job, late = f"BIG-{number:04d}", number % 4 == 0
		day = monday + pd.Timedelta(days=number // STATIONS, hours=8)
		for step in range(STEPS):
			start = day + pd.Timedelta(minutes=95 * step)
			ops.append(_operation(name, job, step, stations[(number + step) % STATIONS], start))
		end = ops[-1]["ends_at"]
		due = end - pd.Timedelta(hours=5) if late else end + pd.Timedelta(days=2)
		jobs.append(_job(name, job, ops[-STEPS]["starts_at"], end, due, 5.0 if late else 0.0))
	for frame, rows in (
		(f.SCHEDULES, [_schedule(name, monday, ops, jobs)]),
		(f.SCHEDULED_OPERATIONS, ops),
		(f.SCHEDULED_JOBS, jobs),
	):
		SiteStore().amend(frame, pd.DataFrame(rows), scope={"schedule": [name]})
	frappe.db.commit()
	return name, stations


def _operation(schedule: str, job: str, step: int, station: str, start: pd.Timestamp) -> dict:
	return {
		"schedule": schedule,
		"job": job,
		"step": step,
		"operation": f"Step {step}",
		"workstation": station,
		"starts_at": start,
		"ends_at": start + pd.Timedelta(minutes=75),
		"minutes": 75,
		"setup_from": start - pd.Timedelta(minutes=15),
		"setup_minutes": 15,
		"why": f"Waits for {station}.",
	}


def _job(schedule: str, job: str, start, end, due, tardiness: float) -> dict:
	chain = [
		{"kind": "busy", "text": f"{job} waits for another job", "hours": tardiness, "job": job, "step": 4}
	]
	return {
		"schedule": schedule,
		"job": job,
		"item_code": "",
		"starts_at": start,
		"ends_at": end,
		"due_at": due,
		"tardiness": tardiness,
		"late": tardiness > 0,
		"summary": f"{job} ends {end:%d %b}.",
		"chain": json.dumps(chain if tardiness else []),
		"remedies": json.dumps([{"text": "Overtime on Saturday", "hours": 4.0}] if tardiness else []),
	}


def _schedule(name: str, start, operations: list, jobs: list) -> dict:
	late = [job for job in jobs if job["late"]]
	return {
		"schedule": name,
		"status": "Draft",
		"made_at": pd.Timestamp(frappe.utils.now_datetime()).floor("s"),
		"from_at": start,
		"until_at": start + pd.Timedelta(days=60),
		"objective": "tardiness=1",
		"solver_status": "feasible",
		"value": 100.0,
		"bound": 80.0,
		"gap": 0.2,
		"seconds": 1.0,
		"jobs": len(jobs),
		"operations": len(operations),
		"late_jobs": len(late),
		"unplaced": 0,
		"makespan": 100.0,
		"tardiness": 5.0 * len(late),
		"weighted_tardiness": 10.0 * len(late),
		"setup_hours": len(operations) / 4,
		"utilisation": 0.5,
		"summary": "Written by a test.",
	}
