from frappe.model.document import Document


class SupplierPriceBreak(Document):
	pass
