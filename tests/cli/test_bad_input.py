"""Bad input: what, where and what next on stderr, exit code 2, no traceback, and the earlier results still there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sentia_ops.replenishment.frames import STOCK
from sentia_ops.store.lake import LakeStore

HEADING = "item,day,units,paid\n"
GOOD = HEADING + "LAMP,2025-05-01,3,2.50\n"
MAP = ["--map", "item_code=item", "--map", "date=day", "--map", "qty=units", "--map", "price=paid"]


def snapshot(store: LakeStore) -> dict:
	return {name: file.read_bytes() for name, file in store.files().items()}


@pytest.fixture
def refused(sentia, masters, tmp_path):
	"""Run a command that must be refused; answers its one error message."""

	def call(*words, status: int = 2) -> str:
		before = snapshot(masters)
		done = sentia("--lake", tmp_path / "lake", *words)
		assert done.code == status, done.err
		assert "Traceback" not in done.err and done.out == ""
		assert snapshot(LakeStore(tmp_path / "lake")) == before
		return " ".join(done.err.split())

	return call


def write(path, content: str | bytes):
	path.write_bytes(content if isinstance(content, bytes) else content.encode())
	return path


def parquet_bytes(tmp_path) -> bytes:
	pd.DataFrame({"item": ["LAMP"] * 999, "day": "2025-05-01", "units": range(999)}).to_parquet(
		tmp_path / "x.parquet"
	)
	return (tmp_path / "x.parquet").read_bytes()


@pytest.mark.parametrize(
	("name", "content", "words"),
	[
		("sales.csv", "", "sales.csv is empty"),
		("sales.csv", " \n\n", "sales.csv is empty"),
		("sales.parquet", "", "sales.parquet is empty"),
		("sales.csv", HEADING, "has column headings but no rows"),
		("sales.xlsx", b"PK\x03\x04...", "files ending in .xlsx cannot be read. Save it as CSV"),
		("sales.csv", b"PK\x03\x04...", "is a spreadsheet or zip file, not text"),
		("sales.csv", b"\x89\x00\x01\xff" * 50, "is not a text file"),
		("sales.parquet", GOOD, "is not a Parquet file, whatever its name says"),
		("sales.csv", GOOD + "CHAIR,2025-", "is cut off: its last line has 2 of 4 fields"),
		("sales.csv", GOOD + '"CHAIR,2025-05-02,1,2\n', "is not a regular table"),
		("sales.csv", GOOD + "CHAIR,2025-05-02,1,2,9,9\n", "Expected 4 fields in line 3, saw 6"),
	],
)
def test_files_that_are_no_tables(refused, tmp_path, name, content, words):
	assert words in refused("import", "transactions", write(tmp_path / name, content), *MAP)


def test_truncated_parquet(refused, tmp_path):
	whole = parquet_bytes(tmp_path)
	for share in (0.3, 0.9):
		file = write(tmp_path / "cut.parquet", whole[: int(len(whole) * share)])
		assert "cut.parquet is a damaged Parquet file: cut off" in refused(
			"import", "transactions", file, *MAP
		)


def test_parquet_called_csv(refused, tmp_path):
	file = write(tmp_path / "sales.csv", parquet_bytes(tmp_path))
	assert "sales.csv is a Parquet file, not text" in refused("import", "transactions", file, *MAP)


def test_no_such_file_and_a_folder(refused, tmp_path):
	assert "nosuch.csv does not exist" in refused("import", "transactions", "nosuch.csv", *MAP)
	assert "is a folder, not a file" in refused("import", "transactions", tmp_path, *MAP)


def test_mapping_errors_name_what_exists_and_what_was_probably_meant(refused, tmp_path):
	file = write(tmp_path / "sales.csv", GOOD)
	text = refused("import", "transactions", file, "--map", "qty=Unit")
	assert (
		"no column Unit (for qty). Did you mean units? Columns in the file: item, day, units, paid." in text
	)
	text = refused("import", "transactions", file, "--map", "quantity=units")
	assert "quantity is no target. Did you mean qty? Targets: item_code, date, qty" in text
	text = refused("import", "transactions", file, "--map", "qty=units")
	assert "No column is mapped to item_code, date. Add --map item_code=COLUMN." in text
	assert "not of the form TARGET=COLUMN" in refused("import", "transactions", file, "--map", "qty")
	assert "qty is given twice" in refused("import", "transactions", file, *MAP, "--map", "qty=paid")
	assert "--returns-prefix needs the vouchers" in refused(
		"import", "transactions", file, *MAP, "--returns-prefix", "C"
	)
	assert "not a regular expression" in refused("import", "transactions", file, *MAP, "--skip-items", "(")


def test_unknown_currency_and_one_without_a_rate(refused, tmp_path):
	file = write(tmp_path / "sales.csv", GOOD)
	assert "Unknown currency GPB" in refused("import", "transactions", file, *MAP, "--currency", "GPB")
	text = refused("import", "transactions", file, *MAP, "--currency", "USD")
	assert "The lake has no rate for USD. It knows EUR, GBP" in text


def test_dates_that_are_not_iso_ask_for_their_format(refused, tmp_path):
	file = write(tmp_path / "sales.csv", HEADING + "LAMP,03/04/2025,3,2.50\nLAMP,04/04/2025,3,2.50\n")
	text = refused("import", "transactions", file, *MAP)
	assert "2 of 2 lines have no readable date" in text and "--date-format" in text


def test_nothing_but_future_sales(refused, tmp_path):
	file = write(tmp_path / "sales.csv", HEADING + "LAMP,2099-01-01,3,2.50\n")
	assert "None of the 1 lines is a sale (date lies after today" in refused(
		"import", "transactions", file, *MAP
	)


def test_bad_lines_are_refused_and_kept_for_inspection_the_others_come_in(sentia, masters, tmp_path):
	rows = [
		"LAMP,2025-05-02,six,2.5",
		"LAMP,2025-05-02,NaN,2.5",
		"LAMP,2025-05-02,inf,2.5",
		"LAMP,2099-05-02,1,2.5",
	]
	file = write(tmp_path / "sales.csv", GOOD + "\n".join(rows) + "\n")
	done = sentia("--lake", tmp_path / "lake", "--json", "import", "transactions", file, *MAP)
	assert done.code == 1 and "Traceback" not in done.err
	refused = done.json["refused"]
	assert refused["quantity is empty or not a number"] == 2
	assert refused["quantity is infinite"] == 1
	assert sum(refused.values()) == 4
	assert done.json["counts"]["sales"] == 1
	kept = pd.read_csv(tmp_path / "lake" / "refused" / f"{done.json['run']}.csv")
	assert kept["line"].tolist() == [2, 3, 4, 5] and kept["day"].tolist()[-1] == "2099-05-02"
	assert "quantity is infinite" in done.err


def test_duplicate_lines_are_refused_where_there_is_a_voucher(sentia, tmp_path):
	text = "item,day,units,paid,bill\n" + "LAMP,2025-05-01,3,2.50,B1\n" * 3
	words = [*MAP, "--map", "voucher=bill"]
	done = sentia("--lake", "l", "--json", "import", "transactions", write(tmp_path / "s.csv", text), *words)
	assert done.code == 1 and list(done.json["refused"].values()) == [2]


def test_windows_text_is_read_and_said(sentia, tmp_path):
	file = write(tmp_path / "sales.csv", (HEADING + "CAFÉ,2025-05-01,3,2.50\n").encode("cp1252"))
	done = sentia("--lake", "l", "import", "transactions", file, *MAP, "--currency", "EUR")
	assert done.code == 0
	assert "not valid UTF-8 (first at line 2); it was read as Windows-1252" in " ".join(done.err.split())
	assert "CAFÉ" in sentia("--lake", "l", "show", "items").out


def test_importing_twice_doubles_nothing_and_append_keeps_other_days(sentia, tmp_path):
	first = write(tmp_path / "may.csv", GOOD + "LAMP,2025-05-03,1,2.50\n")
	second = write(tmp_path / "june.csv", HEADING + "LAMP,2025-06-01,7,2.50\n")
	for _ in range(2):
		assert sentia("--lake", "l", "import", "transactions", first, *MAP).code == 0
	assert demand(sentia) == {"2025-05-01": 3, "2025-05-03": 1}
	assert sentia("--lake", "l", "import", "transactions", second, *MAP, "--append").code == 0
	assert demand(sentia) == {"2025-05-01": 3, "2025-05-03": 1, "2025-06-01": 7}
	done = sentia("--lake", "l", "import", "transactions", second, *MAP)
	assert "2 rows of demand on days that this file does not cover" in " ".join(done.err.split())
	assert demand(sentia) == {"2025-06-01": 7}


def demand(sentia) -> dict:
	return {row["date"]: row["qty"] for row in sentia("--lake", "l", "--json", "show", "demand").json}


def test_a_second_shop_keeps_what_the_file_does_not_tell(sentia, masters, tmp_path):
	file = write(tmp_path / "sales.csv", "item,day,units,paid\nLAMP,2025-05-01,2,10\nSOFA,2025-05-01,1,5\n")
	words = ["--lake", "lake", "import", "transactions", file, *MAP, "--currency", "eur", "--warehouse", "EU"]
	assert sentia(*words).code == 0
	rows = {r["item_code"]: r for r in sentia("--lake", "lake", "--json", "show", "items").json}
	assert set(rows) == {"LAMP", "CHAIR", "DESK", "SOFA"}
	assert "Lamp" in rows["LAMP"]["item_name"] and rows["LAMP"]["selling_rate"] == pytest.approx(8.5)
	assert rows["SOFA"]["is_purchased"] is True


@pytest.mark.parametrize(
	("rows", "words"),
	[
		("LAMP,UK,-5\n", "Table stock: row 1, on_hand: must be at least 0 (found -5"),
		("LAMP,UK,5\nLAMP,Mars,5\n", "row 2, warehouse: does not exist in table warehouses (found 'Mars')"),
		("SOFA,UK,5\n", "row 1, item_code: does not exist in table items (found 'SOFA')"),
		(
			"LAMP,UK,5\nCHAIR,UK,5\nLAMP,UK,6\n",
			"row 3, item_code+warehouse: same key as row 1 (found 'LAMP, UK')",
		),
		("LAMP,UK,many\n", "row 1, on_hand: must be a number (found 'many')"),
		("LAMP,UK,inf\n", "row 1, on_hand: must be a finite number"),
		("LAMP,UK,NaN\n", "row 1, on_hand: must not be empty"),
		(",UK,3\n", "row 1, item_code: must not be empty"),
	],
)
def test_stock_that_cannot_be(refused, tmp_path, rows, words):
	file = write(tmp_path / "stock.csv", "item_code,warehouse,on_hand\n" + rows)
	assert words in refused("import", "frame", "stock", file)


def test_a_frame_without_a_column_it_needs(refused, tmp_path):
	file = write(tmp_path / "stock.csv", "item_code,warehouse,quantity\nLAMP,UK,3\n")
	text = refused("import", "frame", "stock", file)
	assert "on_hand: this column is missing" in text
	assert "Columns found: item_code, warehouse, quantity" in text


def test_bad_frames_from_parquet(refused, tmp_path):
	rows = pd.DataFrame({"item_code": ["LAMP"], "warehouse": ["UK"], "on_hand": [np.inf]})
	rows.to_parquet(tmp_path / "stock.parquet")
	assert "must be a finite number" in refused("import", "frame", "stock", tmp_path / "stock.parquet")


def test_future_receipts_unknown_currencies_and_tables(refused, tmp_path):
	file = write(tmp_path / "c.csv", "currency,rate\nGBP,1\nXXQ,2\n")
	assert "row 2, currency: not an ISO 4217 currency (found 'XXQ')" in refused(
		"import", "frame", "currencies", file
	)
	file = write(tmp_path / "d.csv", "item_code,warehouse,date,qty\nLAMP,UK,2099-01-01,2\n")
	assert "row 1, date: lies after today" in refused("import", "frame", "demand", file)
	assert "no table stok to import. Did you mean stock?" in refused("import", "frame", "stok", file)
	assert "no table runs to import" in refused("import", "frame", "runs", file)


def test_true_and_false_in_a_csv(sentia, masters, tmp_path):
	file = write(
		tmp_path / "i.csv", "item_code,is_purchased,is_made,colour\nLAMP,False,yes,red\nCHAIR,1,,blue\n"
	)
	done = sentia("--lake", "lake", "import", "frame", "items", file)
	assert done.code == 0 and "items: 2 rows written (before: 3)" in done.out
	assert "Columns left aside, since table items has none such: colour." in done.err
	rows = sentia("--lake", "lake", "--json", "show", "items").json
	assert [(r["is_purchased"], r["is_made"]) for r in rows] == [(False, True), (True, False)]
	file = write(tmp_path / "i.csv", "item_code,is_purchased\nLAMP,perhaps\n")
	assert (
		"must be true or false (found 'perhaps')"
		in sentia("--lake", "lake", "import", "frame", "items", file).err
	)


def test_stock_comes_in(sentia, masters, tmp_path):
	file = write(tmp_path / "stock.csv", "item_code;warehouse;on_hand\nLAMP;EU;7\n")
	assert sentia("--lake", "lake", "import", "frame", "stock", file).code == 0
	assert masters.read(STOCK)["on_hand"].tolist() == [7.0]


def test_lakes_that_are_none(sentia, tmp_path):
	(tmp_path / "file").write_text("x")
	for words in (["plan"], ["show", "items"], ["tables"], ["report"], ["reorder"], ["forecast"]):
		done = sentia("--lake", "file", *words)
		assert done.code == 2 and "file is a file, not a folder" in done.err and "Traceback" not in done.err
		done = sentia("--lake", "nowhere", *words)
		assert done.code == 2 and "There is no lake at nowhere" in done.err
		assert not (tmp_path / "nowhere").exists()


def test_wrong_use(sentia, masters):
	assert sentia("nonsense").code == 2
	assert sentia("--lake", "lake", "show", "stok").err.startswith(
		"Error: There is no table stok.\nDid you mean stock?"
	)
	assert "has no column onhand" in sentia("--lake", "lake", "show", "stock", "--where", "onhand=1").err
	assert "not of the form column=value" in sentia("--lake", "lake", "show", "stock", "--where", "x").err


def test_errors_for_machines(sentia):
	done = sentia("--lake", "nowhere", "--json", "tables")
	assert done.code == 2
	assert done.json["error"]["message"] == "There is no lake at nowhere."
	assert "sentia-ops demo" in done.json["error"]["hint"]
