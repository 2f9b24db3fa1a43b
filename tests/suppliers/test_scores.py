"""Scores by hand: every figure here can be checked with a pocket calculator."""

from __future__ import annotations

import json
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sentia_ops.suppliers import scoring
from sentia_ops.suppliers.frames import (
	INSPECTIONS,
	QUOTATIONS,
	RECEIPTS,
	SUPPLIER_ITEMS,
	SUPPLIER_PERFORMANCE,
	SUPPLIER_SCORES,
)
from sentia_ops.suppliers.scoring import history, verdict
from sentia_ops.suppliers.scoring import statistics as st
from sentia_ops.suppliers.scoring.lines import judge

TODAY = date(2026, 6, 15)


def line(
	name: str,
	ordered: str,
	promised: str | None,
	*parts,
	qty=10.0,
	supplier="Acme",
	item="A",
	rate=2.0,
	open_=False,
):
	"""Rows of one order line; parts are (received, qty) or (received, qty, rejected)."""
	base = {"order_line": name, "supplier": supplier, "item_code": item, "ordered_on": ordered, "promised_on": promised,
		"qty_ordered": qty, "rate": rate}  # fmt: skip
	rows = [
		base
		| {"part": i, "received_on": p[0], "qty_received": p[1], "qty_rejected": p[2] if len(p) > 2 else 0.0}
		for i, p in enumerate(parts)
	]
	if open_:
		rows.append(
			base | {"part": len(parts), "received_on": None, "qty_received": 0.0, "qty_rejected": 0.0}
		)
	return rows


def frame(rows) -> pd.DataFrame:
	table = pd.DataFrame(rows) if rows else RECEIPTS.empty()
	for column in ("ordered_on", "promised_on", "received_on"):
		table[column] = pd.to_datetime(table[column])
	return RECEIPTS.validate(table, today=TODAY) if len(table) else table


def facts(lines=(), offers=(), quotations=(), inspections=(), rates=None, barred=None) -> scoring.Facts:
	def table(spec, rows):
		return spec.validate(pd.DataFrame(rows), today=TODAY) if rows else spec.empty()

	return scoring.Facts(
		frame([row for rows in lines for row in rows]), table(SUPPLIER_ITEMS, list(offers)), table(QUOTATIONS, list(quotations)),
		table(INSPECTIONS, list(inspections)), rates or {"GBP": 1.0}, barred or {},
	)  # fmt: skip


def scored(**given) -> dict:
	found = scoring.score(facts(**given), as_of=TODAY)
	SUPPLIER_PERFORMANCE.validate(found.suppliers)
	if len(found.months):
		SUPPLIER_SCORES.validate(found.months)
	return found.suppliers.set_index("supplier").to_dict("index")


def offer(supplier: str, item: str, price: float, currency: str = "GBP") -> dict:
	return {
		"supplier": supplier,
		"item_code": item,
		"price": price,
		"currency": currency,
		"promised_lead_days": None,
	}


# lines


def test_a_line_in_parts_counts_by_quantity_and_an_open_rest_is_late_so_far():
	due = judge(
		frame(
			line("early", "2026-05-01", "2026-05-10", ("2026-05-05", 10))
			+ line("late", "2026-05-01", "2026-05-10", ("2026-05-14", 10))
			+ line("parts", "2026-05-01", "2026-05-10", ("2026-05-10", 6), ("2026-05-15", 4))
			+ line("half open", "2026-05-01", "2026-05-10", ("2026-05-09", 5), open_=True)
			+ line("open", "2026-05-01", "2026-06-05", open_=True)
			+ line("not due", "2026-06-01", "2026-06-15", open_=True)
			+ line("unpromised", "2026-05-01", None, ("2026-05-05", 10))
			+ line("closed short", "2026-05-01", "2026-05-10", ("2026-05-10", 8))
		),
		pd.Timestamp(TODAY),
	).due.set_index("order_line")
	assert due["on_time"].to_dict() == {
		"early": 1, "late": 0, "parts": pytest.approx(0.6), "half open": 0.5, "open": 0, "closed short": 1,
	}  # fmt: skip
	# 10 May to 15 June are 36 days, of half the quantity; 5 to 15 June are 10
	assert due["days_late"].to_dict() == {
		"early": 0, "late": 4, "parts": pytest.approx(2.0), "half open": 18, "open": 10, "closed short": 0,
	}  # fmt: skip
	assert due.loc["early", "complete_late"] == -5 and due.loc["half open", "complete_late"] == 36


