"""What may be ordered or used, on ERPNext: lines of open and closed quotations, opportunities, repairs and maintenance.

- Quotation: submitted. Won where at least half of a line was ordered; of one still open the rest not yet ordered. Lost when
  declared lost, expired, or past its last valid day. ERPNext does not note which quotation an invoice without an order comes
  from: such a quotation counts as lost when it expires. Alternatives count only when ordered.
- Opportunity: one that has a submitted quotation is left to that. Expected on its closing date.
- Asset Repair with stock items: open until submitted, as only then stock is consumed.
- Asset Maintenance Log with a due date: parts that repairs of assets of the same item used, each as much as a repair used on average; "won"
  where a repair of the asset around its completion used the part, so that parts that maintenance rarely needs weigh little.

Issues, Warranty Claims and Maintenance Visits name the machine, never parts: nothing can be read from them.
"""

from __future__ import annotations

import pandas as pd

from sentia_ops.forecasting.frames import PIPELINE
from sentia_ops.store.site_sql import SiteContext, query

AROUND = 7  # days between a maintenance and a repair that belongs to it
LINE = ["voucher", "item_code", "warehouse", "kind", "made_on", "due_date", "closed_on", "outcome"]
LOST = "('Lost', 'Expired')"


def pipeline(ctx: SiteContext) -> pd.DataFrame:
	"""Rows of PIPELINE; lines without a warehouse or a unit that the item knows are left out and counted."""
	parts = [_quotations(ctx), _opportunities(ctx), _repairs(ctx), _maintenance(ctx)]
	rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
	waiting = rows["outcome"].eq("open")
	for column, reason in (
		("factor", "open quotation or opportunity lines in a unit of measure the item has no conversion for"),
		(
			"warehouse",
			"open quotation or opportunity lines without a warehouse, of items without a default one",
		),
	):
		ctx.refuse(reason, int((waiting & rows[column].isna()).sum()))
	rows = rows[rows["factor"].notna() & rows["planned"].notna()]
	rows["qty"] = rows["qty"].astype(float) * rows["factor"].astype(float)
	rows = rows[rows["qty"] > 0]
	for column in ("made_on", "due_date", "closed_on"):
		rows[column] = pd.to_datetime(rows[column])
	# several lines of one item in one document are one
	return rows.groupby(list(PIPELINE.key), as_index=False, sort=True).agg(
		{**{column: "first" for column in LINE[3:]}, "qty": "sum"}
	)


def _place(ctx: SiteContext, item: str, warehouse: str, company: str) -> tuple[str, str]:
	"""SQL: the warehouse of a line, or the item's default one; and the joins that give it, the item (i) and the plan's (w)."""
	place = f"coalesce(nullif({warehouse}, ''), d.default_warehouse)"
	joins = f"""{ctx.joins(item)} left join `tabItem Default` d
			on d.parent = i.name and d.parenttype = 'Item' and d.company = {company}
		left join `tabWarehouse` w on w.name = {place} and {ctx.planned_warehouse}"""
	return place, joins


def _quotations(ctx: SiteContext) -> pd.DataFrame:
	sources = []
	for item, warehouse, each, extra in (
		("l.item_code", "l.warehouse", "l.conversion_factor", ""),
		(
			"p.item_code",
			"p.warehouse",
			"p.qty / l.qty",
			"join `tabPacked Item` p on p.parent_detail_docname = l.name and p.parenttype = 'Quotation'",
		),
	):
		place, joins = _place(ctx, item, warehouse, "q.company")
		sources.append(
			f"""select q.name voucher, {item} item_code, {place} warehouse, w.name planned, q.transaction_date made_on,
				q.status, q.valid_till, date(q.modified) changed, l.qty * {each} quoted,
				coalesce(o.qty, 0) * {each} ordered, o.last_on,
				l.is_alternative or l.has_alternative_item optional
			from `tabQuotation` q join `tabQuotation Item` l on l.parent = q.name and l.qty > 0 {extra} {joins}
			left join (
				select s.quotation_item line, sum(s.qty) qty, max(so.transaction_date) last_on from `tabSales Order Item` s
				join `tabSales Order` so on so.name = s.parent and so.docstatus = 1
				where coalesce(s.quotation_item, '') != '' group by s.quotation_item
			) o on o.line = l.name
			where q.docstatus = 1 and q.company in %(companies)s and q.transaction_date between %(since)s and %(today)s"""
		)
	rows = query(" union all ".join(sources), ctx.params)
	numbers = ["quoted", "ordered"]
	rows[numbers] = rows[numbers].astype(float)
	rows = rows[(rows["optional"].astype(int) == 0) | (rows["ordered"] > 0)]
	valid = pd.to_datetime(rows["valid_till"])
	expired = valid < pd.Timestamp(ctx.today)
	left = rows["quoted"] - rows["ordered"]
	waiting = ~rows["status"].isin(["Ordered", "Lost", "Expired"]) & ~expired & (left > 1e-9)
	won = rows["ordered"] >= rows["quoted"] / 2
	closed = (
		pd.to_datetime(rows["last_on"]).fillna(valid.where(expired)).fillna(pd.to_datetime(rows["changed"]))
	)
	return rows.assign(
		kind="quotation",
		due_date=pd.NaT,
		outcome=won.map({True: "won", False: "lost"}).mask(waiting, "open"),
		closed_on=closed.mask(waiting),
		qty=left.where(waiting, rows["quoted"]),
		factor=1.0,
	)[[*LINE, "planned", "qty", "factor"]]


