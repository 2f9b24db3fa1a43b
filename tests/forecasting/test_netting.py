"""Orders consume the forecast: worked by hand, and against what replenishment makes of the same orders."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.forecasting.committing import commit
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.netting import consume
from sentia_ops.forecasting.flow import forecast
from sentia_ops.forecasting.frames import DEMAND, FORECASTS
from sentia_ops.replenishment.engine.series import Outlook
from sentia_ops.replenishment.frames import OUTBOUND
from sentia_ops.store.base import Run
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

AS_OF = date(2026, 3, 2)
TEN = np.full(10, 10.0)


def asked(days: int = 10, **orders: float) -> np.ndarray:
	"""asked(d2=30): 30 due on day 2."""
	out = np.zeros(days)
	for day, qty in orders.items():
		out[int(day[1:])] = qty
	return out


@pytest.mark.parametrize(
	("orders", "backward", "forward", "left", "excess"),
	[
		({"d2": 4}, 28, 28, [10, 10, 6, 10, 10, 10, 10, 10, 10, 10], 0),
		# own day first, then the days before, the nearest first
		({"d2": 14}, 28, 28, [10, 6, 0, 10, 10, 10, 10, 10, 10, 10], 0),
		# then the days after
		({"d1": 35}, 28, 28, [0, 0, 0, 5, 10, 10, 10, 10, 10, 10], 0),
		# windows of no day: the rest comes on top
		({"d1": 35}, 0, 0, [10, 0, 10, 10, 10, 10, 10, 10, 10, 10], 25),
		({"d5": 35}, 1, 1, [10, 10, 10, 10, 0, 0, 0, 10, 10, 10], 5),
		# the earlier order has taken what the later one would have
		({"d3": 20, "d4": 20}, 1, 0, [10, 10, 0, 0, 0, 10, 10, 10, 10, 10], 10),
		({"d0": 250}, 28, 28, [0] * 10, 150),
		({}, 28, 28, [10] * 10, 0),
	],
)
def test_by_hand(orders, backward, forward, left, excess):
	found = consume(TEN, asked(**orders), backward, forward)
	assert found.left.tolist() == left
	assert found.excess.sum() == excess


def test_what_is_on_top_stands_on_the_day_it_was_asked_for():
	found = consume(TEN, asked(d2=300, d7=1), 28, 28)
	assert found.excess.tolist() == [0, 0, 200, 0, 0, 0, 0, 1, 0, 0]


amounts = st.lists(st.floats(0, 100, allow_nan=False), min_size=12, max_size=12)


@settings(max_examples=150, deadline=None)
@given(amounts, amounts, st.integers(0, 12), st.integers(0, 12))
def test_nothing_is_lost_and_nothing_counted_twice(expected, wanted, backward, forward):
	expected, wanted = np.array(expected), np.array(wanted)
	found = consume(expected, wanted, backward, forward)
	assert (found.left >= 0).all() and (found.left <= expected + 1e-9).all()
	assert found.left.sum() + wanted.sum() == pytest.approx(expected.sum() + found.excess.sum(), abs=1e-6)
	assert found.left.sum() + wanted.sum() >= max(expected.sum(), wanted.sum()) - 1e-6


@settings(max_examples=150, deadline=None)
@given(amounts, amounts)
def test_with_windows_wide_enough_replenishment_counts_the_same(expected, wanted):
	"""Over the whole horizon: the larger of forecast and orders, as the stock projection has it."""
	expected, wanted = np.array(expected), np.array(wanted)
	outlook = Outlook(0.0, 0.0, np.cumsum(expected), np.cumsum(wanted), np.zeros(12))
	found = consume(expected, wanted, 12, 12)
	assert found.left.sum() + wanted.sum() == pytest.approx(outlook.demand[-1], abs=1e-6)
	planned = np.cumsum(found.left + wanted)
	assert (planned <= outlook.demand + 1e-6).all(), (
		"no day earlier than replenishment, which is the more careful"
	)


@pytest.mark.parametrize(
	("orders", "until", "demand"),
	[
		({"d2": 14}, 3, 30),  # within the forecast: the forecast counts
		({"d2": 30}, 3, 30),
		({"d2": 45}, 3, 45),  # more than forecast: the orders count
		({"d2": 45}, 4, 45),  # and eat into the days after
		({"d2": 45}, 5, 50),
		({"d2": 45, "d8": 10}, 10, 100),
	],
)
def test_replenishment_says_the_same_by_hand(orders, until, demand):
	"""Demand within a protection period of `until` days: replenishment's, and committed + net here."""
	wanted = asked(**orders)
	outlook = Outlook(0.0, 0.0, np.cumsum(TEN), np.cumsum(wanted), np.zeros(10))
	assert outlook.demand[until - 1] == demand
	here = consume(TEN, wanted, 28, 28).left + wanted
	assert here[:until].sum() == demand


