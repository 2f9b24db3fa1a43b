"""Workstations on ERPNext: what there is, when it is open, what a change costs, what maintenance is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import frappe
import pandas as pd

from sentia_ops.store.site_sql import SiteContext, query

DAY = timedelta(days=1)
PAST = DAY  # exceptions that ended before are of no use
EARLY_DAYS = 7  # maintenance may be done that long before it is due
END_OF_DAY = timedelta(hours=23, minutes=59)  # a Time field cannot hold 24:00


def workstations(ctx: SiteContext) -> pd.DataFrame:
	"""A tool without working hours is always there; a machine, people or an inspector without any are not."""
	rows = query(
		"""select w.name workstation, coalesce(nullif(w.sentia_kind, ''), 'machine') kind, w.workstation_type,
			greatest(coalesce(w.production_capacity, 1), 1) capacity, w.sentia_batch batch, w.hour_rate hourly_cost,
			w.sentia_initial_family initial_family,
			(w.sentia_always_open = 1 or w.sentia_kind = 'tool' and not exists(
				select 1 from `tabWorkstation Working Hour` h where h.parent = w.name and h.enabled = 1)) always_open
		from `tabWorkstation` w order by w.name""",
		{},
	)
	rows["hourly_cost"] = rows["hourly_cost"].clip(lower=0)
	last = last_families()
	rows["initial_family"] = [
		given or last.get(name, "")
		for name, given in zip(rows["workstation"], rows["initial_family"], strict=True)
	]
	return rows


def last_families() -> dict[str, str]:
	"""Workstation -> setup family of the operation that was started there last."""
	rows = frappe.db.sql(
		"""select c.workstation, o.family from `tabProduction Job Operation` o
		join `tabJob Card` c on c.name = o.job_card
		where o.started_at is not null and coalesce(o.family, '') != '' order by o.started_at"""
	)
	return dict(rows)


def shifts(ctx: SiteContext) -> pd.DataFrame:
	"""Enabled working hours, on every weekday: ERPNext knows days off by holiday lists alone."""
	rows = query(
		"""select parent workstation, start_time, end_time from `tabWorkstation Working Hour`
		where parenttype = 'Workstation' and enabled = 1 and start_time is not null and end_time is not null
		order by parent, start_time, end_time""",
		{},
	)
	rows["from_time"] = [_clock(value) for value in rows["start_time"]]
	rows["to_time"] = ["24:00" if value >= END_OF_DAY else _clock(value) for value in rows["end_time"]]
	rows = rows.drop(columns=["start_time", "end_time"]).drop_duplicates()
	return rows.merge(pd.DataFrame({"weekday": range(7)}), how="cross")


def _clock(value: timedelta) -> str:
	minutes = int(value.total_seconds() // 60)
	return f"{minutes // 60:02d}:{minutes % 60:02d}"


# exceptions


def calendar_exceptions(ctx: SiteContext) -> pd.DataFrame:
	"""Holidays, Downtime Entries, and the overtime and closures that planners entered."""
	first = frappe.utils.now_datetime() - PAST
	last = first + PAST + DAY * (horizon_days() + 1)
	parts = [_holidays(ctx, first, last), _downtimes(ctx, first, last), _by_hand(first, last)]
	rows = pd.concat(parts, ignore_index=True)
	return rows.drop_duplicates(["workstation", "starts_at", "ends_at", "open"])


def horizon_days() -> int:
	return frappe.get_cached_doc("Sentia Settings").schedule_horizon_days or 60


def _holidays(ctx: SiteContext, first: datetime, last: datetime) -> pd.DataFrame:
	"""Days of the workstation's holiday list; one that ends within the horizon is told."""
	if frappe.db.get_single_value("Manufacturing Settings", "allow_production_on_holidays"):
		return _exceptions([])
	days = {"first": first.date(), "last": last.date()}
	for name, ends, stations in frappe.db.sql(
		"""select l.name, l.to_date, count(*) from `tabWorkstation` w join `tabHoliday List` l on l.name = w.holiday_list
		where l.to_date < %(last)s group by l.name, l.to_date order by l.name""",
		days,
	):
		ctx.warn(
			f"Holiday List {name} of {stations} workstations ends on {ends}: no day after it counts as a holiday. Extend it."
		)
	rows = frappe.db.sql(
		"""select w.name, h.holiday_date, h.description from `tabWorkstation` w
		join `tabHoliday` h on h.parent = w.holiday_list and h.parenttype = 'Holiday List'
		where h.holiday_date between %(first)s and %(last)s order by w.name, h.holiday_date""",
		days,
	)
	text = frappe.utils.strip_html
	midnight = datetime.min.time()
	return _exceptions(
		[
			(
				name,
				datetime.combine(day, midnight),
				datetime.combine(day + DAY, midnight),
				text(why or "") or "holiday",
			)
			for name, day, why in rows
		]
	)


