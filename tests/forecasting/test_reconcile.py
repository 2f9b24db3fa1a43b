"""Sums that agree with what they are sums of: the algebra against the textbook, and the flow on a lake."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.forecasting import totals
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.reconcile import (
	Trial,
	correlations,
	hierarchy,
	reconciled,
	sum_bounds,
	trial,
	weekly,
)
from sentia_ops.forecasting.flow import forecast
from sentia_ops.forecasting.frames import (
	DEMAND,
	FORECAST_PARTS,
	FORECAST_TOTALS,
	FORECASTS,
	OVERRIDES,
	PIPELINE,
)
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

AS_OF = date(2026, 3, 2)
TREE = hierarchy({"group": ["x", "x", "y"], "company": ["c", "c", "c"]})


def test_sums_are_sums():
	assert TREE.nodes == (("group", "x"), ("group", "y"), ("company", "c"))
	assert TREE.sums(np.array([[1, 10], [2, 20], [4, 40]])).tolist() == [[3, 30], [4, 40], [7, 70]]
	assert weekly(np.arange(10.0)[None]).tolist() == [[21, 24]]


def test_by_hand():
	"""Two series of 10 and 20, one sum said to be 36; all variances 1: each gives way by a third of the 6 missing."""
	tree = hierarchy({"company": ["c", "c"]})
	found = reconciled(np.array([[10.0], [20.0]]), np.array([[36.0]]), tree, np.ones(2), np.ones(1))
	assert found.ravel() == pytest.approx([12, 22])
	sure = reconciled(
		np.array([[10.0], [20.0]]), np.array([[36.0]]), tree, np.array([0.0, 4.0]), np.array([1e-9])
	)
	assert sure.ravel() == pytest.approx([10, 26]), "what is certain does not move"


positive = st.lists(st.floats(0.1, 50), min_size=3, max_size=3)


@settings(max_examples=100, deadline=None)
@given(positive, positive, positive, positive)
def test_equals_the_formula_of_the_paper(bottom, sums, spread, above):
	"""(S' W^-1 S)^-1 S' W^-1 y, with S the sums above the identity (Wickramasuriya and others 2019, MinT, diagonal W)."""
	bottom, sums, spread, above = map(np.array, (bottom, sums, spread, above))
	found = reconciled(bottom[:, None], sums[:, None], TREE, spread, above).ravel()
	s = np.vstack([TREE.members.toarray(), np.eye(3)])
	weight = np.diag(1 / np.concatenate([above, spread]))
	paper = np.linalg.solve(s.T @ weight @ s, s.T @ weight @ np.concatenate([sums, bottom]))
	assert found == pytest.approx(np.maximum(paper, 0), rel=1e-6, abs=1e-6)


def test_never_negative_and_nothing_is_made_of_nothing():
	bottom = np.array([[10.0], [0.0], [1.0]])
	low = reconciled(bottom, np.zeros((3, 1)), TREE, np.full(3, 100.0), np.full(3, 0.01))
	assert (low >= 0).all() and low.sum() < 1
	high = reconciled(bottom, np.full((3, 1), 50.0), TREE, np.ones(3), np.ones(3))
	assert high[1, 0] == 0


def windows(seed: int, upper_error: float):
	"""Four windows of 30 series whose level is off by the same share: what a forecast of their sum could know."""
	rng = np.random.default_rng(seed)
	tree = hierarchy({"company": ["c"] * 30})
	actual = rng.uniform(50, 150, (4, 30, 4))
	bottom = actual * rng.uniform(0.7, 0.9, (4, 1, 1)) + rng.normal(0, 5, actual.shape)
	sums = actual.sum(axis=1, keepdims=True) * (1 + upper_error * rng.normal(size=(4, 1, 1)))
	return np.maximum(bottom, 0), sums, actual, tree


def test_a_trial_finds_what_helps_and_what_does_not():
	good = trial(*windows(1, 0.01))
	assert good.helps and good.sums < -0.5 and good.bottom < 0
	assert not trial(*windows(1, 1.0)).helps
	assert "on 4 windows held out" in good.words and f"{good.sums:+.1%}" in good.words
	bottom, sums, actual, tree = windows(1, 0.01)
	assert not trial(bottom[:1], sums[:1], actual[:1], tree).helps, "a single window proves nothing"


def test_a_gain_of_chance_is_not_enough():
	assert Trial(4, -0.01, -0.1, 4).helps
	assert not Trial(4, -0.01, -0.02, 4).helps
	assert not Trial(4, -0.01, -0.1, 3).helps, "one window went the other way"
	assert not Trial(4, 0.001, -0.2, 4).helps, "sums do not become better at the cost of the series"


def test_correlation_of_errors_is_found():
	rng = np.random.default_rng(5)
	tree = hierarchy({"company": ["c"] * 40})
	shared, own = rng.normal(size=(1, 400)), rng.normal(size=(40, 400))
	assert correlations(own, tree)[0] < 0.02
	half = correlations(np.sqrt(0.5) * shared + np.sqrt(0.5) * own, tree)[0]
	assert half == pytest.approx(0.5, abs=0.05)


def test_bounds_of_sums_by_hand():
	"""Standard deviations 3 and 4: 5 together when independent, 7 when the same."""
	tree, qty, spread = hierarchy({"company": ["c", "c"]}), np.array([[100.0]]), np.array([[3.0], [4.0]])
	independent, same = sum_bounds(qty, spread, np.zeros(1), tree), sum_bounds(qty, spread, np.ones(1), tree)
	assert independent.ravel() == pytest.approx(
		100 + 5 * np.array([-1.959964, -1.281552, 1.281552, 1.959964])
	)
	assert same[3, 0, 0] == pytest.approx(100 + 7 * 1.959964)
	assert sum_bounds(np.array([[1.0]]), spread, np.ones(1), tree)[0, 0, 0] == 0


# on a lake


def planned(store: LakeStore, says: Trial) -> pd.DataFrame:
	"""FORECASTS of a run in which the trial says this."""
	with pytest.MonkeyPatch.context() as patch, store.run("forecasting") as run:
		patch.setattr(totals, "trial", lambda *_: says)
		forecast(store, run, as_of=AS_OF, settings=ForecastSettings(horizon_days=45, processes=1))
	return store.read(FORECASTS)


NO, YES = Trial(4, 0.1, 0.2, 0), Trial(4, -0.1, -0.2, 4)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> LakeStore:
	"""24 series of half a year, with an override and a large quotation among them, planned."""
	store = LakeStore(tmp_path_factory.mktemp("totals") / "lake", create=True)
	items = [f"I{n:02}" for n in range(12)]
	rng = np.random.default_rng(2)
	days = pd.date_range(AS_OF - timedelta(days=200), AS_OF - timedelta(days=1))
	sold = [
		pd.DataFrame(
			{"item_code": i, "warehouse": w, "date": days, "qty": rng.poisson(10, len(days)).astype(float)}
		)
		for i in items
		for w in ("UK", "EU")
	]
	groups = ["Pans", "Pots", ""] * 4
	now = pd.Timestamp(AS_OF)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": items, "item_group": groups}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK", "EU"], "company": ["Ltd", "Ltd"]}), run=run)
		store.write(DEMAND, pd.concat(sold), run=run)
		store.write(
			OVERRIDES,
			pd.DataFrame(
				{"override": ["O1"], "item_code": ["I00"], "warehouse": ["UK"], "first": [now], "last": [now],
				 "kind": ["set"], "value": [500.0], "reason": ["fair"]}
			),
			run=run,
		)  # fmt: skip
		store.write(
			PIPELINE,
			pd.DataFrame(
				{"voucher": ["Q1"], "item_code": ["I01"], "warehouse": ["EU"], "kind": ["quotation"], "made_on": [now],
				 "due_date": [now + timedelta(days=20)], "closed_on": [pd.NaT], "qty": [9000.0], "outcome": ["open"]}
			),
			run=run,
		)  # fmt: skip
	planned(store, NO)
	return store


def test_every_level_adds_up_to_the_last_unit(lake):
	rows = lake.read(FORECASTS)
	found = lake.read(FORECAST_TOTALS)
	assert rows["qty"].max() >= 500 and (rows["qty"] > rows["machine_qty"]).sum() >= 2, (
		"override and quotation are in"
	)
	groups = lake.read(ITEMS).set_index("item_code")["item_group"].replace("", "(no item group)")
	rows = rows.assign(
		group=rows["item_code"].map(groups), company="Ltd",
		week=rows["date"].min() + pd.to_timedelta((rows["date"] - rows["date"].min()).dt.days // 7 * 7, "D"),
	)  # fmt: skip
	for level, column in (
		("item", "item_code"),
		("item group", "group"),
		("warehouse", "warehouse"),
		("company", "company"),
	):
		wanted = rows.groupby([column, "week"])["qty"].sum()
		own = found[found["level"] == level].set_index(["node", "date"])["qty"]
		assert len(own) == len(wanted)
		assert own.to_numpy() == pytest.approx(wanted.reindex(own.index).to_numpy(), rel=1e-12)


def test_bounds_hold_the_sum_and_sums_are_surer_than_their_parts(lake):
	found = lake.read(FORECAST_TOTALS)
	assert (found["lo95"] <= found["lo80"]).all() and (found["hi80"] <= found["hi95"]).all()
	assert (found["lo80"] <= found["qty"]).all() and (found["qty"] <= found["hi80"]).all()
	first = found[found["date"] == found["date"].min()].assign(
		width=lambda r: (r["hi80"] - r["lo80"]) / r["qty"]
	)
	width = first.groupby("level")["width"].median()
	assert width["company"] < width["item"]
	assert found.groupby("node")["date"].nunique().eq(7).all(), "45 days: six weeks and three days"


def test_a_large_quotation_makes_its_week_as_unsure_as_its_day(lake):
	days = lake.read(FORECASTS, item_code="I01", warehouse="EU").set_index("date")
	weeks = lake.read(FORECAST_TOTALS, level="item", node="I01").set_index("date")
	week = weeks.iloc[2]  # days 14 to 20
	assert days["qty"].iloc[20] > 1500 and week["qty"] > 1500
	assert week["hi95"] - week["qty"] > 0.7 * (days["hi95"] - days["qty"]).iloc[20]
	assert weeks["hi95"].iloc[3] < 400, "the week after is as ever"


def test_series_are_left_alone_where_reconciling_does_not_help(lake):
	parts = lake.read(FORECAST_PARTS, kind="adjustment")
	assert "hierarchy" not in set(parts["part"])


def test_where_it_helps_the_series_move_and_say_why(lake):
	"""The sums stay those of the series, and a part tells by how much each has moved."""
	before = lake.read(FORECASTS)["machine_qty"]
	planned(lake, YES)
	rows, found = lake.read(FORECASTS), lake.read(FORECAST_TOTALS)
	assert not np.allclose(rows["machine_qty"], before)
	assert found[found["level"] == "company"]["qty"].sum() == pytest.approx(rows["qty"].sum(), rel=1e-12)
	parts = lake.read(FORECAST_PARTS, part="hierarchy")
	moved = (rows["machine_qty"] - before).groupby([rows["item_code"], rows["warehouse"]]).mean()
	own = parts.set_index(["item_code", "warehouse"])["effect"]
	assert own.to_numpy() == pytest.approx(moved.reindex(own.index).to_numpy(), abs=1e-9)
	assert parts["note"].str.contains("-20.0%").all()


def test_one_series_is_a_hierarchy_too(tmp_path):
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK"]}), run=run)
		day = pd.Timestamp(AS_OF - timedelta(days=1))
		store.write(
			DEMAND,
			pd.DataFrame({"item_code": ["A"], "warehouse": ["UK"], "date": [day], "qty": [3.0]}),
			run=run,
		)
	with store.run("forecasting") as run:
		forecast(store, run, as_of=AS_OF, settings=ForecastSettings(horizon_days=10, processes=1))
	found = store.read(FORECAST_TOTALS)
	assert set(found["node"]) == {"A", "(no item group)", "UK", "(no company)"}
	assert found.groupby("level")["qty"].sum().nunique() == 1
