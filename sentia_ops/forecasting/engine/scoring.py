"""Forecasts that were kept, scored once their days are over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.history import History, phases
from sentia_ops.forecasting.engine.measures import coverage, mean_scale, pinball, root_scale
from sentia_ops.forecasting.engine.repair import fill_stockouts, orders_kept_coming

NAN = float("nan")
SIGNAL_LIMIT = 4.0  # mean absolute errors: 3.2 standard deviations of a normal error (Brown 1959; Trigg 1964)
MEAN_ABSOLUTE = 0.8  # of a normal error, in standard deviations: sqrt(2 / pi)
WORSE_LIMIT = 3.0  # standard errors of the mean absolute error
WORSE_LEAST = 1.25  # times what was promised: less is not worth a planner's time
LEAN_LEAST = 0.05  # of what was sold, by which all series together must be off
LEAN_LIMIT = 4.0  # standard deviations of the sign test: series of one company share their ups and downs
LEAST_DAYS = 7  # scored; with fewer nothing is said of drift


@dataclass(frozen=True)
class Kept:
	"""A forecast as it was made; quantities in stock UOM a day.

	Attributes:
	    qty, machine: what was planned with, and what it was before a planner's override; shape (days,).
	    naive: the seasonal naive forecast of the same days, shape (days,).
	    bounds: lo95, lo80, hi80, hi95, shape (4, days).
	    mean_scale, root_scale: denominators of MASE and RMSSE, from the history before; NaN: there is none.
	    promised_mase, promised_std: of the backtest then (`Quality.mase`, `Quality.error_std`); NaN: untested.
	"""

	qty: np.ndarray
	machine: np.ndarray
	naive: np.ndarray
	bounds: np.ndarray
	mean_scale: float = NAN
	root_scale: float = NAN
	promised_mase: float = NAN
	promised_std: float = NAN


@dataclass(frozen=True)
class Score:
	"""How a kept forecast did on its days in stock; NaN where a figure has no meaning.

	`sold`, `expected` and `expected_machine` are sums over the days scored, `bias` is (expected - sold) / sold, and `drift`
	is that of the machine's figure: see `drift_of`.
	"""

	days_scored: int = 0
	sold: float = 0.0
	expected: float = 0.0
	expected_machine: float = 0.0
	bias: float = NAN
	mase: float = NAN
	mase_machine: float = NAN
	mase_naive: float = NAN
	rmsse: float = NAN
	scaled_pinball: float = NAN
	coverage95: float = NAN
	drift: str = ""


def yardstick(history: History, days: int) -> tuple[np.ndarray, float, float]:
	"""What a forecast from the end of `history` will be measured with: the seasonal naive path (days,), and both scales.

	Stock-out days are filled in first, as for the forecast itself.
	"""
	season = history.calendar.season
	demand = history.qty
	if not orders_kept_coming(history.qty, history.in_stock):
		demand = fill_stockouts(history.qty, history.in_stock, season)
	if not len(demand):
		return np.zeros(days), NAN, NAN
	last = demand[-season:]
	return last[phases(0, days, len(last))], mean_scale(demand, season), root_scale(demand, season)


def happened(history: History, ago: int, days: int) -> tuple[np.ndarray, np.ndarray]:
	"""What was sold on `days` periods from `ago` before the end of `history` on, and which of them can be scored.

	Days without stock cannot, unless orders kept coming all the same; nor can days before the history.
	"""
	sold, seen = np.zeros(days), np.zeros(days, dtype=bool)
	first = len(history) - ago
	known = slice(max(first, 0), max(first + days, 0))
	at = slice(max(-first, 0), max(-first, 0) + len(history.qty[known]))
	sold[at] = history.qty[known]
	seen[at] = True if orders_kept_coming(history.qty, history.in_stock) else history.in_stock[known]
	return sold, seen


def score(kept: Kept, sold: np.ndarray, seen: np.ndarray) -> Score:
	"""Score a kept forecast.

	Args:
	    sold: what happened, shape (days,).
	    seen: days that can be scored, shape (days,).

	Measures as in the backtest: MASE by Hyndman and Koehler (2006), RMSSE and scaled pinball loss by Makridakis and others
	(2022), the latter over the four bounds kept.
	"""
	at = np.flatnonzero(seen)
	if not len(at):
		return Score()
	actual, errors = sold[at], sold[at] - kept.qty[at]
	total, expected = float(actual.sum()), float(kept.qty[at].sum())
	ranges = kept.bounds[:, at]
	return Score(
		days_scored=len(at),
		sold=total,
		expected=expected,
		expected_machine=float(kept.machine[at].sum()),
		bias=(expected - total) / total if total > 0 else NAN,
		mase=float(np.abs(errors).mean()) / kept.mean_scale,
		mase_machine=float(np.abs(actual - kept.machine[at]).mean()) / kept.mean_scale,
		mase_naive=float(np.abs(actual - kept.naive[at]).mean()) / kept.mean_scale,
		rmsse=float(np.sqrt((errors**2).mean())) / kept.root_scale,
		scaled_pinball=pinball(actual, ranges) / kept.mean_scale,
		coverage95=coverage(actual, ranges[0], ranges[3]),
		drift=drift_of(kept, actual - kept.machine[at]),
	)


def drift_of(kept: Kept, errors: np.ndarray) -> str:
	"""Whether the machine's figure was one-sidedly wrong ("too high", "too low"), or "worse" than promised; else empty.

	One-sided: the tracking signal, the sum of errors over the mean absolute error that such a sum was promised to have, lies
	beyond +-4 (Brown 1959, Statistical Forecasting for Inventory Control; Trigg 1964, Operational Research Quarterly 15).
	The promise is the backtest's error of a sum over weeks, in which days are not taken to be independent: divided by the
	mean absolute error of single days, as is often done, four weeks of chance alone would pass the limit every other time.

	Worse: the mean absolute error is more than a quarter above the backtest's, and more than three standard errors.

	Args:
	    errors: sold less expected on the days scored, shape (days,).
	"""
	days = len(errors)
	if days < LEAST_DAYS:
		return ""
	usual = MEAN_ABSOLUTE * kept.promised_std * np.sqrt(days)
	if abs(errors.sum()) > SIGNAL_LIMIT * usual:  # never where the promise is NaN
		return "too low" if errors.sum() > 0 else "too high"
	size = np.abs(errors)
	promised = kept.promised_mase * kept.mean_scale
	surely = size.mean() - WORSE_LIMIT * size.std(ddof=1) / np.sqrt(days)
	return "worse" if size.mean() > WORSE_LEAST * promised and surely > promised else ""


def lean(expected: np.ndarray, sold: np.ndarray) -> tuple[float, str, int]:
	"""Whether the forecasts of many series lean to one side together, each by so little that none drifts by itself.

	They do where their sum is off by 5 % or more, and a sign test (as many above as below) fails by four standard deviations.

	Args:
	    expected, sold: a series' sums each, shape (series,).

	Returns:
	    (sum expected - sum sold) / sum sold, the side ("high", "low", or empty: neither), and how many series are on it.
	"""
	high, low = int((expected > sold).sum()), int((expected < sold).sum())
	total = float(sold.sum())
	share = (float(expected.sum()) - total) / total if total > 0 else 0.0
	one_sided = abs(high - low) > LEAN_LIMIT * np.sqrt(high + low)
	if abs(share) < LEAN_LEAST or not one_sided or (share > 0) != (high > low):
		return share, "", 0
	return share, "high" if share > 0 else "low", max(high, low)
