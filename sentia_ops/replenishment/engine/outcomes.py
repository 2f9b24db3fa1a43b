"""What became of an order, once the days it was to cover have passed: was it needed, did it come, was there too little or
too much, and what would a better order have spared.

The covered days run from the day the order was needed, for quantity / daily demand days.

    without(t)  = stock(t) - quantity, from its arrival on            what there would have been without the order
    needed      : without(t) below the safety stock on some day until `grace_days` after it was needed
    stock-out   : covered days that ended without stock
    excess      = min(quantity, stock at the end - safety stock - other deliveries since it was ordered), at least 0
    regret      = stock-out days x daily demand x margin a unit  +  excess x unit cost x holding rate x covered days / 365
    good        : needed, arrived, no stock-out day, excess at most `tolerated_excess` of the quantity
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

DAYS_A_YEAR = 365
PAIR = ["item_code", "warehouse"]


@dataclass(frozen=True)
class OutcomeRules:
	"""How orders are judged.

	Attributes:
	    grace_days: a need that came so much later than forecast still was one: a review period.
	    tolerated_excess: share of the quantity that may be left over.
	    max_cover_days: no order is waited for longer.
	    holding_rate: of holding stock for a year, as a share of its value.
	    margin: lost on a unit short, as a share of its cost, where no selling rate is known.
	"""

	grace_days: int = 7
	tolerated_excess: float = 0.25
	max_cover_days: int = 180
	holding_rate: float = 0.25
	margin: float = 0.3


@dataclass(frozen=True)
class Judged:
	"""`rows` as frame OUTCOMES without `run`; how many are not due yet, and how many lack a stock history."""

	rows: list[dict]
	waiting: int
	unknown: int


def judge(
	decisions: pd.DataFrame,
	stock_days: pd.DataFrame,
	selling: dict[str, float],
	as_of: date,
	rules: OutcomeRules,
) -> Judged:
	"""Judge the orders whose covered days lie before `as_of`.

	Args:
	    decisions: frame DECISIONS; those judged before left out.
	    stock_days: frame STOCK_DAYS.
	    selling: selling rate by item, company currency per stock UOM; 0 or absent: not known.
	"""
	history = {pair: rows.set_index("date").sort_index() for pair, rows in stock_days.groupby(PAIR)}
	rows, waiting, unknown = [], 0, 0
	for order in decisions.to_dict("records"):
		end = cover_end(order, rules)
		if end >= as_of:
			waiting += 1
			continue
		moves = history.get((order["item_code"], order["warehouse"]))
		if moves is None:
			unknown += 1
			continue
		rows.append(_outcome(order, moves, end, selling.get(order["item_code"]) or 0.0, as_of, rules))
	return Judged(rows, waiting, unknown)


def cover_days(order: dict, rules: OutcomeRules) -> int:
	"""Days the order was to last; at least one."""
	daily = order["daily_demand"]
	days = order["qty"] / daily if daily > 0 else rules.max_cover_days
	return max(1, min(math.floor(days), rules.max_cover_days))


def cover_end(order: dict, rules: OutcomeRules) -> date:
	"""Last of the covered days; where it was needed before it was ordered, they run from the order."""
	start = max(order["need_by"], order["ordered_on"]).date()
	return start + timedelta(days=cover_days(order, rules) - 1)


def _outcome(
	order: dict, moves: pd.DataFrame, end: date, selling: float, as_of: date, rules: OutcomeRules
) -> dict:
	days = pd.date_range(order["ordered_on"], pd.Timestamp(end))
	on_hand = moves["on_hand"].reindex(moves.index.union(days)).ffill().reindex(days).fillna(0.0).to_numpy()
	start = (max(order["need_by"], order["ordered_on"]) - order["ordered_on"]).days
	arrived = (
		order["received_on"] if pd.notna(order["received_on"]) and order["received_on"] <= days[-1] else None
	)
	without = on_hand if arrived is None else on_hand - np.where(days >= arrived, order["qty"], 0.0)
	lowest = float(without[start : start + rules.grace_days + 1].min())
	needed = lowest < order["safety_stock"] or lowest <= 0
	short = int((on_hand[start:] <= 0).sum())
	came = moves.loc[(moves.index > order["ordered_on"]) & (moves.index <= days[-1]), "received"].sum()
	others = max(float(came) - (order["qty"] if arrived is not None else 0.0), 0.0)
	left = float(on_hand[-1])
	excess = (
		min(max(left - order["safety_stock"] - others, 0.0), order["qty"]) if arrived is not None else 0.0
	)
	covered = len(days) - start
	margin = max(selling - order["unit_cost"], 0.0) if selling > 0 else rules.margin * order["unit_cost"]
	lost = short * order["daily_demand"] * margin
	held = excess * order["unit_cost"] * rules.holding_rate * covered / DAYS_A_YEAR
	good = needed and arrived is not None and not short and excess <= rules.tolerated_excess * order["qty"]
	figures = {
		"was_needed": needed,
		"arrived_on": arrived if arrived is not None else pd.NaT,
		"days_late": float((arrived - order["need_by"]).days) if arrived is not None else math.nan,
		"stockout_days": float(short),
		"excess_qty": round(excess, 6),
		"regret": round(lost + held, 2),
		"is_good": good,
	}
	words = _words(order, figures, lowest, left, others, covered)
	named = ("recommendation", "item_code", "warehouse", "supplier", "ordered_on", "qty", "is_automatic")
	return {
		**{name: order[name] for name in named},
		"segment": order["segment"] or "unclassified",
		"judged_on": pd.Timestamp(as_of),
		**figures,
		"why": words,
	}


def _words(order: dict, found: dict, lowest: float, left: float, others: float, covered: int) -> str:
	safety = f"the safety stock of {_n(order['safety_stock'])}"
	side = "below" if found["was_needed"] else "not below"
	verdict = "needed" if found["was_needed"] else "not needed"
	texts = [f"Without it stock would have gone down to {_n(lowest)}, {side} {safety}: {verdict}."]
	if pd.isna(found["arrived_on"]):
		texts.append("It did not arrive in full within the days it was to cover.")
	else:
		late = found["days_late"]
		when = (
			f"{late:.0f} days late" if late > 0 else f"{-late:.0f} days early" if late < 0 else "on the day"
		)
		texts.append(f"It arrived on {found['arrived_on']:%Y-%m-%d}, {when}.")
	texts.append(
		f"Of the {covered} days it was to cover ({_n(order['qty'])} at {_n(order['daily_demand'])} a day) "
		f"{found['stockout_days']:.0f} ended without stock."
	)
	if pd.notna(found["arrived_on"]):
		texts.append(
			f"At their end {_n(left)} were left; without {safety} and {_n(others)} of other deliveries the excess is "
			f"{_n(found['excess_qty'])}."
		)
	return " ".join(texts)


def _n(value: float) -> str:
	return f"{round(value, 2):g}"
