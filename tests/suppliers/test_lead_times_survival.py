"""Our arrays against lifelines, and against what the receipts were drawn from."""

from __future__ import annotations

import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sentia_ops.suppliers.engine import estimate, survival
from sentia_ops.suppliers.engine.quantiles import EMPIRICAL_LINES

TODAY = pd.Timestamp("2025-06-01")


def drawn(mean, sigma, lines, *, supplier="Acme", item="A", seed=1, span=200, growth=0.0) -> pd.DataFrame:
	"""Lines ordered evenly over the last `span` days, lognormal; those not here yet are open."""
	rng = np.random.default_rng(seed)
	age = np.linspace(span, 1, lines).round()
	true = mean * np.exp(growth * (span - age) / 365.25)
	days = np.maximum(np.round(true * np.exp(rng.normal(0, sigma, lines) - sigma**2 / 2)), 1)
	here = days < age
	ordered = TODAY - pd.to_timedelta(age, unit="D")
	return pd.DataFrame(
		{
			"order_line": [f"{supplier}-{item}-{i}" for i in range(lines)],
			"supplier": supplier,
			"item_code": item,
			"ordered_on": ordered,
			"promised_on": ordered + pd.Timedelta(days=round(mean)),
			"received_on": pd.Series(ordered + pd.to_timedelta(days, unit="D")).where(here),
			"qty_ordered": 10.0,
			"qty_received": np.where(here, 10.0, 0.0),
		}
	)


def measured(receipts: pd.DataFrame, *, half_life=np.inf, groups=None, promised=30.0) -> pd.DataFrame:
	pairs = receipts[["supplier", "item_code"]].drop_duplicates().assign(promised_lead_days=promised)
	found = estimate(
		receipts, pairs, {}, as_of=TODAY.date(), default_days=14.0, half_life=half_life, groups=groups
	)
	return found.lead_times.set_index(["supplier", "item_code"])


@pytest.mark.parametrize(("mean", "span"), [(30, 80), (30, 60), (60, 90)])
def test_a_lognormal_fit_with_open_lines_agrees_with_lifelines(mean, span):
	from lifelines import LogNormalFitter

	receipts = drawn(mean, 0.35, 600, span=span, seed=3)
	age = (TODAY - receipts["ordered_on"]).dt.days
	here = receipts["received_on"].notna()
	took = (receipts["received_on"] - receipts["ordered_on"]).dt.days.where(here, age - 0.5)
	oracle = LogNormalFitter().fit(np.maximum(took, 0.5), event_observed=here)
	oracle_mean = np.exp(oracle.mu_ + oracle.sigma_**2 / 2)
	ours = measured(receipts, promised=mean).loc[("Acme", "A")]
	assert 0.25 < 1 - here.mean() < 0.75, "many are open"
	assert ours["mean_days"] == pytest.approx(oracle_mean, rel=0.03)
	assert ours["mean_days"] == pytest.approx(mean, rel=0.06)
	assert took[here].mean() < 0.95 * mean, "those that are here are the quick ones"
	assert ours["p95_days"] == pytest.approx(np.exp(oracle.mu_ + 1.645 * oracle.sigma_), rel=0.06)


def test_our_kaplan_meier_is_lifelines():
	from lifelines import KaplanMeierFitter

	rng = np.random.default_rng(5)
	n, groups = 900, 3
	value = rng.integers(1, 40, n).astype(float)
	is_open, weight, group = rng.random(n) < 0.3, rng.uniform(0.1, 1, n), rng.integers(0, groups, n)
	curve = survival.kaplan_meier(value, is_open, weight, group, groups)
	for share in (0.5, 0.9, 0.95):
		ours = survival.quantile(curve, share, groups)
		for g in range(groups):
			mine = group == g
			with warnings.catch_warnings():
				warnings.simplefilter("ignore")  # it warns of weights that are no whole numbers
				oracle = KaplanMeierFitter().fit(value[mine], ~is_open[mine], weights=weight[mine])
			reached = 1 - oracle.survival_function_["KM_estimate"]
			there = reached[reached >= share - 1e-9]
			assert ours[g] == there.index[0] if len(there) else np.isnan(ours[g])


