"""receipts -> lead_times on a lake."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sentia_ops.errors import SentiaError
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore
from sentia_ops.suppliers.flow import lead_times
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS

AS_OF = date(2025, 3, 10)
OFFERS = pd.DataFrame(
	{
		"supplier": ["Acme", "Beta", "Gamma"],
		"item_code": ["A", "A", "B"],
		"price": 1.0,
		"currency": "GBP",
		"promised_lead_days": [None, 12.0, None],
	}
)
ARRIVALS = pd.DataFrame(
	{
		"order_line": ["PO-1", "PO-2", "PO-3", "PO-4"],
		"supplier": "Acme",
		"item_code": "A",
		"ordered_on": pd.Timestamp("2025-01-01"),
		"received_on": pd.to_datetime(["2025-01-09", "2025-01-11", "2025-01-13", "2024-12-30"]),
		"qty_ordered": 5.0,
		"qty_received": 5.0,
	}
)


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A", "B"], "lead_time_days": [0.0, 30.0]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK"]}), run=run)
		store.write(CURRENCIES, pd.DataFrame({"currency": ["GBP"], "rate": [1.0]}), run=run)
		store.write(SUPPLIER_ITEMS, OFFERS, run=run)
		store.write(RECEIPTS, ARRIVALS, run=run)
	return store


def measured(store: LakeStore, **given):
	with store.run("plan") as run:
		lead_times(store, run, as_of=AS_OF, **{"default_days": 14.0, **given})
	return store.read(LEAD_TIMES), run


def test_writes_every_pair_with_its_basis_and_says_what_is_missing(lake):
	rows, run = measured(lake)
	assert rows["basis"].tolist() == ["item", "promised", "planner"]
	assert rows["mean_days"].tolist() == [10, 12, 30]
	assert rows["run"].tolist() == [run.name] * 3
	assert run.refused == {"receipts dated before their order": 1}
	assert run.warnings == [
		"No receipts from 2 of 3 suppliers (Beta, Gamma): their lead times rest on promises, "
		"planners' figures or the default."
	]


def test_twice_gives_the_same(lake):
	first, second = (measured(lake)[0].drop(columns="run") for _ in range(2))
	pd.testing.assert_frame_equal(first, second)


def test_an_empty_lake_gets_an_empty_table(tmp_path):
	rows, run = measured(LakeStore(tmp_path / "new", create=True))
	assert rows.empty and not run.warnings and not run.refused


def test_a_senseless_default_is_refused_and_the_old_answer_stays(lake):
	before, _ = measured(lake)
	with pytest.raises(SentiaError, match=r"must be 0 days or more, not -3.*Nothing was written"):
		measured(lake, default_days=-3)
	pd.testing.assert_frame_equal(lake.read(LEAD_TIMES), before)
