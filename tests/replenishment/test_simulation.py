"""The simulator of benchmarks/replenishment.py: its books balance, and tiny cases come out as worked out by hand."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from replenishment_compare import at_service, rows_of, run, service
from replenishment_rules import ERPNext, Textbook
from replenishment_sim import Costs, Levels, clairvoyant, order_size, simulate
from replenishment_world import HISTORY, World, classify, demo_world

COSTS = Costs(holding_rate=0.365, ordering=10.0)  # a unit worth 1 costs 0.001 a day


def tiny(wanted, lead=2, warm=0, **changed) -> World:
	"""One pair or several; lead time fixed, no packs, unit cost 1, margin 5."""
	wanted = np.atleast_2d(np.array(wanted, dtype=float))
	n, days = wanted.shape
	world = World(
		name="tiny",
		cut=date(2026, 1, 1),
		warm=warm,
		pairs=pd.DataFrame({"item_code": [f"I{i}" for i in range(n)], "warehouse": "W", "source": "S"}),
		items=pd.DataFrame(),
		sales=pd.DataFrame(),
		wanted=wanted,
		unit_cost=np.ones(n),
		margin=np.full(n, 5.0),
		min_qty=np.zeros(n),
		pack=np.ones(n),
		promised_days=np.full(n, np.mean(lead)),
		lead_mean=np.full((n, days), np.mean(lead)),
		lead_std=np.zeros(n),
		lead=np.zeros((n, days), dtype=int) + lead,
		split=np.zeros((n, days), dtype=bool),
		gap=np.ones((n, days), dtype=int),
		reject=np.zeros(n),
		luck=np.zeros((n, days)),
		opening=np.zeros(n),
		receipts=pd.DataFrame(),
		offers=pd.DataFrame(),
		classes=np.full(n, "AX"),
	)
	return replace(world, **changed)


@dataclass(frozen=True)
class Fixed:
	reorder: float
	lot: float
	n: int = 1
	name: str = "fixed"
	review: int = 1

	def levels(self, day: int) -> Levels:
		point = np.full(self.n, float(self.reorder))
		return Levels(point, np.full(self.n, float(self.lot)), point)


def traced(world, rule, **more):
	trace: dict = {}
	return simulate(world, rule, COSTS, trace=trace, **more), trace


def test_one_item_by_hand():
	"""Opening 3 (the reorder point), 1 a day; below 3 an order of 4, two days under way.

	day      0  1  2  3  4  5  6
	comes    .  .  .  4  .  .  .     ordered on day 1, position 2 + 0 < 3
	wanted   1  1  1  1  3  1  1
	sold     1  1  1  1  3  0  0     after day 4 nothing is left
	left     2  1  0  3  0  0  0
	position before the order on day 4: 3 + 0, not below 3; on day 5: 0 < 3, an order of 4 that comes on day 7.
	"""
	ledger, trace = traced(tiny([1, 1, 1, 1, 3, 1, 1]), Fixed(3, 4))
	assert trace["on_hand"][0].tolist() == [2, 1, 0, 3, 0, 0, 0]
	assert trace["ordered"][0].tolist() == [0, 4, 0, 0, 0, 4, 0]
	assert trace["received"][0].tolist() == [0, 0, 0, 4, 0, 0, 0]
	assert ledger.short[0] == 2 and ledger.wanted[0] == 9
	assert ledger.holding[0] == pytest.approx(6 * 0.001)  # 2 + 1 + 0 + 3 unit days
	assert ledger.ordering[0] == 2 * 10.0
	assert ledger.stockout[0] == 2 * 5.0
	assert (ledger.cycles[0], ledger.failed[0]) == (1, 0)  # the cycle that fails has not ended by a delivery
	assert ledger.total[0] == pytest.approx(0.006 + 20 + 10)


def test_backorders_are_delivered_first_and_count_once():
	"""Opening 1; 2 a day for two days, then nothing: 3 are owed, the order of 4 of day 1 comes on day 3 and leaves 1."""
	ledger, trace = traced(tiny([2, 2, 0, 0, 0]), Fixed(1, 4), backorders=True)
	assert trace["backlog"][0].tolist() == [1, 3, 3, 0, 0]
	assert trace["on_hand"][0].tolist() == [0, 0, 0, 1, 1]
	assert ledger.short[0] == 3
	assert (ledger.cycles[0], ledger.failed[0]) == (1, 1)


def test_orders_on_the_review_day_only():
	_, trace = traced(tiny([1] * 10), replace(Fixed(3, 4), review=3))
	assert np.flatnonzero(trace["ordered"][0]).tolist() == [3, 9]  # position 0, 3 and 0 on days 3, 6, 9


def test_minimum_order_and_packs_are_the_simulators():
	wanted = order_size(np.array([0.0, 1.0, 7.0, 13.0]), np.array([5.0] * 4), np.array([6.0] * 4))
	assert wanted.tolist() == [0, 6, 12, 18]


def test_warm_up_days_do_not_count():
	_ledger, whole = traced(tiny([1, 1, 1, 1, 3, 1, 1]), Fixed(3, 4))
	ledger, trace = traced(tiny([1, 1, 1, 1, 3, 1, 1], warm=4), Fixed(3, 4))
	assert (trace["on_hand"] == whole["on_hand"]).all()
	assert ledger.wanted[0] == 5 and ledger.orders[0] == 1 and ledger.stock_days[0] == 0
	assert (ledger.cycles[0], ledger.failed[0]) == (
		1,
		1,
	)  # never delivered, and short: a failure all the same


@pytest.mark.parametrize("backorders", [False, True])
def test_no_unit_appears_or_disappears(backorders):
	rng = np.random.default_rng(5)
	n, days = 30, 120
	world = tiny(
		rng.poisson(rng.uniform(0.1, 8, (n, 1)), (n, days)),
		lead=rng.integers(1, 12, (n, days)),
		split=rng.random((n, days)) < 0.4,
		gap=rng.integers(1, 6, (n, days)),
		opening=rng.random(n),
		pack=np.full(n, 6.0),
		min_qty=np.full(n, 12.0),
	)
	ledger, t = traced(world, Fixed(30, 40, n=n), backorders=backorders)
	flow = t["opening"] + t["received"].sum(axis=1) - t["sold"].sum(axis=1)
	assert np.allclose(flow, t["on_hand"][:, -1])
	assert (t["on_hand"] >= 0).all()
	owed = t["backlog"][:, -1] if backorders else ledger.short
	assert np.allclose(world.wanted.sum(axis=1), t["sold"].sum(axis=1) + owed)
	arrived_late = t["ordered"][:, -25:].sum(axis=1)
	assert (t["received"].sum(axis=1) <= t["ordered"].sum(axis=1)).all()
	assert (t["received"].sum(axis=1) >= t["ordered"].sum(axis=1) - arrived_late).all()


def test_rejected_pieces_leave_the_order_but_never_reach_stock():
	world = tiny([0] * 6, opening=np.zeros(1), reject=np.array([0.25]))
	_, trace = traced(world, Fixed(8, 8))
	assert trace["opening"][0] == 8
	world = replace(world, wanted=np.array([[4.0, 0, 0, 0, 0, 0]]))
	_, trace = traced(world, Fixed(8, 8))
	assert trace["received"][0].tolist() == [0, 0, 0, 6, 0, 0]
	assert trace["ordered"][0].tolist() == [0, 8, 0, 0, 0, 0]  # 4 + 6 = 10 is not below 8 again


def test_clairvoyant_by_hand():
	"""10 an order, 0.001 a unit and day: two days' demand together, unless holding costs more than an order.

	Demand 100, 100, 0, 9000: the 9000 held for a day from day 2 cost 9, less than another order, but no order needs to come
	before day 3, so the best is: one order of 200 on day 0 (0.1) and one on day 3. One order for all: 0.1 + 27.
	"""
	bound = clairvoyant(tiny([100, 100, 0, 9000]), COSTS)
	assert bound.orders[0] == 2
	assert bound.holding[0] == pytest.approx(0.1)
	assert bound.ordering[0] == 20.0


def test_clairvoyant_is_below_every_policy_without_stock_outs():
	rng = np.random.default_rng(1)
	world = tiny(rng.poisson(4, (8, 100)), warm=20, opening=rng.random(8))
	bound = clairvoyant(world, COSTS)
	for reorder, lot in ((30, 50), (40, 200), (60, 20)):
		ledger = simulate(world, Fixed(reorder, lot, n=8), COSTS)
		assert ledger.short.sum() == 0
		assert (
			bound.holding + bound.ordering <= ledger.total + 10.0 + 1e-9
		).all()  # one order may lie before the days counted


def test_every_policy_meets_the_same_numbers():
	world = demo_world(3, date(2026, 3, 1), items=20)
	again = demo_world(3, date(2026, 3, 1), items=20)
	for name in ("wanted", "lead", "split", "gap", "luck", "opening"):
		assert np.array_equal(getattr(world, name), getattr(again, name)), name
	assert not np.array_equal(world.wanted, demo_world(4, date(2026, 3, 1), items=20).wanted)
	before = {name: getattr(world, name).copy() for name in ("wanted", "lead", "luck")}
	n = len(world.pairs)
	for rule in (ERPNext(world, COSTS, np.full(n, 0.5)), Textbook(world, COSTS, np.full(n, 1.6))):
		simulate(world, rule, COSTS)
	assert all(np.array_equal(getattr(world, name), values) for name, values in before.items())


def test_demo_world_has_the_truth_of_the_generator():
	world = demo_world(3, date(2026, 3, 1), items=20)
	source = world.pairs["source"].to_numpy()
	rhein = np.flatnonzero(source == "Rheinland Elektrotechnik GmbH")
	if len(rhein):
		assert world.lead[rhein].mean() == pytest.approx(12, abs=0.5)
	assert (world.lead >= 1).all() and (world.margin > 0).all()
	sold, stocked = world.past
	assert sold.shape == stocked.shape == (len(source), HISTORY + world.days)
	assert np.array_equal(sold[:, HISTORY:], world.wanted)  # what was wanted is what planners see later


def test_rivals_see_nothing_of_the_days_to_come():
	world = demo_world(3, date(2026, 3, 1), items=20)
	n = len(world.pairs)
	later = world.wanted.copy()
	later[:, 28:] += 50
	sales = world.sales[world.sales["date"] < pd.Timestamp(world.cut) + pd.Timedelta(days=28)]
	other = replace(world, wanted=later, sales=sales)
	for kind in (ERPNext, Textbook):
		a, b = (kind(w, COSTS, np.ones(n)).levels(28) for w in (world, other))
		assert np.array_equal(a.reorder, b.reorder) and np.array_equal(a.lot, b.lot), kind


def test_textbook_formula_by_hand():
	"""Sold 2, 4, 2, 4 ... : mean 3, deviation 1.0056 over 90 days; lead time 9 +- 2 days, z 2: 27 + 2 x sqrt(9 + 36) = 40.5."""
	days = HISTORY + 4
	sold = np.tile([2.0, 4.0], days // 2)
	world = tiny([0, 0, 0, 0], lead=9, lead_std=np.array([2.0]))
	world.__dict__["past"] = (sold[None, :], np.ones((1, days), dtype=bool))
	found = Textbook(world, COSTS, np.array([2.0])).levels(0)
	std2 = 90 / 89
	assert found.reorder[0] == pytest.approx(27 + 2 * np.sqrt(9 * std2 + 36))
	assert found.lot[0] == pytest.approx(np.sqrt(2 * 3 * 365 * 10 / 0.365))
	erp = ERPNext(world, COSTS, np.array([0.5])).levels(0)
	assert erp.reorder[0] == pytest.approx(3 * 9 * 1.5)


def test_same_service_lies_between_the_points_of_the_grid():
	low = {"cycles": 100, "failed": 20, "holding": 10.0, "ordering": 5.0, "stockout": 9.0}
	high = {"cycles": 100, "failed": 4, "holding": 30.0, "ordering": 5.0, "stockout": 1.0}
	assert at_service([low, high], 0.88) == (0, pytest.approx(0.5))
	assert at_service([low, high], 0.99) == (1, 0.0)  # out of reach: the nearest there is
	dear = {"cycles": 100, "failed": 20, "holding": 90.0, "ordering": 5.0, "stockout": 9.0}
	assert at_service([dear, high, low], 0.88)[0] == 1  # reached twice: the cheaper


def test_rivals_get_our_service_in_each_class_and_ours_stays_as_it_is():
	worlds = [demo_world(seed, date(2026, 3, 1), items=20) for seed in (3, 4)]
	runs = []
	for world in worlds:
		n = len(world.pairs)
		runs.append(
			run(world, [Textbook(world, COSTS, np.full(n, 1.64), name="ours")], np.full(n, 0.95), COSTS)
		)
	rows = rows_of(runs)

	def pooled(policy, variant, name):
		mine = [r for r in rows if (r["policy"], r["variant"], r["class"]) == (policy, variant, name)]
		return {key: sum(r[key] for r in mine) for key in ("cycles", "failed", "holding", "wanted")}

	for name in {r["class"] for r in rows} - {"all"}:
		ours = pooled("ours", "as set", name)
		for rival in ("textbook normal + EOQ", "ERPNext reorder level"):
			theirs = pooled(rival, "same service", name)
			assert theirs["wanted"] == pytest.approx(ours["wanted"])
			reach = [service(runs[0].grids[rival][k].get(name, {"cycles": 0})) for k in (0, -1)]
			if min(reach) < service(ours) < max(reach):
				assert service(theirs) == pytest.approx(service(ours), abs=0.02), (rival, name)
	whole = pooled("ours", "as set", "all")
	parts = [pooled("ours", "as set", name) for name in {r["class"] for r in rows} - {"all"}]
	assert whole["holding"] == pytest.approx(sum(p["holding"] for p in parts))


def test_classes_by_hand():
	"""Weekly sales of three items worth 850, 100 and 50 in all: A, B, C; the even one X, the one with a single week Z."""
	rows = pd.DataFrame({"row": [0] * 26 + [1] + [2] * 26, "qty": [850 / 26] * 26 + [100.0] + [50 / 26] * 26})
	day = np.array([*range(-182, 0, 7), -10, *range(-182, 0, 7)])
	assert classify(rows, 3, day, np.ones(3)).tolist() == ["AX", "BZ", "CX"]
