"""Quotations, opportunities, repairs and maintenance as the pipeline sees them. Real documents, rolled back."""

from __future__ import annotations

import frappe
import pandas as pd
import pytest
from factories import company, make_item, make_sales_order, make_stock, make_user, unique
from frappe.utils import add_days, add_months, today
from trade import days_ago, listening, read

from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.flow import forecast
from sentia_ops.forecasting.frames import FORECAST_PARTS, FORECAST_TOTALS, FORECASTS, PIPELINE

COLUMNS = ["kind", "outcome", "qty"]


def of(item) -> list[tuple]:
	"""kind, outcome and quantity of the item's rows."""
	return [tuple(row) for row in read(PIPELINE, item)[COLUMNS].itertuples(index=False)]


def quote(item, qty, customer, warehouse=None, *, made=5, valid: str | None = None, **line):
	doc = frappe.new_doc("Quotation")
	doc.update({"quotation_to": "Customer", "party_name": customer.name, "company": company()})
	doc.update({"transaction_date": days_ago(made), "valid_till": valid})
	row = {"item_code": item.name, "qty": qty, "rate": 9, "warehouse": getattr(warehouse, "name", None)}
	doc.append("items", {**row, **line})
	doc.insert()
	doc.submit()
	return doc


def order(quotation, qty=None, on=0):
	from erpnext.selling.doctype.quotation.quotation import make_sales_order as make

	doc = make(quotation.name)
	doc.transaction_date = days_ago(on)
	doc.delivery_date = add_days(today(), 9)
	doc.payment_schedule = []  # copied, with dates of the quotation
	for row in doc.items:
		row.delivery_date = doc.delivery_date
		if qty is not None:
			row.qty = qty
	doc.insert()
	doc.submit()
	return doc


@pytest.fixture
def crate(shed):
	"""An item that is also sold in crates of 12."""
	uom = frappe.get_doc({"doctype": "UOM", "uom_name": unique("Crate")}).insert().name
	uoms = [{"uom": "Nos", "conversion_factor": 1}, {"uom": uom, "conversion_factor": 12}]
	return make_item(uoms=uoms, item_defaults=[{"company": company(), "default_warehouse": shed.name}]), uom


class TestQuotations:
	def test_open_ordered_lost_and_expired(self, item, shed, customer):
		assert read(PIPELINE, item).empty
		quote(item, 10, customer, shed)
		assert of(item) == [("quotation", "open", 10)]
		won = quote(item, 20, customer, shed, made=9)
		order(won, on=4)
		quote(item, 30, customer, shed).declare_enquiry_lost([], [])
		quote(item, 40, customer, shed, made=30, valid=days_ago(2))
		quote(item, 50, customer, shed).cancel()
		rows = read(PIPELINE, item).sort_values("qty").reset_index(drop=True)
		assert rows["outcome"].tolist() == ["open", "won", "lost", "lost"]
		assert rows["qty"].tolist() == [10, 20, 30, 40]
		made, closed = rows["made_on"], rows["closed_on"]
		assert str(made[1].date()) == days_ago(9) and str(closed[1].date()) == days_ago(4)
		assert (
			pd.isna(closed[0]) and str(closed[2].date()) == today() and str(closed[3].date()) == days_ago(2)
		)
		assert rows["warehouse"].eq(shed.name).all() and rows["due_date"].isna().all()

	def test_of_one_ordered_in_part_the_rest_is_open_until_it_expires(self, item, shed, customer):
		part = quote(item, 10, customer, shed, valid=add_days(today(), 3))
		order(part, qty=4)
		assert of(item) == [("quotation", "open", 6)]
		frappe.db.set_value("Quotation", part.name, "valid_till", days_ago(1))
		assert of(item) == [("quotation", "lost", 10)]
		order_more = quote(item, 10, customer, shed, valid=add_days(today(), 3))
		order(order_more, qty=6)
		frappe.db.set_value("Quotation", order_more.name, "valid_till", days_ago(1))
		assert sorted(of(item)) == [("quotation", "lost", 10), ("quotation", "won", 10)]

	def test_an_order_cancelled_is_no_win(self, item, shed, customer):
		order(quote(item, 10, customer, shed)).cancel()
		assert of(item) == [("quotation", "open", 10)]

	def test_in_stock_units_and_to_the_default_warehouse(self, crate, shed, customer):
		item, uom = crate
		quote(item, 2, customer, uom=uom, conversion_factor=12)
		assert of(item) == [("quotation", "open", 24)]
		assert read(PIPELINE, item)["warehouse"].tolist() == [shed.name]

	def test_without_any_warehouse_it_is_left_out_and_counted(self, item, customer):
		doc = quote(item, 3, customer)
		frappe.db.set_value("Quotation Item", doc.items[0].name, "warehouse", None)
		frappe.db.delete("Item Default", {"parent": item.name})
		store, run = listening()
		assert store.read(PIPELINE, item_code=item.name).empty
		assert run.refused == {
			"open quotation or opportunity lines without a warehouse, of items without a default one": 1
		}

	def test_two_lines_of_an_item_are_one(self, item, shed, customer):
		doc = frappe.copy_doc(quote(item, 3, customer, shed))
		doc.append("items", {"item_code": item.name, "qty": 4, "rate": 8, "warehouse": shed.name})
		doc.insert()
		doc.submit()
		assert sorted(of(item)) == [("quotation", "open", 3), ("quotation", "open", 7)]

	def test_a_bundle_is_asked_for_by_its_contents(self, item, shed, customer):
		box = make_item(is_stock_item=0)
		content = {"item_code": item.name, "qty": 3}
		frappe.get_doc({"doctype": "Product Bundle", "new_item_code": box.name, "items": [content]}).insert()
		doc = quote(box, 2, customer, shed)
		frappe.db.set_value("Packed Item", {"parent": doc.name}, "warehouse", shed.name)
		assert of(item) == [("quotation", "open", 6)]

	def test_of_alternatives_only_the_one_ordered_counts(self, item, shed, customer):
		other = make_item()
		doc = frappe.new_doc("Quotation")
		doc.update({"quotation_to": "Customer", "party_name": customer.name, "company": company()})
		for code, alternative in ((item.name, 0), (other.name, 1)):
			row = {
				"item_code": code,
				"qty": 5,
				"rate": 9,
				"warehouse": shed.name,
				"is_alternative": alternative,
			}
			doc.append("items", row)
		doc.insert()
		doc.submit()
		assert read(PIPELINE, other).empty


