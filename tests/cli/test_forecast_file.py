"""`sentia-ops forecast FILE`: any long table, good or bad, and what comes of it."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest

from sentia_ops.cli.forecast_file import settings_for
from sentia_ops.forecasting.engine import ForecastSettings

COLUMNS = ["unique_id", "ds", "mean", "median", "lo80", "hi80", "lo95", "hi95", "model", "verdict"]
QUICK = ("--methods", "Theta")  # one method: these tests are about tables
WEEK = np.array([0.6, 0.8, 1.0, 1.1, 1.5, 1.6, 0.4])


def sales(days: int, seed: int = 0, mean: float = 30.0) -> np.ndarray:
	return np.random.default_rng(seed).poisson(mean * WEEK[np.arange(days) % 7])


def series(name: object, y, first="2024-01-01", freq="D") -> pd.DataFrame:
	dates = pd.date_range(first, periods=len(y), freq=freq).strftime("%Y-%m-%d")
	return pd.DataFrame({"unique_id": name, "ds": dates, "y": y})


@pytest.fixture
def table(tmp_path):
	"""Write series to table.csv."""

	def write(*parts: pd.DataFrame, name: str = "table.csv", **columns) -> str:
		pd.concat(parts).rename(columns=columns).to_csv(tmp_path / name, index=False)
		return name

	return write


def check(rows: pd.DataFrame) -> None:
	assert list(rows.columns) == COLUMNS
	numbers = rows[COLUMNS[2:8]].to_numpy()
	assert np.isfinite(numbers).all() and (numbers >= 0).all()
	for low, high in (("lo95", "lo80"), ("lo80", "median"), ("median", "hi80"), ("hi80", "hi95")):
		assert (rows[low] <= rows[high] + 1e-9).all(), (low, high)
	assert rows["model"].notna().all() and rows["verdict"].str.len().gt(10).all()


def test_daily_series_from_csv_to_csv(sentia, table, tmp_path):
	file = table(series("LAMP", sales(200)), series(7, np.full(120, 5), first="2024-03-01"))
	done = sentia("forecast", file, "--horizon", 10, "--freq", "D", "--out", "out/f.csv", *QUICK)
	assert done.code == 0, done.err
	rows = pd.read_csv(tmp_path / "out" / "f.csv")
	check(rows)
	assert rows.groupby("unique_id").size().to_dict() == {"7": 10, "LAMP": 10}
	assert rows["ds"].unique().tolist()[0] == "2024-06-29"
	assert rows[rows["unique_id"] == "7"]["mean"].tolist() == pytest.approx([5.0] * 10)
	lamp = rows[rows["unique_id"] == "LAMP"].set_index("ds")["mean"]
	assert lamp.max() > 2 * lamp.min()  # the week is in it
	assert list(tmp_path.glob("*lake*")) == [] and not (tmp_path / "out" / "f.refused.csv").exists()


@pytest.mark.parametrize(
	("freq", "step", "first", "ahead"),
	[
		("W", "7D", "2022-01-05", ["2023-12-06", "2023-12-13"]),
		("MS", "ME", "2018-01-31", ["2026-05-01", "2026-06-01"]),
	],
)
def test_weeks_and_months_from_parquet_to_parquet(sentia, tmp_path, freq, step, first, ahead):
	rows = pd.DataFrame(
		{"unique_id": "A", "ds": pd.date_range(first, periods=100, freq=step), "y": 50 + sales(100)}
	)
	rows.to_parquet(tmp_path / "t.parquet")
	done = sentia("forecast", "t.parquet", "--horizon", 2, "--out", "f.parquet", *QUICK)
	assert done.code == 0, done.err
	assert f"--freq {freq} is used" in done.err
	found = pd.read_parquet(tmp_path / "f.parquet")
	check(found)
	assert found["ds"].dt.strftime("%Y-%m-%d").tolist() == ahead


def test_hours(sentia, tmp_path):
	dates = pd.date_range("2024-01-01", periods=24 * 30, freq="h")
	y = 20 + 15 * np.sin(dates.hour / 24 * 2 * np.pi)
	pd.DataFrame({"unique_id": "A", "ds": dates, "y": y}).to_csv(tmp_path / "t.csv", index=False)
	done = sentia(
		"forecast", "t.csv", "--freq", "h", "--horizon", 24, "--out", "f.csv", "--methods", "SeasonalNaive"
	)
	assert done.code == 0, done.err
	found = pd.read_csv(tmp_path / "f.csv")
	check(found)
	assert found["ds"].iloc[[0, 23]].tolist() == ["2024-01-31 00:00:00", "2024-01-31 23:00:00"]
	np.testing.assert_allclose(found["mean"], y[:24], rtol=1e-6)


def test_into_a_pipe_as_csv_or_json(sentia, table):
	file = table(series("A", sales(90)))
	done = sentia("forecast", file, "--horizon", 3, *QUICK)
	assert done.code == 0
	check(pd.read_csv(StringIO(done.out)))
	done = sentia("--json", "forecast", file, *QUICK)
	assert "--horizon is not given: 28 days are forecast." in done.err
	assert done.json["series"] == 1 and done.json["freq"] == "D" and len(done.json["forecasts"]) == 28
	assert list(done.json["forecasts"][0]) == COLUMNS


def test_mapped_columns_and_this_app_s_own_names(sentia, table):
	file = table(series("A", sales(90)), unique_id="SKU", ds="day", y="units")
	mapping = ("--map", "unique_id=SKU", "--map", "ds=day", "--map", "y=units")
	assert sentia("forecast", file, *mapping, *QUICK).code == 0
	done = sentia("forecast", file, *mapping[:4], *QUICK)
	assert done.code == 2 and "no column y. Columns found: SKU, day, units" in " ".join(done.err.split())
	assert (
		sentia(
			"forecast", table(series("A", sales(90)), unique_id="item_code", ds="date", y="qty"), *QUICK
		).code
		== 0
	)


def test_days_out_of_stock_are_repaired(sentia, table, tmp_path):
	rows = series("A", sales(120) + 5).assign(in_stock="true")
	rows.loc[80:119, ["y", "in_stock"]] = [0, "no"]
	done = sentia("forecast", table(rows), "--out", "f.csv", "--horizon", 14, *QUICK)
	assert done.code == 0, done.err
	assert pd.read_csv(tmp_path / "f.csv")["mean"].mean() > 25
	rows.loc[3, "in_stock"] = "perhaps"
	done = sentia("--json", "forecast", table(rows), *QUICK)
	assert done.code == 1 and done.json["refused"] == {"in_stock is neither true nor false": 1}


TORTURE = {
	"gaps": series("gaps", 40 + sales(120)).drop(index=[30, 31, 60]),
	"twice": pd.concat([series("twice", sales(120)), series("twice", sales(120)).iloc[40:50]]),
	"split": pd.concat([series("split", sales(120)), series("split", sales(3, 9), first="2024-02-01")]),
	"unsorted": series("unsorted", sales(120)).sample(frac=1, random_state=1),
	"zeros": series("zeros", np.zeros(120)),
	"outlier": series("outlier", np.where(np.arange(120) == 60, 10**7, sales(120))),
	"constant": series("constant", np.full(120, 4)),
	"two": series("two", [3, 4], first="2024-04-28"),
	"one": series("one", [3], first="2024-04-29"),
	"returns": series("returns", np.where(np.arange(120) % 50 == 49, -20, sales(120))),
	"unit": series("unit", np.where(np.arange(120) < 70, 12 * (sales(120) + 1), sales(120) + 1)),
	"hole": series("hole", [*sales(119).astype(str), ""]),
	"words": series("words", [*sales(119).astype(str), "six"]),
	"dates": series("dates", sales(120)).assign(ds=lambda r: ["31/12/2023", "soon", *r["ds"][2:]]),
	"zone": series("zone", sales(120)).assign(
		ds=lambda r: r["ds"] + np.where(np.arange(120) < 90, "T08:00+01:00", "T08:00+02:00")
	),
	"huge": series("huge", sales(120) * 10.0**12),
	"tiny": series("tiny", sales(120) * 1e-12),
	"early": series("early", sales(60)),
	"stray": series("stray", sales(120)).assign(ds=lambda r: ["2204-01-01", *r["ds"][1:]]),
	"odd": series('="odd", ; \n☃ [red]', sales(120)),
}
REFUSED = {
	"letters": (series("letters", ["x"] * 30), "y is not a number"),
	"nothing": (series("nothing", [""] * 30), "y is empty in every row"),
	"infinite": (series("infinite", ["inf"] * 30), "y is infinite"),
	"beyond": (series("beyond", ["1e300"] * 30), "y is beyond 1e+15: no quantity is so large"),
	"negative": (
		series("negative", -sales(30) - 1),
		"more than half of its values are negative: that is no demand",
	),
	"undated": (series("undated", [1, 2]).assign(ds="?"), "ds is empty or no readable date"),
}


def test_bad_series_are_answered_or_named_and_stop_no_other(sentia, table, tmp_path):
	file = table(*TORTURE.values(), *(part for part, _ in REFUSED.values()), series("", [1, 2, 3]))
	done = sentia("--json", "forecast", file, "--freq", "D", "--horizon", 5, "--out", "f.csv", *QUICK)
	assert done.code == 1, done.err
	assert "Traceback" not in done.err
	rows = pd.read_csv(tmp_path / "f.csv")
	check(rows)
	names = {name for part in TORTURE.values() for name in part["unique_id"]}
	assert rows.groupby("unique_id").size().to_dict() == dict.fromkeys(names, 5)
	assert done.json["refused_series"] == {name: reason for name, (_, reason) in REFUSED.items()}
	refused = pd.read_csv(tmp_path / "f.refused.csv", dtype=str)
	listed = refused[refused["line"].isna()].set_index("unique_id")["reason"].to_dict()
	assert listed == {name: f"no forecast: {reason}" for name, (_, reason) in REFUSED.items()}
	twice = refused[refused["reason"].str.startswith("exact duplicate")]
	assert len(twice) == 10 and set(twice["unique_id"]) == {"twice"}
	first = rows.drop_duplicates("unique_id").set_index("unique_id")
	assert "3 days without a row count as not known" in first.loc["gaps", "verdict"]
	assert "values are 1/12 of those before: the unit of measure changed" in first.loc["unit", "verdict"]
	assert "taken off the sales before" in first.loc["returns", "verdict"]
	assert (
		"It ends on 2024-02-29" in first.loc["early", "verdict"] and first.loc["early", "ds"] == "2024-03-01"
	)
	assert first.loc["zeros", "mean"] == 0 and first.loc["constant", "mean"] == pytest.approx(4)
	means = rows.groupby("unique_id")["mean"].mean()
	for name in ("gaps", "twice", "unsorted", "outlier", "unit", "hole", "words", "dates", "zone", "stray"):
		assert 15 < means[name] < 85, name
	said = " ".join(done.json["warnings"])
	for words in (
		"Times carry a zone",
		"3 rows are of a day that their series already had",
		"ending before the others",
	):
		assert words in said, words


def test_as_of_brings_series_to_one_day(sentia, table, tmp_path):
	file = table(series("A", sales(120)), series("B", sales(100)))
	done = sentia(
		"forecast", file, "--as-of", "2024-04-20", "--gaps", "zero", "--out", "f.csv", "--horizon", 2, *QUICK
	)
	assert done.code == 0, done.err
	assert pd.read_csv(tmp_path / "f.csv")["ds"].tolist() == ["2024-04-20", "2024-04-21"] * 2
	assert "10 rows lie on or after 2024-04-20" in done.err


def test_a_factor_that_stops_before_the_horizon_is_said(sentia, table, tmp_path):
	file = table(series("A", sales(120)))
	factors = pd.DataFrame(
		{"name": "price", "ds": pd.date_range("2024-01-01", periods=122), "value": 2.0, "kind": "price"}
	)
	factors.to_csv(tmp_path / "factors.csv", index=False)
	done = sentia("forecast", file, "--factors", "factors.csv", "--horizon", 14, "--out", "f.csv", *QUICK)
	assert done.code == 0, done.err
	assert "Factor price has no values for all of the horizon" in " ".join(done.err.split())
	check(pd.read_csv(tmp_path / "f.csv"))
	factors.assign(kind="moon").to_csv(tmp_path / "factors.csv", index=False)
	done = sentia("forecast", file, "--factors", "factors.csv")
	assert done.code == 2 and "122 rows have no usable kind, the first in row 1 ('moon')" in " ".join(
		done.err.split()
	)


GOOD = series("A", sales(60)).to_csv(index=False)


@pytest.mark.parametrize(
	("content", "words", "said"),
	[
		("", (), "is empty"),
		("unique_id,ds,y\n", (), "column headings but no rows"),
		("y\n1\n2\n", (), "t.csv has no column unique_id, ds. Columns found: y."),
		(GOOD, ("--freq", "Q"), "--freq Q is not known."),
		(GOOD, ("--gaps", "maybe"), "--gaps maybe is not known."),
		(GOOD, ("--out", "f.xlsx"), "files ending in .xlsx cannot be written"),
		(GOOD, ("--out", "."), "cannot be written"),
		(GOOD, ("--map", "qty=y"), "qty is no target"),
		(GOOD, ("--map", "y=Y"), "Did you mean y?"),
		(GOOD, ("--methods", "CES,theta"), "There is no forecasting method theta. Did you mean Theta?"),
		(GOOD, ("--profile", "slow"), "profile must be best or fast"),
		(GOOD, ("--engine", "dask://nowhere"), "engine must be like dask://HOST:PORT"),
		(GOOD, ("--engine", "dask://127.0.0.1:1"), "No Dask scheduler answers at dask://127.0.0.1:1"),
		(GOOD, ("--factors", "missing.csv"), "missing.csv does not exist"),
		(GOOD, ("--as-of", "2020-01-01"), "None of the 60 rows gives a series that can be forecast"),
		(GOOD.replace("2024-", "24/"), (), "ds is empty or no readable date: 60"),
		(series("A", sales(60), freq="7D").to_csv(index=False), ("--freq", "D"), "Use --freq W."),
	],
)
def test_wrong_use_is_told_in_words(sentia, tmp_path, content, words, said):
	(tmp_path / "t.csv").write_text(content)
	done = sentia("forecast", "t.csv", *words)
	assert done.code == 2 and done.out == ""
	assert said in " ".join(done.err.split()) and "Traceback" not in done.err


@pytest.mark.parametrize(
	("code", "horizon", "window"), [("D", 3, 7), ("D", 28, 28), ("D", 365, 56), ("MS", 12, 12)]
)
def test_held_out_windows_are_as_long_as_the_horizon_within_reason(code, horizon, window):
	made = settings_for(ForecastSettings(), code, horizon)
	assert (made.horizon_days, made.backtest_days) == (horizon, window)


def test_options_of_a_file_without_one(sentia):
	done = sentia("forecast", "--horizon", 3)
	assert done.code == 2 and "--horizon is for a FILE" in done.err


def test_a_cluster_that_is_not_there_is_told_for_a_lake_too(sentia, table):
	assert (
		sentia(
			"--lake",
			"l",
			"import",
			"transactions",
			table(series("A", sales(60)), unique_id="item_code", ds="date", y="qty"),
		).code
		== 0
	)
	done = sentia("--lake", "l", "forecast", "--engine", "dask://127.0.0.1:1")
	assert done.code == 2 and "No Dask scheduler answers at dask://127.0.0.1:1" in " ".join(done.err.split())


def test_a_failed_run_leaves_the_former_file(sentia, table, tmp_path):
	(tmp_path / "f.csv").write_text("precious")
	assert sentia("forecast", table(series("A", ["x"] * 9)), "--out", "f.csv").code == 2
	assert (tmp_path / "f.csv").read_text() == "precious"
