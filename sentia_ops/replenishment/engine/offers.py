"""Who can supply an item, at what price and how fast: one row per item, supplier and price break."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.arrays import exact
from sentia_ops.replenishment.engine.calendar import Calendar, read_calendar
from sentia_ops.replenishment.engine.policy import Policy

LONGEST_LEAD_DAYS = 3650
NAMED = 5  # items named in a warning


@dataclass(frozen=True)
class Offers:
	"""Attributes:
	rows: columns item_code, action, supplier, price, currency, rate, unit_cost, has_price, min_qty, step, tier_qty (the price
	    break's quantity, 0: the ordinary price), lead_days (the supplier's own), lead_std, basis, lead_note, receipts,
	    supplier_receipts, is_default, note, ordering_cost, wait_days (until it takes an order), total_lead_days (until an
	    order of today arrives), review_days (between the arrivals of today's order and of the next possible one). Per item the
	    default supplier first, then by name, then by price break.
	left_out: item_code -> rows (supplier, price, currency, why) that cannot be ordered from.
	calendars: of suppliers that have one.
	warnings: for the planner.
	"""

	rows: pd.DataFrame
	left_out: dict[str, list[dict]]
	calendars: dict[str, Calendar]
	warnings: list[str]


def collect_offers(
	items: pd.DataFrame,
	supplier_items: pd.DataFrame,
	lead_times: pd.DataFrame,
	currencies: pd.DataFrame,
	terms: pd.DataFrame | None,
	policy: Policy,
	as_of: date,
) -> Offers:
	"""Offers of every item; an item nobody offers gets one without a supplier."""
	terms = pd.DataFrame(columns=["supplier"]) if terms is None else terms
	rates = dict(zip(currencies["currency"], currencies["rate"].astype(float), strict=True))
	rows = supplier_items.merge(items.add_prefix("item_").rename(columns={"item_item_code": "item_code"}))
	rows = rows[~(rows["item_is_made"] & ~rows["item_is_purchased"])]
	barred = {t["supplier"]: t for t in terms.to_dict("records") if t.get("barred")}
	rows["rate"] = rows["currency"].map(rates)
	rows["why"] = _why_unusable(rows, barred)
	left = rows[rows["why"] != ""]
	left_out = {code: part.to_dict("records") for code, part in left[LEFT].groupby("item_code", sort=True)}
	usable = _bought(rows[rows["why"] == ""], lead_times, policy)
	own = _own(items[~items["item_code"].isin(usable["item_code"])], left_out, policy)
	both = pd.concat([usable, own], ignore_index=True)
	calendars, warnings = _calendars(terms)
	costs = {
		t["supplier"]: t["ordering_cost"]
		for t in terms.to_dict("records")
		if pd.notna(t.get("ordering_cost"))
	}
	both["ordering_cost"] = both["supplier"].map(costs).astype(float).fillna(policy.ordering_cost)
	both = _with_calendar(both, calendars, policy, as_of)
	order = ["item_code", "is_default", "supplier", "tier_qty"]
	both = both.sort_values(order, ascending=[True, False, True, True], ignore_index=True)
	return Offers(both, left_out, calendars, warnings)


LEFT = ["item_code", "supplier", "price", "currency", "why"]


def _why_unusable(rows: pd.DataFrame, barred: dict[str, dict]) -> list[str]:
	known = rows["rate"].notna()
	return [
		_barred_words(supplier, barred)
		if supplier in barred
		else ""
		if ok
		else f"no exchange rate for {currency}"
		for supplier, currency, ok in zip(rows["supplier"], rows["currency"], known, strict=True)
	]


def _barred_words(supplier: str, barred: dict[str, dict]) -> str:
	"""Who delivers instead is followed through suppliers that are barred themselves, and never in a circle."""
	seen, instead = {supplier}, str(barred[supplier].get("replaced_by") or "")
	while instead in barred and instead not in seen:
		seen.add(instead)
		instead = str(barred[instead].get("replaced_by") or "")
	named = f"; {instead} delivers instead" if instead and instead not in seen else ""
	return f"barred: {barred[supplier]['barred']}{named}"


def _bought(rows: pd.DataFrame, lead_times: pd.DataFrame, policy: Policy) -> pd.DataFrame:
	leads = lead_times.rename(columns={"note": "lead_note"})
	columns = [
		"supplier",
		"item_code",
		"mean_days",
		"std_days",
		"basis",
		"lead_note",
		"receipts",
		"supplier_receipts",
	]
	rows = rows.merge(leads[columns], on=["supplier", "item_code"], how="left")
	rows["action"], rows["note"] = "buy", ""
	rows["pack_size"] = rows["pack_size"].where(rows["pack_size"] > 0, rows["item_pack_size"])
	rows["min_qty"] = exact(np.maximum(rows["min_order_qty"], rows["item_min_order_qty"]))
	rows = _lead(rows, rows["promised_lead_days"].to_numpy(dtype=float), policy)
	return _tiers(_priced(rows))


def _own(items: pd.DataFrame, left_out: dict[str, list[dict]], policy: Policy) -> pd.DataFrame:
	"""Making it, or buying it from nobody knows whom, at the valuation rate."""
	rows = items.add_prefix("item_").rename(columns={"item_item_code": "item_code"})
	rows["action"] = np.where(rows["item_is_made"], "make", "buy")
	rows["note"] = [
		"" if made else _nobody(left_out.get(code), bought)
		for code, made, bought in zip(
			rows["item_code"], rows["item_is_made"], rows["item_is_purchased"], strict=True
		)
	]
	none = pd.DataFrame(
		{"mean_days": np.nan, "std_days": np.nan, "basis": None, "lead_note": None}, index=rows.index
	)
	rows = rows.assign(
		supplier="", price=rows["item_valuation_rate"], currency="", rate=1.0, is_default=False
	)
	rows = rows.assign(receipts=np.nan, supplier_receipts=np.nan, price_breaks="[]", **none)
	rows = rows.assign(min_qty=exact(rows["item_min_order_qty"]), pack_size=rows["item_pack_size"])
	rows = _lead(rows, np.full(len(rows), np.nan), policy)
	return _tiers(_priced(rows))


def _nobody(left_out: list[dict] | None, purchased: bool) -> str:
	if left_out:
		missing = ", ".join(
			f"{r['supplier']} in {r['currency']}"
			if r["why"].startswith("no exchange")
			else f"{r['supplier']} is {r['why']}"
			for r in left_out
		)
		rate = any(r["why"].startswith("no exchange") for r in left_out)
		return f"no usable offer ({missing})" + (
			": add an exchange rate" if rate else ": name another supplier on the item"
		)
	if purchased:
		return "no supplier known: add one to the item"
	return "the item is neither purchased nor made: tick one of the two on the item"


def _priced(rows: pd.DataFrame) -> pd.DataFrame:
	"""A price of 0 is no price: the valuation rate stands in where there is one, and the offer loses to those with a price."""
	price = exact(rows["price"])
	bought = (rows["supplier"] != "").to_numpy()
	stand_in = bought & (price <= 0)
	cost = np.where(stand_in, exact(rows["item_valuation_rate"]), exact(price * rows["rate"]))
	note = np.where(stand_in & (cost > 0), "no price known: counted at the valuation rate", rows["note"])
	return rows.assign(price=price, unit_cost=exact(cost), has_price=~stand_in, note=note)


def _tiers(rows: pd.DataFrame) -> pd.DataFrame:
	"""One row more for each price break that can be read: at least so many at that price."""
	step = [
		f.order_step(float(pack), bool(whole))
		for pack, whole in zip(exact(rows["pack_size"]), rows["item_whole_number"], strict=True)
	]
	rows = rows.assign(step=step, tier_qty=0.0)
	broken = rows[(rows["price_breaks"].fillna("[]") != "[]") & rows["has_price"]]
	more = []
	for row in broken.to_dict("records"):
		for qty, price in price_breaks(row["price_breaks"]):
			at = f.exact(price)
			changed = {"tier_qty": qty, "price": at, "unit_cost": f.exact(at * row["rate"])}
			more.append(row | changed | {"min_qty": max(row["min_qty"], qty)})
	rows = rows[OFFER]
	return pd.concat([rows, pd.DataFrame(more, columns=OFFER)], ignore_index=True) if more else rows


OFFER = [
	*(
		"item_code",
		"action",
		"supplier",
		"price",
		"currency",
		"rate",
		"unit_cost",
		"has_price",
		"min_qty",
		"step",
	),
	*(
		"tier_qty",
		"lead_days",
		"lead_std",
		"basis",
		"lead_note",
		"receipts",
		"supplier_receipts",
		"is_default",
		"note",
	),
]


def price_breaks(text: str) -> list[tuple[float, float]]:
	"""[(from this quantity on, price)] in order; what makes no sense is passed over."""
	try:
		found = [(float(row["qty"]), float(row["price"])) for row in json.loads(text or "[]")]
	except (ValueError, KeyError, TypeError):
		return []
	return sorted((qty, price) for qty, price in found if 0 < qty < np.inf and 0 < price < np.inf)


def _lead(rows: pd.DataFrame, promised: np.ndarray, policy: Policy) -> pd.DataFrame:
	"""Lead times are planned in tenths of a day, as they are printed; a slip of the pen is cut to ten years.

	Not measured: the supplier's promise, then the planner's figure, then the default; a promise of 0 days is none.
	"""
	spread = f"spread assumed as {f.show(f.exact(policy.lead_spread * 100))} % of it"
	planner = rows["item_lead_time_days"].to_numpy(dtype=float)
	measured = rows["mean_days"].notna().to_numpy()
	none_promised = ~(promised > 0)
	days = np.where(none_promised, np.where(planner > 0, planner, policy.default_lead_days), promised)
	basis = np.where(none_promised, np.where(planner > 0, "planner", "default"), "promised")
	words = {
		"promised": f"the supplier's promise; {spread}",
		"planner": f"planner's figure on the item; {spread}",
		"default": f"the default; {spread}",
	}
	note = np.array([words[b] for b in basis], dtype=object)
	zero = promised == 0
	note[zero] = [f"the supplier's promise of 0 days is taken as none: {text}" for text in note[zero]]
	mean = np.where(measured, rows["mean_days"].fillna(0), days)
	std = np.where(measured, rows["std_days"].fillna(0), policy.lead_spread * days)
	note = np.where(measured, rows["lead_note"].fillna(""), note)
	long = mean > LONGEST_LEAD_DAYS
	note[long] = [
		f"{text}; cut to {LONGEST_LEAD_DAYS} days from {f.show(f.exact(was))}: correct it"
		for text, was in zip(note[long], mean[long], strict=True)
	]
	return rows.assign(
		lead_days=np.round(np.minimum(mean, LONGEST_LEAD_DAYS).astype(float), 1),
		lead_std=np.round(std.astype(float), 1),
		basis=np.where(measured, rows["basis"].fillna(""), basis),
		lead_note=note,
		receipts=rows["receipts"].astype(float).fillna(0).astype(int),
		supplier_receipts=rows["supplier_receipts"].astype(float).fillna(0).astype(int),
	)


def _calendars(terms: pd.DataFrame) -> tuple[dict[str, Calendar], list[str]]:
	found, warnings = {}, []
	for row in terms.to_dict("records"):
		calendar, wrong = read_calendar(row.get("order_days", ""), row.get("closed", "[]"))
		if wrong:
			warnings.append(f"{row['supplier']}: cannot be read and does not count: {wrong}.")
		if not calendar.is_plain:
			found[row["supplier"]] = calendar
	return found, warnings


def _with_calendar(
	rows: pd.DataFrame, calendars: dict[str, Calendar], policy: Policy, as_of: date
) -> pd.DataFrame:
	"""An order waits for the supplier's next order day and for what it is closed; the next chance may be later, too."""
	lead = rows["lead_days"].to_numpy()
	wait, total = np.zeros(len(rows)), lead.copy()
	review = np.full(len(rows), float(policy.review_days))
	where = rows["supplier"].map(calendars.get)
	for supplier, calendar in calendars.items():
		at = np.flatnonzero((rows["supplier"] == supplier).to_numpy()) if where.notna().any() else []
		if not len(at):
			continue
		first = calendar.next_chance(as_of)
		second = calendar.next_chance(as_of + timedelta(days=policy.review_days))
		if second <= first:
			second = calendar.next_chance(first + timedelta(days=1))
		wait[at] = (first - as_of).days
		total[at] = wait[at] + calendar.arrival(first, lead[at])
		review[at] = (second - as_of).days + calendar.arrival(second, lead[at]) - total[at]
	return rows.assign(wait_days=wait, total_lead_days=exact(total), review_days=exact(review))


def left_out_warnings(left_out: dict[str, list[dict]]) -> list[str]:
	"""One warning per supplier and reason, naming the items."""
	grouped: dict[tuple[str, str], list[str]] = {}
	for item, rows in sorted(left_out.items()):
		for row in rows:
			grouped.setdefault((row["supplier"], row["why"]), []).append(item)
	return [
		f"{why[:1].upper()}{why[1:]}: offers of {supplier} are left out for {', '.join(items[:NAMED])}"
		+ (f" and {len(items) - NAMED} more items." if len(items) > NAMED else ".")
		for (supplier, why), items in sorted(grouped.items())
	]
