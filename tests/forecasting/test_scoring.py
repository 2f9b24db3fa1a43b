"""Kept forecasts: scores by hand, when they are kept and scored, and what is said of drift."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from forecast_series import history

from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.scoring import Kept, drift_of, happened, lean, score, yardstick
from sentia_ops.forecasting.flow import forecast
from sentia_ops.forecasting.frames import (
	DEMAND,
	FORECAST_PARTS,
	FORECAST_QUALITY,
	FORECAST_SCORES,
	FORECASTS,
	OVERRIDES,
)
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

SETTINGS = ForecastSettings(horizon_days=35, processes=1)
MONDAY = date(2023, 3, 6)
ALL = np.ones(4, dtype=bool)


def kept(**values) -> Kept:
	"""Four days of which 2, 4, 4 and 2 are expected; a planner made that of the machine's 3 a day."""
	qty = np.array([2.0, 4.0, 4.0, 2.0])
	bounds = np.stack([qty - 2, qty - 1, qty + 1, qty + 2])
	figures = {"mean_scale": 2.0, "root_scale": 4.0} | values
	return Kept(
		qty=qty, machine=np.full(4, 3.0), naive=np.array([1.0, 1.0, 5.0, 5.0]), bounds=bounds, **figures
	)


def test_scores_by_hand():
	found = score(kept(), np.array([2.0, 5.0, 7.0, 0.0]), ALL)
	# errors 0, 1, 3, -2; of the machine -1, 2, 4, -3; of last week's 1, 4, 2, -5
	assert (found.days_scored, found.sold, found.expected, found.expected_machine) == (4, 14, 12, 12)
	assert found.bias == pytest.approx(-2 / 14)
	assert found.mase == pytest.approx((0 + 1 + 3 + 2) / 4 / 2)
	assert found.mase_machine == pytest.approx((1 + 2 + 4 + 3) / 4 / 2)
	assert found.mase_naive == pytest.approx((1 + 4 + 2 + 5) / 4 / 2)
	assert found.rmsse == pytest.approx(np.sqrt((0 + 1 + 9 + 4) / 4) / 4)
	assert found.coverage95 == 3 / 4, "7 lies outside 2 to 6, and 0 on its bound"
	lo95 = 0.025 * np.array([2, 3, 5, 0])
	lo80 = np.array([0.1 * 1, 0.1 * 2, 0.1 * 4, 0.9 * 1])
	hi80 = np.array([0.1 * 1, 0.1 * 0, 0.9 * 2, 0.1 * 3])
	hi95 = np.array([0.025 * 2, 0.025 * 1, 0.975 * 1, 0.025 * 4])
	assert found.scaled_pinball == pytest.approx(np.mean([lo95, lo80, hi80, hi95]) / 2)


def test_days_without_stock_are_not_scored():
	found = score(kept(), np.array([2.0, 0.0, 7.0, 0.0]), np.array([True, False, True, False]))
	assert (found.days_scored, found.sold, found.expected, found.coverage95) == (2, 9, 6, 0.5)
	assert found.mase == pytest.approx(3 / 2 / 2)
	assert score(kept(), np.zeros(4), ~ALL).days_scored == 0
	assert np.isnan(score(kept(), np.zeros(4), ~ALL).mase)


def test_figures_without_a_meaning_are_empty():
	found = score(kept(mean_scale=float("nan")), np.zeros(4), ALL)
	assert np.isnan(found.bias) and np.isnan(found.mase) and np.isnan(found.scaled_pinball)
	assert found.rmsse > 0 and found.coverage95 == 0.5


def test_the_yardstick_is_the_history_with_stock_outs_filled_in():
	qty = [1.0, 2, 3, 4, 5, 6, 7] * 4
	qty[-1] = 0.0
	naive, mean_scale, root_scale = yardstick(history(qty, out=[27]), 9)
	assert naive.tolist() == [1, 2, 3, 4, 5, 6, 7, 1, 2]
	assert np.isnan(mean_scale) and np.isnan(root_scale), "last week's same day was always exact"
	_naive, mean_scale, root_scale = yardstick(history([*[1.0] * 7, *[3.0] * 7, *[2.0] * 7]), 1)
	assert mean_scale == pytest.approx(1.5) and root_scale == pytest.approx(np.sqrt(2.5))
	assert yardstick(history([]), 3)[0].tolist() == [0, 0, 0]


