"""What happens to orders in real life: deliveries, returns, receipts. Built with ERPNext's own mappers."""

from __future__ import annotations

import frappe
from factories import company
from frappe.utils import add_days, today

from sentia_ops.store.site import SiteStore


def days_ago(days: int) -> str:
	return add_days(today(), -days)


def read(frame, item=None, **filters):
	"""The frame's rows of one item, by an own store."""
	if item is not None:
		filters["item_code"] = getattr(item, "name", item)
	return SiteStore().read(frame, **filters)


def submit_on(doc, day: str | None = None):
	if day:
		doc.set_posting_time, doc.posting_date = 1, day
	doc.insert()
	doc.submit()
	return doc


def deliver(order, qty: float | None = None, on: str | None = None):
	from erpnext.selling.doctype.sales_order.sales_order import make_delivery_note

	note = make_delivery_note(order.name)
	if qty is not None:
		note.items[0].qty = qty
	return submit_on(note, on)


def send_back(note, qty: float, on: str | None = None):
	from erpnext.stock.doctype.delivery_note.delivery_note import make_sales_return

	back = make_sales_return(note.name)
	back.items[0].qty = -qty
	return submit_on(back, on)


def receive(
	order, qty: float | None = None, rejected: float = 0, on: str | None = None, rejected_warehouse=None
):
	from erpnext.buying.doctype.purchase_order.purchase_order import make_purchase_receipt

	receipt = make_purchase_receipt(order.name)
	row = receipt.items[0]
	if qty is not None:
		row.received_qty, row.qty, row.rejected_qty = qty, qty - rejected, rejected
	if rejected:
		row.rejected_warehouse = rejected_warehouse
	return submit_on(receipt, on)


def send_back_to_supplier(receipt, qty: float):
	from erpnext.stock.doctype.purchase_receipt.purchase_receipt import make_purchase_return

	back = make_purchase_return(receipt.name)
	row = back.items[0]
	row.qty, row.received_qty, row.rejected_qty = -qty, -qty, 0
	return submit_on(back)


def sell_without_order(doctype: str, item, warehouse, qty: float, customer, on: str, **values):
	doc = frappe.new_doc(doctype)
	doc.update({"customer": customer.name, "company": company(), **values})
	doc.append("items", {"item_code": item.name, "qty": qty, "rate": 9, "warehouse": warehouse.name})
	return submit_on(doc, on)


def move(purpose: str, item, qty: float, on: str, source=None, target=None, **values):
	entry = frappe.new_doc("Stock Entry")
	entry.update({"stock_entry_type": purpose, "purpose": purpose, "company": company(), **values})
	row = {"item_code": item.name, "qty": qty, "basic_rate": 5}
	row |= {"s_warehouse": source.name} if source else {}
	row |= {"t_warehouse": target.name} if target else {}
	entry.append("items", row)
	return submit_on(entry, on)
