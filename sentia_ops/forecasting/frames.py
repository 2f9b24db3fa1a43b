"""Tables of the forecasting room: sales history in, forecasts and their measured quality out."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema
from sentia_ops.store.frames import name_field

SERIES = ("item_code", "warehouse")


class Demand(Schema):
	"""Sparse: a day without a row had stock and sold nothing."""

	item_code: str = name_field()
	warehouse: str = name_field()
	date: pd.Timestamp  # site-local day
	qty: float = pa.Field(ge=0)  # stock UOM; ordered, net of cancelled and returned
	in_stock: bool = pa.Field(default=True)  # False: stock was out, so qty understates what was wanted
	channel: str = pa.Field(default="")


class Forecasts(Schema):
	item_code: str = name_field()
	warehouse: str = name_field()
	date: pd.Timestamp
	qty: float = pa.Field(ge=0)  # stock UOM a day, the middle of the distribution's models
	lo80: float = pa.Field(ge=0)
	hi80: float = pa.Field(ge=0)
	lo95: float = pa.Field(ge=0)
	hi95: float = pa.Field(ge=0)
	model: str = name_field()
	run: str = pa.Field(default="")


class ForecastQuality(Schema):
	"""How the forecast did on a rolling backtest, and what may be said of it."""

	item_code: str = name_field()
	warehouse: str = name_field()
	model: str = name_field()
	demand_class: str = pa.Field(isin=["smooth", "erratic", "intermittent", "lumpy", "new", "dead"])
	history_days: int = pa.Field(ge=0)
	stockout_days: int = pa.Field(ge=0)
	mean_daily: float = pa.Field(ge=0)  # repaired demand a day over the last 8 weeks, stock UOM
	error_std: float = pa.Field(ge=0)  # standard deviation of the daily forecast error, stock UOM
	mase: float = pa.Field(ge=0, nullable=True)  # below 1: better than last week's same day; empty: untested
	rmsse: float = pa.Field(ge=0, nullable=True)
	scaled_pinball: float = pa.Field(ge=0, nullable=True)
	coverage95: float = pa.Field(ge=0, le=1, nullable=True)
	mase_naive: float = pa.Field(ge=0, nullable=True)  # the seasonal naive rival, on the same days
	windows: int = pa.Field(ge=0)  # backtest windows; 0: too little history
	verdict: str = pa.Field(default="")  # honest words for a planner
	run: str = pa.Field(default="")


DEMAND = Frame(
	"demand",
	Demand,
	key=(*SERIES, "date"),
	refers={"item_code": "items.item_code", "warehouse": "warehouses.warehouse"},
	past_only=("date",),
)
FORECASTS = Frame("forecasts", Forecasts, key=(*SERIES, "date"))
FORECAST_QUALITY = Frame("forecast_quality", ForecastQuality, key=SERIES)
