"""Planning Runs: the site's log of runs, each row committed on its own so that a crash stays visible."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import frappe
import pandas as pd

from sentia_ops.store.base import STALE, Run
from sentia_ops.store.frames import RUNS
from sentia_ops.store.site_sql import SiteContext, query, tidy

DOCTYPE = "Planning Run"
JSON_FIELDS = ("rows_in", "rows_out", "refused", "warnings", "parameters", "versions")


def read_runs(ctx: SiteContext) -> pd.DataFrame:
	columns = ", ".join(f"`{column}`" for column in RUNS.columns if column != "run")
	rows = query(f"select name run, {columns} from `tab{DOCTYPE}` order by creation, name", {})
	for column in ("started", "ended"):
		rows[column] = [to_utc(value) for value in pd.to_datetime(rows[column])]
	rows = tidy(RUNS, rows)
	for field in JSON_FIELDS:
		rows[field] = rows[field].where(rows[field] != "", "[]" if field == "warnings" else "{}")
	return rows


def new_run(flow: str, trigger: str, parameters: dict, text: str = "") -> str:
	"""Insert a Planning Run that is about to start, and commit it; returns its name."""
	doc = frappe.new_doc(DOCTYPE)
	doc.update({"flow": flow, "trigger": trigger, "user": frappe.session.user, "status": "Running"})
	doc.update({"started": frappe.utils.now(), "progress_text": text, "parameters": _json(parameters)})
	doc.insert(ignore_permissions=True)  # a log of what was done, not something a user writes
	frappe.db.commit()  # nosemgrep: a crash must leave the record behind
	return doc.name


def start(run: Run) -> None:
	"""Commit that `run` is under way, also where it was recorded as waiting before."""
	_set(
		run.name,
		status="Running",
		started=to_local(run.started),
		progress=0,
		progress_text="",
		error=None,
		**_facts(run),
	)
	frappe.db.commit()  # nosemgrep: see new_run


def finish(run: Run) -> None:
	"""Mark as ended; the caller commits."""
	ended = run.ended or datetime.now(timezone.utc).replace(tzinfo=None)
	done = {"progress": 100, "progress_text": "done"} if run.status == "Completed" else {}
	_set(
		run.name,
		status=run.status,
		ended=to_local(ended),
		duration=run.seconds,
		error=run.error,
		**done,
		**_facts(run),
	)


def fail(name: str, error: str) -> None:
	"""Mark as failed without having run; the caller commits."""
	_set(name, status="Failed", ended=frappe.utils.now(), error=error)


def fail_dead(alive: set[str]) -> list[str]:
	"""Mark every run that still says Running, but for those `alive`, as failed and commit; returns their names."""
	dead = set(frappe.get_all(DOCTYPE, {"status": "Running"}, pluck="name")) - alive
	for name in dead:
		fail(name, STALE)
	frappe.db.commit()  # nosemgrep: see new_run
	return sorted(dead)


def running() -> str | None:
	return (
		frappe.db.get_value(DOCTYPE, {"status": "Running", "progress_text": ["!=", WAITING]}, "name") or None
	)


WAITING = "Waiting for a worker"


def to_utc(local: datetime | None) -> datetime | None:
	"""Frappe keeps times in the site's own zone."""
	if pd.isna(local):
		return None
	return local.replace(tzinfo=_zone()).astimezone(timezone.utc).replace(tzinfo=None)


def to_local(utc: datetime) -> datetime:
	return utc.replace(tzinfo=timezone.utc).astimezone(_zone()).replace(tzinfo=None)


def _zone() -> ZoneInfo:
	return ZoneInfo(frappe.utils.get_system_timezone())


def _facts(run: Run) -> dict[str, str]:
	return {field: _json(getattr(run, field)) for field in JSON_FIELDS}


def _json(value: object) -> str:
	return json.dumps(value, default=str, indent=1)


def _set(name: str, **values) -> None:
	frappe.db.set_value(DOCTYPE, name, values, update_modified=True)
