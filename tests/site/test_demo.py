"""The demo company on a real site: killed half-way, completed, checked against its truth, and taken off again.

Makes about 200 documents, which takes a minute, and commits: the site is as before when the last test is done.
"""

import json

import frappe
import pandas as pd
import pytest

from sentia_ops.demo import generate
from sentia_ops.demo import site as demo_site
from sentia_ops.demo.catalogue import COMPANY
from sentia_ops.demo.site_marks import is_here
from sentia_ops.demo.site_masters import REJECTED, SHOP_FLOOR
from sentia_ops.errors import SentiaError
from sentia_ops.store.site import SiteStore
from sentia_ops.suppliers.frames import SUPPLIER_ITEMS, SUPPLIER_TERMS

SIZE = {"items": 20, "days": 30}
KEY = ["item_code", "warehouse"]
LOGS = {"Scheduled Job Log", "Error Log", "Route History", "Activity Log", "Access Log"}
LOGS |= {"Series"}  # counters of names never go back
pytestmark = pytest.mark.usefixtures("site")


class Killed(BaseException):
	"""Stands for the signal that ends a process."""


def kill_at(share):
	def progress(done, _text):
		if done > share:
			raise Killed

	return progress


def query(sql: str) -> pd.DataFrame:
	return pd.DataFrame([dict(row) for row in frappe.db.sql(sql, as_dict=True)])


def rows_by_table() -> dict[str, int]:
	tables = [t for t in frappe.db.get_tables(cached=False) if t.removeprefix("tab") not in LOGS]
	return {t: frappe.db.sql(f"select count(*) from `{t}`")[0][0] for t in tables}


@pytest.fixture(scope="module")
def demo(site):
	"""Table sizes before, and the company that was written."""
	if is_here():
		pytest.skip(f"{site} has a demo company already: remove it first")
	before = rows_by_table()
	with pytest.raises(Killed):
		demo_site.make(kill_at(0.02), **SIZE)
	with pytest.raises(Killed):
		demo_site.make(kill_at(0.5), **SIZE)
	half = frappe.db.count("Delivery Note", {"company": COMPANY})
	counts = demo_site.make()  # goes on with the size of the first call
	yield before, half, counts, generate(**demo_site._parameters(**SIZE))
	demo_site.remove()


def test_a_killed_run_is_completed(demo):
	_before, half, counts, company = demo
	days = company.demand.query("channel == 'Wholesale' and qty > 0").groupby(["date", "warehouse"]).ngroups
	assert len(company.items) == SIZE["items"] and company.days == SIZE["days"]
	assert 0 < half < counts["Delivery Note"] == days
	assert counts["new"] < sum(n for name, n in counts.items() if name != "new")
	for doctype in counts.keys() - {"new"}:
		assert frappe.db.count(doctype, {"company": COMPANY, "docstatus": 1}) == counts[doctype]
		assert frappe.db.count(doctype, {"company": COMPANY}) == counts[doctype]


def test_a_second_run_changes_nothing(demo):
	before = rows_by_table()
	seen = []
	assert demo_site.make(lambda share, text: seen.append(share))["new"] == 0
	assert rows_by_table() == before
	assert seen == sorted(seen) and seen[-1] == 1.0


def test_a_demo_of_another_version_is_not_mixed_with(demo):
	digest = {"parent": "Sentia Demo", "defkey": "digest"}
	frappe.db.set_value("DefaultValue", digest, "defvalue", "of another version")
	before = rows_by_table()
	with pytest.raises(SentiaError, match="another version"):
		demo_site.make()  # and rolls back
	assert rows_by_table() == before


