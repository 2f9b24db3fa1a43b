"""The forecasting room on ERPNext: demand from orders, deliveries, invoices and production; forecasts as documents.

Demand is what was ordered, not what could be delivered:

- Sales Order lines on the day of the order, less what was returned; of a closed order only what was delivered;
- Delivery Notes, stock-updating Sales Invoices and till sales that have no Sales Order, on their own day; a return
  counts on the day of what it returns, or on its own day where it names nothing;
- contents of product bundles in place of the bundle;
- materials issued, repacked, sent to a subcontractor, or consumed by production. Where a Work Order first moves its
  materials into production, that move counts and the consumption there does not.

Stock Reconciliations and transfers between warehouses are no demand.

A day is marked out of stock when it ended with nothing, going by the Stock Ledger: on it, too, more may have been wanted
than was sold. Before an item's first ledger entry nothing is known, and the day counts as in stock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import frappe
import pandas as pd

from sentia_ops.forecasting import site_overrides, site_pipeline, site_scores, site_totals
from sentia_ops.forecasting.frames import DEMAND, FORECAST_QUALITY, FORECASTS, SERIES
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import (
	SiteContext,
	delete_documents,
	insert_documents,
	item_names,
	query,
	read_documents,
	replace_documents,
	row_name,
	row_names,
	tidy,
)

POINTS = {"date": "delivery_date", "qty": "demand_qty"}  # frame column -> field, the others are named alike
DAYS = [column for column in FORECASTS.columns if column not in (*SERIES, "model", "run")]
PERIOD = "between %(since)s and %(today)s"
# What an order line asked for, in its own unit. Returns are taken from their documents: ERPNext keeps `returned_qty` of the
# line only when the return is entered in Desk. What was sent back and delivered anew is wanted all the same.
ORDERED = """if(so.status = 'Closed', s.delivered_qty,
	greatest(s.qty - coalesce(back.qty, 0), s.delivered_qty))"""
RETURNS = """left join (
		select line, sum(qty) qty from (
			select r.so_detail line, -r.qty qty from `tabDelivery Note` d
			join `tabDelivery Note Item` r on r.parent = d.name where d.docstatus = 1 and d.is_return = 1
			union all select r.so_detail, -r.qty from `tabSales Invoice` d
			join `tabSales Invoice Item` r on r.parent = d.name
			where d.docstatus = 1 and d.is_return = 1 and d.update_stock = 1
		) returned where line != '' group by line
	) back on back.line = s.name"""
IN_PRODUCTION = "('Manufacture', 'Material Consumption for Manufacture')"


def demand(ctx: SiteContext) -> pd.DataFrame:
	"""Quantities per item, warehouse and day with a sale or without stock."""
	sources = " union all ".join(
		[*_sales_orders(ctx), *_without_order(ctx), _issued(ctx), _sent_back_from_production(ctx)]
	)
	rows = query(
		f"""select item_code, warehouse, date, greatest(sum(qty), 0) qty
		from ({sources}) ledger group by item_code, warehouse, date order by item_code, warehouse, date""",
		ctx.params,
	)
	rows["date"] = pd.to_datetime(rows["date"])
	ctx.refuse("sales order lines dated after today", _future_lines(ctx))
	return _with_stockouts(rows, stockout_days(ctx), pd.Timestamp(ctx.today))


def _sales_orders(ctx: SiteContext) -> list[str]:
	head = "so.docstatus = 1 and s.delivered_by_supplier = 0 and so.transaction_date " + PERIOD
	lines = f"""select s.item_code, s.warehouse, so.transaction_date date, {ORDERED} * s.conversion_factor qty
		from `tabSales Order` so join `tabSales Order Item` s on s.parent = so.name
		{ctx.joins("s.item_code", "s.warehouse")} {RETURNS} where {head}"""
	bundles = f"""select p.item_code, p.warehouse, so.transaction_date, {ORDERED} * p.qty / s.qty
		from `tabSales Order` so join `tabSales Order Item` s on s.parent = so.name and s.qty > 0
		join `tabPacked Item` p on p.parent_detail_docname = s.name and p.parenttype = 'Sales Order'
		{ctx.joins("p.item_code", "p.warehouse")} {RETURNS} where {head}"""
	return [lines, bundles]


def _without_order(ctx: SiteContext) -> Iterable[str]:
	"""Deliveries, invoices and till sales of no Sales Order; a consolidated till sale is in its Sales Invoice."""
	for doctype, link, condition in (
		(
			"Delivery Note",
			"dn_detail",
			"not (d.is_internal_customer = 1 and d.represents_company = d.company)",
		),
		("Sales Invoice", "sales_invoice_item", "d.update_stock = 1 and coalesce(s.dn_detail, '') = ''"),
		("POS Invoice", "pos_invoice_item", "coalesce(d.consolidated_invoice, '') = ''"),
	):
		source = f"""from `tab{doctype}` d join `tab{doctype} Item` s on s.parent = d.name
			left join `tab{doctype} Item` returned on returned.name = s.{link} and d.is_return = 1
			left join `tab{doctype}` original on original.name = returned.parent"""
		where = f"""where d.docstatus = 1 and coalesce(s.so_detail, '') = '' and {condition}
			and coalesce(original.posting_date, d.posting_date) {PERIOD}"""
		day = "coalesce(original.posting_date, d.posting_date)"
		yield f"select s.item_code, s.warehouse, {day}, s.stock_qty {source} {ctx.joins('s.item_code', 's.warehouse')} {where}"
		yield f"""select p.item_code, p.warehouse, {day}, p.qty * if(d.is_return = 1 and p.qty > 0, -1, 1) {source}
			join `tabPacked Item` p on p.parent_detail_docname = s.name and p.parenttype = '{doctype}'
			{ctx.joins("p.item_code", "p.warehouse")} {where}"""


def _issued(ctx: SiteContext) -> str:
	return f"""select s.item_code, s.s_warehouse, e.posting_date, s.transfer_qty
		from `tabStock Entry` e join `tabStock Entry Detail` s on s.parent = e.name
		{ctx.joins("s.item_code", "s.s_warehouse")}
		left join `tabWork Order` wo on wo.name = e.work_order
		where e.docstatus = 1 and s.is_finished_item = 0 and s.is_scrap_item = 0 and e.posting_date {PERIOD} and (
			e.purpose in ('Material Issue', 'Repack', 'Send to Subcontractor')
			or e.purpose = 'Material Transfer for Manufacture' and e.is_return = 0
			or e.purpose in {IN_PRODUCTION} and coalesce(wo.skip_transfer, 1) = 1)"""


def _sent_back_from_production(ctx: SiteContext) -> str:
	return f"""select s.item_code, s.t_warehouse, e.posting_date, -s.transfer_qty
		from `tabStock Entry` e join `tabStock Entry Detail` s on s.parent = e.name
		{ctx.joins("s.item_code", "s.t_warehouse")}
		where e.docstatus = 1 and e.purpose = 'Material Transfer for Manufacture' and e.is_return = 1
			and e.posting_date {PERIOD}"""


def _future_lines(ctx: SiteContext) -> int:
	rows = query(
		f"""select count(*) n from `tabSales Order` so join `tabSales Order Item` s on s.parent = so.name
		{ctx.joins("s.item_code", "s.warehouse")} where so.docstatus = 1 and so.transaction_date > %(today)s""",
		ctx.params,
	)
	return int(rows["n"].iloc[0])


def stockout_days(ctx: SiteContext) -> pd.DataFrame:
	"""Spells without stock up to yesterday: item_code, warehouse, first, last (days, both included)."""
	rows = query(
		f"""select l.item_code, l.warehouse, l.posting_date date, cast(substring_index(group_concat(l.qty_after_transaction
				order by l.posting_datetime desc, l.creation desc), ',', 1) as double) closing
		from `tabStock Ledger Entry` l {ctx.joins("l.item_code", "l.warehouse")}
		where l.is_cancelled = 0 and l.posting_date {PERIOD}
		group by l.item_code, l.warehouse, l.posting_date order by l.item_code, l.warehouse, l.posting_date""",
		ctx.params,
	)
	rows["first"] = rows["date"] = pd.to_datetime(rows["date"])
	next_entry = rows.groupby(list(SERIES), sort=False)["date"].shift(-1).fillna(pd.Timestamp(ctx.today))
	rows["last"] = next_entry - timedelta(days=1)
	rows = rows[(rows["closing"] <= 0) & (rows["first"] <= rows["last"])]
	return rows[[*SERIES, "first", "last"]].reset_index(drop=True)


def _with_stockouts(rows: pd.DataFrame, spells: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""Mark or add the days of the spells, from each series' first sale on."""
	rows["in_stock"] = True
	began = rows.groupby(list(SERIES), as_index=False)["date"].min().rename(columns={"date": "began"})
	spells = spells.merge(began, on=list(SERIES))
	spells["first"] = spells[["first", "began"]].max(axis=1)
	spells = spells[spells["first"] <= spells["last"]]
	if spells.empty:
		return rows
	spells["date"] = [
		pd.date_range(s.first, s.last) for s in spells[["first", "last"]].itertuples(index=False)
	]
	out = spells[[*SERIES, "date"]].explode("date").astype({"date": "datetime64[ns]"}).assign(out=True)
	rows = rows.merge(out, on=[*SERIES, "date"], how="outer").sort_values([*SERIES, "date"])
	rows["qty"] = rows["qty"].fillna(0.0)
	rows["in_stock"] = rows["out"].isna()
	return rows.drop(columns="out").reset_index(drop=True)


