"""Dates, hours and days in the words that a production manager would read aloud."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

HOUR = 60
DAY = 24 * HOUR
NEAR_DAYS = 6  # a day of the week alone is clear this far ahead


def hours(minutes: float) -> str:
	"""A length of time: "45 min", "3 h", "31.5 h"."""
	minutes = round(minutes)
	return f"{minutes} min" if minutes < HOUR else f"{_short(minutes / HOUR)} h"


def length(minutes: float) -> str:
	"""A length of the clock, in days from two days on: "45 min", "31.5 h", "2.5 days"."""
	return hours(minutes) if minutes < 2 * DAY else days(minutes)


def days(minutes: float) -> str:
	"""Lateness and slack: hours under a day, then days of 24 hours."""
	if minutes < DAY:
		return hours(minutes)
	text = _short(minutes / DAY)
	return f"{text} day" if text == "1" else f"{text} days"


def when(at: pd.Timestamp, now: pd.Timestamp) -> str:
	"""A moment, both on the local clock: "today 14:20", "Thursday 14:20", "Thu 12 March 14:20"."""
	ahead = (at.normalize() - now.normalize()).days
	if ahead == 0:
		return f"today {at:%H:%M}"
	if 0 < ahead <= NEAR_DAYS:
		return f"{at:%A %H:%M}"
	year = f" {at.year}" if at.year != now.year else ""
	return f"{at:%a} {at.day} {at:%B}{year} {at:%H:%M}"


def day(at: pd.Timestamp, now: pd.Timestamp) -> str:
	"""The day of a moment: "today", "Thursday", "Thu 12 March"."""
	return when(at, now)[:-6]


def between(start: pd.Timestamp, until: pd.Timestamp, now: pd.Timestamp) -> str:
	"""From one moment to another; the second's day is left out where it is the same."""
	if start.normalize() == until.normalize():
		return f"{when(start, now)} to {until:%H:%M}"
	return f"{when(start, now)} to {when(until, now)}"


def listed(parts: Sequence[str]) -> str:
	""" "a", "a and b", "a, b and c"."""
	parts = list(parts)
	if len(parts) < 2:
		return "".join(parts)
	return f"{', '.join(parts[:-1])} and {parts[-1]}"


def capital(text: str) -> str:
	return text[:1].upper() + text[1:]


def _short(number: float) -> str:
	return f"{number:.1f}".removesuffix(".0")
