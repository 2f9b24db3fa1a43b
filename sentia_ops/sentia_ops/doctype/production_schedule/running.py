"""Making a schedule on the site, and telling those who look at the board."""

from __future__ import annotations

import frappe
import pandas as pd

from sentia_ops.errors import SentiaError
from sentia_ops.events.realtime import SCHEDULE, publish
from sentia_ops.scheduling import flow
from sentia_ops.scheduling.site_settings import schedule_settings
from sentia_ops.store import planning_runs
from sentia_ops.store.base import Progress
from sentia_ops.store.site import SiteStore

DOCTYPE = "Production Schedule"


def run_schedule(
	trigger: str, *, run: str | None = None, reason: str = "", progress: Progress | None = None
) -> str:
	"""Make a draft schedule now, in this process; returns its name.

	Args:
	    run: a Planning Run recorded as waiting by `tasks.enqueue_schedule`.
	    reason: why it is made anew.

	Raises:
	    NoDataError: there is no open job. BusyError: another run is under way.
	    SentiaError: a setting makes no sense.
	"""
	try:
		settings = schedule_settings()
	except SentiaError as error:
		if run:
			planning_runs.fail(run, str(error))
			frappe.db.commit()  # nosemgrep: the failure stays visible although the job ends
		raise
	store = SiteStore(run)
	parameters = {"reason": reason, "objective": str(settings.objective), "time_limit": settings.time_limit}
	with store.run("schedule", parameters=parameters, trigger=trigger, progress=progress) as done:
		name = flow.schedule(store, done, settings=settings, now=local_now(), reason=reason)
		tell(name, "Draft", reason)
	return name


def local_now() -> pd.Timestamp:
	return pd.Timestamp(frappe.utils.now_datetime())


def published() -> str | None:
	"""Name of the published schedule."""
	return frappe.db.get_value(DOCTYPE, {"status": "Published"}, order_by="published_on desc")


def tell(schedule: str, status: str, text: str = "") -> None:
	"""To the user, and to everybody who has this schedule or the published one open."""
	message = {"schedule": schedule, "status": status, "text": text}
	for name in {schedule, published() or schedule}:
		publish(SCHEDULE, message, document=(DOCTYPE, name))
	publish(SCHEDULE, message, user=frappe.session.user)
