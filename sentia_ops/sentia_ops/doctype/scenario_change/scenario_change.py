from frappe.model.document import Document


class ScenarioChange(Document):
	pass
