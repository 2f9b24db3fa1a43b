"""For each order a ladder of quantities it could have, and what each would be worth.

What `qty` instead of nothing is worth, in company currency:

    margin x (units expected short without it - units expected short with it)
    - holding cost of one unit for a day / (2 x daily demand) x (qty - wanted)^2
    - what the units cost more than at the wanted quantity (price breaks)

The second term is what a quantity other than the wanted one costs in orders and stock. With Q* = sqrt(2 K D / h) an order
of q lasts q / D and costs K + h q^2 / (2 D), against sqrt(2 K D h) a year for the best; the difference over its time is
h / (2 D) x (q - Q*)^2 (renewal reward; Harris 1913 for Q*).

Up to the wanted quantity more is never worth less, and beyond it never worth more: the policy wants it, and only a limit
may cut or raise it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine.arrays import round_up
from sentia_ops.replenishment.engine.policy import Policy

SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)  # of the wanted quantity
RAISES = (1.25, 1.5, 2.0, 3.0)  # of it, where an order may be raised
DAYS_A_YEAR = 365
NUDGE = 1e-6  # worth of a unit of money's goods that nobody misses: too little to displace anything


@dataclass(frozen=True)
class Ladders:
	"""All steps of all orders, one after the other; "nothing" is no step.

	Attributes:
	    owner: row number of the order a step belongs to.
	    qty, cost, volume, value: of the step; cost counts against budget and order values.
	"""

	owner: np.ndarray
	qty: np.ndarray
	cost: np.ndarray
	volume: np.ndarray
	value: np.ndarray


def short_units(orders: pd.DataFrame, qty: np.ndarray | float) -> np.ndarray:
	"""Units expected short until the order after this one can arrive, if `qty` is ordered now; not less than `floor`."""
	column = {name: orders[name].to_numpy() for name in ("mean", "std", "none", "position")}
	short, _chance = demand.short_of(column["mean"], column["std"], column["none"], column["position"] + qty)
	return np.maximum(short, orders["floor"].to_numpy(dtype=float))


def build_ladders(orders: pd.DataFrame, policy: Policy) -> Ladders:
	"""Steps of each row of `orders` (columns as `joint.optimise` takes them, index 0..n-1)."""
	qty = _quantities(orders)
	unit = _unit_costs(orders, qty)
	owner = np.repeat(np.arange(len(orders)), qty.shape[1]).reshape(qty.shape)
	value = _values(orders, qty, unit, policy)
	kept = qty > 0
	kept[:, 1:] &= np.diff(qty, axis=1) > 1e-9
	paid = orders["is_paid"].to_numpy(dtype=bool)[:, None]
	return Ladders(
		owner=owner[kept],
		qty=qty[kept],
		cost=np.where(paid, np.round(qty * unit, 2), 0.0)[kept],
		volume=(qty * orders["volume"].to_numpy(dtype=float)[:, None])[kept],
		value=value[kept],
	)


def _quantities(orders: pd.DataFrame) -> np.ndarray:
	"""Ascending, doubles included: shares of the wanted quantity, the gap, the wanted quantity, raises."""
	wanted, most, step = (orders[c].to_numpy(dtype=float)[:, None] for c in ("wanted", "most", "step"))
	low = np.maximum(orders["min_qty"].to_numpy(dtype=float)[:, None], step)
	least = round_up(low, step)
	base = np.where(wanted > 0, wanted, orders["usual"].to_numpy(dtype=float)[:, None])
	gap = np.maximum(orders["gap"].to_numpy(dtype=float)[:, None], 0.0)
	below = np.concatenate([base * np.array(SHARES)[None, :], gap], axis=1)
	below = np.minimum(round_up(np.maximum(below, least), step), base)
	above = np.concatenate([base * np.array(RAISES)[None, :], _next_break(orders)], axis=1)
	above = np.where(most >= above, round_up(above, step), base)
	above = np.where(above <= most, above, base)
	return np.sort(np.concatenate([below, base, above], axis=1), axis=1)


def _next_break(orders: pd.DataFrame) -> np.ndarray:
	"""The quantity of the next price break above the wanted one; the wanted one where there is none."""
	found = orders["wanted"].to_numpy(dtype=float).copy()
	for row, breaks in enumerate(orders["breaks"]):
		found[row] = (
			next((at for at, _price in breaks if at > found[row]), found[row]) if breaks else found[row]
		)
	return found[:, None]


def _unit_costs(orders: pd.DataFrame, qty: np.ndarray) -> np.ndarray:
	"""Company currency a unit at each quantity; `breaks` ascending: [(quantity, unit cost from it on)]."""
	unit = np.repeat(orders["unit_cost"].to_numpy(dtype=float)[:, None], qty.shape[1], axis=1)
	for row, breaks in enumerate(orders["breaks"]):
		if breaks:
			at, price = (np.array(column, dtype=float) for column in zip(*breaks, strict=True))
			place = np.searchsorted(at, qty[row], side="right") - 1
			unit[row] = np.where(place >= 0, price[np.maximum(place, 0)], orders["list_cost"].iloc[row])
	return unit


def _values(orders: pd.DataFrame, qty: np.ndarray, unit: np.ndarray, policy: Policy) -> np.ndarray:
	wanted, daily, price, early, margin = (
		orders[c].to_numpy(dtype=float)[:, None]
		for c in ("wanted", "daily", "unit_cost", "early_days", "margin")
	)
	without = short_units(orders, 0.0)
	spared = np.stack([without - short_units(orders, column) for column in qty.T], axis=1)
	holding = policy.holding_rate * price / DAYS_A_YEAR
	odd_size = np.where(daily > 0, holding / (2 * np.where(daily > 0, daily, 1.0)), 0.0) * (qty - wanted) ** 2
	too_early = holding * qty * early  # needed later, bought now only to reach an order value
	worth = (
		margin * np.maximum(spared, 0.0) - np.where(wanted > 0, odd_size, too_early) - (unit - price) * qty
	)
	up_to_wanted = qty <= wanted + 1e-9
	rising = np.maximum.accumulate(np.where(up_to_wanted, np.maximum(worth, 0.0), 0.0), axis=1)
	lift = np.where(np.isclose(qty, wanted), rising - worth, 0.0).max(axis=1, keepdims=True)
	top = rising.max(axis=1, keepdims=True)
	return np.where(
		up_to_wanted, rising + NUDGE * qty * price, np.minimum(worth + lift, top) - NUDGE * qty * price
	)
