"""Surplus of one warehouse moved to another of the same company before anything is bought.

A warehouse keeps its order-up-to level, or its reorder point and the demand of one protection period where that is more; what
it has beyond is surplus, as far as it is on hand. A transfer is worth its cost where it spares more than that:

- buying is put off: the units moved are bought later, when the giving warehouse would have come to use them. Spared is the
  cost of holding what is not bought, for that time; of stock that nobody there wants, the whole price;
- units short at the receiving warehouse until a purchase would have arrived, at their margin;
- the difference in price, where the two warehouses buy at different prices.

Among companies nothing is moved: ERPNext needs a sale and a purchase for that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.policy import Policy

DAYS_A_YEAR = 365
COLUMNS = [
	"item_code",
	"warehouse",
	"from_warehouse",
	"qty",
	"covers",
	"saving",
	"is_dead",
	"left",
	"short",
	"why",
]
s = f.show


@dataclass(frozen=True)
class Network:
	"""Attributes:
	transfers: COLUMNS; qty in stock UOM, covers: nothing need be bought besides; saving: beyond the transfer's cost, company
	    currency; left: position of the giving warehouse afterwards; short: units expected
	    short until a purchase would have arrived, all the same.
	surplus: of each row given, stock UOM.
	abroad: (item_code, warehouse) -> words on surplus that only another company has.
	"""

	transfers: pd.DataFrame
	surplus: np.ndarray
	abroad: dict[tuple[str, str], str]


def surplus_of(pairs: pd.DataFrame) -> np.ndarray:
	"""Stock on hand beyond what each warehouse needs for itself; whole units where `whole`."""
	c = {name: pairs[name].to_numpy(dtype=float) for name in NUMBERS}
	sells = c["daily"] > 0
	spare = np.minimum(c["position"] - _keep(c), c["on_hand"] - c["reorder_point"])
	spare = np.where(
		sells, spare, np.minimum(c["on_hand"] - c["committed"], c["position"] - c["reorder_point"])
	)
	spare = np.where(pairs["whole"].to_numpy(dtype=bool), np.floor(spare + f.NOISE), np.round(spare, 3))
	return np.maximum(spare, 0.0)


NUMBERS = ["position", "on_hand", "committed", "reorder_point", "order_up_to", "period_demand", "daily"]


def _keep(c: dict) -> np.ndarray:
	return np.maximum(c["order_up_to"], c["reorder_point"] + c["period_demand"])


def plan_transfers(pairs: pd.DataFrame, policy: Policy, room: dict[str, float] | None = None) -> Network:
	"""At most one transfer into each warehouse that is short of an item.

	Args:
	    pairs: a row per item and warehouse. Columns: item_code, warehouse, company; on_hand, committed (promised to customers),
	        position, reorder_point, order_up_to, period_demand, daily (stock UOM; a day, in the long run); gap (missing to the
	        reorder point), wanted (what would be bought); unit_cost, margin (company currency a unit); lead_days, lead_supply,
	        lead_demand, lead_std, none (until a purchase arrives: see `engine.demand`); whole, pack (stock UOM, 0: any),
	        volume (m3 a unit).
	    room: warehouse -> cubic metres free; not named: no limit.
	"""
	surplus = surplus_of(pairs)
	none = Network(pd.DataFrame(columns=COLUMNS), surplus, {})
	if not policy.transfers or pairs.empty:
		return none
	code, _names = pd.factorize(pairs["item_code"])
	short = (pairs["gap"] > 0).to_numpy()
	able = np.isin(code, code[short]) & np.isin(code, code[surplus > 0]) & (short | (surplus > 0))
	if not able.any():
		return none
	rows = pairs[able].assign(surplus=surplus[able]).to_dict("records")
	by_item: dict[str, list[dict]] = {}
	for row in rows:
		by_item.setdefault(row["item_code"], []).append(row)
	room, found, abroad = dict(room or {}), [], {}
	for group in by_item.values():
		found += _transfers_of(group, policy, room)
		abroad |= _abroad(group)
	return Network(pd.DataFrame(found, columns=COLUMNS), surplus, abroad)


def _transfers_of(group: list[dict], policy: Policy, room: dict[str, float]) -> list[dict]:
	"""Dead stock first, then what spares most; each warehouse is given to once."""
	givers = [row for row in group if row["surplus"] > 0]
	takers = [row for row in group if row["gap"] > 0]
	found = []
	while takers:
		offers = [
			offer
			for giver in givers
			for taker in takers
			if giver["company"] == taker["company"] and (offer := _weigh(giver, taker, policy, room))
		]
		if not offers:
			break
		best = max(offers, key=lambda o: (o["is_dead"], o["saving"], o["from_warehouse"], o["warehouse"]))
		found.append(best)
		giver = next(row for row in givers if row["warehouse"] == best["from_warehouse"])
		giver["surplus"] = f.exact(giver["surplus"] - best["qty"])
		giver["position"] = f.exact(giver["position"] - best["qty"])
		giver["on_hand"] = f.exact(giver["on_hand"] - best["qty"])
		takers = [row for row in takers if row["warehouse"] != best["warehouse"]]
		if best["warehouse"] in room:
			room[best["warehouse"]] -= best["qty"] * giver["volume"]
	return found


def _weigh(giver: dict, taker: dict, policy: Policy, room: dict[str, float]) -> dict | None:
	"""The transfer, or None where it is not worth its cost."""
	qty = _quantity(giver, taker, room.get(taker["warehouse"], np.inf))
	if qty <= 0:
		return None
	texts = []
	saving = _put_off(giver, taker, qty, policy, texts)
	spared, short = _shortage(taker, qty, policy, texts)
	saving += spared
	saving += _price(giver, taker, qty, texts)
	saving = round(saving - policy.transfer_cost, 2)
	if saving <= 0:
		return None
	left = f.exact(giver["position"] - qty)
	texts.append(f"less {policy.transfer_cost:.2f} for the transfer: saves {saving:.2f}")
	start = f"{giver['warehouse']} has {s(giver['surplus'])} more than it needs ({_surplus_words(giver)})"
	return {
		"item_code": taker["item_code"],
		"warehouse": taker["warehouse"],
		"from_warehouse": giver["warehouse"],
		"qty": qty,
		"covers": qty >= taker["gap"] - f.NOISE,
		"saving": saving,
		"is_dead": giver["daily"] <= 0,
		"left": left,
		"short": short,
		"why": f"{start}; {'; '.join(texts)}.",
	}


def _quantity(giver: dict, taker: dict, room: float) -> float:
	"""What is wanted, as far as there is surplus and room: full packs, or single units where there is less than one."""
	most = min(giver["surplus"], max(taker["wanted"], taker["gap"]))
	if taker["volume"] > 0:
		most = min(most, max(room, 0.0) / taker["volume"])
	pack = taker["pack"]
	if pack > 0 and most >= pack and most < max(taker["wanted"], taker["gap"]):
		most = np.floor(most / pack + f.NOISE) * pack
	return (
		f.exact(np.floor(most + f.NOISE))
		if taker["whole"]
		else f.exact(np.floor(most * 1000 + f.NOISE) / 1000)
	)


def _surplus_words(giver: dict) -> str:
	if giver["daily"] <= 0:
		promised = f", {s(f.exact(giver['committed']))} promised" if giver["committed"] > 0 else ""
		return f"{s(f.exact(giver['on_hand']))} on hand{promised}, no demand"
	own = f.exact(giver["reorder_point"] + giver["period_demand"])
	if own > giver["order_up_to"]:
		keep = (
			f"reorder point {s(giver['reorder_point'])} + {s(f.exact(giver['period_demand']))} demand until the next "
			f"order = {s(own)}"
		)
	else:
		keep = f"order-up-to level {s(f.exact(giver['order_up_to']))}"
	words = f"position {s(f.exact(giver['position']))}, {keep}"
	return f"{words}; {s(f.exact(giver['on_hand']))} on hand, reorder point {s(giver['reorder_point'])}"


def _put_off(giver: dict, taker: dict, qty: float, policy: Policy, texts: list[str]) -> float:
	"""Cost of holding what need not be bought until the giving warehouse would have used it."""
	value = round(qty * taker["unit_cost"], 2)
	bought = f"{s(qty)} x {s(f.exact(taker['unit_cost']))} = {value:.2f} of purchases"
	if giver["daily"] <= 0:
		texts.append(f"{bought} never needed, as the stock has no other use")
		return value
	daily = f.tidy(giver["daily"])
	over = f.exact(giver["position"] - qty / 2 - giver["reorder_point"])
	days = f.tidy(over / daily)
	spared = round(min(value * policy.holding_rate * days / DAYS_A_YEAR, value), 2)
	texts.append(
		f"{bought} put off by ({s(f.exact(giver['position']))} - {s(qty)} / 2 - {s(giver['reorder_point'])}) / {s(daily)} "
		f"a day = {s(days)} days, x {s(f.exact(policy.holding_rate))} a year / {DAYS_A_YEAR} x {s(days)} = {spared:.2f} holding"
	)
	return spared


def _shortage(taker: dict, qty: float, policy: Policy, texts: list[str]) -> tuple[float, float]:
	"""Margin of the units that a transfer is in time for and a purchase is not; units that it is too late for, too."""
	days, lead = policy.transfer_days, taker["lead_days"]
	if days >= lead or taker["lead_demand"] <= 0:
		return 0.0, _short(taker, taker["lead_supply"], 1.0)
	bought = _short(taker, taker["lead_supply"], 1.0)
	moved = max(
		_short(taker, taker["lead_supply"] + qty, 1.0), _short(taker, taker["lead_supply"], days / lead)
	)
	bought, moved = f.tidy(bought), f.tidy(min(moved, bought))
	spared = round((bought - moved) * taker["margin"], 2)
	if spared > 0:
		texts.append(
			f"there in {s(days)} days, not {s(f.exact(lead))}: {s(bought)} - {s(moved)} expected short x "
			f"{s(f.exact(taker['margin']))} margin = {spared:.2f}"
		)
	return spared, moved


def _short(taker: dict, available: float, share: float) -> float:
	"""Units expected short in `share` of the lead time."""
	column = [
		np.array([value], dtype=float)
		for value in (
			taker["lead_demand"] * share,
			taker["lead_std"] * share**0.5,
			taker["none"] if share >= 1 else taker["none"] ** share,
			available,
		)
	]
	short, _chance = demand.short_of(*column)
	return float(short[0])


def _price(giver: dict, taker: dict, qty: float, texts: list[str]) -> float:
	"""What the same quantity costs less where it is bought later."""
	if giver["daily"] <= 0 or not giver["unit_cost"] or not taker["unit_cost"]:
		return 0.0
	each = f.exact(taker["unit_cost"] - giver["unit_cost"])
	spared = round(qty * each, 2)
	if spared:
		texts.append(
			f"bought for {giver['warehouse']} later at {s(f.exact(giver['unit_cost']))}, not "
			f"{s(f.exact(taker['unit_cost']))}: {s(qty)} x {s(each)} = {spared:.2f}"
		)
	return spared


def _abroad(group: list[dict]) -> dict[tuple[str, str], str]:
	"""Surplus that only another company has."""
	found = {}
	for taker in group:
		others = [r for r in group if r["surplus"] > 0 and r["company"] != taker["company"]]
		if taker["gap"] > 0 and others:
			giver = max(others, key=lambda row: row["surplus"])
			found[taker["item_code"], taker["warehouse"]] = (
				f"{giver['warehouse']} has {s(giver['surplus'])} to spare, but belongs to {giver['company']}: stock moves "
				"between companies by a sale and a purchase, which is not proposed."
			)
	return found