def _opportunities(ctx: SiteContext) -> pd.DataFrame:
	place, joins = _place(ctx, "l.item_code", "''", "o.company")
	return query(
		f"""select o.name voucher, l.item_code, {place} warehouse, 'opportunity' kind, o.transaction_date made_on,
			o.expected_closing due_date, if(o.status in ('Converted', 'Lost', 'Closed'), date(o.modified), null) closed_on,
			case o.status when 'Converted' then 'won' when 'Lost' then 'lost' when 'Closed' then 'lost' else 'open' end outcome,
			w.name planned, l.qty, if(coalesce(l.uom, '') in ('', i.stock_uom), 1, c.conversion_factor) factor
		from `tabOpportunity` o join `tabOpportunity Item` l on l.parent = o.name and l.qty > 0 {joins}
		left join `tabUOM Conversion Detail` c on c.parent = i.name and c.parenttype = 'Item' and c.uom = l.uom
		where o.company in %(companies)s and o.transaction_date between %(since)s and %(today)s
			and (o.status in ('Converted', 'Lost', 'Closed') or not exists (
				select 1 from `tabQuotation` q left join `tabQuotation Item` qi on qi.parent = q.name
				where q.docstatus = 1 and q.status not in {LOST} and o.name in (q.opportunity, qi.prevdoc_docname)))""",
		ctx.params,
	)


def _repairs(ctx: SiteContext) -> pd.DataFrame:
	return query(
		f"""select r.name voucher, l.item_code, l.warehouse, 'ticket' kind, date(r.failure_date) made_on, null due_date,
			if(r.docstatus = 0 and r.repair_status != 'Cancelled', null, date(coalesce(r.completion_date, r.modified))) closed_on,
			case when r.docstatus = 2 or r.repair_status = 'Cancelled' then 'lost' when r.docstatus = 1 then 'won'
				else 'open' end outcome,
			w.name planned, cast(l.consumed_quantity as double) qty, 1 factor
		from `tabAsset Repair` r join `tabAsset Repair Consumed Item` l on l.parent = r.name
		{ctx.joins("l.item_code", "l.warehouse")}
		where r.stock_consumption = 1 and date(r.failure_date) between %(since)s and %(today)s""",
		ctx.params,
	)


def _maintenance(ctx: SiteContext) -> pd.DataFrame:
	"""Every log with every part that repairs of its asset's item have used."""
	used = f"""select a.item_code asset_item, l.item_code, substring_index(group_concat(l.warehouse
				order by r.completion_date desc separator '\n'), '\n', 1) warehouse,
			avg(cast(l.consumed_quantity as double)) qty
		from `tabAsset Repair` r join `tabAsset` a on a.name = r.asset
		join `tabAsset Repair Consumed Item` l on l.parent = r.name {ctx.joins("l.item_code", "l.warehouse")}
		where r.docstatus = 1 and r.repair_status = 'Completed' and r.stock_consumption = 1
		group by a.item_code, l.item_code"""
	return query(
		f"""select g.name voucher, u.item_code, u.warehouse, 'maintenance' kind, least(date(g.creation), g.due_date) made_on,
			g.due_date, if(g.maintenance_status in ('Planned', 'Overdue'), null, coalesce(g.completion_date, date(g.modified)))
				closed_on,
			case when g.maintenance_status in ('Planned', 'Overdue') then 'open' when exists (
				select 1 from `tabAsset Repair` r join `tabAsset Repair Consumed Item` l on l.parent = r.name
				where r.asset = m.asset_name and r.docstatus = 1 and r.stock_consumption = 1 and l.item_code = u.item_code
					and abs(datediff(r.completion_date, g.completion_date)) <= {AROUND}) then 'won' else 'lost' end outcome,
			u.warehouse planned, u.qty, 1 factor
		from `tabAsset Maintenance Log` g join `tabAsset Maintenance` m on m.name = g.asset_maintenance
		join `tabAsset` a on a.name = m.asset_name and a.docstatus = 1 join ({used}) u on u.asset_item = a.item_code
		where g.docstatus < 2 and g.maintenance_status != 'Cancelled' and g.due_date >= %(since)s""",
		ctx.params,
	)


READERS = {PIPELINE.name: pipeline}
