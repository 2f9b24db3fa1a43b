"""Checks a schedule against what was asked, and knows nothing of how it was made.

It reads only the dataclasses of `engine/problem.py` (what was asked) and walks through every open minute by its own
arithmetic: no decoder, no calendar function and no solver of the app is imported. Each answer is a list of sentences;
an empty list means that every rule is kept.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np


def violations(problem, schedule) -> list[str]:
	"""What `schedule` (start, end, mode arrays) does that `problem` forbids."""
	found = _shape(problem, schedule)
	if found:
		return found
	start, end, mode = ([int(v) for v in part] for part in (schedule.start, schedule.end, schedule.mode))
	return [
		*_times(problem, start, end, mode),
		*_waits(problem, start, end),
		*_capacity(problem, start, end, mode),
		*_setups(problem, start, end, mode),
	]


def aims(problem, schedule) -> dict[str, float]:
	"""Value of each aim, worked out again from the starts and ends."""
	start, end, mode = schedule.start, schedule.end, schedule.mode
	by_job = defaultdict(list)
	for i, operation in enumerate(problem.operations):
		by_job[operation.job].append(i)
	late = wip = 0.0
	for j, members in by_job.items():
		last = max(int(end[i]) for i in members)
		wip += last - min(int(start[i]) for i in members)
		if problem.jobs[j].due is not None:
			late += problem.jobs[j].weight * max(0, last - problem.jobs[j].due)
	setup = 0
	for r, matrix in problem.setups.items():
		family = problem.resources[r].initial_family
		for i in _in_order(problem, r, start, mode):
			now = problem.operations[i].family
			setup += _change(matrix, family, now)
			family = now
	moved = 0
	for i, before in problem.previous.items():
		moved += abs(int(start[i]) - before.start)
		moved += 240 * (problem.operations[i].modes[int(mode[i])].resource != before.resource)
	return {
		"tardiness": float(late),
		"makespan": float(max((int(e) for e in end), default=0)),
		"setup": float(setup),
		"wip": float(wip),
		"stability": float(moved),
	}


def _shape(problem, schedule) -> list[str]:
	count = len(problem.operations)
	if any(len(part) != count for part in (schedule.start, schedule.end, schedule.mode)):
		return [f"{count} operations were asked for, {len(schedule.start)} starts are there"]
	return [
		f"operation {i} has no mode {int(m)}"
		for i, m in enumerate(schedule.mode)
		if not 0 <= int(m) < len(problem.operations[i].modes)
	]


def _windows_of(problem, mode) -> list[tuple[int, int]] | None:
	"""Spans in which all resources of a mode are open; None: always."""
	spans = None
	for r in (mode.resource, *(need for need, _units in mode.needs)):
		windows = problem.resources[r].windows
		if windows is None:
			continue
		mine = [(int(a), int(b)) for a, b in windows]
		if spans is None:
			spans = mine
			continue
		both, i, j = [], 0, 0
		while i < len(spans) and j < len(mine):
			a, b = max(spans[i][0], mine[j][0]), min(spans[i][1], mine[j][1])
			if a < b:
				both.append((a, b))
			if spans[i][1] < mine[j][1]:
				i += 1
			else:
				j += 1
		spans = both
	return spans


def _open(spans, a: int, b: int) -> int:
	"""Open minutes in [a, b)."""
	if spans is None:
		return b - a
	return sum(max(0, min(b, until) - max(a, start)) for start, until in spans)


def _times(problem, start, end, mode) -> list[str]:
	found, known = [], {}
	for i, operation in enumerate(problem.operations):
		a, b, chosen = start[i], end[i], operation.modes[mode[i]]
		if operation.fixed is not None:
			if (mode[i], a, b) != (operation.fixed.mode, operation.fixed.start, operation.fixed.end):
				found.append(f"operation {i} is fixed at {operation.fixed}, not at {(mode[i], a, b)}")
			continue
		earliest = max(operation.release, problem.jobs[operation.job].release)
		if a < earliest:
			found.append(f"operation {i} starts at {a}, before its release {earliest}")
		resources = (chosen.resource, *(r for r, _units in chosen.needs))
		if resources not in known:
			known[resources] = _windows_of(problem, chosen)
		spans = known[resources]
		if chosen.minutes == 0:
			if a != b:
				found.append(f"operation {i} takes no time, but lasts from {a} to {b}")
			continue
		if _open(spans, a, b) != chosen.minutes:
			found.append(
				f"operation {i} has {_open(spans, a, b)} open minutes in {a} to {b}, not {chosen.minutes}"
			)
		if not operation.splittable and b - a != chosen.minutes:
			found.append(f"operation {i} may not be split, but pauses between {a} and {b}")
		if spans is not None and (_open(spans, a, a + 1) == 0 or _open(spans, b - 1, b) == 0):
			found.append(f"operation {i} starts or ends ({a}, {b}) while closed")
	return found


def _waits(problem, start, end) -> list[str]:
	found = []
	for i, operation in enumerate(problem.operations):
		if operation.fixed is not None:
			continue
		for after in operation.after:
			wait = start[i] - end[after.op]
			if wait < after.min_wait:
				found.append(
					f"operation {i} starts {wait} minutes after {after.op}, at least {after.min_wait}"
				)
			if after.max_wait is not None and wait > after.max_wait:
				found.append(
					f"operation {i} starts {wait} minutes after {after.op}, at most {after.max_wait}"
				)
	return found


def _capacity(problem, start, end, mode) -> list[str]:
	use = defaultdict(list)  # resource -> (start, end, units, operation)
	for i, operation in enumerate(problem.operations):
		chosen = operation.modes[mode[i]]
		if start[i] == end[i]:
			continue
		for r, units in ((chosen.resource, chosen.units), *chosen.needs):
			use[r].append((start[i], end[i], units, i))
	found = []
	for r, held in use.items():
		resource = problem.resources[r]
		events = sorted([(a, 1, u) for a, _b, u, _i in held] + [(b, 0, -u) for _a, b, u, _i in held])
		now = 0
		for at, _kind, units in events:
			now += units
			if now > resource.capacity and units > 0 and not _all_fixed(problem, held, at):
				found.append(f"{resource.name} holds {now} of {resource.capacity} at {at}")
		if resource.batch:
			found += _batches(problem, resource, held)
	return found


def _all_fixed(problem, held, at: int) -> bool:
	"""Nobody can help it where all that run at `at` are fixed."""
	return all(problem.operations[i].fixed is not None for a, b, _u, i in held if a <= at < b)


def _batches(problem, resource, held) -> list[str]:
	found = []
	for first, (a, b, _u, i) in enumerate(held):
		for c, d, _v, j in held[first + 1 :]:
			one, other = problem.operations[i], problem.operations[j]
			if a < d and c < b and not (one.fixed and other.fixed):
				if not one.batch or one.batch != other.batch:
					found.append(f"{resource.name} runs {i} and {j} together, which are not of one batch key")
				elif (a, b) != (c, d):
					found.append(
						f"{resource.name} runs {i} ({a}, {b}) and {j} ({c}, {d}) in one batch at two times"
					)
	return found


def _in_order(problem, r: int, start, mode) -> list[int]:
	mine = [
		i
		for i, operation in enumerate(problem.operations)
		if operation.modes[int(mode[i])].resource == r and operation.modes[int(mode[i])].minutes > 0
	]
	return sorted(mine, key=lambda i: int(start[i]))


def _change(matrix, before, now) -> int:
	return 0 if before is None or now is None else int(np.asarray(matrix)[before, now])


def _setups(problem, start, end, mode) -> list[str]:
	found = []
	for r, matrix in problem.setups.items():
		resource = problem.resources[r]
		spans = None if resource.windows is None else [(int(a), int(b)) for a, b in resource.windows]
		order = _in_order(problem, r, start, mode)
		if order and resource.initial_family is not None and problem.operations[order[0]].fixed is None:
			need = _change(matrix, resource.initial_family, problem.operations[order[0]].family)
			if _open(spans, 0, start[order[0]]) < need:
				found.append(
					f"{resource.name}: {need} minutes of setup before its first operation {order[0]}"
				)
		for i, j in pairwise(order):
			one, other = problem.operations[i], problem.operations[j]
			need = _change(matrix, one.family, other.family)
			if _open(spans, end[i], start[j]) < need and not (one.fixed and other.fixed):
				found.append(
					f"{resource.name}: {_open(spans, end[i], start[j])} of {need} minutes of setup from {i} to {j}"
				)
	return found
