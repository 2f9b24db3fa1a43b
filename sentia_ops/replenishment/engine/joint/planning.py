"""Which orders the limits touch, the best choice among those, and what it costs each of them.

Most plans meet no limit: whether one binds is seen from sums, and only what can be touched goes to the solver.

A minimum order value is that of one order document: of a supplier and a warehouse, as orders are grouped on approval.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine.joint.ladders import build_ladders
from sentia_ops.replenishment.engine.joint.solver import Problem, solve
from sentia_ops.replenishment.engine.joint.words import TOUCHED, explain, overview
from sentia_ops.replenishment.engine.policy import Policy

NOISE = 1e-6
CENT = 0.005
TOP_UPS = 20  # next needs looked at for one order value
MOST_EARLY = 60.0  # days before its need that a top-up may be ordered


@dataclass(frozen=True)
class Limits:
	"""Attributes:
	budget: company currency for all orders; None: no limit.
	room: warehouse -> cubic metres left beside what is stored, due and to be transferred; below 0: over-full. A warehouse
	    not named has no limit.
	order_values: supplier -> the least an order to it may cost, company currency.
	"""

	budget: float | None = None
	room: dict[str, float] = field(default_factory=dict)
	order_values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Joint:
	"""Attributes:
	orders: of the rows given that a limit touched: qty (0: not ordered), cut_by, risk (rise of the expected stock-out
	    cost, company currency), note (a sentence). Same index.
	value, bound, gap: see `solver.Solution`; 0 where nothing was optimised.
	solved: number of orders that went to the solver.
	sentences: for the whole plan.
	"""

	orders: pd.DataFrame
	value: float = 0.0
	bound: float = 0.0
	gap: float = 0.0
	solved: int = 0
	sentences: list[str] = field(default_factory=list)


def optimise(orders: pd.DataFrame, limits: Limits, policy: Policy, seconds: float = 24.0) -> Joint:
	"""Quantities of all orders that keep the limits at the least cost.

	Args:
	    orders: a row per item and warehouse. Columns: item_code, warehouse, supplier ("": none); wanted (0: nothing is due,
	        but it may be ordered early to reach an order value); usual (quantity of such an early order); gap (missing to the
	        reorder point); step, min_qty, most (the largest quantity, by cover and shelf life); unit_cost (company currency, at
	        the wanted quantity), list_cost (below the first price break), breaks (list of (quantity, unit cost), ascending;
	        None: none); volume (m3 a unit); position; mean, std, none (demand until the order after this one can
	        arrive: see `engine.demand`); floor (units short that no order of today can help); margin; daily (demand a day); early_days (until the reorder point is reached);
	        is_paid (whether it counts against budget and order values).
	    seconds: for the solver.

	Raises:
	    nothing for limits that cannot be kept: what cannot be ordered is said.
	"""
	wanted = _wanted(orders.reset_index(drop=True), limits)
	if not wanted.binds:
		return Joint(pd.DataFrame(columns=TOUCHED, index=orders.index[:0]))
	rows = np.flatnonzero(wanted.touched())
	picked = wanted.orders.iloc[rows].reset_index(drop=True)
	problem = _problem(wanted, rows, picked, policy)
	solution = solve(problem, seconds)
	touched = explain(picked, problem, solution, limits)
	labels = orders.index[rows[touched.index.to_numpy()]]
	return Joint(
		orders=touched.drop(columns=["cost", "wanted_cost"]).set_axis(labels),
		value=solution.value,
		bound=solution.bound,
		gap=solution.gap,
		solved=len(picked),
		sentences=overview(
			wanted, touched.join(picked[["supplier", "warehouse"]]), problem, solution, limits
		),
	)


@dataclass(frozen=True)
class Wanted:
	"""What all orders together want of each limit.

	Attributes:
	    cost, volume: of each order at its wanted quantity.
	    warehouse, group: number of each order's warehouse, and of the document it would be on, into the names.
	    room, least: of each warehouse and group; infinite and 0 where there is none.
	    missed: groups that order something, and for less than `least`; missing is by how much, in all.
	    full: warehouses in which the wanted orders do not find room.
	"""

	orders: pd.DataFrame
	cost: np.ndarray
	volume: np.ndarray
	warehouse: np.ndarray
	group: np.ndarray
	warehouses: pd.Index
	groups: pd.Index
	budget: float
	room: np.ndarray
	least: np.ndarray
	missed: np.ndarray
	missing: float
	full: np.ndarray

	@property
	def ordered(self) -> np.ndarray:
		return self.orders["wanted"].to_numpy(dtype=float) > 0

	@property
	def binds(self) -> bool:
		over = self.cost.sum() > self.budget + CENT
		return bool(self.ordered.any() and (over or self.missed.any() or self.full.any()))

	def touched(self) -> np.ndarray:
		"""Rows that a limit can touch; the others keep what they want.

		What is raised to reach an order value costs money, too: so near the budget all orders are looked at.
		"""
		near = self.cost.sum() + 2 * self.missing > self.budget
		touched = (
			self.ordered if near else self.ordered & (self.missed[self.group] | self.full[self.warehouse])
		)
		return touched | self._top_ups()

	def _top_ups(self) -> np.ndarray:
		"""Of each order under its value, the next needs of the same supplier and warehouse."""
		early = self.orders["early_days"].to_numpy(dtype=float)
		able = ~self.ordered & self.missed[self.group] & (self.orders["usual"].to_numpy(dtype=float) > 0)
		able &= early <= MOST_EARLY
		rank = pd.Series(np.where(able, early, np.inf)).groupby(self.group).rank(method="first").to_numpy()
		return able & (rank <= TOP_UPS)


def _wanted(orders: pd.DataFrame, limits: Limits) -> Wanted:
	paid = orders["is_paid"].to_numpy(dtype=bool)
	wanted = orders["wanted"].to_numpy(dtype=float)
	cost = np.where(paid, np.round(wanted * orders["unit_cost"].to_numpy(dtype=float), 2), 0.0)
	volume = wanted * orders["volume"].to_numpy(dtype=float)
	warehouse, warehouses = pd.factorize(orders["warehouse"])
	keys = pd.MultiIndex.from_arrays([orders["supplier"].where(paid, ""), orders["warehouse"]])
	group, groups = pd.factorize(keys)
	least = np.array([limits.order_values.get(supplier, 0.0) for supplier, _warehouse in groups])
	total = np.bincount(group, weights=cost, minlength=len(groups))
	busy = np.bincount(group, weights=wanted > 0, minlength=len(groups)) > 0
	missed = busy & (total + CENT < least)
	room = np.array([limits.room.get(name, np.inf) for name in warehouses])
	used = np.bincount(warehouse, weights=volume, minlength=len(warehouses))
	return Wanted(
		orders=orders,
		cost=cost,
		volume=volume,
		warehouse=warehouse,
		group=group,
		warehouses=warehouses,
		groups=groups,
		budget=np.inf if limits.budget is None else limits.budget,
		room=room,
		least=np.where(busy, least, 0.0),
		missed=missed,
		missing=float((least - total)[missed].sum()),
		full=used > np.maximum(room, 0.0) + NOISE,
	)


def _problem(wanted: Wanted, rows: np.ndarray, picked: pd.DataFrame, policy: Policy) -> Problem:
	"""The rows picked, within what the others leave."""
	may_rise = wanted.missed[wanted.group[rows]]
	most = np.where(may_rise, picked["most"], picked["wanted"])
	stays = wanted.ordered
	stays[rows] = False
	used = np.bincount(wanted.warehouse[stays], weights=wanted.volume[stays], minlength=len(wanted.room))
	return Problem(
		ladders=build_ladders(picked.assign(most=most), policy),
		warehouse=wanted.warehouse[rows],
		group=wanted.group[rows],
		budget=max(wanted.budget - wanted.cost[stays].sum(), 0.0),
		room=np.maximum(wanted.room - used, 0.0),
		least=wanted.least,
	)
