"""One series of a table: its periods in a row, without gaps and returns, in one unit of measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.tables.gaps import take_off_returns, unknown_periods
from sentia_ops.forecasting.tables.units import LEAST, change_of_unit

LONGEST = {"h": 17568, "D": 3653, "W": 2610, "MS": 1200}  # periods used at most: 2, 10, 50 and 100 years
ZERO, UNKNOWN, AUTO, WRITTEN = "zero", "unknown", "auto", "written"  # what a period without a row means
MOSTLY_MISSING = (
	0.5  # of a series' periods: with more it is a list of sales, whatever the rest of the table is
)
RETURNS_SHARE = 0.5  # of values other than zero: with more negative ones it is no demand
# what a remark is about, as a warning about the whole table says it: "3 series ..."
CUT, RETURNED, GAPS, EMPTY, UNIT, UNIT_ASKED, ENDS = (
	"longer than is used",
	"with negative values, taken as returns",
	"with gaps, taken as not known (--gaps)",
	"with empty values, taken as not known",
	"whose unit of measure changed, made even",
	"whose unit of measure may have changed: please check",
	"ending before the others, each forecast from its own end (--as-of DATE brings them to one)",
)


class Unusable(Exception):
	"""Why a series gives no history."""


@dataclass(frozen=True)
class Periods:
	"""Rows of series, one for each period that has any: arrays of equal length, ordered by series and place.

	Attributes:
	    series, place: number of the series, and of the period on the grid.
	    qty: sums, 0 where `known` is False.
	    known: False where y was empty.
	"""

	series: np.ndarray
	place: np.ndarray
	qty: np.ndarray
	known: np.ndarray
	in_stock: np.ndarray

	def part(self, which: slice | np.ndarray) -> Periods:
		return Periods(*(column[which] for column in vars(self).values()))


@dataclass(frozen=True)
class Usable:
	"""A series ready for a history: the place of its first period, values a period, and remarks: about -> words."""

	first: int
	qty: np.ndarray
	in_stock: np.ndarray
	remarks: dict[str, str] = field(default_factory=dict)


def usable_series(
	part: Periods, until: int | None, calendar: Calendar, gaps: str, date_of: Callable[[int], str]
) -> Usable:
	"""A series without gaps, up to the period before `until` (None: up to its own last one).

	Args:
	    gaps: what a period without a row means: "zero", "unknown", "auto", or "written": the table has rows also where nothing
	        was sold.
	    date_of: the date of a place, in words.

	Raises:
	    Unusable: nothing is known of it, or it is no demand.
	"""
	if not len(part.place):
		raise Unusable(f"all its rows are of a {calendar.period} that the table has in part only")
	end = int(part.place[-1]) + 1 if until is None else until
	part = part.part(part.place < end)
	if not len(part.place):
		raise Unusable("all its rows are later than the first period to forecast")
	if not part.known.any():
		raise Unusable("y is empty in every row")
	sold = part.qty[part.known & (part.qty != 0)]
	if len(sold) and (sold < 0).mean() > RETURNS_SHARE:
		raise Unusable("more than half of its values are negative: that is no demand")
	return _repaired(
		part, max(int(part.place[0]), end - LONGEST[calendar.code]), end, calendar, gaps, date_of
	)


def _repaired(
	part: Periods, first: int, end: int, calendar: Calendar, gaps: str, date_of: Callable[[int], str]
) -> Usable:
	remarks: dict[str, str] = {}
	if first > part.place[0]:
		remarks[CUT] = f"Of its history, the last {end - first:,} {calendar.period}s are used."
		part = part.part(part.place >= first)
	at = part.place - first
	qty, in_stock = np.zeros(end - first), np.ones(end - first, dtype=bool)
	has_row, known = np.zeros(len(qty), dtype=bool), np.zeros(len(qty), dtype=bool)
	qty[at], in_stock[at], has_row[at], known[at] = part.qty, part.in_stock, True, part.known
	qty = _without_returns(qty, calendar, remarks)
	empty = has_row & ~known
	missing = _holes(qty, known, empty, calendar.season, gaps)
	for kind, what in ((EMPTY, empty), (GAPS, missing & ~empty)):
		if what.any():
			count = int(what.sum())
			periods = f"{count} {calendar.period}{'s' if count > 1 else ''}"
			told = "without a value" if kind == EMPTY else "without a row"
			remarks[kind] = (
				f"{periods} {told} count{'' if count > 1 else 's'} as not known, like {calendar.period}s out of stock."
			)
	qty = _in_one_unit(qty, first, calendar, date_of, remarks)
	return Usable(first, qty, in_stock & ~missing, remarks)


def _without_returns(qty: np.ndarray, calendar: Calendar, remarks: dict[str, str]) -> np.ndarray:
	negative = int((qty < 0).sum())
	if not negative:
		return qty
	left, unexplained = take_off_returns(qty)
	periods = f"{negative} negative {calendar.period}{'s were' if negative > 1 else ' was'}"
	words = f"{periods} taken off the sales before"
	remarks[RETURNED] = (
		f"{words}."
		if unexplained <= 0
		else f"{words}; {unexplained:g} of them no sale explains: set to zero."
	)
	return left


def _holes(qty: np.ndarray, known: np.ndarray, empty: np.ndarray, season: int, gaps: str) -> np.ndarray:
	"""Periods of which nothing is known, by what `gaps` says of those without a row."""
	if gaps == ZERO:
		return empty
	missing, zeros = int((~known & ~empty).sum()), int((known & (qty == 0)).sum())
	written = missing <= zeros or (gaps == WRITTEN and missing <= MOSTLY_MISSING * len(qty))
	if gaps == UNKNOWN or written:
		return ~known
	return empty | unknown_periods(qty, known, season)


def _in_one_unit(
	qty: np.ndarray, first: int, calendar: Calendar, date_of: Callable[[int], str], remarks: dict[str, str]
) -> np.ndarray:
	change = change_of_unit(qty, LEAST[calendar.code], calendar.season)
	if change is None:
		return qty
	times = f"{change.factor:g} times" if change.factor > 1 else f"1/{1 / change.factor:.0f} of"
	words = f"From {date_of(first + change.at)} on values are {times} those before"
	if not change.clear:
		remarks[UNIT_ASKED] = f"{words}: did the unit of measure change? Nothing was changed."
		return qty
	remarks[UNIT] = f"{words}: the unit of measure changed, so history before was multiplied to match."
	return np.concatenate([qty[: change.at] * change.factor, qty[change.at :]])
