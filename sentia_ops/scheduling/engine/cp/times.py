"""Calendars in the shape that CP-SAT likes: few domains of starts, and work time that is linear in the clock.

An operation that may pause over closed hours ends at start + minutes + pause. The pause is a step function of the
start with very few different values (nothing, the lunch break, a night, a weekend ...) however long the horizon is, so
one literal for each *value* with the union of the starts that belong to it is an exact and small encoding: `starts`.

Setups are counted in the open minutes of a station. `WorkTime` turns the clock into them: open minutes before t are
t - (closed minutes before t), and the closed minutes grow by a known gap where each window begins.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import reduce

import numpy as np

from sentia_ops.scheduling.engine.calendars import intersect
from sentia_ops.scheduling.engine.problem import Mode, Problem

FAR = 1 << 40  # beyond every minute
Spans = list[tuple[int, int]]  # closed intervals [first, last] of start minutes


def calendar(problem: Problem, mode: Mode) -> np.ndarray | None:
	"""Windows in which every resource of the mode is open; None: always."""
	held = [problem.resources[r].windows for r in (mode.resource, *(need for need, _units in mode.needs))]
	limited = [windows for windows in held if windows is not None]
	return reduce(intersect, limited) if limited else None


def starts(windows: np.ndarray | None, minutes: int, splittable: bool) -> dict[int, Spans]:
	"""Pause in minutes -> starts from which the operation ends at start + minutes + pause."""
	if windows is None or minutes == 0:
		return {0: [(-FAR, FAR)]}
	if not splittable:
		return {0: [(a, b - minutes) for a, b in windows.tolist() if b - a >= minutes]}
	return _split(windows, minutes)


def clipped(pieces: dict[int, Spans], lo: int, hi: int) -> dict[int, Spans]:
	"""Only starts from `lo` on that, pause included, are at most `hi`; pauses without any are left out."""
	found = {}
	for pause, spans in pieces.items():
		last = hi - pause
		first = max(bisect_right(spans, (lo, -FAR)) - 1, 0)
		beyond = bisect_right(spans, (last, FAR))
		inside = [(max(a, lo), min(b, last)) for a, b in spans[first:beyond] if b >= lo]
		if inside:
			found[pause] = inside
	return found


def _split(windows: np.ndarray, minutes: int) -> dict[int, Spans]:
	before = np.concatenate(
		[[0], np.cumsum(windows[:, 1] - windows[:, 0])]
	)  # open minutes before each window
	total = int(before[-1])
	first = np.unique(np.concatenate([before[:-1], before[:-1] - minutes + 1]))
	first = first[(first >= 0) & (first <= total - minutes)]
	if not len(first):
		return {}
	last = np.append(first[1:] - 1, total - minutes)
	k = np.searchsorted(before[:-1], first, side="right") - 1  # window of the start
	m = np.searchsorted(before[:-1], first + minutes, side="left") - 1  # window of the end
	shift = windows[:, 0] - before[:-1]
	found: dict[int, Spans] = {}
	for pause, a, b in zip(
		(shift[m] - shift[k]).tolist(), (first + shift[k]).tolist(), (last + shift[k]).tolist(), strict=True
	):
		found.setdefault(pause, []).append((a, b))
	return found


class WorkTime:
	"""Open minutes of one resource since minute 0; minutes of the clock where it is always open."""

	def __init__(self, windows: np.ndarray | None):
		self.windows = windows
		if windows is not None:
			lengths = windows[:, 1] - windows[:, 0]
			self.before = np.cumsum(lengths) - lengths
			self.zero = 0
			self.zero = self.at(0)

	def at(self, minute: int) -> int:
		"""Open minutes from minute 0 to `minute` (negative before it)."""
		if self.windows is None:
			return minute
		k = int(np.searchsorted(self.windows[:, 0], minute, side="right")) - 1
		if k < 0:
			return -self.zero
		a, b = self.windows[k].tolist()
		return int(self.before[k]) + min(minute, b) - a - self.zero

	def gaps(self, lo: int, hi: int) -> list[tuple[int, int]]:
		"""(opening minute, closed minutes just before it) of the windows that open within (lo, hi]."""
		if self.windows is None:
			return []
		opens, closes = self.windows[1:, 0], self.windows[:-1, 1]
		inside = (opens > lo) & (opens <= hi)
		return list(zip(opens[inside].tolist(), (opens - closes)[inside].tolist(), strict=True))
