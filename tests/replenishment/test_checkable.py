"""A buyer with a pocket calculator: every printed result follows from the numbers printed beside it."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from buying_world import day, forecast, lead, offer, one, order, quality
from hypothesis import Phase, given, settings
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


def last_digit(x: float) -> float:
	"""Half of the last place that is printed: one decimal from 100 up, else four significant digits."""
	if x == 0:
		return 5e-7
	return 0.0501 if abs(x) >= 100 else 0.501 * 10 ** -(3 - math.floor(math.log10(abs(x))))


def agrees(shown: float, reckoned: float) -> bool:
	return shown == pytest.approx(reckoned, abs=last_digit(shown))


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
	}
)


@settings(max_examples=50, deadline=None, phases=[Phase.generate])
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
		quality=quality(error_std=w["error"] * daily),
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
	assert days == pytest.approx(mean + review) == period
	lead, share, between, cover = printed(
		text["To cover"], rf"Lead time {N} \+ {N} x {N} days, .* = {N} days;"
	)
	assert (lead, between) == (mean, review) and cover == pytest.approx(lead + share * between)
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
		assert again == sums and level == pytest.approx((sums**2 - single**2) / 27, rel=1e-3)
		assert error == pytest.approx(math.sqrt(sums**2 + (days - 28) * level), rel=1e-3)
	safety = value["Safety stock"]
	if off > 0:
		_check_gamma(text["Safety stock"], off, safety)
	else:
		assert safety == 0 and "the demand expected is enough" in text["Safety stock"]
	reorder, a, b = printed(
		text["Reorder point"], rf"Reorder point {N} \({N} forecast .* \+ {N} safety stock"
	)
	beyond = 0.0
	if "carry stock that far" in text["To cover"]:
		beyond, single, twice, most, result = printed(
			text["To cover"], rf"; \+ {N}, as a day's .*\({N}\^2 / \(2 x {N}\), at most {N}\) = {N}"
		)
		assert twice == pace and agrees(beyond, min(single**2 / (2 * twice), most))
		assert result == pytest.approx(wanted + beyond, abs=1e-6)  # six decimals are printed
	assert (a, b) == (pytest.approx(wanted + beyond, abs=1e-6), safety)
	if "nearest whole number" in text["Reorder point"]:
		(total,) = printed(text["Reorder point"], rf"= {N}, to the nearest whole number")
		assert total == pytest.approx(a + b) and reorder == math.floor(total + 0.5)
	else:
		assert reorder == pytest.approx(a + b)
	position, hand, below = printed(text["Position"], rf"Position {N} \({N} on hand[^)]*\), {N} below")
	due, owed, beyond = (
		optional(text["Position"], rf"\+ {N} due in"),
		optional(text["Position"], rf"- {N} overdue"),
		optional(text["Position"], rf"- {N} promised"),
	)
	assert position == pytest.approx(hand + due - owed - beyond) and below == pytest.approx(
		reorder - position
	)


def _check_gamma(text, off, expected):
	k, scale, level, enough, again, mean, safety = printed(
		text, rf"gamma with shape {N} and scale {N}.*: {N} % of such times need at most {N}; {N} - {N} = {N}$"
	)
	assert safety == expected and enough == again == pytest.approx(mean + safety)
	if "scatter held" not in text and off > 1e-3 * mean:
		assert k == pytest.approx((mean / off) ** 2, rel=2e-3) and scale == pytest.approx(mean / k, rel=1e-3)
	reckoned = max(gamma.ppf(level / 100, k) * scale, mean)
	assert enough == pytest.approx(reckoned, rel=1e-4, abs=last_digit(safety))


def _check_quantity(text, value, r):
	steps = text["Quantity"]
	yearly, cost, rate, unit, eoq = printed(
		steps, rf"sqrt\(2 x {N} a year x {N} per order / \({N} x {N} holding cost\)\) = {N}"
	)
	daily, same, total = printed(text["Demand"], rf"days {N} a day, 365 x {N} = {N} a year")
	assert daily == same and yearly == total == pytest.approx(365 * daily)
	assert agrees(eoq, math.sqrt(2 * yearly * cost / (rate * unit)))
	(gap,) = printed(text["Position"], rf"{N} below the reorder point")
	wanted = max(eoq, gap)
	if "capped by" in steps:
		wanted = printed(steps, rf"capped by .*?(?:= |below ){N}(?:;|$)")[0]
	capped = re.search(rf"capped by [^;]*: {N} x {N} ([-+]) {N} [a-z ]+ = {N}", steps)
	if capped:
		days, d, sign, left, cap = capped.groups()
		assert float(cap) == pytest.approx(float(days) * float(d) + float(sign + left))
		assert float(cap) < max(eoq, gap)
	(least,) = printed(steps, rf"minimum order {N}") if "minimum order" in steps else (0.0,)
	wanted = max(wanted, least)
	(ordered,) = printed(steps, rf"; order {N}$")
	packs = re.search(rf"packs of {N}", steps)
	step = float(packs.group(1)) if packs else 1.0 if "a whole number" in steps else 0.001
	assert ordered == r["qty"] == value["Quantity"]
	assert wanted - 1e-6 <= ordered < wanted + step + 1e-6
	assert ordered / step == pytest.approx(round(ordered / step), abs=1e-6)


def _check_cost(text, r):
	text = text["Supplier"]
	if " EUR x " in text:
		price, rate, unit, same = printed(text, rf"{N} EUR x {N} = {N}; \d\S* x {N} =")
		assert price == r["unit_price"] and unit == same == pytest.approx(price * rate, abs=6e-7)
	qty, unit, cost = printed(text, rf"{N} x {N} = {N} in company currency")
	assert qty == r["qty"] and cost == r["cost"] == pytest.approx(qty * unit, abs=0.0051)
	d, u, d2, q, order_cost, half, safety, holding, u2, total = printed(
		text,
		rf"{N} x {N} to buy \+ {N} / {N} x {N} to order \+ \({N} / 2 \+ {N}\) x {N} x {N} to hold = {N} a year",
	)
	assert (d, u, q) == (d2, u2, half)
	assert total == pytest.approx(d * u + d / q * order_cost + (q / 2 + safety) * holding * u, abs=0.0051)


def _check_confidence_and_risk(text, value):
	if "forecast" in text["Confidence"]:
		demand, days, off, error, again, above, below, unsure, sure = printed(
			text["Confidence"],
			rf"forecast, {N} in {N} days give or take {N} \({N} x sqrt\({N}\)\): {N} / \({N} \+ {N}\) = {N}",
		)
		assert (again, above, below, unsure) == (days, demand, demand, off)
		assert off == pytest.approx(error * math.sqrt(days), abs=last_digit(off) * 1.01)
		assert sure == value["Confidence"] == pytest.approx(demand / (demand + off), abs=0.00501)
	else:
		assert value["Confidence"] == 0.75 and text["Confidence"].endswith("9 / (9 + 3) = 0.75")
	demand, std, available, risk = printed(
		text["Risk"],
		rf"demand {N}, standard deviation {N}, gamma .*; available {N}; chance of running out {N} %$",
	)
	risk /= 100
	if std > 0:
		tail = gamma.sf(available, (demand / std) ** 2, scale=std**2 / demand)
		assert risk == pytest.approx(tail, abs=0.00501)
	else:
		assert risk == (1 if demand > available else 0)


@settings(max_examples=50, deadline=None, phases=[Phase.generate])
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
		quality=quality(error_std=w["error"] * daily),
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
	assert per_unit == pytest.approx(selling - unit if margin else assumed * unit, abs=1e-6)
	saving = lost[0][0] - lost[1][0]
	assert saves == pytest.approx(saving, abs=0.0051) if saves else saving < 0.0101


def _check_one_off(text: str, supplier: str) -> tuple[float, float]:
	"""(cost in all, margin per unit) of one supplier in the one-off line, once each step is reckoned again."""
	total, qty, yearly, running, short, demand, std, available, margin, lost, together = printed(
		text,
		rf"{supplier}: {N} a year x {N} / {N} = {N}, and {N} short by delivery \(demand {N}, deviation {N}, "
		rf"available {N}\) x {N} = {N} lost, together {N}",
	)
	assert running == pytest.approx(total * qty / yearly, abs=0.0051)
	loss = max(demand - available, 0)
	if std:
		k, scale = (demand / std) ** 2, std**2 / demand
		loss = demand * gamma.sf(available, k + 1, scale=scale) - available * gamma.sf(
			available, k, scale=scale
		)
	assert short == pytest.approx(loss, abs=max(last_digit(short), 0.000051))
	assert lost == pytest.approx(short * margin, abs=0.0051)
	assert together == pytest.approx(running + lost, abs=0.0051)
	return together, margin


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
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
	enough = [i for i, x in enumerate(shown["without"][:period]) if x >= shown["reserve"]]
	assert abs((r["need_by"] - day(0)).days - (max(enough, default=-1) + 1)) <= 1, "two decimals are shown"
	assert (r["need_by"] - r["order_by"]).days == math.ceil(days)
