"""Scenarios on a small lake: what moves, by how much, and what does not."""

from __future__ import annotations

import itertools
import threading
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scenario_world import AS_OF, EU, UK, day, make_world, outcome
from test_overlay import fingerprint

from sentia_ops import chain
from sentia_ops.chain import PlanSettings
from sentia_ops.errors import BusyError, NoDataError, SentiaError
from sentia_ops.forecasting.frames import DEMAND, FORECAST_QUALITY, FORECASTS
from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.frames import INBOUND, RECOMMENDATIONS, STOCK, STOCK_POLICY
from sentia_ops.scenarios import flow
from sentia_ops.scenarios.engine.apply import Facts, table_changes
from sentia_ops.scenarios.engine.changes import Change
from sentia_ops.scenarios.engine.difference import Side, _stockout
from sentia_ops.scenarios.flow import names_in, ruled_settings, what_if
from sentia_ops.scenarios.telling import as_data
from sentia_ops.store.overlay import OverlayStore
from sentia_ops.suppliers.frames import LEAD_TIMES, SUPPLIER_ITEMS, SUPPLIER_TERMS

KITCHEN = Change("demand", 1.2, item_group="Kitchen")


def changed(store, *changes: Change) -> OverlayStore:
	"""The tables a scenario plans with."""
	base = OverlayStore(store)
	facts = flow._facts(base, list(changes), names_in(store), AS_OF)
	return OverlayStore(base, table_changes(list(changes), facts))


def at(rows: pd.DataFrame, item: str, warehouse: str) -> pd.DataFrame:
	return rows[rows["item_code"].eq(item) & rows["warehouse"].eq(warehouse)]


# the tables


def test_demand_scales_forecasts_intervals_error_and_history_of_the_group_only(shared):
	there = changed(shared, KITCHEN)
	row = at(there.read(FORECASTS), "KETTLE", UK).iloc[0]
	assert row[["qty", "median", "lo95", "hi80", "machine_qty"]].tolist() == [12.0, 12.0, 9.6, 13.2, 12.0]
	assert row["net_qty"] == 11.0 and row["committed"] == 1.0  # the order of 1 stays an order of 1
	assert at(there.read(FORECAST_QUALITY), "KETTLE", EU)["error_std"].item() == pytest.approx(4.8)
	assert there.read(DEMAND)["qty"].tolist() == [12.0]
	pd.testing.assert_frame_equal(
		at(there.read(FORECASTS), "MUG", UK), at(shared.read(FORECASTS), "MUG", UK), check_like=True
	)


def test_demand_within_days_scales_the_error_by_the_share_of_them(shared):
	there = changed(
		shared,
		Change(
			"demand", 2, item_code="KETTLE", warehouse=UK, first=date(2025, 3, 19), last=date(2025, 3, 27)
		),
	)
	rows = at(there.read(FORECASTS), "KETTLE", UK)
	assert rows["qty"].tolist() == [10.0] * 9 + [20.0] * 9 + [10.0] * 72
	assert at(there.read(FORECAST_QUALITY), "KETTLE", UK)["error_std"].item() == pytest.approx(3.0 * 99 / 90)
	assert at(there.read(FORECAST_QUALITY), "KETTLE", EU)["error_std"].item() == 4.0


def test_demand_of_a_market_is_that_of_its_warehouses(shared):
	rows = changed(shared, Change("demand", 3, market="EU")).read(FORECASTS)
	assert set(at(rows, "KETTLE", EU)["qty"]) == {18.0} and set(at(rows, "KETTLE", UK)["qty"]) == {10.0}


def test_an_item_named_like_a_market_is_told_apart(shared):
	assert changed(shared, Change("demand", 3, item_code="UK")).read(FORECASTS)["qty"].max() == 10.0


def test_a_late_supplier_delays_lead_times_promises_and_its_open_orders(shared):
	there = changed(shared, Change("late", 5, supplier="Acme"))
	lead = there.read(LEAD_TIMES, supplier="Acme").iloc[0]
	assert lead[["mean_days", "p50_days", "p90_days", "p95_days", "std_days"]].tolist() == [15, 15, 17, 18, 2]
	assert there.read(LEAD_TIMES, supplier="Bolt")["mean_days"].item() == 6
	assert there.read(SUPPLIER_ITEMS, supplier="Acme")["promised_lead_days"].item() == 15
	assert at(there.read(INBOUND), "KETTLE", EU)["due_date"].item() == day(7)
	assert at(there.read(INBOUND), "MUG", UK)["due_date"].item() == day(-3)


