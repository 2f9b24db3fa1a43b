"""The simulator: n stocks day by day under one policy, and what that costs.

A day: deliveries arrive; the policy sees the position and orders; customers take what there is. An order of day t
arrives on the morning of day t + lead[t], so with a lead time of L days and a look every R days what is ordered today
must last L + R days: as in the app, which plans at night for the day that begins.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from replenishment_world import FIRST_PART, SPLIT_FROM, World

NOISE = 1e-6
YEAR = 365.0


@dataclass(frozen=True)
class Costs:
	"""Holding a year as a share of the value; ordering an order line; a unit not delivered costs its margin."""

	holding_rate: float = 0.25
	ordering: float = 25.0


@dataclass(frozen=True)
class Levels:
	"""What a policy wants on one day, shapes (n,): below `reorder` it orders max(lot, up_to - position)."""

	reorder: np.ndarray
	lot: np.ndarray
	up_to: np.ndarray


class Rule(Protocol):
	"""A policy. `review`: days between two looks."""

	name: str
	review: int

	def levels(self, day: int) -> Levels: ...


@dataclass(frozen=True)
class Ledger:
	"""What the measured days brought, by pair, shapes (n,).

	Attributes:
	    wanted, short: units; short: not delivered at once.
	    holding, ordering, stockout: company currency.
	    orders: order lines placed; cycles: ended by a delivery in the measured days; failed: of them with a stock-out.
	    stock_days, value_days: sums over the days' ends, units and company currency.
	"""

	wanted: np.ndarray
	short: np.ndarray
	holding: np.ndarray
	ordering: np.ndarray
	stockout: np.ndarray
	orders: np.ndarray
	cycles: np.ndarray
	failed: np.ndarray
	stock_days: np.ndarray
	value_days: np.ndarray

	@property
	def total(self) -> np.ndarray:
		return self.holding + self.ordering + self.stockout

	def of(self, chosen: np.ndarray) -> dict[str, float]:
		"""Sums over the chosen pairs."""
		return {f.name: float(getattr(self, f.name)[chosen].sum()) for f in fields(self)}


def order_size(wanted: np.ndarray, min_qty: np.ndarray, pack: np.ndarray) -> np.ndarray:
	"""Raised to the minimum order and full packs; nothing wanted stays nothing."""
	raised = np.ceil(np.round(np.maximum(wanted, min_qty) / pack, 6)) * pack
	return np.where(wanted > NOISE, raised, 0.0)


def opening_stock(world: World, levels: Levels) -> np.ndarray:
	"""Somewhere between the reorder point and a lot above it: as a policy that has long been in use."""
	lot = np.maximum(levels.lot, levels.up_to - levels.reorder)
	size = order_size(np.where(lot > NOISE, lot, 0.0), world.min_qty, world.pack)
	return np.round(np.maximum(levels.reorder, 0.0) + world.opening * size)


def simulate(
	world: World, rule: Rule, costs: Costs, *, backorders: bool = False, trace: dict | None = None
) -> Ledger:
	"""Run `rule` over all days of `world`; only days from `world.warm` on are counted.

	Args:
	    backorders: customers wait for what is not there, instead of buying elsewhere.
	    trace: given, it gets on_hand, received, sold, backlog (n, T) and opening (n,), for tests.
	"""
	n, days = world.wanted.shape
	last = days + int(world.lead.max() + world.gap.max()) + 1
	good, gone = np.zeros((n, last)), np.zeros((n, last))
	first = np.zeros((n, last), dtype=bool)
	on_hand = opening_stock(world, rule.levels(0))
	on_order, backlog = np.zeros(n), np.zeros(n)
	sums = {f.name: np.zeros(n) for f in fields(Ledger)}
	empty = np.zeros(n, dtype=bool)  # a stock-out since the last delivery
	if trace is not None:
		trace.update(
			opening=on_hand.copy(),
			**{k: np.zeros((n, days)) for k in ("on_hand", "received", "sold", "backlog", "ordered")},
		)
	for day in range(days):
		counts = day >= world.warm
		if day == world.warm:
			empty[:] = False
		came = first[:, day]
		if counts:
			sums["cycles"] += came
			sums["failed"] += came & empty
		empty &= ~came
		on_hand += good[:, day]
		on_order -= gone[:, day]
		served = np.minimum(backlog, on_hand)
		on_hand, backlog = on_hand - served, backlog - served
		if day % rule.review == 0:
			placed = _place(world, day, rule.levels(day), on_hand + on_order - backlog, good, gone, first)
			on_order += placed
			if counts:
				sums["orders"] += placed > 0
		else:
			placed = np.zeros(n)
		wanted = world.wanted[:, day]
		sold = np.minimum(wanted, on_hand)
		short = wanted - sold
		on_hand = on_hand - sold
		empty |= short > NOISE
		if backorders:
			backlog = backlog + short
		if counts:
			sums["wanted"] += wanted
			sums["short"] += short
			sums["stock_days"] += on_hand
		if trace is not None:
			for name, values in (
				("on_hand", on_hand),
				("received", good[:, day]),
				("sold", sold + served),
				("backlog", backlog),
				("ordered", placed),
			):
				trace[name][:, day] = values
	sums["value_days"] = sums["stock_days"] * world.unit_cost
	sums["holding"] = sums["value_days"] * costs.holding_rate / YEAR
	sums["ordering"] = sums["orders"] * costs.ordering
	sums["stockout"] = sums["short"] * world.margin
	never = (sums["cycles"] == 0) & (
		sums["short"] > NOISE
	)  # no delivery ended a cycle that failed all the same
	sums["cycles"] += never
	sums["failed"] += never
	return Ledger(**sums)


def _place(world: World, day: int, levels: Levels, position: np.ndarray, good, gone, first) -> np.ndarray:
	"""Orders of the day, entered on the days they arrive; shape (n,)."""
	missing = position < levels.reorder - NOISE
	wanted = np.where(missing, np.maximum(levels.lot, levels.up_to - position), 0.0)
	size = order_size(wanted, world.min_qty, world.pack)
	at = np.flatnonzero(size)
	qty, arrives = size[at], day + world.lead[at, day]
	rest = np.where(world.split[at, day] & (qty >= SPLIT_FROM), np.floor(qty * (1 - FIRST_PART)), 0.0)
	for part, when in ((qty - rest, arrives), (rest, arrives + world.gap[at, day])):
		rejected = np.floor(part * world.reject[at] + world.luck[at, day])
		rejected = np.where(world.reject[at] > 0, np.minimum(rejected, part), 0.0)
		good[at, when] += part - rejected
		gone[at, when] += part
	first[at, arrives] = True
	return size


@dataclass(frozen=True)
class Bound:
	"""Cost of the clairvoyant by pair, shapes (n,)."""

	holding: np.ndarray
	ordering: np.ndarray
	orders: np.ndarray


def clairvoyant(world: World, costs: Costs) -> Bound:
	"""Least holding and ordering cost that meets all demand of the measured days: Wagner & Whitin 1958, per pair.

	It knows demand and lead times, starts and ends without stock, and needs no minimum order and no packs, so that no
	policy without stock-outs can cost less.
	"""
	demand = world.wanted[:, world.warm :]
	n, days = demand.shape
	rate = world.unit_cost * costs.holding_rate / YEAR
	best = np.full((n, days + 1), np.inf)  # of the first so many days
	best[:, 0] = 0.0
	back = np.zeros((n, days + 1), dtype=int)
	for day in range(days):  # an order that arrives on `day` and lasts until the end of `upto` - 1
		held = np.zeros(n)
		start = best[:, day] + costs.ordering
		for upto in range(day + 1, days + 1):
			held = held + rate * demand[:, upto - 1] * (upto - 1 - day)
			better = start + held < best[:, upto]
			best[better, upto] = (start + held)[better]
			back[better, upto] = day
			if (
				held > costs.ordering * 6
			).all():  # a second order in between would cost less: saving > held / (1 + ln 180)
				break
		idle = demand[:, day] <= NOISE  # nothing wanted: no order needed
		better = idle & (best[:, day] < best[:, day + 1])
		best[better, day + 1] = best[better, day]
		back[better, day + 1] = -1
	orders = _count_orders(back, days)
	return Bound(best[:, days] - orders * costs.ordering, orders * costs.ordering, orders)


def _count_orders(back: np.ndarray, days: int) -> np.ndarray:
	orders = np.zeros(len(back))
	for i, row in enumerate(back):
		day = days
		while day > 0:
			orders[i] += row[day] >= 0
			day = row[day] if row[day] >= 0 else day - 1
	return orders
