"""Budget, room and order values put on the orders of a plan (see `joint`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine import report
from sentia_ops.replenishment.engine.book import Book
from sentia_ops.replenishment.engine.case import Case
from sentia_ops.replenishment.engine.choice import choose
from sentia_ops.replenishment.engine.joint import Joint, Limits, optimise
from sentia_ops.replenishment.engine.joint.planning import MOST_EARLY
from sentia_ops.replenishment.engine.orders import at_reached_price, order_rows, with_details, with_exposure
from sentia_ops.replenishment.engine.policy import Policy

COLUMNS = {
	"wanted": "qty",
	"usual": "qty",
	"position": "period_supply",
	"mean": "period_wanted",
	"std": "period_dev",
	"none": "period_none",
	"floor": "lead_short",
	"daily": "long_daily",
}
s = f.show


@dataclass(frozen=True)
class Limited:
	"""Attributes:
	decided: what is left to propose, with a note on every order that a limit touched.
	sentences: for the planner.
	"""

	decided: report.Decided
	sentences: list[str] = field(default_factory=list)


def limits_of(policy: Policy, terms: pd.DataFrame | None, room: dict[str, float]) -> Limits:
	values = (
		{}
		if terms is None or terms.empty
		else dict(zip(terms["supplier"], terms["min_order_value"], strict=True))
	)
	return Limits(policy.budget, room, {name: float(value) for name, value in values.items() if value > 0})


def free_room(
	warehouses: pd.DataFrame, items: pd.DataFrame, stock: pd.DataFrame, inbound: pd.DataFrame
) -> dict[str, float]:
	"""Warehouse -> cubic metres left beside what is stored and due; a capacity of 0 is one that nobody entered."""
	limited = warehouses[warehouses["capacity"] > 0].drop_duplicates("warehouse")
	if limited.empty:
		return {}
	volume = items.drop_duplicates("item_code").set_index("item_code")["volume"]
	room = limited.set_index("warehouse")["capacity"].astype(float).to_dict()
	for rows, column in ((stock, "on_hand"), (inbound, "qty")):
		taken = (
			(rows[column] * rows["item_code"].map(volume).astype(float).fillna(0.0))
			.groupby(rows["warehouse"])
			.sum()
		)
		for warehouse in room:
			room[warehouse] -= float(taken.get(warehouse, 0.0))
	return room


def limit(
	book: Book,
	decided: report.Decided,
	rows: pd.DataFrame,
	tiers: pd.DataFrame,
	regular: pd.DataFrame,
	volumes: pd.Series,
	limits: Limits,
	policy: Policy,
) -> Limited:
	"""Orders as the limits leave them; with none of them binding `decided` as it is.

	Args:
	    rows, regular: every pair with every supplier, and its regular one; tiers: the same with every price break.
	    volumes: m3 a unit by item_code.
	"""
	if not decided.cases or (limits.budget is None and not limits.room and not limits.order_values):
		return Limited(decided)
	due = pd.DataFrame([case.row._asdict() for case in decided.cases.values()])
	early = _next_needs(due, rows, tiers, regular, limits)
	both = pd.concat([due, early], ignore_index=True) if len(early) else due
	orders = _orders(both, len(due), tiers, volumes)
	joint = optimise(orders, limits, policy)
	return _apply(book, decided, both, orders, joint, tiers, policy)


def _next_needs(
	due: pd.DataFrame, rows: pd.DataFrame, tiers: pd.DataFrame, regular: pd.DataFrame, limits: Limits
) -> pd.DataFrame:
	"""Rows that could be ordered early to bring an order to its minimum value: of the same supplier and warehouse."""
	due = due[due["supplier"].isin(list(limits.order_values))]
	cost = (due["qty"] * due["unit_cost"]).groupby([due["supplier"], due["warehouse"]]).sum()
	under = {key for key, value in cost.items() if value < limits.order_values[key[0]]}
	if not under:
		return due.iloc[:0]
	mine = pd.Series(list(zip(regular["supplier"], regular["warehouse"], strict=True))).isin(under).to_numpy()
	able = mine & (regular["gap"] <= 0) & (regular["long_daily"] > 0) & ~regular["hold"].astype(bool)
	able &= _early_days(regular) <= MOST_EARLY
	pairs = np.flatnonzero(able.to_numpy())
	found = order_rows(rows, tiers, pairs)
	own = dict(zip(regular["pair"], regular["supplier"], strict=True))
	found = found[found["supplier"] == found["pair"].map(own)]
	return found[found["qty"] > 0]


def _early_days(rows: pd.DataFrame) -> pd.Series:
	daily = rows["long_daily"].where(rows["long_daily"] > 0, np.nan)
	return ((rows["position"] - rows["reorder_point"]) / daily).clip(lower=0).fillna(np.inf)


def _orders(both: pd.DataFrame, due: int, tiers: pd.DataFrame, volumes: pd.Series) -> pd.DataFrame:
	"""As `joint.optimise` takes them; the first `due` rows are due, the others may be ordered early."""
	is_due = np.arange(len(both)) < due
	orders = both.assign(**{name: both[column] for name, column in COLUMNS.items()})
	orders["wanted"] = np.where(is_due, both["qty"], 0.0)
	orders["early_days"] = np.where(is_due, 0.0, _early_days(both))
	orders["most"] = np.maximum(both["qty"], np.minimum(both["cover_qty"], both["shelf_qty"]))
	orders["volume"] = both["item_code"].map(volumes).astype(float).fillna(0.0)
	orders["is_paid"] = (both["action"] == "buy").to_numpy()
	orders["list_cost"], orders["breaks"] = orders["unit_cost"], None
	broken = tiers.loc[tiers["tier_qty"] > 0, ["pair", "supplier"]].drop_duplicates()
	wanted = broken.merge(both[["pair", "supplier"]])
	ladders = dict(iter(tiers.merge(wanted).sort_values("tier_qty").groupby(["pair", "supplier"])))
	for at, key in enumerate(zip(both["pair"], both["supplier"], strict=True)):
		if key in ladders:
			mine = ladders[key]
			orders.at[at, "list_cost"] = mine["unit_cost"].iloc[0]
			orders.at[at, "min_qty"] = mine["min_qty"].iloc[0]
			breaks = mine[mine["tier_qty"] > 0]
			orders.at[at, "breaks"] = list(zip(breaks["tier_qty"], breaks["unit_cost"], strict=True))
	return orders


def _apply(
	book: Book,
	decided: report.Decided,
	both: pd.DataFrame,
	orders: pd.DataFrame,
	joint: Joint,
	tiers: pd.DataFrame,
	policy: Policy,
) -> Limited:
	touched = joint.orders
	if touched.empty:
		return Limited(decided, sentences=joint.sentences)
	cases, changes = dict(decided.cases), dict(decided.changes)
	notes: dict[int, dict] = {}
	for row, wanted, found in zip(
		_repriced(both.loc[touched.index], touched["qty"], tiers).itertuples(index=False),
		orders.loc[touched.index, "wanted"],
		touched.to_dict("records"),
		strict=True,
	):
		notes[row.pair] = found | {"wanted": float(wanted)}
		if found["qty"] <= 0:
			cases.pop(row.pair, None)
			continue
		cases[row.pair] = _with_row(book, cases.get(row.pair), row, policy)
		if changes.get(row.pair):
			changes[row.pair] += f" {found['note']}"
	return Limited(report.Decided(cases, changes, notes), joint.sentences)


def _repriced(rows: pd.DataFrame, qty: pd.Series, tiers: pd.DataFrame) -> pd.DataFrame:
	"""Rows with other quantities: price, cost and exposure of those."""
	rows = rows.assign(qty=qty.astype(float)).reset_index(drop=True)
	lost = rows["tier_qty"] > rows["qty"] + 1e-9
	if lost.any():
		plain = (
			tiers[tiers["tier_qty"] <= 0]
			.drop_duplicates(["pair", "supplier"])
			.set_index(["pair", "supplier"])
		)
		key = pd.MultiIndex.from_frame(rows.loc[lost, ["pair", "supplier"]])
		for name in ("tier_qty", "price", "unit_cost", "min_qty"):
			rows.loc[lost, name] = plain[name].reindex(key).to_numpy()
	rows = at_reached_price(rows, tiers)
	return with_exposure(with_details(rows))


def _with_row(book: Book, case: Case | None, row, policy: Policy) -> Case:
	if case is None:
		return report.case_of(book, row.pair, row, choose([row], row, 0.0, policy))
	choice = case.choice
	regular = row if choice.regular is choice.taken else choice.regular
	return replace(case, row=row, choice=replace(choice, regular=regular, taken=row))
