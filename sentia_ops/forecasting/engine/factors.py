"""What moves demand besides time, laid beside a history: a value for each day known, and nothing where it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.history import Factor

DAY = np.timedelta64(1, "D")
EVENTS = ("holiday", "promotion")


@dataclass(frozen=True)
class Timeline:
	"""Values of one factor by day.

	Attributes:
	    days: rising, without repeats; shape (values,).
	    known_ahead: False: values of days to come must not be used.
	"""

	name: str
	kind: str
	days: np.ndarray
	values: np.ndarray
	known_ahead: bool = True

	@property
	def is_event(self) -> bool:
		"""Only the days on which something was on are given, so that all others mean nothing was."""
		return self.kind in EVENTS and bool((self.values != 0).all())

	def stops(self, start: np.datetime64, horizon: int) -> np.datetime64 | None:
		"""The last day known, where a factor that should be known for the whole horizon is not; else None."""
		if self.is_event or not self.known_ahead or self.days[-1] >= start + (horizon - 1) * DAY:
			return None
		return self.days[-1]

	def factor(self, start: np.datetime64, periods: int, horizon: int) -> Factor:
		"""The factor beside a daily history of `periods` days that ends the day before `start`.

		A price holds until the next one; other gaps stay unknown (NaN), as do the days after the last one known.
		"""
		values = np.full(periods + horizon, 0.0 if self.is_event else np.nan)
		place = ((self.days - start) / DAY).astype(int) + periods
		if self.kind == "price":
			held = np.searchsorted(place, np.arange(len(values)), side="right") - 1
			known = (held >= 0) & (np.arange(len(values)) <= place[-1])
			values[known] = self.values[held[known]]
		else:
			inside = (place >= 0) & (place < len(values))
			values[place[inside]] = self.values[inside]
		if not self.known_ahead:
			values[periods:] = np.nan
		return Factor(self.name, self.kind, values, self.known_ahead)


def laid_over(general: Timeline, own: Timeline) -> Timeline:
	"""A factor of all items with an item's own values in place of those of the same days."""
	kept = ~np.isin(general.days, own.days)
	days = np.concatenate([general.days[kept], own.days])
	order = np.argsort(days)
	values = np.concatenate([general.values[kept], own.values])
	ahead = general.known_ahead and own.known_ahead
	return Timeline(own.name, own.kind, days[order], values[order], ahead)
