"""Schedules for site tests: written through the store, as a run writes them."""

from __future__ import annotations

import frappe
import pandas as pd
from frappe.utils import now_datetime
from workshop import cards_of, in_days

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.site_jobs import job_of
from sentia_ops.store.site import SiteStore

NUMBERS = ("value", "bound", "gap", "seconds", "makespan", "tardiness", "weighted_tardiness", "setup_hours")
COUNTS = ("jobs", "operations", "late_jobs", "unplaced")


def at(days: int, clock: str) -> pd.Timestamp:
	"""So many days from today, by the site's clock."""
	return pd.Timestamp(f"{in_days(days)} {clock}")


def head(name: str, **values) -> pd.DataFrame:
	"""The row of a schedule, a draft made now."""
	now = pd.Timestamp(now_datetime()).floor("s")
	row = dict.fromkeys(NUMBERS, 0.0) | dict.fromkeys(COUNTS, 0)
	row |= {"schedule": name, "status": "Draft", "solver_status": "feasible"}
	row |= {"made_at": now, "from_at": now, "until_at": now + pd.Timedelta(days=60)}
	return pd.DataFrame([row | values])


def write_schedule(name: str, orders: list, times: list[list[tuple]], **values) -> str:
	"""A draft of Work Orders.

	Args:
	    times: for each order, for each of its steps: (workstation, days from today, start, end, minutes).
	"""
	rows, jobs = [], []
	for order, steps in zip(orders, times, strict=True):
		job = frappe.get_doc("Production Job", job_of(order.name))
		for row, (station, days, start, end, minutes) in zip(job.operations, steps, strict=True):
			place = {"workstation": station.name, "starts_at": at(days, start), "ends_at": at(days, end)}
			known = {"job": job.name, "step": row.step, "kind": row.kind, "operation": row.operation}
			card = row.job_card if row.kind != "inspection" else ""
			rows.append({"schedule": name, "minutes": minutes, "job_card": card or "", **known, **place})
		mine = [row for row in rows if row["job"] == job.name]
		ends = max(row["ends_at"] for row in mine)
		late = max((ends - pd.Timestamp(job.due_at)).total_seconds() / 3600, 0) if job.due_at else 0.0
		span = {"starts_at": min(row["starts_at"] for row in mine), "ends_at": ends}
		jobs.append(
			{
				"schedule": name,
				"job": job.name,
				"tardiness": late,
				"late": late > 0,
				"summary": "as told",
				**span,
			}
		)
	store = SiteStore()
	scope = {"schedule": [name]}
	store.amend(f.SCHEDULES, head(name, jobs=len(jobs), operations=len(rows), **values), scope=scope)
	if not rows:
		return name
	store.amend(f.SCHEDULED_OPERATIONS, pd.DataFrame(rows), scope=scope)
	store.amend(f.SCHEDULED_JOBS, pd.DataFrame(jobs), scope=scope)
	return name


def as_it_is(order) -> dict:
	"""Everything that publishing may change, of a Work Order and its Job Cards, from the database."""
	doc = frappe.get_doc("Work Order", order.name)
	cards = {
		card.name: (
			card.workstation,
			card.expected_start_date,
			card.expected_end_date,
			card.time_required,
			[(log.from_time, log.to_time, log.time_in_mins) for log in card.scheduled_time_logs],
		)
		for card in cards_of(order)
	}
	rows = [(row.planned_start_time, row.planned_end_time) for row in doc.operations]
	return {"cards": cards, "rows": rows, "order": (doc.planned_start_date, doc.planned_end_date)}
