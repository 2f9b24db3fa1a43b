"""When workstations of the site work, in local time: ends of what has begun, stretches of what pauses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import frappe
import numpy as np
import pandas as pd

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.site_stations import calendar_exceptions, horizon_days, shifts, workstations
from sentia_ops.store.site_sql import SiteContext

MARGIN_DAYS = 2


class Hours:
	"""Working hours from a local time on.

	Args:
	    first: nothing before it is asked for.
	"""

	def __init__(self, ctx: SiteContext, first: datetime):
		quiet = replace(
			ctx, run=None, filters={}
		)  # what there is to say about the hours is said by their own readers
		self.zone = frappe.utils.get_system_timezone()
		day = pd.Timestamp(first).normalize()
		self.origin = day.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward").tz_convert(
			"UTC"
		)
		self.days = max((frappe.utils.now_datetime() - day).days, 0) + horizon_days() + MARGIN_DAYS
		self.shifts, self.exceptions = shifts(quiet), calendar_exceptions(quiet)
		stations = workstations(quiet)
		self.always = set(stations.loc[stations["always_open"] == 1, "workstation"])
		self._known: dict[str, np.ndarray | None] = {}

	def windows(self, workstation: str) -> np.ndarray | None:
		"""Open minutes from the origin on; None: round the clock."""
		if workstation not in self._known:
			closed = (self.exceptions["workstation"] == workstation).any()
			around = np.array([[0, self.days * calendars.DAY]], dtype=np.int64)
			if workstation not in self.always:
				found = calendars.expand(
					self.shifts, self.exceptions, workstation, self.origin, self.days, self.zone
				)
			else:
				found = calendars.subtract(around, self._closed(workstation)) if closed else None
			self._known[workstation] = found
		return self._known[workstation]

	def _closed(self, workstation: str) -> np.ndarray:
		rows = self.exceptions[(self.exceptions["workstation"] == workstation) & ~self.exceptions["open"]]
		return calendars.merge(
			np.column_stack([self._minutes(rows["starts_at"]), self._minutes(rows["ends_at"])])
		)

	def end(self, workstation: str, start: datetime, minutes: float, splittable: bool) -> datetime:
		"""When so much work is done that begins at `start` or at the next opening; out of all hours: by the clock."""
		begin, length = int(self._minutes([start])[0]), max(round(minutes), 1)
		found = calendars.finish(self.windows(workstation), begin, length, splittable)
		if found is None:
			return start + timedelta(minutes=length)
		return self.local(found[1])

	def pieces(
		self, workstation: str, start: datetime, end: datetime
	) -> list[tuple[datetime, datetime, float]]:
		"""(from, to, minutes) of the working stretches between two times; one stretch where it works in none of them."""
		a, b = (int(value) for value in self._minutes([start, end]))
		windows = self.windows(workstation)
		span = np.array([[a, b]], dtype=np.int64)
		found = span if windows is None else calendars.intersect(windows, span)
		if len(found) == 0:
			found = span
		return [(self.local(x), self.local(y), float(y - x)) for x, y in found.tolist()]

	def local(self, minutes: int) -> datetime:
		return calendars.to_local(minutes, self.origin, self.zone).to_pydatetime()

	def _minutes(self, times) -> np.ndarray:
		return calendars.to_minutes(times, self.origin, self.zone)
