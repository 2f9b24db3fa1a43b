import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime


class WorkstationException(Document):
	def validate(self):
		if get_datetime(self.starts_at) >= get_datetime(self.ends_at):
			frappe.throw(_("Until must lie after From."))
