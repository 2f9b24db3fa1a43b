from frappe.model.document import Document


class ReorderAlternative(Document):
	pass
