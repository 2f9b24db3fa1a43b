from frappe.model.document import Document


class SupplierPerformanceMonth(Document):
	pass
