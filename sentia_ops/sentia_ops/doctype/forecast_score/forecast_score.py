import frappe
from frappe.model.document import Document


class ForecastScore(Document):
	pass


def on_doctype_update():
	frappe.db.add_unique(
		"Forecast Score", ["item_code", "warehouse", "as_of"], constraint_name="series_and_day"
	)
