"""ERPNext's items, warehouses and exchange rates as frames."""

from __future__ import annotations

import frappe
import pandas as pd

from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.site_sql import SiteContext, item_prices, query


def items(ctx: SiteContext) -> pd.DataFrame:
	"""Planned items. Valuation is the stock's average value, else the item's own figure, else the last purchase."""
	rows = query(
		f"""select i.name item_code, i.item_name, i.item_group, i.stock_uom,
			coalesce(u.must_be_whole_number, 0) whole_number,
			(i.is_purchase_item = 1 and i.is_customer_provided_item = 0) is_purchased,
			(i.is_sub_contracted_item = 0 and exists(select 1 from `tabBOM` b where b.item = i.name
				and b.docstatus = 1 and b.is_active = 1 and b.is_default = 1)) is_made,
			greatest(coalesce(v.rate, nullif(i.valuation_rate, 0), i.last_purchase_rate, 0), 0) valuation_rate,
			i.standard_rate selling_rate, i.min_order_qty, 0.0 pack_size,
			coalesce(i.shelf_life_in_days, 0) shelf_life_days, coalesce(i.lead_time_days, 0) lead_time_days,
			coalesce(i.sentia_volume, 0) volume
		from `tabItem` i
		left join `tabUOM` u on u.name = i.stock_uom
		left join (
			select b.item_code, sum(b.stock_value) / sum(b.actual_qty) rate
			from `tabBin` b join `tabWarehouse` w on w.name = b.warehouse and w.company in %(companies)s
			where b.actual_qty > 0 group by b.item_code
		) v on v.item_code = i.name
		where {ctx.planned_item} order by i.name""",
		ctx.params,
	)
	rows["selling_rate"] = rows["item_code"].map(_selling_rates(ctx)).fillna(rows["selling_rate"])
	return rows


def _selling_rates(ctx: SiteContext) -> dict[str, float]:
	"""Price in the site's selling price list, in company currency per stock UOM."""
	prices = item_prices(ctx, "selling")
	prices = prices[
		prices["price_list"] == frappe.db.get_single_value("Selling Settings", "selling_price_list")
	]
	rates = currencies(ctx).set_index("currency")["rate"]
	return dict(zip(prices["item_code"], prices["price"] * prices["currency"].map(rates), strict=True))


def warehouses(ctx: SiteContext) -> pd.DataFrame:
	"""Planned warehouses; the market is the group the warehouse hangs under, where that is not the tree's root.

	A capacity of 0 is one that nobody entered: Frappe's numbers are never empty.
	"""
	return query(
		f"""select w.name warehouse, w.company,
			if(coalesce(p.parent_warehouse, '') = '', '', p.warehouse_name) market,
			nullif(w.sentia_capacity, 0) capacity
		from `tabWarehouse` w left join `tabWarehouse` p on p.name = w.parent_warehouse
		where {ctx.planned_warehouse} order by w.name""",
		ctx.params,
	)


def currencies(ctx: SiteContext) -> pd.DataFrame:
	"""Newest Currency Exchange into the company's currency, or the inverse of the one out of it."""
	rows = query(
		"""select from_currency, to_currency, exchange_rate from `tabCurrency Exchange`
		where %(currency)s in (from_currency, to_currency) and date <= %(today)s and exchange_rate > 0
		order by date, for_buying""",
		ctx.params | {"currency": ctx.currency},
	)
	rates = {r.to_currency: 1 / r.exchange_rate for r in rows.itertuples() if r.from_currency == ctx.currency}
	rates |= {r.from_currency: r.exchange_rate for r in rows.itertuples() if r.to_currency == ctx.currency}
	rates[ctx.currency] = 1.0
	return pd.DataFrame(sorted(rates.items()), columns=["currency", "rate"])


READERS = {ITEMS.name: items, WAREHOUSES.name: warehouses, CURRENCIES.name: currencies}
