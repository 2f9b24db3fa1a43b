"""Events of Purchase Order documents that were made from recommendations."""

from frappe import _
from frappe.utils import getdate

from sentia_ops.overrides import recommendations
from sentia_ops.overrides.production import never_in_the_way


def on_update(doc, method=None):
	recommendations.release_removed(doc)


def on_submit(doc, method=None):
	recommendations.mark_ordered(doc)


def on_cancel(doc, method=None):
	recommendations.release(doc, _("{0} was cancelled.").format(doc.name))


def on_trash(doc, method=None):
	recommendations.release(doc, _("{0} was deleted.").format(doc.name))


@never_in_the_way
def on_update_after_submit(doc, method=None):
	"""A line that comes later may be what a production job waits for."""
	from sentia_ops.sentia_ops.doctype.production_schedule.replanning import outdated_by_delivery

	before = doc.get_doc_before_save()
	old = {row.name: row for row in before.items} if before else {}
	for row in doc.items:
		if row.name in old and _day(row) and _day(row) > (_day(old[row.name]) or _day(row)):
			outdated_by_delivery(doc.name, row.item_code, row.warehouse, _day(row))


def _day(row):
	day = row.expected_delivery_date or row.schedule_date
	return getdate(day) if day else None
