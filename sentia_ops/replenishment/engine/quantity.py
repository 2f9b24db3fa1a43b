"""How much to order: economic quantity, what is missing, limits, minimum order and packs."""

from __future__ import annotations

from dataclasses import dataclass

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.offers import Offer
from sentia_ops.replenishment.engine.policy import Policy

DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Quantity:
	"""Attributes:
	qty: what to order.
	steps: how it came about, in the order of the arithmetic.
	caution: what the buyer should think about, such as a minimum order that lasts for years.
	"""

	qty: float
	steps: list[str]
	caution: str = ""


def order_quantity(
	offer: Offer, policy: Policy, *, daily: float, gap: float, left: float, shelf_life_days: float
) -> Quantity:
	"""The larger of EOQ and `gap`, capped by cover and shelf life, then raised to the minimum order and full packs.

	The cover cap never cuts below the gap. The shelf-life cap may, as what cannot be sold in time is lost, but not
	below what customers are owed on arrival plus a day's demand.

	Args:
	    daily: mean demand a day, over more than the protection period.
	    gap: reorder point less position; 0 for the regular quantity of an order.
	    left: stock expected when the order arrives; below zero: owed to customers.
	    shelf_life_days: 0: does not perish.
	"""
	wanted, steps = _wanted(offer, policy, daily, gap)
	wanted, cautions = _capped(wanted, steps, policy, daily, gap, left, shelf_life_days)
	qty = _rounded(wanted, offer, steps)
	cautions += _too_much(qty, wanted, policy, daily, left, shelf_life_days)
	return Quantity(qty, steps, "; ".join(cautions))


def _rounded(wanted: float, offer: Offer, steps: list[str]) -> float:
	if offer.min_qty > wanted:
		wanted = offer.min_qty
		steps.append(f"minimum order {f.show(wanted)}")
	qty = f.round_up(wanted, offer.step)
	if qty != wanted:
		packs = f"packs of {f.show(offer.step)}" if offer.step else "thousandths"
		steps.append(f"rounded up to {'a whole number' if offer.step == 1 else packs}: {f.show(qty)}")
	return qty


def _too_much(qty, wanted, policy, daily, left, shelf_life_days) -> list[str]:
	"""Say when minimum order and packs, and nothing else, go beyond cover or shelf life."""
	limit = min(policy.max_cover_days, shelf_life_days or policy.max_cover_days)
	available = f.exact(qty + max(left, 0.0))
	if daily <= 0 or qty < wanted + 1 or available <= limit * daily:  # the next whole piece is no force
		return []
	days = f"({f.show(qty)} + {f.show(max(left, 0.0))} left on arrival) / {f.show(daily)} a day"
	return [
		f"minimum order and packs force {f.show(qty)}: {days} = {f.show(f.tidy(available / daily))} days, "
		f"more than {f.show(limit)}"
	]


def _wanted(offer: Offer, policy: Policy, daily: float, gap: float) -> tuple[float, list[str]]:
	missing = f"{f.show(gap)} missing to the reorder point"
	if daily <= 0:
		return gap, [missing]
	if offer.unit_cost <= 0:
		review = f.tidy(policy.review_days * daily)
		words = (
			f"no price known, so one review period: {policy.review_days} x {f.show(daily)} = {f.show(review)}"
		)
		wanted = review
	else:
		yearly = f.exact(DAYS_A_YEAR * daily)
		holding = policy.holding_rate * offer.unit_cost
		wanted = f.tidy(f.economic_order_quantity(yearly, policy.ordering_cost, holding))
		words = (
			f"economic quantity sqrt(2 x {f.show(yearly)} a year x {f.show(policy.ordering_cost)} per order / "
			f"({f.show(policy.holding_rate)} x {f.show(offer.unit_cost)} holding cost)) = {f.show(wanted)}"
		)
	if gap > wanted:
		return gap, [words, f"{missing} is more"]
	return wanted, [words, missing] if gap else [words]


def _capped(wanted, steps, policy, daily, gap, left, shelf_life_days) -> tuple[float, list[str]]:
	"""Cut `wanted` to the caps, noting in `steps` which one bound."""
	cautions: list[str] = []
	if daily <= 0:
		return wanted, cautions
	cover = max(f.exact(policy.max_cover_days * daily - left), gap)
	if cover < wanted:
		steps.append(
			_cap_words(f"{policy.max_cover_days} days of cover", policy.max_cover_days, daily, left, cover)
		)
		wanted = cover
	if shelf_life_days > 0:
		shelf = max(f.exact(shelf_life_days * daily - left), f.exact(max(-left, 0.0) + daily))
		if shelf < wanted:
			days = f"{f.show(shelf_life_days)} days of shelf life"
			steps.append(_cap_words(days, shelf_life_days, daily, left, shelf))
			if shelf < gap:
				cautions.append(
					f"{days} do not reach from one delivery to the next: review the item more often"
				)
			wanted = shelf
	return wanted, cautions


def _cap_words(name: str, days: float, daily: float, left: float, cap: float) -> str:
	if f.exact(days * daily - left) != cap:
		return f"capped by {name}, but not below {f.show(cap)}"
	sign = f"- {f.show(left)} left on arrival" if left >= 0 else f"+ {f.show(-left)} owed on arrival"
	return f"capped by {name}: {f.show(days)} x {f.show(daily)} {sign} = {f.show(cap)}"
