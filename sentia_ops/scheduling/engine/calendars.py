"""Working hours as windows of minutes: shifts and exceptions of the local clock, laid out over a horizon in UTC.

Windows are an (n, 2) int64 array of open [from, until), sorted, disjoint and not touching; None is open around the
clock. Minutes are counted in UTC from the origin, so a night shift is an hour shorter or longer when the clocks change.
"""

from __future__ import annotations

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

DAY = 24 * 60
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def expand(
	shifts: pd.DataFrame,
	exceptions: pd.DataFrame,
	workstation: str,
	origin: pd.Timestamp,
	days: int,
	zone: str,
) -> np.ndarray:
	"""Open windows of one workstation from `origin` (UTC) for so many days.

	Whole days that are closed (holidays) come first, overtime opens on top of them, and any other closing, such as a
	breakdown, closes overtime too.

	Args:
	    shifts, exceptions: rows of the frames of these names, of any workstations.
	    zone: IANA name of the clock that they are written in.
	"""
	end = days * DAY
	windows = merge(_weekly(shifts[shifts["workstation"] == workstation], origin, days, zone))
	own = exceptions[exceptions["workstation"] == workstation]
	spans = np.column_stack(
		[to_minutes(own["starts_at"], origin, zone), to_minutes(own["ends_at"], origin, zone)]
	)
	opens = own["open"].to_numpy(dtype=bool)
	whole = ((own["starts_at"].dt.normalize() == own["starts_at"]) & (own["ends_at"].dt.normalize() == own["ends_at"])).to_numpy(dtype=bool)  # fmt: skip
	windows = subtract(windows, merge(spans[whole & ~opens]))
	windows = merge(np.vstack([windows, spans[opens]]))
	windows = subtract(windows, merge(spans[~whole & ~opens]))
	return intersect(windows, np.array([[0, end]], dtype=np.int64))


