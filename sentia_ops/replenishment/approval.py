"""From an approved recommendation to a draft Purchase Order or Material Request: exactly one, linked both ways.

The recommendation's row is locked (SELECT ... FOR UPDATE) before its state is looked at, so of two simultaneous
approvals one makes the document and the other finds it made.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import get_transitions, get_workflow_name, has_approval_access
from frappe.utils import add_days, date_diff, flt, getdate, strip_html, today

from sentia_ops.permissions import MANAGER

DOCTYPE = "Reorder Recommendation"
LINKS = {"Purchase Order": "purchase_order", "Material Request": "material_request"}
REQUESTED = {
	"make": "Manufacture",
	"transfer": "Material Transfer",
}  # never bought: type of the Material Request
BULK_LIMIT = 200


def approve(name: str) -> dict:
	"""Approve one recommendation; approving it again answers with the same document.

	Returns: {"doctype", "name"} of the draft made.

	Raises:
	    frappe.PermissionError: the user may not approve this recommendation.
	    frappe.ValidationError: it is not a draft any more, or ERPNext refuses the document; nothing is changed.
	"""
	doc = frappe.get_doc(DOCTYPE, name, for_update=True)
	doc.check_permission("write")
	require_approver(doc)
	if doc.status == "Draft":
		doc.status = "Approved"
		doc.save()
		doc.add_comment("Workflow", _("Approved"))
	elif doc.status not in ("Approved", "Ordered"):
		frappe.throw(_("{0} is {1}; only a draft can be approved.").format(doc.name, _(doc.status)))
	return linked_document(doc)


def approve_many(names: list[str]) -> list[dict]:
	"""Approve each in a savepoint of its own.

	Returns: a row per name: {"name", "doctype", "document"} or {"name", "error"}.
	"""
	if len(names) > BULK_LIMIT:
		frappe.throw(_("Please approve at most {0} recommendations at once.").format(BULK_LIMIT))
	results = []
	for name in names:
		frappe.db.savepoint("sentia_approve")
		try:
			made = approve(name)
		except (frappe.ValidationError, frappe.PermissionError) as error:
			frappe.db.rollback(save_point="sentia_approve")
			frappe.clear_last_message()  # shown in the row instead of in a dialog of its own
			results.append({"name": name, "error": strip_html(str(error)) or _("Not permitted")})
		else:
			frappe.db.release_savepoint("sentia_approve")
			results.append({"name": name, "doctype": made["doctype"], "document": made["name"]})
	return results


def require_approver(doc: Document) -> None:
	"""The workflow says who may approve; without an active one it takes an Operations Manager."""
	if not get_workflow_name(DOCTYPE):
		allowed = MANAGER in frappe.get_roles()
	elif doc.status != "Draft":
		allowed = bool(_approver_roles() & set(frappe.get_roles()))
	else:
		steps = [step for step in get_transitions(doc) if step["next_state"] == "Approved"]
		allowed = any(has_approval_access(frappe.session.user, doc, step) for step in steps)
	if not allowed:
		frappe.throw(_("You are not allowed to approve {0}.").format(doc.name), frappe.PermissionError)


def _approver_roles() -> set[str]:
	workflow = frappe.get_cached_doc("Workflow", get_workflow_name(DOCTYPE))
	return {step.allowed for step in workflow.transitions if step.next_state == "Approved"}


def linked_document(doc: Document) -> dict | None:
	"""{"doctype", "name"} of the document made from a recommendation."""
	for doctype, field in LINKS.items():
		if doc.get(field):
			return {"doctype": doctype, "name": doc.get(field)}
	return None


def make_document(doc: Document) -> None:
	"""Insert the draft and set its link on `doc`; called while `doc` is being saved as Approved."""
	require_approver(doc.get_doc_before_save() or doc)
	if document_type(doc) == "Purchase Order":
		doc.purchase_order = _make_purchase_order(doc).name
	else:
		doc.material_request = _make_material_request(doc).name


def document_type(doc: Document) -> str:
	"""Purchase Order by setting, where there is somebody to order from; else Material Request."""
	if doc.action in REQUESTED:
		return "Material Request"
	wanted = frappe.get_cached_doc("Sentia Settings").order_document or "Purchase Order"
	if wanted == "Purchase Order" and not doc.supplier:
		frappe.msgprint(
			_("{0} has no supplier, so a Material Request was made instead of a Purchase Order.").format(
				doc.item_code
			),
			alert=True,
			indicator="orange",
		)
		return "Material Request"
	return wanted


def _make_purchase_order(doc: Document) -> Document:
	order = frappe.new_doc("Purchase Order")
	order.update(
		{
			"supplier": doc.supplier,
			"company": doc.company,
			"currency": doc.currency or _company_currency(doc),
			"conversion_rate": exchange_rate(doc),
			"transaction_date": today(),
			"schedule_date": _schedule_date(doc),
			"ignore_pricing_rule": 1,  # the approved price stands; a rule would replace it silently
		}
	)
	order.append("items", {**_line(doc), "rate": flt(doc.unit_price)})
	return _insert(order)


def _make_material_request(doc: Document) -> Document:
	request = frappe.new_doc("Material Request")
	request.update(
		{
			"material_request_type": REQUESTED.get(doc.action, "Purchase"),
			"company": doc.company,
			"transaction_date": today(),
			"schedule_date": _schedule_date(doc),
		}
	)
	line = {**_line(doc), "rate": flt(doc.unit_price) * exchange_rate(doc)}
	if doc.action == "transfer":
		if not doc.from_warehouse:
			frappe.throw(_("{0} names no warehouse to move the stock from.").format(doc.name))
		request.set_from_warehouse = line["from_warehouse"] = doc.from_warehouse
		request.set_warehouse = doc.warehouse
	request.append("items", line)
	return _insert(request)


def _line(doc: Document) -> dict:
	return {
		"item_code": doc.item_code,
		"qty": doc.qty,
		"uom": doc.stock_uom,
		"stock_uom": doc.stock_uom,
		"conversion_factor": 1,
		"warehouse": doc.warehouse,
		"schedule_date": _schedule_date(doc),
		"sentia_recommendation": doc.name,
	}


def _insert(document: Document) -> Document:
	# Approving is the permission to make the draft; to submit it takes ERPNext's own.
	document.flags.ignore_permissions = True
	document.run_method("set_missing_values")
	return document.insert(ignore_permissions=True)


def _schedule_date(doc: Document):
	"""The day to ask for: when it is needed, or, where that is too late already, as soon as the supplier can deliver.

	An order for an impossible day would make the supplier look late, and the next plan count on stock that cannot come.
	"""
	lead_days = date_diff(doc.need_by, doc.order_by)
	return max(getdate(doc.need_by), getdate(add_days(today(), lead_days)))


def _company_currency(doc: Document) -> str:
	return frappe.get_cached_value("Company", doc.company, "default_currency")


def exchange_rate(doc: Document) -> float:
	"""Company currency for one unit of the recommendation's currency.

	Raises:
	    frappe.ValidationError: ERPNext has no rate.
	"""
	from erpnext.setup.utils import get_exchange_rate

	own = _company_currency(doc)
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
