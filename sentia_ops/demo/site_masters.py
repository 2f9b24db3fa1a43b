"""The demo company's master records in ERPNext: company, warehouses, items, prices, parties, bills of materials."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import frappe
import pandas as pd

from sentia_ops.demo.catalogue import ABBR, COMPANY, MARKETS, RATES, RETAILERS
from sentia_ops.demo.company import DemoCompany
from sentia_ops.demo.site_marks import mark, marked
from sentia_ops.demo.site_plant import bom_operations, make_plant
from sentia_ops.errors import SentiaError

REJECTED = f"Rejected - {ABBR}"
SHOP_FLOOR = f"Shop Floor - {ABBR}"
SELLING_LIST = "Sentia Demo Selling"
COUNTRIES = {"GBP": "United Kingdom", "EUR": "Germany", "USD": "United States"}
Step = tuple[str, Callable[[], None]]


def buying_list(currency: str) -> str:
	return f"Sentia Demo Buying {currency}"


def bom_name(item_code: str) -> str:
	return f"BOM-{item_code}-001"


def steps(company: DemoCompany) -> list[Step]:
	"""What is to be done, in order, each with its words for the progress bar. Each skips what is there."""
	return [
		("company and warehouses", lambda: _company_and_warehouses(company)),
		("price lists and exchange rates", lambda: _lists_and_rates(company)),
		("suppliers and retailers", lambda: _parties(company)),
		("items", lambda: _items(company)),
		("supplier prices", lambda: _prices(company)),
		("suppliers' quantities and price breaks", lambda: _item_terms(company)),
		("workstations and change-overs", lambda: make_plant(company, make_once)),
		("bills of materials", lambda: _boms(company)),
	]


def refuse_foreign_names(company: DemoCompany) -> None:
	"""The demo never takes over a record that somebody else made.

	Raises:
	    SentiaError: the site is not set up, or has records of its own under the demo's names.
	"""
	if not frappe.db.exists("UOM", "Nos") or not frappe.get_all("Company", limit=1):
		raise SentiaError(
			"This site is not set up yet.", "Finish ERPNext's setup wizard in Desk, then try again."
		)
	wanted = {
		"Company": [COMPANY],
		"Item": list(company.items["item_code"]),
		"Supplier": list(company.supplier_items["supplier"].unique()),
		"Customer": [name for names in RETAILERS.values() for name in names],
	}
	for doctype, names in wanted.items():
		there = frappe.get_all(doctype, {"name": ["in", names]}, pluck="name")
		foreign = sorted(set(there) - set(marked(doctype)))
		if foreign:
			shown = ", ".join(foreign[:3]) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
			raise SentiaError(
				f"This site has {doctype} {shown} of its own.",
				"Rename them, or use another site for the demo.",
			)
	taken = frappe.db.get_value("Company", {"abbr": ABBR, "name": ["!=", COMPANY]})
	if taken:
		raise SentiaError(f"Company {taken} uses the abbreviation {ABBR}.", "Use another site for the demo.")


def make_once(doctype: str, name: str, **values) -> None:
	"""Insert and mark a master record that is not there yet."""
	if frappe.db.exists(doctype, name):
		return
	doc = frappe.get_doc({"doctype": doctype, **values})
	doc.insert(ignore_permissions=True, set_name=name)
	mark(doctype, doc.name)


def _company_and_warehouses(company: DemoCompany) -> None:
	make_once(
		"Company",
		COMPANY,
		company_name=COMPANY,
		abbr=ABBR,
		default_currency="GBP",
		country="United Kingdom",
		chart_of_accounts="Standard",
		enable_perpetual_inventory=0,  # stock only: the demo has no ledger to keep
	)
	root = frappe.db.get_value(
		"Warehouse", {"company": COMPANY, "is_group": 1, "parent_warehouse": ["in", ["", None]]}
	)
	for market in MARKETS:
		group = f"{market} - {ABBR}"
		make_once(
			"Warehouse", group, warehouse_name=market, company=COMPANY, is_group=1, parent_warehouse=root
		)
		name = f"{market} Warehouse"
		make_once(
			"Warehouse", f"{name} - {ABBR}", warehouse_name=name, company=COMPANY, parent_warehouse=group
		)
	make_once(
		"Warehouse",
		REJECTED,
		warehouse_name="Rejected",
		company=COMPANY,
		parent_warehouse=root,
		is_rejected_warehouse=1,
	)
	make_once("Warehouse", SHOP_FLOOR, warehouse_name="Shop Floor", company=COMPANY, parent_warehouse=root)
	for year in range(_before(company).year, company.as_of.year + 1):
		_fiscal_year(year)


def _before(company: DemoCompany) -> date:
	"""The day before history starts."""
	return company.as_of - timedelta(days=company.days + 1)


def _fiscal_year(year: int) -> None:
	"""One for the calendar year, unless the site's own years cover it."""
	start, end = date(year, 1, 1), date(year, 12, 31)
	meets = {"year_start_date": ["<=", end], "year_end_date": [">=", start]}
	if not frappe.db.exists("Fiscal Year", meets):
		make_once("Fiscal Year", str(year), year=str(year), year_start_date=start, year_end_date=end)


