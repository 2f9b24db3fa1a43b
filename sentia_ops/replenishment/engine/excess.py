"""Stock and open orders beyond what the largest cover will use, and what to do with them.

Looked at in this order; what is done first comes first in the sentence, the rest follows:

1. cancel order: an open purchase order that only adds to it;
2. transfer: another warehouse of the company is short of it;
3. return: bought lately, so that the supplier may take it back;
4. wait: it sells before the cost of holding it has eaten BEARABLE of its value, and before it perishes;
5. sell off: at any price above its value less the cost of holding it until it would have sold;
6. write off: without demand, and worth less than the trouble of selling it (one ordering cost).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.policy import Policy

DAYS_A_YEAR = 365
BEARABLE = 0.1  # share of the value that waiting may cost
RETURN_DAYS = 45  # after its receipt a delivery may be offered back
COLUMNS = [
	"item_code",
	"warehouse",
	"on_hand",
	"excess_qty",
	"excess_value",
	"holding_cost",
	"days_of_cover",
	"is_dead",
	"proposal",
	"why",
]
PAIR = ["item_code", "warehouse"]
s = f.show


def find_excess(
	pairs: pd.DataFrame,
	policy: Policy,
	*,
	as_of: date,
	orders: pd.DataFrame,
	receipts: pd.DataFrame,
	transfers: pd.DataFrame,
) -> pd.DataFrame:
	"""Rows with excess, the dearest to hold first; COLUMNS.

	Args:
	    pairs: a row per item and warehouse. Columns: item_code, warehouse; on_hand, committed (promised to customers), daily (a
	        day, in the long run), reorder_point, max_cover_days, shelf_life_days (0: none), valuation_rate (company currency a
	        unit), has_forecast (without one nothing is known of demand).
	    orders: open purchases: item_code, warehouse, voucher, qty, due_date.
	    receipts: deliveries: item_code, warehouse, supplier, received_on, qty.
	    transfers: proposed out of a warehouse: item_code, from_warehouse, warehouse, qty.
	"""
	rows = pairs[pairs["has_forecast"]]
	rows = rows.merge(_sums(orders, "qty").rename(columns={"qty": "on_order"}), on=PAIR, how="left")
	rows["on_order"] = rows["on_order"].astype(float).fillna(0.0)
	rows["useful"] = (
		np.maximum(rows["daily"] * rows["max_cover_days"], rows["reorder_point"]) + rows["committed"]
	)
	rows["excess"] = (rows["on_hand"] + rows["on_order"] - rows["useful"]).round(6)
	rows["excess"] = np.minimum(rows["excess"], rows["on_hand"] + rows["on_order"])
	rows = rows[rows["excess"] > np.where(rows["whole"], 1 - f.NOISE, f.NOISE)]
	by_pair = {
		"orders": _lists(orders[orders["qty"] > 0].sort_values("due_date", ascending=False), PAIR),
		"receipts": _lists(_lately(receipts, as_of), PAIR),
		"transfers": _lists(transfers, ["item_code", "from_warehouse"]),
	}
	found = [_judge(row, by_pair, policy) for row in rows.to_dict("records")]
	frame = pd.DataFrame(found, columns=COLUMNS)
	return frame.sort_values(["holding_cost", *PAIR], ascending=[False, True, True], ignore_index=True)


def _sums(rows: pd.DataFrame, column: str) -> pd.DataFrame:
	return (
		rows.groupby(PAIR, as_index=False)[column].sum()
		if len(rows)
		else pd.DataFrame(columns=[*PAIR, column])
	)


def _lists(rows: pd.DataFrame, key: list[str]) -> dict[tuple[str, str], list[dict]]:
	found: dict[tuple[str, str], list[dict]] = {}
	for row in rows.to_dict("records"):
		found.setdefault((row[key[0]], row[key[1]]), []).append(row)
	return found


def _lately(receipts: pd.DataFrame, as_of: date) -> pd.DataFrame:
	if receipts.empty:
		return receipts
	since = pd.Timestamp(as_of) - pd.Timedelta(days=RETURN_DAYS)
	kept = receipts[(receipts["received_on"] >= since) & (receipts["qty"] > 0)]
	return kept.sort_values("received_on", ascending=False)


def _judge(row: dict, by_pair: dict, policy: Policy) -> dict:
	daily, value = f.tidy(row["daily"]), f.exact(row["valuation_rate"])
	excess = _whole(row["excess"], row)
	is_dead = daily <= 0
	worth = round(excess * value, 2)
	yearly = round(worth * policy.holding_rate, 2)
	pair = (row["item_code"], row["warehouse"])
	steps = []
	left = _cancel(excess, by_pair["orders"].get(pair, []), row, steps)
	left = _move(left, by_pair["transfers"].get(pair, []), steps)
	left = _return(left, by_pair["receipts"].get(pair, []), row, steps)
	if left > f.NOISE:
		steps.append(_keep_or_sell(left, excess, row, daily, value, policy))
	stock = f.exact(row["on_hand"] + row["on_order"])
	return {
		"item_code": row["item_code"],
		"warehouse": row["warehouse"],
		"on_hand": f.exact(row["on_hand"]),
		"excess_qty": excess,
		"excess_value": worth,
		"holding_cost": yearly,
		"days_of_cover": np.nan if is_dead else f.tidy(stock / daily),
		"is_dead": is_dead,
		"proposal": steps[0][0],
		"why": f"{_arithmetic(row, excess, daily, worth, yearly, value, policy)} {' '.join(text for _name, text in steps)}",
	}


def _whole(qty: float, row: dict) -> float:
	return float(np.floor(qty + f.NOISE)) if row["whole"] else f.tidy(qty)


def _arithmetic(row: dict, excess, daily, worth, yearly, value, policy: Policy) -> str:
	stock = f"{s(f.exact(row['on_hand']))} on hand"
	if row["on_order"] > 0:
		stock += f" + {s(f.exact(row['on_order']))} on order"
	promised = f" - {s(f.exact(row['committed']))} promised" if row["committed"] > 0 else ""
	if daily <= 0:
		use = " and no demand is forecast"
	elif row["daily"] * row["max_cover_days"] >= row["reorder_point"]:
		days = s(f.exact(row["max_cover_days"]))
		use = f" - {days} days x {s(daily)} a day"
	else:
		use = f" - reorder point {s(f.exact(row['reorder_point']))}"
	cost = f"{s(excess)} x {s(value)} = {worth:.2f}, x {s(f.exact(policy.holding_rate))} = {yearly:.2f} a year to hold"
	return f"{stock}{promised}{use}: {s(excess)} too many; {cost}."


def _cancel(left: float, orders: list[dict], row: dict, steps: list) -> float:
	"""Whole open orders first that nobody needs, latest due first; then a part of the next."""
	for order in orders:
		if left <= f.NOISE:
			break
		qty = _whole(min(order["qty"], left), row)
		if qty <= 0:
			break
		what = (
			f"Cancel {order['voucher']}"
			if qty >= order["qty"] - f.NOISE
			else f"Cut {order['voucher']} by {s(qty)}"
		)
		steps.append(
			("cancel order", f"{what} (for {s(f.exact(order['qty']))}, due on {order['due_date'].date()}).")
		)
		left = f.exact(left - qty)
	return left


def _move(left: float, transfers: list[dict], steps: list) -> float:
	for move in transfers:
		if left <= f.NOISE:
			break
		steps.append(
			("transfer", f"{move['warehouse']} is short of it: the transfer of {s(move['qty'])} is proposed.")
		)
		left = f.exact(max(left - move["qty"], 0.0))
	return left


def _return(left: float, receipts: list[dict], row: dict, steps: list) -> float:
	for receipt in receipts:
		qty = _whole(min(receipt["qty"], left, row["on_hand"]), row)
		if qty <= 0:
			break
		day = receipt["received_on"].date()
		steps.append(
			(
				"return",
				f"Ask {receipt['supplier']} to take {s(qty)} back: {s(f.exact(receipt['qty']))} came on {day}.",
			)
		)
		left = f.exact(left - qty)
	return left


def _keep_or_sell(
	left: float, excess: float, row: dict, daily: float, value: float, policy: Policy
) -> tuple[str, str]:
	worth = round(left * value, 2)
	if daily <= 0:
		if worth < policy.ordering_cost:
			return "write off", (
				f"Write off {s(left)}: worth {worth:.2f}, less than {policy.ordering_cost:.2f}, the trouble of selling it."
			)
		return "sell off", (
			f"Sell off {s(left)} at any price: nothing else is expected to use it, and each year costs "
			f"{s(f.exact(policy.holding_rate))} of its value."
		)
	perishes = _perishes(row, daily)
	if perishes > 0:
		return "sell off", (
			f"Sell off {s(min(perishes, left))} at any price before it perishes: {s(f.exact(row['shelf_life_days']))} days of "
			f"shelf life x {s(daily)} a day = {s(f.tidy(row['shelf_life_days'] * daily))} can be sold in time."
		)
	stock = f.exact(row["on_hand"] + row["on_order"] - (excess - left))
	days = f.tidy((stock - left / 2) / daily)
	share = round(policy.holding_rate * days / DAYS_A_YEAR, 3)
	wait = (
		f"on average in ({s(stock)} - {s(left)} / 2) / {s(daily)} = {s(days)} days, which costs "
		f"{s(f.exact(policy.holding_rate))} x {s(days)} / {DAYS_A_YEAR} = {s(f.exact(share * 100))} % of the value"
	)
	if share <= BEARABLE:
		return "wait", f"Wait: {s(left)} sell {wait}."
	least = round(max(value * (1 - share), 0.0), 2)
	return (
		"sell off",
		f"Sell off {s(left)} at {least:.2f} or more: kept, they sell {wait}, so {s(value)} is worth {least:.2f} today.",
	)


def _perishes(row: dict, daily: float) -> float:
	"""What cannot be sold within the shelf life; nothing is known of what stock is older."""
	if row["shelf_life_days"] <= 0:
		return 0.0
	return _whole(max(row["on_hand"] - row["shelf_life_days"] * daily, 0.0), row)
