"""Scenarios on ERPNext: their changes as documents have them, and what a scenario's plan wrote, kept for promotion."""

from __future__ import annotations

import base64
from io import BytesIO

import frappe
import pandas as pd
from frappe.utils import getdate

from sentia_ops.scenarios.engine.changes import KINDS, SCOPES, Change
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import delete_documents, insert_documents, row_name

RESULT = "Scenario Result"


def changes_of(doc) -> list[Change]:
	"""The changes of a Planning Scenario; what a kind does not use is left out."""
	return [_change(row) for row in doc.changes]


def _change(row) -> Change:
	kind = KINDS.get(row.kind)
	used = [scope for scope in SCOPES if kind is None or scope in kind.scopes]
	values = {scope: row.get(scope) or "" for scope in used}
	if kind is None or kind.value:
		values["value"] = float(row.value or 0)
	if row.kind == "demand":
		values |= {"first": _day(row.from_date), "last": _day(row.to_date)}
	if row.kind == "closed":
		values["into"] = row.into_warehouse or ""
	return Change(row.kind, **values)


def as_row(change: Change) -> dict:
	"""A change as a row of the scenario's table."""
	values = dict(change.scope)
	if KINDS[change.kind].value:
		values["value"] = change.value
	given = {"into_warehouse": change.into, "from_date": change.first, "to_date": change.last}
	values |= {field: value for field, value in given.items() if value}
	return {"kind": change.kind, "words": in_words(change), **values}


def in_words(change: Change) -> str:
	text = str(change)
	return text[:1].upper() + text[1:]


def _day(value):
	return getdate(value) if value else None


def nested_groups() -> dict[str, frozenset[str]]:
	"""Item group -> itself and every group within it."""
	rows = frappe.get_all("Item Group", fields=["name", "lft", "rgt"], order_by="lft")
	return {
		group.name: frozenset(row.name for row in rows if group.lft <= row.lft and row.rgt <= group.rgt)
		for group in rows
	}


def keep_tables(scenario: str, tables: dict[str, pd.DataFrame]) -> None:
	"""Keep tables with a scenario, instead of what was kept before."""
	forget_tables(scenario)
	rows = [
		{
			"name": row_name(scenario, name),
			"scenario": scenario,
			"table_name": name,
			"row_count": len(table),
			"packed": _packed(table),
			"idx": idx,
		}
		for idx, (name, table) in enumerate(tables.items(), 1)
	]
	for row in rows:  # one at a time: a table of a large site fills a packet
		insert_documents(RESULT, pd.DataFrame([row]), Run("", "scenario", user=frappe.session.user))


def kept_tables(scenario: str, only: str = "") -> dict[str, pd.DataFrame]:
	"""Table name -> rows, in the order in which the plan wrote them."""
	filters = {"scenario": scenario} | ({"table_name": only} if only else {})
	rows = frappe.get_all(RESULT, filters, ["table_name", "packed"], order_by="idx")
	return {row.table_name: pd.read_parquet(BytesIO(base64.b64decode(row.packed))) for row in rows}


def forget_tables(scenario: str) -> None:
	delete_documents(RESULT, {"scenario": [scenario]})


def _packed(table: pd.DataFrame) -> str:
	buffer = BytesIO()
	table.to_parquet(buffer, index=False, compression="zstd")
	return base64.b64encode(buffer.getvalue()).decode()


def mark_recommendations(scenario: str, run: str) -> int:
	"""Link the open recommendations that a promotion wrote to their scenario; returns how many."""
	mine = {"run": run, "status": ["in", ["Draft", "Snoozed"]]}
	frappe.db.set_value("Reorder Recommendation", mine, "scenario", scenario, update_modified=False)
	return frappe.db.count("Reorder Recommendation", mine)


def unmark_recommendations() -> None:
	"""Open recommendations that a later plan has given other figures are no longer the scenario's."""
	frappe.db.sql(
		"""update `tabReorder Recommendation` r join `tabPlanning Scenario` s on s.name = r.scenario
		set r.scenario = null where r.status in ('Draft', 'Snoozed') and coalesce(r.run, '') != coalesce(s.run, '')"""
	)
