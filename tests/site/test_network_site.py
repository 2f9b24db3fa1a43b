"""Transfers, capacity, volume, excess and shares of scarce stock as ERPNext documents. Rolled back."""

from __future__ import annotations

import frappe
import pandas as pd
import pytest
from factories import make_item, make_recommendation, make_stock, make_warehouse
from frappe.utils import add_days, getdate, today
from trade import listening, read

from sentia_ops.replenishment.approval import approve
from sentia_ops.replenishment.frames import ALLOCATIONS, EXCESS, INBOUND, OUTBOUND
from sentia_ops.store.frames import ITEMS, WAREHOUSES


@pytest.fixture
def transfer():
	"""A draft transfer of 40, with 100 in stock where it comes from."""
	item, source, target = make_item(), make_warehouse(), make_warehouse()
	make_stock(item, source, 100)
	return make_recommendation(
		item,
		target,
		action="transfer",
		supplier="",
		from_warehouse=source.name,
		qty=40,
		unit_price=0,
		order_by=today(),
		need_by=add_days(today(), 3),
	)


def test_an_approved_transfer_is_a_material_transfer_from_and_to_the_right_warehouses(transfer):
	made = approve(transfer.name)
	request = frappe.get_doc(made["doctype"], made["name"])
	line = request.items[0]
	assert (made["doctype"], request.docstatus) == ("Material Request", 0)
	assert request.material_request_type == "Material Transfer"
	assert (request.set_from_warehouse, request.set_warehouse) == (
		transfer.from_warehouse,
		transfer.warehouse,
	)
	assert (line.from_warehouse, line.warehouse, line.qty) == (
		transfer.from_warehouse,
		transfer.warehouse,
		40,
	)
	assert getdate(line.schedule_date) == getdate(add_days(today(), 3))
	assert line.sentia_recommendation == transfer.name
	assert approve(transfer.name) == made


def test_it_comes_at_one_end_and_leaves_at_the_other_until_it_has_moved(transfer):
	request = frappe.get_doc("Material Request", approve(transfer.name)["name"])
	for step in ("draft", "submitted"):
		if step == "submitted":
			request.submit()
		coming, leaving = read(INBOUND, transfer.item_code), read(OUTBOUND, transfer.item_code)
		assert coming[["warehouse", "qty", "kind"]].values.tolist() == [[transfer.warehouse, 40.0, "MR"]], (
			step
		)
		assert leaving[["warehouse", "qty", "kind"]].values.tolist() == [
			[transfer.from_warehouse, 40.0, "MR"]
		]
	from erpnext.stock.doctype.material_request.material_request import make_stock_entry

	entry = make_stock_entry(request.name)
	entry.insert()
	entry.submit()
	assert read(INBOUND, transfer.item_code).empty and read(OUTBOUND, transfer.item_code).empty


def test_a_transfer_without_a_source_is_refused_and_stays_a_draft(transfer):
	frappe.db.set_value("Reorder Recommendation", transfer.name, "from_warehouse", None)
	with pytest.raises(frappe.ValidationError, match="names no warehouse to move the stock from"):
		approve(transfer.name)


def test_capacity_and_volume_are_read_and_zero_is_no_limit():
	item, small, any_size = make_item(sentia_volume=0.125), make_warehouse(), make_warehouse()
	small.sentia_capacity = 80
	small.save()
	places = read(WAREHOUSES).set_index("warehouse")["capacity"]
	assert places[small.name] == 80 and pd.isna(places[any_size.name])
	assert read(ITEMS).set_index("item_code").loc[item.name, "volume"] == 0.125


def test_excess_and_shares_are_documents_replaced_by_every_run():
	item, place = make_item(), make_warehouse()
	store, run = listening()
	excess = {"item_code": item.name, "warehouse": place.name, "on_hand": 90.0, "excess_qty": 60.0}
	excess |= {"excess_value": 300.0, "holding_cost": 75.0, "days_of_cover": float("nan"), "is_dead": True}
	excess |= {"proposal": "sell off", "why": "60 too many.", "run": ""}
	store.write(EXCESS, pd.DataFrame([excess]), run=run)
	doc = frappe.get_doc("Excess Stock", {"item_code": item.name})
	assert (doc.proposal, doc.excess_qty, doc.is_dead, doc.company) == ("sell off", 60, 1, place.company)
	assert read(EXCESS, item.name)["days_of_cover"].isna().all()
	share = {"item_code": item.name, "warehouse": place.name, "market": "UK", "available": 5.0, "demand": 9.0}
	share |= {"allocated": 5.0, "short": 4.0, "lost_margin": 12.0, "why": "Shared.", "run": ""}
	store.write(ALLOCATIONS, pd.DataFrame([share]), run=run)
	assert frappe.db.get_value("Stock Allocation", {"item_code": item.name}, "short") == 4
	store.write(EXCESS, EXCESS.empty(), run=run)
	assert not frappe.db.exists("Excess Stock", {"item_code": item.name})
