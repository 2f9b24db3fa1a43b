import frappe
from frappe import _
from frappe.model.document import Document

PARTS = ("Scheduled Operation", "Production Schedule Job", "Unplaced Operation", "Station Load")


class ProductionSchedule(Document):
	def on_trash(self):
		if self.status == "Published":
			frappe.throw(_("{0} is published. Publish another, or take it back first.").format(self.name))
		delete_parts([self.name])

	@staticmethod
	def clear_old_logs(days=90):
		"""Superseded schedules older than that many days; Log Settings calls this."""
		before = frappe.utils.add_days(frappe.utils.now_datetime(), -days)
		old = frappe.get_all(
			"Production Schedule", {"status": "Superseded", "modified": ["<", before]}, pluck="name"
		)
		if old:
			delete_parts(old)
			frappe.db.delete("Production Schedule", {"name": ["in", old]})


def delete_parts(schedules):
	"""The rows of schedules that go, and the links to them in jobs that are finished."""
	frappe.db.set_value(
		"Production Job", {"schedule": ["in", schedules]}, "schedule", None, update_modified=False
	)
	for doctype in PARTS:
		frappe.db.delete(doctype, {"schedule": ["in", schedules]})
