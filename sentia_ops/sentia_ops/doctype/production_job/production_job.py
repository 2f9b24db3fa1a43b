import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

BY_SYSTEM = ("status", "finished_at", "schedule", "scheduled_start", "scheduled_end", "tardiness", "summary")
STEP_BY_SYSTEM = ("scheduled_workstation", "scheduled_start", "scheduled_end")
STEP_BY_ORDER = ("status", "started_at", "ended_at", "minutes_done", "job_card", "work_order_operation")
STOPPED = ("Stopped", "Closed", "Cancelled")


class ProductionJob(Document):
	def validate(self):
		self.keep_system_fields()
		self.set_steps()
		self.validate_dates()
		self.validate_steps()
		self.set_status()

	def on_trash(self):
		frappe.db.set_value(
			"Scheduled Operation", {"job": self.name}, "job_card", None, update_modified=False
		)

	def keep_system_fields(self):
		"""Read-only in the form, and through the REST API as well."""
		if self.flags.by_system:
			return
		before = self.get_doc_before_save()
		for field in BY_SYSTEM:
			self.set(field, before.get(field) if before else None)
		old = {row.name: row for row in before.operations} if before else {}
		for row in self.operations:
			for field in (*STEP_BY_SYSTEM, *(STEP_BY_ORDER if self.work_order else ())):
				row.set(field, old[row.name].get(field) if row.name in old else None)
			row.status = row.status or "pending"

	def set_steps(self):
		"""A step without a number gets the next one; numbers stay, as schedules name them."""
		last = max((row.step or 0 for row in self.operations), default=0)
		for row in self.operations:
			if not row.step:
				last += 1
				row.step = last

	def validate_dates(self):
		if self.release_at and self.due_at and get_datetime(self.release_at) > get_datetime(self.due_at):
			frappe.throw(_("Not before lies after Due."))

	def validate_steps(self):
		steps = [row.step for row in self.operations]
		for row in self.operations:
			if steps.count(row.step) > 1:
				frappe.throw(_("Step {0} stands there twice.").format(row.step))
			if row.max_wait and row.max_wait < (row.min_wait or 0):
				frappe.throw(_("Step {0} may wait less than it has to.").format(row.step))
			self.validate_after(row, steps)

	def validate_after(self, row, steps):
		for part in filter(None, (part.strip() for part in (row.after or "").replace(";", ",").split(","))):
			if not part.isdigit():
				frappe.throw(_("Step {0}, after: {1} is no number of a step.").format(row.step, part))
			if part != "0" and (int(part) not in steps or int(part) == row.step):
				frappe.throw(_("Step {0} cannot come after step {1}.").format(row.step, part))

	def set_status(self):
		states = {row.status or "pending" for row in self.operations}
		order = self.work_order and frappe.db.get_value(
			"Work Order", self.work_order, ["docstatus", "status"], as_dict=True
		)
		if self.closed or (order and (order.docstatus == 2 or order.status in STOPPED)):
			self.status = "cancelled"
		elif states == {"done"} or (order and order.status == "Completed"):
			self.status = "completed"
		elif self.due_at and get_datetime(self.due_at) < now_datetime():
			self.status = "late"
		elif states & {"started", "done"}:
			self.status = "in progress"
		else:
			self.status = "scheduled" if self.schedule and self.scheduled_start else "pending"
		self.set_finished()

	def set_finished(self):
		ends = [get_datetime(row.ended_at) for row in self.operations if row.ended_at]
		done = self.status == "completed"
		self.finished_at = (max(ends) if ends else self.finished_at or now_datetime()) if done else None
