import frappe
from frappe import _
from frappe.model.document import Document

RULES = ("hold", "service_level", "service_measure", "set_safety_stock", "review_days", "max_cover_days")


class StockPolicyOverride(Document):
	def validate(self):
		self.validate_subject()
		self.validate_rules()
		self.validate_only_one()

	def validate_subject(self):
		if self.item_code:
			self.item_group = None
		elif not self.item_group:
			frappe.throw(_("Choose an item or an item group."))

	def validate_rules(self):
		if not any(self.get(field) for field in RULES):
			frappe.throw(_("This override changes nothing: fill in at least one rule."))
		if self.service_level and not 50 <= self.service_level < 100:
			frappe.throw(_("Service level must be at least 50 and below 100 percent."))

	def validate_only_one(self):
		filters = {
			field: self.get(field) or ("is", "not set") for field in ("item_code", "item_group", "warehouse")
		}
		other = frappe.db.get_value("Stock Policy Override", {**filters, "name": ("!=", self.name or "")})
		if other:
			frappe.throw(_("{0} is an override for the same already: change that one.").format(other))
