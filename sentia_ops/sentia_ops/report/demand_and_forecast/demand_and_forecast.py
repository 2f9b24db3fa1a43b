"""What was sold and what is expected, a day, week or month each: history, forecast with its bounds, overrides, last year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.utils import add_months, formatdate, getdate, today

if TYPE_CHECKING:
	import pandas as pd

PERIODS = {"Day": "D", "Week": "W-SUN", "Month": "M"}  # codes of pandas periods: weeks begin on Monday
BOUNDS = {
	"lo95": -1.96,
	"lo80": -1.2816,
	"hi80": 1.2816,
	"hi95": 1.96,
}  # quantiles of the normal distribution
WEEKS_BACK = 364  # days: the same weekday of last year


def execute(filters: dict | None = None):
	"""Columns, rows, message, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	validate(filters)
	series = get_series(filters)
	if not series:
		return (
			get_columns(filters),
			[],
			_("No forecasts match: choose other filters, or plan first."),
			None,
			[],
		)
	days = get_days(series, filters)
	alone = filters.period == "Day" and len(series) == 1
	table = by_period(days, filters.period, None if alone else get_variance(series))
	return (
		get_columns(filters),
		get_data(table),
		get_message(series, alone),
		get_chart(table),
		get_summary(table, series),
	)


def validate(filters: frappe._dict) -> None:
	filters.period = filters.period or "Week"
	if filters.period not in PERIODS:
		frappe.throw(_("Period must be one of {0}.").format(", ".join(_(p) for p in PERIODS)))
	filters.from_date = getdate(filters.from_date or add_months(today(), -6))
	filters.to_date = getdate(filters.to_date) if filters.to_date else None
	if filters.to_date and filters.from_date > filters.to_date:
		frappe.throw(_("From lies after To."))


def get_columns(filters: frappe._dict) -> list[dict[str, Any]]:
	first = {"Day": _("Day"), "Week": _("Week from"), "Month": _("Month from")}[filters.period]
	return [
		{"fieldname": "period", "label": first, "fieldtype": "Date", "width": 120},
		_quantity("sold", _("Sold")),
		{"fieldname": "out", "label": _("Days out of stock"), "fieldtype": "Int", "width": 140},
		_quantity("qty", _("Forecast")),
		*(
			_quantity(name, f"{_('Low') if name.startswith('lo') else _('High')} ({name[2:]} %)")
			for name in BOUNDS
		),
		_quantity("adjusted", _("Of it overrides and pipeline"), 220),
		_quantity("last_year", _("Last year")),
	]


def _quantity(fieldname: str, label: str, width: int = 110) -> dict[str, Any]:
	return {"fieldname": fieldname, "label": label, "fieldtype": "Float", "precision": "1", "width": width}


def get_series(filters: frappe._dict) -> list[tuple[str, str]]:
	"""Item and warehouse of the forecasts that match and that the user may see."""
	chosen = {name: filters[name] for name in ("item_code", "warehouse") if filters.get(name)}
	if filters.item_group:
		groups = [filters.item_group, *frappe.db.get_descendants("Item Group", filters.item_group)]
		items = set(frappe.get_all("Item", {"item_group": ("in", groups)}, pluck="name"))
		items &= {chosen.get("item_code")} if "item_code" in chosen else items
		chosen["item_code"] = ("in", sorted(items) or [""])
	rows = frappe.get_list(
		"Demand Forecast", chosen, ["item_code", "warehouse"], order_by="item_code", limit_page_length=0
	)
	return [(row.item_code, row.warehouse) for row in rows]


def get_days(series: list[tuple[str, str]], filters: frappe._dict) -> pd.DataFrame:
	"""A row a day, from the first day asked for to the last: sold, out, last_year, and the forecast's sums; empty: unknown."""
	import pandas as pd

	from sentia_ops.forecasting.frames import DEMAND, FORECASTS
	from sentia_ops.store.site import SiteStore

	wanted = pd.MultiIndex.from_tuples(series, names=["item_code", "warehouse"])
	items, sheds = (list(dict.fromkeys(names)) for names in zip(*series, strict=True))
	demand, forecasts = (
		rows[rows.set_index(wanted.names).index.isin(wanted)]
		for rows in (
			SiteStore().read(frame, item_code=items, warehouse=sheds) for frame in (DEMAND, FORECASTS)
		)
	)
	forecasts = forecasts.assign(adjusted=forecasts["qty"] - forecasts["machine_qty"])
	today_ = forecasts["date"].min() if len(forecasts) else pd.Timestamp(today())
	last = forecasts["date"].max() if len(forecasts) else today_ - pd.Timedelta(days=1)
	span = pd.period_range(
		filters.from_date, min(pd.Timestamp(filters.to_date or last), last), freq=PERIODS[filters.period]
	)
	if not len(span):
		span = pd.period_range(filters.from_date, periods=1, freq=PERIODS[filters.period])
	index = pd.date_range(span[0].start_time, span[-1].end_time.normalize(), name="date")
	sold = _sold(demand, today_)
	days = pd.DataFrame({"sold": sold.reindex(index)})
	days["out"] = (~demand["in_stock"]).groupby(demand["date"]).sum().reindex(index).fillna(0)
	before = index - (pd.DateOffset(years=1) if filters.period == "Month" else pd.Timedelta(days=WEEKS_BACK))
	days["last_year"] = sold.reindex(before).to_numpy()
	future = forecasts[forecasts["date"] >= today_].groupby("date")[["qty", *BOUNDS, "adjusted"]].sum()
	return days.join(future)


