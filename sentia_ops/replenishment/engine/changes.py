"""Why an order differs from what the run before proposed: inputs are exchanged one after the other, in money of the same coin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.orders import INPUTS, replay
from sentia_ops.replenishment.engine.policy import Policy

if TYPE_CHECKING:
	from sentia_ops.replenishment.engine.book import Book
	from sentia_ops.replenishment.engine.case import Case

s = f.show
DEMAND = ["lead_demand", "period_demand"]
GROUPS = {  # in this order: name -> inputs
	"forecast": ["long_daily", *DEMAND, "demand_class"],
	"forecast error": ["error_std", "day_std"],
	"supplier": ["supplier"],
	"lead time": ["lead_days", "lead_std", *DEMAND],
	"price": ["price", "currency", "rate", "unit_cost", "margin", "ordering_cost"],
	"minimum and packs": ["tier_qty", "min_qty", "step", "whole"],
	"rules": [
		*("service_level", "service_measure", "review_days", *DEMAND, "holding_rate", "max_cover_days"),
		*("shelf_life_days", "fixed_safety"),
	],
	"stock and open orders": [
		*(
			"on_hand",
			"owed",
			"inbound",
			"promised",
			"excess",
			"moved",
			"position",
			"left",
			"lead_wanted",
			"lead_supply",
		),
	],
}
SHOWN = {  # what stands for a group: input -> words
	"long_daily": ("forecast", " a day"),
	"error_std": ("forecast error", " a day"),
	"supplier": ("supplier", ""),
	"lead_days": ("lead time", " days"),
	"lead_std": ("lead time deviation", " days"),
	"price": ("price", ""),
	"ordering_cost": ("cost of an order", ""),
	"tier_qty": ("price break", ""),
	"min_qty": ("minimum order", ""),
	"step": ("pack", ""),
	"service_level": ("service level", ""),
	"service_measure": ("service measure", ""),
	"review_days": ("review", " days"),
	"holding_rate": ("holding rate", ""),
	"max_cover_days": ("largest cover", " days"),
	"position": ("position", ""),
	"left": ("left on arrival", ""),
}


def change_texts(book: Book, cases: dict[int, Case], policy: Policy) -> dict[int, str]:
	"""By pair, why the quantity is not that of `book.previous`; nothing for what is new or as before."""
	before = _previous(book)
	pairs = [pair for pair, case in cases.items() if _key(case) in before]
	if not pairs:
		return {}
	old = pd.DataFrame([before[_key(cases[pair])] for pair in pairs])
	new = pd.DataFrame(
		[{name: getattr(cases[pair].row, name) for name in (*INPUTS, "qty")} for pair in pairs]
	)
	texts = explain_changes(old, new, policy)
	return {pair: text for pair, text in zip(pairs, texts, strict=True) if text}


def _key(case: Case) -> tuple[str, str, str]:
	return case.row.item_code, case.row.warehouse, case.row.action


def _previous(book: Book) -> dict[tuple[str, str, str], dict]:
	found = {}
	if book.previous is None:
		return found
	columns = (book.previous[name] for name in ("item_code", "warehouse", "action", "inputs", "qty"))
	for item, warehouse, action, text, qty in zip(*columns, strict=True):
		try:
			inputs = json.loads(text or "{}")
		except ValueError:
			continue
		if set(INPUTS) <= set(inputs):
			found[(item, warehouse, action)] = inputs | {"qty": float(qty)}
	return found


def explain_changes(old: pd.DataFrame, new: pd.DataFrame, policy: Policy) -> list[str]:
	"""One sentence per row; "" where the quantity is as before.

	Args:
	    old, new: columns INPUTS and qty, row by row the same item and warehouse. Inputs are exchanged group by group, so the
	        parts add up to the difference; what neither explains (an edit, a budget) is "other limits".
	"""
	old, new = _typed(old), _typed(new)
	current, qty = old[INPUTS].copy(), replay(old[INPUTS], policy)
	parts: list[list[str]] = [[] for _ in range(len(old))]
	start = qty
	for group, names in GROUPS.items():
		current = _exchanged(current, old, new, group, names)
		after = replay(current, policy)
		for at in np.flatnonzero(np.abs(after - qty) > f.NOISE):
			parts[at].append(
				f"{_words(old.iloc[at], new.iloc[at], group, names)} ({_signed(after[at] - qty[at])})"
			)
		qty = after
	other = (new["qty"].to_numpy() - qty) - (old["qty"].to_numpy() - start)
	found = []
	for at, told in enumerate(parts):
		was, now = float(old["qty"].iloc[at]), float(new["qty"].iloc[at])
		if abs(now - was) <= f.NOISE:
			found.append("")
			continue
		if abs(other[at]) > f.NOISE:
			told.append(f"other limits ({_signed(other[at])})")
		found.append(f"Quantity {s(f.exact(was))} -> {s(f.exact(now))}: {'; '.join(told)}")
	return found


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
	text = ["demand_class", "supplier", "currency", "service_measure"]
	numbers = [name for name in (*INPUTS, "qty") if name not in (*text, "whole")]
	return rows.astype(dict.fromkeys(numbers, float)).astype({"whole": bool}).reset_index(drop=True)


def _exchanged(
	current: pd.DataFrame, old: pd.DataFrame, new: pd.DataFrame, group: str, names: list[str]
) -> pd.DataFrame:
	found = current.assign(**{name: new[name] for name in names if name not in DEMAND})
	if group == "forecast":  # over the former times
		now, was = new["lead_days"] + new["review_days"], old["lead_days"] + old["review_days"]
		found["period_demand"] = new["period_demand"] * was / now.where(now > 0, 1.0)
		rate = new["period_demand"] / now.where(now > 0, 1.0)
		same = new["lead_days"] == old["lead_days"]
		found["lead_demand"] = new["lead_demand"].where(same, rate * old["lead_days"])
	elif group == "lead time":
		rate = new["period_demand"] / (new["lead_days"] + new["review_days"]).replace(0, 1.0)
		found["lead_demand"] = new["lead_demand"]
		found["period_demand"] = new["lead_demand"] + rate * old["review_days"]
	elif group == "rules":
		found[DEMAND] = new[DEMAND]
	return found


def _words(old: pd.Series, new: pd.Series, group: str, names: list[str]) -> str:
	told = []
	for name in names:
		if name in SHOWN and not _same(old[name], new[name]):
			label, unit = SHOWN[name]
			told.append(f"{label} {_value(old[name])} -> {_value(new[name])}{unit}")
	return ", ".join(told) or group


def _same(a, b) -> bool:
	return a == b or (isinstance(a, float) and isinstance(b, float) and np.isnan(a) and np.isnan(b))


def _value(x) -> str:
	return s(f.exact(x)) if isinstance(x, float) else str(x) or "none"


def _signed(x: float) -> str:
	return f"{'+' if x > 0 else '-'}{s(abs(f.exact(x)))}"
