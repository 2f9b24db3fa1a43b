"""The replenishment room on ERPNext: stock and open orders in; stock policy out.

Recommendations have rules of their own and are written by `recommendations.py`.
"""

from __future__ import annotations

import pandas as pd

from sentia_ops.replenishment import site_network, site_outcomes
from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, RECOMMENDATIONS, STOCK, STOCK_POLICY
from sentia_ops.replenishment.recommendations import read_recommendations, write_recommendations
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import SiteContext, item_names, query, read_documents, replace_documents

NAMED = 5  # items named in a warning
KEPT_ON_RETURN = "(select value from `tabSingles` where doctype = 'Selling Settings' and field = 'dont_reserve_sales_order_qty_on_sales_return')"


def stock(ctx: SiteContext) -> pd.DataFrame:
	"""Bins. Negative stock is a booking that is missing: it counts as none, and the items are named in a warning."""
	rows = query(
		f"""select b.item_code, b.warehouse, b.actual_qty on_hand,
			greatest(b.reserved_qty + b.reserved_qty_for_production + b.reserved_qty_for_sub_contract
				+ b.reserved_qty_for_production_plan, 0) reserved,
			greatest(b.ordered_qty, 0) ordered, b.projected_qty projected
		from `tabBin` b {ctx.joins("b.item_code", "b.warehouse")} order by b.item_code, b.warehouse""",
		ctx.params,
	)
	negative = rows[rows["on_hand"] < 0]
	if len(negative):
		named = [f"{r.item_code} in {r.warehouse} ({r.on_hand:g})" for r in negative.head(NAMED).itertuples()]
		more = f" and {len(negative) - NAMED} more" if len(negative) > NAMED else ""
		ctx.warn(
			f"Negative stock counts as none: {', '.join(named)}{more}. "
			"Book the missing receipts or count the stock, then plan again."
		)
	rows["on_hand"] = rows["on_hand"].clip(lower=0)
	return rows


def inbound(ctx: SiteContext) -> pd.DataFrame:
	"""What is on its way, dated: order lines, material requests not yet ordered, work orders, transfers.

	Draft orders and requests made from recommendations count as well, or the next plan would propose them again.
	"""
	ours = "h.docstatus = 0 and coalesce(l.sentia_recommendation, '') != ''"
	sources = [
		f"""select l.item_code, l.warehouse,
			coalesce(l.expected_delivery_date, l.schedule_date, h.schedule_date, h.transaction_date) due_date,
			concat(h.name, ' / ', l.name) voucher, (l.qty - l.received_qty) * l.conversion_factor qty, 'PO' kind
		from `tabPurchase Order` h join `tabPurchase Order Item` l on l.parent = h.name
		{ctx.joins("l.item_code", "l.warehouse")}
		where (h.docstatus = 1 and h.status not in ('Closed', 'Delivered') or {ours})
			and l.delivered_by_supplier = 0 and l.qty > l.received_qty""",
		f"""select l.item_code, l.warehouse, coalesce(l.schedule_date, h.schedule_date, h.transaction_date),
			concat(h.name, ' / ', l.name), l.stock_qty - l.ordered_qty, 'MR'
		from `tabMaterial Request` h join `tabMaterial Request Item` l on l.parent = h.name
		{ctx.joins("l.item_code", "l.warehouse")}
		where (h.docstatus = 1 and h.status != 'Stopped' or {ours})
			and h.material_request_type in ('Purchase', 'Manufacture') and l.stock_qty > l.ordered_qty""",
		f"""select h.production_item, h.fg_warehouse,
			date(coalesce(h.expected_delivery_date, h.planned_end_date, h.planned_start_date)), h.name,
			h.qty - h.produced_qty - coalesce(h.process_loss_qty, 0), 'WO'
		from `tabWork Order` h {ctx.joins("h.production_item", "h.fg_warehouse")}
		where h.docstatus = 1 and h.status not in ('Completed', 'Stopped', 'Closed')
			and h.qty > h.produced_qty + coalesce(h.process_loss_qty, 0)""",
		site_network.transfers_in(ctx),
	]
	return query(
		" union all ".join(sources) + " order by item_code, warehouse, due_date, voucher", ctx.params
	)


def outbound(ctx: SiteContext) -> pd.DataFrame:
	"""What is promised, dated: undelivered order lines and bundle contents, materials of work orders, transfers."""
	left = f"""(s.qty - s.delivered_qty - if(coalesce({KEPT_ON_RETURN}, '0') = '1', s.returned_qty, 0))"""
	head = f"""h.docstatus = 1 and h.status not in ('On Hold', 'Closed') and s.delivered_by_supplier = 0 and {left} > 0"""
	due = "coalesce(s.delivery_date, h.delivery_date, h.transaction_date)"
	used = "if(h.skip_transfer = 1, l.consumed_qty, l.transferred_qty)"
	sources = [
		f"""select s.item_code, s.warehouse, {due} due_date, concat(h.name, ' / ', s.name) voucher,
			{left} * s.conversion_factor qty, 'SO' kind
		from `tabSales Order` h join `tabSales Order Item` s on s.parent = h.name
		{ctx.joins("s.item_code", "s.warehouse")} where {head}""",
		f"""select p.item_code, p.warehouse, {due}, concat(h.name, ' / ', p.name), {left} * p.qty / s.qty, 'SO'
		from `tabSales Order` h join `tabSales Order Item` s on s.parent = h.name
		join `tabPacked Item` p on p.parent_detail_docname = s.name and p.parenttype = 'Sales Order'
		{ctx.joins("p.item_code", "p.warehouse")} where {head} and p.qty > 0""",
		f"""select l.item_code, l.source_warehouse, date(h.planned_start_date), concat(h.name, ' / ', l.name),
			l.required_qty - {used}, 'WO material'
		from `tabWork Order` h join `tabWork Order Item` l on l.parent = h.name
		{ctx.joins("l.item_code", "l.source_warehouse")}
		where h.docstatus = 1 and h.status not in ('Completed', 'Stopped', 'Closed') and l.required_qty > {used}""",
		site_network.transfers_out(ctx),
	]
	return query(
		" union all ".join(sources) + " order by item_code, warehouse, due_date, voucher", ctx.params
	)


def stock_policy(ctx: SiteContext) -> pd.DataFrame:
	return read_documents("Stock Policy", STOCK_POLICY, ctx)


def write_stock_policy(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	as_of = pd.Timestamp(run.parameters.get("as_of") or ctx.today)
	replace_documents(
		"Stock Policy", STOCK_POLICY, rows.assign(item_name=item_names(rows), as_of=as_of), run, scope
	)


READERS = {
	**site_outcomes.READERS,
	STOCK.name: stock,
	INBOUND.name: inbound,
	OUTBOUND.name: outbound,
	STOCK_POLICY.name: stock_policy,
	RECOMMENDATIONS.name: read_recommendations,
	**site_network.READERS,
}
WRITERS = {
	**site_outcomes.WRITERS,
	**site_network.WRITERS,
	STOCK_POLICY.name: write_stock_policy,
	RECOMMENDATIONS.name: write_recommendations,
}
