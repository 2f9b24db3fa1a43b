"""Two plans side by side: cost, service, orders; in plain words first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sentia_ops.scenarios.engine.orders import KEY, PAIR, compare_orders

WEEK = 7  # days: what "this week" means, counted from the first day planned for
BOUGHT = ["buy", "make"]


@dataclass(frozen=True)
class Side:
	"""One plan: its tables, columns as in their frames, and the holding rate it was made with."""

	recommendations: pd.DataFrame
	stock_policy: pd.DataFrame
	holding_rate: float


@dataclass(frozen=True)
class Measure:
	"""Attributes:
	now, then: None where there is no data.
	unit: money, orders, items or percent.
	better: 1 more is better, -1 less is better, 0 neither.
	how: what the figure is, checkable.
	"""

	name: str
	label: str
	now: float | None
	then: float | None
	unit: str
	better: int
	how: str

	@property
	def change(self) -> float | None:
		return None if self.now is None or self.then is None else self.then - self.now


@dataclass(frozen=True)
class Difference:
	"""Attributes:
	headline: sentences, the most important first.
	orders: see `compare_orders`.
	same: orders that are the same in both plans.
	totals: by (supplier, warehouse, class): name, cost and orders now and then.
	"""

	headline: list[str]
	measures: list[Measure]
	orders: pd.DataFrame
	same: int
	totals: dict[str, pd.DataFrame]

	def measure(self, name: str) -> Measure:
		return next(m for m in self.measures if m.name == name)


def compare(
	now: Side, then: Side, items: pd.DataFrame, as_of: pd.Timestamp, *, told: str, currency: str
) -> Difference:
	"""What differs.

	Args:
	    items: columns as in their frame.
	    told: the scenario's changes in words.
	    currency: of the company.
	"""
	orders = compare_orders(now.recommendations, then.recommendations, now.stock_policy, then.stock_policy)
	keys = {side: set(map(tuple, plan.recommendations[KEY].to_numpy())) for side, plan in _sides(now, then)}
	changed = set(map(tuple, orders[KEY].to_numpy()))
	same = len((keys["now"] & keys["then"]) - changed)
	measures = _measures(now, then, items, as_of)
	totals = {
		name: table
		for name, by in (("supplier", _supplier), ("warehouse", _warehouse), ("class", _class))
		if len(table := _totals(now, then, by))
	}
	names = items.set_index("item_code")["item_name"].to_dict()
	orders.insert(1, "item_name", [names.get(code) or code for code in orders["item_code"]])
	due = _due_this_week(now, as_of), _due_this_week(then, as_of)
	headline = _headline(told, {m.name: m for m in measures}, orders, same, due, currency)
	return Difference(headline, measures, orders, same, totals)


def _sides(now: Side, then: Side) -> tuple[tuple[str, Side], ...]:
	return ("now", now), ("then", then)


# figures


def _measures(now: Side, then: Side, items: pd.DataFrame, as_of: pd.Timestamp) -> list[Measure]:
	value = items.set_index("item_code")["valuation_rate"]

	def both(name: str, label: str, figure, unit: str, better: int, how: str) -> Measure:
		return Measure(name, label, _plain(figure(now)), _plain(figure(then)), unit, better, how)

	return [
		both(
			"purchase",
			"Orders proposed, cost",
			_purchase,
			"money",
			0,
			"Quantity x price of all orders to buy or make.",
		),
		both(
			"orders",
			"Orders proposed",
			lambda s: len(s.recommendations),
			"orders",
			0,
			"Buy, make and transfer.",
		),
		both(
			"due",
			"To order this week",
			lambda s: len(_due_this_week(s, as_of)),
			"orders",
			-1,
			f"Order-by day before {(as_of + pd.Timedelta(days=WEEK)).date()}.",
		),
		both(
			"holding",
			"Holding cost a year",
			lambda s: _holding(s, value),
			"money",
			-1,
			"(Safety stock + half a usual order) x the item's value x the holding rate, over all items and warehouses.",
		),
		Measure(
			"stockout",
			"Expected cost of running out",
			_plain(_stockout(now, then)),
			_plain(_stockout(then, now)),
			"money",
			-1,
			"Lost margin of the items to order, once ordered; of those that the budget leaves out, not ordered.",
		),
		both(
			"fill",
			"Expected fill rate",
			lambda s: _fill(s, value),
			"percent",
			1,
			"Share of demand met from stock by the stock policy, items weighted by daily demand x value.",
		),
		both(
			"at_risk",
			"Items at risk",
			lambda s: _at_risk(s, as_of),
			"items",
			-1,
			"Items, each in one warehouse, that run out before an order placed today could arrive.",
		),
	]


def _plain(x: float | None) -> float | None:
	return None if x is None or math.isnan(x) else float(x)


def _purchase(side: Side) -> float:
	rows = side.recommendations
	return round(float(rows.loc[rows["action"].isin(BOUGHT), "cost"].sum()), 2)


def _due_this_week(side: Side, as_of: pd.Timestamp) -> set[tuple]:
	rows = side.recommendations
	due = rows[rows["order_by"] < as_of + pd.Timedelta(days=WEEK)]
	return set(map(tuple, due[KEY].to_numpy()))


def _holding(side: Side, value: pd.Series) -> float:
	rows = side.stock_policy
	usual = (rows["order_up_to"] - rows["reorder_point"]).where(rows["order_up_to"] > 0, rows["order_qty"])
	worth = rows["item_code"].map(value).fillna(0.0)
	held = (rows["safety_stock"] + usual.clip(lower=0) / 2) * worth
	return round(float(held.sum()) * side.holding_rate, 2)


def _stockout(side: Side, other: Side) -> float | None:
	"""None where no order says what running out would cost; 0 where there is no order.

	What is short in this plan and not ordered, for want of money, costs what the other plan says it costs unordered.
	"""
	mine = side.recommendations
	known = mine["cost_with"].dropna()
	if known.empty and len(mine):
		return None
	short = side.stock_policy[side.stock_policy["verdict"] == "order"][PAIR]
	short = short.merge(mine[PAIR].assign(here=1), on=PAIR, how="left")
	unmet = short[short["here"].isna()][PAIR].merge(other.recommendations, on=PAIR)["cost_without"].dropna()
	return round(float(known.sum() + unmet.sum()), 2)


def _fill(side: Side, value: pd.Series) -> float | None:
	rows = side.stock_policy[side.stock_policy["fill_rate"].notna()]
	weight = rows["daily_demand"] * rows["item_code"].map(value).fillna(0.0)
	if not weight.sum() > 0:
		return None
	return round(float(np.average(rows["fill_rate"], weights=weight)) * 100, 3)


def _at_risk(side: Side, as_of: pd.Timestamp) -> float:
	rows = side.stock_policy
	arrival = as_of + pd.to_timedelta(np.ceil(rows["lead_days"]), unit="D")
	return int((rows["stockout_on"] < arrival).sum())


# totals


def _supplier(rows: pd.DataFrame, policy: pd.DataFrame) -> pd.Series:
	inner = np.where(rows["action"] == "make", "(made)", "(no supplier)")
	return rows["supplier"].where(rows["supplier"] != "", inner)


def _warehouse(rows: pd.DataFrame, policy: pd.DataFrame) -> pd.Series:
	return rows["warehouse"]


def _class(rows: pd.DataFrame, policy: pd.DataFrame) -> pd.Series:
	of_pair = (policy["abc"] + policy["xyz"]).set_axis(pd.MultiIndex.from_frame(policy[PAIR]))
	return of_pair.reindex(pd.MultiIndex.from_frame(rows[PAIR])).fillna("").set_axis(rows.index)


def _totals(now: Side, then: Side, by) -> pd.DataFrame:
	"""name, cost_now, cost_then, orders_now, orders_then; the largest change first. Transfers buy nothing: left out."""
	parts = []
	policy = pd.concat([now.stock_policy, then.stock_policy]).drop_duplicates(
		PAIR
	)  # an item's class as it is
	for side, plan in _sides(now, then):
		rows = plan.recommendations[plan.recommendations["action"].isin(BOUGHT)].reset_index(drop=True)
		name = by(rows, policy)
		grouped = rows.assign(name=name).groupby("name")["cost"].agg(["sum", "size"])
		parts.append(grouped.set_axis([f"cost_{side}", f"orders_{side}"], axis=1))
	table = pd.concat(parts, axis=1).fillna(0.0)
	table = table[table.index != ""]
	order = (table["cost_then"] - table["cost_now"]).abs().sort_values(ascending=False, kind="stable").index
	table = table.loc[order].astype({"orders_now": int, "orders_then": int})
	return table.rename_axis("name").reset_index()[
		["name", "cost_now", "cost_then", "orders_now", "orders_then"]
	]


# words


def _headline(
	told: str, measures: dict[str, Measure], orders: pd.DataFrame, same: int, due, currency: str
) -> list[str]:
	sentences = [
		_cost_words(told, measures["purchase"], currency),
		_week_words(*due),
		_order_words(orders, same),
	]
	sentences += [_service_words(measures), _holding_words(measures["holding"], currency)]
	return [text for text in sentences if text]


def _cost_words(told: str, purchase: Measure, currency: str) -> str:
	more = purchase.change
	if abs(more) < 0.5:
		return f"With {told} the orders proposed would cost the same: {_money(purchase.now, currency)}."
	share = f", {more / purchase.now * 100:+.0f} %" if purchase.now else ""
	return (
		f"With {told} you would order for {_money(abs(more), currency)} {'more' if more > 0 else 'less'}: "
		f"{_money(purchase.then, currency)} instead of {_money(purchase.now, currency)}{share}."
	)


def _week_words(now: set, then: set) -> str:
	more, less = len(then - now), len(now - then)
	if not more and not less:
		return f"The same {_orders(len(now))} would be due this week." if now else ""
	parts = []
	if more:
		parts.append(
			f"{_items(more)} would need an order this week that {'does' if more == 1 else 'do'} not today"
		)
	if less:
		parts.append(
			f"{_items(less)} would no longer need one"
			if more
			else f"{_items(less)} would no longer need an order this week"
		)
	return _sentence("; ".join(parts))


def _order_words(orders: pd.DataFrame, same: int) -> str:
	if orders.empty:
		return (
			f"No order changes: all {same} stay as they are." if same else "No order is proposed either way."
		)
	kinds, change = orders["kind"].value_counts(), orders["change"]
	counts = [(int(kinds.get(kind, 0)), kind) for kind in ("new", "gone", "larger", "smaller")]
	for text in ("other supplier", "earlier", "later", "dearer", "cheaper"):
		counts.append((int(change.str.contains(text, regex=False).sum()), TOLD.get(text, text)))
	parts = [f"{count:,} {text}" for count, text in counts if count]
	return f"Orders: {', '.join(parts)}; {same:,} stay{'s' if same == 1 else ''} the same."


TOLD = {"other supplier": "from another supplier"}


def _service_words(measures: dict[str, Measure]) -> str:
	fill, risk = measures["fill"], measures["at_risk"]
	parts = []
	if fill.change is not None and abs(fill.change) >= 0.05:
		parts.append(f"the expected fill rate goes from {fill.now:.1f} % to {fill.then:.1f} %")
	if risk.change:
		more = "more" if risk.change > 0 else "fewer"
		parts.append(
			f"{_items(int(risk.then))} would run out before an order could arrive, {abs(risk.change):.0f} {more} than today"
		)
	return _sentence("; ".join(parts))


def _holding_words(holding: Measure, currency: str) -> str:
	if abs(holding.change) < 0.5:
		return ""
	word = "more" if holding.change > 0 else "less"
	return f"Holding the stock would cost {_money(abs(holding.change), currency)} a year {word}."


def _sentence(text: str) -> str:
	return text[:1].upper() + text[1:] + "." if text else ""


def _money(amount: float, currency: str) -> str:
	return f"{amount:,.0f} {currency}".strip()


def _orders(count: int) -> str:
	return f"{count:,} order" + ("" if count == 1 else "s")


def _items(count: int) -> str:
	return f"{count:,} item" + ("" if count == 1 else "s")
