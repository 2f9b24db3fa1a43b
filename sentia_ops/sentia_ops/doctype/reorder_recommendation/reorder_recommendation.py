import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, now_datetime

from sentia_ops.replenishment import approval, decisions, reorder_levels
from sentia_ops.replenishment.documents import exchange_rate

OPEN = ("Draft", "Snoozed", "Approved")
UNDECIDED = ("Draft", "Snoozed")
ORDERED_AS = (
	"action",
	"supplier",
	"from_warehouse",
	"qty",
	"unit_price",
	"currency",
	"order_by",
	"need_by",
)  # what a decision was about
BY_SYSTEM = ("purchase_order", "material_request", "approved_by", "approved_on", "is_automatic")


class ReorderRecommendation(Document):
	def validate(self):
		self.validate_qty()
		self.validate_start()
		self.validate_decided()
		self.keep_system_fields()
		self.set_cost()
		self.set_open_key()

	def before_save(self):
		"""After `validate`, so that a refused recommendation makes no order."""
		if self.has_value_changed("status"):
			self.set_decision()

	def validate_qty(self):
		if flt(self.qty) <= 0:
			frappe.throw(_("Quantity must be more than zero."))

	def validate_start(self):
		if self.is_new() and self.status != "Draft":
			frappe.throw(_("A recommendation starts as a draft."))

	def validate_decided(self):
		before = self.get_doc_before_save()
		if not before or before.status in UNDECIDED:
			return
		if any(self.has_value_changed(field) for field in ORDERED_AS):
			frappe.throw(_("{0} is {1} and can no longer be changed.").format(self.name, _(before.status)))

	def keep_system_fields(self):
		"""Read-only in the form, and through the REST API as well."""
		before = self.get_doc_before_save()
		for field in BY_SYSTEM:
			self.set(field, before.get(field) if before else None)

	def set_cost(self):
		"""Recalculate what an edit by hand touched; the planner's own figure stays as it came."""
		if self.is_new() and self.cost:
			return
		if any(self.has_value_changed(field) for field in ("qty", "unit_price", "currency")):
			self.cost = flt(self.qty) * flt(self.unit_price) * exchange_rate(self)

	def set_open_key(self):
		self.open_key = open_key(self.item_code, self.warehouse, self.action) if self.status in OPEN else None

	def set_decision(self):
		decisions.validate(self)
		if self.status == "Approved":
			approval.make_document(self)
			self.approved_by, self.approved_on = frappe.session.user, now_datetime()

	def on_update(self):
		if self.status == "Approved" and self.has_value_changed("status"):
			reorder_levels.apply_approved(self)

	def onload(self):
		"""Why the user who looks at it may not approve it, for the form to say."""
		if self.status == "Draft":
			try:
				approval.check(self)
			except (frappe.PermissionError, frappe.ValidationError) as error:
				frappe.clear_last_message()
				self.set_onload("cannot_approve", approval.in_words(error))


def open_key(item_code: str, warehouse: str, action: str) -> str:
	"""Value of the unique column that holds one open recommendation per item, warehouse and action."""
	return f"{item_code}|{warehouse}|{action}"
