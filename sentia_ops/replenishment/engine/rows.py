"""One row per item, warehouse and supplier: levels, position, regular quantity and cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine.arrays import exact, tidy
from sentia_ops.replenishment.engine.levels import (
	DAYS_A_YEAR,
	capped,
	complete,
	economic_quantity,
	error_over,
	levels,
)
from sentia_ops.replenishment.engine.offers import Offers
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.series import ForecastPanel, OpenOrders

SHOWN_DAYS = 60  # of projected stock, at least
SHOWN_AFTER = 14  # days after the protection period


def horizon(period: np.ndarray) -> np.ndarray:
	"""Days to project for a protection period."""
	return np.maximum(SHOWN_DAYS, np.ceil(np.round(period, 6)).astype(int) + SHOWN_AFTER)


def expand(pairs: pd.DataFrame, offers: Offers) -> pd.DataFrame:
	"""Each pair with each offer of its item: columns of both; `pair` is the pair's position, pairs in order."""
	item = offers.rows["item_code"].to_numpy()
	start = np.searchsorted(item, pairs["item_code"].to_numpy(), "left")
	count = np.searchsorted(item, pairs["item_code"].to_numpy(), "right") - start
	pair = np.repeat(np.arange(len(pairs)), count)
	first = np.repeat(np.cumsum(count) - count, count)
	taken = np.repeat(start, count) + np.arange(len(pair)) - first
	rows = offers.rows.iloc[taken].reset_index(drop=True)
	for name in pairs.columns:
		if name != "item_code":
			rows[name] = pairs[name].to_numpy()[pair]
	rows["pair"] = pair
	own = pairs["review_rule"].to_numpy()[
		pair
	]  # a planner's review period; the supplier's calendar may make it longer
	rows["review_days"] = np.where(np.isnan(own), rows["review_days"], own)
	return rows


def with_forecast(rows: pd.DataFrame, panel: ForecastPanel) -> pd.DataFrame:
	"""Add what is forecast over the lead time, the protection period and in the long run, and its error."""
	pair, lead = rows["pair"].to_numpy(), rows["total_lead_days"].to_numpy()
	period = exact(lead + rows["review_days"].to_numpy())
	longest = np.zeros(pair.max(initial=-1) + 1)
	np.maximum.at(longest, pair, period)
	days = horizon(longest)[pair]
	return rows.assign(
		horizon_days=days,
		long_daily=tidy(panel.within(pair, days) / days),
		lead_demand=tidy(panel.within(pair, lead)),
		period_demand=tidy(panel.within(pair, period)),
		lead_days_own=rows["lead_days"],
		lead_days=lead,
	)


