"""Tables that every room refers to: items, warehouses, currencies, and the log of runs."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema


def name_field(**kwargs):
	"""An ERPNext document name: text, never empty."""
	return pa.Field(str_length={"min_value": 1}, **kwargs)


class Warehouses(Schema):
	warehouse: str = name_field()
	company: str = pa.Field(default="")
	market: str = pa.Field(default="")  # UK, EU, USA ...
	capacity: float = pa.Field(ge=0, nullable=True)  # cubic metres; empty: no limit


class Currencies(Schema):
	currency: str = name_field()
	rate: float = pa.Field(gt=0)  # one unit of it in company currency


class Items(Schema):
	item_code: str = name_field()
	item_name: str = pa.Field(default="")
	item_group: str = pa.Field(default="")
	stock_uom: str = pa.Field(default="Nos")
	whole_number: bool = pa.Field(default=True)  # the UOM allows whole quantities only
	is_purchased: bool = pa.Field(default=True)
	is_made: bool = pa.Field(default=False)
	valuation_rate: float = pa.Field(ge=0, default=0.0)  # company currency per stock UOM
	selling_rate: float = pa.Field(ge=0, default=0.0)  # company currency per stock UOM
	min_order_qty: float = pa.Field(ge=0, default=0.0)  # stock UOM
	pack_size: float = pa.Field(ge=0, default=0.0)  # stock UOM; 0: any multiple
	shelf_life_days: float = pa.Field(ge=0, default=0.0)  # 0: does not perish
	lead_time_days: float = pa.Field(ge=0, default=0.0)  # planner's own figure; 0: not given
	volume: float = pa.Field(ge=0, default=0.0)  # cubic metres per stock UOM; 0: takes no room


class Runs(Schema):
	run: str = name_field()
	flow: str = name_field()
	trigger: str = pa.Field(default="manual")
	user: str = pa.Field(default="")
	status: str = pa.Field(isin=["Running", "Completed", "Failed"])
	started: pd.Timestamp  # UTC
	ended: pd.Timestamp = pa.Field(nullable=True)  # UTC; empty while running
	rows_in: str = pa.Field(default="{}")  # JSON: table -> rows read
	rows_out: str = pa.Field(default="{}")  # JSON: table -> rows written
	refused: str = pa.Field(default="{}")  # JSON: reason -> lines refused
	warnings: str = pa.Field(default="[]")  # JSON list
	error: str = pa.Field(default="")
	parameters: str = pa.Field(default="{}")  # JSON
	versions: str = pa.Field(default="{}")  # JSON


WAREHOUSES = Frame("warehouses", Warehouses, key=("warehouse",))
CURRENCIES = Frame("currencies", Currencies, key=("currency",), currencies=("currency",))
ITEMS = Frame("items", Items, key=("item_code",))
RUNS = Frame("runs", Runs, key=("run",))
