"""Forecasts side by side with the libraries they are built on, on six public sets, and the bars they must clear.

	python benchmarks/forecasting.py [--quick] [--seed N] [--sets NAME,...] [--json FILE]

Each series is forecast once from its train part and measured on its test part. Ours is what
`sentia-ops forecast FILE` writes, in both profiles, with one configuration for all sets; the rivals have their defaults.
Every method runs on one core; sets are independent of each other, and two run side by side.
"""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: milliseconds are those of one core

import numpy as np
import pandas as pd
from rivals import (
	INTERMITTENT,
	LEVELS,
	THREE,
	Answer,
	answer,
	auto_arima,
	combined,
	cpu_seconds,
	prophet,
	quiet,
	rivals,
)

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SENTIA_DATA", ROOT.parent / "shared" / "data")) / "forecasting"
FREQUENCIES = {"daily": "D", "weekly": "W", "monthly": "MS"}
SLOW = (
	"carparts_monthly",
	"online_retail_daily",
)  # judged by RMSSE: absolute errors reward forecasting nothing
QUICK = 10  # series of each set
ARIMA = 5  # series of each set: it takes seconds for one
DEMO, DEMO_SERIES = "demo_daily", 60
DEMO_FACTS = {"h": 90, "season": 7, "mase_m": 7}
PROFILES = ("best", "fast")
COLUMNS = ("unique_id", "ds", "y", "in_stock")
MEASURES = ("smape", "mase", "rmsse", "pinball", "bias", "cover95")
TWO_YEARS = 700  # days
LEAST_GAIN, MOST_BEHIND, MOST_SLACK = 0.95, 1.02, 1.03
COVERAGE = (0.93, 0.97)
MILLISECONDS = {"best": 150.0, "fast": 25.0}


def main() -> None:
	args = parse_args()
	sets = json.loads((DATA / "horizons.json").read_text()) if DATA.exists() else {}
	if not sets:
		raise SystemExit(f"Skipped: no data in {DATA} (set SENTIA_DATA to the data folder).")
	sets[DEMO] = DEMO_FACTS
	names = args.sets.split(",") if args.sets else list(sets)
	with ProcessPoolExecutor(args.processes, mp_context=get_context("spawn")) as pool:
		work = [(name, sets[name], args) for name in names]
		rows = [row for found in pool.map(measure, work) for row in found]
	print(pd.DataFrame(rows).to_string(index=False, na_rep="-"))
	bars = judge(rows)
	for bar in bars:
		print(f"{'met   ' if bar['met'] else 'MISSED'} {bar['bar']}: {bar['found']}")
	if args.json:
		args.json.parent.mkdir(parents=True, exist_ok=True)
		args.json.write_text(json.dumps({"rows": rows, "bars": bars}, indent=1) + "\n")


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument(
		"--quick", action="store_true", help=f"{QUICK} series of each set, chosen by the seed"
	)
	parser.add_argument("--seed", type=int, default=2026)
	parser.add_argument("--sets", default="", help="names, separated by commas; default: all")
	parser.add_argument("--ours", action="store_true", help="without the rivals, for a quick look")
	parser.add_argument("--processes", type=int, default=2, help="sets measured side by side")
	parser.add_argument("--json", type=Path, help="where to keep the figures")
	return parser.parse_args()


