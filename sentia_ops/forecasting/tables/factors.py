"""A table of factors -> the factors of each history, over its periods and the horizon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.history import Factor, History

EVENTS = ("holiday", "promotion")  # nothing on days without a row; other kinds are not known there
KINDS = (*EVENTS, "price", "weather", "other")


def add_factors(
	histories: list[History], rows: pd.DataFrame, horizon: int
) -> tuple[list[History], list[str]]:
	"""Histories with their factors, and warnings.

	A period's value is the mean of the values of its days; the sum for events. A factor that has rows also where it is 0
	is not known where it has none; one that has not, is 0 there if it is an event, and else not known.

	Args:
	    rows: name, ds (datetime64[ns]), value, unique_id ("": all series), kind, known_ahead; all usable.
	"""
	warnings: list[str] = []
	tables = {key: part for key, part in rows.groupby(["name", "unique_id"], sort=True)}
	names = sorted({name for name, _ in tables})
	known = {history.key[0] for history in histories}
	strangers = sorted({series for _, series in tables} - known - {""})
	if strangers:
		warnings.append(
			f"Factors of {len(strangers):,} series that are not in the table, e.g. {strangers[0]}, were not used."
		)
	ends_early: set[str] = set()
	done = []
	for history in histories:
		found = []
		for name in names:
			part = tables.get((name, history.key[0]), tables.get((name, "")))
			if part is None:
				continue
			factor = _factor(name, part, history, horizon)
			if factor.known_ahead and np.isnan(factor.values[-horizon:]).any():
				ends_early.add(name)
			found.append(factor)
		done.append(replace(history, factors=tuple(found)))
	for name in sorted(ends_early):
		warnings.append(
			f"Factor {name} has no values for all of the horizon: where it has none it is taken as not known."
		)
	return done, warnings


def _factor(name: str, rows: pd.DataFrame, history: History, horizon: int) -> Factor:
	kind = str(rows["kind"].iloc[0])
	dates = history.calendar.dates(history.first, len(history) + horizon)
	at = _period_of(rows["ds"].to_numpy(), dates, history.calendar)
	values = rows["value"].to_numpy(float)
	inside = (at >= 0) & (at < len(dates))
	sums = np.bincount(at[inside], weights=values[inside], minlength=len(dates))
	counts = np.bincount(at[inside], minlength=len(dates))
	filled = sums if kind in EVENTS else sums / np.maximum(counts, 1)
	silent = 0.0 if kind in EVENTS and not (values == 0).any() else np.nan
	filled = np.where(counts > 0, filled, silent)
	ahead = bool(rows["known_ahead"].iloc[0])
	if not ahead:
		filled[len(history) :] = np.nan
	return Factor(name, kind, filled, ahead)


def _period_of(days: np.ndarray, dates: np.ndarray, calendar: Calendar) -> np.ndarray:
	"""Index of the period of `dates` each day lies in; -1 before the first, len(dates) after the last."""
	at = np.searchsorted(dates, days, side="right") - 1
	after = days >= calendar.dates(dates[-1], 2)[-1]
	return np.where(after, len(dates), at)
