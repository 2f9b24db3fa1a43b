"""Publishing a schedule: its times become those of ERPNext's Job Cards and Work Orders, and back.

All of it or nothing, under a lock on the schedules: of two people one wins, and the other is told. What was there
before is kept with the schedule, so that it can be put back as long as nobody has changed it since. Job Cards that are
started or submitted are left alone. Rows are written in bulk: 2,000 saves would take minutes, and a draft Job Card has
nothing that a save would work out but what is written here.
"""

from __future__ import annotations

import json
from typing import Any

import frappe
import pandas as pd
from frappe import _
from frappe.utils import flt, get_datetime, now_datetime

from sentia_ops.permissions import MANAGER
from sentia_ops.scheduling.site_hours import Hours
from sentia_ops.sentia_ops.doctype.production_schedule.running import tell
from sentia_ops.store.base import Run
from sentia_ops.store.site import SiteStore
from sentia_ops.store.site_sql import insert_documents, query, update_documents

DOCTYPE = "Production Schedule"
CARD, LOG, ORDER, ORDER_ROW = "Job Card", "Job Card Scheduled Time", "Work Order", "Work Order Operation"
FIELDS = {  # doctype -> what publishing writes there
	CARD: ("workstation", "expected_start_date", "expected_end_date", "time_required"),
	ORDER: ("planned_start_date", "planned_end_date"),
	ORDER_ROW: ("planned_start_time", "planned_end_time"),
}
NAMED = 5  # documents named in a refusal


def publish(name: str) -> dict[str, Any]:
	"""Write a draft's times into Job Cards and Work Orders; publishing what is published changes nothing.

	Returns:
	    {"schedule", "documents", "left_alone": text, "already"}.

	Raises:
	    frappe.PermissionError: the user is no Operations Manager.
	    frappe.ValidationError: it was superseded, or made before another one was published.
	"""
	_refuse_strangers(_("publish"))
	doc, current = _locked(name)
	if doc.status == "Published":
		return {
			"schedule": name,
			"documents": doc.documents,
			"left_alone": doc.left_alone or "",
			"already": True,
		}
	_refuse_stale(doc, current)
	wanted, left = _wanted(name)
	_lock(wanted)
	before = _state(wanted)
	_write(wanted)
	undo = {"before": before, "after": _state(wanted), "superseded": current.name if current else None}
	if current:
		_set(current.name, status="Superseded")
	count = sum(len(rows) for rows in wanted.values())
	left_alone = _in_words(left)
	_set(
		name,
		status="Published",
		published_by=frappe.session.user,
		published_on=now_datetime(),
		documents=count,
		left_alone=left_alone,
		undo=json.dumps(undo, default=str),
		outdated=None,
		outdated_on=None,
	)
	mark_jobs(name)
	_comment(name, _("Published: {0} documents written. {1}").format(count, left_alone))
	tell(name, "Published")
	return {"schedule": name, "documents": count, "left_alone": left_alone, "already": False}


def revert(name: str) -> dict[str, Any]:
	"""Put back what publishing changed; the schedule is a draft again, and the one before it is the published one.

	Raises:
	    frappe.PermissionError: the user is no Operations Manager.
	    frappe.ValidationError: it is not published, or somebody has changed what it wrote.
	"""
	_refuse_strangers(_("take back"))
	doc, _current = _locked(name)
	if doc.status != "Published":
		frappe.throw(
			_("{0} is {1}: only the published schedule can be taken back.").format(name, _(doc.status))
		)
	undo = json.loads(doc.undo or "{}")
	before, after = undo.get("before", {}), undo.get("after", {})
	_lock(after)
	changed = _changed(after)
	if changed:
		more = f" {_('and {0} more').format(len(changed) - NAMED)}" if len(changed) > NAMED else ""
		frappe.throw(
			_("Changed since {0} was published: {1}{2}. Plan again instead.").format(
				name, ", ".join(changed[:NAMED]), more
			)
		)
	_write(before)
	_set(name, status="Draft", published_by=None, published_on=None, documents=0, left_alone=None, undo=None)
	older = undo.get("superseded")
	older = older if older and frappe.db.exists(DOCTYPE, older) else None
	if older:
		_set(older, status="Published")
	mark_jobs(older)
	count = sum(len(rows) for rows in before.values())
	_comment(name, _("Taken back: {0} documents are as they were before.").format(count))
	tell(name, "Draft")
	return {"schedule": name, "documents": count, "published": older}


# refusals


def _refuse_strangers(what: str) -> None:
	if MANAGER not in frappe.get_roles():
		frappe.throw(_("Only an Operations Manager may {0} a schedule.").format(what), frappe.PermissionError)


def _locked(name: str):
	"""The schedule, and the published one if that is another; both locked until the transaction ends."""
	frappe.db.sql(
		f"select name from `tab{DOCTYPE}` where status != 'Superseded' or name = %s for update", name
	)
	doc = frappe.get_doc(DOCTYPE, name, for_update=True)
	published = frappe.db.sql_list(f"select name from `tab{DOCTYPE}` where status = 'Published' for update")
	others = [one for one in published if one != name]
	return doc, frappe.get_doc(DOCTYPE, others[0]) if others else None


