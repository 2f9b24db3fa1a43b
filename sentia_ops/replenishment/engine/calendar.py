"""When a supplier takes orders and works: order days, closures, and what they do to lead times and reviews."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LOOK_AHEAD = 800  # days within which a supplier must take an order


@dataclass(frozen=True)
class Calendar:
	"""Attributes:
	order_days: weekdays (Monday 0) on which orders are taken; empty: any.
	closed: (first, last) days on which the supplier neither takes orders nor works, in order.
	"""

	order_days: frozenset[int] = frozenset()
	closed: tuple[tuple[date, date], ...] = ()

	@property
	def is_plain(self) -> bool:
		return not self.order_days and not self.closed

	def takes(self, day: date) -> bool:
		if self.order_days and day.weekday() not in self.order_days:
			return False
		return not any(first <= day <= last for first, last in self.closed)

	def next_chance(self, day: date) -> date:
		"""The first day from `day` on that orders are taken; `day` itself where there is none for two years."""
		for n in range(LOOK_AHEAD):
			if self.takes(day + timedelta(days=n)):
				return day + timedelta(days=n)
		return day

	def last_chance(self, day: date, earliest: date) -> date:
		"""The last day up to `day` that orders are taken, not before `earliest`; where there is none, the next chance then."""
		for n in range(max((day - earliest).days, 0) + 1):
			if self.takes(day - timedelta(days=n)) and day - timedelta(days=n) >= earliest:
				return day - timedelta(days=n)
		return self.next_chance(earliest)

	def arrival(self, ordered: date, lead_days: np.ndarray) -> np.ndarray:
		"""Days from `ordered` to arrival: the lead time, and every closed day that falls into it."""
		days = np.asarray(lead_days, dtype=float).copy()
		for first, last in self.closed:
			start = max((first - ordered).days, 0)
			length = (last - ordered).days + 1 - start
			if length > 0:
				days += np.where(days > start, length, 0)
		return days

	def closures_within(self, start: date, days: float) -> list[tuple[date, date]]:
		end = start + timedelta(days=math.ceil(days))
		return [(first, last) for first, last in self.closed if first <= end and last >= start]


def read_calendar(order_days: str, closed: str) -> tuple[Calendar, str]:
	"""(calendar, what could not be read); what cannot be read does not count."""
	wrong = []
	days = set()
	for word in str(order_days or "").replace(";", ",").split(","):
		name = word.strip()[:3].title()
		if name in WEEKDAYS:
			days.add(WEEKDAYS.index(name))
		elif name:
			wrong.append(f"order day {word.strip()}")
	spans = []
	try:
		for span in json.loads(closed or "[]"):
			first, last = date.fromisoformat(str(span["from"])[:10]), date.fromisoformat(str(span["to"])[:10])
			if last < first:
				raise ValueError
			spans.append((first, last))
	except (ValueError, KeyError, TypeError):
		wrong.append(f"closed days {closed}")
	return Calendar(frozenset(days), _merged(sorted(spans))), "; ".join(wrong)


def _merged(spans: list[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
	"""Overlapping spans as one, so that no day counts twice."""
	found: list[tuple[date, date]] = []
	for first, last in spans:
		if found and first <= found[-1][1] + timedelta(days=1):
			found[-1] = (found[-1][0], max(found[-1][1], last))
		else:
			found.append((first, last))
	return tuple(found)