def test_what_happened_is_cut_from_the_history():
	sold, seen = happened(history(range(10), out=[7]), ago=4, days=3)
	assert sold.tolist() == [6, 7, 8] and seen.tolist() == [True, False, True]
	sold, seen = happened(history([5.0, 6.0]), ago=4, days=3)
	assert sold.tolist() == [0, 0, 5] and seen.tolist() == [False, False, True], "nothing is known before"
	assert not happened(history([5.0]), ago=40, days=3)[1].any()


def test_drift_is_one_sided_or_worse_than_promised():
	wide = kept(promised_mase=1.0, promised_std=2.0)  # mean absolute error promised: 2 a day
	limit = 4 * 0.8 * 2 * np.sqrt(28) / 28
	assert drift_of(wide, np.full(28, 1.01 * limit)) == "too low"
	assert drift_of(wide, np.full(28, -1.01 * limit)) == "too high"
	flip = np.tile([1.0, -1.0], 14)
	assert drift_of(wide, 2.4 * flip) == "", "less than a quarter worse"
	assert drift_of(wide, 2.6 * flip) == "worse"
	assert drift_of(wide, np.array([60.0, *np.zeros(27)])) == "too low"
	burst = np.array([60.0, -60.0, *np.zeros(26)])
	assert drift_of(wide, burst) == "", "two days alone prove nothing"
	assert drift_of(kept(), np.full(28, 99.0)) == "", "nothing was promised"
	assert drift_of(wide, np.full(6, 99.0)) == "", "too few days"


def test_drift_is_rare_where_there_is_none():
	rng = np.random.default_rng(5)
	promise = kept(promised_mase=0.8 / 2, promised_std=1.0)
	said = [drift_of(promise, rng.normal(size=28)) for _ in range(4000)]
	assert 0 < sum(map(bool, said)) < 0.01 * 4000


def test_all_series_together_may_lean():
	sold = np.full(100, 10.0)
	assert lean(sold * 0.9, sold) == (pytest.approx(-0.1), "low", 100)
	assert lean(sold * 1.2, sold) == (pytest.approx(0.2), "high", 100)
	assert lean(sold * 0.97, sold)[1] == "", "by too little"
	assert lean(np.where(np.arange(100) < 60, 8.0, 11.0), sold)[1] == "", "60 of 100 may be chance"
	assert lean(np.array([9.0]), np.array([10.0]))[1] == "" == lean(np.zeros(0), np.zeros(0))[1]
	assert lean(np.append(np.full(99, 11.0), 0.0), np.append(np.full(99, 10.0), 500.0))[1] == "", (
		"one item only"
	)


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A", "B", "C"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK"]}), run=run)
	sell(store, {"A": weekly_sales(), "B": weekly_sales(seed=2)})
	return store


def weekly_sales(days: int = 200, seed: int = 1, level: float = 20.0) -> np.ndarray:
	return np.random.default_rng(seed).poisson(level, days).astype(float)


def sell(store: LakeStore, series: dict[str, np.ndarray], end: date = MONDAY) -> None:
	"""Sales up to the day before `end`."""
	parts = [
		pd.DataFrame({"item_code": item, "warehouse": "UK", "date": pd.date_range(end=end - timedelta(1), periods=len(qty)), "qty": qty})
		for item, qty in series.items()
	]  # fmt: skip
	with store.run("import") as run:
		store.write(DEMAND, pd.concat(parts), run=run)


def plan(store: LakeStore, as_of: date):
	with store.run("plan") as run:
		forecast(store, run, as_of=as_of, settings=SETTINGS)
	return run


def scores(store: LakeStore) -> pd.DataFrame:
	return store.read(FORECAST_SCORES).sort_values(["as_of", "item_code"], ignore_index=True)


