"""The rows of a small planned lake, made by hand, so that the command line is tested apart from the engines."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2025-06-02")
EVIL = '<script>alert("x")</script> & <b>Lamp</b>'
SCRIPTED = "</script><script>alert(1)</script>"


def demand_rows() -> pd.DataFrame:
	days = pd.date_range(AS_OF - pd.Timedelta(days=200), periods=200)
	rows = pd.DataFrame(
		{"item_code": "LAMP", "warehouse": "UK", "date": days, "qty": np.arange(200) % 7 + 1.0}
	)
	rows["in_stock"] = ~rows["date"].between(AS_OF - pd.Timedelta(days=10), AS_OF - pd.Timedelta(days=8))
	return rows


def forecast_rows() -> pd.DataFrame:
	days = pd.date_range(AS_OF, periods=28)
	rows = pd.DataFrame({"item_code": "LAMP", "warehouse": "UK", "date": days, "qty": 4.0, "model": "median"})
	return rows.assign(lo80=2.0, hi80=6.0, lo95=1.0, hi95=8.0)


def quality_rows() -> pd.DataFrame:
	tested = {
		"mase": 0.8,
		"mase_naive": 1.0,
		"rmsse": 0.9,
		"scaled_pinball": 0.3,
		"coverage95": 0.94,
		"windows": 4,
	}
	base = {"warehouse": "UK", "model": "median", "history_days": 200, "stockout_days": 3, "mean_daily": 4.0}
	rows = [
		base | tested | {"item_code": "LAMP", "demand_class": "smooth", "error_std": 2.0},
		base
		| dict.fromkeys(["mase", "mase_naive", "rmsse", "scaled_pinball", "coverage95"])
		| {"item_code": "DESK", "demand_class": "new", "error_std": 1.0, "windows": 0},
	]
	return pd.DataFrame(rows)


def policy_rows() -> pd.DataFrame:
	base = {
		"warehouse": "UK",
		"inbound": 0.0,
		"outbound": 0.0,
		"lead_days": 14.0,
		"lead_std": 3.0,
		"service_level": 0.95,
	}
	base |= {"safety_stock": 12.0, "reorder_point": 68.0, "order_qty": 100.0, "supplier": "Acme <Ltd>"}
	rows = [
		base
		| {"item_code": "LAMP", "on_hand": 4.0, "position": 4.0, "daily_demand": 4.0, "days_of_cover": 1.0}
		| {"stockout_on": AS_OF + pd.Timedelta(days=1), "verdict": "order", "why": "4 is below 68"},
		base
		| {
			"item_code": "CHAIR",
			"on_hand": 90.0,
			"position": 90.0,
			"daily_demand": 1.0,
			"days_of_cover": 90.0,
		}
		| {"stockout_on": pd.NaT, "verdict": "enough", "why": "90 on hand is above the reorder point of 68"},
	]
	return pd.DataFrame(rows)


def recommendation_rows() -> pd.DataFrame:
	row = {
		"item_code": "LAMP",
		"warehouse": "UK",
		"action": "buy",
		"supplier": "Acme <Ltd>",
		"qty": 100.0,
		"order_by": AS_OF,
		"need_by": AS_OF + pd.Timedelta(days=14),
		"unit_price": 2.5,
		"currency": "GBP",
		"cost": 250.0,
		"service_level": 0.95,
		"stockout_risk": 0.97,
		"confidence": 0.8,
		"urgency": "Critical",
		"summary": "Order 100 today: 4 left, 4 a day wanted.",
		"reasons": json.dumps([{"label": "Cover", "text": "4 / 4 a day = 1 day", "value": 1.0}]),
		"alternatives": json.dumps(
			[
				{"supplier": "Bolt", "unit_price": 2.4, "currency": "GBP", "qty": 500, "total_cost": 1200.0}
				| {"lead_days": 60, "why_not": "60 days is too slow"},
				{
					"supplier": "Yen & Co",
					"unit_price": 300,
					"currency": "JPY",
					"why_not": "no exchange rate for JPY",
				}
				| dict.fromkeys(["qty", "total_cost", "lead_days"]),
			]
		),
		"projection": json.dumps(
			{"start": f"{AS_OF:%Y-%m-%d}", "without": [4.0, 0.0, -4.0] * 10, "with": [4.0, 100.0, 96.0] * 10}
			| {"safety_stock": 12.0, "reorder_point": 68.0}
		),
	}
	later = row | {"warehouse": "EU", "urgency": "Low", "stockout_risk": 0.02, "summary": "Order some time."}
	return pd.DataFrame([later, row])


def offers() -> pd.DataFrame:
	return pd.DataFrame(
		[
			{
				"supplier": "Acme <Ltd>",
				"item_code": "LAMP",
				"price": 2.5,
				"currency": "GBP",
				"promised_lead_days": 12.0,
			}
		]
	)


def receipt_rows() -> pd.DataFrame:
	ordered = pd.date_range(AS_OF - pd.Timedelta(days=150), periods=10, freq="10D")
	taken = [10, 11, 12, 13, 14, 15, 16, 17, 18, 40]
	rows = pd.DataFrame({"order_line": [f"PO-{n}" for n in range(10)], "ordered_on": ordered})
	rows["promised_on"] = ordered + pd.Timedelta(days=14)
	rows["received_on"] = ordered + pd.to_timedelta(taken, unit="D")
	return rows.assign(
		supplier="Acme <Ltd>", item_code="LAMP", warehouse="UK", qty_ordered=50.0, qty_received=50.0
	)


def lead_time_rows() -> pd.DataFrame:
	row = {
		"supplier": "Acme <Ltd>",
		"item_code": "LAMP",
		"mean_days": 16.6,
		"std_days": 8.6,
		"p50_days": 14.5,
	}
	row |= {"p90_days": 20.2, "p95_days": 30.1, "receipts": 10, "supplier_receipts": 10, "basis": "item"}
	return pd.DataFrame([row])
