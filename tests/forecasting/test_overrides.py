"""Planners' overrides: what they do to a forecast, on paper and in the flow on a lake."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentia_ops.errors import FrameError
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.overrides import Override, apply, fault
from sentia_ops.forecasting.flow import forecast
from sentia_ops.forecasting.frames import DEMAND, FORECAST_PARTS, FORECASTS, OVERRIDES
from sentia_ops.forecasting.overriding import moved_totals, overridden, without
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

AS_OF = date(2026, 3, 2)
TEN = np.arange(np.datetime64("2026-03-02"), np.datetime64("2026-03-12"))


def day(number: int) -> np.datetime64:
	"""The n-th day forecast, from 1."""
	return TEN[0] + np.timedelta64(number - 1, "D")


def word(kind: str, value: float, first: int = 1, last: int = 10, **more) -> Override:
	made = {"name": "O-1", "reason": "the fair", **more}
	return Override(item_code="A", first=day(first), last=day(last), kind=kind, value=value, **made)


def change(*overrides: Override, machine=None, warehouses=("UK",)):
	"""Ten days of forecast in each warehouse, with bounds 2 below and 3 above the mean."""
	means = np.concatenate([np.asarray(machine or range(1, 11), float)] * len(warehouses))
	paths = np.stack([means, 0.9 * means, np.maximum(means - 2, 0), means + 3])
	return apply(overrides, np.repeat(warehouses, 10), np.tile(TEN, len(warehouses)), paths)


class TestOnPaper:
	def test_set_gives_the_total_and_keeps_the_machines_shape(self):
		mean = change(word("set", 110)).paths[0]
		assert mean.sum() == pytest.approx(110)
		assert mean == pytest.approx(2 * np.arange(1, 11))

	def test_add_comes_on_top_in_the_machines_shape(self):
		mean = change(word("add", 55)).paths[0]
		assert mean == pytest.approx(2 * np.arange(1, 11))

	def test_percent_changes_each_day(self):
		assert change(word("percent", -50, 2, 3)).paths[0].tolist() == [1, 1, 1.5, 4, 5, 6, 7, 8, 9, 10]

	def test_more_taken_away_than_there_is_leaves_nothing(self):
		done = change(word("add", -1000, 1, 5))
		assert done.paths[:, :5].max() == 0
		assert done.paths[0, 5:].tolist() == [6, 7, 8, 9, 10]

	def test_all_warehouses_share_in_proportion_to_the_machine(self):
		machine = [3.0] * 10 + [1.0] * 10
		paths = np.stack([machine] * 4)
		warehouse = np.repeat(["UK", "EU"], 10)
		mean = apply([word("set", 80)], warehouse, np.tile(TEN, 2), paths).paths[0]
		assert (mean[:10].sum(), mean[10:].sum()) == (pytest.approx(60), pytest.approx(20))

	def test_one_warehouse_leaves_the_others_alone(self):
		done = change(word("set", 0, warehouse="EU"), warehouses=("UK", "EU"))
		assert done.paths[0, :10].sum() == 55 and done.paths[:, 10:].max() == 0

	def test_where_the_machine_expects_nothing_days_share_evenly(self):
		done = change(word("set", 30, 1, 3), machine=[0.0] * 10)
		assert done.paths[0].tolist() == [10, 10, 10, 0, 0, 0, 0, 0, 0, 0]
		assert (done.paths[3, 0], done.paths[2, 0]) == (13, 10)

	def test_the_newest_governs_a_day_alone(self):
		old = word("percent", 100, 1, 6, name="O-9", made_on=np.datetime64("2026-01-01T08:00"))
		new = word("percent", 10, 4, 10, name="O-1", made_on=np.datetime64("2026-01-01T08:01"))
		for words in ((old, new), (new, old)):
			done = change(*words)
			assert done.paths[0] == pytest.approx([2, 4, 6, 4.4, 5.5, 6.6, 7.7, 8.8, 9.9, 11])
			assert {words[i].name for i in done.by[:3]} == {"O-9"} and words[done.by[4]].name == "O-1"

	def test_of_a_period_partly_over_the_days_left_get_their_part(self):
		half_over = word("set", 110, -9, 10)
		assert change(half_over).paths[0].sum() == pytest.approx(55)
		beyond = word("add", 110, 6, 15)
		assert change(beyond).paths[0].sum() == pytest.approx(55 + 55)

	def test_bounds_move_along(self):
		done = change(word("percent", 300))
		mean, median, low, high = done.paths
		assert high - mean == pytest.approx(np.full(10, 2 * 3))  # four times the orders, twice the spread
		assert (low <= median).all() and (median <= high).all() and low.min() >= 0

	@pytest.mark.parametrize(
		("override", "words"),
		[
			(word("set", 5, 3, 2), "its last day 2026-03-03 lies before its first day 2026-03-04"),
			(word("set", 5, reason="  "), "it gives no reason"),
			(word("percent", -101), "takes away 101 %"),
			(word("set", float("nan")), "not a number"),
			(word("add", float("inf")), "not a number"),
			(word("set", -1), "sets demand to -1"),
			(word("double", 2), "its kind must be set, add, percent, not 'double'"),
		],
	)
	def test_bad_ones_are_told(self, override, words):
		assert words in fault(override)

	@pytest.mark.parametrize(
		"override", [word("percent", -100), word("set", 0), word("add", -5), word("set", 3, 2, 2)]
	)
	def test_odd_ones_are_fine(self, override):
		assert fault(override) == ""

	@given(
		kinds=st.lists(
			st.tuples(
				st.sampled_from(["set", "add", "percent"]),
				st.floats(-100, 1000),
				st.integers(-5, 12),
				st.integers(0, 20),
				st.sampled_from(["", "UK", "EU", "Mars"]),
			),
			max_size=4,
		),
		machine=st.lists(st.sampled_from([0.0, 0.25, 1.0, 40.0]), min_size=10, max_size=10),
	)
	def test_never_negative_and_in_order_whatever_is_said(self, kinds, machine):
		overrides = [
			word(k, abs(v) if k == "set" else v, f, f + n, warehouse=w, name=f"O-{i}")
			for i, (k, v, f, n, w) in enumerate(kinds)
		]
		done = change(*overrides, machine=machine, warehouses=("UK", "EU"))
		mean, _, low, high = done.paths
		assert np.isfinite(done.paths).all() and done.paths.min() >= 0
		assert (low <= high + 1e-9).all() and (mean <= high + 1e-9).all() and (low <= mean + 1e-9).all()
		untouched = done.by < 0
		assert (mean[untouched] == np.tile(machine, 2)[untouched]).all()

	@given(st.floats(0.01, 1000), st.sampled_from(["set", "add", "percent"]))
	def test_a_larger_unit_changes_nothing_but_the_unit(self, factor, kind):
		value = 60.0
		plain = change(word(kind, value)).paths
		means = np.arange(1, 11) * factor
		paths = np.stack([means, 0.9 * means, np.maximum(means - 2 * factor, 0), means + 3 * factor])
		scaled_word = word(kind, value if kind == "percent" else value * factor)
		scaled = apply([scaled_word], np.repeat("UK", 10), TEN, paths).paths
		assert scaled == pytest.approx(plain * factor)


def forecasts() -> pd.DataFrame:
	means = np.arange(1.0, 11)
	rows = {
		"item_code": "A",
		"warehouse": "UK",
		"date": TEN.astype("datetime64[ns]"),
		"qty": means,
		"median": means,
	}
	rows |= {"lo80": means / 2, "hi80": means + 1, "lo95": 0.0, "hi95": means + 2, "machine_qty": means - 0.5}
	return pd.DataFrame(rows).assign(committed=0.5, net_qty=means - 0.5, before="", model="m", run="r")


class TestRows:
	def test_taking_out_and_doing_again_changes_nothing(self):
		plain = forecasts()
		once, parts = overridden(plain, [word("set", 0, 2, 4)])
		twice, again = overridden(once, [word("set", 0, 2, 4)])
		pd.testing.assert_frame_equal(once, twice)
		pd.testing.assert_frame_equal(parts, again)
		pd.testing.assert_frame_equal(without(once), plain)
		pd.testing.assert_frame_equal(overridden(once, [])[0], plain)

	def test_the_machines_figure_stays_and_open_orders_go_on_consuming(self):
		rows, _ = overridden(forecasts(), [word("percent", 100, 1, 2), word("set", 0, 5, 5)])
		assert rows["machine_qty"].tolist() == forecasts()["machine_qty"].tolist()
		assert rows["net_qty"].tolist()[:2] == [1.5, 3.5]
		assert rows["net_qty"][4] == 0

	def test_parts_say_who_how_much_a_day_and_why(self):
		said = [
			word("percent", 100, 1, 2, planner="Ann", reason="fair"),
			word("add", -4, 10, 10, planner="Ann", reason="closed", name="O-2"),
			word("percent", 0, 5, 5, planner="Bob", name="O-3"),
		]
		_, parts = overridden(forecasts(), said)
		ann, bob = parts.sort_values("part").itertuples()
		assert (ann.kind, ann.part, ann.effect) == (
			"adjustment",
			"override by Ann",
			pytest.approx((3 - 4) / 10),
		)
		assert ann.note == (
			"+100 % from 2026-03-02 to 2026-03-03: fair; -4 from 2026-03-11 to 2026-03-11: closed"
		)
		assert (bob.part, bob.effect) == ("override by Bob", 0)


def test_totals_follow():
	before = forecasts()
	after, _ = overridden(before, [word("set", 0, 1, 3)])
	weeks = pd.to_datetime(["2026-03-02", "2026-03-09"])
	bounds = {"lo80": 20.0, "hi80": 40.0, "lo95": 10.0, "hi95": 60.0}
	totals = pd.DataFrame(
		{"level": "item", "node": "A", "date": weeks, "qty": [28.0, 27.0], **bounds, "run": "r"}
	)
	totals = pd.concat([totals, totals.assign(level="company", node="C", qty=[128.0, 127.0])])
	totals = pd.concat([totals, totals.assign(node="other")], ignore_index=True)
	nodes = pd.DataFrame(
		{"item_code": "A", "warehouse": "UK", "level": ["item", "company"], "node": ["A", "C"]}
	)
	moved = moved_totals(totals, before, after, nodes)
	assert moved[["level", "node", "qty"]].values.tolist() == [["item", "A", 22.0], ["company", "C", 122.0]]
	assert set(moved["date"]) == {weeks[0]}
	assert (moved["lo95"] <= moved["qty"]).all() and moved["hi80"][0] == pytest.approx(
		22 + 12 * (22 / 28) ** 0.5
	)
	back = moved_totals(totals, after, before, nodes)
	assert back["qty"].tolist() == [34.0, 134.0]


# on a lake


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	rng = np.random.default_rng(3)
	ages = np.arange(1, 120)
	sold = [
		pd.DataFrame(
			{
				"item_code": "A",
				"warehouse": where,
				"date": pd.Timestamp(AS_OF) - pd.to_timedelta(ages, "D"),
				"qty": rng.poisson(level, len(ages)).astype(float),
			}
		)
		for where, level in (("UK", 30), ("EU", 10))
	]
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A", "B"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK", "EU"]}), run=run)
		store.write(DEMAND, pd.concat(sold), run=run)
	return store


def row(name: str, kind: str, value: float, first: int, last: int, **more) -> dict:
	"""An override; days counted from the first day forecast as 0."""
	dates = {"first": AS_OF + timedelta(days=first), "last": AS_OF + timedelta(days=last)}
	rest = {"item_code": "A", "reason": "the fair", "planner": "Ann", "made_on": datetime(2026, 3, 1)}
	return {"override": name, "kind": kind, "value": value, **dates, **rest, **more}


def say(store: LakeStore, *rows: dict) -> None:
	with store.run("import") as run:
		given = pd.DataFrame(rows)
		for column in ("first", "last", "made_on"):
			given[column] = pd.to_datetime(given[column])
		store.write(OVERRIDES, given, run=run)


def plan(store: LakeStore, as_of: date = AS_OF):
	with store.run("forecasting") as run:
		forecast(store, run, as_of=as_of, settings=ForecastSettings(horizon_days=28, processes=1))
	return run


def total(store: LakeStore, first: int, last: int, column: str = "qty", **only) -> float:
	rows = store.read(FORECASTS, **only)
	day = (rows["date"] - pd.Timestamp(AS_OF)).dt.days
	return rows[column][day.between(first, last)].sum()


def test_overrides_are_in_the_forecast_beside_the_machines_and_survive_the_next_run(lake):
	plan(lake)
	machine = total(lake, 0, 6)
	say(lake, row("O-1", "set", 700, 0, 6))
	said = lake.read(OVERRIDES)
	for _ in range(2):
		plan(lake)
		assert total(lake, 0, 6) == pytest.approx(700)
		assert total(lake, 0, 6, "machine_qty") == pytest.approx(machine)
		assert total(lake, 7, 27) == pytest.approx(total(lake, 7, 27, "machine_qty"))
		pd.testing.assert_frame_equal(lake.read(OVERRIDES), said)
	share = total(lake, 0, 6, warehouse="UK") / 700
	assert share == pytest.approx(total(lake, 0, 6, "machine_qty", warehouse="UK") / machine)
	parts = lake.read(FORECAST_PARTS, kind="adjustment").set_index("warehouse")
	assert set(parts["part"]) == {"override by Ann"}
	assert parts["effect"].sum() == pytest.approx((700 - machine) / 28)
	assert parts["note"]["UK"] == "set to 700 from 2026-03-02 to 2026-03-08: the fair"
	methods = lake.read(FORECAST_PARTS, kind="method", warehouse="UK")
	assert methods["share"].sum() == pytest.approx(1) and (methods["share"] == 0).any()


def test_the_next_run_starts_later_and_the_override_counts_for_what_is_left(lake):
	say(lake, row("O-1", "set", 700, 0, 6))
	plan(lake, as_of=AS_OF - timedelta(days=3))
	assert total(lake, 0, 6) == pytest.approx(700)
	plan(lake, as_of=AS_OF)
	say(lake, row("O-1", "set", 700, -3, 3))
	plan(lake)
	assert total(lake, 0, 3) == pytest.approx(400)


def test_past_ones_are_ignored_and_bad_ones_refused_by_name(lake):
	say(
		lake,
		row("past", "set", 0, -9, -1),
		row("backwards", "set", 0, 9, 3),
		row("too much", "percent", -150, 0, 6),
		row("below", "set", -5, 0, 6),
		row("unsold", "add", 5, 0, 6, item_code="B"),
		row("good", "percent", 100, 0, 27),
	)
	run = plan(lake)
	assert total(lake, 0, 27) == pytest.approx(2 * total(lake, 0, 27, "machine_qty"))
	assert set(run.refused) == {
		"override backwards of A: its last day 2026-03-05 lies before its first day 2026-03-11",
		"override too much of A: it takes away 150 %, which is more than everything",
		"override below of A: it sets demand to -5, below nothing",
	}
	assert "Override unsold: B has no forecast that it could change." in run.warnings


@pytest.mark.parametrize(
	("change", "words"),
	[
		({"item_code": "Z"}, "row 1, item_code: does not exist in table items"),
		({"reason": ""}, "row 1, reason: must not be empty"),
		({"value": float("nan")}, "row 1, value"),
		({"kind": "twice"}, "row 1, kind: must be one of"),
	],
)
def test_rows_that_make_no_sense_do_not_get_into_a_lake(lake, change, words):
	with pytest.raises(FrameError, match=words):
		say(lake, row("O-1", "set", 1.0, 0, 6) | change)
