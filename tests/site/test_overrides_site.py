"""Planners' overrides and factors on a site: who may, what happens at once, what the next plan keeps, what the chart shows."""

from __future__ import annotations

import json

import frappe
import pandas as pd
import pytest
from factories import make_customer, make_item, make_sales_order, make_stock, make_user, make_warehouse
from frappe.utils import add_days, getdate, now_datetime, today
from trade import forget, make_company

from sentia_ops.api import forecasts as api
from sentia_ops.forecasting.frames import FACTORS, FORECAST_PARTS, FORECAST_TOTALS, FORECASTS, OVERRIDES
from sentia_ops.forecasting.site_overrides import mark_past
from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.sentia_ops.doctype.forecast_override.applying import apply_late
from sentia_ops.store.site import SiteStore
from sentia_ops.tasks import plan_settings, run_plan

HORIZON = 28
DOCTYPES = ["Forecast Override", "Demand Factor"]
RESULTS = ["Demand Forecast", "Demand Forecast Point", "Forecast Part", "Forecast Score", "Forecast Total"]
RESULTS += [
	"Planning Run",
	"Supplier Lead Time",
	"Stock Policy",
	"Reorder Recommendation",
	"Reorder Alternative",
]


def forecast_of(item, *warehouses, qty: float = 10.0) -> None:
	"""A forecast of `qty` a day in the first warehouse, half of it in the next, from today."""
	rows = []
	for share, shed in zip((1.0, 0.5), warehouses, strict=False):
		level = {
			"qty": qty,
			"median": qty * 0.9,
			"lo80": qty - 4,
			"hi80": qty + 4,
			"lo95": qty - 8,
			"hi95": qty + 8,
		}
		level |= {"machine_qty": qty, "net_qty": qty}
		rows.append(
			pd.DataFrame({"date": pd.date_range(today(), periods=HORIZON)}).assign(
				item_code=item.name, warehouse=shed.name, **{k: v * share for k, v in level.items()}
			)
		)
	rows = pd.concat(rows).assign(committed=0.0, model="test", run="")
	SiteStore().amend(FORECASTS, rows, scope={"item_code": [item.name]})


def override(item, shed=None, kind="percent", value: float = 100.0, first: int = 0, last: int = 6, **more):
	"""An override; days counted from today as 0."""
	doc = {
		"doctype": "Forecast Override",
		"item_code": item.name,
		"warehouse": shed and shed.name,
		"kind": kind,
	}
	doc |= {"from_date": add_days(today(), first), "to_date": add_days(today(), last), "value": value}
	return frappe.get_doc({**doc, "reason": "the fair", **more}).insert()


def total(item, shed=None, column: str = "qty", days: int = HORIZON) -> float:
	rows = SiteStore().read(FORECASTS, item_code=item.name)
	rows = rows[rows["date"] < pd.Timestamp(add_days(today(), days))]
	return rows[rows["warehouse"] == shed.name][column].sum() if shed else rows[column].sum()


def overriding_parts(item) -> pd.DataFrame:
	parts = SiteStore().read(FORECAST_PARTS, item_code=item.name)
	return parts[parts["kind"] == "adjustment"]


def become(*roles):
	user = make_user(*roles)
	frappe.set_user(user.name)
	return user


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


def become_again(*roles):
	frappe.set_user("Administrator")
	return become(*roles)


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


