"""Scarce stock shared out over warehouses: who gets how much of what there is until the next delivery.

An item is scarce where all warehouses of a company together expect to sell more, until an order placed today can arrive, than is
on hand and due by then. Open customer orders are served first; the rest goes, unit by unit, where the next unit earns
most: margin x the sales expected from it, beyond those of what is there already. That maximises the expected margin, as each
warehouse's expected sales are concave in what it gets (marginal analysis; Porteus 2002, Foundations of Stochastic
Inventory Theory, chapter 1). Of two that earn the same, the one with the higher service level is served first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine import formulas as f

COLUMNS = [
	"item_code",
	"warehouse",
	"market",
	"available",
	"demand",
	"allocated",
	"short",
	"lost_margin",
	"why",
]
FEW = 32  # steps in the first round
s = f.show


def allocate(pairs: pd.DataFrame) -> pd.DataFrame:
	"""Shares of all scarce items; COLUMNS.

	Args:
	    pairs: a row per item and warehouse. Columns: item_code, warehouse, company, market; available (on hand and due until
	        an order placed today can arrive), orders (open customer orders until then, overdue ones included), mean, std,
	        none (all demand until then, orders included: see `engine.demand`), margin (a unit), service_level, whole.
	"""
	rows = pairs[(pairs["mean"] > f.NOISE) | (pairs["available"] > f.NOISE)]
	keys = [rows["item_code"], rows["company"]]
	total = rows[["available", "mean"]].groupby(keys).transform("sum")
	wanting = (rows["mean"] > f.NOISE).groupby(keys).transform("sum")
	scarce = rows[
		(total["mean"] > total["available"] + f.NOISE) & (total["available"] > f.NOISE) & (wanting > 1)
	]
	found: list[dict] = []
	for _key, group in scarce.groupby(["item_code", "company"], sort=True):
		found += _share(group)
	return pd.DataFrame(found, columns=COLUMNS)


def _share(group: pd.DataFrame) -> list[dict]:
	group = group.sort_values(
		["margin", "service_level", "warehouse"], ascending=[False, False, True], kind="stable"
	)
	wants = {name: group[name].to_numpy() for name in ("mean", "std", "none", "margin", "orders", "whole")}
	available, mean = f.exact(group["available"].sum()), wants["mean"]
	owed = serve(wants["orders"], available)
	share = shares(wants, owed, f.exact(available - owed.sum()))
	short = np.maximum(mean - share, 0.0)
	rows = group.to_dict("records")
	names = ", ".join(f"{row['warehouse']} {s(f.exact(q))}" for row, q in zip(rows, share, strict=True))
	whole_story = (
		f"{s(available)} on hand and due in all warehouses, {s(f.tidy(float(mean.sum())))} expected to sell before an order "
		f"placed today arrives; shared out: {names}"
	)
	return [
		_row(row, float(share[n]), float(short[n]), float(owed[n]), whole_story) for n, row in enumerate(rows)
	]


def serve(orders: np.ndarray, available: float) -> np.ndarray:
	"""Open customer orders in the order of the rows, as far as stock goes."""
	before = np.concatenate([[0.0], np.cumsum(orders)[:-1]])
	return np.round(np.clip(available - before, 0.0, orders), 6)


def shares(wants: dict[str, np.ndarray], owed: np.ndarray, rest: float) -> np.ndarray:
	"""`owed` plus the parts of `rest`, which add up to it exactly.

	Units go one by one to whoever earns most from the next. For speed in large steps first; before each finer round all give
	one step back, as the best shares lie no further away (Hochbaum 1994, "Lower and upper bounds for the allocation
	problem").
	"""
	unit = 1.0 if wants["whole"].all() else 0.001
	step = unit
	while step * FEW < rest:
		step *= 4
	given = np.zeros(len(owed))
	while rest > f.NOISE:
		count = int((rest - given.sum()) / step + f.NOISE)
		given += step * _best_steps(wants, owed + given, step, count)
		if step <= unit:
			break
		given = np.maximum(given - step, 0.0)
		step /= 4
	share = np.round(owed + given, 6)
	share[0] = f.exact(share[0] + (owed.sum() + max(rest, 0.0) - share.sum()))
	return share


def _best_steps(wants: dict[str, np.ndarray], has: np.ndarray, step: float, count: int) -> np.ndarray:
	"""Of `count` steps, how many each takes; what a step earns falls with every step, so the best are each one's first."""
	grid = has[:, None] + step * np.arange(count + 1)[None, :]
	earns = -np.diff(_lost(wants, grid), axis=1)
	best = np.argsort(-np.round(earns, 9), axis=None, kind="stable")[:count]
	return np.bincount(best // max(count, 1), minlength=len(has))


def _lost(wants: dict[str, np.ndarray], has: np.ndarray) -> np.ndarray:
	"""Margin expected to be lost with so much stock; one row per warehouse."""
	mean, std, none = (np.repeat(wants[c], has.shape[1]) for c in ("mean", "std", "none"))
	short, _chance = demand.short_of(mean, std, none, has.ravel())
	return short.reshape(has.shape) * wants["margin"][:, None]


def _row(row: dict, share: float, short: float, owed: float, whole_story: str) -> dict:
	mean, short = f.tidy(row["mean"]), f.tidy(short)
	lost = round(short * row["margin"], 2)
	has = f.exact(row["available"])
	parts = [whole_story]
	if owed > 0:
		parts.append(f"{s(f.exact(owed))} of its share is for open customer orders")
	move = f.exact(share - has)
	if abs(move) > f.NOISE:
		parts.append(
			f"it has {s(has)} itself, so {s(abs(move))} {'would have to come from' if move > 0 else 'would go to'} other warehouses"
		)
	parts.append(f"short of {s(mean)} expected: {s(short)} x {s(f.exact(row['margin']))} margin = {lost:.2f}")
	return {
		"item_code": row["item_code"],
		"warehouse": row["warehouse"],
		"market": row["market"],
		"available": has,
		"demand": mean,
		"allocated": share,
		"short": short,
		"lost_margin": lost,
		"why": "; ".join(parts)[:1].upper() + "; ".join(parts)[1:] + ".",
	}