def test_expectation_beyond_a_bound():
	rng = np.random.default_rng(2)
	mean, sigma, bound = 20.0, 0.5, 30.0
	draws = mean * np.exp(rng.normal(0, sigma, 2_000_000) - sigma**2 / 2)
	found = survival.expected_beyond(np.array([mean]), np.array([sigma]), np.log([bound]))[0]
	assert found == pytest.approx(draws[draws > bound].mean(), rel=0.005)
	far = survival.expected_beyond(np.array([10.0]), np.array([0.05]), np.log([300.0]))[0]
	assert 300 <= far < 310, "far out in the tail it stays finite, just beyond the bound"


def test_empirical_quantiles_follow_a_supplier_who_is_not_lognormal():
	"""Nine lines of ten after 10 days, the tenth after 40: a lognormal curve would put 95 % elsewhere."""
	receipts = drawn(10, 0.0, 200)
	late = np.arange(200) % 10 == 0
	receipts["received_on"] = receipts["ordered_on"] + pd.to_timedelta(np.where(late, 40, 10), unit="D")
	receipts = receipts[receipts["received_on"] < TODAY]
	r = measured(receipts, promised=10).loc[("Acme", "A")]
	assert len(receipts) > EMPIRICAL_LINES and "from the supplier's own delays" in r["note"]
	assert r["p50_days"] in (10, 11) and r["p95_days"] == pytest.approx(40, abs=2)


def test_a_supplier_that_gets_slower_is_told_and_measured_at_todays_level():
	growth = np.log(1.5)
	receipts = drawn(10, 0.15, 400, span=400, growth=growth)
	r = measured(receipts, promised=10, half_life=180).loc[("Acme", "A")]
	now = 10 * np.exp(growth * 400 / 365.25)
	assert r["mean_days"] == pytest.approx(now, rel=0.06)
	assert "The supplier gets slower, +" in r["note"]
	steady = measured(drawn(10, 0.15, 400, span=400), promised=10, half_life=180).loc[("Acme", "A")]
	assert "gets" not in steady["note"] and steady["mean_days"] == pytest.approx(10, rel=0.03)


def many_items(between: float, seed: int, lines=6, items=60):
	rng = np.random.default_rng(seed)
	true = 20 * np.exp(rng.normal(0, between, items) - between**2 / 2)
	receipts = pd.concat(
		[drawn(m, 0.4, lines, item=f"I{i:02}", seed=seed * 1000 + i, span=300) for i, m in enumerate(true)]
	)
	return receipts[receipts["received_on"].notna()], true


@pytest.mark.parametrize("between", [0.0, 0.3, 0.8])
def test_shrinking_is_never_much_worse_than_the_better_of_both_extremes(between):
	"""Items alike: the supplier's mean is best; items apart: their own. The estimate must find out which."""
	errors = []
	for seed in range(2):
		receipts, true = many_items(between, seed + 1)
		found = measured(receipts, promised=20)["mean_days"].to_numpy()
		days = (receipts["received_on"] - receipts["ordered_on"]).dt.days
		own = days.groupby(receipts["item_code"]).mean().to_numpy()
		errors.append(
			[np.mean(((x - true) / true) ** 2) for x in (found, own, np.full(len(true), days.mean()))]
		)
	ours, own, pooled = np.mean(errors, axis=0)
	assert ours < 1.5 * min(own, pooled) + 0.001
	if between == 0.3:
		assert ours < 0.95 * min(own, pooled), "between the extremes it beats both"


def test_twenty_thousand_pairs_take_seconds():
	import time

	rng = np.random.default_rng(1)
	pairs, lines = 20_000, 200_000
	pair = rng.integers(0, pairs, lines)
	ordered = TODAY - pd.to_timedelta(rng.integers(1, 700, lines), unit="D")
	received = pd.Series(ordered + pd.to_timedelta(np.round(rng.lognormal(2.5, 0.4, lines)) + 1, unit="D"))
	received = received.where(received < TODAY)
	receipts = pd.DataFrame(
		{
			"order_line": np.arange(lines).astype(str),
			"supplier": np.char.add("S", (pair // 50).astype(str)),
			"item_code": np.char.add("I", (pair % 5000).astype(str)),
			"ordered_on": ordered,
			"promised_on": ordered + pd.Timedelta(days=12),
			"received_on": received,
			"qty_ordered": 1.0,
			"qty_received": received.notna().astype(float),
		}
	)
	offers = receipts[["supplier", "item_code"]].drop_duplicates().assign(promised_lead_days=12.0)
	started = time.process_time()
	found = estimate(receipts, offers, {}, as_of=date(2025, 6, 1), default_days=14.0)
	assert len(found.lead_times) > 19_000
	assert time.process_time() - started < 20, "2 to 3 s of one core on an idle machine"