def _sold(demand: pd.DataFrame, end: pd.Timestamp) -> pd.Series:
	"""Sales a day from the first one known to the day before `end`; a day without a row sold nothing."""
	import pandas as pd

	if demand.empty:
		return pd.Series(dtype=float)
	known = pd.date_range(demand["date"].min(), end - pd.Timedelta(days=1))
	return demand.groupby("date")["qty"].sum().reindex(known, fill_value=0.0)


def get_variance(series: list[tuple[str, str]]) -> float:
	"""Variance of the error of a day, of all series together; see `error_std` of FORECAST_QUALITY."""
	rows = frappe.get_all(
		"Demand Forecast", fields=["item_code", "warehouse", "error_std"], limit_page_length=0
	)
	wanted = set(series)
	return sum(row.error_std**2 for row in rows if (row.item_code, row.warehouse) in wanted)


def by_period(days: pd.DataFrame, period: str, variance: float | None) -> pd.DataFrame:
	"""Sums over periods from the first of which anything is known to the last that the forecast reaches the end of.

	Args:
	    variance: of a day's error; bounds of sums follow from it, as those of days do not add up. None: days keep their own.
	"""
	groups = days.groupby(days.index.to_period(PERIODS[period]))
	table = groups.sum(min_count=1)
	known = days["sold"].notna() | days["qty"].notna()
	complete = known.groupby(days.index.to_period(PERIODS[period])).all()
	if variance is not None:
		reach = (variance * groups["qty"].count()) ** 0.5
		for name, quantile in BOUNDS.items():
			table[name] = (table["qty"] + quantile * reach).clip(lower=0)
	if len(table) > 1 and table["qty"].notna().iloc[-1] and not complete.iloc[-1]:
		table = table.iloc[:-1]
	shown = table[["sold", "qty"]].notna().any(axis=1).to_numpy()
	return table.iloc[shown.argmax() :] if shown.any() else table.iloc[:0]


def get_data(table: pd.DataFrame) -> list[dict[str, Any]]:
	rows = table.astype(object).where(table.notna(), None)
	return [
		{"period": period.start_time.date(), **row}
		for period, row in zip(table.index, rows.to_dict("records"), strict=True)
	]


def get_message(series: list[tuple[str, str]], alone: bool) -> str | None:
	codes = list({item for item, _shed in series})
	units = set(frappe.get_all("Item", {"name": ("in", codes)}, pluck="stock_uom", distinct=True))
	notes = []
	if len(units) > 1:
		notes.append(_("Quantities in different units are added up: {0}.").format(", ".join(sorted(units))))
	if not alone:
		notes.append(_("Bounds follow from the error of sums in the backtest."))
	if len(series) > 1:
		notes.append(_("Errors of different items are taken as independent."))
	return " ".join(notes) or None


def get_chart(table: pd.DataFrame) -> dict[str, Any] | None:
	"""Sold, then forecast as one line, from the end of which the 95 % range opens; and last year's line."""
	if table.empty:
		return None
	sold = table["sold"].fillna(0)
	lines = {
		_("Demand"): sold + table["qty"].fillna(0),
		_("High 95 %"): sold + table["hi95"].fillna(0),
		_("Low 95 %"): sold + table["lo95"].fillna(0),
	}
	if table["last_year"].notna().any():
		lines[_("Last year")] = table["last_year"].fillna(0)
	return {
		"data": {
			"labels": [formatdate(period.start_time.date(), "d MMM") for period in table.index],
			"datasets": [
				{"name": name, "values": [round(v, 2) for v in line]} for name, line in lines.items()
			],
		},
		"type": "line",
		"colors": ["#2f7ed8", "#a9cbef", "#a9cbef", "#b8a2d9"],
		"lineOptions": {"hideDots": 1},
	}


def get_summary(table: pd.DataFrame, series: list[tuple[str, str]]) -> list[dict[str, Any]]:
	shown = table["qty"].notna()
	cards = [
		_card(_("Items and warehouses"), f"{len(series):,}"),
		_card(_("Sold"), f"{table['sold'].sum():,.0f}"),
		_card(_("Forecast"), f"{table['qty'].sum():,.0f}"),
	]
	adjusted = table["adjusted"].sum()
	if abs(adjusted) >= 0.5:
		cards.append(_card(_("Of it overrides and pipeline"), f"{adjusted:+,.0f}", "Orange"))
	before = table.loc[shown, "last_year"].sum()
	if before > 0:
		expected = table.loc[shown, ["sold", "qty"]].sum().sum()
		cards.append(_card(_("Against last year"), f"{100 * (expected / before - 1):+.1f} %"))
	if table["out"].sum():
		cards.append(_card(_("Days out of stock"), f"{table['out'].sum():,.0f}", "Red"))
	return cards


def _card(label: str, value: str, indicator: str = "Blue") -> dict[str, Any]:
	return {"label": label, "value": value, "datatype": "Data", "indicator": indicator}
