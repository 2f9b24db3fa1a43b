"""Open minutes of the calendars of a packed problem. Plain functions on the rows of `arrays.py`, see `kernel.py`."""

from __future__ import annotations

from sentia_ops.scheduling.engine.arrays import (
	C_BEYOND,
	C_FIRST,
	C_HINT,
	C_HINTS,
	CALENDAR,
	CALS_AT,
	HINT,
	NEVER,
	W_BEFORE,
	W_FROM,
	W_UNTIL,
	WINDOW,
)


def window_at(data, calendar, at):
	"""Place in `data` of the last window of a calendar that starts by `at`; before the first: one row earlier."""
	row = data[CALS_AT] + calendar * CALENDAR
	here, last = data[row + C_FIRST] - WINDOW, data[row + C_BEYOND] - WINDOW
	if at >= 0:
		hint = at // HINT
		if hint >= data[row + C_HINTS]:
			hint = data[row + C_HINTS] - 1
		here = data[data[row + C_HINT] + hint]
	while here < last and data[here + WINDOW + W_FROM] <= at:
		here += WINDOW
	return here


def opened(data, calendar, at):
	"""Open minutes of a calendar before `at`."""
	row = window_at(data, calendar, at)
	if row < data[data[CALS_AT] + calendar * CALENDAR + C_FIRST]:
		return 0
	return data[row + W_BEFORE] + min(at, data[row + W_UNTIL]) - data[row + W_FROM]


def reach(data, calendar, at, minutes):
	"""The earliest moment with so many open minutes since `at`; NEVER where the calendar has no more."""
	if minutes <= 0:
		return at
	row = window_at(data, calendar, at)
	if row < data[data[CALS_AT] + calendar * CALENDAR + C_FIRST]:
		row += WINDOW
	beyond = data[data[CALS_AT] + calendar * CALENDAR + C_BEYOND]
	while row < beyond:
		start = max(at, data[row + W_FROM])
		here = data[row + W_UNTIL] - start
		if here >= minutes:
			return start + minutes
		if here > 0:
			minutes -= here
		row += WINDOW
	return NEVER


def fit(data, calendar, at, minutes, split):
	"""(start, end) of so many open minutes from `at` on, in one window unless they may be split."""
	row = window_at(data, calendar, at)
	beyond = data[data[CALS_AT] + calendar * CALENDAR + C_BEYOND]
	if row < data[data[CALS_AT] + calendar * CALENDAR + C_FIRST] or at >= data[row + W_UNTIL]:
		row += WINDOW
	if row >= beyond:
		return NEVER, NEVER
	start = max(at, data[row + W_FROM])
	if split:
		return start, reach(data, calendar, start, minutes)
	while data[row + W_UNTIL] - start < minutes:
		row += WINDOW
		if row >= beyond:
			return NEVER, NEVER
		start = data[row + W_FROM]
	return start, start + minutes
