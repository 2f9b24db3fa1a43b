"""Outcomes judged from ERPNext's own orders and ledger, rights won and lost, and orders made without a person."""

from __future__ import annotations

import frappe
import pandas as pd
import pytest
from factories import make_item, make_recommendation, make_supplier, make_user, make_warehouse
from frappe.utils import getdate, today
from trade import days_ago, deliver, listening, receive

from sentia_ops.permissions import MANAGER
from sentia_ops.replenishment.approval import approve
from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.frames import AUTONOMY, DECISIONS, OUTCOMES, POLICY_OVERRIDES, STOCK_DAYS
from sentia_ops.replenishment.outcomes import judge_outcomes
from sentia_ops.replenishment.site_autonomy import approve_earned, candidates, tell_managers
from sentia_ops.replenishment.site_outcomes import write_outcomes, write_rights
from sentia_ops.store.base import Run
from sentia_ops.store.site import SiteStore

DOCTYPE = "Reorder Recommendation"


def setting(**values):
	settings = frappe.get_doc("Sentia Settings")
	settings.update(values)
	settings.save()


def ordered(item, shed, *, qty=100, ago=40, lead=10, received=True):
	"""A recommendation approved and ordered `ago` days ago, and received `lead` days later."""
	rec = make_recommendation(
		item, shed, qty=qty, order_by=days_ago(ago), need_by=days_ago(ago - lead), service_class="AX",
		weekly_demand="[70, 70]",
	)  # fmt: skip
	order = frappe.get_doc("Purchase Order", approve(rec.name)["name"])
	order.transaction_date = days_ago(ago)
	order.submit()
	if received:
		receive(order, qty, on=days_ago(ago - lead))
	return rec, order


class TestOutcomes:
	def test_orders_and_receipts_are_read(self, item, shed):
		rec, _order = ordered(item, shed)
		(row,) = SiteStore().read(DECISIONS, item_code=item.name).to_dict("records")
		assert (row["recommendation"], row["segment"], row["qty"]) == (rec.name, "AX", 100)
		assert (row["unit_cost"], row["daily_demand"], row["safety_stock"]) == (4.2, 10, 25)
		assert row["ordered_on"].date() == getdate(days_ago(40))
		assert row["received_on"].date() == getdate(days_ago(30))

	def test_what_is_not_all_here_has_not_arrived(self, item, shed):
		_rec, order = ordered(item, shed, received=False)
		receive(order, 60, on=days_ago(25))
		assert pd.isna(SiteStore().read(DECISIONS, item_code=item.name)["received_on"].iloc[0])
		receive(order, 40, on=days_ago(20))
		arrived = SiteStore().read(DECISIONS, item_code=item.name)["received_on"].iloc[0]
		assert arrived.date() == getdate(days_ago(20))

	def test_the_ledger_day_by_day(self, item, shed, customer):
		from factories import make_sales_order

		ordered(item, shed)
		sale = make_sales_order(item, shed, 30, customer=customer, on=days_ago(29), due=days_ago(28))
		deliver(sale, 30, on=days_ago(28))
		rows = SiteStore().read(STOCK_DAYS, item_code=item.name)
		assert rows["date"].dt.date.tolist() == [getdate(days_ago(30)), getdate(days_ago(28))]
		assert rows[["on_hand", "received"]].values.tolist() == [[100, 100], [70, 0]]

	def test_judged_once_into_documents(self, item, shed):
		"""100 at 10 a day, needed 30 days ago: judged after ten days, of which none was without stock, and none sold."""
		rec, _order = ordered(item, shed)
		store, run = listening()
		context = store.context()
		written = []

		def write(frame, rows, *, run, scope=None):
			rows = frame.validate(rows)
			written.append(len(rows))
			write_outcomes(rows, run, scope, context)

		store.write = write
		frappe.db.delete("Recommendation Outcome")
		assert judge_outcomes(store, run, as_of=getdate(today()), policy=Policy()) == len(written) == 1
		doc = frappe.get_doc("Recommendation Outcome", {"recommendation": rec.name})
		assert (doc.was_needed, doc.excess_qty, doc.is_good, doc.segment) == (1, 75, 0, "AX")
		assert (doc.item_name, doc.approved_by, doc.company) == (
			item.item_name,
			"Administrator",
			shed.company,
		)
		assert doc.regret == pytest.approx(75 * 4.2 * 0.25 * 10 / 365, abs=0.01)
		assert judge_outcomes(store, run, as_of=getdate(today()), policy=Policy()) == 0
		assert store.read(OUTCOMES, recommendation=rec.name)["why"].iloc[0] == doc.why


def grant(segment: str = "AX", may: bool = True) -> None:
	row = {"segment": segment, "backtests": 12, "backtest_pass": 0.9, "outcomes": 30, "good_share": 0.95,
	       "may_approve": may, "since": pd.Timestamp(today()), "why": "earned"}  # fmt: skip
	rows = AUTONOMY.validate(pd.DataFrame([row]))
	write_rights(rows, Run("", "test", user="Administrator"), None, SiteStore().context())


@pytest.fixture
def plan_run():
	run = frappe.get_doc({"doctype": "Planning Run", "flow": "plan", "trigger": "manual", "status": "Completed",
	                      "user": "Administrator", "started": frappe.utils.now()})  # fmt: skip
	return run.insert(ignore_permissions=True).name


