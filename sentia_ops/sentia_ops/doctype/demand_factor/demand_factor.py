import math

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate


class DemandFactor(Document):
	def validate(self):
		self.validate_dates()
		self.validate_value()
		self.validate_overlap()

	def validate_dates(self):
		if getdate(self.to_date) < getdate(self.from_date):
			frappe.throw(_("The last day lies before the first."))

	def validate_value(self):
		from sentia_ops.forecasting.site_overrides import number

		if not math.isfinite(number(self.value or 0)):
			frappe.throw(_("The value must be a number."))

	def validate_overlap(self):
		"""A factor has one value a day."""
		other = frappe.db.get_value(
			"Demand Factor",
			{
				"name": ["!=", self.name or ""],
				"factor_name": self.factor_name,
				"item_code": self.item_code or ["is", "not set"],
				"from_date": ["<=", self.to_date],
				"to_date": [">=", self.from_date],
			},
		)
		if other:
			frappe.throw(
				_("{0} gives {1} a value on some of these days already.").format(other, self.factor_name)
			)
