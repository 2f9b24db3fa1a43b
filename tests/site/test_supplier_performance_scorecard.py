"""ERPNext's own Supplier Scorecard with our measures."""

from __future__ import annotations

import subprocess
import sys

import frappe
import pytest
from conftest import BENCH, SITE
from factories import make_item, make_purchase_order, make_supplier, make_warehouse
from frappe.utils import add_days, add_months, get_first_day, get_last_day, getdate, today
from trade import receive

from sentia_ops.overrides import supplier_scorecard

STANDINGS = [("Very Poor", 0, 30, 1), ("Poor", 30, 50, 0), ("Average", 50, 80, 0), ("Excellent", 80, 100, 0)]
WEIGHTING = "{total_score} * max(0.01, min(1, {sentia_lines}))"


@pytest.fixture
def mill():
	"""A supplier of four whole months ago: five lines on time in the first of them, five late in the third, else nothing."""
	item, shed, supplier = make_item(), make_warehouse(), make_supplier()
	first = get_first_day(add_months(today(), -4))
	supplier.db_set("creation", f"{first} 00:00:00", update_modified=False)
	for month, late in ((0, 0), (2, 5)):
		start = get_first_day(add_months(first, month))
		for day in range(5):
			order = make_purchase_order(
				item, shed, supplier, 10, on=add_days(start, day), due=add_days(start, 10)
			)
			receive(order, on=add_days(start, 10 + late))
	return supplier


def scorecard(supplier, criteria: dict[str, int], weighting: str = WEIGHTING):
	card = frappe.new_doc("Supplier Scorecard")
	card.update({"supplier": supplier.name, "period": "Per Month", "weighting_function": weighting})
	for name, low, high, block in STANDINGS:
		card.append(
			"standings", {"standing_name": name, "min_grade": low, "max_grade": high, "prevent_pos": block}
		)
	for name, weight in criteria.items():
		card.append("criteria", {"criteria_name": name, "weight": weight})
	card.insert()
	card.reload()
	return card


def periods(card) -> list:
	names = frappe.get_all(
		"Supplier Scorecard Period", {"scorecard": card.name}, pluck="name", order_by="start_date"
	)
	return [frappe.get_doc("Supplier Scorecard Period", name) for name in names]


def test_a_scorecard_computes_with_our_measures_and_empty_periods_are_no_100(mill):
	card = scorecard(mill, {"Sentia On Time": 60, "Sentia In Full": 40})
	found = periods(card)
	assert len(found) >= 4
	values = [{row.param_name: row.value for row in period.variables} for period in found[:4]]
	# the only supplier of the item is its own average: 5 of 5; nothing; 0 of 5 drawn to 1 before: 5 / 10; nothing
	# (of the average supplier: half of ten lines by then)
	assert [round(v["sentia_on_time"]) for v in values[:2]] == [100, 100]
	third = (5 * 0 + 5 * (5 * 1 + 5 * 0.5) / 10) / 10
	assert values[2]["sentia_on_time"] == pytest.approx(100 * third, abs=0.01)
	assert values[3]["sentia_on_time"] == pytest.approx(50, abs=0.01), (
		"an empty month scores what was known before"
	)
	totals = [period.total_score for period in found[:4]]
	assert totals[2] == pytest.approx(0.6 * 37.5 + 0.4 * 100, abs=0.1)
	assert totals[3] < 100


def test_empty_periods_weigh_next_to_nothing(mill):
	card = scorecard(mill, {"Sentia Score": 100})
	found = periods(card)
	lines = []
	for period in found:
		lines.append(supplier_scorecard.sentia_lines(period))
	assert [bool(n) for n in lines[:4]] == [True, False, True, False]
	# of the periods with lines alone
	busy = [period.total_score for period, n in zip(found, lines, strict=True) if n]
	assert float(card.supplier_score) == pytest.approx(sum(busy) / len(busy), abs=1.5)


def test_a_supplier_without_any_order_is_not_100():
	supplier = make_supplier()
	supplier.db_set("creation", f"{get_first_day(add_months(today(), -3))} 00:00:00", update_modified=False)
	card = scorecard(supplier, {"Sentia Score": 100})
	assert float(card.supplier_score) == pytest.approx(50), "nobody knows"
	assert card.status == "Average"


def test_the_figures_of_a_period_know_nothing_of_later():
	item, shed, supplier = make_item(), make_warehouse(), make_supplier()
	start = get_first_day(add_months(today(), -2))
	order = make_purchase_order(item, shed, supplier, 10, on=start, due=add_days(start, 10))
	receive(order, on=add_days(get_last_day(start), 5))
	found = supplier_scorecard.measured(supplier.name, getdate(start), getdate(get_last_day(start)))
	assert found["on_time"] == 0 and found["n"] == 1
	assert found["days_late"] == (getdate(get_last_day(start)) - getdate(add_days(start, 10))).days + 1


def test_every_variable_is_registered_and_answers(mill):
	start = get_first_day(add_months(today(), -4))
	for name, (label, _description) in supplier_scorecard.VARIABLES.items():
		variable = frappe.get_doc("Supplier Scorecard Variable", label)
		assert (variable.param_name, variable.path) == (name, supplier_scorecard.PATH + name)
		period = frappe.new_doc("Supplier Scorecard Period")
		period.update({"supplier": mill.name, "start_date": start, "end_date": get_last_day(start)})
		assert getattr(supplier_scorecard, name)(period) >= 0
	supplier_scorecard.register()
	assert frappe.db.count("Supplier Scorecard Variable", {"path": ("like", "sentia_ops%")}) == len(
		supplier_scorecard.VARIABLES
	)


def test_erpnext_finds_the_functions_in_a_process_that_never_imported_them():
	"""It looks them up as attributes of the package, which fails until somebody has imported the module."""
	code = f"""
import frappe
frappe.init(site={SITE!r}, sites_path=".")
frappe.connect()
period = frappe.new_doc("Supplier Scorecard Period")
period.append("variables", dict(variable_label="x", param_name="sentia_lines", path="sentia_ops.overrides.supplier_scorecard.sentia_lines"))
period.update(dict(supplier="Nobody at all", start_date="2026-01-01", end_date="2026-01-31"))
period.run_method("before_validate")
period.calculate_variables()
print("value", period.variables[0].value)
"""
	done = subprocess.run(
		[sys.executable, "-c", code], cwd=BENCH / "sites", capture_output=True, text=True, timeout=300
	)
	assert "value 0" in done.stdout, done.stderr[-2000:]


def test_uninstalling_is_refused_while_a_scorecard_uses_us(mill):
	supplier_scorecard.refuse_while_used()
	scorecard(mill, {"Sentia Score": 100})
	with pytest.raises(
		frappe.ValidationError, match=f"These Supplier Scorecards use measures of Sentia Ops: {mill.name}"
	):
		supplier_scorecard.refuse_while_used()


def test_unregistering_leaves_erpnexts_own_variables():
	own = frappe.db.count("Supplier Scorecard Variable", {"path": ("not like", "sentia_ops%")})
	supplier_scorecard.unregister()
	assert frappe.db.count("Supplier Scorecard Variable") == own > 0
	assert not frappe.db.exists("Supplier Scorecard Criteria", "Sentia Score")
	supplier_scorecard.register()
	assert frappe.db.exists("Supplier Scorecard Criteria", "Sentia Score")