def test_one_forecast_a_week_is_kept_as_it_was_made(lake):
	plan(lake, MONDAY)
	first = scores(lake)
	assert first["item_code"].tolist() == ["A", "B"] and set(first["status"]) == {"open"}
	assert set(first["as_of"]) == {pd.Timestamp(MONDAY)} and set(first["days"]) == {28}
	made = lake.read(FORECASTS, item_code="A")["qty"].to_numpy()[:28]
	points = json.loads(first["points"].iloc[0])
	assert points["qty"] == pytest.approx(made, abs=1e-4) and "machine" not in points
	assert points["naive"][:7] == points["naive"][7:14] == weekly_sales()[-7:].tolist()
	quality = lake.read(FORECAST_QUALITY, item_code="A").iloc[0]
	assert first["promised_mase"].iloc[0] == quality["mase"] and first["model"].iloc[0] == quality["model"]
	plan(lake, MONDAY)
	pd.testing.assert_frame_equal(scores(lake), first)
	sell(lake, {"A": weekly_sales(202), "B": weekly_sales(202), "C": weekly_sales(9)}, MONDAY + timedelta(2))
	plan(lake, MONDAY + timedelta(2))
	again = scores(lake)
	pd.testing.assert_frame_equal(again.iloc[:2], first)
	assert again["item_code"].tolist()[2:] == ["C"], "a series that is new this week gets its own"
	plan(lake, MONDAY + timedelta(7))
	assert len(scores(lake)) == 6, "next week, all three"


def test_a_forecast_from_nothing_is_not_kept(lake):
	sell(lake, {"A": weekly_sales(60), "B": weekly_sales(20)}, MONDAY + timedelta(20))
	plan(lake, MONDAY)
	assert scores(lake)["item_code"].tolist() == ["A"], "B was first sold that day"


def test_a_forecast_is_scored_once_when_its_days_are_over(lake):
	plan(lake, MONDAY)
	before = scores(lake)
	later = {
		"A": np.append(weekly_sales(), np.full(28, 10.0)),
		"B": np.append(weekly_sales(seed=2), np.zeros(27)),
	}
	end = MONDAY + timedelta(28)
	sell(lake, {name: qty[:227] for name, qty in later.items()}, end - timedelta(1))
	plan(lake, end)
	assert set(scores(lake).query("as_of == @MONDAY_")["status"]) == {"open"}, (
		"the last day is not yet imported"
	)
	sell(lake, {"A": later["A"], "B": np.append(later["B"], 3.0)}, end)
	run = plan(lake, end)
	found = scores(lake).query("as_of == @MONDAY_").set_index("item_code")
	assert set(found["status"]) == {"scored"} and set(found["days_scored"]) == {28}
	points = json.loads(before["points"].iloc[0])
	qty = np.array(points["qty"])
	assert found.loc["A", "sold"] == 280 and found.loc["A", "expected"] == pytest.approx(qty.sum())
	assert found.loc["A", "mase"] == pytest.approx(np.abs(10 - qty).mean() / before["mean_scale"].iloc[0])
	naive = np.abs(10 - np.array(points["naive"])).mean() / before["mean_scale"].iloc[0]
	assert found.loc["A", "mase_naive"] == pytest.approx(naive)
	assert found.loc["A", "bias"] == pytest.approx((qty.sum() - 280) / 280)
	assert np.isnan(found.loc["A", "mase_machine"]), "no planner was in it"
	assert found.loc["A", "drift"] == found.loc["B", "drift"] == "too high"
	warnings = [text for text in run.warnings if "drift" in text]
	assert (
		len(warnings) == 1 and warnings[0].startswith("2 of 2 series drift") and "(2 too high)" in warnings[0]
	)
	quality = lake.read(FORECAST_QUALITY).set_index("item_code")
	assert quality.loc["A", "drift"] == "too high"
	assert "Drifts too high: for 28 days from 2023-03-06" in quality.loc["A", "verdict"]
	assert "and 280 sold." in quality.loc["A", "verdict"]
	scored = scores(lake)
	sell(
		lake,
		{"A": np.append(later["A"][:-28], np.full(29, 1.0)), "B": np.append(later["B"], [3.0, 1.0])},
		end + timedelta(1),
	)
	plan(lake, end + timedelta(1))
	pd.testing.assert_frame_equal(scores(lake), scored)  # scored once, whatever sales say later


MONDAY_ = pd.Timestamp(MONDAY)