def measure(work: tuple[str, dict, argparse.Namespace]) -> list[dict]:
	"""Rows of one set: ours in both profiles, and each rival."""
	name, facts, args = work
	quiet()
	train, test = demo(args) if name == DEMO else read(name, args)
	freq = FREQUENCIES[name.rsplit("_", 1)[1]]
	actual = [group["y"].to_numpy(float) for _, group in test.groupby("unique_id", observed=True)]
	known = [
		(g["y"].to_numpy(float), g["ds"].to_numpy()) for _, g in train.groupby("unique_id", observed=True)
	]
	warm_up(known[0], facts, freq)
	rows = []
	for profile in PROFILES:
		answers = ours(train, facts["h"], freq, profile)
		rows.append(row(name, f"ours, {profile}", answers, known, actual, facts))
		medians = [Answer(a.quantiles[3], a.quantiles, a.seconds) for a in answers]
		rows.append(row(name, f"ours, {profile}, median", medians, known, actual, facts))
	if args.ours:
		return rows
	if name == DEMO:
		found = {"Prophet": [answer(prophet(freq), y, dates, facts["h"]) for y, dates in in_stock(train)]}
		return rows + [row(name, method, answers, known, actual, facts) for method, answers in found.items()]
	found = {
		method: [answer(rival, y, dates, facts["h"]) for y, dates in known]
		for method, rival in rivals(facts["season"], freq).items()
	}
	for how in (np.mean, np.median):
		found[f"{how.__name__} of ETS+Theta+CES"] = [
			combined(list(three), how) for three in zip(*(found[m] for m in THREE), strict=True)
		]
	rows += [row(name, method, answers, known, actual, facts) for method, answers in found.items()]
	arima = auto_arima(facts["season"])
	some = [answer(arima, y, dates, facts["h"]) for y, dates in known[:ARIMA]]
	rows.append(row(name, f"AutoARIMA, first {ARIMA}", some, known[:ARIMA], actual[:ARIMA], facts))
	return rows


def read(name: str, args: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame]:
	table = pd.read_parquet(DATA / f"{name}.parquet").sort_values(["unique_id", "ds"])
	if args.quick:
		codes = np.sort(table["unique_id"].unique())
		table = table[table["unique_id"].isin(np.random.default_rng(args.seed).choice(codes, QUICK, False))]
	return table[table["split"] == "train"], table[table["split"] == "test"]


