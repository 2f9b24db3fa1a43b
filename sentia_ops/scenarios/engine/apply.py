"""Changes put into the tables a plan is made from. Every function takes rows and answers new rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sentia_ops.scenarios.engine.changes import Change, Names

PAIR = ["item_code", "warehouse"]
POINTS = ("median", "lo80", "hi80", "lo95", "hi95", "machine_qty")
GONE = "gone in this scenario"
LEADS = ("mean_days", "p50_days", "p90_days", "p95_days")


@dataclass(frozen=True)
class Facts:
	"""What changes need to know of the tables they do not change.

	Attributes:
	    group: item_code -> item group.
	    market: warehouse -> market.
	    forecasts: before any change; only looked at where demand changes.
	    order_lines: open purchase order line -> supplier.
	    as_of: first day planned for.
	    notes: what each change did, in words; filled as tables are changed.
	"""

	names: Names
	group: dict[str, str]
	market: dict[str, str]
	forecasts: pd.DataFrame
	order_lines: dict[str, str]
	as_of: pd.Timestamp
	notes: dict[Change, list[str]] = field(default_factory=dict)

	def note(self, change: Change, text: str) -> None:
		self.notes.setdefault(change, []).append(text)


def table_changes(changes: list[Change], facts: Facts) -> dict[str, Callable[[pd.DataFrame], pd.DataFrame]]:
	"""Table name -> what happens to its rows: demand first, then closed warehouses, then suppliers and prices."""
	demand = [c for c in changes if c.kind == "demand"]
	closed = [c for c in changes if c.kind == "closed"]
	late = [c for c in changes if c.kind == "late"]
	gone = [c for c in changes if c.kind == "gone"]
	price = [c for c in changes if c.kind == "price"]
	steps: dict[str, list[Callable]] = {}
	if demand:
		factors = pair_factors(facts.forecasts, demand, facts)
		steps.setdefault("forecasts", []).append(lambda rows: scale_forecasts(rows, demand, facts))
		for table, columns in (("forecast_quality", ("error_std", "mean_daily")), ("demand", ("qty",))):
			steps.setdefault(table, []).append(
				lambda rows, columns=columns: scale_pairs(rows, factors, columns)
			)
	if closed:
		for table, merge in MERGES.items():
			steps.setdefault(table, []).append(
				lambda rows, m=merge, t=table: close(rows, closed, facts, m, t)
			)
	if late:
		steps.setdefault("lead_times", []).append(lambda rows: delay(rows, late, facts, LEADS))
		steps.setdefault("supplier_items", []).append(
			lambda rows: delay(rows, late, facts, ("promised_lead_days",))
		)
	if price:
		steps.setdefault("supplier_items", []).append(lambda rows: reprice(rows, price, facts))
	if gone:
		steps.setdefault("supplier_items", []).append(lambda rows: tell_offers(rows, gone, facts))
		steps.setdefault("supplier_terms", []).append(lambda rows: bar(rows, gone))
	if late or gone:
		steps.setdefault("inbound", []).append(lambda rows: move_orders(rows, late, gone, facts))
	return {table: _chained(functions) for table, functions in steps.items()}


def _chained(functions: list[Callable]) -> Callable[[pd.DataFrame], pd.DataFrame]:
	def change(rows: pd.DataFrame) -> pd.DataFrame:
		for function in functions:
			rows = function(rows)
		return rows

	return change


def concerned(rows: pd.DataFrame, change: Change, facts: Facts) -> np.ndarray:
	"""Mask of the rows a change is about; bool, shape (rows,)."""
	mask = np.ones(len(rows), dtype=bool)
	if change.item_code:
		mask &= rows["item_code"].eq(change.item_code).to_numpy()
	if change.item_group:
		within = facts.names.groups[change.item_group]
		codes = [code for code, group in facts.group.items() if group in within]
		mask &= rows["item_code"].isin(codes).to_numpy()
	if change.warehouse:
		mask &= rows["warehouse"].eq(change.warehouse).to_numpy()
	if change.market:
		places = [name for name, market in facts.market.items() if market == change.market]
		mask &= rows["warehouse"].isin(places).to_numpy()
	if change.supplier:
		mask &= rows["supplier"].eq(change.supplier).to_numpy()
	return mask


# demand


def _day_factors(forecasts: pd.DataFrame, changes: list[Change], facts: Facts) -> np.ndarray:
	factor = np.ones(len(forecasts))
	for change in changes:
		mask = concerned(forecasts, change, facts)
		if change.first:
			mask &= (forecasts["date"] >= pd.Timestamp(change.first)).to_numpy()
		if change.last:
			mask &= (forecasts["date"] <= pd.Timestamp(change.last)).to_numpy()
		factor[mask] *= change.value
	return factor


def pair_factors(forecasts: pd.DataFrame, changes: list[Change], facts: Facts) -> pd.Series:
	"""By how much the whole forecast of each pair grows: sum after / sum before, over all its days."""
	factor = _day_factors(forecasts, changes, facts)
	keys = [forecasts[name] for name in PAIR]
	before = forecasts["qty"].groupby(keys).sum()
	after = (forecasts["qty"] * factor).groupby(keys).sum()
	plain = pd.Series(factor, index=forecasts.index).groupby(keys).mean()
	return (after / before.where(before > 0)).fillna(plain)


def scale_forecasts(rows: pd.DataFrame, changes: list[Change], facts: Facts) -> pd.DataFrame:
	"""Mean, median and interval bounds alike; what open orders have consumed stays consumed."""
	for change in changes:
		mask = concerned(rows, change, facts)
		pairs = rows.loc[mask, PAIR].drop_duplicates()
		facts.note(
			change, f"{_many(len(pairs), 'forecast')} scaled by {change.value:g}, with their intervals"
		)
	factor = _day_factors(rows, changes, facts)
	scaled = {name: rows[name] * factor for name in ("qty", *POINTS)}
	consumed = rows["qty"] - rows["net_qty"]
	return rows.assign(**scaled, net_qty=(scaled["qty"] - consumed).clip(lower=0))


def scale_pairs(rows: pd.DataFrame, factors: pd.Series, columns: tuple[str, ...]) -> pd.DataFrame:
	"""The scatter of demand grows with its mean: error and history of a pair by the factor of its forecast."""
	found = factors.reindex(pd.MultiIndex.from_frame(rows[PAIR])).fillna(1.0).to_numpy()
	return rows.assign(**{name: rows[name] * found for name in columns})


# a closed warehouse

_FORECAST_SUMS = ("qty", "median", "machine_qty", "committed", "net_qty")
_BOUNDS = ("lo80", "hi80", "lo95", "hi95")


def _merge_forecasts(rows: pd.DataFrame) -> pd.DataFrame:
	"""Means add up; half-widths as standard deviations of independent errors do, by the root of the sum of squares."""
	if not rows.duplicated([*PAIR, "date"]).any():
		return rows
	squared = {name: (rows[name] - rows["qty"]) ** 2 for name in _BOUNDS}
	grouped = rows.assign(**squared).groupby([*PAIR, "date"], as_index=False, sort=False)
	how = dict.fromkeys((*_FORECAST_SUMS, *_BOUNDS), "sum") | dict.fromkeys(
		("before", "model", "run"), "first"
	)
	merged = grouped.agg(how)
	for name in _BOUNDS:
		side = -1 if name.startswith("lo") else 1
		merged[name] = (merged["qty"] + side * np.sqrt(merged[name])).clip(lower=0)
	return merged


def _merge_quality(rows: pd.DataFrame) -> pd.DataFrame:
	"""The receiving warehouse's row stays; error_std of both by the root of the sum of squares."""
	grouped = rows.groupby(PAIR, as_index=False, sort=False)
	std = rows["error_std"].pow(2).groupby([rows[k] for k in PAIR]).sum().pow(0.5)
	mean = rows["mean_daily"].groupby([rows[k] for k in PAIR]).sum()
	first = grouped.head(1)
	index = pd.MultiIndex.from_frame(first[PAIR])
	return first.assign(error_std=std.reindex(index).to_numpy(), mean_daily=mean.reindex(index).to_numpy())


