"""What saving a Forecast Override does to the forecasts a site has, and what it would do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import frappe
import pandas as pd

from sentia_ops.forecasting.engine.overrides import Override, fault
from sentia_ops.forecasting.frames import FORECAST_PARTS, FORECAST_TOTALS, FORECASTS, OVERRIDES, SERIES
from sentia_ops.forecasting.overriding import PART, TOTAL_PATHS, as_overrides, moved_totals, overridden
from sentia_ops.forecasting.site_overrides import as_override
from sentia_ops.forecasting.totals import hierarchy_of
from sentia_ops.store.site import SiteStore, is_running
from sentia_ops.store.site_sql import row_names

JUST_BEFORE = timedelta(minutes=1)


def apply_now(item_codes: Iterable[str]) -> int | None:
	"""Put the overrides of these items into the forecasts the site has; recommendations follow with the next plan.

	Returns:
	    Days of forecast that an override governs; None while a plan is under way, after which `apply_late` does it.
	"""
	if is_running():
		return None
	store, items = SiteStore(), sorted(set(item_codes))
	before = store.read(FORECASTS, item_code=items)
	if before.empty:
		return 0
	rows, parts = overridden(before, _sound(store, items))
	if not rows.equals(before):
		store.amend(FORECASTS, rows, scope={"item_code": items})
		_move_totals(store, before, rows)
	told = store.read(FORECAST_PARTS, item_code=items)
	told = told[~(told["kind"].eq("adjustment") & told["part"].str.startswith(PART))]
	parts = pd.concat([p for p in (told, parts.assign(run=before["run"].iloc[0])) if len(p)] or [told])
	store.amend(FORECAST_PARTS, parts, scope={"item_code": items})
	return int(rows["before"].ne("").sum())


def _move_totals(store: SiteStore, before: pd.DataFrame, after: pd.DataFrame) -> None:
	"""The sums these series are part of; one document each, as there are thousands that do not change."""
	nodes = _nodes(store, before[list(SERIES)].drop_duplicates())
	totals = store.read(FORECAST_TOTALS, node=sorted(set(nodes["node"])))
	if totals.empty:
		return
	moved = moved_totals(totals, before, after, nodes)
	for name, row in zip(row_names(moved, FORECAST_TOTALS.key), moved.to_dict("records"), strict=True):
		values = {column: row[column] for column in TOTAL_PATHS}
		frappe.db.set_value("Forecast Total", name, values, update_modified=False)


def _nodes(store: SiteStore, series: pd.DataFrame) -> pd.DataFrame:
	"""item_code, warehouse, level, node: the sums each series is part of."""
	keys = list(series.itertuples(index=False, name=None))
	tree = hierarchy_of(store, keys)
	return pd.DataFrame(
		[
			(*keys[member], *node)
			for row, node in enumerate(tree.nodes)
			for member in tree.members[row].indices
		],
		columns=[*SERIES, "level", "node"],
	)


def apply_late(started: datetime) -> None:
	"""After a plan: follow overrides made while it was under way, which it may not have seen.

	Args:
	    started: when the plan did, site time.
	"""
	changed = {"modified": [">=", started - JUST_BEFORE]}
	items = frappe.get_all("Forecast Override", changed, pluck="item_code")
	if items:
		apply_now(items)


def preview(change: dict[str, Any], warehouses: list[str]) -> dict[str, Any]:
	"""What an override would do to the forecasts of its item, without saving it.

	Args:
	    change: item_code, warehouse, from_date, to_date, kind, value of a Forecast Override.
	    warehouses: those the user may see.

	Returns:
	    {"days": of its period that are forecast, "machine", "now", "then": quantities over these days in stock UOM, in its
	    warehouse or, where it names none, in all of `warehouses`; "uom"; "fault": why it cannot be followed, or empty}.
	"""
	draft = frappe.new_doc("Forecast Override")
	draft.update({**change, "reason": "preview", "made_on": frappe.utils.now_datetime()})
	wanted = as_override(draft)
	found = {"uom": frappe.get_cached_value("Item", wanted.item_code, "stock_uom"), "fault": fault(wanted)}
	if found["fault"]:
		return found
	store = SiteStore()
	rows = store.read(FORECASTS, item_code=wanted.item_code)
	then = overridden(rows, [*_sound(store, [wanted.item_code]), wanted])[0]["qty"]
	at = rows["date"].between(pd.Timestamp(wanted.first), pd.Timestamp(wanted.last))
	at &= rows["warehouse"].isin([wanted.warehouse] if wanted.warehouse else warehouses)
	return found | {
		"days": int(rows["date"][at].nunique()),
		"machine": float(rows["machine_qty"][at].sum()),
		"now": float(rows["qty"][at].sum()),
		"then": float(then[at].sum()),
	}


def _sound(store: SiteStore, items: list[str]) -> list[Override]:
	"""Overrides of the items that can be followed."""
	return [one for one in as_overrides(store.read(OVERRIDES, item_code=items)) if not fault(one)]