def test_an_overdue_order_of_a_late_supplier_comes_so_many_days_from_today(shared):
	there = changed(shared, Change("late", 4, supplier="Potter"))
	assert at(there.read(INBOUND), "MUG", UK)["due_date"].item() == day(4)


def test_late_for_another_item_changes_nothing(shared):
	found = outcome(shared, Change("late", 9, supplier="Acme", item_code="MUG"))
	assert found.difference.orders.empty
	assert found.warnings == ["Acme 9 days late for MUG concerns nothing in the plan."]


def test_prices_move_with_their_breaks(shared):
	rows = changed(shared, Change("price", -50, supplier="Acme")).read(SUPPLIER_ITEMS)
	assert rows.set_index("supplier")["price"].to_dict() == {"Acme": 4.0, "Bolt": 9.5, "Potter": 2.0}
	assert '"price": 3.6' in rows.set_index("supplier")["price_breaks"]["Acme"]
	assert '"price": 8.55' in rows.set_index("supplier")["price_breaks"]["Bolt"]


def test_a_supplier_gone_neither_offers_nor_delivers(shared):
	there = changed(shared, Change("gone", supplier="Acme"))
	assert there.read(SUPPLIER_TERMS, supplier="Acme")["barred"].item() == "gone in this scenario"
	assert there.read(SUPPLIER_TERMS)["barred"].ne("").sum() == 1
	assert there.read(INBOUND)["item_code"].tolist() == ["MUG"]


def test_a_closed_warehouse_moves_into_another(shared):
	there = changed(shared, Change("closed", warehouse=EU, into=UK))
	rows = there.read(FORECASTS)
	assert set(rows["warehouse"]) == {UK} and len(rows) == 180
	kettle = at(rows, "KETTLE", UK).iloc[0]
	assert kettle["qty"] == 16.0 and kettle["hi80"] == pytest.approx(16 + np.sqrt(2))
	assert kettle["lo95"] == pytest.approx(16 - np.sqrt(8))
	assert at(there.read(FORECAST_QUALITY), "KETTLE", UK)["error_std"].item() == 5.0  # sqrt(3^2 + 4^2)
	assert at(there.read(STOCK), "KETTLE", UK)["on_hand"].item() == 260.0
	assert set(there.read(INBOUND)["warehouse"]) == {UK}


def test_a_warehouse_closed_for_good_takes_its_demand_along(shared):
	there = changed(shared, Change("closed", warehouse=EU))
	for frame in (FORECASTS, FORECAST_QUALITY, STOCK, INBOUND):
		assert EU not in set(there.read(frame)["warehouse"]), frame.name


# rules


def ruled(*changes: Change, policy: Policy | None = None, spent: float = 1000.0) -> Policy:
	return ruled_settings(PlanSettings(policy=policy or Policy()), changes, spent).policy


def test_rules_of_the_plan():
	assert ruled(Change("service", 98)).service_level == 0.98
	assert ruled(Change("review", 14)).review_days == 14
	assert ruled(Change("holding", 30)).holding_rate == 0.3
	assert ruled(Change("budget", 500)).budget == 500
	assert ruled(Change("no budget"), policy=Policy(budget=3.0)).budget is None


def test_one_level_for_all_replaces_those_by_class_and_a_class_is_added_to_it():
	by_class = Policy(service_levels="AX=99 CZ=80")
	assert ruled(Change("service", 97), policy=by_class).levels() == {}
	assert ruled(Change("service", 97, service_class="AX"), policy=by_class).levels() == {
		"AX": 0.97,
		"CZ": 0.8,
	}
	both = ruled(Change("service", 90, service_class="BY"), Change("service", 97), policy=by_class)
	assert (both.service_level, both.levels()) == (0.97, {"BY": 0.9})


def test_a_budget_is_cut_from_the_one_set_or_from_what_the_plan_would_spend():
	assert ruled(Change("budget cut", 20), policy=Policy(budget=400.0)).budget == 320
	assert ruled(Change("budget cut", 20), spent=1000).budget == 800


# the difference


