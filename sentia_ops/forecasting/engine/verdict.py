"""What may honestly be said of a forecast, in a planner's words."""

from __future__ import annotations

import math

from sentia_ops.forecasting.engine import newcomers
from sentia_ops.forecasting.engine.backtest import Scores
from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.classify import lifetimes
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.methods import pooled
from sentia_ops.forecasting.engine.methods.common import length
from sentia_ops.forecasting.engine.point import Point
from sentia_ops.forecasting.engine.repair import OUTLIER, Change, orders_kept_coming
from sentia_ops.forecasting.engine.yearly import LEAST_DAYS, YEAR

EVEN = 0.02  # a gain or loss below two in a hundred is none
YEARS = LEAST_DAYS / YEAR  # of history from which on a season of the year can be tested
MOST_LISTED = 5  # periods named one by one in a verdict
MOST_KEPT = 60  # in the parts of a forecast
LAST_TIME = {7: "last week's same day", 12: "last year's same month", 24: "the day before's same hour"}


def verdict(history: History, point: Point, scores: Scores) -> str:
	"""One to five sentences: what the forecast rests on, how it did, and what could not be tested."""
	if point.model == newcomers.NAME:
		return _launched(history, point) + _gaps(history)
	if not len(history):
		return f"No history before the first {history.calendar.period} to plan for: nothing can be said about demand."
	if not history.in_stock.any():
		return _never_in_stock(history)
	if not history.qty.any():
		return f"Only zeros in {length(len(history), history.calendar)} of history: nothing is expected."
	if point.profile.demand_class == "dead":
		return _dead(history, point)
	if len(history) < lifetimes(history.calendar).new:
		return _new(history, point) + _gaps(history)
	if point.model == "constant":
		return _constant(history, point) + _gaps(history)
	return (
		_tested(history, point, scores)
		+ _season(history, point)
		+ _silent(history, point)
		+ _changed(history, point)
		+ _gaps(history)
	)


def listed(history: History, changes: tuple[Change, ...]) -> dict[str, str]:
	"""Periods changed before methods saw them, by reason, in words: "2026-01-05: 900 -> 60"."""
	reasons = dict.fromkeys(c.reason for c in changes)
	return {reason: _all(history, [c for c in changes if c.reason == reason]) for reason in reasons}


def _all(history: History, changes: list[Change]) -> str:
	"""The newest, oldest of them first."""
	left_out = f"; {len(changes) - MOST_KEPT} earlier ones" if len(changes) > MOST_KEPT else ""
	return ", ".join(_one(history, c) for c in changes[-MOST_KEPT:]) + left_out


def _one(history: History, change: Change) -> str:
	return f"{_when(history, change.period)}: {_number(change.was)} -> {_number(change.now)}"


def _number(value: float) -> str:
	return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _when(history: History, period: int) -> str:
	if history.first is None:
		return f"{history.calendar.period} {period + 1}"
	unit = {"MS": "M", "h": "h"}.get(history.calendar.code, "D")
	return str(history.calendar.dates(history.first, period + 1)[-1].astype(f"datetime64[{unit}]"))


def _launched(history: History, point: Point) -> str:
	rests_on = point.notes[0] if point.notes else "launches of other items"
	if not history.qty.any():
		return f"Nothing sold yet: forecast as {rests_on} went from their first sale on, as if that came now."
	known = length(len(history), history.calendar)
	return f"Based on {known} of history and {rests_on}: no season can be tested."


def _new(history: History, point: Point) -> str:
	known = length(len(history), history.calendar)
	text = f"Based on {known} of history: no season can be tested; the mean is used"
	lowered = 1 - point.qty[0] / point.demand.mean()
	if lowered < EVEN:
		return f"{text}."
	return f"{text}, lowered by {lowered:.0%} as sales just after a first one run high."


def _constant(history: History, point: Point) -> str:
	every = f"every one of {len(history)} {history.calendar.period}s"
	return f"{point.demand[0]:g} on {every}: the same is expected; errors cannot be scaled."


def _never_in_stock(history: History) -> str:
	period = history.calendar.period
	text = (
		f"Out of stock on all {len(history)} {period}s of history"
		if len(history) > 1
		else f"Out of stock on its only {period}"
	)
	if history.qty.any():
		return (
			f"{text}: real demand cannot be known; the mean of what was sold in spite of it is a lower bound."
		)
	return f"{text}, and nothing sold: demand is unknown, not zero. Plan this item by hand."


