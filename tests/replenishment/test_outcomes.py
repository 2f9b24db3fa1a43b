"""Outcomes by hand: 100 pieces at 10 a day, needed on day 10, safety stock 20; then rights earned and lost."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.autonomy import AutonomyRules, judge_rights
from sentia_ops.replenishment.engine.outcomes import OutcomeRules, judge
from sentia_ops.replenishment.frames import AUTONOMY, DECISIONS, OUTCOMES, STOCK_DAYS

START = pd.Timestamp("2026-03-01")
RULES = OutcomeRules(grace_days=7, max_cover_days=180, holding_rate=0.25, margin=0.3)


def day(n: int) -> pd.Timestamp:
	return START + pd.Timedelta(days=n)


def decision(**values) -> pd.DataFrame:
	row = {
		"recommendation": "REC-1", "item_code": "A", "warehouse": "W", "supplier": "Mill", "segment": "AX",
		"ordered_on": day(0), "need_by": day(10), "qty": 100.0, "unit_cost": 4.0, "daily_demand": 10.0,
		"safety_stock": 20.0, "received_on": day(9),
	}  # fmt: skip
	return DECISIONS.validate(pd.DataFrame([row | values]))


def ledger(levels: dict[int, float], received: dict[int, float] | None = None) -> pd.DataFrame:
	received = received or {}
	rows = [
		{
			"item_code": "A",
			"warehouse": "W",
			"date": day(n),
			"on_hand": float(level),
			"received": received.get(n, 0.0),
		}
		for n, level in levels.items()
	]
	return STOCK_DAYS.validate(pd.DataFrame(rows))


def selling(start: float, per_day: float, arrive: int, days: int = 20) -> dict[int, float]:
	"""Stock that starts at `start`, loses `per_day` a day and gets 100 on day `arrive`."""
	return {n: max(start - per_day * n, 0) + (100 if n >= arrive else 0) for n in range(days)}


def one(orders: pd.DataFrame, stock: pd.DataFrame, rate: float = 0.0, as_of: date = date(2026, 4, 1)) -> dict:
	(row,) = judge(orders, stock, {"A": rate}, as_of, RULES).rows
	return OUTCOMES.validate(pd.DataFrame([row])).iloc[0].to_dict()


def test_needed_in_time_and_used_up_is_good():
	stock = {n: 120 - 10 * n + (100 if n >= 9 else 0) for n in range(20)}  # 120 at first, sells 10 a day
	got = one(decision(), ledger(stock, {9: 100.0}))
	# on day 17 without the order: 120 - 170 = -50; at the end of the cover (day 19): 30, of which 20 are safety stock
	assert got["was_needed"] and got["is_good"] and got["stockout_days"] == 0
	assert (got["days_late"], got["excess_qty"]) == (-1, 10)
	assert got["regret"] == pytest.approx(10 * 4 * 0.25 * 10 / 365, abs=0.005)
	assert "gone down to -50, below the safety stock of 20: needed" in got["why"]
	assert "Of the 10 days it was to cover (100 at 10 a day) 0 ended without stock" in got["why"]


def test_what_nobody_bought_is_excess_and_was_not_needed():
	got = one(decision(), ledger(selling(150, 0, 9), {9: 100.0}))
	assert not got["was_needed"] and not got["is_good"]
	assert got["excess_qty"] == 100, "never more than was ordered"
	assert got["regret"] == pytest.approx(100 * 4 * 0.25 * 10 / 365, abs=0.005)


def test_late_means_days_without_stock_and_their_margin():
	stock = {0: 100, **{n: 100 - 10 * n for n in range(1, 11)}, 13: 100, 16: 70, 19: 40}
	got = one(decision(received_on=day(13)), ledger(stock, {13: 100.0}), rate=9.0)
	assert got["was_needed"] and not got["is_good"]
	assert (got["days_late"], got["stockout_days"]) == (3, 3)  # days 10, 11, 12 ended with none
	assert got["regret"] == pytest.approx(
		3 * 10 * (9 - 4) + got["excess_qty"] * 4 * 0.25 * 10 / 365, abs=0.01
	)


def test_without_a_selling_rate_the_margin_is_a_share_of_the_cost():
	got = one(decision(received_on=pd.NaT), ledger({0: 50, 8: 0}))
	assert got["regret"] == pytest.approx(10 * 10 * 0.3 * 4) and "did not arrive in full" in got["why"]


def test_other_deliveries_are_not_this_orders_excess():
	levels = selling(100, 10, 9) | {15: 360, 19: 320}
	alone = one(decision(), ledger(levels, {9: 100.0}))
	beside = one(decision(), ledger(levels, {9: 100.0, 15: 300.0}))
	assert (alone["excess_qty"], beside["excess_qty"]) == (100, 0)


def test_not_due_and_no_history_are_told_apart():
	early = judge(decision(), ledger({0: 1}), {}, day(19).date(), RULES)
	assert (early.rows, early.waiting, early.unknown) == ([], 1, 0)
	nothing = judge(decision(), STOCK_DAYS.empty(), {}, day(20).date(), RULES)
	assert (nothing.rows, nothing.waiting, nothing.unknown) == ([], 0, 1)


def test_no_demand_is_judged_after_the_largest_cover():
	assert not judge(decision(daily_demand=0.0), ledger({0: 1}), {}, date(2026, 6, 1), RULES).rows
	assert judge(decision(daily_demand=0.0), ledger({0: 1}), {}, date(2026, 10, 1), RULES).rows


# rights


def quality(passing: int, failing: int = 0) -> pd.DataFrame:
	rows = [
		{"item_code": f"I{n}", "warehouse": "W", "windows": 3, "mase": 0.8 if n < passing else 1.2,
		 "mase_naive": 1.0, "coverage95": 0.94, "drift": ""}
		for n in range(passing + failing)
	]  # fmt: skip
	return pd.DataFrame(rows)


def policies(count: int) -> pd.DataFrame:
	return pd.DataFrame(
		{"item_code": [f"I{n}" for n in range(count)], "warehouse": "W", "abc": "A", "xyz": "X"}
	)


def outcomes(good: int, bad: int, start: int = 0) -> pd.DataFrame:
	"""Good ones first, a day each."""
	total = good + bad
	return pd.DataFrame(
		{"recommendation": [f"REC-{start + n:03d}" for n in range(total)], "segment": "AX",
		 "judged_on": [day(start + n) for n in range(total)], "is_good": [n < good for n in range(total)]}
	)  # fmt: skip


def right(good=20, bad=0, passing=10, failing=0, before=None, rows=None):
	found = judge_rights(
		quality(passing, failing), policies(passing + failing), outcomes(good, bad) if rows is None else rows,
		AUTONOMY.empty() if before is None else before, date(2026, 6, 1), AutonomyRules(),
	)  # fmt: skip
	(row,) = found.rows
	AUTONOMY.validate(pd.DataFrame([row]))
	return row, found


@pytest.mark.parametrize(("good", "bad", "passing", "failing", "may"), [
	(20, 0, 10, 0, True),
	(18, 2, 8, 2, True),  # both thresholds just met
	(17, 3, 10, 0, False),
	(19, 0, 10, 0, False),  # one outcome too few
	(20, 0, 7, 3, False),
	(20, 0, 9, 0, False),  # one forecast too few
])  # fmt: skip
def test_a_right_is_earned(good, bad, passing, failing, may):
	row, found = right(good, bad, passing, failing)
	assert row["may_approve"] is may
	assert bool(found.granted) is may and not found.withdrawn
	assert row["since"] == pd.Timestamp("2026-06-01") if may else pd.isna(row["since"])


@pytest.mark.parametrize(("change", "counts"), [
	({"coverage95": 0.5}, False), ({"drift": "too low"}, False), ({"mase": float("nan")}, False), ({}, True),
])  # fmt: skip
def test_what_counts_as_passed(change, counts):
	tested = quality(10).assign(**change)
	found = judge_rights(
		tested, policies(10), outcomes(20, 0), AUTONOMY.empty(), date(2026, 6, 1), AutonomyRules()
	)
	assert found.rows[0]["may_approve"] is counts


def test_a_right_is_lost_when_outcomes_worsen_and_must_be_earned_anew():
	had, _found = right()
	before = AUTONOMY.validate(pd.DataFrame([had]))
	worse = pd.concat([outcomes(20, 0), outcomes(0, 3, start=40)])
	lost, found = right(rows=worse, before=before)
	assert not lost["may_approve"] and "17 of the newest 20 orders turned out well" in found.withdrawn[0]
	assert "90% of the orders are wanted, 85% turned out well" in lost["why"]
	before = AUTONOMY.validate(pd.DataFrame([lost]))
	better = pd.concat([worse, outcomes(19, 0, start=93)])  # judged after the first of June
	assert not right(rows=better, before=before)[0]["may_approve"], "19 since the loss"
	better = pd.concat([worse, outcomes(20, 0, start=93)])
	again, found = right(rows=better, before=before)
	assert again["may_approve"] and found.granted


def test_flows_on_a_lake(tmp_path):
	"""Judged once; a withdrawn right is a warning of the run."""
	from sentia_ops.forecasting.frames import FORECAST_QUALITY
	from sentia_ops.replenishment.autonomy import update_rights
	from sentia_ops.replenishment.outcomes import judge_outcomes
	from sentia_ops.store.frames import ITEMS, WAREHOUSES
	from sentia_ops.store.lake import LakeStore

	lake = LakeStore(tmp_path / "lake", create=True)
	item = {"item_code": "A", "item_name": "A", "item_group": "G", "stock_uom": "Nos", "selling_rate": 9.0}
	had = {"segment": "AX", "backtests": 9, "outcomes": 30, "may_approve": True, "since": day(0)}
	with lake.run("test") as run:
		lake.write(ITEMS, pd.DataFrame([item]), run=run)
		lake.write(WAREHOUSES, pd.DataFrame([{"warehouse": "W"}]), run=run)
		lake.write(DECISIONS, decision(), run=run)
		lake.write(STOCK_DAYS, ledger(selling(100, 10, 9), {9: 100.0}), run=run)
		lake.write(AUTONOMY, pd.DataFrame([had]), run=run)
		lake.write(FORECAST_QUALITY, FORECAST_QUALITY.empty(), run=run)
	for judged in (1, 0):
		with lake.run("outcomes") as run:
			assert judge_outcomes(lake, run, as_of=date(2026, 4, 1), policy=Policy()) == judged
			update_rights(lake, run, as_of=date(2026, 4, 1), rules=AutonomyRules())
		assert len(lake.read(OUTCOMES)) == 1
		assert len(run.warnings) == judged, "told once"
	(row,) = lake.read(AUTONOMY).to_dict("records")
	assert (row["segment"], row["may_approve"], row["outcomes"]) == ("AX", False, 0)