def with_levels(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
	"""Add the columns of `levels`, and those it takes by default."""
	rows = complete(rows, policy)
	found = levels(rows, policy)
	return rows.assign(**{name: found[name] for name in found.columns})


def with_position(rows: pd.DataFrame, inbound: OpenOrders, outbound: OpenOrders) -> pd.DataFrame:
	"""Add what is there and promised within the protection period and the lead time, and what is missing."""
	r = {
		name: rows[name].to_numpy()
		for name in ("pair", "period_days", "lead_days", "on_hand", "owed", "moved")
	}
	pair = r["pair"].astype(np.int64)
	coming = exact(inbound.within(pair, r["period_days"]))
	promised = exact(outbound.within(pair, r["period_days"]))
	excess = exact(np.maximum(promised - rows["period_demand"].to_numpy(), 0.0))
	here = r["on_hand"] + r["moved"] - r["owed"]
	lead_demand = np.maximum(rows["lead_demand"].to_numpy(), exact(outbound.within(pair, r["lead_days"])))
	lead_supply = exact(here + inbound.within(pair, r["lead_days"]))
	return with_gap(
		rows.assign(
			inbound=coming,
			promised=promised,
			excess=excess,
			position=exact(here + coming - excess),
			lead_wanted=lead_demand,
			lead_supply=lead_supply,
		)
	)


def with_gap(rows: pd.DataFrame) -> pd.DataFrame:
	"""Add what is missing up to the reorder point, what is left on arrival, and the order that fits."""
	missing = exact(rows["reorder_point"].to_numpy() - rows["position"].to_numpy())
	return rows.assign(
		gap=np.where((missing > 1e-6) & ~rows["hold"].to_numpy(dtype=bool), missing, 0.0),
		left=exact(rows["lead_supply"].to_numpy() - rows["lead_wanted"].to_numpy()),
	)


def with_cost(rows: pd.DataFrame) -> pd.DataFrame:
	"""Add a regular order and its yearly cost: to buy, to order, to hold; without demand, of the order at hand.

	It does not depend on today's stock, so that the choice does not flip from one day to the next.
	"""
	r = {name: rows[name].to_numpy() for name in rows.columns}
	sells = r["long_daily"] > 0
	at_hand = capped(r, economic_quantity(r), r["gap"])
	qty = np.where(sells, r["order_qty"], at_hand)
	yearly = exact(DAYS_A_YEAR * r["long_daily"])
	with np.errstate(divide="ignore", invalid="ignore"):
		running = (
			yearly * r["unit_cost"]
			+ yearly / qty * r["ordering_cost"]
			+ (qty / 2 + r["safety_stock"]) * r["holding_rate"] * r["unit_cost"]
		)
	once = qty * r["unit_cost"] + r["ordering_cost"]
	return rows.assign(usual_qty=qty, total_cost=np.round(np.where(sells, running, once), 2))


def best_tiers(rows: pd.DataFrame) -> pd.DataFrame:
	"""One row per pair and supplier: the price break that is cheapest in all; one that lasts too long is none."""
	if not (rows["tier_qty"] > 0).any():
		return rows
	too_long = (rows["tier_qty"] > 0) & (rows["usual_qty"] > rows["max_cover_days"] * rows["long_daily"])
	spoils = (
		(rows["tier_qty"] > 0)
		& (rows["shelf_life_days"] > 0)
		& (rows["usual_qty"] > rows["shelf_life_days"] * rows["long_daily"])
	)
	ranked = rows[~(too_long | spoils)].sort_values(
		["pair", "supplier", "total_cost", "tier_qty"], kind="stable"
	)
	kept = ranked.drop_duplicates(["pair", "supplier"])
	return rows.loc[kept.index.sort_values()].reset_index(drop=True)


def regular_rows(rows: pd.DataFrame) -> np.ndarray:
	"""Position of each pair's regular supplier: the cheapest in all, the default one in a tie; one with a price first."""
	supplier = pd.factorize(rows["supplier"], sort=True)[0]
	keys = (
		supplier,
		~rows["is_default"].to_numpy(dtype=bool),
		rows["total_cost"].to_numpy(),
		~rows["has_price"].to_numpy(dtype=bool),
		rows["pair"].to_numpy(),
	)
	order = np.lexsort(keys)
	pair = rows["pair"].to_numpy()[order]
	return order[np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))] if len(order) else order


def scatter(
	r: dict[str, np.ndarray], days: np.ndarray, forecast: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
	"""(error a day, deviation, chance of none) of the demand in `days`, lead time's scatter included.

	Args:
	    forecast: of those days; wanted: the larger of that and what customers have ordered.
	"""
	error = np.where(forecast > 0, error_over(r, days), 0.0)
	with np.errstate(divide="ignore", invalid="ignore"):
		daily = tidy(np.where(days > 0, forecast / np.where(days > 0, days, 1.0), 0.0))
	std = tidy(np.sqrt(days * error**2 + daily**2 * r["lead_std"] ** 2))
	none = demand.none_chance(
		demand.shape_of(r["demand_class"]), demand.order_rate(daily, error) * days, wanted, std
	)
	return error, std, np.where(wanted > forecast, 0.0, none)  # what is ordered already is not nothing


def lead_spread(rows: pd.DataFrame) -> pd.DataFrame:
	"""Add deviation of the demand until an order placed today arrives, and the chance and size of running out by then."""
	r = {name: rows[name].to_numpy() for name in rows.columns}
	error, std, none = scatter(r, r["lead_days"], r["lead_demand"], r["lead_wanted"])
	short, chance = demand.short_of(r["lead_wanted"], std, none, r["lead_supply"])
	return rows.assign(
		lead_error=error,
		lead_dev=std,
		lead_none=none,
		lead_risk=np.round(np.clip(chance, 0, 1), 2),
		lead_short=np.where(short >= 0.1, tidy(short), np.round(short, 4)),
	)
