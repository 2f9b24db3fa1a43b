"""Why an order differs from the run before: the parts add up, and name what changed."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from buying_world import AS_OF, forecast, lead, offer, one, order, quality, world

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.engine.plan import Tables, make_plan


def after(first: dict, second: dict, policy: Policy | None = None, **edited) -> pd.Series:
	"""The recommendation of a run on `second`, when a run on `first` came before."""
	before = make_plan(Tables(**world(**first)), AS_OF, Policy()).recommendations.assign(**edited)
	made = make_plan(Tables(**(world(**second) | {"previous": before})), AS_OF, policy or Policy())
	return made.recommendations.iloc[0]


def parts(row) -> tuple[float, float, list[float]]:
	was, now = re.match(r"Quantity (\S+) -> (\S+):", row["changes"]).groups()
	return float(was), float(now), [float(x) for x in re.findall(r"\(([+-][\d.]+)\)", row["changes"])]


def test_as_before_says_nothing():
	assert after({}, {})["changes"] == ""
	_, r = one()
	assert r["changes"] == "", "new"


def test_more_demand_and_a_longer_lead_time_are_told_apart():
	given = {"on_hand": 0.0}
	grown = given | {"forecasts": forecast(14.0), "lead_times": [lead(mean=60.0)]}
	row = after(given, grown)
	was, now, found = parts(row)
	assert (was, now) == (303, row["qty"]) and len(found) == 2
	assert sum(found) == pytest.approx(now - was)
	assert "forecast 10 -> 14 a day (+" in row["changes"] and "lead time 11 -> 60 days (+" in row["changes"]


def test_a_price_break_is_named():
	broken = [offer(price_breaks=json.dumps([{"qty": 500, "price": 7.5}]))]
	row = after({}, {"supplier_items": broken})
	was, now, found = parts(row)
	assert (was, now) == (303, 500) and sum(found) == 197
	assert "price 8 -> 7.5" in row["changes"] and "price break 0 -> 500" in row["changes"]


def test_stock_sold_meanwhile_is_named():
	row = after({"on_hand": 10.0}, {"on_hand": 0.0, "outbound": [order("SO-1", -1, 400, "SO")]})
	_, now, found = parts(row)
	assert now == row["qty"] and sum(found) == pytest.approx(now - 303)
	assert "position 10 -> -400" in row["changes"]


def test_a_setting_is_named():
	row = after({}, {}, Policy(ordering_cost=100.0))
	assert row["changes"] == "Quantity 303 -> 605: cost of an order 25 -> 100 (+302)"


def test_what_inputs_do_not_explain_is_said():
	row = after({}, {}, qty=100.0)
	assert row["changes"] == "Quantity 100 -> 303: other limits (+203)"


@pytest.mark.parametrize("inputs", ["", "{}", "nonsense", '{"qty": 3}'])
def test_inputs_that_cannot_be_read_are_as_good_as_none(inputs):
	assert after({}, {"forecasts": forecast(20.0)}, inputs=inputs)["changes"] == ""


def test_a_new_supplier_is_named():
	offers = [offer("Acme"), offer("Beta", price=6.0, default=False)]
	row = after(
		{},
		{"supplier_items": offers, "lead_times": [lead(), lead("Beta")], "quality": quality(error_std=4.0)},
	)
	assert row["supplier"] == "Beta" and "price 8 -> 6" in row["changes"]
	_, now, found = parts(row)
	assert sum(found) == pytest.approx(now - 303)
