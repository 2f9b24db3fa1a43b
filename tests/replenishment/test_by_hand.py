"""Known answers: the demo kettle sells 10 a day, delivery takes 11 days, and a calculator gives the rest."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
from buying_world import AS_OF, day, forecast, lead, offer, one, order, plan, quality, stock, world

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.plan import Tables, make_plan
from sentia_ops.replenishment.frames import RECOMMENDATIONS, STOCK_POLICY

SAFETY = 39.0  # 1.645 x sqrt(18 x 3^2 + 10^2 x 2^2) = 38.997
EOQ = 303.0  # sqrt(2 x 3650 x 25 / (0.25 x 8)) = 302.08, a whole number


def on(n: int) -> pd.Timestamp:
	return day(n)


def reason(row, label: str) -> dict:
	found = [r for r in json.loads(row["reasons"]) if r["label"] == label]
	assert len(found) == 1, f"{label} in {row['reasons']}"
	return found[0]


def test_the_kettle():
	p, r = one(on_hand=80)
	assert p["safety_stock"] == SAFETY
	assert p["reorder_point"] == 180 + SAFETY
	assert (p["position"], p["daily_demand"], p["days_of_cover"]) == (80, 10, 8)
	assert p["stockout_on"] == on(8), "80 last through days 0 to 7"
	assert p["verdict"] == "order"
	assert r["qty"] == EOQ == p["order_qty"]
	assert r["need_by"] == on(4), "30 are left after day 4, below 39"
	assert r["order_by"] == on(4 - 11)
	assert (r["unit_price"], r["currency"], r["cost"]) == (8, "GBP", 303 * 8)
	assert r["urgency"] == "Critical"
	assert r["summary"] == (
		"Order 303 Nos of Red Kettle from Acme today, 7 days late: stock of 80 lasts until 2025-03-18, "
		"delivery takes 11 days."
	)
	assert p["why"] == (
		"Order 303: position 80 (80 on hand + 0 due in - 0 promised beyond the forecast) is below the "
		"reorder point 219 (180 forecast for 18 days + 39 safety stock)."
	)


def test_in_time_says_by_when():
	_, r = one(on_hand=200)
	assert r["need_by"] == on(16) and r["order_by"] == on(5)
	assert r["summary"].startswith(
		"Order 303 Nos of Red Kettle from Acme by 2025-03-15: stock of 200 lasts until"
	)
	assert r["urgency"] == "Low"


@pytest.mark.parametrize(("on_hand", "verdict"), [(218, "order"), (219, "enough"), (220, "enough")])
def test_orders_strictly_below_the_reorder_point(on_hand, verdict):
	p, r = one(on_hand=on_hand)
	assert p["verdict"] == verdict
	assert (r is None) == (verdict == "enough")
	if r is None:
		assert p["why"].startswith(f"Enough: position {on_hand} ")
		assert p["order_qty"] == EOQ


def test_floating_noise_orders_nothing():
	p, r = one(on_hand=219 - 1e-9)
	assert r is None and p["verdict"] == "enough"


def test_risk_is_the_normal_tail():
	_, r = one(on_hand=120)
	std = math.sqrt(11 * 3**2 + 10**2 * 2**2)
	tail = 0.5 * math.erfc((120 - 110) / std / math.sqrt(2))
	assert r["stockout_risk"] == pytest.approx(tail, abs=0.005)


def test_projection_by_day_without_and_with_the_order():
	_, r = one(on_hand=200)
	shown = json.loads(r["projection"])
	assert shown["start"] == str(AS_OF)
	assert shown["without"] == [200 - 10 * (i + 1) for i in range(60)]
	assert shown["with"] == [200 - 10 * (i + 1) + (303 if i >= 16 else 0) for i in range(60)]
	assert (shown["safety_stock"], shown["reorder_point"]) == (SAFETY, 219)


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


def test_customer_orders_after_the_protection_period_do_not_count():
	p, _ = one(on_hand=200, outbound=[order("SO-1", 18, 900, "SO")])
	assert (p["outbound"], p["position"]) == (0, 200)


def test_a_big_order_early_shows_in_the_dates():
	p, r = one(on_hand=200, outbound=[order("SO-1", 2, 170, "SO")])
	assert p["position"] == 200, "170 by day 2 are within the 180 of the whole period"
	assert r["need_by"] == on(2) and p["stockout_on"] == on(20)
	assert json.loads(r["projection"])["without"][:4] == [190, 180, 30, 30]


def test_overdue_customer_orders_are_due_today():
	p, r = one(on_hand=80, outbound=[order("SO-1", -9, 100, "SO")])
	assert p["stockout_on"] == on(0)
	assert "100 overdue, counted as due today" in reason(r, "Demand")["text"]
	assert "stock of 80 does not last the day" in r["summary"]


def test_inbound_within_the_period_counts_and_later_does_not():
	p, _ = one(on_hand=80, inbound=[order("PO-1", 17, 100), order("PO-2", 18, 500)])
	assert (p["inbound"], p["position"]) == (100, 180)


def test_overdue_inbound_counts_as_arriving_today_and_is_said():
	p, r = one(on_hand=0, inbound=[order("PO-7", -6, 90)])
	assert p["position"] == 90 and p["stockout_on"] == on(9)
	hint = reason(r, "Late inbound")
	assert hint["text"] == (
		"PO-7 for 90 was due on 2025-03-04 and is counted as arriving today: confirm the date."
	)
	assert hint["text"] in p["why"]


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
	assert p["stockout_on"] == on(10)
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
	assert p["safety_stock"] == pytest.approx(1.645 * math.sqrt(18 * 2**2 + 400), abs=0.01)
	assert r["confidence"] == 0.3
	assert reason(r, "Confidence")["text"] == "weakest link: forecast, not tested on the past: 0.3"


# verdicts


def test_dead_items_need_nothing():
	p, r = one(on_hand=0, forecasts=forecast(0.0), quality=quality(kind="dead"))
	assert r is None and p["verdict"] == "no demand"
	assert (p["safety_stock"], p["reorder_point"], p["order_qty"]) == (0, 0, 0)
	assert math.isnan(p["days_of_cover"]) and pd.isna(p["stockout_on"])
	assert p["why"] == "No demand is forecast; open customer orders for 0 are met by 0 on hand + 0 due in."


def test_a_dead_item_with_a_noisy_past_needs_nothing_either():
	p, r = one(on_hand=0, forecasts=forecast(0.0), quality=quality(error_std=5.0))
	assert r is None and p["verdict"] == "no demand"


def test_stock_without_forecast_is_listed():
	p, r = one(on_hand=5, forecasts=[], quality=[])
	assert r is None and p["verdict"] == "no forecast"
	assert p["why"].startswith("There is no forecast for this item and warehouse; open customer orders for 0")


def test_open_orders_without_forecast_are_covered():
	p, r = one(on_hand=5, forecasts=[], quality=[], outbound=[order("WO-1", 3, 40, "WO material")])
	assert p["verdict"] == "order" and r["qty"] == 35
	assert (r["need_by"], r["order_by"]) == (on(3), on(-8))
	assert r["confidence"] == 0.75, "9 / (9 + 3): only the lead time is unsure"


def test_a_slow_mover_is_not_bought_on_the_strength_of_a_fraction():
	"""One sale in 100 days: none on the shelf is right in 18 days out of 20."""
	p, r = one(on_hand=0, forecasts=forecast(0.01), quality=quality(error_std=0.1 / math.sqrt(18)))
	assert r is None and p["reorder_point"] == 0
	p, r = one(on_hand=0, forecasts=forecast(0.05), quality=quality(error_std=0.2))
	assert p["reorder_point"] == 2 and r["qty"] >= 1


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


def test_unknown_items_and_warehouses_are_counted_not_planned():
	made = plan(stock=stock(1) + stock(1, item="GHOST") + stock(1, warehouse="MARS"))
	assert made.unknown == 2
	assert made.stock_policy["item_code"].tolist() == ["KETTLE"]


# quantity


def test_minimum_order_and_packs():
	_, r = one(supplier_items=[offer(min_order_qty=400, pack_size=144)], item={"min_order_qty": 430})
	assert r["qty"] == 432
	assert reason(r, "Quantity")["text"].endswith(
		"minimum order 430; rounded up to packs of 144: 432; order 432"
	)


def test_the_items_pack_serves_where_the_supplier_names_none():
	assert one(supplier_items=[offer()], item={"pack_size": 50})[1]["qty"] == 350


def test_a_fractional_pack_of_a_counted_item_goes_in_whole_numbers():
	assert one(supplier_items=[offer(pack_size=2.5)])[1]["qty"] == 305


def test_a_measured_item_keeps_its_fractions():
	_p, r = one(item={"whole_number": False, "stock_uom": "Kg"})
	assert r["qty"] == 302.1
	assert "Order 302.1 Kg of Red Kettle" in r["summary"]


def test_what_is_missing_beats_the_economic_quantity():
	_, r = one(on_hand=0, policy=Policy(ordering_cost=1.0))
	assert r["qty"] == 219
	assert "219 missing to the reorder point is more" in reason(r, "Quantity")["text"]


def test_no_more_than_the_cover_allowed():
	_, r = one(policy=Policy(max_cover_days=20), on_hand=200)
	assert r["qty"] == 20 * 10 - (200 - 110)
	assert "capped by 20 days of cover: 20 x 10 - 90 left on arrival = 110" in reason(r, "Quantity")["text"]


def test_the_cover_never_cuts_below_what_is_missing():
	_, r = one(policy=Policy(max_cover_days=5), on_hand=0)
	assert r["qty"] == 219
	assert "capped by 5 days of cover, but not below 219" in reason(r, "Quantity")["text"]


def test_shelf_life_caps_below_the_gap_and_says_so():
	_, r = one(item={"shelf_life_days": 6}, on_hand=0)
	assert r["qty"] == 6 * 10 + 110, "what sells in 6 days and what is owed by then"
	assert "review the item more often" in reason(r, "Caution")["text"]


def test_a_huge_minimum_order_is_explained():
	_, r = one(supplier_items=[offer(min_order_qty=100000)])
	assert r["qty"] == 100000
	assert reason(r, "Caution")["text"] == "Minimum order and packs force 100000, which lasts 10000 days"


def test_without_a_price_one_review_period_is_ordered():
	_, r = one(supplier_items=[offer(price=0.0)], item={"valuation_rate": 0.0}, on_hand=218)
	assert r["qty"] == 70 and r["cost"] == 0
	assert "no price known, so one review period: 7 x 10 = 70" in reason(r, "Quantity")["text"]


# suppliers


def test_the_default_supplier_stays_unless_another_costs_less():
	same = [offer("Zeta"), offer("Alfa", default=False)]
	assert one(supplier_items=same, lead_times=[lead("Zeta"), lead("Alfa")])[1]["supplier"] == "Zeta"
	cheap = [offer("Zeta"), offer("Alfa", price=7.9, default=False)]
	assert one(supplier_items=cheap, lead_times=[lead("Zeta"), lead("Alfa")])[1]["supplier"] == "Alfa"


def test_the_cost_is_in_company_currency_and_the_loser_is_listed():
	offers = [offer("Acme"), offer("Beta", price=9.0, currency="EUR", default=False)]
	_, r = one(supplier_items=offers, lead_times=[lead("Acme", mean=4.0), lead("Beta")])
	assert (r["supplier"], r["unit_price"], r["currency"]) == ("Beta", 9.0, "EUR")
	assert r["cost"] == pytest.approx(r["qty"] * 7.65)
	(other,) = json.loads(r["alternatives"])
	assert set(other) == {"supplier", "unit_price", "currency", "qty", "total_cost", "lead_days", "why_not"}
	safety = 1.645 * math.sqrt(11 * 9 + 100 * 4)
	yearly = 3650 * 8 + 3650 / 303 * 25 + (303 / 2 + safety) * 0.25 * 8
	assert other["total_cost"] == pytest.approx(yearly, abs=0.02)
	assert other["why_not"].startswith("costs ") and other["why_not"].endswith("would deliver 7 days sooner")
	assert "(the order is late: Acme delivers in 4 days)" in reason(r, "Supplier")["text"]


def test_slow_delivery_costs_safety_stock():
	"""A cent cheaper, but half a year away: the stock it takes costs more than the cent."""
	offers = [offer("Acme", price=8.0), offer("Slow", price=7.99, default=False)]
	_, r = one(supplier_items=offers, lead_times=[lead("Acme"), lead("Slow", mean=180.0, std=40.0)])
	assert r["supplier"] == "Acme"


def test_a_price_in_an_unknown_currency_is_left_out_and_named():
	items = [offer("Acme"), offer("Yen Ltd", price=0.01, currency="JPY", default=False)]
	made = plan(supplier_items=items)
	assert made.warnings == ["No exchange rate for JPY: offers of Yen Ltd are left out for KETTLE."]
	(other,) = json.loads(made.recommendations["alternatives"][0])
	assert other["why_not"] == "no exchange rate for JPY" and other["total_cost"] is None


def test_only_an_unusable_offer_is_as_good_as_none():
	_, r = one(supplier_items=[offer("Yen Ltd", currency="JPY")])
	assert r["supplier"] == "" and r["unit_price"] == 8.0
	assert "No usable offer (Yen Ltd in JPY): add an exchange rate" in reason(r, "Supplier")["text"]


def test_no_supplier_is_still_recommended():
	_, r = one(supplier_items=[], lead_times=[])
	assert (r["action"], r["supplier"], r["unit_price"]) == ("buy", "", 8.0)
	assert "No supplier known: add one to the item" in reason(r, "Supplier")["text"]
	assert r["confidence"] == 0.2 and "delivery takes 14 days" in r["summary"]


def test_made_items_are_made():
	p, r = one(item={"is_made": True, "is_purchased": False, "lead_time_days": 5.0}, supplier_items=[offer()])
	assert (r["action"], r["supplier"], r["unit_price"], p["lead_days"]) == ("make", "", 8.0, 5)
	assert p["lead_std"] == 1.5
	assert r["summary"].startswith("Start making 303 Nos of Red Kettle")
	_, r = one(item={"is_made": True}, supplier_items=[])
	assert r["action"] == "make"
	_, r = one(item={"is_made": True}, supplier_items=[offer()])
	assert r["action"] == "buy", "made or bought: the supplier's offer is taken"


def test_lead_times_not_measured_yet_rest_on_the_promise():
	p, r = one(lead_times=[])
	assert (p["lead_days"], p["lead_std"]) == (11, 3.3)
	assert r["confidence"] == 0.4
	assert "the supplier's promise" in reason(r, "Lead time")["text"]


# judgement


@pytest.mark.parametrize(
	("on_hand", "level", "order_by"),
	[(109, "Critical", -4), (119, "High", -3), (149, "Medium", 0), (179, "Medium", 3), (189, "Low", 4)],
)
def test_urgency(on_hand, level, order_by):
	_, r = one(on_hand=on_hand)
	assert (r["urgency"], r["order_by"]) == (level, on(order_by))
	assert reason(r, "Urgency")["text"].startswith(f"{level}: ")


@pytest.mark.parametrize(
	("given", "value", "word"),
	[
		({"quality": quality(mase=1.0)}, 0.5, "MASE 1"),
		({"lead_times": [lead(receipts=2, basis="supplier")]}, 0.25, "receipts of the supplier's items"),
		({"lead_times": [lead(receipts=3)]}, 0.5, "lead time, 3 receipts"),
		({"quality": quality(mase=0.2, history=30)}, 0.25, "history, 30 days"),
		({"quality": []}, 0.0, "history, 0 days"),
	],
)
def test_confidence_is_the_weakest_link(given, value, word):
	_, r = one(**given)
	assert r["confidence"] == value
	assert (
		reason(r, "Confidence")["text"].startswith("weakest link") and word in reason(r, "Confidence")["text"]
	)


# policy


@pytest.mark.parametrize(
	("field", "value"),
	[
		("service_level", 1.0),
		("service_level", 0.3),
		("service_level", math.nan),
		("review_days", 0),
		("ordering_cost", -1.0),
		("ordering_cost", math.inf),
		("holding_rate", 0.0),
		("max_cover_days", 0),
		("default_lead_days", -1.0),
		("lead_spread", math.nan),
	],
)
def test_a_senseless_policy_is_refused_by_name(field, value):
	with pytest.raises(ValueError, match=f"{field} must be"):
		make_plan(Tables(**world()), AS_OF, Policy(**{field: value}))


def test_results_fit_their_frames_and_hold_no_nan_in_json():
	made = plan(outbound=[order("SO-1", -3, 900, "SO")], supplier_items=[offer(price=0.0)])
	STOCK_POLICY.validate(made.stock_policy)
	RECOMMENDATIONS.validate(made.recommendations)
	for column in ("reasons", "alternatives", "projection"):
		json.loads(made.recommendations[column][0], parse_constant=lambda name: pytest.fail(name))
