import frappe
from frappe.model.document import Document
from frappe.utils import add_days, getdate

HISTORY_DAYS = 120  # shown beside the forecast


class DemandForecast(Document):
	@frappe.whitelist()
	def get_history(self) -> dict:
		"""Sales of the days before the forecast begins.

		Returns: {"start": date, "qty": [a value a day], "out": [index of days out of stock], "uom"}.
		"""
		self.check_permission("read")
		from sentia_ops.forecasting.frames import DEMAND
		from sentia_ops.store.site import SiteStore

		rows = SiteStore().read(DEMAND, item_code=self.item_code, warehouse=self.warehouse)
		days = {row.date.date(): row for row in rows.itertuples()}
		start = getdate(add_days(self.as_of, -HISTORY_DAYS))
		if days:  # before its first row a series did not exist; after it, a day without a row sold nothing
			start = max(start, min(days))
		length = (getdate(self.as_of) - start).days if days else 0
		shown = [days.get(getdate(add_days(start, i))) for i in range(length)]
		return {
			"start": str(start),
			"qty": [float(row.qty) if row else 0.0 for row in shown],
			"out": [i for i, row in enumerate(shown) if row and not row.in_stock],
			"uom": frappe.get_cached_value("Item", self.item_code, "stock_uom"),
		}


def on_doctype_update():
	frappe.db.add_unique("Demand Forecast", ["item_code", "warehouse"], constraint_name="item_warehouse")
