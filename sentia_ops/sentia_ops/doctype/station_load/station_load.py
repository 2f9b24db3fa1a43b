from frappe.model.document import Document


class StationLoad(Document):
	pass