def _dead(history: History, point: Point) -> str:
	period, year = history.calendar.period, round(history.calendar.year)
	text = f"No sale on the last {point.profile.idle} {period}s in stock, long for its own rhythm: nothing is expected."
	if history.calendar.code == "h" or len(history) < year:
		return text
	if history.qty[-year:][: len(point.qty)].any():
		text += f" It sold in these {'weeks' if period == 'day' else period + 's'} a year ago: if it is a seasonal item, plan it by hand."
	return text


def _tested(history: History, point: Point, scores: Scores) -> str:
	"""Against seasonal naive: by absolute error, but by squared error for slow movers.

	Whoever forecasts nothing for a slow mover has the smallest absolute error, and an empty shelf.
	"""
	period = history.calendar.period
	if not scores.days:
		return f"No {period}s were held out: the forecast is untested."
	held_out = f"on {scores.days} held-out {period}s"
	if not scores.sold:
		return f"Nothing was sold {held_out}; {scores.expected:.1f} were expected."
	slow = point.profile.demand_class in ("intermittent", "lumpy")
	ours, naive = (scores.rmsse, scores.rmsse_naive) if slow else (scores.mase, scores.mase_naive)
	if not (math.isfinite(ours) and math.isfinite(naive)):
		return f"{scores.sold:g} were sold {held_out} and {scores.expected:.1f} expected; too few sales before to scale errors."
	if slow:
		held_out += " by squared error, as befits a slow mover"
	rival = LAST_TIME.get(len(point.profile.closed), f"the {period} before")
	if naive == 0:
		return f"{rival[0].upper()}{rival[1:]} was exact {held_out}; this forecast was {'too' if ours == 0 else 'not'}."
	gain = 1 - ours / naive
	if gain > EVEN:
		return f"Beats {rival} by {gain:.0%} {held_out}."
	if gain >= -EVEN:
		return f"No better than {rival} {held_out}: treat with care."
	return f"Worse than {rival} by {-gain:.0%} {held_out}: treat with care."


def _season(history: History, point: Point) -> str:
	calendar = history.calendar
	long, years = _long_season(calendar), len(history) / calendar.year
	if point.yearly:
		return f" A season of the {long} is included: it helped on {calendar.period}s held out."
	if years < YEARS:
		adjective = "yearly" if long == "year" else "weekly"
		return (
			f" {_capital(length(len(history), calendar))} of history: a {adjective} season cannot be tested."
		)
	return f" No clear season of the {long} was found."


def _capital(text: str) -> str:
	return text[0].upper() + text[1:]


def _long_season(calendar: Calendar) -> str:
	return "week" if calendar.code == "h" else "year"


def _silent(history: History, point: Point) -> str:
	alive = point.profile.alive
	if alive > 1 - EVEN or pooled.NAME not in point.model:
		return ""
	return (
		f" No sale for {point.profile.idle} {history.calendar.period}s: by its rhythm it still sells with a chance of {alive:.0%}, "
		"and so much of its level is forecast."
	)


def _changed(history: History, point: Point) -> str:
	return _outliers(history, point) + _promotions(history, point)


def _outliers(history: History, point: Point) -> str:
	found = [c for c in point.changes if c.reason == OUTLIER]
	if not found:
		return ""
	period = history.calendar.period
	count = (
		f"1 {period} far outside all others was"
		if len(found) == 1
		else f"{len(found)} {period}s far outside all others were"
	)
	named = ", ".join(_one(history, c) for c in found[:MOST_LISTED])
	return f" {count} cut down before fitting ({named}{', ...' if len(found) > MOST_LISTED else ''})."


def _promotions(history: History, point: Point) -> str:
	period = history.calendar.period
	promoted = [c for c in point.changes if c.reason != OUTLIER]
	if not promoted:
		return ""
	effects = " and ".join(
		f"{name} multiplies demand by {uplift:.1f}" for name, uplift in point.uplifts.items()
	)
	count = f"{len(promoted)} {period}{'s' if len(promoted) > 1 else ''}"
	return f" {_capital(effects)}: taken out of {count} before fitting, put back where it is planned."


def _gaps(history: History) -> str:
	out = int((~history.in_stock).sum())
	if not out:
		return ""
	text = f" {out} of {len(history)} {history.calendar.period}s were out of stock"
	if orders_kept_coming(history.qty, history.in_stock):
		return f"{text}, but orders kept coming: they count as they are."
	return f"{text}; their demand is estimated."
