"""Known answers: the demo kettle sells 10 a day, delivery takes 11 days, and a calculator gives the rest."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from buying_world import AS_OF, day, forecast, lead, one, order, plan, quality, reason, stock
from scipy.stats import gamma

# An order lasts 30 days, so stock waits half of the 7 days between reviews: 11 + 3.5 = 14.5 days; the wait's deviation is
# 7 / sqrt(12) = 2.021, with the lead time's sqrt(2^2 + 2.021^2) = 2.843.
# Demand then is 145 + 3^2 / (2 x 10) that a day's sales go beyond = 145.45, with deviation sqrt(14.5 x 3^2 + 10^2 x 2.843^2) =
# 30.64; gamma with shape (145.45 / 30.64)^2 = 22.53 and scale 145.45 / 22.53 = 6.456: 95 % need at most 199.25.
SAFETY = 53.8
REORDER = 199  # to the nearest whole number
RESERVE = 19  # 199 - 180 forecast until an order of the next review arrives
EOQ = 303.0  # sqrt(2 x 3650 x 25 / (0.25 x 8)) = 302.08, a whole number


def test_the_kettle():
	p, r = one(on_hand=80)
	assert p["safety_stock"] == SAFETY
	assert p["reorder_point"] == REORDER
	assert (p["position"], p["daily_demand"], p["days_of_cover"]) == (80, 10, 8)
	assert p["stockout_on"] == day(8), "80 last through days 0 to 7"
	assert p["verdict"] == "order"
	assert r["qty"] == EOQ == p["order_qty"]
	assert r["need_by"] == day(6), "10 are left after day 6, below 19"
	assert r["order_by"] == day(6 - 11)
	assert (r["unit_price"], r["currency"], r["cost"]) == (8, "GBP", 303 * 8)
	assert r["urgency"] == "Critical"
	assert r["summary"] == (
		"Order 303 Nos of Red Kettle from Acme today, 5 days late: stock of 80 lasts until 2025-03-18, "
		"delivery takes 11 days."
	)
	assert p["why"] == (
		"Order 303: position 80 (80 on hand) is below the "
		"reorder point 199 (145.45 forecast for 14.5 days + 53.8 safety stock = 199.25, to the nearest whole number)."
	)


def test_in_time_says_by_when():
	_, r = one(on_hand=190)
	assert r["need_by"] == day(17) and r["order_by"] == day(6)
	assert r["summary"].startswith(
		"Order 303 Nos of Red Kettle from Acme by 2025-03-16: stock of 190 lasts until"
	)
	assert r["urgency"] == "Low"


@pytest.mark.parametrize(("on_hand", "verdict"), [(198, "order"), (199, "enough"), (200, "enough")])
def test_orders_strictly_below_the_reorder_point(on_hand, verdict):
	p, r = one(on_hand=on_hand)
	assert p["verdict"] == verdict
	assert (r is None) == (verdict == "enough")
	if r is None:
		assert p["why"].startswith(f"Enough: position {on_hand} ")
		assert p["order_qty"] == EOQ


def test_floating_noise_orders_nothing():
	p, r = one(on_hand=199 - 1e-9)
	assert r is None and p["verdict"] == "enough"


def test_risk_is_the_gamma_tail():
	_, r = one(on_hand=120)
	std = math.sqrt(11 * 3**2 + 10**2 * 2**2)
	tail = gamma.sf(120, (110 / std) ** 2, scale=std**2 / 110)  # shape 24.25, scale 4.536: 0.3078
	assert r["stockout_risk"] == pytest.approx(tail, abs=0.005)
	assert reason(r, "Risk")["text"].endswith("available 120; chance of running out 31 %")


def test_a_certain_stockout_is_a_hundred_percent():
	_, r = one(on_hand=0)
	assert reason(r, "Risk")["text"].endswith("chance of running out 100 %")
	assert reason(r, "Risk")["value"] == 1.0


def test_projection_by_day_without_and_with_the_order():
	_, r = one(on_hand=190)
	shown = json.loads(r["projection"])
	assert shown["start"] == str(AS_OF)
	assert shown["without"] == [190 - 10 * (i + 1) for i in range(60)]
	assert shown["with"] == [190 - 10 * (i + 1) + (303 if i >= 17 else 0) for i in range(60)]
	assert (shown["safety_stock"], shown["reorder_point"]) == (SAFETY, REORDER)


def test_a_late_order_arrives_a_lead_time_from_today():
	_, r = one(on_hand=80)
	with_order = json.loads(r["projection"])["with"]
	assert with_order[10] == 80 - 110 and with_order[11] == 80 - 120 + 303


# open orders


def test_open_customer_orders_within_the_forecast_change_nothing():
	p, _ = one(on_hand=200, outbound=[order("SO-1", 5, 60, "SO"), order("SO-2", 17, 120, "SO")])
	assert (p["outbound"], p["position"]) == (180, 200)


def test_open_customer_orders_beyond_the_forecast_reduce_the_position():
	p, r = one(on_hand=200, outbound=[order("SO-1", 5, 60, "SO"), order("SO-2", 17, 170, "SO")])
	assert (p["outbound"], p["position"]) == (230, 200 - 50)
	assert (
		"open customer orders for 230 in that time ask for 50 more than that" in reason(r, "Demand")["text"]
	)
	position = reason(r, "Position")["text"]
	assert position.startswith("Position 150 (200 on hand - 50 promised beyond the forecast), 49 below")


def test_customer_orders_after_the_protection_period_do_not_count():
	p, _ = one(on_hand=200, outbound=[order("SO-1", 18, 900, "SO")])
	assert (p["outbound"], p["position"]) == (0, 200)


def test_a_dip_that_a_delivery_ends_is_not_what_the_order_is_for():
	"""10, below 19, is left on day 2 before 100 come on day 3; then 20 after day 11, and 10 after day 12."""
	_, r = one(on_hand=40, inbound=[order("PO-1", 3, 100)])
	assert json.loads(r["projection"])["without"][:4] == [30, 20, 10, 100]
	assert (r["need_by"], r["order_by"]) == (day(12), day(1))
	assert (
		"is under 19, the reorder point less the forecast for 18 days, from 2025-03-22 on"
		in reason(r, "Dates")["text"]
	)


def test_a_big_order_early_shows_in_the_dates():
	p, r = one(on_hand=180, outbound=[order("SO-1", 2, 170, "SO")])
	assert p["position"] == 180, "170 by day 2 are within the 180 of the whole period"
	assert r["need_by"] == day(2) and p["stockout_on"] == day(18)
	assert json.loads(r["projection"])["without"][:4] == [170, 160, 10, 10]


def test_overdue_customer_orders_come_on_top_of_the_forecast():
	"""They are demand of the past; only orders not yet due are part of what was forecast."""
	p, r = one(on_hand=80, outbound=[order("SO-1", -9, 100, "SO"), order("SO-2", 0, 60, "SO")])
	assert (p["outbound"], p["position"], p["stockout_on"]) == (160, 80 - 100, day(0))
	position = reason(r, "Position")["text"]
	assert position.startswith("Position -20 (80 on hand - 100 overdue to customers), 219 below")
	assert "open customer orders for 60 in that time are part of it" in reason(r, "Demand")["text"]
	assert json.loads(r["projection"])["without"][:2] == [80 - 100 - 60, 80 - 100 - 60]
	assert json.loads(r["projection"])["without"][6] == 80 - 100 - 70
	assert "stock of 80 does not last the day" in r["summary"]


def test_inbound_within_the_period_counts_and_later_does_not():
	p, _ = one(on_hand=80, inbound=[order("PO-1", 17, 100), order("PO-2", 18, 500)])
	assert (p["inbound"], p["position"]) == (100, 180)
	assert "position 180 (80 on hand + 100 due in) is below" in p["why"]


def test_a_day_the_period_reaches_into_counts_whole_for_open_orders():
	p, _ = one(
		on_hand=80, lead_times=[lead(mean=11.4)], inbound=[order("PO-1", 18, 100), order("PO-2", 19, 500)]
	)
	assert p["inbound"] == 100, "18.4 days reach into day 18"


def test_overdue_inbound_whose_lead_time_never_scatters_counts_as_arriving_today():
	p, r = one(on_hand=0, inbound=[order("PO-7", -6, 90)], lead_times=[lead(std=0.0)])
	assert p["position"] == 90 and p["stockout_on"] == day(9)
	hint = reason(r, "Late inbound")
	assert hint["text"] == (
		"PO-7 for 90 was due on 2025-03-04 and is counted as arriving today: confirm the date."
	)
	assert hint["text"] in p["why"]


def test_overdue_inbound_is_pushed_by_what_such_deliveries_take_still():
	"""Lognormal with mean 11 and deviation 2: those that take more than 17 days take 18.05 on average, a day more."""
	p, r = one(on_hand=0, inbound=[order("PO-7", -6, 90)])
	assert (p["position"], p["stockout_on"]) == (90, day(0))
	assert json.loads(r["projection"])["without"][:3] == [-10, 70, 60]
	assert reason(r, "Late inbound")["text"] == (
		"PO-7 for 90 was due on 2025-03-04 and is counted as arriving on 2025-03-11: what has taken 17 days already (lead "
		"time 11, deviation 2) takes longer still on average; confirm the date."
	)
	draws = np.random.default_rng(1).lognormal(math.log(11 / math.sqrt(1 + (2 / 11) ** 2)), 0.1803, 4_000_000)
	assert draws[draws > 17].mean() - 17 == pytest.approx(1.05, abs=0.06)


@pytest.mark.parametrize(
	("kind", "act"),
	[
		("PO", "ask supplier to bring PO-7 forward"),
		("MR", "order PO-7 now"),
		("WO", "finish PO-7 earlier"),
	],
)
def test_inbound_after_the_stockout_asks_to_expedite(kind, act):
	p, r = one(on_hand=80, inbound=[order("PO-6", 3, 20), order("PO-7", 12, 50, kind)])
	assert p["stockout_on"] == day(10)
	assert reason(r, "Expedite")["text"] == (
		f"Stock runs out on 2025-03-20, PO-7 for 50 is due on 2025-03-22: {act}."
	)


def test_enough_on_paper_but_late_is_said_too():
	p, r = one(on_hand=80, inbound=[order("PO-7", 12, 500)])
	assert r is None and p["verdict"] == "enough"
	assert "ask supplier to bring PO-7 forward" in p["why"]


def test_inbound_in_time_asks_nothing():
	_, r = one(on_hand=80, inbound=[order("PO-7", 8, 50)])
	assert "Expedite" not in r["reasons"]


# the forecast


def test_beyond_the_horizon_the_last_28_days_go_on():
	rising = [0.0] * 2 + [14.0] * 28
	p, _ = one(forecasts=forecast(rising), lead_times=[lead(mean=43.0)])
	assert p["daily_demand"] == pytest.approx((28 * 14 + 20 * 14) / 50, abs=0.005)


def test_part_of_a_day_counts_in_part():
	p, r = one(forecasts=forecast([10.0] * 18 + [20.0] * 72), lead_times=[lead(mean=11.4)])
	assert p["daily_demand"] == pytest.approx((180 + 0.4 * 20) / 18.4, abs=0.005)
	assert reason(r, "Demand")["text"].startswith("Forecast of 188 for the protection period of 18.4 days")


def test_an_old_forecast_is_used_and_said():
	made = plan(forecasts=forecast(10.0, 60, start=-60))
	assert made.stock_policy["daily_demand"].tolist() == [10]
	assert made.warnings == [
		"The forecast ends on 2025-03-09, before 2025-03-10: its last days' mean was used. Forecast again."
	]


def test_an_untested_forecast_takes_its_error_from_the_interval():
	p, r = one(quality=quality(error_std=0.0, mase=None, windows=0))
	assert p["safety_stock"] == SAFETY, "the interval is 3 x 1.28 wide"
	assert r["confidence"] == 0.3
	assert reason(r, "Confidence")["text"] == "weakest link: forecast, not tested on the past: 0.3"


# verdicts


def test_dead_items_need_nothing():
	p, r = one(on_hand=0, forecasts=forecast(0.0), quality=quality(kind="dead"))
	assert r is None and p["verdict"] == "no demand"
	assert (p["safety_stock"], p["reorder_point"], p["order_qty"]) == (0, 0, 0)
	assert math.isnan(p["days_of_cover"]) and pd.isna(p["stockout_on"])
	assert p["why"] == "No demand is forecast; no customer order is open."


def test_a_dead_item_with_a_noisy_past_needs_nothing_either():
	p, r = one(on_hand=0, forecasts=forecast(0.0), quality=quality(error_std=5.0))
	assert r is None and p["verdict"] == "no demand"


def test_stock_without_forecast_is_listed():
	p, r = one(on_hand=5, forecasts=[], quality=[])
	assert r is None and p["verdict"] == "no forecast"
	assert p["why"].startswith("There is no forecast for this item and warehouse; no customer order")


def test_open_orders_that_are_met_are_named():
	p, _ = one(on_hand=50, forecasts=[], quality=[], outbound=[order("SO-1", 3, 40, "SO")])
	assert p["why"].endswith("; open customer orders for 40 are met by 50 on hand.")


def test_open_orders_without_forecast_are_covered():
	p, r = one(on_hand=5, forecasts=[], quality=[], outbound=[order("WO-1", 3, 40, "WO material")])
	assert p["verdict"] == "order" and r["qty"] == 35
	assert (r["need_by"], r["order_by"]) == (day(3), day(-8))
	assert r["confidence"] == 0.75, "9 / (9 + 3): only the lead time is unsure"


def test_a_slow_mover_is_not_bought_on_the_strength_of_a_fraction():
	"""One sale in 100 days: none on the shelf is right in 18 days out of 20."""
	p, r = one(on_hand=0, forecasts=forecast(0.01), quality=quality(error_std=0.1 / math.sqrt(18)))
	assert r is None and p["reorder_point"] == 0
	p, r = one(on_hand=0, forecasts=forecast(0.05), quality=quality(error_std=0.2))
	assert p["reorder_point"] == 3 and r["qty"] >= 1


def test_every_pair_is_answered_once():
	made = plan(
		items=[{"item_code": c} for c in ("A", "B", "C", "D", "KETTLE")],
		forecasts=forecast(item="A") + forecast(item="A", warehouse="EU"),
		stock=stock(3, item="B"),
		inbound=[order("PO-1", 1, 1, item="C")],
		outbound=[order("SO-1", 1, 1, "SO", item="D")],
	)
	answered = list(zip(made.stock_policy["item_code"], made.stock_policy["warehouse"], strict=True))
	assert answered == [("A", "EU"), ("A", "UK"), ("B", "UK"), ("C", "UK"), ("D", "UK")]
	assert made.stock_policy["why"].str.len().min() > 20
	assert set(made.recommendations["item_code"]) == {"A", "D"}


# stock that nobody knows


def test_without_any_stock_table_nothing_is_ordered():
	made = plan(stock=[], inbound=[order("PO-1", 3, 20)])
	assert made.recommendations.empty
	(p,) = made.stock_policy.to_dict("records")
	assert (p["verdict"], p["reorder_point"], p["safety_stock"]) == ("stock unknown", REORDER, SAFETY)
	assert (p["order_qty"], p["supplier"], p["lead_days"], p["inbound"]) == (EOQ, "Acme", 11, 20)
	assert math.isnan(p["days_of_cover"]) and pd.isna(p["stockout_on"])
	assert p["why"] == (
		"Stock is not known: reorder point 199 (145.45 forecast for 14.5 days + 53.8 safety stock = 199.25, to the nearest whole "
		"number); bring in table stock, "
		"e.g. sentia-ops import frame stock FILE, to get orders."
	)


def test_without_any_stock_table_what_nobody_wants_needs_nothing():
	p, r = one(stock=[], forecasts=forecast(0.0))
	assert r is None and p["verdict"] == "no demand"
	p, r = one(stock=[], forecasts=[], quality=[], outbound=[order("SO-1", 3, 40, "SO")])
	assert r is None and p["verdict"] == "stock unknown"


def test_an_item_missing_from_a_stock_table_has_nothing_on_hand():
	made = plan(
		items=[{"item_code": "KETTLE", "valuation_rate": 8.0}, {"item_code": "B"}], stock=stock(3, item="B")
	)
	kettle = made.stock_policy.set_index("item_code").loc["KETTLE"]
	assert (kettle["on_hand"], kettle["verdict"], kettle["stockout_on"]) == (0, "order", day(0))
	assert made.recommendations["item_code"].tolist() == ["KETTLE"]


def test_unknown_items_and_warehouses_are_counted_not_planned():
	made = plan(stock=stock(1) + stock(1, item="GHOST") + stock(1, warehouse="MARS"))
	assert made.unknown == 2
	assert made.stock_policy["item_code"].tolist() == ["KETTLE"]
