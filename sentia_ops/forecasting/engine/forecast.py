"""From evidence to forecasts: intervals, measured quality and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sentia_ops.forecasting.engine.backtest import LEAST_SCORED, Scores, Window, score, windows
from sentia_ops.forecasting.engine.calibrate import Calibrated, calibrate
from sentia_ops.forecasting.engine.combine import combine
from sentia_ops.forecasting.engine.error_size import ErrorSize, error_sizes
from sentia_ops.forecasting.engine.evidence import Combination, Evidence
from sentia_ops.forecasting.engine.examine import FAILED, examine
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.learn import learn
from sentia_ops.forecasting.engine.point import Point
from sentia_ops.forecasting.engine.settings import ForecastSettings
from sentia_ops.forecasting.engine.verdict import listed, verdict

RECENT_DAYS = 56
BOUNDS_AT, MEDIAN_AT = [0, 1, 5, 6], 3  # places among `LEVELS`
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
	"""What a forecast is made of: method -> weight; why others are not in it; factor -> units it adds a period.

	`changes`: "outlier", or names of promotions -> the periods of the history methods saw changed, in words.
	"""

	weights: dict[str, float] = field(default_factory=dict)
	why_not: dict[str, str] = field(default_factory=dict)
	effects: dict[str, float] = field(default_factory=dict)
	changes: dict[str, str] = field(default_factory=dict)


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
	# sums over series in one order only: so the answers are the same to the last bit, however series are given
	order = sorted(range(len(histories)), key=lambda i: histories[i].key)
	combinations = combine([evidences[i] for i in order])
	calibrated, sizes = calibrate(combinations), error_sizes(combinations)
	each = zip(order, combinations, calibrated, sizes, strict=True)
	found = {i: _outcome(*parts, histories[i], settings) for i, *parts in each}
	return [found[i] for i in range(len(histories))]


def _outcome(
	combination: Combination,
	calibrated: Calibrated,
	size: ErrorSize,
	history: History,
	settings: ForecastSettings,
) -> Outcome:
	evidence = combination.evidence
	point = Point(
		calibrated.mean,
		_named(combination),
		evidence.profile,
		evidence.demand,
		evidence.changes,
		evidence.uplifts,
		evidence.yearly,
		evidence.notes,
	)
	season, least = len(evidence.profile.closed), LEAST_SCORED[history.calendar.code]
	tested = windows(combination, calibrated, season, least)
	quality = _quality(history, combination, point, tested, size, settings)
	quantiles = np.rint(calibrated.quantiles) if history.whole else calibrated.quantiles
	weights = dict(zip(evidence.methods, combination.weights.tolist(), strict=True))
	effects = {
		factor: sum(weights[method] * added for method, added in of_methods.items())
		for factor, of_methods in evidence.effects.items()
	}
	parts = Parts(weights, evidence.why_not, effects, listed(history, evidence.changes))
	bounds, median = quantiles[BOUNDS_AT], quantiles[MEDIAN_AT]
	return Outcome(history.key, point.qty, bounds, quality, median, quantiles, combination.past, parts)


def _named(combination: Combination) -> str:
	"""Methods with a notable share, heaviest first, joined by "+"."""
	evidence = combination.evidence
	order = np.argsort(-combination.weights, kind="stable")
	names = [evidence.methods[k] for k in order if combination.weights[k] >= LEAST_NAMED] or ["mean"]
	return "+".join(names) + (", yearly season" if evidence.yearly else "")


def _quality(
	history: History,
	combination: Combination,
	point: Point,
	tested: Sequence[Window],
	size: ErrorSize,
	settings: ForecastSettings,
) -> Quality:
	recent = combination.evidence.capped[-RECENT_DAYS:]
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
