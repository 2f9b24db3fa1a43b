"""Running a Planning Scenario on its site: both plans on overlays, the result onto the document."""

from __future__ import annotations

import json
import time
from typing import Any

import frappe

from sentia_ops.errors import SentiaError
from sentia_ops.events.realtime import publish
from sentia_ops.scenarios.flow import Outcome, company_currency, names_in, what_if
from sentia_ops.scenarios.frames import ORDER_DIFFERENCES
from sentia_ops.scenarios.site import changes_of, keep_tables, nested_groups
from sentia_ops.scenarios.telling import as_data
from sentia_ops.store.base import Progress, Run
from sentia_ops.store.site import SiteStore

DOCTYPE = "Planning Scenario"
TOPIC = "sentia_scenario"  # {scenario, status, progress (0 to 100), text}
SHOWN = 200  # changed orders kept for the form; all of them are in Scenario Result
PROGRESS_EVERY = 0.5  # seconds between two progress messages
PROGRESS_KEPT = 3600
UNEXPECTED = "Something unexpected happened; the details are in the Error Log."


def begin(name: str) -> None:
	"""Mark as running and commit, so that everybody sees it; the next read sees the site as it is then."""
	_set(name, status="Running", started=frappe.utils.now(), run_by=frappe.session.user, error=None)
	_tell(name, "Running", 0, "Waiting for a worker")
	frappe.db.commit()  # nosemgrep: the worker must find it


def run(name: str, settings) -> None:
	"""Run the scenario in this process and keep what it answers. A failure that is not in words is marked here.

	Args:
	    settings: planning rules of the site, `tasks.plan_settings()`.

	Raises:
	    SentiaError: see `scenarios.flow.what_if`.
	"""
	doc = frappe.get_doc(DOCTYPE, name)
	notes = Run("", "scenario", user=frappe.session.user)
	store = SiteStore(notes=notes)
	try:
		names = names_in(store, nested_groups())
		outcome = what_if(store, [changes_of(doc)], settings, names=names, progress=_reporter(name))[0]
		_keep(doc, outcome, notes, company_currency(store))
	except Exception as error:
		frappe.db.rollback()
		if not isinstance(error, SentiaError):
			fail(name, UNEXPECTED)
		raise
	_tell(name, "Ready", 100, "done")
	frappe.db.commit()  # nosemgrep: the end of the job's work


def fail(name: str, error: str) -> None:
	"""Mark as failed and commit."""
	_set(name, status="Failed", error=error)
	_tell(name, "Failed", 100, error)
	frappe.db.commit()  # nosemgrep: the failure stays visible although the job ends


def _keep(doc, outcome: Outcome, notes: Run, currency: str) -> None:
	data = as_data(outcome, SHOWN)
	data["site_warnings"] = notes.warnings
	data["currency"] = currency
	purchase = outcome.difference.measure("purchase")
	keep_tables(doc.name, outcome.tables | {ORDER_DIFFERENCES.name: outcome.difference.orders})
	_set(
		doc.name,
		status="Ready",
		as_of=outcome.as_of,
		base_run=outcome.base_run or None,
		duration=outcome.seconds,
		company_currency=currency,
		cost_now=purchase.now,
		cost_then=purchase.then,
		cost_change=purchase.change,
		orders_changed=len(outcome.difference.orders),
		result=json.dumps(data, ensure_ascii=False, allow_nan=False),
	)


def _set(name: str, **values: Any) -> None:
	frappe.db.set_value(DOCTYPE, name, values)
	frappe.clear_document_cache(DOCTYPE, name)


def _reporter(name: str) -> Progress:
	last = 0.0

	def report(share: float, text: str) -> None:
		nonlocal last
		if time.monotonic() - last >= PROGRESS_EVERY:
			last = time.monotonic()
			_tell(name, "Running", round(share * 100, 1), text, after_commit=False)

	return report


def _tell(name: str, status: str, percent: float, text: str, after_commit: bool = True) -> None:
	message = {"scenario": name, "status": status, "progress": percent, "text": text}
	frappe.cache.set_value(_key(name), message, expires_in_sec=PROGRESS_KEPT)
	publish(TOPIC, message, user=frappe.session.user, document=(DOCTYPE, name), after_commit=after_commit)


def progress_of(name: str) -> dict[str, Any] | None:
	"""The last progress message: scenario, status, progress (percent), text."""
	return frappe.cache.get_value(_key(name), expires=True)


def _key(name: str) -> str:
	return f"sentia_scenario:{name}"
