"""Frames in, stock policy and recommendations out: one row per item and warehouse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import explain
from sentia_ops.replenishment.engine.case import Case, horizon
from sentia_ops.replenishment.engine.choice import alternatives, choose, weigh
from sentia_ops.replenishment.engine.formulas import NOISE, exact, tidy
from sentia_ops.replenishment.engine.judgement import confidence, urgency
from sentia_ops.replenishment.engine.needs import needs_of
from sentia_ops.replenishment.engine.offers import Offers, collect_offers, left_out_warnings
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.series import (
	PAIR,
	ForecastPanel,
	OpenOrder,
	Outlook,
	by_day,
	forecast_panel,
	open_orders,
)

PROGRESS_EVERY = 200


@dataclass(frozen=True)
class Tables:
	"""The input tables, with columns as in their frames."""

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


@dataclass(frozen=True)
class Plan:
	"""Attributes:
	stock_policy, recommendations: columns as in their frames, without `run`.
	unknown: item and warehouse pairs left out because one of the two is in no table.
	warnings: for the planner.
	"""

	stock_policy: pd.DataFrame
	recommendations: pd.DataFrame
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
	today = pd.Timestamp(as_of)
	items = {row["item_code"]: row for row in tables.items.to_dict("records")}
	offers = collect_offers(items, tables.supplier_items, tables.lead_times, tables.currencies, policy)
	planner = _Planner(
		as_of=as_of,
		policy=policy,
		items=items,
		offers=offers,
		panel=forecast_panel(tables.forecasts, today),
		quality={(row["item_code"], row["warehouse"]): row for row in tables.quality.to_dict("records")},
		stock_known=not tables.stock.empty,
		on_hand=tables.stock.set_index(PAIR)["on_hand"].astype(float).to_dict(),
		inbound=open_orders(tables.inbound, today),
		outbound=open_orders(tables.outbound, today),
	)
	pairs, unknown = _known_pairs(planner, set(tables.warehouses["warehouse"]))
	policy_rows, recommendation_rows = [], []
	for i, pair in enumerate(pairs):
		if i % PROGRESS_EVERY == 0:
			progress(i / len(pairs))
		case = planner.case(pair)
		policy_rows.append(_policy_row(case))
		if case.verdict == "order":
			recommendation_rows.append(_recommendation_row(case))
	planned = {item for item, _ in pairs}
	warnings = left_out_warnings({item: rows for item, rows in offers.left_out.items() if item in planned})
	warnings += _stale_forecast(tables.forecasts, today)
	return Plan(pd.DataFrame(policy_rows), pd.DataFrame(recommendation_rows), unknown, warnings)


def _known_pairs(planner: _Planner, warehouses: set[str]) -> tuple[list[tuple[str, str]], int]:
	pairs = set(planner.panel.row) | set(planner.on_hand) | set(planner.inbound) | set(planner.outbound)
	known = sorted(p for p in pairs if p[0] in planner.items and p[1] in warehouses)
	return known, len(pairs) - len(known)


def _stale_forecast(forecasts: pd.DataFrame, today: pd.Timestamp) -> list[str]:
	if forecasts.empty or forecasts["date"].max() >= today:
		return []
	last = forecasts["date"].max().date()
	return [
		f"The forecast ends on {last}, before {today.date()}: its last days' mean was used. Forecast again."
	]


@dataclass(frozen=True)
class _Planner:
	"""The tables, keyed for one look-up per item and warehouse."""

	as_of: date
	policy: Policy
	items: dict[str, dict]
	offers: Offers
	panel: ForecastPanel
	quality: dict[tuple[str, str], dict]
	stock_known: bool
	on_hand: dict[tuple[str, str], float]
	inbound: dict[tuple[str, str], list[OpenOrder]]
	outbound: dict[tuple[str, str], list[OpenOrder]]

	def case(self, pair: tuple[str, str]) -> Case:
		item, quality = self.items[pair[0]], self.quality.get(pair)
		offers = self.offers.usable[pair[0]]
		days = horizon(max(o.lead_days for o in offers) + self.policy.review_days)
		has_forecast = pair in self.panel.row
		dead = quality is not None and quality["demand_class"] == "dead"
		daily = np.zeros(days) if dead else self.panel.days(pair, days)
		has_demand = bool(daily.sum() > NOISE)
		inbound, outbound = self.inbound.get(pair, []), self.outbound.get(pair, [])
		today = pd.Timestamp(self.as_of)
		outlook = Outlook(
			on_hand=self.on_hand.get(pair, 0.0),
			owed=sum(order.qty for order in outbound if order.overdue(today)),
			forecast=np.cumsum(daily),
			promised=np.cumsum(by_day([order for order in outbound if not order.overdue(today)], days)),
			inbound=np.cumsum(by_day(inbound, days)),
		)
		error_std = self._error_std(pair, quality) if has_demand else 0.0
		options = [
			weigh(
				offer,
				needs_of(outlook, offer, error_std, self.policy, whole=item["whole_number"]),
				self.policy,
				daily=tidy(float(daily.mean())),
				shelf_life_days=item["shelf_life_days"],
			)
			for offer in offers
		]
		choice = choose(
			options,
			self.policy,
			selling_rate=item["selling_rate"],
			shelf_life_days=item["shelf_life_days"],
			stock_known=self.stock_known,
		)
		return Case(
			item=item,
			warehouse=pair[1],
			as_of=self.as_of,
			policy=self.policy,
			choice=choice,
			left_out=self.offers.left_out.get(pair[0], []),
			outlook=outlook,
			stock_known=self.stock_known,
			quality=quality,
			has_forecast=has_forecast,
			has_demand=has_demand,
			inbound=inbound,
			outbound=outbound,
		)

	def _error_std(self, pair: tuple[str, str], quality: dict | None) -> float:
		"""From the backtest; untested, what the forecast's own intervals imply."""
		if quality is not None and (quality["windows"] > 0 or quality["error_std"] > 0):
			return float(quality["error_std"])
		return float(self.panel.spread[self.panel.row[pair]])


