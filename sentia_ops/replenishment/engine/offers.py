"""Who can supply an item, at what price and how fast."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sentia_ops.replenishment.engine.formulas import exact, order_step, show
from sentia_ops.replenishment.engine.policy import Policy

LONGEST_LEAD_DAYS = 3650


@dataclass(frozen=True)
class Offer:
	"""One way to get an item: a supplier's offer, or making it.

	Attributes:
	    price: in `currency` per stock UOM; unit_cost is the same in company currency.
	    rate: one unit of `currency` in company currency.
	    step: quantities come in multiples of it; 0: any.
	    receipts, supplier_receipts: order lines the lead time rests on; basis says which.
	    note: what the buyer must know, such as that no supplier is known.
	"""

	action: str
	supplier: str
	price: float
	currency: str
	rate: float
	min_qty: float
	step: float
	lead_days: float
	lead_std: float
	basis: str
	receipts: int
	supplier_receipts: int
	lead_note: str
	is_default: bool = False
	note: str = ""

	@property
	def unit_cost(self) -> float:
		return exact(self.price * self.rate)


@dataclass(frozen=True)
class Offers:
	"""Attributes:
	usable: item_code -> offers, the default supplier first, then by name.
	left_out: item_code -> rows (supplier, price, currency) whose currency has no rate.
	"""

	usable: dict[str, list[Offer]]
	left_out: dict[str, list[dict]]


def collect_offers(
	items: dict[str, dict],
	supplier_items: pd.DataFrame,
	lead_times: pd.DataFrame,
	currencies: pd.DataFrame,
	policy: Policy,
) -> Offers:
	"""Offers of every item; an item nobody offers gets one without a supplier."""
	rates = dict(zip(currencies["currency"], currencies["rate"].astype(float), strict=True))
	leads = {(r["supplier"], r["item_code"]): r for r in lead_times.to_dict("records")}
	usable: dict[str, list[Offer]] = {}
	left_out: dict[str, list[dict]] = {}
	ordered = supplier_items.sort_values(
		["item_code", "is_default", "supplier"], ascending=[True, False, True]
	)
	for row in ordered.to_dict("records"):
		item = items.get(row["item_code"])
		if item is None or (item["is_made"] and not item["is_purchased"]):
			continue
		if row["currency"] not in rates:
			left_out.setdefault(row["item_code"], []).append(row)
			continue
		offer = _bought(
			row, item, leads.get((row["supplier"], row["item_code"])), rates[row["currency"]], policy
		)
		usable.setdefault(row["item_code"], []).append(offer)
	for code, item in items.items():
		if code not in usable:
			usable[code] = [
				_made(item, policy) if item["is_made"] else _unknown(item, left_out.get(code), policy)
			]
	return Offers(usable, left_out)


def _bought(row: dict, item: dict, lead: dict | None, rate: float, policy: Policy) -> Offer:
	return Offer(
		action="buy",
		supplier=row["supplier"],
		price=exact(row["price"]),
		currency=row["currency"],
		rate=float(rate),
		min_qty=exact(max(row["min_order_qty"], item["min_order_qty"])),
		step=order_step(exact(row["pack_size"] or item["pack_size"]), item["whole_number"]),
		is_default=bool(row["is_default"]),
		**(_measured(lead) if lead else _promised(row, item, policy)),
	)


def _made(item: dict, policy: Policy) -> Offer:
	return _own_price(item, "make", "", policy)


def _unknown(item: dict, left_out: list[dict] | None, policy: Policy) -> Offer:
	if left_out:
		missing = ", ".join(f"{r['supplier']} in {r['currency']}" for r in left_out)
		note = f"no usable offer ({missing}): add an exchange rate"
	elif item["is_purchased"]:
		note = "no supplier known: add one to the item"
	else:
		note = "the item is neither purchased nor made: tick one of the two on the item"
	return _own_price(item, "buy", note, policy)


def _own_price(item: dict, action: str, note: str, policy: Policy) -> Offer:
	return Offer(
		action=action,
		supplier="",
		price=exact(item["valuation_rate"]),
		currency="",
		rate=1.0,
		min_qty=exact(item["min_order_qty"]),
		step=order_step(exact(item["pack_size"]), item["whole_number"]),
		note=note,
		**_planned(item, policy),
	)


def _measured(lead: dict) -> dict:
	return _lead(
		lead["mean_days"],
		lead["std_days"],
		lead["basis"],
		lead["note"],
		lead["receipts"],
		lead["supplier_receipts"],
	)


def _promised(row: dict, item: dict, policy: Policy) -> dict:
	"""Lead times were never measured (the suppliers step did not run)."""
	days = row["promised_lead_days"]
	if pd.isna(days):
		return _planned(item, policy)
	return _lead(days, policy.lead_spread * days, "promised", f"the supplier's promise; {_assumed(policy)}")


def _planned(item: dict, policy: Policy) -> dict:
	days = item["lead_time_days"]
	if days > 0:
		return _lead(
			days, policy.lead_spread * days, "planner", f"planner's figure on the item; {_assumed(policy)}"
		)
	days = policy.default_lead_days
	return _lead(days, policy.lead_spread * days, "default", f"the default; {_assumed(policy)}")


def _assumed(policy: Policy) -> str:
	return f"spread assumed as {show(exact(policy.lead_spread * 100))} % of it"


def _lead(
	mean: float, std: float, basis: str, note: str, receipts: int = 0, supplier_receipts: int = 0
) -> dict:
	"""Lead times are planned in tenths of a day, as they are printed; a slip of the pen is cut to ten years."""
	if mean > LONGEST_LEAD_DAYS:
		note = f"{note}; cut to {LONGEST_LEAD_DAYS} days from {show(exact(mean))}: correct it"
	return {
		"lead_days": round(float(min(mean, LONGEST_LEAD_DAYS)), 1),
		"lead_std": round(float(std), 1),
		"basis": basis,
		"lead_note": note,
		"receipts": int(receipts),
		"supplier_receipts": int(supplier_receipts),
	}


def left_out_warnings(left_out: dict[str, list[dict]], named: int = 5) -> list[str]:
	"""One warning per supplier and currency, naming the items."""
	grouped: dict[tuple[str, str], list[str]] = {}
	for item, rows in sorted(left_out.items()):
		for row in rows:
			grouped.setdefault((row["supplier"], row["currency"]), []).append(item)
	return [
		f"No exchange rate for {currency}: offers of {supplier} are left out for {', '.join(items[:named])}"
		+ (f" and {len(items) - named} more items." if len(items) > named else ".")
		for (supplier, currency), items in sorted(grouped.items())
	]
