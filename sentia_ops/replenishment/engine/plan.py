"""Frames in, stock policy and recommendations out: one row per item and warehouse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import limiting, moving, report, sharing
from sentia_ops.replenishment.engine.book import Book, gather
from sentia_ops.replenishment.engine.network import Network
from sentia_ops.replenishment.engine.offers import left_out_warnings
from sentia_ops.replenishment.engine.orders import order_rows
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.rows import (
	best_tiers,
	expand,
	regular_rows,
	with_cost,
	with_forecast,
	with_levels,
	with_position,
)


@dataclass(frozen=True)
class Tables:
	"""The input tables, with columns as in their frames; the last ones may be left out.

	Attributes:
	    terms: supplier_terms; overrides: policy_overrides; previous: recommendations of the run before; receipts: what came lately.
	"""

	items: pd.DataFrame
	warehouses: pd.DataFrame
	currencies: pd.DataFrame
	stock: pd.DataFrame
	inbound: pd.DataFrame
	outbound: pd.DataFrame
	supplier_items: pd.DataFrame
	lead_times: pd.DataFrame
	forecasts: pd.DataFrame
	quality: pd.DataFrame
	terms: pd.DataFrame | None = None
	receipts: pd.DataFrame | None = None
	overrides: pd.DataFrame | None = None
	previous: pd.DataFrame | None = None


@dataclass(frozen=True)
class Plan:
	"""Attributes:
	stock_policy, recommendations, excess, allocations: columns as in their frames, without `run`.
	unknown: item and warehouse pairs left out because one of the two is in no table.
	warnings: for the planner.
	"""

	stock_policy: pd.DataFrame
	recommendations: pd.DataFrame
	excess: pd.DataFrame
	allocations: pd.DataFrame
	unknown: int
	warnings: list[str]


def make_plan(
	tables: Tables, as_of: date, policy: Policy, progress: Callable[[float], None] = lambda share: None
) -> Plan:
	"""Stock policy of every item x warehouse with a forecast, stock or an open order; orders where stock is short.

	Where the stock table has rows, a pair that is not among them has nothing on hand. An empty stock table means that
	stock is not known: reorder points are given, orders are not.

	Raises:
	    ValueError: the policy makes no sense.
	"""
	policy.check()
	book = gather(tables, as_of, policy)
	progress(0.2)
	tiers = reckon(book, policy)
	rows = best_tiers(tiers)
	regular = rows.iloc[regular_rows(rows)].reset_index(drop=True)
	progress(0.3)
	room = limiting.free_room(tables.warehouses, tables.items, tables.stock, tables.inbound)
	placed = moving.with_places(regular, tables.items, tables.warehouses)
	network = moving.find_transfers(placed, room, policy, stock_known=book.stock_known)
	moves = _transfers(book, rows, tiers, regular, network, policy)
	book, rows = moving.move(book, rows, network)
	regular = rows.iloc[regular_rows(rows)].reset_index(drop=True)
	progress(0.4)
	verdicts = book.verdicts(regular)
	ordering = np.flatnonzero(verdicts == "order")
	at_hand = order_rows(rows, tiers, ordering)
	decided = report.decide(book, at_hand, regular, ordering, policy)
	limits = limiting.limits_of(policy, tables.terms, moving.room_left(room, network, placed))
	volumes = tables.items.drop_duplicates("item_code").set_index("item_code")["volume"]
	limited = limiting.limit(book, decided, rows, tiers, regular, volumes, limits, policy)
	decided = replace(limited.decided, hints=moving.hints(book, network))
	progress(0.5)
	recommendations = report.recommendations(book, decided, lambda share: progress(0.5 + 0.3 * share))
	stock_policy = report.stock_policy(book, regular, verdicts, decided)
	planned = set(book.pairs["item_code"])
	left_out = {item: found for item, found in book.offers.left_out.items() if item in planned}
	warnings = [*left_out_warnings(left_out), *book.warnings, *_stale_forecast(tables.forecasts, book.today)]
	return Plan(
		stock_policy=stock_policy,
		recommendations=pd.concat([moves, recommendations], ignore_index=True)
		if len(moves)
		else recommendations,
		excess=sharing.excess_of(placed, tables.inbound, tables.receipts, network.transfers, policy, as_of)
		if book.stock_known
		else pd.DataFrame(),
		allocations=sharing.shares_of(placed, book.outbound) if book.stock_known else pd.DataFrame(),
		unknown=book.unknown,
		warnings=[*warnings, *limited.sentences],
	)


def _transfers(
	book: Book,
	rows: pd.DataFrame,
	tiers: pd.DataFrame,
	regular: pd.DataFrame,
	network: Network,
	policy: Policy,
) -> pd.DataFrame:
	"""Recommendations for the transfers, with the figures as they are before anything is moved."""
	if network.transfers.empty:
		return pd.DataFrame()
	key = pd.MultiIndex.from_frame(book.pairs[["item_code", "warehouse"]])
	pairs = np.sort(key.get_indexer(pd.MultiIndex.from_frame(network.transfers[["item_code", "warehouse"]])))
	decided = report.decide(book, order_rows(rows, tiers, pairs), regular, pairs, policy)
	return moving.recommend(decided.cases, network, book, policy)


def reckon(book: Book, policy: Policy) -> pd.DataFrame:
	"""Every pair with every offer (see `rows`), numbers only: levels, position, gap, regular quantity and cost."""
	rows = with_forecast(expand(book.pairs, book.offers), book.panel)
	rows = _with_margin(rows, policy)
	return with_cost(with_position(with_levels(rows, policy), book.inbound, book.outbound))


def _with_margin(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
	"""What a unit not sold costs: selling rate less unit cost, or an assumed share of the cost where no rate is known."""
	sold = rows["selling_rate"].to_numpy()
	cost = rows["unit_cost"].to_numpy()
	margin = np.where(sold > 0, np.maximum(sold - cost, 0.0), policy.stockout_margin * cost)
	return rows.assign(margin=np.round(margin, 6))


def _stale_forecast(forecasts: pd.DataFrame, today: pd.Timestamp) -> list[str]:
	if forecasts.empty or forecasts["date"].max() >= today:
		return []
	last = forecasts["date"].max().date()
	return [
		f"The forecast ends on {last}, before {today.date()}: its last days' mean was used. Forecast again."
	]