def test_more_demand_in_plain_words_and_figures_that_add_up(shared):
	found = outcome(shared, KITCHEN)
	orders = found.difference.orders
	row = orders.set_index(["item_code", "warehouse"]).loc[("KETTLE", UK)]
	assert row["kind"] == "new" and row["qty_then"] > 0 and np.isnan(row["qty_now"])
	assert "Demand a day 10 → 12" in row["why"] and "so it is ordered" in row["why"]
	purchase = found.difference.measure("purchase")
	assert purchase.change == pytest.approx(orders["cost_then"].sum() - orders["cost_now"].sum())
	assert found.difference.headline[0].startswith("With demand of Kitchen 20 % higher you would order for ")
	assert f"{purchase.then:,.0f} GBP instead of {purchase.now:,.0f} GBP" in found.difference.headline[0]
	assert "1 item would need an order this week that does not today." in found.difference.headline
	for table in found.difference.totals.values():
		assert table["cost_then"].sum() == pytest.approx(purchase.then)
		assert table["cost_now"].sum() == pytest.approx(purchase.now)
	assert found.notes == ["Demand of Kitchen 20 % higher: 2 forecasts scaled by 1.2, with their intervals."]


def test_the_order_s_why_is_arithmetic_that_holds(shared):
	policy = outcome(shared, KITCHEN).tables["stock_policy"].set_index(["item_code", "warehouse"])
	row = policy.loc[("KETTLE", UK)]
	why = (
		outcome(shared, KITCHEN)
		.difference.orders.set_index(["item_code", "warehouse"])
		.loc[("KETTLE", UK), "why"]
	)
	position, below, point = (
		float(x.replace(",", ""))
		for x in _between(why, "the position of ", " is ", " below the reorder point of ", ",")
	)
	assert point - position == pytest.approx(below, abs=1)
	assert position == pytest.approx(row["position"], abs=0.5) and point == pytest.approx(
		row["reorder_point"], abs=0.5
	)


def _between(text: str, *marks: str) -> list[str]:
	found = []
	for left, right in itertools.pairwise(marks):
		_, _, text = text.partition(left)
		found.append(text.partition(right)[0])
	return found


def test_less_demand_takes_an_order_away(shared):
	found = outcome(shared, Change("demand", 0.3, warehouse=EU)).difference
	row = found.orders.iloc[0]
	assert (row["kind"], row["warehouse"]) == ("gone", EU) and np.isnan(row["cost_then"])
	assert "so nothing is ordered" in row["why"]
	assert "less" in found.headline[0]


def test_a_supplier_gone_sends_the_order_to_another(shared):
	found = outcome(shared, Change("gone", supplier="Acme")).difference
	row = found.orders.set_index("warehouse").loc[EU]
	assert (row["supplier_now"], row["supplier_then"]) == ("Acme", "Bolt")
	assert "other supplier" in row["change"] and "Bolt instead of Acme" in row["why"]
	assert set(found.totals["supplier"]["name"]) >= {"Acme", "Bolt"}


def test_the_plan_says_that_the_supplier_is_gone(shared):
	found = outcome(shared, Change("gone", supplier="Acme"))
	order = found.tables["recommendations"].set_index("warehouse").loc[EU]
	assert "gone in this scenario" in order["alternatives"]
	assert {"1 offer left out", "1 open order line never delivered"} == set(
		found.notes[0][len("Acme gone: ") : -1].split("; ")
	)


def test_what_is_short_and_not_ordered_costs_what_it_costs_unordered(shared):
	base = outcome(shared, Change("service", 95))
	orders, policy = base.tables["recommendations"], base.tables["stock_policy"]
	none = Side(orders.head(0), policy, 0.25)
	cost = _stockout(none, Side(orders, policy, 0.25))
	assert cost == pytest.approx(orders["cost_without"].sum()) and cost > 0
	assert _stockout(Side(orders, policy, 0.25), none) == pytest.approx(orders["cost_with"].sum())


def test_a_dearer_supplier_that_stays_is_dearer_and_nothing_else(shared):
	found = outcome(shared, Change("price", 1, supplier="Acme")).difference
	assert "dearer" in found.orders.iloc[0]["change"] or found.orders.iloc[0]["kind"] in ("larger", "smaller")
	assert "nit price 7.2 GBP → 7.27 GBP" in found.orders.iloc[0]["why"]  # the price from 500 on


def test_nothing_changes_where_nothing_is_changed(shared):
	found = outcome(shared, Change("service", 95)).difference
	assert found.orders.empty and found.same == len(shared.read(RECOMMENDATIONS))
	assert all(m.change in (0, None) for m in found.measures)
	assert "cost the same" in found.headline[0]


