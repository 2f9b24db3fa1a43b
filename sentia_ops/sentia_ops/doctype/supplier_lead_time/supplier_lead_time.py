import frappe
from frappe.model.document import Document


class SupplierLeadTime(Document):
	pass


def on_doctype_update():
	frappe.db.add_unique("Supplier Lead Time", ["supplier", "item_code"], constraint_name="supplier_item")
