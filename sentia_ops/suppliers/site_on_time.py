"""ERPNext's own on-time figure, line by line, beside ours.

ERPNext's `get_on_time_shipments` counts a receipt row as on time where `schedule_date <= posting_date` (so late ones, and
not early ones) and where it holds exactly the ordered quantity; `get_total_shipments` counts the order lines. The same
conditions are repeated here, so that each line can be named; a test compares both with ERPNext's functions.
"""

from __future__ import annotations

from datetime import date

import frappe
import pandas as pd

from sentia_ops.store.site_sql import query
from sentia_ops.suppliers.scoring.lines import WHOLE, Lines

NATIVE = """select l.name order_line, o.name purchase_order, o.supplier, l.item_code, l.schedule_date promised_on,
		l.docstatus = 1 counts, coalesce(sum(l.schedule_date <= r.posting_date and l.qty = rl.qty), 0) native,
		count(r.name) receipts, max(r.posting_date) received_on, coalesce(max(rl.rejected_qty), 0) rejected
	from `tabPurchase Order Item` l
	join `tabPurchase Order` o on o.name = l.parent
	left join `tabPurchase Receipt Item` rl on rl.purchase_order_item = l.name and rl.docstatus = 1
	left join `tabPurchase Receipt` r on r.name = rl.parent
	where o.supplier in %(suppliers)s and l.schedule_date between %(from_date)s and %(to_date)s
		and (l.docstatus = 1 or rl.name is not null)
	group by l.name order by o.supplier, l.schedule_date, o.name, l.idx"""


def both(suppliers: list[str], from_date: date, to_date: date, lines: Lines) -> pd.DataFrame:
	"""Order lines promised in the period, both days included.

	Args:
	    lines: as judged by `scoring.lines.judge`.

	Returns:
	    order_line, purchase_order, supplier, item_code, promised_on, counts (in ERPNext's total), native (receipt rows that
	    ERPNext counts as on time), on_time (our share of its quantity; empty: not judged), days_late (mean),
	    complete_late (days until the last of it), open, differs, why.
	"""
	params = {"suppliers": suppliers or [""], "from_date": from_date, "to_date": to_date}
	rows = query(NATIVE, params)
	for column in ("promised_on", "received_on"):
		rows[column] = pd.to_datetime(rows[column])
	rows = rows.astype({"counts": int, "native": int, "receipts": int, "rejected": float})
	ours = lines.due.set_index("order_line")[["on_time", "days_late", "complete_late", "open"]]
	rows = rows.join(ours, on="order_line")
	today = pd.Timestamp(frappe.utils.nowdate())
	rows["why"] = [_why(row, today) for row in rows.itertuples()]
	rows["differs"] = rows["why"] != ""
	return rows


REASONS = {  # key -> of one line, and of several, in the sum
	"late": ("came late, and ERPNext counts it as on time", "late counted as on time"),
	"early": ("came before the promised day, which ERPNext does not count", "early not counted"),
	"parts": ("came on time in several deliveries, ERPNext wants one with exactly the ordered quantity", "in parts not counted"),
	"rejected": ("came on time, and ERPNext does not count it as some was rejected", "with rejects not counted"),
	"other": ("came on time with an invoice or another quantity, which ERPNext does not count", "other deliveries not counted"),
	"not due": ("is not due yet; ERPNext has it in its total", "not due yet, but in the total"),
	"twice": ("is counted by ERPNext once for each receipt", "counted more than once"),
	"unjudged": ("is not judged here: its item or warehouse is not planned, or it was closed", "not judged here"),
}  # fmt: skip


def _why(row, today: pd.Timestamp) -> str:
	"""Key of REASONS; empty: both say the same."""
	if pd.isna(row.on_time):
		return "not due" if row.promised_on >= today else "unjudged"
	on_time = row.on_time >= WHOLE
	if row.native > 1 and on_time:
		return "twice"
	if bool(row.native) == on_time:
		return ""
	if row.native:
		return "late"
	if row.rejected > 0:
		return "rejected"
	if row.receipts > 1:
		return "parts"
	return "early" if row.received_on < row.promised_on else "other"


def same_as_erpnext(supplier: str, from_date: date, to_date: date, rows: pd.DataFrame) -> bool:
	"""Whether the installed ERPNext, asked itself, counts what `rows` say it counts."""
	from erpnext.buying.doctype.supplier_scorecard_variable import supplier_scorecard_variable as variable

	period = frappe._dict(supplier=supplier, start_date=from_date, end_date=to_date)
	mine = rows[rows["supplier"] == supplier]
	own = (variable.get_on_time_shipments(period), variable.get_total_shipments(period))
	return own == (int(mine["native"].sum()), int(mine["counts"].sum()))
