"""A small factory of real ERPNext records for site tests: workstations, routings, Work Orders."""

from __future__ import annotations

import frappe
from factories import company, make_item, make_warehouse, unique
from frappe.utils import add_days, today

HOURS = (("08:00:00", "12:00:00"), ("13:00:00", "17:00:00"))


def make_workstation(name: str | None = None, hours=HOURS, **values):
	doc = frappe.get_doc({"doctype": "Workstation", "workstation_name": name or unique("Press"), **values})
	for start, end in hours:
		doc.append("working_hours", {"start_time": start, "end_time": end, "enabled": 1})
	return doc.insert()


def make_type(name: str | None = None) -> str:
	return (
		frappe.get_doc({"doctype": "Workstation Type", "workstation_type": name or unique("Presses")})
		.insert()
		.name
	)


def make_operation(name: str | None = None, **values):
	return frappe.get_doc({"doctype": "Operation", "name": name or unique("Pressing"), **values}).insert()


def make_bom(item, steps: list[dict], materials: list[tuple] = (), submit: bool = True):
	"""`steps`: fields of BOM Operation (operation, workstation or workstation_type, time_in_mins ...); one unit.
	`materials`: (item, qty, warehouse)."""
	bom = frappe.new_doc("BOM")
	bom.update({"item": item.name, "company": company(), "quantity": 1, "currency": "GBP"})
	bom.with_operations = int(bool(steps))
	for step in steps:
		bom.append("operations", {"time_in_mins": 10, **step})
	for material, qty, warehouse in materials or [(make_item(unique("Steel")), 1, None)]:
		bom.append(
			"items", {"item_code": material.name, "qty": qty, "uom": "Nos", "source_warehouse": warehouse}
		)
	bom.insert()
	if submit:
		bom.submit()
	return bom


def make_work_order(bom, qty: float = 10, submit: bool = True, **values):
	order = frappe.new_doc("Work Order")
	order.update(
		{
			"production_item": bom.item,
			"bom_no": bom.name,
			"qty": qty,
			"company": company(),
			"wip_warehouse": values.pop("wip_warehouse", None) or make_warehouse(unique("Wip")).name,
			"fg_warehouse": values.pop("fg_warehouse", None) or make_warehouse(unique("Goods")).name,
			"planned_start_date": frappe.utils.now_datetime(),
			**values,
		}
	)
	order.get_items_and_operations_from_bom()
	order.insert()
	if submit:
		order.submit()
		order.reload()
	return order


def two_steps(**values):
	"""(item, BOM, saw, press): sawing 6 minutes and pressing 12 minutes a piece on a workstation each."""
	saw, press = make_workstation(unique("Saw")), make_workstation()
	item = make_item(unique("Bracket"))
	steps = [
		{"operation": make_operation(unique("Sawing")).name, "workstation": saw.name, "time_in_mins": 6},
		{"operation": make_operation().name, "workstation": press.name, "time_in_mins": 12},
	]
	for step in steps:
		step.update(values)
	return item, make_bom(item, steps), saw, press


def cards_of(order) -> list:
	names = frappe.get_all(
		"Job Card", {"work_order": order.name}, pluck="name", order_by="sequence_id, creation"
	)
	return [frappe.get_doc("Job Card", name) for name in names]


def start_card(card, minutes_ago: int = 30):
	"""A time log that is still open."""
	card.append(
		"time_logs", {"from_time": frappe.utils.add_to_date(None, minutes=-minutes_ago, as_datetime=True)}
	)
	return card.save()


def finish_card(card, minutes: int = 20):
	"""Time logged, and the card submitted."""
	now = frappe.utils.now_datetime()
	card.set("time_logs", [])
	begun = frappe.utils.add_to_date(now, minutes=-minutes, as_datetime=True)
	card.append("time_logs", {"from_time": begun, "to_time": now, "completed_qty": card.for_quantity})
	card.save()
	card.submit()
	return card


def in_days(days: int) -> str:
	return add_days(today(), days)


MADE = (  # what tests of the factory leave behind when they commit
	"Production Job",
	"Production Job Operation",
	"Production Schedule",
	"Scheduled Operation",
	"Production Schedule Job",
	"Unplaced Operation",
	"Station Load",
	"Planning Run",
	"Setup Time",
	"Workstation Exception",
	"Downtime Entry",
	"Job Card",
	"Job Card Scheduled Time",
	"Job Card Time Log",
	"Job Card Item",
	"Work Order",
	"Work Order Operation",
	"Work Order Item",
	"BOM",
	"BOM Operation",
	"BOM Item",
	"BOM Explosion Item",
	"Workstation",
	"Workstation Working Hour",
	"Workstation Type",
	"Operation",
	"Sales Order",
	"Sales Order Item",
	"Purchase Order",
	"Purchase Order Item",
	"Bin",
	"Item",
	"Warehouse",
	"Error Log",
)


def sweep(since) -> None:
	"""Delete what was committed since then; rows, not documents: nothing else refers to them."""
	frappe.db.rollback()
	for doctype in MADE:
		frappe.db.delete(doctype, {"creation": [">=", since]})
	frappe.db.commit()
	frappe.clear_cache()
