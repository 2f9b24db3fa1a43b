from frappe.model.document import Document


class ScheduledOperation(Document):
	pass
