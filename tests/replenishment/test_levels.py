"""Levels of many items at once: what must hold for all of them, and what simulation of the model's own assumptions finds."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.levels import levels

CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "new")
KETTLE = {"long_daily": 10.0, "error_std": 3.0, "lead_days": 11.0, "lead_std": 2.0, "unit_cost": 8.0}

rows = st.fixed_dictionaries(
	{
		"long_daily": st.floats(0.02, 500).map(lambda x: round(x, 3)),
		"error": st.floats(0.1, 3),
		"lead_days": st.floats(1, 90).map(lambda x: round(x, 1)),
		"lead_share": st.floats(0, 0.5),
		"unit_cost": st.floats(0.1, 500).map(lambda x: round(x, 2)),
		"demand_class": st.sampled_from(CLASSES),
		"service_level": st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.98, 0.995]),
	}
)


def row(drawn: dict, **changed) -> dict:
	found = drawn | {
		"error_std": drawn["error"] * drawn["long_daily"],
		"lead_std": round(drawn["lead_share"] * drawn["lead_days"], 1),
	}
	return {k: v for k, v in found.items() if k not in ("error", "lead_share")} | changed


def points(*given_rows: dict, policy: Policy | None = None) -> np.ndarray:
	return levels(pd.DataFrame(list(given_rows)), policy or Policy())["reorder_point"].to_numpy()


def not_below(high: float, low: float) -> bool:
	"""Up to the rounding of the figures it is made of, and of how far quantity and reorder point were fitted to each other."""
	return high >= low * (1 - 1e-2) - 1e-3


@settings(max_examples=80, deadline=None)
@given(rows, st.floats(1, 5))
def test_more_demand_never_lowers_the_reorder_point(drawn, more):
	grown = row(drawn | {"long_daily": drawn["long_daily"] * more})
	low, high = points(row(drawn), grown)
	assert not_below(high, low)


@settings(max_examples=80, deadline=None)
@given(rows, st.floats(0, 60), st.floats(0, 10))
def test_a_longer_or_less_reliable_lead_time_never_lowers_it(drawn, longer, wilder):
	"""But where no demand at all becomes as probable as the level wanted, nothing need be there."""
	std = round(drawn["lead_share"] * drawn["lead_days"], 1)
	given_rows = [
		row(drawn),
		row(drawn, lead_days=drawn["lead_days"] + longer, lead_std=std),
		row(drawn, lead_std=std + wilder),
	]
	found = levels(pd.DataFrame(given_rows), Policy())
	low, late, wild = found["reorder_point"]
	seldom = found["none_chance"] >= drawn["service_level"]
	assert not_below(late, low) or (seldom[1] and late == 0)
	assert not_below(wild, low) or (seldom[2] and wild == 0)


@settings(max_examples=80, deadline=None)
@given(
	rows, st.sampled_from([(0.5, 0.8), (0.8, 0.95), (0.9, 0.91), (0.95, 0.99), (0.99, 0.999)]), st.booleans()
)
def test_a_higher_service_level_never_lowers_it(drawn, two, fill):
	measure = "fill" if fill else "cycle"
	few = {
		"ordering_cost": 1e5,
		"max_cover_days": 1e4,
	}  # cycles: the wait is half a review whatever the quantity
	low, high = points(*(row(drawn, service_level=level, service_measure=measure, **few) for level in two))
	assert not_below(high, low)


@settings(max_examples=60, deadline=None)
@given(rows, st.sampled_from([2.0, 10.0, 250.0]), st.booleans())
def test_counting_in_a_smaller_unit_scales_everything(drawn, by, fill):
	"""Kilograms or pounds: quantities times `by`, prices by it, same money. Single orders are not below one unit: not compound."""
	kind = drawn["demand_class"] if drawn["demand_class"] in ("smooth", "erratic") else "smooth"
	plain = row(drawn, demand_class=kind, service_measure="fill" if fill else "cycle", min_qty=5.0)
	scaled = plain | {name: plain[name] * by for name in ("long_daily", "error_std", "min_qty")}
	scaled["unit_cost"] = plain["unit_cost"] / by
	found = levels(pd.DataFrame([plain, scaled]), Policy())
	# the share of a review to be waited has two decimals, and may come out a hundredth larger
	waits = abs(found["cover_days"][0] / found["cover_days"][1] - 1)
	assert waits <= 0.0101 * 7 / found["cover_days"][0]
	for name in ("reorder_point", "safety_stock", "period_std", "order_qty"):
		one, many = found[name]
		mean = found["cover_mean"][0]
		assert many == pytest.approx(one * by, rel=4e-3 + waits, abs=(0.06 + (0.002 + waits) * mean) * by)


@settings(max_examples=40, deadline=None)
@given(st.lists(rows, min_size=2, max_size=9), st.randoms())
def test_the_order_of_rows_is_irrelevant(drawn, random):
	table = pd.DataFrame([row(d) for d in drawn])
	shuffled = table.sample(frac=1, random_state=random.randint(0, 999))
	pd.testing.assert_frame_equal(levels(shuffled, Policy()).sort_index(), levels(table, Policy()))


@pytest.mark.parametrize("measure", ["cycle", "fill"])
def test_what_is_seldom_asked_for_needs_nothing_and_never_less(measure):
	"""Figures of 100 and more are rounded to a decimal, which once put reorder points a hundredth below zero."""
	daily = np.linspace(5, 60, 200).round(3)
	many = pd.DataFrame(
		[KETTLE | {"demand_class": "lumpy", "service_level": 0.5, "service_measure": measure}] * 200
	)
	found = levels(many.assign(long_daily=daily, error_std=daily * 7.35, lead_std=0.0), Policy())
	assert (found["none_chance"] > 0.5).all()
	assert (found["reorder_point"] >= 0).all() and (found["cover_mean"] > 100).any()
	assert (found["reorder_point"] == (found["cover_mean"] - found["spared"]).round(6)).all()
	if measure == "cycle":
		assert (found["reorder_point"] == 0).all()


def test_the_kettle_by_hand():
	"""See test_by_hand; nothing is whole here."""
	(found,) = levels(pd.DataFrame([KETTLE]), Policy()).to_dict("records")
	assert (found["cover_days"], found["cover_demand"], found["period_std"]) == (14.5, 145, 30.64)
	assert (found["safety_stock"], found["reorder_point"], found["order_qty"]) == (53.8, 199.25, 302.1)
	assert found["order_up_to"] == pytest.approx(199.25 + 302.1)


def test_errors_that_last_widen_what_a_long_lead_time_must_cover():
	"""2 on a single day, 3 a day in sums over 28: level (9 - 4) / 27 = 0.1852; over 57 days sqrt(9 + 29 x 0.1852) = 3.791."""
	both = pd.DataFrame([KETTLE | {"lead_days": 53.5, "day_std": std} for std in (3.0, 2.0)])
	found = levels(both, Policy())
	assert found["cover_error"].tolist() == [3, 3.791]
	assert found["period_std"][1] == pytest.approx(math.sqrt(57 * 3.791**2 + 100 * 2.843**2), abs=0.05)


@pytest.mark.parametrize(
	("cost", "looks", "share"),
	[(25.0, 302.1 / 70, 0.5), (2.0, 85.44 / 70, 0.5), (1.4, 71.48 / 70, 0.92), (1.0, 1, 1.0)],
)
def test_the_wait_is_whole_where_an_order_is_due_at_every_review(cost, looks, share):
	found = levels(pd.DataFrame([KETTLE | {"ordering_cost": cost}]), Policy())
	assert found["order_qty"][0] / 70 == pytest.approx(looks, abs=0.005)
	assert found["wait_share"][0] == share


def test_a_fill_rate_takes_fewer_cycles_and_less_stock():
	found = levels(pd.DataFrame([KETTLE, KETTLE | {"service_measure": "fill"}]), Policy())
	assert found["reorder_point"][1] < found["reorder_point"][0]
	assert found["economic_qty"][1] > found["economic_qty"][0] == 302.1
	assert found["fill_rate"][1] == pytest.approx(0.95, abs=0.0005) and found["fill_rate"][0] > 0.99


def _simulate(given_row: dict, policy: Policy, demand: np.ndarray) -> tuple[float, float]:
	"""(share of cycles without a stock-out, share of demand met) of ordering as `levels` say, day by day."""
	found = levels(pd.DataFrame([given_row]), policy).iloc[0]
	rng = np.random.default_rng(12)
	point, qty = found["reorder_point"], found["order_qty"]
	stock = position = point + qty
	coming: list[tuple[float, float]] = []
	cycles = served = 0
	short = 0.0
	for day, wanted in enumerate(demand):
		while coming and coming[0][0] <= day:
			served += stock >= 0
			cycles += 1
			stock += heapq.heappop(coming)[1]
		if day % policy.review_days == 0 and position < point - 1e-6:
			ordered = max(qty, point - position)
			lead = max(round(rng.normal(given_row["lead_days"], given_row["lead_std"])), 0)
			heapq.heappush(coming, (day + lead, ordered))
			position += ordered
		short += min(max(wanted - max(stock, 0.0), 0.0), wanted)
		stock, position = stock - wanted, position - wanted
	return served / cycles, 1 - short / demand.sum()


def _demand(kind: str, days: int) -> np.ndarray:
	rng = np.random.default_rng(4)
	if kind == "smooth":
		return rng.normal(10, 3, days)
	if kind == "erratic":
		return rng.gamma(0.51, 10 / 0.51, days)
	found = np.zeros(days)
	for day in np.flatnonzero(rng.random(days) < 0.22):  # an order every few days, of 20 on average
		found[day] = max(round(rng.gamma(1.3, 20 / 1.3)), 1)
	return found


@pytest.mark.parametrize("measure", ["cycle", "fill"])
@pytest.mark.parametrize(
	("kind", "level"), [("smooth", 0.95), ("smooth", 0.9), ("erratic", 0.95), ("lumpy", 0.95)]
)
def test_the_target_is_met_within_a_point(kind, level, measure):
	demand = _demand(kind, 160_000)
	given_row = {
		"long_daily": demand.mean(),
		"error_std": demand.std(),
		"demand_class": kind,
		"whole": kind == "lumpy",
	}
	given_row |= {"lead_days": 11.0, "lead_std": 2.0, "unit_cost": 8.0, "service_level": level}
	cycle, fill = _simulate(given_row, Policy(service_measure=measure), demand)
	assert (cycle if measure == "cycle" else fill) == pytest.approx(level, abs=0.012)
