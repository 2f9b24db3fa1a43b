"""A small planned lake for scenarios: a kettle group from two suppliers, a mug from one, two warehouses."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from sentia_ops import chain
from sentia_ops.forecasting.frames import DEMAND, FORECAST_QUALITY, FORECASTS
from sentia_ops.replenishment.frames import INBOUND, STOCK
from sentia_ops.scenarios.engine.changes import Change
from sentia_ops.scenarios.flow import Outcome, what_if
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS

AS_OF = date(2025, 3, 10)
UK, EU = "UK Shed", "EU Shed"
DAYS = 90


def day(n: int) -> pd.Timestamp:
	return pd.Timestamp(AS_OF + timedelta(days=n))


def forecast(item: str, warehouse: str, daily: float) -> pd.DataFrame:
	rows = pd.DataFrame({"date": [day(n) for n in range(DAYS)], "qty": daily, "median": daily})
	bounds = {"lo80": daily - 1, "hi80": daily + 1, "lo95": daily - 2, "hi95": daily + 2}
	made = {"machine_qty": daily, "net_qty": daily - 1, "committed": 1.0, "model": "mean"}
	return rows.assign(item_code=item, warehouse=warehouse, **bounds, **made)


def quality(item: str, warehouse: str, std: float) -> dict:
	row = {"item_code": item, "warehouse": warehouse, "model": "mean", "demand_class": "smooth"}
	row |= {"history_days": 365, "stockout_days": 0, "mean_daily": 10.0, "error_std": std, "windows": 3}
	return row | {"mase": 0.8, "rmsse": 0.8, "scaled_pinball": 0.3, "coverage95": 0.95, "mase_naive": 1.0}


def lead(supplier: str, item: str, days: float) -> dict:
	row = {"supplier": supplier, "item_code": item, "mean_days": days, "std_days": 2.0, "receipts": 9}
	row |= {"p50_days": days, "p90_days": days + 2, "p95_days": days + 3, "supplier_receipts": 20}
	return row | {"basis": "item", "note": "9 receipts of this item"}


def offer(supplier: str, item: str, price: float, default: bool = False) -> dict:
	row = {"supplier": supplier, "item_code": item, "price": price, "currency": "GBP", "is_default": default}
	return row | {
		"promised_lead_days": 10.0,
		"price_breaks": f'[{{"qty": 500, "price": {price * 0.9:.2f}}}]',
	}


TABLES = (
	(
		ITEMS,
		[
			{"item_code": "KETTLE", "item_name": "Red Kettle", "item_group": "Kitchen", "valuation_rate": 8.0},
			{"item_code": "MUG", "item_name": "Mug", "item_group": "Table", "valuation_rate": 2.0},
			{"item_code": "UK", "item_name": "Flag", "item_group": "Table", "valuation_rate": 1.0},
		],
	),
	(WAREHOUSES, [{"warehouse": UK, "market": "UK"}, {"warehouse": EU, "market": "EU"}]),
	(CURRENCIES, [{"currency": "GBP", "rate": 1.0}, {"currency": "EUR", "rate": 0.85}]),
	(
		STOCK,
		[
			{"item_code": "KETTLE", "warehouse": UK, "on_hand": 200.0},
			{"item_code": "KETTLE", "warehouse": EU, "on_hand": 60.0},
			{"item_code": "MUG", "warehouse": UK, "on_hand": 500.0},
		],
	),
	(
		INBOUND,
		[
			{"item_code": "KETTLE", "warehouse": EU, "due_date": day(2), "voucher": "PO-1 / L1", "qty": 40.0, "kind": "PO"},
			{"item_code": "MUG", "warehouse": UK, "due_date": day(-3), "voucher": "L2", "qty": 20.0, "kind": "PO"},
		],
	),
	(
		RECEIPTS,
		[
			{"order_line": "L1", "supplier": "Acme", "item_code": "KETTLE", "qty_ordered": 40.0, "qty_received": 0.0, "ordered_on": day(-9)},
			{"order_line": "L2", "supplier": "Potter", "item_code": "MUG", "qty_ordered": 20.0, "qty_received": 0.0, "ordered_on": day(-20)},
		],
	),
	(SUPPLIER_ITEMS, [offer("Acme", "KETTLE", 8.0, True), offer("Bolt", "KETTLE", 9.5), offer("Potter", "MUG", 2.0, True)]),
	(LEAD_TIMES, [lead("Acme", "KETTLE", 10.0), lead("Bolt", "KETTLE", 6.0), lead("Potter", "MUG", 12.0)]),
	(FORECAST_QUALITY, [quality("KETTLE", UK, 3.0), quality("KETTLE", EU, 4.0), quality("MUG", UK, 5.0)]),
	(DEMAND, [{"item_code": "KETTLE", "warehouse": UK, "date": day(-1), "qty": 10.0}]),
)  # fmt: skip


def make_world(folder, planned: bool = True) -> LakeStore:
	store = LakeStore(folder, create=True)
	with store.run("import") as run:
		for frame, rows in TABLES:
			store.write(frame, pd.DataFrame(rows), run=run)
		parts = [forecast("KETTLE", UK, 10.0), forecast("KETTLE", EU, 6.0), forecast("MUG", UK, 8.0)]
		store.write(FORECASTS, pd.concat(parts), run=run)
	if planned:
		chain.plan(store, as_of=AS_OF, only=["buying"])
	return store


def outcome(store, *changes: Change, settings=None) -> Outcome:
	return what_if(store, [list(changes)], settings, as_of=AS_OF)[0]