def _lists_and_rates(company: DemoCompany) -> None:
	make_once("Price List", SELLING_LIST, price_list_name=SELLING_LIST, currency="GBP", selling=1, enabled=1)
	for currency, rate in RATES.items():
		if not frappe.db.get_value("Currency", currency, "enabled"):
			frappe.db.set_value("Currency", currency, "enabled", 1)
			mark("Currency", currency)
		name = buying_list(currency)
		make_once("Price List", name, price_list_name=name, currency=currency, buying=1, enabled=1)
		pair = {"from_currency": currency, "to_currency": "GBP"}
		if currency != "GBP" and not frappe.db.exists(
			"Currency Exchange", pair
		):  # other companies use them too
			values = {
				**pair,
				"date": _before(company),
				"exchange_rate": rate,
			}
			make_once(
				"Currency Exchange", f"Sentia Demo {currency}-GBP", **values, for_buying=1, for_selling=1
			)


def _parties(company: DemoCompany) -> None:
	offers = company.supplier_items.drop_duplicates("supplier")
	for offer in offers.itertuples():
		make_once(
			"Supplier",
			offer.supplier,
			supplier_name=offer.supplier,
			supplier_type="Company",
			supplier_group=_leaf("Supplier Group"),
			country=COUNTRIES[offer.currency],
			default_currency=offer.currency,
			default_price_list=buying_list(offer.currency),
			**_terms(company, offer.supplier),
		)
	for customer in company.customers["customer"]:
		make_once(
			"Customer",
			customer,
			customer_name=customer,
			customer_type="Company",
			customer_group=_leaf("Customer Group"),
			territory=_leaf("Territory"),
			default_price_list=SELLING_LIST,
		)


def _terms(company: DemoCompany, supplier: str) -> dict:
	"""Fields of the Supplier, from the company's terms; its closures become a Holiday List."""
	terms = company.supplier_terms.set_index("supplier")
	if supplier not in terms.index:
		return {}
	row = terms.loc[supplier]
	fields = {
		"sentia_min_order_value": float(row["min_order_value"]),
		"sentia_order_days": row["order_days"],
		"sentia_ordering_cost": 0.0 if pd.isna(row["ordering_cost"]) else float(row["ordering_cost"]),
	}
	closures = json.loads(row["closed"])
	if not closures:
		return fields
	days = [day for c in closures for day in pd.date_range(c["from"], c["to"])]
	name = f"{supplier} holidays"
	make_once(
		"Holiday List",
		name,
		holiday_list_name=name,
		from_date=days[0].date(),
		to_date=days[-1].date(),
		holidays=[{"holiday_date": day.date(), "description": "Closed"} for day in days],
	)
	return {**fields, "sentia_holiday_list": name}


