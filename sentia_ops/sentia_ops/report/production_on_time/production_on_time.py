"""How many Production Jobs were finished by their due date, by item, customer, priority or month."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import flt, now_datetime

from sentia_ops.sentia_ops.report_columns import link

DOCTYPE = "Production Job"
GROUPS = {  # group by -> SQL expression over the jobs j
	"Item": "coalesce(j.item_code, '')",
	"Customer": "coalesce(j.customer, '')",
	"Priority": "j.priority",
	"Month": "date_format(j.due_at, '%%Y-%%m')",
}
FILTERS = {
	"from_date": "date(j.due_at) >= %(from_date)s",
	"to_date": "date(j.due_at) <= %(to_date)s",
	"company": "j.company = %(company)s",
	"item_code": "j.item_code = %(item_code)s",
	"customer": "j.customer = %(customer)s",
}


def execute(filters: dict | None = None):
	"""Columns, rows, a message where there are none, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	filters.group_by = filters.group_by or "Month"
	if filters.group_by not in GROUPS:
		frappe.throw(_("Group by must be one of {0}.").format(", ".join(_(g) for g in GROUPS)))
	rows = get_data(filters)
	message = None if rows else _("No Production Job with a due date that these filters let through.")
	return get_columns(filters), rows, message, get_chart(filters, rows), get_summary(rows)


def get_columns(filters: frappe._dict) -> list[dict[str, Any]]:
	links = {"Item": "Item", "Customer": "Customer"}
	kind = link(links[filters.group_by]) if filters.group_by in links else {"fieldtype": "Data"}
	count, hours = {"fieldtype": "Int", "width": 170}, {"fieldtype": "Float", "precision": "1", "width": 210}
	return [
		{"fieldname": "group", "label": _(filters.group_by), "width": 220, **kind},
		{"fieldname": "jobs", "label": _("Jobs"), **count},
		{"fieldname": "finished", "label": _("Finished"), **count},
		{"fieldname": "on_time", "label": _("On time %"), "fieldtype": "Percent", "width": 110},
		{"fieldname": "hours_late", "label": _("Hours late, mean of the late"), **hours},
		{"fieldname": "overdue", "label": _("Open and overdue"), **count},
		{"fieldname": "expected_late", "label": _("Open, planned to be late"), **count},
	]


def get_data(filters: frappe._dict) -> list[dict[str, Any]]:
	"""Judged are jobs that are finished, and open ones whose due date has passed: those are late whatever comes."""
	conditions = " and ".join(["1 = 1", *(sql for name, sql in FILTERS.items() if filters.get(name))])
	rows = frappe.db.sql(
		f"""select {GROUPS[filters.group_by]} `group`, count(*) jobs, sum(j.status = 'completed') finished,
			sum(j.status = 'completed' and j.finished_at <= j.due_at) good,
			sum(j.status != 'completed' and j.due_at < %(now)s) overdue,
			sum(j.status != 'completed' and j.due_at >= %(now)s and j.scheduled_end > j.due_at) expected_late,
			avg(if(j.status = 'completed' and j.finished_at > j.due_at,
				timestampdiff(minute, j.due_at, j.finished_at) / 60, null)) hours_late
		from `tab{DOCTYPE}` j where j.due_at is not null and j.status != 'cancelled' and {conditions}
		group by 1 order by {"1" if filters.group_by in ("Month", "Priority") else "2 desc, 1"}""",
		{**filters, "now": now_datetime()},
		as_dict=True,
	)
	for row in rows:
		judged = flt(row.finished) + flt(row.overdue)
		row.judged = judged
		row.on_time = 100 * flt(row.good) / judged if judged else None
		row.group = row.group or _("none")
	return rows


def get_chart(filters: frappe._dict, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
	shown = [row for row in rows if row.judged][:15]
	if not shown:
		return None
	good = [int(row.good) for row in shown]
	late = [int(row.judged - row.good) for row in shown]
	return {
		"data": {
			"labels": [row.group for row in shown],
			"datasets": [{"name": _("On time"), "values": good}, {"name": _("Late"), "values": late}],
		},
		"type": "bar",
		"barOptions": {"stacked": 1},
		"colors": ["#3c9d6a", "#e0524d"],
	}


def get_summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
	if not rows:
		return []
	good, judged = (sum(flt(row[field]) for row in rows) for field in ("good", "judged"))
	share = 100 * good / judged if judged else None
	colour = "Blue" if share is None else "Green" if share >= 95 else "Orange" if share >= 85 else "Red"
	overdue, expected = (int(sum(flt(row[field]) for row in rows)) for field in ("overdue", "expected_late"))
	how = _("On time ({0} of {1} finished or overdue)").format(int(good), int(judged))
	return [
		{
			"label": how,
			"value": _("no data") if share is None else f"{share:.0f} %",
			"datatype": "Data",
			"indicator": colour,
		},
		{
			"label": _("Open and overdue"),
			"value": str(overdue),
			"datatype": "Data",
			"indicator": "Red" if overdue else "Green",
		},
		{
			"label": _("Open, planned to be late"),
			"value": str(expected),
			"datatype": "Data",
			"indicator": "Orange" if expected else "Green",
		},
	]
