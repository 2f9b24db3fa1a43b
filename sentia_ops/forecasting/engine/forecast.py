"""One series from history to forecast, intervals, measured quality and verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.backtest import Scores, backtest, score, scored
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.intervals import (
	ErrorSize,
	Window,
	bounds,
	error_quantiles,
	error_size,
	untested,
)
from sentia_ops.forecasting.engine.point import Point, point_forecast
from sentia_ops.forecasting.engine.repair import cap_spikes, orders_kept_coming
from sentia_ops.forecasting.engine.settings import ForecastSettings
from sentia_ops.forecasting.engine.verdict import verdict

RECENT_DAYS = 56


@dataclass(frozen=True)
class Quality:
	"""How far a forecast can be trusted; quantities in stock UOM, unknown figures NaN.

	Attributes:
	    mean_daily: repaired demand a day over the last eight weeks.
	    error_std: s such that s x sqrt(L) is the standard deviation of the error summed over L days, for L near the length of
	        a backtest window (see `ErrorSize`); not below the root mean squared error of a day.
	    windows: held-out windows used; 0 means untested.
	"""

	model: str
	demand_class: str
	history_days: int
	stockout_days: int
	mean_daily: float
	error_std: float
	mase: float
	rmsse: float
	scaled_pinball: float
	coverage95: float
	mase_naive: float
	windows: int
	verdict: str


@dataclass(frozen=True)
class Outcome:
	"""The forecast of one series.

	Attributes:
	    qty: daily mean, shape (horizon,).
	    bounds: lo95, lo80, hi80, hi95, shape (4, horizon).
	    past: what would have been forecast from earlier origins, which follow one another up to the last period known, oldest
	        first; shape (origins, steps).
	"""

	key: tuple[str, ...]
	qty: np.ndarray
	bounds: np.ndarray
	quality: Quality
	past: np.ndarray


def forecast_series(history: History, settings: ForecastSettings) -> Outcome:
	"""Forecast one series; any history is answered, also one without a day.

	Raises:
	    ValueError: quantities are negative or not finite, or lengths differ.
	"""
	_check(history)
	given = history
	if orders_kept_coming(history.qty, history.in_stock):
		history = History(history.key, history.qty, np.ones(len(history), dtype=bool))
	point = point_forecast(history, settings.horizon_days, settings.season_days)
	held_out = backtest(history, settings)
	windows = scored(held_out)
	ranges, size = _uncertainty(point, windows, settings)
	scores = score(windows)
	quality = _quality(given, point, windows, scores, size, settings)
	past = np.array([w.path for w in held_out]) if held_out else np.zeros((0, 0))
	return Outcome(history.key, point.qty, ranges, quality, past)


def _check(history: History) -> None:
	if len(history.qty) != len(history.in_stock):
		raise ValueError(f"{history.key}: quantities and stock days differ in length.")
	if not np.isfinite(history.qty).all() or (history.qty < 0).any():
		raise ValueError(f"{history.key}: quantities must be finite and not negative.")


def _uncertainty(
	point: Point, windows: list[Window], settings: ForecastSettings
) -> tuple[np.ndarray, ErrorSize]:
	"""Bounds (4, horizon) and error sizes: from held-out windows, else from the spread of the history."""
	if point.model == "none":  # errors from the time when it still sold say nothing of now
		return np.zeros((4, len(point.qty))), ErrorSize(0.0, 0.0)
	if not windows:
		quantiles, size = untested(point.demand)
		return bounds(point.qty, quantiles), size
	size = error_size(windows, cap_spikes(point.demand)[0], least=_sales_variance(point))
	growth = size.growth(len(point.qty), settings.backtest_days)
	return bounds(point.qty, error_quantiles(windows), growth), size


def _sales_variance(point: Point) -> float:
	"""Daily variance of orders that come at random, of the sizes seen, at the rate forecast (compound Poisson)."""
	if point.profile.demand_class not in ("intermittent", "lumpy"):
		return 0.0
	sizes = point.demand[point.demand > 0]
	return float(point.qty.mean() * (sizes**2).mean() / sizes.mean())


def _quality(
	history: History,
	point: Point,
	windows: list[Window],
	scores: Scores,
	size: ErrorSize,
	settings: ForecastSettings,
) -> Quality:
	recent = point.demand[-RECENT_DAYS:]
	return Quality(
		model=point.model,
		demand_class=point.profile.demand_class,
		history_days=len(history),
		stockout_days=int((~history.in_stock).sum()),
		mean_daily=float(recent.mean()) if len(recent) else 0.0,
		error_std=size.std(settings.backtest_days),
		mase=scores.mase,
		rmsse=scores.rmsse,
		scaled_pinball=scores.scaled_pinball,
		coverage95=scores.coverage95,
		mase_naive=scores.mase_naive,
		windows=len(windows),
		verdict=verdict(history, point, scores),
	)
