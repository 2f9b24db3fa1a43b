"""What planners do on a site: forecasts made by hand, overrides, and people with roles."""

from __future__ import annotations

import frappe
import pandas as pd
from factories import make_user
from frappe.utils import add_days, today

from sentia_ops.forecasting.frames import FORECAST_PARTS, FORECASTS
from sentia_ops.store.site import SiteStore

HORIZON = 28


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


def become_again(*roles):
	frappe.set_user("Administrator")
	return become(*roles)
