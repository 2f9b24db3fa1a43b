"""Which offer to take: the default supplier, unless another costs less in all."""

from __future__ import annotations

from dataclasses import dataclass

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.needs import Needs
from sentia_ops.replenishment.engine.offers import Offer
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.quantity import DAYS_A_YEAR, order_quantity

CENT = 0.005


@dataclass(frozen=True)
class Option:
	"""An offer with what it means here.

	Attributes:
	    daily: mean forecast a day over the whole time looked at, the same for all offers of the item.
	    usual_qty: a regular order from this supplier.
	    total_cost: purchase + ordering + holding, company currency a year; without forecast, of one order.
	    cost_text: the arithmetic of total_cost.
	"""

	offer: Offer
	needs: Needs
	daily: float
	usual_qty: float
	total_cost: float
	cost_text: str


def weigh(offer: Offer, needs: Needs, policy: Policy, *, daily: float, shelf_life_days: float) -> Option:
	"""Cost of planning with this offer.

	The cost does not depend on today's stock, so that the choice does not flip from one day to the next.

	Args:
	    daily: see `Option`.
	"""
	s = f.show
	gap = f.tidy(policy.review_days * daily) if daily > 0 else needs.gap
	qty = order_quantity(offer, policy, daily=daily, gap=gap, left=0.0, shelf_life_days=shelf_life_days).qty
	if daily <= 0:
		cost = round(qty * offer.unit_cost + policy.ordering_cost, 2)
		text = f"{s(qty)} x {s(offer.unit_cost)} + {s(policy.ordering_cost)} = {cost:.2f}"
		return Option(offer, needs, daily, qty, cost, text)
	yearly, safety = f.exact(DAYS_A_YEAR * daily), needs.safety_stock
	cost = f.yearly_cost(yearly, offer.unit_cost, qty, policy.ordering_cost, safety, policy.holding_rate)
	text = (
		f"{s(yearly)} x {s(offer.unit_cost)} to buy + {s(yearly)} / {s(qty)} x {s(policy.ordering_cost)} to order + "
		f"({s(qty)} / 2 + {s(safety)}) x {s(policy.holding_rate)} x {s(offer.unit_cost)} to hold = {cost:.2f} a year"
	)
	return Option(offer, needs, daily, qty, round(cost, 2), text)


def choose(options: list[Option]) -> tuple[Option, list[Option]]:
	"""(the option taken, the others by cost); the default supplier wins a tie."""
	ranked = sorted(options, key=lambda o: (o.total_cost, not o.offer.is_default, o.offer.supplier))
	best = ranked[0]
	for option in ranked:
		if option.offer.is_default and option.total_cost <= best.total_cost + CENT:
			best = option
			break
	return best, [o for o in ranked if o is not best]


def alternatives(chosen: Option, others: list[Option], left_out: list[dict]) -> list[dict]:
	"""The rejected offers, each with why, as documented for recommendations.alternatives."""
	return [
		{
			"supplier": o.offer.supplier,
			"unit_price": o.offer.price,
			"currency": o.offer.currency,
			"qty": o.usual_qty,
			"total_cost": o.total_cost,
			"lead_days": o.offer.lead_days,
			"why_not": _why_not(chosen, o),
		}
		for o in others
	] + [
		{
			"supplier": row["supplier"],
			"unit_price": f.exact(row["price"]),
			"currency": row["currency"],
			"qty": None,
			"total_cost": None,
			"lead_days": None,
			"why_not": f"no exchange rate for {row['currency']}",
		}
		for row in left_out
	]


def _why_not(chosen: Option, other: Option) -> str:
	more = other.total_cost - chosen.total_cost
	name = chosen.offer.supplier
	why = (
		f"costs {more:.2f} more than {name} ({other.cost_text})"
		if more > CENT
		else f"costs the same as {name}"
	)
	days = f.exact(chosen.offer.lead_days - other.offer.lead_days)
	return why + (f"; would deliver {f.show(days)} days sooner" if days > 0 else "")
