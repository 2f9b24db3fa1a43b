"""The joint optimisation of 5,000 items and 60 suppliers: gap to its bound and seconds, and limits that cannot be kept.

The bound of the first case is found a second time, by SciPy's HiGHS on the same ladders, so that it does not rest on
the optimiser's own word; and every answer is added up again from its quantities.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

ITEMS, QUICK_ITEMS, SUPPLIERS = 5_000, 400, 60
WAREHOUSES = ("UK", "EU", "USA")
MOST_GAP, MOST_SECONDS = 0.01, 60.0


def joint(items: int, seed: int) -> list[dict]:
	"""Figures of each case; printed as they come."""
	from sentia_ops.replenishment.engine import Policy
	from sentia_ops.replenishment.engine.joint import optimise

	orders = made_orders(items, seed)
	print(
		f"\n{'limits':44} {'orders':>7} {'seconds':>8} {'gap %':>7} {'spent':>11} {'budget':>11} {'kept':>5} {'touched':>8}"
	)
	rows = []
	for name, limits in cases(orders).items():
		start = time.perf_counter()
		found = optimise(orders, limits, Policy())
		seconds = time.perf_counter() - start
		qty = orders["wanted"].copy()
		qty[found.orders.index] = found.orders["qty"].astype(float)
		row = {
			"case": name,
			"orders": items,
			"seconds": round(seconds, 2),
			"gap": round(found.gap, 5),
			"value": round(found.value, 2),
			"bound": round(found.bound, 2),
			"spent": round(float((qty * paid_price(orders, qty)).sum()), 2),
			"budget": limits.budget,
			"kept": keeps(orders, qty, limits),
			"touched": len(found.orders),
			"said": found.sentences[:1],
		}
		rows.append(row)
		budget = "-" if limits.budget is None else f"{limits.budget:,.0f}"
		print(
			f"{name:44} {items:7,} {seconds:8.1f} {100 * row['gap']:7.3f} {row['spent']:11,.0f} {budget:>11} "
			f"{'yes' if row['kept'] else 'NO':>5} {row['touched']:8,}",
			flush=True,
		)
	other = second_bound(orders, cases(orders)["budget 40 %"], Policy())
	mine = next(r for r in rows if r["case"] == "budget 40 %")
	mine["second_bound"] = round(other, 2)
	print(f"bound of 'budget 40 %': {mine['bound']:,.2f}; by SciPy's HiGHS {other:,.2f}")
	return rows


def judge(rows: list[dict]) -> list[dict]:
	feasible = [r for r in rows if r["bound"] > 0]
	slowest, widest = max(r["seconds"] for r in rows), max(r["gap"] for r in feasible)
	checked = next(r for r in rows if "second_bound" in r)
	apart = abs(checked["bound"] / checked["second_bound"] - 1)
	return [
		{
			"bar": f"within {MOST_GAP:.0%} of the bound",
			"found": f"{widest:.3%} at worst",
			"met": widest <= MOST_GAP,
		},
		{
			"bar": f"in {MOST_SECONDS:g} s",
			"found": f"{slowest:.1f} s at worst",
			"met": slowest <= MOST_SECONDS,
		},
		{
			"bar": "no limit broken",
			"found": sum(not r["kept"] for r in rows),
			"met": all(r["kept"] for r in rows),
		},
		{"bar": "bound as by another solver", "found": f"{apart:.4%} apart", "met": apart < 1e-3},
	]


def made_orders(count: int, seed: int) -> pd.DataFrame:
	"""Orders as `optimise` takes them, in three warehouses; one item in three has a minimum order, one in ten a price break."""
	rng = np.random.default_rng(seed)
	mean = rng.lognormal(3, 1, count)
	wanted = np.ceil(mean * rng.uniform(0.5, 3, count))
	price = rng.lognormal(2, 1, count).round(2) + 0.01
	breaks = [
		[(float(w) * 2, round(float(p) * 0.93, 4))] if b else None
		for w, p, b in zip(wanted, price, rng.random(count) < 0.1, strict=True)
	]
	return pd.DataFrame(
		{
			"item_code": [f"I{n:05}" for n in range(count)],
			"warehouse": rng.choice(WAREHOUSES, count),
			"supplier": [f"S{n:02}" for n in rng.integers(0, SUPPLIERS, count)],
			"wanted": wanted,
			"usual": wanted,
			"gap": np.ceil(mean * 0.4),
			"step": 1.0,
			"min_qty": np.where(rng.random(count) < 0.33, np.ceil(wanted * 0.4), 0.0),
			"most": wanted * 3,
			"unit_cost": price,
			"list_cost": price,
			"breaks": breaks,
			"volume": rng.uniform(0.001, 0.05, count),
			"position": mean * rng.uniform(-0.2, 1, count),
			"mean": mean,
			"std": mean * rng.uniform(0.2, 1, count),
			"none": 0.0,
			"floor": 0.0,  # units owed that no stock spares
			"margin": price * rng.uniform(0.1, 0.8, count),
			"daily": mean / 25,
			"early_days": 0.0,
			"is_paid": True,
		}
	)


def cases(orders: pd.DataFrame) -> dict:
	from sentia_ops.replenishment.engine.joint import Limits

	cost = orders["wanted"] * orders["unit_cost"]
	by_supplier = cost.groupby(orders["supplier"]).sum()
	room = (orders["wanted"] * orders["volume"]).groupby(orders["warehouse"]).sum()
	values = {name: 0.3 * total for name, total in by_supplier.items()}
	return {
		"none": Limits(),
		"budget 40 %": Limits(budget=0.4 * float(cost.sum())),
		"budget 40 %, order values": Limits(budget=0.4 * float(cost.sum()), order_values=values),
		"budget 70 %, order values, half the room": Limits(
			budget=0.7 * float(cost.sum()), room=(0.5 * room).to_dict(), order_values=values
		),
		"budget 0": Limits(budget=0.0),
		"one warehouse over-full": Limits(room={"UK": -5.0}),
		"order values nobody reaches": Limits(order_values=dict.fromkeys(by_supplier.index, 1e9)),
	}


def keeps(orders: pd.DataFrame, qty: pd.Series, limits) -> bool:
	"""Whether the quantities, added up anew, keep all limits."""
	cost = qty * paid_price(orders, qty)
	if limits.budget is not None and cost.sum() > limits.budget + 0.01:
		return False
	volume = (qty * orders["volume"]).groupby(orders["warehouse"]).sum()
	if any(volume.get(w, 0.0) > max(most, 0.0) + 1e-6 for w, most in limits.room.items()):
		return False
	spent = cost.groupby([orders["supplier"], orders["warehouse"]]).sum()
	least = (
		spent.index.get_level_values(0).map(lambda name: limits.order_values.get(name, 0.0)).to_numpy(float)
	)
	small = (spent.to_numpy() > 0.005) & (spent.to_numpy() < least - 0.01)
	below = (qty > 0) & (qty < orders["min_qty"] - 1e-6)
	return not small.any() and not below.any()


def paid_price(orders: pd.DataFrame, qty: pd.Series) -> pd.Series:
	"""Company currency a unit at these quantities."""
	each = zip(orders["breaks"], qty, orders["list_cost"], strict=True)
	return pd.Series([b[0][1] if b and q >= b[0][0] else p for b, q, p in each], index=orders.index)


def second_bound(orders: pd.DataFrame, limits, policy) -> float:
	"""Most that any choice of steps within the budget can be worth: the linear relaxation, by SciPy."""
	from scipy.optimize import linprog
	from scipy.sparse import csr_matrix, vstack

	from sentia_ops.replenishment.engine.joint.ladders import build_ladders

	ladders = build_ladders(orders, policy)
	count = len(ladders.owner)
	one = csr_matrix((np.ones(count), (ladders.owner, np.arange(count))), shape=(len(orders), count))
	rows = vstack([one, csr_matrix(ladders.cost[None, :])])
	most = np.concatenate([np.ones(len(orders)), [limits.budget]])
	found = linprog(-ladders.value, A_ub=rows, b_ub=most, bounds=(0, 1), method="highs")
	return -float(found.fun)
