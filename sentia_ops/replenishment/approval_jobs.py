"""Approving more than a request can wait for: a background job, order by order, with progress and a result that stays."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

import frappe
from frappe import _
from frappe.utils import escape_html
from frappe.utils.background_jobs import enqueue

from sentia_ops.events.realtime import publish
from sentia_ops.replenishment.approval import DOCTYPE, approve_many
from sentia_ops.replenishment.grouping import key

AT_ONCE = 50  # a draft order of 50 lines takes about a second
KEPT_SECONDS = 24 * 60 * 60
SECONDS_A_LINE = 2
TOPIC = "sentia_approval"  # {job, progress (0 to 100), done}
FIELDS = ["name", "action", "supplier", "company", "currency", "warehouse", "from_warehouse"]


def enqueue_approval(names: list[str]) -> str:
	"""Queue the approval of `names` by the session's user; returns the job, the same while it is under way."""
	user = frappe.session.user
	job = hashlib.sha256("|".join([user, *sorted(names)]).encode()).hexdigest()[:16]
	_keep(job, {"user": user, "progress": 0, "done": False, "results": []})
	enqueue(
		"sentia_ops.replenishment.approval_jobs.approve_job",
		queue="long",
		timeout=600 + SECONDS_A_LINE * len(names),
		job_id=f"{TOPIC}_{job}",
		deduplicate=True,
		names=names,
		job=job,
	)
	return job


def approve_job(names: list[str], job: str) -> None:
	"""Commits after each group; when it is started again after a crash, what is approved already is found so."""
	results: list[dict[str, Any]] = []
	alike = _groups(names)
	for group in alike:
		results += approve_many(group)
		frappe.db.commit()  # nosemgrep: exactly once, order by order
		_progress(job, 100 * len(results) / len(names), results)
	_notify(results)
	frappe.db.commit()  # nosemgrep: the notification
	_progress(job, 100, results, done=True)


def progress_of(job: str) -> dict[str, Any] | None:
	"""{"progress" (percent), "done", "results"} for the user who started it."""
	found = frappe.cache.get_value(f"{TOPIC}:{job}", expires=True)
	if not found or found["user"] != frappe.session.user:
		return None
	return {name: found[name] for name in ("progress", "done", "results")}


def _groups(names: list[str]) -> list[list[str]]:
	"""As they will share documents; names that are not there at the end."""
	rows = frappe.get_all(DOCTYPE, {"name": ("in", names)}, FIELDS, order_by="name")
	alike = defaultdict(list)
	for row in rows:
		alike[key(row)].append(row.name)
	missing = sorted(set(names) - {row.name for row in rows})
	return [*alike.values(), *([missing] if missing else [])]


def _progress(job: str, percent: float, results: list[dict], done: bool = False) -> None:
	user = frappe.session.user
	_keep(job, {"user": user, "progress": round(percent), "done": done, "results": results})
	publish(TOPIC, {"job": job, "progress": round(percent), "done": done}, user=user, after_commit=False)


def _keep(job: str, value: dict[str, Any]) -> None:
	frappe.cache.set_value(f"{TOPIC}:{job}", value, expires_in_sec=KEPT_SECONDS)


def _notify(results: list[dict]) -> None:
	"""The result stays readable after the page is closed."""
	refused = [row for row in results if "error" in row]
	orders = {row["document"] for row in results if row.get("document")}
	subject = _("{0} of {1} recommendations approved in {2} draft orders").format(
		len(results) - len(refused), len(results), len(orders)
	)
	lines = "".join(f"<li>{escape_html(row['name'])}: {escape_html(row['error'])}</li>" for row in refused)
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"type": "Alert",
			"for_user": frappe.session.user,
			"document_type": DOCTYPE,
			"subject": subject,
			"email_content": f"<p>{subject}</p><ul>{lines}</ul>",
		}
	).insert(ignore_permissions=True)
