"""The suppliers of one item in columns: price, price history, lead time, score, what a quantity costs landed, who wins."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

STRONG = ("Total landed", "Landed, each", "Verdict")


def execute(filters: dict | None = None):
	"""Columns, rows, a message with the arithmetic, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	if not filters.item_code:
		return [], [], _("Choose an item.")
	from sentia_ops.errors import SentiaError

	frappe.has_permission("Item", "read", doc=filters.item_code, throw=True)
	try:
		question, found = compared(filters.item_code, flt(filters.qty) or None)
	except SentiaError as error:
		return [], [], str(error)
	return (
		get_columns(found),
		get_data(found),
		get_message(question, found),
		get_chart(filters.item_code),
		get_summary(found),
	)


def compared(item_code: str, qty: float | None):
	"""See `suppliers.scores.compare`, with the costs of Sentia Settings."""
	from sentia_ops.store.site import SiteStore
	from sentia_ops.suppliers.scores import compare

	settings = frappe.get_cached_doc("Sentia Settings")
	return compare(
		SiteStore(), item_code, qty, ordering_cost=flt(settings.ordering_cost), holding_rate=flt(settings.holding_rate) / 100
	)  # fmt: skip


def get_columns(found: list) -> list[dict[str, Any]]:
	columns = [{"fieldname": "fact", "label": " ", "fieldtype": "Data", "width": 250}]
	for number, candidate in enumerate(found):
		columns.append(
			{"fieldname": f"s{number}", "label": candidate.supplier, "fieldtype": "Data", "width": 270}
		)
	return columns


def get_data(found: list) -> list[dict[str, Any]]:
	from sentia_ops.suppliers.scoring.comparison import facts

	rows = []
	for lines in zip(*(facts(candidate) for candidate in found), strict=True):
		label = lines[0][0]
		row = {"fact": _(label), "strong": int(label in STRONG)}
		rows.append(row | {f"s{number}": text for number, (_label, text) in enumerate(lines)})
	return rows


def get_message(question, found: list) -> str:
	from frappe.utils import escape_html

	demand = _("{0} a day").format(f"{question.daily:.3g}") if question.daily else _("no known demand")
	head = _("{0} to order, {1}; ordering {2} and holding {3} a year from Sentia Settings.").format(
		f"{question.qty:g}", demand, f"{question.ordering_cost:g}", f"{question.holding_rate:.0%}"
	)
	sums = "".join(
		f"<li><b>{escape_html(c.supplier)}</b>: {escape_html(c.text or _('no total'))}. {_('Verdict')}: {escape_html(c.why)}.</li>"
		for c in found
		if c.text or c.out
	)
	return f"{head}<ul style='margin: 6px 0 0; padding-left: 18px'>{sums}</ul>"


def get_chart(item_code: str) -> dict[str, Any] | None:
	"""Average price ordered at, by month. Frappe's charts draw a gap as 0, so between orders the last price goes on."""
	from sentia_ops.store.site import SiteStore
	from sentia_ops.suppliers.scores import price_history

	history = price_history(SiteStore(), item_code)
	if len(history) < 2:
		return None
	history = history.asfreq("MS").ffill().bfill().round(4)
	return {
		"data": {
			"labels": [f"{month:%b %Y}" for month in history.index],
			"datasets": [{"name": name, "values": history[name].tolist()} for name in history.columns],
		},
		"type": "line",
		"lineOptions": {"hideDots": 1},
		"title": _(
			"Price ordered at, a piece, company currency (between orders the last, before the first the first)"
		),
	}


def get_summary(found: list) -> list[dict[str, Any]]:
	winner = next((c for c in found if c.wins), None)
	if not winner:
		return [
			{
				"label": _("Cheapest landed"),
				"value": _("nobody can be ordered from"),
				"datatype": "Data",
				"indicator": "Red",
			}
		]
	return [
		{"label": _("Cheapest landed"), "value": winner.supplier, "datatype": "Data", "indicator": "Green"},
		{"label": _("Each"), "value": f"{winner.cost_each:.4f}", "datatype": "Data", "indicator": "Blue"},
		{"label": _("Total"), "value": f"{winner.total:,.2f}", "datatype": "Data", "indicator": "Blue"},
	]
