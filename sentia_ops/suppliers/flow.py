"""Receipts and offers -> lead_times; and what is odd about suppliers' terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from sentia_ops.errors import SentiaError
from sentia_ops.store import Run, Store
from sentia_ops.store.frames import ITEMS
from sentia_ops.suppliers.frames import (
	LEAD_TIMES,
	RECEIPTS,
	SUPPLIER_ITEMS,
	SUPPLIER_TERMS,
)

if TYPE_CHECKING:
	from sentia_ops.suppliers.engine import LeadTimeResult

NAMED = 5  # suppliers, items or order lines named in a warning


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
	terms = store.read(SUPPLIER_TERMS).set_index("supplier")
	run.progress(0.3, "measuring lead times")
	result = engine.estimate(
		receipts,
		offers,
		dict(zip(items["item_code"], items["lead_time_days"], strict=True)),
		as_of=as_of,
		default_days=default_days,
		groups=dict(zip(items["item_code"], items["item_group"], strict=True)),
	)
	run.refuse("receipts dated before their order", result.backwards)
	for text in [
		*_warnings(result),
		*engine.odd_replacements(terms["barred"].to_dict(), terms["replaced_by"].to_dict()),
	]:
		run.warn(text)
	store.write(LEAD_TIMES, result.lead_times.assign(run=run.name), run=run)
	run.progress(1.0, f"lead times of {len(result.lead_times)} supplier-item pairs")


def _warnings(result: LeadTimeResult) -> list[str]:
	found = []
	if result.without_receipts:
		found.append(
			f"No receipts from {len(result.without_receipts)} of {result.suppliers} suppliers "
			f"({_named(result.without_receipts)}): their lead times rest on promises, planners' figures or the default."
		)
	if result.early_promises:
		found.append(
			f"{_count(result.early_promises, 'order line')} promised for a day before the order "
			f"({_named(result.early_promises)}): the promise is ignored. Correct the dates."
		)
	if len(result.forgotten):
		worst = result.forgotten.sort_values("overdue", ascending=False)
		lines = [
			f"{r.order_line} of {r.supplier}, {r.overdue:,.0f} days" for r in worst.head(NAMED).itertuples()
		]
		found.append(
			f"{_count(worst.index, 'order line')} overdue by more than a year ({_named(lines, len(worst))}): left out of "
			"the lead times as forgotten. Receive or close them."
		)
	if result.zero_promises:
		pairs = [f"{item} from {supplier}" for supplier, item in result.zero_promises]
		found.append(
			f"{_count(pairs, 'offer')} with a promised lead time of 0 days ({_named(pairs)}): taken as delivery on the day "
			"of the order until receipts say otherwise. Leave it empty if it is not known."
		)
	return found


def _count(things: Iterable, word: str) -> str:
	number = len(list(things))
	return f"{number} {word}{'' if number == 1 else 's'}"


def _named(names: list[str], total: int | None = None) -> str:
	more = (total or len(names)) - min(len(names), NAMED)
	return ", ".join(names[:NAMED]) + (f" and {more} more" if more else "")
