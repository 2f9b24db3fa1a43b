"""Exponential smoothing and its kin: Holt-Winters, ETS, Theta, CES, and smoothing after a decomposition (MSTL)."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.methods.common import (
	Answer,
	from_residuals,
	length,
	level_growth,
	short_season,
)
from sentia_ops.forecasting.engine.methods.nixtla import FromStatsforecast

LEAST = 10  # periods; parameters of a state space model from fewer are noise
THETA_SEASONS = 52  # of history: on daily data no worse than all of it, in half the time
HIGHEST_ETS = 24  # periods of a season; with more states ETS refuses
LONG_SEASONS = (
	3  # of two years, LOESS takes the noise of both for the season: errors on daily series rise by 5 to 16 %
)
STL_JUMP = 0.1  # of a smoother's window: between, it is interpolated (Cleveland and others 1990), in a fifth of the time


class HoltWinters(FromStatsforecast):
	"""Additive level, trend and short season, smoothed with optimised weights; Holt's method where there is no season."""

	name = "HoltWinters"
	source = "Holt 1957, Winters 1960; statsforecast"
	least = LEAST

	def reason(self, sample: Sample) -> str:
		season, calendar = sample.calendar.season, sample.calendar
		if len(sample.y) < 2 * season:
			return f"{length(len(sample.y), calendar)} of history; its season needs {length(2 * season, calendar)}"
		return ""

	def model(self, sample: Sample):
		from statsforecast.models import AutoETS
		from statsforecast.models import HoltWinters as Model

		season = sample.calendar.season
		return Model(season_length=season) if season > 1 else AutoETS(season_length=1, model="AAN")


class AutoETS(FromStatsforecast):
	"""Error, trend and season each absent, additive or multiplicative, damped or not: the kind with the least AICc."""

	name = "AutoETS"
	source = "Hyndman and others 2002; statsforecast"
	least = LEAST

	def model(self, sample: Sample):
		from statsforecast.models import AutoETS as Model

		season = short_season(sample)
		return Model(season_length=season if season <= HIGHEST_ETS else 1)


class Theta(FromStatsforecast):
	"""Optimised dynamic theta lines on demand less an additive season, the last 52 short seasons of it."""

	name = "Theta"
	source = "Assimakopoulos and Nikolopoulos 2000; Fiorucci and others 2016; statsforecast"
	least = LEAST

	def model(self, sample: Sample):
		from statsforecast.models import DynamicOptimizedTheta

		return DynamicOptimizedTheta(season_length=short_season(sample), decomposition_type="additive")

	def demand(self, sample: Sample) -> np.ndarray:
		season = short_season(sample)
		return sample.y[-THETA_SEASONS * season :] if season > 1 else sample.y


class CES(FromStatsforecast):
	"""Complex exponential smoothing, which needs no choice between level and trend; with a season where AICc has it.

	Quantiles: in-sample residuals, growing as the level wanders; the library's own simulation takes 200 ms a series.
	"""

	name = "CES"
	source = "Svetunkov and Kourentzes 2022; statsforecast"
	least = LEAST

	def model(self, sample: Sample):
		from statsforecast.models import AutoCES

		return AutoCES(season_length=short_season(sample))

	def learn(self, sample: Sample) -> Answer:
		fitted = self.model(sample).fit(sample.y)
		residuals = np.asarray(fitted.model_["residuals"], dtype=float)
		residuals = residuals[np.isfinite(residuals)]

		def forecast(horizon: int) -> Path:
			mean = fitted.predict(h=horizon)["mean"]
			growth = level_growth(sample.y, sample.calendar.season, horizon, residuals.var())
			return Path(mean, from_residuals(mean, residuals, growth))

		return Answer(forecast)


class MSTL(FromStatsforecast):
	"""Seasons taken off by repeated LOESS, the short one and, of three years or more, the long; the rest by ETS."""

	name = "MSTL"
	source = "Bandara, Hyndman and Bergmeir 2021; statsforecast"
	least = LEAST

	def reason(self, sample: Sample) -> str:
		if not _seasons(sample):
			calendar = sample.calendar
			needed = 2 * calendar.season if calendar.season > 1 else round(LONG_SEASONS * calendar.year)
			return (
				f"{length(len(sample.y), calendar)} of history; its season needs {length(needed, calendar)}"
			)
		return ""

	def model(self, sample: Sample):
		from statsforecast.models import MSTL as Model
		from statsforecast.models import AutoETS

		seasons = _seasons(sample)
		return Model(
			season_length=seasons,
			trend_forecaster=AutoETS(model="ZZN"),
			stl_kwargs={"seasonal_jump": 2, "trend_jump": max(1, int(STL_JUMP * 1.5 * seasons[-1]))},
		)


def _seasons(sample: Sample) -> list[int]:
	"""The short season where it was seen twice, the long where it was seen three times; shortest first."""
	long, found = round(sample.calendar.year), [short_season(sample)]
	if len(sample.y) >= LONG_SEASONS * sample.calendar.year and long != found[0]:
		found.append(long)
	return [season for season in found if season > 1]
