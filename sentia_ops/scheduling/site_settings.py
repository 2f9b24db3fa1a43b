"""Sentia Settings as the scheduling flow wants them."""

from __future__ import annotations

import frappe

from sentia_ops.errors import SentiaError
from sentia_ops.scheduling.engine.settings import ScheduleSettings, read_objective


def schedule_settings(doc=None) -> ScheduleSettings:
	"""The planner's settings, and the site's clock.

	Args:
	    doc: Sentia Settings; default: as they are saved.

	Raises:
	    SentiaError: a setting makes no sense.
	"""
	doc = doc or frappe.get_cached_doc("Sentia Settings")
	try:
		settings = ScheduleSettings(
			objective=read_objective(doc.schedule_aims or "tardiness=1, makespan=0.01"),
			horizon_days=doc.schedule_horizon_days or 0,
			freeze_hours=doc.schedule_freeze_hours or 0,
			time_limit=doc.schedule_time_limit or 0,
			workers=doc.schedule_workers or 0,
			stability=doc.schedule_stability or 0,
			time_zone=frappe.utils.get_system_timezone(),
		)
		settings.check()
	except ValueError as error:
		raise SentiaError(f"Sentia Settings, scheduling: {error}.", "Correct it and plan again.") from error
	return settings
