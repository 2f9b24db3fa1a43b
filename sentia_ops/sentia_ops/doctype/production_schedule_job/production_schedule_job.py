from frappe.model.document import Document


class ProductionScheduleJob(Document):
	pass
