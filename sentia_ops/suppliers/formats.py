"""Texts within tables: weekdays, closures and price breaks."""

from __future__ import annotations

import json
import math
from datetime import date
from itertools import pairwise
from typing import Any

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def read_weekdays(text: str) -> list[str]:
	"""Weekdays in the order of the week, from "Thursday, mon" or the like.

	Raises:
	    ValueError: naming the first word that is no weekday.
	"""
	found = set()
	for word in text.replace(";", ",").replace(" ", ",").split(","):
		if not word:
			continue
		short = word[:3].capitalize()
		if short not in WEEKDAYS:
			raise ValueError(f"{word} is no weekday.")
		found.add(short)
	return [day for day in WEEKDAYS if day in found]


def is_weekdays(text: str) -> bool:
	return all(day in WEEKDAYS for day in text.split(",")) if text else True


def is_closures(text: str) -> bool:
	rows = _rows(text)
	try:
		return rows is not None and all(
			date.fromisoformat(row["from"]) <= date.fromisoformat(row["to"]) for row in rows
		)
	except (KeyError, TypeError, ValueError):
		return False


def is_breaks(text: str) -> bool:
	rows = _rows(text)
	try:
		quantities = [float(row["qty"]) for row in rows or []]
		prices = [float(row["price"]) for row in rows or []]
	except (KeyError, TypeError, ValueError):
		return False
	rising = all(low < high for low, high in pairwise(quantities))
	positive = all(0 < qty < math.inf for qty in quantities) and all(0 <= p < math.inf for p in prices)
	return rows is not None and rising and positive


def _rows(text: str) -> list[dict[str, Any]] | None:
	try:
		rows = json.loads(text)
	except ValueError:
		return None
	return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None
