"""A solved problem as rows of the tables: the schedule, its operations, jobs, reasons and loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.scheduling.objective import objective_text
from sentia_ops.scheduling.telling import moves_text, summary

if TYPE_CHECKING:
	from sentia_ops.scheduling.engine.prepare import Built, Tables
	from sentia_ops.scheduling.engine.problem import Result

HOUR = 60


def frames_of(
	built: Built,
	result: Result,
	tables: Tables,
	*,
	now: pd.Timestamp,
	settings: ScheduleSettings,
	name: str,
	published: str = "",
	reason: str = "",
) -> dict[str, pd.DataFrame]:
	"""Rows of the five result tables by table name, without the column `run`.

	Args:
	    published: name of the schedule that `tables.published` holds; empty: none.
	    reason: why the schedule was made anew.
	"""
	operations = _operations(built, result, tables, name)
	jobs = _jobs(built, result, tables, name)
	unplaced = _unplaced(built, name)
	loads = _loads(built, result, name)
	told = [summary(jobs, operations, unplaced, loads, now)]
	if published:
		told.append(moves_text(operations, tables.published, published))
	if reason:
		told.insert(0, f"Made because: {reason.rstrip('.')}.")
	head = _head(built, result, jobs, operations, unplaced, settings, now)
	schedules = pd.DataFrame([{"schedule": name, **head, "summary": " ".join(told)}])
	return {
		f.SCHEDULES.name: schedules,
		f.SCHEDULED_OPERATIONS.name: operations,
		f.SCHEDULED_JOBS.name: jobs,
		f.UNPLACED_OPERATIONS.name: unplaced,
		f.STATION_LOADS.name: loads,
	}


def _head(built, result, jobs, operations, unplaced, settings, now) -> dict:
	from sentia_ops.scheduling.engine.load import utilisation

	aims, weight = result.aims, {job.name: job.weight for job in built.problem.jobs}
	busy = utilisation(built, result.schedule) if len(operations) else None
	return {
		"status": "Draft",
		"made_at": now,
		"from_at": now,
		"until_at": now + pd.Timedelta(days=settings.horizon_days),
		"objective": objective_text(settings.objective),
		"solver_status": result.status.value,
		"value": result.value,
		"bound": min(result.bound, result.value),
		"gap": result.gap,
		"seconds": round(result.seconds, 2),
		"jobs": len(jobs),
		"operations": len(operations),
		"late_jobs": int(jobs["late"].sum()),
		"unplaced": len(unplaced),
		"makespan": aims.get("makespan", 0) / HOUR,
		"tardiness": float(jobs["tardiness"].sum()),
		"weighted_tardiness": float((jobs["tardiness"] * jobs["job"].map(weight)).sum()),
		"setup_hours": aims.get("setup", 0) / HOUR,
		"utilisation": np.nan if busy is None else min(busy, 1.0),
		"moved": int(has_moved(operations).sum()),
		"history": json.dumps([[round(s, 2), v, who] for s, v, who in result.history]),
	}


def has_moved(operations: pd.DataFrame) -> pd.Series:
	"""Operations that are elsewhere than in the published schedule; new ones have not moved."""
	return operations["moved_minutes"].fillna(0).ne(0) | operations["moved_from"].ne("")


def _operations(built: Built, result: Result, tables: Tables, name: str) -> pd.DataFrame:
	from sentia_ops.scheduling.engine.load import setups
	from sentia_ops.scheduling.engine.why import critical, operation_reasons

	problem, schedule = built.problem, result.schedule
	if not problem.operations:
		return f.SCHEDULED_OPERATIONS.empty().drop(columns="run")
	items = dict(zip(tables.jobs["job"], tables.jobs["item_code"], strict=True))
	cards = {(r.job, r.step): r.job_card for r in tables.operations.itertuples()}
	fixed_why = {(r.job, r.step): r.fixed_why for r in tables.operations.itertuples()}
	was = {(r.job, r.step): r for r in tables.published.itertuples()}
	reasons, decides = operation_reasons(built, schedule), critical(built, schedule)
	changeovers = setups(problem, schedule)
	rows = []
	for i, op in enumerate(problem.operations):
		key = built.op_keys[i]
		mode = op.modes[int(schedule.mode[i])]
		start, end = built.to_local(int(schedule.start[i])), built.to_local(int(schedule.end[i]))
		station = built.lanes[mode.resource]
		setup_from, setup_minutes = changeovers.get(i, (None, 0))
		before = was.get(key)
		rows.append(
			{
				"schedule": name,
				"job": key[0],
				"step": key[1],
				"operation": op.name,
				"kind": op.kind,
				"item_code": items.get(key[0], ""),
				"workstation": station,
				"starts_at": start,
				"ends_at": end,
				"minutes": mode.minutes,
				"setup_from": pd.NaT if setup_from is None else built.to_local(setup_from),
				"setup_minutes": setup_minutes,
				"family": "" if op.family is None else built.families[op.family],
				"needs": _needs(built, mode),
				"fixed_why": fixed_why.get(key, "") if op.fixed else "",
				"moved_minutes": None if before is None else round((start - before.starts_at).total_seconds() / 60),
				"moved_from": "" if before is None or before.workstation == station else before.workstation,
				"critical": bool(decides[i]),
				"why": reasons[i],
				"job_card": cards.get(key, ""),
			}
		)  # fmt: skip
	found = pd.DataFrame(rows).astype({"moved_minutes": "Int64"})
	return found.sort_values(["starts_at", "workstation", "job", "step"], ignore_index=True)


def _needs(built: Built, mode) -> str:
	needs = {built.lanes[resource]: units for resource, units in mode.needs}
	return json.dumps(needs) if needs else ""


def _jobs(built: Built, result: Result, tables: Tables, name: str) -> pd.DataFrame:
	from sentia_ops.scheduling.engine.why import chains

	problem, schedule = built.problem, result.schedule
	of_job: dict[str, list[int]] = {}
	for i, op in enumerate(problem.operations):
		of_job.setdefault(problem.jobs[op.job].name, []).append(i)
	told = {row["job"]: row for row in chains(built, schedule)} if of_job else {}
	rows = []
	for job in tables.jobs.itertuples():
		mine, why = of_job.get(job.job), told.get(job.job, {})
		if not mine:
			continue  # nothing of it could be placed: see unplaced_operations
		end = built.to_local(int(max(schedule.end[i] for i in mine)))
		tardiness = 0.0 if pd.isna(job.due_at) else max((end - job.due_at).total_seconds() / 3600, 0.0)
		rows.append(
			{
				"schedule": name,
				"job": job.job,
				"item_code": job.item_code,
				"starts_at": built.to_local(int(min(schedule.start[i] for i in mine))),
				"ends_at": end,
				"due_at": job.due_at,
				"tardiness": tardiness,
				"late": tardiness > 0,
				"priority": job.priority,
				"summary": why.get("summary", ""),
				"chain": _json(why.get("chain", [])),
				"remedies": _json(why.get("remedies", [])),
				"work_order": job.work_order,
			}
		)
	return pd.DataFrame(rows) if rows else f.SCHEDULED_JOBS.empty().drop(columns="run")


def _json(value) -> str:
	return value if isinstance(value, str) else json.dumps(value, default=str)


def _unplaced(built: Built, name: str) -> pd.DataFrame:
	rows = [
		{
			"schedule": name,
			"job": u.job,
			"step": -1 if u.step is None else u.step,
			"code": u.code,
			"text": u.text,
		}
		for u in built.unplaced
	]
	if not rows:
		return f.UNPLACED_OPERATIONS.empty().drop(columns="run")
	return pd.DataFrame(rows).drop_duplicates(["job", "step"], ignore_index=True)


def _loads(built: Built, result: Result, name: str) -> pd.DataFrame:
	from sentia_ops.scheduling.engine.load import loads

	rows = pd.DataFrame(loads(built, result.schedule))
	return rows.assign(schedule=name) if len(rows) else f.STATION_LOADS.empty().drop(columns="run")
