"""A table's rows -> histories.

Every row is used, or refused with a reason; every series becomes a history, or is refused with a reason:

1. rows without a name, a readable date or a finite number are refused; an empty y stays, as a period that is not known;
2. rows equal in every column to an earlier one are refused; other rows of one period are added together;
3. a date that lies years from all others of its series is refused;
4. negative values are returns: taken off the periods before them, the latest first; what no sale explains is dropped;
5. periods without a row saw no demand, or are not known: see `gaps`;
6. a change of the unit of measure is looked for: see `units`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sentia_ops.errors import NoDataError
from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.tables.periods import Grid, grid_of
from sentia_ops.forecasting.tables.series import AUTO, ENDS, WRITTEN, Periods, Unusable, usable_series

LARGEST = 1e15  # above it a float cannot count single pieces any more
STRAY = np.timedelta64(3 * 365, "D")  # nothing for so long, and hardly a row beyond: a mistyped date
STRAY_SHARE = 0.01
SHOWN = 3  # series named in a warning


@dataclass(frozen=True)
class TableRules:
	"""How a table is read.

	Attributes:
	    freq: D, W, MS or h; empty: guessed from the dates.
	    gaps: what a period without a row means: "zero", "unknown", or "auto" (see `gaps`).
	    until: first period to forecast: shorter series go on to it, later rows are not used. None: each series is
	        forecast from its own end.
	"""

	freq: str = ""
	gaps: str = AUTO
	until: np.datetime64 | None = None


@dataclass
class Prepared:
	"""Histories and what must be said of them.

	Attributes:
	    notes: name of a series -> words for its verdict.
	    lines: refused rows: `line` (1 is the first row) and `reason`, in the table's order.
	    series: name of a series that gives no history -> why.
	    warnings: about the table as a whole.
	"""

	histories: list[History]
	calendar: Calendar
	notes: dict[str, str]
	lines: pd.DataFrame
	series: dict[str, str] = field(default_factory=dict)
	warnings: list[str] = field(default_factory=list)


def prepare(rows: pd.DataFrame, rules: TableRules) -> Prepared:
	"""Histories from a table's rows, in whatever order these are; series come ordered by name.

	Args:
	    rows: unique_id (text, "" where empty), ds (datetime64[ns], NaT where unreadable), y (float, NaN where there is no
	        value), in_stock (bool), and reason: why the row was refused already when it was read, "" where it was not.

	Raises:
	    SentiaError: the frequency does not fit the dates.
	    NoDataError: not one series can be used.
	"""
	codes, names = pd.factorize(rows["unique_id"].to_numpy(), sort=True)
	reasons = _refusals(rows)
	usable = np.flatnonzero(reasons == "")
	dates = rows["ds"].to_numpy()
	strays = usable[_strays(codes[usable], dates[usable])]
	reasons[strays] = "date lies more than three years from all others of its series"
	usable = np.flatnonzero(reasons == "")
	refused = np.flatnonzero(reasons != "")
	lines = pd.DataFrame({"line": refused + 1, "reason": reasons[refused]})
	if not len(usable):
		raise _nothing(len(rows), Counter(lines["reason"]))
	kept, series = np.unique(codes[usable], return_inverse=True)
	grid = grid_of(series, dates[usable], rules.freq, rules.until)
	found = Prepared([], grid.calendar, {}, lines, warnings=list(grid.warnings))
	for code in np.setdiff1d(np.arange(len(names)), kept):
		if names[code]:
			found.series[names[code]] = Counter(reasons[codes == code]).most_common(1)[0][0]
	table = _by_period(series, grid, rows.iloc[usable], found)
	_add_histories(table, [str(names[code]) for code in kept], grid, rules, found)
	if not found.histories:
		raise _nothing(len(rows), Counter(found.series.values()))
	return found


def _nothing(rows: int, reasons: Counter) -> NoDataError:
	listed = "; ".join(f"{reason}: {count:,}" for reason, count in reasons.most_common())
	return NoDataError(
		f"None of the {rows:,} rows gives a series that can be forecast ({listed}).",
		"Check which column is which (--map) and how dates and numbers are written (--date-format, --decimal).",
	)


def _refusals(rows: pd.DataFrame) -> np.ndarray:
	"""Why each row cannot be used; "" where it can."""
	y = rows["y"].to_numpy()
	rulings = {
		"no unique_id": rows["unique_id"].to_numpy() == "",
		"ds is empty or no readable date": rows["ds"].isna().to_numpy(),
		"y is infinite": np.isinf(y),
		f"y is beyond {LARGEST:g}: no quantity is so large": np.abs(y) > LARGEST,
	}
	reasons = rows["reason"].to_numpy(dtype=object).copy()
	for reason, ruling in rulings.items():
		reasons[ruling & (reasons == "")] = reason
	return reasons


def _strays(series: np.ndarray, dates: np.ndarray) -> np.ndarray:
	"""Rows beyond three years without any, where all but one in a hundred rows of the series are on the other side."""
	stray = np.zeros(len(dates), dtype=bool)
	order = np.lexsort((dates, series))
	far = (np.diff(dates[order]) > STRAY) & (np.diff(series[order]) == 0)
	edges = np.searchsorted(series[order], np.arange(series.max() + 2)) if len(series) else []
	for cut in np.flatnonzero(far) + 1:
		low, high = edges[series[order[cut]]], edges[series[order[cut]] + 1]
		few = max(1, int(STRAY_SHARE * (high - low)))
		if cut - low <= few < high - cut:
			stray[order[low:cut]] = True
		elif high - cut <= few < cut - low:
			stray[order[cut:high]] = True
	return stray


def _by_period(series: np.ndarray, grid: Grid, rows: pd.DataFrame, found: Prepared) -> Periods:
	y = rows["y"].to_numpy()
	in_stock = rows["in_stock"].to_numpy(dtype=bool)
	order = np.lexsort((grid.places, series))
	order = order[grid.whole[order]]
	series, place, y = series[order], grid.places[order], y[order]
	starts = np.flatnonzero((np.diff(series, prepend=-1) != 0) | (np.diff(place, prepend=-1) != 0))
	known = np.add.reduceat(~np.isnan(y), starts) if len(starts) else np.zeros(0, int)
	merged = int(np.maximum(known - 1, 0).sum())
	if merged and not any("added up" in text for text in found.warnings):
		found.warnings.append(
			f"{merged:,} rows are of a {grid.calendar.period} that their series already had: they were added together."
		)
	return Periods(
		series[starts],
		place[starts],
		np.add.reduceat(np.nan_to_num(y), starts) if len(starts) else np.zeros(0),
		known > 0,
		np.logical_and.reduceat(in_stock[order], starts) if len(starts) else np.zeros(0, bool),
	)


def _add_histories(table: Periods, names: list[str], grid: Grid, rules: TableRules, found: Prepared) -> None:
	"""Histories, notes and refusals of all series, and warnings that sum the notes up."""
	edges = np.searchsorted(table.series, np.arange(len(names) + 1))
	untils = [None if rules.until is None else grid.place(rules.until, i) for i in range(len(names))]
	lasts = [grid.start(int(table.place[edge - 1]), i) for i, edge in enumerate(edges[1:]) if edge > edges[i]]
	latest = max(lasts, default=None)
	gaps = WRITTEN if rules.gaps == AUTO and _writes_zeros(table, edges) else rules.gaps
	remarked: dict[str, list[str]] = {}
	for i, name in enumerate(names):
		part = table.part(slice(edges[i], edges[i + 1]))
		try:
			made = usable_series(
				part, untils[i], grid.calendar, gaps, lambda place, i=i: grid.words(place, i)
			)
		except Unusable as reason:
			found.series[name] = str(reason)
			continue
		remarks = dict(made.remarks)
		last = int(part.place[-1])
		if rules.until is None and grid.start(last, i) < latest:
			remarks[ENDS] = f"It ends on {grid.words(last, i)}, before others of the table."
		for about in remarks:
			remarked.setdefault(about, []).append(name)
		if remarks:
			found.notes[name] = " ".join(remarks.values())
		first = grid.start(made.first, i)
		found.histories.append(History((name,), made.qty, made.in_stock, first, grid.calendar))
	found.warnings += [_summed_up(about, which) for about, which in remarked.items()]
	if rules.until is not None:
		_warn_of_later(table, np.array(untils), rules, found)


def _writes_zeros(table: Periods, edges: np.ndarray) -> bool:
	"""Whether the table has rows also where nothing was sold: then a period without one is not known.

	Tables of sales have a zero now and then, after returns; far fewer than periods without a row.
	"""
	low, high = edges[:-1][np.diff(edges) > 0], edges[1:][np.diff(edges) > 0]
	missing = int((table.place[high - 1] - table.place[low] + 1).sum()) - len(table.place)
	return int((table.known & (table.qty == 0)).sum()) > missing


def _summed_up(about: str, names: list[str]) -> str:
	return f"{len(names):,} series {about}: {', '.join(names[:SHOWN])}{' ...' if len(names) > SHOWN else '.'}"


def _warn_of_later(table: Periods, untils: np.ndarray, rules: TableRules, found: Prepared) -> None:
	later = int((table.place >= untils[table.series]).sum())
	if later:
		when = str(rules.until)[:10]
		found.warnings.append(
			f"{later:,} rows lie on or after {when}, the first period to forecast, and were not used."
		)
