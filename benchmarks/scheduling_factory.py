"""A factory of the size of an ERP site, seeded: 400 jobs of 2,000 operations on 25 workstations.

Six departments with shifts and breaks, a holiday, a machine that is down for a day, setup times by family, alternative
machines of different speed, an oven that runs batches, a washer with three places, operators for the assembly, waits
for cooling, material that comes later, five priorities. Nothing here is fitted to any method: how full the factory is
(about nine tenths of its hours while orders come in) and how tight due dates are (two to six times the bare time of the
job) are what a shop with a backlog looks like.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine.prepare import Tables

NOW = pd.Timestamp("2026-03-02 06:00")  # a Monday
HOLIDAY = pd.Timestamp("2026-03-09")
TWO = [("06:00", "10:00"), ("10:30", "14:00"), ("14:00", "18:00"), ("18:30", "22:00")]
DAY = [("07:00", "12:00"), ("12:45", "16:30")]
AROUND = [("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00")]
# department: machines, hours, setup families, usual minutes of setup, minutes of an operation from and to
DEPARTMENTS = {
	"Saw": (4, TWO, 4, 15, 10, 50),
	"Lathe": (6, TWO, 6, 30, 20, 110),
	"Mill": (7, TWO, 6, 35, 20, 120),
	"Grinder": (3, TWO, 4, 25, 20, 80),
	"Oven": (1, AROUND, 0, 0, 120, 120),
	"Washer": (1, TWO, 0, 0, 20, 40),
	"Assembly": (3, DAY, 3, 10, 20, 110),
}
PRIORITIES, SHARES = [1, 2, 3, 4, 5], [0.05, 0.15, 0.5, 0.2, 0.1]


def factory(seed: int, jobs: int = 400, operations: int = 2000) -> Tables:
	"""All tables of the factory; the same for the same seed."""
	rng = np.random.default_rng(seed)
	stations = [f"{name} {n + 1}" for name, (count, *_rest) in DEPARTMENTS.items() for n in range(count)]
	lengths = _lengths(rng, jobs, operations)
	rows, steps, modes = [], [], []
	for j, length in enumerate(lengths):
		job = f"PJ-{j + 1:04d}"
		route = _route(rng, int(length))
		release = float(rng.uniform(-1, 10)) if j % 4 else 0.0  # days; a quarter of all is waiting already
		work = 0.0
		for k, department in enumerate(route):
			step, own = _operation(rng, job, 10 * (k + 1), department)
			steps.append(step)
			modes += own
			work += np.mean([mode["minutes"] for mode in own])
		starts = NOW + pd.Timedelta(days=max(0.0, release))
		material = NOW + pd.Timedelta(days=float(rng.uniform(0, 5))) if rng.random() < 0.1 else pd.NaT
		# fifteen hours of a working day are worked; jobs wait in queues for one to five times their own time
		slack = float(rng.uniform(2, 6)) * work / 900 + 0.5
		promised_from = max(starts, material) if material is not pd.NaT else starts
		rows.append(
			{
				"job": job,
				"item_code": f"ITEM-{int(rng.integers(1, 80)):03d}",
				"qty": int(rng.integers(5, 60)),
				"priority": int(rng.choice(PRIORITIES, p=SHARES)),
				"release_at": starts.round("min"),
				"due_at": _working_days(promised_from, slack).round("h"),
				"material_at": material if material is pd.NaT else material.round("min"),
			}
		)
	return _tables(
		workstations=_workstations(stations),
		shifts=_shifts(stations),
		calendar_exceptions=_exceptions(stations),
		jobs=rows,
		operations=steps,
		operation_modes=modes,
		setups=_setups(rng),
	)


def _working_days(start: pd.Timestamp, days: float) -> pd.Timestamp:
	"""So many days later, weekends and the holiday left out: due dates are promised by the calendar on the wall."""
	at = start
	while True:
		midnight = at.normalize() + pd.Timedelta(days=1)
		if at.weekday() >= 5 or at.normalize() == HOLIDAY:
			at = midnight
			continue
		left = (midnight - at) / pd.Timedelta(days=1)
		if days <= left:
			return at + pd.Timedelta(days=days)
		days, at = days - left, midnight


def _lengths(rng, jobs: int, operations: int) -> np.ndarray:
	"""Steps of each job: 2 to 8, and exactly so many together."""
	lengths = np.clip(rng.poisson(operations / jobs - 2, jobs) + 2, 2, 8)
	while (gap := operations - int(lengths.sum())) != 0:
		free = np.flatnonzero(lengths < 8 if gap > 0 else lengths > 2)
		lengths[rng.choice(free, min(abs(gap), len(free)), replace=False)] += np.sign(gap)
	return lengths


def _route(rng, length: int) -> list[str]:
	"""Departments that a job goes through; it may come back to machining."""
	route = ["Saw"]
	while len(route) < length:
		department = str(
			rng.choice(
				["Lathe", "Mill", "Grinder", "Oven", "Washer", "Assembly"],
				p=[0.3, 0.3, 0.14, 0.08, 0.08, 0.1],
			)
		)
		if department != route[-1]:
			route.append(department)
	return route


def _operation(rng, job: str, step: int, department: str) -> tuple[dict, list[dict]]:
	count, _hours, families, _setup, least, most = DEPARTMENTS[department]
	row = {"job": job, "step": step, "operation": department, "splittable": bool(rng.random() < 0.35)}
	if families:
		row["family"] = f"{department} {int(rng.integers(families)) + 1}"
	if department == "Oven":
		row |= {"batch_key": f"{int(rng.choice([180, 220, 250]))} C", "splittable": False}
	if rng.random() < 0.05:
		row["min_wait"] = 60  # cooling, drying
	minutes = float(rng.integers(least, most + 1))
	able = rng.choice(count, min(count, int(rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2]))), replace=False)
	modes = []
	for n in able.tolist():
		mode = {
			"job": job,
			"step": step,
			"workstation": f"{department} {n + 1}",
			"minutes": round(minutes * float(rng.uniform(0.9, 1.25))) if department != "Oven" else minutes,
		}
		if department == "Assembly":
			mode["needs"] = '{"Fitters": 1}'
		modes.append(mode)
	return row, modes


def _workstations(stations: list[str]) -> list[dict]:
	rows = []
	for name in stations:
		oven, washer = name.startswith("Oven"), name.startswith("Washer")
		rows.append({"workstation": name, "capacity": 6 if oven else 3 if washer else 1, "batch": oven})
	return [*rows, {"workstation": "Fitters", "kind": "operator", "capacity": 3}]


def _shifts(stations: list[str]) -> list[dict]:
	hours = {name: DEPARTMENTS[name.split()[0]][1] for name in stations} | {"Fitters": DAY}
	return [
		{"workstation": name, "weekday": day, "from_time": start, "to_time": end}
		for name, spans in hours.items()
		for day in range(5)
		for start, end in spans
	]


def _exceptions(stations: list[str]) -> list[dict]:
	rows = [
		{
			"workstation": name,
			"starts_at": HOLIDAY,
			"ends_at": HOLIDAY + pd.Timedelta(days=1),
			"reason": "holiday",
		}
		for name in [*stations, "Fitters"]
	]
	saturday = pd.Timestamp("2026-03-07 06:00")
	rows += [
		{"workstation": name, "starts_at": saturday, "ends_at": saturday + pd.Timedelta(hours=8), "open": True, "reason": "overtime"}
		for name in ("Mill 1", "Mill 2", "Grinder 1")
	]  # fmt: skip
	down = pd.Timestamp("2026-03-04 06:00")
	return [*rows, {"workstation": "Lathe 2", "starts_at": down, "ends_at": down + pd.Timedelta(hours=20), "reason": "repair"}]  # fmt: skip


def _setups(rng) -> list[dict]:
	rows = []
	for name, (_count, _hours, families, usual, _least, _most) in DEPARTMENTS.items():
		for a in range(families):
			for b in range(families):
				if a != b:
					minutes = max(5, round(usual * float(rng.uniform(0.4, 1.8)) / 5) * 5)
					rows.append(
						{"from_family": f"{name} {a + 1}", "to_family": f"{name} {b + 1}", "minutes": minutes}
					)
	return rows


def _tables(**given: list[dict]) -> Tables:
	known = {
		"workstations": f.WORKSTATIONS,
		"shifts": f.SHIFTS,
		"calendar_exceptions": f.CALENDAR_EXCEPTIONS,
		"jobs": f.JOBS,
		"job_materials": f.JOB_MATERIALS,
		"operations": f.OPERATIONS,
		"operation_modes": f.OPERATION_MODES,
		"setups": f.SETUPS,
		"maintenance": f.MAINTENANCE,
		"published": f.SCHEDULED_OPERATIONS,
	}
	return Tables(
		**{
			name: frame.validate(pd.DataFrame(given[name])) if name in given else frame.empty()
			for name, frame in known.items()
		}
	)
