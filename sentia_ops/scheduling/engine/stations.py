"""Workstations, people and tools of the tables as resources: calendars, lanes, setup matrices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.problem import Resource


@dataclass
class Stations:
	"""All resources of a problem.

	Attributes:
	    lanes: name of a workstation -> its resources; more than one where its capacity is split into lanes, because
	        setups are between what follows each other on one piece of equipment.
	    closures: resource -> (from, until, reason) minutes of each exception that closes it.
	"""

	origin: pd.Timestamp
	zone: str
	days: int
	resources: list[Resource] = field(default_factory=list)
	lanes: dict[str, list[int]] = field(default_factory=dict)
	capacity: dict[str, int] = field(default_factory=dict)
	setups: dict[int, np.ndarray] = field(default_factory=dict)
	families: list[str] = field(default_factory=list)
	closures: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
	warnings: list[str] = field(default_factory=list)

	def windows(self, name: str) -> np.ndarray | None:
		return self.resources[self.lanes[name][0]].windows

	def family(self, name: str) -> int | None:
		return self.families.index(name) if name in self.families else None

	def names(self) -> dict[int, str]:
		"""Resource -> name of its workstation."""
		return {r: name for name, mine in self.lanes.items() for r in mine}


def make(
	tables, modes: dict, operations: pd.DataFrame, origin: pd.Timestamp, zone: str, days: int
) -> Stations:
	"""All rows of WORKSTATIONS as resources.

	Args:
	    modes: (job, step) -> rows of OPERATION_MODES with their needs read: what runs where decides on lanes.
	    days: how far calendars reach.
	"""
	made = Stations(origin, zone, days)
	made.families = _families(tables, operations)
	used, several, helpers = _use(modes, operations)
	change = setup_minutes(tables.setups)
	for row in tables.workstations.drop_duplicates("workstation").itertuples(index=False):
		windows, closures = _hours(tables, row, made)
		matrix = _matrix(made.families, change, row.workstation)
		mine = [made.families.index(family) for family in sorted(used.get(row.workstation, ()))]
		wanted = row.kind == "machine" and len(mine) > 0 and matrix[np.ix_(mine, mine)].any()
		wanted = wanted or (bool(row.initial_family) and bool(mine) and matrix[:, mine].any())
		why_not = _no_setups(row, several, helpers) if wanted else ""
		if why_not:
			made.warnings.append(f"{row.workstation}: its setup times are not counted, {why_not}.")
		setups = wanted and not why_not
		lanes = int(row.capacity) if setups else 1
		made.lanes[row.workstation] = list(range(len(made.resources), len(made.resources) + lanes))
		made.capacity[row.workstation] = int(row.capacity)
		for lane in range(lanes):
			r = len(made.resources)
			if setups:
				made.setups[r] = matrix
			made.closures[r] = closures
			made.resources.append(
				Resource(
					f"{row.workstation} #{lane + 1}" if lanes > 1 else row.workstation,
					capacity=1 if setups else int(row.capacity),
					windows=windows,
					batch=bool(row.batch),
					kind=row.kind,
					initial_family=made.family(row.initial_family) if setups else None,
				)
			)
	return made


def setup_minutes(setups: pd.DataFrame):
	"""Function (workstation, from, to) -> minutes of setup by the rows of SETUPS; 0 where none says otherwise.

	The most particular row counts: a workstation's own pair, its "from any other", then the pair and the "from any
	other" of every workstation. "Any other" is never the family itself.
	"""
	rows = {
		(s.workstation, s.from_family, s.to_family): int(s.minutes) for s in setups.itertuples(index=False)
	}

	def minutes(workstation: str, before: str, now: str) -> int:
		for station in (workstation, ""):
			if (station, before, now) in rows:
				return rows[station, before, now]
			if before != now and (station, "", now) in rows:
				return rows[station, "", now]
		return 0

	return minutes


def _matrix(families: list[str], change, workstation: str) -> np.ndarray:
	cells = [[change(workstation, before, now) for now in families] for before in families]
	return np.array(cells, dtype=np.int64).reshape(len(families), len(families))


def _families(tables, operations: pd.DataFrame) -> list[str]:
	return sorted((set(operations["family"]) | set(tables.workstations["initial_family"])) - {""})


def _use(modes: dict, operations: pd.DataFrame) -> tuple[dict[str, set[str]], set[str], set[str]]:
	"""Workstation -> setup families that may run there; those asked for several units; those needed beside others."""
	family = {(o.job, o.step): o.family for o in operations.itertuples(index=False)}
	used: dict[str, set[str]] = {}
	several, helpers = set(), set()
	for key, rows in modes.items():
		for mode, needs in rows:
			if family.get(key):
				used.setdefault(mode.workstation, set()).add(family[key])
			if mode.units > 1:
				several.add(mode.workstation)
			helpers.update(needs or ())
	return used, several, helpers


def _no_setups(row, several: set[str], helpers: set[str]) -> str:
	if row.batch and row.capacity > 1:
		return "because it runs batches"
	if row.workstation in helpers:
		return "because other operations need it beside their own workstation"
	if row.capacity > 1 and row.workstation in several:
		return "because some operations take several of its places at once"
	return ""


def _hours(tables, row, made: Stations) -> tuple[np.ndarray | None, list[tuple[int, int, str]]]:
	exceptions = tables.calendar_exceptions
	own = exceptions[exceptions["workstation"] == row.workstation]
	closed = own[~own["open"].astype(bool)]
	starts = calendars.to_minutes(closed["starts_at"], made.origin, made.zone).tolist()
	ends = calendars.to_minutes(closed["ends_at"], made.origin, made.zone).tolist()
	closures = list(zip(starts, ends, closed["reason"], strict=True))
	if row.always_open:
		if not closures:
			return None, []
		around = np.array([[0, made.days * calendars.DAY]], dtype=np.int64)
		return calendars.subtract(around, calendars.merge([span[:2] for span in closures])), closures
	made.warnings.extend(calendars.overlapping(tables.shifts, row.workstation))
	windows = calendars.expand(tables.shifts, exceptions, row.workstation, made.origin, made.days, made.zone)
	return windows, closures