def test_what_comes_on_the_day_itself_or_later_is_still_open():
	rows = frame(line("today", "2026-06-01", "2026-06-10", ("2026-06-15", 10)))
	due = judge(rows, pd.Timestamp(TODAY)).due
	assert due["open"].tolist() == [True] and due["days_late"].tolist() == [5]


def test_in_full_is_about_the_first_delivery():
	first = judge(
		frame(
			line("whole", "2026-05-01", "2026-05-10", ("2026-05-20", 10))
			+ line("two lorries a day", "2026-05-01", "2026-05-10", ("2026-05-09", 4), ("2026-05-09", 6))
			+ line("parts", "2026-05-01", "2026-05-10", ("2026-05-09", 4), ("2026-05-10", 6))
		),
		pd.Timestamp(TODAY),
	).first.set_index("order_line")
	assert first["in_full"].to_dict() == {"whole": 1, "two lorries a day": 1, "parts": 0}


def test_receipts_before_their_order_are_left_out_and_told():
	row = scored(lines=[line("odd", "2026-05-10", "2026-05-20", ("2026-05-01", 10))])["Acme"]
	assert row["on_time"] is None and row["score"] is None and row["risk"] == "no data"
	assert "1 deliveries dated before their order were left out" in row["note"]


# figures


def lines_of(supplier: str, on_time: int, late: int, days: int = 3) -> list:
	"""So many lines of orders on different days, all due in May 2026."""
	made = []
	for i in range(on_time + late):
		arrives = f"2026-05-{20 + (0 if i < on_time else days):02d}"
		made.append(
			line(f"{supplier}-{i}", f"2026-03-{i + 1:02d}", "2026-05-20", (arrives, 10), supplier=supplier)
		)
	return made


def test_the_arithmetic_of_a_share_is_as_printed():
	row = scored(lines=lines_of("Acme", 6, 2))["Acme"]
	assert row["on_time"] == 0.75 and row["on_time_n"] == 8 and row["days_late"] == 0.75
	on_time = json.loads(row["measures"])[0]
	# one supplier is its own average: 75 % stay 75 %; Wilson: (0.75 + 3.8415/16 -+ ...) / (1 + 3.8415/8)
	assert (on_time["low"], on_time["high"]) == (
		pytest.approx(0.4093, abs=1e-4),
		pytest.approx(0.9285, abs=1e-4),
	)
	assert on_time["points"] == pytest.approx(75)
	assert "75.0 % of 8 order lines due (95 % sure: 40.9 % to 92.9 %)" in on_time["text"]


def test_few_lines_are_drawn_to_the_average_supplier():
	rows = scored(lines=[*lines_of("Lucky", 1, 0), *lines_of("Steady", 10, 10)])
	lucky = json.loads(rows["Lucky"]["measures"])[0]
	# the average supplier: 1 line weighs 1/6, 20 lines 20/25: (1 x 1/6 + 0.5 x 0.8) / (1/6 + 0.8)
	average = (1 / 6 + 0.4) / (1 / 6 + 0.8)
	assert lucky["company"] == pytest.approx(average, abs=1e-5)
	assert lucky["shrunk"] == pytest.approx((1 + 5 * average) / 6, abs=1e-5)
	assert rows["Lucky"]["on_time"] == 1.0 and lucky["points"] < 70
	assert rows["Lucky"]["confidence"] == "low"


