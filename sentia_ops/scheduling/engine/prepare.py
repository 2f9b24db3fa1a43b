"""From the tables to a checked problem: what makes no sense is named and left out, everything else is scheduled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from sentia_ops.scheduling.engine import calendars, checks, stations
from sentia_ops.scheduling.engine.placing import Placing
from sentia_ops.scheduling.engine.problem import Job, Problem, Unplaced
from sentia_ops.scheduling.engine.routing import Step, rework, routing
from sentia_ops.scheduling.engine.settings import PRIORITY_WEIGHTS, ScheduleSettings

OVER = ("completed", "cancelled")
REACH = 2  # calendars go on for as many horizons: what does not fit into the first one is late, not lost


@dataclass
class Tables:
	"""Rows of the frames of the same names; `published`: scheduled_operations of the published schedule."""

	workstations: pd.DataFrame
	shifts: pd.DataFrame
	calendar_exceptions: pd.DataFrame
	jobs: pd.DataFrame
	job_materials: pd.DataFrame
	operations: pd.DataFrame
	operation_modes: pd.DataFrame
	setups: pd.DataFrame
	maintenance: pd.DataFrame
	published: pd.DataFrame


@dataclass
class Built:
	"""A problem and what its numbers are called.

	Attributes:
	    op_keys: (job, step) of each operation; a maintenance is a job with the step 0.
	    lanes: resource -> name of its workstation.
	    materials: job, and (job, step), -> which item it waits for, and which voucher brings it.
	    closures: resource -> (from, until, reason) minutes of each exception that closes it.
	    fixed_why: operation -> started, frozen or pinned.
	"""

	problem: Problem
	unplaced: list[Unplaced]
	warnings: list[str]
	origin: pd.Timestamp
	zone: str
	op_keys: list[tuple[str, int]]
	lanes: dict[int, str]
	families: list[str]
	materials: dict[str | tuple[str, int], str]
	closures: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
	fixed_why: dict[int, str] = field(default_factory=dict)

	def to_local(self, minutes: int) -> pd.Timestamp:
		return calendars.to_local(minutes, self.origin, self.zone)

	def to_minutes(self, local: pd.Timestamp) -> int:
		return calendars.to_minute(local, self.origin, self.zone)


def build(tables: Tables, now: pd.Timestamp, settings: ScheduleSettings) -> Built:
	"""The problem of all jobs that are not over, from `now` (local clock) on; never raises for a bad row."""
	return _Builder(tables, now, settings).build()


class _Builder:
	def __init__(self, tables: Tables, now: pd.Timestamp, settings: ScheduleSettings) -> None:
		self.tables, self.settings = tables, settings
		zone = settings.time_zone
		start = pd.DatetimeIndex([now]).tz_localize(zone, ambiguous=[True], nonexistent="shift_forward")
		self.origin, self.zone = start.tz_convert("UTC")[0].floor("min"), zone
		self.horizon = settings.horizon_days * calendars.DAY
		self.unplaced: list[Unplaced] = []
		self.warnings: list[str] = []
		self.steps: dict[tuple[str, int], Step] = {}
		self.materials: dict[str | tuple[str, int], str] = {}
		self.of_job = dict(iter(tables.job_materials.groupby("job", sort=False)))

	def build(self) -> Built:
		jobs = self._jobs()
		operations = self._operations(jobs)
		modes = self._modes()
		operations, modes = rework(operations, modes, self.warnings)
		days = self.settings.horizon_days * REACH
		self.stations = stations.make(self.tables, modes, operations, self.origin, self.zone, days)
		self.warnings += self.stations.warnings
		self._clocks()
		of_job = dict(iter(operations.groupby("job", sort=False)))
		for job in jobs.itertuples(index=False):
			self._job(job, of_job.get(job.job), modes)
		self._drop_dependents()
		placing = Placing(self.tables, self.stations, self.origin, self.zone, self.horizon)
		problem, keys, why = placing.problem(self._kept_jobs(jobs), self.steps)
		problem, keys, why, lost = placing.that_fits(problem, keys, why)
		self.warnings += placing.warnings
		return Built(
			problem,
			self.unplaced + placing.unplaced + lost,
			list(dict.fromkeys(self.warnings)),
			self.origin,
			self.zone,
			keys,
			self.stations.names(),
			self.stations.families,
			self.materials,
			self.stations.closures,
			why,
		)

	def _minutes(self, local) -> int:
		return calendars.to_minute(local, self.origin, self.zone)

	def _jobs(self) -> pd.DataFrame:
		jobs = self.tables.jobs
		twice = sorted(set(jobs.loc[jobs["job"].duplicated(), "job"]))
		if twice:
			self.warnings.append(f"Jobs that are there twice, the first row counts: {_few(twice)}.")
		jobs = jobs.drop_duplicates("job")
		return jobs[~jobs["status"].isin(OVER)].reset_index(drop=True)

	def _operations(self, jobs: pd.DataFrame) -> pd.DataFrame:
		operations = self.tables.operations
		operations = operations[operations["job"].isin(set(jobs["job"]))]
		twice = operations[operations.duplicated(["job", "step"])]
		if len(twice):
			named = [f"{row.job} step {row.step}" for row in twice.itertuples(index=False)]
			self.warnings.append(f"Operations that are there twice, the first row counts: {_few(named)}.")
		return operations.drop_duplicates(["job", "step"]).sort_values(["job", "step"], kind="stable")

	def _modes(self) -> dict[tuple[str, int], list]:
		found: dict[tuple[str, int], list] = {}
		for row in self.tables.operation_modes.drop_duplicates(["job", "step", "workstation"]).itertuples(
			index=False
		):
			try:
				needs = checks.needs_of(row.needs)
			except ValueError:
				needs = None
			found.setdefault((row.job, row.step), []).append((row, needs))
		return found

	def _clocks(self) -> None:
		"""Says so where the clocks change within the horizon: nights are an hour longer or shorter then."""
		days = pd.date_range(self.origin, periods=self.settings.horizon_days + 1, freq="D").tz_convert(
			self.zone
		)
		offsets = [day.utcoffset() for day in days]
		for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False):
			if before != after:
				hours = (after - before).total_seconds() / 3600
				way = f"{abs(hours):g} h {'forward' if hours > 0 else 'back'}"
				self.warnings.append(f"The clocks go {way} around {day:%d %b %Y}: shifts over that night count their real hours.")  # fmt: skip

	def _job(self, job, operations: pd.DataFrame | None, modes: dict) -> None:
		count = 0 if operations is None else len(operations)
		reason = checks.job_reason(job, count)
		if reason:
			self.unplaced.append(reason)
			return
		release = 0 if pd.isna(job.release_at) else max(0, self._minutes(job.release_at))
		if pd.notna(job.due_at) and self._minutes(job.due_at) < 0:
			open_steps = (operations["status"] != "done").any()
			if open_steps:
				self.warnings.append(f"Job {job.job} was due {job.due_at:%d %b %Y %H:%M}, which is past: it is late whatever is done.")  # fmt: skip
		steps = routing(job, operations, self.warnings)
		if self._material(job, operations, steps):
			return
		for step in steps.values():
			step.release = max(step.release, self._after_done(step))
			self._step(step, modes.get(step.key, []), release)

	def _after_done(self, step: Step) -> int:
		waits = [self._minutes(end) + step.min_wait for end in step.after_done if pd.notna(end)]
		return max([0, *waits])

	def _material(self, job, operations: pd.DataFrame, steps: dict[int, Step]) -> bool:
		"""Each step waits for its own material. True: some is missing and nothing has begun, so the job is not planned.

		JOB_MATERIALS says which step takes what, and when it is there; of a job without dates there, `material_at` holds
		for the step that takes the first of it. Where no step is named, the first steps take it.
		"""
		if job.material:
			self.materials[job.job] = job.material
		if job.material_missing and operations["status"].eq("pending").all():
			self.unplaced.append(checks.material_reason(job, None, job.material))
			return True
		rows = self.of_job.get(job.job)
		rows = self.tables.job_materials.head(0) if rows is None else rows
		dated = rows[rows["ready_at"].notna() | rows["missing"]]
		for row in dated.sort_values("ready_at").itertuples(index=False):
			for step in self._takers(steps, row.step):
				if row.missing:
					step.reason = checks.material_reason(job, step.row.step, row.source)
				elif (at := self._minutes(row.ready_at)) > step.release:
					step.release = at
					self.materials[step.key] = row.source
		if dated.empty and (job.material_missing or pd.notna(job.material_at)):
			wanted = rows["step"].min() if len(rows) and rows["step"].notna().all() else pd.NA
			for step in self._takers(steps, wanted):
				if job.material_missing:
					step.reason = checks.material_reason(job, step.row.step, job.material)
				else:
					step.release = max(step.release, self._minutes(job.material_at))
		return False

	def _takers(self, steps: dict[int, Step], number) -> list[Step]:
		"""The step of that number, or those that come first; what has started has its material."""
		first = [step for step in steps.values() if not step.after and not step.after_done]
		found = first if pd.isna(number) else [steps[n] for n in (int(number),) if n in steps]
		return [step for step in found if step.row.fixed_why != "started"]

	def _step(self, step: Step, rows: Iterable, job_release: int) -> None:
		reasons = []
		release = max(step.release, job_release)
		for row, needs in rows:
			minutes = checks.whole_minutes(row.minutes)
			reason = checks.mode_reason(self.stations, step.row, row, needs, minutes, release, self.horizon)
			if reason is None or (
				step.row.fixed_why == "started" and minutes and row.workstation in self.stations.lanes
			):
				step.modes.append((row.workstation, minutes, int(row.units), needs or {}))
			if reason:
				reasons.append(reason)
		self.steps[step.key] = step
		if step.modes and not step.reason:
			for _code, text in reasons:
				self.warnings.append(
					f"Job {step.key[0]}, step {step.key[1]} has one workstation less: {text}."
				)
			return
		step.reason = step.reason or checks.operation_reason(step.key, step.row.operation, reasons)

	def _drop_dependents(self) -> None:
		"""Takes out what has a reason, and all that waits for it."""
		lost = {key: step.reason for key, step in self.steps.items() if step.reason}
		gone = set(lost)
		self.unplaced += lost.values()
		changed = True
		while changed:
			changed = False
			for key, step in self.steps.items():
				other = next(((key[0], s) for s in step.after if (key[0], s) in gone), None)
				if key not in gone and other is not None and step.row.fixed_why != "started":
					gone.add(key)
					self.unplaced.append(depends(key, other))
					changed = True
		self.steps = {key: step for key, step in self.steps.items() if key not in gone}
		for step in self.steps.values():
			step.after = [s for s in step.after if (step.key[0], s) in self.steps]

	def _kept_jobs(self, jobs: pd.DataFrame) -> list[Job]:
		there = {job for job, _step in self.steps}
		return [
			Job(
				row.job,
				0 if pd.isna(row.release_at) else max(0, self._minutes(row.release_at)),
				None if pd.isna(row.due_at) else self._minutes(row.due_at),
				PRIORITY_WEIGHTS[int(row.priority)],
			)
			for row in jobs.itertuples(index=False)
			if row.job in there
		]


def depends(key: tuple[str, int], other: tuple[str, int]) -> Unplaced:
	text = f"Job {key[0]}, step {key[1]} depends on an unplaced operation: step {other[1]}. Put that right first."
	return Unplaced(*key, "depends on an unplaced operation", text)


def _few(names: list[str]) -> str:
	return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
