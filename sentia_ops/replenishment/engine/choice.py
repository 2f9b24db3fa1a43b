"""Who gets the order at hand: the regular supplier, unless a faster one pays; and why the others lost."""

from __future__ import annotations

from dataclasses import dataclass

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.levels import DAYS_A_YEAR
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.rush import Rush, weigh_rush

CENT = 0.005


@dataclass(frozen=True)
class Choice:
	"""Rows of one item and warehouse (see `rows`), one per supplier.

	Attributes:
	    regular: the supplier to plan with in the long run.
	    taken: who gets the order at hand: the regular supplier, or a faster one where that pays.
	    others: all but `taken`, the cheapest in the long run first.
	    rushes: what the order at hand would save with a faster supplier, by its name; empty: an order comes in time.
	"""

	regular: object
	taken: object
	others: list
	rushes: dict[str, Rush]

	@property
	def rush(self) -> Rush | None:
		"""Why the order at hand does not go to the regular supplier."""
		return None if self.taken is self.regular else self.rushes[self.taken.supplier]


def choose(rows: list, regular, risk: float, policy: Policy) -> Choice:
	"""One order may go to a faster supplier, where stock runs out before the regular one delivers with a chance `risk` higher than
	the service level allows."""
	ranked = sorted(rows, key=lambda r: (not r.has_price, r.total_cost, not r.is_default, r.supplier))
	rushes: dict[str, Rush] = {}
	taken, saving = regular, CENT
	if len(ranked) > 1 and regular.gap > 0 and risk > round(1 - regular.service_level, 6):
		for row in ranked:
			if row.lead_days >= regular.lead_days or not row.has_price:
				continue
			rush = weigh_rush(regular, row, policy)
			if rush is None:
				continue
			rushes[row.supplier] = rush
			if rush.saving > saving:
				taken, saving = row, rush.saving
	return Choice(regular, taken, [r for r in ranked if r is not taken], rushes)


def cost_text(row) -> str:
	"""The arithmetic of total_cost."""
	s = f.show
	qty, unit, cost = s(row.usual_qty), s(row.unit_cost), f"{row.total_cost:.2f}"
	if row.long_daily <= 0:
		return f"{qty} x {unit} + {s(row.ordering_cost)} = {cost}"
	yearly = s(f.exact(DAYS_A_YEAR * row.long_daily))
	return (
		f"{yearly} x {unit} to buy + {yearly} / {qty} x {s(row.ordering_cost)} to order + "
		f"({qty} / 2 + {s(row.safety_stock)}) x {s(row.holding_rate)} x {unit} to hold = {cost} a year"
	)


def alternatives(choice: Choice, left_out: list[dict]) -> list[dict]:
	"""The rejected offers, each with why, as documented for recommendations.alternatives."""
	return [
		{
			"supplier": row.supplier,
			"unit_price": float(row.price),
			"currency": row.currency,
			"qty": float(row.usual_qty),
			"total_cost": float(row.total_cost),
			"lead_days": float(row.lead_days),
			"why_not": _why_not(choice, row),
		}
		for row in choice.others
	] + [
		{
			"supplier": row["supplier"],
			"unit_price": f.exact(row["price"]),
			"currency": row["currency"],
			"qty": None,
			"total_cost": None,
			"lead_days": None,
			"why_not": row["why"],
		}
		for row in left_out
	]


def _why_not(choice: Choice, other) -> str:
	regular = choice.regular
	if other is regular:
		saved = f"{choice.taken.supplier} saves {choice.rush.saving:.2f} on this order"
		return f"stays the regular supplier ({cost_text(other)}), but {saved}: {choice.rush.text}"
	more = other.total_cost - regular.total_cost
	if not other.has_price:
		why = "no price is known"
	elif more > CENT:
		why = f"costs {more:.2f} more than {regular.supplier} ({cost_text(other)})"
	else:
		why = f"costs the same as {regular.supplier}"
	days = f.exact(choice.taken.lead_days - other.lead_days)
	if days > 0:
		why += f"; would deliver {f.show(days)} days sooner"
	rush = choice.rushes.get(other.supplier)
	if rush is None:
		return why
	if rush.saving > CENT:
		return why + f"; saves {rush.saving:.2f} on this order, {choice.taken.supplier} more: {rush.text}"
	return why + f"; on this order that does not pay: {rush.text}"
