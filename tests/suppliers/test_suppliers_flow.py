"""receipts -> lead_times on a lake."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sentia_ops.errors import SentiaError
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore
from sentia_ops.suppliers.flow import lead_times
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS, SUPPLIER_TERMS

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
	assert rows["mean_days"].tolist() == [0.75 * 10 + 0.25 * 14, 12, 30]
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


def test_odd_receipts_and_terms_are_named_and_the_rest_goes_on(lake):
	day = pd.Timestamp
	odd = pd.DataFrame(
		{
			"order_line": ["OLD-1", "EARLY-1"],
			"supplier": "Beta",
			"item_code": "A",
			"ordered_on": [day("2022-01-10"), day("2025-03-01")],
			"promised_on": [day("2022-01-20"), day("2025-02-20")],
			"qty_ordered": 5.0,
			"qty_received": 0.0,
		}
	)
	terms = pd.DataFrame(
		{
			"supplier": ["Acme", "Beta", "Gamma", "Delta"],
			"barred": ["disabled", "on hold", "", "disabled"],
			"replaced_by": ["Beta", "Acme", "", "Acme"],
		}
	)
	with lake.run("import") as run:
		lake.write(RECEIPTS, pd.concat([lake.read(RECEIPTS), odd]), run=run)
		lake.write(SUPPLIER_TERMS, terms, run=run)
		lake.write(SUPPLIER_ITEMS, OFFERS.assign(promised_lead_days=[None, 0.0, None]), run=run)
	rows, run = measured(lake)
	assert len(rows) == 3
	told = "\n".join(run.warnings)
	assert "1 order line promised for a day before the order (EARLY-1): the promise is ignored" in told
	assert "OLD-1 of Beta, 1,145 days" in told and "Receive or close them." in told
	assert "1 offer with a promised lead time of 0 days (A from Beta)" in told
	assert told.count("in a circle (Acme -> Beta -> Acme)") == 1
