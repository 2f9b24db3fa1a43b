"""What every room's `site.py` needs to turn SQL rows into frames and frame rows into documents.

Only items and warehouses that can be planned are ever read: stock items that are enabled, not a variant template, not a
fixed asset and not past their end of life; enabled warehouses that hold stock (no group, not goods in transit) of the
companies in the plan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any

import frappe
import pandas as pd

from sentia_ops.store.base import Run, is_scalar
from sentia_ops.store.empty import NOT_MEASURED, UNKNOWN
from sentia_ops.store.frame import Frame

CHUNK = 500  # rows in one INSERT statement; with their texts well below MariaDB's packet size

PLANNED_ITEM = """i.is_stock_item = 1 and i.disabled = 0 and i.has_variants = 0 and i.is_fixed_asset = 0
	and (i.end_of_life is null or i.end_of_life > %(today)s)"""
PLANNED_WAREHOUSE = """w.is_group = 0 and w.disabled = 0 and coalesce(w.warehouse_type, '') != 'Transit'
	and w.company in %(companies)s"""


@dataclass
class SiteContext:
	"""What a reader or writer may know besides its rows."""

	today: date
	since: date  # first day of history that is read
	companies: list[str]
	currency: str  # of the companies' books
	snooze_days: int = 7
	run: Run | None = None  # None: read outside a run
	filters: dict[str, Any] = field(default_factory=dict)

	def warn(self, text: str) -> None:
		if self.run:
			self.run.warn(text)

	def refuse(self, reason: str, count: int) -> None:
		if self.run:
			self.run.refuse(reason, count)

	@property
	def params(self) -> dict[str, Any]:
		"""Values for the %(name)s placeholders of `joins` and of the readers."""
		return {
			"today": self.today,
			"since": self.since,
			"companies": self.companies,
			"only_items": as_list(self.filters.get("item_code", [])) or [""],
			"only_warehouses": as_list(self.filters.get("warehouse", [])) or [""],
		}

	def joins(self, item: str = "", warehouse: str = "") -> str:
		"""SQL joins that keep the rows of planned items (alias i) and warehouses (alias w).

		Args:
		    item: the SQL expression that holds an item code; empty: no join.
		    warehouse: likewise for a warehouse.
		"""
		sql = ""
		if item:
			sql += f" join `tabItem` i on i.name = {item} and {self.planned_item}"
		if warehouse:
			sql += f" join `tabWarehouse` w on w.name = {warehouse} and {self.planned_warehouse}"
		return sql

	@property
	def planned_item(self) -> str:
		return PLANNED_ITEM + (" and i.name in %(only_items)s" if "item_code" in self.filters else "")

	@property
	def planned_warehouse(self) -> str:
		only = " and w.name in %(only_warehouses)s" if "warehouse" in self.filters else ""
		return PLANNED_WAREHOUSE + only


def as_list(values: Any) -> list:
	found = [values] if is_scalar(values) else list(values)
	return [v.to_pydatetime() if isinstance(v, pd.Timestamp) else v for v in found]


def query(sql: str, params: dict[str, Any]) -> pd.DataFrame:
	"""Rows of a SELECT with the column names of the statement."""
	rows = frappe.db.sql(sql, params)
	columns = [column[0] for column in frappe.db._cursor.description]
	return pd.DataFrame.from_records(rows, columns=columns)


def tidy(frame: Frame, rows: pd.DataFrame) -> pd.DataFrame:
	"""Empty texts where SQL gave NULL, so that no item is ever called 'None'."""
	types = frame.schema.to_schema().columns
	for name in rows.columns.intersection(frame.columns):
		if str(types[name].dtype) == "str":
			rows[name] = rows[name].where(rows[name].notna(), "")
		elif str(types[name].dtype) == "float64":
			rows[name] = rows[name].astype(float)
	return rows


def item_prices(ctx: SiteContext, side: str) -> pd.DataFrame:
	"""Item Prices valid today, per stock UOM.

	Args:
	    side: "buying" or "selling"; selling leaves out prices agreed with one customer.

	Returns:
	    item_code, supplier ("" for anyone), price_list, price (per stock UOM in `currency`), currency, pack_size
	    (stock UOM, 0: any multiple), lead_time_days (0: not given); the newest valid_from last. Prices in a unit the
	    item does not know are left out and counted.
	"""
	rows = query(
		f"""select ip.item_code, coalesce(ip.supplier, '') supplier, ip.price_list, ip.price_list_rate,
			ip.currency, ip.packing_unit, ip.lead_time_days,
			if(coalesce(ip.uom, '') in ('', i.stock_uom), 1, c.conversion_factor) factor
		from `tabItem Price` ip
		join `tabPrice List` pl on pl.name = ip.price_list and pl.enabled = 1
		{ctx.joins(item="ip.item_code")}
		left join `tabUOM Conversion Detail` c
			on c.parent = ip.item_code and c.parenttype = 'Item' and c.uom = ip.uom
		where ip.{side} = 1 and coalesce(ip.batch_no, '') = '' {"and coalesce(ip.customer, '') = ''" if side == "selling" else ""}
			and (ip.valid_from is null or ip.valid_from <= %(today)s)
			and (ip.valid_upto is null or ip.valid_upto >= %(today)s)
		order by ip.valid_from, ip.modified""",
		ctx.params,
	)
	unknown = ~(rows["factor"].fillna(0) > 0)
	ctx.refuse("item prices in a unit of measure the item has no conversion for", int(unknown.sum()))
	rows = rows[~unknown].copy()
	rows["price"] = rows["price_list_rate"] / rows["factor"]
	rows["pack_size"] = rows["packing_unit"].fillna(0) * rows["factor"]
	return rows.drop(columns=["price_list_rate", "packing_unit", "factor"])


# documents


def row_name(*key: str) -> str:
	"""The same document name for the same key in every run, so that links and bookmarks keep working."""
	return hashlib.sha256("|".join(key).encode()).hexdigest()[:16]


def row_names(rows: pd.DataFrame, key: Iterable[str]) -> list[str]:
	texts = [_texts(rows[column]) for column in key]
	return [row_name(*values) for values in zip(*texts, strict=True)]


def _texts(column: pd.Series) -> pd.Series:
	return (
		column.dt.strftime("%Y-%m-%d") if pd.api.types.is_datetime64_any_dtype(column) else column.astype(str)
	)


def read_documents(doctype: str, frame: Frame, ctx: SiteContext, condition: str = "1 = 1") -> pd.DataFrame:
	"""Documents whose fields are named like the frame's columns."""
	columns = ", ".join(f"`{column}`" for column in frame.columns)
	order = ", ".join(f"`{column}`" for column in frame.key)
	where, params = _where(ctx.filters, "and")
	rows = query(f"select {columns} from `tab{doctype}` where {condition}{where} order by {order}", params)
	return restore_empty(frame, tidy(frame, rows))


