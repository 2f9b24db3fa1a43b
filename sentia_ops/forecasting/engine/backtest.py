"""Held-out windows at the end of a history, and how a combination did on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.calibrate import Calibrated
from sentia_ops.forecasting.engine.evidence import Combination
from sentia_ops.forecasting.engine.history import History, phases
from sentia_ops.forecasting.engine.measures import coverage, mean_scale, pinball, root_scale
from sentia_ops.forecasting.engine.methods.base import LEVELS
from sentia_ops.forecasting.engine.pool import WINDOWS
from sentia_ops.forecasting.engine.settings import ForecastSettings

LEAST_TRAINED = {"D": 28, "W": 20, "MS": 18, "h": 72}  # periods before the first window
LEAST_SCORED = {"D": 7, "W": 3, "MS": 3, "h": 7}  # periods in stock within a window


@dataclass(frozen=True)
class Window:
	"""One held-out window, days on which stock was out left away.

	Attributes:
	    actual, forecast: shape (days,).
	    quantiles: at `LEVELS`, from what was known before the window and from other windows; shape (7, days), NaN: none.
	    rival: the seasonal naive forecast of the same days.
	    abs_scale, root_scale: denominators from the history before the window; NaN where there is none.
	"""

	actual: np.ndarray
	forecast: np.ndarray
	quantiles: np.ndarray
	rival: np.ndarray
	abs_scale: float
	root_scale: float

	@property
	def errors(self) -> np.ndarray:
		return self.actual - self.forecast


@dataclass(frozen=True)
class Scores:
	"""Means over the windows; NaN where a figure has no meaning (no scale, no window).

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


def origins(history: History, settings: ForecastSettings) -> tuple[list[int], int]:
	"""First periods of the windows, oldest first, and their length.

	Windows follow one another up to the last period. Where not even one of `backtest_days` fits after the least that
	must be known before it, one of fewer periods (of days: whole weeks) is used; where that does not fit, none.
	"""
	code, length = history.calendar.code, settings.backtest_days
	room = len(history) - LEAST_TRAINED[code]
	if room < length:
		unit = 7 if code == "D" else 1
		length = room // unit * unit
	if length < LEAST_SCORED[code]:
		return [], 0
	count = min(settings.backtest_windows, WINDOWS[settings.profile], room // length)
	return [len(history) - length * k for k in range(count, 0, -1)], length


def windows(combination: Combination, calibrated: Calibrated, season: int, least: int) -> list[Window]:
	"""Held-out windows with their combined forecasts; those with fewer than `least` periods in stock are dropped."""
	evidence = combination.evidence
	demand, length = evidence.demand, evidence.actual.shape[1]
	first = len(demand) - evidence.actual.size
	found = []
	for k, (actual, path) in enumerate(zip(evidence.actual, combination.past, strict=True)):
		known = demand[: first + k * length]
		last = known[-season:]
		scored = np.flatnonzero(np.isfinite(actual) & np.isfinite(path))
		if len(scored) < least:
			continue
		found.append(
			Window(
				actual=actual[scored],
				forecast=path[scored],
				quantiles=calibrated.held_out[k][:, scored],
				rival=last[phases(0, length, len(last))][scored],
				abs_scale=mean_scale(known, season),
				root_scale=root_scale(known, season),
			)
		)
	return found


def score(windows: Sequence[Window]) -> Scores:
	"""Scores of the forecast and of seasonal naive on the same days."""
	return Scores(
		mase=_mean([np.abs(w.errors).mean() / w.abs_scale for w in windows]),
		rmsse=_mean([np.sqrt((w.errors**2).mean()) / w.root_scale for w in windows]),
		scaled_pinball=_mean([pinball(w.actual, w.quantiles, LEVELS) / w.abs_scale for w in windows]),
		coverage95=_mean([_covered(w) for w in windows]),
		mase_naive=_mean([np.abs(w.actual - w.rival).mean() / w.abs_scale for w in windows]),
		rmsse_naive=_mean([np.sqrt(((w.actual - w.rival) ** 2).mean()) / w.root_scale for w in windows]),
		sold=float(sum(w.actual.sum() for w in windows)),
		expected=float(sum(w.forecast.sum() for w in windows)),
		days=sum(len(w.actual) for w in windows),
	)


def _covered(window: Window) -> float:
	if not np.isfinite(window.quantiles).all():
		return float("nan")
	return coverage(window.actual, window.quantiles[0], window.quantiles[-1])


def _mean(values: list[float]) -> float:
	known = [v for v in values if np.isfinite(v)]
	return float(np.mean(known)) if known else float("nan")
