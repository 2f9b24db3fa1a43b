"""Our policy in the simulation: what the levels are given on a day, and that nothing of the days to come gets in."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import replenishment_joint
import replenishment_scale
from replenishment_forecasts import EVERY, HORIZON, Origin, origins
from replenishment_ours import Ours
from replenishment_sim import Costs, simulate
from replenishment_world import demo_world
from test_simulation import tiny

COSTS = Costs(holding_rate=0.25, ordering=25.0)


def origin(day: int, daily: float, lead: float = 10.0, lead_std: float = 0.0) -> Origin:
	"""One pair that sells `daily` on days 0 to 89 after `day`, and twice that in the last 28 of them."""
	qty = np.full((1, HORIZON), daily)
	qty[:, -28:] *= 2
	return Origin(
		day=day,
		daily=qty,
		tail=qty[:, -28:].mean(axis=1),
		error_std=np.array([2.0]),
		day_std=np.array([2.0]),
		quantiles=np.zeros((1, 7, HORIZON)),
		demand_class=np.array(["smooth"], dtype=object),
		lead_times=pd.DataFrame({"mean_days": [lead], "std_days": [lead_std]}),
	)


def ours(*known: Origin, **changed) -> Ours:
	return Ours(tiny(np.zeros((1, 60))), COSTS, list(known), np.array([0.95]), **changed)


def test_forecast_is_added_up_over_parts_of_days_and_beyond_its_horizon():
	rule = ours(origin(0, 4.0))
	assert rule.demand_within(0, np.array([2.5]))[0] == pytest.approx(10.0)
	assert rule.demand_within(20, np.array([42.0]))[0] == pytest.approx(42 * 4.0)  # days 20 to 61
	assert rule.demand_within(20, np.array([80.0]))[0] == pytest.approx(
		42 * 4 + 28 * 8 + 10 * 8
	)  # the tail goes on


def test_the_newest_forecast_counts():
	rule = ours(origin(0, 4.0), origin(EVERY, 6.0))
	assert rule.demand_within(EVERY - 1, np.array([1.0]))[0] == pytest.approx(4.0)
	assert rule.demand_within(EVERY, np.array([1.0]))[0] == pytest.approx(6.0)
	assert rule.demand_within(2 * EVERY + 3, np.array([1.0]))[0] == pytest.approx(6.0)


def test_rows_by_hand():
	row = ours(origin(0, 4.0, lead=10.0)).rows(0).iloc[0]
	assert (row["lead_demand"], row["period_demand"]) == (40.0, 44.0)  # 10 days, and 10 + 1
	assert row["long_daily"] == 4.0
	assert row["lead_days"] == 10.0 and row["unit_cost"] == 1.0 and row["margin"] == 5.0


def test_levels_rise_with_the_wanted_service_and_with_the_scatter_of_the_lead_time():
	base = ours(origin(0, 4.0)).levels(0).reorder[0]
	assert base > 40
	assert (
		Ours(tiny(np.zeros((1, 60))), COSTS, [origin(0, 4.0)], np.array([0.99])).levels(0).reorder[0] > base
	)
	assert ours(origin(0, 4.0, lead_std=4.0)).levels(0).reorder[0] > base
	assert ours(origin(0, 0.0)).levels(0).reorder[0] == 0


def test_steady_sales_reach_the_target():
	"""Poisson demand of 4 a day, a lead time of 10 days: over many cycles at least 94 % without stock-out, and not all."""
	rng = np.random.default_rng(8)
	n = 60
	world = tiny(
		rng.poisson(4, (n, 240)), lead=10, warm=40, opening=rng.random(n), unit_cost=np.full(n, 20.0)
	)
	one = origin(0, 4.0)
	flat = np.full((n, HORIZON), 4.0)
	known = Origin(
		0, flat, flat[:, 0], np.full(n, 2.0), np.full(n, 2.0), np.zeros((n, 7, HORIZON)), np.full(n, "smooth", dtype=object),
		pd.concat([one.lead_times] * n, ignore_index=True),
	)  # fmt: skip
	ledger = simulate(world, Ours(world, COSTS, [known], np.full(n, 0.95)), COSTS)
	service = 1 - ledger.failed.sum() / ledger.cycles.sum()
	assert ledger.cycles.sum() > 300
	assert 0.94 <= service <= 0.985


def test_forecasts_are_kept_on_disk_and_come_back_the_same(tmp_path, monkeypatch):
	import replenishment_forecasts as kept
	import replenishment_world

	monkeypatch.setattr(kept, "CACHE", tmp_path)
	monkeypatch.setattr(kept, "EVERY", 200)
	world = demo_world(3, date(2026, 3, 1), items=20)
	first = origins(world, processes=1)
	files = sorted(tmp_path.iterdir())
	again = origins(world, processes=1)
	assert len(files) == len(first) == 2 and sorted(tmp_path.iterdir()) == files
	assert all(np.array_equal(a.daily, b.daily) for a, b in zip(first, again, strict=True))
	share = first[0].daily.sum() / world.wanted[:, :HORIZON].sum()
	assert 0.7 < share < 1.3  # it is a forecast of this world
	assert replenishment_world.HISTORY == 730


def test_made_up_tables_are_planned_whole():
	found = replenishment_scale.one_size(40, seed=1)
	assert found["pairs"] == 40 and 0 < found["orders"] < 40


def test_joint_cases_keep_their_limits(capsys):
	rows = replenishment_joint.joint(120, seed=1)
	assert all(row["kept"] for row in rows)
	assert {row["case"]: row["spent"] for row in rows}["budget 0"] == 0
	checked = next(row for row in rows if "second_bound" in row)
	assert checked["bound"] == pytest.approx(checked["second_bound"], rel=1e-3)
	broken = replenishment_joint.made_orders(120, seed=1)
	limits = replenishment_joint.cases(broken)["budget 40 %"]
	assert not replenishment_joint.keeps(broken, broken["wanted"], limits)
	assert "budget 40 %" in capsys.readouterr().out
