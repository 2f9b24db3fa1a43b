"""Which offer to take: the default supplier, unless another costs less in all; for one order, a faster one."""

from __future__ import annotations

from dataclasses import dataclass

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.needs import Needs
from sentia_ops.replenishment.engine.offers import Offer
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.quantity import DAYS_A_YEAR, order_quantity
from sentia_ops.replenishment.engine.rush import Rush, too_late, weigh_rush

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


@dataclass(frozen=True)
class Choice:
	"""Attributes:
	regular: the supplier to plan with in the long run.
	taken: who gets the order at hand: the regular supplier, or a faster one where that pays.
	others: all but `taken`, the cheapest in the long run first.
	rushes: what the order at hand would save with a faster supplier, by its name; empty: an order comes in time.
	"""

	regular: Option
	taken: Option
	others: list[Option]
	rushes: dict[str, Rush]

	@property
	def rush(self) -> Rush | None:
		"""Why the order at hand does not go to the regular supplier."""
		return None if self.taken is self.regular else self.rushes[self.taken.offer.supplier]


def choose(
	options: list[Option],
	policy: Policy,
	*,
	selling_rate: float,
	shelf_life_days: float,
	stock_known: bool = True,
) -> Choice:
	"""The regular supplier is the cheapest, the default one in a tie; one order may go to a faster one (`rush`)."""
	ranked = sorted(options, key=lambda o: (o.total_cost, not o.offer.is_default, o.offer.supplier))
	regular = next(
		(o for o in ranked if o.offer.is_default and o.total_cost <= ranked[0].total_cost + CENT), ranked[0]
	)
	rushes: dict[str, Rush] = {}
	taken, saving = regular, CENT
	if stock_known and len(ranked) > 1 and too_late(regular, policy):
		for option in (o for o in ranked if o.offer.lead_days < regular.offer.lead_days):
			rush = weigh_rush(
				regular, option, policy, selling_rate=selling_rate, shelf_life_days=shelf_life_days
			)
			if rush is None:
				continue
			rushes[option.offer.supplier] = rush
			if rush.saving > saving:
				taken, saving = option, rush.saving
	return Choice(regular, taken, [o for o in ranked if o is not taken], rushes)


def alternatives(choice: Choice, left_out: list[dict]) -> list[dict]:
	"""The rejected offers, each with why, as documented for recommendations.alternatives."""
	return [
		{
			"supplier": o.offer.supplier,
			"unit_price": o.offer.price,
			"currency": o.offer.currency,
			"qty": o.usual_qty,
			"total_cost": o.total_cost,
			"lead_days": o.offer.lead_days,
			"why_not": _why_not(choice, o),
		}
		for o in choice.others
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


def _why_not(choice: Choice, other: Option) -> str:
	regular = choice.regular
	if other is regular:
		saved = f"{choice.taken.offer.supplier} saves {choice.rush.saving:.2f} on this order"
		return f"stays the regular supplier ({other.cost_text}), but {saved}: {choice.rush.text}"
	more = other.total_cost - regular.total_cost
	name = regular.offer.supplier
	why = (
		f"costs {more:.2f} more than {name} ({other.cost_text})"
		if more > CENT
		else f"costs the same as {name}"
	)
	days = f.exact(choice.taken.offer.lead_days - other.offer.lead_days)
	if days > 0:
		why += f"; would deliver {f.show(days)} days sooner"
	rush = choice.rushes.get(other.offer.supplier)
	if rush is None:
		return why
	if rush.saving > CENT:
		return (
			why + f"; saves {rush.saving:.2f} on this order, {choice.taken.offer.supplier} more: {rush.text}"
		)
	return why + f"; on this order that does not pay: {rush.text}"
