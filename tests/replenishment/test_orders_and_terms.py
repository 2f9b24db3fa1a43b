"""Price breaks, order days, closures, barred suppliers, and offers that are not whole."""

from __future__ import annotations

import json
from datetime import date

import pytest
from buying_world import AS_OF, day, forecast, lead, offer, one, order, plan, reason

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.calendar import Calendar, read_calendar
from sentia_ops.replenishment.engine.offers import price_breaks


def breaks(*found: tuple[float, float]) -> str:
	return json.dumps([{"qty": qty, "price": price} for qty, price in found])


# price breaks


def test_a_price_break_is_taken_where_it_is_cheapest_in_all():
	"""303 at 8: 29200 + 301 + 411 = 29912 a year; 500 at 7.8: 28470 + 182.5 + (250 + 53.8) x 1.95 = 29244.91."""
	_, r = one(supplier_items=[offer(price_breaks=breaks((500, 7.8), (5000, 7.79)))])
	assert (r["qty"], r["unit_price"], r["cost"]) == (500, 7.8, 3900)
	assert "price break at 500" in reason(r, "Quantity")["text"]
	text = reason(r, "Supplier")["text"]
	assert "price from 500 on; 500 x 7.8 = 3900.00" in text and text.endswith("= 29244.91 a year")


def test_a_price_break_that_does_not_pay_is_left():
	_, r = one(supplier_items=[offer(price_breaks=breaks((900, 7.99)))])
	assert (r["qty"], r["unit_price"]) == (303, 8)


def test_a_price_break_that_lasts_too_long_is_left():
	_, r = one(Policy(max_cover_days=40), supplier_items=[offer(price_breaks=breaks((500, 7.0)))])
	assert (r["qty"], r["unit_price"]) == (303, 8)


def test_what_is_missing_may_reach_a_break_by_itself():
	_, r = one(
		on_hand=0,
		outbound=[order("SO-1", -1, 700, "SO")],
		supplier_items=[offer(price_breaks=breaks((850, 7.9)))],
	)
	assert r["qty"] == 899 and r["unit_price"] == 7.9
	assert r["cost"] == pytest.approx(899 * 7.9)


def test_a_break_decides_between_suppliers():
	offers = [offer("Acme"), offer("Beta", price=8.1, default=False, price_breaks=breaks((400, 7.5)))]
	_, r = one(supplier_items=offers, lead_times=[lead("Acme"), lead("Beta")])
	assert (r["supplier"], r["unit_price"], r["qty"]) == ("Beta", 7.5, 400)


@pytest.mark.parametrize(
	"text", ["", "nonsense", "[1]", '{"qty": 1}', '[{"qty": "x", "price": 1}]', breaks((-1, 2), (5, 0))]
)
def test_breaks_that_make_no_sense_are_passed_over(text):
	assert price_breaks(text) == []
	assert one(supplier_items=[offer(price_breaks=text)])[1]["qty"] == 303


# calendars


def terms(supplier="Acme", **more) -> list[dict]:
	return [{"supplier": supplier} | more]


def test_an_order_waits_for_the_next_order_day():
	"""Monday the 10th; orders on Thursdays: 3 + 11 days. The next look on the 17th leads to the 20th: seven days between."""
	p, r = one(terms=terms(order_days="Thu"))
	assert (p["lead_days"], p["review_days"]) == (14, 7)
	text = reason(r, "Lead time")["text"]
	assert "11 + 3 until 2025-03-13, the next day orders are taken = 14 days" in text
	assert "on 2025-03-13, the next day orders are taken" in r["summary"]


def test_order_by_moves_to_the_last_day_orders_are_taken():
	_, free = one(on_hand=190)
	assert free["order_by"] == day(6), "a Sunday"
	_, r = one(on_hand=190, terms=terms(order_days="Mon,Thu"))
	assert r["order_by"] == day(3)
	assert "order by 2025-03-16; Acme takes orders on 2025-03-13" in reason(r, "Dates")["text"]


def test_one_order_day_a_week_makes_the_review_a_week():
	p, _ = one(Policy(review_days=1), terms=terms(order_days="Mon"))
	assert p["review_days"] == 7
	p, _ = one(Policy(review_days=1))
	assert p["review_days"] == 1


def test_before_a_closure_more_is_kept():
	"""Closed from the 15th to the 31st: the look of the 17th can order on 1 April only, 22 days after today, not 7."""
	shut = json.dumps([{"from": "2025-03-15", "to": "2025-03-31"}])
	plain, _ = one()
	p, r = one(terms=terms(closed=shut))
	assert p["review_days"] == 22 - 17 and p["lead_days"] == 11 + 17, (
		"closed days fall into today's delivery, too"
	)
	assert p["reorder_point"] > plain["reorder_point"]
	assert "Acme is closed from 2025-03-15 to 2025-03-31" in reason(r, "Lead time")["text"]
	shut = json.dumps([{"from": "2025-03-22", "to": "2025-04-10"}])  # after today's delivery on the 21st
	p, _ = one(terms=terms(closed=shut))
	assert (p["lead_days"], p["review_days"]) == (11, 7 + 20)


