"""Seasonal ARIMA, its orders chosen by AICc."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.methods.common import Answer, short_season
from sentia_ops.forecasting.engine.methods.factors import columns, summed
from sentia_ops.forecasting.engine.methods.nixtla import BOUNDS, INTERVALS, FromStatsforecast

MOST_PERIODS = 1000  # of history: its time grows faster than the history
MOST_MODELS = 12  # tried on the way to the best


class AutoARIMA(FromStatsforecast):
	"""SARIMA by stepwise search, of small orders and few models so that it ends, with factors known ahead as regressors."""

	name = "AutoARIMA"
	source = "Hyndman and Khandakar 2008; statsforecast"
	least = 10

	def model(self, sample: Sample):
		from statsforecast.models import AutoARIMA as Model

		return Model(
			season_length=short_season(sample),
			max_p=2,
			max_q=2,
			max_P=1,
			max_Q=1,
			max_order=4,
			start_p=1,
			start_q=1,
			nmodels=MOST_MODELS,
			approximation=True,
		)

	def learn(self, sample: Sample) -> Answer:
		factors = columns(sample)
		known = factors.known[-MOST_PERIODS:]
		used = known.any(axis=0)
		known = known[:, used]
		fitted = self.model(sample).fit(sample.y[-MOST_PERIODS:], known if used.any() else None)
		weights = np.array([fitted.model_["coef"].get(f"ex_{i + 1}", 0.0) for i in range(used.sum())])
		names = tuple(name for name, kept in zip(factors.names, used, strict=True) if kept)

		def forecast(horizon: int) -> Path:
			ahead = factors.ahead(horizon)[:, used]
			found = fitted.predict(h=horizon, X=ahead if used.any() else None, level=INTERVALS)
			effects = summed(names, ahead * weights)
			return Path(
				found["mean"],
				np.stack([found[bound] for bound in BOUNDS]),
				effects,
				factors.notes_for(horizon),
			)

		return Answer(forecast)
