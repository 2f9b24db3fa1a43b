"""One open recommendation per item and warehouse, whatever the plan and the people do."""

from __future__ import annotations

import multiprocessing

import frappe
import pandas as pd
import pytest
from conftest import SITE
from factories import make_item, make_recommendation, make_supplier
from frappe.utils import add_days, getdate, today

from sentia_ops.replenishment.frames import RECOMMENDATIONS
from sentia_ops.replenishment.recommendations import expire_unconfirmed, write_recommendations
from sentia_ops.store.base import Run
from sentia_ops.store.site import SiteStore

DOCTYPE = "Reorder Recommendation"
FIELDS = [
	"name",
	"status",
	"qty",
	"urgency",
	"previous_qty",
	"previous_urgency",
	"snoozed_until",
	"decision_note",
	"open_key",
]


@pytest.fixture(autouse=True)
def nothing_else(rollback):
	frappe.db.delete(DOCTYPE)
	settings = frappe.get_doc("Sentia Settings")
	settings.snooze_days = 7
	settings.save()


def plan(*wanted, scope=None) -> None:
	"""Write what a plan wants, in the test's own transaction: (item, shed, qty, urgency) each."""
	rows = [
		{
			"item_code": item.name, "warehouse": shed.name, "action": "buy", "supplier": "", "qty": qty,
			"order_by": pd.Timestamp(today()), "need_by": pd.Timestamp(add_days(today(), 9)), "unit_price": 2.0,
			"cost": 2.0 * qty, "service_level": 0.95, "stockout_risk": 0.1, "confidence": 0.9, "urgency": urgency,
		}
		for item, shed, qty, urgency in wanted
	]  # fmt: skip
	frame = RECOMMENDATIONS.validate(pd.DataFrame(rows)) if rows else RECOMMENDATIONS.empty()
	run = Run("PLAN-TEST", "test", user="Administrator")
	write_recommendations(frame, run, scope, SiteStore().context())


def all_of(item) -> list[frappe._dict]:
	return frappe.get_all(DOCTYPE, {"item_code": item.name}, FIELDS, order_by="name")


def set_on(name: str, **values) -> None:
	frappe.db.set_value(DOCTYPE, name, values)


def test_a_new_need_is_a_draft_with_all_it_takes_to_order(item, shed):
	plan((item, shed, 10, "High"))
	doc = frappe.get_doc(DOCTYPE, {"item_code": item.name})
	assert doc.name.startswith("REC-") and doc.status == "Draft"
	assert (doc.company, doc.stock_uom, doc.item_name) == (shed.company, item.stock_uom, item.item_name)
	assert doc.open_key == f"{item.name}|{shed.name}|buy" and doc.first_seen == getdate(today())
	doc.save()  # what was inserted in bulk is a document Desk can save


def test_plans_do_not_pile_up(item, shed):
	plan((item, shed, 10, "High"))
	(before,) = all_of(item)
	plan((item, shed, 25, "Critical"))
	(after,) = all_of(item)
	assert after.name == before.name
	assert (after.qty, after.urgency, after.previous_qty, after.previous_urgency) == (
		25,
		"Critical",
		10,
		"High",
	)


def test_a_need_that_is_gone_expires_with_the_reason(item, shed):
	plan((item, shed, 10, "High"))
	frappe.get_doc(
		{"doctype": "Stock Policy", "item_code": item.name, "warehouse": shed.name, "verdict": "enough",
		 "why": "80 on hand cover the 60 of the reorder point."}
	).insert(ignore_permissions=True)  # fmt: skip
	plan()
	(row,) = all_of(item)
	assert row.status == "Expired" and row.open_key is None
	assert "no longer asks for it" in row.decision_note and "80 on hand cover" in row.decision_note
	plan((item, shed, 10, "High"))
	assert [r.status for r in all_of(item)] == ["Expired", "Draft"]


def test_scope_leaves_others_alone(item, shed):
	other = make_item()
	plan((item, shed, 10, "High"), (other, shed, 10, "High"))
	plan(scope={"item_code": [item.name]})
	assert [r.status for r in all_of(item)] == ["Expired"] and [r.status for r in all_of(other)] == ["Draft"]


def test_snoozed_stays_asleep_until_its_day_but_learns_the_figures(item, shed):
	plan((item, shed, 10, "High"))
	(row,) = all_of(item)
	set_on(row.name, status="Snoozed", snoozed_until=add_days(today(), 1))
	plan((item, shed, 12, "High"))
	(row,) = all_of(item)
	assert (row.status, row.qty) == ("Snoozed", 12)
	set_on(row.name, snoozed_until=today())
	plan((item, shed, 13, "High"))
	(row,) = all_of(item)
	assert (row.status, row.qty, row.snoozed_until) == ("Draft", 13, None)


def test_approved_is_not_touched_by_any_plan(item, shed):
	plan((item, shed, 10, "High"))
	(row,) = all_of(item)
	set_on(row.name, status="Approved")
	plan((item, shed, 99, "Critical"))
	plan()
	assert [(r.status, r.qty) for r in all_of(item)] == [("Approved", 10)]


