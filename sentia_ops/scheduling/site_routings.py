"""How items are made, from their default BOMs, as a Work Order of ERPNext's defaults would have it: operations of
sub-assemblies first, materials exploded. For promise dates and rush orders, which are no job yet."""

from __future__ import annotations

from collections import defaultdict

import frappe
import pandas as pd

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.site_orders import needs_of
from sentia_ops.scheduling.site_quality import rework_shares
from sentia_ops.store.site_sql import SiteContext, query

DEFAULT_BOM = "b.docstatus = 1 and b.is_active = 1 and b.is_default = 1"
DETAILS = ("family", "batch_key", "splittable", "min_wait", "max_wait", "operators", "operator_count", "tool")
DETAILS += ("inspector", "inspection_minutes", "rework_share")
DEEPEST = 30  # levels of a BOM: more is a circle


def details_sql(row: str = "b", operation: str = "p") -> str:
	"""The details of an operation: the BOM row's own, else the Operation's."""
	texts = [
		f"coalesce(nullif({row}.sentia_{name}, ''), {operation}.sentia_{name}, '') {name}"
		for name in ("family", "batch_key", "operators", "tool", "inspector")
	]
	numbers = [
		f"coalesce(nullif({row}.sentia_{name}, 0), {operation}.sentia_{name}, 0) {name}"
		for name in ("min_wait", "max_wait", "operator_count", "inspection_minutes", "rework_share")
	]
	both = f"({row}.sentia_splittable = 1 or coalesce({operation}.sentia_splittable, 0) = 1) splittable"
	return ", ".join([*texts, *numbers, both])


def routings(ctx: SiteContext) -> pd.DataFrame:
	rows = _operations()
	parts = _sub_boms()
	tops = query(
		f"select b.item item_code, b.name bom from `tabBOM` b where {DEFAULT_BOM} and b.with_operations = 1",
		{},
	)
	stations = query(
		"select name, coalesce(workstation_type, '') kind, if(coalesce(sentia_speed, 0) > 0, sentia_speed, 100) speed from `tabWorkstation` order by name",
		{},
	)
	speeds = dict(zip(stations["name"], stations["speed"], strict=True))
	of_type = stations[stations["kind"] != ""].groupby("kind")["name"].apply(list).to_dict()
	shares = rework_shares()
	found = []
	for item, bom in tops.itertuples(index=False):
		steps = []
		for name, per_unit in _exploded(bom, parts):
			for row in rows.get(name, ()):
				steps += _steps(row, per_unit, shares)
		for number, step in enumerate(steps, 1):
			places = of_type.get(step.pop("workstation_type"), []) or [step["workstation"]]
			for place in filter(None, places):
				share = 100 / speeds.get(place, 100)
				times = {name: step[name] * share for name in ("minutes_fixed", "minutes_per_unit")}
				found.append({**step, "item_code": item, "step": number, "workstation": place, **times})
	return pd.DataFrame(found) if found else f.ROUTINGS.empty()


def routing_materials(ctx: SiteContext) -> pd.DataFrame:
	return query(
		f"""select b.item item_code, e.item_code material, sum(e.stock_qty / b.quantity) qty,
			coalesce(e.source_warehouse, '') warehouse
		from `tabBOM` b join `tabBOM Explosion Item` e on e.parent = b.name
		join `tabItem` i on i.name = e.item_code and i.is_stock_item = 1
		where {DEFAULT_BOM} and b.quantity > 0 and e.stock_qty > 0
		group by b.item, e.item_code, coalesce(e.source_warehouse, '') order by b.item, e.item_code""",
		{},
	)


def _operations() -> dict[str, list]:
	"""BOM -> its operations in their order, with minutes for one unit of the BOM's item."""
	rows = frappe.db.sql(
		f"""select b.parent bom, b.operation, b.workstation, b.workstation_type, b.time_in_mins, b.fixed_time, b.batch_size,
			h.quantity, h.item, {details_sql()}
		from `tabBOM Operation` b join `tabBOM` h on h.name = b.parent and b.parenttype = 'BOM' and h.docstatus = 1
		left join `tabOperation` p on p.name = b.operation
		where h.is_active = 1 and h.quantity > 0 order by b.parent, b.idx""",
		as_dict=True,
	)
	found = defaultdict(list)
	for row in rows:
		found[row.bom].append(row)
	return found


def _sub_boms() -> dict[str, list[tuple[str, float]]]:
	"""BOM -> (BOM of a sub-assembly, how many of it in one unit)."""
	rows = frappe.db.sql(
		"""select l.parent, l.bom_no, l.stock_qty / h.quantity from `tabBOM Item` l
		join `tabBOM` h on h.name = l.parent and h.docstatus = 1 and h.quantity > 0
		where coalesce(l.bom_no, '') != '' and coalesce(l.do_not_explode, 0) = 0 order by l.parent, l.idx"""
	)
	found = defaultdict(list)
	for parent, bom, qty in rows:
		found[parent].append((bom, float(qty)))
	return found


def _exploded(bom: str, parts: dict, per_unit: float = 1.0, depth: int = 0) -> list[tuple[str, float]]:
	"""(BOM, how many of it in one unit), sub-assemblies before what they go into."""
	if depth > DEEPEST:
		return []
	found = []
	for child, qty in parts.get(bom, ()):
		found += _exploded(child, parts, per_unit * qty, depth + 1)
	return [*found, (bom, per_unit)]


def _steps(row, per_unit: float, shares: dict) -> list[dict]:
	"""The operation's step, and its inspection."""
	minutes = float(row.time_in_mins or 0)
	each = 0.0 if row.fixed_time else minutes * per_unit / float(row.quantity) / (row.batch_size or 1)
	step = {
		"operation": row.operation,
		"workstation": row.workstation or "",
		"workstation_type": row.workstation_type or "",
		"minutes_fixed": minutes if row.fixed_time else 0.0,
		"minutes_per_unit": each,
		"needs": needs_of(row.operators, row.operator_count, row.tool),
		"min_wait": row.min_wait,
		"max_wait": row.max_wait or None,
		"family": row.family,
		"batch_key": row.batch_key,
		"splittable": bool(row.splittable),
		"kind": "work",
		"rework_share": 0.0,
	}
	if not row.inspector:
		return [step]
	inspection = {
		**step, "workstation": row.inspector, "workstation_type": "", "needs": "", "min_wait": 0, "max_wait": None, "family": "",
		"batch_key": "", "kind": "inspection", "minutes_fixed": float(row.inspection_minutes or 0), "minutes_per_unit": 0.0,
		"rework_share": (float(row.rework_share or 0) or shares.get(row.operation, 0.0)) / 100,
	}  # fmt: skip
	return [step, inspection]


READERS = {f.ROUTINGS.name: routings, f.ROUTING_MATERIALS.name: routing_materials}
