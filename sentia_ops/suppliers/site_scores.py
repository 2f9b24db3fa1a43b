"""Supplier scores on ERPNext: quotations and inspections in, Supplier Performance documents out."""

from __future__ import annotations

import frappe
import pandas as pd

from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import (
	SiteContext,
	delete_documents,
	fill_empty,
	insert_documents,
	query,
	read_documents,
	row_names,
)
from sentia_ops.suppliers.frames import (
	INSPECTIONS,
	QUOTATIONS,
	SUPPLIER_PERFORMANCE,
	SUPPLIER_SCORES,
)

PERFORMANCE, MONTH = "Supplier Performance", "Supplier Performance Month"


def quotations(ctx: SiteContext) -> pd.DataFrame:
	"""Items of submitted Requests for Quotation by supplier asked, with the day of his first submitted answer."""
	rows = query(
		f"""select r.name request, s.supplier, l.item_code, min(r.transaction_date) asked_on,
			min(a.answered_on) answered_on
		from `tabRequest for Quotation` r
		join `tabRequest for Quotation Supplier` s on s.parent = r.name
		join `tabRequest for Quotation Item` l on l.parent = r.name
		{ctx.joins(item="l.item_code")}
		left join (
			select ql.request_for_quotation_item line, q.supplier, min(q.transaction_date) answered_on
			from `tabSupplier Quotation` q join `tabSupplier Quotation Item` ql on ql.parent = q.name
			where q.docstatus = 1 and coalesce(ql.request_for_quotation_item, '') != ''
				and q.transaction_date <= %(today)s
			group by ql.request_for_quotation_item, q.supplier
		) a on a.line = l.name and a.supplier = s.supplier
		where r.docstatus = 1 and r.company in %(companies)s and coalesce(s.supplier, '') != ''
			and r.transaction_date between %(since)s and %(today)s
		group by r.name, s.supplier, l.item_code""",
		ctx.params,
	)
	return _dated(rows, "asked_on", "answered_on")


def inspections(ctx: SiteContext) -> pd.DataFrame:
	"""Submitted incoming Quality Inspections of receipts and invoices."""
	selects = [
		f"""select q.name inspection, d.supplier, q.item_code, q.report_date inspected_on,
			q.status = 'Accepted' accepted
		from `tabQuality Inspection` q join `tab{doctype}` d on d.name = q.reference_name
		{ctx.joins(item="q.item_code")}
		where q.docstatus = 1 and q.inspection_type = 'Incoming' and q.reference_type = '{doctype}'
			and d.company in %(companies)s and q.report_date between %(since)s and %(today)s"""
		for doctype in ("Purchase Receipt", "Purchase Invoice")
	]
	rows = query(" union all ".join(selects), ctx.params)
	return _dated(rows, "inspected_on").astype({"accepted": bool})


def _dated(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
	return rows.assign(**{column: pd.to_datetime(rows[column]) for column in columns})


def performance(ctx: SiteContext) -> pd.DataFrame:
	return read_documents(PERFORMANCE, SUPPLIER_PERFORMANCE, ctx)


def scores(ctx: SiteContext) -> pd.DataFrame:
	return read_documents(MONTH, SUPPLIER_SCORES, ctx)


def write_performance(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	"""One document per supplier, named like him."""
	named = dict(frappe.db.sql("select name, supplier_name from `tabSupplier`"))
	rows = fill_empty(SUPPLIER_PERFORMANCE, rows)
	rows = rows.assign(name=rows["supplier"], supplier_name=rows["supplier"].map(named))
	delete_documents(PERFORMANCE, scope)
	insert_documents(PERFORMANCE, rows, run)


def write_scores(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	"""The months below their supplier's document, the newest first."""
	rows = fill_empty(SUPPLIER_SCORES, rows).sort_values(["supplier", "month"], ascending=[True, False])
	rows = rows.assign(
		parent=rows["supplier"], parenttype=PERFORMANCE, parentfield="months",
		name=row_names(rows, SUPPLIER_SCORES.key), idx=rows.groupby("supplier").cumcount() + 1,
	)  # fmt: skip
	delete_documents(MONTH, scope)
	insert_documents(MONTH, rows, run)


READERS = {
	QUOTATIONS.name: quotations,
	INSPECTIONS.name: inspections,
	SUPPLIER_PERFORMANCE.name: performance,
	SUPPLIER_SCORES.name: scores,
}
WRITERS = {SUPPLIER_PERFORMANCE.name: write_performance, SUPPLIER_SCORES.name: write_scores}
