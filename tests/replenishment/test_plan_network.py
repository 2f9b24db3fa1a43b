"""Transfers, limits, excess and scarce stock in whole plans: what the tables written say, and that they agree."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from buying_world import AS_OF, forecast, lead, offer, order, plan, quality, stock, world

from sentia_ops.replenishment.engine import Policy

BOTH = ("UK", "EU")
FORECASTS = [row for warehouse in BOTH for row in forecast(warehouse=warehouse)]
QUALITY = [row for warehouse in BOTH for row in quality(warehouse=warehouse)]


def two(uk: float, eu: float, policy: Policy | None = None, **given):
	"""The kettle in two warehouses, 10 a day in each."""
	held = {"stock": stock(uk) + stock(eu, warehouse="EU"), "forecasts": FORECASTS, "quality": QUALITY}
	return plan(policy, **held | given)


def proposals(made) -> dict[tuple[str, str], pd.Series]:
	rows = [row for _, row in made.recommendations.iterrows()]
	return {(row["action"], row["warehouse"]): row for row in rows}


def why(made, warehouse: str) -> str:
	return made.stock_policy.set_index("warehouse")["why"][warehouse]


def labels(row) -> dict[str, str]:
	return {r["label"]: r["text"] for r in json.loads(row["reasons"])}


def test_surplus_is_moved_and_nothing_bought():
	made = two(80.0, 1500.0)
	row = proposals(made)["transfer", "UK"]
	assert set(proposals(made)) == {("transfer", "UK")}
	assert row["from_warehouse"] == "EU" and row["supplier"] == "" and row["cost"] == 15.0
	assert (row["need_by"] - row["order_by"]).days == 3
	assert "Transfer" in labels(row) and "1500 on hand" in labels(row)["Transfer"]
	assert row["summary"].startswith(f"Move {row['qty']:g} Nos of Red Kettle from EU to UK")
	assert row["cost_with"] < row["cost_without"]
	policy = made.stock_policy.set_index("warehouse")
	assert policy.loc["UK", "verdict"] == "enough" and policy.loc["UK", "on_hand"] == 80
	assert f"80 on hand + {row['qty']:g} moved in" in why(made, "UK")
	assert f"{row['qty']:g} go to UK." in why(made, "EU")


def test_what_a_transfer_does_not_cover_is_bought():
	without = proposals(two(0.0, 0.0))["buy", "UK"]
	level = two(0.0, 0.0).stock_policy.set_index("warehouse").loc["EU", "order_up_to"]
	made = proposals(two(0.0, level + 60))
	assert made["transfer", "UK"]["qty"] == 60
	assert "the rest is to be bought" in made["transfer", "UK"]["summary"]
	assert 0 < made["buy", "UK"]["qty"] <= without["qty"]
	assert "0 on hand + 60 moved in" in labels(made["buy", "UK"])["Position"]


def test_without_transfers_it_is_all_bought():
	assert set(proposals(two(80.0, 1500.0, Policy(transfers=False)))) == {("buy", "UK")}


def test_another_companys_surplus_stays_and_is_named():
	places = [{"warehouse": "UK", "company": "A"}, {"warehouse": "EU", "company": "B"}]
	made = two(80.0, 1500.0, warehouses=places)
	assert set(proposals(made)) == {("buy", "UK")}
	assert "to spare, but belongs to B" in why(made, "UK")


def test_a_transfer_on_its_way_is_counted_at_both_ends_and_not_proposed_again():
	moving = [order("MR-1", 2, 300.0, kind="MR", warehouse="UK")]
	leaving = [order("MR-1", 2, 300.0, kind="MR", warehouse="EU")]
	made = two(80.0, 1500.0, inbound=moving, outbound=leaving)
	assert made.recommendations.empty
	policy = made.stock_policy.set_index("warehouse")
	assert policy.loc["UK", "position"] == 380 and policy.loc["EU", "position"] == 1200
	assert "1500 on hand - 300 moved out" in why(made, "EU")


def test_a_budget_of_zero_buys_nothing_moves_what_it_can_and_tells_every_risk():
	made = two(80.0, 1500.0, Policy(budget=0.0))
	assert set(proposals(made)) == {("transfer", "UK")}
	made = two(80.0, 80.0, Policy(budget=0.0))
	assert made.recommendations.empty
	policy = made.stock_policy
	assert (policy["cut_by"] == "budget").all() and (policy["cut_risk"] > 0).all()
	assert (policy["cut_qty"] > 100).all()
	assert policy["why"].str.contains("Order nothing: position 80").all()
	assert policy["why"].str.contains("Budget: nothing instead of").all()
	assert any("Budget of 0.00" in text and "2 orders left out" in text for text in made.warnings)


def test_a_budget_that_is_enough_changes_nothing():
	free, bound = two(80.0, 80.0), two(80.0, 80.0, Policy(budget=1e6))
	pd.testing.assert_frame_equal(free.recommendations, bound.recommendations)
	assert bound.warnings == free.warnings


def test_a_cut_order_keeps_budget_wanted_quantity_and_costs_together():
	free = two(80.0, 80.0).recommendations
	budget = round(0.6 * free["cost"].sum(), 2)
	rows = two(80.0, 80.0, Policy(budget=budget)).recommendations
	assert rows["cost"].sum() <= budget
	cut = rows[rows["cut_by"] == "budget"]
	assert len(cut) and (cut["qty"] < cut["wanted_qty"]).all()
	assert (cut["cost"] == cut["qty"] * cut["unit_price"]).all()
	assert (cut["cost_with"] >= free["cost_with"].min()).all()
	row = cut.iloc[0]
	assert labels(row)["Limit"].startswith(f"Budget: {row['qty']:g} instead of {row['wanted_qty']:g}")
	assert f"wanted {row['wanted_qty']:g}, order {row['qty']:g}" in labels(row)["Quantity"]
	assert f"(not {row['wanted_qty']:g}: budget)" in row["summary"]


def test_a_full_warehouse_gets_nothing_the_other_does():
	made = two(
		80.0,
		80.0,
		item={"volume": 0.5},
		warehouses=[{"warehouse": "UK", "capacity": 30.0}, {"warehouse": "EU", "capacity": None}],
	)
	assert set(proposals(made)) == {("buy", "EU")}
	assert made.stock_policy.set_index("warehouse").loc["UK", "cut_by"] == "capacity"
	assert any("UK is full: what is stored and due is 10.0 m3 over its capacity" in w for w in made.warnings)


def terms(least: float) -> pd.DataFrame:
	return pd.DataFrame(
		[{"supplier": "Acme", "min_order_value": least, "barred": "", "replaced_by": ""}]
	).assign(order_days="", closed="[]", ordering_cost=float("nan"))


def test_an_order_under_its_minimum_value_is_filled_with_the_next_need():
	from sentia_ops.replenishment.engine.plan import Tables, make_plan

	items = [{"item_code": "KETTLE", "valuation_rate": 8.0}, {"item_code": "POT", "valuation_rate": 8.0}]
	given = world(
		items=items,
		stock=stock(80.0) + stock(260.0, item="POT"),
		forecasts=forecast() + forecast(item="POT"),
		quality=quality() + quality(item="POT"),
		supplier_items=[offer(), offer(item="POT")],
		lead_times=[lead(), lead(item="POT")],
	)
	plain = make_plan(Tables(**given), AS_OF, Policy())
	cost = plain.recommendations["cost"].sum()
	assert plain.recommendations["item_code"].tolist() == ["KETTLE"]
	made = make_plan(Tables(**(given | {"terms": terms(cost * 1.5)})), AS_OF, Policy())
	rows = made.recommendations
	assert rows["cost"].sum() >= cost * 1.5
	raised = rows[rows["cut_by"] == "order value"]
	assert len(raised) and all("reaches its minimum" in labels(row)["Limit"] for _, row in raised.iterrows())
	none = make_plan(Tables(**(given | {"terms": terms(1e7)})), AS_OF, Policy())
	assert none.recommendations.empty
	assert any("of a minimum order value of 10,000,000.00" in text for text in none.warnings)


def test_dead_stock_is_excess_and_says_what_it_costs():
	made = two(5.0, 900.0, forecasts=forecast(), quality=quality() + quality(warehouse="EU", kind="dead"))
	assert made.excess.empty or "EU" not in set(
		made.excess["warehouse"]
	)  # without a forecast nothing is known
	dead = two(500.0, 900.0, quality=quality() + quality(warehouse="EU", kind="dead"))
	row = dead.excess.set_index("warehouse").loc["EU"]
	assert (
		row["is_dead"] and row["excess_qty"] == 900 and row["holding_cost"] == pytest.approx(900 * 8 * 0.25)
	)


def test_an_order_that_would_add_to_excess_is_to_be_cancelled():
	made = two(4000.0, 300.0, inbound=[order("PO-9", 10, 500.0)])
	row = made.excess.set_index("warehouse").loc["UK"]
	assert row["proposal"] == "cancel order" and "Cancel PO-9 (for 500" in row["why"]


def test_scarce_stock_is_shared_out_and_adds_up():
	made = two(90.0, 0.0)
	shares = made.allocations.set_index("warehouse")
	assert shares["allocated"].sum() == 90 and shares["available"].sum() == 90
	assert shares.loc["UK", "allocated"] == shares.loc["EU", "allocated"] == 45
	assert two(500.0, 500.0).allocations.empty


def test_unknown_stock_moves_and_judges_nothing():
	made = plan(stock=[], forecasts=FORECASTS, quality=QUALITY)
	assert made.recommendations.empty and made.excess.empty and made.allocations.empty
