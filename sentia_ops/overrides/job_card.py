"""Events of Job Card: the Production Job follows, and a slip puts the published schedule out of date."""

import frappe

from sentia_ops.overrides.production import never_in_the_way
from sentia_ops.scheduling.site_jobs import follow


@never_in_the_way
def after_insert(doc, method=None):
	follow(doc.work_order)


@never_in_the_way
def on_update(doc, method=None):
	follow(doc.work_order)
	_outdate(doc)


@never_in_the_way
def on_submit(doc, method=None):
	follow(doc.work_order)
	_outdate(doc)


@never_in_the_way
def on_cancel(doc, method=None):
	follow(doc.work_order)


def on_trash(doc, method=None):
	"""Its links would forbid the deletion; the job is brought up to date when the card is gone."""
	for doctype in ("Production Job Operation", "Scheduled Operation"):
		frappe.db.set_value(doctype, {"job_card": doc.name}, "job_card", None, update_modified=False)


@never_in_the_way
def after_delete(doc, method=None):
	follow(doc.work_order)


def _outdate(doc) -> None:
	from sentia_ops.sentia_ops.doctype.production_schedule.replanning import outdated_by_card

	if doc.time_logs:
		outdated_by_card(doc)
