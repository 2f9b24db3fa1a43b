"""What a scenario's run answers with: the orders that differ from today's plan. Kept with the scenario, in no table."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema
from sentia_ops.store.frames import name_field


class OrderDifferences(Schema):
	item_code: str = name_field()
	item_name: str = pa.Field(default="")
	warehouse: str = name_field()
	action: str = name_field()
	kind: str = pa.Field(isin=["new", "gone", "larger", "smaller", "changed"])
	change: str = name_field()  # all that differs, in words
	supplier_now: str = pa.Field(default="")
	supplier_then: str = pa.Field(default="")
	qty_now: float = pa.Field(ge=0, nullable=True)  # stock UOM; empty: no order
	qty_then: float = pa.Field(ge=0, nullable=True)
	cost_now: float = pa.Field(ge=0, nullable=True)  # company currency
	cost_then: float = pa.Field(ge=0, nullable=True)
	order_by_now: pd.Timestamp = pa.Field(nullable=True)
	order_by_then: pd.Timestamp = pa.Field(nullable=True)
	urgency_now: str = pa.Field(default="")
	urgency_then: str = pa.Field(default="")
	why: str = pa.Field(default="")


ORDER_DIFFERENCES = Frame("order_differences", OrderDifferences, key=("item_code", "warehouse", "action"))