def test_a_higher_service_level_holds_more_stock(shared):
	holding = outcome(shared, Change("service", 99)).difference.measure("holding")
	assert holding.change > 0 and holding.better == -1


def test_no_data_is_said_and_not_zero(shared):
	data = as_data(outcome(shared, KITCHEN))
	policy = outcome(shared, KITCHEN).tables["stock_policy"]
	if policy["fill_rate"].isna().all():
		fill = next(m for m in data["measures"] if m["name"] == "fill")
		assert fill["then"] is None and fill["change"] is None


def test_several_scenarios_share_one_plan_as_it_is(shared, monkeypatch):
	plans = []
	real = chain.plan
	monkeypatch.setattr(chain, "plan", lambda *args, **named: plans.append(1) or real(*args, **named))
	found = what_if(
		shared, [[KITCHEN], [Change("service", 99)], [Change("gone", supplier="Acme")]], as_of=AS_OF
	)
	assert len(found) == 3 and len(plans) == 4
	assert len({o.difference.measure("purchase").now for o in found}) == 1


# the base


def test_nothing_is_written(store):
	before = fingerprint(store.path)
	found = outcome(store, KITCHEN, Change("closed", warehouse=EU, into=UK), Change("budget cut", 10))
	assert fingerprint(store.path) == before
	assert set(found.tables) >= {"stock_policy", "recommendations"}
	assert "run" in found.tables["recommendations"]


def test_the_plan_as_it_is_equals_the_one_the_store_has(shared):
	overlay = OverlayStore(shared)
	chain.plan(overlay, as_of=AS_OF, only=["buying"])
	left = [c for c in RECOMMENDATIONS.columns if c not in ("run", "changes")]
	pd.testing.assert_frame_equal(overlay.read(RECOMMENDATIONS)[left], shared.read(RECOMMENDATIONS)[left])


def test_a_run_of_the_base_under_way_does_not_disturb(store):
	with store.run("plan"):
		assert outcome(store, KITCHEN).difference.orders.shape[0]


def test_a_plan_written_meanwhile_is_noticed(store, monkeypatch):
	real = flow._outcome

	def planned_meanwhile(*args, **named):
		found = real(*args, **named)
		worker = threading.Thread(
			target=chain.plan, args=(store,), kwargs={"as_of": AS_OF, "only": ["buying"]}
		)
		worker.start()
		worker.join()
		return found

	monkeypatch.setattr(flow, "_outcome", planned_meanwhile)
	with pytest.raises(BusyError, match="planned anew"):
		outcome(store, KITCHEN)


def test_without_a_forecast_a_demand_change_is_refused(tmp_path):
	store = make_world(tmp_path / "lake", planned=False)
	with store.run("import") as run:
		store.write(FORECASTS, FORECASTS.empty(), run=run)
	with pytest.raises(NoDataError, match="no forecast"):
		outcome(store, KITCHEN)


def test_lead_times_never_measured_are_measured_for_the_scenario(tmp_path):
	store = make_world(tmp_path / "lake", planned=False)
	with store.run("import") as run:
		store.write(LEAD_TIMES, LEAD_TIMES.empty(), run=run)
	found = outcome(store, Change("late", 20, supplier="Acme"))
	assert "lead time" in " ".join(found.notes)
	assert found.difference.orders.shape[0]


def test_unknown_names_are_refused_before_anything_is_planned(shared, monkeypatch):
	monkeypatch.setattr(chain, "plan", lambda *args, **named: pytest.fail("planned"))
	with pytest.raises(SentiaError, match="There is no item group Kitchn"):
		outcome(shared, Change("demand", 2, item_group="Kitchn"))


def test_groups_hold_the_groups_within(shared):
	names = names_in(shared, {"All": frozenset(["All", "Kitchen", "Table"]), "Empty": frozenset(["Empty"])})
	assert set(names.groups) == {"All", "Kitchen", "Table"}
	found = what_if(shared, [[Change("demand", 2, item_group="All")]], as_of=AS_OF, names=names)[0]
	assert "3 forecasts" in found.notes[0]


def test_facts_know_nothing_they_do_not_need(shared):
	facts = flow._facts(OverlayStore(shared), [Change("service", 98)], names_in(shared), AS_OF)
	assert isinstance(facts, Facts) and facts.forecasts.empty and facts.order_lines == {}
	assert shared.read(STOCK_POLICY).shape[0] == 3
