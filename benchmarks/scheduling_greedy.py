"""ERPNext's own capacity planning, worked out again: what its Job Cards would be planned to for the same orders.

Written from `Work Order.create_job_card` and `Job Card.schedule_time_logs` of ERPNext 15, quirks included: work orders are
taken as they were submitted; each operation begins ten minutes after the one before; where a workstation is taken, the
next try is ten minutes after the first of what overlaps; a start outside working hours goes on with the first hours of
the next day; hours of one day are taken one after the other without asking again whether they are free; the count of
overlaps for a capacity above 1 never falls. It knows neither setups nor due dates, priorities, people, batches,
alternatives, overtime, breakdowns or material dates. Assumed: working hours and a holiday list with weekends on every
workstation, the first of the alternative workstations in the BOM, no overtime allowed, no limit to the days.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pandas as pd

from sentia_ops.scheduling.engine.prepare import Built, Tables

DAY = 24 * 60
BETWEEN = 10  # minutes between operations, the default of Manufacturing Settings


class Station:
	"""Working hours (minutes of a day), days off, and the scheduled time logs of one workstation."""

	def __init__(self, hours: list[tuple[int, int]], holidays: set[int], capacity: int) -> None:
		self.hours, self.holidays, self.capacity = hours, holidays, capacity
		self.logs: list[tuple[int, int]] = []  # (to, from), in order

	def overlap(self, start: int, end: int) -> int | None:
		"""End of the first log that overlaps, where the workstation counts as taken."""
		found = []
		for to, begin in self.logs[bisect_left(self.logs, (start + 1, -1)) :]:
			if (begin < start < to) or (begin < end < to) or (begin >= start and to <= end):
				found.append((to, begin))
		return found[0][0] if found and self._full(found) else None

	def _full(self, found: list[tuple[int, int]]) -> bool:
		if self.capacity == 1:
			return True
		logs = sorted(found, key=lambda log: log[1])
		lanes, sequential = [logs[0][0]], False
		for to, begin in logs[1:]:
			for lane, end in enumerate(lanes):
				if end <= begin:
					lanes[lane], sequential = to, True
					break
			if not sequential:
				lanes.append(to)
		return len(lanes) >= self.capacity

	def free(self, start: int, end: int, minutes: int) -> int:
		"""Where an operation may begin by the overlaps alone."""
		end = start + minutes if start >= end else end
		while (taken := self.overlap(start, end)) is not None:
			start = taken + BETWEEN
			end = start + minutes
		return start

	def plan(self, start: int, minutes: int) -> tuple[int, int]:
		"""Writes the time logs of one operation; answers its first minute and its last."""
		left, end, first = minutes, start + minutes, None
		while left > 0:
			start = self.free(start, end, left)
			day = start // DAY
			while day in self.holidays:
				day += 1
			start = day * DAY + start % DAY
			for slot, (opens, closes) in enumerate(self.hours):
				if left > 0 and day * DAY + opens <= start <= day * DAY + closes:
					end = min(start + left, day * DAY + closes)
					left -= end - start
					if end > start:
						first = start if first is None else first
						self.logs.insert(bisect_left(self.logs, (end, start)), (end, start))
					if left > 0 and slot + 1 < len(self.hours):
						start = day * DAY + self.hours[slot + 1][0]
			if left > 0:
				start = (day + 1) * DAY + self.hours[0][0]
		return first, end


def erpnext_order(tables: Tables, built: Built, now: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
	"""(operations by planned start, mode of each) of ERPNext's plan."""
	stations = _stations(tables, now)
	operations, rank = built.problem.operations, {key: o for o, key in enumerate(built.op_keys)}
	modes = {
		key: rows["workstation"].iloc[0] for key, rows in tables.operation_modes.groupby(["job", "step"])
	}
	minutes = {
		key: int(rows["minutes"].iloc[0]) for key, rows in tables.operation_modes.groupby(["job", "step"])
	}
	planned, chosen = np.zeros(len(operations), dtype=np.int64), np.zeros(len(operations), dtype=np.int64)
	midnight = now.normalize()
	jobs = tables.jobs.sort_values(["release_at", "job"])  # as they were submitted
	steps = dict(iter(tables.operations.sort_values("step").groupby("job")["step"]))
	for job in jobs.itertuples(index=False):
		at = int((max(job.release_at, now) - midnight) // pd.Timedelta(minutes=1))
		for step in steps[job.job]:
			key = (job.job, int(step))
			o = rank[key]
			planned[o], end = stations[modes[key]].plan(at, minutes[key])
			chosen[o] = next(
				m for m, mode in enumerate(operations[o].modes) if built.lanes[mode.resource] == modes[key]
			)
			at = end + BETWEEN
	return np.lexsort((np.arange(len(planned)), planned)), chosen


def _stations(tables: Tables, now: pd.Timestamp) -> dict[str, Station]:
	midnight = now.normalize()
	days = range(400)
	weekends = {day for day in days if (midnight + pd.Timedelta(days=day)).weekday() >= 5}
	found = {}
	for row in tables.workstations.itertuples(index=False):
		mine = tables.calendar_exceptions[tables.calendar_exceptions["workstation"] == row.workstation]
		whole = mine[~mine["open"] & (mine["starts_at"] == mine["starts_at"].dt.normalize())]
		holidays = weekends | {(start - midnight).days for start in whole["starts_at"]}
		shifts = tables.shifts[
			(tables.shifts["workstation"] == row.workstation) & (tables.shifts["weekday"] == 0)
		]
		found[row.workstation] = Station(_hours(shifts), holidays, int(row.capacity))
	return found


def _hours(shifts: pd.DataFrame) -> list[tuple[int, int]]:
	"""Slots of a day; one over midnight is entered as two, as ERPNext asks for."""
	hours = []
	for row in shifts.itertuples(index=False):
		start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (row.from_time, row.to_time))
		hours += [(start, end)] if end > start else [(start, DAY - 1), (0, end)]
	return sorted(hours)
