"""Rolling-origin backtest: the whole forecast repeated from earlier days, each seeing only what was known then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.history import History, phases
from sentia_ops.forecasting.engine.intervals import Window, bounds, error_quantiles
from sentia_ops.forecasting.engine.measures import coverage, mean_scale, pinball, root_scale
from sentia_ops.forecasting.engine.point import point_forecast
from sentia_ops.forecasting.engine.settings import ForecastSettings

LEAST_TRAINED = 28  # days before the first window
LEAST_SCORED = 7  # days in stock within a window


@dataclass(frozen=True)
class Scores:
	"""Means over the windows; NaN where a figure has no meaning (no scale, or a single window).

	`sold` and `expected` are sums over the days held out.
	"""

	mase: float
	rmsse: float
	scaled_pinball: float
	coverage95: float
	mase_naive: float
	rmsse_naive: float
	sold: float
	expected: float
	days: int


def origins(days: int, settings: ForecastSettings) -> tuple[list[int], int]:
	"""First days of the windows, oldest first, and their length.

	Windows follow one another up to the last day. Where not even one of `backtest_days` fits after four weeks of
	training, one of fewer whole weeks is used; where that does not fit, none.
	"""
	room = days - LEAST_TRAINED
	length = min(settings.backtest_days, room // 7 * 7)
	if length < LEAST_SCORED:
		return [], 0
	count = min(settings.backtest_windows, room // length)
	return [days - length * k for k in range(count, 0, -1)], length


def backtest(history: History, settings: ForecastSettings) -> list[Window]:
	"""Held-out windows with their forecasts, oldest first."""
	starts, length = origins(len(history), settings)
	return [_window(history, start, length, settings.season_days) for start in starts]


def scored(windows: list[Window]) -> list[Window]:
	"""Without those that had under a week in stock."""
	return [w for w in windows if len(w.actual) >= LEAST_SCORED]


def _window(history: History, start: int, length: int, season: int) -> Window:
	known = history.until(start)
	point = point_forecast(known, length, season)
	last = point.demand[-season:]
	scored = np.flatnonzero(history.in_stock[start : start + length])
	return Window(
		actual=history.qty[start : start + length][scored],
		forecast=point.qty[scored],
		rival=last[phases(0, length, len(last))][scored],
		abs_scale=mean_scale(point.demand, season),
		root_scale=root_scale(point.demand, season),
		path=point.qty,
	)


def score(windows: list[Window]) -> Scores:
	"""Scores of the forecast and of seasonal naive on the same days.

	Intervals for a window come from the errors of the other windows, so that coverage and pinball loss are measured
	out of sample; a single window has neither.
	"""
	ranges = [_ranges(windows, k) for k in range(len(windows))] if len(windows) > 1 else []
	pairs = list(zip(windows, ranges, strict=False))
	return Scores(
		mase=_mean([np.abs(w.errors).mean() / w.abs_scale for w in windows]),
		rmsse=_mean([np.sqrt((w.errors**2).mean()) / w.root_scale for w in windows]),
		scaled_pinball=_mean([pinball(w.actual, r) / w.abs_scale for w, r in pairs]),
		coverage95=_mean([coverage(w.actual, r[0], r[3]) for w, r in pairs]),
		mase_naive=_mean([np.abs(w.actual - w.rival).mean() / w.abs_scale for w in windows]),
		rmsse_naive=_mean([np.sqrt(((w.actual - w.rival) ** 2).mean()) / w.root_scale for w in windows]),
		sold=float(sum(w.actual.sum() for w in windows)),
		expected=float(sum(w.forecast.sum() for w in windows)),
		days=sum(len(w.actual) for w in windows),
	)


def _ranges(windows: list[Window], k: int) -> np.ndarray:
	return bounds(windows[k].forecast, error_quantiles(windows[:k] + windows[k + 1 :]))


def _mean(values: list[float]) -> float:
	known = [v for v in values if np.isfinite(v)]
	return float(np.mean(known)) if known else float("nan")
