"""Tables of the replenishment room: stock and open orders in, stock policy and recommendations out."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema
from sentia_ops.store.frames import name_field

URGENCIES = ["Critical", "High", "Medium", "Low"]
ACTIONS = ["buy", "make", "transfer"]
BUFFERS = [
	"",
	"red",
	"yellow",
	"green",
	"over",
]  # days of cover against safety stock and reorder point; over: excess
MEASURES = ["cycle", "fill"]
LIMITS = ["", "budget", "capacity", "order value", "scarcity"]
STOCK_REFERS = {"item_code": "items.item_code", "warehouse": "warehouses.warehouse"}


class Stock(Schema):
	item_code: str = name_field()
	warehouse: str = name_field()
	on_hand: float = pa.Field(ge=0)  # stock UOM
	reserved: float = pa.Field(ge=0, default=0.0)  # promised to open sales and work orders
	ordered: float = pa.Field(ge=0, default=0.0)  # on open purchase orders
	projected: float = pa.Field(
		nullable=True
	)  # ERPNext's own undated figure, for comparison; may be negative


class Inbound(Schema):
	item_code: str = name_field()
	warehouse: str = name_field()
	due_date: pd.Timestamp
	voucher: str = name_field()  # document and row, so that two rows of one order stay apart
	qty: float = pa.Field(gt=0)  # stock UOM still to come
	kind: str = pa.Field(isin=["PO", "MR", "WO"])


class Outbound(Schema):
	item_code: str = name_field()
	warehouse: str = name_field()
	due_date: pd.Timestamp
	voucher: str = name_field()
	qty: float = pa.Field(gt=0)  # stock UOM still to go out
	kind: str = pa.Field(isin=["SO", "WO material", "MR"])  # MR: to another warehouse


class StockPolicy(Schema):
	"""Every planned item and warehouse, also those for which nothing is proposed: why, or why not."""

	item_code: str = name_field()
	warehouse: str = name_field()
	supplier: str = pa.Field(default="")  # the regular one; empty: made, or no supplier known
	on_hand: float = pa.Field(ge=0)  # 0 where the verdict is "stock unknown"
	inbound: float = pa.Field(ge=0)  # due within the protection period
	outbound: float = pa.Field(ge=0)  # open customer orders due within the protection period
	position: float  # on_hand + inbound - demand promised beyond the forecast
	daily_demand: float = pa.Field(ge=0)  # mean forecast a day over the protection period
	lead_days: float = pa.Field(ge=0)  # mean
	lead_std: float = pa.Field(ge=0)
	service_level: float = pa.Field(gt=0, lt=1)
	safety_stock: float = pa.Field(ge=0)
	reorder_point: float = pa.Field(ge=0)
	order_qty: float = pa.Field(ge=0)  # what one order would be, after minimum and pack
	abc: str = pa.Field(isin=["", "A", "B", "C"], default="")  # by yearly demand in money; empty: no demand
	xyz: str = pa.Field(isin=["", "X", "Y", "Z"], default="")  # by how far weekly demand scatters
	service_measure: str = pa.Field(isin=MEASURES, default="cycle")  # what service_level is a level of
	fill_rate: float = pa.Field(ge=0, le=1, nullable=True)  # share of demand expected to be met from stock
	distribution: str = pa.Field(isin=["", "gamma", "compound"], default="")  # of demand over lead time
	review_days: float = pa.Field(ge=0, default=0.0)
	period_demand: float = pa.Field(ge=0, default=0.0)  # mean over the protection period
	period_std: float = pa.Field(ge=0, default=0.0)  # of that demand, lead time's scatter included
	economic_qty: float = pa.Field(ge=0, default=0.0)  # before minimum, packs and caps
	order_up_to: float = pa.Field(ge=0, default=0.0)
	excess: float = pa.Field(ge=0, default=0.0)  # on hand that no demand within the largest cover will use
	buffer: str = pa.Field(isin=BUFFERS, default="")
	weekly_demand: str = pa.Field(default="[]")  # JSON: forecast of the next 13 weeks, for a sparkline
	days_of_cover: float = pa.Field(ge=0, nullable=True)  # empty: no demand expected
	stockout_on: pd.Timestamp = pa.Field(
		nullable=True
	)  # first day projected stock is below zero; empty: none seen
	verdict: str = pa.Field(isin=["order", "enough", "no demand", "no forecast", "stock unknown"])
	cut_qty: float = pa.Field(ge=0, default=0.0)  # that budget, capacity or order value took from the order
	cut_by: str = pa.Field(isin=LIMITS, default="")
	cut_risk: float = pa.Field(
		ge=0, default=0.0
	)  # what that adds to the expected stock-out cost, company currency
	why: str = pa.Field(default="")  # the arithmetic in one sentence
	run: str = pa.Field(default="")


class Recommendations(Schema):
	item_code: str = name_field()
	warehouse: str = name_field()
	action: str = pa.Field(isin=ACTIONS)
	supplier: str = pa.Field(default="")
	from_warehouse: str = pa.Field(default="")  # of a transfer
	qty: float = pa.Field(gt=0)  # stock UOM
	order_by: pd.Timestamp
	need_by: pd.Timestamp
	unit_price: float = pa.Field(ge=0)  # supplier's currency per stock UOM
	currency: str = pa.Field(default="")
	cost: float = pa.Field(ge=0)  # company currency, qty x price
	service_level: float = pa.Field(gt=0, lt=1)
	stockout_risk: float = pa.Field(ge=0, le=1)  # chance of running out before an order placed today arrives
	confidence: float = pa.Field(ge=0, le=1)
	urgency: str = pa.Field(isin=URGENCIES)
	summary: str = pa.Field(default="")  # one sentence a buyer can act on
	reasons: str = pa.Field(default="[]")  # JSON: [{"label", "text", "value"}], checkable by hand
	alternatives: str = pa.Field(
		default="[]"
	)  # JSON: [{"supplier", "unit_price", "currency", "qty", "total_cost", "lead_days", "why_not"}]
	projection: str = pa.Field(
		default="{}"
	)  # JSON: {"start", "without": [...], "with": [...], "atp": [...], "safety_stock", "reorder_point"}, a value a day
	service_class: str = pa.Field(default="")  # ABC x XYZ: AX ... CZ
	wanted_qty: float = pa.Field(
		ge=0, nullable=True
	)  # before budget, capacity and order values; empty: as `qty`
	cut_by: str = pa.Field(isin=LIMITS, default="")
	cost_without: float = pa.Field(
		ge=0, nullable=True
	)  # expected cost of running out, company currency, if not ordered
	cost_with: float = pa.Field(ge=0, nullable=True)  # the same if ordered now
	days_of_cover: float = pa.Field(ge=0, nullable=True)  # of stock and open orders, at the forecast
	buffer: str = pa.Field(isin=BUFFERS, default="")
	inputs: str = pa.Field(default="{}")  # JSON: every number the proposal rests on, by name
	changes: str = pa.Field(
		default=""
	)  # why it differs from the run before, in words; empty: new or as before
	weekly_demand: str = pa.Field(default="[]")  # JSON: forecast of the next 13 weeks, for a sparkline
	run: str = pa.Field(default="")


class PolicyOverrides(Schema):
	"""A planner's own rules; the most exact one counts: item and warehouse, item, group and warehouse, group."""

	item_code: str = pa.Field(default="")  # empty: all items of the group
	item_group: str = pa.Field(default="")
	warehouse: str = pa.Field(default="")  # empty: everywhere
	service_level: float = pa.Field(gt=0, lt=1, nullable=True)  # empty: as the class has it, and so on
	service_measure: str = pa.Field(isin=["", *MEASURES], default="")
	review_days: float = pa.Field(ge=1, nullable=True)
	max_cover_days: float = pa.Field(ge=1, nullable=True)
	safety_stock: float = pa.Field(ge=0, nullable=True)  # stock UOM, instead of the calculated one
	hold: bool = pa.Field(default=False)  # never order: the item runs out on purpose
	note: str = pa.Field(default="")


