"""Prophet, with holidays and other factors as regressors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from sentia_ops.forecasting.engine.methods.base import LEVELS, Path, Sample
from sentia_ops.forecasting.engine.methods.common import Answer, Checked, years
from sentia_ops.forecasting.engine.methods.factors import Columns, columns, summed
from sentia_ops.forecasting.engine.methods.regression import LEAST_YEARS

FIRST = np.datetime64("2001-01-01", "ns")  # where dates are not known: seasons are told by counting
DRAWS = 300  # paths of its trend and noise, whose quantiles are the forecast's
PRIOR_SCALE = 10.0  # of holidays and regressors: Prophet's default
SEED = 1
LOGGERS = ("prophet", "cmdstanpy")


class Prophet(Checked):
	"""Piecewise linear trend, seasons by harmonics, and factors known ahead, which add up; Stan's posterior mode.

	Quantiles: of paths drawn with changes of trend as in the history, and noise.
	"""

	name = "Prophet"
	source = "Taylor and Letham 2018"
	least = 10

	def learn(self, sample: Sample) -> Answer:
		import pandas as pd
		from prophet import Prophet as Model

		factors, periods = columns(sample), len(sample.y)
		first = FIRST if sample.first is None else sample.first
		with _silent():
			# Prophet itself would begin with the year at 730 days, so that no earlier origin of two years could test it
			model = Model(
				yearly_seasonality=bool(years(sample) >= LEAST_YEARS) if _of_days(sample) else "auto"
			)
			for column in _labels(factors):
				model.add_regressor(column, prior_scale=PRIOR_SCALE, standardize=False)
			known = pd.DataFrame({"ds": sample.calendar.dates(first, periods), "y": sample.y})
			known.loc[~sample.seen, "y"] = np.nan  # Prophet leaves out what is not known
			if known["y"].notna().sum() < self.least:
				known["y"] = sample.y
			model.fit(known.assign(**_labelled(factors, factors.known)), seed=SEED)

		def forecast(horizon: int) -> Path:
			dates = sample.calendar.dates(first, periods + horizon)[periods:]
			ahead = pd.DataFrame({"ds": dates, **_labelled(factors, factors.ahead(horizon))})
			with _silent(), _seeded():
				model.uncertainty_samples = 0  # its bounds are two levels only
				found = model.predict(ahead)
				model.uncertainty_samples = DRAWS
				draws = model.predictive_samples(ahead)["yhat"]
			effects = found[_labels(factors)].to_numpy() if factors.names else np.zeros((horizon, 0))
			return Path(
				found["yhat"].to_numpy(),
				np.quantile(draws, LEVELS, axis=1),
				summed(factors.names, effects),
				factors.notes_for(horizon),
			)

		return Answer(forecast)


def _of_days(sample: Sample) -> bool:
	return sample.calendar.period != "hour"


def _labels(factors: Columns) -> list[str]:
	"""Names of regressors: what people call factors may be reserved in Prophet."""
	return [f"factor_{i}" for i in range(len(factors.names))]


def _labelled(factors: Columns, values: np.ndarray) -> dict[str, np.ndarray]:
	return dict(zip(_labels(factors), values.T, strict=True))


@contextmanager
def _silent() -> Iterator[None]:
	loggers = [logging.getLogger(name) for name in LOGGERS]
	before = [logger.disabled for logger in loggers]
	for logger in loggers:
		logger.disabled = True
	try:
		yield
	finally:
		for logger, was in zip(loggers, before, strict=True):
			logger.disabled = was


@contextmanager
def _seeded() -> Iterator[None]:
	"""Prophet draws from numpy's global generator: seeded within, and as it was after."""
	before = np.random.get_state()
	np.random.seed(SEED)
	try:
		yield
	finally:
		np.random.set_state(before)
