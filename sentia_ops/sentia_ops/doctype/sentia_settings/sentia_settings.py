import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from sentia_ops.permissions import MANAGER
from sentia_ops.replenishment import reorder_levels, tiers

DOCTYPE = "Reorder Recommendation"

AT_LEAST_ONE = ("horizon_days", "history_days", "review_days", "max_cover_days", "snooze_days", "expire_days")


class SentiaSettings(Document):
	def validate(self):
		self.validate_service_level()
		self.validate_days()
		self.validate_holidays()
		self.validate_tiers()
		self.validate_autonomy()
		self.validate_scheduling()
		reorder_levels.refuse_both(reorder_levels.auto_indent(), self)

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

	def validate_tiers(self):
		"""Each role once, and one that can write a recommendation; none at all means the one there was at first."""
		if not self.approval_tiers:
			self.append("approval_tiers", {"role": MANAGER})
		roles = [row.role for row in self.approval_tiers]
		writers = {row.role for row in frappe.get_meta(DOCTYPE).permissions if row.write}
		for row in self.approval_tiers:
			if roles.count(row.role) > 1:
				frappe.throw(_("Who may approve what: {0} stands there twice.").format(_(row.role)))
			if row.role not in writers:
				frappe.throw(
					_(
						"Who may approve what: {0} may not write recommendations. Allow it in the Role Permissions Manager."
					).format(_(row.role))
				)

	def validate_autonomy(self):
		for field in ("autonomy_backtest_share", "autonomy_good_share"):
			if not 50 <= (self.get(field) or 0) <= 100:
				frappe.throw(_("{0} must be 50 to 100 percent.").format(_(self.meta.get_label(field))))
		for field in ("autonomy_min_backtests", "autonomy_min_outcomes", "order_lines"):
			if (self.get(field) or 0) < 1:
				frappe.throw(_("{0} must be at least 1.").format(_(self.meta.get_label(field))))
		if self.use_autonomy and not self.autonomy_cap:
			frappe.throw(_("Earned autonomy needs an amount up to which a recommendation may be approved."))

	def validate_scheduling(self):
		from sentia_ops.errors import SentiaError
		from sentia_ops.scheduling.site_settings import schedule_settings

		try:
			schedule_settings(self)
		except SentiaError as error:
			frappe.throw(str(error))

	def on_update(self):
		before = self.get_doc_before_save()
		old = [(row.role, row.up_to) for row in before.approval_tiers] if before else []
		if old != [(row.role, row.up_to) for row in self.approval_tiers]:
			tiers.update_workflow()

	def onload(self):
		self.set_onload("auto_indent", reorder_levels.auto_indent())
		self.set_onload("levels", reorder_levels.count_levels())
