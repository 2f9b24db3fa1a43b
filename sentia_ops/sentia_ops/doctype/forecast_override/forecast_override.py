import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate, now_datetime, today

CHANGE = ("item_code", "warehouse", "from_date", "to_date", "kind", "value")


class ForecastOverride(Document):
	def validate(self):
		self.validate_item()
		self.validate_change()
		self.validate_warehouse()
		self.set_planner()
		self.set_status()

	def on_update(self):
		before = self.get_doc_before_save()
		self.apply({self.item_code, before.item_code if before else self.item_code})

	def on_trash(self):
		from sentia_ops.store.site import is_running

		if is_running():
			frappe.throw(_("A plan is under way. Cancel the override, or delete it when the plan has ended."))

	def after_delete(self):
		self.apply({self.item_code})

	def validate_item(self):
		"""Frappe lets an unknown name pass where a field is fetched from it."""
		if not frappe.db.exists("Item", self.item_code):
			frappe.throw(_("There is no item {0}.").format(self.item_code), frappe.LinkValidationError)

	def validate_change(self):
		from sentia_ops.forecasting.engine.overrides import fault
		from sentia_ops.forecasting.site_overrides import as_override

		why = fault(as_override(self))
		if why:
			frappe.throw(_("This override cannot be followed: {0}.").format(why))

	def validate_warehouse(self):
		if self.warehouse and frappe.get_cached_value("Warehouse", self.warehouse, "is_group"):
			frappe.throw(
				_("{0} is a group of warehouses. Name one of them, or none for all.").format(self.warehouse)
			)

	def set_planner(self):
		"""Whoever says the number answers for it; read-only in the form, and through the REST API as well."""
		before = self.get_doc_before_save()
		if before and not any(self.has_value_changed(field) for field in CHANGE):
			self.planner, self.made_on = before.planner, before.made_on
		else:
			self.planner, self.made_on = frappe.session.user, now_datetime()

	def set_status(self):
		if self.status != "Cancelled":
			self.status = "Past" if getdate(self.to_date) < getdate(today()) else "Active"

	def apply(self, items):
		from sentia_ops.sentia_ops.doctype.forecast_override.applying import apply_now

		days = apply_now(items)
		if days is None:
			frappe.msgprint(_("A plan is under way: it is followed when the plan has ended."), alert=True)
		elif not frappe.db.exists("Demand Forecast", {"item_code": self.item_code}):
			frappe.msgprint(
				_("{0} has no forecast yet: the override waits for one.").format(self.item_code), alert=True
			)