def test_lines_of_one_order_count_less_than_lines_of_many():
	together = [
		line(f"{o}-{i}", f"2026-03-{o + 1:02d}", "2026-05-20", ("2026-05-20" if o % 2 else "2026-05-27", 10))
		for o in range(10)
		for i in range(10)
	]
	measure = json.loads(scored(lines=together)["Acme"]["measures"])[0]
	assert (
		measure["n"] == 100 and measure["worth_n"] == pytest.approx(10, abs=0.1) and measure["clusters"] == 10
	)
	assert "in 10 groups that share their fate, worth 10" in measure["text"]


def test_the_score_is_the_weighted_sum_of_the_points_and_only_over_what_has_data():
	row = scored(lines=lines_of("Acme", 6, 2))["Acme"]
	measures = [m for m in json.loads(row["measures"]) if m["n"]]
	assert [m["measure"] for m in measures] == ["on_time", "days_late", "in_full", "accepted"]
	# weights 25, 10, 15, 20 of 70
	assert [m["weight"] for m in measures] == [35.7, 14.3, 21.4, 28.6]
	assert row["score"] == pytest.approx((25 * 75 + 10 * 92.5 + 15 * 100 + 20 * 100) / 70, abs=0.05)
	assert row["score_low"] < row["score"] < row["score_high"]
	assert "no data: inspections passed, price against the market" in row["note"]


def test_no_score_from_prices_alone():
	row = scored(offers=[offer("Acme", "A", 2.0), offer("Beta", "A", 1.0)])["Acme"]
	assert row["price_market"] == 2.0 and row["score"] is None and row["risk"] == "no data"
	assert "no score: what was measured weighs 10 of 100" in row["note"]


@pytest.mark.parametrize(
	"given",
	[
		{"offers": [offer("Acme", "A", 1.0)]},
		{"lines": [line("future", "2026-06-01", "2026-07-01", open_=True)]},
		{"lines": [line("old", "2024-01-01", "2024-01-05", ("2024-01-05", 10))]},
	],
	ids=["no orders", "only open and not due", "only old"],
)
def test_no_data_is_neither_0_nor_100(given):
	row = scored(**given)["Acme"]
	assert row["score"] is None and row["on_time"] is None and row["confidence"] == ""
	assert row["risk"] == "no data" and row["recommendation"].startswith("No data")


def test_only_open_overdue_lines_are_late_not_missing():
	row = scored(lines=[line(f"o{i}", f"2026-05-0{i + 1}", "2026-05-16", open_=True) for i in range(4)])[
		"Acme"
	]
	assert row["on_time"] == 0 and row["on_time_n"] == 4 and row["days_late"] == 30
	assert row["in_full"] is None and row["overdue_lines"] == 4 and row["overdue_days"] == 30
	assert row["risk"] != "no data" and "4 lines are overdue, the oldest by 30 days" in row["recommendation"]


def test_quality_counts_rejections_and_inspections():
	inspected = [
		{"inspection": f"QI{i}", "supplier": "Acme", "item_code": "A", "inspected_on": pd.Timestamp("2026-05-01"), "accepted": i > 0}
		for i in range(4)
	]  # fmt: skip
	lines = [
		line("a", "2026-05-01", "2026-05-09", ("2026-05-08", 10, 1)),
		line("b", "2026-05-02", "2026-05-09", ("2026-05-08", 10, 0)),
	]
	row = scored(lines=lines, inspections=inspected)["Acme"]
	assert row["accepted"] == pytest.approx(0.95) and row["accepted_n"] == 2
	assert row["inspected"] == 0.75 and row["inspected_n"] == 4


def test_response_counts_what_is_not_answered_as_waited_so_far():
	def asked(request, days_ago, answered_after):
		on = pd.Timestamp(TODAY) - pd.Timedelta(days=days_ago)
		reply = on + pd.Timedelta(days=answered_after) if answered_after is not None else pd.NaT
		return {
			"request": request,
			"supplier": "Acme",
			"item_code": "A",
			"asked_on": on,
			"answered_on": reply,
		}

	row = scored(quotations=[asked("R1", 40, 2), asked("R2", 30, 4), asked("R3", 12, None)])["Acme"]
	assert row["response_days"] == 6 and row["response_days_n"] == 3


