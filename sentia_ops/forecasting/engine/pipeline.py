"""What open quotations, opportunities and planned maintenance are worth: weighted by how such ended before."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sentia_ops.forecasting.engine.netting import consume

PRIOR = {
	"quotation": 0.25,
	"opportunity": 0.1,
	"maintenance": 0.5,
	"ticket": 0.5,
}  # believed before any has closed
PRIOR_DEALS = 4  # closed deals that this belief weighs as much as
DAYS_TO_WIN = 30  # where none was won yet
STALE_DAYS = 90  # where too few were won to tell how long it takes
WINS_TO_TELL = 8
STALE_SHARE = 0.95  # of those won were won within this time
NORMAL = (-1.959964, -1.281552, 1.281552, 1.959964)  # of the bounds lo95, lo80, hi80, hi95


@dataclass(frozen=True)
class Record:
	"""How the closed deals of one kind ended.

	Attributes:
	    closed, won: deals; one that was won in part counts in part.
	    rate: chance that an open one is won, (won + 4 x prior) / (closed + 4): few deals say little (beta-binomial).
	    days: median from making to winning.
	    stale_after: days after which one that is still open, and not wanted on a day to come, is not believed any more.
	"""

	closed: int
	won: float
	rate: float
	days: float
	stale_after: float

	@property
	def words(self) -> str:
		if not self.closed:
			return f"none closed yet: {self.rate:.0%} assumed"
		return f"{self.won:.3g} of {self.closed} won: counted as {self.rate:.0%}"


def known_on(rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
	"""The pipeline as it was known on `as_of`: nothing made later, and what closed later still open."""
	rows = rows[rows["made_on"] <= as_of]
	return rows.assign(outcome=rows["outcome"].where(~(rows["closed_on"] > as_of), "open"))


def track_records(rows: pd.DataFrame) -> dict[str, Record]:
	"""Kind -> how its closed deals ended; a deal is a voucher, whatever the number of its lines.

	Args:
	    rows: voucher, kind, made_on, closed_on, outcome (open, won, lost).
	"""
	closed = rows[rows["outcome"] != "open"]
	closed = closed.assign(won=closed["outcome"].eq("won").astype(float))
	deals = closed.groupby(["kind", "voucher"])["won"].mean()
	won = closed[closed["won"] > 0]
	took = (won["closed_on"] - won["made_on"]).dt.days.clip(lower=0)
	return {
		kind: _record(
			deals.loc[[kind]] if kind in deals.index else deals.iloc[:0], took[won["kind"] == kind], prior
		)
		for kind, prior in PRIOR.items()
	}


def _record(deals: pd.Series, took: pd.Series, prior: float) -> Record:
	took = took.dropna()
	wins = float(deals.sum())
	return Record(
		closed=len(deals),
		won=wins,
		rate=(wins + PRIOR_DEALS * prior) / (len(deals) + PRIOR_DEALS),
		days=float(took.median()) if len(took) else float(DAYS_TO_WIN),
		stale_after=float(took.quantile(STALE_SHARE)) if len(took) >= WINS_TO_TELL else float(STALE_DAYS),
	)


def weigh(rows: pd.DataFrame, records: dict[str, Record], as_of: pd.Timestamp) -> pd.DataFrame:
	"""The open rows with what each is worth.

	Wanted on its due date, or, where none is given, as many days after it was made as those won took; never before
	`as_of`.

	Args:
	    rows: PIPELINE rows as of `as_of`, see `known_on`.

	Returns:
	    item_code, warehouse, kind, voucher, qty, rate, day (0: `as_of`), expected (qty x rate), variance (of a quantity
	    that comes whole or not at all), stale (then expected and variance are 0).
	"""
	open_rows = rows[rows["outcome"] == "open"].reset_index(drop=True)
	by_kind = {name: open_rows["kind"].map({k: getattr(r, name) for k, r in records.items()}).astype(float)
		for name in ("rate", "days", "stale_after")}  # fmt: skip
	age = (as_of - open_rows["made_on"]).dt.days
	until_due = (open_rows["due_date"] - as_of).dt.days
	day = until_due.fillna((by_kind["days"] - age).map(math.floor)).clip(lower=0).astype(int)
	stale = (age > by_kind["stale_after"]) & ~(until_due >= 0)
	rate = by_kind["rate"].where(~stale, 0.0)
	qty = open_rows["qty"]
	return open_rows[["item_code", "warehouse", "kind", "voucher", "qty"]].assign(
		rate=rate, day=day, expected=qty * rate, variance=rate * (1 - rate) * qty**2, stale=stale
	)


@dataclass(frozen=True)
class Extra:
	"""What the deals of one series add to its forecast, shapes (days,).

	Attributes:
	    mean: expected beyond the forecast.
	    variance: of that.
	    likely: of deals rather won than lost, what the forecast does not hold.
	    whole: if all were won, what the forecast does not hold.
	    by_kind: kind -> sum over the days of `mean`.
	"""

	mean: np.ndarray
	variance: np.ndarray
	likely: np.ndarray
	whole: np.ndarray
	by_kind: dict[str, float]


def beyond(left: np.ndarray, deals: pd.DataFrame, backward: int, forward: int) -> Extra:
	"""What the weighted deals ask for that the forecast does not hold: they consume it as orders do.

	Args:
	    left: forecast that no order has consumed, shape (days,).
	    deals: of `weigh`, of one series, `day` within `left`.
	"""
	day = deals["day"].to_numpy()

	def daily(values: pd.Series | np.ndarray) -> np.ndarray:
		return np.bincount(day, weights=values, minlength=len(left))

	expected = daily(deals["expected"])
	excess = consume(left, expected, backward, forward).excess
	share = np.divide(excess, expected, out=np.zeros(len(left)), where=expected > 0)
	kinds = (deals["expected"] * share[day]).groupby(deals["kind"]).sum()
	return Extra(
		mean=excess,
		variance=share**2 * daily(deals["variance"]),
		likely=share * daily(deals["qty"].where(deals["rate"] > 0.5, 0.0)),
		whole=share * daily(deals["qty"]),
		by_kind=kinds.to_dict(),
	)


def add(mean: np.ndarray, median: np.ndarray, bounds: np.ndarray, extra: Extra) -> tuple[np.ndarray, ...]:
	"""Mean, median and bounds of a forecast with `extra` on top.

	A deal comes whole or not at all, so bounds widen by its own spread, as of errors that have nothing to do with each
	other (root of the sum of squares): downwards never below the forecast without it, upwards never beyond all won.

	Args:
	    bounds: lo95, lo80, hi80, hi95, shape (4, days).
	"""
	touched = extra.mean > 0
	raised = mean + extra.mean
	wider = bounds.copy()
	for row, z in enumerate(NORMAL):
		reach = np.maximum(np.sign(z) * (bounds[row] - mean), 0.0)
		spread = np.sqrt(reach**2 + z**2 * extra.variance)
		bound = np.clip(raised + np.sign(z) * spread, bounds[row], bounds[row] + extra.whole)
		wider[row] = np.where(touched, bound, bounds[row])
	middle = np.clip(median + extra.likely, wider[1], wider[2])
	return raised, np.where(touched, middle, median), wider