class TestAutonomy:
	@pytest.fixture(autouse=True)
	def on(self, rollback):
		frappe.db.delete(DOCTYPE)
		setting(use_autonomy=1, autonomy_cap=500, autonomy_total=0, autonomy_segments="")
		grant()

	def test_earned_orders_are_marked_drafts(self, plan_run):
		mill, shed = make_supplier(), make_warehouse()
		recs = [
			make_recommendation(make_item(), shed, mill, service_class="AX", run=plan_run) for _ in range(3)
		]
		dear = make_recommendation(make_item(), shed, mill, service_class="AX", run=plan_run, qty=500)
		other = make_recommendation(make_item(), shed, mill, service_class="CZ", run=plan_run)
		boss = make_user(MANAGER)
		rows = approve_earned(plan_run)
		assert {row["name"] for row in rows} == {rec.name for rec in recs}
		(name,) = {row["document"] for row in rows}
		order = frappe.get_doc("Purchase Order", name)
		assert (order.docstatus, order.sentia_automatic, len(order.items)) == (0, 1, 3)
		notes = frappe.get_all("Comment", {"reference_name": name, "comment_type": "Info"}, pluck="content")
		assert any("without a person" in text for text in notes)
		for rec in recs:
			rec.reload()
			assert (rec.status, rec.is_automatic, rec.purchase_order) == ("Approved", 1, name)
		assert {frappe.db.get_value(DOCTYPE, rec.name, "status") for rec in (dear, other)} == {"Draft"}
		assert frappe.db.exists("Notification Log", {"for_user": boss.name, "document_name": plan_run})

	@pytest.mark.parametrize(("change", "count"), [
		({}, 2),
		({"use_autonomy": 0}, 0),
		({"autonomy_cap": 100}, 0),
		({"autonomy_total": 500}, 1),
		({"autonomy_segments": "BX, CX"}, 0),
		({"autonomy_segments": "AX"}, 2),
	])  # fmt: skip
	def test_settings_bound_it(self, plan_run, change, count):
		for _ in range(2):
			make_recommendation(service_class="AX", run=plan_run)
		make_recommendation(service_class="AX")  # of an older run
		make_recommendation(service_class="AX", run=plan_run, unit_price=0)
		setting(**change)
		assert len(candidates(plan_run)) == count

	def test_a_withdrawn_right_approves_nothing_more(self, plan_run):
		make_recommendation(service_class="AX", run=plan_run)
		grant(may=False)
		assert approve_earned(plan_run) == []

	def test_a_user_cannot_mark_an_order_as_automatic(self):
		rec = make_recommendation()
		rec.is_automatic = 1
		rec.save()
		assert not frappe.db.get_value(DOCTYPE, rec.name, "is_automatic")

	def test_an_undone_order_is_no_longer_automatic(self, plan_run):
		rec = make_recommendation(service_class="AX", run=plan_run)
		(row,) = approve_earned(plan_run)
		frappe.get_doc("Purchase Order", row["document"]).delete()
		assert frappe.db.get_value(DOCTYPE, rec.name, ["status", "is_automatic"]) == ("Draft", 0)

	def test_managers_are_told(self, plan_run):
		boss = make_user(MANAGER)
		tell_managers("Automatic approval withdrawn", "Class AX: 17 of the newest 20", plan_run)
		note = frappe.get_last_doc("Notification Log", {"for_user": boss.name})
		assert note.document_name == plan_run and "17 of the newest" in note.email_content


class TestOverrides:
	def test_a_group_holds_for_those_under_it(self):
		tops = [frappe.get_doc({"doctype": "Item Group", "item_group_name": name, "is_group": 1,
		        "parent_item_group": "All Item Groups"}).insert() for name in ("Drinks",)]  # fmt: skip
		subs = [frappe.get_doc({"doctype": "Item Group", "item_group_name": name, "parent_item_group": "Drinks"}).insert()
		        for name in ("Juice", "Water")]  # fmt: skip
		item = make_item()
		for values in (
			{"item_group": "Drinks", "service_level": 97, "note": "summer"},
			{"item_group": "Water", "hold": 1},
			{"item_code": item.name, "set_safety_stock": 1, "safety_stock": 0, "review_days": 3},
		):
			frappe.get_doc({"doctype": "Stock Policy Override", **values}).insert()
		rows = SiteStore().read(POLICY_OVERRIDES).set_index(["item_code", "item_group"])
		assert rows.loc[("", "Drinks"), "service_level"] == rows.loc[("", "Juice"), "service_level"] == 0.97
		assert rows.loc[("", "Water"), "hold"] and pd.isna(rows.loc[("", "Water"), "service_level"])
		own = rows.loc[(item.name, "")]
		assert own["safety_stock"] == 0 and own["review_days"] == 3 and pd.isna(own["max_cover_days"])
		assert len(tops) + len(subs) == 3

	@pytest.mark.parametrize(("values", "words"), [
		({}, "item or an item group"),
		({"item_group": "All Item Groups", "service_level": 40}, "50"),
		({"item_group": "All Item Groups"}, "changes nothing"),
	])  # fmt: skip
	def test_what_makes_no_sense_is_refused(self, values, words):
		with pytest.raises(frappe.ValidationError, match=words):
			frappe.get_doc({"doctype": "Stock Policy Override", **values}).insert()

	def test_one_override_for_the_same(self):
		values = {"doctype": "Stock Policy Override", "item_group": "All Item Groups", "hold": 1}
		frappe.get_doc(values).insert()
		with pytest.raises(frappe.ValidationError, match="already"):
			frappe.get_doc(values).insert()
