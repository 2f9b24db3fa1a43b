"""The input tables as arrays: what is known of every item and warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import classes
from sentia_ops.replenishment.engine.arrays import exact, tidy
from sentia_ops.replenishment.engine.offers import Offers, collect_offers
from sentia_ops.replenishment.engine.overdue import remaining_days
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.rows import SHOWN_DAYS
from sentia_ops.replenishment.engine.series import (
	ForecastPanel,
	OpenOrders,
	Pairs,
	all_pairs,
	days_from,
	forecast_panel,
	open_orders,
)

if TYPE_CHECKING:
	from sentia_ops.replenishment.engine.plan import Tables

DAYS_A_YEAR = 365
LASTING = ("smooth", "erratic")  # classes whose intervals tell the error of a single day


@dataclass(frozen=True)
class Book:
	"""Attributes:
	pairs: one row per item and warehouse, sorted: item_code, warehouse, what the item says, demand_class, error_std, day_std,
	    has_forecast, has_demand, on_hand, owed (overdue to customers), moved (by transfers), service_class and the planner's
	    rules.
	quality: rows of forecast_quality by pair; -1 in `quality_at`: none.
	inbound, outbound: open orders; overdue customer orders are in `owed`, not in `outbound`.
	"""

	as_of: date
	pairs: pd.DataFrame
	offers: Offers
	panel: ForecastPanel
	inbound: OpenOrders
	outbound: OpenOrders
	quality: pd.DataFrame
	quality_at: np.ndarray
	previous: pd.DataFrame | None
	stock_known: bool
	unknown: int
	warnings: list[str]

	@property
	def today(self) -> pd.Timestamp:
		return pd.Timestamp(self.as_of)

	def verdicts(self, regular: pd.DataFrame) -> np.ndarray:
		"""Verdict of each pair, from the row of its regular supplier."""
		demand = self.pairs["has_demand"].to_numpy()
		asked = (regular["owed"] + regular["promised"]).to_numpy() > 0
		found = np.where(demand, "enough", np.where(self.pairs["has_forecast"], "no demand", "no forecast"))
		found = np.where(regular["gap"].to_numpy() > 0, "order", found)
		if not self.stock_known:
			found = np.where(demand | asked, "stock unknown", found)
		return found.astype(object)


def gather(tables: Tables, as_of: date, policy: Policy) -> Book:
	"""Read the tables once, all of them."""
	today = pd.Timestamp(as_of)
	frames = [tables.forecasts, tables.stock, tables.inbound, tables.outbound]
	index, unknown = all_pairs(frames, tables.items["item_code"], tables.warehouses["warehouse"])
	offers = collect_offers(
		tables.items, tables.supplier_items, tables.lead_times, tables.currencies, tables.terms, policy, as_of
	)
	quality_at = _first(index.find(tables.quality), len(index))
	pairs = _pairs(index, tables.items)
	pairs["demand_class"] = _by_quality(tables.quality, quality_at, "demand_class", "").astype(object)
	panel = forecast_panel(tables.forecasts, index, today, (pairs["demand_class"] == "dead").to_numpy())
	pairs = _with_errors(pairs, tables.quality, quality_at, panel)
	pairs["on_hand"] = _sums(index.find(tables.stock), tables.stock["on_hand"], len(index))
	at, day = index.find(tables.outbound), days_from(tables.outbound["due_date"], today)
	leaves = (
		tables.outbound["kind"] == "MR"
	).to_numpy()  # to another warehouse: on top of what customers want
	late = (day < 0) & ~leaves
	pairs["owed"] = exact(_sums(np.where(late, at, -1), tables.outbound["qty"], len(index)))
	pairs["moved"] = -exact(_sums(np.where(leaves, at, -1), tables.outbound["qty"], len(index))) + 0.0
	outbound = open_orders(tables.outbound, np.where(late | leaves, -1, at), day)
	pairs = _with_regular_lead(pairs, offers)
	inbound = _inbound(tables.inbound, index, pairs, today)
	pairs, warnings = _with_rules(pairs, panel, tables.overrides, policy)
	return Book(
		as_of=as_of,
		pairs=pairs,
		offers=offers,
		panel=panel,
		inbound=inbound,
		outbound=outbound,
		quality=tables.quality,
		quality_at=quality_at,
		previous=tables.previous,
		stock_known=not tables.stock.empty,
		unknown=unknown,
		warnings=[*offers.warnings, *warnings],
	)


ITEM = {
	"item_name": "item_name",
	"item_group": "item_group",
	"stock_uom": "stock_uom",
	"whole": "whole_number",
	"selling_rate": "selling_rate",
	"valuation_rate": "valuation_rate",
	"shelf_life_days": "shelf_life_days",
}


def _pairs(index: Pairs, items: pd.DataFrame) -> pd.DataFrame:
	known = items.drop_duplicates("item_code").set_index("item_code").reindex(index.items)
	found = pd.DataFrame(
		{"item_code": index.items[index.item], "warehouse": index.warehouses[index.warehouse]}
	)
	for name, column in ITEM.items():
		found[name] = known[column].to_numpy()[index.item]
	return found


def _first(at: np.ndarray, count: int) -> np.ndarray:
	"""For each pair the row that is of it; -1: none."""
	found = np.full(count, -1)
	rows = np.flatnonzero(at >= 0)
	found[at[rows]] = rows
	return found


def _by_quality(quality: pd.DataFrame, at: np.ndarray, column: str, missing) -> np.ndarray:
	if quality.empty:
		return np.full(len(at), missing)
	return np.where(at >= 0, quality[column].to_numpy()[at], missing)


def _sums(at: np.ndarray, values: pd.Series, count: int) -> np.ndarray:
	return np.bincount(at[at >= 0], values.to_numpy(dtype=float)[at >= 0], minlength=count)


def _with_errors(
	pairs: pd.DataFrame, quality: pd.DataFrame, at: np.ndarray, panel: ForecastPanel
) -> pd.DataFrame:
	"""Error from the backtest; untested, what the forecast's own intervals imply."""
	std = _by_quality(quality, at, "error_std", 0.0).astype(float)
	tested = (_by_quality(quality, at, "windows", 0).astype(float) > 0) | (std > 0)
	demand = (
		panel.within(np.arange(len(pairs)), np.full(len(pairs), float(panel.running.shape[1] - 1) + 1)) > 1e-6
	)
	error = tidy(np.where(demand, np.where(tested, std, panel.spread), 0.0))
	lasting = tested & pairs["demand_class"].isin(LASTING).to_numpy() & (panel.spread > 0)
	day = np.where(lasting, np.minimum(tidy(panel.spread), error), error)
	return pairs.assign(has_forecast=panel.known, has_demand=demand, error_std=error, day_std=day)


