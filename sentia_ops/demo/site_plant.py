"""The demo company's plant in ERPNext: workstations with their hours, operations of the bills of materials, change-overs.

What ERPNext's documents cannot say is told more simply than on a lake: workstations of one type differ by a speed alone,
the fixed minutes of an operation are spread over a usual lot, and operations that run beside each other share a sequence
number.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import frappe
import pandas as pd

from sentia_ops.demo import plant
from sentia_ops.demo.catalogue import ABBR
from sentia_ops.demo.company import DemoCompany
from sentia_ops.demo.site_marks import mark

HOLIDAYS = f"Plant - {ABBR}"
USUAL_LOT = 60  # pieces, over which fixed minutes are spread
TYPES = {
	**dict.fromkeys(plant.PRESSES, "Press"),
	**dict.fromkeys(plant.MOULDERS, "Moulder"),
	**dict.fromkeys(plant.LINES, "Line"),
}
YEARS_AHEAD = 1
STEPS = (plant.BODY, plant.DRIVE, plant.PAINT, plant.CURE, plant.ASSEMBLE, plant.PACK)
MakeOnce = Callable[..., None]


def ours(name: str) -> str:
	"""Names of the plant carry the company's abbreviation: a site may have a Press 1 of its own."""
	return f"{name} - {ABBR}"


def make_plant(company: DemoCompany, make_once: MakeOnce) -> None:
	"""Workstations with types, hours and days off; operations; setup times."""
	_holidays(company, make_once)
	for name in sorted(set(TYPES.values())):
		make_once("Workstation Type", ours(name), workstation_type=ours(name))
	speeds = _speeds(company)
	for station in plant.STATIONS:
		make_once("Workstation", ours(station.name), **_workstation(station, speeds.get(station.name, 100)))
	for name in sorted(company.factory["routings"]["operation"].unique()):
		make_once("Operation", ours(name))
	_setups()


def _holidays(company: DemoCompany, make_once: MakeOnce) -> None:
	"""Weekends, and the plant's own day."""
	first = date(company.as_of.year, 1, 1)
	last = date(company.as_of.year + YEARS_AHEAD, 12, 31)
	days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
	rows = [
		{"holiday_date": day, "description": "weekend", "weekly_off": 1} for day in days if day.weekday() > 4
	]
	closed = company.factory["calendar_exceptions"]
	for row in closed[~closed["open"]].drop_duplicates("starts_at").itertuples():
		rows.append({"holiday_date": row.starts_at.date(), "description": row.reason})
	make_once(
		"Holiday List", HOLIDAYS, holiday_list_name=HOLIDAYS, from_date=first, to_date=last, holidays=rows
	)


def _workstation(station: plant.Station, speed: float) -> dict:
	kind = TYPES.get(station.name)
	return {
		"workstation_name": ours(station.name),
		"workstation_type": ours(kind) if kind else None,
		"production_capacity": station.capacity,
		"hour_rate_labour": station.cost,
		"holiday_list": HOLIDAYS if station.shifts else None,
		"working_hours": [{"start_time": a, "end_time": b, "enabled": 1} for a, b in _joined(station.shifts)],
		"sentia_kind": station.kind,
		"sentia_speed": speed,
		"sentia_batch": int(station.name == plant.OVEN),
		"sentia_initial_family": station.stands_in,
		"sentia_always_open": int(not station.shifts),
	}


def _joined(shifts: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
	"""Shifts that follow each other as one: ERPNext takes hours that touch for hours that overlap."""
	found: list[tuple[str, str]] = []
	for start, end in shifts:
		if found and found[-1][1] == start:
			found[-1] = (found[-1][0], end)
		else:
			found.append((start, end))
	return found


def _speeds(company: DemoCompany) -> dict[str, float]:
	"""Percent of the fastest workstation of the same operation."""
	rows = company.factory["routings"].drop_duplicates(["operation", "workstation"])
	rows = rows[rows["workstation"].isin(TYPES) & (rows["minutes_per_unit"] > 0)]
	best = rows.groupby("operation")["minutes_per_unit"].transform("min")
	return dict(zip(rows["workstation"], (100 * best / rows["minutes_per_unit"]).round(), strict=True))


def _setups() -> None:
	for workstation, before, after, minutes in plant.SETUPS:
		values = {"workstation": ours(workstation), "to_family": after}
		known = {**values, "from_family": before or ["is", "not set"]}
		if not frappe.db.exists("Setup Time", known):
			doc = frappe.get_doc(
				{"doctype": "Setup Time", **values, "from_family": before, "minutes": minutes}
			)
			mark("Setup Time", doc.insert(ignore_permissions=True).name)


# how things are made


def bom_operations(company: DemoCompany, item_code: str) -> list[dict]:
	"""Rows of BOM Operation of a product, in the order in which they can be done."""
	rows = company.factory["routings"]
	rows = rows[rows["item_code"] == item_code]
	steps = {step: mine for step, mine in rows.groupby("step")}
	found, sequence, last = [], 0, None
	for step in (step for step in STEPS if step in steps):
		# preparing the drive needs nothing of what the body goes through
		sequence += 0 if last == plant.BODY and step == plant.DRIVE else 1
		inspection = steps.get(plant.INSPECT) if step == plant.ASSEMBLE else None
		found.append({**_operation(steps[step], inspection), "sequence_id": sequence})
		last = step
	return found


def _operation(rows: pd.DataFrame, inspection: pd.DataFrame | None) -> dict:
	row = rows.sort_values("minutes_per_unit").iloc[0]
	needs = json.loads(row["needs"] or "{}")
	kind = TYPES.get(row["workstation"])
	fixed = row["minutes_per_unit"] == 0
	minutes = row["minutes_fixed"] if fixed else row["minutes_per_unit"] + row["minutes_fixed"] / USUAL_LOT
	values = {
		"operation": ours(row["operation"]),
		"workstation": None if kind else ours(row["workstation"]),
		"workstation_type": ours(kind) if kind else None,
		"time_in_mins": round(float(minutes), 4),
		"fixed_time": int(fixed),
		"batch_size": 1,
		"sentia_family": row["family"],
		"sentia_batch_key": row["batch_key"],
		"sentia_splittable": int(row["splittable"]),
		"sentia_min_wait": int(row["min_wait"]),
		"sentia_max_wait": 0 if pd.isna(row["max_wait"]) else int(row["max_wait"]),
	}
	if plant.ASSEMBLERS in needs:
		values |= {
			"sentia_operators": ours(plant.ASSEMBLERS),
			"sentia_operator_count": needs[plant.ASSEMBLERS],
		}
	if plant.DIE in needs:
		values["sentia_tool"] = ours(plant.DIE)
	if inspection is not None and len(inspection):
		look = inspection.iloc[0]
		values |= {
			"sentia_inspector": ours(look["workstation"]),
			"sentia_inspection_minutes": look["minutes_fixed"] + look["minutes_per_unit"] * USUAL_LOT,
			"sentia_rework_share": 100 * look["rework_share"],
		}
	return values


def order_operations(company: DemoCompany, item_code: str, qty: float, bom: str) -> list[dict]:
	"""Rows of Work Order Operation for so many of a product, as ERPNext takes them from the BOM."""
	found = []
	for row in bom_operations(company, item_code):
		minutes = row["time_in_mins"] * (1 if row["fixed_time"] else qty)
		names = ("operation", "workstation", "workstation_type", "sequence_id", "batch_size")
		found.append(
			{**{name: row[name] for name in names}, "bom": bom, "time_in_mins": minutes, "status": "Pending"}
		)
	return found
