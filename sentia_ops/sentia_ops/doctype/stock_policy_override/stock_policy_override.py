from frappe.model.document import Document


class StockPolicyOverride(Document):
	pass
