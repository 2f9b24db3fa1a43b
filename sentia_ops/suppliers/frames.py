"""Tables of the suppliers room: offers and receipts in, lead-time distributions out."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema
from sentia_ops.store.frames import name_field
from sentia_ops.suppliers.formats import is_breaks, is_closures, is_weekdays


def _each(texts: pd.Series, fits: Callable[[str], bool]) -> pd.Series:
	return texts.map({text: fits(text) for text in texts.unique()}).astype(bool)


def _empty_lists(rows: pd.DataFrame, column: str) -> pd.DataFrame:
	"""An empty cell of a file is an empty list."""
	return rows.assign(**{column: rows[column].fillna("").replace("", "[]")}) if column in rows else rows


def with_breaks(offers: pd.DataFrame) -> pd.DataFrame:
	return _empty_lists(offers, "price_breaks")


def with_closures(terms: pd.DataFrame) -> pd.DataFrame:
	return _empty_lists(terms, "closed")


class SupplierItems(Schema):
	supplier: str = name_field()
	item_code: str = name_field()
	price: float = pa.Field(ge=0)  # per stock UOM, in `currency`; 0: not known
	currency: str = name_field()
	min_order_qty: float = pa.Field(ge=0, default=0.0)  # stock UOM
	pack_size: float = pa.Field(ge=0, default=0.0)  # stock UOM; 0: any multiple
	promised_lead_days: float = pa.Field(ge=0, nullable=True)  # calendar days; empty: no promise
	is_default: bool = pa.Field(default=False)
	price_breaks: str = pa.Field(
		default="[]"
	)  # JSON: [{"qty", "price"}], from this quantity on, in `currency`

	@pa.check("price_breaks", name="price_breaks")
	def breaks_can_be_read(cls, texts: pd.Series) -> pd.Series:
		return _each(texts, is_breaks)


class SupplierTerms(Schema):
	"""What holds for all orders to a supplier; a supplier without a row has no terms."""

	supplier: str = name_field()
	min_order_value: float = pa.Field(ge=0, default=0.0)  # company currency, of one order
	order_days: str = pa.Field(default="")  # weekdays it takes orders: "Mon,Thu"; empty: any day
	closed: str = pa.Field(
		default="[]"
	)  # JSON: [{"from", "to"}], days inclusive on which it neither takes nor sends
	ordering_cost: float = pa.Field(ge=0, nullable=True)  # company currency an order; empty: the policy's
	barred: str = pa.Field(default="")  # why no order may be placed; empty: it may
	replaced_by: str = pa.Field(default="")  # who delivers instead where it is barred

	@pa.check("order_days", name="weekdays")
	def days_can_be_read(cls, texts: pd.Series) -> pd.Series:
		return _each(texts, is_weekdays)

	@pa.check("closed", name="closures")
	def closures_can_be_read(cls, texts: pd.Series) -> pd.Series:
		return _each(texts, is_closures)


class Receipts(Schema):
	"""One row per purchase order line and delivery; the part still open is a row of its own (received_on empty)."""

	order_line: str = name_field()
	part: int = pa.Field(ge=0, default=0)  # 0, 1, 2 ... of a line delivered in parts
	supplier: str = name_field()
	item_code: str = name_field()
	warehouse: str = pa.Field(default="")
	ordered_on: pd.Timestamp
	promised_on: pd.Timestamp = pa.Field(nullable=True)
	received_on: pd.Timestamp = pa.Field(nullable=True)  # empty: still open
	qty_ordered: float = pa.Field(gt=0)  # stock UOM, of the whole line
	qty_received: float = pa.Field(ge=0)  # stock UOM, of this part; 0 while open
	qty_rejected: float = pa.Field(ge=0, default=0.0)
	rate: float = pa.Field(ge=0, default=0.0)  # company currency per stock UOM


class LeadTimes(Schema):
	supplier: str = name_field()
	item_code: str = name_field()
	mean_days: float = pa.Field(ge=0)  # calendar days from order to receipt
	std_days: float = pa.Field(ge=0)
	p50_days: float = pa.Field(ge=0)
	p90_days: float = pa.Field(ge=0)
	p95_days: float = pa.Field(ge=0)
	receipts: int = pa.Field(ge=0)  # receipts of this item from this supplier
	supplier_receipts: int = pa.Field(ge=0)  # receipts of anything from this supplier
	open_overdue: int = pa.Field(ge=0, default=0)  # order lines past their promised day and not here
	open_lines: int = pa.Field(
		ge=0, default=0
	)  # order lines not here yet: each says "longer than so many days"
	basis: str = pa.Field(
		isin=["item", "group", "supplier", "promised", "planner", "default"]
	)  # what the figures rest on
	note: str = pa.Field(default="")  # the basis in words
	run: str = pa.Field(default="")


SUPPLIER_ITEMS = Frame(
	"supplier_items",
	SupplierItems,
	key=("supplier", "item_code"),
	refers={"item_code": "items.item_code", "currency": "currencies.currency"},
	currencies=("currency",),
	prepare=with_breaks,
)
SUPPLIER_TERMS = Frame("supplier_terms", SupplierTerms, key=("supplier",), prepare=with_closures)
RECEIPTS = Frame(
	"receipts",
	Receipts,
	key=("order_line", "part"),
	refers={"item_code": "items.item_code", "warehouse": "warehouses.warehouse"},
	past_only=("ordered_on", "received_on"),
)
LEAD_TIMES = Frame("lead_times", LeadTimes, key=("supplier", "item_code"))


class Quotations(Schema):
	"""One row per supplier and item of a request for quotation."""

	request: str = name_field()
	supplier: str = name_field()
	item_code: str = name_field()
	asked_on: pd.Timestamp
	answered_on: pd.Timestamp = pa.Field(nullable=True)  # first quotation; empty: no answer yet


class Inspections(Schema):
	"""Incoming quality inspections."""

	inspection: str = name_field()
	supplier: str = name_field()
	item_code: str = name_field()
	inspected_on: pd.Timestamp
	accepted: bool


class SupplierMeasures(Schema):
	"""What is measured of a supplier, over a month or over a year; empty: no data."""

	on_time: float = pa.Field(ge=0, le=1, nullable=True)  # share of lines' quantity there by the promised day
	on_time_n: int = pa.Field(ge=0, default=0)  # order lines that fell due
	days_late: float = pa.Field(ge=0, nullable=True)  # mean of lines due; early is 0, open is "so far"
	in_full: float = pa.Field(ge=0, le=1, nullable=True)  # share of lines whose first delivery was all of it
	in_full_n: int = pa.Field(ge=0, default=0)
	accepted: float = pa.Field(ge=0, le=1, nullable=True)  # mean share of a delivery that was kept
	accepted_n: int = pa.Field(ge=0, default=0)  # deliveries
	inspected: float = pa.Field(ge=0, le=1, nullable=True)  # share of inspections passed
	inspected_n: int = pa.Field(ge=0, default=0)
	price_market: float = pa.Field(ge=0, nullable=True)  # paid / same quantities at other suppliers' prices
	price_market_n: int = pa.Field(ge=0, default=0)  # item-months compared
	price_year: float = pa.Field(ge=0, nullable=True)  # paid / same quantities at last year's prices
	price_year_n: int = pa.Field(ge=0, default=0)
	response_days: float = pa.Field(ge=0, nullable=True)  # request to quotation; unanswered: waited so far
	response_days_n: int = pa.Field(ge=0, default=0)
	score: float = pa.Field(ge=0, le=100, nullable=True)  # over the measures that have data
	confidence: str = pa.Field(isin=["", "low", "medium", "high"], default="")


class SupplierScores(SupplierMeasures):
	supplier: str = name_field()
	month: pd.Timestamp  # its first day
	anomaly: str = pa.Field(default="")  # what is far off the supplier's own history, with the arithmetic
	run: str = pa.Field(default="")


class SupplierPerformance(SupplierMeasures):
	"""The year before `as_of`; a supplier without any data has a row that says so."""

	supplier: str = name_field()
	as_of: pd.Timestamp
	score_low: float = pa.Field(ge=0, le=100, nullable=True)  # 95 % interval
	score_high: float = pa.Field(ge=0, le=100, nullable=True)
	late_p90: float = pa.Field(
		ge=0, nullable=True
	)  # 9 of 10 lines were complete so many days after the promise
	trend: str = pa.Field(isin=["no data", "steady", "better", "worse", "mixed"], default="no data")
	risk: str = pa.Field(isin=["no data", "low", "medium", "high"], default="no data")
	findings: str = pa.Field(default="")  # "late, in parts, rejects, dear, slow to answer, getting worse"
	recommendation: str = pa.Field(default="")  # plain words
	anomalies: int = pa.Field(ge=0, default=0)  # months
	overdue_lines: int = pa.Field(ge=0, default=0)
	overdue_days: int = pa.Field(ge=0, default=0)  # of the oldest
	sole_items: int = pa.Field(ge=0, default=0)  # items nobody else offers or delivered
	measures: str = pa.Field(
		default="[]"
	)  # JSON: each measure with n, interval, points, weight, trend, arithmetic
	note: str = pa.Field(default="")  # what was left out, or why there is no score
	run: str = pa.Field(default="")


QUOTATIONS = Frame(
	"quotations",
	Quotations,
	key=("request", "supplier", "item_code"),
	refers={"item_code": "items.item_code"},
	past_only=("asked_on", "answered_on"),
)
INSPECTIONS = Frame(
	"inspections",
	Inspections,
	key=("inspection",),
	refers={"item_code": "items.item_code"},
	past_only=("inspected_on",),
)
SUPPLIER_SCORES = Frame("supplier_scores", SupplierScores, key=("supplier", "month"))
SUPPLIER_PERFORMANCE = Frame("supplier_performance", SupplierPerformance, key=("supplier",))
