"""Seconds, memory and milliseconds a series for 1,000 to 30,000 made daily series of two years, profile `fast`.

Each size is the command a user would type, `sentia-ops forecast FILE --profile fast`, in a process of its own: a Parquet file
is read, forecast 28 days ahead on all cores and written. Memory is the sum over the process tree of proportional set sizes
(pages shared by processes count once), sampled every half second.

	python benchmarks/scale.py [--quick] [--seed N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from chain import machine, tree_memory

ROOT = Path(__file__).resolve().parents[1]
SIZES, QUICK = (1_000, 3_000, 10_000, 30_000), (100, 300, 1_000)
DAYS, HORIZON = 730, 28
WEEK = np.array([0.6, 0.8, 1.0, 1.1, 1.5, 1.6, 0.4])
SLOW_SHARE = 0.4  # of series that sell on few days, as in most shops
LEAST_HISTORY = 200  # days of the youngest


def main() -> None:
	args = parse_args()
	folder = Path(tempfile.mkdtemp(prefix="sentia-scale-"))
	print(
		f"{'series':>7} {'seconds':>8} {'CPU s':>7} {'peak MB':>8} {'ms a series':>12} {'times the size before':>22}"
	)
	rows: list[dict] = []
	try:
		for count in args.sizes or (QUICK if args.quick else SIZES):
			rows.append(measure(folder, count, args))
			print_row(rows)
	finally:
		shutil.rmtree(folder, ignore_errors=True)
	path = args.json or ROOT / "benchmarks" / "results" / "scale.json"
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--quick", action="store_true", help="up to 1,000 series only")
	parser.add_argument("--sizes", type=int, nargs="*", help="other numbers of series")
	parser.add_argument("--seed", type=int, default=2026)
	parser.add_argument("--profile", default="fast")
	parser.add_argument("--json", type=Path, help="where to keep the figures")
	return parser.parse_args()


def made(count: int, seed: int) -> pd.DataFrame:
	"""Daily sales of items of all kinds: levels, weeks, years, trends and shares of days with a sale differ."""
	rng = np.random.default_rng(seed)
	days = np.arange(DAYS)
	parts = []
	for _ in range(count):
		rate = np.exp(rng.normal(2.0, 1.2)) * WEEK[(days + rng.integers(7)) % 7] ** rng.uniform(0, 1)
		rate = rate * np.exp(rng.uniform(0, 0.5) * np.sin(2 * np.pi * days / 365.25 + rng.uniform(0, 6)))
		rate = rate * np.exp(rng.normal(0, 0.3) * days / DAYS)
		y = (
			rng.poisson(rate)
			if rng.random() > SLOW_SHARE
			else rng.binomial(1, rng.uniform(0.02, 0.4), DAYS) * (1 + rng.poisson(rate / 4))
		)
		y[: rng.integers(DAYS - LEAST_HISTORY) if rng.random() < 0.2 else 0] = -1  # not yet sold
		parts.append(y)
	y = np.concatenate(parts).astype(np.int32)
	table = pd.DataFrame(
		{
			"unique_id": pd.Categorical.from_codes(
				np.repeat(np.arange(count), DAYS), [f"ITEM-{i:06}" for i in range(count)]
			),
			"ds": np.tile(pd.date_range("2024-01-01", periods=DAYS), count),
			"y": y,
		}
	)
	return table[y >= 0]


def measure(folder: Path, count: int, args: argparse.Namespace) -> dict:
	file, out = folder / f"{count}.parquet", folder / f"{count}-forecast.parquet"
	made(count, args.seed).to_parquet(file, index=False)
	words = ["forecast", str(file), "--out", str(out), "--freq", "D", "--horizon", str(HORIZON)]
	started, used, peak = time.perf_counter(), cpu_seconds(), 0
	child = psutil.Popen(
		[sys.executable, "-m", "sentia_ops.cli.main", *words, "--profile", args.profile],
		env=os.environ | {"OMP_NUM_THREADS": "1"},
		stdout=subprocess.DEVNULL,
		stderr=(log := tempfile.TemporaryFile()),
	)
	while child.poll() is None:
		peak = max(peak, tree_memory(child))
		time.sleep(0.5)
	seconds = time.perf_counter() - started
	log.seek(0)
	said = log.read().decode()
	if child.returncode or "died" in said:
		sys.exit(f"{count} series failed:\n{said}")
	answered = pd.read_parquet(out, columns=["unique_id"])["unique_id"].nunique()
	if answered != count:
		sys.exit(f"{answered} of {count} series were answered.")
	file.unlink()
	return {
		"series": count,
		"profile": args.profile,
		"seconds": round(seconds, 1),
		"cpu_seconds": round(cpu_seconds() - used, 1),
		"peak_mb": round(peak / 2**20),
		"ms_per_series": round(1000 * seconds / count, 2),
	}


def cpu_seconds() -> float:
	"""Of all processes that ended: unlike seconds on the clock, hardly changed by what else the machine does."""
	used = resource.getrusage(resource.RUSAGE_CHILDREN)
	return used.ru_utime + used.ru_stime


def print_row(rows: list[dict]) -> None:
	row = rows[-1]
	growth = ""
	if len(rows) > 1:
		before = rows[-2]
		growth = (
			f"{row['series'] / before['series']:.1f} series, {row['seconds'] / before['seconds']:.1f} time"
		)
	print(
		f"{row['series']:7,} {row['seconds']:8.1f} {row['cpu_seconds']:7.1f} {row['peak_mb']:8,} {row['ms_per_series']:12.1f} {growth:>22}",
		flush=True,
	)


if __name__ == "__main__":
	main()
