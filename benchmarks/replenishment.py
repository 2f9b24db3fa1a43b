"""Buying, measured: policies side by side in a simulation, seconds and memory by size, and the joint optimisation.

	python benchmarks/replenishment.py [--part simulation|scale|joint] [--quick] [--seed N] [--dev] [--backorders] [--json FILE]

The final figures come from the seeds and cuts in FINAL. Whatever was chosen while the engine was built was chosen on those in
DEVELOPMENT (`--dev`): other companies, other dates, and of the retailer the other half of the items.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import date
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import replenishment_joint
import replenishment_scale
from replenishment_compare import ALL, BOUND, OURS, rivals, rows_of, run, summary
from replenishment_forecasts import origins
from replenishment_ours import OldFormulas, Ours
from replenishment_sim import Costs
from replenishment_world import RETAIL, demo_world, retail_world

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("simulation", "scale", "joint")
FINAL = {
	2026: date(2026, 1, 15),
	2027: date(2026, 5, 15),
	2028: date(2026, 9, 15),
}  # seed -> cut of the demo company
DEVELOPMENT = {11: date(2025, 3, 1), 12: date(2025, 7, 1), 13: date(2025, 11, 1)}
QUICK_ITEMS, ITEMS = 20, 100
RETAIL_ITEMS = 300
TARGET = 0.95
LEAST_SAVING, MOST_BELOW = 15.0, 1.0


def main() -> None:
	args = parse_args()
	found = {}
	parts = {"simulation": simulation, "scale": scale, "joint": joint}
	for part in [args.part] if args.part else PARTS:
		found[part] = parts[part](args)
	path = args.json or ROOT / "benchmarks" / "results" / "replenishment.json"
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(json.dumps(found, indent=1) + "\n")


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--part", choices=PARTS, help="one part only; default: all")
	parser.add_argument("--quick", action="store_true", help="a small company, small sizes: for a first look")
	parser.add_argument("--seed", type=int, help="another demo company, instead of the three")
	parser.add_argument(
		"--dev", action="store_true", help="the seeds and items that the engine was developed on"
	)
	parser.add_argument("--world", choices=("demo", "retail"), help="one of the two only")
	parser.add_argument(
		"--backorders", action="store_true", help="customers wait; default: what is not there is not sold"
	)
	parser.add_argument("--json", type=Path, help="where to keep the figures")
	return parser.parse_args()


def simulation(args: argparse.Namespace) -> dict:
	costs = Costs()
	if len(rivals()) < 3:
		print("stockpyl: skipped, not installed (pip install --no-deps stockpyl; it pins an old sphinx).")
	found = {}
	for name in [args.world] if args.world else ["demo", "retail"]:
		runs = []
		for world in worlds(name, args):
			target = np.full(len(world.pairs), TARGET)
			known = origins(world)
			ours = [Ours(world, costs, known, target)]
			if args.dev:
				ours.append(OldFormulas(world, costs, known, target))
			runs.append(run(world, ours, target, costs, backorders=args.backorders))
		if runs:
			rows = rows_of(runs)
			table = summary(rows)
			print_table(name, table)
			bars = judge(name, table)
			print_bars(bars)
			found[name] = {"rows": rows, "summary": table, "bars": bars}
	return found


def scale(args: argparse.Namespace) -> dict:
	rows = replenishment_scale.scale(
		replenishment_scale.QUICK if args.quick else replenishment_scale.SIZES, args.seed or 2026
	)
	bars = replenishment_scale.judge(rows)
	print_bars(bars)
	return {"rows": rows, "bars": bars}


def joint(args: argparse.Namespace) -> dict:
	items = replenishment_joint.QUICK_ITEMS if args.quick else replenishment_joint.ITEMS
	rows = replenishment_joint.joint(items, args.seed or 2026)
	bars = replenishment_joint.judge(rows)
	print_bars(bars)
	return {"rows": rows, "bars": bars}


def worlds(name: str, args: argparse.Namespace):
	chosen = DEVELOPMENT if args.dev else FINAL
	if args.seed is not None:
		chosen = {args.seed: date(2026, 6, 1)}
	if args.quick:
		chosen = dict(list(chosen.items())[:1])
	if name == "retail":
		if args.quick:
			return
		if not RETAIL.exists():
			print(f"Retailer: skipped, {RETAIL.name} is not here (set SENTIA_DATA to its folder).")
			return
	for seed, cut in chosen.items():
		yield (
			demo_world(seed, cut, QUICK_ITEMS if args.quick else ITEMS)
			if name == "demo"
			else retail_world(seed, RETAIL_ITEMS, half=int(args.dev))
		)


def print_bars(bars: list[dict]) -> None:
	for bar in bars:
		print(f"{'met   ' if bar['met'] else 'MISSED'} {bar['bar']}: {bar['found']}")


def print_table(name: str, table: list[dict]) -> None:
	print(
		f"\n{name:5} {'policy':24} {'variant':12} {'pairs':>5} {'service':>14} {'fill':>6} {'holding':>9} {'ordering':>9} "
		f"{'stock-out':>9} {'total':>9} {'stock':>9} {'orders':>6} {'ours saves':>13}"
	)
	for row in sorted(table, key=lambda r: r["class"]):
		print(
			f"{row['class']:5} {row['policy']:24} {row['variant']:12} {row['pairs']:5} "
			f"{row['service']:6.1f} +-{row['service_ci']:4.1f} {row['fill']:6.1f} {row['holding']:9,.0f} {row['ordering']:9,.0f} "
			f"{row['stockout']:9,.0f} {row['total']:9,.0f} {row['stock']:9,.0f} {row['orders']:6,.0f} "
			f"{row['saving']:6.1f} +-{row['saving_ci']:4.1f}"
		)


def judge(name: str, table: list[dict]) -> list[dict]:
	"""The bars of the issue."""
	mine = [r for r in table if r["policy"] == OURS]
	bars = [
		{
			"bar": f"{name} {r['class']}: service within {MOST_BELOW:g} point of the target",
			"found": f"{r['service']:.1f} to {r['target']:.1f}",
			"met": r["service"] >= r["target"] - MOST_BELOW,
		}
		for r in mine
	]
	same = [r for r in table if r["variant"] == "same service" and r["class"] == ALL]
	best = min(same, key=lambda r: r["total"])
	total = next(r["total"] for r in mine if r["class"] == ALL)
	bound = next(r["total"] for r in table if r["policy"] == BOUND and r["class"] == ALL)
	bars.append(
		{
			"bar": f"{name}: total cost at least {LEAST_SAVING:g} % below the best of the others at the same service",
			"found": f"{total:,.0f} to {best['total']:,.0f} of {best['policy']}: {-best['saving']:+.1f} % (bound {bound:,.0f})",
			"met": best["saving"] >= LEAST_SAVING,
		}
	)
	return bars


if __name__ == "__main__":
	main()
