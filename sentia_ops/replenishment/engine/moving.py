"""Transfers put into the plan: what is moved counts before anything is bought, and each transfer is a recommendation."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import explain, report
from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.arrays import exact
from sentia_ops.replenishment.engine.book import Book
from sentia_ops.replenishment.engine.case import Case
from sentia_ops.replenishment.engine.judgement import confidence, urgency
from sentia_ops.replenishment.engine.network import Network, plan_transfers, surplus_of
from sentia_ops.replenishment.engine.orders import with_exposure
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.rows import lead_spread, with_position

CHANGED = ["moved", "inbound", "promised", "excess", "position", "lead_wanted", "lead_supply", "gap", "left"]
KEPT = ("Class", "Demand", "Reorder point", "Position", "Risk", "Late inbound", "Expedite")
s = f.show


def with_places(regular: pd.DataFrame, items: pd.DataFrame, warehouses: pd.DataFrame) -> pd.DataFrame:
	"""Add company, market, volume and pack, and what is committed to customers; what leaves already is not on hand."""
	places = warehouses.drop_duplicates("warehouse").set_index("warehouse")
	goods = items.drop_duplicates("item_code").set_index("item_code")
	return regular.assign(
		company=regular["warehouse"].map(places["company"]).fillna(""),
		market=regular["warehouse"].map(places["market"]).fillna(""),
		volume=regular["item_code"].map(goods["volume"]).astype(float).fillna(0.0),
		pack=regular["item_code"].map(goods["pack_size"]).astype(float).fillna(0.0),
		on_hand=exact((regular["on_hand"] + regular["moved"]).clip(lower=0)),
		committed=exact(regular["owed"] + regular["promised"]),
		daily=regular["long_daily"],
		order_up_to=np.where(regular["cover_mean"] > 0, regular["order_up_to"], 0.0),
	)


def find_transfers(
	placed: pd.DataFrame, room: dict[str, float], policy: Policy, *, stock_known: bool
) -> Network:
	"""See `network`; `placed` as `with_places` gives it."""
	needs = placed["gap"] > 0
	if not policy.transfers or not stock_known or not needs.any():
		return plan_transfers(placed.iloc[:0], policy)
	rows = placed[placed["item_code"].isin(placed.loc[needs, "item_code"])]
	rows = rows[(surplus_of(rows) > 0) | (rows["gap"] > 0)]
	rows = lead_spread(rows.reset_index(drop=True))
	rows["wanted"] = exact(np.maximum(rows["gap"], rows["order_up_to"] - rows["position"]))
	rows = rows.assign(lead_demand=rows["lead_wanted"], lead_std=rows["lead_dev"])
	return plan_transfers(rows.assign(none=rows["lead_none"]), policy, room)


def move(book: Book, rows: pd.DataFrame, network: Network) -> tuple[Book, pd.DataFrame]:
	"""Positions with the transfers made."""
	if network.transfers.empty:
		return book, rows
	key = pd.MultiIndex.from_frame(book.pairs[["item_code", "warehouse"]])
	moved = book.pairs["moved"].to_numpy(dtype=float).copy()
	for column, sign in (("warehouse", 1.0), ("from_warehouse", -1.0)):
		at = key.get_indexer(pd.MultiIndex.from_frame(network.transfers[["item_code", column]]))
		np.add.at(moved, at, sign * network.transfers["qty"].to_numpy(dtype=float))
	touched = (moved != 0)[rows["pair"].to_numpy()]
	part = rows[touched].assign(moved=moved[rows.loc[touched, "pair"]])
	part = with_position(part, book.inbound, book.outbound)
	rows = rows.copy()
	rows.loc[touched, CHANGED] = part[CHANGED]
	return replace(book, pairs=book.pairs.assign(moved=moved)), rows


def room_left(room: dict[str, float], network: Network, placed: pd.DataFrame) -> dict[str, float]:
	"""What transfers into each warehouse leave of its room; what leaves a warehouse makes room only once it has gone."""
	left = dict(room)
	volume = placed.drop_duplicates("item_code").set_index("item_code")["volume"]
	for move_ in network.transfers.to_dict("records"):
		if move_["warehouse"] in left:
			left[move_["warehouse"]] -= move_["qty"] * float(volume[move_["item_code"]])
	return left


def hints(book: Book, network: Network) -> dict[int, str]:
	"""What the stock policy adds on transfers, by pair."""
	key = pd.MultiIndex.from_frame(book.pairs[["item_code", "warehouse"]])
	found: dict[int, list[str]] = {}

	def note(item: str, warehouse: str, text: str) -> None:
		found.setdefault(int(key.get_loc((item, warehouse))), []).append(text)

	for move_ in network.transfers.to_dict("records"):
		qty = s(move_["qty"])
		note(
			move_["item_code"],
			move_["warehouse"],
			f"Move {qty} from {move_['from_warehouse']}: {move_['why']}",
		)
		note(move_["item_code"], move_["from_warehouse"], f"{qty} go to {move_['warehouse']}.")
	for (item, warehouse), text in network.abroad.items():
		note(item, warehouse, text)
	return {pair: " ".join(texts) for pair, texts in found.items()}


def recommend(cases: dict[int, Case], network: Network, book: Book, policy: Policy) -> pd.DataFrame:
	"""A recommendation for each transfer.

	Args:
	    cases: of the receiving pairs, as if nothing were moved.
	"""
	moves = network.transfers.to_dict("records")
	if not moves:
		return pd.DataFrame()
	by_name = {(case.row.item_code, case.row.warehouse): (pair, case) for pair, case in cases.items()}
	taken = [by_name[move_["item_code"], move_["warehouse"]] for move_ in moves]
	rows = pd.DataFrame([case.row for _pair, case in taken]).assign(
		qty=network.transfers["qty"].astype(float), lead_short=network.transfers["short"].astype(float)
	)
	exposed = with_exposure(rows)["cost_with"].tolist()
	weeks = report.weekly(book, np.array([pair for pair, _case in taken]))
	return pd.DataFrame(
		[
			_recommendation(case, move_, policy) | {"cost_with": cost, "weekly_demand": week}
			for move_, (_pair, case), cost, week in zip(moves, taken, exposed, weeks, strict=True)
		]
	)


def _recommendation(case: Case, move_: dict, policy: Policy) -> dict:
	row, days = case.row, math.ceil(policy.transfer_days)
	order_by = case.need_by - timedelta(days=days)
	arrival = case.as_of + timedelta(days=days)
	sure = confidence(row, case.quality, forecast_used=case.has_demand)
	urgent = urgency(
		as_of=case.as_of,
		order_by=order_by,
		arrival=arrival,
		stockout_on=case.stockout_on,
		review_days=row.review_days,
	)
	kept = [reason for reason in explain.reasons(case, sure, urgent) if reason["label"] in KEPT]
	moment = f"{case.need_by} less {s(days)} days for a transfer: move by {order_by}"
	more = "nothing need be bought" if move_["covers"] else "the rest is to be bought"
	reasons = [
		{"label": "Transfer", "text": move_["why"], "value": move_["saving"]},
		{
			"label": "Quantity",
			"text": f"{s(row.gap)} missing to the reorder point; move {s(move_['qty'])}, so that {more}",
			"value": move_["qty"],
		},
		*kept,
		{"label": "Dates", "text": moment, "value": str(order_by)},
		{"label": "Confidence", "text": sure.text, "value": sure.value},
		{"label": "Urgency", "text": f"{urgent[0]}: {urgent[1]}", "value": urgent[0]},
	]
	when = f"today, {(case.as_of - order_by).days} days late" if order_by < case.as_of else f"by {order_by}"
	return {
		"item_code": row.item_code,
		"warehouse": row.warehouse,
		"action": "transfer",
		"supplier": "",
		"from_warehouse": move_["from_warehouse"],
		"qty": float(move_["qty"]),
		"order_by": pd.Timestamp(order_by),
		"need_by": pd.Timestamp(case.need_by),
		"unit_price": 0.0,
		"currency": "",
		"cost": float(policy.transfer_cost),
		"service_level": float(row.service_level),
		"stockout_risk": case.tightest.risk,
		"confidence": sure.value,
		"urgency": urgent[0],
		"summary": (
			f"Move {s(move_['qty'])} {row.stock_uom} of {row.item_name or row.item_code} from {move_['from_warehouse']} to "
			f"{row.warehouse} {when}, instead of buying: saves {move_['saving']:.2f}; {more}."
		),
		"reasons": json.dumps(reasons, ensure_ascii=False, allow_nan=False),
		"alternatives": "[]",
		"projection": json.dumps(_projection(case, move_["qty"], order_by, days), allow_nan=False),
		"service_class": row.service_class,
		"wanted_qty": math.nan,
		"cut_by": "",
		"cost_without": float(row.cost_without),
		"days_of_cover": report.days_of_cover(row.position, row.period_demand, row.period_days),
		"buffer": report.buffer_of(row.position, row.safety_stock, row.reorder_point, np.inf),
		"inputs": json.dumps(report.inputs_of(case) | {"qty": float(move_["qty"])}, allow_nan=False),
		"changes": "",
	}


def _projection(case: Case, qty: float, order_by, days: int) -> dict:
	found = report.projection_of(case)
	arrival = (max(order_by, case.as_of) - case.as_of).days + days
	moved = case.projected + np.where(np.arange(case.shown_days) >= arrival, qty, 0.0)
	return found | {"with": np.round(moved, 2).tolist()}