def _downtimes(ctx: SiteContext, first: datetime, last: datetime) -> pd.DataFrame:
	rows = frappe.db.sql(
		"""select name, workstation, from_time, to_time, stop_reason from `tabDowntime Entry`
		where docstatus < 2 and workstation is not null and to_time > %(first)s and from_time < %(last)s
		order by workstation, from_time""",
		{"first": first, "last": last},
		as_dict=True,
	)
	wrong = [row for row in rows if row.to_time <= row.from_time]
	ctx.refuse("downtime entries that end before they begin", len(wrong))
	found = [row for row in rows if row.to_time > row.from_time]
	return _exceptions(
		[(r.workstation, r.from_time, r.to_time, f"{r.stop_reason or 'Down'} ({r.name})") for r in found]
	)


def _by_hand(first: datetime, last: datetime) -> pd.DataFrame:
	rows = frappe.db.sql(
		"""select workstation, starts_at, ends_at, coalesce(nullif(reason, ''), kind), kind = 'overtime'
		from `tabWorkstation Exception` where ends_at > %(first)s and starts_at < %(last)s and ends_at > starts_at
		order by workstation, starts_at""",
		{"first": first, "last": last},
	)
	return _exceptions([row[:4] for row in rows], [bool(row[4]) for row in rows])


def _exceptions(rows: list[tuple], opened: list[bool] | None = None) -> pd.DataFrame:
	found = pd.DataFrame(rows, columns=["workstation", "starts_at", "ends_at", "reason"])
	for column in ("starts_at", "ends_at"):
		found[column] = pd.to_datetime(found[column])
	return found.assign(open=pd.Series(opened or [False] * len(rows), dtype=bool))


# setups and maintenance


def setups(ctx: SiteContext) -> pd.DataFrame:
	rows = query(
		"""select workstation, from_family, to_family, minutes from `tabSetup Time`
		where coalesce(to_family, '') != '' order by workstation, from_family, to_family, creation""",
		{},
	)
	for column in ("workstation", "from_family"):
		rows[column] = rows[column].fillna("")
	return rows.drop_duplicates(["workstation", "from_family", "to_family"], keep="last")


def maintenance(ctx: SiteContext) -> pd.DataFrame:
	"""Tasks of Asset Maintenance, where the asset names its workstation and the task how long that stands still.

	They may be done up to EARLY_DAYS before they are due and should be done by the end of that day.
	"""
	today = frappe.utils.getdate()
	rows = frappe.db.sql(
		"""select t.name, a.sentia_workstation, t.sentia_minutes, t.next_due_date, t.maintenance_task, a.asset_name
		from `tabAsset Maintenance Task` t
		join `tabAsset Maintenance` m on m.name = t.parent and t.parenttype = 'Asset Maintenance'
		join `tabAsset` a on a.name = m.asset_name and a.docstatus < 2
		join `tabWorkstation` w on w.name = a.sentia_workstation
		where t.sentia_minutes > 0 and t.next_due_date <= %(last)s and coalesce(t.maintenance_status, '') != 'Cancelled'
		order by t.next_due_date, t.name""",
		{"last": today + DAY * horizon_days()},
		as_dict=True,
	)
	return pd.DataFrame([_task(row, today) for row in rows], columns=list(_TASK))


_TASK = ("maintenance", "workstation", "minutes", "earliest", "latest", "reason")


def _task(row: Any, today) -> tuple:
	earliest = max(today, row.next_due_date - DAY * EARLY_DAYS)
	reason = f"{row.maintenance_task} of {row.asset_name}"
	latest = pd.Timestamp(row.next_due_date) + DAY
	return row.name, row.sentia_workstation, row.sentia_minutes, pd.Timestamp(earliest), latest, reason
