from frappe.model.document import Document


class ApprovalTier(Document):
	pass