# prices


def test_price_against_the_market_converts_currencies_and_weighs_by_value():
	lines = [
		line("a", "2026-05-04", "2026-05-10", ("2026-05-10", 10), rate=3.0),
		line("b", "2026-05-04", "2026-05-10", ("2026-05-10", 100), qty=100.0, item="B", rate=1.0),
	]
	offers = [
		offer("Euro", "A", 2.5, "EUR"),
		offer("Dollar", "A", 5.0, "USD"),
		offer("Euro", "B", 1.25, "EUR"),
	]
	row = scored(lines=lines, offers=offers, rates={"GBP": 1.0, "EUR": 0.8, "USD": 0.8})["Acme"]
	# A: median of 2 and 4 is 3, B: 1; paid 130 for what costs 130
	assert row["price_market"] == pytest.approx(130 / 130) and row["price_market_n"] == 2


def test_an_offer_in_a_currency_without_a_rate_is_not_compared_and_named():
	found = scoring.score(
		facts(lines=[line("a", "2026-05-04", "2026-05-10", ("2026-05-10", 10))], offers=[offer("Euro", "A", 2.5, "EUR")]), as_of=TODAY
	)  # fmt: skip
	assert found.unknown_currencies == ["EUR"]
	assert found.suppliers.set_index("supplier").loc["Acme", "price_market"] is None


def test_price_against_last_year_is_the_same_item_a_year_before():
	lines = [
		line("then", "2025-05-10", "2025-05-20", ("2025-05-20", 10), rate=2.0),
		line("now", "2026-05-05", "2026-05-15", ("2026-05-15", 10), rate=2.2),
		line("new", "2026-05-05", "2026-05-15", ("2026-05-15", 10), rate=9.0, item="B"),
	]
	row = scored(lines=lines)["Acme"]
	assert row["price_year"] == pytest.approx(1.1) and row["price_year_n"] == 1


# time


def months(values, n=20, measure="on_time", supplier="Acme", scatter=0.3) -> pd.DataFrame:
	rows = [
		{"supplier": supplier, "measure": measure, "month": pd.Timestamp("2024-07-01") + pd.DateOffset(months=i), "n": n,
		 "value": value, "std": scatter, "history": float(np.nanmean(values)), "scatter": scatter}
		for i, value in enumerate(values)
		if not np.isnan(value)
	]  # fmt: skip
	return pd.DataFrame(rows)


def test_mann_kendall_by_hand():
	# ranks 2 1 3 5 4: of ten pairs eight rise and two fall, S = 6, variance 5 x 4 x 15 / 18, z = 5 / 4.0825
	slope, p = st.mann_kendall(np.array([2.0, 1.0, 3.0, 5.0, 4.0]))
	assert (
		p
		== pytest.approx(math.erfc(5 / math.sqrt(300 / 18) / math.sqrt(2)))
		== pytest.approx(0.2207, abs=1e-4)
	)
	# slopes of the pairs: -1, 1/2, 1, 1/2, 2, 2, 1, 2, 1/2, -1; their median lies between 1/2 and 1
	assert slope == 0.75
	assert st.mann_kendall(np.arange(10.0)) == (1.0, pytest.approx(8.3e-05, rel=0.02))
	assert st.mann_kendall(np.ones(10))[1] == 1.0


def test_mann_kendall_keeps_the_distance_of_missing_months():
	slope, _p = st.mann_kendall(np.array([0.0, np.nan, 2.0, np.nan, np.nan, 5.0]))
	assert slope == 1.0


