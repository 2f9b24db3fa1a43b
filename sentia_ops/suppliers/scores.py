"""receipts, offers, quotations, inspections -> supplier_scores, supplier_performance; and the comparison for one item."""

from __future__ import annotations

from datetime import date

from sentia_ops.store import Run, Store
from sentia_ops.store.frames import CURRENCIES
from sentia_ops.suppliers.frames import (
	INSPECTIONS,
	QUOTATIONS,
	RECEIPTS,
	SUPPLIER_ITEMS,
	SUPPLIER_PERFORMANCE,
	SUPPLIER_SCORES,
	SUPPLIER_TERMS,
)

NAMED = 5  # suppliers named in a warning


def score(store: Store, run: Run, *, as_of: date) -> None:
	"""Write every supplier's performance of the last year and its months, as known on the morning of `as_of`."""
	from sentia_ops.suppliers import scoring

	run.progress(0.0, "reading what suppliers did")
	facts = facts_of(store)
	run.progress(0.3, "scoring suppliers")
	found = scoring.score(facts, as_of=as_of)
	if found.unknown_currencies:
		run.warn(
			f"Offers in {', '.join(found.unknown_currencies)} were not compared with others: there is no exchange rate."
		)
	if found.without_data:
		named = ", ".join(found.without_data[:NAMED])
		more = len(found.without_data) - NAMED
		named += f" and {more} more" if more > 0 else ""
		run.warn(
			f"Nothing could be measured of {len(found.without_data)} suppliers ({named}): they have no score."
		)
	store.write(SUPPLIER_PERFORMANCE, found.suppliers.assign(run=run.name), run=run)
	store.write(SUPPLIER_SCORES, found.months.assign(run=run.name), run=run)
	run.progress(1.0, f"scores of {len(found.suppliers)} suppliers")


def facts_of(store: Store, **only):
	"""What the scores rest on; `only` narrows it down to some suppliers or items."""
	from sentia_ops.suppliers.scoring import Facts

	currencies = store.read(CURRENCIES)
	terms = store.read(SUPPLIER_TERMS)
	barred = terms[terms["barred"] != ""]
	return Facts(
		receipts=store.read(RECEIPTS, **only),
		offers=store.read(SUPPLIER_ITEMS, **only),
		quotations=store.read(QUOTATIONS, **only),
		inspections=store.read(INSPECTIONS, **only),
		rates=dict(zip(currencies["currency"], currencies["rate"], strict=True)),
		barred=dict(zip(barred["supplier"], barred["barred"], strict=True)),
	)
