import frappe
from frappe import _
from frappe.model.document import Document

AT_LEAST_ONE = ("horizon_days", "history_days", "review_days", "max_cover_days", "snooze_days", "expire_days")


class SentiaSettings(Document):
	def validate(self):
		self.validate_service_level()
		self.validate_days()

	def validate_service_level(self):
		if not 50 <= self.service_level < 100:
			frappe.throw(_("Service level must be at least 50 and below 100 percent."))

	def validate_days(self):
		for field in AT_LEAST_ONE:
			if self.get(field) < 1:
				frappe.throw(_("{0} must be at least 1.").format(_(self.meta.get_label(field))))

	def onload(self):
		self.set_onload("auto_indent", frappe.db.get_single_value("Stock Settings", "auto_indent"))
