"""How forecasts did that were kept and whose days are over, by item, class, model or planner."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import formatdate

GROUPS = ("Item", "Class", "Model", "Planner")


def execute(filters: dict | None = None):
	"""Columns, rows, a message where there are none, chart and summary of a script report."""
	filters = frappe._dict(filters or {})
	validate(filters)
	rows = get_data(filters)
	message = None if rows else why_empty()
	return get_columns(filters), rows, message, get_chart(filters), get_summary(filters)


def why_empty() -> str:
	"""When there will be something to see, in words."""
	first = frappe.get_all(
		"Forecast Score", {"status": "open"}, ["as_of", "days"], order_by="as_of", limit_page_length=1
	)
	if not first:
		return _("No forecast has been kept yet: the first plan of each week keeps its own.")
	due = frappe.utils.add_days(first[0].as_of, first[0].days)
	return _(
		"No kept forecast with these filters is scored yet. The oldest open one was made for the days from {0} on; the first plan "
		"from {1} on scores it."
	).format(frappe.format(first[0].as_of, "Date"), frappe.format(due, "Date"))


def validate(filters: frappe._dict) -> None:
	filters.group_by = filters.group_by or "Item"
	if filters.group_by not in GROUPS:
		frappe.throw(_("Group by must be one of {0}.").format(", ".join(_(g) for g in GROUPS)))
	if filters.from_date and filters.to_date and str(filters.from_date) > str(filters.to_date):
		frappe.throw(_("From lies after To."))


def get_columns(filters: frappe._dict) -> list[dict[str, Any]]:
	return [
		*_group_columns(filters.group_by),
		_column("series", _("Series"), "Int", 80),
		_column("forecasts", _("Forecasts"), "Int", 95),
		_column("days_scored", _("Days scored"), "Int", 120),
		_column("sold", _("Sold"), "Float", 100, precision="0"),
		_column("expected", _("Expected"), "Float", 100, precision="0"),
		_column("mase", _("MASE"), "Float", 85, precision="3"),
		_column("mase_naive", _("Naive MASE"), "Float", 125, precision="3"),
		_column("rmsse", _("RMSSE"), "Float", 85, precision="3"),
		_column("scaled_pinball", _("Scaled pinball"), "Float", 120, precision="3"),
		_column("bias", _("Bias %"), "Float", 90, precision="1"),
		_column("coverage95", _("Inside 95 % band, %"), "Float", 150, precision="1"),
		_column("overridden", _("Overridden"), "Int", 100),
		_column("overrides_better", _("Override better"), "Int", 120),
	]


def _group_columns(group_by: str) -> list[dict[str, Any]]:
	if group_by == "Item":
		return [
			_column("group", _("Item"), "Link", 120, options="Item"),
			_column("item_name", _("Item name"), "Data", 200),
		]
	labels = {"Class": _("Demand class"), "Model": _("Model"), "Planner": _("Planner")}
	return [_column("group", labels[group_by], "Data", 200)]


def _column(fieldname: str, label: str, fieldtype: str, width: int, **more) -> dict[str, Any]:
	return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, **more}


def get_data(filters: frappe._dict) -> list[dict[str, Any]]:
	from sentia_ops.forecasting.site_scores import measured

	rows = measured(filters.group_by.lower(), filters)
	for row in rows:
		for name in ("bias", "coverage95"):
			row[name] = None if row[name] is None else 100 * row[name]
	if filters.group_by == "Item":
		codes = [row["group"] for row in rows]
		names = dict(frappe.get_all("Item", {"name": ("in", codes)}, ["name", "item_name"], as_list=True))
		rows = [row | {"item_name": names.get(row["group"])} for row in rows]
	elif filters.group_by == "Planner":
		rows = [row | {"group": row["group"] or _("without an override")} for row in rows]
	return sorted(rows, key=lambda row: -row["expected"])


def get_chart(filters: frappe._dict) -> dict[str, Any] | None:
	"""MASE by the first day forecast, beside that of seasonal naive ("as on the same day of last week")."""
	from sentia_ops.forecasting.site_scores import measured

	weeks = [row for row in measured("week", filters) if row["mase"] is not None]
	if not weeks:
		return None
	names = {"mase": _("Forecast"), "mase_naive": _("Naive")}
	return {
		"data": {
			"labels": [formatdate(row["group"], "d MMM") for row in weeks],
			"datasets": [
				{"name": label, "values": [round(row[name], 3) for row in weeks]}
				for name, label in names.items()
			],
		},
		"type": "line" if len(weeks) > 2 else "bar",
		"colors": ["#2f7ed8", "#8d99a6"],
	}


def get_summary(filters: frappe._dict) -> list[dict[str, Any]]:
	from sentia_ops.forecasting.site_scores import total

	found = total(filters)
	if not found:
		return []
	cards = [_card(_("Forecasts scored"), f"{found['forecasts']:,}")]
	if found["mase"] is not None and found["mase_naive"]:
		gain = 1 - found["mase"] / found["mase_naive"]
		words = _("{0} % smaller") if gain >= 0 else _("{0} % larger")
		colour = "Green" if gain > 0.02 else "Red" if gain < -0.02 else "Grey"
		cards.append(
			_card(_("Error against last week's same day"), words.format(f"{100 * abs(gain):.1f}"), colour)
		)
	if found["bias"] is not None:
		colour = "Green" if abs(found["bias"]) < 0.05 else "Orange"
		cards.append(_card(_("Bias"), f"{100 * found['bias']:+.1f} %", colour))
	if found["coverage95"] is not None:
		colour = "Green" if 0.93 <= found["coverage95"] <= 0.97 else "Orange"
		cards.append(_card(_("Inside the 95 % band"), f"{100 * found['coverage95']:.1f} %", colour))
	words = _("better in {0} of {1}").format(found["overrides_better"], found["overridden"])
	cards.append(_card(_("Planner overrides"), words if found["overridden"] else _("none scored")))
	return cards


def _card(label: str, value: str, indicator: str = "Blue") -> dict[str, Any]:
	return {"label": label, "value": value, "datatype": "Data", "indicator": indicator}
