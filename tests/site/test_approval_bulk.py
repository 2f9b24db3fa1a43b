"""Approving many: grouped into few documents, exactly once, whatever happens at the same time."""

from __future__ import annotations

import multiprocessing
import random

import frappe
import pytest
from factories import make_item, make_recommendation, make_supplier, make_user, make_warehouse
from frappe.utils import add_days, getdate, today

from sentia_ops.permissions import MANAGER
from sentia_ops.replenishment.approval import approve_many
from sentia_ops.replenishment.approval_jobs import approve_job, enqueue_approval, progress_of
from sentia_ops.replenishment.frames import RECOMMENDATIONS
from sentia_ops.replenishment.grouping import cap

DOCTYPE = "Reorder Recommendation"


def setting(**values):
	settings = frappe.get_doc("Sentia Settings")
	settings.update(values)
	settings.save()


def several(count: int, supplier, warehouse, **values):
	return [make_recommendation(make_item(), warehouse, supplier, **values) for _ in range(count)]


def orders_of(rows: list[dict]) -> list:
	names = list(dict.fromkeys(row["document"] for row in rows))
	return [frappe.get_doc("Purchase Order", name) for name in names]


def test_one_order_for_a_supplier_and_a_warehouse():
	mill, works, shed, depot = make_supplier(), make_supplier(), make_warehouse(), make_warehouse()
	at_once = [
		*several(3, mill, shed),
		*several(2, mill, depot),
		*several(2, works, shed),
		*several(1, mill, shed, need_by=add_days(today(), 30)),
	]
	rows = approve_many([rec.name for rec in at_once])
	assert [row["name"] for row in rows] == [rec.name for rec in at_once]
	orders = orders_of(rows)
	assert sorted((o.supplier, o.items[0].warehouse, len(o.items)) for o in orders) == sorted(
		[(mill.name, shed.name, 4), (mill.name, depot.name, 2), (works.name, shed.name, 2)]
	)
	big = next(o for o in orders if len(o.items) == 4)
	days = [getdate(line.schedule_date) for line in big.items]
	assert days == [getdate(add_days(today(), 14))] * 3 + [getdate(add_days(today(), 30))]
	assert getdate(big.schedule_date) == days[0], "the order's own date is the first of its lines"
	assert all(o.docstatus == 0 for o in orders)


def test_other_currency_other_order():
	frappe.get_doc(
		{"doctype": "Currency Exchange", "from_currency": "EUR", "to_currency": "GBP", "exchange_rate": 0.8,
		 "for_buying": 1, "date": today()}
	).insert()  # fmt: skip
	mill, shed = make_supplier(), make_warehouse()
	recs = [*several(1, mill, shed), *several(1, mill, shed, currency="EUR", unit_price=5)]
	rows = approve_many([rec.name for rec in recs])
	assert [o.currency for o in orders_of(rows)] == ["GBP", "EUR"]


def test_size_caps_by_lines_and_by_value():
	setting(order_lines=3)
	mill, shed = make_supplier(), make_warehouse()
	rows = approve_many([rec.name for rec in several(7, mill, shed)])
	assert [len(o.items) for o in orders_of(rows)] == [3, 3, 1]
	setting(order_lines=50, order_value=900)  # each costs 420
	rows = approve_many([rec.name for rec in several(5, mill, shed)])
	assert [len(o.items) for o in orders_of(rows)] == [2, 2, 1]


def test_a_line_above_the_value_cap_stands_alone():
	lines = [frappe._dict(cost=cost) for cost in (10, 999, 10, 10)]
	assert [[line.cost for line in chunk] for chunk in cap(lines, 50, 100)] == [[10], [999], [10, 10]]


def test_a_draft_of_the_same_day_is_left_alone():
	mill, shed = make_supplier(), make_warehouse()
	first = approve_many([several(1, mill, shed)[0].name])[0]["document"]
	before = frappe.db.get_value("Purchase Order", first, "modified")
	second = approve_many([several(1, mill, shed)[0].name])[0]["document"]
	assert first != second and frappe.db.get_value("Purchase Order", first, "modified") == before


def test_refused_lines_are_named_and_the_others_ordered_together():
	mill, shed = make_supplier(), make_warehouse()
	good = several(5, mill, shed)
	small = make_recommendation(make_item(min_order_qty=500), shed, mill)
	gone = make_recommendation(make_item(disabled=1), shed, mill)
	names = [good[0].name, small.name, *[rec.name for rec in good[1:]], gone.name]
	rows = {row["name"]: row for row in approve_many(names)}
	assert "minimum order qty" in rows[small.name]["error"].lower()
	assert "disabled" in rows[gone.name]["error"].lower()
	orders = {rows[rec.name]["document"] for rec in good}
	assert len(orders) == 1 and len(frappe.get_doc("Purchase Order", orders.pop()).items) == 5
	drafts = frappe.get_all(DOCTYPE, {"name": ("in", [small.name, gone.name])}, ["status", "purchase_order"])
	assert {(row.status, row.purchase_order) for row in drafts} == {("Draft", None)}
	assert not frappe.get_message_log(), "told in the rows, not in dialogs"