def to_minutes(local, origin: pd.Timestamp, zone: str) -> np.ndarray:
	"""Minutes from the origin (UTC) of local timestamps without a zone, as int64.

	A time that the clock shows twice is its first; one that it skips is the moment of the change.
	"""
	index = pd.DatetimeIndex(local)
	first = np.ones(len(index), dtype=bool)
	instants = index.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").tz_convert("UTC")
	return ((instants - _utc(origin)) // pd.Timedelta(minutes=1)).to_numpy(dtype=np.int64)


def to_minute(local: pd.Timestamp, origin: pd.Timestamp, zone: str) -> int:
	"""`to_minutes` of a single timestamp, many times as fast."""
	moment = local.to_pydatetime(warn=False).replace(tzinfo=ZoneInfo(zone))
	utc = moment.astimezone(timezone.utc)
	if utc.astimezone(moment.tzinfo).replace(tzinfo=None) != moment.replace(
		tzinfo=None
	):  # the clock skips it
		return int(to_minutes([local], origin, zone)[0])
	return (utc - _utc(origin).to_pydatetime()) // timedelta(minutes=1)


def to_local(minutes: int, origin: pd.Timestamp, zone: str) -> pd.Timestamp:
	"""What the local clock shows so many minutes after the origin (UTC)."""
	return (_utc(origin) + pd.Timedelta(minutes=int(minutes))).tz_convert(zone).tz_localize(None)


def overlapping(shifts: pd.DataFrame, workstation: str) -> list[str]:
	"""A sentence for each pair of shifts of a week that overlap: they are merged, minutes are not counted twice."""
	own = shifts[shifts["workstation"] == workstation]
	rows = sorted((*_of_week(row), row) for row in own.itertuples(index=False))
	pairs: dict[tuple[str, str], list[str]] = {}
	latest = None
	for start, end, row in rows:
		if latest and start < latest[1]:
			pairs.setdefault((_hours(latest[2]), _hours(row)), []).append(WEEKDAYS[int(row.weekday)])
		if latest is None or end > latest[1]:
			latest = (start, end, row)
	return [
		f"{workstation}: the shifts {one} and {other} overlap ({', '.join(days)}); that time counts once. "
		"Correct the working hours of the workstation if that is not meant."
		for (one, other), days in pairs.items()
	]


def merge(spans: np.ndarray) -> np.ndarray:
	"""Spans in any order, overlapping or touching or empty, as windows."""
	spans = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
	spans = spans[spans[:, 1] > spans[:, 0]]
	if not len(spans):
		return spans
	spans = spans[np.argsort(spans[:, 0], kind="stable")]
	reach = np.maximum.accumulate(spans[:, 1])
	first = np.concatenate([[True], spans[1:, 0] > reach[:-1]])
	last = np.concatenate([first[1:], [True]])
	return np.column_stack([spans[first, 0], reach[last]])


def intersect(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
	"""Minutes that are open in both."""
	if a is None or b is None:
		return a if b is None else b
	points = np.unique(np.concatenate([a.ravel(), b.ravel()]))
	if len(points) < 2:
		return np.zeros((0, 2), dtype=np.int64)
	inside = _covers(a, points[:-1]) & _covers(b, points[:-1])
	return merge(np.column_stack([points[:-1], points[1:]])[inside])


def subtract(a: np.ndarray, b: np.ndarray) -> np.ndarray:
	"""Minutes of a that are not open in b."""
	if not len(a) or not len(b):
		return a
	ends = np.array([min(a[0, 0], b[0, 0]) - 1, max(a[-1, 1], b[-1, 1]) + 1], dtype=np.int64)
	closed = np.concatenate([ends[:1], b.ravel(), ends[1:]]).reshape(-1, 2)
	return intersect(a, merge(closed))


def work(windows: np.ndarray | None, a, b):
	"""Open minutes between a and b (a <= b); arrays are taken element by element."""
	if windows is None:
		return np.subtract(b, a) if np.ndim(a) or np.ndim(b) else int(b) - int(a)
	total = opened(windows, b) - opened(windows, a)
	return total if np.ndim(total) else int(total)


def opened(windows: np.ndarray, at):
	"""Open minutes before `at`, from the first window on."""
	if not len(windows):
		return np.zeros(np.shape(at), dtype=np.int64)
	before = np.concatenate([[0], np.cumsum(windows[:, 1] - windows[:, 0])])
	last = np.searchsorted(windows[:, 0], at, side="right") - 1
	inside = np.minimum(at, windows[last, 1]) - windows[last, 0]
	return np.where(last >= 0, before[last] + inside, 0)


def finish(windows: np.ndarray | None, start: int, minutes: int, splittable: bool) -> tuple[int, int] | None:
	"""(start, end) of so many open minutes, the earliest from `start` on; None where they do not fit."""
	if windows is None:
		return int(start), int(start + minutes)
	rest = windows[windows[:, 1] > start]
	if not len(rest):
		return None
	rest = np.column_stack([np.maximum(rest[:, 0], start), rest[:, 1]])
	lengths = rest[:, 1] - rest[:, 0]
	if not splittable:
		fits = np.flatnonzero(lengths >= minutes)
		return (int(rest[fits[0], 0]), int(rest[fits[0], 0] + minutes)) if len(fits) else None
	through = np.cumsum(lengths)
	last = int(np.searchsorted(through, minutes))
	if last == len(through):
		return None
	return int(rest[0, 0]), int(rest[last, 1] - (through[last] - minutes))


def longest(windows: np.ndarray | None) -> int | None:
	"""Minutes of the longest window; None: open around the clock."""
	if windows is None:
		return None
	return int((windows[:, 1] - windows[:, 0]).max()) if len(windows) else 0


def _weekly(shifts: pd.DataFrame, origin: pd.Timestamp, days: int, zone: str) -> np.ndarray:
	"""Spans of the shifts of each day, one day before the origin included: its night shift may reach in."""
	today = _utc(origin).tz_convert(zone).tz_localize(None).normalize()
	dates = today + pd.to_timedelta(np.arange(-1, days + 2), unit="D")
	spans = [np.zeros((0, 2), dtype=np.int64)]
	for shift in shifts.itertuples(index=False):
		starts, ends = _of_day(shift)
		mine = dates[dates.weekday == shift.weekday]
		clock = [to_minutes(mine + pd.Timedelta(minutes=minutes), origin, zone) for minutes in (starts, ends)]
		spans.append(np.column_stack(clock))
	return np.vstack(spans)


def _covers(windows: np.ndarray, points: np.ndarray) -> np.ndarray:
	if not len(windows):
		return np.zeros(len(points), dtype=bool)
	last = np.searchsorted(windows[:, 0], points, side="right") - 1
	return (last >= 0) & (points < windows[last, 1])


def _utc(origin: pd.Timestamp) -> pd.Timestamp:
	return origin.tz_localize("UTC") if origin.tzinfo is None else origin.tz_convert("UTC")


def _of_day(shift) -> tuple[int, int]:
	"""Minutes of the day of a shift; the end is beyond 1440 where it is over midnight."""
	starts, ends = (int(text[:2]) * 60 + int(text[3:]) for text in (shift.from_time, shift.to_time))
	return starts, ends if ends > starts else ends + DAY


def _of_week(shift) -> tuple[int, int]:
	starts, ends = _of_day(shift)
	return starts + int(shift.weekday) * DAY, ends + int(shift.weekday) * DAY


def _hours(shift) -> str:
	return f"{shift.from_time} to {shift.to_time}"
