"""Production Jobs on ERPNext as tables: what is still to do, on which workstations, with which materials."""

from __future__ import annotations

import json
from datetime import datetime

import frappe
import pandas as pd

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.site_hours import Hours
from sentia_ops.store.site_sql import SiteContext, query

OPEN = """j.status not in ('completed', 'cancelled') and j.closed = 0
	and (j.company is null or j.company in %(companies)s)"""
LEAST_MINUTES = 1.0  # what is left of an operation that takes longer than planned


def jobs(ctx: SiteContext) -> pd.DataFrame:
	"""Open jobs. When their materials are there is worked out from stock and orders by the flow."""
	rows = query(
		f"""select j.name job, j.item_code, j.qty, cast(j.priority as int) priority, j.release_at, j.due_at, j.status,
			j.work_order, j.sales_order, j.customer, coalesce(j.warehouse, h.source_warehouse) warehouse
		from `tabProduction Job` j left join `tabWork Order` h on h.name = j.work_order
		where {OPEN} order by j.name""",
		ctx.params,
	)
	rows["priority"] = rows["priority"].where(rows["priority"].between(1, 5), 3)
	return rows


def job_materials(ctx: SiteContext) -> pd.DataFrame:
	"""What Work Orders still have to take out of their warehouses, and the first step that uses it."""
	taken = "if(h.skip_transfer = 1, l.consumed_qty, l.transferred_qty - l.returned_qty)"
	rows = query(
		f"""select j.name job, l.item_code, sum(l.required_qty - {taken}) qty,
			coalesce(l.source_warehouse, h.source_warehouse, j.warehouse, '') warehouse,
			min(o.step) step
		from `tabProduction Job` j join `tabWork Order` h on h.name = j.work_order and h.docstatus = 1
		join `tabWork Order Item` l on l.parent = h.name
		join `tabItem` i on i.name = l.item_code and i.is_stock_item = 1
		left join `tabProduction Job Operation` o on o.parent = j.name and o.kind = 'work' and o.operation = l.operation
		where {OPEN} and l.required_qty - {taken} > 0.000001
		group by j.name, l.item_code, coalesce(l.source_warehouse, h.source_warehouse, j.warehouse, '')
		order by j.name, l.item_code""",
		ctx.params,
	)
	rows["step"] = rows["step"].astype("Int64")
	return rows


# operations


def operations(ctx: SiteContext) -> pd.DataFrame:
	"""Steps of open jobs. What a Job Card says about start and end holds, whatever the job's own row says."""
	rows = _steps(ctx)
	rows["after"] = [_after(text) for text in rows["after"].fillna("")]
	rows["max_wait"] = rows["max_wait"].where(rows["max_wait"] > 0).astype("Int64")
	rows["rework_share"] = rows["rework_share"].clip(0, 99).fillna(0) / 100
	started = rows["status"] == "started"
	pinned = (rows["status"] == "pending") & rows["pinned_start"].notna() & rows["pinned_workstation"].notna()
	now = frappe.utils.now_datetime()
	rows["fixed_why"] = ""
	rows.loc[pinned, "fixed_why"] = "pinned"
	rows.loc[started, "fixed_why"] = "started"
	rows["fixed_workstation"] = rows["pinned_workstation"].where(pinned, "")
	rows["fixed_workstation"] = rows["fixed_workstation"].where(~started, rows["card_workstation"])
	rows["fixed_start"] = pd.to_datetime(rows["pinned_start"].where(pinned))
	rows.loc[started, "fixed_start"] = pd.to_datetime(rows.loc[started, "started_at"].fillna(now))
	done = rows["status"] == "done"
	ended = pd.to_datetime(rows["ended"].fillna(rows["ended_at"]))
	rows["fixed_end"] = _ends(ctx, rows, now).where(~done, ended)
	return rows


def _ends(ctx: SiteContext, rows: pd.DataFrame, now: datetime) -> pd.Series:
	"""When what is under way or pinned ends in its workstation's hours: from now on what is left, of a pin all of it."""
	fixed = rows[(rows["fixed_why"] != "") & (rows["fixed_workstation"] != "")]
	ends = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
	if fixed.empty:
		return ends
	hours = Hours(ctx, min(now, fixed["fixed_start"].min()))
	speeds = dict(
		frappe.db.sql(
			"select name, if(coalesce(sentia_speed, 0) > 0, sentia_speed, 100) from `tabWorkstation`"
		)
	)
	for row in fixed.itertuples():
		started = row.fixed_why == "started"
		left = max(row.minutes - row.minutes_done, LEAST_MINUTES) if started else row.minutes
		begin = max(now, row.fixed_start) if started else row.fixed_start
		minutes = left * 100 / speeds.get(row.fixed_workstation, 100)
		# what has begun goes on after a break; whether it may pause is asked of what has not
		ends[row.Index] = hours.end(row.fixed_workstation, begin, minutes, started or bool(row.splittable))
	return ends.dt.ceil("min")


