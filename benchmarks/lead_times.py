"""How far estimated lead times are from the demo company's true ones, and how often 95 % means 95 %.

On nine mornings of the demo company's two years every method sees what was known then. Its mean is held against the
true mean of that day (the supplier's first delivery, its drift, and the later parts of split orders); its 95 % day
against the order lines of the next 60 days, all of which have arrived since. Methods, side by side:

	completed     mean and standard deviation of the item's delivered lines, 95 % by the normal formula; nothing where
	              there is none
	pooled        the same, but all items of the supplier where the item has fewer than three lines, and the promise
	              where he has; sample quantiles
	ours          sentia_ops.suppliers.engine, and three times with a part of it taken out

	python benchmarks/lead_times.py [--quick] [--seed N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta
from pathlib import Path
from time import process_time
from unittest.mock import patch

import numpy as np
import pandas as pd
from chain import machine

from sentia_ops.demo import generate
from sentia_ops.demo.company import DemoCompany
from sentia_ops.suppliers.engine import HALF_LIFE, estimate, trend

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2026, 11, 20)
MORNINGS, QUICK = (60, 120, 200, 280, 360, 440, 520, 600, 660), (120, 440)  # days after the start of history
NEXT_DAYS = 60
LATER_PARTS = (
	0.4 * 1.25
)  # of a split order 40 % comes a gap later; of that, in half the cases, half after a second gap
PAIR = ["supplier", "item_code"]
Z95 = 1.644854


def main() -> None:
	args = parse_args()
	company = generate(seed=args.seed, as_of=AS_OF)
	rows = [row for day in (QUICK if args.quick else MORNINGS) for row in one_morning(company, day)]
	table = pd.DataFrame(rows).groupby("method", sort=False).mean(numeric_only=True).drop(columns="day")
	print(
		table.round(
			{"error": 3, "worsening": 3, "covered": 3, "pinball": 3, "pairs": 0, "seconds": 2}
		).to_string()
	)
	path = args.json or ROOT / "benchmarks" / "results" / "lead_times.json"
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--quick", action="store_true", help="two mornings only")
	parser.add_argument("--seed", type=int, default=2026)
	parser.add_argument("--json", type=Path, help="where to keep the figures")
	return parser.parse_args()


def one_morning(company: DemoCompany, day: int) -> list[dict]:
	morning = AS_OF - timedelta(days=company.days - day)
	true = true_means(company, day)
	later = next_lines(company.receipts, pd.Timestamp(morning))
	found = []
	for name, method in METHODS.items():
		started = process_time()
		figures = method(company, morning)
		seconds = process_time() - started
		found.append({"method": name, "day": day, **judge(figures, true, later), "seconds": seconds})
	return found


def judge(figures: pd.DataFrame, true: pd.Series, later: pd.DataFrame) -> dict:
	"""error: mean absolute error of the mean as a share of the true one, over the pairs that got one; worsening: the
	same for the supplier that gets slower; covered: share of later quantity that came within the 95 % day; pinball:
	its pinball loss in days (lower is better); pairs: how many got a figure.
	"""
	known = figures.dropna(subset=["mean_days"])
	truth = known["supplier"].map(true)
	error = (known["mean_days"] - truth).abs() / truth
	lines = later.merge(known, on=PAIR)
	over = lines["days"] - lines["p95_days"]
	loss = np.where(over > 0, 0.95 * over, -0.05 * over) * lines["share"]
	return {
		"error": float(error.mean()),
		"worsening": float(error[known["supplier"] == "Great Lakes Appliance Inc."].mean()),
		"covered": float((lines["share"] * (over <= 0)).sum() / lines["share"].sum()),
		"pinball": float(loss.sum() / lines["share"].sum()),
		"pairs": len(known),
	}


def true_means(company: DemoCompany, day: int) -> pd.Series:
	true = company.truth["suppliers"].set_index("supplier")
	drift = true["drift_days_per_year"] * day / 365.25
	return true["mean_days"] + drift + true["split_chance"] * true["gap_days"] * LATER_PARTS


def next_lines(receipts: pd.DataFrame, morning: pd.Timestamp) -> pd.DataFrame:
	end = morning + pd.Timedelta(days=NEXT_DAYS)
	rows = receipts[receipts["ordered_on"].between(morning, end, inclusive="left")].dropna(
		subset=["received_on"]
	)
	share = rows["qty_received"] / rows.groupby("order_line")["qty_received"].transform("sum")
	return rows[PAIR].assign(days=(rows["received_on"] - rows["ordered_on"]).dt.days, share=share)


def completed_lines(company: DemoCompany, morning: date) -> pd.DataFrame:
	known = company.receipts[company.receipts["received_on"] < pd.Timestamp(morning)]
	days = (known["received_on"] - known["ordered_on"]).dt.days
	whole = known.assign(days=days * known["qty_received"], qty=known["qty_received"])
	lines = whole.groupby([*PAIR, "order_line"], as_index=False)[["days", "qty"]].sum()
	return lines.assign(days=lines["days"] / lines["qty"])


def completed(company: DemoCompany, morning: date) -> pd.DataFrame:
	lines = completed_lines(company, morning).groupby(PAIR)["days"].agg(["mean", "std"]).fillna(0.0)
	found = company.supplier_items[PAIR].join(lines, on=PAIR)
	return found.assign(mean_days=found["mean"], p95_days=found["mean"] + Z95 * found["std"])


def pooled(company: DemoCompany, morning: date) -> pd.DataFrame:
	lines = completed_lines(company, morning)
	figures = {"n": "size", "mean": "mean", "p95": lambda days: days.quantile(0.95, interpolation="higher")}
	own = lines.groupby(PAIR)["days"].agg(**figures)
	supplier = lines.groupby("supplier")["days"].agg(**figures)
	found = company.supplier_items[[*PAIR, "promised_lead_days"]]
	found = found.join(own.add_prefix("own_"), on=PAIR).join(supplier.add_prefix("all_"), on="supplier")
	promise = found["promised_lead_days"]
	for name, stand_in in (("mean", promise), ("p95", promise * (1 + Z95 * 0.3))):
		wider = found[f"all_{name}"].where(found["all_n"] >= 3, stand_in)
		found[f"{name}_days"] = found[f"own_{name}"].where(found["own_n"] >= 3, wider)
	return found


def ours(
	company: DemoCompany, morning: date, receipts: pd.DataFrame | None = None, half_life: float = HALF_LIFE
):
	items = company.items
	return estimate(
		company.receipts if receipts is None else receipts,
		company.supplier_items,
		dict(zip(items["item_code"], items["lead_time_days"], strict=True)),
		as_of=morning,
		default_days=14.0,
		groups=dict(zip(items["item_code"], items["item_group"], strict=True)),
		half_life=half_life,
	).lead_times


def ours_without_open_lines(company: DemoCompany, morning: date) -> pd.DataFrame:
	receipts = company.receipts
	return ours(company, morning, receipts[receipts["received_on"] < pd.Timestamp(morning)])


def ours_without_trend(company: DemoCompany, morning: date) -> pd.DataFrame:
	with patch.object(trend, "CERTAIN", np.inf):
		return ours(company, morning)


def ours_all_receipts_alike(company: DemoCompany, morning: date) -> pd.DataFrame:
	return ours(company, morning, half_life=np.inf)


METHODS = {
	"completed": completed,
	"pooled": pooled,
	"ours": ours,
	"ours, open lines left out": ours_without_open_lines,
	"ours, without trend": ours_without_trend,
	"ours, old receipts as new ones": ours_all_receipts_alike,
	"ours, half-life 60 days": lambda company, morning: ours(company, morning, half_life=60.0),
}

if __name__ == "__main__":
	main()
