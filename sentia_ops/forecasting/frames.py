"""Tables of the forecasting room: sales history in, forecasts and their measured quality out."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema
from sentia_ops.store.frames import name_field

SERIES = ("item_code", "warehouse")
DRIFTS = ["", "too high", "too low", "worse"]  # worse: than the backtest promised


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
	qty: float = pa.Field(
		ge=0
	)  # stock UOM a day, mean; what is planned with: planners' overrides and the pipeline are in it
	median: float = pa.Field(ge=0, default=0.0)
	lo80: float = pa.Field(ge=0)
	hi80: float = pa.Field(ge=0)
	lo95: float = pa.Field(ge=0)
	hi95: float = pa.Field(ge=0)
	machine_qty: float = pa.Field(ge=0, default=0.0)  # before overrides and pipeline
	committed: float = pa.Field(ge=0, default=0.0)  # open customer orders due that day
	net_qty: float = pa.Field(ge=0, default=0.0)  # of `qty`, what no open order has consumed
	# where an override is in them, what was there before: JSON [qty, median, lo80, hi80, lo95, hi95, net_qty]
	before: str = pa.Field(default="")
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
	drift: str = pa.Field(isin=DRIFTS, default="")  # of the newest forecast scored; empty: none
	verdict: str = pa.Field(default="")  # honest words for a planner
	run: str = pa.Field(default="")


class Factors(Schema):
	"""What moves demand besides time: a value for a day, for all items or for one."""

	name: str = name_field()  # e.g. "Christmas", "promotion", "price index", "temperature"
	item_code: str = pa.Field(default="")  # empty: all items
	date: pd.Timestamp
	kind: str = pa.Field(isin=["holiday", "promotion", "price", "weather", "other"], default="other")
	value: float  # holiday and promotion: 1 on the day, or its strength
	# False: values of days to come are not to be believed; see `known_by_kind`
	known_ahead: bool = pa.Field(default=True)


def known_by_kind(rows: pd.DataFrame) -> pd.DataFrame:
	"""Where rows do not say so themselves, weather and prices are not known ahead, all else is."""
	if "kind" not in rows:
		return rows
	ahead = ~rows["kind"].isin(["weather", "price"])
	if "known_ahead" not in rows:
		return rows.assign(known_ahead=ahead)
	told = rows["known_ahead"].astype(object)
	return rows.assign(known_ahead=told.where(told.notna() & told.ne(""), ahead))


class Overrides(Schema):
	"""A planner's word against the machine's, for all days from `first` to `last`; the newest wins where two overlap."""

	override: str = name_field()
	item_code: str = name_field()
	warehouse: str = pa.Field(default="")  # empty: every warehouse of the item
	first: pd.Timestamp
	last: pd.Timestamp  # included
	kind: str = pa.Field(isin=["set", "add", "percent"])
	value: float  # set, add: stock UOM over all days together; percent: +20 means a fifth more
	reason: str = name_field()
	planner: str = pa.Field(default="")
	made_on: pd.Timestamp = pa.Field(nullable=True)


class Pipeline(Schema):
	"""Demand that may come: open quotations and opportunities, parts for planned maintenance; and how such ended before."""

	voucher: str = name_field()
	item_code: str = name_field()
	warehouse: str = name_field()
	kind: str = pa.Field(isin=["quotation", "opportunity", "maintenance", "ticket"])
	made_on: pd.Timestamp
	due_date: pd.Timestamp = pa.Field(nullable=True)  # wanted on; empty: not said
	closed_on: pd.Timestamp = pa.Field(nullable=True)
	qty: float = pa.Field(gt=0)  # stock UOM
	outcome: str = pa.Field(isin=["open", "won", "lost"])  # maintenance, ticket: won means the part was used


class ForecastParts(Schema):
	"""What a forecast is made of: the weight of each method, the effect of each factor, and why others do not apply."""

	item_code: str = name_field()
	warehouse: str = name_field()
	kind: str = pa.Field(isin=["method", "factor", "adjustment"])
	part: str = name_field()  # "AutoETS", "Christmas", "override by Ann", "open quotations", "hierarchy"
	share: float = pa.Field(ge=0, le=1, nullable=True)  # methods: weight; 0: looked at, not used
	effect: float = pa.Field(nullable=True)  # factors, adjustments: stock UOM a day, mean over the horizon
	note: str = pa.Field(default="")  # why it does not apply, what it rests on
	run: str = pa.Field(default="")


class ForecastTotals(Schema):
	"""Sums over items and warehouses, coherent with FORECASTS to the last unit; weeks counted from the first day forecast."""

	level: str = pa.Field(isin=["item", "item group", "warehouse", "company"])
	node: str = name_field()
	date: pd.Timestamp  # first day of the week
	qty: float = pa.Field(ge=0)  # stock UOM over the week (of mixed units at higher levels)
	lo80: float = pa.Field(ge=0)
	hi80: float = pa.Field(ge=0)
	lo95: float = pa.Field(ge=0)
	hi95: float = pa.Field(ge=0)
	run: str = pa.Field(default="")


class ForecastScores(Schema):
	"""A forecast as it was made, kept once a week, and how it did once its days were over."""

	item_code: str = name_field()
	warehouse: str = name_field()
	as_of: pd.Timestamp  # first day forecast
	days: int = pa.Field(ge=1)  # kept and to be scored
	model: str = name_field()
	demand_class: str = pa.Field(default="")
	planner: str = pa.Field(default="")  # whose override was in it
	# JSON: {"qty", "naive", "lo80", "hi80", "lo95", "hi95", and "machine" where a planner's override was in it}: a value a
	# day each; empty after a quarter, as nobody looks at single days then
	points: str = pa.Field(default="{}")
	mean_scale: float = pa.Field(ge=0, nullable=True)  # denominators, from the history before as_of
	root_scale: float = pa.Field(ge=0, nullable=True)
	promised_mase: float = pa.Field(ge=0, nullable=True)  # by its backtest
	promised_std: float = pa.Field(ge=0, nullable=True)  # error_std of its backtest
	status: str = pa.Field(isin=["open", "scored"])
	days_scored: int = pa.Field(ge=0, default=0)  # in stock
	sold: float = pa.Field(ge=0, default=0.0)  # on the days scored, as are the three below
	expected: float = pa.Field(ge=0, default=0.0)
	expected_machine: float = pa.Field(ge=0, default=0.0)
	bias: float = pa.Field(nullable=True)  # (expected - sold) / sold; empty: nothing sold
	mase: float = pa.Field(ge=0, nullable=True)
	mase_machine: float = pa.Field(ge=0, nullable=True)
	mase_naive: float = pa.Field(ge=0, nullable=True)
	rmsse: float = pa.Field(ge=0, nullable=True)
	scaled_pinball: float = pa.Field(ge=0, nullable=True)
	coverage95: float = pa.Field(ge=0, le=1, nullable=True)
	drift: str = pa.Field(isin=DRIFTS, default="")  # of the machine's figure
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
FACTORS = Frame(
	"factors",
	Factors,
	key=("name", "item_code", "date"),
	refers={"item_code": "items.item_code"},
	prepare=known_by_kind,
)
OVERRIDES = Frame(
	"overrides",
	Overrides,
	key=("override",),
	refers={"item_code": "items.item_code", "warehouse": "warehouses.warehouse"},
)
PIPELINE = Frame(
	"pipeline",
	Pipeline,
	key=("voucher", "item_code", "warehouse"),
	refers={"item_code": "items.item_code", "warehouse": "warehouses.warehouse"},
)
FORECAST_PARTS = Frame("forecast_parts", ForecastParts, key=(*SERIES, "kind", "part"))
FORECAST_TOTALS = Frame("forecast_totals", ForecastTotals, key=("level", "node", "date"))
FORECAST_SCORES = Frame("forecast_scores", ForecastScores, key=(*SERIES, "as_of"))