def test_an_order_of_more_than_two_months_of_forecast_is_not_swallowed():
	"""Here both differ: replenishment lets an order eat any number of later days, the windows end after 28."""
	wanted = asked(90, d45=1000)
	found = consume(np.full(90, 10.0), wanted, 28, 28)
	assert found.left.sum() == 900 - 57 * 10 and found.excess.sum() == 1000 - 57 * 10


# on a lake


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A", "B"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK", "EU"]}), run=run)
	return store


def day(number: int) -> pd.Timestamp:
	return pd.Timestamp(AS_OF) + timedelta(days=number)


def order(store: LakeStore, *lines: tuple[str, str, int, float]) -> None:
	"""Open orders: item, warehouse, day due, quantity."""
	rows = pd.DataFrame(
		[(i, w, day(d), f"SO-{n}", q, "SO") for n, (i, w, d, q) in enumerate(lines)],
		columns=["item_code", "warehouse", "due_date", "voucher", "qty", "kind"],
	)
	with store.run("import") as run:
		store.write(OUTBOUND, rows, run=run)


def flat(*series: tuple[str, str], days: int = 10, qty: float = 10.0) -> pd.DataFrame:
	rows = [(i, w, day(d)) for i, w in series for d in range(days)]
	numbers = dict(qty=qty, median=qty, machine_qty=qty, lo80=5.0, hi80=15.0, lo95=2.0, hi95=20.0)
	return pd.DataFrame(rows, columns=["item_code", "warehouse", "date"]).assign(**numbers, model="flat")


def committed(store: LakeStore, rows: pd.DataFrame, **values: int) -> pd.DataFrame:
	return commit(store, Run("R", "test"), rows, AS_OF, ForecastSettings(**values))[0]


def test_open_orders_stand_on_their_day_and_leave_the_rest_to_come(lake):
	order(lake, ("A", "UK", 1, 25.0), ("A", "UK", 1, 2.0), ("A", "EU", 3, 4.0), ("B", "UK", 50, 9.0))
	rows = committed(lake, flat(("A", "UK"), ("A", "EU"), ("B", "UK")))
	found = {key: part for key, part in rows.groupby(["item_code", "warehouse"])}
	assert found["A", "UK"]["committed"].tolist() == [0, 27, 0, 0, 0, 0, 0, 0, 0, 0]
	assert found["A", "UK"]["net_qty"].tolist() == [0, 0, 3, 10, 10, 10, 10, 10, 10, 10]
	assert found["A", "EU"]["net_qty"].tolist() == [10, 10, 10, 6, 10, 10, 10, 10, 10, 10]
	assert found["B", "UK"]["committed"].sum() == 0, "due after the horizon"
	assert (rows["qty"] == 10).all() and (rows["machine_qty"] == 10).all(), "orders change no forecast"


def test_overdue_orders_come_on_top_on_the_first_day(lake):
	"""They are demand of the past, as in replenishment: owed, beside the forecast."""
	order(lake, ("A", "UK", -9, 30.0), ("A", "UK", 0, 4.0))
	rows = committed(lake, flat(("A", "UK")))
	assert rows["committed"].tolist() == [34, 0, 0, 0, 0, 0, 0, 0, 0, 0]
	assert rows["net_qty"].tolist() == [6, 10, 10, 10, 10, 10, 10, 10, 10, 10]


def test_windows_are_a_setting(lake):
	order(lake, ("A", "UK", 2, 25.0))
	rows = committed(lake, flat(("A", "UK")), consume_backward_days=1, consume_forward_days=0)
	assert rows["net_qty"].tolist() == [10, 0, 0, 10, 10, 10, 10, 10, 10, 10]


def test_the_order_of_rows_is_irrelevant(lake):
	order(lake, ("A", "UK", 1, 25.0), ("B", "EU", 3, 4.0))
	rows = flat(("A", "UK"), ("B", "EU"), ("A", "EU"))
	shuffled = rows.sample(frac=1, random_state=3)
	pd.testing.assert_frame_equal(committed(lake, rows), committed(lake, shuffled))


def test_the_flow_writes_both_columns(lake):
	sold = pd.DataFrame(
		{"item_code": "A", "warehouse": "UK", "date": [day(-d) for d in range(1, 60)], "qty": 5.0}
	)
	with lake.run("import") as run:
		lake.write(DEMAND, sold, run=run)
	order(lake, ("A", "UK", 3, 7.0), ("A", "UK", -1, 2.0))
	with lake.run("forecasting") as run:
		forecast(lake, run, as_of=AS_OF, settings=ForecastSettings(horizon_days=30, processes=1))
	rows = lake.read(FORECASTS)
	assert rows["committed"].tolist() == [2, 0, 0, 7, *[0] * 26]
	assert rows["net_qty"].sum() == pytest.approx(rows["qty"].sum() - 7)
	assert (rows["net_qty"] <= rows["qty"]).all()
