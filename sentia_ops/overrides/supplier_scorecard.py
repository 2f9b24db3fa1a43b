"""Our measures as Supplier Scorecard Variables, so that ERPNext's own scorecards, and their RFQ and PO blocks, use them.

ERPNext calls each function with the scorecard period and puts the answer into the criteria's formulas; it knows no "no
data". So a figure of a period is drawn to what was known before it, (n x period + 5 x before) / (n + 5), and "before" to
the average supplier of the same items. A period without a single line then scores what the supplier scored until then,
neither 0 nor 100, and `sentia_lines` is 0, so that a weighting function can pass over it:

	{total_score} * max(0.01, min(1, {sentia_lines}))

ERPNext gives 100 where all periods together weigh nothing; hence 0.01 instead of 0.
"""

from __future__ import annotations

from datetime import timedelta

import frappe
from frappe.utils import getdate

PATH = "sentia_ops.overrides.supplier_scorecard."
VARIABLES = {  # function and parameter name -> (label, description)
	"sentia_score": ("Sentia Score", "0 to 100, over all measures with data"),
	"sentia_on_time": ("Sentia On Time %", "share of the quantity of lines due that was there on the promised day"),
	"sentia_days_late": ("Sentia Days Late", "mean of the lines due; early counts 0, still open the days so far"),
	"sentia_in_full": ("Sentia In Full %", "share of lines whose first delivery brought the whole quantity"),
	"sentia_accepted": ("Sentia Accepted %", "share of deliveries neither rejected nor sent back"),
	"sentia_inspected": ("Sentia Inspections Passed %", "share of incoming quality inspections accepted"),
	"sentia_price_market": ("Sentia Price Against Market %", "100: as other suppliers; above: dearer"),
	"sentia_price_year": ("Sentia Price Against Last Year %", "100: as a year before; above: dearer"),
	"sentia_response_days": ("Sentia Response Days", "from request to quotation; unanswered: waited so far"),
	"sentia_lines": ("Sentia Lines", "lines due, deliveries, inspections and requests in the period; 0: it is empty"),
}  # fmt: skip
# name -> formula; the points are those of suppliers/scoring/measures.py. Each names sentia_lines as well: a period holds
# the variables of its criteria only, and the weighting function can use no others
CRITERIA = {
	"Sentia Score": "{sentia_score} + 0 * {sentia_lines}",
	"Sentia On Time": "{sentia_on_time} + 0 * {sentia_lines}",
	"Sentia In Full": "{sentia_in_full} + 0 * {sentia_lines}",
	"Sentia Quality": "100 - 10 * (100 - {sentia_accepted}) + 0 * {sentia_lines}",
	"Sentia Price": "75 - 2.5 * ({sentia_price_market} - 100) + 0 * {sentia_lines}",
	"Sentia Response": "100 - 5 * {sentia_response_days} + 0 * {sentia_lines}",
}

COUNTED = ("on_time", "accepted", "inspected", "response_days")  # measures whose observations make a period


def before_validate(doc, method=None) -> None:
	"""Of periods and variables. ERPNext looks our functions up as attributes of the package, which are there only once
	this module is imported: calling this hook imports it."""


def sentia_score(period) -> float:
	from sentia_ops.suppliers.scoring import MEASURES

	figures = _figures(period)
	known = [m for m in MEASURES if figures["known"].get(m.name)]
	weight = sum(m.weight for m in known)
	return sum(m.weight * m.worth(figures[m.name]) for m in known) / weight if weight else 50.0


def sentia_on_time(period) -> float:
	return 100 * _figures(period)["on_time"]


def sentia_days_late(period) -> float:
	return _figures(period)["days_late"]


def sentia_in_full(period) -> float:
	return 100 * _figures(period)["in_full"]


def sentia_accepted(period) -> float:
	return 100 * _figures(period)["accepted"]


def sentia_inspected(period) -> float:
	return 100 * _figures(period)["inspected"]


def sentia_price_market(period) -> float:
	return 100 * _figures(period)["price_market"]


def sentia_price_year(period) -> float:
	return 100 * _figures(period)["price_year"]


def sentia_response_days(period) -> float:
	return _figures(period)["response_days"]


def sentia_lines(period) -> float:
	return _figures(period)["n"]


def _figures(period) -> dict:
	"""Figures of the period by measure, `known` (measure -> whether anything is known of it) and `n`; computed once."""
	key = (period.supplier, str(period.start_date), str(period.end_date))
	cached = period.flags.get("sentia_figures")
	if not cached or cached[0] != key:
		cached = (key, measured(period.supplier, getdate(period.start_date), getdate(period.end_date)))
		period.flags.sentia_figures = cached
	return cached[1]


