"""Events of Purchase Order documents that were made from recommendations."""

from frappe import _

from sentia_ops.overrides import recommendations


def on_update(doc, method=None):
	recommendations.release_removed(doc)


def on_submit(doc, method=None):
	recommendations.mark_ordered(doc)


def on_cancel(doc, method=None):
	recommendations.release(doc, _("{0} was cancelled.").format(doc.name))


def on_trash(doc, method=None):
	recommendations.release(doc, _("{0} was deleted.").format(doc.name))
