"""receipts, offers, quotations, inspections -> supplier_scores, supplier_performance; and the comparison for one item."""

from __future__ import annotations

from datetime import date

import pandas as pd

from sentia_ops.errors import SentiaError
from sentia_ops.replenishment.frames import STOCK_POLICY
from sentia_ops.store import Run, Store
from sentia_ops.store.frames import CURRENCIES, ITEMS
from sentia_ops.suppliers.frames import (
	INSPECTIONS,
	LEAD_TIMES,
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
	for frame, rows in ((SUPPLIER_PERFORMANCE, found.suppliers), (SUPPLIER_SCORES, found.months)):
		store.write(frame, rows.assign(run=run.name) if len(rows) else frame.empty(), run=run)
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


def compare(store: Store, item_code: str, qty: float | None, *, ordering_cost: float, holding_rate: float):
	"""The suppliers of one item side by side, see `scoring.comparison`; the question as it was put, and the candidates.

	Args:
	    qty: stock UOM; None: four weeks' demand, or 1 where no demand is known.

	Raises:
	    SentiaError: no such item, nobody offers or delivered it, or the quantity makes no sense.
	"""
	from sentia_ops.suppliers.scoring import comparison

	if store.read(ITEMS, item_code=item_code).empty:
		raise SentiaError(
			f"There is no item {item_code} to plan.", "See its code in table items; it may be disabled."
		)
	only = {"item_code": item_code}
	offers, receipts = store.read(SUPPLIER_ITEMS, **only), store.read(RECEIPTS, **only)
	if offers.empty and receipts.empty:
		raise SentiaError(
			f"Nobody offers {item_code}, and it was never ordered.", "Add an Item Price or a supplier."
		)
	daily = float(store.read(STOCK_POLICY, **only)["daily_demand"].sum())
	asked = qty if qty is not None else max(round(28 * daily), 1)
	question = comparison.Question(item_code, float(asked), daily, ordering_cost, holding_rate)
	currencies = store.read(CURRENCIES)
	try:
		found = comparison.compare(
			question,
			offers=offers,
			receipts=receipts,
			lead_times=store.read(LEAD_TIMES, **only),
			performance=store.read(SUPPLIER_PERFORMANCE),
			terms=store.read(SUPPLIER_TERMS),
			rates=dict(zip(currencies["currency"], currencies["rate"], strict=True)),
		)
	except ValueError as error:
		raise SentiaError(str(error)) from error
	return question, found


def price_history(store: Store, item_code: str):
	"""Average price ordered at, company currency per stock UOM, by month (index) and supplier (columns)."""
	from sentia_ops.suppliers.scoring.prices import paid

	cells = paid(store.read(RECEIPTS, item_code=item_code), pd.Timestamp(store.today()))
	return cells.pivot(index="month", columns="supplier", values="price")
