"""Kept forecasts and what forecasts are made of, on ERPNext: documents out and in, and sums of the scores.

What a score may be grouped by is in `GROUPS`. Means are weighted by the days scored, as a week tells less than a month.
"""

from __future__ import annotations

from typing import Any

import frappe
import pandas as pd

from sentia_ops.forecasting.frames import FORECAST_PARTS, FORECAST_SCORES, SERIES
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import (
	SiteContext,
	delete_documents,
	fill_empty,
	insert_documents,
	item_names,
	read_documents,
	replace_documents,
	row_names,
)

SCORE, PART = "Forecast Score", "Forecast Part"
GROUPS = {
	"item": "s.item_code",
	"class": "s.demand_class",
	"model": "s.model",
	"planner": "coalesce(s.planner, '')",
	"week": "s.as_of",
	"all": "''",
}
MEANS = ("mase", "mase_naive", "rmsse", "scaled_pinball", "coverage95")
FILTERS = {
	"item_code": "s.item_code = %(item_code)s",
	"warehouse": "s.warehouse = %(warehouse)s",
	"company": "s.warehouse in (select name from `tabWarehouse` where company = %(company)s)",
	"item_group": """s.item_code in (select i.name from `tabItem` i join `tabItem Group` g on g.name = i.item_group
		join `tabItem Group` top on top.name = %(item_group)s and g.lft between top.lft and top.rgt)""",
	"demand_class": "s.demand_class = %(demand_class)s",
	"model": "s.model = %(model)s",
	"planner": "find_in_set(%(planner)s, replace(s.planner, ', ', ','))",
	"from_date": "s.as_of >= %(from_date)s",
	"to_date": "s.as_of <= %(to_date)s",
}


def scores(ctx: SiteContext) -> pd.DataFrame:
	return read_documents(SCORE, FORECAST_SCORES, ctx)


def write_scores(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	rows = fill_empty(FORECAST_SCORES, rows).assign(item_name=item_names(rows))
	replace_documents(SCORE, FORECAST_SCORES, rows, run, scope)


def parts(ctx: SiteContext) -> pd.DataFrame:
	return read_documents(PART, FORECAST_PARTS, ctx)


def write_parts(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	"""Replace the rows below their Demand Forecasts."""
	parents = row_names(rows, SERIES)
	rows = fill_empty(FORECAST_PARTS, rows).assign(
		parent=parents,
		parenttype="Demand Forecast",
		parentfield="parts",
		name=row_names(rows, FORECAST_PARTS.key),
	)
	rows["idx"] = rows.groupby("parent").cumcount() + 1
	delete_documents(PART, scope)
	insert_documents(PART, rows, run)


def measured(group_by: str, filters: dict[str, Any]) -> list[dict[str, Any]]:
	"""Scores of kept forecasts that the user may see, summed by one of `GROUPS`.

	Args:
	    filters: of `FILTERS`; empty ones do not count.

	Returns:
	    Per group: `group`, `forecasts`, `series`, `days_scored`, `sold`, `expected`, the means `mase`, `mase_naive`, `rmsse`,
	    `scaled_pinball` and `coverage95` (None: nothing could be measured), `bias` (None: nothing sold), `overridden`
	    (forecasts with a planner's override that could be scored) and `overrides_better` (those closer than the machine's).
	"""
	means = ", ".join(
		f"sum(if(s.{m} >= 0, s.{m} * s.days_scored, 0)) / sum(if(s.{m} >= 0, s.days_scored, null)) {m}"
		for m in MEANS
	)
	where, values = _where(filters)
	rows = frappe.db.sql(
		f"""select {GROUPS[group_by]} `group`, count(*) forecasts, count(distinct s.item_code, s.warehouse) series,
			sum(s.days_scored) days_scored, sum(s.sold) sold, sum(s.expected) expected, {means},
			sum(s.mase_machine >= 0) overridden, sum(s.mase_machine >= 0 and s.mase < s.mase_machine) overrides_better
		from `tab{SCORE}` s where {where} group by 1 order by 1""",
		values,
		as_dict=True,
	)
	return [_plain(row) for row in rows]


def total(filters: dict[str, Any]) -> dict[str, Any] | None:
	"""As `measured`, over everything; None where nothing has been scored."""
	rows = measured("all", filters)
	return rows[0] if rows else None


def _where(filters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
	"""What the filters and the user's permissions leave of the forecasts scored."""
	from frappe.desk.reportview import build_match_conditions

	chosen = {name: value for name, value in filters.items() if name in FILTERS and value not in (None, "")}
	conditions = ["s.status = 'scored'", "s.days_scored > 0", *(FILTERS[name] for name in chosen)]
	allowed = build_match_conditions(SCORE)
	if allowed:  # written for the bare table: so it is asked of it
		conditions.append(f"s.name in (select name from `tab{SCORE}` where {allowed})".replace("%", "%%"))
	return " and ".join(conditions), chosen


def _plain(row: dict[str, Any]) -> dict[str, Any]:
	for name in ("sold", "expected", *MEANS):
		row[name] = None if row[name] is None else float(row[name])
	for name in ("days_scored", "overridden", "overrides_better"):
		row[name] = int(row[name] or 0)
	row["bias"] = (row["expected"] - row["sold"]) / row["sold"] if row["sold"] > 0 else None
	return row


READERS = {FORECAST_SCORES.name: scores, FORECAST_PARTS.name: parts}
WRITERS = {FORECAST_SCORES.name: write_scores, FORECAST_PARTS.name: write_parts}