class Excess(Schema):
	"""Stock beyond what the largest cover will use, and what to do with it."""

	item_code: str = name_field()
	warehouse: str = name_field()
	on_hand: float = pa.Field(ge=0)
	excess_qty: float = pa.Field(gt=0)  # stock UOM
	excess_value: float = pa.Field(ge=0)  # company currency, at the valuation rate
	holding_cost: float = pa.Field(ge=0)  # of the excess, company currency a year
	days_of_cover: float = pa.Field(ge=0, nullable=True)  # empty: no demand expected, dead stock
	is_dead: bool = pa.Field(default=False)
	proposal: str = pa.Field(isin=["transfer", "cancel order", "return", "sell off", "write off", "wait"])
	why: str = pa.Field(default="")
	run: str = pa.Field(default="")


class Allocations(Schema):
	"""Scarce stock shared out: items of which all markets together want more than there is until the next delivery."""

	item_code: str = name_field()
	warehouse: str = name_field()
	market: str = pa.Field(default="")
	available: float = pa.Field(ge=0)  # here now and on its way, stock UOM
	demand: float = pa.Field(ge=0)  # until supply comes
	allocated: float = pa.Field(ge=0)  # this warehouse's fair share of all there is
	short: float = pa.Field(ge=0)  # demand it will not meet
	lost_margin: float = pa.Field(ge=0)  # company currency
	why: str = pa.Field(default="")
	run: str = pa.Field(default="")


