from frappe.model.document import Document


class ScenarioResult(Document):
	pass
