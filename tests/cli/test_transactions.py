"""Sales lines -> demand: which lines count, and where returns go."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.cli.transactions import SKIP_ITEMS, UNMATCHED, Rules, bring_in, net_returns
from sentia_ops.errors import SentiaError

COLUMNS = ["item_code", "date", "qty", "price", "customer", "voucher"]
MAPPING = {name: name for name in COLUMNS}
RULES = Rules(today=date(2025, 6, 30), returns_prefix="C")
DATA = Path(os.environ.get("SENTIA_DATA") or Path(__file__).parents[3] / "shared" / "data")


def lines(*rows) -> pd.DataFrame:
	return pd.DataFrame(rows, columns=COLUMNS)


def bring(*rows, rules: Rules = RULES):
	return bring_in(lines(*rows), MAPPING, rules)


def demand_of(found) -> dict:
	return {(r.item_code, f"{r.date:%m-%d}"): r.qty for r in found.demand.itertuples()}


def reasons_of(found) -> dict:
	return dict(zip(found.refused["line"], found.refused["reason"], strict=True))


def test_a_return_is_taken_off_on_the_day_of_the_sale():
	found = bring(
		("A", "2025-06-01", 10, 2.0, "ann", "1"),
		("A", "2025-06-05", 4, 2.0, "ann", "2"),
		("A", "2025-06-05", 7, 2.0, "bob", "3"),
		("A", "2025-06-09", -3, 2.0, "ann", "C4"),
	)
	assert demand_of(found) == {("A", "06-01"): 10, ("A", "06-05"): 8}  # ann's latest earlier sale, not bob's
	assert found.refused.empty
	assert found.counts["units_returned"] == found.counts["units_netted"] == 3


def test_a_cancelled_order_leaves_no_demand_even_where_a_later_sale_exists():
	found = bring(
		("A", "2025-06-01 09:15", 80995, 2.0, "ann", "1"),
		("A", "2025-06-02", 5, 2.0, "ann", "2"),
		("A", "2025-06-03", -80995, 2.0, "ann", "C3"),
	)
	assert demand_of(found) == {("A", "06-02"): 5}


def test_a_return_larger_than_the_last_sale_goes_on_to_the_one_before():
	found = bring(
		("A", "2025-06-01", 10, 2.0, "ann", "1"),
		("A", "2025-06-02", 4, 2.0, "ann", "2"),
		("A", "2025-06-03", -6, 2.0, "ann", "C3"),
	)
	assert demand_of(found) == {("A", "06-01"): 8}


def test_a_return_without_an_earlier_sale_is_set_against_a_later_one_and_the_rest_is_refused():
	found = bring(
		("A", "2025-06-01", -5, 2.0, "ann", "C1"),
		("A", "2025-06-02", 3, 2.0, "ann", "2"),
		("A", "2025-06-02", 9, 2.0, "bob", "3"),
	)
	assert demand_of(found) == {("A", "06-02"): 9}
	assert reasons_of(found) == {1: UNMATCHED}
	assert found.counts["units_netted"] == 3


def test_a_return_of_an_unknown_customer_looks_at_all_sales_of_the_item():
	found = bring(
		("A", "2025-06-01", 6, 2.0, "bob", "1"),
		("B", "2025-06-01", 6, 2.0, "bob", "1"),
		("A", "2025-06-02", -2, 2.0, None, "C2"),
	)
	assert demand_of(found) == {("A", "06-01"): 4, ("B", "06-01"): 6}


@settings(max_examples=60, deadline=None)
@given(
	st.lists(
		st.tuples(
			st.sampled_from("AB"),
			st.integers(1, 9),
			st.integers(-20, 20).filter(bool),
			st.sampled_from(["", "x", "y"]),
		),
		max_size=30,
	)
)
def test_netting_never_goes_below_zero_and_loses_no_unit(rows):
	table = pd.DataFrame(rows, columns=["item_code", "day", "qty", "customer"])
	table["date"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(table["day"], unit="D")
	table["qty"] = table["qty"].astype(float)
	sales, returns = (
		part.reset_index(drop=True) for part in (table[table["qty"] > 0], table[table["qty"] < 0])
	)
	left, unmatched = net_returns(sales, returns)
	assert (left >= 0).all() and (unmatched >= 0).all()
	assert sales["qty"].sum() - left.sum() == -returns["qty"].sum() - unmatched.sum()


def test_lines_that_are_no_sales_are_refused_with_the_reason():
	found = bring(
		("A", "2025-06-01", 1, 2.0, "ann", "1"),  # 1
		(None, "2025-06-01", 1, 2.0, "ann", "2"),  # 2
		("A", None, 1, 2.0, "ann", "3"),  # 3
		("A", "2025-06-01", "six", 2.0, "ann", "4"),  # 4
		("A", "2025-06-01", np.inf, 2.0, "ann", "5"),  # 5
		("A", "2025-07-01", 1, 2.0, "ann", "6"),  # 6
		("POST", "2025-06-01", 1, 2.0, "ann", "7"),  # 7
		("A", "2025-06-01", 1, 2.0, "ann", "1"),  # 8
		("A", "2025-06-01", 0, 2.0, "ann", "9"),  # 9
		("A", "2025-06-01", 2, 2.0, "ann", "C10"),  # 10
		("A", "2025-06-01", -2, 0.0, None, "11"),  # 11
		("A", "2025-06-01", 3, 0.0, "ann", "12"),  # 12
		("A", "2025-06-01", 3, "gift", "ann", "13"),  # 13
		("A", "2025-06-30 23:59", 1, 2.0, "ann", "14"),  # 14
	)
	words = [
		"no item",
		"no readable date",
		"not a number",
		"infinite",
		"after today",
		"not a product",
		"duplicate",
	]
	words += ["zero", "return voucher", "write-off", "zero or negative", "price is empty"]
	reasons = reasons_of(found)
	assert list(reasons) == list(range(2, 14))
	for word, reason in zip(words, reasons.values(), strict=True):
		assert word in reason
	assert demand_of(found) == {("A", "06-01"): 1, ("A", "06-30"): 1}


def test_equal_lines_are_two_sales_where_there_is_no_voucher_or_the_user_says_so():
	twice = [("A", "2025-06-01", 1, 2.0, "ann", "1")] * 2
	without = bring_in(
		lines(*twice).drop(columns="voucher"), {k: k for k in COLUMNS[:-1]}, Rules(RULES.today)
	)
	assert demand_of(without) == {("A", "06-01"): 2}
	kept = bring(*twice, rules=Rules(RULES.today, keep_duplicates=True))
	assert demand_of(kept) == {("A", "06-01"): 2}
	assert demand_of(bring(*twice)) == {("A", "06-01"): 1}


def test_without_a_prefix_a_known_customers_negative_quantity_is_a_return():
	rules = Rules(RULES.today)
	found = bring(
		("A", "2025-06-01", 5, 2.0, "ann", "1"),
		("A", "2025-06-02", -2, 2.0, "ann", "2"),
		("A", "2025-06-02", -1, 2.0, "", "3"),
		rules=rules,
	)
	assert demand_of(found) == {("A", "06-01"): 3}
	assert "write-off" in reasons_of(found)[3]


@pytest.mark.parametrize(
	"code", ["POST", "Postage", "BANK CHARGES", "AMAZONFEE", "gift_0001_20", "Samples", "VAT"]
)
def test_codes_that_are_no_products(code):
	assert list(reasons_of(bring((code, "2025-06-01", 1, 2.0, "ann", "1")))) == [1]


@pytest.mark.parametrize(
	("code", "name", "kept"),
	[
		("M", "Manual", False),
		("M", "T-shirt, medium", True),
		("DOT", "DOTCOM POSTAGE", False),
		("C2", "CARRIAGE", False),
		("B", "Adjust bad debt", False),
		("X1", "Dotcomgiftshop Gift Voucher £10.00", False),
		("X2", "GIFT BAG POSTAGE STAMPS", True),
		("X3", "SAMPLE BOX OF TEA", True),
	],
)
def test_names_that_are_no_products(code, name, kept):
	raw = lines((code, "2025-06-01", 1, 2.0, "ann", "1"), ("A", "2025-06-01", 1, 2.0, "ann", "1"))
	found = bring_in(raw.assign(name=[name, "Lamp"]), MAPPING | {"item_name": "name"}, RULES)
	assert (code in set(found.items["item_code"])) == kept


@pytest.mark.parametrize(
	"code",
	["85123A", "DCGSSBOY", "PADS", "POSTER", "MUG", "M", "B", "DESK", "SHIPMODEL-1", "DELIVERY-VAN-TOY"],
)
def test_codes_that_are_products(code):
	assert bring((code, "2025-06-01", 1, 2.0, "ann", "1")).refused.empty


def test_the_rule_for_non_products_can_be_replaced():
	found = bring(
		("POST", "2025-06-01", 1, 2.0, "a", "1"),
		("X9", "2025-06-01", 1, 2.0, "a", "1"),
		rules=Rules(RULES.today, skip_items="X.*"),
	)
	assert demand_of(found) == {("POST", "06-01"): 1}
	assert SKIP_ITEMS  # the default is documented in --help


def test_items_get_their_commonest_spelling_name_and_recent_price():
	mapping = MAPPING | {"item_name": "name"}
	raw = lines(
		("a1", "2024-01-01", 1, 99.0, "x", "1"),
		("A1", "2025-06-01", 1, 2.0, "x", "2"),
		("A1", "2025-06-02", 3, 4.0, "x", "3"),
	).assign(name=["?", "Lamp", "Lamp"])
	found = bring_in(raw, mapping, RULES)
	row = found.items.iloc[0]
	assert (row["item_code"], row["item_name"], row["selling_rate"]) == ("A1", "Lamp", pytest.approx(3.5))
	assert "1 item codes that differ only in upper and lower case" in found.notes[0]


def test_fractions_forbid_whole_number_ordering():
	found = bring(("A", "2025-06-01", 1.5, 2.0, "x", "1"), ("B", "2025-06-01", 2, 2.0, "x", "1"))
	assert found.items.set_index("item_code")["whole_number"].to_dict() == {"A": False, "B": True}


def test_day_and_month_are_never_guessed():
	with_format = Rules(RULES.today, date_format="%d/%m/%Y")
	found = bring(("A", "03/06/2025", 1, 2.0, "x", "1"), rules=with_format)
	assert demand_of(found) == {("A", "06-03"): 1}
	assert "no readable date" in reasons_of(bring(("A", "03/06/2025", 1, 2.0, "x", "1")))[1]


def test_decimal_comma():
	found = bring(("A", "2025-06-01", "1.234,5", "2,5", "x", "1"), rules=Rules(RULES.today, decimal=","))
	assert demand_of(found) == {("A", "06-01"): 1234.5}


def test_a_file_without_a_sale_is_an_error():
	from sentia_ops.cli.transactions import refuse_useless

	with pytest.raises(SentiaError, match="None of the 1 lines is a sale"):
		refuse_useless(bring(("A", "2025-06-01", -1, 2.0, "x", "C1")))


def test_a_real_retailers_year():
	"""Counts checked by hand against the file: 80,995 and 74,215 units were sold and cancelled within minutes."""
	file = DATA / "online_retail.parquet"
	if not file.exists():
		pytest.skip(f"{file.name} is not here; set SENTIA_DATA to the folder that has it")
	names = ["StockCode", "InvoiceDate", "Quantity", "UnitPrice", "CustomerID", "InvoiceNo", "Description"]
	raw = pd.read_parquet(file)
	found = bring_in(
		raw,
		dict(zip([*COLUMNS, "item_name"], names, strict=True)),
		Rules(date(2025, 1, 1), returns_prefix="C"),
	)
	refused = found.refused["reason"].str.split(" (", regex=False).str[0].value_counts().to_dict()
	counts = found.counts
	kept = raw.drop_duplicates()
	assert counts["lines"] == 541_909
	assert counts["sales"] + counts["returns"] + len(found.refused) == 541_909 + refused[UNMATCHED]
	assert refused["exact duplicate of an earlier line"] == pytest.approx(len(raw) - len(kept), abs=10)
	assert refused["negative quantity that is no customer's return"] == 1335
	assert found.demand["qty"].min() > 0
	assert found.demand["qty"].max() < 5000
	assert found.demand["qty"].sum() == counts["units_sold"] - counts["units_netted"]
	assert not set(found.items["item_code"]) & {"POST", "DOT", "M", "BANK CHARGES", "AMAZONFEE", "D", "S"}