class Decisions(Schema):
	"""What was ordered on a recommendation, and what that rested on."""

	recommendation: str = name_field()
	item_code: str = name_field()
	warehouse: str = name_field()
	supplier: str = pa.Field(default="")
	segment: str = pa.Field(default="")  # service class, such as AX; empty: it had none
	ordered_on: pd.Timestamp
	need_by: pd.Timestamp
	qty: float = pa.Field(gt=0)  # stock UOM, as ordered
	unit_cost: float = pa.Field(ge=0)  # company currency per stock UOM
	daily_demand: float = pa.Field(ge=0)  # as forecast then, stock UOM
	safety_stock: float = pa.Field(ge=0)
	received_on: pd.Timestamp = pa.Field(nullable=True)  # the day its last part came; empty: not all here
	is_automatic: bool = pa.Field(default=False)


class StockDays(Schema):
	"""Sparse: stock at the end of the days on which it moved; in between it stays, before the first there is none."""

	item_code: str = name_field()
	warehouse: str = name_field()
	date: pd.Timestamp
	on_hand: float  # stock UOM, at the end of the day; below zero: a booking is missing
	received: float = pa.Field(ge=0, default=0.0)  # stock UOM, bought, made or moved here that day


class Outcomes(Schema):
	"""What became of an ordered recommendation, judged once the days it was to cover have passed."""

	recommendation: str = name_field()
	item_code: str = name_field()
	warehouse: str = name_field()
	supplier: str = pa.Field(default="")
	segment: str = name_field()  # service class, such as AX
	ordered_on: pd.Timestamp
	judged_on: pd.Timestamp
	qty: float = pa.Field(gt=0)
	was_needed: (
		bool  # without it stock would have run out, or under the safety stock, by the day it was needed
	)
	arrived_on: pd.Timestamp = pa.Field(nullable=True)  # empty: not arrived when judged
	days_late: float = pa.Field(nullable=True)  # against need_by; below zero: early
	stockout_days: float = pa.Field(ge=0)  # within the cover
	excess_qty: float = pa.Field(ge=0)  # left when the cover ended, beyond the safety stock
	regret: float = pa.Field(
		ge=0
	)  # company currency: lost margin and holding that a better order would have spared
	is_good: bool
	is_automatic: bool = pa.Field(default=False)
	why: str = pa.Field(default="")
	run: str = pa.Field(default="")


class Autonomy(Schema):
	"""Which segments may be approved without a person, and what earned or lost them that right."""

	segment: str = name_field()  # service class, such as AX
	backtests: int = pa.Field(ge=0)  # forecasts of the segment that were tested on the past
	backtest_pass: float = pa.Field(
		ge=0, le=1, nullable=True
	)  # share of them that beat the naive forecast within bounds
	outcomes: int = pa.Field(ge=0)
	good_share: float = pa.Field(ge=0, le=1, nullable=True)
	may_approve: bool
	since: pd.Timestamp = pa.Field(nullable=True)
	why: str = pa.Field(default="")
	run: str = pa.Field(default="")


STOCK = Frame("stock", Stock, key=("item_code", "warehouse"), refers=STOCK_REFERS)
INBOUND = Frame(
	"inbound", Inbound, key=("item_code", "warehouse", "due_date", "voucher"), refers=STOCK_REFERS
)
OUTBOUND = Frame(
	"outbound", Outbound, key=("item_code", "warehouse", "due_date", "voucher"), refers=STOCK_REFERS
)
STOCK_POLICY = Frame("stock_policy", StockPolicy, key=("item_code", "warehouse"))
RECOMMENDATIONS = Frame("recommendations", Recommendations, key=("item_code", "warehouse", "action"))
POLICY_OVERRIDES = Frame(
	"policy_overrides", PolicyOverrides, key=("item_code", "item_group", "warehouse"), refers=STOCK_REFERS
)
EXCESS = Frame("excess", Excess, key=("item_code", "warehouse"))
ALLOCATIONS = Frame("allocations", Allocations, key=("item_code", "warehouse"))
DECISIONS = Frame("decisions", Decisions, key=("recommendation",), refers=STOCK_REFERS)
STOCK_DAYS = Frame(
	"stock_days",
	StockDays,
	key=("item_code", "warehouse", "date"),
	refers=STOCK_REFERS,
	past_only=("date",),
)
OUTCOMES = Frame("outcomes", Outcomes, key=("recommendation",))
AUTONOMY = Frame("autonomy", Autonomy, key=("segment",))
