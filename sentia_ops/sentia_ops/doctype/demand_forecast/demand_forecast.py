import frappe
from frappe.model.document import Document


class DemandForecast(Document):
	pass


def on_doctype_update():
	frappe.db.add_unique("Demand Forecast", ["item_code", "warehouse"], constraint_name="item_warehouse")
