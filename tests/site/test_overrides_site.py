"""Planners' overrides on a site: who may, what happens at once, what the next plan keeps."""

from __future__ import annotations

import frappe
import pandas as pd
import pytest
from factories import make_item, make_warehouse
from frappe.utils import add_days, getdate, now_datetime, today
from planners import HORIZON, become, become_again, forecast_of, override, overriding_parts, total
from trade import forget, make_company

from sentia_ops.api import forecasts as api
from sentia_ops.forecasting.frames import FORECAST_TOTALS, FORECASTS, OVERRIDES
from sentia_ops.forecasting.site_overrides import mark_past
from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.sentia_ops.doctype.forecast_override.applying import apply_late
from sentia_ops.store.site import SiteStore
from sentia_ops.tasks import run_plan

DOCTYPES = ["Forecast Override", "Demand Factor"]
RESULTS = ["Demand Forecast", "Demand Forecast Point", "Forecast Part", "Forecast Score", "Forecast Total"]
RESULTS += [
	"Planning Run",
	"Supplier Lead Time",
	"Stock Policy",
	"Reorder Recommendation",
	"Reorder Alternative",
]


class TestAtOnce:
	def test_saving_changes_the_forecast_and_cancelling_changes_it_back(self, item, shed):
		forecast_of(item, shed)
		before = SiteStore().read(FORECASTS, item_code=item.name)
		ann = become(OPERATOR)
		doc = override(item, shed)
		assert (total(item), total(item, column="machine_qty")) == (pytest.approx(350), pytest.approx(280))
		head = frappe.get_doc("Demand Forecast", {"item_code": item.name})
		assert head.next_28_days == pytest.approx(350) and len(head.points) == HORIZON
		(part,) = overriding_parts(item).itertuples()
		assert (part.part, part.effect) == (f"override by {ann.full_name}", pytest.approx(70 / 28))
		assert part.note.startswith("+100 % from") and part.note.endswith(": the fair")
		doc.status = "Cancelled"
		doc.save()
		pd.testing.assert_frame_equal(SiteStore().read(FORECASTS, item_code=item.name), before)
		assert overriding_parts(item).empty

	def test_editing_starts_from_the_machine_again(self, item, shed):
		forecast_of(item, shed)
		doc = override(item, shed, "set", 0)
		assert total(item) == pytest.approx(210)
		doc.kind, doc.value = "add", 35
		doc.save()
		assert total(item) == pytest.approx(315)
		rows = SiteStore().read(FORECASTS, item_code=item.name)
		assert rows["hi95"].iloc[0] == pytest.approx(15 + 8 * 1.5**0.5)
		assert (rows["lo95"] <= rows["qty"]).all() and rows["lo95"].min() >= 0

	def test_moving_it_to_another_item_leaves_the_first_alone(self, item, shed):
		other = make_item()
		forecast_of(item, shed)
		forecast_of(other, shed)
		doc = override(item, shed)
		doc.item_code = other.name
		doc.save()
		assert (total(item), total(other)) == (pytest.approx(280), pytest.approx(350))

	def test_deleting_takes_it_out(self, item, shed):
		forecast_of(item, shed)
		override(item, shed).delete()
		assert total(item) == pytest.approx(280)

	def test_all_warehouses_share_in_proportion(self, item, shed):
		other = make_warehouse()
		forecast_of(item, shed, other)
		override(item, kind="set", value=210)
		assert total(item, shed, days=7) == pytest.approx(140)
		assert total(item, other, days=7) == pytest.approx(70)

	def test_the_newest_counts_and_others_stay_behind_it(self, item, shed):
		forecast_of(item, shed)
		old = override(item, shed, "set", 700, 0, 13)
		new = override(item, shed, "set", 0, 0, 6)
		frappe.db.set_value("Forecast Override", new.name, "made_on", add_days(now_datetime(), 1))
		assert total(item, days=7) == pytest.approx(0)
		assert total(item, days=14) == pytest.approx(350)
		new.reload()
		new.status = "Cancelled"
		new.save()
		assert total(item, days=14) == pytest.approx(700)
		assert old.status == "Active"

	def test_what_open_orders_take_stays_taken(self, item, shed):
		forecast_of(item, shed)
		rows = SiteStore().read(FORECASTS, item_code=item.name).assign(net_qty=7.0)
		SiteStore().amend(FORECASTS, rows, scope={"item_code": [item.name]})
		override(item, shed, "percent", -50)
		assert total(item, column="net_qty", days=7) == pytest.approx(7 * 2)

	def test_an_item_without_a_forecast_waits_for_one(self, item):
		frappe.clear_messages()
		override(item)
		assert "has no forecast yet" in frappe.message_log[0]["message"]

	def test_while_a_plan_runs_it_waits_and_is_followed_afterwards(self, item, shed, monkeypatch):
		from sentia_ops.sentia_ops.doctype.forecast_override import applying

		forecast_of(item, shed)
		started = now_datetime()
		with monkeypatch.context() as patch:
			patch.setattr(applying, "is_running", lambda: True)
			override(item, shed)
		assert total(item) == pytest.approx(280)
		apply_late(started)
		assert total(item) == pytest.approx(350)


