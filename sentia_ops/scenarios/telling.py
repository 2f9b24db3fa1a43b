"""An outcome as plain data: for --json, for the API, and kept with a site's scenario."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sentia_ops.scenarios.engine.difference import Difference
from sentia_ops.scenarios.flow import Outcome

MEASURE = ("name", "label", "now", "then", "change", "unit", "better", "how")


def as_data(outcome: Outcome, orders: int | None = None) -> dict[str, Any]:
	"""JSON-able: changes, headline, measures, totals, orders (the first `orders`), counts, notes, warnings.

	Dates are ISO days, empty is null.
	"""
	difference = outcome.difference
	rows = difference.orders if orders is None else difference.orders.head(orders)
	return {
		"changes": [str(change) for change in outcome.changes],
		"as_of": str(outcome.as_of),
		"base_run": outcome.base_run,
		"budget": outcome.budget,
		"seconds": round(outcome.seconds, 2),
		"headline": difference.headline,
		"measures": [{name: getattr(m, name) for name in MEASURE} for m in difference.measures],
		"totals": {name: plain_rows(table) for name, table in difference.totals.items()},
		"orders": plain_rows(rows),
		"orders_changed": len(difference.orders),
		"orders_same": difference.same,
		"kinds": order_kinds(difference),
		"notes": outcome.notes,
		"warnings": outcome.warnings,
	}


def order_kinds(difference: Difference) -> dict[str, int]:
	"""Orders by kind of change: new, gone, larger, smaller, changed."""
	return {kind: int(count) for kind, count in difference.orders["kind"].value_counts().items()}


def plain_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
	rows = rows.copy()
	for name in rows.columns:
		if pd.api.types.is_datetime64_any_dtype(rows[name]):
			rows[name] = rows[name].dt.strftime("%Y-%m-%d")
	return rows.astype(object).where(rows.notna(), None).to_dict("records")
