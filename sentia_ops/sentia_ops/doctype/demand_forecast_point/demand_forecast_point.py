from frappe.model.document import Document


class DemandForecastPoint(Document):
	pass
