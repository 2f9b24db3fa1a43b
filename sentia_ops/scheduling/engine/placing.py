"""From checked steps to the problem: indices, what is fixed, maintenance, where things were, and whether it all fits."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from sentia_ops.scheduling.engine import calendars, decode
from sentia_ops.scheduling.engine.problem import (
	After,
	Fixed,
	Job,
	Mode,
	Operation,
	Previous,
	Problem,
	Unplaced,
)
from sentia_ops.scheduling.engine.routing import Step
from sentia_ops.scheduling.engine.stations import Stations

Key = tuple[str, int]


class Placing:
	def __init__(self, tables, stations: Stations, origin: pd.Timestamp, zone: str, horizon: int) -> None:
		self.tables, self.stations = tables, stations
		self.origin, self.zone, self.horizon = origin, zone, horizon
		self.unplaced: list[Unplaced] = []
		self.warnings: list[str] = []
		self.busy: dict[int, list[tuple[int, int, str]]] = defaultdict(
			list
		)  # lanes and what is fixed on them

	def problem(self, jobs: list[Job], steps: dict[Key, Step]) -> tuple[Problem, list[Key], dict[int, str]]:
		"""(problem, key of each operation, why fixed ones are)."""
		number = {job.name: j for j, job in enumerate(jobs)}
		place = {key: o for o, key in enumerate(steps)}
		operations, why = [], {}
		for key, step in sorted(steps.items(), key=lambda item: (pd.isna(item[1].row.fixed_start), item[1].row.fixed_start if pd.notna(item[1].row.fixed_start) else 0, item[0])):  # fmt: skip
			made = self._operation(number[key[0]], step, place)
			operations.append((place[key], made))
			if made.fixed:
				why[place[key]] = step.row.fixed_why
		ordered = [made for _o, made in sorted(operations, key=lambda pair: pair[0])]
		jobs, keys = list(jobs), list(steps)
		self._maintenance(jobs, ordered, keys)
		resources = self.stations.resources
		made = Problem(jobs, ordered, resources, self.stations.setups, self._previous(ordered, keys))
		return made, keys, why

	def _minutes(self, local) -> int:
		return calendars.to_minute(local, self.origin, self.zone)

	def _operation(self, job: int, step: Step, place: dict[Key, int]) -> Operation:
		row = step.row
		modes = self._modes(step)
		longest = step.max_wait
		after = tuple(After(place[step.key[0], s], step.min_wait, longest) for s in step.after)
		modes, fixed = self._fixed(step, modes)
		return Operation(
			job,
			int(row.step),
			modes,
			after,
			name=row.operation,
			family=self.stations.family(row.family),
			batch=row.batch_key,
			splittable=bool(row.splittable),
			release=step.release,
			kind=row.kind,
			fixed=fixed,
		)

	def _modes(self, step: Step) -> tuple[Mode, ...]:
		"""Modes on every lane; a workstation in lanes is held as a whole by whoever needs it beside others."""
		lanes, found = self.stations.lanes, []
		only = step.row.fixed_workstation if step.row.fixed_why == "pinned" else ""
		wanted = [mode for mode in step.modes if mode[0] == only] or step.modes
		for workstation, minutes, units, needs in wanted:
			beside = tuple((r, n) for name, n in needs.items() for r in lanes[name])
			found += [Mode(r, minutes, units, beside) for r in lanes[workstation]]
		return tuple(found)

	def _fixed(self, step: Step, modes: tuple[Mode, ...]) -> tuple[tuple[Mode, ...], Fixed | None]:
		row = step.row
		if not row.fixed_why and row.status != "started":
			return modes, None
		where = row.fixed_workstation
		if pd.isna(row.fixed_start) and row.status == "pending":
			return modes, None  # pinned to a workstation alone
		start = 0 if pd.isna(row.fixed_start) else self._minutes(row.fixed_start)
		label = f"Job {step.key[0]}, step {step.key[1]}"
		if start < 0 and row.status == "pending" and row.fixed_why != "started":
			self.warnings.append(f"{label} was {row.fixed_why} to {row.fixed_start:%d %b %Y %H:%M}, which is past and it has not started: it is planned anew.")  # fmt: skip
			return modes, None
		lanes = self.stations.lanes.get(where, [])
		if where and not lanes:
			self.warnings.append(f"{label} is {row.fixed_why or 'started'} on {where}, which is no workstation that is known: it is planned anew.")  # fmt: skip
			return modes, None
		there = [m for m, mode in enumerate(modes) if not lanes or mode.resource in lanes]
		if not there:
			modes = (*modes, *(Mode(r, modes[0].minutes) for r in lanes))
			there = list(range(len(modes) - len(lanes), len(modes)))
		end = self._end(row, modes[there[0]], start, bool(row.splittable))
		mode = self._free(there, modes, start, end, label)
		return modes, Fixed(mode, start, end)

	def _end(self, row, mode: Mode, start: int, split: bool) -> int:
		"""As said, else by its minutes; what has started ends in a minute at the earliest."""
		if pd.notna(row.fixed_end):
			end = max(self._minutes(row.fixed_end), start + 1)
		else:
			windows = self.stations.resources[mode.resource].windows
			span = calendars.finish(windows, max(start, 0), mode.minutes - max(0, -start), split) if mode.minutes > -start else None  # fmt: skip
			end = span[1] if span else start + mode.minutes
		return max(end, 1) if row.status == "started" or row.fixed_why == "started" else end

	def _free(self, there: list[int], modes: tuple[Mode, ...], start: int, end: int, label: str) -> int:
		"""The first of several lanes that nothing fixed holds then; overlaps on a single one are said."""
		clash = ""
		for m in there:
			resource = self.stations.resources[modes[m].resource]
			other = next((name for a, b, name in self.busy[modes[m].resource] if a < end and start < b), "")
			if not other or resource.capacity > 1:
				break
			clash = clash or other
		else:
			m = there[0]
			name = self.stations.resources[modes[m].resource].name
			self.warnings.append(
				f"{label} and {clash} are both fixed on {name} at the same time. Move one of them."
			)
		self.busy[modes[m].resource].append((start, end, label))
		return m

	def _maintenance(self, jobs: list[Job], operations: list[Operation], keys: list[Key]) -> None:
		"""Each maintenance as a job of one operation that holds its workstation, all lanes of it, as a whole."""
		known = {job.name for job in jobs}
		for row in self.tables.maintenance.drop_duplicates("maintenance").itertuples(index=False):
			name = row.maintenance if row.maintenance not in known else f"{row.maintenance} (maintenance)"
			lanes = self.stations.lanes.get(row.workstation)
			label = f"Maintenance {row.maintenance}"
			if not lanes:
				text = f"{label}: there is no workstation {row.workstation}; correct the name, or create it."
				self.unplaced.append(Unplaced(name, 0, "unknown resource", text))
				continue
			first = self.stations.resources[lanes[0]]
			beside = tuple((r, 1) for r in lanes[1:])
			mode = Mode(lanes[0], int(row.minutes), first.capacity, beside)
			release, fixed = max(0, self._minutes(row.earliest)), None
			if pd.notna(row.starts_at):
				start = self._minutes(row.starts_at)
				if start + mode.minutes <= 0:
					continue  # over
				fixed = Fixed(0, start, start + mode.minutes)
			elif (reason := self._no_room(label, first, mode.minutes, release)) is not None:
				self.unplaced.append(Unplaced(name, 0, *reason))
				continue
			due = None if pd.isna(row.latest) else self._minutes(row.latest)
			operation = Operation(len(jobs), 0, (mode,), name=row.reason or "maintenance", release=release, kind="maintenance", fixed=fixed)  # fmt: skip
			jobs.append(Job(name, release, due, max(float(row.risk), 0.001)))
			operations.append(operation)
			keys.append((name, 0))

	def _no_room(self, label: str, resource, minutes: int, release: int) -> tuple[str, str] | None:
		longest = calendars.longest(resource.windows)
		if longest == 0:
			return "no working hours", f"{label}: {resource.name} has no working hours; enter its shifts."
		if longest is not None and longest < minutes:
			return "too long for a shift", (
				f"{label} takes {minutes:,} minutes, but the longest open stretch of {resource.name} is {longest:,} minutes; "
				"give it a start of its own outside the working hours, or split it."
			)
		span = calendars.finish(resource.windows, release, minutes, False)
		if span is None or span[1] > self.horizon:
			return (
				"no working time in the horizon",
				f"{label} finds no open time on {resource.name}; lengthen the horizon.",
			)
		return None

	def _previous(self, operations: list[Operation], keys: list[Key]) -> dict[int, Previous]:
		place = {key: o for o, key in enumerate(keys)}
		found: dict[int, Previous] = {}
		free: dict[int, int] = {}
		for row in self.tables.published.sort_values("starts_at", kind="stable").itertuples(index=False):
			o, lanes = place.get((row.job, int(row.step))), self.stations.lanes.get(row.workstation)
			if o is None or not lanes:
				continue
			start, end = self._minutes(row.starts_at), self._minutes(row.ends_at)
			fixed = operations[o].fixed
			if fixed and operations[o].modes[fixed.mode].resource in lanes:
				lane = operations[o].modes[fixed.mode].resource
			else:
				lane = next((r for r in lanes if free.get(r, start) <= start), lanes[0])
			free[lane] = max(end, free.get(lane, end))
			found[o] = Previous(lane, start)
		return found

	def that_fits(self, problem: Problem, keys: list[Key], why: dict[int, str]):
		"""(problem, keys, why, unplaced) without the operations that find no place when jobs go by due date."""
		lost = decode.unplaceable(problem)
		if not lost:
			return problem, keys, why, []
		unplaced = [self._lost(problem, keys, o, reason) for o, reason in lost.items()]
		kept = [o for o in range(len(problem.operations)) if o not in lost]
		return *_subset(problem, keys, why, kept), unplaced

	def _lost(self, problem: Problem, keys: list[Key], o: int, reason: str) -> Unplaced:
		label = f"Job {keys[o][0]}, step {keys[o][1]}"
		if reason == decode.BLOCKED:
			return Unplaced(*keys[o], "depends on an unplaced operation", f"{label} depends on an unplaced operation of its job. Put that right first.")  # fmt: skip
		if reason == decode.TIED:
			text = f"{label} finds no moment that keeps its longest wait after the step before. Allow a longer wait, or change the working hours."
			return Unplaced(*keys[o], "waits contradict", text)
		named = ", ".join(sorted({self.stations.names()[m.resource] for m in problem.operations[o].modes}))
		text = f"{label} finds no free time on {named} in the horizon: jobs that are due earlier fill it. Lengthen the horizon, add working time, or take jobs out."
		return Unplaced(*keys[o], "no working time in the horizon", text)


def _subset(problem: Problem, keys: list[Key], why: dict[int, str], kept: list[int]):
	"""Only some operations, their jobs and what ties them, numbered anew."""
	from dataclasses import replace

	new = {o: n for n, o in enumerate(kept)}
	jobs = sorted({problem.operations[o].job for o in kept})
	job = {j: n for n, j in enumerate(jobs)}
	operations = []
	for o in kept:
		one = problem.operations[o]
		after = tuple(replace(link, op=new[link.op]) for link in one.after if link.op in new)
		operations.append(replace(one, job=job[one.job], after=after))
	made = Problem(
		[problem.jobs[j] for j in jobs],
		operations,
		problem.resources,
		problem.setups,
		{new[o]: before for o, before in problem.previous.items() if o in new},
	)
	return made, [keys[o] for o in kept], {new[o]: text for o, text in why.items() if o in new}
