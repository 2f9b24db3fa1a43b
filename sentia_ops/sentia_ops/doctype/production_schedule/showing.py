"""Answers to those who look at the board: a schedule, what a change would do, a promise date."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import frappe
import pandas as pd

from sentia_ops.permissions import MANAGER
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.board import elsewhere, payload
from sentia_ops.scheduling.flow import promise
from sentia_ops.scheduling.site_settings import schedule_settings
from sentia_ops.scheduling.what_if import what_if
from sentia_ops.sentia_ops.doctype.production_schedule.running import DOCTYPE, local_now
from sentia_ops.store.site import SiteStore

STATIONS = (f.WORKSTATIONS, f.SHIFTS, f.CALENDAR_EXCEPTIONS)
RESULTS = (f.SCHEDULES, f.SCHEDULED_OPERATIONS, f.SCHEDULED_JOBS, f.UNPLACED_OPERATIONS, f.STATION_LOADS)
HEADS = ["name", "status", "made_at", "summary", "outdated", "published_on", "published_by"]


def board_of(schedule: str | None) -> dict[str, Any]:
	"""The payload of the board, see `api.schedules.board`."""
	heads = frappe.get_all(
		DOCTYPE, {"status": ["in", ["Published", "Draft"]]}, HEADS, order_by="status desc, made_at desc"
	)
	name = schedule or (heads[0].name if heads else None)
	store = SiteStore()
	frames = {frame.name: store.read(frame) for frame in STATIONS}
	for frame in RESULTS:
		frames[frame.name] = store.read(frame, schedule=name) if name else frame.empty()
	found = payload(frames)
	return {
		**found,
		"schedules": heads,
		"outdated": (frappe.db.get_value(DOCTYPE, name, "outdated") or "") if name else "",
		"may": {
			"edit": bool(frappe.has_permission("Production Job", "write")),
			"publish": MANAGER in frappe.get_roles(),
		},
		"now": local_now().strftime("%Y-%m-%dT%H:%M"),
	}


def asked(changes: list[dict[str, Any]], seconds: float, base: str = "") -> dict[str, Any]:
	"""What the changes would do, see `api.schedules.what_if`.

	Args:
	    base: a schedule that stays as it is, but for what the changes push aside.
	"""
	store = SiteStore()
	settings = schedule_settings()
	settings = replace(settings, time_limit=min(seconds, settings.time_limit))
	# from the schedule's own start on: what should have begun since does not count as moved
	now = pd.Timestamp(frappe.db.get_value(DOCTYPE, base, "from_at")) if base else local_now()
	before, after, difference = what_if(store, changes, settings, now, base=base, settle=bool(base))
	stations = {frame.name: store.read(frame) for frame in STATIONS}
	return {
		**difference.as_data(),
		"after": payload({**stations, **_complete(after)}),
		"before": elsewhere(before, after),
	}


def _complete(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
	"""Rows that were never written, with every column of their table."""
	frames = {frame.name: frame for frame in RESULTS}
	return {
		name: frames[name].validate(rows.assign(run="")) if len(rows) else frames[name].empty()
		for name, rows in tables.items()
	}


def promised(item_code: str, qty: float) -> dict[str, Any]:
	"""See `api.schedules.promise`."""
	found = promise(SiteStore(), item_code, qty, schedule_settings(), local_now())
	at = None if found.at is None or pd.isna(found.at) else found.at.strftime("%Y-%m-%d %H:%M:%S")
	return {**asdict(found), "at": at}
