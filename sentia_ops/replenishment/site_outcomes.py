"""Outcomes on ERPNext: submitted orders and their receipts, the Stock Ledger day by day, and the documents judged."""

from __future__ import annotations

import json

import frappe
import pandas as pd

from sentia_ops.replenishment.frames import AUTONOMY, DECISIONS, OUTCOMES, POLICY_OVERRIDES, STOCK_DAYS
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import (
	SiteContext,
	fill_empty,
	item_names,
	query,
	read_documents,
	replace_documents,
)

NOT_RECEIVED = ("Stock Reconciliation", "Delivery Note", "Sales Invoice")  # add to stock without a delivery
IN_FULL = 0.95  # of the quantity; suppliers round to packs


def decisions(ctx: SiteContext) -> pd.DataFrame:
	"""Recommendations to buy whose Purchase Order was submitted. What was made or moved is not judged."""
	rows = query(
		f"""select r.name recommendation, r.item_code, r.warehouse, r.supplier, r.service_class segment,
			min(h.transaction_date) ordered_on, r.need_by, sum(l.stock_qty) qty, r.cost / r.qty unit_cost,
			r.projection, r.weekly_demand, p.daily_demand, p.safety_stock, r.is_automatic,
			max(g.received_on) received_on, coalesce(sum(g.qty), 0) received
		from `tabReorder Recommendation` r
		{ctx.joins("r.item_code", "r.warehouse")}
		join `tabPurchase Order Item` l on l.sentia_recommendation = r.name and l.docstatus = 1
		join `tabPurchase Order` h on h.name = l.parent
		left join `tabStock Policy` p on p.item_code = r.item_code and p.warehouse = r.warehouse
		left join ({RECEIVED}) g on g.line = l.name
		where r.status = 'Ordered' and r.action = 'buy' and l.stock_qty > 0 and r.need_by is not null
		group by r.name order by r.name""",
		ctx.params,
	)
	rows["received_on"] = pd.to_datetime(
		rows["received_on"].where(rows["received"] >= IN_FULL * rows["qty"], None)
	)
	rows["daily_demand"] = [
		_daily(*pair) for pair in zip(rows["weekly_demand"], rows["daily_demand"], strict=True)
	]
	rows["safety_stock"] = [
		_safety(*pair) for pair in zip(rows["projection"], rows["safety_stock"], strict=True)
	]
	return rows.drop(columns=["projection", "weekly_demand", "received"])


RECEIVED = """
	select line, max(posting_date) received_on, sum(qty) qty from (
		select i.purchase_order_item line, d.posting_date, i.stock_qty qty
		from `tabPurchase Receipt Item` i join `tabPurchase Receipt` d on d.name = i.parent
		where d.docstatus = 1 and d.is_return = 0 and coalesce(i.purchase_order_item, '') != ''
		union all
		select i.po_detail, d.posting_date, i.stock_qty
		from `tabPurchase Invoice Item` i join `tabPurchase Invoice` d on d.name = i.parent
		where d.docstatus = 1 and d.is_return = 0 and d.update_stock = 1 and coalesce(i.po_detail, '') != ''
	) parts group by line"""


def _daily(weekly: str | None, policy: float | None) -> float:
	"""As forecast when it was recommended; else as in the stock policy of today."""
	weeks = json.loads(weekly or "[]")
	return sum(weeks) / len(weeks) / 7 if weeks else float(policy or 0)


def _safety(projection: str | None, policy: float | None) -> float:
	return max(float(json.loads(projection or "{}").get("safety_stock") or policy or 0), 0.0)


def stock_days(ctx: SiteContext) -> pd.DataFrame:
	"""The Stock Ledger of the items and warehouses that were ordered for."""
	return query(
		f"""select item_code, warehouse, posting_date date, on_hand, received from (
			select s.item_code, s.warehouse, s.posting_date, s.qty_after_transaction on_hand,
				sum(if(s.actual_qty > 0 and s.voucher_type not in %(not_received)s, s.actual_qty, 0))
					over (partition by s.item_code, s.warehouse, s.posting_date) received,
				row_number() over (partition by s.item_code, s.warehouse, s.posting_date
					order by s.posting_datetime desc, s.creation desc) last
			from `tabStock Ledger Entry` s
			{ctx.joins("s.item_code", "s.warehouse")}
			where s.is_cancelled = 0 and exists (select 1 from `tabReorder Recommendation` r
				where r.item_code = s.item_code and r.warehouse = s.warehouse and r.status = 'Ordered')
		) days where last = 1 order by item_code, warehouse, posting_date""",
		ctx.params | {"not_received": NOT_RECEIVED},
	)


def outcomes(ctx: SiteContext) -> pd.DataFrame:
	return read_documents("Recommendation Outcome", OUTCOMES, ctx)


def write_outcomes(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	approved = dict(
		frappe.db.sql(
			"select name, approved_by from `tabReorder Recommendation` where name in %s",
			[list(rows["recommendation"]) or [""]],
		)
	)
	companies = dict(frappe.get_all("Warehouse", fields=["name", "company"], as_list=True))
	more = {
		"item_name": item_names(rows),
		"approved_by": rows["recommendation"].map(approved),
		"company": rows["warehouse"].map(companies),
	}
	rows = fill_empty(OUTCOMES, rows).assign(
		**{name: column.astype(object).fillna("") for name, column in more.items()}
	)
	replace_documents("Recommendation Outcome", OUTCOMES, rows, run, scope)


def rights(ctx: SiteContext) -> pd.DataFrame:
	return read_documents("Approval Right", AUTONOMY, ctx)


def write_rights(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	replace_documents("Approval Right", AUTONOMY, rows, run, scope)


def policy_overrides(ctx: SiteContext) -> pd.DataFrame:
	"""Stock Policy Overrides. One for a group holds for the groups under it, too, but for those with their own.

	A number of 0 is one that nobody entered: Frappe's numbers are never empty.
	"""
	rows = query(
		"""select o.name, coalesce(o.item_code, '') item_code, coalesce(g.name, '') item_group,
			coalesce(o.warehouse, '') warehouse, nullif(o.service_level, 0) / 100 service_level,
			coalesce(o.service_measure, '') service_measure, nullif(o.review_days, 0) review_days,
			nullif(o.max_cover_days, 0) max_cover_days, if(o.set_safety_stock, o.safety_stock, null) safety_stock,
			o.hold, coalesce(o.note, '') note
		from `tabStock Policy Override` o
		left join `tabItem Group` own on own.name = o.item_group and coalesce(o.item_code, '') = ''
		left join `tabItem Group` g on g.lft between own.lft and own.rgt
		where coalesce(o.item_code, '') = '' or exists (select 1 from `tabItem` i where i.name = o.item_code
			and i.disabled = 0)
		order by own.lft, o.name""",
		ctx.params,
	)
	return rows.drop(columns="name").drop_duplicates(list(POLICY_OVERRIDES.key), keep="last")


READERS = {
	DECISIONS.name: decisions,
	STOCK_DAYS.name: stock_days,
	OUTCOMES.name: outcomes,
	AUTONOMY.name: rights,
	POLICY_OVERRIDES.name: policy_overrides,
}
WRITERS = {OUTCOMES.name: write_outcomes, AUTONOMY.name: write_rights}
