"""The simplest methods: the mean of late, and last season again."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.methods.common import (
	Answer,
	Checked,
	from_residuals,
	length,
	level_growth,
)

WINDOWS = {"D": 28, "W": 8, "MS": 12, "h": 168}  # whole seasons, so that none is taken for the level


class MovingAverage(Checked):
	"""The mean of the last four weeks of days, eight weeks, twelve months or seven days of hours; of all where fewer.

	Quantiles: residuals around the moving average, growing as the level wanders.
	"""

	name = "MovingAverage"
	source = "Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.2"

	def learn(self, sample: Sample) -> Answer:
		y = sample.y
		window = min(WINDOWS.get(sample.calendar.code, 4 * sample.calendar.season), len(y))
		level = y[-window:].mean()
		sums = np.cumsum(np.r_[0.0, y])
		before = (sums[window:-1] - sums[: -window - 1]) / window
		residuals = y[window:] - before if len(before) >= window else y - y.mean()

		def forecast(horizon: int) -> Path:
			mean = np.full(horizon, level)
			growth = level_growth(y, sample.calendar.season, horizon, residuals.var())
			return Path(mean, from_residuals(mean, residuals, growth))

		return Answer(forecast)


class SeasonalNaive(Checked):
	"""The last season again; the last value where there is no short season.

	Quantiles: differences to the season before, growing with the root of the seasons ahead.
	"""

	name = "SeasonalNaive"
	source = "Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.2 and 5.5"

	def reason(self, sample: Sample) -> str:
		season = sample.calendar.season
		if len(sample.y) <= season:
			known, needed = length(len(sample.y), sample.calendar), length(season + 1, sample.calendar)
			return f"{known} of history; it needs {needed}"
		return ""

	def learn(self, sample: Sample) -> Answer:
		y, season = sample.y, sample.calendar.season
		residuals = y[season:] - y[:-season]
		both = np.r_[residuals, -residuals]  # demand may fall as it rose: no drift

		def forecast(horizon: int) -> Path:
			mean = np.resize(y[-season:], horizon)
			seasons = np.arange(horizon) // season + 1
			return Path(mean, from_residuals(mean, both, np.sqrt(seasons)))

		return Answer(forecast)