class TestOpportunities:
	def make(self, item, customer, qty=10, **values):
		doc = frappe.new_doc("Opportunity")
		doc.update({"opportunity_from": "Customer", "party_name": customer.name, "company": company()})
		doc.update({"transaction_date": days_ago(20), "expected_closing": add_days(today(), 15), **values})
		doc.append(
			"items", {"item_code": item.name, "qty": qty, "uom": values.get("unit") or "Nos", "rate": 9}
		)
		return doc.insert()

	def test_open_won_and_lost(self, crate, shed, customer):
		item, uom = crate
		self.make(item, customer)
		self.make(item, customer, 2, unit=uom)
		for qty, status in ((30, "Converted"), (40, "Lost"), (50, "Closed")):
			frappe.db.set_value("Opportunity", self.make(item, customer, qty).name, "status", status)
		rows = read(PIPELINE, item).sort_values("qty")
		assert rows["outcome"].tolist() == ["open", "open", "won", "lost", "lost"]
		assert rows["qty"].tolist() == [10, 24, 30, 40, 50]
		assert rows["warehouse"].eq(shed.name).all() and rows["kind"].eq("opportunity").all()
		assert {str(day.date()) for day in rows["due_date"]} == {add_days(today(), 15)}

	def test_one_that_is_quoted_is_not_counted_twice(self, crate, shed, customer):
		from erpnext.crm.doctype.opportunity.opportunity import make_quotation

		item, _ = crate
		doc = make_quotation(self.make(item, customer).name)
		doc.items[0].rate = 9
		doc.insert()
		doc.submit()
		assert of(item) == [("quotation", "open", 10)]

	def test_an_unknown_unit_is_left_out_and_counted(self, crate, customer):
		item, _ = crate
		odd = frappe.get_doc({"doctype": "UOM", "uom_name": unique("Heap")}).insert().name
		doc = self.make(item, customer)
		frappe.db.set_value("Opportunity Item", doc.items[0].name, "uom", odd)
		store, run = listening()
		assert store.read(PIPELINE, item_code=item.name).empty
		assert sum(run.refused.values()) == 1 and "unit of measure" in next(iter(run.refused))


@pytest.fixture
def machine(site):
	"""A submitted asset, owned for long."""
	category = frappe.new_doc("Asset Category")
	category.asset_category_name = unique("Machines")
	account = frappe.db.get_value(
		"Account", {"company": company(), "account_type": "Fixed Asset", "is_group": 0}
	)
	category.append("accounts", {"company_name": company(), "fixed_asset_account": account})
	category.insert()
	kind = make_item(is_stock_item=0, is_fixed_asset=1, asset_category=category.name)
	place = frappe.get_doc({"doctype": "Location", "location_name": unique("Hall")}).insert()
	asset = frappe.new_doc("Asset")
	asset.update(
		{
			"item_code": kind.name, "asset_name": unique("Press"), "company": company(), "is_existing_asset": 1,
			"location": place.name, "gross_purchase_amount": 1000, "purchase_date": days_ago(300),
			"available_for_use_date": days_ago(300),
		}
	)  # fmt: skip
	asset.insert()
	asset.submit()
	return asset


def repair(machine, part, warehouse, qty, status="Pending", failed=3, done=None):
	doc = frappe.new_doc("Asset Repair")
	doc.update({"asset": machine.name, "company": company(), "failure_date": days_ago(failed)})
	doc.update({"stock_consumption": 1, "repair_status": status, "completion_date": done and days_ago(done)})
	row = {"item_code": part.name, "warehouse": warehouse.name, "consumed_quantity": qty, "valuation_rate": 5}
	doc.append("stock_items", row)
	doc.insert()
	if status != "Pending":
		doc.submit()
	return doc


