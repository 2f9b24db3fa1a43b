"""How full each workstation is, week by week, in a schedule."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

from sentia_ops.sentia_ops.report_columns import link

SCHEDULE = "Production Schedule"
FULL, BUSY = 95, 80  # percent: red from here, orange from here
CHARTED = 12  # workstations in the picture


def execute(filters: dict | None = None):
	"""Columns, rows, a message where there are none, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	filters.schedule = filters.schedule or current()
	if not filters.schedule:
		return get_columns(), [], _("There is no production schedule yet."), None, []
	rows = get_data(filters)
	message = None if rows else _("{0} has no load on these workstations.").format(filters.schedule)
	return get_columns(), rows, message, get_chart(rows), get_summary(rows, filters.schedule)


def current() -> str | None:
	"""The published schedule, else the newest draft."""
	found = frappe.get_all(
		SCHEDULE,
		{"status": ["!=", "Superseded"]},
		pluck="name",
		order_by="status desc, made_at desc",
		limit=1,
	)
	return found[0] if found else None


def get_columns() -> list[dict[str, Any]]:
	hours = {"fieldtype": "Float", "precision": "1", "width": 140}
	return [
		{
			"fieldname": "workstation",
			"label": _("Workstation"),
			**link("Workstation"),
			"width": 220,
		},
		{"fieldname": "week", "label": _("Week of"), "fieldtype": "Date", "width": 110},
		{"fieldname": "open_hours", "label": _("Open (h)"), **hours},
		{"fieldname": "work_hours", "label": _("Work (h)"), **hours},
		{"fieldname": "setup_hours", "label": _("Setup (h)"), **hours},
		{"fieldname": "maintenance_hours", "label": _("Maintenance (h)"), **hours},
		{"fieldname": "free_hours", "label": _("Free (h)"), **hours},
		{"fieldname": "load", "label": _("Load"), "fieldtype": "Percent", "width": 100},
	]


def get_data(filters: frappe._dict) -> list[dict[str, Any]]:
	chosen = {"schedule": filters.schedule}
	if filters.workstation:
		chosen["workstation"] = filters.workstation
	fields = ["workstation", "week", "open_hours", "work_hours", "setup_hours", "maintenance_hours"]
	rows = frappe.get_all("Station Load", chosen, fields, order_by="workstation, week")
	for row in rows:
		busy = flt(row.work_hours) + flt(row.setup_hours) + flt(row.maintenance_hours)
		row.free_hours = max(flt(row.open_hours) - busy, 0)
		# a workstation that is closed all week has no load, not one of 0
		row["load"] = flt(100 * busy / row.open_hours, 1) if row.open_hours else None
	return rows


def get_chart(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
	"""Hours of the fullest workstations over all weeks shown."""
	totals: dict[str, list[float]] = {}
	for row in rows:
		sums = totals.setdefault(row.workstation, [0.0] * 4)
		for i, field in enumerate(("work_hours", "setup_hours", "maintenance_hours", "free_hours")):
			sums[i] += flt(row[field])
	if not totals:
		return None
	shown = sorted(totals, key=lambda name: -sum(totals[name][:3]))[:CHARTED]
	names = (_("Work"), _("Setup"), _("Maintenance"), _("Free"))
	return {
		"data": {
			"labels": shown,
			"datasets": [
				{"name": name, "values": [round(totals[one][i], 1) for one in shown]}
				for i, name in enumerate(names)
			],
		},
		"type": "bar",
		"barOptions": {"stacked": 1},
		"colors": ["#2f6fb3", "#e8a33d", "#9b59b6", "#dfe5eb"],
	}


def get_summary(rows: list[dict[str, Any]], schedule: str) -> list[dict[str, Any]]:
	if not rows:
		return []
	opened = sum(flt(row.open_hours) for row in rows)
	work, setup = (sum(flt(row[field]) for row in rows) for field in ("work_hours", "setup_hours"))
	full = sum(1 for row in rows if row["load"] is not None and row["load"] >= FULL)
	cards = [
		{"label": _("Schedule"), "value": schedule, "datatype": "Data", "indicator": "Blue"},
		{"label": _("Work"), "value": f"{work:,.0f} h", "datatype": "Data", "indicator": "Blue"},
		{
			"label": _("Setup, of work and setup"),
			"value": _share(setup, work + setup),
			"datatype": "Data",
			"indicator": "Orange",
		},
		{
			"label": _("Work and setup, of the hours open"),
			"value": _share(work + setup, opened),
			"datatype": "Data",
			"indicator": "Blue",
		},
		{
			"label": _("Weeks above {0} percent").format(FULL),
			"value": str(full),
			"datatype": "Data",
			"indicator": "Red" if full else "Green",
		},
	]
	return cards


def _share(part: float, whole: float) -> str:
	return f"{100 * part / whole:.0f} %" if whole else _("no data")
