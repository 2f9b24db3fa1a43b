import frappe
from frappe.model.document import Document


class StockAllocation(Document):
	pass


def on_doctype_update():
	frappe.db.add_unique("Stock Allocation", ["item_code", "warehouse"], constraint_name="item_warehouse")