def _with_regular_lead(pairs: pd.DataFrame, offers: Offers) -> pd.DataFrame:
	"""Lead time of the item's first offer, the default supplier's: what open orders are taken to be under."""
	first = offers.rows.drop_duplicates("item_code").set_index("item_code").reindex(pairs["item_code"])
	return pairs.assign(
		inbound_lead=first["lead_days"].to_numpy(),
		inbound_std=first["lead_std"].to_numpy(),
		offer_cost=first["unit_cost"].to_numpy(),
	)


def _inbound(rows: pd.DataFrame, index: Pairs, pairs: pd.DataFrame, today: pd.Timestamp) -> OpenOrders:
	"""Overdue purchase orders arrive when lead times say that what is so late already will; other overdue supply today."""
	at, day = index.find(rows), days_from(rows["due_date"], today)
	late = (day < 0) & (at >= 0) & (rows["kind"] == "PO").to_numpy()
	lead, std = (pairs[name].to_numpy()[at[late]] for name in ("inbound_lead", "inbound_std"))
	day[late] = np.ceil(remaining_days(lead - day[late], lead, std)).astype(np.int64)
	return open_orders(rows, at, day)


def _with_rules(
	pairs: pd.DataFrame, panel: ForecastPanel, overrides: pd.DataFrame | None, policy: Policy
) -> tuple[pd.DataFrame, list[str]]:
	"""Add classes, service levels and the planner's own rules."""
	count = len(pairs)
	daily = panel.within(np.arange(count), np.full(count, float(SHOWN_DAYS))) / SHOWN_DAYS
	unit = np.where(pairs["valuation_rate"] > 0, pairs["valuation_rate"], pairs["offer_cost"])
	value = np.round(DAYS_A_YEAR * daily * unit, 2)
	abc = classes.abc(np.where(daily > 0, np.maximum(value, 1e-9), 0.0))
	error = pairs["error_std"].to_numpy()
	xyz = classes.xyz(daily, error)
	both = abc + xyz
	own, warnings = classes.rules(overrides, pairs["item_code"], pairs["item_group"], pairs["warehouse"])
	level = classes.service_levels(both, policy)
	measure = np.where(own["service_measure"] != "", own["service_measure"], policy.service_measure)
	with np.errstate(divide="ignore", invalid="ignore"):
		spread = np.where(daily > 0, error / (np.sqrt(7) * np.where(daily > 0, daily, 1)), 0.0)
	return pairs.assign(
		abc=abc,
		xyz=xyz,
		service_class=both,
		yearly_value=value,
		weekly_spread=tidy(spread),
		service_level=np.where(own["service_level"].isna(), level, own["service_level"]),
		service_measure=measure.astype(object),
		max_cover_days=own["max_cover_days"].fillna(float(policy.max_cover_days)),
		review_rule=own["review_days"],
		fixed_safety=own["safety_stock"],
		hold=own["hold"],
		note_rule=own["note"],
		has_rule=~own["service_level"].isna() | (own["service_measure"] != ""),
	), warnings
