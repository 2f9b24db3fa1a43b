import frappe
from frappe import _
from frappe.model.document import Document

LOCKED = ("Running", "Proposed", "Promoted")
BY_SYSTEM = (
	"status",
	"company_currency",
	"as_of",
	"base_run",
	"started",
	"duration",
	"run_by",
	"error",
	"proposed_by",
	"proposed_on",
	"promoted_by",
	"promoted_on",
	"run",
	"cost_now",
	"cost_then",
	"cost_change",
	"orders_changed",
	"result",
)
RESULT = ("as_of", "base_run", "duration", "error", "cost_now", "cost_then", "cost_change", "orders_changed")
CHANGE = ("kind", "value", "item_group", "item_code", "warehouse", "market", "supplier", "service_class")
CHANGE += ("into_warehouse", "from_date", "to_date")


class PlanningScenario(Document):
	def validate(self):
		self.keep_system_fields()
		self.validate_changes()
		self.set_words()
		self.forget_outdated()

	def on_trash(self):
		from sentia_ops.scenarios.site import forget_tables

		if self.status == "Running":
			frappe.throw(_("{0} is being calculated. Wait until it has ended.").format(self.name))
		forget_tables(self.name)

	def keep_system_fields(self):
		"""Read-only in the form, and through the REST API as well; `running` and `promoting` set them."""
		if self.flags.by_system:
			return
		before = self.get_doc_before_save()
		for field in BY_SYSTEM:
			self.set(field, before.get(field) if before else None)
		self.status = self.status or "Draft"

	def validate_changes(self):
		"""Only where they are touched: names may have gone since."""
		from sentia_ops.errors import SentiaError
		from sentia_ops.scenarios.site import changes_of

		before = self.get_doc_before_save()
		self.flags.touched = not before or _as_values(before) != _as_values(self)
		if not self.flags.touched:
			return
		if before and before.status in LOCKED:
			frappe.throw(
				_("{0} is {1}: its changes stand. Make a copy to change them.").format(
					self.name, _(before.status)
				)
			)
		try:
			_check(changes_of(self))
		except SentiaError as error:
			frappe.throw(str(error))

	def set_words(self):
		from sentia_ops.scenarios.site import changes_of, in_words

		for row, change in zip(self.changes, changes_of(self), strict=True):
			row.words = in_words(change)

	def forget_outdated(self):
		"""A result is of the changes it was made with."""
		if self.flags.touched and not self.flags.by_system and self.status in ("Ready", "Failed"):
			self.status, self.result = "Draft", None
			for field in RESULT:
				self.set(field, None)


def _as_values(doc) -> list[tuple]:
	return [tuple(str(row.get(field) or "") for field in CHANGE) for row in doc.changes]


def _check(changes) -> None:
	from sentia_ops.scenarios.flow import check_changes, names_in
	from sentia_ops.scenarios.site import nested_groups
	from sentia_ops.store.site import SiteStore

	check_changes(changes, names_in(SiteStore(), nested_groups()))
