"""Seconds and peak memory of one plan by the number of item x warehouse pairs, each size in a process of its own.

	python benchmarks/replenishment_scale.py PAIRS [SEED]     prints the figures of one size as JSON

The tables are made up: four warehouses, 60 suppliers, one and a half offers an item, a forecast of 90 days, one item in ten
short of stock, one in five with something on order or promised. Seconds are those of `make_plan`, on the clock and of the processor; memory is the process's
peak, the tables included.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

SIZES, QUICK = (1_000, 10_000, 30_000, 100_000), (200, 1_000)
MOST_SECONDS, MOST_MB, MOST_SLOPE = 60.0, 4096, 1.1
AS_OF = date(2026, 3, 2)
WAREHOUSES, SUPPLIERS, HORIZON = 4, 60, 90
SHORT_SHARE, SECOND_OFFER, OPEN_SHARE = 0.1, 0.5, 0.2


def scale(sizes: tuple[int, ...], seed: int) -> list[dict]:
	"""Figures of each size; printed as they come."""
	print(f"\n{'pairs':>8} {'seconds':>8} {'CPU s':>7} {'peak MB':>8} {'orders':>7} {'CPU ms each':>11}")
	rows = []
	for pairs in sizes:
		done = subprocess.run(
			[sys.executable, str(Path(__file__).resolve()), str(pairs), str(seed)],
			env=os.environ | {"OMP_NUM_THREADS": "1"},
			capture_output=True,
			text=True,
		)
		if done.returncode:
			sys.exit(f"{pairs} pairs failed:\n{done.stderr}")
		row = json.loads(done.stdout.splitlines()[-1])
		rows.append(row)
		print(
			f"{row['pairs']:8,} {row['seconds']:8.1f} {row['cpu_seconds']:7.1f} {row['peak_mb']:8,} {row['orders']:7,} "
			f"{1000 * row['cpu_seconds'] / row['pairs']:10.2f}",
			flush=True,
		)
	return rows


def judge(rows: list[dict]) -> list[dict]:
	largest = rows[-1]
	slope = float(
		np.polyfit(np.log([r["pairs"] for r in rows]), np.log([r["cpu_seconds"] for r in rows]), 1)[0]
	)
	return [
		{
			"bar": f"{largest['pairs']:,} pairs in {MOST_SECONDS:g} s",
			"found": f"{largest['seconds']:.1f} s",
			"met": largest["seconds"] <= MOST_SECONDS,
		},
		{
			"bar": f"{largest['pairs']:,} pairs under {MOST_MB:,} MB",
			"found": f"{largest['peak_mb']:,} MB",
			"met": largest["peak_mb"] <= MOST_MB,
		},
		{
			"bar": f"CPU time linear in pairs: slope in logarithms at most {MOST_SLOPE:g}",
			"found": f"{slope:.2f}",
			"met": slope <= MOST_SLOPE,
		},
	]


def made_tables(pairs: int, seed: int) -> dict[str, pd.DataFrame]:
	"""Frames by name, as `Tables` takes them."""
	rng = np.random.default_rng(seed)
	items = max(pairs // WAREHOUSES, 1)
	codes = np.array([f"ITEM-{i:06}" for i in range(items)], dtype=object)
	places = np.array([f"Warehouse {w}" for w in range(WAREHOUSES)], dtype=object)
	names = np.array([f"Supplier {s:02}" for s in range(SUPPLIERS)], dtype=object)
	cost, daily = rng.lognormal(2.0, 1.0, items).round(2) + 0.01, rng.lognormal(0.0, 1.3, items * WAREHOUSES)
	item, place = np.repeat(codes, WAREHOUSES), np.tile(places, items)
	lead = rng.uniform(3, 45, SUPPLIERS).round(1)
	first = rng.integers(0, SUPPLIERS, items)
	second = np.flatnonzero(rng.random(items) < SECOND_OFFER)
	offer_item = np.concatenate([np.arange(items), second])
	supplier = np.concatenate(
		[first, (first[second] + 1 + rng.integers(0, SUPPLIERS - 1, len(second))) % SUPPLIERS]
	)
	return {
		"items": pd.DataFrame(
			{
				"item_code": codes,
				"item_name": codes,
				"item_group": "Goods",
				"stock_uom": "Nos",
				"whole_number": True,
				"is_purchased": True,
				"is_made": False,
				"valuation_rate": cost,
				"selling_rate": (cost * 1.6).round(2),
				"min_order_qty": 0.0,
				"pack_size": 0.0,
				"shelf_life_days": 0.0,
				"lead_time_days": 0.0,
				"volume": 0.01,
			}
		),
		"warehouses": pd.DataFrame({"warehouse": places, "company": "C", "market": places, "capacity": 0.0}),
		"currencies": pd.DataFrame({"currency": ["GBP"], "rate": [1.0]}),
		"stock": _stock(item, place, daily, lead[first].repeat(WAREHOUSES), rng),
		"inbound": _orders(item, place, daily, "PO", rng),
		"outbound": _orders(item, place, daily / 4, "SO", rng),
		"supplier_items": pd.DataFrame(
			{
				"supplier": names[supplier],
				"item_code": codes[offer_item],
				"price": cost[offer_item] * rng.uniform(0.9, 1.1, len(supplier)).round(3),
				"currency": "GBP",
				"min_order_qty": 10.0,
				"pack_size": rng.choice([1.0, 6.0, 12.0], len(supplier)),
				"promised_lead_days": lead[supplier],
				"is_default": np.arange(len(supplier)) < items,
				"price_breaks": "[]",
			}
		),
		"lead_times": _lead_times(names[supplier], codes[offer_item], lead[supplier]),
		"forecasts": _forecasts(item, place, daily),
		"quality": _quality(item, place, daily, rng),
	}


def _stock(item, place, daily, lead, rng) -> pd.DataFrame:
	short = np.repeat(
		rng.random(len(item) // WAREHOUSES) < SHORT_SHARE, WAREHOUSES
	)  # everywhere: nothing to transfer
	cover = np.where(short, 0.3, 1.8) * (lead + 14)
	return pd.DataFrame(
		{
			"item_code": item,
			"warehouse": place,
			"on_hand": np.ceil(daily * cover),
			"reserved": 0.0,
			"ordered": 0.0,
			"projected": np.nan,
		}
	)


def _orders(item, place, daily, kind, rng) -> pd.DataFrame:
	some = np.flatnonzero(rng.random(len(item)) < OPEN_SHARE)
	return pd.DataFrame(
		{
			"item_code": item[some],
			"warehouse": place[some],
			"due_date": pd.Timestamp(AS_OF) + pd.to_timedelta(rng.integers(-3, 30, len(some)), unit="D"),
			"voucher": [f"{kind}-{i}" for i in range(len(some))],
			"qty": np.ceil(daily[some] * 2),
			"kind": kind,
		}
	)


def _lead_times(supplier, item, mean) -> pd.DataFrame:
	figures = {
		"mean_days": mean,
		"std_days": 0.2 * mean,
		"p50_days": mean,
		"p90_days": 1.3 * mean,
		"p95_days": 1.4 * mean,
	}
	counts = {"receipts": 8, "supplier_receipts": 400, "open_overdue": 0, "open_lines": 1}
	return pd.DataFrame(
		{
			"supplier": supplier,
			"item_code": item,
			**figures,
			**counts,
			"basis": "item",
			"note": "8 receipts of this item",
		}
	)


def _forecasts(item, place, daily) -> pd.DataFrame:
	week = np.array([1.2, 1.1, 1.0, 1.0, 1.2, 0.9, 0.6])[np.arange(HORIZON) % 7]
	qty = (daily[:, None] * week).ravel()
	spread = np.sqrt(qty)
	dates = (pd.Timestamp(AS_OF) + pd.to_timedelta(np.arange(HORIZON), unit="D")).to_numpy()
	return pd.DataFrame(
		{
			"item_code": np.repeat(item, HORIZON),
			"warehouse": np.repeat(place, HORIZON),
			"date": np.tile(dates, len(item)),
			"qty": qty,
			"lo80": np.maximum(qty - 1.28 * spread, 0),
			"hi80": qty + 1.28 * spread,
			"lo95": np.maximum(qty - 1.96 * spread, 0),
			"hi95": qty + 1.96 * spread,
		}
	)


def _quality(item, place, daily, rng) -> pd.DataFrame:
	kinds = np.where(daily > 1.5, "smooth", np.where(daily > 0.7, "erratic", "intermittent"))
	return pd.DataFrame(
		{
			"item_code": item,
			"warehouse": place,
			"model": "made up",
			"demand_class": kinds,
			"history_days": 730,
			"stockout_days": 3,
			"mean_daily": daily,
			"error_std": np.sqrt(daily) * rng.uniform(1.0, 2.0, len(item)),
			"mase": 0.8,
			"rmsse": 0.8,
			"scaled_pinball": 0.3,
			"coverage95": 0.95,
			"mase_naive": 1.0,
			"windows": 4,
			"verdict": "",
		}
	)


def one_size(pairs: int, seed: int) -> dict:
	from sentia_ops.replenishment.engine import Policy
	from sentia_ops.replenishment.engine.plan import Tables, make_plan

	known = made_tables(pairs, seed)
	tables = Tables(**known)
	make_plan(
		Tables(**made_tables(WAREHOUSES, seed)), AS_OF, Policy()
	)  # imports are not part of a pair's time
	start, used = time.perf_counter(), time.process_time()
	plan = make_plan(tables, AS_OF, Policy())
	seconds, cpu = time.perf_counter() - start, time.process_time() - used
	if len(plan.stock_policy) != len(known["stock"]):
		sys.exit(f"{len(plan.stock_policy)} of {len(known['stock'])} pairs were planned.")
	peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
	return {
		"pairs": len(known["stock"]),
		"seconds": round(seconds, 2),
		"cpu_seconds": round(cpu, 2),
		"peak_mb": round(peak),
		"orders": len(plan.recommendations),
	}


if __name__ == "__main__":
	print(json.dumps(one_size(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2026)))
