"""Whether the order at hand should go to a faster supplier, this once.

The regular supplier is the one that is cheapest in the long run (`rows.regular_rows`). Where an order from it comes too
late, the sales lost until it arrives may cost more than a faster supplier's price. Both are compared over the time that the
faster supplier's order lasts: running cost (purchase, ordering, holding) of that time, plus the margin of the sales expected
to be lost until delivery. Every unit short counts as a lost sale, as nobody knows which customers would wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.levels import DAYS_A_YEAR
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.safety import often_none

s = f.show


@dataclass(frozen=True)
class Rush:
	"""Attributes:
	saving: of ordering this once from the faster supplier, company currency; below zero: it costs more.
	text: the arithmetic.
	"""

	saving: float
	text: str


def weigh_rush(regular, faster, policy: Policy) -> Rush | None:
	"""The order at hand from `faster`, against one from `regular` (rows); None where `faster` has nothing to deliver."""
	qty = float(faster.qty_now)
	if qty <= 0 or (faster.long_daily <= 0 and faster.gap <= 0):
		return None
	margin, basis = unit_margin(regular, policy)
	costs, texts = zip(*(_cost(option, qty, margin) for option in (regular, faster)), strict=True)
	return Rush(round(costs[0] - costs[1], 2), f"{basis}; {'; '.join(texts)}")


def unit_margin(regular, policy: Policy) -> tuple[float, str]:
	"""What one unit not sold costs, by the regular supplier's price, and how that was found."""
	margin, unit_cost = float(regular.margin), float(regular.unit_cost)
	if regular.selling_rate > 0:
		loss = ", not below 0" if regular.selling_rate < unit_cost else ""
		sold = s(f.exact(regular.selling_rate))
		return margin, f"a unit short loses {sold} - {s(unit_cost)} = {s(margin)} margin{loss}"
	share = s(f.exact(policy.stockout_margin))
	return (
		margin,
		f"a unit short loses {share} x {s(unit_cost)} = {s(margin)} (assumed: no selling rate is known)",
	)


def _cost(row, qty: float, margin: float) -> tuple[float, str]:
	"""Running cost while `qty` lasts + lost margin until delivery; without forecast the cost of the order instead."""
	running, words = row.total_cost, f"{row.total_cost:.2f} for the order"
	if row.long_daily > 0:
		yearly = f.exact(DAYS_A_YEAR * row.long_daily)
		running = round(row.total_cost * qty / yearly, 2)
		words = f"{row.total_cost:.2f} a year x {s(qty)} / {s(yearly)} = {running:.2f}"
	lost = round(row.lead_short * margin, 2)
	total = round(running + lost, 2)
	often = f"{often_none(row.lead_none)}, " if row.lead_none > 0 else ""
	return total, (
		f"{row.supplier}: {words}, and {s(row.lead_short)} short by delivery (demand {s(row.lead_wanted)}, "
		f"deviation {s(row.lead_dev)}, {often}available {s(row.lead_supply)}) x {s(margin)} = {lost:.2f} lost, "
		f"together {total:.2f}"
	)
