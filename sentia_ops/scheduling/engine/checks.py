"""What cannot be scheduled, and why, in words: everything else goes on without it."""

from __future__ import annotations

import json
import math

import pandas as pd

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.problem import Unplaced
from sentia_ops.scheduling.engine.stations import Stations

MOST_MINUTES = 10**8  # two hundred years: beyond it a number of minutes is a slip


def steps_before(text: str, before: int | None) -> list[int]:
	"""Steps of OPERATIONS.after: a JSON list; empty: the step before, if there is one.

	Raises:
	    ValueError: it is no list of numbers.
	"""
	if not text:
		return [] if before is None else [before]
	steps = json.loads(text)
	if not isinstance(steps, list) or any(isinstance(s, bool) or not isinstance(s, int) for s in steps):
		raise ValueError(text)
	return list(dict.fromkeys(steps))


def needs_of(text: str) -> dict[str, int]:
	"""Further resources of OPERATION_MODES.needs: a JSON object of units by workstation; empty: none.

	Raises:
	    ValueError: it is no such object.
	"""
	if not text:
		return {}
	needs = json.loads(text)
	if not isinstance(needs, dict) or any(
		isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in needs.values()
	):
		raise ValueError(text)
	return needs


def cycle(after: dict[int, list[int]]) -> list[int]:
	"""Steps of a circle in step -> steps before it, each after the one before, the first again at the end; or []."""
	state: dict[int, int] = {}
	for root in sorted(after):
		path: list[int] = []
		stack = [(root, iter(after[root]))] if root not in state else []
		if stack:
			state[root] = 1
			path.append(root)
		while stack:
			step, rest = stack[-1]
			other = next(rest, None)
			if other is None:
				state[step] = 2
				path.pop()
				stack.pop()
			elif state.get(other) == 1:
				found = [*path[path.index(other) :], other]
				return found[::-1]
			elif other not in state:
				state[other] = 1
				path.append(other)
				stack.append((other, iter(after.get(other, ()))))
	return []


def job_reason(job, operations: int) -> Unplaced | None:
	"""Why a job cannot be scheduled at all, by its own row."""
	what = f"Job {job.job}" + (f" ({job.item_code})" if job.item_code else "")
	if not (math.isfinite(job.qty) and job.qty > 0):
		asked = "none" if pd.isna(job.qty) else f"{job.qty:g}"
		return Unplaced(job.job, None, "no quantity", f"{what}: the quantity is {asked}. Enter how many are to be made, or cancel it.")  # fmt: skip
	if not operations:
		return Unplaced(job.job, None, "no operations", f"{what} has no operations. Add operations to its BOM, or to the job.")  # fmt: skip
	return None


def material_reason(job, step: int | None, material: str) -> Unplaced:
	what, where = material or "its material", "" if step is None else f", step {step}"
	text = f"Job {job.job}{where}: {what} is neither in stock nor on order. Order it, or take it from another job."
	return Unplaced(job.job, step, "material never arrives", text)


def mode_reason(stations: Stations, operation, mode, needs, minutes: int | None, release: int, horizon: int):
	"""(code, sentence without the operation's name) why a mode cannot be used, or None."""
	where, held = mode.workstation, {mode.workstation: mode.units, **(needs or {})}
	unknown = [name for name in held if name not in stations.lanes]
	if not where or needs is None:
		bad = f"what it needs on {where} cannot be read: {mode.needs}" if where else "no workstation is named"
		return ("unknown resource" if where else "no workstation"), f"{bad}; name it in the operation"
	if unknown:
		return (
			"unknown resource",
			f"there is no workstation {', '.join(unknown)}; correct the name, or create it",
		)
	if minutes is None:
		return "no time", f"its time on {where} is {mode.minutes:g} minutes; enter how long it takes"
	for name, units in held.items():
		if units > stations.capacity[name]:
			return "needs more than there is", (
				f"it needs {units} of {name}, which has {stations.capacity[name]}; lower the need, or raise the capacity"
			)
	return _time_reason(stations, operation, list(held), minutes, release, horizon)


def _time_reason(stations: Stations, operation, held: list[str], minutes: int, release: int, horizon: int):
	windows = None
	for name in held:
		own = stations.windows(name)
		if own is not None and not len(own):
			return (
				"no working hours",
				f"{name} has no working hours; enter its shifts, or mark it as always open",
			)
		windows = calendars.intersect(windows, own)
	together = " and ".join(held)
	if windows is not None and not len(windows):
		return "no working hours", f"{together} are never open at the same time; correct their working hours"
	longest = calendars.longest(windows)
	if longest is not None and longest < minutes and not operation.splittable:
		return "too long for a shift", (
			f"it takes {minutes:,} minutes and may not be split, but the longest open stretch of {together} is "
			f"{longest:,} minutes; allow splitting, or split the job"
		)
	span = calendars.finish(windows, release, minutes, operation.splittable)
	if span is None or span[1] > horizon:
		return "no working time in the horizon", (
			f"its {minutes:,} minutes do not fit into the open time of {together} before "
			f"{calendars.to_local(horizon, stations.origin, stations.zone):%d %b %Y}; lengthen the horizon, or split the job"
		)
	return None


def whole_minutes(minutes: float) -> int | None:
	"""Minutes rounded up; None where they make no sense."""
	if not math.isfinite(minutes) or not 0 < minutes <= MOST_MINUTES:
		return None
	return max(1, math.ceil(minutes - 1e-9))


def operation_reason(key: tuple[str, int], name: str, reasons: list[tuple[str, str]]) -> Unplaced:
	"""One reason for an operation none of whose modes can be used; the first mode's code, all that was found in words."""
	label = f"Job {key[0]}, step {key[1]}" + (f" ({name})" if name else "")
	if not reasons:
		text = f"{label} has no workstation. Name one in the operation, or the workstations that can do it."
		return Unplaced(*key, "no workstation", text)
	sentences = "; or else ".join(dict.fromkeys(text for _code, text in reasons))
	return Unplaced(*key, reasons[0][0], f"{label}: {sentences}.")
