from frappe.model.document import Document


class ForecastPart(Document):
	pass
