"""A schedule, a what-if and a promise on a terminal, and as data for --json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table

from sentia_ops.cli.state import plain, records

if TYPE_CHECKING:
	import pandas as pd

	from sentia_ops.scheduling.difference import Difference
	from sentia_ops.scheduling.promising import Promised
	from sentia_ops.store.base import Run
	from sentia_ops.store.lake import LakeStore

MOMENT = "%a %d %b %H:%M"
WEEKS = 4  # shown of the loads
FULL = 0.9  # of the open hours: worth a look


def schedule_data(frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
	"""The result tables of one schedule; JSON columns parsed."""
	head = records(frames["schedules"])[0]
	jobs = records(frames["scheduled_jobs"])
	for row in jobs:
		row |= {name: json.loads(row[name]) for name in ("chain", "remedies")}
	return {
		"schedule": head | {"history": json.loads(head["history"])},
		"jobs": jobs,
		"operations": records(frames["scheduled_operations"]),
		"unplaced": records(frames["unplaced_operations"]),
		"loads": records(frames["station_loads"]),
	}


def last_schedule(store: LakeStore, run: Run) -> list[str]:
	"""The summary of the schedule that a run made; nothing where it made none."""
	from sentia_ops.scheduling.frames import SCHEDULES

	if SCHEDULES.name not in run.rows_out:
		return []
	made = store.read(SCHEDULES, run=run.name)
	return [f"Production: {plain(text)} 'sentia-ops schedule' says more." for text in made["summary"]]


def schedule_parts(frames: dict[str, pd.DataFrame], top: int) -> list:
	"""Summary, late jobs with why, what could not be placed, loads: texts and tables."""
	head, jobs = frames["schedules"].iloc[0], frames["scheduled_jobs"]
	parts: list = [plain(head["summary"]), proof(head), ""]
	late = jobs[jobs["late"]].sort_values(["tardiness"], ascending=False)
	if len(late) and top:
		parts += [_late(late.head(top), len(late)), ""]
		for row in late.head(top).itertuples():
			parts += _why(row)
		parts.append("")
	unplaced = frames["unplaced_operations"]
	if len(unplaced):
		parts += [_unplaced(unplaced.head(max(top, 1)), len(unplaced)), ""]
	if len(frames["station_loads"]):
		parts += [_loads(frames["station_loads"]), ""]
	return parts


def proof(head) -> str:
	"""How good the schedule is known to be, in words."""
	if head["solver_status"] == "optimal":
		return f"No better schedule exists by '{head['objective']}'; found in {head['seconds']:.0f} s."
	if head["solver_status"] == "empty":
		return "There was nothing to schedule."
	if head["bound"] <= 0:
		return f"The best found in {head['seconds']:.0f} s by '{head['objective']}'; how much better one could be is not proven."
	return (
		f"The best found in {head['seconds']:.0f} s by '{head['objective']}': value {head['value']:,.0f}, and no schedule "
		f"is below {head['bound']:,.0f}, so at most {head['gap']:.0%} could be saved."
	)


def _late(late: pd.DataFrame, total: int) -> Table:
	table = _table(f"Late jobs ({_shown(len(late), total)})")
	for name, justify in (
		("job", "left"),
		("item", "left"),
		("due", "left"),
		("done", "left"),
		("late", "right"),
		("priority", "right"),
	):
		table.add_column(name, justify=justify)
	for row in late.itertuples():
		table.add_row(
			plain(row.job), plain(row.item_code), f"{row.due_at:{MOMENT}}", f"{row.ends_at:{MOMENT}}", f"{row.tardiness:,.1f} h",
			str(row.priority),
		)  # fmt: skip
	return table


def _why(row) -> list[str]:
	remedies = json.loads(row.remedies)
	told = [f"{row.job}: {row.summary}"]
	return told + [f"    What would help: {remedy['text']}" for remedy in remedies[:1]]


def _unplaced(rows: pd.DataFrame, total: int) -> Table:
	table = _table(f"Could not be placed, and why ({_shown(len(rows), total)})")
	for name in ("job", "step", "reason", "what to do"):
		table.add_column(name)
	for row in rows.itertuples():
		table.add_row(plain(row.job), "all" if row.step < 0 else str(row.step), row.code, plain(row.text))
	return table


def _loads(rows: pd.DataFrame) -> Table:
	"""Share of the open hours taken, by week; the fullest workstation first."""
	busy = rows["work_hours"] + rows["setup_hours"] + rows["maintenance_hours"]
	rows = rows.assign(busy=busy)
	weeks = sorted(rows["week"].unique())[:WEEKS]
	table = _table("Load: hours taken of hours open, by week")
	table.add_column("workstation")
	for week in weeks:
		table.add_column(f"{week:%d %b}", justify="right")
	rows = rows[rows["week"].isin(weeks)]
	sums = rows.groupby("workstation")[["busy", "open_hours"]].sum()
	order = (
		(sums["busy"] / sums["open_hours"].where(sums["open_hours"] > 0))
		.fillna(0)
		.sort_values(ascending=False)
	)
	cells = rows.set_index(["workstation", "week"])
	for name in order.index:
		table.add_row(
			plain(name),
			*(_cell(cells.loc[(name, week)]) if (name, week) in cells.index else "" for week in weeks),
		)
	return table


def _cell(row) -> str:
	if not row["open_hours"]:
		return "closed"
	share = row["busy"] / row["open_hours"]
	return f"{row['busy']:,.0f} of {row['open_hours']:,.0f} ({share:.0%}{' full' if share >= FULL else ''})"


def difference_parts(difference: Difference, top: int) -> list:
	"""What a change does: headline, figures side by side, jobs that end later or earlier."""
	table = _table("Side by side")
	for name, justify in (("", "left"), ("as it is", "right"), ("what if", "right"), ("change", "right")):
		table.add_column(name, justify=justify)
	for m in difference.measures:
		table.add_row(
			m["label"], f"{m['before']:,.1f}", f"{m['after']:,.1f}", f"{m['after'] - m['before']:+,.1f}"
		)
	parts: list = [" ".join(difference.headline), "", table, ""]
	if len(difference.jobs) and top:
		parts += [_changed(difference.jobs.head(top), len(difference.jobs)), ""]
	if len(difference.unplaced):
		parts += [_unplaced(difference.unplaced.head(max(top, 1)), len(difference.unplaced)), ""]
	return parts


def _changed(rows: pd.DataFrame, total: int) -> Table:
	table = _table(f"Jobs that end at another time ({_shown(len(rows), total)})")
	for name, justify in (
		("job", "left"),
		("item", "left"),
		("due", "left"),
		("as it is", "left"),
		("what if", "left"),
		("hours", "right"),
		("", "left"),
	):
		table.add_column(name, justify=justify)
	for row in rows.itertuples():
		word = (
			"now late"
			if row.late_after and not row.late_before
			else "in time again"
			if row.late_before and not row.late_after
			else ""
		)
		hours = "" if row.hours != row.hours else f"{row.hours:+,.1f}"
		times = (_moment(at) for at in (row.due_at, row.ends_before, row.ends_after))
		table.add_row(
			plain(row.job), plain(row.item_code), *times, hours, word if row.kind != "new" else "new"
		)
	return table


def _moment(at) -> str:
	return "" if at != at else f"{at:{MOMENT}}"


def promise_data(found: Promised) -> dict[str, Any]:
	return {
		"item_code": found.item_code,
		"qty": found.qty,
		"at": None if found.at is None else f"{found.at:%Y-%m-%dT%H:%M}",
		"text": found.text,
		"chain": found.chain,
		"schedule": found.schedule,
		"free_in_stock": found.free,
		"notes": list(found.notes),
	}


def promise_parts(found: Promised) -> list:
	"""The date, its arithmetic link by link, and what is free in stock."""
	parts: list = [found.text, ""]
	if found.chain:
		table = _table("The way there")
		for name, justify in (("from", "left"), ("until", "left"), ("hours", "right"), ("what", "left")):
			table.add_column(name, justify=justify)
		for link in found.chain:
			table.add_row(
				_text(link["from"]), _text(link["until"]), f"{link['hours']:,.1f}", plain(link["text"])
			)
		parts += [table, ""]
	if found.free is not None:
		word = "enough for this order" if found.free >= found.qty else "not enough for this order"
		parts.append(f"In stock and not reserved: {found.free:,.6g} ({word}).")
	against = f"the gaps of schedule {found.schedule}" if found.schedule else "no schedule"
	return [*parts, *found.notes, f"Put into {against}; nothing was written."]


def _text(at: Any) -> str:
	return str(at).replace("T", " ")[:16]


def _shown(rows: int, total: int) -> str:
	return f"{rows} of {total}" if rows < total else str(total)


def _table(title: str) -> Table:
	return Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
