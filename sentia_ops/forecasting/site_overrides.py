"""Planners' overrides and factors on ERPNext: documents as frames."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pandas as pd
from frappe.utils import getdate

from sentia_ops.forecasting.engine.overrides import Override
from sentia_ops.forecasting.frames import FACTORS, OVERRIDES
from sentia_ops.forecasting.overriding import as_overrides
from sentia_ops.store.site_sql import SiteContext, query, tidy

FACTOR_DAYS_AHEAD = 400  # of a factor without an end in sight, or with a mistyped one


def overrides(ctx: SiteContext) -> pd.DataFrame:
	"""Overrides that are not cancelled, of planned items and warehouses; planners by their names."""
	rows = query(
		f"""select o.name `override`, o.item_code, coalesce(o.warehouse, '') warehouse, o.from_date first, o.to_date last,
			o.kind, o.value, o.reason, coalesce(u.full_name, o.planner) planner, o.made_on
		from `tabForecast Override` o {ctx.joins("o.item_code")} left join `tabUser` u on u.name = o.planner
		where o.status != 'Cancelled' and (coalesce(o.warehouse, '') = ''
			or exists(select 1 from `tabWarehouse` w where w.name = o.warehouse and {ctx.planned_warehouse}))
		order by o.made_on, o.name""",
		ctx.params,
	)
	for column in ("first", "last", "made_on"):
		rows[column] = pd.to_datetime(rows[column])
	return tidy(OVERRIDES, rows)


def factors(ctx: SiteContext) -> pd.DataFrame:
	"""Demand Factors, a row a day; where two name the same day of the same item, the newer counts."""
	rows = query(
		"""select f.factor_name name, coalesce(f.item_code, '') item_code, f.kind, f.value, f.known_ahead,
			greatest(f.from_date, %(since)s) first, least(f.to_date, %(until)s) last
		from `tabDemand Factor` f where f.to_date >= %(since)s and f.from_date <= least(f.to_date, %(until)s)
		order by f.modified, f.name""",
		ctx.params | {"until": ctx.today + timedelta(days=FACTOR_DAYS_AHEAD)},
	)
	planned = query(f"select i.name from `tabItem` i where {ctx.planned_item}", ctx.params)["name"]
	rows = rows[rows["item_code"].eq("") | rows["item_code"].isin(planned)]
	if rows.empty:
		return FACTORS.empty()
	days = [pd.date_range(first, last) for first, last in zip(rows["first"], rows["last"], strict=True)]
	rows = rows.assign(date=days).explode("date").drop_duplicates(list(FACTORS.key), keep="last")
	rows = rows.assign(date=pd.to_datetime(rows["date"]), known_ahead=rows["known_ahead"].astype(bool))
	return tidy(FACTORS, rows.sort_values(list(FACTORS.key)))


def as_override(doc) -> Override:
	"""A Forecast Override as the engine takes it; dates not given become NaT."""
	row = {
		"override": doc.name or "new",
		"item_code": doc.item_code,
		"warehouse": doc.warehouse or "",
		"first": pd.Timestamp(getdate(doc.from_date) if doc.from_date else pd.NaT),
		"last": pd.Timestamp(getdate(doc.to_date) if doc.to_date else pd.NaT),
		"kind": doc.kind,
		"value": number(doc.value),
		"reason": doc.reason or "",
		"planner": doc.planner or "",
		"made_on": pd.Timestamp(doc.made_on or pd.NaT),
	}
	return as_overrides(pd.DataFrame([row]))[0]


def number(given) -> float:
	"""What a user gave as a number; NaN where it is none, which Frappe itself would take for 0."""
	try:
		return float(given)
	except (TypeError, ValueError):
		return float("nan")


def mark_past() -> None:
	"""Scheduler: overrides whose days are over."""
	frappe.db.set_value(
		"Forecast Override",
		{"status": "Active", "to_date": ["<", frappe.utils.today()]},
		"status",
		"Past",
		update_modified=False,
	)


READERS = {OVERRIDES.name: overrides, FACTORS.name: factors}