def operation_modes(ctx: SiteContext) -> pd.DataFrame:
	"""Where each step can be done: its workstation, or every one of its type; started and pinned ones where they are."""
	rows = _steps(ctx)
	rows = rows[rows["status"] != "done"]
	stations = query(
		"""select name workstation, coalesce(workstation_type, '') workstation_type,
			if(coalesce(sentia_speed, 0) > 0, sentia_speed, 100) speed from `tabWorkstation` order by name""",
		{},
	)
	speed = dict(zip(stations["workstation"], stations["speed"], strict=True))
	of_type = stations.groupby("workstation_type")["workstation"].apply(list).to_dict()
	found = []
	for row in rows.itertuples():
		needs = needs_of(row.operators, row.operator_count, row.tool)
		left = row.minutes if row.status == "pending" else max(row.minutes - row.minutes_done, LEAST_MINUTES)
		for name in _places(row, of_type):
			found.append((row.job, row.step, name, left * 100 / speed.get(name, 100), needs))
	return pd.DataFrame(found, columns=["job", "step", "workstation", "minutes", "needs"])


def _places(row, of_type: dict[str, list[str]]) -> list[str]:
	if row.status == "started":
		return [row.card_workstation] if row.card_workstation else []
	places = of_type.get(row.workstation_type, []) if row.workstation_type else []
	places = places or [name for name in (row.workstation,) if name]
	if row.pinned_workstation and row.pinned_workstation not in places:
		places = [*places, row.pinned_workstation]
	return places


def needs_of(operators: str, count: int, tool: str) -> str:
	"""People and tools beside the machine, as OperationModes.needs has them."""
	needs = {operators: max(int(count or 1), 1)} if operators else {}
	if tool:
		needs[tool] = needs.get(tool, 0) + 1
	return json.dumps(needs) if needs else ""


def _after(text: str) -> str:
	"""What a planner types ("1, 2"; "0": none) as Operations.after has it; what cannot be read becomes a cycle of its own."""
	steps = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
	if not steps:
		return ""
	return json.dumps([int(step) for step in steps if step.isdigit() and step != "0"])


def _steps(ctx: SiteContext) -> pd.DataFrame:
	"""Rows of Production Job Operation of open jobs with their Job Card's state and minutes done."""
	rows = query(
		f"""select j.name job, o.step, o.operation, o.kind, o.after, o.min_wait, o.max_wait, o.family, o.batch_key,
			o.splittable, o.rework_share, o.workstation, o.workstation_type, o.minutes, o.operators, o.operator_count, o.tool,
			o.pinned_workstation, o.pinned_start, c.name job_card, o.status row_status, o.started_at row_started, o.ended_at,
			c.docstatus, coalesce(c.workstation, o.scheduled_workstation, o.workstation) card_workstation, c.total_time_in_mins,
			l.started, l.running_since, l.ended
		from `tabProduction Job` j join `tabProduction Job Operation` o on o.parent = j.name
		left join `tabJob Card` c on c.name = o.job_card and o.kind != 'inspection'
		left join (
			select t.parent, min(t.from_time) started, max(if(t.to_time is null, t.from_time, null)) running_since,
				max(t.to_time) ended
			from `tabJob Card Time Log` t where t.parentfield = 'time_logs' and t.from_time is not null group by t.parent
		) l on l.parent = c.name
		where {OPEN} order by j.name, o.step, o.idx""",
		ctx.params,
	)
	twice = rows.duplicated(["job", "step"])
	ctx.refuse("steps of jobs whose number stands there twice", int(twice.sum()))
	rows = rows[~twice].reset_index(drop=True)
	for column in ("operation", "workstation", "workstation_type", "operators", "tool", "card_workstation"):
		rows[column] = rows[column].fillna("")
	has_card = rows["docstatus"].notna()
	by_card = pd.Series("pending", index=rows.index)
	by_card = by_card.mask(rows["started"].notna(), "started").mask(rows["docstatus"] == 1, "done")
	rows["status"] = rows["row_status"].fillna("pending").mask(has_card, by_card)
	rows["started_at"] = rows["started"].where(has_card, rows["row_started"])
	rows["minutes_done"] = _minutes_done(rows)
	return rows


def _minutes_done(rows: pd.DataFrame) -> pd.Series:
	now = frappe.utils.now_datetime()
	running = pd.to_datetime(rows["running_since"].where(rows["docstatus"].notna(), rows["row_started"]))
	since = (pd.Timestamp(now) - running).dt.total_seconds().fillna(0).clip(lower=0) / 60
	return rows["total_time_in_mins"].astype(float).fillna(0) + since


READERS = {
	f.JOBS.name: jobs,
	f.JOB_MATERIALS.name: job_materials,
	f.OPERATIONS.name: operations,
	f.OPERATION_MODES.name: operation_modes,
}