class TestWho:
	@pytest.mark.parametrize("doctype", DOCTYPES)
	@pytest.mark.parametrize(
		("role", "may"),
		[
			(MANAGER, {"read", "write", "create", "delete"}),
			(OPERATOR, {"read", "write", "create"}),
			(VIEWER, {"read"}),
			("Purchase User", set()),
		],
	)
	def test_rights(self, doctype, role, may):
		become(role)
		rights = {r for r in ("read", "write", "create", "delete") if frappe.has_permission(doctype, r)}
		assert rights == may

	def test_a_viewer_can_save_none(self, item, shed):
		forecast_of(item, shed)
		become(VIEWER)
		with pytest.raises(frappe.PermissionError):
			override(item, shed)
		with pytest.raises(frappe.PermissionError):
			api.preview_override(item.name, today(), today(), "percent", 5.0)
		assert total(item) == pytest.approx(280)

	def test_nobody_speaks_for_another(self, item, shed):
		forecast_of(item, shed)
		ann = become(OPERATOR)
		doc = override(item, shed, planner="Administrator", made_on="2001-01-01")
		assert (doc.planner, getdate(doc.made_on)) == (ann.name, getdate())
		bob = become_again(MANAGER)
		doc.reload()
		doc.reason = "the fair in May"
		doc.planner = "Administrator"
		doc.save()
		assert doc.planner == ann.name  # words, not numbers
		doc.value = 50
		doc.save()
		assert doc.planner == bob.name

	def test_changes_are_kept(self, item, shed):
		doc = override(item, shed)
		doc.value = 50
		doc.flags.ignore_version = False
		frappe.flags.in_test = False  # Frappe keeps no versions in tests
		try:
			doc.save()
		finally:
			frappe.flags.in_test = True
		versions = frappe.get_all("Version", {"ref_doctype": doc.doctype, "docname": doc.name}, pluck="data")
		assert any('"value"' in data for data in versions)


class TestRefused:
	@pytest.mark.parametrize(
		("values", "words"),
		[
			({"first": 5, "last": 4}, "lies before its first day"),
			({"value": -101}, "takes away 101 %"),
			({"kind": "set", "value": -1}, "below nothing"),
			({"value": "nan"}, "not a number"),
			({"value": "much"}, "not a number"),
			({"reason": "  "}, "gives no reason"),
			({"kind": "twice"}, "kind must be set, add, percent"),
		],
	)
	def test_what_cannot_be_followed(self, item, shed, values, words):
		forecast_of(item, shed)
		with pytest.raises(frappe.ValidationError, match=words):
			override(item, shed, **values)
		assert total(item) == pytest.approx(280)

	def test_an_unknown_item(self, shed):
		with pytest.raises(frappe.LinkValidationError):
			override(frappe._dict(name="no such thing"), shed)

	def test_a_group_of_warehouses(self, item):
		group = frappe.get_all("Warehouse", {"is_group": 1}, pluck="name")[0]
		with pytest.raises(frappe.ValidationError, match="is a group of warehouses"):
			override(item, frappe._dict(name=group))


def test_past_and_cancelled_ones(item, shed):
	over = override(item, shed, first=-9, last=-1)
	gone = override(item, shed, status="Cancelled")
	kept = override(item, shed)
	assert [d.status for d in (over, gone, kept)] == ["Past", "Cancelled", "Active"]
	frappe.db.set_value("Forecast Override", kept.name, "to_date", add_days(today(), -1))
	mark_past()
	assert frappe.db.get_value("Forecast Override", kept.name, "status") == "Past"
	assert frappe.db.get_value("Forecast Override", gone.name, "status") == "Cancelled"
	assert gone.name not in set(SiteStore().read(OVERRIDES, item_code=item.name)["override"])


# with a real plan, committed


@pytest.fixture(scope="module")
def made(site):
	frappe.set_user("Administrator")
	company = make_company()
	frappe.db.commit()
	yield company
	frappe.db.rollback()
	for doctype in [*RESULTS, *DOCTYPES]:
		frappe.db.delete(doctype)
	frappe.db.commit()
	forget(company)


def test_the_next_plan_keeps_it_and_never_touches_it(made):
	for doctype in [*RESULTS, *DOCTYPES]:
		frappe.db.delete(doctype)
	run_plan("cli", only=["forecasting"])
	steady = frappe._dict(name=made.steady)
	machine = total(steady)
	doc = override(steady, kind="percent", value=100, first=0, last=400)
	at_once = total(steady)
	assert_sums_agree()
	frappe.db.commit()
	fields = frappe.get_doc("Forecast Override", doc.name).as_dict()
	assert at_once == pytest.approx(2 * machine)
	for _ in range(2):
		run = run_plan("cli", only=["forecasting"])
		assert run.status == "Completed"
		assert total(steady) == pytest.approx(2 * total(steady, column="machine_qty"))
		assert total(steady) == pytest.approx(at_once)
		assert frappe.get_doc("Forecast Override", doc.name).as_dict() == fields
	assert overriding_parts(steady)["part"].tolist() == ["override by Administrator"]
	doc.reload()
	doc.status = "Cancelled"
	doc.save()
	assert total(steady) == pytest.approx(machine)
	assert_sums_agree()


def assert_sums_agree():
	"""Totals on every level are the sums of the forecasts, with bounds around them."""
	totals = SiteStore().read(FORECAST_TOTALS)
	forecast = SiteStore().read(FORECASTS)["qty"].sum()
	levels = totals.groupby("level")["qty"].sum()
	assert len(levels) == 4 and levels.tolist() == pytest.approx([forecast] * 4)
	assert (totals["lo95"] <= totals["qty"]).all() and (totals["qty"] <= totals["hi95"]).all()


def test_the_frame_says_what_the_document_says(made):
	doc = override(frappe._dict(name=made.steady), kind="add", value=12.5, first=2, last=3)
	(row,) = SiteStore().read(OVERRIDES, override=doc.name).itertuples()
	assert (row.item_code, row.warehouse, row.kind, row.value) == (made.steady, "", "add", 12.5)
	assert (row.first.date(), row.last.date()) == (getdate(doc.from_date), getdate(doc.to_date))
	assert (row.reason, row.planner) == ("the fair", "Administrator")
