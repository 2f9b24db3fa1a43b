from frappe.model.document import Document


class ApprovalRight(Document):
	pass
