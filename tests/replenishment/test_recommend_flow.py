"""stock, orders, forecasts -> stock_policy and recommendations on a lake."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from buying_world import AS_OF, DEFAULT, FRAMES, forecast, order, stock, world

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.flow import recommend
from sentia_ops.replenishment.frames import INBOUND, RECOMMENDATIONS, STOCK, STOCK_POLICY
from sentia_ops.store.lake import LakeStore

MASTERS = ["items", "warehouses", "currencies"]


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	tables = world(
		on_hand=80,
		items=[{"item_code": c, "valuation_rate": 8.0} for c in ("KETTLE", "OLD", "NEW")],
		stock=stock(80) + stock(7, item="OLD"),
		forecasts=forecast() + forecast(0.0, item="NEW"),
		inbound=[order("PO-1", 12, 5)],
	)
	with store.run("import") as run:
		for name in [*MASTERS, *(n for n in tables if n not in MASTERS)]:
			store.write(FRAMES[name], tables[name], run=run)
	return store


def planned(store: LakeStore, policy=None):
	with store.run("plan") as run:
		recommend(store, run, as_of=AS_OF, policy=policy or Policy())
	return store.read(STOCK_POLICY), store.read(RECOMMENDATIONS), run


def test_every_pair_is_answered_and_the_short_one_ordered(lake):
	policy, orders, run = planned(lake)
	verdicts = dict(zip(policy["item_code"], policy["verdict"], strict=True))
	assert verdicts == {"KETTLE": "order", "NEW": "no demand", "OLD": "no forecast"}
	assert orders["item_code"].tolist() == ["KETTLE"]
	assert orders["qty"].tolist() == [303]
	assert {r["label"] for r in json.loads(orders["reasons"][0])} >= {"Safety stock", "Quantity", "Expedite"}
	assert set(policy["run"]) == set(orders["run"]) == {run.name}
	assert not run.warnings and not run.refused


def test_twice_gives_the_same(lake):
	for first, second in zip(planned(lake)[:2], planned(lake)[:2], strict=True):
		pd.testing.assert_frame_equal(first.drop(columns="run"), second.drop(columns="run"))


def test_once_stock_is_there_the_recommendation_goes(lake):
	planned(lake)
	with lake.run("import") as run:
		lake.write(STOCK, world(stock=stock(500))["stock"], run=run)
	policy, orders, _ = planned(lake)
	assert orders.empty
	assert policy.set_index("item_code").loc["KETTLE", "why"].startswith("Enough: position 505")


def test_an_empty_lake_says_what_to_do_next(tmp_path):
	with pytest.raises(NoDataError, match=r"neither a forecast, nor stock.*Import data and run the forecast"):
		planned(LakeStore(tmp_path / "new", create=True))


def test_a_senseless_policy_is_refused_and_the_old_answer_stays(lake):
	before = planned(lake)[:2]
	with pytest.raises(
		SentiaError, match=r"service_level must be at least 0.5 and below 1 .*Nothing was written"
	):
		planned(lake, Policy(service_level=95))
	for frame, rows in zip((STOCK_POLICY, RECOMMENDATIONS), before, strict=True):
		pd.testing.assert_frame_equal(lake.read(frame), rows)


def test_forecasts_of_items_that_are_gone_are_refused_by_count(lake):
	with lake.run("import") as run:
		lake.write(FRAMES["forecasts"], world(forecasts=forecast(item="GHOST"))["forecasts"], run=run)
		lake.write(INBOUND, DEFAULT["inbound"], run=run)
	policy, _, run = planned(lake)
	assert run.refused == {"item and warehouse pairs that are in no items or warehouses table": 1}
	assert "GHOST" not in set(policy["item_code"])
