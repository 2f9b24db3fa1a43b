"""What kind of demand a series is, which decides the methods that suit it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.history import History, phases

ADI_LIMIT, CV2_LIMIT = 1.32, 0.49  # Syntetos, Boylan and Croston 2005
CLOSED_EXPECTED = 7.0  # sales a place in the season should have seen; seeing none by chance: e^-7
CLOSING = ("D", "h")  # a shop shuts on weekdays and at night; a month without a sale is a quiet month
DEAD_ALIVE = 0.02  # chance of being alive below which an item counts as dead


@dataclass(frozen=True)
class Lifetimes:
	"""What is long for a series with such periods.

	Attributes:
	    new: with less history no season and no class can be told.
	    quiet: no silence up to this long says anything.
	    dead: no shorter silence counts as the end.
	    rhythm: least time over which a rhythm is counted.
	    life: mean time an item is sold before it is dropped: three years.
	"""

	new: int
	quiet: int
	dead: int
	rhythm: int
	life: float


LIFETIMES = {
	"h": Lifetimes(new=72, quiet=168, dead=504, rhythm=336, life=3 * 8766.0),
	"D": Lifetimes(new=28, quiet=28, dead=56, rhythm=90, life=3 * 365.25),
	"W": Lifetimes(new=8, quiet=4, dead=8, rhythm=13, life=3 * 52.18),
	"MS": Lifetimes(new=6, quiet=2, dead=4, rhythm=6, life=36.0),
}


@dataclass(frozen=True)
class Profile:
	"""The class of a series and what led to it.

	Attributes:
	    demand_class: smooth, erratic, intermittent, lumpy, new or dead.
	    adi: average demand interval: periods open and in stock per period with a sale; infinite without sales.
	    cv2: squared coefficient of variation of the size of non-zero periods.
	    closed: True for places in the season (weekdays, hours) at which nothing is ever sold; shape (season,).
	    idle: periods open and in stock since the last sale.
	    alive: chance that the item still sells, by its silence and its own rhythm; 1 while it sells.
	"""

	demand_class: str
	adi: float
	cv2: float
	closed: np.ndarray
	idle: int
	alive: float = 1.0


def lifetimes(calendar: Calendar) -> Lifetimes:
	return LIFETIMES[calendar.code]


def classify(history: History, season: int | None = None) -> Profile:
	"""Class by average demand interval and size variation (Syntetos, Boylan and Croston 2005).

	Two departures from the paper: weekdays on which the seller is closed do not count as days without demand (a
	shop shut at weekends is not intermittent), nor do days without stock. Before the paper's four classes come
	`new` (under four weeks, eight weeks, six months or three days; or never in stock) and `dead` (silent for long, and
	hardly alive by its own rhythm).

	Args:
	    season: periods of the short season; None: that of the history's calendar.
	"""
	season = history.calendar.season if season is None else season
	life = lifetimes(history.calendar)
	sales = history.qty > 0
	closed = closed_places(history, season)
	is_open = history.observed & ~closed[phases(0, len(history), season)]
	idle = _idle(sales, is_open & history.in_stock)
	alive = _alive(sales, is_open, idle, life)
	sizes = history.qty[sales]
	cv2 = float((sizes.std() / sizes.mean()) ** 2) if len(sizes) else 0.0
	adi = int(is_open.sum()) / sales.sum() if sales.any() else float("inf")
	if not history.in_stock.any() or len(history) < life.new:
		name = "new"
	elif not sales.any() or (idle >= life.dead and alive < DEAD_ALIVE):
		name = "dead"
	elif adi < ADI_LIMIT:
		name = "smooth" if cv2 < CV2_LIMIT else "erratic"
	else:
		name = "intermittent" if cv2 < CV2_LIMIT else "lumpy"
	return Profile(name, adi, cv2, closed, idle, alive)


def closed_places(history: History, season: int) -> np.ndarray:
	"""Weekdays, or hours, without a single sale although at least seven were to be expected; bool, shape (season,)."""
	if history.calendar.code not in CLOSING:
		return np.zeros(season, dtype=bool)
	place = phases(0, len(history), season)
	seen = np.bincount(place[history.observed], minlength=season)
	sold = np.bincount(place[history.qty > 0], minlength=season)
	share = sold.sum() / max(seen.sum(), 1)
	return (sold == 0) & (seen * share >= CLOSED_EXPECTED)


def _idle(sales: np.ndarray, counted: np.ndarray) -> int:
	sold = np.flatnonzero(sales)
	return int(counted[sold[-1] + 1 if len(sold) else 0 :].sum())


def _alive(sales: np.ndarray, is_open: np.ndarray, idle: int, life: Lifetimes) -> float:
	"""Chance that sales at the item's own rhythm will come again, after so long a silence.

	Sales at random (Poisson) with the rate seen until the last one, until a death that comes at random with the mean
	lifetime (Schmittlein, Morrison and Colombo 1987, with the rates taken as known). So a forecast fades with silence,
	instead of falling from all to nothing on one day, which would drop one live slow mover in 150.
	"""
	sold = np.flatnonzero(sales)
	if not len(sold):
		return 0.0
	rate = len(sold) / max(int(is_open[: sold[-1] + 1].sum()), life.rhythm)
	death = 1 / life.life
	silent = np.exp(-(rate + death) * max(idle - life.quiet, 0))
	return float(silent / (silent + death / (rate + death) * (1 - silent)))
