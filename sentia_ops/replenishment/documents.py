"""Draft Purchase Orders and Material Requests from recommendations: a line each, with its own date, linked back."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, date_diff, flt, getdate, today

from sentia_ops.replenishment.grouping import ORDER, REQUESTED, document_type

LINKS = {"Purchase Order": "purchase_order", "Material Request": "material_request"}


def linked_document(doc: Document) -> dict | None:
	"""{"doctype", "name"} of the document made from a recommendation."""
	for doctype, field in LINKS.items():
		if doc.get(field):
			return {"doctype": doctype, "name": doc.get(field)}
	return None


def make(docs: list[Document], automatic: bool = False) -> Document:
	"""Insert one draft for recommendations of one group (see `grouping`); the caller links them to it.

	Raises:
	    frappe.ValidationError: ERPNext refuses it.
	"""
	build = _purchase_order if document_type(docs[0]) == ORDER else _material_request
	document = build(docs)
	document.sentia_automatic = int(automatic)
	# Approving is the permission to make the draft; to submit it takes ERPNext's own.
	document.flags.ignore_permissions = True
	document.run_method("set_missing_values")
	document.insert(ignore_permissions=True)
	if automatic:
		names = ", ".join(doc.name for doc in docs)
		document.add_comment(
			"Info", _("Approved automatically by earned autonomy, without a person: {0}.").format(names)
		)
	return document


def _purchase_order(docs: list[Document]) -> Document:
	first = docs[0]
	order = frappe.new_doc("Purchase Order")
	order.update(
		{
			"supplier": first.supplier,
			"company": first.company,
			"currency": first.currency or company_currency(first),
			"conversion_rate": exchange_rate(first),
			"transaction_date": today(),
			"schedule_date": min(schedule_date(doc) for doc in docs),
			"ignore_pricing_rule": 1,  # the approved price stands; a rule would replace it silently
		}
	)
	for doc in docs:
		order.append("items", {**_line(doc), "rate": flt(doc.unit_price)})
	return order


def _material_request(docs: list[Document]) -> Document:
	first = docs[0]
	request = frappe.new_doc("Material Request")
	request.update(
		{
			"material_request_type": REQUESTED.get(first.action, "Purchase"),
			"company": first.company,
			"transaction_date": today(),
			"schedule_date": min(schedule_date(doc) for doc in docs),
		}
	)
	if first.action == "transfer":
		if not first.from_warehouse:
			frappe.throw(_("{0} names no warehouse to move the stock from.").format(first.name))
		request.update({"set_from_warehouse": first.from_warehouse, "set_warehouse": first.warehouse})
	for doc in docs:
		line = {**_line(doc), "rate": flt(doc.unit_price) * exchange_rate(doc)}
		request.append(
			"items", line | ({"from_warehouse": doc.from_warehouse} if doc.action == "transfer" else {})
		)
	return request


def _line(doc: Document) -> dict:
	return {
		"item_code": doc.item_code,
		"qty": doc.qty,
		"uom": doc.stock_uom,
		"stock_uom": doc.stock_uom,
		"conversion_factor": 1,
		"warehouse": doc.warehouse,
		"schedule_date": schedule_date(doc),
		"sentia_recommendation": doc.name,
	}


def schedule_date(doc: Document):
	"""The day to ask for: when it is needed, or, where that is too late already, as soon as the supplier can deliver.

	An order for an impossible day would make the supplier look late, and the next plan count on stock that cannot come.
	"""
	lead_days = date_diff(doc.need_by, doc.order_by)
	return max(getdate(doc.need_by), getdate(add_days(today(), lead_days)))


def company_currency(doc: Document) -> str:
	return frappe.get_cached_value("Company", doc.company, "default_currency")


def exchange_rate(doc: Document) -> float:
	"""Company currency for one unit of the recommendation's currency.

	Raises:
	    frappe.ValidationError: ERPNext has no rate.
	"""
	from erpnext.setup.utils import get_exchange_rate

	own = company_currency(doc)
	if not doc.currency or doc.currency == own:
		return 1.0
	rate = flt(get_exchange_rate(doc.currency, own, today(), "for_buying"))
	if not rate:
		frappe.throw(
			_("There is no exchange rate from {0} to {1}. Add a Currency Exchange and approve again.").format(
				doc.currency, own
			)
		)
	return rate
