import frappe
from frappe.model.document import Document


class ExcessStock(Document):
	pass


def on_doctype_update():
	frappe.db.add_unique("Excess Stock", ["item_code", "warehouse"], constraint_name="item_warehouse")
