"""Terms of ordering on ERPNext's Supplier."""

import frappe
from frappe import _


def validate(doc, method=None):
	set_order_days(doc)
	validate_replaced_by(doc)


def set_order_days(doc):
	from sentia_ops.suppliers.formats import read_weekdays

	try:
		doc.sentia_order_days = ", ".join(read_weekdays(doc.get("sentia_order_days") or ""))
	except ValueError as error:
		frappe.throw(_("Takes orders on: {0} Write weekdays like Mon, Thu.").format(error))


def validate_replaced_by(doc):
	"""A chain of replacements must end somewhere."""
	path, following = [doc.name], doc.get("sentia_replaced_by")
	while following:
		if following == doc.name:
			frappe.throw(
				_("Suppliers would replace each other in a circle: {0}.").format(
					" -> ".join([*path, doc.name])
				)
			)
		if following in path:
			return  # a circle further on, not of this document's making
		path.append(following)
		following = frappe.db.get_value("Supplier", following, "sentia_replaced_by")
