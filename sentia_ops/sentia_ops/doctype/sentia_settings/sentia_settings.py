import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

AT_LEAST_ONE = ("horizon_days", "history_days", "review_days", "max_cover_days", "snooze_days", "expire_days")


class SentiaSettings(Document):
	def validate(self):
		self.validate_service_level()
		self.validate_days()
		self.validate_holidays()

	def validate_service_level(self):
		if not 50 <= self.service_level < 100:
			frappe.throw(_("Service level must be at least 50 and below 100 percent."))

	def validate_days(self):
		for field in AT_LEAST_ONE:
			if self.get(field) < 1:
				frappe.throw(_("{0} must be at least 1.").format(_(self.meta.get_label(field))))

	def validate_holidays(self):
		from sentia_ops.errors import SentiaError
		from sentia_ops.forecasting.factors import holiday_timelines

		try:
			holiday_timelines(self.holiday_countries or "", getdate(), getdate())
		except SentiaError as error:
			frappe.throw(_("Holidays of: {0}").format(error))

	def onload(self):
		self.set_onload("auto_indent", frappe.db.get_single_value("Stock Settings", "auto_indent"))
