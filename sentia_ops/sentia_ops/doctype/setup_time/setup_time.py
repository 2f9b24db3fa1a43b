import frappe
from frappe import _
from frappe.model.document import Document


class SetupTime(Document):
	def validate(self):
		self.from_family = (self.from_family or "").strip() or None
		self.to_family = self.to_family.strip()
		self.validate_once()

	def validate_once(self):
		"""One row for a workstation and change: of two nobody would know which holds."""
		same = {
			"workstation": self.workstation or ["is", "not set"],
			"from_family": self.from_family or ["is", "not set"],
			"to_family": self.to_family,
			"name": ["!=", self.name],
		}
		if other := frappe.db.get_value("Setup Time", same):
			frappe.throw(_("There is a Setup Time for this change already: {0}.").format(other))
