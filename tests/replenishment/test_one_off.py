"""Known answers where the regular supplier comes too late: is a faster one worth its price, this once?"""

from __future__ import annotations

import json

import pytest
from buying_world import lead, offer, one, order, reason, stock

from sentia_ops.replenishment.engine import Policy

LAKES = offer("Great Lakes", price=8.5, default=False)
FAST = {
	"supplier_items": [offer("Acme"), LAKES],
	"lead_times": [lead("Acme"), lead("Great Lakes", mean=3.0, std=1.0)],
}
# Acme: 3650 x 8 + 3650 / 303 x 25 + (303 / 2 + 53.8) x 0.25 x 8 = 29911.76 a year, x 294 / 3650 = 2409.33 while 294 last;
# 110 wanted in 11 days, deviation sqrt(11 x 3^2 + 10^2 x 2^2) = 22.34: gamma with shape (110 / 22.34)^2 = 24.245 and scale
# 22.34^2 / 110 = 4.5371. 80 are there: by its tails for shapes 25.245 and 24.245 110 x 0.948785 - 80 x 0.922139 = 30.60 short.
# Great Lakes: 31740.06 a year, 2556.60 while its 294 last, 147.27 dearer; 30 wanted in 3 days, deviation sqrt(3 x 3^2 +
# 10^2 x 1^2) = 11.27, shape 7.0859, scale 4.2338: 30 x 0.00176440 - 80 x 0.00061615 = 0.0036 short.


def test_the_faster_supplier_gets_the_order_that_would_come_too_late():
	_, r = one(on_hand=80, item={"selling_rate": 19.0}, **FAST)
	assert (r["supplier"], r["qty"], r["unit_price"]) == ("Great Lakes", 294, 8.5)
	line = reason(r, "One-off")
	assert line["text"] == (
		"Acme takes 11 days, Great Lakes 3; a unit short loses 19 - 8 = 11 margin; Acme: 29911.76 a year x 294 / 3650 = "
		"2409.33, and 30.6 short by delivery (demand 110, deviation 22.34, available 80) x 11 = 336.60 lost, together "
		"2745.93; Great Lakes: 31740.06 a year x 294 / 3650 = 2556.60, and 0.0036 short by delivery (demand 30, deviation "
		"11.27, available 80) x 11 = 0.04 lost, together 2556.64; saves 189.29; Acme stays the regular supplier"
	)
	assert line["value"] == 189.29
	assert reason(r, "Supplier")["text"].startswith(
		"Great Lakes, for this order only: the regular supplier stays Acme: 294 x 8.5 = 2499.00"
	)
	assert r["summary"].startswith("Order 294 Nos of Red Kettle from Great Lakes (this once, not Acme)")
	(acme,) = json.loads(r["alternatives"])
	assert acme["supplier"] == "Acme" and acme["why_not"].startswith("stays the regular supplier (")
	assert "but Great Lakes saves 189.29 on this order: a unit short loses" in acme["why_not"]


def test_the_stock_policy_keeps_the_regular_supplier():
	p, r = one(on_hand=80, item={"selling_rate": 19.0}, **FAST)
	assert (p["supplier"], p["lead_days"], p["reorder_point"], p["position"]) == ("Acme", 11, 199, 80)
	assert p["order_qty"] == r["qty"]
	assert p["why"].startswith(
		"Order 294 from Great Lakes, this once: position 80 (80 on hand) is below the reorder point 199"
	)


