"""A buyer with a pocket calculator: every printed result follows from the numbers printed beside it."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from buying_world import day, forecast, lead, offer, one, order, quality
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from sentia_ops.replenishment.engine import Policy

N = r"(-?\d+(?:\.\d+)?)"


def printed(text: str, pattern: str) -> list[float]:
	found = re.search(pattern, text)
	assert found, f"{pattern!r} is not in {text!r}"
	return [float(x) for x in found.groups()]


def optional(text: str, pattern: str) -> float:
	found = re.search(pattern, text)
	return float(found.group(1)) if found else 0.0


# What is printed was rounded from what the printed figures give, so it may be off by half of its last digit and no more.
# `rel` is for floating noise alone; pytest's own 1e-6 would let a sum of a million be off by one.


def near(x: float, by: float):
	return pytest.approx(x, rel=1e-11, abs=1.01 * by)


def six(x: float):
	"""Counted quantities, days and prices: six decimals."""
	return near(x, 5e-7)


def cents(x: float):
	return near(x, 0.005)


def last_digit(x: float) -> float:
	"""Half of the last place that is printed: one decimal from 100 up, else four significant digits; below 1e-6 nothing."""
	if x == 0:
		return 1e-6
	return 0.05 if abs(x) >= 100 else 0.5 * 10 ** -(3 - math.floor(math.log10(abs(x))))


def agrees(shown: float, reckoned: float) -> bool:
	return shown == near(reckoned, last_digit(shown))


def shape_and_scale(mean: float, std: float) -> tuple[float, float]:
	"""Of the gamma of this mean and deviation; a deviation below a ten-thousandth of the mean counts as that."""
	k = max(std / mean, 1e-4) ** -2.0
	return k, mean / k


worlds = st.fixed_dictionaries(
	{
		"daily": st.floats(0.05, 5000),
		"error": st.floats(0, 2),
		"on_hand": st.floats(0, 3),
		"mean": st.floats(0, 90),
		"std": st.floats(0, 15),
		"price": st.floats(0.01, 2000),
		"rate": st.floats(0.01, 9),
		"promised": st.floats(0.01, 4),
		"due": st.floats(0.01, 2),
		"level": st.sampled_from([0.5, 0.8, 0.95, 0.975, 0.99, 0.999]),
		"pack": st.sampled_from([0, 1, 6, 12.5, 144]),
		"least": st.sampled_from([0, 10, 5000]),
		"whole": st.booleans(),
		"kind": st.sampled_from(["smooth", "erratic", "intermittent", "lumpy"]),
	}
)
GENERATED = settings(
	max_examples=50, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)


@GENERATED
@given(worlds)
def test_every_printed_result_can_be_worked_out_again(w):
	daily = round(w["daily"], 4)
	_, r = one(
		Policy(service_level=w["level"]),
		on_hand=round(w["on_hand"] * daily, 2),
		item={"whole_number": w["whole"]},
		currencies=[{"currency": "GBP", "rate": 1.0}, {"currency": "EUR", "rate": round(w["rate"], 4)}],
		supplier_items=[
			offer(price=round(w["price"], 4), currency="EUR", pack_size=w["pack"], min_order_qty=w["least"])
		],
		lead_times=[lead(mean=w["mean"], std=w["std"])],
		forecasts=forecast(daily),
		quality=quality(error_std=w["error"] * daily, kind=w["kind"]),
		inbound=[order("PO-1", 2, round(w["due"] * daily, 2) + 0.01)],
		outbound=[
			order("SO-1", 3, round(w["promised"] * daily, 2) + 0.01, "SO"),
			order("SO-0", -4, round(w["due"] * daily / 2, 2) + 0.01, "SO"),
		],
	)
	if r is None:
		return
	text = {reason["label"]: reason["text"] for reason in json.loads(r["reasons"])}
	value = {reason["label"]: reason["value"] for reason in json.loads(r["reasons"])}
	_check_demand_and_reorder_point(text, value)
	_check_quantity(text, value, r)
	_check_cost(text, r)
	_check_confidence_and_risk(text, value)


def _check_demand_and_reorder_point(text, value):
	demand, period, daily = printed(text["Demand"], rf"; {N} / {N} = {N} a day")
	assert demand == value["Demand"] and agrees(daily, demand / period)
	mean, review, days = printed(
		text["Lead time"], rf"protection period {N} \+ {N} days between reviews = {N} days"
	)
	assert days == six(mean + review) and days == period
	lead, share, between, cover = printed(
		text["To cover"], rf"Lead time {N} \+ {N} x {N} days, .* = {N} days;"
	)
	assert (lead, between) == (mean, review) and cover == six(lead + share * between)
	due, again, whole, same, wanted, top, below, pace = printed(
		text["To cover"], rf"demand {N} \+ {N} x \({N} - {N}\) = {N}; {N} / {N} = {N} a day"
	)
	assert (again, whole, same, top, below) == (share, demand, due, wanted, cover)
	assert agrees(wanted, due + share * (whole - due)) and agrees(pace, wanted / cover)
	p, error, d, std, off = printed(text["Safety stock"], rf"= sqrt\({N} x {N}\^2 \+ {N}\^2 x {N}\^2\) = {N}")
	assert (p, d) == (cover, pace) and agrees(off, math.sqrt(p * error**2 + d**2 * std**2))
	if "time deviation sqrt(" in text["Safety stock"]:
		spread, wait = printed(text["Safety stock"], rf"time deviation sqrt\({N}\^2 \+ {N}\^2\)")
		assert agrees(std, math.hypot(spread, wait))
		less, days, result = printed(text["Safety stock"], rf"2 x \(1 - {N}\) x {N} / sqrt\(12\) = {N}")
		assert (less, days, result) == (share, review, wait) and agrees(
			wait, 2 * (1 - share) * days / math.sqrt(12)
		)
	if "as errors last" in text["Safety stock"]:
		sums, days, level = printed(
			text["Safety stock"], rf"error a day sqrt\({N}\^2 \+ \({N} - 28\) x {N}\)"
		)
		single, again = printed(text["Safety stock"], rf"{N} on a single day, {N} a day in sums")
		assert again == sums and agrees(level, (sums**2 - single**2) / 27)
		assert days == max(cover, 1) if cover < 90 else days == 90
		assert agrees(error, math.sqrt(max(sums**2 + (days - 28) * level, 0)))
	safety = value["Safety stock"]
	if off > 0:
		_check_gamma(text["Safety stock"], value["To cover"], off, safety)
	else:
		assert safety == 0 and "the demand expected is enough" in text["Safety stock"]
	reorder, a, b = printed(
		text["Reorder point"], rf"Reorder point {N} \({N} forecast .* \+ {N} safety stock"
	)
	assert a == value["To cover"]
	beyond = 0.0
	if "carry stock that far" in text["To cover"]:
		beyond, single, twice, most, result = printed(
			text["To cover"], rf"; \+ {N}, as a day's .*\({N}\^2 / \(2 x {N}\), at most {N}\) = {N}"
		)
		assert twice == pace and agrees(beyond, min(single**2 / (2 * twice), most))
		assert result == a
	assert a == six(wanted + beyond) and b == safety
	less = optional(text["Reorder point"], rf"- {N} that the service level spares")
	whole = re.search(rf"= {N}, (up to a|to the nearest) whole number", text["Reorder point"])
	if whole:
		total = float(whole.group(1))
		rounded = math.ceil(total) if whole.group(2) == "up to a" else math.floor(total + 0.5)
		assert total == six(a + b - less) and reorder == rounded
	else:
		assert reorder == six(a + b - less)
	position, hand, below = printed(text["Position"], rf"Position {N} \({N} on hand[^)]*\), {N} below")
	due, owed, beyond = (
		optional(text["Position"], rf"\+ {N} due in"),
		optional(text["Position"], rf"- {N} overdue"),
		optional(text["Position"], rf"- {N} promised"),
	)
	assert position == six(hand + due - owed - beyond) and below == six(reorder - position)


def _check_gamma(text, mean, off, expected):
	k, scale, level = printed(text, rf"gamma with shape {N} and scale {N}.*: {N} % of such times need")
	none = optional(text, rf"nothing at all in {N} % of such times") / 100
	m = mean / (1 - none)
	s = math.sqrt(max((off**2 + mean**2) / (1 - none) - m**2, 0))
	if "scatter held" not in text:
		wanted = shape_and_scale(m, s)[0]
		assert k == pytest.approx(wanted, rel=5.1e-4), "four significant digits"
	assert scale == pytest.approx(m / k, rel=5.1e-4)
	p = (level / 100 - none) / (1 - none)
	if p <= 0:
		assert expected == 0 and text.endswith(" % of such times need nothing, so safety stock 0")
		return
	enough, again, same, safety = printed(text, rf"need at most {N}; {N} - {N} = {N}$")
	assert (again, same, safety) == (enough, mean, expected) and enough == six(mean + safety)
	assert agrees(safety, max(gamma.ppf(p, k) * scale, mean) - mean)


def _check_quantity(text, value, r):
	steps = text["Quantity"]
	yearly, cost, rate, unit, eoq = printed(
		steps, rf"sqrt\(2 x {N} a year x {N} per order / \({N} x {N} holding cost\)\) = {N}"
	)
	daily, same, total = printed(text["Demand"], rf"days {N} a day, 365 x {N} = {N} a year")
	assert daily == same and yearly == total == six(365 * daily)
	assert agrees(eoq, math.sqrt(2 * yearly * cost / (rate * unit)))
	(gap,) = printed(text["Position"], rf"{N} below the reorder point")
	wanted = max(eoq, gap)
	if "capped by" in steps:
		wanted = printed(steps, rf"capped by .*?(?:= |below ){N}(?:;|$)")[0]
	capped = re.search(rf"capped by [^;]*: {N} x {N} ([-+]) {N} [a-z ]+ = {N}", steps)
	if capped:
		days, d, sign, left, cap = capped.groups()
		assert float(cap) == six(float(days) * float(d) + float(sign + left))
		assert float(cap) < max(eoq, gap)
	(least,) = printed(steps, rf"minimum order {N}") if "minimum order" in steps else (0.0,)
	wanted = max(wanted, least)
	(ordered,) = printed(steps, rf"; order {N}$")
	packs = re.search(rf"packs of {N}", steps)
	step = float(packs.group(1)) if packs else 1.0 if "a whole number" in steps else 0.001
	assert ordered == r["qty"] == value["Quantity"]
	noise = 1e-6 * max(step, 1)  # less than a millionth of a pack more is no further pack
	assert wanted - noise <= ordered < wanted + step + noise
	assert ordered == six(round(ordered / step) * step)


def _check_cost(text, r):
	text = text["Supplier"]
	if " EUR x " in text:
		price, rate, unit, same = printed(text, rf"{N} EUR x {N} = {N}; \d\S* x {N} =")
		assert price == r["unit_price"] and unit == same == six(price * rate)
	qty, unit, cost = printed(text, rf"{N} x {N} = {N} in company currency")
	assert qty == r["qty"] and cost == r["cost"] == cents(qty * unit)
	d, u, d2, q, order_cost, half, safety, holding, u2, total = printed(
		text,
		rf"{N} x {N} to buy \+ {N} / {N} x {N} to order \+ \({N} / 2 \+ {N}\) x {N} x {N} to hold = {N} a year",
	)
	assert (d, u, q) == (d2, u2, half)
	assert total == cents(d * u + d / q * order_cost + (q / 2 + safety) * holding * u)


def _check_confidence_and_risk(text, value):
	if "forecast" in text["Confidence"]:
		demand, days, off, error, again, above, below, unsure, sure = printed(
			text["Confidence"],
			rf"forecast, {N} in {N} days give or take {N} \({N} x sqrt\({N}\)\): {N} / \({N} \+ {N}\) = {N}",
		)
		assert (again, above, below, unsure) == (days, demand, demand, off)
		assert agrees(off, error * math.sqrt(days))
		assert sure == value["Confidence"] == cents(demand / (demand + off))
	else:
		assert value["Confidence"] == 0.75 and text["Confidence"].endswith("9 / (9 + 3) = 0.75")
	demand, std, available, risk = printed(
		text["Risk"],
		rf"demand {N}, standard deviation {N}, gamma .*; available {N}; chance of running out {N} %$",
	)
	none = optional(text["Risk"], rf"nothing at all in {N} % of such times") / 100
	assert risk / 100 == cents(_short(demand, std, none, available)[1])


def _short(mean: float, std: float, none: float, available: float) -> tuple[float, float]:
	"""(units expected short, chance of running out) of a demand that is gamma, but nothing with chance `none`."""
	if std == 0 or available < 0 or mean == 0:
		return max(mean - available, 0), float(mean > available)
	m = mean / (1 - none)
	s = math.sqrt(max((std**2 + mean**2) / (1 - none) - m**2, 0))
	k, scale = shape_and_scale(m, s)
	above, tail = (gamma.sf(available, shape, scale=scale) for shape in (k + 1, k))
	return (1 - none) * (m * above - available * tail), (1 - none) * tail


@GENERATED
@given(worlds, st.sampled_from([0, 1.1, 1.5, 4]), st.floats(1, 1.2), st.floats(0, 0.9))
def test_the_one_off_order_can_be_worked_out_again(w, margin, dearer, share):
	daily, price, mean = round(w["daily"], 4), round(w["price"], 2) + 1, round(w["mean"] + 1, 1)
	_, r = one(
		on_hand=round(w["on_hand"] * daily, 2),
		item={"whole_number": w["whole"], "selling_rate": round(margin * price, 2)},
		supplier_items=[offer(price=price), offer("Fast", price=round(dearer * price, 2), default=False)],
		lead_times=[
			lead(mean=mean, std=w["std"]),
			lead("Fast", mean=round(share * mean, 1), std=w["std"] / 2),
		],
		forecasts=forecast(daily),
		quality=quality(error_std=w["error"] * daily, kind=w["kind"]),
	)
	if r is None:
		return
	found = {reason["label"]: reason for reason in json.loads(r["reasons"])}
	(other,) = json.loads(r["alternatives"])
	if r["supplier"] == "Fast" and "One-off" in found:
		text = found["One-off"]["text"]
		(saves,) = printed(text, rf"; saves {N}; Acme stays")
		assert saves == found["One-off"]["value"] > 0
		assert f"Fast saves {saves:.2f} on this order" in other["why_not"]
	else:
		text, saves = other["why_not"], None
		if "does not pay" not in text:
			return
	lost = [_check_one_off(text, name) for name in ("Acme", "Fast")]
	(per_unit,) = printed(text, rf"a unit short loses .*? = {N}")
	if margin:
		selling, unit, same = printed(text, rf"a unit short loses {N} - {N} = {N} margin")
	else:
		assumed, unit, same = printed(text, rf"a unit short loses {N} x {N} = {N} \(assumed")
	assert same == per_unit == lost[0][1] == lost[1][1]
	assert per_unit == six(selling - unit if margin else assumed * unit)
	saving = lost[0][0] - lost[1][0]
	assert saves == six(saving) if saves else saving < 0.0051


def _check_one_off(text: str, supplier: str) -> tuple[float, float]:
	"""(cost in all, margin per unit) of one supplier in the one-off line, once each step is reckoned again."""
	total, qty, yearly, running, short, demand, std, available, margin, lost, together = printed(
		text,
		rf"{supplier}: {N} a year x {N} / {N} = {N}, and {N} short by delivery \(demand {N}, deviation {N}, "
		rf"[^)]*available {N}\) x {N} = {N} lost, together {N}",
	)
	none = optional(text, rf"{supplier}: [^(]*\([^)]*nothing at all in {N} % of such times") / 100
	assert running == cents(total * qty / yearly)
	assert short == near(_short(demand, std, none, available)[0], max(last_digit(short), 0.00005))
	assert lost == cents(short * margin)
	assert together == cents(running + lost)
	return together, margin


@GENERATED
@given(worlds)
def test_dates_follow_from_the_projection(w):
	daily = round(w["daily"], 3)
	_, r = one(
		on_hand=round(w["on_hand"] * daily, 2),
		lead_times=[lead(mean=w["mean"], std=w["std"])],
		forecasts=forecast(daily),
		inbound=[order("PO-1", 2, round(w["due"] * daily, 2) + 0.01)],
	)
	if r is None:
		return
	shown = json.loads(r["projection"])
	days = float(np.round(w["mean"], 1))  # as arrays round: 0.05 to 0
	period = math.ceil(days + 7)
	# two decimals are shown: what is half a hundredth from the reserve may be enough or not
	least, most = (
		max((i for i, x in enumerate(shown["without"][:period]) if x >= shown["reserve"] + off), default=-1)
		+ 1
		for off in (0.0051, -0.0051)
	)
	assert min(least, period - 1) <= (r["need_by"] - day(0)).days <= min(most, period - 1)
	assert (r["need_by"] - r["order_by"]).days == math.ceil(days)