def test_bins_hold_the_company_s_stock(demo):
	company = demo[3]
	bins = query(
		f"""select b.item_code, b.warehouse, b.actual_qty on_hand, b.reserved_qty reserved, b.ordered_qty ordered,
			b.planned_qty planned from tabBin b join tabWarehouse w on w.name = b.warehouse
		where w.company = '{COMPANY}' and w.name not in ('{REJECTED}', '{SHOP_FLOOR}')"""
	).set_index(KEY)
	stock = company.stock.set_index(KEY)[["on_hand", "reserved", "ordered"]]
	under_way = company.inbound[company.inbound["kind"] == "WO"].groupby(KEY)["qty"].sum()
	stock["planned"] = under_way.reindex(stock.index, fill_value=0.0)
	pd.testing.assert_frame_equal(
		bins.astype(float).reindex(stock.index, fill_value=0.0), stock, check_exact=False, atol=1e-3
	)
	assert not set(bins.index) - set(stock.index)


def test_materials_of_open_lots_are_on_the_shop_floor(demo):
	company = demo[3]
	lots = query(f"select production_item, qty, status from `tabWork Order` where company = '{COMPANY}'")
	assert sorted(lots["qty"]) == sorted(company.inbound[company.inbound["kind"] == "WO"]["qty"])
	assert set(lots["status"]) == {"In Process"}
	needs = lots.merge(company.boms, left_on="production_item", right_on="item_code")
	needs = (needs["qty_x"] * needs["qty_y"]).groupby(needs["material"]).sum()
	there = dict(frappe.get_all("Bin", {"warehouse": SHOP_FLOOR}, ["item_code", "actual_qty"], as_list=True))
	truth = company.truth["demand"]
	short = (truth["wanted"] - truth["sold"]).groupby(truth["item_code"]).sum()  # the plant went without
	assert set(there) == set(needs.index)
	for material, need in needs.items():
		assert need - short.get(material, 0.0) - 0.01 <= there[material] <= need + 0.01


def test_orders_show_the_demand_on_its_day_and_stock_never_falls_below_zero(demo):
	company = demo[3]
	lines = query(
		f"""select i.item_code, i.warehouse, s.transaction_date date, sum(i.qty) qty, sum(i.delivered_qty) delivered
		from `tabSales Order Item` i join `tabSales Order` s on s.name = i.parent
		where s.company = '{COMPANY}' and i.delivered_qty > 0 group by 1, 2, 3"""
	)
	lines["date"] = pd.to_datetime(lines["date"])
	sold = company.demand.query("channel == 'Wholesale' and qty > 0").set_index([*KEY, "date"])["qty"]
	found = lines.set_index([*KEY, "date"])
	assert found["qty"].astype(float).sort_index().to_dict() == sold.sort_index().to_dict()
	assert (found["qty"] == found["delivered"]).all()
	lowest = frappe.db.sql(
		"select min(qty_after_transaction) from `tabStock Ledger Entry` where company = %s", COMPANY
	)
	assert lowest[0][0] >= 0
	assert not frappe.db.exists("Repost Item Valuation", {"company": COMPANY})


def test_receipts_show_when_suppliers_really_delivered(demo):
	company = demo[3]
	found = query(
		f"""select p.supplier, l.item_code, l.warehouse, o.transaction_date ordered_on, l.schedule_date promised_on,
			p.posting_date received_on, r.received_qty qty_received, r.rejected_qty qty_rejected
		from `tabPurchase Receipt Item` r join `tabPurchase Receipt` p on p.name = r.parent
		join `tabPurchase Order Item` l on l.name = r.purchase_order_item
		join `tabPurchase Order` o on o.name = l.parent where p.company = '{COMPANY}'"""
	)
	for column in ("ordered_on", "promised_on", "received_on"):
		found[column] = pd.to_datetime(found[column])
	expected = company.receipts.dropna(subset=["received_on"])[found.columns]
	order = list(found.columns)
	pd.testing.assert_frame_equal(
		found.sort_values(order).reset_index(drop=True),
		expected.sort_values(order).reset_index(drop=True),
		check_dtype=False,
	)


