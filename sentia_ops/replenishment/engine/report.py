"""Rows of the tables written: stock policy for every pair, recommendations with all their reasons for those to order."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import explain
from sentia_ops.replenishment.engine.arrays import exact, tidy
from sentia_ops.replenishment.engine.book import Book
from sentia_ops.replenishment.engine.calendar import Calendar
from sentia_ops.replenishment.engine.case import Case
from sentia_ops.replenishment.engine.changes import change_texts
from sentia_ops.replenishment.engine.choice import alternatives, choose
from sentia_ops.replenishment.engine.judgement import confidence, urgency
from sentia_ops.replenishment.engine.orders import INPUTS
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.rows import horizon
from sentia_ops.replenishment.engine.series import OpenOrder, Outlook

CHUNK = 5000  # pairs projected at once
WEEKS = 13
PROGRESS_EVERY = 200
PLAIN = Calendar()


@dataclass(frozen=True)
class Decided:
	"""Orders to propose.

	Attributes:
	    cases: by pair.
	    changes: why each differs from the run before, by pair.
	    limits: what budget, capacity or order value did, by pair: {"wanted", "qty", "cut_by", "risk", "note"}; also to orders
	        that are no longer proposed.
	    hints: what the stock policy adds, by pair.
	"""

	cases: dict[int, Case]
	changes: dict[int, str]
	limits: dict[int, dict] = field(default_factory=dict)
	hints: dict[int, str] = field(default_factory=dict)


def decide(
	book: Book, rows: pd.DataFrame, regular: pd.DataFrame, ordering: np.ndarray, policy: Policy
) -> Decided:
	"""Choose who gets each order at hand; `rows` are those of the pairs in `ordering`, one per supplier."""
	cases: dict[int, Case] = {}
	chosen = {
		(pair, supplier)
		for pair, supplier in zip(ordering, regular["supplier"].to_numpy()[ordering], strict=True)
	}
	by_pair: dict[int, list] = {}
	for row in rows.itertuples(index=False):
		by_pair.setdefault(row.pair, []).append(row)
	for pair, options in by_pair.items():
		own = next(row for row in options if (pair, row.supplier) in chosen)
		first = case_of(book, pair, own, choose([own], own, 0.0, policy))
		risk = first.tightest.risk if len(options) > 1 else 0.0
		choice = choose(options, own, risk, policy)
		cases[pair] = first if len(options) == 1 else case_of(book, pair, choice.taken, choice)
	return Decided(cases, change_texts(book, cases, policy))


def case_of(book: Book, pair: int, row, choice) -> Case:
	days = max(int(row.horizon_days), int(horizon(np.array([row.period_days]))[0]))
	quality = book.quality_at[pair]
	return Case(
		row=row,
		choice=choice,
		as_of=book.as_of,
		outlook=Outlook(
			on_hand=float(row.on_hand + row.moved),
			owed=float(row.owed),
			forecast=book.panel.totals(pair, days),
			promised=book.outbound.by_day(pair, pair + 1, days)[0],
			inbound=book.inbound.by_day(pair, pair + 1, days)[0],
		),
		calendar=book.offers.calendars.get(row.supplier, PLAIN),
		inbound=book.inbound.of(pair),
		outbound=book.outbound.of(pair),
		left_out=book.offers.left_out.get(row.item_code, []),
		has_demand=bool(row.has_demand),
		quality=book.quality.iloc[quality].to_dict() if quality >= 0 else None,
	)


def recommendations(book: Book, decided: Decided, progress: Callable[[float], None]) -> pd.DataFrame:
	found = []
	weeks = weekly(book, np.array(list(decided.cases), dtype=np.int64))
	for number, (pair, case) in enumerate(decided.cases.items()):
		if number % PROGRESS_EVERY == 0:
			progress(number / len(decided.cases))
		found.append(
			_recommendation(case, decided.changes.get(pair, ""), decided.limits.get(pair))
			| {"weekly_demand": weeks[number]}
		)
	return pd.DataFrame(found)


def _recommendation(case: Case, changes: str, limit: dict | None) -> dict:
	row = case.row
	sure = confidence(row, case.quality, forecast_used=case.has_demand)
	urgent = urgency(
		as_of=case.as_of,
		order_by=case.order_by,
		arrival=case.arrival_if_today,
		stockout_on=case.stockout_on,
		review_days=row.review_days,
	)
	return {
		"item_code": row.item_code,
		"warehouse": row.warehouse,
		"action": row.action,
		"supplier": row.supplier,
		"qty": float(row.qty),
		"order_by": pd.Timestamp(case.order_by),
		"need_by": pd.Timestamp(case.need_by),
		"unit_price": float(row.price),
		"currency": row.currency,
		"cost": float(row.cost),
		"service_level": float(row.service_level),
		"stockout_risk": case.tightest.risk,
		"confidence": sure.value,
		"urgency": urgent[0],
		"summary": explain.summary(case, limit),
		"reasons": _json(explain.reasons(case, sure, urgent, limit)),
		"alternatives": _json(alternatives(case.choice, case.left_out)),
		"projection": _json(projection_of(case)),
		"service_class": row.service_class,
		"wanted_qty": limit["wanted"] if limit else math.nan,
		"cut_by": limit["cut_by"] if limit else "",
		"cost_without": float(row.cost_without),
		"cost_with": float(row.cost_with),
		"days_of_cover": days_of_cover(row.position, row.period_demand, row.period_days),
		"buffer": buffer_of(row.position, row.safety_stock, row.reorder_point, np.inf),
		"inputs": _json(inputs_of(case)),
		"changes": changes,
	}


def _json(value) -> str:
	return json.dumps(value, ensure_ascii=False, allow_nan=False)


def inputs_of(case: Case) -> dict:
	"""Every number the proposal rests on; None: not set."""
	found = {"as_of": str(case.as_of), "qty": float(case.row.qty)}
	for name in INPUTS:
		value = getattr(case.row, name)
		if hasattr(value, "item"):
			value = value.item()
		found[name] = None if isinstance(value, float) and math.isnan(value) else value
	return found


def projection_of(case: Case) -> dict:
	promisable = case.outlook.promisable[: case.shown_days]
	return {
		"start": str(case.as_of),
		"without": np.round(case.projected, 2).tolist(),
		"with": np.round(case.projected_with_order, 2).tolist(),
		"atp": np.round(promisable, 2).tolist(),
		"safety_stock": float(case.row.safety_stock),
		"reorder_point": float(case.row.reorder_point),
		"reserve": float(case.row.reserve),
	}


def days_of_cover(position: float, demand: float, days: float) -> float:
	daily = float(tidy(np.array(demand / days if days else 0.0)))
	return float(tidy(np.array(max(position, 0.0) / daily))) if daily > 0 else math.nan


def buffer_of(position: float, safety: float, reorder: float, most: float) -> str:
	"""red: below the safety stock; yellow: below the reorder point; over: more than the largest cover uses; else green."""
	if position < safety:
		return "red"
	if position < reorder:
		return "yellow"
	return "over" if position > most else "green"


def stock_policy(book: Book, regular: pd.DataFrame, verdicts: np.ndarray, decided: Decided) -> pd.DataFrame:
	"""One row per pair, of its regular supplier."""
	r = {name: regular[name].to_numpy() for name in regular.columns}
	with np.errstate(divide="ignore", invalid="ignore"):
		daily = tidy(
			np.where(
				r["period_days"] > 0,
				r["period_demand"] / np.where(r["period_days"] > 0, r["period_days"], 1),
				0.0,
			)
		)
		cover = tidy(
			np.where(daily > 0, np.maximum(r["position"], 0) / np.where(daily > 0, daily, 1), np.nan)
		)
	here = r["on_hand"] + r["moved"]
	most = exact(r["max_cover_days"] * r["long_daily"] + r["reorder_point"])
	excess = np.where(book.stock_known, np.maximum(exact(here - r["owed"] - most), 0.0), 0.0)
	sells = r["cover_mean"] > 0
	stockout, index = _stockouts(book, regular)
	taken = {pair: float(case.row.qty) for pair, case in decided.cases.items()}
	order_qty = np.where(book.pairs["has_demand"], r["usual_qty"], 0.0)
	for pair, qty in taken.items():
		order_qty[pair] = qty
	buffer = np.select(
		[r["position"] < r["safety_stock"], r["position"] < r["reorder_point"], (excess > 0) & sells],
		["red", "yellow", "over"],
		"green",
	)
	return pd.DataFrame(
		{
			"item_code": book.pairs["item_code"],
			"warehouse": book.pairs["warehouse"],
			"supplier": r["supplier"],
			"on_hand": exact(r["on_hand"]),
			"inbound": r["inbound"],
			"outbound": exact(r["owed"] + r["promised"]),
			"position": r["position"],
			"daily_demand": daily,
			"lead_days": r["lead_days"],
			"lead_std": r["lead_std"],
			"service_level": r["service_level"].astype(float),
			"safety_stock": r["safety_stock"],
			"reorder_point": r["reorder_point"],
			"order_qty": order_qty,
			"abc": r["abc"],
			"xyz": r["xyz"],
			"service_measure": r["service_measure"],
			"fill_rate": r["fill_rate"],
			"distribution": r["distribution"],
			"review_days": r["review_days"],
			"period_demand": r["period_demand"],
			"period_std": r["period_std"],
			"economic_qty": np.where(sells, r["economic_qty"], 0.0),
			"order_up_to": np.where(sells, r["order_up_to"], 0.0),
			"excess": excess,
			"buffer": np.where(book.stock_known & sells, buffer, ""),
			"weekly_demand": weekly(book, np.arange(len(book.pairs))),
			"days_of_cover": cover if book.stock_known else np.nan,
			"stockout_on": stockout,
			"verdict": verdicts,
			"why": _whys(book, regular, verdicts, decided, index),
			**_cuts(decided, len(verdicts)),
		}
	)


def _cuts(decided: Decided, count: int) -> dict[str, np.ndarray]:
	"""What limits took from each order, and what that risks."""
	qty, risk, by = np.zeros(count), np.zeros(count), np.full(count, "", dtype=object)
	for pair, limit in decided.limits.items():
		qty[pair] = max(limit["wanted"] - limit["qty"], 0.0)
		risk[pair], by[pair] = limit["risk"], limit["cut_by"]
	return {"cut_qty": exact(qty), "cut_by": by, "cut_risk": risk}


def weekly(book: Book, pairs: np.ndarray) -> list[str]:
	"""The forecast of the next weeks as JSON."""
	ends = [book.panel.within(pairs, np.full(len(pairs), 7.0 * week)) for week in range(WEEKS + 1)]
	totals = np.round(np.diff(np.array(ends), axis=0), 2).T
	return [str(row) for row in totals.tolist()]


def _stockouts(book: Book, regular: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
	"""First day that projected stock is below zero; and its number, -1: none seen."""
	count = len(book.pairs)
	index = np.full(count, -1)
	days = np.minimum(horizon(regular["period_days"].to_numpy()), 400)
	if book.stock_known:
		for first in range(0, count, CHUNK):
			last = min(first + CHUNK, count)
			index[first:last] = _first_below(book, regular, first, last, days[first:last])
	dates = book.today.to_datetime64() + np.maximum(index, 0).astype("timedelta64[D]")
	return np.where(index >= 0, dates, np.datetime64("NaT")).astype("datetime64[ns]"), index


def _first_below(book: Book, regular: pd.DataFrame, first: int, last: int, days: np.ndarray) -> np.ndarray:
	most = int(days.max(initial=1))
	pairs = np.arange(first, last)
	grid = np.repeat(pairs, most), np.tile(np.arange(1.0, most + 1), len(pairs))
	forecast = book.panel.within(*grid).reshape(len(pairs), most)
	wanted = np.maximum(forecast, book.outbound.by_day(first, last, most))
	part = regular.iloc[first:last]
	here = (part["on_hand"] + part["moved"] - part["owed"]).to_numpy()
	stock = here[:, None] + book.inbound.by_day(first, last, most) - wanted
	below = (stock < -1e-6) & (np.arange(most)[None, :] < days[:, None])
	return np.where(below.any(axis=1), below.argmax(axis=1), -1)


def _whys(
	book: Book, regular: pd.DataFrame, verdicts: np.ndarray, decided: Decided, index: np.ndarray
) -> list[str]:
	hints = _hints(book, regular, index)
	found = []
	for pair, row in enumerate(regular.itertuples(index=False)):
		order = "nothing"
		if pair in decided.cases:
			case = decided.cases[pair]
			order = explain.s(case.row.qty) + (
				f" from {case.row.supplier}, this once" if case.choice.rush else ""
			)
		text = explain.why(row, verdicts[pair], has_forecast=row.has_forecast, order=order)
		limit = decided.limits.get(pair)
		more = [limit["note"] if limit else "", decided.hints.get(pair, ""), *hints.get(pair, [])]
		found.append(" ".join([text, *(words for words in more if words)]))
	return found


def _hints(book: Book, regular: pd.DataFrame, index: np.ndarray) -> dict[int, list[str]]:
	"""Late deliveries, and those to bring forward, of pairs that have any."""
	found: dict[int, list[str]] = {}
	for pair in np.unique(book.inbound.pair).tolist():
		orders = book.inbound.of(pair)
		texts = []
		late = [o for o in orders if o.due < book.as_of]
		if late:
			texts.append(explain.late_words(late, book.pairs.iloc[pair], book.as_of))
		stockout = book.as_of + timedelta(days=int(index[pair])) if index[pair] >= 0 else None
		order = _to_expedite(orders, stockout)
		if order:
			texts.append(explain.expedite_words(order, stockout))
		if texts:
			found[pair] = texts
	return found


def _to_expedite(orders: list[OpenOrder], stockout: date | None) -> OpenOrder | None:
	return next((o for o in orders if stockout is not None and o.due > stockout), None)
