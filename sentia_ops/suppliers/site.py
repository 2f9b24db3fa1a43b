"""The suppliers room on ERPNext: offers and receipts from purchasing documents; lead times as documents."""

from __future__ import annotations

import frappe
import pandas as pd

from sentia_ops.store.base import Run
from sentia_ops.store.masters import currencies
from sentia_ops.store.site_sql import (
	SiteContext,
	item_names,
	item_prices,
	query,
	read_documents,
	replace_documents,
)
from sentia_ops.suppliers import site_scores
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS, SUPPLIER_TERMS
from sentia_ops.suppliers.site_terms import PAIR, apply_item_terms, supplier_terms

NAMED = 5  # offers named in a warning


def supplier_items(ctx: SiteContext) -> pd.DataFrame:
	"""Who offers what, and at which price.

	A pair of supplier and item is an offer when there is an Item Price for it, the Item lists the supplier, the
	supplier is the Item's default, or it was ordered there before. The price is, in this order: the supplier's own
	Item Price; the rate of the last order there; the buying price list for anyone; the item's last purchase rate; the
	first price break; 0 where there is none at all. Minimum quantity, pack and price breaks are those of the Supplier
	Item Terms; without them the minimum is the Item's own (what ERPNext checks an order against), and the pack is the
	price's packing unit. Offers of suppliers to whom no order may be placed are here as well: supplier_terms says why
	they cannot be taken.
	"""
	offers = _pairs(ctx)
	prices = item_prices(ctx, "buying")
	own = prices[prices["supplier"] != ""].drop_duplicates(PAIR, keep="last").set_index(PAIR)
	ordered = _last_orders(ctx).drop_duplicates(PAIR, keep="last").set_index(PAIR)
	general = prices[prices["supplier"] == ""]
	default_list = frappe.db.get_single_value("Buying Settings", "buying_price_list")
	general = general[general["price_list"] == default_list].drop_duplicates("item_code", keep="last")
	general = general.set_index("item_code")

	pair = pd.MultiIndex.from_frame(offers[PAIR])
	sources = [
		_aligned(own, pair),
		_aligned(ordered, pair),
		_aligned(general, offers["item_code"]),
		offers[["last_purchase_rate"]]
		.rename(columns={"last_purchase_rate": "price"})
		.assign(currency=ctx.currency),
	]
	for column in ("price", "currency", "pack_size", "lead_time_days"):
		offers[column] = _first_known([s for s in sources if column in s], column, offers.index)
	offers["promised_lead_days"] = offers["lead_time_days"].where(offers["lead_time_days"] > 0)
	offers["pack_size"] = offers["pack_size"].fillna(0.0)
	return _priced(apply_item_terms(offers, ctx), ctx)


def _aligned(source: pd.DataFrame, index) -> pd.DataFrame:
	"""The source's rows in the order of the offers; no row where it has no positive price."""
	return source[source["price"] > 0].reindex(index).reset_index(drop=True)


def _first_known(sources: list[pd.DataFrame], column: str, index: pd.Index) -> pd.Series:
	"""The column of the first source that has a price, row by row, so that price and currency stay together."""
	found = pd.Series(None, index=index, dtype=object)
	taken = pd.Series(False, index=index)
	for source in sources:
		has = (source["price"] > 0) & ~taken
		found = found.where(~has, source[column].astype(object))
		taken |= has
	return found if column == "currency" else found.astype(float)


def _priced(offers: pd.DataFrame, ctx: SiteContext) -> pd.DataFrame:
	"""Offers without any price get 0 and are told, as are those in a currency without an exchange rate."""
	unpriced = ~(offers["price"].fillna(0) > 0)
	if unpriced.any():
		ctx.warn(
			f"No price is known for {_named(offers[unpriced])}: such an offer cannot be chosen. Add an Item Price."
		)
	offers.loc[unpriced, "price"], offers.loc[unpriced, "currency"] = 0.0, ctx.currency
	unknown = ~offers["currency"].isin(currencies(ctx)["currency"])
	if unknown.any():
		named = ", ".join(sorted(offers.loc[unknown, "currency"].unique()))
		ctx.warn(
			f"No Currency Exchange from {named} to {ctx.currency}: {_named(offers[unknown])} cannot be compared with other "
			"offers. Add the rate and plan again."
		)
	return offers


def _named(offers: pd.DataFrame) -> str:
	shown = [f"{r.item_code} from {r.supplier}" for r in offers.head(NAMED).itertuples()]
	more = f" and {len(offers) - NAMED} more offers" if len(offers) > NAMED else ""
	return ", ".join(shown) + more


def _pairs(ctx: SiteContext) -> pd.DataFrame:
	return query(
		f"""select pairs.supplier, i.name item_code, i.min_order_qty, i.last_purchase_rate,
			exists(select 1 from `tabItem Default` d where d.parent = i.name and d.parenttype = 'Item'
				and d.company in %(companies)s and d.default_supplier = pairs.supplier) is_default
		from (
			select supplier, item_code from `tabItem Price` where buying = 1
				and (valid_upto is null or valid_upto >= %(today)s)
			union select supplier, item_code from `tabSupplier Item Terms`
				where valid_upto is null or valid_upto >= %(today)s
			union select supplier, parent from `tabItem Supplier` where parenttype = 'Item'
			union select default_supplier, parent from `tabItem Default`
				where parenttype = 'Item' and company in %(companies)s
			union select o.supplier, l.item_code from `tabPurchase Order` o
				join `tabPurchase Order Item` l on l.parent = o.name
				where o.docstatus = 1 and o.company in %(companies)s and o.transaction_date >= %(since)s
		) pairs
		{ctx.joins(item="pairs.item_code")}
		join `tabSupplier` p on p.name = pairs.supplier
		where i.is_purchase_item = 1
		order by pairs.supplier, i.name""",
		ctx.params,
	)


