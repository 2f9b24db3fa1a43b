"""Demand forecasts: make them, list them, look at one, ask how good they are."""

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit

from sentia_ops.api import plan
from sentia_ops.api.envelope import answer, envelope
from sentia_ops.api.paging import measured, page

DOCTYPE = "Demand Forecast"
MEASURES = ["mase", "mase_naive", "rmsse", "scaled_pinball", "coverage95"]
FIELDS = [
	"name",
	"item_code",
	"item_name",
	"warehouse",
	"as_of",
	"model",
	"demand_class",
	"next_28_days",
	"mean_daily",
]
QUALITY = ["history_days", "stockout_days", "windows", "error_std", "verdict", *MEASURES, "run"]


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=20, seconds=60 * 60)
def generate() -> dict:
	"""Queue the forecasting step alone; needs write permission on Reorder Recommendation.

	Returns:
	    data: {"run": Planning Run name}; see `plan.status`.

	Raises:
	    409 busy: a plan is queued or running.
	"""
	frappe.has_permission("Reorder Recommendation", "write", throw=True)
	return plan.queue(["forecasting"])


@frappe.whitelist(methods=["GET"])
@envelope
def get(item_code: str, warehouse: str) -> dict:
	"""One forecast with its days.

	Returns:
	    data: as in `list`, and "points": [{"date", "qty", "lo80", "hi80", "lo95", "hi95"}] in stock UOM a day.

	Raises:
	    404 not_found: nothing is forecast for this item there.
	"""
	doc = _forecast(item_code, warehouse)
	row = {field: doc.get(field) for field in FIELDS + QUALITY}
	row["points"] = [
		{
			"date": p.delivery_date,
			"qty": p.demand_qty,
			"lo80": p.lo80,
			"hi80": p.hi80,
			"lo95": p.lo95,
			"hi95": p.hi95,
		}
		for p in doc.points
	]
	return answer(measured(row, MEASURES))


@frappe.whitelist(methods=["GET"])
@envelope
def chart(item_code: str, warehouse: str) -> dict:
	"""What the chart on the forecast's form shows: half a year of sales, the forecast, overrides, the year before.

	Returns:
	    data: {"start", "as_of", "uom", "sold", "out", "forecast", "last_year", "overrides"}; see `chart_data.series`.

	Raises:
	    404 not_found: nothing is forecast for this item there.
	"""
	from sentia_ops.sentia_ops.doctype.demand_forecast.chart_data import series

	doc = _forecast(item_code, warehouse)
	return answer(series(item_code, warehouse, doc.as_of or frappe.utils.getdate()))


@frappe.whitelist(methods=["GET"])
@envelope
def preview_override(
	item_code: str, from_date: str, to_date: str, kind: str, value: float, warehouse: str | None = None
) -> dict:
	"""What a Forecast Override would do, without saving it; needs the right to create one.

	Returns:
	    data: {"days", "machine", "now", "then" (stock UOM over the days), "uom", "fault" (text; empty: it can be followed)}.
	"""
	from sentia_ops.sentia_ops.doctype.forecast_override.applying import preview

	frappe.has_permission("Forecast Override", "create", throw=True)
	only = {"item_code": item_code} | ({"warehouse": warehouse} if warehouse else {})
	seen = frappe.get_list(DOCTYPE, only, pluck="warehouse", limit_page_length=0)
	if not seen:
		_no_forecast(item_code, warehouse)
	change = {**only, "from_date": from_date, "to_date": to_date, "kind": kind, "value": value}
	return answer(preview(change, seen))


def _forecast(item_code: str, warehouse: str):
	"""The Demand Forecast, if the user may read it."""
	frappe.has_permission(DOCTYPE, "read", throw=True)
	name = frappe.db.get_value(DOCTYPE, {"item_code": item_code, "warehouse": warehouse})
	if not name:
		_no_forecast(item_code, warehouse)
	doc = frappe.get_doc(DOCTYPE, name)
	doc.check_permission("read")
	return doc


def _no_forecast(item_code: str, warehouse: str | None) -> None:
	frappe.throw(
		_("There is no forecast for {0} in {1}: it has no sales history, or no plan has run since.").format(
			item_code, warehouse or _("any warehouse")
		),
		frappe.DoesNotExistError,
	)


