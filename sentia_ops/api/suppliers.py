"""How suppliers did, and who is best for an item."""

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope
from sentia_ops.api.paging import measured, page

DOCTYPE = "Supplier Performance"
MEASURED = [
	"on_time",
	"days_late",
	"in_full",
	"accepted",
	"inspected",
	"price_market",
	"price_year",
	"response_days",
]
COUNTS = [
	"on_time_n",
	"in_full_n",
	"accepted_n",
	"inspected_n",
	"price_market_n",
	"price_year_n",
	"response_days_n",
]
SCORED = ["score", "score_low", "score_high", "late_p90"]
WORDS = [
	"supplier",
	"supplier_name",
	"as_of",
	"confidence",
	"risk",
	"trend",
	"findings",
	"recommendation",
	"note",
	"run",
]
NUMBERS = ["anomalies", "overdue_lines", "overdue_days", "sole_items"]
FIELDS = WORDS + SCORED + NUMBERS + MEASURED + COUNTS
MONTH = ["month", "score", "confidence", *MEASURED, *COUNTS, "anomaly"]


@frappe.whitelist(methods=["GET"])
@envelope
def get(supplier: str) -> dict:
	"""One supplier's performance in the last year, how each figure was computed, and its months.

	Returns:
	    data: as in `list`, and "measures": [{measure, label, n, value, low, high, points, weight, trend, text}],
	    "months": [{month, score, confidence, on_time, on_time_n, ..., anomaly}], the newest first. null: no data.

	Raises:
	    404 not_found: nothing was measured of this supplier yet.
	"""
	frappe.has_permission(DOCTYPE, "read", throw=True)
	if not frappe.db.exists(DOCTYPE, supplier):
		frappe.throw(
			_("Nothing is known of {0} yet: it has no offers or orders, or no plan has run since.").format(
				supplier
			),
			frappe.DoesNotExistError,
		)
	doc = frappe.get_doc(DOCTYPE, supplier)
	doc.check_permission("read")
	row = measured({field: doc.get(field) for field in FIELDS}, MEASURED + SCORED)
	row["measures"] = frappe.parse_json(doc.measures or "[]")
	row["months"] = [measured({f: m.get(f) for f in MONTH}, [*MEASURED, "score"]) for m in doc.months]
	return answer(row)


@frappe.whitelist(methods=["GET"])
@envelope
@rate_limit(limit=60, seconds=60)
def compare(item_code: str, qty: float | None = None) -> dict:
	"""The suppliers of an item side by side, the cheapest landed first.

	Args:
	    qty: stock UOM; default: four weeks' demand.

	Returns:
	    data: {"question": {item_code, qty, daily, ordering_cost, holding_rate}, "suppliers": [{supplier, price, currency,
	    unit_cost (company currency), min_order_qty, pack_size, orders, p50_days, p95_days, score, confidence, risk, order_qty,
	    parts (goods, ordering, transit, stock, buffer), total, cost_each, text, out (why not possible), why, wins}]}.

	Raises:
	    400 invalid: no such item, nobody offers it, or a quantity of 0 or less.
	"""
	from dataclasses import asdict

	from sentia_ops.sentia_ops.report.supplier_comparison.supplier_comparison import compared

	frappe.has_permission(DOCTYPE, "read", throw=True)
	frappe.has_permission("Item", "read", doc=item_code, throw=True)
	question, found = compared(item_code, qty)
	return answer({"question": asdict(question), "suppliers": [asdict(candidate) for candidate in found]})


@frappe.whitelist(methods=["GET"])
@envelope
def list(  # the endpoint's name; last in the module, as it hides the builtin
	risk: str | None = None, confidence: str | None = None, start: int = 0, limit: int = 20
) -> dict:
	"""Suppliers with their figures of the last year, those without a score first, then the lowest; null: no data.

	Returns:
	    data: {"rows": [{supplier, supplier_name, as_of, score, score_low, score_high, confidence, risk, trend, findings,
	    recommendation, on_time, on_time_n, ..., note, run}], "total", "start", "limit"}.
	"""
	found = page(DOCTYPE, FIELDS, {"risk": risk, "confidence": confidence}, "score, name", start, limit)
	found["rows"] = [measured(row, MEASURED + SCORED) for row in found["rows"]]
	return answer(found)
