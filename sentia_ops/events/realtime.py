"""Realtime messages, always to a user or to a document: without either, Frappe sends them to every desk user."""

from __future__ import annotations

from typing import Any

import frappe

RUN = "sentia_run"  # {run, flow, status, progress (0 to 100), text}
SCHEDULE = "sentia_schedule"  # {schedule, status (Draft, Published, Superseded, outdated), text}


def publish(
	topic: str,
	message: dict[str, Any],
	*,
	user: str | None = None,
	document: tuple[str, str] | None = None,
	after_commit: bool = True,
) -> None:
	"""Send ids and a status; the client fetches what it needs.

	Args:
	    user: whoever started it. "Guest" and an empty name get nothing.
	    document: (doctype, name): everyone who has it open and may read it.
	    after_commit: False only for progress, which must not wait for the end of the work it tells about.
	"""
	if user and user != "Guest":
		frappe.publish_realtime(topic, message, user=user, after_commit=after_commit)
	if document:
		doctype, name = document
		frappe.publish_realtime(topic, message, doctype=doctype, docname=name, after_commit=after_commit)
