"""A small factory in tables, from which tests leave out or spoil what they are about."""

from __future__ import annotations

import pandas as pd

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine.prepare import Built, Tables, build
from sentia_ops.scheduling.engine.settings import ScheduleSettings

NOW = pd.Timestamp("2026-03-02 06:00")  # a Monday
DAY_SHIFT = [("06:00", "10:00"), ("10:30", "14:30")]


def rows(frame, given: list[dict]) -> pd.DataFrame:
	return frame.validate(pd.DataFrame(given)) if given else frame.empty()


def week(workstation: str, hours=DAY_SHIFT, days=range(5)) -> list[dict]:
	return [
		{"workstation": workstation, "weekday": day, "from_time": start, "to_time": end}
		for day in days
		for start, end in hours
	]


def job(name: str, *, due="2026-03-06 14:30", **more) -> dict:
	return {"job": name, "item_code": f"item {name}", "qty": 10, "due_at": pd.Timestamp(due), **more}


def step(name: str, number: int, **more) -> dict:
	return {"job": name, "step": number, "operation": f"op {number}", **more}


def mode(name: str, number: int, workstation: str, minutes: float = 60, **more) -> dict:
	return {"job": name, "step": number, "workstation": workstation, "minutes": minutes, **more}


def tables(**given: list[dict]) -> Tables:
	"""Two saws and a press, two jobs of two steps; each table can be given anew."""
	base = {
		"workstations": [{"workstation": w} for w in ("Saw", "Saw 2", "Press")],
		"shifts": [*week("Saw"), *week("Saw 2"), *week("Press")],
		"jobs": [job("A"), job("B")],
		"operations": [step(j, n) for j in ("A", "B") for n in (10, 20)],
		"operation_modes": [
			*(mode(j, 10, w) for j in ("A", "B") for w in ("Saw", "Saw 2")),
			*(mode(j, 20, "Press", 90) for j in ("A", "B")),
		],
	}
	made = {
		name: rows(frame, {**base, **given}.get(name, []))
		for name, frame in {
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
		}.items()
	}
	return Tables(**made)


def built(now: pd.Timestamp = NOW, settings: ScheduleSettings | None = None, **given: list[dict]) -> Built:
	return build(tables(**given), now, settings or ScheduleSettings(horizon_days=20))
