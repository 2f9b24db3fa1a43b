"""How full the workstations are, week by week, and which one holds the others up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sentia_ops.scheduling.engine import calendars, words
from sentia_ops.scheduling.engine import causes as c
from sentia_ops.scheduling.engine.aims import changes
from sentia_ops.scheduling.engine.causes import Causes
from sentia_ops.scheduling.engine.names import Names
from sentia_ops.scheduling.engine.problem import Problem, Schedule

FULL = 0.85  # of its open hours taken: from here on a workstation is called a bottleneck


@dataclass(frozen=True)
class Busy:
	"""Open minutes x units that something takes of a resource within [start, end)."""

	resource: int
	start: int
	end: int
	units: int
	kind: str  # work, setup or maintenance
	fixed: bool = False


def loads(built, schedule: Schedule) -> list[dict]:
	"""Rows {workstation, week, open_hours, work_hours, setup_hours, maintenance_hours}, from now to the last end.

	Hours are x capacity, so that work, setup and maintenance together are at most the open ones. An operation takes its
	workstation over all open minutes from its start to its end, also those in which it waits for its operator to come
	back. What is fixed outside the working hours counts as open and taken: somebody is there.

	Raises:
	    ValueError: more is taken than open, which no schedule that keeps the rules can do.
	"""
	weeks = _weeks(built, schedule)
	hours: dict[tuple[str, pd.Timestamp], dict[str, float]] = {}
	spans = [span for span in _busy(built, schedule) if span.end > 0]
	for resource, info in enumerate(built.problem.resources):
		mine = [span for span in spans if span.resource == resource]
		windows = _open(info.windows, mine, weeks)
		for week, start, end in weeks:
			row = hours.setdefault(
				(built.lanes[resource], week),
				{"open": 0.0, "work": 0.0, "setup": 0.0, "maintenance": 0.0},
			)
			row["open"] += calendars.work(windows, start, end) * info.capacity / words.HOUR
			for span in mine:
				inside = max(span.start, start), min(span.end, end)
				if inside[0] < inside[1]:
					row[span.kind] += calendars.work(windows, *inside) * span.units / words.HOUR
	for (workstation, week), row in hours.items():
		taken = row["work"] + row["setup"] + row["maintenance"]
		if taken > row["open"] + 1e-6:
			raise ValueError(
				f"{workstation}, week of {week:%Y-%m-%d}: {taken:.1f} h taken of {row['open']:.1f} h"
			)
	return [
		{
			"workstation": workstation,
			"week": week,
			**{f"{kind}_hours": value for kind, value in row.items()},
		}
		for (workstation, week), row in sorted(hours.items())
	]


def utilisation(built, schedule: Schedule) -> float | None:
	"""Share of the machines' open hours, from now until the last end, that work, setup and maintenance take."""
	machines = {
		built.lanes[index]
		for index, resource in enumerate(built.problem.resources)
		if resource.kind == "machine"
	}
	rows = [row for row in loads(built, schedule) if row["workstation"] in machines]
	total = sum(row["open_hours"] for row in rows)
	return sum(_taken(row) for row in rows) / total if total > 0 else None


def bottleneck(built, schedule: Schedule) -> str:
	"""A sentence naming the workstation that late jobs wait for the longest, and how full it is."""
	causes, names = Causes(built.problem, schedule), Names(built)
	waits: dict[str, int] = defaultdict(int)
	until: dict[str, int] = defaultdict(int)
	for job, operations in enumerate(causes.of_job):
		due = built.problem.jobs[job].due
		if operations and due is not None and causes.end(causes.last(job)) > due:
			for piece in causes.pieces(job):
				if piece.kind in (c.WAITING, c.SETUP, c.MAINTENANCE):
					station = names.station(piece.resource)
					waits[station] += piece.minutes
					until[station] = max(until[station], piece.until)
	share = _shares(loads(built, schedule))
	if not share:
		return "No workstation is open."
	fullest = max(share, key=lambda name: (share[name], name))
	if not waits:
		word = "nearly full" if share[fullest] >= FULL else "the fullest"
		return f"No late job waits for a workstation; {fullest} is {word} ({_percent(share[fullest])} of its open hours)."
	worst = max(waits, key=lambda name: (waits[name], name))
	taken = _taken_until(built, schedule, worst, until[worst])
	text = (
		f"{worst} is the bottleneck: late jobs wait {words.hours(waits[worst])} for it, "
		f"and until {names.when(until[worst])}, when the last of them gets there, {_percent(taken)} of its open hours are taken"
	)
	return text + (
		f"; {fullest} is the fullest ({_percent(share[fullest])} in all)." if fullest != worst else "."
	)


