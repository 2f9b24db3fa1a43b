"""Schedules on ERPNext as documents."""

from __future__ import annotations

import frappe
import pandas as pd

from sentia_ops.scheduling import frames as f
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import (
	SiteContext,
	delete_documents,
	fill_empty,
	insert_documents,
	query,
	read_documents,
	restore_empty,
	row_names,
	tidy,
)

SCHEDULE = "Production Schedule"
PARTS = {  # table -> doctype of its rows
	f.SCHEDULED_OPERATIONS.name: ("Scheduled Operation", f.SCHEDULED_OPERATIONS),
	f.SCHEDULED_JOBS.name: ("Production Schedule Job", f.SCHEDULED_JOBS),
	f.UNPLACED_OPERATIONS.name: ("Unplaced Operation", f.UNPLACED_OPERATIONS),
	f.STATION_LOADS.name: ("Station Load", f.STATION_LOADS),
}


def read_schedules(ctx: SiteContext) -> pd.DataFrame:
	columns = ", ".join(f"`{column}`" for column in f.SCHEDULES.columns if column != "schedule")
	rows = query(f"select name schedule, {columns} from `tab{SCHEDULE}` order by made_at, name", {})
	rows = restore_empty(f.SCHEDULES, tidy(f.SCHEDULES, rows))
	rows["history"] = rows["history"].where(rows["history"] != "", "[]")
	return rows


def write_schedules(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	"""Drafts are replaced; what somebody has published since the run read it stays, with all its rows."""
	names = _replaceable(scope)
	delete_documents(SCHEDULE, {"name": names})
	rows = fill_empty(f.SCHEDULES, rows[~rows["schedule"].isin(_kept(rows))])
	insert_documents(SCHEDULE, rows.rename(columns={"schedule": "name"}), run)


def _replaceable(scope: dict | None) -> list[str]:
	"""Names of the schedules in scope (None: all) that are still drafts, locked and as they are now."""
	filters, values = ("name in %(names)s and", {"names": scope["schedule"] or [""]}) if scope else ("", {})
	return frappe.db.sql_list(
		f"select name from `tab{SCHEDULE}` where {filters} status = 'Draft' order by name for update", values
	)


def _kept(rows: pd.DataFrame) -> list[str]:
	"""Of the schedules that rows belong to, those that are no draft any more."""
	named = rows["schedule"].unique().tolist() or [""]
	return frappe.db.sql_list(
		f"select name from `tab{SCHEDULE}` where name in %(names)s and status != 'Draft' for update",
		{"names": named},
	)


def _reader(name: str):
	doctype, frame = PARTS[name]

	def read(ctx: SiteContext) -> pd.DataFrame:
		rows = read_documents(doctype, frame, ctx)
		for column, empty in (("chain", "[]"), ("remedies", "[]")):
			if column in rows:
				rows[column] = rows[column].where(rows[column] != "", empty)
		return rows

	return read


def _writer(name: str):
	doctype, frame = PARTS[name]

	def write(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
		if scope is None:
			named = frappe.get_all(doctype, distinct=True, pluck="schedule")
		else:
			named = list(scope["schedule"])
		kept = frappe.get_all(
			SCHEDULE, {"name": ["in", named or [""]], "status": ["!=", "Draft"]}, pluck="name"
		)
		delete_documents(doctype, {"schedule": [name for name in named if name not in kept]})
		rows = rows[~rows["schedule"].isin(kept)]
		insert_documents(doctype, fill_empty(frame, rows).assign(name=row_names(rows, frame.key)), run)

	return write


READERS = {f.SCHEDULES.name: read_schedules} | {name: _reader(name) for name in PARTS}
WRITERS = {f.SCHEDULES.name: write_schedules} | {name: _writer(name) for name in PARTS}