def test_holm():
	assert st.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_falling_share_is_a_trend_and_noise_is_not():
	assert history.trends(months(np.linspace(0.9, 0.4, 12)))["Acme"]["on_time"]["way"] == "worse"
	assert history.trends(months(np.linspace(0.4, 0.9, 12)))["Acme"]["on_time"]["way"] == "better"
	assert history.trends(months(np.linspace(0.80, 0.805, 12)))["Acme"]["on_time"]["way"] == "steady", (
		"immaterial"
	)
	assert history.trends(months([0.9, 0.5, 0.4])) == {}, "too short"


def test_trends_in_pure_noise_are_rare():
	rng = np.random.default_rng(7)
	rows = pd.concat([months(rng.binomial(20, 0.8, 24) / 20, supplier=f"S{i}") for i in range(400)])
	ways = [found["on_time"]["way"] for found in history.trends(rows).values()]
	assert sum(way != "steady" for way in ways) <= 12, "1 % of 400, and chance"


def test_a_month_far_off_is_told_with_its_arithmetic():
	values = [0.8, 0.85, 0.8, 0.75, 0.8, 0.2, 0.85, 0.8, 0.75]
	(found,) = history.anomalies(months(values))
	assert found["month"] == pd.Timestamp("2024-12-01") and found["worse"]
	# around it: median 0.8, MAD 0.025; scatter max(0.3, sqrt(0.25 x 0.75) = 0.433): sqrt(0.0371^2 + 0.433^2 / 20) = 0.1037
	assert found["z"] == pytest.approx(
		(0.2 - 0.8) / np.hypot(1.4826 * 0.025, np.sqrt(0.25 * 0.75 / 20)), abs=1e-6
	)
	assert found["text"].startswith(
		"On time 20.0 %, 20 order lines due, around it 80.0 %: (20.0 % - 80.0 %) /"
	)


def test_anomalies_in_pure_noise_and_in_a_steady_trend_are_rare():
	rng = np.random.default_rng(3)
	rows = pd.concat([months(rng.binomial(20, 0.9, 24) / 20, supplier=f"S{i}") for i in range(100)])
	assert len(history.anomalies(rows)) <= 10, "of 2,400 months"
	assert history.anomalies(months(np.linspace(0.95, 0.05, 24))) == []


# verdicts


def test_a_barred_supplier_is_said_first():
	row = scored(lines=lines_of("Acme", 8, 0), barred={"Acme": "disabled in ERPNext"})["Acme"]
	assert row["recommendation"].startswith("No order may be placed: disabled in ERPNext.")
	assert "barred: disabled in ERPNext" in row["note"]


def test_faults_need_certainty():
	few = scored(lines=lines_of("Acme", 0, 2, days=5))["Acme"]
	many = scored(lines=lines_of("Acme", 0, 25, days=5))["Acme"]
	assert (
		few["findings"] == "late" and few["confidence"] == "low"
	)  # five days each time: sure to be over 1.5
	mixed = scored(lines=lines_of("Acme", 3, 2, days=5))["Acme"]
	assert mixed["findings"] == "", "2 of 5 late may be bad luck"
	assert many["findings"] == "late" and "Plan with 5 days more than promised" in many["recommendation"]
	assert many["risk"] == "medium" or many["risk"] == "high"


def test_weights_add_up_and_neutral_values_are_worth_50_points():
	assert sum(m.weight for m in scoring.MEASURES) == 100
	assert [m.worth(m.neutral) for m in scoring.MEASURES] == pytest.approx([50] * len(scoring.MEASURES))


def test_an_empty_company_has_no_suppliers():
	found = scoring.score(facts(), as_of=TODAY)
	assert found.suppliers.empty and found.months.empty and found.without_data == []


def test_quantiles_of_lateness_need_ten_lines():
	assert scored(lines=lines_of("Acme", 4, 5))["Acme"]["late_p90"] is None
	assert scored(lines=lines_of("Acme", 5, 5))["Acme"]["late_p90"] == 3
	assert verdict.MIN_TENTHS == 10
