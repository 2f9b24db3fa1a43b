"""What may honestly be said of a forecast, in a planner's words."""

from __future__ import annotations

import math

from sentia_ops.forecasting.engine.backtest import Scores
from sentia_ops.forecasting.engine.classify import lifetimes
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.point import Point
from sentia_ops.forecasting.engine.repair import orders_kept_coming
from sentia_ops.forecasting.engine.yearly import LEAST_DAYS

EVEN = 0.02  # a gain or loss below two in a hundred is none
YEAR = 365


def verdict(history: History, point: Point, scores: Scores) -> str:
	"""One to four sentences: what the forecast rests on, how it did, and what could not be tested."""
	days = len(history)
	if days == 0:
		return "No history before the first day to plan for: nothing can be said about demand."
	if not history.in_stock.any():
		return _never_in_stock(history)
	if not history.qty.any():
		return f"Only zeros in {_length(days)} of history: nothing is expected."
	if point.profile.demand_class == "dead":
		return _dead(history, point)
	if days < lifetimes(history.calendar).new:
		return _new(days, point) + _gaps(history)
	if point.model == "constant":
		same = (
			f"{point.demand[0]:g} on every one of {days} days: the same is expected; errors cannot be scaled."
		)
		return same + _gaps(history)
	return (
		_tested(scores, point.profile.demand_class) + _season(days, point) + _spikes(point) + _gaps(history)
	)


def _new(days: int, point: Point) -> str:
	text = f"Based on {_length(days)} of history: no season can be tested; the mean is used"
	lowered = 1 - point.qty[0] / point.demand.mean()
	if lowered < EVEN:
		return f"{text}."
	return f"{text}, lowered by {lowered:.0%} as sales just after a first one run high."


def _never_in_stock(history: History) -> str:
	days = (
		f"Out of stock on all {len(history)} days of history"
		if len(history) > 1
		else "Out of stock on its only day"
	)
	if history.qty.any():
		return (
			f"{days}: real demand cannot be known; the mean of what was sold in spite of it is a lower bound."
		)
	return f"{days}, and nothing sold: demand is unknown, not zero. Plan this item by hand."


def _dead(history: History, point: Point) -> str:
	text = f"No sale on the last {point.profile.idle} days in stock, long for its own rhythm: nothing is expected."
	last_year = history.qty[-YEAR:][: len(point.qty)] if len(history) >= YEAR else history.qty[:0]
	if last_year.any():
		text += " It sold in these weeks a year ago: if it is a seasonal item, plan it by hand."
	return text


def _tested(scores: Scores, demand_class: str) -> str:
	"""Against seasonal naive: by absolute error, but by squared error for slow movers.

	Whoever forecasts nothing for a slow mover has the smallest absolute error, and an empty shelf.
	"""
	if not scores.days:
		return "No days were held out: the forecast is untested."
	held_out = f"on {scores.days} held-out days"
	if not scores.sold:
		return f"Nothing was sold {held_out}; {scores.expected:.1f} were expected."
	slow = demand_class in ("intermittent", "lumpy")
	ours, naive = (scores.rmsse, scores.rmsse_naive) if slow else (scores.mase, scores.mase_naive)
	if not (math.isfinite(ours) and math.isfinite(naive)):
		return f"{scores.sold:g} were sold {held_out} and {scores.expected:.1f} expected; too few sales before to scale errors."
	if slow:
		held_out += " by squared error, as befits a slow mover"
	if naive == 0:
		return (
			f"Last week's same day was exact {held_out}; this forecast was {'too' if ours == 0 else 'not'}."
		)
	gain = 1 - ours / naive
	if gain > EVEN:
		return f"Beats last week's same day by {gain:.0%} {held_out}."
	if gain >= -EVEN:
		return f"No better than last week's same day {held_out}: treat with care."
	return f"Worse than last week's same day by {-gain:.0%} {held_out}: treat with care."


def _season(days: int, point: Point) -> str:
	if point.yearly:
		return " A season of the year is included: it helped on days held out."
	if days < LEAST_DAYS:
		return f" {_length(days)} of history: a yearly season cannot be tested.".replace("  ", " ")
	return " No clear season of the year was found."


def _spikes(point: Point) -> str:
	if not point.spikes:
		return ""
	days = (
		"1 day far outside all others was"
		if point.spikes == 1
		else f"{point.spikes} days far outside all others were"
	)
	return f" {days} cut down before fitting."


def _gaps(history: History) -> str:
	out = int((~history.in_stock).sum())
	if not out:
		return ""
	if orders_kept_coming(history.qty, history.in_stock):
		return f" {out} of {len(history)} days were out of stock, but orders kept coming: they count as they are."
	return f" {out} of {len(history)} days were out of stock; their demand is estimated."


def _length(days: int) -> str:
	if days >= 90:
		return f"{days / 30.4:.0f} months"
	return f"{days} days" if days != 1 else "1 day"
