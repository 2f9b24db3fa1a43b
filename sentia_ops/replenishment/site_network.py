"""The network on ERPNext: transfers under way; excess stock and shares of scarce stock as documents."""

from __future__ import annotations

import frappe
import pandas as pd

from sentia_ops.replenishment.frames import ALLOCATIONS, EXCESS
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import SiteContext, item_names, read_documents, replace_documents

DOCTYPES = {EXCESS.name: ("Excess Stock", EXCESS), ALLOCATIONS.name: ("Stock Allocation", ALLOCATIONS)}
OURS = "h.docstatus = 0 and coalesce(l.sentia_recommendation, '') != ''"
REQUESTED = f"""from `tabMaterial Request` h join `tabMaterial Request Item` l on l.parent = h.name
	{{joins}} where (h.docstatus = 1 and h.status != 'Stopped' or {OURS})
		and h.material_request_type = 'Material Transfer' and l.stock_qty > l.ordered_qty"""


def transfers_in(ctx: SiteContext) -> str:
	"""SQL of what is to come from other warehouses; `ordered_qty` of such a request is what has moved already."""
	requested = REQUESTED.format(joins=ctx.joins("l.item_code", "l.warehouse"))
	return f"""select l.item_code, l.warehouse, coalesce(l.schedule_date, h.schedule_date, h.transaction_date),
		concat(h.name, ' / ', l.name), l.stock_qty - l.ordered_qty, 'MR' {requested}"""


def transfers_out(ctx: SiteContext) -> str:
	"""SQL of what is to go to other warehouses."""
	requested = REQUESTED.format(joins=ctx.joins("l.item_code", "l.from_warehouse"))
	return f"""select l.item_code, l.from_warehouse, coalesce(l.schedule_date, h.schedule_date, h.transaction_date),
		concat(h.name, ' / ', l.name), l.stock_qty - l.ordered_qty, 'MR' {requested}"""


def _reader(name: str):
	doctype, frame = DOCTYPES[name]
	return lambda ctx: read_documents(doctype, frame, ctx)


def _writer(name: str):
	doctype, frame = DOCTYPES[name]

	def write(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
		companies = dict(frappe.get_all("Warehouse", fields=["name", "company"], as_list=True))
		rows = rows.assign(item_name=item_names(rows), company=rows["warehouse"].map(companies))
		replace_documents(doctype, frame, rows, run, scope)

	return write


READERS = {name: _reader(name) for name in DOCTYPES}
WRITERS = {name: _writer(name) for name in DOCTYPES}
