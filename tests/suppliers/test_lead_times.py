"""Lead times by hand: every expected figure can be worked out from the receipts above it, and from the note."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.suppliers.engine import ASSUMED_SPREAD, MIN_RECEIPTS, estimate
from sentia_ops.suppliers.engine.lead_times import PRIOR_LINES
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


def result(receipts=(), offered=(("Acme", "A"),), promised=math.nan, planner=None, default=14.0, groups=None):
	table = RECEIPTS.validate(pd.DataFrame(list(receipts))) if receipts else RECEIPTS.empty()
	return estimate(
		table,
		offers(*offered, promised=promised),
		planner or {},
		as_of=AS_OF,
		default_days=default,
		groups=groups,
		half_life=math.inf,  # by hand, all receipts weigh the same
	)


def row(*args, supplier="Acme", item="A", **more) -> dict:
	table = result(*args, **more).lead_times
	LEAD_TIMES.validate(table)
	return table[(table["supplier"] == supplier) & (table["item_code"] == item)].iloc[0].to_dict()


def test_three_receipts_against_a_default_worth_one():
	r = row(lines([8, 12, 10]))
	assert r["mean_days"] == pytest.approx((3 * 10 + 1 * 14) / 4)
	assert (r["basis"], r["receipts"], r["supplier_receipts"]) == ("item", 3, 3)
	assert r["note"].startswith(
		"11.0 days = 75 % x 10.0 (3 receipts of this item) + 25 % x 14.0 (the default lead time)"
	)


def test_a_promise_is_worth_two_lines():
	r = row([line("PO-1", 20)], promised=12.0)
	assert PRIOR_LINES["promised"] == 2
	assert (r["mean_days"], r["basis"]) == (pytest.approx(0.33 * 20 + 0.67 * 12), "promised")
	assert "33 % x 20.0 (1 receipt of this item) + 67 % x 12.0 (the supplier's promise)" in r["note"]


def test_many_receipts_outweigh_any_promise():
	r = row(lines([20, 22, 18, 20] * 15), promised=5.0)
	assert r["mean_days"] == pytest.approx(0.97 * 20 + 0.03 * 5, abs=0.01)


def test_equal_receipts_do_not_make_a_clockwork():
	r = row(lines([10, 10, 10]), promised=10.0)
	assert 1 < r["std_days"] < 10 * ASSUMED_SPREAD * 1.3, "three equal receipts may be chance"
	assert r["p95_days"] > r["mean_days"] == 10
	many = row(lines([10] * 60), promised=10.0)
	assert 0.28 < many["std_days"] < r["std_days"], "whole days alone scatter by 0.29"


def test_a_line_in_parts_counts_once_weighted_by_quantity():
	parts = [
		line("PO-1", 10, qty=60),
		line("PO-1", 20, part=1, qty=40),
		*lines([14] * 9, prefix="B"),
	]
	r = row(parts, promised=14.0)
	own = (0.6 * 10 + 0.4 * 20 + 9 * 14) / 10
	assert own == 14 and r["mean_days"] == 14 and r["receipts"] == 10
	late = [line("PO-1", 10, qty=10), line("PO-1", 90, part=1, qty=90), *lines([14] * 9, prefix="B")]
	mean = (0.1 * 10 + 0.9 * 90 + 9 * 14) / 10
	assert f"x {mean:.1f} (10 receipts" in row(late, promised=14.0)["note"]


def test_the_size_of_a_line_does_not_matter():
	small, large = (row([*lines([8, 10]), line("PO-9", 30, qty=size)]) for size in (1, 9000))
	assert small == large and "x 16.0 (3 receipts" in small["note"]


def test_an_item_never_received_takes_the_suppliers_figures():
	r = row(lines([20, 22, 27] * 20, item="B"), item="A", promised=10.0)
	assert r["mean_days"] == pytest.approx(0.97 * 23 + 0.03 * 10)
	assert (r["basis"], r["receipts"], r["supplier_receipts"]) == ("supplier", 0, 60)


def test_the_item_group_stands_between_item_and_supplier():
	groups = {"A": "Spares", "B": "Spares", "C": "Goods"}
	receipts = [
		*lines([30, 31, 29, 30] * 5, prefix="B", item="B"),
		*lines([9, 10, 11, 10] * 5, prefix="C", item="C"),
	]
	r = row(receipts, item="A", groups=groups)
	assert (r["basis"], r["receipts"], r["supplier_receipts"]) == ("group", 0, 40)
	assert 25 < r["mean_days"] < 30.5, "far nearer to its group than to the supplier's mean of 20"
	assert "20 receipts of its group Spares" in r["note"]


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
	assert r["std_days"] == pytest.approx(ASSUMED_SPREAD * mean, abs=1e-3)
	sigma = math.sqrt(math.log1p(ASSUMED_SPREAD**2))
	tail = mean * math.exp(1.644854 * sigma - sigma**2 / 2)
	assert r["p95_days"] == max(math.ceil(tail - 0.5), 0)
	assert f"a spread of {ASSUMED_SPREAD:.0%} of the mean" in r["note"]


def test_the_notes_arithmetic_gives_the_mean():
	groups = {"A": "G", "B": "G", "C": "H"}
	receipts = [
		*lines([8, 9, 13, 10]),
		*lines([11, 12, 9] * 4, prefix="B", item="B"),
		*lines([14, 20, 16] * 5, prefix="C", item="C"),
		line("O-1", None, ordered=-30, promised=12),
	]
	for r in result(receipts, promised=12.0, groups=groups).lead_times.to_dict("records"):
		shown, sum_ = r["note"].split(" = ")[0], re.findall(r"(\d+) % x ([\d.]+)", r["note"].split(". ")[0])
		assert sum(int(percent) for percent, _ in sum_) == 100
		worked_out = sum(int(percent) * float(days) for percent, days in sum_) / 100
		assert worked_out == pytest.approx(r["mean_days"], abs=1e-3)
		assert shown == f"{r['mean_days']:.1f} days"


def test_open_overdue_lines_make_a_supplier_slower():
	on_time = lines([9, 10, 11, 10, 10, 10])
	late = [line(f"O-{i}", None, ordered=-40, promised=10) for i in range(3)]
	calm, waiting = row(on_time, promised=10.0), row(on_time + late, promised=10.0)
	assert waiting["mean_days"] > (6 * 10 + 3 * 40 + 2 * 10) / 11 - 0.2, "each is at least 40 days"
	assert waiting["p95_days"] > 40 > calm["p95_days"]
	assert (waiting["open_lines"], waiting["open_overdue"], waiting["receipts"]) == (3, 3, 6)
	assert "3 order lines are still open, 3 overdue, the oldest by 30 days" in waiting["note"]


def test_a_supplier_who_never_delivered_does_not_look_good():
	promised = row(promised=10.0)
	broken = row([line(f"O-{i}", None, ordered=-60, promised=10) for i in range(5)], promised=10.0)
	assert broken["receipts"] == 0 and broken["basis"] == "promised"
	assert broken["mean_days"] > 40 > promised["p95_days"]


def test_a_line_opened_yesterday_says_next_to_nothing():
	quiet = row(lines([9, 10, 11] * 5), promised=10.0)
	fresh = row([*lines([9, 10, 11] * 5), line("O-1", None, ordered=-1, promised=10)], promised=10.0)
	assert fresh["mean_days"] == pytest.approx(quiet["mean_days"], abs=0.1)
	assert (fresh["open_lines"], fresh["open_overdue"]) == (1, 0)


def test_of_a_line_half_here_the_rest_is_still_awaited():
	half = [line("PO-1", 10, qty=50, ordered=-50), line("PO-1", None, part=1, ordered=-50, promised=12)]
	nearly = [line("PO-1", 10, qty=99, ordered=-50), line("PO-1", None, part=1, ordered=-50, promised=12)]
	done = row([*lines([10] * 5, prefix="X"), line("PO-1", 10)], promised=10.0)
	r, small = (
		row(lines([10] * 5, prefix="X") + half, promised=10.0),
		row(lines([10] * 5, prefix="X") + nearly, promised=10.0),
	)
	assert r["mean_days"] > 12 > small["mean_days"] >= done["mean_days"]
	assert (r["receipts"], r["open_lines"], r["open_overdue"]) == (6, 1, 1), "received in part, and open"


def test_what_was_received_in_full_is_not_open_although_a_row_says_so():
	r = row([*lines([10, 10, 10]), line("PO-9", 10, qty=100), line("PO-9", None, part=1, promised=5)])
	assert (r["receipts"], r["open_lines"], r["open_overdue"]) == (4, 0, 0)


def test_an_overdue_line_of_three_years_is_left_out_and_named():
	old = line("OLD-7", None, ordered=-1100, promised=10)
	found = result([*lines([9, 10, 11]), old], promised=10.0)
	r = found.lead_times.iloc[0]
	assert r["mean_days"] == 10 and (r["open_lines"], r["open_overdue"]) == (1, 1)
	assert found.forgotten[["order_line", "overdue"]].values.tolist() == [["OLD-7", 1090.0]]
	assert (
		"1 order line is overdue by up to 1,090 days and left out as forgotten: close or receive" in r["note"]
	)


def test_a_promise_before_the_order_is_ignored_and_named():
	found = result([*lines([9, 10, 11]), line("BAD", None, ordered=-5, promised=-40)])
	assert found.early_promises == ["BAD"]
	assert found.lead_times["open_overdue"].tolist() == [0], "nobody can say when it is late"


def test_what_came_after_the_planning_day_is_not_known_yet():
	future = [line("F-1", 70, ordered=-60, promised=30, qty=100), line("F-2", 1, ordered=0)]
	r = row(lines([9, 10, 11]) + future)
	same = row([*lines([9, 10, 11]), line("F-1", None, ordered=-60, promised=30)])
	assert (r["receipts"], r["open_overdue"], r["open_lines"]) == (3, 1, 1)
	assert r == same


def test_receipts_before_their_order_are_left_out_and_counted():
	found = result([*lines([9, 10, 11]), line("BAD", -3)], promised=10.0)
	assert found.backwards == 1
	assert found.lead_times["mean_days"].tolist() == [10]


def test_a_promise_of_no_days_is_told():
	assert result(offered=(("Acme", "A"), ("Beta", "A")), promised=0.0).zero_promises == [
		("Acme", "A"),
		("Beta", "A"),
	]


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


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.lists(st.integers(1, 200), max_size=3))
def test_figures_lie_in_order_and_the_mean_within_what_was_seen(days, waits):
	open_ones = [line(f"O-{i}", None, ordered=-age, promised=30) for i, age in enumerate(waits)]
	r = row(lines(days) + open_ones)
	assert r["basis"] == ("item" if len(days) >= MIN_RECEIPTS else "default")
	assert r["mean_days"] >= min([14, *days]) - 0.1
	if not waits:
		assert r["mean_days"] <= max([14, *days]) + 0.1
	assert 0 <= r["p50_days"] <= r["p90_days"] <= r["p95_days"] <= 3650
	assert r["std_days"] > 0


def test_recovers_the_truth_it_was_drawn_from():
	truth = np.random.default_rng(7).normal(21, 4, 400).round().astype(int).tolist()
	r = row(lines(truth))
	assert r["mean_days"] == pytest.approx(21, abs=3 * 4 / 20)
	assert r["std_days"] == pytest.approx(4, rel=0.12)
	assert r["p95_days"] == pytest.approx(21 + 1.645 * 4, abs=1.5)
