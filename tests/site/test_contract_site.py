"""The site keeps the store contract, with real commits; whatever it made is removed again."""

from __future__ import annotations

import sys
from pathlib import Path

import frappe
import pandas as pd
import pytest
from conftest import BENCH, SITE
from factories import make_item, make_supplier, make_warehouse

sys.path.insert(0, str(Path(__file__).parents[1] / "stores"))
from contract import StoreContract, World, policy

from sentia_ops.errors import FrameError, StoreError
from sentia_ops.replenishment.frames import STOCK, STOCK_POLICY
from sentia_ops.store.site import SiteStore

RESULTS = [
	"Demand Forecast",
	"Demand Forecast Point",
	"Forecast Part",
	"Forecast Score",
	"Forecast Total",
	"Supplier Lead Time",
	"Stock Policy",
]
RESULTS += ["Reorder Recommendation", "Reorder Alternative", "Recommendation Outcome", "Approval Right"]
RESULTS += ["Supplier Performance", "Supplier Performance Month"]
RESULTS += [
	"Production Schedule",
	"Scheduled Operation",
	"Production Schedule Job",
	"Unplaced Operation",
	"Station Load",
]
PRELUDE = f"""
import frappe
frappe.init(site={SITE!r}, sites_path=".")
frappe.connect()
from sentia_ops.store.site import SiteStore
store = SiteStore()
"""


def clear_results() -> None:
	for doctype in RESULTS:
		frappe.db.delete(doctype)
	frappe.db.delete("Planning Run", {"flow": "contract"})
	frappe.db.commit()


@pytest.fixture(scope="module")
def names(site):
	frappe.set_user("Administrator")
	made = [
		make_item("Contract A"),
		make_item("Contract B"),
		make_warehouse("Contract 1"),
		make_warehouse("Contract 2"),
	]
	made.append(make_supplier("Contract Mill"))
	frappe.db.commit()
	yield [doc.name for doc in made]
	frappe.db.rollback()
	for doc in made:
		frappe.delete_doc(doc.doctype, doc.name, force=True)
	frappe.db.commit()


@pytest.fixture
def world(names):
	frappe.db.rollback()
	clear_results()
	a, b, one, two, mill = names
	yield World(
		SiteStore(), [a, b], [one, two], mill, SiteStore, (PRELUDE, BENCH / "sites"), frappe.db.rollback
	)
	frappe.db.rollback()
	clear_results()


class TestSite(StoreContract):
	@pytest.mark.parametrize(
		("column", "message"),
		[("warehouse", "no such Warehouse"), ("supplier", "no such Supplier"), ("item_code", "no such Item")],
	)
	def test_names_the_site_does_not_have_are_refused(self, world, column, message):
		with world.store.run("contract") as run:
			world.store.write(STOCK_POLICY, policy(world, 1.0), run=run)
		rows = policy(world, 2.0).reset_index(drop=True)
		rows.loc[1, column] = "Mars"
		with pytest.raises(FrameError, match=rf"row 2, {column}: {message} on this site \(found 'Mars'\)"):
			with world.store.run("contract") as run:
				world.store.write(STOCK_POLICY, rows, run=run)
		frappe.db.rollback()
		assert world.store.read(STOCK_POLICY)["on_hand"].tolist() == [1.0] * 3

	def test_tables_of_erpnext_are_not_written(self, world):
		rows = pd.DataFrame(
			{"item_code": world.items[:1], "warehouse": world.warehouses[:1], "on_hand": [1.0]}
		)
		with (
			pytest.raises(StoreError, match="Table stock is ERPNext's own"),
			world.store.run("contract") as run,
		):
			world.store.write(STOCK, rows, run=run)

	def test_a_scope_is_made_of_names(self, world):
		with pytest.raises(FrameError, match=r"verdict: cannot be a scope on a site.* item_code, warehouse"):
			with world.store.run("contract") as run:
				world.store.write(STOCK_POLICY, policy(world, 1.0), run=run, scope={"verdict": ["order"]})
