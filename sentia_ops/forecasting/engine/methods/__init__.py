"""Forecasting methods by name: `method("Theta").fit(sample).forecast(28)`."""

from __future__ import annotations

from sentia_ops.forecasting.engine.methods.arima import AutoARIMA
from sentia_ops.forecasting.engine.methods.averages import MovingAverage, SeasonalNaive
from sentia_ops.forecasting.engine.methods.base import LEVELS, Fitted, Method, Path, Sample
from sentia_ops.forecasting.engine.methods.harmonic import DynamicHarmonic, DynamicRegression
from sentia_ops.forecasting.engine.methods.intermittent import ADIDA, IMAPA, SBA, TSB, Croston
from sentia_ops.forecasting.engine.methods.neural import MLP
from sentia_ops.forecasting.engine.methods.prophet import Prophet
from sentia_ops.forecasting.engine.methods.regression import LinearRegression
from sentia_ops.forecasting.engine.methods.smoothing import CES, MSTL, AutoETS, HoltWinters, Theta

METHODS: dict[str, Method] = {
	kind.name: kind()
	for kind in (
		MovingAverage,
		SeasonalNaive,
		HoltWinters,
		AutoETS,
		AutoARIMA,
		LinearRegression,
		Theta,
		CES,
		MSTL,
		DynamicRegression,
		DynamicHarmonic,
		Prophet,
		MLP,
		Croston,
		SBA,
		TSB,
		ADIDA,
		IMAPA,
	)
}
"""Methods that need one series only; they hold no state, so that one instance serves all."""


def method(name: str) -> Method:
	"""Raises: ValueError: there is none of that name."""
	if name not in METHODS:
		raise ValueError(f"There is no forecasting method {name!r}; there are: {', '.join(METHODS)}.")
	return METHODS[name]


__all__ = ["LEVELS", "METHODS", "Fitted", "Method", "Path", "Sample", "method"]