def _refuse_stale(doc, current) -> None:
	if doc.status != "Draft":
		frappe.throw(_("{0} is {1}; only a draft can be published.").format(doc.name, _(doc.status)))
	if current and get_datetime(current.published_on) > get_datetime(doc.made_at):
		frappe.throw(
			_("{0} was published by {1} after {2} was made. Plan again.").format(
				current.name, current.published_by, doc.name
			)
		)


# what is to be written


def _wanted(name: str) -> tuple[dict[str, dict], dict[str, int]]:
	"""Doctype -> document -> new values (and "logs" of Job Cards); reason -> how many Job Cards are left alone."""
	rows = _operations(name)
	open_, left = _sorted_out(rows)
	hours = Hours(SiteStore().context(), open_["starts_at"].min()) if len(open_) else None
	cards = {
		row.job_card: {
			"workstation": row.workstation,
			"expected_start_date": row.starts_at,
			"expected_end_date": row.ends_at,
			"time_required": flt(row.minutes),
			"logs": hours.pieces(row.workstation, row.starts_at, row.ends_at),
		}
		for row in open_.itertuples()
	}
	return {CARD: cards, ORDER: _orders(rows, open_), ORDER_ROW: _order_rows(rows, open_)}, left


def _operations(name: str) -> pd.DataFrame:
	"""The schedule's operations of Work Orders, with their Job Cards as they are now, locked."""
	frappe.db.sql(
		"""select c.name from `tabScheduled Operation` s join `tabJob Card` c on c.name = s.job_card
		where s.schedule = %s order by c.name for update""",
		name,
	)
	return query(
		"""select s.job, s.step, s.kind, s.workstation, s.starts_at, s.ends_at, s.minutes, c.name job_card, j.work_order,
			o.work_order_operation, coalesce(c.docstatus, 0) docstatus, h.docstatus order_docstatus, h.status order_status,
			h.actual_start_date order_start,
			exists(select 1 from `tabJob Card Time Log` l where l.parent = c.name and l.parentfield = 'time_logs') started
		from `tabScheduled Operation` s join `tabProduction Job` j on j.name = s.job and coalesce(j.work_order, '') != ''
		join `tabWork Order` h on h.name = j.work_order
		left join `tabProduction Job Operation` o on o.parent = s.job and o.step = s.step
		left join `tabJob Card` c on c.name = s.job_card
		where s.schedule = %(name)s order by s.job, s.step""",
		{"name": name},
	)


