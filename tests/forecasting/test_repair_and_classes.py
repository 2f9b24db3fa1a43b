"""Stock-outs filled in, spikes cut down, and demand classes told apart."""

from __future__ import annotations

import numpy as np
import pytest
from forecast_series import WEEK, history, slow, weekly

from sentia_ops.forecasting.engine import (
	ForecastSettings,
	cap_spikes,
	classify,
	fill_stockouts,
	forecast_series,
)
from sentia_ops.forecasting.engine.classify import closed_places


def test_stockout_becomes_the_mean_of_its_weekday():
	sales = np.tile([1.0, 2, 3, 4, 5, 6, 7], 8)
	seen = np.ones(56, dtype=bool)
	seen[23:27] = False  # weekdays 2 to 5, that is 3, 4, 5, 6
	filled = fill_stockouts(np.where(seen, sales, 0), seen)
	assert filled.tolist() == sales.tolist()


def test_hidden_demand_is_recovered_within_five_percent():
	truth = weekly(730, seed=3)
	rng = np.random.default_rng(4)
	seen = np.ones(730, dtype=bool)
	for start in rng.choice(700, 12, replace=False):
		seen[start : start + rng.integers(3, 20)] = False
	hidden = ~seen
	sold = np.where(seen, truth, np.floor(truth * rng.uniform(0, 0.5, 730)))
	filled = fill_stockouts(sold, seen)
	expected = 30 * WEEK[np.arange(730) % 7]
	assert filled[hidden].sum() == pytest.approx(expected[hidden].sum(), rel=0.05)
	assert sold[hidden].sum() < 0.4 * expected[hidden].sum()
	assert (filled[seen] == truth[seen]).all() and (filled >= sold).all()


def test_fill_never_goes_below_what_was_sold():
	sold = np.array([1.0] * 20 + [50.0] + [1.0] * 20)
	seen = np.ones(41, dtype=bool)
	seen[20] = False
	assert fill_stockouts(sold, seen)[20] == 50


def test_fill_without_same_weekday_uses_days_around_and_without_any_stock_nothing():
	seen = np.array([True, True, False])
	assert fill_stockouts(np.array([2.0, 4.0, 0.0]), seen).tolist() == [2, 4, 3]
	assert fill_stockouts(np.array([2.0, 0.0]), np.array([False, False])).tolist() == [2, 0]
	far = np.r_[np.full(10, 6.0), np.zeros(200)]
	assert fill_stockouts(far, np.arange(210) < 10)[-1] == 6


def test_spike_is_cut_and_lumpy_sizes_and_packs_are_not():
	y = weekly(200, mean=5, seed=5)
	y[100] = 80_995
	capped, count = cap_spikes(y)
	assert count == 1 and capped[100] < 300 and np.delete(capped, 100).tolist() == np.delete(y, 100).tolist()
	assert cap_spikes(slow(700, size=20, seed=6))[1] == 0
	packs = np.where(np.arange(300) % 10 == 0, 24.0, 1.0)
	assert cap_spikes(packs)[1] == 0


@pytest.mark.parametrize(
	("sales", "expected"),
	[
		(np.random.default_rng(7).poisson(20, 365), "smooth"),
		(
			np.random.default_rng(7).poisson(20, 365) * np.random.default_rng(8).lognormal(0, 1.2, 365),
			"erratic",
		),
		(np.where(np.arange(365) % 9 == 0, 3, 0), "intermittent"),
		(slow(365, share=0.15, size=8, seed=9), "lumpy"),
		(np.full(27, 3), "new"),
		(np.zeros(365), "dead"),
		(np.r_[np.full(100, 3), np.zeros(60)], "dead"),
	],
)
def test_classes(sales, expected):
	assert classify(history(sales)).demand_class == expected


def test_limits_are_those_of_the_paper():
	profile = classify(history(np.where(np.arange(360) % 4 == 0, np.where(np.arange(360) % 8 == 0, 1, 3), 0)))
	assert profile.adi == pytest.approx(4.0) and profile.cv2 == pytest.approx(0.25)


def test_closed_weekends_are_not_intermittent_demand():
	sales = np.where(np.arange(210) % 7 < 5, 10.0 + np.arange(210) % 3, 0)
	profile = classify(history(sales))
	assert profile.closed.tolist() == [False] * 5 + [True] * 2
	assert profile.demand_class == "smooth" and profile.adi == pytest.approx(1.0)
	assert not closed_places(history(slow(60, share=0.05, seed=1)), 7).any()


def test_silence_is_judged_by_the_items_own_rhythm():
	daily, quarterly = np.ones(200), np.where(np.arange(400) % 90 == 0, 5, 0)
	assert classify(history(np.r_[daily, np.zeros(55)])).demand_class != "dead"
	assert classify(history(np.r_[daily, np.zeros(56)])).demand_class == "dead"
	assert classify(history(np.r_[quarterly, np.zeros(100)])).demand_class == "intermittent"
	assert classify(history(np.r_[quarterly, np.zeros(500)])).demand_class == "dead"


def test_silence_for_want_of_stock_is_not_death():
	assert classify(history(np.r_[np.ones(200), np.zeros(90)], out=range(200, 290))).demand_class == "smooth"


def test_orders_that_keep_coming_without_stock_are_not_added_to():
	"""Made to order: stock is there on one day in four, orders come on any day."""
	qty = weekly(364, mean=20)
	out = [day for day in range(364) if day % 4]
	made_to_order = forecast_series(history(qty, out), ForecastSettings(processes=1))
	assert made_to_order.quality.stockout_days == 273
	assert "273 of 364 days were out of stock, but orders kept coming" in made_to_order.quality.verdict
	assert made_to_order.quality.mean_daily == pytest.approx(qty[-56:].mean())

	sold = np.where(np.isin(np.arange(364), out), 0, qty)  # the same stock, where it hides what was wanted
	hidden = forecast_series(history(sold, out), ForecastSettings(processes=1))
	assert "their demand is estimated" in hidden.quality.verdict
	assert hidden.quality.mean_daily == pytest.approx(qty[-56:].mean(), rel=0.25)
