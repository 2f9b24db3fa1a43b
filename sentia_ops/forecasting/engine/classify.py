"""What kind of demand a series is, which decides the methods that suit it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.history import History, phases

ADI_LIMIT, CV2_LIMIT = 1.32, 0.49  # Syntetos, Boylan and Croston 2005
NEW_DAYS = 28  # with less history no season and no class can be told
DEAD_DAYS = 56  # no shorter silence counts as the end
DEAD_MISSED = 5.0  # sales missed by the item's own rhythm; by chance (Poisson) once in 150 items
RHYTHM_DAYS = 90  # least time over which a rhythm is counted
CLOSED_EXPECTED = 7.0  # sales a weekday should have seen; seeing none by chance: e^-7


@dataclass(frozen=True)
class Profile:
	"""The class of a series and what led to it.

	Attributes:
	    demand_class: smooth, erratic, intermittent, lumpy, new or dead.
	    adi: average demand interval: days open and in stock per day with a sale; infinite without sales.
	    cv2: squared coefficient of variation of the size of non-zero days.
	    closed: True for weekdays (places in the season) on which nothing is ever sold; shape (season,).
	    idle_days: days in stock since the last sale.
	"""

	demand_class: str
	adi: float
	cv2: float
	closed: np.ndarray
	idle_days: int


def classify(history: History, season: int = 7) -> Profile:
	"""Class by average demand interval and size variation (Syntetos, Boylan and Croston 2005).

	Two departures from the paper: weekdays on which the seller is closed do not count as days without demand (a
	shop shut at weekends is not intermittent), nor do days without stock. Before the paper's four classes come
	`new` (under four weeks, or never in stock) and `dead` (silent for eight weeks and long by its own rhythm).
	"""
	seen = history.observed
	sales = history.qty > 0
	closed = closed_weekdays(history, season)
	idle = _idle_days(history)
	sizes = history.qty[sales]
	cv2 = float((sizes.std() / sizes.mean()) ** 2) if len(sizes) else 0.0
	open_days = int((seen & ~closed[phases(0, len(history), season)]).sum())
	adi = open_days / sales.sum() if sales.any() else float("inf")
	if not history.in_stock.any():
		name = "new"
	elif len(history) < NEW_DAYS:
		name = "new"
	elif not sales.any() or _is_dead(history, idle):
		name = "dead"
	elif adi < ADI_LIMIT:
		name = "smooth" if cv2 < CV2_LIMIT else "erratic"
	else:
		name = "intermittent" if cv2 < CV2_LIMIT else "lumpy"
	return Profile(name, adi, cv2, closed, idle)


def closed_weekdays(history: History, season: int = 7) -> np.ndarray:
	"""Weekdays without a single sale although at least seven were to be expected; bool, shape (season,)."""
	days = phases(0, len(history), season)
	seen = np.bincount(days[history.observed], minlength=season)
	sold = np.bincount(days[history.qty > 0], minlength=season)
	share = sold.sum() / max(seen.sum(), 1)
	return (sold == 0) & (seen * share >= CLOSED_EXPECTED)


def _idle_days(history: History) -> int:
	sold = np.flatnonzero(history.qty > 0)
	after = sold[-1] + 1 if len(sold) else 0
	return int(history.in_stock[after:].sum())


def _is_dead(history: History, idle: int) -> bool:
	sold = np.flatnonzero(history.qty > 0)
	alive = int(history.observed[: sold[-1] + 1].sum())
	rhythm = len(sold) / max(alive, RHYTHM_DAYS)
	return idle >= DEAD_DAYS and idle * rhythm >= DEAD_MISSED
