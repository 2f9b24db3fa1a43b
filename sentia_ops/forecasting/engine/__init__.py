"""Demand forecasting: daily sales in, daily means with intervals and measured quality out. No I/O."""

from sentia_ops.forecasting.engine.classify import Profile, classify
from sentia_ops.forecasting.engine.forecast import Outcome, Quality, forecast_series
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.parallel import forecast_many
from sentia_ops.forecasting.engine.repair import cap_spikes, fill_stockouts
from sentia_ops.forecasting.engine.settings import ForecastSettings

__all__ = [
	"ForecastSettings",
	"History",
	"Outcome",
	"Profile",
	"Quality",
	"cap_spikes",
	"classify",
	"fill_stockouts",
	"forecast_many",
	"forecast_series",
]
