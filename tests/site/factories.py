"""Real ERPNext records for site tests. Names carry a random tail, so that repeats never meet."""

from __future__ import annotations

import json

import frappe
from frappe.utils import add_days, today

COMPANY = "Sentia Trading"
PROJECTION = {
	"start": "2026-11-20",
	"without": [40, 30, 20, 10, 0, -10, -20, -30],
	"with": [40, 30, 20, 10, 0, 90, 80, 70],
	"safety_stock": 25,
	"reorder_point": 60,
}
REASONS = [
	{"label": "Demand", "text": "10 a day over 12 days until the next delivery could arrive", "value": 120},
	{"label": "Safety stock", "text": "1.645 standard deviations of 15", "value": 25},
]


def unique(prefix: str) -> str:
	return f"{prefix} {frappe.generate_hash(length=8)}"


def company() -> str:
	"""The company every test buys and sells for."""
	return COMPANY if frappe.db.exists("Company", COMPANY) else frappe.get_all("Company", pluck="name")[0]


def make_warehouse(name: str | None = None):
	doc = {"doctype": "Warehouse", "warehouse_name": name or unique("Shed"), "company": company()}
	return frappe.get_doc(doc).insert()


def make_item(code: str | None = None, **values):
	code = code or unique("Widget")
	doc = {
		"doctype": "Item",
		"item_code": code,
		"item_name": values.pop("item_name", code),
		"item_group": "All Item Groups",
		"stock_uom": "Nos",
		"is_stock_item": 1,
		"is_purchase_item": 1,
		**values,
	}
	return frappe.get_doc(doc).insert()


def make_supplier(name: str | None = None, **values):
	doc = {
		"doctype": "Supplier",
		"supplier_name": name or unique("Mill"),
		"supplier_group": "All Supplier Groups",
	}
	return frappe.get_doc({**doc, **values}).insert()


def make_customer(name: str | None = None, **values):
	doc = {
		"doctype": "Customer",
		"customer_name": name or unique("Shop"),
		"customer_group": "All Customer Groups",
		"territory": "All Territories",
	}
	return frappe.get_doc({**doc, **values}).insert()


def make_item_price(item, supplier=None, rate: float = 5.0, price_list: str = "Standard Buying", **values):
	doc = {
		"doctype": "Item Price",
		"item_code": _name(item),
		"price_list": price_list,
		"price_list_rate": rate,
		"supplier": _name(supplier),
	}
	return frappe.get_doc({**doc, **values}).insert()


def make_stock(item, warehouse, qty: float, rate: float = 5.0, on: str | None = None):
	"""A submitted material receipt."""
	entry = frappe.new_doc("Stock Entry")
	entry.update({"stock_entry_type": "Material Receipt", "company": company(), "set_posting_time": 1})
	entry.posting_date = on or today()
	row = {"item_code": _name(item), "t_warehouse": _name(warehouse), "qty": qty, "basic_rate": rate}
	entry.append("items", row)
	entry.insert()
	entry.submit()
	return entry


def make_sales_order(item, warehouse, qty: float, *, customer=None, on=None, due=None, rate=9.0, submit=True):
	order = frappe.new_doc("Sales Order")
	on = on or today()
	order.update(
		{
			"customer": _name(customer) or make_customer().name,
			"company": company(),
			"transaction_date": on,
			"delivery_date": due or add_days(on, 3),
		}
	)
	order.append(
		"items",
		{
			"item_code": _name(item),
			"qty": qty,
			"rate": rate,
			"warehouse": _name(warehouse),
			"delivery_date": due or add_days(on, 3),
		},
	)
	order.insert()
	if submit:
		order.submit()
	return order


def make_purchase_order(item, warehouse, supplier, qty: float, *, on=None, due=None, rate=5.0, submit=True):
	order = frappe.new_doc("Purchase Order")
	on = on or today()
	due = due or add_days(on, 14)
	order.update(
		{"supplier": _name(supplier), "company": company(), "transaction_date": on, "schedule_date": due}
	)
	order.append(
		"items",
		{
			"item_code": _name(item),
			"qty": qty,
			"rate": rate,
			"warehouse": _name(warehouse),
			"schedule_date": due,
		},
	)
	order.insert()
	if submit:
		order.submit()
	return order


def make_recommendation(item=None, warehouse=None, supplier=None, **values):
	"""A Draft to buy 100 at 4.20; `supplier=""` for none."""
	supplier = make_supplier() if supplier is None else supplier
	doc = {
		"doctype": "Reorder Recommendation",
		"item_code": _name(item) or make_item().name,
		"warehouse": _name(warehouse) or make_warehouse().name,
		"action": "buy",
		"supplier": _name(supplier) or None,
		"qty": 100,
		"unit_price": 4.2,
		"currency": "GBP",
		"order_by": today(),
		"need_by": add_days(today(), 14),
		"service_level": 0.95,
		"stockout_risk": 0.4,
		"confidence": 0.8,
		"urgency": "High",
		"summary": "Order 100 today: stock runs out in 4 days.",
		"reasons": json.dumps(REASONS),
		"alternatives": "[]",
		"projection": json.dumps(PROJECTION),
	}
	return frappe.get_doc({**doc, **values}).insert(ignore_permissions=True)


def make_score(item, warehouse, as_of: str, **values):
	"""A forecast of 28 days, scored: 100 expected, 80 sold, better than last week's same day."""
	doc = {
		"doctype": "Forecast Score",
		"item_code": _name(item),
		"warehouse": _name(warehouse),
		"as_of": as_of,
		"days": 28,
		"model": "AutoETS",
		"demand_class": "smooth",
		"status": "scored",
		"days_scored": 28,
		"sold": 80,
		"expected": 100,
		"expected_machine": 100,
		"bias": 0.25,
		"mase": 0.8,
		"mase_machine": -1,
		"mase_naive": 1.0,
		"rmsse": 0.7,
		"scaled_pinball": 0.2,
		"coverage95": 0.95,
		"points": "{}",
	}
	return frappe.get_doc({**doc, **values}).insert(ignore_permissions=True)


def make_user(*roles: str, email: str | None = None):
	"""A System User with these roles and no others."""
	email = email or f"{frappe.generate_hash(length=8)}@example.com"
	doc = {"doctype": "User", "email": email, "first_name": email.split("@")[0], "send_welcome_email": 0}
	user = frappe.get_doc({**doc, "roles": [{"role": role} for role in roles]})
	user.flags.no_welcome_mail = True
	return user.insert(ignore_permissions=True)


def _name(document) -> str | None:
	"""A document's name; names and None pass through."""
	return getattr(document, "name", document)
