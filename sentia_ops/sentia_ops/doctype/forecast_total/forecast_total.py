import frappe
from frappe.model.document import Document


class ForecastTotal(Document):
	pass


def on_doctype_update():
	frappe.db.add_unique("Forecast Total", ["level", "node", "date"], constraint_name="node_and_week")
