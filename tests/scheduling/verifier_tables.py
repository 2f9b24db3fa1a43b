"""Checks a written schedule (scheduled_operations) against the tables it was made from, minute by minute.

The longest way round on purpose: clock times are turned into UTC one by one, and whether a workstation is open is asked
for every single minute, straight from shifts and exceptions. Nothing of the app is imported.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pandas as pd

MINUTE = pd.Timedelta(minutes=1)


def wrong_in_tables(tables: dict[str, pd.DataFrame], rows: pd.DataFrame, zone: str = "UTC") -> list[str]:
	"""Sentences on what `rows` of scheduled_operations do that `tables` (name -> rows) forbid."""
	clock = Clock(tables, zone)
	jobs = tables["jobs"].set_index("job")
	modes = {
		(m.job, m.step, m.workstation): m for m in tables["operation_modes"].itertuples() if m.minutes > 0
	}
	asked = {(o.job, o.step): o for o in tables["operations"].itertuples()}
	placed = {(r.job, r.step): r for r in rows.itertuples()}
	found = []
	for key, row in placed.items():
		operation = asked.get(key)
		if operation is None or row.kind in ("rework", "maintenance") or row.fixed_why:
			continue
		mode = modes.get((*key, row.workstation))
		if mode is None:
			found.append(f"{key} cannot run on {row.workstation}")
			continue
		found += _hours(clock, key, row, operation, mode)
		found += _order(clock, key, row, operation, asked, placed)
		job = jobs.loc[row.job]
		for what in ("release_at", "material_at"):
			if (
				pd.notna(job[what])
				and row.starts_at < job[what]
				and (what == "release_at" or operation.step == 0)
			):
				found.append(f"{key} starts {row.starts_at}, before {what} {job[what]}")
	return [*found, *_stations(clock, tables, placed, asked, modes)]


class Clock:
	"""Local timestamps as UTC minutes, and whether a station is open in one."""

	def __init__(self, tables: dict[str, pd.DataFrame], zone: str):
		self.zone = ZoneInfo(zone)
		self.stations = {w.workstation: w for w in tables["workstations"].itertuples()}
		self.shifts = defaultdict(list)
		for s in tables["shifts"].itertuples():
			self.shifts[s.workstation, s.weekday].append((_minutes(s.from_time), _minutes(s.to_time)))
		self.exceptions = defaultdict(list)
		for e in tables["calendar_exceptions"].itertuples():
			self.exceptions[e.workstation].append((e.starts_at, e.ends_at, e.open))
		self.open = lru_cache(maxsize=None)(self._open)

	def utc(self, local: pd.Timestamp, fold: int = 0) -> int:
		moment = local.to_pydatetime().replace(tzinfo=self.zone, fold=fold)
		return math.floor(moment.timestamp() / 60)

	def span(self, row) -> tuple[int, int]:
		return self.utc(row.starts_at), self.utc(row.ends_at)

	def open_minutes(self, stations: tuple[str, ...], a: int, b: int) -> int:
		return sum(all(self.open(station, minute) for station in stations) for minute in range(a, b))

	def _open(self, station: str, minute: int) -> bool:
		local = pd.Timestamp(minute * 60, unit="s", tz="UTC").tz_convert(self.zone).tz_localize(None)
		now = [
			(kind, a == a.normalize() and b == b.normalize())
			for a, b, kind in self.exceptions[station]
			if a <= local < b
		]
		if now:  # a breakdown beats overtime, overtime beats a holiday
			return any(kind for kind, _whole in now) and all(kind or whole for kind, whole in now)
		if self.stations[station].always_open:
			return True
		at = local.hour * 60 + local.minute
		today, before = self.shifts[station, local.weekday()], self.shifts[station, (local.weekday() - 1) % 7]
		return any(a <= at < b or (b <= a <= at) for a, b in today) or any(
			b <= a and at < b for a, b in before
		)


def _minutes(text: str) -> int:
	return int(text[:2]) * 60 + int(text[3:])


def _needs(text: str) -> dict[str, int]:
	return json.loads(text) if text else {}


def _hours(clock, key, row, operation, mode) -> list[str]:
	wanted = math.ceil(mode.minutes - 1e-9)
	stations = (row.workstation, *_needs(mode.needs))
	# An hour that the clocks show twice may be either one.
	spans = [
		(clock.utc(row.starts_at, one), clock.utc(row.ends_at, other)) for one in (0, 1) for other in (0, 1)
	]
	a, b = min(spans, key=lambda span: abs(clock.open_minutes(stations, *span) - wanted))
	real = clock.open_minutes(stations, a, b)
	found = [] if real == wanted else [f"{key} has {real} open minutes on {row.workstation}, not {wanted}"]
	if not operation.splittable and b - a != wanted:
		found.append(f"{key} may not be split, but lasts {b - a} minutes of the clock")
	return found


def _order(clock, key, row, operation, asked, placed) -> list[str]:
	job, step = key
	if operation.after:
		before = json.loads(operation.after)
	else:
		before = [max((s for j, s in asked if j == job and s < step), default=None)]
	found = []
	for one in before:
		done = placed.get((job, one))
		if done is None:
			continue
		wait = clock.span(row)[0] - clock.span(done)[1]
		if wait < operation.min_wait or (pd.notna(operation.max_wait) and wait > operation.max_wait):
			found.append(f"{key} starts {wait} minutes after step {one}")
	return found


def _stations(clock, tables, placed, asked, modes) -> list[str]:
	held = defaultdict(list)
	for key, row in placed.items():
		mode = modes.get((*key, row.workstation))
		units = mode.units if mode is not None else 1
		needs = _needs(row.needs) or (_needs(mode.needs) if mode is not None else {})
		a, b = clock.span(row)
		for station, n in ((row.workstation, units), *needs.items()):
			held[station].append((a, b, n, key))
	found = [f"there is no workstation {station}" for station in held if station not in clock.stations]
	held = {station: spans for station, spans in held.items() if station in clock.stations}
	for station, spans in held.items():
		for at in sorted({a for a, _b, _n, _k in spans}):
			units = sum(n for a, b, n, _k in spans if a <= at < b)
			if units > clock.stations[station].capacity:
				found.append(f"{station} holds {units} at minute {at}")
	change = _changes(tables["setups"])
	for station, spans in held.items():
		if clock.stations[station].capacity > 1:
			continue
		for (_a, until, _n, one), (start, _b, _m, other) in pairwise(sorted(spans)):
			if one in asked and other in asked and not placed[other].fixed_why:
				need = change(station, asked[one].family, asked[other].family)
				if clock.open_minutes((station,), until, start) < need:
					found.append(f"{station}: less than {need} minutes of setup from {one} to {other}")
	return found


def _changes(setups: pd.DataFrame):
	"""The most particular row counts: station and pair, then any station, then from any family."""
	rows = {(s.workstation, s.from_family, s.to_family): int(s.minutes) for s in setups.itertuples()}

	def change(station: str, before: str, now: str) -> int:
		if not before or not now:
			return 0
		for key in ((station, before, now), (station, "", now), ("", before, now), ("", "", now)):
			if key in rows and (before != now or key[1]):
				return rows[key]
		return 0

	return change
