"""What the Reorder Workbench shows: all open recommendations, or all planned items, in one slim query.

Rows go out as columns, and texts that repeat as a list of the different ones with a number for each row: 10,000 rows
are then a third of the size, and quick to write and to read. The long texts (reasons, projection) stay behind until
somebody opens a row.
"""

from __future__ import annotations

from typing import Any

import frappe
from frappe.desk.reportview import build_match_conditions

from sentia_ops.store.empty import NOT_MEASURED, UNKNOWN

RECOMMENDATION, POLICY = "Reorder Recommendation", "Stock Policy"
LARGEST = 20_000  # rows a browser is given at once; beyond, the most urgent ones
EMPTY = {NOT_MEASURED, UNKNOWN, None}
R, P = f"`tab{RECOMMENDATION}`", f"`tab{POLICY}`"

MINIMUM_VALUE = "sentia_min_order_value"  # of one order, company currency

# column: SQL; the projected stock of a recommendation is the one of its need-by day, without the order
PROJECTED = f"""cast(json_extract({R}.projection, concat('$.without[',
	datediff({R}.need_by, json_value({R}.projection, '$.start')), ']')) as double)"""
OWN = ["name", "modified", "item_code", "item_name", "warehouse", "supplier", "buffer", "weekly_demand"]
LEVELS = ["on_hand", "position", "safety_stock", "reorder_point", "order_up_to"]
DECIDED = ["company", "action", "from_warehouse", "service_class", "days_of_cover", "unit_price", "currency"]
DECIDED += ["order_by", "need_by", "qty", "wanted_qty", "cut_by", "stock_uom", "cost", "urgency", "status"]
DECIDED += ["stockout_risk", "snoozed_until"]
OPEN_COLUMNS = {
	**{name: f"{R}.`{name}`" for name in OWN + DECIDED},
	**{name: f"{P}.`{name}`" for name in LEVELS},
	"item_group": "i.item_group",
	# as the levels they are read against: those of the regular supplier, also where another one delivers this once
	"buffer": f"coalesce({P}.buffer, {R}.buffer)",
	"days_of_cover": f"coalesce({P}.days_of_cover, {R}.days_of_cover)",
	"projected": PROJECTED,
	"has_changes": f"coalesce({R}.changes, '') != ''",
}
OPEN_SOURCE = f"""from {R}
	left join {P} on {P}.item_code = {R}.item_code and {P}.warehouse = {R}.warehouse
	left join `tabItem` i on i.name = {R}.item_code"""
PLANNED_COLUMNS = {
	**{name: f"{P}.`{name}`" for name in OWN + LEVELS},
	"days_of_cover": f"{P}.days_of_cover",
	"company": "w.company",
	"stock_uom": "i.stock_uom",
	"item_group": "i.item_group",
	"service_class": f"concat(coalesce({P}.abc, ''), coalesce({P}.xyz, ''))",
	"stockout_on": f"{P}.stockout_on",
	"verdict": f"{P}.verdict",
}
FILTERS = {"warehouse": "warehouse", "supplier": "supplier", "item_group": "i.item_group"}


def open_rows(status: str = "Draft", filters: dict[str, str] | None = None) -> dict[str, Any]:
	"""Recommendations of a status that the user may read, the most urgent first; see `_packed`."""
	order = f"""field({R}.urgency, 'Critical', 'High', 'Medium', 'Low'), {R}.order_by, {R}.item_code,
		{R}.warehouse"""
	where, values = _where(RECOMMENDATION, R, filters or {})
	where.append(f"{R}.status = %(status)s")
	return _packed(OPEN_COLUMNS, OPEN_SOURCE, where, values | {"status": status}, order)


def planned_rows(filters: dict[str, str] | None = None) -> dict[str, Any]:
	"""Every planned item and warehouse that the user may read, the emptiest first; see `_packed`."""
	source = f"""from {P} left join `tabItem` i on i.name = {P}.item_code
		left join `tabWarehouse` w on w.name = {P}.warehouse"""
	order = f"""coalesce({P}.buffer, '') = '', field({P}.buffer, 'red', 'yellow', 'green', 'over'), {P}.days_of_cover < 0, {P}.days_of_cover,
		{P}.item_code, {P}.warehouse"""
	where, values = _where(POLICY, P, filters or {})
	return _packed(PLANNED_COLUMNS, source, where, values, order)