def test_offers_and_terms_are_read_back_as_the_company_has_them(demo):
	company, store = demo[3], SiteStore()
	mine = list(company.supplier_items["supplier"].unique())
	for frame, rows, key in (
		(SUPPLIER_ITEMS, company.supplier_items, ["supplier", "item_code"]),
		(SUPPLIER_TERMS, company.supplier_terms, ["supplier"]),
	):
		found = store.read(frame, supplier=mine).set_index(key).sort_index()
		wanted = frame.validate(rows).set_index(key).sort_index()
		pd.testing.assert_frame_equal(_parsed(found), _parsed(wanted))
	assert (company.supplier_items["price_breaks"] != "[]").any() and len(company.supplier_terms)


def _parsed(rows: pd.DataFrame) -> pd.DataFrame:
	texts = rows.columns.intersection(["price_breaks", "closed"])
	return rows.assign(**{name: [json.loads(text) for text in rows[name]] for name in texts})


def test_open_orders_are_open(demo):
	company = demo[3]
	due = query(
		f"""select i.item_code, i.warehouse, i.schedule_date, i.qty - i.received_qty qty, o.status
		from `tabPurchase Order Item` i join `tabPurchase Order` o on o.name = i.parent
		where o.company = '{COMPANY}' and i.received_qty < i.qty"""
	)
	bought = company.inbound[company.inbound["kind"] == "PO"]
	assert sorted(due["qty"]) == sorted(bought["qty"])
	assert set(due["status"]) <= {"To Receive and Bill", "To Receive"}
	promised = query(
		f"select status from `tabSales Order` where company = '{COMPANY}' and per_delivered < 100"
	)
	assert len(promised) and set(promised["status"]) == {"To Deliver and Bill"}


def test_removal_keeps_what_others_use_and_leaves_nothing_else(demo):
	before, item = demo[0], demo[3].items["item_code"].iloc[0]
	other = frappe.get_all("Company", {"name": ["!=", COMPANY]}, pluck="name")[0]
	request = frappe.get_doc(
		{
			"doctype": "Material Request",
			"company": other,
			"material_request_type": "Purchase",
			"transaction_date": frappe.utils.today(),
			"schedule_date": frappe.utils.today(),
			"items": [
				{
					"item_code": item,
					"qty": 100,
					"schedule_date": frappe.utils.today(),
					"warehouse": frappe.db.get_value("Warehouse", {"company": other, "is_group": 0}),
				}
			],
		}
	).insert(set_name="Of another company")
	with pytest.raises(Killed):
		demo_site.remove(kill_at(0.5))
	texts = []
	removed = demo_site.remove(lambda share, text: texts.append(text))
	assert removed["kept"] >= 1 and f"Item {item}" in texts[-1]
	assert frappe.db.exists("Item", item) and frappe.db.exists("Material Request", request.name)
	assert not frappe.db.exists("Company", COMPANY)
	request.delete()
	demo_site.remove()
	frappe.db.delete("Deleted Document", {"deleted_name": request.name})
	frappe.db.delete("Comment", {"reference_doctype": "Material Request", "comment_type": "Deleted"})
	frappe.db.commit()
	after = rows_by_table()
	# the site's own search index may be rebuilt by a worker meanwhile; it may hold nothing of ours
	index = "__global_search"
	assert {t: (before[t], after[t]) for t in after if after[t] != before[t] and t != index} == {}
	ours = [*demo[3].items["item_code"], COMPANY]
	assert frappe.db.sql(f"select doctype, name from `{index}` where name in %s", [ours]) == ()
	assert not is_here() and demo_site.remove() == {}


def test_foreign_records_under_the_demo_s_names_are_refused(site):
	if is_here():
		pytest.skip("a demo company is here")
	group = frappe.get_all("Item Group", {"is_group": 0}, pluck="name")[0]
	frappe.get_doc(
		{"doctype": "Item", "item_code": "RED-KETTLE-17", "item_group": group, "stock_uom": "Nos"}
	).insert()
	with pytest.raises(SentiaError, match="Item RED-KETTLE-17 of its own"):
		demo_site.make(**SIZE)
	assert not is_here() and not frappe.db.exists("Company", COMPANY)