def demo(args: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""Items of the demo company that sold daily for two years: what was sold; and what was truly wanted afterwards."""
	from sentia_ops.demo import generate

	ahead = DEMO_FACTS["h"]
	company = generate(seed=args.seed, days=730 + ahead, as_of=date(2026, 9, 1))
	series = company.truth["series"].query("pattern == 'smooth'")
	chosen = series[["item_code", "warehouse"]].sample(
		QUICK if args.quick else DEMO_SERIES, random_state=args.seed
	)
	chosen["unique_id"] = chosen["item_code"] + " in " + chosen["warehouse"]
	days = pd.date_range(
		end=pd.Timestamp(company.as_of) - pd.Timedelta(days=1), periods=company.days, name="date"
	)
	grid = chosen.merge(days.to_frame(index=False), how="cross")
	key = ["item_code", "warehouse", "date"]
	sold = grid.merge(company.demand[[*key, "qty", "in_stock"]], on=key, how="left")
	wanted = grid.merge(company.truth["demand"].rename(columns={"wanted": "y"}), on=key, how="left")
	sold["y"], sold["in_stock"] = sold["qty"].fillna(0.0), sold["in_stock"].ne(False)
	wanted["y"] = wanted["y"].fillna(0.0)
	tables = [t.rename(columns={"date": "ds"}).sort_values(["unique_id", "ds"]) for t in (sold, wanted)]
	last = days[-ahead]
	return tables[0][tables[0]["ds"] < last], tables[1][tables[1]["ds"] >= last]


def in_stock(train: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
	"""What a careful user gives Prophet, which takes gaps: the days that had stock."""
	train = train[train["in_stock"]]
	return [(g["y"].to_numpy(float), g["ds"].to_numpy()) for _, g in train.groupby("unique_id")]


def warm_up(series: tuple[np.ndarray, np.ndarray], facts: dict, freq: str) -> None:
	"""Compiled code and imports are not part of a series' milliseconds."""
	y, dates = series[0][-60:], series[1][-60:]
	for rival in rivals(facts["season"], freq).values():
		answer(rival, y, dates, 2)
	table = pd.DataFrame({"unique_id": "warm", "ds": dates, "y": y})
	for profile in PROFILES:
		ours(table, 2, freq, profile)


def ours(train: pd.DataFrame, horizon: int, freq: str, profile: str) -> list[Answer]:
	"""The app's own forecast of a table, all of it: repair, backtest, combination, intervals."""
	from sentia_ops.cli.forecast_file import settings_for
	from sentia_ops.cli.forecast_table import standard_rows
	from sentia_ops.forecasting.engine import ForecastSettings, forecast_many
	from sentia_ops.forecasting.tables import TableRules, prepare

	start = cpu_seconds()
	settings = settings_for(ForecastSettings(profile=profile, processes=1), freq, horizon)
	raw = train[[c for c in COLUMNS if c in train]].reset_index(drop=True)
	rows, _ = standard_rows(raw, {column: column for column in raw}, "", ".", False)
	histories = prepare(rows, TableRules(freq)).histories
	outcomes = forecast_many(histories, settings)
	each = (cpu_seconds() - start) / len(outcomes)
	outcomes = sorted(outcomes, key=lambda o: o.key)
	return [Answer(o.qty, o.quantiles, each) for o in outcomes]


def row(name: str, method: str, answers: list[Answer], known: list, actual: list, facts: dict) -> dict:
	"""Means over series; a series without a scale (constant) counts in none of the scaled ones."""
	scores = [
		score(a, y, then, facts["mase_m"]) for a, (y, _), then in zip(answers, known, actual, strict=True)
	]
	means = {
		key: round(float(np.nanmean([s[key] for s in scores])), 4) for key in MEASURES if key in scores[0]
	}
	seconds = float(np.mean([a.seconds for a in answers]))
	periods = int(np.median([len(y) for y, _ in known]))
	return {
		"set": name,
		"method": method,
		"series": len(scores),
		"periods": periods,
		**means,
		"ms": round(seconds * 1000, 1),
	}


def score(found: Answer, y: np.ndarray, actual: np.ndarray, lag: int) -> dict[str, float]:
	errors, steps = actual - found.mean, y[lag:] - y[:-lag]
	scale, root = np.abs(steps).mean() or np.nan, np.sqrt((steps**2).mean()) or np.nan
	size = np.abs(actual) + np.abs(found.mean)
	measured = {
		"smape": 200 * np.divide(np.abs(errors), size, out=np.zeros_like(size), where=size > 0).mean(),
		"mase": np.abs(errors).mean() / scale,
		"rmsse": np.sqrt((errors**2).mean()) / root,
		"bias": -errors.mean() / scale,
	}
	if found.quantiles is not None:
		short, levels = actual - found.quantiles, LEVELS[:, None]
		measured["pinball"] = np.maximum(levels * short, (levels - 1) * short).mean() / scale
		inside = (actual >= found.quantiles[0] - 1e-9) & (actual <= found.quantiles[-1] + 1e-9)
		measured["cover95"] = inside.mean()
	return measured


# the bars of the issue


def judge(rows: list[dict]) -> list[dict]:
	table = pd.DataFrame(rows).set_index(["set", "method"])
	names = list(dict.fromkeys(row["set"] for row in rows))
	bars = [speed(table, profile) for profile in PROFILES]
	bars += yearly(table) if DEMO in names else []
	names = [name for name in names if name != DEMO]
	if not names:
		return bars
	bars += slack(table, names)
	if any(method.startswith("Auto") for _, method in table.index):
		bars = accuracy(table, names) + honesty(table, names) + bars
	return bars


def yearly(table: pd.DataFrame) -> list[dict]:
	if (DEMO, "Prophet") not in table.index:
		return []
	mine, theirs = own(table, DEMO), points(table, DEMO, "Prophet")
	return [
		{
			"bar": "strong yearly seasons: no worse than Prophet",
			"found": f"{mine:.4f} to {theirs:.4f}",
			"met": mine <= theirs,
		}
	]


def points(table: pd.DataFrame, name: str, method: str) -> float:
	return float(table.loc[(name, method), "rmsse" if name in SLOW else "mase"])


def own(table: pd.DataFrame, name: str, profile: str = "best") -> float:
	"""Absolute errors judge the median, squared ones the mean: each is asked what it is for."""
	return points(table, name, f"ours, {profile}" + ("" if name in SLOW else ", median"))


def accuracy(table: pd.DataFrame, names: list[str]) -> list[dict]:
	combos = [f"{how} of ETS+Theta+CES" for how in ("mean", "median")]
	ratio = {
		combo: float(np.exp(np.mean([np.log(own(table, n) / points(table, n, combo)) for n in names])))
		for combo in combos
	}
	bars = [
		{
			"bar": f"geometric mean over {len(names)} sets against the better of the two combinations",
			"found": {combo: round(value, 4) for combo, value in ratio.items()},
			"met": max(ratio.values()) <= LEAST_GAIN,
		}
	]
	for name in names:
		single = singles(table, name)
		best = min(single, key=single.get)
		behind = own(table, name) / single[best]
		found = f"{own(table, name):.4f} to {single[best]:.4f} of {best}: {behind - 1:+.1%}"
		bars.append({"bar": f"{name}: best single rival", "found": found, "met": behind <= MOST_BEHIND})
	return bars


def singles(table: pd.DataFrame, name: str) -> dict[str, float]:
	"""Single rivals that ran on every series; those for slow movers only where demand is slow."""
	methods = [m for n, m in table.index if n == name and not m.startswith(("ours", "mean of", "median of"))]
	methods = [m for m in methods if not m.startswith("AutoARIMA")]
	if name not in SLOW:
		methods = [m for m in methods if m not in INTERMITTENT]
	return {m: points(table, name, m) for m in methods}


def honesty(table: pd.DataFrame, names: list[str]) -> list[dict]:
	bars, won = [], 0
	for name in names:
		rival = table.loc[name]["pinball"].drop(
			[m for m in table.loc[name].index if m.startswith(("ours", "AutoARIMA"))]
		)
		mine = float(table.loc[(name, "ours, best"), "pinball"])
		won += int(mine < rival.min())
		found = f"{mine:.4f} to {rival.min():.4f} of {rival.idxmin()}"
		bars.append(
			{
				"bar": f"{name}: pinball lower than every rival's",
				"found": found,
				"met": bool(mine < rival.min()),
			}
		)
		cover = float(table.loc[(name, "ours, best"), "cover95"])
		inside = COVERAGE[0] <= cover <= COVERAGE[1]
		bars.append({"bar": f"{name}: coverage of 95 %", "found": f"{cover:.1%}", "met": inside})
	bars.append({"bar": "pinball won on at least five sets", "found": won, "met": won >= min(5, len(names))})
	return bars


def speed(table: pd.DataFrame, profile: str) -> dict:
	mine = table.xs(f"ours, {profile}", level="method")
	found = {name: float(row["ms"]) for name, row in mine.iterrows() if name.endswith("daily")}
	two_years = [ms for name, ms in found.items() if mine.loc[name, "periods"] >= TWO_YEARS]
	limit = MILLISECONDS[profile]
	bar = f"{profile}: at most {limit:g} ms per two-year daily series"
	return {"bar": bar, "found": found, "met": max(two_years, default=0) <= limit}


def slack(table: pd.DataFrame, names: list[str]) -> list[dict]:
	ratio = np.exp(np.mean([np.log(own(table, n, "fast") / own(table, n)) for n in names]))
	return [
		{
			"bar": "fast: at most 3 % less accurate than best",
			"found": f"{ratio - 1:+.1%}",
			"met": bool(ratio <= MOST_SLACK),
		}
	]


if __name__ == "__main__":
	main()