class TestPreviewAndChart:
	def test_preview_says_what_saving_does(self, item, shed):
		other = make_warehouse()
		forecast_of(item, shed, other)
		override(item, shed, "percent", 10, 0, 0)
		become(OPERATOR)
		change = {"item_code": item.name, "from_date": today(), "to_date": add_days(today(), 6)}
		found = api.preview_override(**change, kind="set", value=300.0, warehouse=shed.name)["data"]
		assert (found["days"], found["machine"], found["then"]) == (7, pytest.approx(70), pytest.approx(300))
		assert (found["now"], found["uom"], found["fault"]) == (pytest.approx(71), "Nos", "")
		everywhere = api.preview_override(**change, kind="percent", value=100.0)["data"]
		assert everywhere["then"] == pytest.approx(2 * 105)
		assert total(item) == pytest.approx(280 + 140 + 1)
		override(item, shed, "set", 300)
		assert total(item, shed, days=7) == pytest.approx(300)

	def test_preview_says_why_not(self, item, shed):
		forecast_of(item, shed)
		found = api.preview_override(item.name, today(), today(), "percent", -150.0)["data"]
		assert "takes away 150 %" in found["fault"]
		with pytest.raises(frappe.DoesNotExistError):
			api.preview_override(make_item().name, today(), today(), "percent", 5.0)

	def test_chart_shows_sales_stockouts_forecast_overrides_and_last_year(self, item, shed):
		shop = make_customer()
		make_stock(item, shed, 12, on=add_days(today(), -400))
		make_sales_order(item, shed, 9, customer=shop, on=add_days(today(), -364))
		make_sales_order(item, shed, 12, customer=shop, on=add_days(today(), -10))
		make_sales_order(item, shed, 5, customer=shop, on=add_days(today(), -2))
		forecast_of(item, shed)
		doc = override(item, shed)
		become(VIEWER)
		chart = api.chart(item.name, shed.name)["data"]
		assert chart["start"] == str(add_days(today(), -180)) and chart["as_of"] == today()
		assert (len(chart["sold"]), chart["sold"][-10], chart["sold"][-2], sum(chart["sold"])) == (
			180,
			12,
			5,
			17,
		)
		assert chart["forecast"]["qty"][:8] == pytest.approx([20] * 7 + [10])
		assert chart["forecast"]["machine_qty"] == pytest.approx([10] * HORIZON)
		assert {len(values) for values in chart["forecast"].values()} == {HORIZON}
		assert len(chart["last_year"]) == 180 + HORIZON
		assert chart["last_year"][180] == 9 and chart["last_year"][179] is None
		(shown,) = chart["overrides"]
		assert (shown["name"], shown["reason"], shown["value"]) == (doc.name, "the fair", 100)
		assert chart["uom"] == "Nos" and json.dumps(chart, allow_nan=False)

	def test_days_without_stock_are_told(self, item, shed):
		shop = make_customer()
		make_sales_order(item, shed, 1, customer=shop, on=add_days(today(), -20))
		entry = make_stock(item, shed, 5, on=add_days(today(), -15))
		frappe.db.set_value(
			"Stock Ledger Entry", {"voucher_no": entry.name}, {"qty_after_transaction": 0, "actual_qty": 5}
		)
		forecast_of(item, shed)
		chart = api.chart(item.name, shed.name)["data"]
		assert chart["out"] == list(range(5, 20))  # from 15 days ago to yesterday, of the 20 days shown

	def test_chart_of_an_item_never_sold_and_of_one_never_forecast(self, item, shed):
		forecast_of(item, shed)
		chart = api.chart(item.name, shed.name)["data"]
		assert (chart["sold"], chart["out"], set(chart["last_year"])) == ([], [], {None})
		with pytest.raises(frappe.DoesNotExistError):
			api.chart(make_item().name, shed.name)

	def test_chart_is_for_those_who_may_see_the_forecast(self, item, shed):
		forecast_of(item, shed)
		become("Purchase User")
		with pytest.raises(frappe.PermissionError):
			api.chart(item.name, shed.name)
		user = make_user_of_another_warehouse()
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			api.chart(item.name, shed.name)


def make_user_of_another_warehouse() -> str:
	frappe.set_user("Administrator")
	user = make_user(VIEWER).name
	doc = {
		"doctype": "User Permission",
		"user": user,
		"allow": "Warehouse",
		"for_value": make_warehouse().name,
	}
	frappe.get_doc(doc).insert(ignore_permissions=True)
	frappe.clear_cache(user=user)
	return user


class TestFactors:
	def make(self, first: int, last: int, item=None, **more):
		doc = {"doctype": "Demand Factor", "factor_name": "Summer sale", "kind": "promotion", "value": 1}
		doc |= {"from_date": add_days(today(), first), "to_date": add_days(today(), last)}
		return frappe.get_doc({**doc, "item_code": item and item.name, **more}).insert()

	def test_periods_become_days(self, item):
		self.make(-3, -2)
		self.make(5, 5, item, value=0.5, known_ahead=0)
		rows = SiteStore().read(FACTORS, name="Summer sale")
		assert rows[["item_code", "value", "known_ahead"]].values.tolist() == [
			["", 1, True],
			["", 1, True],
			[item.name, 0.5, False],
		]
		assert [str(d.date()) for d in rows["date"]] == [add_days(today(), d) for d in (-3, -2, 5)]

	def test_an_endless_one_ends(self):
		self.make(-9000, 90000)
		rows = SiteStore().read(FACTORS)
		assert 700 < len(rows) < 1500

	def test_one_value_a_day(self, item):
		self.make(0, 9, item)
		self.make(10, 12)
		first = self.make(0, 9)
		for days in ((9, 9), (-5, 0), (-5, 9)):
			with pytest.raises(frappe.ValidationError, match=first.name):
				self.make(*days)

	def test_backwards_or_no_number(self):
		with pytest.raises(frappe.ValidationError, match="lies before the first"):
			self.make(3, 2)
		for value in ("inf", "warm"):
			with pytest.raises(frappe.ValidationError, match="must be a number"):
				self.make(3, 4, value=value)

	def test_holidays_are_those_of_the_companies_unless_set(self):
		settings = frappe.get_doc("Sentia Settings")
		settings.use_holidays, settings.holiday_countries = 1, ""
		settings.save()
		assert "GB" in plan_settings().forecast.holidays.split(",")
		settings.holiday_countries = "US-CA, DE"
		settings.save()
		assert plan_settings().forecast.holidays == "US-CA, DE"
		settings.use_holidays = 0
		settings.save()
		assert plan_settings().forecast.holidays == ""
		settings.holiday_countries = "Atlantis"
		with pytest.raises(frappe.ValidationError, match="no country 'Atlantis'"):
			settings.save()


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
