"""Known answers on the same kettle: how much, from whom, how urgent, how sure."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from buying_world import AS_OF, day, forecast, lead, offer, one, order, plan, quality, reason, world
from scipy.stats import gamma

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.plan import Tables, make_plan
from sentia_ops.replenishment.frames import RECOMMENDATIONS, STOCK_POLICY

# quantity


def test_the_economic_quantity_looks_beyond_the_protection_period():
	"""10 a day for 18 days, 24 a day for the other 42 of the 60 looked at."""
	p, r = one(forecasts=forecast([10.0] * 18 + [24.0] * 72))
	assert p["daily_demand"] == 10
	mean = (180 + 42 * 24) / 60
	assert r["qty"] == math.ceil(math.sqrt(2 * 365 * mean * 25 / (0.25 * 8)))
	assert "over the next 60 days 19.8 a day, 365 x 19.8 = 7227 a year" in reason(r, "Demand")["text"]


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
	assert r["qty"] == 221, (
		"180, deviation sqrt(18 x 3^2 + 10^2 x 2^2): ordered at every review, stock waits all of its 7 days"
	)
	assert "221 missing to the reorder point is more" in reason(r, "Quantity")["text"]


def test_no_more_than_the_cover_allowed():
	_, r = one(policy=Policy(max_cover_days=20), on_hand=190)
	assert r["qty"] == 20 * 10 - (190 - 110)
	assert "capped by 20 days of cover: 20 x 10 - 80 left on arrival = 120" in reason(r, "Quantity")["text"]


def test_the_cover_never_cuts_below_what_is_missing():
	_, r = one(policy=Policy(max_cover_days=5), on_hand=0)
	assert r["qty"] == 221
	assert "capped by 5 days of cover, but not below 221" in reason(r, "Quantity")["text"]


def test_shelf_life_caps_below_the_gap_and_says_so():
	_, r = one(item={"shelf_life_days": 6}, on_hand=0)
	assert r["qty"] == 165, (
		"what sells in 6 days, a little less as it spoils, and what is owed by then: 54.59 + 110"
	)
	assert (
		"capped by 6 days of shelf life: margin 2.4 / (2.4 + cost 8) = 0.231, z -0.736; 6 x 10 - 0.736 x 7.348 = 54.59; "
		"54.59 + 110 owed on arrival = 164.59"
	) in reason(r, "Quantity")["text"]
	assert "review the item more often" in reason(r, "Caution")["text"]


def test_a_huge_minimum_order_is_explained():
	_, r = one(supplier_items=[offer(min_order_qty=100000)])
	assert r["qty"] == 100000
	assert reason(r, "Caution")["text"] == (
		"Minimum order and packs force 100000: (100000 + 0 left on arrival) / 10 a day = 10000 days, more than 180"
	)


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
	spread = math.sqrt(7.5 * 9 + 100 * (4 + 49 / 12)) / 75.45
	safety = 75.45 * (gamma.ppf(0.95, spread**-2) * spread**2 - 1)
	yearly = 3650 * 8 + 3650 / 303 * 25 + (303 / 2 + safety) * 0.25 * 8
	assert other["total_cost"] == pytest.approx(yearly, abs=0.3)
	assert (
		other["why_not"].startswith("costs ")
		and "; would deliver 7 days sooner; on this order" in other["why_not"]
	)
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


def test_an_absurd_lead_time_is_cut_and_said():
	p, r = one(supplier_items=[], item={"lead_time_days": 1e7})
	assert p["lead_days"] == 3650
	assert "cut to 3650 days from 10000000: correct it" in reason(r, "Lead time")["text"]
	assert len(json.loads(r["projection"])["without"]) == 400


# judgement


@pytest.mark.parametrize(
	("on_hand", "level", "order_by"),
	[(89, "Critical", -4), (115, "High", -2), (129, "Medium", 0), (159, "Medium", 3), (169, "Low", 4)],
)
def test_urgency(on_hand, level, order_by):
	_, r = one(on_hand=on_hand)
	assert (r["urgency"], r["order_by"]) == (level, day(order_by))
	assert reason(r, "Urgency")["text"].startswith(f"{level}: ")


@pytest.mark.parametrize(
	("given", "value", "word"),
	[
		# 180 in 11 + 7 days; 9 x sqrt(18) = 38.18; 180 / 218.18 = 0.83, more than the lead time's 9 / 12
		({"quality": quality(error_std=9.0)}, 0.75, "lead time, 9 receipts"),
		# 3 a day by the interval, 30 in sums over 28 days: over 14.5 days sqrt(900 - 13.5 x 33) = 21.32
		(
			{"quality": quality(error_std=30.0)},
			0.67,
			"give or take 90.45 (21.32 x sqrt(18)): 180 / (180 + 90.45)",
		),
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
		("review_days", 10**6),
		("ordering_cost", -1.0),
		("ordering_cost", math.inf),
		("holding_rate", 0.0),
		("max_cover_days", 0),
		("default_lead_days", -1.0),
		("lead_spread", math.nan),
		("stockout_margin", -0.1),
	],
)
def test_a_senseless_policy_is_refused_by_name(field, value):
	with pytest.raises(ValueError, match=f"{field} must be"):
		make_plan(Tables(**world()), AS_OF, Policy(**{field: value}))


def test_settings_can_be_shown_without_loading_pandas():
	code = "import sys; from sentia_ops.replenishment.engine import Policy; print(Policy().service_level, *sys.modules)"
	said = subprocess.run(
		[sys.executable, "-c", code], capture_output=True, text=True, check=True
	).stdout.split()
	assert said[0] == "0.95" and not {"pandas", "numpy", "scipy", "pandera"} & set(said)


def test_results_fit_their_frames_and_hold_no_nan_in_json():
	made = plan(outbound=[order("SO-1", -3, 900, "SO")], supplier_items=[offer(price=0.0)])
	STOCK_POLICY.validate(made.stock_policy)
	RECOMMENDATIONS.validate(made.recommendations)
	for column in ("reasons", "alternatives", "projection"):
		json.loads(made.recommendations[column][0], parse_constant=lambda name: pytest.fail(name))


def test_risk_is_that_of_the_tightest_day_not_only_of_the_arrival():
	"""50 on hand, 10 a day, 100 due on day 8: covered when an order arrives after 11 days, but empty before."""
	_, r = one(on_hand=50, inbound=[order("PO-1", 8, 100)])
	assert (r["stockout_risk"], r["urgency"]) == (1.0, "Critical")
	assert reason(r, "Risk")["text"] == (
		"Until 2025-03-17, the day before a delivery (8 days): demand 80, standard deviation 8.485, gamma distributed; "
		"available 50; chance of running out 100 %"
	)
	_, early = one(on_hand=50, inbound=[order("PO-1", 2, 100)])
	assert early["stockout_risk"] < 0.1 and "arrives (11 days)" in reason(early, "Risk")["text"]