def test_a_steady_series_does_not_drift(lake):
	sell(lake, {"A": weekly_sales(228), "B": weekly_sales(228, seed=2)}, MONDAY + timedelta(28))
	plan(lake, MONDAY)
	run = plan(lake, MONDAY + timedelta(28))
	found = scores(lake).query("as_of == @MONDAY_")
	assert set(found["drift"]) == {""} and not [text for text in run.warnings if "drift" in text]
	assert (found["mase"] < found["mase_naive"]).all()


def test_stock_outs_and_vanished_series_are_not_scored(lake):
	plan(lake, MONDAY)
	end = MONDAY + timedelta(28)
	sell(lake, {"A": weekly_sales(228)}, end)
	demand = lake.read(DEMAND)
	demand["in_stock"] = demand["date"] < pd.Timestamp(end - timedelta(5))
	with lake.run("import") as run:
		lake.write(DEMAND, demand.assign(qty=demand["qty"].where(demand["in_stock"], 0.0)), run=run)
	plan(lake, end)
	found = scores(lake).query("as_of == @MONDAY_").set_index("item_code")
	assert found["days_scored"].to_dict() == {"A": 23, "B": 0}
	assert set(found["status"]) == {"scored"} and np.isnan(found.loc["B", "mase"])


def test_whose_override_is_in_it(lake):
	sell(lake, {"A": weekly_sales(), "B": weekly_sales(seed=2), "C": weekly_sales(seed=3)})
	word = {"kind": "percent", "value": 20.0, "reason": "fair"}
	with lake.run("import") as run:
		overrides = [
			{"override": "1", "item_code": "A", "first": MONDAY_, "last": MONDAY_, "planner": "ann", **word},
			{"override": "2", "item_code": "A", "warehouse": "UK", "first": MONDAY_ + timedelta(27), "last": MONDAY_ + timedelta(40), "planner": "bob", **word},
			{"override": "3", "item_code": "B", "first": MONDAY_ + timedelta(28), "last": MONDAY_ + timedelta(40), "planner": "bob", **word},
			{"override": "4", "item_code": "C", "first": MONDAY_ - timedelta(9), "last": MONDAY_ - timedelta(1), "planner": "bob", **word},
		]  # fmt: skip
		lake.write(OVERRIDES, pd.DataFrame(overrides), run=run)
	plan(lake, MONDAY)
	found = scores(lake).set_index("item_code")
	assert found["planner"].to_dict() == {"A": "ann, bob", "B": "", "C": ""}
	assert "machine" in json.loads(found.loc["A", "points"]) and "machine" not in json.loads(
		found.loc["B", "points"]
	)
	end = MONDAY + timedelta(28)
	sell(lake, {"A": weekly_sales(228), "B": weekly_sales(228, seed=2)}, end)
	plan(lake, end)
	found = scores(lake).query("as_of == @MONDAY_").set_index("item_code")
	assert found["mase_machine"].notna().to_dict() == {"A": True, "B": False, "C": False}


def test_single_days_are_kept_for_a_quarter_and_scores_for_two_years(lake):
	sell(lake, {"A": weekly_sales(1000)}, MONDAY + timedelta(800))
	plan(lake, MONDAY)
	plan(lake, MONDAY + timedelta(28))
	assert scores(lake)["points"].iloc[0] != "{}"
	plan(lake, MONDAY + timedelta(91))
	found = scores(lake).set_index("as_of")
	assert found.loc[MONDAY_, "points"] == "{}" and found.loc[MONDAY_, "mase"] > 0
	assert found.loc[MONDAY_ + timedelta(28), "points"] != "{}"
	plan(lake, MONDAY + timedelta(730))
	assert MONDAY_ in set(scores(lake)["as_of"])
	plan(lake, MONDAY + timedelta(731))
	assert MONDAY_ not in set(scores(lake)["as_of"])


def test_parts_are_written_with_the_forecast(lake):
	run = plan(lake, MONDAY)
	parts = lake.read(FORECAST_PARTS)
	assert set(parts["item_code"]) == {"A", "B"} and set(parts["run"]) == {run.name}
	shares = parts[parts["kind"] == "method"].groupby("item_code")["share"].sum()
	assert shares.to_dict() == pytest.approx({"A": 1.0, "B": 1.0})
