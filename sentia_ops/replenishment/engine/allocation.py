"""Scarce stock shared out over warehouses: who gets how much of what there is until the next delivery.

An item is scarce where all warehouses of a company together expect to sell more, until an order placed today can arrive, than is
on hand and due by then. Open customer orders are served first; the rest goes, unit by unit, where the next unit earns
most: margin x chance that demand there is larger than what it already has. That maximises the expected margin, as each
warehouse's expected sales are concave in what it gets (marginal analysis; Porteus 2002, Foundations of Stochastic
Inventory Theory, chapter 1). Of two that earn the same, the one with the higher service level is served first.
"""

from __future__ import annotations

import math

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
ROUNDS = 60  # of halving the price of a unit
s = f.show


def allocate(pairs: pd.DataFrame) -> pd.DataFrame:
	"""Shares of all scarce items; COLUMNS.

	Args:
	    pairs: a row per item and warehouse. Columns: item_code, warehouse, company, market; available (on hand and due until
	        an order placed today can arrive), orders (open customer orders until then, overdue ones included), mean, std,
	        shape, none (all demand until then, orders included: see `engine.demand`), margin (a unit), service_level, whole.
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
	available = f.exact(group["available"].sum())
	owed = serve(group["orders"].to_numpy(dtype=float), available)
	share = shares(group, owed, f.exact(available - owed.sum()))
	mean = group["mean"].to_numpy(dtype=float)
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


def shares(group: pd.DataFrame, owed: np.ndarray, rest: float) -> np.ndarray:
	"""`owed` plus the parts of `rest`, which add up to it exactly.

	All get as much as makes their next unit earn the same; that price is found by halving. Whole units are then given one
	by one to whoever earns most from the next.
	"""
	if rest <= f.NOISE:
		return owed
	unit = 1.0 if group["whole"].all() else 0.001
	low, high = 0.0, float(group["margin"].max())
	for _ in range(ROUNDS):
		middle = (low + high) / 2
		given = _at_price(group, owed, middle, rest)
		low, high = (middle, high) if given.sum() > rest else (low, middle)
	given = np.floor(_at_price(group, owed, high, rest) / unit + f.NOISE) * unit
	left = round((rest - given.sum()) / unit)
	for _ in range(max(left, 0)):
		given[int(np.argmax(_next_earns(group, owed + given)))] += unit
	share = np.round(owed + given, 6)
	share[0] = f.exact(share[0] + (owed.sum() + rest - share.sum()))
	return share


def _at_price(group: pd.DataFrame, owed: np.ndarray, price: float, rest: float) -> np.ndarray:
	"""What each takes while its next unit earns at least `price`, by halving; at most `rest`."""
	low, high = np.zeros(len(group)), np.full(len(group), rest)
	for _ in range(ROUNDS):
		middle = (low + high) / 2
		earns = _next_earns(group, owed + middle) >= price
		low, high = np.where(earns, middle, low), np.where(earns, high, middle)
	return low


def _next_earns(group: pd.DataFrame, has: np.ndarray) -> np.ndarray:
	"""margin x P(demand > has)."""
	shape = group["shape"].to_numpy()
	mean, std, none = (group[c].to_numpy(dtype=float) for c in ("mean", "std", "none"))
	_short, chance = demand.short_of(shape, mean, std, none, has)
	return group["margin"].to_numpy(dtype=float) * chance


def _row(row: dict, share: float, short: float, owed: float, whole_story: str) -> dict:
	mean, short = f.tidy(row["mean"]), f.tidy(short)
	lost = round(short * row["margin"], 2)
	has = f.exact(row["available"])
	parts = [whole_story]
	if owed > 0:
		parts.append(f"{s(f.exact(owed))} of its share is for open customer orders")
	if row["std"] > 0 and share > 0:
		chance = round(
			float(_next_earns(pd.DataFrame([row]), np.array([share]))[0]) / (row["margin"] or math.inf), 2
		)
		parts.append(
			f"the next unit here would sell with a chance of {s(f.exact(chance * 100))} %, x {s(f.exact(row['margin']))} margin"
		)
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