def _taken_until(built, schedule: Schedule, workstation: str, until: int) -> float:
	"""Share of the open hours of a workstation that is taken from now until a minute."""
	opened = taken = 0.0
	spans = list(_busy(built, schedule))
	for resource, info in enumerate(built.problem.resources):
		if built.lanes[resource] == workstation:
			mine = [span for span in spans if span.resource == resource]
			windows = _open(info.windows, mine, [(None, 0, until)])
			opened += calendars.work(windows, 0, until) * info.capacity
			for span in mine:
				inside = max(span.start, 0), min(span.end, until)
				taken += calendars.work(windows, *inside) * span.units if inside[0] < inside[1] else 0
	return taken / opened if opened else 1.0


def setups(problem: Problem, schedule: Schedule) -> dict[int, tuple[int, int]]:
	"""Operation -> (start, minutes) of the setup before it, which ends when the operation starts."""
	found = {}
	for resource, _before, op, minutes in changes(problem, schedule):
		if problem.operations[op].fixed is None:
			windows = problem.resources[resource].windows
			found[op] = (_back(windows, int(schedule.start[op]), minutes), minutes)
	return found


def _back(windows: np.ndarray | None, end: int, minutes: int) -> int:
	"""The latest start of so many open minutes that end at `end`."""
	if windows is None or not minutes:
		return end - minutes
	before = windows[windows[:, 0] < end]
	left = minutes
	for start, until in before[::-1]:
		length = int(min(until, end) - start)
		if length >= left:
			return int(min(until, end)) - left
		left -= length
	return int(before[0, 0]) - left if len(before) else end - minutes


def _busy(built, schedule: Schedule) -> Iterator[Busy]:
	for index, operation in enumerate(built.problem.operations):
		mode = operation.modes[schedule.mode[index]]
		kind = "maintenance" if operation.kind == "maintenance" else "work"
		for resource, units in ((mode.resource, mode.units), *mode.needs):
			yield Busy(
				resource,
				int(schedule.start[index]),
				int(schedule.end[index]),
				units,
				kind,
				operation.fixed is not None,
			)
	for op, (start, _minutes) in setups(built.problem, schedule).items():
		resource = built.problem.operations[op].modes[schedule.mode[op]].resource
		yield Busy(resource, start, int(schedule.start[op]), 1, "setup")


def _open(windows: np.ndarray | None, spans: list[Busy], weeks: list) -> np.ndarray:
	"""Open minutes of the weeks, with those in which something fixed runs all the same."""
	first, last = weeks[0][1], weeks[-1][2]
	if windows is None:
		return np.array([[first, last]], dtype=np.int64)
	outside = [(span.start, span.end) for span in spans if span.fixed]
	return calendars.merge(np.vstack([windows, np.array(outside, dtype=np.int64).reshape(-1, 2)]))


def _weeks(built, schedule: Schedule) -> list[tuple[pd.Timestamp, int, int]]:
	"""(Monday, from, until) in minutes, of the weeks from now to the last end."""
	last = max([1, *map(int, schedule.end)])
	now = built.to_local(0)
	monday = now.normalize() - pd.Timedelta(days=now.weekday())
	found, start = [], 0
	while start < last:
		following = monday + pd.Timedelta(days=7)
		end = min(int(built.to_minutes(following)), last)
		if end > start:
			found.append((monday, start, end))
		monday, start = following, max(start, end)
	return found


def _taken(row: dict) -> float:
	return row["work_hours"] + row["setup_hours"] + row["maintenance_hours"]


def _shares(rows: list[dict]) -> dict[str, float]:
	"""Share of its open hours that each workstation has taken."""
	opened, taken = defaultdict(float), defaultdict(float)
	for row in rows:
		opened[row["workstation"]] += row["open_hours"]
		taken[row["workstation"]] += _taken(row)
	return {name: taken[name] / hours for name, hours in opened.items() if hours > 0}


def _percent(share: float) -> str:
	return f"{share * 100:.0f} %"