def _policy_row(case: Case) -> dict:
	regular, needs = case.regular, case.regular.needs
	ordering = case.verdict == "order"
	covered = needs.daily > 0 and case.stock_known
	return {
		"item_code": case.item["item_code"],
		"warehouse": case.warehouse,
		"supplier": regular.offer.supplier,
		"on_hand": needs.on_hand,
		"inbound": needs.inbound,
		"outbound": exact(needs.owed + needs.promised),
		"position": needs.position,
		"daily_demand": needs.daily,
		"lead_days": regular.offer.lead_days,
		"lead_std": regular.offer.lead_std,
		"service_level": case.policy.service_level,
		"safety_stock": needs.safety_stock,
		"reorder_point": needs.reorder_point,
		"order_qty": case.quantity.qty if ordering else regular.usual_qty if case.has_demand else 0.0,
		"days_of_cover": tidy(max(needs.position, 0.0) / needs.daily) if covered else math.nan,
		"stockout_on": pd.Timestamp(case.stockout_on) if case.stockout_on else pd.NaT,
		"verdict": case.verdict,
		"why": explain.why(case),
	}


def _recommendation_row(case: Case) -> dict:
	offer = case.offer
	sure = confidence(offer, case.quality, case.needs, forecast_used=case.has_demand)
	urgent = urgency(
		as_of=case.as_of,
		order_by=case.order_by,
		arrival=case.arrival_if_today,
		stockout_on=case.stockout_on,
		review_days=case.policy.review_days,
	)
	return {
		"item_code": case.item["item_code"],
		"warehouse": case.warehouse,
		"action": offer.action,
		"supplier": offer.supplier,
		"qty": case.quantity.qty,
		"order_by": pd.Timestamp(case.order_by),
		"need_by": pd.Timestamp(case.need_by),
		"unit_price": offer.price,
		"currency": offer.currency,
		"cost": case.cost,
		"service_level": case.policy.service_level,
		"stockout_risk": case.needs.risk,
		"confidence": sure.value,
		"urgency": urgent[0],
		"summary": explain.summary(case),
		"reasons": json.dumps(explain.reasons(case, sure, urgent), ensure_ascii=False, allow_nan=False),
		"alternatives": json.dumps(
			alternatives(case.choice, case.left_out), ensure_ascii=False, allow_nan=False
		),
		"projection": json.dumps(_projection(case), allow_nan=False),
	}


def _projection(case: Case) -> dict:
	return {
		"start": str(case.as_of),
		"without": [exact(round(x, 2)) for x in case.projected.tolist()],
		"with": [exact(round(x, 2)) for x in case.projected_with_order.tolist()],
		"safety_stock": case.needs.safety_stock,
		"reorder_point": case.needs.reorder_point,
	}
