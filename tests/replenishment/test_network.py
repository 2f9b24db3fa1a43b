"""Transfers before purchases: by hand, at the edges, and what must hold for any company."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.network import plan_transfers, surplus_of

POLICY = Policy()
PAIR = {
	"item_code": "KETTLE",
	"company": "Acme Ltd",
	"on_hand": 0.0,
	"committed": 0.0,
	"position": 0.0,
	"reorder_point": 50.0,
	"order_up_to": 120.0,
	"period_demand": 40.0,
	"daily": 2.0,
	"gap": 0.0,
	"wanted": 0.0,
	"unit_cost": 10.0,
	"margin": 6.0,
	"lead_days": 14.0,
	"lead_supply": 0.0,
	"lead_demand": 28.0,
	"lead_std": 7.0,
	"none": 0.0,
	"whole": True,
	"pack": 0.0,
	"volume": 0.0,
}


def pairs(*rows: dict) -> pd.DataFrame:
	return pd.DataFrame([{**PAIR, **row} for row in rows])


def rich(warehouse="EU", on_hand=300.0, **more) -> dict:
	return {"warehouse": warehouse, "on_hand": on_hand, "position": on_hand, **more}


def poor(warehouse="UK", **more) -> dict:
	return {"warehouse": warehouse, "gap": 50.0, "wanted": 70.0, **more}


def moves(frame: pd.DataFrame, policy=POLICY, **more) -> list[tuple]:
	found = plan_transfers(frame, policy, **more).transfers
	return [(row.from_warehouse, row.warehouse, row.qty) for row in found.itertuples()]


def test_surplus_is_beyond_order_up_to_and_on_hand():
	frame = pairs(rich(), rich(on_hand=130.0), rich(on_hand=100.0), rich(on_hand=60.0, position=300.0))
	assert surplus_of(frame).tolist() == [
		180,
		10,
		0,
		10,
	]  # 60 on hand less the reorder point of 50: the rest is on its way


def test_the_larger_of_order_up_to_and_reorder_point_with_the_next_orders_demand_is_kept():
	assert surplus_of(pairs(rich(period_demand=100.0))).tolist() == [150]


def test_dead_stock_is_all_surplus_but_for_what_is_promised():
	frame = pairs(
		rich(daily=0.0, reorder_point=0.0, order_up_to=0.0, period_demand=0.0, committed=20.0, position=300.0)
	)
	assert surplus_of(frame).tolist() == [280]


def test_a_transfer_in_place_of_a_purchase_by_hand():
	frame = pairs(rich(), poor())
	row = plan_transfers(frame, POLICY).transfers.iloc[0]
	assert (row["from_warehouse"], row["warehouse"], row["qty"], row["covers"]) == ("EU", "UK", 70, True)
	# put off by (300 - 35 - 50) / 2 = 107.5 days: 700 x 0.25 x 107.5 / 365 = 51.54
	assert (
		"(300 - 70 / 2 - 50) / 2 a day = 107.5 days, x 0.25 a year / 365 x 107.5 = 51.54 holding"
		in row["why"]
	)
	# nothing is there: 3 days' demand of 28 x 3 / 14 = 6 is short in any case, 28 without the transfer: 22 x 6 = 132.00
	assert "28 - 6 expected short x 6 margin = 132.00" in row["why"]
	assert row["saving"] == pytest.approx(51.54 + 132.00 - 15)
	assert row["left"] == 230


def test_a_transfer_dearer_than_what_it_spares_is_not_made():
	assert moves(pairs(rich(), poor()), Policy(transfer_cost=200.0)) == []
	assert moves(pairs(rich(), poor(unit_cost=0.01, margin=0.0))) == []


def test_no_transfers_by_policy():
	assert moves(pairs(rich(), poor()), Policy(transfers=False)) == []


def test_dead_stock_moves_first_although_other_surplus_would_spare_more():
	dead = rich("USA", daily=0.0, reorder_point=0.0, order_up_to=0.0, period_demand=0.0, on_hand=20.0)
	found = moves(pairs(rich(on_hand=900.0), dead, poor()))
	assert found == [("USA", "UK", 20)]  # one transfer into a warehouse; the rest is bought


def test_another_company_gives_nothing_and_that_is_said():
	network = plan_transfers(pairs(rich(company="Other Ltd"), poor()), POLICY)
	assert network.transfers.empty
	assert "EU has 180 to spare, but belongs to Other Ltd" in network.abroad["KETTLE", "UK"]


def test_full_packs_where_there_is_one_and_room_where_it_takes_any():
	assert moves(pairs(rich(on_hand=170.0, pack=12.0), poor(pack=12.0))) == [("EU", "UK", 48)]
	assert moves(pairs(rich(on_hand=127.0, pack=12.0), poor(pack=12.0))) == [("EU", "UK", 7)]
	assert moves(pairs(rich(volume=0.5), poor(volume=0.5)), room={"UK": 10.0}) == [("EU", "UK", 20)]
	assert moves(pairs(rich(volume=0.5), poor(volume=0.5)), room={"UK": -1.0}) == []


def test_two_short_warehouses_share_one_surplus():
	found = moves(pairs(rich(on_hand=220.0), poor("UK"), poor("USA", margin=9.0)))
	assert found == [("EU", "USA", 70), ("EU", "UK", 30)]


warehouses = st.lists(
	st.fixed_dictionaries(
		{
			"company": st.sampled_from(["A", "B"]),
			"on_hand": st.integers(0, 400).map(float),
			"due": st.integers(0, 100).map(float),
			"reorder_point": st.integers(0, 120).map(float),
			"order_up_to": st.integers(0, 200).map(float),
			"daily": st.sampled_from([0.0, 0.3, 2.0, 9.0]),
			"pack": st.sampled_from([0.0, 6.0]),
			"margin": st.sampled_from([0.0, 4.0]),
		}
	),
	min_size=1,
	max_size=6,
)


@given(warehouses)
@settings(max_examples=150, deadline=None)
def test_nobody_gives_what_it_needs_itself(rows):
	frame = pairs(*[{**row, "warehouse": f"W{n}"} for n, row in enumerate(rows)]).assign(
		position=lambda r: r["on_hand"] + r["due"],
		gap=lambda r: (r["reorder_point"] - r["position"]).clip(lower=0) * (r["daily"] > 0),
		wanted=lambda r: r["gap"] + 10,
	)
	found = plan_transfers(frame, POLICY).transfers
	assert not found["warehouse"].duplicated().any()
	by_name = frame.set_index("warehouse")
	for name, given_away in found.groupby("from_warehouse")["qty"].sum().items():
		giver = by_name.loc[name]
		assert given_away <= giver["on_hand"]
		assert giver["position"] - given_away >= giver["reorder_point"] - 1e-6
		if giver["daily"] > 0:
			assert giver["position"] - given_away >= giver["order_up_to"] - 1e-6
	for row in found.itertuples():
		assert row.saving > 0 and row.qty > 0 and row.qty == int(row.qty)
		assert row.qty <= by_name.loc[row.warehouse, "wanted"]
		assert by_name.loc[row.warehouse, "company"] == by_name.loc[row.from_warehouse, "company"]
		assert row.warehouse not in set(found["from_warehouse"])
