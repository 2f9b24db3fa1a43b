"""Events of Work Order: a Production Job is made of it, and follows it."""

import frappe
from frappe import _

from sentia_ops.overrides.production import never_in_the_way
from sentia_ops.scheduling.site_jobs import DOCTYPE, follow, job_of, make_job


@never_in_the_way
def on_submit(doc, method=None):
	"""Its Job Cards are there by now."""
	if frappe.get_cached_doc("Sentia Settings").make_jobs and doc.operations:
		make_job(doc.name)


@never_in_the_way
def on_change(doc, method=None):
	"""Stopped, closed, resumed, completed: ERPNext sets the status past the document's own save."""
	follow(doc.name)


@never_in_the_way
def on_cancel(doc, method=None):
	from sentia_ops.sentia_ops.doctype.production_schedule.replanning import outdated_by_job

	name = job_of(doc.name)
	if name:
		follow(doc.name)
		outdated_by_job(name, _("{0} was cancelled").format(doc.name))


def on_trash(doc, method=None):
	"""The job of a deleted Work Order goes with it: nothing would tell any more what it was."""
	name = job_of(doc.name)
	if name:
		frappe.delete_doc(DOCTYPE, name, ignore_permissions=True, force=True)
