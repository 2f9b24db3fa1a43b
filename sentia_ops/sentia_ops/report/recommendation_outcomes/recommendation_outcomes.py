"""What became of the orders that were made on recommendations, by supplier, class, approver, item or month."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

DOCTYPE = "Recommendation Outcome"
GROUPS = {  # group by -> SQL expression over the outcomes o
	"Supplier": "coalesce(o.supplier, '')",
	"Class": "coalesce(o.segment, '')",
	"Approver": "if(o.is_automatic, '', coalesce(o.approved_by, ''))",
	"Item": "o.item_code",
	"Month": "date_format(o.ordered_on, '%%Y-%%m')",
}
FILTERS = {
	"from_date": "o.ordered_on >= %(from_date)s",
	"to_date": "o.ordered_on <= %(to_date)s",
	"company": "o.company = %(company)s",
	"warehouse": "o.warehouse = %(warehouse)s",
	"supplier": "o.supplier = %(supplier)s",
	"segment": "o.segment = %(segment)s",
	"item_code": "o.item_code = %(item_code)s",
	"approved_by": "o.approved_by = %(approved_by)s",
	"only_automatic": "o.is_automatic = 1",
}
NOT_KNOWN = -999_999  # days late of what has not arrived is kept far below that


def execute(filters: dict | None = None):
	"""Columns, rows, a message where there are none, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	validate(filters)
	rows = get_data(filters)
	message = None if rows else why_empty()
	return get_columns(filters), rows, message, get_chart(filters, rows), get_summary(rows)


def validate(filters: frappe._dict) -> None:
	filters.group_by = filters.group_by or "Supplier"
	if filters.group_by not in GROUPS:
		frappe.throw(_("Group by must be one of {0}.").format(", ".join(_(g) for g in GROUPS)))
	if filters.from_date and filters.to_date and str(filters.from_date) > str(filters.to_date):
		frappe.throw(_("From lies after To."))


def why_empty() -> str:
	"""When there will be something to see, in words."""
	if frappe.db.exists(DOCTYPE, {}):
		return _("No order with these filters has been judged.")
	waiting = frappe.db.count("Reorder Recommendation", {"status": "Ordered"})
	if not waiting:
		return _("No order made on a recommendation has been submitted yet.")
	return _(
		"No order has been judged yet. {0} were ordered; each is judged after a plan, once the days it was to cover have passed."
	).format(waiting)


def get_columns(filters: frappe._dict) -> list[dict[str, Any]]:
	links = {"Supplier": "Supplier", "Approver": "User", "Item": "Item"}
	kind = {"fieldtype": "Link", "options": links[filters.group_by]} if filters.group_by in links else {}
	group = {"fieldname": "group", "label": _(filters.group_by), "fieldtype": "Data", "width": 200, **kind}
	return [
		group,
		_column("orders", _("Orders"), "Int", 80),
		_column("good", _("Good %"), "Percent", 90),
		_column("needed", _("Needed %"), "Percent", 100),
		_column("arrived", _("Arrived %"), "Percent", 100),
		_column("days_late", _("Days late, mean"), "Float", 130),
		_column("short", _("With a stock-out %"), "Percent", 140),
		_column("stockout_days", _("Days without stock"), "Float", 150),
		_column("excess", _("Left over %"), "Percent", 110),
		_column("regret", _("Regret"), "Currency", 120, options="currency"),
		_column("automatic", _("Automatic"), "Int", 100),
	]


def _column(fieldname: str, label: str, fieldtype: str, width: int, **more) -> dict[str, Any]:
	return {
		"fieldname": fieldname,
		"label": label,
		"fieldtype": fieldtype,
		"width": width,
		"precision": "1",
		**more,
	}


def get_data(filters: frappe._dict) -> list[dict[str, Any]]:
	conditions = " and ".join(["1 = 1", *(sql for name, sql in FILTERS.items() if filters.get(name))])
	rows = frappe.db.sql(
		f"""select {GROUPS[filters.group_by]} `group`, count(*) orders, 100 * avg(o.is_good) good,
			100 * avg(o.was_needed) needed, 100 * avg(o.arrived_on is not null) arrived,
			avg(if(o.arrived_on is null or o.days_late <= {NOT_KNOWN}, null, o.days_late)) days_late,
			100 * avg(o.stockout_days > 0) short, sum(o.stockout_days) stockout_days,
			100 * sum(o.excess_qty) / sum(o.qty) excess, sum(o.regret) regret, sum(o.is_automatic) automatic,
			min(c.default_currency) currency
		from `tab{DOCTYPE}` o left join `tabCompany` c on c.name = o.company
		where {conditions} group by 1 order by {"1" if filters.group_by == "Month" else "regret desc, orders desc"}""",
		filters,
		as_dict=True,
	)
	nobody = {"Approver": _("automatically"), "Supplier": _("no supplier"), "Class": _("unclassified")}
	for row in rows:
		row.group = row.group or nobody.get(filters.group_by)
		row.days_late = None if row.days_late is None else flt(row.days_late, 1)
	return rows


def get_chart(filters: frappe._dict, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
	"""Good ones and others of the ten groups with the greatest regret, or of every month."""
	if not rows:
		return None
	shown = rows if filters.group_by == "Month" else rows[:10]
	good = [round(row["orders"] * flt(row["good"]) / 100) for row in shown]
	others = [row["orders"] - n for row, n in zip(shown, good, strict=True)]
	return {
		"data": {
			"labels": [row["group"] for row in shown],
			"datasets": [{"name": _("Good"), "values": good}, {"name": _("Not good"), "values": others}],
		},
		"type": "bar",
		"barOptions": {"stacked": 1},
		"colors": ["#3c9d6a", "#e0524d"],
	}


def get_summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
	orders = sum(row["orders"] for row in rows)
	if not orders:
		return []
	share = {
		name: sum(row["orders"] * flt(row[name]) for row in rows) / orders
		for name in ("good", "needed", "short")
	}
	good = "Green" if share["good"] >= 90 else "Orange" if share["good"] >= 75 else "Red"
	cards = [
		_card(_("Orders judged"), f"{orders:,}"),
		_card(_("Turned out well"), f"{share['good']:.0f} %", good),
		_card(_("Were needed"), f"{share['needed']:.0f} %"),
		_card(_("Had a stock-out"), f"{share['short']:.0f} %", "Green" if share["short"] < 5 else "Orange"),
	]
	currencies = {row["currency"] for row in rows}
	if len(currencies) == 1:
		regret = sum(flt(row["regret"]) for row in rows)
		cards.append(_card(_("Regret"), frappe.utils.fmt_money(regret, currency=currencies.pop())))
	return cards


def _card(label: str, value: str, indicator: str = "Blue") -> dict[str, Any]:
	return {"label": label, "value": value, "datatype": "Data", "indicator": indicator}
