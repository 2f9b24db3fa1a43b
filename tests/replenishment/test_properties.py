"""What must hold for every item, and answers of others to check ours against."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from buying_world import day, forecast, lead, offer, one, order, quality
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.replenishment.engine import Policy, demand
from sentia_ops.replenishment.engine import formulas as f

DAILY = st.floats(0.01, 2000).map(lambda x: round(x, 3))
LEVEL = st.integers(50, 99).map(
	lambda x: x / 100
)  # between nearer ones the printed digits of the gamma may differ by more


def qty(**given) -> float:
	return bought(**given)[0]


def bought(**given) -> tuple[float, str]:
	"""(quantity, supplier) of the order, or (0, "")."""
	_, r = one(**given)
	return (0.0, "") if r is None else (float(r["qty"]), r["supplier"])


@settings(max_examples=40, deadline=None)
@given(
	DAILY,
	st.floats(0, 60),
	st.sampled_from([0, 5, 700]),
	st.sampled_from([0, 6, 12.5, 144]),
	st.booleans(),
	st.sampled_from([0, 4, 30]),
)
def test_quantity_respects_minimum_packs_and_whole_numbers(daily, cover, least, pack, whole, shelf):
	ordered = qty(
		on_hand=cover * daily / 3,
		forecasts=forecast(daily),
		supplier_items=[offer(min_order_qty=least, pack_size=pack)],
		item={"whole_number": whole, "shelf_life_days": shelf},
	)
	if ordered:
		assert ordered >= least
		assert not pack or ordered / pack == pytest.approx(round(ordered / pack), rel=1e-12, abs=1e-6)
		assert not whole or ordered == int(ordered)


@settings(max_examples=40, deadline=None)
@given(DAILY, st.floats(0, 30), st.floats(0, 30), st.sampled_from([0, 6, 40]), st.sampled_from([3, 30, 180]))
def test_more_stock_never_orders_more_from_the_same_supplier(daily, cover, more, shelf, longest):
	given = {
		"forecasts": forecast(daily),
		"item": {"shelf_life_days": shelf},
		"policy": Policy(max_cover_days=longest),
		"supplier_items": [offer(), offer("Beta", price=7.99, default=False, min_order_qty=50)],
		"lead_times": [lead(), lead("Beta", mean=15.0)],
		"outbound": [order("SO-1", 9, 20 * daily, "SO")],
	}
	(most, late), (least, early) = (bought(on_hand=c * daily, **given) for c in (cover, cover + more))
	assert least <= most or late != early


@settings(max_examples=40, deadline=None)
@given(DAILY, st.floats(0, 30), st.floats(0.1, 90), st.floats(0, 0.9), st.floats(0, 1000), st.booleans())
def test_a_supplier_without_a_sane_price_never_gets_an_order(
	daily, cover, days, share, selling, slow_is_dear
):
	prices = (1e12, 8.0) if slow_is_dear else (8.0, 1e12)
	_, supplier = bought(
		on_hand=cover * daily,
		forecasts=forecast(daily),
		item={"selling_rate": selling},
		supplier_items=[offer(price=prices[0]), offer("Fast", price=prices[1], default=False)],
		lead_times=[lead(mean=days), lead("Fast", mean=share * days)],
	)
	assert supplier in ("", "Fast" if slow_is_dear else "Acme")


@settings(max_examples=40, deadline=None)
@given(DAILY, st.floats(0, 2), st.floats(0, 9), LEVEL, LEVEL, st.booleans())
def test_a_higher_service_level_never_lowers_the_reorder_point(daily, error, std, one_level, other, whole):
	given = {
		"forecasts": forecast(daily),
		"quality": quality(error_std=error * daily),
		"lead_times": [lead(std=std)],
		"item": {"whole_number": whole},
	}
	low, high = (
		one(policy=Policy(service_level=level), **given)[0]["reorder_point"]
		for level in sorted([one_level, other])
	)
	assert low <= high


@settings(max_examples=40, deadline=None)
@given(DAILY, st.lists(st.tuples(st.integers(-9, 80), st.floats(0.01, 3000)), max_size=6), st.floats(0, 500))
def test_open_orders_consume_the_forecast_day_by_day(daily, promised, on_hand):
	p, _ = one(
		on_hand=on_hand,
		forecasts=forecast(daily),
		outbound=[order(f"SO-{i}", due, q, "SO") for i, (due, q) in enumerate(promised)],
	)
	running = np.array([sum(q for due, q in promised if 0 <= due <= t) for t in range(60)])
	counted = np.maximum(daily * np.arange(1, 61), running) + sum(q for due, q in promised if due < 0)
	beyond = max(counted[17] - daily * 18, 0)
	assert p["position"] == pytest.approx(
		on_hand - beyond, rel=1e-12, abs=0.0501
	)  # the forecast is rounded to 0.1
	short = np.flatnonzero(on_hand - counted < -1e-6)
	if len(short):
		assert (p["stockout_on"] - day(0)).days == short[0]
	else:
		assert pd.isna(p["stockout_on"])


@settings(max_examples=200, deadline=None)
@given(st.floats(0.001, 1e6), st.sampled_from([0, 1, 2.5, 12, 0.3]))
def test_rounding_up_is_the_smallest_multiple(wanted, step):
	unit = step or 0.001
	up = f.round_up(wanted, step)
	assert wanted - 1e-6 * unit <= up + 1e-9 and up < wanted + unit * (1 + 1e-6)


def test_rounding_up_ignores_floating_noise():
	assert f.round_up(0.1 + 0.2, 0.3) == 0.3
	assert f.round_up(36.00000000001, 12) == 36


@pytest.mark.parametrize(
	("x", "text"),
	[(240.0, "240"), (1e-5, "0.00001"), (1234567.8, "1234567.8"), (-0.0, "0"), (0.1 + 0.2, "0.3")],
)
def test_numbers_are_printed_without_exponents_or_noise(x, text):
	assert f.show(f.exact(x) if x == 0.1 + 0.2 else x) == text


# closed forms and other people's answers


def test_the_economic_quantity_is_the_cheapest():
	"""Harris: at the optimum ordering costs as much as holding, and no other quantity is cheaper."""
	best = f.economic_order_quantity(3650, 25, 2)
	assert 3650 / best * 25 == pytest.approx(best / 2 * 2)
	costs = {q: 3650 / q * 25 + q / 2 * 2 for q in np.linspace(best / 3, best * 3, 400)}
	assert min(costs, key=costs.get) == pytest.approx(best, rel=0.02)


@pytest.mark.parametrize("none", [0.0, 0.3])
@pytest.mark.parametrize("available", [-5, 0, 60, 110, 130, 200])
def test_shortage_and_chance_are_what_simulation_finds(available, none):
	"""Gamma where there is any demand, drawn so that mean and deviation in all are 110 and 90."""
	mean, std = 110 / (1 - none), math.sqrt((90**2 + 110**2) / (1 - none) - (110 / (1 - none)) ** 2)
	rng = np.random.default_rng(5)
	drawn = rng.gamma((mean / std) ** 2, std**2 / mean, 400_000) * (rng.random(400_000) >= none)
	short, chance = demand.short_of(*(np.array([float(x)]) for x in (110, 90, none, available)))
	assert short[0] == pytest.approx(np.maximum(drawn - available, 0).mean(), abs=0.4)
	assert chance[0] == pytest.approx((drawn > available).mean(), abs=0.004)


@pytest.mark.parametrize(
	("mean", "available", "short"), [(110.0, 60.0, 50.0), (110.0, 130.0, 0.0), (0.0, -5.0, 5.0)]
)
def test_what_does_not_scatter_falls_short_by_the_difference(mean, available, short):
	found, chance = demand.short_of(*(np.array([x]) for x in (mean, 0.0, 0.0, available)))
	assert (found[0], chance[0]) == (short, float(short > 0))


def test_stockpyl_agrees():
	"""The textbook's own package (Snyder & Shen); heavy to install, so only where it is."""
	eoq = pytest.importorskip("stockpyl.eoq")
	ours = f.economic_order_quantity(3650, 25, 2)
	assert ours == pytest.approx(eoq.economic_order_quantity(25, 2, 3650)[0])


