"""Factors for the histories of a run: holidays of the countries set, and rows of FACTORS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentia_ops.errors import SentiaError
from sentia_ops.forecasting.engine.factors import Timeline, laid_over
from sentia_ops.forecasting.engine.history import Factor
from sentia_ops.forecasting.frames import FACTORS
from sentia_ops.store import Run, Store

if TYPE_CHECKING:
	from sentia_ops.forecasting.engine import ForecastSettings

SHOWN = 5  # items named in a warning


class FactorTable:
	"""The factors of every item, aligned to histories that end the day before `as_of`.

	Args:
	    rows: of FACTORS.
	    more: timelines of all items besides.
	"""

	def __init__(self, rows: pd.DataFrame, as_of: date, horizon: int, more: Sequence[Timeline] = ()):
		self.start, self.horizon = np.datetime64(as_of, "D"), horizon
		self.mixed: list[str] = []
		own: dict[str, dict[str, Timeline]] = {"": {line.name: line for line in more}}
		for (item, name), part in rows.sort_values("date").groupby(["item_code", "name"], sort=True):
			own.setdefault(item, {})[name] = self._timeline(name, part)
		self._general = own.pop("")
		self._lines = {item: self._general | self._with_general(lines) for item, lines in own.items()}
		self._aligned: dict[tuple[str, int], tuple[Factor, ...]] = {}

	def _timeline(self, name: str, rows: pd.DataFrame) -> Timeline:
		if rows["known_ahead"].nunique() > 1 and name not in self.mixed:
			self.mixed.append(name)
		days = rows["date"].to_numpy().astype("datetime64[D]")
		values = rows["value"].to_numpy(float)
		return Timeline(name, rows["kind"].iloc[-1], days, values, bool(rows["known_ahead"].all()))

	def _with_general(self, lines: dict[str, Timeline]) -> dict[str, Timeline]:
		general = self._general
		return {n: laid_over(general[n], line) if n in general else line for n, line in lines.items()}

	def of(self, item: str, periods: int) -> tuple[Factor, ...]:
		"""Factors of an item beside a history of `periods` days; histories of one length share the arrays."""
		key = (item if item in self._lines else "", periods)
		if key not in self._aligned:
			lines = self._lines.get(item, self._general).values()
			made = (line.factor(self.start, periods, self.horizon) for line in lines)
			self._aligned[key] = tuple(f for f in made if np.isfinite(f.values[:periods]).any())
		return self._aligned[key]

	def warnings(self) -> list[str]:
		"""What a planner should know: factors that stop before the horizon, and such as do not say whether they do."""
		last = self.start + np.timedelta64(self.horizon - 1, "D")
		stops: dict[tuple[str, np.datetime64], list[str]] = {}
		for item, lines in [("", self._general), *self._lines.items()]:
			for line in lines.values():
				day = line.stops(self.start, self.horizon)
				if day is not None and (not item or line is not self._general.get(line.name)):
					stops.setdefault((line.name, day), []).append(item)
		told = [
			f"Factor {name}{_of(items)} stops on {day}, before the last day forecast ({last}): "
			"it is not used after that day."
			for (name, day), items in stops.items()
		]
		return told + [
			f"Factor {name} is known ahead in some rows and not in others: it is taken as not known ahead."
			for name in self.mixed
		]


def _of(items: list[str]) -> str:
	if "" in items:
		return ""
	named = ", ".join(items[:SHOWN])
	return f" of {named}" + (f" and {len(items) - SHOWN} more items" if len(items) > SHOWN else "")


def read_factors(store: Store, run: Run, *, as_of: date, settings: ForecastSettings) -> FactorTable:
	"""Factors in the store and holidays in `settings`; what is odd about them becomes warnings of the run.

	Raises:
	    SentiaError: `settings.holidays` names no country.
	"""
	first = as_of - timedelta(days=settings.history_days)
	last = as_of + timedelta(days=settings.horizon_days)
	more = holiday_timelines(settings.holidays, first, last)
	table = FactorTable(store.read(FACTORS), as_of, settings.horizon_days, more)
	for text in table.warnings():
		run.warn(text)
	return table


def holiday_timelines(countries: str, first: date, last: date) -> list[Timeline]:
	"""Public holidays from `first` to `last`: one timeline a name, 1 on its days.

	Args:
	    countries: ISO 3166 codes, with a part of the country where wanted, separated by commas: "GB", "US-CA, DE".

	Raises:
	    SentiaError: no such country, or none such part of it.
	"""
	days: dict[str, set[np.datetime64]] = {}
	for code in (part.strip() for part in countries.split(",")):
		for day, name in _holidays(code, range(first.year, last.year + 1)) if code else ():
			if first <= day <= last:
				days.setdefault(name, set()).add(np.datetime64(day, "D"))
	return [
		Timeline(name, "holiday", np.array(sorted(found)), np.ones(len(found)))
		for name, found in sorted(days.items())
	]


def _holidays(code: str, years: range) -> list[tuple[date, str]]:
	import holidays

	country, _, part = code.upper().partition("-")
	supported = holidays.list_supported_countries()
	if country not in supported:
		raise SentiaError(
			f"Holidays: there is no country {code!r}.",
			"Use ISO 3166 codes separated by commas, for example GB or US-CA, DE.",
		)
	if part and part not in supported[country]:
		known = ", ".join(supported[country]) or "none"
		raise SentiaError(f"Holidays: {country} has no part {part!r}.", f"Known: {known}.")
	found = holidays.country_holidays(country, subdiv=part or None, years=years, language="en_US")
	# a substitute for a holiday on a weekend moves demand as the holiday does
	return [
		(day, name.replace(" (observed)", "")) for day, names in found.items() for name in names.split("; ")
	]
