"""Forecasting methods and their median, from statsforecast (imported on first use: it takes two seconds)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from sentia_ops.forecasting.engine.guard import reasonable

Method = Callable[[np.ndarray, int], np.ndarray]
"""Called with a series and a horizon; answers with as many daily means."""

CHOSEN = {
	"smooth": ("CES", "Theta", "SeasonalNaive"),
	"erratic": ("CES", "Theta", "SeasonalNaive"),
	"intermittent": ("TSB", "IMAPA", "ADIDA"),
	"lumpy": ("SBA", "TSB", "IMAPA"),
}
"""Methods whose median is the forecast, by demand class.

CES (Svetunkov and Kourentzes 2022) stands where ETS could: about as accurate on daily data (benchmarks/forecasting.py
has both) in a third to an eighth of the time.
SBA (Syntetos and Boylan 2005) divides by a mean interval, which one or two sales do not give: so TSB (Teunter,
Syntetos and Babai 2011) and temporal aggregation (Nikolopoulos and others 2011) where sizes vary little.
"""
TSB_SMOOTHING = 0.05  # a memory of about 20 sales, and of 20 days
TSB_LEAST_SALES = 2.0  # but of no fewer days than saw two: a slow mover is not forgotten in a month
THETA_DAYS = 364  # of history: on daily data no worse than all of it, in half the time
PRIOR_SALES = 3.0  # worth of belief that weekdays are alike


def combine(demand_class: str, y: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, str]:
	"""Median of the methods for a class; a method that fails or answers nonsense is left out, one run wild held.

	Args:
	    demand_class: a key of `CHOSEN`.
	    y: demand a day, shape (days,).

	Returns:
	    Daily means, shape (horizon,), never negative, and the names of the methods joined by "+".
	"""
	answers = {}
	for name in CHOSEN[demand_class]:
		answer = _attempt(methods(season)[name], y, horizon)
		if answer is not None:
			answers[name] = reasonable(answer, y, season)
	if not answers:
		return np.full(horizon, y.mean()), "mean"
	middle = np.median(np.stack(list(answers.values())), axis=0)
	return np.maximum(middle, 0.0), "+".join(answers)


def _attempt(method: Method, y: np.ndarray, horizon: int) -> np.ndarray | None:
	"""None where the method cannot digest the series: statsforecast raises many kinds of errors for that."""
	try:
		answer = np.asarray(method(y, horizon), dtype=float)
	except Exception:
		return None
	# a smoothing run wild is worse than none: no method is believed beyond ten times what was ever sold
	sane = np.isfinite(answer).all() and np.abs(answer).max() <= 10 * y.max()
	return answer if sane else None


@lru_cache
def methods(season: int) -> dict[str, Method]:
	"""All methods by name, for a season of so many days."""
	from statsforecast import models as sf

	theta = sf.DynamicOptimizedTheta(season_length=season, decomposition_type="additive")
	return {
		"CES": _means(sf.AutoCES(season_length=season)),
		"Theta": lambda y, h: _means(theta)(y[-THETA_DAYS:], h),
		"SeasonalNaive": _means(sf.SeasonalNaive(season_length=season)),
		"SBA": _means(sf.CrostonSBA()),
		"TSB": _tsb,
		"IMAPA": _means(sf.IMAPA()),
		"ADIDA": _means(sf.ADIDA()),
	}


def _means(model) -> Method:
	return lambda y, h: model.forecast(y=y, h=h)["mean"]


def _tsb(y: np.ndarray, horizon: int) -> np.ndarray:
	from statsforecast.models import TSB

	daily = min(TSB_SMOOTHING, (y > 0).mean() / TSB_LEAST_SALES)
	return _means(TSB(alpha_d=TSB_SMOOTHING, alpha_p=daily))(y, horizon)


def weekday_profile(sales: np.ndarray, days: np.ndarray, season: int) -> np.ndarray:
	"""How much likelier a sale is on each weekday than on average, mean 1; shape (season,).

	Shares of days with a sale, drawn to their mean by a beta prior worth three sales (rather than quantities, which
	one large order would rule). Intermittent methods give a flat mean; times this it falls on the right days.

	Args:
	    sales: whether something was sold, shape (days,).
	    days: place in the season of each of them, shape (days,).
	"""
	share = sales.mean()
	if share == 0:
		return np.ones(season)
	weight = PRIOR_SALES / share
	seen = np.bincount(days, minlength=season)
	sold = np.bincount(days[sales], minlength=season)
	profile = (sold + weight * share) / (seen + weight)
	return profile / profile.mean()
