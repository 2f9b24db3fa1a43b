"""Receipts and offers -> lead_times."""

from __future__ import annotations

from datetime import date

from sentia_ops.errors import SentiaError
from sentia_ops.store import Run, Store
from sentia_ops.store.frames import ITEMS
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS

NAMED = 5  # suppliers named in a warning


def lead_times(store: Store, run: Run, *, as_of: date, default_days: float) -> None:
	"""Write the lead-time distribution of every supplier x item, as known on the morning of `as_of`.

	Args:
	    default_days: calendar days where there are no receipts, no promise and no planner's figure.

	Raises:
	    SentiaError: `default_days` makes no sense.
	"""
	from sentia_ops.suppliers import engine

	try:
		engine.check_default(default_days)
	except ValueError as error:
		raise SentiaError(str(error), "Nothing was written.") from error
	run.progress(0.0, "reading receipts")
	receipts, offers, items = store.read(RECEIPTS), store.read(SUPPLIER_ITEMS), store.read(ITEMS)
	run.progress(0.3, "measuring lead times")
	planner_days = dict(zip(items["item_code"], items["lead_time_days"], strict=True))
	result = engine.estimate(receipts, offers, planner_days, as_of=as_of, default_days=default_days)
	run.refuse("receipts dated before their order", result.backwards)
	_warn_of_unknown_suppliers(run, result.without_receipts, result.suppliers)
	store.write(LEAD_TIMES, result.lead_times.assign(run=run.name), run=run)
	run.progress(1.0, f"lead times of {len(result.lead_times)} supplier-item pairs")


def _warn_of_unknown_suppliers(run: Run, without: list[str], suppliers: int) -> None:
	if not without:
		return
	named = ", ".join(without[:NAMED]) + (f" and {len(without) - NAMED} more" if len(without) > NAMED else "")
	run.warn(
		f"No receipts from {len(without)} of {suppliers} suppliers ({named}): their lead times rest on promises, "
		"planners' figures or the default."
	)
