"""A planner's word against the machine's: which days it governs, and what becomes of the forecast there.

The newest override of a day governs it alone. Its quantity is spread over days and warehouses as the machine's own
forecast is; where the machine expects nothing, evenly. Of a period partly over, or longer than the horizon, the days
forecast get their part of the quantity.

Intervals move along: a planner who expects twice as much expects twice as many orders of the same size, so the distance
of a bound from the mean grows with the square root of the mean, as that of a compound Poisson demand does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DAY = np.timedelta64(1, "D")
KINDS = ("set", "add", "percent")


@dataclass(frozen=True)
class Override:
	"""What a planner says of one item.

	Attributes:
	    warehouse: empty: all of the item's, in proportion to what the machine expects of each.
	    first, last: days, both included.
	    kind: "set" and "add" are quantities over all days together, "percent" changes each day.
	    made_on: None: older than all others.
	"""

	name: str
	item_code: str
	first: np.datetime64
	last: np.datetime64
	kind: str
	value: float
	reason: str
	warehouse: str = ""
	planner: str = ""
	made_on: np.datetime64 | None = None

	@property
	def age(self) -> tuple[bool, int, str]:
		"""Sorts from the oldest to the newest; the same instant by name."""
		made = 0 if self.made_on is None else int(self.made_on.astype("datetime64[us]").astype(np.int64))
		return (self.made_on is not None, made, self.name)


@dataclass(frozen=True)
class Applied:
	"""Forecasts with the overrides in them.

	Attributes:
	    paths: as given to `apply`.
	    by: index of the override that governs a cell, -1: none; shape (cells,).
	"""

	paths: np.ndarray
	by: np.ndarray


def fault(override: Override) -> str:
	"""Why an override cannot be followed, in words for its planner; empty: it can."""
	if np.isnat(override.first) or np.isnat(override.last):
		return "it has no first or last day"
	if override.last < override.first:
		return f"its last day {override.last} lies before its first day {override.first}"
	if not override.reason.strip():
		return "it gives no reason"
	if override.kind not in KINDS:
		return f"its kind must be {', '.join(KINDS)}, not {override.kind!r}"
	if not np.isfinite(override.value):
		return "its value is not a number"
	if override.kind == "percent" and override.value < -100:
		return f"it takes away {-override.value:g} %, which is more than everything"
	if override.kind == "set" and override.value < 0:
		return f"it sets demand to {override.value:g}, below nothing"
	return ""


def apply(
	overrides: Sequence[Override], warehouse: np.ndarray, day: np.ndarray, paths: np.ndarray
) -> Applied:
	"""The forecast of one item as its planners want it.

	Args:
	    overrides: of this item, without a `fault`; in any order.
	    warehouse, day: of each cell, that is a day in a warehouse; shape (cells,).
	    paths: mean, then median and bounds, stock UOM a day, none negative; shape (measures, cells).
	"""
	paths, machine = paths.astype(float), paths[0].astype(float)
	by, wanted = np.full(len(day), -1), machine.copy()
	ordered = sorted(range(len(overrides)), key=lambda i: overrides[i].age)
	for index in ordered:
		override = overrides[index]
		cells = (day >= override.first) & (day <= override.last)
		if override.warehouse:
			cells &= warehouse == override.warehouse
		by[cells] = index
		wanted[cells] = _wanted(override, machine[cells], len(np.unique(day[cells])))
	moved = by >= 0
	paths[:, moved] = move(paths[:, moved], wanted[moved])
	return Applied(paths, by)


def _wanted(override: Override, machine: np.ndarray, days: int) -> np.ndarray:
	"""Means of the cells an override covers; `days` of its period are forecast."""
	if override.kind == "percent":
		return machine * (1 + override.value / 100)
	period = int((override.last - override.first) / DAY) + 1
	total, expected = override.value * days / period, machine.sum()
	share = machine / expected if expected > 0 else np.full(len(machine), 1 / max(len(machine), 1))
	return np.maximum(total * share + (machine if override.kind == "add" else 0.0), 0.0)


def move(paths: np.ndarray, wanted: np.ndarray) -> np.ndarray:
	"""Mean, median and bounds moved to the mean `wanted`, none below zero.

	Args:
	    paths: the mean first, shape (measures, cells).
	    wanted: shape (cells,).
	"""
	mean = paths[0]
	with np.errstate(divide="ignore", invalid="ignore"):
		growth = np.sqrt(np.where(mean > 0, wanted / mean, 1.0))
	return np.maximum(wanted + growth * (paths - mean), 0.0)
