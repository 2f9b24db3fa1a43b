from frappe.model.document import Document


class SupplierPerformance(Document):
	pass