# forecasts: one Demand Forecast per series holds its quality, and its days as child rows


def forecasts(ctx: SiteContext) -> pd.DataFrame:
	fields = ", ".join(f"p.`{POINTS.get(name, name)}` `{name}`" for name in DAYS)
	where = ("and f.item_code in %(only_items)s " if "item_code" in ctx.filters else "") + (
		"and f.warehouse in %(only_warehouses)s" if "warehouse" in ctx.filters else ""
	)
	rows = query(
		f"""select f.item_code, f.warehouse, {fields}, f.model, f.run
		from `tabDemand Forecast` f join `tabDemand Forecast Point` p on p.parent = f.name
		where 1 = 1 {where} order by f.item_code, f.warehouse, p.delivery_date""",
		ctx.params,
	)
	return tidy(FORECASTS, rows)


def forecast_quality(ctx: SiteContext) -> pd.DataFrame:
	return read_documents("Demand Forecast", FORECAST_QUALITY, ctx, "coalesce(demand_class, '') != ''")


def write_forecasts(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	"""Replace the days, and keep the quality the series already have."""
	quality = forecast_quality(_within(ctx, scope))
	heads = rows.drop_duplicates(list(SERIES))[[*SERIES, "model", "run"]]
	measured = [column for column in FORECAST_QUALITY.columns if column not in heads.columns]
	heads = heads.merge(quality[[*SERIES, *measured]], on=list(SERIES), how="outer")
	heads["model"], heads["run"] = heads["model"].fillna(""), heads["run"].fillna("")
	_delete_points(scope)
	_insert_points(rows, run)
	_replace_heads(heads, rows, run, scope)


def write_forecast_quality(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	"""Replace the quality, and keep the days the series already have."""
	days = forecasts(_within(ctx, scope))
	bare = days.drop_duplicates(list(SERIES))[[*SERIES, "model", "run"]]
	bare = bare[~bare.set_index(list(SERIES)).index.isin(rows.set_index(list(SERIES)).index)]
	_replace_heads(pd.concat([rows, bare], ignore_index=True), days, run, scope)


def _within(ctx: SiteContext, scope: dict | None) -> SiteContext:
	return SiteContext(ctx.today, ctx.since, ctx.companies, ctx.currency, filters=dict(scope or {}))


def _delete_points(scope: dict | None) -> None:
	if scope is None:
		delete_documents("Demand Forecast Point", None)
		return
	names = frappe.get_all("Demand Forecast", [[c, "in", list(v)] for c, v in scope.items()], pluck="name")
	delete_documents("Demand Forecast Point", {"parent": names})


def _insert_points(rows: pd.DataFrame, run: Run) -> None:
	parents = row_names(rows, SERIES)
	points = rows[["item_code", *DAYS]].rename(columns=POINTS)
	points = points.assign(parent=parents, parenttype="Demand Forecast", parentfield="points")
	points["idx"] = points.groupby("parent").cumcount() + 1
	points["name"] = [row_name(p, str(i)) for p, i in zip(parents, points["idx"], strict=True)]
	insert_documents("Demand Forecast Point", points, run)


def _replace_heads(heads: pd.DataFrame, days: pd.DataFrame, run: Run, scope: dict | None) -> None:
	heads = heads.merge(_totals(days), on=list(SERIES), how="left")
	for column in ("demand_class", "drift", "verdict"):
		heads[column] = heads[column].astype(object).where(heads[column].notna(), "")
	for column in ("history_days", "stockout_days", "mean_daily", "error_std", "windows", "next_28_days"):
		heads[column] = heads[column].astype(float).fillna(0)
	heads["item_name"] = item_names(heads)
	replace_documents("Demand Forecast", FORECAST_QUALITY, heads, run, scope)


def _totals(days: pd.DataFrame) -> pd.DataFrame:
	"""First day, and the sum of the first 28 days, of each series."""
	date = pd.to_datetime(days["date"])
	first = date.groupby([days[column] for column in SERIES]).transform("min")
	soon = days.assign(as_of=first, next_28_days=days["qty"].where(date < first + timedelta(days=28), 0.0))
	return soon.groupby(list(SERIES), as_index=False).agg({"as_of": "min", "next_28_days": "sum"})


READERS = {DEMAND.name: demand, FORECASTS.name: forecasts, FORECAST_QUALITY.name: forecast_quality}
READERS |= site_overrides.READERS | site_scores.READERS | site_pipeline.READERS | site_totals.READERS
WRITERS = {FORECASTS.name: write_forecasts, FORECAST_QUALITY.name: write_forecast_quality}
WRITERS |= site_scores.WRITERS | site_totals.WRITERS