def test_ordered_makes_room_for_the_next(item, shed):
	plan((item, shed, 10, "High"))
	set_on(all_of(item)[0].name, status="Ordered", open_key=None)
	plan((item, shed, 5, "Low"))
	assert [(r.status, r.qty) for r in all_of(item)] == [("Ordered", 10), ("Draft", 5)]


@pytest.mark.parametrize(
	("qty", "urgency", "days_ago", "comes_back"),
	[
		(10, "High", 1, False),  # the same need: do not nag
		(14, "Medium", 1, False),  # somewhat more, less urgent
		(15, "High", 1, True),  # half as much again
		(10, "Critical", 1, True),  # more urgent
		(10, "High", 8, True),  # a week later it may be said again
	],
)
def test_a_rejected_need_does_not_nag(item, shed, qty, urgency, days_ago, comes_back):
	plan((item, shed, 10, "High"))
	set_on(all_of(item)[0].name, status="Rejected", open_key=None)
	modified = add_days(frappe.utils.now_datetime(), -days_ago)
	frappe.db.sql(f"update `tab{DOCTYPE}` set modified = %s where item_code = %s", (modified, item.name))
	plan((item, shed, qty, urgency))
	assert [r.status for r in all_of(item)] == ["Rejected", *(["Draft"] if comes_back else [])]


def test_alternatives_become_rows_and_are_replaced(item, shed):
	mill = make_supplier()
	other = {
		"supplier": mill.name,
		"unit_price": 5,
		"currency": "GBP",
		"qty": 9,
		"total_cost": 45,
		"lead_days": 3,
	}
	for why in ("dearer", "slower"):
		frame = RECOMMENDATIONS.validate(
			pd.DataFrame(
				[
					{
						"item_code": item.name, "warehouse": shed.name, "action": "buy", "qty": 9.0,
						"order_by": pd.Timestamp(today()), "need_by": pd.Timestamp(today()), "unit_price": 1.0,
						"cost": 9.0, "service_level": 0.95, "stockout_risk": 0.1, "confidence": 0.9,
						"urgency": "Low", "alternatives": frappe.as_json([{**other, "why_not": why}]),
					}
				]
			)
		)  # fmt: skip
		write_recommendations(
			frame, Run("PLAN-TEST", "test", user="Administrator"), None, SiteStore().context()
		)
	doc = frappe.get_doc(DOCTYPE, {"item_code": item.name})
	(row,) = doc.alternatives_table
	assert (row.supplier, row.unit_price, row.lead_days, row.why_not) == (mill.name, 5, 3, "slower")


def test_drafts_that_no_plan_confirms_expire(item, shed):
	old, fresh = make_recommendation(item, shed), make_recommendation(make_item(), shed)
	created = add_days(frappe.utils.now_datetime(), -15)
	frappe.db.sql(f"update `tab{DOCTYPE}` set creation = %s where name = %s", (created, old.name))
	assert expire_unconfirmed(14) == 1
	assert frappe.db.get_value(DOCTYPE, old.name, ["status", "open_key"]) == ("Expired", None)
	assert frappe.db.get_value(DOCTYPE, fresh.name, "status") == "Draft"


def _approve_meanwhile(name: str, ready, done) -> None:
	"""In a process of its own: approve, as a user would, after the plan has begun."""
	frappe.init(site=SITE, sites_path=".")
	frappe.connect()
	ready.wait(20)
	frappe.db.set_value(DOCTYPE, name, {"status": "Approved", "decision_note": "approved meanwhile"})
	frappe.db.commit()
	done.set()
	frappe.destroy()


def test_an_approval_during_the_plan_is_not_lost(item, shed):
	"""The plan's transaction began before the approval: its snapshot still shows a Draft."""
	plan((item, shed, 10, "High"))
	frappe.db.commit()
	(row,) = all_of(item)
	context = multiprocessing.get_context("spawn")
	ready, done = context.Event(), context.Event()
	child = context.Process(target=_approve_meanwhile, args=(row.name, ready, done))
	child.start()
	try:
		with SiteStore().run("contract") as run:
			assert frappe.db.get_value(DOCTYPE, row.name, "status") == "Draft"
			ready.set()
			assert done.wait(30)
			frame = SiteStore().read(RECOMMENDATIONS).assign(qty=99.0)
			write_recommendations(frame, run, None, SiteStore().context())
		assert [(r.status, r.qty, r.decision_note) for r in all_of(item)] == [
			("Approved", 10, "approved meanwhile")
		]
	finally:
		child.join(20)
		frappe.db.rollback()
		frappe.db.delete(DOCTYPE)
		frappe.db.delete("Planning Run", {"flow": "contract"})
		for doc in (item, shed):
			frappe.delete_doc(doc.doctype, doc.name, force=True)
		frappe.db.commit()
