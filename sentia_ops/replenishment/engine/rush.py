"""Whether the order at hand should go to a faster supplier, this once.

The regular supplier is the one that is cheapest in the long run (`choice`). Where an order from it comes too late, the
sales lost until it arrives may cost more than a faster supplier's price. Both are compared over the time that the faster
supplier's order lasts: running cost (purchase, ordering, holding) of that time, plus the margin of the sales expected
to be lost until delivery. Every unit short counts as a lost sale, as nobody knows which customers would wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.quantity import DAYS_A_YEAR, order_quantity

if TYPE_CHECKING:
	from sentia_ops.replenishment.engine.choice import Option

s = f.show


@dataclass(frozen=True)
class Rush:
	"""Attributes:
	saving: of ordering this once from the faster supplier, company currency; below zero: it costs more.
	text: the arithmetic.
	"""

	saving: float
	text: str


def too_late(regular: Option, policy: Policy) -> bool:
	"""An order is due, and stock runs out before it arrives with a higher chance than the service level allows."""
	return regular.needs.gap > 0 and regular.needs.risk > round(1 - policy.service_level, 6)


def weigh_rush(
	regular: Option, faster: Option, policy: Policy, *, selling_rate: float, shelf_life_days: float
) -> Rush | None:
	"""The order at hand from `faster`, against one from `regular`; None where `faster` has nothing to deliver.

	Args:
	    selling_rate: company currency per unit; 0: not known.
	"""
	qty = _quantity(faster, policy, shelf_life_days)
	if qty <= 0:
		return None
	margin, basis = _margin(regular.offer.unit_cost, selling_rate, policy)
	costs, texts = zip(*(_cost(option, qty, margin) for option in (regular, faster)), strict=True)
	return Rush(round(costs[0] - costs[1], 2), f"{basis}; {'; '.join(texts)}")


def _quantity(option: Option, policy: Policy, shelf_life_days: float) -> float:
	needs = option.needs
	if option.daily <= 0 and needs.gap <= 0:
		return 0.0
	return order_quantity(
		option.offer,
		policy,
		daily=option.daily,
		gap=needs.gap,
		left=needs.left_on_arrival,
		shelf_life_days=shelf_life_days,
	).qty


def _margin(unit_cost: float, selling_rate: float, policy: Policy) -> tuple[float, str]:
	"""What one unit not sold costs, by the regular supplier's price, and how that was found."""
	if selling_rate > 0:
		margin = f.exact(max(selling_rate - unit_cost, 0.0))
		loss = ", not below 0" if selling_rate < unit_cost else ""
		return (
			margin,
			f"a unit short loses {s(f.exact(selling_rate))} - {s(unit_cost)} = {s(margin)} margin{loss}",
		)
	margin = f.exact(policy.stockout_margin * unit_cost)
	share = s(f.exact(policy.stockout_margin))
	return (
		margin,
		f"a unit short loses {share} x {s(unit_cost)} = {s(margin)} (assumed: no selling rate is known)",
	)


def _cost(option: Option, qty: float, margin: float) -> tuple[float, str]:
	"""Running cost while `qty` lasts + lost margin until delivery; without forecast the cost of the order instead."""
	needs = option.needs
	running, words = option.total_cost, f"{option.total_cost:.2f} for the order"
	if option.daily > 0:
		yearly = f.exact(DAYS_A_YEAR * option.daily)
		running = round(option.total_cost * qty / yearly, 2)
		words = f"{option.total_cost:.2f} a year x {s(qty)} / {s(yearly)} = {running:.2f}"
	lost = round(needs.expected_short * margin, 2)
	total = round(running + lost, 2)
	return total, (
		f"{option.offer.supplier}: {words}, and {s(needs.expected_short)} short by delivery (demand {s(needs.lead_demand)}, "
		f"deviation {s(needs.lead_std)}, available {s(needs.lead_supply)}) x {s(margin)} = {lost:.2f} lost, "
		f"together {total:.2f}"
	)
