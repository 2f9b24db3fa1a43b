"""Seconds and peak memory of the whole chain: the demo company's lake, and a retailer's 541,909 sales lines.

Each step is the command a user would type, in a process of its own; memory is the sum over its process tree of
proportional set sizes (pages shared by forked workers count once), sampled every 0.2 s.

	python benchmarks/chain.py [--quick] [--seed N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SENTIA_DATA", ROOT.parent / "shared" / "data"))
RETAIL = DATA / "online_retail.parquet"
RETAIL_MAP = {
	"item_code": "StockCode",
	"item_name": "Description",
	"date": "InvoiceDate",
	"qty": "Quantity",
	"price": "UnitPrice",
	"customer": "CustomerID",
	"voucher": "InvoiceNo",
	"channel": "Country",
}


def main() -> None:
	args = parse_args()
	folder = Path(tempfile.mkdtemp(prefix="sentia-chain-"))
	try:
		rows = demo_steps(folder, args)
		rows += retail_steps(folder) if RETAIL.exists() and not args.quick else []
	finally:
		shutil.rmtree(folder, ignore_errors=True)
	print_table(rows)
	if not RETAIL.exists():
		print(f"Retailer's file: skipped, {RETAIL.name} is not here (set SENTIA_DATA to its folder).")
	path = args.json or ROOT / "benchmarks" / "results" / "chain.json"
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--quick", action="store_true", help="a small demo company only")
	parser.add_argument("--seed", type=int, default=2026)
	parser.add_argument("--json", type=Path, help="where to keep the figures")
	return parser.parse_args()


def demo_steps(folder: Path, args: argparse.Namespace) -> list[dict]:
	small = ["--items", "40", "--days", "200"] if args.quick else []
	report = ["--report", str(folder / "report.html")]
	return [
		measure(
			"demo",
			"demo: make, plan, report",
			folder / "demo",
			"demo",
			"--seed",
			str(args.seed),
			*small,
			*report,
		)
	]


def retail_steps(folder: Path) -> list[dict]:
	lake = folder / "retail"
	mapping = [word for pair in RETAIL_MAP.items() for word in ("--map", "=".join(pair))]
	flags = ["--returns-prefix", "C", "--currency", "GBP"]
	return [
		measure(
			"retailer", "import 541,909 lines", lake, "import", "transactions", str(RETAIL), *mapping, *flags
		),
		measure("retailer", "plan", lake, "plan"),
	]


def measure(case: str, step: str, lake: Path, *command: str) -> dict:
	started, peak = time.perf_counter(), 0
	child = psutil.Popen(
		[sys.executable, "-m", "sentia_ops.cli.main", "--lake", str(lake), *command],
		stdout=subprocess.DEVNULL,
		stderr=(log := tempfile.TemporaryFile()),
	)
	while child.poll() is None:
		peak = max(peak, tree_memory(child))
		time.sleep(0.2)
	seconds = time.perf_counter() - started
	if child.returncode not in (0, 1):  # 1: done, with refused lines listed
		log.seek(0)
		sys.exit(f"{step} failed:\n{log.read().decode()}")
	return {
		"case": case,
		"step": step,
		"seconds": round(seconds, 1),
		"peak_mb": round(peak / 2**20),
		**counts(lake),
	}


def tree_memory(process: psutil.Process) -> int:
	total = 0
	for each in [process, *_children(process)]:
		try:
			total += each.memory_full_info().pss
		except (psutil.Error, OSError):  # it ended while we looked
			continue
	return total


def _children(process: psutil.Process) -> list[psutil.Process]:
	try:
		return process.children(recursive=True)
	except psutil.Error:
		return []


def counts(lake: Path) -> dict[str, int]:
	from sentia_ops.store.lake import LakeStore

	tables = LakeStore(lake).tables()
	return {name: tables.get(name, 0) for name in ("items", "demand", "forecast_quality", "recommendations")}


def machine() -> dict[str, str]:
	memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
	return {
		"cores": str(os.cpu_count()),
		"memory": memory,
		"python": platform.python_version(),
		"date": str(date.today()),
	}


def print_table(rows: list[dict]) -> None:
	print(
		f"{'case':9} {'step':26} {'seconds':>8} {'peak MB':>8} {'items':>7} {'demand rows':>12} {'series':>7} {'orders':>7}"
	)
	for row in rows:
		print(
			f"{row['case']:9} {row['step']:26} {row['seconds']:8.1f} {row['peak_mb']:8,} {row['items']:7,} "
			f"{row['demand']:12,} {row['forecast_quality']:7,} {row['recommendations']:7,}"
		)


if __name__ == "__main__":
	main()
