"""Stock, open orders, forecasts, offers and lead times -> stock_policy, recommendations, excess and
allocations."""

from __future__ import annotations

from datetime import date

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.forecasting.frames import FORECAST_QUALITY, FORECASTS
from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.frames import (
	ALLOCATIONS,
	EXCESS,
	INBOUND,
	OUTBOUND,
	POLICY_OVERRIDES,
	RECOMMENDATIONS,
	STOCK,
	STOCK_POLICY,
)
from sentia_ops.store import Run, Store
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS, SUPPLIER_TERMS

NO_STOCK = (
	"There is no stock table, so what is on hand is not known: forecasts, safety stocks, reorder points and order "
	"quantities are there, orders are not. Bring in table stock, e.g. 'sentia-ops import frame stock FILE' (item_code, "
	"warehouse, on_hand), and plan again, e.g. with 'sentia-ops reorder'."
)


def recommend(store: Store, run: Run, *, as_of: date, policy: Policy) -> None:
	"""Write what to order, and for every item and warehouse why or why not.

	With an empty stock table nothing is proposed: what is on hand is not known.

	Raises:
	    SentiaError: the policy makes no sense.
	    NoDataError: there is neither a forecast, nor stock, nor an open order.
	"""
	from sentia_ops.replenishment.engine.plan import Tables, make_plan

	try:
		policy.check()
	except ValueError as error:
		raise SentiaError(f"Reorder policy: {error}", "Nothing was written.") from error
	run.progress(0.0, "reading stock, orders and forecasts")
	tables = Tables(
		items=store.read(ITEMS),
		warehouses=store.read(WAREHOUSES),
		currencies=store.read(CURRENCIES),
		stock=store.read(STOCK),
		inbound=store.read(INBOUND),
		outbound=store.read(OUTBOUND),
		supplier_items=store.read(SUPPLIER_ITEMS),
		lead_times=store.read(LEAD_TIMES),
		forecasts=store.read(FORECASTS),
		quality=store.read(FORECAST_QUALITY),
		terms=store.read(SUPPLIER_TERMS),
		overrides=store.read(POLICY_OVERRIDES),
		previous=store.read(RECOMMENDATIONS),
		receipts=store.read(RECEIPTS),
	)
	if tables.forecasts.empty and tables.stock.empty and tables.inbound.empty and tables.outbound.empty:
		raise NoDataError(
			"There is neither a forecast, nor stock, nor an open order to plan with.",
			"Import data and run the forecast first.",
		)
	plan = make_plan(
		tables, as_of, policy, lambda share: run.progress(0.1 + 0.8 * share, "deciding what to order")
	)
	run.refuse("item and warehouse pairs that are in no items or warehouses table", plan.unknown)
	if tables.stock.empty:
		run.warn(NO_STOCK)
	for text in plan.warnings:
		run.warn(text)
	for frame, rows in (
		(STOCK_POLICY, plan.stock_policy),
		(RECOMMENDATIONS, plan.recommendations),
		(EXCESS, plan.excess),
		(ALLOCATIONS, plan.allocations),
	):
		store.write(frame, frame.empty() if rows.empty else rows.assign(run=run.name), run=run)
	run.progress(
		1.0, f"{len(plan.recommendations)} orders proposed for {len(plan.stock_policy)} items and warehouses"
	)
