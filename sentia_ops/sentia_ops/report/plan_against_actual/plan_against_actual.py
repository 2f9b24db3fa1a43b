"""Published times against what the Job Cards' time logs say, operation by operation or together."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

from sentia_ops.sentia_ops.report_columns import link

GROUPS = {  # group by -> SQL expression over steps o of jobs j and their Job Cards c
	"Workstation": "coalesce(c.workstation, o.scheduled_workstation)",
	"Operation": "o.operation",
	"Item": "coalesce(j.item_code, '')",
}
LINKS = {"Workstation": "Workstation", "Operation": "Operation", "Item": "Item"}
FILTERS = {
	"from_date": "date(o.started_at) >= %(from_date)s",
	"to_date": "date(o.started_at) <= %(to_date)s",
	"workstation": "coalesce(c.workstation, o.scheduled_workstation) = %(workstation)s",
	"operation": "o.operation = %(operation)s",
	"item_code": "j.item_code = %(item_code)s",
}
SOON = 30  # minutes by which a start may differ and still be as planned
FROM = """from `tabProduction Job Operation` o join `tabProduction Job` j on j.name = o.parent
	left join `tabJob Card` c on c.name = o.job_card
	where o.started_at is not null and o.scheduled_start is not null and o.kind != 'inspection'"""


def execute(filters: dict | None = None):
	"""Columns, rows, a message where there are none, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	if filters.group_by and filters.group_by not in GROUPS:
		frappe.throw(_("Group by must be one of {0}.").format(", ".join(_(g) for g in GROUPS)))
	rows = get_groups(filters) if filters.group_by else get_operations(filters)
	columns = group_columns(filters) if filters.group_by else operation_columns()
	message = None if rows else _("No operation of a published schedule has been started in this time.")
	return columns, rows, message, get_chart(filters, rows), get_summary(filters)


def _where(filters: frappe._dict) -> str:
	return "".join(f" and {sql}" for name, sql in FILTERS.items() if filters.get(name))


def get_operations(filters: frappe._dict) -> list[dict[str, Any]]:
	return frappe.db.sql(
		f"""select o.parent job, o.operation, o.job_card, coalesce(c.workstation, o.scheduled_workstation) workstation,
			if(c.workstation != o.scheduled_workstation, o.scheduled_workstation, null) planned_on,
			o.scheduled_start, o.started_at, timestampdiff(minute, o.scheduled_start, o.started_at) / 60 start_late,
			o.scheduled_end, o.ended_at, timestampdiff(minute, o.scheduled_end, o.ended_at) / 60 end_late,
			o.minutes, if(o.status = 'done', o.minutes_done, null) minutes_done,
			if(o.status = 'done' and o.minutes > 0, 100 * o.minutes_done / o.minutes, null) share
		{FROM}{_where(filters)} order by o.started_at desc limit 2000""",
		filters,
		as_dict=True,
	)


def get_groups(filters: frappe._dict) -> list[dict[str, Any]]:
	return frappe.db.sql(
		f"""select {GROUPS[filters.group_by]} `group`, count(*) operations,
			avg(timestampdiff(minute, o.scheduled_start, o.started_at)) / 60 start_late,
			100 * avg(abs(timestampdiff(minute, o.scheduled_start, o.started_at)) <= {SOON}) punctual,
			100 * avg(coalesce(c.workstation, o.scheduled_workstation) = o.scheduled_workstation) as_planned,
			sum(if(o.status = 'done', o.minutes, 0)) / 60 planned, sum(if(o.status = 'done', o.minutes_done, 0)) / 60 actual,
			100 * sum(if(o.status = 'done', o.minutes_done, 0)) / nullif(sum(if(o.status = 'done', o.minutes, 0)), 0) share
		{FROM}{_where(filters)} group by 1 order by 2 desc, 1""",
		filters,
		as_dict=True,
	)


def operation_columns() -> list[dict[str, Any]]:
	def column(fieldname, label, fieldtype="Datetime", width=185, **more):
		return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, **more}

	hours = {"fieldtype": "Float", "width": 130, "precision": "1"}
	return [
		column("job", _("Production Job"), width=140, **link("Production Job")),
		column("operation", _("Operation"), width=150, **link("Operation")),
		column("job_card", _("Job Card"), width=130, **link("Job Card")),
		column("workstation", _("Workstation"), width=150, **link("Workstation")),
		column("planned_on", _("Planned on another"), width=160, **link("Workstation")),
		column("scheduled_start", _("Planned start")),
		column("started_at", _("Start")),
		column("start_late", _("Starts late (h)"), **hours),
		column("scheduled_end", _("Planned end")),
		column("ended_at", _("End")),
		column("end_late", _("Ends late (h)"), **hours),
		column("minutes", _("Planned (min)"), "Float", 120, precision="0"),
		column("minutes_done", _("Taken (min)"), "Float", 110, precision="0"),
		column("share", _("Taken %"), "Percent", 100),
	]


def group_columns(filters: frappe._dict) -> list[dict[str, Any]]:
	def column(fieldname, label, fieldtype, width=140, **more):
		return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, **more}

	return [
		column("group", _(filters.group_by), width=220, **link(LINKS[filters.group_by])),
		column("operations", _("Operations"), "Int", 110),
		column("start_late", _("Starts late (h), mean"), "Float", 160, precision="1"),
		column("punctual", _("Started within {0} minutes %").format(SOON), "Percent", 190),
		column("as_planned", _("On the planned workstation %"), "Percent", 200),
		column("planned", _("Planned (h)"), "Float", 120, precision="1"),
		column("actual", _("Taken (h)"), "Float", 120, precision="1"),
		column("share", _("Taken %"), "Percent", 110),
	]


def get_chart(filters: frappe._dict, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
	shown = [row for row in rows if filters.group_by and flt(row.planned)][:12]
	if not shown:
		return None
	return {
		"data": {
			"labels": [row.group or _("none") for row in shown],
			"datasets": [
				{"name": _("Planned (h)"), "values": [flt(row.planned, 1) for row in shown]},
				{"name": _("Taken (h)"), "values": [flt(row.actual, 1) for row in shown]},
			],
		},
		"type": "bar",
		"colors": ["#9aa7b4", "#2f6fb3"],
	}


def get_summary(filters: frappe._dict) -> list[dict[str, Any]]:
	"""Over all operations, also those beyond the rows shown."""
	found = frappe.db.sql(
		f"""select count(*), 100 * avg(abs(timestampdiff(minute, o.scheduled_start, o.started_at)) <= {SOON}),
			100 * sum(if(o.status = 'done', o.minutes_done, 0)) / nullif(sum(if(o.status = 'done', o.minutes, 0)), 0)
		{FROM}{_where(filters)}""",
		filters,
	)
	count, punctual, share = found[0]
	if not count:
		return []
	green = "Green" if punctual >= 80 else "Orange" if punctual >= 50 else "Red"
	return [
		{"label": _("Operations started"), "value": f"{count:,}", "datatype": "Data", "indicator": "Blue"},
		{
			"label": _("Within {0} minutes of the plan").format(SOON),
			"value": f"{punctual:.0f} %",
			"datatype": "Data",
			"indicator": green,
		},
		{
			"label": _("Time taken, of the time planned"),
			"value": _("no data") if share is None else f"{share:.0f} %",
			"datatype": "Data",
			"indicator": "Blue",
		},
	]
