from frappe.model.document import Document


class UnplacedOperation(Document):
	pass
