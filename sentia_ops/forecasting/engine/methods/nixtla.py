"""Methods of statsforecast behind the one signature; imported on first use, as it takes two seconds."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.methods.common import Answer, Checked

INTERVALS = [50, 80, 95]
BOUNDS = (
	"lo-95",
	"lo-80",
	"lo-50",
	"mean",
	"hi-50",
	"hi-80",
	"hi-95",
)  # of a distribution taken as symmetric


class FromStatsforecast(Checked):
	"""A model of statsforecast with its own intervals, whose middle is the mean."""

	def model(self, sample: Sample):
		raise NotImplementedError

	def demand(self, sample: Sample) -> np.ndarray:
		"""What it is fitted to."""
		return sample.y

	def learn(self, sample: Sample) -> Answer:
		fitted = self.model(sample).fit(self.demand(sample))

		def forecast(horizon: int) -> Path:
			found = fitted.predict(h=horizon, level=INTERVALS)
			return Path(found["mean"], np.stack([found[bound] for bound in BOUNDS]))

		return Answer(forecast)
