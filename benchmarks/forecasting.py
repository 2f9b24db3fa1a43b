"""Forecast accuracy and honesty on days never seen, against seasonal naive, AutoETS and AutoCES alone.

Sets: cash withdrawals (NN5), a retailer's best-selling codes, and series made here from a seed, a part of them out of
stock at times, whose true demand is known. Each is forecast once from its training part. The held-out parts of NN5 and of
the made series chose nothing; the retailer's last weeks are not untouched: methods for slow movers, the weekday profile and
the weights of the error size were chosen on the whole file these codes come from, those weeks among others.

	python benchmarks/forecasting.py [--quick] [--seed N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from statsforecast.models import AutoCES, AutoETS

from sentia_ops.forecasting.engine import ForecastSettings, History, forecast_many
from sentia_ops.forecasting.engine.measures import coverage, mean_scale, pinball, root_scale

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SENTIA_DATA", ROOT.parent / "shared" / "data")) / "forecasting"
SEASON = 7
HORIZONS = {"nn5_daily": 56, "online_retail_daily": 28, "made": 90}
QUICK = 12  # series of each set
MADE = 60
COLUMNS = (
	"set",
	"method",
	"series",
	"seconds",
	"mase",
	"rmsse",
	"pinball",
	"cover80",
	"cover95",
	"claimed95",
)

Pair = tuple[History, np.ndarray]  # what is known, and what then happened


def main() -> None:
	args = parse_args()
	rows = []
	for name in HORIZONS:
		pairs = read(name, args.seed)
		if pairs is None:
			print(f"{name}: skipped, {name}.parquet is not in {DATA} (set SENTIA_DATA to the data folder).")
			continue
		if args.quick:
			chosen = np.random.default_rng(args.seed).choice(
				len(pairs), min(QUICK, len(pairs)), replace=False
			)
			pairs = [pairs[i] for i in sorted(chosen)]
		rows += measure(name, pairs)
	print_table(rows)
	if args.json:
		args.json.parent.mkdir(parents=True, exist_ok=True)
		args.json.write_text(json.dumps(rows, indent=1) + "\n")


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument(
		"--quick", action="store_true", help=f"{QUICK} series of each set, chosen by the seed"
	)
	parser.add_argument("--seed", type=int, default=2026)
	parser.add_argument("--json", type=Path, help="where to keep the figures")
	return parser.parse_args()


def read(name: str, seed: int) -> list[Pair] | None:
	if name == "made":
		return [make(seed + i, HORIZONS[name]) for i in range(MADE)]
	path = DATA / f"{name}.parquet"
	if not path.exists():
		return None
	rows = pd.read_parquet(path).sort_values(["unique_id", "ds"])
	pairs = []
	for code, series in rows.groupby("unique_id", observed=True):
		known = series.loc[series["split"] == "train", "y"].to_numpy(float)
		history = History((str(code),), known, np.ones(len(known), dtype=bool))
		pairs.append((history, series.loc[series["split"] == "test", "y"].to_numpy(float)))
	return pairs


def make(seed: int, ahead: int, days: int = 730) -> Pair:
	"""A week, a year, a slow trend; every third series slow-moving; every second out of stock now and then."""
	rng = np.random.default_rng(seed)
	at = np.arange(days + ahead)
	week = rng.dirichlet(np.full(SEASON, 8.0)) * SEASON
	year = 1 + rng.uniform(0, 0.5) * np.sin(2 * np.pi * (at / 365.25 + rng.uniform()))
	rate = rng.lognormal(3, 0.7) * week[at % SEASON] * year * (1 + rng.uniform(-0.2, 0.4) * at / days)
	demand = rng.poisson(rate).astype(float)
	if seed % 3 == 0:
		demand *= rng.random(len(at)) < 0.1
	in_stock = np.ones(days, dtype=bool)
	for start in rng.choice(days - 21, 8 * (seed % 2), replace=False):
		in_stock[start : start + rng.integers(3, 21)] = False
	sold = np.where(in_stock, demand[:days], 0.0)
	return History((f"made-{seed}",), sold, in_stock), demand[days:]


def measure(name: str, pairs: list[Pair]) -> list[dict]:
	"""One row a method."""
	horizon = HORIZONS[name]
	start = time.perf_counter()
	outcomes = forecast_many([history for history, _ in pairs], ForecastSettings(horizon_days=horizon))
	seconds = time.perf_counter() - start
	ours = [score(pair, o.qty, o.bounds) for pair, o in zip(pairs, outcomes, strict=True)]
	claimed = np.nanmean([o.quality.coverage95 for o in outcomes])
	rows = [row(name, "ours", ours, seconds) | {"claimed95": round(float(claimed), 3)}]
	for method, rival in rivals().items():
		start = time.perf_counter()
		scores = [score(pair, np.maximum(rival(pair[0].qty, horizon), 0.0)) for pair in pairs]
		rows.append(row(name, method, scores, time.perf_counter() - start))
	return rows


def rivals() -> dict[str, Callable[[np.ndarray, int], np.ndarray]]:
	return {
		"seasonal naive": lambda y, h: np.resize(y[-SEASON:], h),
		"AutoETS": lambda y, h: AutoETS(season_length=SEASON).forecast(y=y, h=h)["mean"],
		"AutoCES": lambda y, h: AutoCES(season_length=SEASON).forecast(y=y, h=h)["mean"],
	}


def score(pair: Pair, forecast: np.ndarray, ranges: np.ndarray | None = None) -> dict[str, float]:
	"""Scaled errors of one series; scales from what was sold in the training part."""
	history, actual = pair
	errors, scale = actual - forecast, mean_scale(history.qty, SEASON)
	found = {
		"mase": np.abs(errors).mean() / scale,
		"rmsse": np.sqrt((errors**2).mean()) / root_scale(history.qty, SEASON),
	}
	if ranges is not None:
		found["pinball"] = pinball(actual, ranges) / scale
		found["cover80"] = coverage(actual, ranges[1], ranges[2])
		found["cover95"] = coverage(actual, ranges[0], ranges[3])
	return found


def row(name: str, method: str, scores: list[dict[str, float]], seconds: float) -> dict:
	means = {key: round(float(np.nanmean([s[key] for s in scores])), 3) for key in scores[0]}
	return {"set": name, "method": method, "series": len(scores), "seconds": round(seconds, 1), **means}


def print_table(rows: list[dict]) -> None:
	table = pd.DataFrame(rows, columns=list(COLUMNS))
	print(table.to_string(index=False, na_rep="-"))


if __name__ == "__main__":
	main()
