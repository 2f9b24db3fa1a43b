"""What the chart on a forecast shows, what an override would do, and factors of a site."""

from __future__ import annotations

import json

import frappe
import pytest
from factories import make_customer, make_item, make_sales_order, make_stock, make_user, make_warehouse
from frappe.utils import add_days, today
from planners import HORIZON, become, forecast_of, override, total

from sentia_ops.api import forecasts as api
from sentia_ops.forecasting.frames import FACTORS
from sentia_ops.permissions import OPERATOR, VIEWER
from sentia_ops.store.site import SiteStore
from sentia_ops.tasks import plan_settings


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
