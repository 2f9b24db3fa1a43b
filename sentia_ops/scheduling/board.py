"""A schedule as the board draws it: small JSON, shared by the Desk page, the API and the self-contained HTML report."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from sentia_ops.scheduling.engine.calendars import expand
from sentia_ops.scheduling.frames import (
	CALENDAR_EXCEPTIONS,
	SCHEDULED_JOBS,
	SCHEDULED_OPERATIONS,
	SCHEDULES,
	SHIFTS,
	STATION_LOADS,
	UNPLACED_OPERATIONS,
	WORKSTATIONS,
)

# what a host of the Gantt loads, in this order; under sentia_ops/public, or /assets/sentia_ops on a site
GANTT_FILES = (
	"css/schedule_gantt.css",
	"vendor/vis-timeline/vis-timeline-graph2d.min.js",
	"js/schedule_gantt.js",
	"js/schedule_gantt_use.js",
)
MARGIN = pd.Timedelta(days=1)  # shown after the last operation and due date
MINUTE = pd.Timedelta(minutes=1)
NO_HOURS = "no working hours"
MOST_SAID = 0.5  # a proof that leaves more open is called little


def payload(frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
	"""One schedule, ready for `json.dumps`.

	Args:
	    frames: by frame name. schedules (the first row counts), scheduled_operations, scheduled_jobs,
	        unplaced_operations, station_loads of that schedule; workstations, shifts, calendar_exceptions. Each may be
	        absent.

	Returns:
	    {"schedule": the row of schedules, its "history" as a list; {} where there is none,
	    "from", "until": what is shown,
	    "figures": [{"label", "value", "how"}], each number with its arithmetic,
	    "stations": [{"name", "kind", "type", "capacity", "closed": [[from, until, reason]]}],
	    "operations": [{"id", "job", "step", "operation", "kind", "item", "workstation", "start", "end", "minutes",
	    "setup_from", "setup_minutes", "family", "needs", "late_hours", "fixed_why", "moved_minutes", "moved_from",
	    "critical", "why", "job_card"}],
	    "jobs": [{"job", "item", "start", "end", "due", "late", "tardiness", "priority", "summary", "chain", "remedies",
	    "work_order"}],
	    "unplaced": [{"job", "step", "code", "text"}],
	    "loads": [{"workstation", "week", "open_hours", "work_hours", "setup_hours", "maintenance_hours"}]}.
	    Times are ISO texts of the site's clock, without a zone. Of operations and jobs, what is empty or false is left out, and a setup of 0 minutes.
	"""
	operations = _of(frames, SCHEDULED_OPERATIONS)
	jobs = _of(frames, SCHEDULED_JOBS)
	schedule = _of(frames, SCHEDULES).head(1)
	from_at, until_at = _span(schedule, operations, jobs)
	unplaced = _of(frames, UNPLACED_OPERATIONS)
	row = _rows(schedule, {})[0] if len(schedule) else {}
	row |= {"history": json.loads(row.get("history") or "[]")} if row else {}
	return {
		"schedule": row,
		"from": _iso(from_at),
		"until": _iso(until_at),
		"figures": _figures(schedule, operations, jobs, unplaced, _of(frames, STATION_LOADS)),
		"stations": _stations(frames, operations, from_at, until_at),
		"operations": _operations(operations, jobs),
		"jobs": _jobs(jobs),
		"unplaced": _rows(unplaced[["job", "step", "code", "text"]], {}, keep=True),
		"loads": _rows(_of(frames, STATION_LOADS).drop(columns=["schedule", "run"]), {}, keep=True),
	}


def elsewhere(before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame]) -> list[dict]:
	"""Operations of one schedule that another has at another time or place, or not at all.

	Args:
	    before, after: tables by frame name; scheduled_operations of one schedule each.

	Returns:
	    [{"id", "job", "step", "operation", "workstation", "start", "end"}] as `before` has them.
	"""
	place = ["workstation", "starts_at", "ends_at"]
	old, new = _of(before, SCHEDULED_OPERATIONS), _of(after, SCHEDULED_OPERATIONS)
	both = old.merge(new[["job", "step", *place]], on=["job", "step"], how="left", suffixes=("", "_after"))
	same = (both[place].to_numpy() == both[[f"{name}_after" for name in place]].to_numpy()).all(axis=1)
	shown = both.loc[~same, ["job", "step", "operation", *place]]
	found = _rows(shown, {"starts_at": "start", "ends_at": "end"}, keep=True)
	return [{"id": f"{row['job']}/{row['step']}", **row} for row in found]


def _of(frames: dict[str, pd.DataFrame], frame: Any) -> pd.DataFrame:
	found = frames.get(frame.name)
	return frame.empty() if found is None else found


def _span(schedule: pd.DataFrame, operations: pd.DataFrame, jobs: pd.DataFrame) -> tuple[Any, Any]:
	"""From the start of the plan, or of what runs already, until a day after the last end and due date."""
	starts = pd.concat([schedule["from_at"], operations["starts_at"], operations["setup_from"].dropna()])
	ends = pd.concat([operations["ends_at"], jobs["due_at"].dropna()])
	if starts.empty:
		return pd.NaT, pd.NaT
	first = starts.min()
	last = max(first, ends.max()) if len(ends) else first
	return first.floor("h"), (last + MARGIN).ceil("h")


def _stations(frames: dict[str, pd.DataFrame], operations: pd.DataFrame, from_at: Any, until_at: Any) -> list:
	"""Machines, and whatever else operations run on; closed spans of each."""
	stations = _of(frames, WORKSTATIONS)
	used = set(operations["workstation"])
	known = stations[(stations["kind"] == "machine") | stations["workstation"].isin(used)]
	found = [
		{
			"name": row.workstation,
			"kind": row.kind,
			"type": row.workstation_type,
			"capacity": int(row.capacity),
			"closed": []
			if pd.isna(from_at)
			else _closed(frames, row.workstation, row.always_open, from_at, until_at),
		}
		for row in known.sort_values(["workstation_type", "workstation"]).itertuples()
	]
	lost = sorted(used - set(known["workstation"]))
	return found + [{"name": n, "kind": "machine", "type": "", "capacity": 1, "closed": []} for n in lost]


def _closed(frames: dict[str, pd.DataFrame], station: str, always: bool, from_at: Any, until_at: Any) -> list:
	"""[[from, until, reason]] where a station does not work; a reason is known for exceptions only.

	Shifts and times shown are both of the site's clock, so the clock is counted as if it were UTC.
	"""
	shifts, exceptions = _of(frames, SHIFTS), _of(frames, CALENDAR_EXCEPTIONS)
	exceptions = exceptions[exceptions["workstation"] == station]
	until = int((until_at - from_at) / MINUTE)
	named = [
		(
			max(0, int((row.starts_at - from_at) / MINUTE)),
			min(until, int((row.ends_at - from_at) / MINUTE)),
			row.reason,
		)
		for row in exceptions[~exceptions["open"]].sort_values("starts_at").itertuples()
	]
	named = [span for span in named if span[0] < span[1]]
	if always:
		closed = [span[:2] for span in named]
	elif not (shifts["workstation"] == station).any() and not exceptions["open"].any():
		return [[_iso(from_at), _iso(until_at), NO_HOURS]]
	else:
		days = -(-until // 1440) + 1
		windows = expand(shifts, exceptions, station, from_at.tz_localize("UTC"), days, "UTC")
		closed = _complement([(int(a), int(b)) for a, b in windows], until)
	parts = [(a, b, reason) for start, end in closed for a, b, reason in _named_parts(start, end, named)]
	at = lambda minute: _iso(from_at + minute * MINUTE)  # noqa: E731
	return [[at(a), at(b), reason] for a, b, reason in parts]


def _complement(windows: list[tuple[int, int]], until: int) -> list[tuple[int, int]]:
	closed, at = [], 0
	for start, end in windows:
		if start > at:
			closed.append((at, min(start, until)))
		at = max(at, end)
		if at >= until:
			return closed
	return [*closed, (at, until)]


def _named_parts(start: int, end: int, named: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
	"""A closed span, cut where exceptions give a reason for it."""
	parts, at = [], start
	for a, b, reason in named:
		a, b = max(a, at), min(b, end)
		if a >= b:
			continue
		parts += [(at, a, "")] if at < a else []
		parts.append((a, b, reason))
		at = b
	return [*parts, (at, end, "")] if at < end else parts


def _operations(operations: pd.DataFrame, jobs: pd.DataFrame) -> list[dict]:
	late = dict(zip(jobs["job"], jobs["tardiness"].round(2), strict=True))
	rows = operations.drop(columns=["schedule", "run"]).sort_values(
		["starts_at", "workstation", "job", "step"]
	)
	found = _rows(rows, {"item_code": "item", "starts_at": "start", "ends_at": "end"})
	for row in found:
		row["id"] = f"{row['job']}/{row['step']}"
		if not row["setup_minutes"]:
			del row["setup_minutes"]
		if late.get(row["job"]):
			row["late_hours"] = late[row["job"]]
	return found


def _jobs(jobs: pd.DataFrame) -> list[dict]:
	names = {"item_code": "item", "starts_at": "start", "ends_at": "end", "due_at": "due"}
	rows = jobs.drop(columns=["schedule", "run"]).sort_values(["ends_at", "job"])
	found = _rows(rows.assign(tardiness=rows["tardiness"].round(2)), names)
	for row in found:
		row |= {name: json.loads(row.get(name) or "[]") for name in ("chain", "remedies")}
	return found


def _rows(table: pd.DataFrame, names: dict[str, str], *, keep: bool = False) -> list[dict]:
	"""Plain values by column; unless `keep`, without what is empty (0 and step 0 are not)."""
	table = table.rename(columns=names)
	found = [
		{name: _plain(value) for name, value in zip(table.columns, row, strict=True)}
		for row in table.itertuples(index=False, name=None)
	]
	if keep:
		return found
	return [
		{
			name: value
			for name, value in row.items()
			if value is not None and value is not False and value != ""
		}
		for row in found
	]


def _plain(value: Any) -> Any:
	if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
		return None
	if isinstance(value, pd.Timestamp):
		return _iso(value)
	value = value.item() if hasattr(value, "item") else value
	return int(value) if isinstance(value, float) and value.is_integer() else value


def _iso(at: Any) -> str | None:
	return None if pd.isna(at) else at.strftime("%Y-%m-%dT%H:%M")


def _figures(
	schedule: pd.DataFrame,
	operations: pd.DataFrame,
	jobs: pd.DataFrame,
	unplaced: pd.DataFrame,
	loads: pd.DataFrame,
) -> list[dict[str, str]]:
	"""The headline numbers, each with the arithmetic behind it."""
	if not len(jobs):
		return []
	late, dated = jobs[jobs["late"]], jobs["due_at"].notna().sum()
	work = operations[operations["kind"] != "maintenance"]
	setup = work["setup_minutes"].sum() / 60
	found = [_late_jobs(late, dated, len(jobs)), _lateness(late), _last_end(operations)]
	found.append(
		{
			"label": "Setup",
			"value": _hours(setup),
			"how": f"{_count((work['setup_minutes'] > 0).sum(), 'setup')} before {_count(len(work), 'operation')} of"
			f" {_hours(work['minutes'].sum() / 60)} work.",
		}
	)
	found += _utilisation(schedule, loads)
	waiting = unplaced["job"].nunique()
	found.append(
		{
			"label": "Not placed",
			"value": _count(waiting, "job"),
			"how": "Listed with the reasons." if waiting else "Everything has a place.",
		}
	)
	return found + _proof(schedule)


def _late_jobs(late: pd.DataFrame, dated: int, jobs: int) -> dict[str, str]:
	how = f"{len(late):,} of the {_count(dated, 'job')} with a due date end after it"
	how += f"; {_count(jobs - dated, 'job')} without one cannot be late." if jobs > dated else "."
	return {"label": "Late jobs", "value": f"{len(late):,} of {jobs:,}", "how": how}


def _lateness(late: pd.DataFrame) -> dict[str, str]:
	if late.empty:
		return {"label": "Lateness", "value": "0 h", "how": "No job ends after its due date."}
	worst = late.loc[late["tardiness"].idxmax()]
	how = f"End minus due date, summed over {_count(len(late), 'late job')}; the most is {worst['job']}, {_hours(worst['tardiness'])}."
	return {"label": "Lateness", "value": _hours(late["tardiness"].sum()), "how": how}


def _last_end(operations: pd.DataFrame) -> dict[str, str]:
	work = operations[operations["kind"] != "maintenance"]
	if work.empty:
		return {"label": "Last end", "value": "", "how": "Nothing is placed."}
	last = work.loc[work["ends_at"].idxmax()]
	how = f"{last['job']}, {last['operation'] or 'step ' + str(last['step'])} on {last['workstation']} ends last."
	return {"label": "Last end", "value": last["ends_at"].strftime("%a %d %b %H:%M"), "how": how}


def _utilisation(schedule: pd.DataFrame, loads: pd.DataFrame) -> list[dict[str, str]]:
	if schedule.empty or pd.isna(schedule["utilisation"].iloc[0]):
		return []
	busy = loads["work_hours"].sum() + loads["setup_hours"].sum()
	how = f"{_hours(busy)} of work and setup, of what the stations are open until the last end."
	return [{"label": "Utilisation", "value": f"{schedule['utilisation'].iloc[0]:.0%}", "how": how}]


def _proof(schedule: pd.DataFrame) -> list[dict[str, str]]:
	if schedule.empty:
		return []
	row = schedule.iloc[0]
	if row["solver_status"] == "optimal":
		return [
			{
				"label": "Proof",
				"value": "Best possible",
				"how": f"No plan is better; proven in {row['seconds']:.0f} s.",
			}
		]
	if not row["bound"]:
		how = f"The best plan found in {row['seconds']:.0f} s; no limit to how much better one could be is proven."
		return [{"label": "Proof", "value": "None yet", "how": how}]
	how = f"Value {row['value']:,.0f}, and no plan is below {row['bound']:,.0f}: at most {row['gap']:.1%} of it can be saved."
	if row["gap"] > MOST_SAID:
		return [{"label": "Proof", "value": "Little", "how": f"{how} So wide a limit says little."}]
	return [{"label": "Proof", "value": f"Within {row['gap']:.1%}", "how": how}]


def _hours(hours: float) -> str:
	return f"{hours:,.0f} h" if hours >= 100 else f"{hours:,.1f} h"


def _count(number: int, what: str) -> str:
	return f"{number:,} {what}{'' if number == 1 else 's'}"
