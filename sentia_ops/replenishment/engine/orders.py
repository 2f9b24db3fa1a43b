"""The order at hand of each row: its quantity, its price, and what it spares."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine.arrays import exact, round_up, tidy
from sentia_ops.replenishment.engine.levels import (
	capped,
	cover_cap,
	error_over,
	levels,
	shelf_cap,
	shelf_level,
	shelf_ratio,
)
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.rows import lead_spread, scatter, with_gap

INPUTS = [
	*("long_daily", "lead_demand", "period_demand", "demand_class", "error_std", "day_std"),
	*("lead_days", "lead_std", "review_days", "lead_wanted", "lead_supply"),
	*("on_hand", "owed", "inbound", "promised", "excess", "moved", "position", "left"),
	*("supplier", "price", "currency", "rate", "unit_cost", "margin", "tier_qty", "min_qty", "step", "whole"),
	*(
		"ordering_cost",
		"holding_rate",
		"service_level",
		"service_measure",
		"max_cover_days",
		"shelf_life_days",
	),
	"fixed_safety",
]


def arrays(rows: pd.DataFrame) -> dict[str, np.ndarray]:
	return {name: rows[name].to_numpy() for name in rows.columns}


def order_rows(rows: pd.DataFrame, tiers: pd.DataFrame, ordering: np.ndarray) -> pd.DataFrame:
	"""The rows of the pairs to order, with the order that each supplier would get and what it spares."""
	wanted = np.zeros(rows["pair"].max() + 1 if len(rows) else 0, dtype=bool)
	wanted[ordering] = True
	rows = lead_spread(with_gap(rows[wanted[rows["pair"].to_numpy()]].reset_index(drop=True)))
	rows["qty"] = order_now(rows)
	rows = at_reached_price(rows, tiers)
	rows["qty_now"] = rows["qty"]
	return with_exposure(with_details(rows))


def order_now(rows: pd.DataFrame) -> np.ndarray:
	"""Economic quantity or what is missing, within limits, minimum and packs; stock UOM."""
	r = arrays(rows)
	return capped(r, r["economic_qty"], r["gap"], r["left"])


def replay(inputs: pd.DataFrame, policy: Policy) -> np.ndarray:
	"""The order that these inputs (columns INPUTS) lead to."""
	rows = inputs.assign(**{name: found for name, found in levels(inputs, policy).items()})
	missing = exact(rows["reorder_point"] - rows["position"])
	return order_now(rows.assign(gap=np.where(missing > 1e-6, missing, 0.0)))


def at_reached_price(rows: pd.DataFrame, tiers: pd.DataFrame) -> pd.DataFrame:
	"""Rows whose quantity reaches a cheaper price break than they were planned with get its price."""
	breaks = tiers[tiers["tier_qty"] > 0]
	if breaks.empty or rows.empty:
		return rows
	columns = ["pair", "supplier", "tier_qty", "price", "unit_cost"]
	key = rows[["pair", "supplier", "qty", "unit_cost"]].assign(_row=np.arange(len(rows)))
	both = key.merge(breaks[columns], on=["pair", "supplier"], suffixes=("", "_there"))
	both = both[(both["tier_qty"] <= both["qty"] + 1e-9) & (both["unit_cost_there"] < both["unit_cost"])]
	best = both.sort_values("unit_cost_there").drop_duplicates("_row").set_index("_row")
	rows = rows.reset_index(drop=True)
	for name, there in (("tier_qty", "tier_qty"), ("price", "price"), ("unit_cost", "unit_cost_there")):
		rows.loc[best.index, name] = best[there]
	return rows


def with_details(rows: pd.DataFrame) -> pd.DataFrame:
	"""Add the limits that the quantity met, for the arithmetic in words."""
	from scipy.special import ndtri

	r = arrays(rows)
	sells = r["long_daily"] > 0
	wanted = np.where(sells, np.maximum(r["economic_qty"], r["gap"]), r["gap"])
	cover = np.maximum(cover_cap(r, r["left"]), r["gap"])
	shelf = shelf_cap(r, r["left"])
	limited = np.where(sells, np.minimum(np.minimum(wanted, cover), shelf), wanted)
	days = r["shelf_life_days"]
	return rows.assign(
		cover_raw=cover_cap(r, r["left"]),
		cover_qty=cover,
		shelf_level=shelf_level(r),
		shelf_ratio=shelf_ratio(r),
		shelf_z=np.round(ndtri(shelf_ratio(r)), 3),
		shelf_std=tidy(error_over(r, days) * np.sqrt(days)),
		shelf_raw=exact(shelf_level(r) - r["left"]),
		shelf_qty=shelf,
		uncapped=round_up(limited, r["step"]),
		cost=np.round(exact(r["qty"] * r["unit_cost"]), 2),
	)


def with_exposure(rows: pd.DataFrame) -> pd.DataFrame:
	"""Add the expected cost of running out until the order after this one can arrive, without and with this order.

	Units short (see `demand.short_of`) x margin. Until an order placed today arrives both are the same; what is short then
	does not go away by itself, so the larger of the shortage by then and by the end of the protection period counts.
	"""
	r = arrays(rows)
	supply = exact(r["on_hand"] + r["moved"] - r["owed"] + r["inbound"])
	wanted = np.maximum(r["period_demand"], r["promised"])
	_error, std, none = scatter(r, r["period_days"], r["period_demand"], wanted)
	without = np.maximum(_units(demand.short_of(wanted, std, none, supply)[0]), r["lead_short"])
	ordered = np.maximum(_units(demand.short_of(wanted, std, none, supply + r["qty"])[0]), r["lead_short"])
	return rows.assign(
		period_wanted=wanted,
		period_supply=supply,
		period_dev=std,
		period_none=none,
		short_without=without,
		short_with=ordered,
		cost_without=np.round(without * r["margin"], 2),
		cost_with=np.round(ordered * r["margin"], 2),
	)


def _units(short: np.ndarray) -> np.ndarray:
	return np.where(short >= 0.1, tidy(short), np.round(short, 4))
