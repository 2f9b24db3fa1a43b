"""Scarce stock shared out: against enumeration of all shares, by hand, and that nothing is lost or made up."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine.allocation import allocate

ROW = {
	"item_code": "KETTLE",
	"company": "Acme Ltd",
	"market": "",
	"available": 0.0,
	"orders": 0.0,
	"mean": 40.0,
	"std": 12.0,
	"none": 0.0,
	"margin": 5.0,
	"service_level": 0.95,
	"whole": True,
}


def pairs(*rows: dict) -> pd.DataFrame:
	return pd.DataFrame([{**ROW, "warehouse": f"W{n}", **row} for n, row in enumerate(rows)])


def shares(frame: pd.DataFrame) -> list[float]:
	found = allocate(frame).set_index("warehouse")["allocated"]
	return found.reindex(frame["warehouse"]).tolist()


def test_the_same_demand_and_margin_get_the_same():
	assert shares(pairs({"available": 50.0}, {}, {"available": 10.0})) == [20, 20, 20]


def test_the_better_margin_gets_more_but_not_all():
	high, low = shares(pairs({"available": 60.0, "margin": 10.0}, {}))
	assert high + low == 60 and high > low > 0


def test_open_customer_orders_come_first_whatever_the_margin():
	frame = pairs({"available": 30.0, "margin": 50.0}, {"margin": 1.0, "orders": 25.0})
	assert shares(frame)[1] >= 25


def test_customer_orders_beyond_all_stock_are_served_by_margin():
	frame = pairs({"available": 30.0, "orders": 25.0, "margin": 2.0}, {"orders": 25.0, "margin": 9.0})
	assert shares(frame) == [5, 25]


def test_enough_for_all_is_not_shared_out():
	assert allocate(pairs({"available": 200.0}, {})).empty
	assert allocate(pairs({"available": 10.0})).empty  # nobody to share with
	assert allocate(pairs({}, {})).empty  # nothing to share


def test_companies_do_not_share():
	frame = pairs({"available": 30.0}, {"company": "Other Ltd"})
	assert allocate(frame).empty


def test_the_sentence_can_be_worked_out_again():
	row = allocate(pairs({"available": 50.0}, {})).iloc[1]
	assert row["allocated"] == 25 and row["short"] == 15 and row["lost_margin"] == 75
	assert "50 on hand and due in all warehouses, 80 expected to sell" in row["why"]
	assert "it has 0 itself, so 25 would have to come from other warehouses" in row["why"]
	assert "short of 40 expected: 15 x 5 margin = 75.00" in row["why"]


rows = st.lists(
	st.fixed_dictionaries(
		{
			"available": st.integers(0, 8).map(float),
			"mean": st.integers(0, 12).map(float),
			"std": st.integers(0, 6).map(float),
			"margin": st.integers(0, 9).map(float),
			"orders": st.integers(0, 3).map(float),
			"whole": st.just(True),
		}
	),
	min_size=2,
	max_size=3,
)


def expected_margin(frame: pd.DataFrame, share: np.ndarray) -> float:
	mean, std, none, margin = (frame[c].to_numpy(dtype=float) for c in ("mean", "std", "none", "margin"))
	short, _ = demand.short_of(mean, std, none, share)
	return float((margin * (mean - short)).sum())


@given(rows)
@settings(max_examples=60, deadline=None)
def test_no_other_shares_earn_more(drawn):
	frame = pairs(*drawn)
	found = allocate(frame)
	if found.empty:
		return
	frame = frame.set_index("warehouse").loc[found["warehouse"]].reset_index()
	share, total = found["allocated"].to_numpy(), int(frame["available"].sum())
	assert share.sum() == pytest.approx(total) and (share >= 0).all()
	orders = frame["orders"].to_numpy()
	if orders.sum() > total:
		return
	options = [
		np.array(option, dtype=float)
		for option in itertools.product(range(total + 1), repeat=len(frame))
		if sum(option) == total and (np.array(option) >= orders).all()
	]
	best = max(expected_margin(frame, option) for option in options)
	assert expected_margin(frame, share) == pytest.approx(best, abs=1e-6)


@given(st.lists(st.floats(0.001, 500), min_size=2, max_size=5), st.floats(0.1, 0.99))
@settings(max_examples=50, deadline=None)
def test_parts_of_units_add_up_exactly(means, part):
	frame = pairs(*[{"mean": mean, "std": mean / 3, "whole": False} for mean in means])
	frame.loc[0, "available"] = round(part * sum(means), 3)
	found = allocate(frame)
	assert found.empty or found["allocated"].sum() == pytest.approx(frame["available"].sum(), abs=1e-6)