@pytest.mark.parametrize(("target", "review"), [(0.90, 1), (0.90, 7), (0.95, 7), (0.99, 14)])
def test_the_promised_service_level_is_reached(target, review):
	"""Monte Carlo: at each review order as the policy says; count cycles that end without a stock-out."""
	p, _ = one(
		forecasts=forecast(20.0),
		quality=quality(error_std=3.0),
		lead_times=[lead(mean=15.0, std=3.0)],
		policy=Policy(service_level=target, review_days=review),
	)
	served = _cycles_served(
		p["reorder_point"], p["order_qty"], mean=20.0, std=3.0, lead=(15.0, 3.0), review=review
	)
	assert served == pytest.approx(target, abs=0.012)


def _cycles_served(point, qty, *, mean, std, lead, review, days=300_000) -> float:
	"""Share of replenishment cycles in which stock is not below zero when the delivery comes in."""
	rng = np.random.default_rng(20250310)
	demand = rng.normal(mean, std, days)
	arriving = np.zeros(days)
	stock, on_order, served, counted = point, 0.0, 0, 0
	for today in range(days):
		if today % review == 0 and stock + on_order < point:
			ordered = max(qty, point - stock - on_order)
			arrival = today + max(round(rng.normal(*lead)), 0)
			if arrival < days:
				arriving[arrival] += ordered
			on_order += ordered
		if arriving[today] and today > 10 * review:
			counted += 1
			served += stock >= 0
		stock += arriving[today] - demand[today]
		on_order -= arriving[today]
	assert counted > 1000
	return served / counted


def test_the_risk_is_a_probability_that_simulation_confirms():
	_, r = one(on_hand=115, quality=quality(error_std=4.0), lead_times=[lead(mean=11.0, std=2.0)])
	rng = np.random.default_rng(3)
	times = rng.lognormal(math.log(11 / math.hypot(1, 2 / 11)), math.sqrt(math.log1p((2 / 11) ** 2)), 40000)
	demand = 10 * times + rng.normal(0, 4, 40000) * np.sqrt(times)
	assert r["stockout_risk"] == pytest.approx((demand > 115).mean(), abs=0.015)
	assert not math.isnan(r["stockout_risk"])
