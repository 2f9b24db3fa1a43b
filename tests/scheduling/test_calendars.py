"""Calendars: shifts of the local clock as minutes of UTC, checked by counting minute after minute."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_world import rows, week

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine import calendars

MONDAY = pd.Timestamp("2026-03-02", tz="UTC")
NONE = f.CALENDAR_EXCEPTIONS.empty()


def expand(shifts, exceptions=(), origin=MONDAY, days=7, zone="UTC"):
	return calendars.expand(
		rows(f.SHIFTS, list(shifts)), rows(f.CALENDAR_EXCEPTIONS, list(exceptions)), "Saw", origin, days, zone
	)


def exception(start: str, end: str, open_: bool = False) -> dict:
	return {
		"workstation": "Saw",
		"starts_at": pd.Timestamp(start),
		"ends_at": pd.Timestamp(end),
		"open": open_,
	}


def test_shifts_break_and_weekend():
	windows = expand(week("Saw", [("06:00", "10:00"), ("10:30", "14:30")]))
	assert windows[:2].tolist() == [[360, 600], [630, 870]]
	assert len(windows) == 10 and calendars.work(windows, 0, 7 * 1440) == 5 * 480


def test_touching_and_overlapping_shifts_count_once_and_are_said():
	shifts = week("Saw", [("06:00", "14:00"), ("14:00", "22:00"), ("12:00", "15:00")], days=[0])
	assert expand(shifts).tolist() == [[360, 1320]]
	(said,) = [
		t for t in calendars.overlapping(rows(f.SHIFTS, shifts), "Saw") if "12:00 to 15:00 and" not in t
	][:1]
	assert "06:00 to 14:00 and 12:00 to 15:00 overlap (Monday)" in said and "count" in said
	assert (
		calendars.overlapping(rows(f.SHIFTS, week("Saw", [("06:00", "14:00"), ("14:00", "22:00")])), "Saw")
		== []
	)


def test_night_shift_reaches_into_the_day_the_plan_begins():
	windows = expand(week("Saw", [("22:00", "06:00")], days=[6, 0]), days=2)
	assert windows.tolist() == [[0, 360], [1320, 1800]]
	assert expand(week("Saw", [("00:00", "24:00")], days=[0]), days=2).tolist() == [[0, 1440]]


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-06", 8)])
def test_a_night_is_as_long_as_it_really_is(night: str, hours: int):
	day = pd.Timestamp(night)
	origin = day.tz_localize("Europe/Berlin").tz_convert("UTC")
	shift = [{"workstation": "Saw", "weekday": day.weekday(), "from_time": "22:00", "to_time": "06:00"}]
	(window,) = expand(shift, origin=origin, days=3, zone="Europe/Berlin").tolist()
	assert window[1] - window[0] == hours * 60
	assert calendars.to_local(window[0], origin, "Europe/Berlin") == day + pd.Timedelta(hours=22)
	assert calendars.to_local(window[1], origin, "Europe/Berlin") == day + pd.Timedelta(hours=30)


@pytest.mark.parametrize(
	"local", ["2026-03-29 02:30", "2026-10-25 02:30", "2026-07-01 12:00", "2026-01-01 00:00"]
)
def test_one_minute_is_as_many(local: str):
	origin, at = pd.Timestamp("2026-02-01 05:00", tz="UTC"), pd.Timestamp(local)
	for zone in ("Europe/Berlin", "UTC", "Asia/Kolkata"):
		assert calendars.to_minute(at, origin, zone) == calendars.to_minutes([at], origin, zone)[0]


def test_closing_overtime_and_breakdown():
	shifts = week("Saw", [("06:00", "14:00")])
	holiday = exception("2026-03-03", "2026-03-04")
	assert len(expand(shifts, [holiday])) == 4
	overtime = exception("2026-03-03 08:00", "2026-03-03 12:00", True)
	assert (
		calendars.work(expand(shifts, [holiday, overtime]), 1440, 2880) == 240
	)  # asked for on that very day
	down = exception("2026-03-03 09:00", "2026-03-03 10:00")
	assert calendars.work(expand(shifts, [holiday, overtime, down]), 1440, 2880) == 180
	assert (
		calendars.work(expand(shifts, [exception("2026-03-02 14:00", "2026-03-02 16:00", True)]), 0, 1440)
		== 600
	)


def test_nothing_before_the_origin_or_after_the_horizon():
	windows = expand(week("Saw", [("06:00", "14:00")]), origin=MONDAY + pd.Timedelta(hours=7), days=1)
	assert windows.tolist() == [[0, 420], [1380, 1440]]
	assert expand([]).shape == (0, 2)


spans = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 30)), max_size=8).map(
	lambda found: np.array([(a, a + n) for a, n in found], dtype=np.int64).reshape(-1, 2)
)


def minutes(windows) -> set[int]:
	return {minute for a, b in windows.tolist() for minute in range(a, b)}


@given(spans, spans)
@settings(max_examples=100, deadline=None)
def test_sets_of_windows_are_sets_of_minutes(one, other):
	a, b = calendars.merge(one), calendars.merge(other)
	assert minutes(a) == minutes(one) and (np.diff(a.ravel()) > 0).all()
	assert minutes(calendars.intersect(a, b)) == minutes(a) & minutes(b)
	assert minutes(calendars.subtract(a, b)) == minutes(a) - minutes(b)
	assert calendars.work(a, 7, 60) == len(minutes(a) & set(range(7, 60)))


@given(spans, st.integers(0, 90), st.integers(1, 40), st.booleans())
@settings(max_examples=150, deadline=None)
def test_finish_is_the_earliest_that_there_is(raw, start, length, split):
	windows = calendars.merge(raw)
	free = minutes(windows)
	found = calendars.finish(windows, start, length, split)
	candidates = []
	for begin in range(start, 120):
		if split and begin in free:
			later = sorted(m for m in free if m >= begin)
			if len(later) >= length:
				candidates.append((begin, later[length - 1] + 1))
		elif not split and all(m in free for m in range(begin, begin + length)):
			candidates.append((begin, begin + length))
	assert found == (candidates[0] if candidates else None)


def test_always_open():
	assert calendars.work(None, 5, 25) == 20 and calendars.finish(None, 5, 10, False) == (5, 15)
	assert calendars.intersect(None, None) is None
