"""`sentia-ops suppliers`: scores, one supplier's arithmetic, the suppliers of one item."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from handmade import AS_OF

from sentia_ops.store.lake import LakeStore
from sentia_ops.suppliers.frames import RECEIPTS, SUPPLIER_ITEMS

DAY = timedelta(days=1)


@pytest.fixture
def delivered(masters) -> LakeStore:
	"""Acme delivered eight lines of LAMP, two of them five days late; Idle only offers it."""
	rows = [
		{"order_line": f"L{i}", "supplier": "Acme", "item_code": "LAMP", "ordered_on": AS_OF - (60 + i) * DAY,
		 "promised_on": AS_OF - 40 * DAY, "received_on": AS_OF - (35 if i < 2 else 40) * DAY, "qty_ordered": 10.0,
		 "qty_received": 10.0, "rate": 2.0}
		for i in range(8)
	]  # fmt: skip
	offers = [{"supplier": s, "item_code": "LAMP", "price": p, "currency": "GBP", "promised_lead_days": 5.0} for s, p in (("Acme", 2.0), ("Idle", 3.0))]  # fmt: skip
	with masters.run("import") as run:
		masters.write(RECEIPTS, pd.DataFrame(rows), run=run)
		masters.write(SUPPLIER_ITEMS, pd.DataFrame(offers), run=run)
	return masters


@pytest.fixture
def scored(sentia, delivered) -> LakeStore:
	done = sentia("--lake", delivered.path, "plan", "--only", "suppliers", "--as-of", f"{AS_OF:%Y-%m-%d}")
	assert done.code == 0, done.out
	return delivered


def test_a_table_with_numbers_of_observations(sentia, scored):
	done = sentia("--lake", scored.path, "suppliers")
	assert done.code == 0 and "75.0%" in done.out and "(8)" in done.out
	found = {row["supplier"]: row for row in sentia("--lake", scored.path, "--json", "suppliers").json}
	assert found["Acme"]["on_time"] == 0.75 and found["Acme"]["days_late"] == 1.25
	assert found["Idle"]["score"] is None and found["Idle"]["risk"] == "no data"


def test_one_supplier_with_the_arithmetic(sentia, scored):
	found = sentia("--lake", scored.path, "--json", "suppliers", "--supplier", "Acme").json
	assert found["measures"][0]["text"].startswith("75.0 % of 8 order lines due")
	wrong = sentia("--lake", scored.path, "suppliers", "--supplier", "Acne")
	assert wrong.code == 2 and "Did you mean Acme?" in wrong.err


def test_the_suppliers_of_an_item(sentia, scored):
	done = sentia("--lake", scored.path, "suppliers", "--item", "LAMP", "--qty", "50")
	assert done.code == 0 and "WINS" in done.out and "50 x 2.0000 = 100.00 goods" in done.out
	found = sentia("--lake", scored.path, "--json", "suppliers", "--item", "LAMP", "--qty", "50").json
	assert [c["supplier"] for c in found["suppliers"]] == ["Acme", "Idle"]


@pytest.mark.parametrize(
	("words", "told"),
	[
		(["--item", "LAMPP"], "There is no item LAMPP"),
		(["--item", "DESK"], "Nobody offers DESK"),
		(["--item", "LAMP", "--qty", "-1"], "above 0, not -1"),
		(["--qty", "5"], "--qty goes with --item"),
	],
)
def test_bad_words_are_told(sentia, scored, words, told):
	done = sentia("--lake", scored.path, "suppliers", *words)
	assert done.code == 2 and told in done.err and "Traceback" not in done.err


def test_nothing_scored_yet(sentia, delivered):
	done = sentia("--lake", delivered.path, "suppliers")
	assert done.code == 2 and "No supplier was scored" in done.err