def _sorted_out(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
	cards = rows[rows["job_card"].notna() & rows["kind"].isin(["work", "rework"])]
	submitted, started = cards["docstatus"] != 0, cards["started"] == 1
	stopped = (cards["order_docstatus"] != 1) | cards["order_status"].isin(["Stopped", "Closed", "Completed"])
	left = {
		_("submitted"): int(submitted.sum()),
		_("started"): int((started & ~submitted).sum()),
		_("of a Work Order that was stopped"): int((stopped & ~submitted & ~started).sum()),
	}
	return cards[~submitted & ~started & ~stopped], {reason: n for reason, n in left.items() if n}


def _orders(rows: pd.DataFrame, open_: pd.DataFrame) -> dict[str, dict]:
	"""Work Order -> planned dates; the start of one that has begun stays."""
	found = {}
	begun = set(rows.loc[(rows["started"] == 1) | rows["order_start"].notna(), "work_order"])
	for name, mine in rows[rows["work_order"].isin(open_["work_order"])].groupby("work_order"):
		found[name] = {"planned_end_date": mine["ends_at"].max().to_pydatetime()}
		if name not in begun:
			found[name]["planned_start_date"] = mine["starts_at"].min().to_pydatetime()
	return found


def _order_rows(rows: pd.DataFrame, open_: pd.DataFrame) -> dict[str, dict]:
	"""Row of a Work Order's operations -> planned times, over all its Job Cards."""
	work = rows[rows["kind"].isin(["work"]) & rows["work_order_operation"].notna()]
	work = work[work["work_order_operation"].isin(open_["work_order_operation"])]
	return {
		name: {
			"planned_start_time": mine["starts_at"].min().to_pydatetime(),
			"planned_end_time": mine["ends_at"].max().to_pydatetime(),
		}
		for name, mine in work.groupby("work_order_operation")
	}


# reading and writing


def _lock(documents: dict[str, dict]) -> None:
	for doctype, named in documents.items():
		frappe.db.sql(
			f"select name from `tab{doctype}` where name in %(names)s order by name for update",
			{"names": list(named) or [""]},
		)


def _state(wanted: dict[str, dict]) -> dict[str, dict]:
	"""The documents as they are now, in the shape of `_wanted`."""
	found = {}
	for doctype, documents in wanted.items():
		rows = frappe.get_all(
			doctype,
			{"name": ["in", list(documents) or [""]]},
			["name", *FIELDS[doctype]],
			limit_page_length=0,
		)
		found[doctype] = {row.pop("name"): dict(row) for row in rows}
	logs = _logs(list(wanted[CARD]))
	for name, values in found[CARD].items():
		values["logs"] = logs.get(name, [])
	return found


def _logs(cards: list[str]) -> dict[str, list]:
	rows = frappe.db.sql(
		f"""select parent, from_time, to_time, time_in_mins from `tab{LOG}`
		where parent in %(cards)s and parentfield = 'scheduled_time_logs' order by parent, idx""",
		{"cards": cards or [""]},
	)
	found: dict[str, list] = {}
	for parent, start, end, minutes in rows:
		found.setdefault(parent, []).append([start, end, flt(minutes)])
	return found


def _write(wanted: dict[str, dict]) -> None:
	run = Run("", "publish", user=frappe.session.user)
	for doctype, documents in wanted.items():
		by_fields: dict[tuple, list] = {}
		for name, values in documents.items():
			values = {field: value for field, value in values.items() if field != "logs"}
			by_fields.setdefault(tuple(values), []).append({"name": name, **values})
		for rows in by_fields.values():
			update_documents(doctype, _times(pd.DataFrame(rows)), run)
			for row in rows:
				frappe.clear_document_cache(doctype, row["name"])
	_write_logs(wanted[CARD], run)


def _write_logs(cards: dict[str, dict], run: Run) -> None:
	frappe.db.delete(LOG, {"parent": ["in", list(cards) or [""]], "parentfield": "scheduled_time_logs"})
	rows = [
		{
			"name": frappe.generate_hash(length=10),
			"parent": card,
			"parenttype": CARD,
			"parentfield": "scheduled_time_logs",
			"idx": idx,
			"from_time": start,
			"to_time": end,
			"time_in_mins": flt(minutes),
		}
		for card, values in cards.items()
		for idx, (start, end, minutes) in enumerate(values["logs"], 1)
	]
	if rows:
		insert_documents(LOG, _times(pd.DataFrame(rows)), run)


def _times(rows: pd.DataFrame) -> pd.DataFrame:
	"""Times that come from JSON, or are missing, as the bulk writer takes them."""
	for column in rows.columns:
		if column.endswith(("_date", "_time")):
			rows[column] = pd.to_datetime([get_datetime(value) if value else None for value in rows[column]])
	return rows


def _changed(after: dict[str, dict]) -> list[str]:
	"""Documents that are no longer as publishing left them, with the reason in words."""
	now = json.loads(json.dumps(_state(after), default=str))
	cards = list(after.get(CARD, {})) or [""]
	started = set(
		frappe.db.sql_list(
			"""select distinct parent from `tabJob Card Time Log` where parentfield = 'time_logs' and parent in %(cards)s
			union select name from `tabJob Card` where docstatus != 0 and name in %(cards)s""",
			{"cards": cards},
		)
	)
	found = []
	for doctype, documents in after.items():
		for name, values in documents.items():
			if doctype == CARD and name in started:
				found.append(_("{0} (started)").format(name))
			elif name not in now[doctype]:
				found.append(_("{0} (deleted)").format(name))
			elif now[doctype][name] != values:
				found.append(name)
	return found


# jobs, and who is told


def mark_jobs(schedule: str | None) -> None:
	"""Write the published schedule's times into the open Production Jobs and their steps; None: there is none."""
	values = {"schedule": schedule or ""}
	frappe.db.sql(
		"""update `tabProduction Job` j left join `tabProduction Schedule Job` s on s.job = j.name and s.schedule = %(schedule)s
		set j.schedule = s.schedule, j.scheduled_start = s.starts_at, j.scheduled_end = s.ends_at,
			j.tardiness = coalesce(s.tardiness, 0), j.summary = s.summary,
			j.status = case when j.status not in ('pending', 'scheduled') then j.status
				when s.name is null then 'pending' else 'scheduled' end
		where j.status not in ('completed', 'cancelled')""",
		values,
	)
	frappe.db.sql(
		"""update `tabProduction Job Operation` o join `tabProduction Job` j on j.name = o.parent
		left join `tabScheduled Operation` s on s.job = o.parent and s.step = o.step and s.kind = o.kind
			and s.schedule = %(schedule)s
		set o.scheduled_workstation = s.workstation, o.scheduled_start = s.starts_at, o.scheduled_end = s.ends_at
		where j.status not in ('completed', 'cancelled') and o.status = 'pending'""",
		values,
	)


def _in_words(left: dict[str, int]) -> str:
	if not left:
		return ""
	return _("Left alone: {0}.").format(
		", ".join(_("{0} Job Cards {1}").format(n, why) for why, n in left.items())
	)


def _set(name: str, **values: Any) -> None:
	frappe.db.set_value(DOCTYPE, name, values)
	frappe.clear_document_cache(DOCTYPE, name)


def _comment(name: str, text: str) -> None:
	frappe.get_doc(DOCTYPE, name).add_comment("Info", text.strip())