def _merge_stock(rows: pd.DataFrame) -> pd.DataFrame:
	return rows.groupby(PAIR, as_index=False, sort=False).agg(
		dict.fromkeys(("on_hand", "reserved", "ordered", "projected"), "sum")
	)


def _merge_demand(rows: pd.DataFrame) -> pd.DataFrame:
	return rows.groupby([*PAIR, "date"], as_index=False, sort=False).agg(
		{"qty": "sum", "in_stock": "all", "channel": "first"}
	)


MERGES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
	"forecasts": _merge_forecasts,
	"forecast_quality": _merge_quality,
	"stock": _merge_stock,
	"demand": _merge_demand,
	"inbound": lambda rows: rows,
	"outbound": lambda rows: rows,
}
_CALLED = {"forecasts": "forecast", "inbound": "open supply order", "outbound": "open customer order"}


def close(
	rows: pd.DataFrame, changes: list[Change], facts: Facts, merge: Callable, table: str
) -> pd.DataFrame:
	"""Rows of a closed warehouse go to the one it is closed into, or are dropped."""
	for change in changes:
		mask = concerned(rows, change, facts)
		if table in _CALLED:
			count = len(rows.loc[mask, PAIR].drop_duplicates()) if table == "forecasts" else int(mask.sum())
			where = f"moved to {change.into}" if change.into else "left out"
			facts.note(change, f"{_many(count, _CALLED[table])} {where}")
		if not change.into:
			rows = rows[~mask]
			continue
		here, moved = rows[~mask], rows[mask].assign(warehouse=change.into)
		rows = merge(pd.concat([part for part in (here, moved) if len(part)] or [rows], ignore_index=True))
	return rows