def one_row(name: str) -> dict[str, Any]:
	"""As `open_rows`, of one recommendation in whatever state; the caller has checked the permission."""
	return _packed(OPEN_COLUMNS, OPEN_SOURCE, [f"{R}.name = %(name)s"], {"name": name}, "1")


def surroundings(rows: dict[str, Any]) -> dict[str, Any]:
	"""What the rows refer to: suppliers' names and least order values, companies' currencies."""
	suppliers = _different(rows, "supplier")
	found = frappe.db.sql(
		f"select name, supplier_name, {MINIMUM_VALUE} from `tabSupplier` where name in %s",
		[suppliers or [""]],
	)
	companies = frappe.db.sql("select name, default_currency from `tabCompany`")
	return {
		"supplier_names": {name: title for name, title, _least in found if title != name},
		"minimum_values": {name: least for name, _title, least in found if least},
		"currencies": dict(companies),
	}


def last_plan() -> dict[str, Any] | None:
	"""The newest finished plan: {"run", "ended"}; None: there was none."""
	found = frappe.db.sql(
		"""select name, ended from `tabPlanning Run` where status = 'Completed' and rows_out like '%%"stock_policy"%%'
		order by ended desc limit 1"""
	)
	return {"run": found[0][0], "ended": str(found[0][1])} if found else None


def _where(doctype: str, table: str, filters: dict[str, str]) -> tuple[list[str], dict[str, str]]:
	"""Conditions of the user's permissions and of the filters that say something."""
	matched = build_match_conditions(doctype)
	where = [f"({matched})"] if matched else []
	values = {}
	for name, column in FILTERS.items():
		if filters.get(name):
			where.append(f"{column if '.' in column else f'{table}.{column}'} = %({name})s")
			values[name] = filters[name]
	for place, word in enumerate(str(filters.get("search") or "").split()):
		where.append(f"locate(%(word{place})s, concat_ws(' ', {table}.item_code, {table}.item_name))")
		values[f"word{place}"] = word
	return where, values


def _packed(
	columns: dict[str, str], source: str, where: list[str], values: dict, order: str
) -> dict[str, Any]:
	"""Rows as columns.

	Returns:
	    {"total": how many there are, "count": how many of them are here, "columns": {name: a list of values, or
	    {"values": the different ones, "rows": the index of each row's}}}. Empty numbers are None, days ISO text.
	"""
	select = ", ".join(f"{sql} `{name}`" for name, sql in columns.items())
	conditions = " and ".join(where) or "1 = 1"
	rows = frappe.db.sql(
		f"select {select} {source} where {conditions} order by {order} limit {LARGEST}", values
	)
	total = len(rows)
	if total == LARGEST:
		total = frappe.db.sql(f"select count(*) {source} where {conditions}", values)[0][0]
	packed = {name: _column(found) for name, found in zip(columns, zip(*rows, strict=True), strict=False)}
	return {"total": total, "count": len(rows), "columns": packed}


def _column(found: tuple) -> list | dict[str, list]:
	first = next((value for value in found if value is not None), None)
	if isinstance(first, float):
		return [None if value in EMPTY else value for value in found]
	if first is None or isinstance(first, int):
		return list(found)
	places = {value: place for place, value in enumerate(dict.fromkeys(found))}
	if len(places) * 2 > len(found):
		return list(found) if isinstance(first, str) else [_text(value) for value in found]
	return {"values": [_text(value) for value in places], "rows": [places[value] for value in found]}


def _text(value: Any) -> str | None:
	return None if value is None else str(value)


def _different(rows: dict[str, Any], name: str) -> list[str]:
	column = rows["columns"].get(name) or []
	return [value for value in (column["values"] if isinstance(column, dict) else set(column)) if value]
