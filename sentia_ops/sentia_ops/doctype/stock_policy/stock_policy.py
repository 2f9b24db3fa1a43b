import frappe
from frappe.model.document import Document


class StockPolicy(Document):
	pass


def on_doctype_update():
	frappe.db.add_unique("Stock Policy", ["item_code", "warehouse"], constraint_name="item_warehouse")
