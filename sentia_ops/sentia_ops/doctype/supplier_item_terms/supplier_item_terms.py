import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, getdate


class SupplierItemTerms(Document):
	def validate(self):
		self.validate_dates()
		self.set_currency()
		self.validate_price_breaks()
		self.validate_overlap()

	def validate_dates(self):
		if self.valid_from and self.valid_upto and getdate(self.valid_upto) < getdate(self.valid_from):
			frappe.throw(_("The last day lies before the first."))

	def set_currency(self):
		self.currency = (
			self.currency
			or frappe.db.get_value("Supplier", self.supplier, "default_currency")
			or frappe.db.get_value(
				"Company", frappe.defaults.get_global_default("company"), "default_currency"
			)
		)
		if self.price_breaks and not self.currency:
			frappe.throw(_("Give the currency of the prices."))

	def validate_price_breaks(self):
		self.price_breaks.sort(key=lambda row: flt(row.from_qty))
		for number, row in enumerate(self.price_breaks, 1):
			row.idx = number
			if flt(row.from_qty) <= 0 or flt(row.price) <= 0:
				frappe.throw(_("Row {0}: quantity and price must be above 0.").format(number))
			if number > 1 and flt(self.price_breaks[number - 2].from_qty) == flt(row.from_qty):
				frappe.throw(_("Two prices from quantity {0} on.").format(row.from_qty))

	def validate_overlap(self):
		"""On one day a supplier has one set of terms for an item."""
		mine = {"name": ["!=", self.name or ""], "supplier": self.supplier, "item_code": self.item_code}
		for other in frappe.get_all("Supplier Item Terms", mine, ["name", "valid_from", "valid_upto"]):
			ends_before = other.valid_upto and self.valid_from and other.valid_upto < getdate(self.valid_from)
			begins_after = (
				other.valid_from and self.valid_upto and other.valid_from > getdate(self.valid_upto)
			)
			if not (ends_before or begins_after):
				frappe.throw(_("{0} holds for some of these days already.").format(other.name))
