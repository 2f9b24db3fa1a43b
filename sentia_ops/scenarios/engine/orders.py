"""Which orders two plans have in common, and why the others differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

PAIR = ["item_code", "warehouse"]
KEY = [*PAIR, "action"]
KEPT = ["supplier", "from_warehouse", "qty", "cost", "unit_price", "currency", "order_by", "urgency"]
KEPT += ["cut_by", "wanted_qty"]
POLICY = [
	"supplier",
	"position",
	"daily_demand",
	"lead_days",
	"service_level",
	"safety_stock",
	"reorder_point",
]
POLICY += ["verdict", "why"]
LABELS = {
	"daily_demand": "demand a day",
	"lead_days": "lead time in days",
	"service_level": "service level",
	"safety_stock": "safety stock",
	"reorder_point": "reorder point",
	"position": "stock position",
}
SAME = 1e-6


def compare_orders(
	now: pd.DataFrame, then: pd.DataFrame, policy_now: pd.DataFrame, policy_then: pd.DataFrame
) -> pd.DataFrame:
	"""One row per order of either plan that is not the same in both, the largest change in cost first.

	Args:
	    now, then: recommendations, columns as in their frame.
	    policy_now, policy_then: stock policies, likewise.

	Returns:
	    item_code, warehouse, action, kind (new, gone, larger, smaller, changed), change (all that differs, in words),
	    supplier, qty, cost, order_by and urgency as `_now` and `_then` (empty where there is no order), `why`.
	"""
	both = _side_by_side(now, then)
	both["kind"] = _kinds(both)
	both["change"] = [_changes(row) for row in both.to_dict("records")]
	both = both[both["change"] != ""]
	policies = policy_now[PAIR + POLICY].merge(
		policy_then[PAIR + POLICY], on=PAIR, how="outer", suffixes=("_now", "_then")
	)
	policies.columns = [c if c in PAIR else f"policy_{c}" for c in policies.columns]
	both = both.merge(policies, on=PAIR, how="left")
	both["why"] = [_why(row) for row in both.to_dict("records")]
	moved = (both["cost_then"].fillna(0) - both["cost_now"].fillna(0)).abs()
	both = both.assign(_moved=moved).sort_values(["_moved", *KEY], ascending=[False, True, True, True])
	sides = [
		f"{name}_{side}" for name in ("supplier", "qty", "cost", "order_by", "urgency") for side in SIDES
	]
	return both[[*KEY, "kind", "change", *sides, "why"]].reset_index(drop=True)


SIDES = ("now", "then")


def _side_by_side(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
	both = now[KEY + KEPT].merge(then[KEY + KEPT], on=KEY, how="outer", suffixes=("_now", "_then"))
	for side in SIDES:
		source = both[f"supplier_{side}"].fillna("")
		both[f"supplier_{side}"] = source.where(source != "", both[f"from_warehouse_{side}"].fillna(""))
		both[f"urgency_{side}"] = both[f"urgency_{side}"].fillna("")
	return both


def _kinds(both: pd.DataFrame) -> np.ndarray:
	now, then = both["qty_now"], both["qty_then"]
	cases = [now.isna(), then.isna(), then > now + SAME, then < now - SAME]
	return np.select(cases, ["new", "gone", "larger", "smaller"], "changed")


def _changes(row: dict) -> str:
	"""Everything that differs, in words; empty: nothing does."""
	if row["kind"] in ("new", "gone"):
		return row["kind"]
	found = [] if row["kind"] == "changed" else [row["kind"]]
	if row["supplier_now"] != row["supplier_then"]:
		found.append("other supplier" if row["action"] != "transfer" else "from another warehouse")
	days = (row["order_by_then"] - row["order_by_now"]).days
	if days:
		found.append(f"{_days(abs(days))} {'later' if days > 0 else 'earlier'}")
	if row["kind"] == "changed" and abs(row["cost_then"] - row["cost_now"]) > 0.005:
		found.append("dearer" if row["cost_then"] > row["cost_now"] else "cheaper")
	return ", ".join(found)


def _why(row: dict) -> str:
	"""What moved in the arithmetic, and how the order follows from it."""
	parts = [text for name, label in LABELS.items() if (text := _moved(row, name, label))]
	if row["kind"] not in ("new", "gone") and row["unit_price_now"] != row["unit_price_then"]:
		prices = (f"{show(row[f'unit_price_{s}'])} {row[f'currency_{s}']}".strip() for s in SIDES)
		parts.append("unit price " + " → ".join(prices))
	sentences = [", ".join(parts)] if parts else []
	sentences += [text for text in (_gap(row), _cut(row), _source(row)) if text]
	return "; ".join(s[0].upper() + s[1:] if i == 0 else s for i, s in enumerate(sentences)) + "."


def _moved(row: dict, name: str, label: str) -> str:
	before, after = row[f"policy_{name}_now"], row[f"policy_{name}_then"]
	if pd.isna(before) or pd.isna(after):
		return ""
	if name == "service_level":
		before, after = before * 100, after * 100
		label += " in %"
	return f"{label} {show(before)} → {show(after)}" if show(before) != show(after) else ""


def _gap(row: dict) -> str:
	"""Position against reorder point in both plans, where that decides."""
	told = [_stand(row, side) for side in SIDES]
	if row["kind"] == "new":
		return f"{told[1]}, so it is ordered" + (f" (today {told[0]})" if told[0] else "") if told[1] else ""
	if row["kind"] == "gone" and row["policy_verdict_then"] != "order":
		why = f"{told[1]}, so nothing is ordered" if told[1] else "nothing is planned there any more"
		return why + (f" (today {told[0]})" if told[0] else "")
	if row["kind"] == "gone":
		return "it is still short, but what there is to spend goes elsewhere, or another order covers it"
	if row["kind"] in ("larger", "smaller"):
		return f"quantity {show(row['qty_now'])} → {show(row['qty_then'])}"
	return ""


def _stand(row: dict, side: str) -> str:
	position, point = row[f"policy_position_{side}"], row[f"policy_reorder_point_{side}"]
	if pd.isna(position) or pd.isna(point):
		return ""
	gap = point - position
	where = f"{show(abs(gap))} {'below' if gap > 0 else 'above'}" if show(abs(gap)) != "0" else "at"
	return f"the position of {show(position)} is {where} the reorder point of {show(point)}"


def _cut(row: dict) -> str:
	if not row["cut_by_then"] or pd.isna(row["cut_by_then"]):
		return ""
	wanted = row["wanted_qty_then"]
	return f"cut by the {row['cut_by_then']}" + ("" if pd.isna(wanted) else f", {show(wanted)} were wanted")


def _source(row: dict) -> str:
	now, then = row["supplier_now"], row["supplier_then"]
	if row["kind"] in ("new", "gone") or now == then:
		return ""
	return f"{then or 'no supplier'} instead of {now or 'no supplier'}"


def show(x: float) -> str:
	"""Two decimals below 10, one below 1000, none above."""
	size = abs(x)
	text = f"{x:,.2f}" if size < 10 else f"{x:,.1f}" if size < 1000 else f"{x:,.0f}"
	text = text.rstrip("0").rstrip(".") if "." in text else text
	return "0" if text == "-0" else text


def _days(count: int) -> str:
	return f"{count} day" + ("" if count == 1 else "s")
