"""What stock must cover, how far that scatters, and how the safety stock follows, in words."""

from __future__ import annotations

import numpy as np

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.levels import ERROR_DAYS, MOST_DAYS, error_level

s = f.show


def to_cover_words(row) -> str:
	"""How long stock must last from the moment an order is placed, and what sells by then."""
	if row.cover_mean <= 0:
		return "Nothing: no demand is forecast"
	share = s(row.wait_share)
	text = (
		f"Lead time {s(row.lead_days)} + {share} x {s(row.review_days)} days, what stock on average waits for the next chance to order, "
		f"= {s(row.cover_days)} days; demand {s(row.lead_demand)} + {share} x ({s(row.period_demand)} - {s(row.lead_demand)}) = "
		f"{s(row.cover_demand)}; {s(row.cover_demand)} / {s(row.cover_days)} = {s(row.cover_daily)} a day"
	)
	if row.overshoot > 0:
		text += (
			f"; + {s(row.overshoot)}, as a day's sales carry stock that far below the reorder point on average before an order goes out "
			f"({s(f.tidy(row.day_std))}^2 / (2 x {s(row.cover_daily)}), at most {s(f.exact(f.tidy(row.review_days * row.long_daily) + row.cover_daily))}) = {s(row.cover_mean)}"
		)
	return text


def safety_words(row, *, has_demand: bool) -> str:
	"""The deviation of that demand, its shape, and what is enough at the wanted level."""
	if not np.isnan(row.fixed_safety):
		return f"{s(row.safety_stock)}, fixed by the planner's rule"
	if not has_demand:
		return "None: open orders are certain, and no further demand is forecast"
	text = f"{_deviation(row)}; {_enough(row)}"
	return text[:1].upper() + text[1:]


def _deviation(row) -> str:
	text = (
		f"deviation sqrt(days x forecast error^2 + daily demand^2 x time deviation^2) = sqrt({s(row.cover_days)} x "
		f"{s(row.cover_error)}^2 + {s(row.cover_daily)}^2 x {s(row.time_std)}^2) = {s(row.period_std)}"
	)
	if row.wait_std > 0:
		wait = f"2 x (1 - {s(row.wait_share)}) x {s(row.review_days)} / sqrt(12) = {s(row.wait_std)}"
		text += (
			f", time deviation sqrt({s(row.lead_std)}^2 + {s(row.wait_std)}^2), lead time and wait ({wait})"
		)
	level = float(
		error_level({"error_std": np.array([row.error_std]), "day_std": np.array([row.day_std])})[0]
	)
	if level > 0:
		days = s(min(max(row.cover_days, 1.0), MOST_DAYS))
		text += (
			f", error a day sqrt({s(row.error_std)}^2 + ({days} - {ERROR_DAYS}) x {s(level)}), as errors last: {s(row.day_std)} on a single "
			f"day, {s(row.error_std)} a day in sums over {ERROR_DAYS} days"
		)
	return text


def _enough(row) -> str:
	level = s(f.exact(row.service_level * 100))
	if row.service_measure == "fill":
		allowed = f.tidy((1 - row.service_level) * row.order_qty)
		return (
			f"for a fill rate of {level} % a cycle may be short of (1 - {s(f.exact(row.service_level))}) x {s(row.order_qty)} = {s(allowed)}, "
			f"which demand that is {_shape(row)} leaves at {s(f.exact(row.cover_mean + row.safety_stock - row.spared))}: safety stock "
			f"{s(row.safety_stock)}"
		)
	if row.period_std == 0:
		return "so the demand expected is enough, safety stock 0"
	if row.spared:
		return f"{_shape(row)}: {level} % of such times need nothing, so safety stock 0"
	enough = f.exact(row.cover_mean + row.safety_stock)
	return f"{_shape(row)}: {level} % of such times need at most {s(enough)}; {s(enough)} - {s(row.cover_mean)} = {s(row.safety_stock)}"


def _shape(row) -> str:
	none = float(row.none_chance)
	p = (row.service_level - none) / (1 - none)
	most = demand.widest(np.array([p])) if row.service_measure == "cycle" else np.inf
	k, scale = demand.printed_gamma(
		*(np.array([float(x)]) for x in (row.cover_mean, row.period_std, none)), most
	)
	gamma = f"gamma with shape {s(float(k[0]))} and scale {s(float(scale[0]))}"
	held = (
		demand.printed_gamma(*(np.array([float(x)]) for x in (row.cover_mean, row.period_std, none)))[0] < k
	)
	if held[0]:
		gamma += " (scatter held there: more of it would only mean nothing most of the time)"
	if row.distribution == demand.GAMMA:
		return gamma
	return f"{often_none(none)}, otherwise {gamma}, as demand comes in single orders"


def often_none(chance: float) -> str:
	return f"nothing at all in {s(f.exact(chance * 100))} % of such times"