# suppliers


def delay(rows: pd.DataFrame, changes: list[Change], facts: Facts, columns: tuple[str, ...]) -> pd.DataFrame:
	"""Later by the same days, whatever the order; the scatter stays as measured."""
	for change in changes:
		mask = concerned(rows, change, facts)
		if "mean_days" in columns:
			facts.note(change, f"{_many(int(mask.sum()), 'lead time')} {change.value:g} days longer")
		rows = rows.assign(**{name: rows[name] + np.where(mask, change.value, 0.0) for name in columns})
	return rows


def reprice(rows: pd.DataFrame, changes: list[Change], facts: Facts) -> pd.DataFrame:
	for change in changes:
		mask = concerned(rows, change, facts)
		factor = np.where(mask, 1 + change.value / 100, 1.0)
		breaks = [
			_scaled_breaks(text, f) if f != 1 and text != "[]" else text
			for text, f in zip(rows["price_breaks"], factor, strict=True)
		]
		facts.note(change, f"{_many(int(mask.sum()), 'offer')} {change.value:+g} %")
		rows = rows.assign(price=(rows["price"] * factor).round(6), price_breaks=breaks)
	return rows


def _scaled_breaks(text: str, factor: float) -> str:
	import json

	return json.dumps([row | {"price": round(row["price"] * factor, 6)} for row in json.loads(text)])


def tell_offers(rows: pd.DataFrame, changes: list[Change], facts: Facts) -> pd.DataFrame:
	"""The offers of a supplier that is gone stay, as it is barred (see `bar`): so the plan says why it lost."""
	for change in changes:
		mask = concerned(rows, change, facts)
		left = set(rows.loc[mask, "item_code"]) - set(rows.loc[~mask, "item_code"])
		alone = f"; {_many(len(left), 'item')} of them nobody else offers" if left else ""
		facts.note(change, f"{_many(int(mask.sum()), 'offer')} left out{alone}")
	return rows


def bar(rows: pd.DataFrame, changes: list[Change]) -> pd.DataFrame:
	"""Who takes a barred supplier's orders is worked out anew by the frame."""
	gone = [change.supplier for change in changes]
	new = pd.DataFrame({"supplier": [name for name in gone if name not in set(rows["supplier"])]})
	rows = pd.concat([part for part in (rows, new) if len(part)], ignore_index=True)
	rows = rows.drop(columns="order_from", errors="ignore")
	barred = rows["barred"] if "barred" in rows else pd.Series("", index=rows.index)
	return rows.assign(barred=barred.mask(rows["supplier"].isin(gone), GONE))


def move_orders(rows: pd.DataFrame, late: list[Change], gone: list[Change], facts: Facts) -> pd.DataFrame:
	"""Open orders with a late supplier come later (an overdue one counts from today), with one that is gone never."""
	lines = facts.order_lines
	names = [lines.get(v) or lines.get(v.rpartition(" / ")[2]) or "" for v in rows["voucher"]]
	rows = rows.assign(supplier=names)
	for change in late:
		mask = concerned(rows, change, facts)
		if mask.any():
			facts.note(change, f"{_many(int(mask.sum()), 'open order line')} {change.value:g} days later")
		due = rows["due_date"].clip(lower=facts.as_of) + pd.Timedelta(days=float(np.ceil(change.value)))
		rows = rows.assign(due_date=rows["due_date"].where(~mask, due))
	for change in gone:
		mask = concerned(rows, change, facts)
		if mask.any():
			facts.note(change, f"{_many(int(mask.sum()), 'open order line')} never delivered")
		rows = rows[~mask]
	return rows.drop(columns="supplier")


def _many(count: int, noun: str) -> str:
	return f"{count:,} {noun}" + ("" if count == 1 else "s")
