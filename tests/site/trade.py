"""What happens to orders in real life: deliveries, returns, receipts. Built with ERPNext's own mappers."""

from __future__ import annotations

from dataclasses import dataclass

import frappe
from factories import (
	company,
	make_customer,
	make_item,
	make_item_price,
	make_purchase_order,
	make_stock,
	make_supplier,
	make_warehouse,
)
from frappe.utils import add_days, getdate, today

from sentia_ops.store.base import Run
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


def listening() -> tuple[SiteStore, Run]:
	"""A store whose reads are part of a run, to see what it is told."""
	store, run = SiteStore(), Run("PLAN-TEST", "test")
	store._run = run
	return store, run


def make_work_order(material, store):
	"""A submitted Work Order for 4 of a new item, each of 2 `material` from `store`, through work in progress."""
	made, shop = make_item(), make_warehouse()
	make_stock(material, store, 100, on=days_ago(30))
	bom = frappe.new_doc("BOM")
	bom.update({"item": made.name, "company": company(), "quantity": 1, "rm_cost_as_per": "Valuation Rate"})
	bom.append("items", {"item_code": material.name, "qty": 2, "uom": "Nos", "source_warehouse": store.name})
	bom.insert()
	bom.submit()
	work = frappe.new_doc("Work Order")
	work.update(
		{
			"production_item": made.name,
			"bom_no": bom.name,
			"qty": 4,
			"company": company(),
			"wip_warehouse": shop.name,
			"fg_warehouse": make_warehouse().name,
			"planned_start_date": days_ago(3),
		}
	)
	work.get_items_and_operations_from_bom()
	for row in work.required_items:
		row.source_warehouse = store.name
	work.insert()
	work.submit()
	return work, made


# a small company with history, committed; `forget` removes every trace of it

VOUCHERS = {  # doctype -> its table of lines
	"Sales Order": "Sales Order Item",
	"Delivery Note": "Delivery Note Item",
	"Purchase Order": "Purchase Order Item",
	"Purchase Receipt": "Purchase Receipt Item",
	"Material Request": "Material Request Item",
	"Stock Entry": "Stock Entry Detail",
}
BY_ITEM = ["Item Price", "Bin", "Stock Ledger Entry", "Demand Forecast", "Supplier Lead Time", "Stock Policy"]
BY_ITEM += ["Reorder Recommendation", "Demand Forecast Point", "Forecast Part", "Forecast Score"]


@dataclass
class Company:
	"""Two sellers with a supplier each, one new item, one that never sold; all in one warehouse."""

	steady: str
	weekly: str
	young: str
	unsold: str
	warehouse: str
	mill: str
	works: str
	shop: str

	@property
	def items(self) -> list[str]:
		return [self.steady, self.weekly, self.young, self.unsold]


def make_company(days: int = 70) -> Company:
	"""Orders for `days` days up to yesterday, four purchase orders with receipts, little stock left. Commits."""
	codes = ["Steady", "Weekly", "Young", "Unsold"]
	steady, weekly, young, unsold = (make_item(f"Chain {code}", lead_time_days=10) for code in codes)
	warehouse, shop = make_warehouse("Chain Shed"), make_customer("Chain Shop")
	mill, works = make_supplier("Chain Mill"), make_supplier("Chain Works")
	make_item_price(steady, mill, rate=4, packing_unit=12)
	make_item_price(steady, works, rate=5, lead_time_days=3)
	make_item_price(weekly, works, rate=7)
	for item in (steady, weekly, young, unsold):
		make_stock(item, warehouse, 30, on=days_ago(days + 5))
	for day in range(days, 0, -1):
		on = getdate(days_ago(day))
		lines = {steady: 8 + day % 5, weekly: 25 if on.weekday() == 0 else 0, young: 4 if day <= 3 else 0}
		_sell({item: qty for item, qty in lines.items() if qty}, warehouse, shop, on)
	for ordered, took in ((60, 9), (45, 14), (30, 11), (15, 10)):
		order = make_purchase_order(
			steady, warehouse, mill, 60, on=days_ago(ordered), due=days_ago(ordered - 10), rate=4
		)
		receive(order, on=days_ago(ordered - took))
	frappe.db.commit()
	names = (doc.name for doc in (steady, weekly, young, unsold, warehouse, mill, works, shop))
	return Company(*names)


def _sell(lines: dict, warehouse, customer, on) -> None:
	order = frappe.new_doc("Sales Order")
	order.update({"customer": customer.name, "company": company(), "transaction_date": on})
	order.delivery_date = add_days(on, 3)
	for item, qty in lines.items():
		order.append("items", {"item_code": item.name, "qty": qty, "rate": 9, "warehouse": warehouse.name})
	order.insert()
	order.submit()


def forget(made: Company) -> None:
	"""Delete the company's rows without ERPNext's cancelling, which would take minutes."""
	frappe.db.rollback()
	for voucher, lines in VOUCHERS.items():
		parents = frappe.get_all(lines, {"item_code": ["in", made.items]}, pluck="parent", distinct=True)
		for table in (lines, "GL Entry", "Payment Schedule", "Comment", "Version"):
			column = {"GL Entry": "voucher_no", "Comment": "reference_name", "Version": "docname"}.get(
				table, "parent"
			)
			frappe.db.delete(table, {column: ["in", parents or [""]]})
		frappe.db.delete(voucher, {"name": ["in", parents or [""]]})
	for doctype in BY_ITEM:
		frappe.db.delete(doctype, {"item_code": ["in", made.items]})
	for doctype, names in (
		("Item", made.items),
		("Warehouse", [made.warehouse]),
		("Supplier", [made.mill, made.works]),
		("Customer", [made.shop]),
	):
		for name in names:
			frappe.delete_doc(doctype, name, force=True, ignore_missing=True)
	frappe.db.commit()
