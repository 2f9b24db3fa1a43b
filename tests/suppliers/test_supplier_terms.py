"""Suppliers' terms: what a file may say, and who takes the orders of one that is barred."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from typer.testing import CliRunner

from sentia_ops.cli.main import app
from sentia_ops.errors import FrameError
from sentia_ops.store.frames import CURRENCIES, ITEMS
from sentia_ops.store.lake import LakeStore
from sentia_ops.suppliers.engine import odd_replacements
from sentia_ops.suppliers.formats import read_weekdays
from sentia_ops.suppliers.frames import SUPPLIER_ITEMS, SUPPLIER_TERMS


def test_a_chain_that_ends_well_needs_no_word():
	assert odd_replacements({"A": "disabled", "B": "on hold"}, {"A": "B", "B": "C"}) == []
	assert odd_replacements({"A": "disabled"}, {"A": ""}) == []
	assert odd_replacements({}, {"A": "B"}) == []


def test_a_circle_is_told_once_by_its_names():
	barred = {"A": "disabled", "B": "disabled", "X": "on hold"}
	warnings = odd_replacements(barred, {"X": "B", "B": "A", "A": "B"})
	assert len(warnings) == 1 and "(A -> B -> A)" in warnings[0]
	assert "(A -> A)" in odd_replacements({}, {"A": "A"})[0]


def test_a_chain_that_ends_at_a_barred_supplier_is_told():
	assert odd_replacements({"A": "disabled", "B": "on hold"}, {"A": "B", "B": ""}) == [
		"A may not be ordered from (disabled), nor may its replacement B (on hold): name another one, or nobody takes "
		"its orders."
	]


def test_a_long_chain():
	names = [f"S{i:05}" for i in range(300)]
	assert odd_replacements(dict.fromkeys(names[:-1], "disabled"), dict(pairwise(names))) == []


@pytest.mark.parametrize(
	("column", "text", "said"),
	[
		("order_days", "Monday", "must be weekdays like Mon,Thu"),
		("closed", "Christmas", 'must be like [{"from": "2026-12-24", "to": "2027-01-02"}]'),
		("closed", '[{"from": "2026-12-24", "to": "2026-12-01"}]', "must be like"),
		("closed", '[{"from": "24.12.2026", "to": "2026-12-01"}]', "must be like"),
		("min_order_value", -1, "must be at least 0"),
	],
)
def test_terms_that_cannot_be_read_are_refused_with_row_and_column(column, text, said):
	rows = pd.DataFrame([{"supplier": "Acme"}, {"supplier": "Beta", column: text}])
	rows[column] = rows[column].fillna({"closed": "[]", "order_days": "", "min_order_value": 0}[column])
	with pytest.raises(FrameError) as caught:
		SUPPLIER_TERMS.validate(rows)
	assert f"row 2, {column}: {said}" in str(caught.value)


@pytest.mark.parametrize(
	"breaks",
	[
		"no",
		"{}",
		'[{"qty": 5}]',
		'[{"qty": 9, "price": 1}, {"qty": 5, "price": 2}]',
		'[{"qty": 0, "price": 1}]',
	],
)
def test_price_breaks_that_cannot_be_read_are_refused(breaks):
	offer = {"supplier": "Acme", "item_code": "A", "price": 1.0, "currency": "GBP", "price_breaks": breaks}
	with pytest.raises(FrameError, match="row 1, price_breaks: must be like"):
		SUPPLIER_ITEMS.validate(pd.DataFrame([offer]))


def test_weekdays_as_people_write_them():
	assert read_weekdays("thursday, Mon") == ["Mon", "Thu"]
	assert read_weekdays("") == []
	with pytest.raises(ValueError, match="Blue is no weekday"):
		read_weekdays("Mon Blue")


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A"]}), run=run)
		store.write(CURRENCIES, pd.DataFrame({"currency": ["GBP"], "rate": [1.0]}), run=run)
	return store


def imported(lake: LakeStore, frame: str, text: str):
	file = lake.path / f"{frame}.csv"
	file.write_text(text)
	return CliRunner().invoke(app, ["--lake", str(lake.path), "import", "frame", frame, str(file)])


def test_a_file_of_terms_is_imported(lake):
	text = """supplier,min_order_value,order_days,closed,barred,replaced_by
Acme,500,"Mon,Thu","[{""from"": ""2026-12-24"", ""to"": ""2027-01-02""}]",,
Beta,,,,disabled,Acme
"""
	assert imported(lake, "supplier_terms", text).exit_code == 0
	rows = lake.read(SUPPLIER_TERMS).set_index("supplier")
	assert rows.loc["Acme", ["min_order_value", "order_days"]].tolist() == [500.0, "Mon,Thu"]
	assert rows.loc["Beta", ["min_order_value", "closed", "barred", "replaced_by"]].tolist() == [
		0.0,
		"[]",
		"disabled",
		"Acme",
	]


def test_an_offer_in_a_currency_without_a_rate_is_refused_by_name(lake):
	said = imported(lake, "supplier_items", "supplier,item_code,price,currency\nAcme,A,900,JPY\n")
	assert said.exit_code != 0
	assert "row 1, currency: does not exist in table currencies (found 'JPY')" in str(said.exception)


def test_an_offer_without_a_price_is_kept_as_one_nobody_can_order_from(lake):
	assert (
		imported(lake, "supplier_items", "supplier,item_code,price,currency\nAcme,A,0,GBP\n").exit_code == 0
	)
	assert lake.read(SUPPLIER_ITEMS)["price"].tolist() == [0.0]