def test_a_closed_supplier_and_a_missing_rate_leave_other_suppliers_ordered():
	shed, good, held = make_warehouse(), make_supplier(), make_supplier(on_hold=1, hold_type="All")
	fine, blocked = several(2, good, shed), several(3, held, shed)
	yen = make_recommendation(make_item(), shed, make_supplier())
	frappe.db.set_value(DOCTYPE, yen.name, "currency", "JPY")
	rows = approve_many([rec.name for rec in (*blocked, yen, *fine)])
	assert all("block" in row["error"].lower() for row in rows[:3])
	assert "exchange rate from JPY" in rows[3]["error"]
	assert rows[4]["document"] == rows[5]["document"]


def test_approving_again_answers_with_the_same_orders():
	mill, shed = make_supplier(), make_warehouse()
	names = [rec.name for rec in several(4, mill, shed)]
	first = approve_many(names[:2])
	again = approve_many([*names, *names])
	assert again[:2] == first and len(again) == 4
	assert frappe.db.count("Purchase Order Item", {"sentia_recommendation": ("in", names)}) == 4


def test_the_job_approves_in_groups_and_tells_the_user(monkeypatch):
	mill, shed = make_supplier(), make_warehouse()
	names = [rec.name for rec in several(4, mill, shed)] + ["REC-none"]
	queued = []
	monkeypatch.setattr("sentia_ops.replenishment.approval_jobs.enqueue", lambda *a, **kw: queued.append(kw))
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	user = make_user(MANAGER)
	frappe.set_user(user.name)
	job = enqueue_approval(names)
	assert progress_of(job) == {"progress": 0, "done": False, "results": []}
	approve_job(queued[0]["names"], job)
	found = progress_of(job)
	assert found["done"] and found["progress"] == 100 and len(found["results"]) == 5
	note = frappe.get_last_doc("Notification Log", {"for_user": user.name})
	assert (
		"4 of 5 recommendations approved in 1 draft orders" in note.subject
		and "REC-none" in note.email_content
	)
	frappe.set_user("Administrator")
	assert progress_of(job) is None, "somebody else's job"


# several people at once, each a process with its own connection


def _approve(site, names, start, answers):
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.get_all(
		DOCTYPE, {"name": ("in", names)}, ["status"]
	)  # opens the snapshot, as reading the session does
	start.wait()
	try:
		answers.put(approve_many(names))
		frappe.db.commit()
	except Exception as error:  # whatever it is, the test must see it
		frappe.db.rollback()
		answers.put(f"{type(error).__name__}: {error}")
	frappe.destroy()


def _plan(site, start, answers):
	from sentia_ops.replenishment.recommendations import write_recommendations
	from sentia_ops.store.site import SiteStore

	frappe.init(site=site, sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	start.wait()
	try:
		with SiteStore().run("contract") as run:
			frame = SiteStore().read(RECOMMENDATIONS).assign(qty=7.0)
			write_recommendations(frame, run, None, SiteStore().context())
		answers.put("planned")
	except Exception as error:
		answers.put(f"{type(error).__name__}: {error}")
	frappe.destroy()


@pytest.fixture
def committed(site):
	"""Twelve recommendations for two suppliers that other connections can see; all of it removed afterwards."""
	shed, suppliers = make_warehouse(), [make_supplier(), make_supplier()]
	recs = [make_recommendation(make_item(), shed, suppliers[i % 2]) for i in range(12)]
	frappe.db.commit()
	yield recs
	frappe.db.rollback()
	names = [rec.name for rec in recs]
	lines = frappe.get_all("Purchase Order Item", {"sentia_recommendation": ("in", names)}, pluck="parent")
	for order in set(lines):
		frappe.delete_doc("Purchase Order", order, force=True)
	for rec in recs:
		frappe.delete_doc(DOCTYPE, rec.name, force=True)
		frappe.delete_doc("Item", rec.item_code, force=True)
	for doc in (shed, *suppliers):
		frappe.delete_doc(doc.doctype, doc.name, force=True)
	frappe.db.delete("Planning Run", {"flow": "contract"})
	frappe.db.commit()


def at_once(jobs: list) -> list:
	"""Answers of (function, arguments) each run in a process of its own, started at the same moment."""
	context = multiprocessing.get_context("spawn")
	start, answers = context.Barrier(len(jobs)), context.Queue()
	people = [context.Process(target=function, args=(*args, start, answers)) for function, args in jobs]
	for person in people:
		person.start()
	got = [answers.get(timeout=180) for _ in people]
	for person in people:
		person.join(30)
	frappe.db.rollback()  # a new snapshot
	return got


@pytest.mark.parametrize("seed", range(3))
def test_two_bulk_approvals_and_a_plan_at_once_order_each_line_once(site, committed, seed):
	names = [rec.name for rec in committed]
	shuffled = random.Random(seed).sample(names, len(names))
	jobs = [(_approve, (site, names)), (_approve, (site, shuffled)), (_plan, (site,))]
	got = at_once(jobs)
	lines = frappe.get_all(
		"Purchase Order Item", {"sentia_recommendation": ("in", names)}, ["parent", "sentia_recommendation"]
	)
	assert sorted(line.sentia_recommendation for line in lines) == sorted(names), got
	where = {line.sentia_recommendation: line.parent for line in lines}
	assert len(set(where.values())) == 2
	bulk = [answer for answer in got if isinstance(answer, list)]
	assert len(bulk) == 2, got
	for answer in bulk:
		assert {row["name"]: row.get("document") for row in answer} == where
