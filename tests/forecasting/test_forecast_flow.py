"""The forecasting flow on a lake: what is read, what is written, and what a user is told."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from sentia_ops.errors import NoDataError
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.flow import forecast, read_histories
from sentia_ops.forecasting.frames import DEMAND, FORECAST_QUALITY, FORECASTS
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

AS_OF = date(2026, 3, 2)
SETTINGS = ForecastSettings(horizon_days=30, processes=1)


def rows(item: str, sold: dict[int, float], out: tuple[int, ...] = (), warehouse: str = "UK") -> pd.DataFrame:
	"""Demand rows by age in days: 1 is the day before AS_OF."""
	ages = [*sold, *(a for a in out if a not in sold)]
	return pd.DataFrame(
		{
			"item_code": item,
			"warehouse": warehouse,
			"date": [pd.Timestamp(AS_OF - timedelta(days=a)) for a in ages],
			"qty": [sold.get(a, 0.0) for a in ages],
			"in_stock": [a not in out for a in ages],
		}
	)


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A", "B", "C", "unsold"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK", "EU"]}), run=run)
	return store


def put(store: LakeStore, *parts: pd.DataFrame) -> None:
	with store.run("import") as run:
		store.write(DEMAND, pd.concat(parts, ignore_index=True), run=run)


def plan(store: LakeStore, settings: ForecastSettings = SETTINGS, as_of: date = AS_OF, progress=None):
	with store.run("forecasting", progress=progress) as run:
		forecast(store, run, as_of=as_of, settings=settings)
	return run


def test_every_series_gets_a_forecast_a_day_and_a_quality_row(lake):
	rng = np.random.default_rng(1)
	daily = {a: float(q) for a, q in enumerate(rng.poisson(20, 200), start=1)}
	put(lake, rows("A", daily), rows("A", {5: 1.0, 9: 2.0}, warehouse="EU"), rows("B", {3: 4.0}, out=(1, 2)))
	seen = []
	run = plan(lake, progress=lambda share, text: seen.append((share, text)))
	forecasts, quality = lake.read(FORECASTS), lake.read(FORECAST_QUALITY)
	assert forecasts.groupby(["item_code", "warehouse"]).size().to_dict() == {
		("A", "EU"): 30,
		("A", "UK"): 30,
		("B", "UK"): 30,
	}
	assert forecasts["date"].min() == pd.Timestamp(AS_OF)
	assert forecasts["date"].max() == pd.Timestamp(AS_OF + timedelta(days=29))
	smooth = quality.set_index(["item_code", "warehouse"]).loc[("A", "UK")]
	assert smooth["history_days"] == 200 and smooth["demand_class"] == "smooth" and smooth["windows"] == 3
	assert smooth["mean_daily"] == pytest.approx(np.mean([daily[a] for a in range(1, 57)]))
	assert forecasts.query("item_code == 'A' and warehouse == 'UK'")["qty"].mean() == pytest.approx(
		20, rel=0.1
	)
	assert quality.set_index("item_code").loc["B", "stockout_days"] == 2
	assert set(quality["run"]) == {run.name} == set(forecasts["run"])
	assert any("2 items have no sales history" in w for w in run.warnings)
	shares = [share for share, _ in seen]
	assert shares == sorted(shares) and shares[-1] == 1.0 and len(seen) >= 4


def test_planning_again_replaces_and_repeats(lake):
	put(lake, rows("A", {a: float(a % 5) for a in range(1, 120)}))
	plan(lake)
	first = lake.read(FORECASTS).drop(columns="run")
	plan(lake)
	pd.testing.assert_frame_equal(first, lake.read(FORECASTS).drop(columns="run"))


def test_zero_fill_window_and_days_after_as_of():
	demand = pd.concat([rows("A", {4: 2.0, 1: 3.0, -1: 99.0}, out=(2,)), rows("B", {40: 7.0, 2: 1.0})])
	a, b = read_histories(demand, AS_OF, history_days=10)
	assert a.key == ("A", "UK") and a.qty.tolist() == [2.0, 0.0, 0.0, 3.0]
	assert a.in_stock.tolist() == [True, True, False, True]
	assert b.qty.tolist() == [0.0] * 8 + [1.0, 0.0]


def test_series_whose_sales_all_lie_elsewhere_is_answered(lake):
	put(lake, rows("A", {-3: 5.0}), rows("B", {900: 5.0}), rows("C", {1: 1.0, 2: 1.0}))
	run = plan(lake, as_of=AS_OF)
	quality = lake.read(FORECAST_QUALITY).set_index("item_code")
	assert quality.loc["A", "verdict"].startswith("No history before the first day to plan for")
	assert quality.loc["B", "verdict"] == "Only zeros in 24 months of history: nothing is expected."
	assert quality.loc["B", "demand_class"] == "dead"
	assert lake.read(FORECASTS).query("item_code != 'C'")["hi95"].max() == 0
	assert any(w.startswith("1 sales rows lie on or after 2026-03-02") for w in run.warnings)


def test_no_demand_is_a_clear_error_and_keeps_earlier_forecasts(lake):
	put(lake, rows("A", {a: 1.0 for a in range(1, 40)}))
	plan(lake)
	before = lake.read(FORECASTS)
	put(lake, rows("A", {}))
	with pytest.raises(NoDataError, match=r"no sales history to forecast from\. Import sales"):
		plan(lake)
	pd.testing.assert_frame_equal(before, lake.read(FORECASTS))


@pytest.mark.parametrize(
	("as_of", "words"),
	[
		(
			date(2020, 1, 1),
			"before 2020-01-01, .* begins on 2026-01-22 .* Plan from 2026-01-23 on, .*2026-03-02",
		),
		(date(2026, 1, 22), "before 2026-01-22, .* begins on 2026-01-22"),
		(
			date(2030, 1, 1),
			"730 days before 2030-01-01, .* ends on 2026-03-01.* earlier day, best .*2026-03-02",
		),
	],
)
def test_a_day_without_history_before_it_is_refused_and_keeps_earlier_forecasts(lake, as_of, words):
	put(lake, rows("A", {a: 1.0 for a in range(1, 40)}))
	plan(lake)
	before = lake.read(FORECASTS)
	with pytest.raises(NoDataError, match=words):
		plan(lake, as_of=as_of)
	pd.testing.assert_frame_equal(before, lake.read(FORECASTS))


def test_the_first_day_that_has_history_can_be_planned(lake):
	put(lake, rows("A", {a: 1.0 for a in range(1, 40)}))
	plan(lake, as_of=date(2026, 1, 23))
	assert lake.read(FORECAST_QUALITY)["history_days"].tolist() == [1]


def test_two_processes_give_the_answer_of_one(lake):
	rng = np.random.default_rng(2)
	items = [f"I{i:03}" for i in range(120)]
	with lake.run("import") as run:
		lake.write(ITEMS, pd.DataFrame({"item_code": items}), run=run)
	put(lake, *(rows(i, {a: float(q) for a, q in enumerate(rng.poisson(0.3, 90), 1)}) for i in items))
	plan(lake)
	alone = lake.read(FORECASTS).drop(columns="run")
	run = plan(lake, ForecastSettings(horizon_days=30, processes=2))
	assert not [w for w in run.warnings if "died" in w]
	pd.testing.assert_frame_equal(alone, lake.read(FORECASTS).drop(columns="run"))