def restore_empty(frame: Frame, rows: pd.DataFrame) -> pd.DataFrame:
	"""NOT_MEASURED and UNKNOWN back to empty."""
	for name, stand_in in _stand_ins(frame).items():
		rows[name] = rows[name].where(rows[name] > stand_in)
	return rows


def fill_empty(frame: Frame, rows: pd.DataFrame) -> pd.DataFrame:
	"""Empty numbers as NOT_MEASURED or UNKNOWN, where some column of the frame may be below zero."""
	return rows.fillna(_stand_ins(frame))


def _stand_ins(frame: Frame) -> dict[str, float]:
	"""What stands for empty in each number column that may be."""
	columns = frame.schema.to_schema().columns.items()
	return {
		name: NOT_MEASURED if any(c.name == "greater_than_or_equal_to" for c in column.checks) else UNKNOWN
		for name, column in columns
		if column.nullable and str(column.dtype) in ("float64", "Int64")
	}


def delete_documents(doctype: str, scope: dict[str, Iterable] | None) -> None:
	where, params = _where(scope or {}, "where")
	frappe.db.sql(f"delete from `tab{doctype}`{where}", params)


def insert_documents(doctype: str, rows: pd.DataFrame, run: Run) -> None:
	"""Bulk insert; `rows` has `name` and the doctype's own fields. Empty texts become NULL, as links need."""
	now = frappe.utils.now()
	rows = rows.assign(creation=now, modified=now, owner=run.user, modified_by=run.user, docstatus=0)
	if "idx" not in rows:
		rows = rows.assign(idx=0)
	_insert_rows(doctype, rows)


def update_documents(doctype: str, rows: pd.DataFrame, run: Run) -> None:
	"""Bulk update of documents that are there, and locked: `rows` has `name` and the fields to set.

	An INSERT that meets every one of its keys: ten times as fast as a statement a document.
	"""
	rows = rows.assign(modified=frappe.utils.now(), modified_by=run.user)
	fields = ", ".join(f"`{name}` = values(`{name}`)" for name in rows.columns if name != "name")
	_insert_rows(doctype, rows, f" on duplicate key update {fields}")


def _insert_rows(doctype: str, rows: pd.DataFrame, end: str = "") -> None:
	columns = ", ".join(f"`{name}`" for name in rows.columns)
	one = f"({', '.join(['%s'] * len(rows.columns))})"
	values = list(zip(*(_plain_values(rows[name]) for name in rows.columns), strict=True))
	for start in range(0, len(values), CHUNK):
		chunk = values[start : start + CHUNK]
		# not frappe.db.bulk_insert: 180,000 forecast days take it 58 s, this 24 s
		frappe.db.sql(
			f"insert into `tab{doctype}` ({columns}) values {', '.join([one] * len(chunk))}{end}",
			list(chain(*chunk)),
		)


def replace_documents(
	doctype: str, frame: Frame, rows: pd.DataFrame, run: Run, scope: dict[str, Iterable] | None
) -> None:
	"""The documents in scope become `rows`: one document per row, named by the frame's key."""
	delete_documents(doctype, scope)
	insert_documents(doctype, rows.assign(name=row_names(rows, frame.key)), run)


def item_names(rows: pd.DataFrame) -> pd.Series:
	"""Item names of the rows, for titles."""
	codes = list(rows["item_code"].unique()) or [""]
	found = dict(
		frappe.db.sql("select name, item_name from `tabItem` where name in %(codes)s", {"codes": codes})
	)
	return rows["item_code"].map(found)


def _plain_values(column: pd.Series) -> list:
	if pd.api.types.is_datetime64_any_dtype(column):
		return [None if pd.isna(value) else value.to_pydatetime() for value in column]
	if pd.api.types.is_float_dtype(column):
		return column.fillna(NOT_MEASURED).tolist()
	if pd.api.types.is_bool_dtype(column):
		return column.astype(int).tolist()
	return [None if value == "" or value is None or value is pd.NA else value for value in column.tolist()]


def _where(filters: dict[str, Any], word: str) -> tuple[str, dict[str, Any]]:
	"""` <word> a in (...) and b in (...)`; an empty list of values matches nothing."""
	values = {column: as_list(wanted) for column, wanted in filters.items()}
	conditions = [f"`{column}` in %({column})s" if wanted else "1 = 0" for column, wanted in values.items()]
	return (f" {word} " + " and ".join(conditions)) if conditions else "", values
