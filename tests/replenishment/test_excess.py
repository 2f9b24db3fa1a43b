"""Excess: how much, what to do with it, and the arithmetic behind every proposal."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.excess import find_excess

AS_OF = date(2025, 3, 10)
POLICY = Policy()
ROW = {
	"item_code": "KETTLE",
	"warehouse": "UK",
	"on_hand": 500.0,
	"committed": 0.0,
	"daily": 1.0,
	"reorder_point": 30.0,
	"max_cover_days": 180.0,
	"shelf_life_days": 0.0,
	"valuation_rate": 8.0,
	"has_forecast": True,
	"whole": True,
}
ORDERS = ["item_code", "warehouse", "voucher", "qty", "due_date"]
RECEIPTS = ["item_code", "warehouse", "supplier", "received_on", "qty"]
TRANSFERS = ["item_code", "from_warehouse", "warehouse", "qty"]


def judge(*rows: dict, orders=(), receipts=(), transfers=(), policy=POLICY) -> pd.DataFrame:
	frame = pd.DataFrame([{**ROW, **row} for row in rows])
	return find_excess(
		frame,
		policy,
		as_of=AS_OF,
		orders=pd.DataFrame([("KETTLE", "UK", *row) for row in orders], columns=ORDERS),
		receipts=pd.DataFrame([("KETTLE", "UK", *row) for row in receipts], columns=RECEIPTS),
		transfers=pd.DataFrame([("KETTLE", "UK", *row) for row in transfers], columns=TRANSFERS),
	)


def test_within_the_largest_cover_nothing_is_excess():
	assert judge({"on_hand": 180.0}).empty
	assert judge({"on_hand": 180.5}).empty  # half a piece is none
	assert judge({"on_hand": 500.0, "has_forecast": False}).empty  # nothing is known of its demand


def test_what_is_beyond_the_cover_with_its_cost_by_hand():
	row = judge({}).iloc[0]
	assert (row["excess_qty"], row["excess_value"], row["holding_cost"]) == (320, 2560, 640)
	assert row["days_of_cover"] == 500
	assert (
		"500 on hand - 180 days x 1 a day: 320 too many; 320 x 8 = 2560.00, x 0.25 = 640.00 a year"
		in row["why"]
	)


def test_waiting_too_long_is_sold_off_above_what_waiting_costs():
	row = judge({}).iloc[0]
	# (500 - 160) / 1 = 340 days: 0.25 x 340 / 365 = 23.3 % of 8.00 -> 6.14
	assert row["proposal"] == "sell off"
	assert "Sell off 320 at 6.14 or more" in row["why"]


def test_what_sells_in_bearable_time_waits():
	row = judge({"on_hand": 200.0, "max_cover_days": 120.0, "daily": 1.5}).iloc[0]
	assert row["proposal"] == "wait"  # (200 - 10) / 1.5 = 126.7 days cost 8.7 %
	assert "Wait: 20 sell" in row["why"] and "126.7 days" in row["why"] and "8.7 %" in row["why"]


def test_an_order_that_would_add_to_it_is_cancelled_first_latest_due_first():
	row = judge(
		{"on_hand": 130.0, "max_cover_days": 120.0},
		orders=[("PO-1", 100.0, pd.Timestamp("2025-03-20")), ("PO-2", 50.0, pd.Timestamp("2025-04-20"))],
	).iloc[0]
	assert row["proposal"] == "cancel order" and row["excess_qty"] == 160
	assert row["why"].index("Cancel PO-2") < row["why"].index("Cancel PO-1")
	assert "Wait: 10 sell" in row["why"]


def test_an_order_of_which_only_a_part_is_too_much_is_cut():
	row = judge({"on_hand": 150.0}, orders=[("PO-1", 100.0, pd.Timestamp("2025-03-20"))]).iloc[0]
	assert row["proposal"] == "cancel order" and "Cut PO-1 by 70 (for 100" in row["why"]


def test_another_warehouse_wants_it_before_it_is_sold_off():
	row = judge({}, transfers=[("EU", 200.0)]).iloc[0]
	assert (
		row["proposal"] == "transfer" and "EU is short of it: the transfer of 200 is proposed" in row["why"]
	)
	assert "Sell off 120" in row["why"]


def test_a_late_delivery_goes_back_to_its_supplier_an_old_one_does_not():
	lately = [("Acme", pd.Timestamp("2025-03-01"), 90.0), ("Acme", pd.Timestamp("2024-12-01"), 500.0)]
	row = judge({"on_hand": 250.0}, receipts=lately).iloc[0]
	assert row["proposal"] == "return"
	assert "Ask Acme to take 70 back: 90 came on 2025-03-01." in row["why"] and "2024-12-01" not in row["why"]


def test_stock_without_demand_is_dead_sold_off_or_written_off():
	dear, cheap = judge(
		{"daily": 0.0, "reorder_point": 0.0}, {"daily": 0.0, "reorder_point": 0.0, "on_hand": 2.0}
	).to_dict("records")
	assert dear["is_dead"] and dear["proposal"] == "sell off" and pd.isna(dear["days_of_cover"])
	assert cheap["proposal"] == "write off" and "worth 16.00, less than 25.00" in cheap["why"]


def test_what_perishes_before_it_sells_goes_at_any_price():
	row = judge({"shelf_life_days": 100.0, "max_cover_days": 100.0}).iloc[0]
	assert row["proposal"] == "sell off"
	assert (
		"Sell off 400 at any price before it perishes: 100 days of shelf life x 1 a day = 100" in row["why"]
	)


def test_promised_stock_is_no_excess():
	assert judge({"on_hand": 250.0, "committed": 60.0})["excess_qty"].tolist() == [10.0]


def test_the_dearest_to_hold_comes_first():
	found = judge({"item_code": "A"}, {"item_code": "B", "valuation_rate": 80.0})
	assert found["item_code"].tolist() == ["B", "A"]
	assert found["holding_cost"].iloc[0] == pytest.approx(6400)