def test_calendars_that_cannot_be_read_are_named():
	made = plan(terms=terms(order_days="Mon,Someday", closed='[{"from": "soon"}]'))
	assert (
		len(made.warnings) == 1
		and "order day Someday" in made.warnings[0]
		and "closed days" in made.warnings[0]
	)
	assert len(made.recommendations) == 1


def test_a_calendar_by_hand():
	calendar, wrong = read_calendar(
		"Mon, Thu", '[{"from": "2025-03-17", "to": "2025-03-18"}, {"from": "2025-03-18", "to": "2025-03-20"}]'
	)
	assert wrong == "" and calendar.closed == ((date(2025, 3, 17), date(2025, 3, 20)),)
	assert calendar.next_chance(date(2025, 3, 11)) == date(2025, 3, 13)
	assert calendar.next_chance(date(2025, 3, 14)) == date(2025, 3, 24), "the 17th and 20th are closed"
	assert calendar.last_chance(date(2025, 3, 23), AS_OF) == date(2025, 3, 13)
	assert calendar.arrival(date(2025, 3, 13), [3.0, 5.0]).tolist() == [3, 9]
	assert Calendar().is_plain


def test_a_suppliers_own_cost_of_an_order_counts():
	_, r = one(terms=terms(ordering_cost=100.0))
	assert r["qty"] == 605, "sqrt(2 x 3650 x 100 / 2) = 604.2"


# suppliers that cannot deliver


def test_a_barred_supplier_gets_no_order():
	offers = [offer("Acme"), offer("Beta", price=9.0, default=False)]
	made = plan(
		supplier_items=offers,
		lead_times=[lead("Acme"), lead("Beta")],
		terms=terms(barred="scorecard stops orders"),
	)
	assert made.recommendations["supplier"].tolist() == ["Beta"]
	assert made.warnings == ["Barred: scorecard stops orders: offers of Acme are left out for KETTLE."]
	(other,) = json.loads(made.recommendations["alternatives"][0])
	assert (other["supplier"], other["why_not"]) == ("Acme", "barred: scorecard stops orders")


def test_without_another_supplier_the_need_is_still_told():
	made = plan(terms=[{"supplier": "Acme", "barred": "disabled", "replaced_by": "Beta"}])
	(r,) = made.recommendations.to_dict("records")
	assert (r["supplier"], r["qty"]) == ("", 303)
	assert (
		"No usable offer (Acme is barred: disabled; Beta delivers instead): name another supplier"
		in reason(r, "Supplier")["text"]
	)


def test_a_circle_of_replacements_ends():
	given = [
		{"supplier": a, "barred": "quality", "replaced_by": b}
		for a, b in (("Acme", "Beta"), ("Beta", "Acme"))
	]
	made = plan(
		terms=given,
		supplier_items=[offer("Acme"), offer("Beta", default=False)],
		lead_times=[lead("Acme"), lead("Beta")],
	)
	assert made.recommendations["supplier"].tolist() == [""]
	assert all("delivers instead" not in text for text in made.warnings)


def test_no_price_loses_against_a_price():
	offers = [offer("Acme", price=0.0), offer("Beta", price=50.0, default=False)]
	_, r = one(supplier_items=offers, lead_times=[lead("Acme"), lead("Beta")])
	assert r["supplier"] == "Beta"
	(other,) = json.loads(r["alternatives"])
	assert other["why_not"].startswith("no price is known")


def test_an_only_offer_without_price_is_counted_at_the_valuation_rate():
	_, r = one(supplier_items=[offer(price=0.0)])
	assert (r["supplier"], r["unit_price"], r["qty"], r["cost"]) == ("Acme", 0, 303, 303 * 8)
	assert "no price known: counted at the valuation rate" in reason(r, "Supplier")["text"]


def test_a_promise_of_no_days_is_none():
	p, r = one(lead_times=[], supplier_items=[offer(promised_lead_days=0.0)])
	assert p["lead_days"] == 14
	assert "the supplier's promise of 0 days is taken as none: the default" in reason(r, "Lead time")["text"]


def test_a_minimum_order_above_the_shelf_life_is_a_plain_warning():
	_, r = one(item={"shelf_life_days": 20}, supplier_items=[offer(min_order_qty=1000)])
	assert r["qty"] == 1000
	assert reason(r, "Caution")["text"] == (
		"Minimum order and packs force 1000: (1000 + 0 left on arrival) / 10 a day = 100 days, more than 20 of shelf life"
	)


def test_one_bad_row_never_stops_the_rest():
	made = plan(
		items=[{"item_code": c, "valuation_rate": 8.0} for c in ("A", "B", "C", "KETTLE")],
		forecasts=[row for c in ("A", "B", "C") for row in forecast(item=c)] + forecast(),
		supplier_items=[
			offer(item="A", price=0.0, promised_lead_days=0.0),
			offer(item="B", currency="XXX"),
			offer(item="C", price_breaks="{", min_order_qty=1e9),
			offer(),
		],
	)
	assert made.recommendations["item_code"].tolist() == ["A", "B", "C", "KETTLE"]
