"""The steps of one job: what waits for what, inspections with their rework, circles and contradictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from sentia_ops.scheduling.engine import checks
from sentia_ops.scheduling.engine.problem import Unplaced


@dataclass
class Step:
	"""One operation on its way into the problem.

	Attributes:
	    row: of OPERATIONS.
	    after: steps that it waits for, those that are done left out.
	    after_done: when the ones that are done ended, as far as that is known.
	    modes: (workstation, minutes, units, needs) that can be used.
	    release: minutes; its material is not there before.
	"""

	key: tuple[str, int]
	row: NamedTuple
	after: list[int]
	after_done: list[pd.Timestamp] = field(default_factory=list)
	modes: list[tuple[str, int, int, dict[str, int]]] = field(default_factory=list)
	release: int = 0
	reason: Unplaced | None = None

	@property
	def min_wait(self) -> int:
		return int(self.row.min_wait)

	@property
	def max_wait(self) -> int | None:
		return None if pd.isna(self.row.max_wait) else int(self.row.max_wait)


def routing(job, operations: pd.DataFrame, warnings: list[str]) -> dict[int, Step]:
	"""Steps of a job that are still to be done; those of a circle, or with contradictory waits, have a reason."""
	rows = {int(row.step): row for row in operations.itertuples(index=False)}
	after = {step: _before(job, row, rows, operations, warnings) for step, row in rows.items()}
	steps = {}
	for step, row in rows.items():
		if row.status == "done":
			continue
		done = [s for s in after[step] if rows[s].status == "done"]
		waits = [s for s in after[step] if s not in done]
		steps[step] = Step((job.job, step), row, waits, [rows[s].fixed_end for s in done])
	_circles(job, steps)
	for step in steps.values():
		if step.max_wait is not None and step.max_wait < step.min_wait and not step.reason:
			step.reason = Unplaced(
				*step.key,
				"waits contradict",
				f"Job {job.job}, step {step.key[1]} must wait at least {step.min_wait} and at most {step.max_wait} "
				"minutes after the step before. Correct one of the two.",
			)
	return steps


def _before(job, row, rows: dict, operations: pd.DataFrame, warnings: list[str]) -> list[int]:
	earlier = [step for step in rows if step < row.step]
	last = max(earlier, default=None)
	try:
		steps = checks.steps_before(row.after, last)
	except ValueError:
		warnings.append(f"Job {job.job}, step {row.step}: what it comes after cannot be read ({row.after}); it follows the step before.")  # fmt: skip
		return checks.steps_before("", last)
	unknown = [step for step in steps if step not in rows]
	if unknown:
		warnings.append(
			f"Job {job.job}, step {row.step} comes after step {', '.join(map(str, unknown))}, which the job does not have; "
			"that is passed over."
		)
	return [step for step in steps if step in rows]


def _circles(job, steps: dict[int, Step]) -> None:
	"""Gives every step of a circle its reason; one circle after the other, until none is left."""
	while True:
		left = {
			number: [s for s in step.after if s in steps] for number, step in steps.items() if not step.reason
		}
		after = {number: [s for s in before if s in left] for number, before in left.items()}
		found = checks.cycle(after)
		if not found:
			return
		named = " after ".join(str(step) for step in found[::-1])
		for number in set(found):
			text = (
				f"Job {job.job}: its steps wait for each other in a circle, step {named}. "
				"Take one of these dependencies out."
			)
			steps[number].reason = Unplaced(job.job, number, "cycle", text)


def rework(operations: pd.DataFrame, modes: dict, warnings: list[str]) -> tuple[pd.DataFrame, dict]:
	"""Operations with one for the expected rework after each inspection that sends a share back.

	It takes that share of the minutes of the inspected step, on the same workstations, and what followed the
	inspection follows it.
	"""
	wanted = operations[(operations["rework_share"] > 0) & (operations["kind"] == "inspection") & (operations["status"] != "done")]  # fmt: skip
	if wanted.empty:
		return operations, modes
	modes, rows = dict(modes), []
	instead: dict[tuple[str, int], int] = {}
	numbers = {(row.job, row.step) for row in operations.itertuples(index=False)}
	by_job = dict(iter(operations.groupby("job", sort=False)))
	for row in wanted.itertuples(index=False):
		inspected = _inspected(row, by_job[row.job])
		if inspected is None or not modes.get((row.job, inspected.step)):
			warnings.append(f"Job {row.job}, step {row.step}: there is no step before this inspection to send work back to; no rework is planned.")  # fmt: skip
			continue
		step = int(row.step) + 1
		while (row.job, step) in numbers:
			step += 1
		numbers.add((row.job, step))
		instead[row.job, int(row.step)] = step
		modes[row.job, step] = [
			(mode._replace(step=step, minutes=mode.minutes * row.rework_share), needs)
			for mode, needs in modes[row.job, inspected.step]
		]
		rows.append(
			{
				**inspected._asdict(), "step": step, "operation": f"Rework of {inspected.operation or 'step ' + str(inspected.step)}",
				"after": f"[{int(row.step)}]", "min_wait": 0, "max_wait": None, "batch_key": "", "kind": "rework",
				"rework_share": 0.0, "status": "pending", "fixed_workstation": "", "fixed_start": pd.NaT,
				"fixed_end": pd.NaT, "fixed_why": "", "job_card": "",
			}
		)  # fmt: skip
	operations = _follow(operations, instead)
	if rows:
		added = pd.DataFrame(rows).astype({"max_wait": operations["max_wait"].dtype})
		operations = pd.concat([operations, added], ignore_index=True)
	return operations.sort_values(["job", "step"], kind="stable", ignore_index=True), modes


def _inspected(row, operations: pd.DataFrame):
	"""The step that an inspection looks at: the last piece of work before it."""
	earlier = operations[(operations["step"] < row.step) & (operations["kind"] == "work")]
	return None if earlier.empty else next(earlier.tail(1).itertuples(index=False))


def _follow(operations: pd.DataFrame, instead: dict[tuple[str, int], int]) -> pd.DataFrame:
	"""`after` with the rework in the place of its inspection, written out where it was left to the order of steps."""
	texts, last = [], {}
	for row in operations.itertuples(index=False):
		try:
			before = checks.steps_before(row.after, last.get(row.job))
			texts.append(str([instead.get((row.job, step), step) for step in before]))
		except ValueError:
			texts.append(row.after)
		last[row.job] = int(row.step)
	return operations.assign(after=texts)
