"""What suppliers ask for, on ERPNext: terms from the Supplier, quantities and price breaks from Supplier Item Terms."""

from __future__ import annotations

import json

import frappe
import pandas as pd
from frappe.utils import formatdate

from sentia_ops.store.masters import currencies
from sentia_ops.store.site_sql import SiteContext, query
from sentia_ops.suppliers.formats import read_weekdays

PAIR = ["supplier", "item_code"]
ON_HOLD = """(p.on_hold = 1 and coalesce(p.hold_type, '') in ('', 'All')
	and (p.release_date is null or p.release_date > %(today)s))"""
LOOK_AHEAD = 730  # days of holidays that are read


def supplier_terms(ctx: SiteContext) -> pd.DataFrame:
	"""Suppliers with terms of their own, or to whom no order may be placed, and why.

	ERPNext itself refuses orders to suppliers that are disabled, on hold (for all, not for invoices or payments alone),
	or barred by their scorecard; where the scorecard only warns, so do we.
	"""
	rows = query(
		f"""select p.name supplier, p.disabled, {ON_HOLD} held, p.release_date, p.prevent_pos, p.warn_pos,
			coalesce(p.sentia_min_order_value, 0) min_order_value, coalesce(p.sentia_order_days, '') order_days,
			p.sentia_holiday_list, nullif(p.sentia_ordering_cost, 0) ordering_cost,
			coalesce(p.sentia_replaced_by, '') replaced_by
		from `tabSupplier` p
		where p.disabled = 1 or p.prevent_pos = 1 or p.warn_pos = 1 or {ON_HOLD}
			or p.sentia_min_order_value > 0 or p.sentia_ordering_cost > 0
			or concat_ws('', p.sentia_order_days, p.sentia_holiday_list, p.sentia_replaced_by) != ''
		order by p.name""",
		ctx.params,
	)
	rows["barred"] = [_why_barred(row) for row in rows.to_dict("records")]
	warned = rows.loc[(rows["warn_pos"] == 1) & (rows["barred"] == ""), "supplier"]
	if len(warned):
		ctx.warn(f"The scorecard warns of orders to {', '.join(warned)}.")
	rows["order_days"] = [_weekdays(row, ctx) for row in rows.to_dict("records")]
	closures = _closures(ctx)
	rows["closed"] = [closures.get(name, "[]") for name in rows["sentia_holiday_list"]]
	return rows


def _why_barred(row: dict) -> str:
	if row["disabled"]:
		return "the supplier is disabled"
	if row["held"]:
		return f"on hold until {formatdate(row['release_date'])}" if row["release_date"] else "on hold"
	return "its scorecard blocks orders" if row["prevent_pos"] else ""


def _weekdays(row: dict, ctx: SiteContext) -> str:
	try:
		return ",".join(read_weekdays(row["order_days"]))
	except ValueError as error:
		ctx.warn(
			f"Order days of {row['supplier']} cannot be read ({row['order_days']}): {error} Orders on any day are assumed. "
			"Write them as Mon, Thu in the supplier's form."
		)
		return ""


def _closures(ctx: SiteContext) -> dict[str, str]:
	"""Days off by holiday list, from today on, runs of days as one closure."""
	days = query(
		"""select h.parent, h.holiday_date from `tabHoliday` h
		where h.parenttype = 'Holiday List' and h.holiday_date between %(today)s and %(last)s
			and h.parent in (select sentia_holiday_list from `tabSupplier`)
		group by h.parent, h.holiday_date order by h.parent, h.holiday_date""",
		{**ctx.params, "last": ctx.today + pd.Timedelta(days=LOOK_AHEAD)},
	)
	days["day"] = pd.to_datetime(days["holiday_date"])
	days["run"] = (days.groupby("parent")["day"].diff() != pd.Timedelta(days=1)).cumsum()
	runs = days.groupby(["parent", "run"])["day"].agg(first="min", last="max").reset_index()
	return {
		name: json.dumps(
			[{"from": f"{r.first:%Y-%m-%d}", "to": f"{r.last:%Y-%m-%d}"} for r in part.itertuples()]
		)
		for name, part in runs.groupby("parent")
	}


# Supplier Item Terms


def item_terms(ctx: SiteContext) -> pd.DataFrame:
	"""Terms valid today by supplier and item, the newest: currency, min_order_qty, pack_size and breaks [(qty, price)]."""
	terms = query(
		f"""select t.name, t.supplier, t.item_code, t.currency, t.min_order_qty, t.pack_size
		from `tabSupplier Item Terms` t {ctx.joins(item="t.item_code")}
		where (t.valid_from is null or t.valid_from <= %(today)s)
			and (t.valid_upto is null or t.valid_upto >= %(today)s)
		order by t.valid_from, t.modified""",
		ctx.params,
	).drop_duplicates(PAIR, keep="last")
	names = list(terms["name"]) or [""]
	breaks: dict[str, list[tuple[float, float]]] = {}
	for parent, qty, price in frappe.db.sql(
		"""select parent, from_qty, price from `tabSupplier Price Break`
		where parenttype = 'Supplier Item Terms' and parent in %(names)s and from_qty > 0 order by parent, from_qty""",
		{"names": names},
	):
		breaks.setdefault(parent, []).append((float(qty), float(price)))
	return terms.assign(breaks=[breaks.get(name, []) for name in terms["name"]]).set_index(PAIR)


def apply_item_terms(offers: pd.DataFrame, ctx: SiteContext) -> pd.DataFrame:
	"""Offers with their own minimum, pack and price breaks; breaks in another currency are brought to the offer's."""
	terms = item_terms(ctx)
	rates = currencies(ctx).set_index("currency")["rate"].to_dict()
	offers = offers.assign(price_breaks="[]")
	place = terms.index.get_indexer(pd.MultiIndex.from_frame(offers[PAIR]))
	for at in (place >= 0).nonzero()[0]:
		own = terms.iloc[place[at]]
		for column in ("min_order_qty", "pack_size"):
			if own[column] > 0:
				offers.loc[at, column] = float(own[column])
		_set_breaks(offers, at, own, rates, ctx)
	return offers


def _set_breaks(offers: pd.DataFrame, at: int, own: pd.Series, rates: dict, ctx: SiteContext) -> None:
	if not own["breaks"]:
		return
	if not offers.loc[at, "price"] > 0:  # its first break is the only price there is
		offers.loc[at, "price"], offers.loc[at, "currency"] = own["breaks"][0][1], own["currency"]
	currency = offers.loc[at, "currency"]
	if currency == own["currency"]:
		factor = 1.0
	elif currency in rates and own["currency"] in rates:
		factor = rates[own["currency"]] / rates[currency]
	else:
		supplier, item = offers.loc[at, PAIR]
		ctx.warn(
			f"Price breaks of {supplier} for {item} are in {own['currency']}, the price in {currency}, and there is no "
			"exchange rate: the breaks are left out."
		)
		return
	rows = [{"qty": qty, "price": round(price * factor, 6)} for qty, price in own["breaks"]]
	offers.loc[at, "price_breaks"] = json.dumps(rows)