def _last_orders(ctx: SiteContext) -> pd.DataFrame:
	"""Rates per stock UOM of submitted orders, the newest last."""
	return query(
		f"""select o.supplier, l.item_code, l.rate / l.conversion_factor price, o.currency
		from `tabPurchase Order` o join `tabPurchase Order Item` l on l.parent = o.name
		{ctx.joins(item="l.item_code")}
		where o.docstatus = 1 and o.company in %(companies)s and l.conversion_factor > 0
			and o.transaction_date between %(since)s and %(today)s
		order by o.transaction_date, o.creation, l.idx""",
		ctx.params,
	)


# receipts


def receipts(ctx: SiteContext) -> pd.DataFrame:
	"""One row per order line and delivery (receipt, or invoice that updates stock), and one for what is still open.

	`qty_received` is all that arrived; `qty_rejected` is what of it was rejected or sent back later. A line of a
	closed order is not open. `promised_on` is the day the order asked for.
	"""
	lines = _order_lines(ctx)
	parts = _deliveries(ctx)
	parts = lines.merge(parts, on="order_line")
	still = lines[lines["is_open"] == 1].assign(received_on=pd.NaT, qty_received=0.0, qty_rejected=0.0)
	rows = pd.concat([p for p in (parts, still) if len(p)] or [still], ignore_index=True)
	rows = rows.sort_values(["order_line", "received_on"], na_position="last", kind="stable")
	rows["part"] = rows.groupby("order_line").cumcount()
	return rows


def _order_lines(ctx: SiteContext) -> pd.DataFrame:
	rows = query(
		f"""select l.name order_line, o.supplier, l.item_code, l.warehouse, o.transaction_date ordered_on,
			coalesce(l.schedule_date, l.expected_delivery_date, o.schedule_date) promised_on,
			l.stock_qty qty_ordered, l.base_rate / l.conversion_factor rate,
			(o.status not in ('Closed', 'Completed', 'Delivered', 'On Hold') and l.qty > l.received_qty) is_open
		from `tabPurchase Order` o join `tabPurchase Order Item` l on l.parent = o.name
		{ctx.joins("l.item_code", "l.warehouse")}
		where o.docstatus = 1 and l.delivered_by_supplier = 0 and l.stock_qty > 0 and l.conversion_factor > 0
			and o.transaction_date {"between %(since)s and %(today)s"}
		order by l.name""",
		ctx.params,
	)
	for column in ("ordered_on", "promised_on"):
		rows[column] = pd.to_datetime(rows[column])
	return rows


def _deliveries(ctx: SiteContext) -> pd.DataFrame:
	"""Parts by order line; a return is counted against the delivery it names."""
	selects = []
	for doctype, order, source, condition in (
		("Purchase Receipt", "purchase_order_item", "purchase_receipt_item", "1 = 1"),
		("Purchase Invoice", "po_detail", "purchase_invoice_item", "d.update_stock = 1"),
	):
		received = "if(l.received_qty > 0, l.received_qty, l.qty)"
		selects.append(
			f"""select l.{order} order_line, d.posting_date received_on, d.creation,
				{received} * l.conversion_factor qty_received,
				least({received}, l.rejected_qty + coalesce(back.qty, 0)) * l.conversion_factor qty_rejected
			from `tab{doctype}` d join `tab{doctype} Item` l on l.parent = d.name
			left join (
				select r.{source} line, -sum(r.qty) qty from `tab{doctype} Item` r
				join `tab{doctype}` rd on rd.name = r.parent and rd.docstatus = 1 and rd.is_return = 1
				where r.qty < 0 group by r.{source}
			) back on back.line = l.name
			where d.docstatus = 1 and d.is_return = 0 and {condition} and coalesce(l.{order}, '') != ''
				and d.company in %(companies)s and d.posting_date <= %(today)s
				and {received} > 0"""
		)
	rows = query(" union all ".join(selects) + " order by order_line, received_on, creation", ctx.params)
	rows["received_on"] = pd.to_datetime(rows["received_on"])
	return rows.drop(columns="creation")


# lead times


def lead_times(ctx: SiteContext) -> pd.DataFrame:
	return read_documents("Supplier Lead Time", LEAD_TIMES, ctx)


def write_lead_times(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	replace_documents("Supplier Lead Time", LEAD_TIMES, rows.assign(item_name=item_names(rows)), run, scope)


READERS = site_scores.READERS | {
	SUPPLIER_ITEMS.name: supplier_items,
	SUPPLIER_TERMS.name: supplier_terms,
	RECEIPTS.name: receipts,
	LEAD_TIMES.name: lead_times,
}
WRITERS = site_scores.WRITERS | {LEAD_TIMES.name: write_lead_times}
