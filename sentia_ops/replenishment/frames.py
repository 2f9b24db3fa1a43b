"""Tables of the replenishment room: stock and open orders in, stock policy and recommendations out."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema
from sentia_ops.store.frames import name_field

URGENCIES = ["Critical", "High", "Medium", "Low"]
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
	kind: str = pa.Field(isin=["SO", "WO material"])


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
	days_of_cover: float = pa.Field(ge=0, nullable=True)  # empty: no demand expected
	stockout_on: pd.Timestamp = pa.Field(
		nullable=True
	)  # first day projected stock is below zero; empty: none seen
	verdict: str = pa.Field(isin=["order", "enough", "no demand", "no forecast", "stock unknown"])
	why: str = pa.Field(default="")  # the arithmetic in one sentence
	run: str = pa.Field(default="")


class Recommendations(Schema):
	item_code: str = name_field()
	warehouse: str = name_field()
	action: str = pa.Field(isin=["buy", "make"])
	supplier: str = pa.Field(default="")
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
	)  # JSON: {"start", "without": [...], "with": [...], "safety_stock", "reorder_point"}, a value a day
	run: str = pa.Field(default="")


STOCK = Frame("stock", Stock, key=("item_code", "warehouse"), refers=STOCK_REFERS)
INBOUND = Frame(
	"inbound", Inbound, key=("item_code", "warehouse", "due_date", "voucher"), refers=STOCK_REFERS
)
OUTBOUND = Frame(
	"outbound", Outbound, key=("item_code", "warehouse", "due_date", "voucher"), refers=STOCK_REFERS
)
STOCK_POLICY = Frame("stock_policy", StockPolicy, key=("item_code", "warehouse"))
RECOMMENDATIONS = Frame("recommendations", Recommendations, key=("item_code", "warehouse"))