def _leaf(doctype: str) -> str | None:
	"""Any leaf of one of ERPNext's trees of groups."""
	return frappe.db.get_value(doctype, {"is_group": 0}, order_by="lft")


def _items(company: DemoCompany) -> None:
	root = frappe.db.get_value("Item Group", {"is_group": 1, "parent_item_group": ["in", ["", None]]})
	for group in company.items["item_group"].unique():
		make_once("Item Group", group, item_group_name=group, parent_item_group=root, is_group=0)
	for uom, whole in company.items[["stock_uom", "whole_number"]].drop_duplicates().itertuples(index=False):
		make_once("UOM", uom, uom_name=uom, must_be_whole_number=int(whole))
	offers = company.supplier_items.set_index("item_code")
	for item in company.items.itertuples():
		mine = offers.loc[[item.item_code]] if item.item_code in offers.index else offers.iloc[:0]
		default = next(iter(mine[mine["is_default"]]["supplier"]), None)
		make_once(
			"Item",
			item.item_code,
			item_code=item.item_code,
			item_name=item.item_name,
			item_group=item.item_group,
			stock_uom=item.stock_uom,
			is_stock_item=1,
			is_purchase_item=int(item.is_purchased),
			is_sales_item=int(item.selling_rate > 0),
			valuation_rate=item.valuation_rate,
			standard_rate=item.selling_rate,
			min_order_qty=item.min_order_qty,
			lead_time_days=item.lead_time_days,
			item_defaults=[
				{
					"company": COMPANY,
					"default_warehouse": f"UK Warehouse - {ABBR}",
					"default_supplier": default,
				}
			],
			supplier_items=[{"supplier": s} for s in mine["supplier"]],
		)


def _prices(company: DemoCompany) -> None:
	for offer in company.supplier_items.itertuples():
		price_list = buying_list(offer.currency)
		make_once(
			"Item Price",
			f"SDL-{offer.item_code}-{offer.supplier}",
			item_code=offer.item_code,
			supplier=offer.supplier,
			price_list=price_list,
			buying=1,
			currency=offer.currency,
			price_list_rate=offer.price,
			packing_unit=int(offer.pack_size),
			lead_time_days=int(offer.promised_lead_days),
			valid_from=_before(company),
		)


def _item_terms(company: DemoCompany) -> None:
	"""Where an offer has price breaks, or another minimum than the item's own."""
	least = company.items.set_index("item_code")["min_order_qty"]
	for offer in company.supplier_items.itertuples():
		breaks = json.loads(offer.price_breaks)
		if not breaks and offer.min_order_qty == least[offer.item_code]:
			continue
		make_once(
			"Supplier Item Terms",
			f"{ABBR}-{offer.item_code}-{offer.supplier}",
			supplier=offer.supplier,
			item_code=offer.item_code,
			currency=offer.currency,
			min_order_qty=offer.min_order_qty,
			pack_size=offer.pack_size,
			price_breaks=[{"from_qty": b["qty"], "price": b["price"]} for b in breaks],
		)


def _boms(company: DemoCompany) -> None:
	rates = company.items.set_index("item_code")["valuation_rate"]
	for item_code, lines in company.boms.groupby("item_code"):
		operations = bom_operations(company, item_code)
		make_once(
			"BOM",
			bom_name(item_code),
			item=item_code,
			company=COMPANY,
			quantity=1,
			currency="GBP",
			conversion_rate=1,
			is_active=1,
			is_default=1,
			with_operations=int(bool(operations)),
			operations=operations,
			docstatus=1,
			items=[
				{"item_code": m.material, "qty": m.qty, "rate": float(rates[m.material])}
				for m in lines.itertuples()
			],
		)
