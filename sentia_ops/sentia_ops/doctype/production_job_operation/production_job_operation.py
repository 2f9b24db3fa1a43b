from frappe.model.document import Document


class ProductionJobOperation(Document):
	pass
