"""Lead times by hand: every expected figure can be worked out from the receipts above it."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.suppliers.engine import ASSUMED_SPREAD, MIN_RECEIPTS, estimate
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS

AS_OF = date(2025, 3, 10)


def line(name, days, *, supplier="Acme", item="A", ordered=-100, promised=None, part=0, qty=10.0) -> dict:
	"""A receipt `days` after an order placed `ordered` days from AS_OF; days None: still open."""
	placed = AS_OF + timedelta(days=ordered)
	return {
		"order_line": name,
		"part": part,
		"supplier": supplier,
		"item_code": item,
		"ordered_on": pd.Timestamp(placed),
		"promised_on": pd.NaT if promised is None else pd.Timestamp(placed + timedelta(days=promised)),
		"received_on": pd.NaT if days is None else pd.Timestamp(placed + timedelta(days=days)),
		"qty_ordered": 100.0,
		"qty_received": 0.0 if days is None else qty,
	}


def lines(days: list[int], prefix="PO", **more) -> list[dict]:
	return [line(f"{prefix}-{i}", d, **more) for i, d in enumerate(days)]


def offers(*pairs, promised=math.nan) -> pd.DataFrame:
	rows = [
		{"supplier": s, "item_code": i, "price": 1.0, "currency": "GBP", "promised_lead_days": promised}
		for s, i in pairs
	]
	return SUPPLIER_ITEMS.validate(pd.DataFrame(rows)) if rows else SUPPLIER_ITEMS.empty()


def result(receipts=(), offered=(("Acme", "A"),), promised=math.nan, planner=None, default=14.0):
	table = RECEIPTS.validate(pd.DataFrame(list(receipts))) if receipts else RECEIPTS.empty()
	return estimate(
		table, offers(*offered, promised=promised), planner or {}, as_of=AS_OF, default_days=default
	)


def row(*args, supplier="Acme", item="A", **more) -> dict:
	table = result(*args, **more).lead_times
	LEAD_TIMES.validate(table)
	return table[(table["supplier"] == supplier) & (table["item_code"] == item)].iloc[0].to_dict()


def test_three_receipts_speak_for_the_item():
	r = row(lines([8, 12, 10]))
	assert (r["mean_days"], r["std_days"]) == (10, 2), "sample standard deviation of 8, 10, 12 is 2"
	assert (r["p50_days"], r["p90_days"], r["p95_days"]) == (10, 12, 12)
	assert (r["basis"], r["receipts"], r["supplier_receipts"]) == ("item", 3, 3)
	assert r["note"] == "3 receipts of this item"


def test_a_line_in_parts_counts_once_weighted_by_quantity():
	parts = [line("PO-1", 10, qty=60), line("PO-1", 20, part=1, qty=40), line("PO-2", 10), line("PO-3", 16)]
	r = row(parts)
	mean = (0.6 * 10 + 0.4 * 20 + 10 + 16) / 3
	squares = 0.6 * (10 - mean) ** 2 + 0.4 * (20 - mean) ** 2 + (10 - mean) ** 2 + (16 - mean) ** 2
	assert r["mean_days"] == pytest.approx(mean, abs=1e-4)
	assert r["std_days"] == pytest.approx(math.sqrt(squares / 2), abs=1e-4)
	assert (r["p50_days"], r["p90_days"]) == (10, 20), "1.6 of 3 lines within 10 days, 2.6 within 16"
	assert r["receipts"] == 3


def test_the_size_of_a_line_does_not_matter():
	assert row([*lines([8, 10]), line("PO-9", 30, qty=9000)])["mean_days"] == 16


def test_two_receipts_lean_on_the_supplier():
	others = lines([20, 20, 24, 24, 32], prefix="X", item="B")
	r = row(lines([10, 14]) + others)
	pooled = np.array([10, 14, 20, 20, 24, 24, 32])
	assert r["basis"] == "supplier"
	assert (r["receipts"], r["supplier_receipts"]) == (2, 7)
	assert r["mean_days"] == pytest.approx((2 * 12 + 3 * pooled.mean()) / 5, abs=1e-4)
	assert r["std_days"] == pytest.approx(pooled.std(ddof=1), abs=1e-4)
	assert "2 receipts of this item (mean 12.0 days) weigh 2 against 3 for 20.6 days" in r["note"]


def test_an_item_never_received_takes_the_suppliers_figures():
	r = row(lines([20, 22, 27], item="B"), item="A")
	assert (r["mean_days"], r["p50_days"], r["p95_days"]) == (23, 22, 27)
	assert (r["basis"], r["receipts"], r["supplier_receipts"]) == ("supplier", 0, 3)


@pytest.mark.parametrize(
	("given", "mean", "basis"),
	[
		({"promised": 10.0, "planner": {"A": 20.0}}, 10, "promised"),
		({"promised": 0.0, "planner": {"A": 20.0}}, 0, "promised"),
		({"planner": {"A": 20.0}}, 20, "planner"),
		({"planner": {"A": 0.0}}, 14, "default"),
		({"default": 0.0}, 0, "default"),
	],
)
def test_without_receipts_promise_then_planner_then_default(given, mean, basis):
	r = row(**given)
	assert (r["mean_days"], r["basis"], r["receipts"], r["supplier_receipts"]) == (mean, basis, 0, 0)
	assert r["std_days"] == pytest.approx(ASSUMED_SPREAD * mean)
	assert r["p95_days"] == pytest.approx(mean * (1 + 1.645 * ASSUMED_SPREAD), abs=1e-3)
	assert f"spread assumed as {ASSUMED_SPREAD:.0%} of the mean" in r["note"]


def test_one_receipt_pulls_the_promise_its_way():
	r = row([line("PO-1", 20)], promised=12.0)
	assert (r["mean_days"], r["basis"]) == ((20 + 3 * 12) / 4, "promised")
	assert "1 receipt of this item (mean 20.0 days) weighs 1 against 3 for 12.0 days" in r["note"]


def test_the_companys_own_spread_replaces_the_assumed_one():
	known = lines([8, 12] * 6, supplier="Steady")
	share = round(np.std([8, 12] * 6, ddof=1) / 10, 2)
	r = row(known, promised=10.0)
	assert r["std_days"] == pytest.approx(share * 10)
	assert f"spread taken as {share:.0%} of the mean" in r["note"]


def test_open_overdue_lines_are_counted_and_said():
	late = [line("O-1", None, ordered=-40, promised=20), line("O-2", None, ordered=-25, promised=20)]
	punctual = [line("O-3", None, ordered=-20, promised=20), line("O-4", None, ordered=-50)]
	r = row(lines([9, 10, 11]) + late + punctual)
	assert r["open_overdue"] == 2
	assert r["note"].endswith(
		"2 open order lines are overdue, the oldest by 20 days: the supplier looks faster than it is"
	)
	assert r["mean_days"] == 10, "open lines do not enter the mean"


def test_what_came_after_the_planning_day_is_not_known_yet():
	future = [line("F-1", 70, ordered=-60, promised=30), line("F-2", 1, ordered=0)]
	r = row(lines([9, 10, 11]) + future)
	assert (r["receipts"], r["mean_days"], r["open_overdue"]) == (3, 10, 1)


def test_receipts_before_their_order_are_left_out_and_counted():
	found = result([*lines([9, 10, 11]), line("BAD", -3)])
	assert found.backwards == 1
	assert found.lead_times["mean_days"].tolist() == [10]


def test_a_pair_only_seen_in_receipts_gets_a_row_and_silent_suppliers_are_named():
	found = result(lines([9, 10, 11], supplier="Gone"), offered=(("Acme", "A"), ("Beta", "A")))
	assert found.lead_times["supplier"].tolist() == ["Acme", "Beta", "Gone"]
	assert (found.without_receipts, found.suppliers) == (["Acme", "Beta"], 3)


def test_nothing_known_at_all():
	found = result(offered=())
	assert len(found.lead_times) == 0
	assert list(found.lead_times.columns) == [c for c in LEAD_TIMES.columns if c != "run"]


@pytest.mark.parametrize("days", [-1.0, math.nan, math.inf])
def test_a_senseless_default_is_refused(days):
	with pytest.raises(ValueError, match="must be 0 days or more"):
		result(default=days)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_figures_lie_within_what_was_seen_and_in_order(days):
	r = row(lines(days))
	if len(days) >= MIN_RECEIPTS:
		assert r["basis"] == "item"
		assert r["mean_days"] == pytest.approx(np.mean(days), abs=1e-4)
		assert r["std_days"] == pytest.approx(np.std(days, ddof=1), abs=1e-4)
		assert {r["p50_days"], r["p90_days"], r["p95_days"]} <= set(days)
	else:
		assert min([14, *days]) - 1e-4 <= r["mean_days"] <= max([14, *days]) + 1e-4
	assert r["p50_days"] <= r["p90_days"] <= r["p95_days"]


def test_recovers_the_truth_it_was_drawn_from():
	truth = np.random.default_rng(7).normal(21, 4, 400).round().astype(int).tolist()
	r = row(lines(truth))
	assert r["mean_days"] == pytest.approx(21, abs=3 * 4 / 20)
	assert r["std_days"] == pytest.approx(4, rel=0.12)
	assert r["p95_days"] == pytest.approx(21 + 1.645 * 4, abs=1.5)