def measured(supplier: str, start, end) -> dict:
	"""See `_figures`. What came after the period's last day is not known in it: a line still open then is late.

	Where nothing at all is known of a measure, of nobody, the figure is the one that is worth 50 points.
	"""
	import pandas as pd

	from sentia_ops.suppliers.scoring import MEASURES
	from sentia_ops.suppliers.scoring.engine import STRENGTH, average_supplier, observe, summed
	from sentia_ops.suppliers.scoring.lines import judge
	from sentia_ops.suppliers.scoring.statistics import shrunk

	facts = _facts(supplier)
	today = pd.Timestamp(end + timedelta(days=1))
	rows = observe(facts, judge(facts.receipts, today), today)
	rows = rows[rows["day"] < today]
	mine = rows[rows["supplier"] == supplier]
	in_period = mine["day"] >= pd.Timestamp(start)
	# prices are known by month: those of the months that the period touches
	in_period |= mine["measure"].str.startswith("price") & (
		mine["month"] >= pd.Timestamp(start).replace(day=1)
	)
	now, before = (summed(part, ["measure"]) for part in (mine[in_period], mine[~in_period]))
	average = average_supplier(rows)
	found: dict = {"known": {}, "n": int((in_period & mine["measure"].isin(COUNTED)).sum())}
	for measure in MEASURES:
		figure = average.get(measure.name, measure.neutral)
		for known in (before, now):
			if measure.name in known.index:
				row = known.loc[measure.name]
				figure = shrunk(float(row["value"]), float(row["n"]), figure, STRENGTH)
		found[measure.name] = figure
		found["known"][measure.name] = measure.name in now.index or measure.name in before.index
	return found


def _facts(supplier: str):
	"""Of the items that the supplier has to do with, of all their suppliers; read once in a request or job."""
	from sentia_ops.store.site import SiteStore
	from sentia_ops.suppliers.scores import facts_of

	kept = getattr(frappe.local, "sentia_scorecard_facts", None)
	if kept and kept[0] == supplier:
		return kept[1]
	items = frappe.db.sql_list(
		"""select l.item_code from `tabPurchase Order Item` l join `tabPurchase Order` o on o.name = l.parent
			where o.supplier = %(supplier)s and o.docstatus = 1
		union select l.item_code from `tabRequest for Quotation Item` l
			join `tabRequest for Quotation Supplier` s on s.parent = l.parent where s.supplier = %(supplier)s
		union select item_code from `tabItem Price` where supplier = %(supplier)s and buying = 1""",
		{"supplier": supplier},
	)
	facts = facts_of(SiteStore(), item_code=items)
	frappe.local.sentia_scorecard_facts = (supplier, facts)
	return facts


# install and uninstall


def register() -> None:
	"""Make the variables and ready-made criteria that a site does not have yet; others of the same name stay."""
	for name, (label, description) in VARIABLES.items():
		if not frappe.db.exists("Supplier Scorecard Variable", {"param_name": name}):
			doc = {
				"variable_label": label,
				"param_name": name,
				"path": PATH + name,
				"description": description,
			}
			_insert("Supplier Scorecard Variable", label, doc | {"is_custom": 1})
	for name, formula in CRITERIA.items():
		doc = {"criteria_name": name, "formula": formula, "max_score": 100, "weight": 100}
		_insert("Supplier Scorecard Criteria", name, doc)


def _insert(doctype: str, name: str, values: dict) -> None:
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)


def refuse_while_used() -> None:
	"""Uninstalling would stop ERPNext's nightly scorecards, of all suppliers, at the first that names our measures.

	Raises:
	    frappe.ValidationError: naming the scorecards.
	"""
	using = frappe.db.sql_list(
		"""select distinct c.parent from `tabSupplier Scorecard Scoring Criteria` c
		join `tabSupplier Scorecard Criteria` k on k.name = c.criteria_name
		where c.parenttype = 'Supplier Scorecard' and k.formula like %s order by 1""",
		"%{sentia_%",
	)
	if using:
		frappe.throw(
			"These Supplier Scorecards use measures of Sentia Ops: {}. Give them other criteria, or delete them, then "
			"uninstall again.".format(", ".join(using))
		)


def unregister() -> None:
	"""Take away our variables, and the criteria that are made of them."""
	for name in frappe.get_all(
		"Supplier Scorecard Criteria", {"formula": ("like", "%{sentia_%")}, pluck="name"
	):
		frappe.delete_doc("Supplier Scorecard Criteria", name, force=True, ignore_permissions=True)
	for name in frappe.get_all("Supplier Scorecard Variable", {"path": ("like", PATH + "%")}, pluck="name"):
		frappe.delete_doc("Supplier Scorecard Variable", name, force=True, ignore_permissions=True)
