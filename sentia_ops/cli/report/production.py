"""The report's section on production: the schedule that people work by, else the newest draft."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentia_ops.cli.report.charts import BLUE, GRID, ORANGE, _layout, _numbers
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.board import GANTT_FILES, payload
from sentia_ops.scheduling.reading import current

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

RESULTS = (f.SCHEDULES, f.SCHEDULED_OPERATIONS, f.SCHEDULED_JOBS, f.UNPLACED_OPERATIONS, f.STATION_LOADS)
PLANT = (f.WORKSTATIONS, f.SHIFTS, f.CALENDAR_EXCEPTIONS)
LOAD_WEEKS = 2
MOST_LATE = 100
BARS = (  # column, what it is called, colour
	("work_hours", "work", BLUE),
	("setup_hours", "setup", ORANGE),
	("maintenance_hours", "maintenance", "#7e22ce"),
	("free_hours", "free", GRID),
)


@dataclass(frozen=True)
class Production:
	"""What the section shows.

	Attributes:
	    schedule: row of schedules.
	    board: as the Gantt wants it.
	    late: rows of scheduled_jobs, the latest first, chain and remedies parsed.
	    unplaced: rows of unplaced_operations.
	    loads: the figure of the workstations' load; None: nothing is open.
	"""

	schedule: dict[str, Any]
	board: dict[str, Any]
	late: list[dict[str, Any]]
	unplaced: list[dict[str, Any]]
	loads: dict[str, Any] | None


def gather_production(store: LakeStore) -> Production | None:
	"""The section's facts; None where nothing was scheduled."""
	name = current(store)
	if not name:
		return None
	frames = {frame.name: store.read(frame, schedule=name) for frame in RESULTS}
	jobs = frames[f.SCHEDULED_JOBS.name]
	late = jobs[jobs["late"]].sort_values("tardiness", ascending=False).head(MOST_LATE).to_dict("records")
	for row in late:
		row |= {column: json.loads(row[column]) for column in ("chain", "remedies")}
	return Production(
		schedule=frames[f.SCHEDULES.name].iloc[0].to_dict(),
		board=payload(frames | {frame.name: store.read(frame) for frame in PLANT}),
		late=late,
		unplaced=frames[f.UNPLACED_OPERATIONS.name].to_dict("records"),
		loads=load_chart(frames[f.STATION_LOADS.name]),
	)


def load_chart(loads: pd.DataFrame) -> dict[str, Any] | None:
	"""Hours taken of the hours open in the first weeks, by workstation, the fullest on top."""
	weeks = sorted(loads["week"].unique())[:LOAD_WEEKS]
	columns = ["open_hours", "work_hours", "setup_hours", "maintenance_hours"]
	sums = loads[loads["week"].isin(weeks)].groupby("workstation")[columns].sum()
	sums = sums[sums["open_hours"] > 0]
	if sums.empty:
		return None
	taken = sums[columns[1:]].sum(axis=1) / sums["open_hours"]
	sums = sums.loc[taken.sort_values(kind="stable").index]
	names = [escape(name) for name in sums.index]
	sums["free_hours"] = (sums["open_hours"] - sums[columns[1:]].sum(axis=1)).clip(lower=0)
	data = [
		{"type": "bar", "orientation": "h", "name": label, "y": names, "marker": {"color": colour}}
		| {"x": _numbers(100 * sums[column] / sums["open_hours"]), "customdata": _numbers(sums[column])}
		| {"hovertemplate": f"%{{customdata:.1f}} h {label}<extra>%{{y}}</extra>"}
		for column, label, colour in BARS
		if sums[column].sum() > 0
	]
	layout = _layout(120 + 26 * len(sums), barmode="stack", bargap=0.3, hovermode="closest")
	layout["xaxis"] |= {"title": {"text": f"% of the open hours, {_span(weeks)}"}, "range": [0, 100]}
	layout["legend"]["traceorder"] = "normal"
	return {"data": data, "layout": layout}


def _span(weeks: list) -> str:
	last = weeks[-1] + pd.Timedelta(days=6)
	return f"{weeks[0]:%d %b} to {last:%d %b}" if len(weeks) > 1 else f"week of {weeks[0]:%d %b}"


def gantt_assets() -> str:
	"""Style and scripts of the board's Gantt, to stand inside the page."""
	public = files("sentia_ops") / "public"
	parts = []
	for name in GANTT_FILES:
		text = public.joinpath(*name.split("/")).read_text(encoding="utf-8")
		element = "style" if name.endswith(".css") else "script"
		parts.append(f"<{element}>{text}</{element}>")
	return "\n".join(parts)
