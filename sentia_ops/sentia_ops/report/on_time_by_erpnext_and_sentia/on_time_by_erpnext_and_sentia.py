"""What ERPNext's scorecard calls on time, what we call on time, and which order lines make the difference."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

LINES = ("None", "That differ", "All")
PERIODS = ("Whole", "Month")
MOST_LINES = 5000  # in one answer


def execute(filters: dict | None = None):
	"""Columns, rows, a message, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	validate(filters)
	suppliers = may_see(filters)
	if not suppliers:
		return get_columns(filters), [], _("Nothing is known of any supplier yet: plan first."), None, []
	lines = compared(suppliers, filters)
	rows = get_data(lines, filters)
	return get_columns(filters), rows, get_message(lines, filters), get_chart(rows), get_summary(lines)


def validate(filters: frappe._dict) -> None:
	filters.period, filters.lines = filters.period or "Whole", filters.lines or "None"
	if filters.period not in PERIODS or filters.lines not in LINES:
		frappe.throw(_("Period must be one of {0}, order lines one of {1}.").format(PERIODS, LINES))
	if not filters.from_date or not filters.to_date:
		frappe.throw(_("Choose the first and the last promised day."))
	filters.from_date, filters.to_date = getdate(filters.from_date), getdate(filters.to_date)
	if filters.from_date > filters.to_date:
		frappe.throw(_("From lies after To."))


def may_see(filters: frappe._dict) -> list[str]:
	only = {"supplier": filters.supplier} if filters.supplier else {}
	return frappe.get_list(
		"Supplier Performance", only, pluck="supplier", order_by="supplier", limit_page_length=0
	)


def compared(suppliers: list[str], filters: frappe._dict):
	"""See `site_on_time.both`."""
	import pandas as pd

	from sentia_ops.store.site import SiteStore
	from sentia_ops.suppliers.frames import RECEIPTS
	from sentia_ops.suppliers.scoring.lines import judge
	from sentia_ops.suppliers.site_on_time import both

	store = SiteStore()
	judged = judge(store.read(RECEIPTS, supplier=suppliers), pd.Timestamp(store.today()))
	return both(suppliers, filters.from_date, filters.to_date, judged)


def get_columns(filters: frappe._dict) -> list[dict[str, Any]]:
	columns = [
		_column("label", _("Supplier, item of a line"), "Data", 205),
		_column("period", _("Promised"), "Data", 110),
		_column("native_share", _("ERPNext, %"), "Float", 105, precision="1"),
		_column("counted", _("Lines"), "Data", 90),
		_column("share", _("Sentia, %"), "Float", 100, precision="1"),
		_column("days_late", _("Days late"), "Float", 100, precision="1"),
		_column("why", _("Why"), "Data", 520),
		_column("judged", _("Lines due"), "Int", 95),
		_column("differing", _("Differ"), "Int", 80),
	]
	if filters.lines != "None":
		columns.insert(
			1, _column("purchase_order", _("Purchase Order"), "Link", 150, options="Purchase Order")
		)
	return columns


def _column(fieldname: str, label: str, fieldtype: str, width: int, **more) -> dict[str, Any]:
	return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, **more}


def get_data(lines, filters: frappe._dict) -> list[dict[str, Any]]:
	"""Sums by supplier (and month), each followed by its lines where they are asked for."""
	period = lines["promised_on"].dt.strftime("%Y-%m") if filters.period == "Month" else "all"
	rows, listed = [], 0
	for (supplier, month), part in lines.assign(period=period).groupby(["supplier", "period"], sort=True):
		head = summary(part) | {"name": f"{supplier} {month}", "label": supplier, "indent": 0}
		head["period"] = month if filters.period == "Month" else _("whole period")
		rows.append(head)
		shown = part if filters.lines == "All" else part[part["differs"]]
		if filters.lines != "None":
			shown = shown.head(max(MOST_LINES - listed, 0))
			listed += len(shown)
			rows += [line_row(line, head["name"]) for line in shown.itertuples()]
	return rows


def summary(lines) -> dict[str, Any]:
	from sentia_ops.suppliers.site_on_time import REASONS

	total, native = int(lines["counts"].sum()), int(lines["native"].sum())
	judged = lines.dropna(subset="on_time")
	counts = lines[lines["differs"]]["why"].value_counts()
	return {
		"total": total,
		"native": native,
		"counted": _("{0} of {1}").format(native, total),
		"native_share": 100 * native / total if total else None,
		"judged": len(judged),
		"share": 100 * float(judged["on_time"].mean()) if len(judged) else None,
		"days_late": float(judged["days_late"].mean()) if len(judged) else None,
		"differing": int(lines["differs"].sum()),
		"why": "; ".join(f"{n} {_(REASONS[key][1])}" for key, n in counts.items()) or _("the same lines"),
	}


def line_row(line, parent: str) -> dict[str, Any]:
	import pandas as pd

	from sentia_ops.suppliers.site_on_time import REASONS

	judged = not pd.isna(line.on_time)
	return {
		"name": line.order_line,
		"parent": parent,
		"label": line.item_code,
		"indent": 1,
		"purchase_order": line.purchase_order,
		"period": frappe.format(line.promised_on.date(), "Date"),
		"counted": _("{0} of {1}").format(line.native, line.counts),
		"judged": int(judged),
		"share": 100 * line.on_time if judged else None,
		"days_late": line.days_late if judged else None,
		"why": _(REASONS[line.why][0]) if line.why else in_words(line, judged),
	}


def in_words(line, judged: bool) -> str:
	if not judged:
		return ""
	if line.complete_late <= 0:
		return _("on time")
	days = int(line.complete_late)
	return (
		_("{0} days late and still open").format(days)
		if line.open
		else _("complete {0} days late").format(days)
	)


def get_message(lines, filters: frappe._dict) -> str | None:
	from sentia_ops.suppliers.site_on_time import same_as_erpnext

	if lines.empty:
		return _("No order line was promised in these days.")
	first = lines["supplier"].iloc[0]
	if not same_as_erpnext(first, filters.from_date, filters.to_date, lines):
		return _(
			"This ERPNext counts otherwise than the one this report was written for: its own figure for {0} differs from the one "
			"shown here."
		).format(first)
	return None


def get_chart(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
	heads = [
		row
		for row in rows
		if not row["indent"] and row["native_share"] is not None and row["share"] is not None
	]
	if not heads or len(heads) > 40:
		return None
	single = len({row["label"] for row in heads}) == 1
	labels = [row["period"] if single else row["label"] for row in heads]
	if len(set(labels)) < len(labels):
		return None
	return {
		"data": {
			"labels": labels,
			"datasets": [
				{"name": _("ERPNext says, %"), "values": [round(row["native_share"], 1) for row in heads]},
				{"name": _("We say, %"), "values": [round(row["share"], 1) for row in heads]},
			],
		},
		"type": "bar",
		"colors": ["#8d99a6", "#2f7ed8"],
	}


def get_summary(lines) -> list[dict[str, Any]]:
	found = summary(lines)
	if not found["total"]:
		return []
	cards = [
		(_("ERPNext says on time"), _percent(found["native_share"])),
		(_("We say on time"), _percent(found["share"])),
	]
	cards.append((_("Lines that differ"), f"{found['differing']:,} / {len(lines):,}"))
	return [
		{"label": label, "value": value, "datatype": "Data", "indicator": "Blue"} for label, value in cards
	]


def _percent(value: float | None) -> str:
	return _("no data") if value is None else f"{value:.1f} %"