@pytest.mark.parametrize(
	("selling", "margin", "supplier"),
	[
		(19.0, 0.3, "Great Lakes"),  # 30.6 x 11 = 336.60 against 147.27 + 0.0036 x 11 = 147.31
		(12.82, 0.3, "Great Lakes"),  # 30.6 x 4.82 = 147.49 against 147.27 + 0.02
		(12.81, 0.3, "Acme"),  # 30.6 x 4.81 = 147.19
		(7.0, 0.3, "Acme"),  # sold at a loss: nothing is lost by not selling
		(0.0, 0.3, "Acme"),  # 30.6 x 0.3 x 8 = 73.44
		(0.0, 0.7, "Great Lakes"),  # 30.6 x 0.7 x 8 = 171.36
	],
)
def test_it_must_be_worth_the_price(selling, margin, supplier):
	_, r = one(Policy(stockout_margin=margin), on_hand=80, item={"selling_rate": selling}, **FAST)
	assert r["supplier"] == supplier


def test_a_faster_supplier_that_does_not_pay_says_so():
	_, r = one(on_hand=80, **FAST)
	(other,) = json.loads(r["alternatives"])
	assert (
		"would deliver 8 days sooner; on this order that does not pay: a unit short loses 0.3 x 8 = 2.4"
		in other["why_not"]
	)
	assert "(assumed: no selling rate is known)" in other["why_not"]
	assert "One-off" not in r["reasons"]


def test_in_time_the_regular_supplier_gets_the_order():
	_, r = one(on_hand=190, item={"selling_rate": 1000.0}, **FAST)
	assert r["supplier"] == "Acme"
	(other,) = json.loads(r["alternatives"])
	assert "does not pay" not in other["why_not"]


def test_with_enough_on_its_way_nothing_is_rushed():
	p, r = one(on_hand=0, item={"selling_rate": 99.0}, inbound=[order("PO-1", 12, 900)], **FAST)
	assert r is None and (p["verdict"], p["supplier"]) == ("enough", "Acme")


def test_where_stock_is_unknown_nothing_is_rushed():
	p, r = one(stock=[], item={"selling_rate": 19.0}, **FAST)
	assert r is None and (p["verdict"], p["supplier"]) == ("stock unknown", "Acme")
	p, r = one(stock=stock(0), item={"selling_rate": 19.0}, **FAST)
	assert r["supplier"] == "Great Lakes"


def test_the_one_that_saves_most_is_taken():
	offers = [*FAST["supplier_items"], offer("Near", price=8.2, default=False)]
	leads = [*FAST["lead_times"], lead("Near", mean=5.0, std=1.0)]
	_, r = one(on_hand=80, item={"selling_rate": 19.0}, supplier_items=offers, lead_times=leads)
	assert r["supplier"] == "Near"
	others = {a["supplier"]: a["why_not"] for a in json.loads(r["alternatives"])}
	assert "saves 189.29 on this order, Near more: a unit short" in others["Great Lakes"]
	assert others["Acme"].startswith("stays the regular supplier")


def test_due_with_the_slow_supplier_only():
	"""200 last 20 days, Acme takes 60: an order is due although 3 days of delivery would leave time."""
	leads = [lead("Acme", mean=60.0), lead("Great Lakes", mean=3.0, std=1.0)]
	p, r = one(
		on_hand=200, item={"selling_rate": 19.0}, supplier_items=FAST["supplier_items"], lead_times=leads
	)
	assert (r["supplier"], p["supplier"], p["verdict"]) == ("Great Lakes", "Acme", "order")
	text = reason(r, "Position")["text"]
	assert text.startswith(
		"Position 200 (200 on hand), not below the reorder point; with Acme, position 200 (200 on hand) is "
	)
	assert r["qty"] == 294


def test_open_orders_without_a_forecast_can_be_rushed_too():
	given = FAST | {"forecasts": [], "quality": [], "outbound": [order("SO-1", 3, 40, "SO")]}
	_, r = one(on_hand=5, item={"selling_rate": 19.0}, **given)
	assert (r["supplier"], r["qty"]) == ("Great Lakes", 35)
	text = reason(r, "One-off")["text"]
	assert "Acme: 305.00 for the order, and 35 short by delivery" in text
	assert "Great Lakes: 322.50 for the order, and 0 short" in text and "saves 367.50" in text