class TestParts:
	def test_a_repair_waits_for_its_parts_until_it_is_submitted(self, item, shed, machine):
		make_stock(item, shed, 50)
		repair(machine, item, shed, 2)
		repair(machine, item, shed, 4, "Completed", failed=9, done=6)
		rows = read(PIPELINE, item).sort_values("qty").reset_index(drop=True)
		assert rows[COLUMNS].to_numpy().tolist() == [["ticket", "open", 2], ["ticket", "won", 4]]
		assert str(rows["made_on"][1].date()) == days_ago(9) and str(rows["closed_on"][1].date()) == days_ago(
			6
		)

	def test_planned_maintenance_needs_what_repairs_of_such_machines_used(self, item, shed, machine):
		make_stock(item, shed, 50)
		repair(machine, item, shed, 2, "Completed", failed=40, done=38)
		repair(machine, item, shed, 4, "Completed", failed=9, done=6)
		plan = self.plan(machine)
		log = frappe.get_doc("Asset Maintenance Log", {"asset_maintenance": plan.name})
		rows = read(PIPELINE, item, kind="maintenance")
		assert rows[["outcome", "qty", "voucher"]].to_numpy().tolist() == [["open", 3, log.name]]
		assert str(rows["due_date"][0].date()) == str(log.due_date) and rows["made_on"][0] <= pd.Timestamp(
			today()
		)

	def test_maintenance_done_tells_whether_the_part_was_used(self, item, shed, machine):
		make_stock(item, shed, 50)
		repair(machine, item, shed, 2, "Completed", failed=40, done=38)
		plan = self.plan(machine)
		log = frappe.get_doc("Asset Maintenance Log", {"asset_maintenance": plan.name})
		log.update({"maintenance_status": "Completed", "completion_date": today()})
		log.save()
		log.submit()
		# the next one, planned by completing the first, is open
		assert sorted(read(PIPELINE, item, kind="maintenance")["outcome"]) == ["lost", "open"]
		repair(machine, item, shed, 2, "Completed", failed=4, done=3)
		assert sorted(read(PIPELINE, item, kind="maintenance")["outcome"]) == ["open", "won"]

	def plan(self, machine):
		person = make_user(
			"System Manager"
		).name  # of Administrator ERPNext would assign to an address that is no user
		team = frappe.get_doc(
			{
				"doctype": "Asset Maintenance Team",
				"maintenance_team_name": unique("Team"),
				"company": company(),
				"maintenance_team_members": [{"team_member": person, "maintenance_role": "System Manager"}],
			}
		).insert()
		task = {
			"maintenance_task": "Oil it", "maintenance_type": "Preventive Maintenance", "maintenance_status": "Planned",
			"start_date": add_months(today(), -2), "periodicity": "Quarterly", "next_due_date": add_months(today(), 1), "assign_to": person,
		}  # fmt: skip
		doc = {
			"doctype": "Asset Maintenance", "asset_name": machine.name, "company": company(),
			"maintenance_team": team.name, "asset_maintenance_tasks": [task],
		}  # fmt: skip
		return frappe.get_doc(doc).insert()


class TestForecast:
	def test_a_large_quotation_raises_the_forecast_and_totals_follow(self, item, shed, customer):
		for age in range(1, 60):
			make_sales_order(item, shed, 2, customer=customer, on=days_ago(age), due=days_ago(age))
			if age > 40:
				break
		make_sales_order(item, shed, 5, customer=customer, on=days_ago(1), due=add_days(today(), 4))
		quote(item, 5000, customer, shed, made=1)
		store, run = listening()
		settings = ForecastSettings(horizon_days=60, processes=1)
		try:
			forecast(store, run, as_of=store.today(), settings=settings)
			rows = store.read(FORECASTS, item_code=item.name)
			parts = store.read(FORECAST_PARTS, item_code=item.name, kind="adjustment")
			totals = store.read(FORECAST_TOTALS, level="item", node=item.name)
			every = store.read(FORECASTS)["qty"].sum()
			companies = store.read(FORECAST_TOTALS, level="company")["qty"].sum()
		finally:
			store._run = None
		assert rows["committed"][4] == 5 and rows["committed"][0] >= 80, "overdue ones stand on the first day"
		more = rows["qty"] - rows["machine_qty"]
		assert (more > 0).sum() == 1 and 0 < more.sum() < 5000
		part = parts[parts["part"] == "open quotations"].iloc[0]
		assert (
			part["effect"] * 60 == pytest.approx(more.sum(), abs=1e-5)
			and "beyond the forecast" in part["note"]
		)
		assert totals["qty"].sum() == pytest.approx(rows["qty"].sum(), abs=1e-5)
		assert companies == pytest.approx(every, abs=1e-4)