@frappe.whitelist(methods=["GET"])
@envelope
def accuracy(
	warehouse: str | None = None,
	demand_class: str | None = None,
	by: str = "class",
	from_date: str | None = None,
	to_date: str | None = None,
) -> dict:
	"""How good the forecasts were: promised on held-out history, and kept, as measured when their days were over.

	Args:
	    by: what kept scores are summed by: item, class, model, planner or week.
	    from_date, to_date: first days forecast of the kept ones, both included.

	Returns:
	    data: {"series", "tested", "better_than_naive" (share of the tested), "median_mase", "median_mase_naive",
	    "median_coverage95", "by_class": {demand_class: {"series", "tested", "median_mase"}}, "drifting",
	    "kept": {"total": row or null, "by", "rows": [row]}} with a row of kept forecasts {"group", "forecasts", "series",
	    "days_scored", "sold", "expected", "bias", "mase", "mase_naive", "rmsse", "scaled_pinball", "coverage95", "overridden",
	    "overrides_better"}. Medians and means are null where nothing could be measured; means are weighted by days scored.
	    MASE: Hyndman & Koehler 2006; below 1 is better than the naive forecast in-sample.

	Raises:
	    400 invalid: `by` is none of these; a date is none.
	"""
	frappe.has_permission(DOCTYPE, "read", throw=True)
	frappe.has_permission("Forecast Score", "read", throw=True)
	kept = _kept(by, {"warehouse": warehouse, "demand_class": demand_class}, from_date, to_date)
	filters = {"warehouse": warehouse, "demand_class": demand_class}
	rows = frappe.get_list(
		DOCTYPE,
		filters={field: value for field, value in filters.items() if value},
		fields=["demand_class", "drift", *MEASURES],
		limit_page_length=0,
	)
	rows = [measured(row, MEASURES) for row in rows]
	tested = [row for row in rows if row.mase is not None and row.mase_naive is not None]
	classes = sorted({row.demand_class for row in rows if row.demand_class})
	better = sum(row.mase < row.mase_naive for row in tested)
	return answer(
		{
			"series": len(rows),
			"tested": len(tested),
			"better_than_naive": better / len(tested) if tested else None,
			"median_mase": _median(rows, "mase"),
			"median_mase_naive": _median(rows, "mase_naive"),
			"median_coverage95": _median(rows, "coverage95"),
			"by_class": {c: _summary([row for row in rows if row.demand_class == c]) for c in classes},
			"drifting": sum(bool(row.drift) for row in rows),
			"kept": kept,
		}
	)


def _kept(by: str, filters: dict, from_date: str | None, to_date: str | None) -> dict:
	from sentia_ops.forecasting.site_scores import GROUPS, measured, total

	if by not in GROUPS or by == "all":
		frappe.throw(_("by must be one of {0}.").format(", ".join(g for g in GROUPS if g != "all")))
	for name, value in (("from_date", from_date), ("to_date", to_date)):
		filters[name] = str(frappe.utils.getdate(value)) if value else None
	return {"total": total(filters), "by": by, "rows": measured(by, filters)}


def _summary(rows: list[dict]) -> dict:
	tested = sum(row.mase is not None for row in rows)
	return {"series": len(rows), "tested": tested, "median_mase": _median(rows, "mase")}


def _median(rows: list[dict], field: str) -> float | None:
	from statistics import median

	values = [row[field] for row in rows if row[field] is not None]
	return median(values) if values else None


@frappe.whitelist(methods=["GET"])
@envelope
def list(  # the endpoint's name; last in the module, as it hides the builtin
	item_code: str | None = None,
	warehouse: str | None = None,
	demand_class: str | None = None,
	start: int = 0,
	limit: int = 20,
) -> dict:
	"""Forecasts without their days, by item and warehouse.

	Returns:
	    data: {"rows": [{name, item_code, item_name, warehouse, as_of, model, demand_class, next_28_days (stock UOM),
	    mean_daily, history_days, ..., mase (null: untested), ...}], "total", "start", "limit"}.
	"""
	filters = {"item_code": item_code, "warehouse": warehouse, "demand_class": demand_class}
	found = page(DOCTYPE, FIELDS + QUALITY, filters, "item_code, warehouse", start, limit)
	found["rows"] = [measured(row, MEASURES) for row in found["rows"]]
	return answer(found)
