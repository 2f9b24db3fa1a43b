"""Classes, service levels, the planner's own rules, and what the stock policy says of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from buying_world import KETTLE, forecast, offer, one, order, plan, quality, reason, stock

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.classes import abc, xyz
from sentia_ops.replenishment.frames import RECOMMENDATIONS, STOCK_POLICY


def test_abc_by_hand():
	"""Of 100: 50 and 25 make 75, 20 crosses 80 and begins below it, 4 begins at 95: C."""
	assert abc(np.array([4.0, 50, 25, 20, 1, 0])).tolist() == ["C", "A", "A", "A", "C", ""]
	assert abc(np.array([96.0, 2, 2])).tolist() == ["A", "C", "C"]
	assert abc(np.array([80.0, 14, 6])).tolist() == ["A", "B", "B"]
	assert abc(np.zeros(2)).tolist() == ["", ""]


def test_xyz_by_hand():
	"""A week of 70 with daily errors of 13.2: 13.2 x 2.6458 / 70 = 0.499; 13.3: 0.503; 26.5: 1.0016."""
	daily = np.array([10.0, 10, 10, 10, 0])
	assert xyz(daily, np.array([13.2, 13.3, 26.4, 26.5, 1])).tolist() == ["X", "Y", "Y", "Z", ""]


def test_each_class_has_its_level():
	p, r = one(Policy(service_levels="AX=99"))
	assert (p["abc"], p["xyz"], p["service_level"], r["service_class"]) == ("A", "X", 0.99, "AX")
	assert reason(r, "Class")["text"] == (
		"AX (demand worth 29200 a year; a week scatters by 0.1134 of its mean); wanted: 99 % of replenishment cycles without "
		"a stock-out"
	)
	assert one(Policy(service_levels="BX=99"))[0]["service_level"] == 0.95


GROUPED = {"item": {"item_group": "Kitchen"}}


@pytest.mark.parametrize(
	("rules", "level"),
	[
		([{"item_group": "Kitchen", "service_level": 0.8}], 0.8),
		([{"item_group": "Garden", "service_level": 0.8}], 0.95),
		(
			[
				{"item_group": "Kitchen", "warehouse": "UK", "service_level": 0.85},
				{"item_group": "Kitchen", "service_level": 0.8},
			],
			0.85,
		),
		(
			[
				{"item_code": "KETTLE", "service_level": 0.9},
				{"item_group": "Kitchen", "warehouse": "UK", "service_level": 0.8},
			],
			0.9,
		),
		(
			[
				{"item_code": "KETTLE", "warehouse": "UK", "service_level": 0.97},
				{"item_code": "KETTLE", "service_level": 0.9},
			],
			0.97,
		),
		(
			[
				{"item_code": "KETTLE", "warehouse": "UK", "review_days": 3},
				{"item_code": "KETTLE", "service_level": 0.9},
			],
			0.9,
		),
	],
)
def test_the_most_exact_rule_counts(rules, level):
	assert one(Policy(), overrides=rules, **GROUPED)[0]["service_level"] == level


def test_every_rule_acts():
	def ruled(**rule):
		return one(Policy(), overrides=[{"item_code": "KETTLE"} | rule])

	p, r = ruled(safety_stock=100.0)
	assert (p["safety_stock"], p["reorder_point"]) == (100, 245)
	assert reason(r, "Safety stock")["text"] == "100, fixed by the planner's rule"
	assert ruled(review_days=14.0)[0]["review_days"] == 14
	assert ruled(max_cover_days=10.0)[1]["qty"] < 303
	p, r = ruled(service_measure="fill", note="sells on Sundays")
	assert (
		p["service_measure"] == "fill"
		and "of demand met from stock, by the planner's rule: sells on Sundays" in reason(r, "Class")["text"]
	)
	p, r = ruled(hold=True, note="runs out on purpose")
	assert r is None and p["verdict"] == "enough"
	assert p["why"].startswith(
		"On hold by the planner's rule (runs out on purpose): never ordered; position 80"
	)


def test_rules_that_fit_nothing_are_told():
	made = plan(overrides=[{"item_code": "KETTLE", "warehouse": "EU", "service_level": 0.9}])
	assert made.warnings == ["1 policy overrides fit no item and warehouse that is planned."]


@pytest.mark.parametrize(
	("on_hand", "colour", "excess"),
	[(40, "red", 0), (100, "yellow", 0), (300, "green", 0), (2100, "over", 101)],
)
def test_the_buffer(on_hand, colour, excess):
	"""Safety stock 54, reorder point 199; beyond 180 x 10 + 199 = 1999 nothing will be used within the largest cover."""
	p, _ = one(on_hand=on_hand)
	assert p["buffer"] == colour and p["excess"] == pytest.approx(excess, abs=1.01)


def test_the_stock_policy_tells_all():
	p, r = one()
	STOCK_POLICY.validate(plan().stock_policy)
	RECOMMENDATIONS.validate(plan().recommendations)
	assert (p["distribution"], p["period_demand"], p["period_std"], p["economic_qty"]) == (
		"gamma",
		180,
		30.64,
		302.1,
	)
	assert p["order_up_to"] == 199 + 303 and p["fill_rate"] > 0.99
	assert json.loads(p["weekly_demand"]) == [70.0] * 13 == json.loads(r["weekly_demand"])
	assert r["cost_without"] > r["cost_with"] >= 0
	assert one(quality=quality(kind="lumpy"))[0]["distribution"] == "compound"


def test_every_number_the_order_rests_on_is_kept():
	_, r = one()
	kept = json.loads(r["inputs"])
	assert (kept["long_daily"], kept["lead_days"], kept["unit_cost"], kept["position"]) == (10, 11, 8, 80)
	assert kept["qty"] == r["qty"] and kept["fixed_safety"] is None


def test_available_to_promise_by_hand():
	"""80 on hand, 60 promised on day 5, 100 come on day 3, 50 promised on day 8: never more than what the later days leave."""
	given = {
		"inbound": [order("PO-1", 3, 100)],
		"outbound": [order("SO-1", 5, 60, "SO"), order("SO-2", 8, 50, "SO")],
	}
	_, r = one(on_hand=80, **given)
	assert json.loads(r["projection"])["atp"][:9] == [70, 70, 70, 70, 70, 70, 70, 70, 70]
	_, r = one(on_hand=30, outbound=[order("SO-1", 5, 60, "SO")], inbound=[order("PO-1", 7, 50)])
	assert json.loads(r["projection"])["atp"][:8] == [0, 0, 0, 0, 0, 0, 0, 20]


def test_the_order_of_rows_changes_nothing():
	codes = ["A", "B", "C"]
	given = {
		"items": [KETTLE | {"item_code": c, "item_name": c} for c in codes],
		"forecasts": [row for n, c in enumerate(codes) for row in forecast(5.0 + 5 * n, item=c)],
		"stock": [row for c in codes for row in stock(50, item=c)],
		"supplier_items": [offer(item=c) for c in codes]
		+ [offer("Beta", price=7.9, default=False, item="B")],
		"lead_times": [],
		"quality": [row for c in codes for row in quality(item=c)],
	}
	first, second = plan(**given), plan(**{name: rows[::-1] for name, rows in given.items()})
	assert first.stock_policy.equals(second.stock_policy)
	assert first.recommendations.equals(second.recommendations)
