from frappe.model.document import Document


class RecommendationOutcome(Document):
	pass
