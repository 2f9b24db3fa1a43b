"""A one-item company whose every figure a test can set."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pandas as pd

from sentia_ops.forecasting.frames import FORECAST_QUALITY, FORECASTS
from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.plan import Plan, Tables, make_plan
from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, POLICY_OVERRIDES, RECOMMENDATIONS, STOCK
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.suppliers.frames import LEAD_TIMES, SUPPLIER_ITEMS, SUPPLIER_TERMS

AS_OF = date(2025, 3, 10)  # a Monday
KETTLE = {"item_code": "KETTLE", "item_name": "Red Kettle", "valuation_rate": 8.0}
FRAMES = {
	"items": ITEMS,
	"warehouses": WAREHOUSES,
	"currencies": CURRENCIES,
	"stock": STOCK,
	"inbound": INBOUND,
	"outbound": OUTBOUND,
	"supplier_items": SUPPLIER_ITEMS,
	"lead_times": LEAD_TIMES,
	"forecasts": FORECASTS,
	"quality": FORECAST_QUALITY,
	"terms": SUPPLIER_TERMS,
	"overrides": POLICY_OVERRIDES,
	"previous": RECOMMENDATIONS,
}


def day(n: float) -> pd.Timestamp:
	return pd.Timestamp(AS_OF + timedelta(days=n))


def forecast(daily=10.0, days=90, start=0, item="KETTLE", warehouse="UK") -> list[dict]:
	quantities = daily if isinstance(daily, list) else [daily] * days
	return [
		{"item_code": item, "warehouse": warehouse, "date": day(start + i), "qty": q, "model": "mean"}
		| {"lo80": max(q - 2, 0), "hi80": q + 3 * 1.281552, "lo95": max(q - 3, 0), "hi95": q + 3 * 1.959964}
		for i, q in enumerate(quantities)
	]


def quality(error_std=3.0, mase=0.8, history=365, windows=3, kind="smooth", item="KETTLE", warehouse="UK"):
	row = {"item_code": item, "warehouse": warehouse, "model": "mean", "demand_class": kind, "mase": mase}
	row |= {"history_days": history, "stockout_days": 0, "mean_daily": 10.0, "error_std": error_std}
	row |= {"rmsse": mase, "scaled_pinball": 0.3, "coverage95": 0.95, "mase_naive": 1.0, "windows": windows}
	return [row]


def offer(supplier="Acme", price=8.0, currency="GBP", default=True, item="KETTLE", **more) -> dict:
	row = {"supplier": supplier, "item_code": item, "price": price, "currency": currency}
	return row | {"promised_lead_days": 11.0, "is_default": default} | more


def lead(supplier="Acme", mean=11.0, std=2.0, receipts=9, basis="item", item="KETTLE") -> dict:
	row = {"supplier": supplier, "item_code": item, "mean_days": mean, "std_days": std, "receipts": receipts}
	row |= {
		"p50_days": mean,
		"p90_days": mean + std,
		"p95_days": mean + 2 * std,
		"supplier_receipts": receipts,
	}
	return row | {"basis": basis, "note": f"{receipts} receipts of this item"}


def order(voucher, due, qty, kind="PO", item="KETTLE", warehouse="UK") -> dict:
	return {"item_code": item, "warehouse": warehouse, "due_date": day(due), "voucher": voucher} | {
		"qty": qty,
		"kind": kind,
	}


def stock(on_hand, item="KETTLE", warehouse="UK") -> list[dict]:
	return [{"item_code": item, "warehouse": warehouse, "on_hand": on_hand, "projected": on_hand}]


def world(on_hand=80.0, item=None, **rows: list[dict]) -> dict[str, pd.DataFrame]:
	"""Frames of a company with one item, forecast 10 a day, 11 days of lead time; `rows` replaces whole tables."""
	changed = {"items": [KETTLE | (item or {})], "stock": stock(on_hand)} | rows
	return DEFAULT | {name: _frame(name, given) for name, given in changed.items()}


COLUMNS = {
	name: (
		{c: column.default for c, column in frame.schema.to_schema().columns.items()},
		frame.empty().dtypes,
	)
	for name, frame in FRAMES.items()
}


def _frame(name: str, rows: list[dict]) -> pd.DataFrame:
	"""Rows with the frame's columns, defaults and types; its checks are left to the stores, for the tests' speed."""
	defaults, types = COLUMNS[name]
	return pd.DataFrame([defaults | row for row in rows], columns=list(defaults)).astype(types)


DEFAULT = {
	name: _frame(name, rows)
	for name, rows in {
		"warehouses": [{"warehouse": "UK"}, {"warehouse": "EU"}],
		"currencies": [{"currency": "GBP", "rate": 1.0}, {"currency": "EUR", "rate": 0.85}],
		"inbound": [],
		"outbound": [],
		"supplier_items": [offer()],
		"lead_times": [lead()],
		"forecasts": forecast(),
		"quality": quality(),
		"terms": [],
		"overrides": [],
		"previous": [],
	}.items()
}


def plan(policy: Policy | None = None, **given) -> Plan:
	return make_plan(Tables(**world(**given)), AS_OF, policy or Policy())


def one(policy: Policy | None = None, **given) -> tuple[pd.Series, pd.Series | None]:
	"""(stock policy row, recommendation row or None) of the one item."""
	made = plan(policy, **given)
	assert len(made.stock_policy) == 1
	first = made.recommendations.iloc[0] if len(made.recommendations) else None
	return made.stock_policy.iloc[0], first


def reason(row, label: str) -> dict:
	found = [r for r in json.loads(row["reasons"]) if r["label"] == label]
	assert len(found) == 1, f"{label} in {row['reasons']}"
	return found[0]
