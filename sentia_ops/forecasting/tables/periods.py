"""Which regular calendar a table's dates follow, and the place of each date on it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sentia_ops.errors import SentiaError
from sentia_ops.forecasting.engine.calendar import CALENDARS, Calendar

HOUR, DAY, WEEK, MONTH = 1.0, 24.0, 168.0, 730.5  # in hours
LENGTHS = {"h": HOUR, "D": DAY, "W": WEEK, "MS": MONTH}
MONTHS = (28 * DAY, 31 * DAY)  # what lies between the same days of two months
MOSTLY = 0.95
FINER_SHARE = 0.1  # of dates that share their period with the one before
SLACK_DAYS = 3  # without a row at the end of a month, which is whole all the same
LEAST_STEPS = 4  # with fewer nobody can tell that dates are regular
EVEN = 0.15  # regular: steps that differ by no more from the middle one
WORDS = {"h": "hourly", "D": "daily", "W": "weekly", "MS": "monthly"}


@dataclass(frozen=True)
class Grid:
	"""A calendar laid over the dates of a table.

	Attributes:
	    places: number of the period each row falls in, counted from 1970; shape (rows,).
	    whole: False for rows of a period of which the table holds a part only; shape (rows,).
	    weekdays: of weeks, the days from 1970-01-01 (modulo 7) on which those of each series begin; shape (series,).
	"""

	calendar: Calendar
	places: np.ndarray
	whole: np.ndarray
	weekdays: np.ndarray
	warnings: list[str] = field(default_factory=list)

	def start(self, place: int, series: int) -> np.datetime64:
		"""First day or hour of a period."""
		if self.calendar.code == "W":
			return np.datetime64(int(place * 7 + self.weekdays[series]), "D").astype("datetime64[ns]")
		unit = {"D": "D", "MS": "M", "h": "h"}[self.calendar.code]
		return np.datetime64(int(place), unit).astype("datetime64[ns]")

	def words(self, place: int, series: int) -> str:
		"""First day, or hour, of a period as text."""
		return str(self.start(place, series))[: 16 if self.calendar.code == "h" else 10].replace("T", " ")

	def place(self, when: np.datetime64, series: int) -> int:
		"""Number of the period in which `when` lies."""
		return int(_places(np.array([when]), self.calendar.code, self.weekdays[series])[0])


def grid_of(
	series: np.ndarray, dates: np.ndarray, freq: str = "", until: np.datetime64 | None = None
) -> Grid:
	"""The grid of a table's dates.

	Rows finer than the frequency are to be added up. Weeks then end with the last day of the table, so that none is cut
	off; a first or last month of which more than three days are missing is not whole.

	Args:
	    series: number of the series of each row, from 0 without gaps; shape (rows,).
	    dates: datetime64[ns], shape (rows,).
	    freq: D, W, MS or h; empty: guessed.
	    until: the first period to be forecast begins here, where weeks have no weekday of their own.

	Raises:
	    SentiaError: the dates are regular, but further apart than the periods of `freq`.
	"""
	steps = _steps(series, dates)
	code = freq or _guess(series, dates, steps)
	finer = _finer(series, dates, steps, code)
	weekdays = np.zeros(series.max() + 1, dtype=int)
	if code == "W":
		weekdays = _weekdays(series, dates, dates.max() if finer else None, until)
	places = _places(dates, code, weekdays[series], nearest=not finer)
	_refuse_wider(series, places, steps, code, guessed=not freq)
	grid = Grid(CALENDARS[code], places, np.ones(len(dates), dtype=bool), weekdays)
	if not freq:
		grid.warnings.append(f"The dates look {WORDS[code]}: --freq {code} is used.")
	if finer and code in ("W", "MS"):
		_leave_out_parts(grid, dates)
	return grid


def _steps(series: np.ndarray, dates: np.ndarray) -> np.ndarray:
	"""Hours between one date and the next of the same series."""
	order = np.lexsort((dates, series))
	gaps = np.diff(dates[order]) / np.timedelta64(1, "h")
	return gaps[(np.diff(series[order]) == 0) & (gaps > 0)]


def _commonest(steps: np.ndarray) -> float:
	values, counts = np.unique(steps, return_counts=True)
	return float(values[counts.argmax()])


def _guess(series: np.ndarray, dates: np.ndarray, steps: np.ndarray) -> str:
	if not len(steps):
		return "D"
	common = _commonest(steps)
	share = (steps == common).mean()
	if common < DAY:  # times of sales are irregular: they are summed by day
		full_hours = (dates == dates.astype("datetime64[h]")).mean() > MOSTLY
		return "h" if common <= HOUR and (share >= 0.5 or (full_hours and common == HOUR)) else "D"
	monthly = (steps >= MONTHS[0]) & (steps <= MONTHS[1])
	same_day = _first_or_last_of_month(dates).mean() > MOSTLY and (steps >= MONTHS[0]).mean() > MOSTLY
	if same_day or monthly.mean() > 0.5:
		return "MS"
	return "W" if (steps % WEEK == 0).mean() > MOSTLY else "D"


def _finer(series: np.ndarray, dates: np.ndarray, steps: np.ndarray, code: str) -> bool:
	"""Whether it is common for a period to have several dates of a series."""
	if code == "W":  # a week may begin on any day
		return len(steps) > 0 and (steps < 0.6 * WEEK).mean() > FINER_SHARE
	order = np.lexsort((dates, series))
	following = (np.diff(series[order]) == 0) & (np.diff(dates[order]) > np.timedelta64(0))
	shared = np.diff(_places(dates, code, 0)[order])[following] == 0
	return len(shared) > 0 and shared.mean() > FINER_SHARE


def _first_or_last_of_month(dates: np.ndarray) -> np.ndarray:
	days = dates.astype("datetime64[D]")
	first = days == days.astype("datetime64[M]")
	last = (days + 1) == (days + 1).astype("datetime64[M]")
	return first | last


def _places(dates: np.ndarray, code: str, weekdays: np.ndarray | int, nearest: bool = False) -> np.ndarray:
	if code == "W":  # a date that a holiday moved by a day or two belongs to the nearest week
		return (dates.astype("datetime64[D]").astype(int) - weekdays + (3 if nearest else 0)) // 7
	unit = {"D": "D", "MS": "M", "h": "h"}[code]
	return dates.astype(f"datetime64[{unit}]").astype(int)


def _weekdays(
	series: np.ndarray, dates: np.ndarray, last: np.datetime64 | None, until: np.datetime64 | None
) -> np.ndarray:
	"""Of each series the weekday most of its dates have; where dates are finer than weeks, the one after `last`."""
	count = series.max() + 1
	if last is not None:
		begin = until if until is not None else last + np.timedelta64(1, "D")
		return np.full(count, begin.astype("datetime64[D]").astype(int) % 7)
	days = dates.astype("datetime64[D]").astype(int) % 7
	return np.bincount(series * 7 + days, minlength=count * 7).reshape(count, 7).argmax(axis=1)


def _refuse_wider(
	series: np.ndarray, places: np.ndarray, steps: np.ndarray, code: str, guessed: bool
) -> None:
	order = np.lexsort((places, series))
	gaps = np.diff(places[order])[np.diff(series[order]) == 0]
	gaps = gaps[gaps > 0]
	if len(gaps) < LEAST_STEPS or (gaps == 1).mean() >= 1 - MOSTLY:
		return
	middle = np.median(steps)
	if (np.abs(steps - middle) <= EVEN * middle).mean() < MOSTLY:
		return  # sales now and then: nothing was sold in between
	apart = f"{middle / DAY:.3g} days" if middle >= DAY else f"{middle:.3g} hours"
	fitting = next((c for c in ("D", "W", "MS") if abs(LENGTHS[c] - middle) <= EVEN * LENGTHS[c]), None)
	raise SentiaError(
		f"The dates of each series are {apart} apart: no {CALENDARS[code].period}s"
		+ ("." if guessed else f", as --freq {code} says."),
		f"Use --freq {fitting}." if fitting else "What can be forecast are hours, days, weeks and months.",
	)


def _leave_out_parts(grid: Grid, dates: np.ndarray) -> None:
	"""Mark rows of the first and last period of the table as parts, and say so."""
	first, last = dates.min().astype("datetime64[D]"), dates.max().astype("datetime64[D]")
	week = grid.calendar.code == "W"
	slack = 0 if week else SLACK_DAYS
	low, high = grid.place(first, 0), grid.place(last, 0)
	if (first - grid.start(low, 0).astype("datetime64[D]")).astype(int) > slack:
		grid.whole[grid.places == low] = False
	if (grid.start(high + 1, 0).astype("datetime64[D]") - last).astype(int) - 1 > slack:
		grid.whole[grid.places == high] = False
	cut = int((~grid.whole).sum())
	text = f"Several rows a {grid.calendar.period} are added up"
	text += f", {grid.calendar.period}s beginning on {_weekday(grid.start(high, 0))}s" if week else ""
	if cut:
		text += f"; {cut:,} rows of a {grid.calendar.period} that the table has in part only are left out"
	grid.warnings.append(text + ".")


def _weekday(day: np.datetime64) -> str:
	names = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")
	return names[day.astype("datetime64[D]").astype(int) % 7]
