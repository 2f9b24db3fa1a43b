"""The demo company's history as ERPNext documents, each on its true day, in the order in which things happened.

Written in time order, no entry ever has a later one behind it, so ERPNext has nothing to repost.

	08:00 Purchase Receipt     what suppliers delivered, rejected pieces apart
	08:30 Stock Entry          what the plant finished (Material Receipt)
	15:00 Sales Order and Delivery Note, one a day and market: what retailers ordered and got
	16:00 Work Order           lots that are still under way, and the move of their materials
	17:30 Stock Entry          what the plant took for the others (Material Issue)
	      Purchase Order       what the buyer ordered that day; open ones stay open
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import frappe
import numpy as np
import pandas as pd

from sentia_ops.demo.catalogue import ABBR, MARKETS, RATES, WAREHOUSES
from sentia_ops.demo.company import DemoCompany
from sentia_ops.demo.site_masters import REJECTED, SELLING_LIST, buying_list
from sentia_ops.demo.site_papers import Paper, posted
from sentia_ops.demo.site_stock import StockPapers


class Archive:
	"""All papers of a company, in time order."""

	def __init__(self, company: DemoCompany):
		self.company = company
		self.items = company.items.set_index("item_code")
		self.rng = np.random.default_rng(company.seed)

	def papers(self) -> list[Paper]:
		stock = StockPapers(self.company)
		made = [
			*stock.opening(),
			*self._receipts(),
			*stock.finished(),
			*self._sales(),
			*stock.work_orders(),
			*stock.issued(),
			*self._purchases(),
			*self._open_sales(),
		]
		return sorted(made, key=lambda p: p.day)  # stable: within a day in the order above

	# selling

	def _sales(self) -> Iterator[Paper]:
		sold = self.company.demand.query("channel == 'Wholesale' and qty > 0")
		for (day, warehouse), rows in sold.groupby(["date", "warehouse"]):
			market = self._market_of[warehouse]
			tail = f"{day:%Y%m%d}-{market}"
			order, customer = f"{ABBR}-SO-{tail}", self._customer(market)
			yield Paper(
				day,
				"Sales Order",
				order,
				lambda d=day, c=customer, r=rows: self._order(d, c, r.assign(due=d)),
			)
			yield Paper(
				day,
				"Delivery Note",
				f"{ABBR}-DN-{tail}",
				lambda d=day, c=customer, o=order: self._delivery(d, c, o),
			)

	def _open_sales(self) -> Iterator[Paper]:
		"""Orders of the last days before as_of that are due later."""
		rows = self.company.outbound.rename(columns={"due_date": "due"})
		for number, (warehouse, lines) in enumerate(rows.groupby("warehouse")):
			day = pd.Timestamp(self.company.as_of) - pd.Timedelta(days=1 + number % 3)
			market = self._market_of[warehouse]
			customer = self._customer(market)
			name = f"{ABBR}-SO-OPEN-{market}"
			yield Paper(day, "Sales Order", name, lambda d=day, c=customer, r=lines: self._order(d, c, r))

	def _customer(self, market: str) -> str:
		mine = self.company.customers[self.company.customers["market"] == market]
		return self.rng.choice(mine["customer"].to_numpy(), p=mine["weight"].to_numpy())

	def _order(self, day: pd.Timestamp, customer: str, rows: pd.DataFrame) -> dict:
		return {
			"customer": customer,
			"title": customer,
			"transaction_date": day.date(),
			"delivery_date": rows["due"].max().date(),
			**_in_pounds(),
			"items": [
				self._line(r.item_code, r.qty, r.warehouse, delivery_date=r.due.date())
				for r in rows.itertuples()
			],
		}

	def _delivery(self, day: pd.Timestamp, customer: str, order: str) -> dict:
		fields = ["name", "item_code", "qty", "warehouse"]
		lines = frappe.get_all("Sales Order Item", {"parent": order}, fields, order_by="idx")
		return {
			"customer": customer,
			"title": customer,
			**posted(day, "15:00:00"),
			**_in_pounds(),
			"items": [
				self._line(i.item_code, i.qty, i.warehouse, against_sales_order=order, so_detail=i.name)
				for i in lines
			],
		}

	def _line(self, item_code: str, qty: float, warehouse: str, **links) -> dict:
		item = self.items.loc[item_code]
		rate = float(item["selling_rate"])
		return {
			"item_code": item_code,
			"item_name": item["item_name"],
			"qty": qty,
			"uom": item["stock_uom"],
			"conversion_factor": 1,
			"rate": rate,
			"price_list_rate": rate,
			"warehouse": warehouse,
			**links,
		}

	# buying

	def _purchases(self) -> Iterator[Paper]:
		lines = self.company.receipts.drop_duplicates("order_line")
		lines = lines.assign(number=lines["order_line"].str.rpartition("-")[2].astype(int)).sort_values(
			"number"
		)
		for voucher, rows in lines.groupby(lines["order_line"].str.rpartition("-")[0]):
			day = rows["ordered_on"].iloc[0]
			yield Paper(
				day, "Purchase Order", f"{ABBR}-{voucher}", lambda d=day, r=rows: self._purchase(d, r)
			)

	def _purchase(self, day: pd.Timestamp, rows: pd.DataFrame) -> dict:
		supplier = rows["supplier"].iloc[0]
		return {
			"supplier": supplier,
			"title": supplier,
			"transaction_date": day.date(),
			"schedule_date": rows["promised_on"].max().date(),
			**self._in_currency_of(supplier),
			"items": [
				self._bought(r, r.qty_ordered) | {"schedule_date": r.promised_on.date()}
				for r in rows.itertuples()
			],
		}

	def _receipts(self) -> Iterator[Paper]:
		came = self.company.receipts.dropna(subset=["received_on"])
		for number, ((day, supplier, _), rows) in enumerate(
			came.groupby(["received_on", "supplier", "warehouse"])
		):
			name = f"{ABBR}-PR-{number + 1:05d}"
			yield Paper(
				day, "Purchase Receipt", name, lambda d=day, s=supplier, r=rows: self._receipt(d, s, r)
			)

	def _receipt(self, day: pd.Timestamp, supplier: str, rows: pd.DataFrame) -> dict:
		lines = []
		for r in rows.itertuples():
			voucher, _, number = r.order_line.rpartition("-")
			order = f"{ABBR}-{voucher}"
			order_row = frappe.db.get_value("Purchase Order Item", {"parent": order, "idx": int(number)})
			line = self._bought(r, r.qty_received - r.qty_rejected)
			line |= {
				"purchase_order": order,
				"purchase_order_item": order_row,
				"received_qty": r.qty_received,
			}
			if r.qty_rejected:
				line |= {"rejected_qty": r.qty_rejected, "rejected_warehouse": REJECTED}
			lines.append(line)
		return {
			"supplier": supplier,
			"title": supplier,
			**posted(day, "08:00:00"),
			**self._in_currency_of(supplier),
			"items": lines,
		}

	def _bought(self, row, qty: float) -> dict:
		rate = self._prices.at[(row.supplier, row.item_code), "price"]
		return {
			"item_code": row.item_code,
			"qty": qty,
			"uom": self.items.at[row.item_code, "stock_uom"],
			"conversion_factor": 1,
			"rate": rate,
			"price_list_rate": rate,
			"warehouse": row.warehouse,
		}

	def _in_currency_of(self, supplier: str) -> dict:
		currency = self._prices.loc[supplier, "currency"].iloc[0]
		return {
			"currency": currency,
			"conversion_rate": RATES[currency],
			"buying_price_list": buying_list(currency),
			"price_list_currency": currency,
			"plc_conversion_rate": RATES[currency],
			"ignore_pricing_rule": 1,
		}

	@cached_property
	def _prices(self) -> pd.DataFrame:
		return self.company.supplier_items.set_index(["supplier", "item_code"])

	@cached_property
	def _market_of(self) -> dict[str, str]:
		return {WAREHOUSES[market]: market for market in MARKETS}


def _in_pounds() -> dict:
	return {
		"currency": "GBP",
		"conversion_rate": 1,
		"selling_price_list": SELLING_LIST,
		"price_list_currency": "GBP",
		"plc_conversion_rate": 1,
		"ignore_pricing_rule": 1,
	}
