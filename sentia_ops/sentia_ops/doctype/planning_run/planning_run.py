import frappe
from frappe.model.document import Document
from frappe.query_builder import Interval
from frappe.query_builder.functions import Now


class PlanningRun(Document):
	@staticmethod
	def clear_old_logs(days: int = 180) -> None:
		"""Delete runs older than `days`, except those that results on the site still point at."""
		run = frappe.qb.DocType("Planning Run")
		links = {"fieldtype": "Link", "options": "Planning Run"}
		used = []
		for doctype, field in frappe.get_all("DocField", links, ["parent", "fieldname"], as_list=True):
			used += frappe.get_all(doctype, filters={field: ("is", "set")}, pluck=field, distinct=True)
		query = frappe.qb.from_(run).delete().where(run.creation < (Now() - Interval(days=days)))
		(query.where(run.name.notin(used)) if used else query).run()
