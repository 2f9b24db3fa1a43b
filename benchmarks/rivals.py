"""Forecasts of other people's methods, each with its defaults, as the mean and seven quantiles where it has them."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsforecast import models as sf

LEVELS = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
THREE = ("AutoETS", "AutoTheta", "AutoCES")
INTERMITTENT = ("Croston", "TSB", "IMAPA", "ADIDA")
ERPNEXT = "ERPNext smoothing"
LONGEST_ETS_SEASON = 24  # statsforecast's AutoETS fits no longer one


@dataclass
class Answer:
	"""`mean` (horizon,); `quantiles` at LEVELS (7, horizon) or None; `seconds` of one core it took."""

	mean: np.ndarray
	quantiles: np.ndarray | None
	seconds: float


Rival = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray | None]]
"""Called with values, dates and horizon."""


def rivals(season: int, freq: str) -> dict[str, Rival]:
	"""All that run on every series, by name, for a season of so many periods."""
	native = {
		"seasonal naive": sf.SeasonalNaive(season),
		"AutoETS": sf.AutoETS(season_length=season),
		"AutoTheta": sf.AutoTheta(season_length=season),
		"AutoCES": sf.AutoCES(season_length=season),
		"MSTL": sf.MSTL(season_length=season),
	}
	bare = {
		"Croston": sf.CrostonOptimized(),
		"TSB": sf.TSB(0.2, 0.2),
		"IMAPA": sf.IMAPA(),
		"ADIDA": sf.ADIDA(),
		ERPNEXT: sf.SimpleExponentialSmoothing(0.3),
	}
	found: dict[str, Rival] = {name: with_quantiles(model) for name, model in native.items()}
	found |= {name: mean_only(model) for name, model in bare.items()}
	found["Prophet"] = prophet(freq)
	return found


def with_quantiles(model) -> Rival:
	def forecast(y, dates, horizon):
		found = model.forecast(y=y, h=horizon, level=[50, 80, 95])
		names = ["lo-95", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-95"]
		return found["mean"], np.stack([found[name] for name in names])

	return forecast


def mean_only(model) -> Rival:
	return lambda y, dates, horizon: (model.forecast(y=y, h=horizon)["mean"], None)


def auto_arima(season: int) -> Rival:
	return with_quantiles(sf.AutoARIMA(season_length=season if season <= LONGEST_ETS_SEASON else 1))


def prophet(freq: str) -> Rival:
	def forecast(y, dates, horizon):
		from prophet import Prophet

		model = Prophet(uncertainty_samples=300)
		model.fit(pd.DataFrame({"ds": dates, "y": y}))
		ahead = model.make_future_dataframe(horizon, freq=freq, include_history=False)
		mean = model.predict(ahead)["yhat"].to_numpy()
		draws = model.predictive_samples(ahead)["yhat"]
		return mean, np.quantile(draws, LEVELS, axis=1)

	return forecast


def cpu_seconds() -> float:
	"""Spent by this process and those it waited for (Prophet's sampler): says the same however busy the machine is."""
	used = os.times()
	return used.user + used.system + used.children_user + used.children_system


def answer(rival: Rival, y: np.ndarray, dates: np.ndarray, horizon: int) -> Answer:
	"""The rival's forecast, held at zero as any user would; where it fails, the mean of the history."""
	start = cpu_seconds()
	try:
		mean, quantiles = rival(y, dates, horizon)
	except Exception:  # libraries raise many kinds; a rival that fails is not spared the series
		mean, quantiles = np.full(horizon, y.mean()), None
	seconds = cpu_seconds() - start
	if not np.isfinite(mean).all():
		mean = np.full(horizon, y.mean())
	return Answer(np.maximum(mean, 0.0), None if quantiles is None else np.maximum(quantiles, 0.0), seconds)


def combined(answers: list[Answer], how: Callable) -> Answer:
	"""Mean or median of several methods, of their means and of their quantiles."""
	quantiles = [a.quantiles for a in answers]
	together = None if any(q is None for q in quantiles) else how(np.stack(quantiles), axis=0)
	return Answer(how(np.stack([a.mean for a in answers]), axis=0), together, sum(a.seconds for a in answers))


def quiet() -> None:
	warnings.filterwarnings("ignore")
	for name in ("cmdstanpy", "prophet", "prophet.plot"):
		logging.getLogger(name).setLevel(logging.CRITICAL)
