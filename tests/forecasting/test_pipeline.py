"""Open quotations, opportunities and maintenance: weighted by how such ended, and never counted twice."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from sentia_ops.forecasting.committing import commit
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.pipeline import Extra, add, beyond, known_on, track_records, weigh
from sentia_ops.forecasting.frames import PIPELINE
from sentia_ops.replenishment.frames import OUTBOUND
from sentia_ops.store.base import Run
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

AS_OF = date(2026, 3, 2)
NOW = pd.Timestamp(AS_OF)
HORIZON = 60


def on(day: int | None) -> pd.Timestamp:
	return pd.NaT if day is None else NOW + timedelta(days=day)


def deal(voucher, outcome="open", *, made=-10, due=None, closed=None, qty=10.0, kind="quotation", item="A"):
	"""Days count from AS_OF."""
	return {
		"voucher": voucher, "item_code": item, "warehouse": "UK", "kind": kind, "made_on": on(made),
		"due_date": on(due), "closed_on": on(closed), "qty": qty, "outcome": outcome,
	}  # fmt: skip


def closed(won: int, lost: int, kind="quotation", took: int = 14) -> list[dict]:
	"""Closed long ago; the won ones took `took` days."""
	return [
		deal(f"{kind} {n}", "won" if n < won else "lost", made=-200, closed=-200 + took, kind=kind)
		for n in range(won + lost)
	]


def rows(*deals: dict) -> pd.DataFrame:
	return PIPELINE.validate(pd.DataFrame(list(deals)) if deals else PIPELINE.empty())


def test_the_rate_is_shrunk_and_says_on_how_many_deals_it_rests():
	found = track_records(rows(*closed(12, 28)))["quotation"]
	assert (found.closed, found.won) == (40, 12)
	assert found.rate == pytest.approx((12 + 4 * 0.25) / 44)
	assert found.words == "12 of 40 won: counted as 30%"


def test_one_lucky_deal_is_no_certainty_and_none_at_all_is_said():
	records = track_records(rows(*closed(1, 0)))
	assert records["quotation"].rate == pytest.approx(2 / 5)
	assert records["opportunity"].words == "none closed yet: 10% assumed"


def test_a_deal_counts_once_whatever_its_lines():
	"""Twenty lines of one lost quotation against one won quotation of a line; half of a third was ordered."""
	lost = [deal("big", "lost", closed=-1, item=f"I{n}") for n in range(20)]
	half = [deal("half", "won", closed=-1), deal("half", "lost", closed=-1, item="B")]
	found = track_records(rows(*lost, deal("small", "won", closed=-1), *half))["quotation"]
	assert (found.closed, found.won) == (3, 1.5)


def test_kinds_are_told_apart():
	records = track_records(rows(*closed(10, 0), *closed(0, 10, "opportunity")))
	assert records["quotation"].rate > 0.75 and records["opportunity"].rate < 0.05


def test_what_closed_after_the_day_planned_for_was_open_then():
	then = known_on(rows(deal("Q1", "won", closed=5), deal("Q2", made=3), deal("Q3", "lost", closed=-1)), NOW)
	assert dict(zip(then["voucher"], then["outcome"], strict=True)) == {"Q1": "open", "Q3": "lost"}


def test_the_undated_are_expected_when_such_were_won():
	table = rows(
		*closed(10, 0, took=14), deal("dated", due=7), deal("undated", made=-4), deal("late", made=-14)
	)
	found = weigh(table, track_records(table), NOW).set_index("voucher")
	assert found["day"].to_dict() == {"dated": 7, "undated": 10, "late": 0}
	assert not found["stale"].any()


def test_open_for_longer_than_wins_take_is_not_believed():
	table = rows(
		*closed(20, 0, took=14), deal("old", made=-40), deal("old but wanted in May", made=-40, due=60)
	)
	found = weigh(table, track_records(table), NOW).set_index("voucher")
	assert found["stale"].to_dict() == {"old": True, "old but wanted in May": False}
	assert found.at["old", "expected"] == 0 < found.at["old but wanted in May", "expected"]


def test_expected_and_variance_of_all_or_nothing():
	table = rows(*closed(10, 30), deal("Q", due=3, qty=100.0))
	found = weigh(table, track_records(table), NOW).iloc[0]
	assert found["expected"] == pytest.approx(100 * 11 / 44)
	assert found["variance"] == pytest.approx(100**2 * 0.25 * 0.75)


def weighed(*deals: tuple[int, float, float]) -> pd.DataFrame:
	"""Day, quantity, chance."""
	day, qty, rate = (np.array(c) for c in zip(*deals, strict=True))
	columns = {"day": day, "qty": qty, "rate": rate, "expected": qty * rate, "kind": "quotation"}
	return pd.DataFrame({**columns, "variance": rate * (1 - rate) * qty**2})


def test_only_what_the_forecast_does_not_hold_is_added():
	left = np.full(5, 10.0)
	within = beyond(left, weighed((2, 100.0, 0.3)), 28, 28)
	assert within.mean.sum() == 0 and within.by_kind == {"quotation": 0.0}
	more = beyond(left, weighed((2, 400.0, 0.3)), 28, 28)
	assert more.mean.tolist() == pytest.approx([0, 0, 70, 0, 0])
	assert more.by_kind["quotation"] == pytest.approx(70)
	assert more.variance[2] == pytest.approx((70 / 120) ** 2 * 0.3 * 0.7 * 400**2)
	assert more.whole[2] == pytest.approx(70 / 120 * 400) and more.likely[2] == 0


def test_bounds_widen_by_the_deal_and_no_further():
	mean, bounds = np.full(2, 10.0), np.array([[2.0] * 2, [5.0] * 2, [15.0] * 2, [20.0] * 2])
	extra = Extra(np.array([0, 30.0]), np.array([0, 2100.0]), np.zeros(2), np.array([0, 100.0]), {})
	raised, median, wider = add(mean, np.full(2, 9.0), bounds, extra)
	assert raised.tolist() == [10, 40] and wider[:, 0].tolist() == bounds[:, 0].tolist()
	low95, low80, high80, high95 = wider[:, 1]
	assert (low95, low80) == (2, 5), "it may all be lost"
	assert high80 == pytest.approx(40 + np.sqrt(5**2 + 1.281552**2 * 2100))
	assert high95 == pytest.approx(120), "not beyond all won: 20 + 100"
	assert median[1] == pytest.approx(9), "rather lost than won"


def test_a_sure_thing_raises_the_median_too():
	bounds = np.array([[2.0], [5.0], [15.0], [20.0]])
	extra = beyond(np.zeros(1), weighed((0, 50.0, 0.98)), 28, 28)
	_, median, wider = add(np.full(1, 10.0), np.full(1, 9.0), bounds, extra)
	assert median[0] == pytest.approx(59) and wider[0, 0] > 2


# on a lake


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A", "B", "unsold"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK"]}), run=run)
	return store


def planned(store: LakeStore, *deals: dict, orders: dict[int, float] | None = None):
	"""A forecast of 10 a day of A and B, with the pipeline in it."""
	open_orders = [("A", "UK", on(d), f"SO-{d}", q, "SO") for d, q in (orders or {}).items()]
	with store.run("import") as run:
		store.write(PIPELINE, rows(*deals), run=run)
		store.write(OUTBOUND, pd.DataFrame(open_orders, columns=OUTBOUND.columns), run=run)
	days = [("A", on(d)) for d in range(HORIZON)] + [("B", on(d)) for d in range(HORIZON)]
	numbers = dict(qty=10.0, median=10.0, machine_qty=10.0, lo80=5.0, hi80=15.0, lo95=2.0, hi95=20.0)
	flat = pd.DataFrame(days, columns=["item_code", "date"]).assign(warehouse="UK", **numbers, model="flat")
	run = Run("R", "test")
	found, parts = commit(store, run, flat, AS_OF, ForecastSettings())
	return found[found["item_code"] == "A"].reset_index(drop=True), parts, run


def test_usual_wins_change_nothing_and_the_part_says_so(lake):
	found, parts, _ = planned(lake, *closed(12, 28), deal("Q", due=30, qty=300.0))
	assert (found["qty"] == 10).all() and (found["net_qty"] == 10).all() and (found["hi95"] == 20).all()
	part = parts.iloc[0]
	assert (part["kind"], part["part"], part["effect"]) == ("adjustment", "open quotations", 0)
	assert part["note"] == (
		"12 of 40 won: counted as 30%; 300 asked for; 88.6 expected; all of it in the forecast already"
	)


def test_a_large_quotation_adds_what_exceeds_its_window(lake):
	"""Wanted on day 30, 28 days either way: 57 days of 10 a day are there; expected are 4,000 x 13/44."""
	found, parts, _ = planned(lake, *closed(12, 28), deal("Q", due=30, qty=4000.0))
	more = 4000 * 13 / 44 - 570
	assert found["qty"].to_numpy() == pytest.approx(10 + np.eye(HORIZON)[30] * more)
	assert found["net_qty"].sum() == pytest.approx(600 + more)
	assert (found["machine_qty"] == 10).all()
	assert found["hi95"][30] > 20 and (found["hi95"].drop(30) == 20).all()
	assert parts.iloc[0]["effect"] == pytest.approx(more / HORIZON)


def test_orders_consume_first(lake):
	"""Days 0 to 49 are taken by an order of 500, days 57 and 58 by one of 20: of 150 expected around day 30, 50 to 56 hold 70."""
	quoted = deal("Q", due=30, qty=150 * 44 / 13)
	found, parts, _ = planned(lake, *closed(12, 28), quoted, orders={28: 500.0, 58: 20.0})
	assert found["committed"].sum() == 520
	assert found["qty"].to_numpy() == pytest.approx(10 + np.eye(HORIZON)[30] * 80)
	assert found["net_qty"].sum() == pytest.approx(600 + 80 - 520)
	assert parts["effect"].sum() * HORIZON == pytest.approx(80)


def test_beyond_the_horizon_and_without_a_forecast(lake):
	found, parts, run = planned(lake, deal("far", due=HORIZON, qty=9e4), deal("new", item="unsold", qty=9e4))
	assert (found["qty"] == 10).all() and parts.empty
	assert run.warnings == [
		"1 open line of quotations, opportunities or maintenance is for items without a forecast, and not planned for."
	]


def test_each_kind_is_a_part_of_its_own(lake):
	deals = [deal("Q", qty=9000.0, due=5), deal("M", kind="maintenance", qty=9000.0, due=5)]
	found, parts, _ = planned(lake, *deals, deal("old", made=-300, qty=50.0))
	assert parts["part"].tolist() == ["planned maintenance", "open quotations"]
	assert parts["effect"].sum() * HORIZON == pytest.approx(found["qty"].sum() - 600)
	assert "1 open for too long to count" in parts["note"][1]
	assert not parts.duplicated(["item_code", "warehouse", "kind", "part"]).any()


def test_nothing_in_the_pipeline_changes_nothing(lake):
	found, parts, run = planned(lake)
	assert (found["qty"] == 10).all() and parts.empty and not run.warnings
