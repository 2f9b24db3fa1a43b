"""From evidence to forecasts: intervals, measured quality and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sentia_ops.forecasting.engine.backtest import LEAST_SCORED, Scores, score, windows
from sentia_ops.forecasting.engine.combine import combine
from sentia_ops.forecasting.engine.evidence import Combination, Evidence
from sentia_ops.forecasting.engine.examine import FAILED, NOTHING, SLOW, examine
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.intervals import (
	ErrorSize,
	Window,
	bounds,
	error_quantiles,
	error_size,
	untested,
)
from sentia_ops.forecasting.engine.learn import learn
from sentia_ops.forecasting.engine.point import Point
from sentia_ops.forecasting.engine.repair import cap_spikes
from sentia_ops.forecasting.engine.settings import ForecastSettings
from sentia_ops.forecasting.engine.verdict import verdict

RECENT_DAYS = 56
LEAST_NAMED = 0.1  # a method's share in a forecast from which its name is given


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
class Parts:
	"""What a forecast is made of: method -> weight; why others are not in it; factor -> units it adds a period."""

	weights: dict[str, float] = field(default_factory=dict)
	why_not: dict[str, str] = field(default_factory=dict)
	effects: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
	"""The forecast of one series.

	Attributes:
	    qty: mean a period, shape (horizon,).
	    bounds: lo95, lo80, hi80, hi95, shape (4, horizon).
	    median: shape (horizon,).
	    quantiles: at `methods.base.LEVELS`, shape (7, horizon).
	    past: what would have been forecast from earlier origins, which follow one another up to the last period known, oldest
	        first; shape (origins, steps).
	"""

	key: tuple[str, ...]
	qty: np.ndarray
	bounds: np.ndarray
	quality: Quality
	median: np.ndarray
	quantiles: np.ndarray
	past: np.ndarray
	parts: Parts = field(default_factory=Parts)


def forecast_series(history: History, settings: ForecastSettings) -> Outcome:
	"""Forecast one series by itself; any history is answered, also one without a day."""
	learned = learn([history], settings)
	return conclude([examine(history, learned, settings)], [history], settings)[0]


def conclude(
	evidences: Sequence[Evidence], histories: Sequence[History], settings: ForecastSettings
) -> list[Outcome]:
	"""Outcomes of all series, in their order.

	Args:
	    evidences: what `examine` found, one of each history, in the order of `histories`.
	"""
	combinations = combine(evidences, settings)
	return [_outcome(c, h, settings) for c, h in zip(combinations, histories, strict=True)]


def _outcome(combination: Combination, history: History, settings: ForecastSettings) -> Outcome:
	evidence = combination.evidence
	point = Point(
		combination.mean, _named(combination), evidence.profile, evidence.demand, evidence.spikes, evidence.yearly
	)
	tested = windows(combination, len(evidence.profile.closed), LEAST_SCORED[history.calendar.code])
	ranges, size = _uncertainty(point, tested, settings)
	quality = _quality(history, combination, point, tested, size, settings)
	lo95, lo80, hi80, hi95 = ranges
	middle = point.qty
	quantiles = np.stack([lo95, lo80, (lo80 + middle) / 2, middle, (middle + hi80) / 2, hi80, hi95])
	weights = dict(zip(evidence.methods, combination.weights.tolist(), strict=True))
	parts = Parts(weights, evidence.why_not, evidence.effects)
	return Outcome(history.key, point.qty, ranges, quality, middle, quantiles, combination.past, parts)


def _named(combination: Combination) -> str:
	"""Methods with a notable share, heaviest first, joined by "+"."""
	evidence = combination.evidence
	order = np.argsort(-combination.weights, kind="stable")
	names = [evidence.methods[k] for k in order if combination.weights[k] >= LEAST_NAMED] or ["mean"]
	return "+".join(names) + (", yearly season" if evidence.yearly else "")


def _uncertainty(
	point: Point, windows: list[Window], settings: ForecastSettings
) -> tuple[np.ndarray, ErrorSize]:
	"""Bounds (4, horizon) and error sizes: from held-out windows, else from the spread of the history."""
	if point.model == NOTHING or not len(point.demand):  # errors from the time when it still sold say nothing of now
		return np.zeros((4, len(point.qty))), ErrorSize(0.0, 0.0)
	if not windows:
		quantiles, size = untested(point.demand)
		return bounds(point.qty, quantiles), size
	size = error_size(windows, cap_spikes(point.demand)[0], least=_sales_variance(point))
	growth = size.growth(len(point.qty), settings.backtest_days)
	return bounds(point.qty, error_quantiles(windows), growth), size


def _sales_variance(point: Point) -> float:
	"""Daily variance of orders that come at random, of the sizes seen, at the rate forecast (compound Poisson)."""
	if point.profile.demand_class not in SLOW:
		return 0.0
	sizes = point.demand[point.demand > 0]
	return float(point.qty.mean() * (sizes**2).mean() / sizes.mean())


def _quality(
	history: History,
	combination: Combination,
	point: Point,
	tested: list[Window],
	size: ErrorSize,
	settings: ForecastSettings,
) -> Quality:
	recent = point.demand[-RECENT_DAYS:]
	scores = score(tested)
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
		windows=len(tested),
		verdict=_verdict(history, combination.evidence, point, scores),
	)


def _verdict(history: History, evidence: Evidence, point: Point, scores: Scores) -> str:
	if FAILED in evidence.why_not:
		return f"Could not be forecast ({evidence.why_not[FAILED]}): the mean of what can be read stands instead."
	return verdict(history, point, scores)
