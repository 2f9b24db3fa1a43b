"""Stock-outs filled in, spikes cut down, and demand classes told apart."""

from __future__ import annotations

from dataclasses import replace

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
from sentia_ops.forecasting.engine.calendar import CALENDARS
from sentia_ops.forecasting.engine.classify import closed_places
from sentia_ops.forecasting.engine.history import Factor
from sentia_ops.forecasting.engine.repair import clean


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


def with_calendar(qty, code: str):
	return replace(history(qty), calendar=CALENDARS[code])


SELLS = {
	"smooth": np.random.default_rng(7).poisson(20, 400),
	"erratic": np.random.default_rng(7).poisson(20, 400) * np.random.default_rng(8).lognormal(0, 1.2, 400),
	"intermittent": np.where(np.arange(400) % 9 == 0, 3, 0),
	"lumpy": slow(400, share=0.15, size=8, seed=9),
	"dead": np.zeros(400),
}


@pytest.mark.parametrize("code", CALENDARS)
@pytest.mark.parametrize("expected", SELLS)
def test_classes_do_not_depend_on_the_calendar(code, expected):
	assert classify(with_calendar(SELLS[expected], code)).demand_class == expected


@pytest.mark.parametrize(("code", "new"), [("D", 28), ("W", 8), ("MS", 6), ("h", 72)])
def test_new_is_a_matter_of_the_calendar(code, new):
	assert classify(with_calendar(np.full(new - 1, 3), code)).demand_class == "new"
	assert classify(with_calendar(np.full(new, 3), code)).demand_class == "smooth"


@pytest.mark.parametrize(("code", "silent"), [("D", 56), ("W", 13), ("MS", 11), ("h", 504)])
def test_dead_is_a_matter_of_the_calendar(code, silent):
	"""What sold in every period: not dead after half that silence, dead after all of it."""
	sold = np.random.default_rng(1).poisson(20, 200) + 1
	assert classify(with_calendar(np.r_[sold, np.zeros(silent // 2)], code)).demand_class != "dead"
	assert classify(with_calendar(np.r_[sold, np.zeros(silent)], code)).demand_class == "dead"


def test_an_item_fades_and_does_not_fall():
	monthly = np.where(np.arange(720) % 30 == 0, 4, 0)
	alive = [classify(history(np.r_[monthly, np.zeros(n)])).alive for n in range(0, 400, 10)]
	assert alive[0] == pytest.approx(1, abs=0.01) and alive[-1] < 0.02
	assert (np.diff(alive) <= 0).all() and np.diff(alive).min() > -0.12


def test_a_live_slow_mover_is_seldom_taken_for_dead():
	rng = np.random.default_rng(11)
	classes = [classify(history(rng.binomial(1, 1 / 20, 500))).demand_class for _ in range(3000)]
	assert classes.count("dead") <= 6  # 1 in 500; the cliff that was here before took 1 in 150


def test_months_without_a_sale_are_no_closing_days_but_nights_are():
	season = np.tile([5.0] * 9 + [0] * 3, 12)
	assert not classify(with_calendar(season, "MS")).closed.any()
	shop = np.tile([0.0] * 8 + [3] * 12 + [0] * 4, 30)
	closed = classify(with_calendar(shop, "h"))
	assert closed.closed.tolist() == [True] * 8 + [False] * 12 + [True] * 4
	assert closed.demand_class == "smooth"


def promotion(days, periods=330, ahead=(), known=True):
	values = np.zeros(periods)
	values[list(days)] = 1
	values[list(ahead)] = 1
	return Factor("flyer", "promotion", values, known)


ON = [d for start in (20, 80, 140, 200, 260) for d in range(start, start + 4)]


def test_promotions_are_measured_and_taken_out():
	y = weekly(300, mean=40, seed=6)
	lifted = y.copy()
	lifted[ON] *= 3
	found = clean(lifted, np.ones(300, dtype=bool), [promotion(ON, ahead=[310, 311])], 7)
	assert found.uplifts["flyer"] == pytest.approx(3, rel=0.15)
	assert (found.demand / found.promoted[:300])[ON].sum() == pytest.approx(y[ON].sum(), rel=0.15)
	assert found.promoted[310] == pytest.approx(found.uplifts["flyer"]) and found.promoted[312] == 1
	assert [c.period for c in found.changes] == ON and {c.reason for c in found.changes} == {"flyer"}
	assert found.changes[0].was == lifted[20] and found.changes[0].now < lifted[20] / 2


def test_promotions_that_do_nothing_or_are_too_few_are_left_alone():
	y = weekly(300, mean=40, seed=6)
	for factor in (promotion(ON), promotion([10, 11])):
		found = clean(y, np.ones(300, dtype=bool), [factor], 7)
		assert not found.uplifts and not found.changes and (found.promoted == 1).all()


def test_a_promotion_is_no_outlier_and_one_not_known_ahead_is_not_put_back():
	y = weekly(300, mean=5, seed=5)
	y[ON] *= 40
	found = clean(y, np.ones(300, dtype=bool), [promotion(ON, ahead=[310], known=False)], 7)
	assert not any(c.reason == "outlier" for c in found.changes)
	assert found.uplifts["flyer"] == 10, "more than tenfold is not believed"
	assert (found.promoted[300:] == 1).all()


def test_outliers_are_listed_with_what_they_were():
	y = weekly(200, mean=5, seed=5)
	y[100] = 80_995
	found = clean(y, np.ones(200, dtype=bool), [], 7)
	assert [(c.period, c.was, c.reason) for c in found.changes] == [(100, 80_995, "outlier")]
	assert found.changes[0].now == found.demand[100] < 300


def test_forecast_lists_promotions_and_outliers_and_plans_the_next_promotion():
	y = weekly(300, mean=40, seed=6)
	y[ON] *= 3
	y[180] = 1e6
	item = replace(
		history(y), first=np.datetime64("2025-01-06"), factors=(promotion(ON, ahead=[310, 311, 312]),)
	)
	settings = ForecastSettings(horizon_days=28, processes=1, methods=("CES", "Theta"))
	result = forecast_series(item, settings)
	plain = forecast_series(replace(item, factors=(promotion(ON),)), settings)
	lift = result.qty / plain.qty
	assert lift[10:13] == pytest.approx(np.full(3, 3.0), rel=0.2) and lift[:10] == pytest.approx(np.ones(10))
	assert result.parts.changes["outlier"].startswith("2025-07-05: 1,000,000 -> ")
	assert (
		result.parts.changes["flyer"].startswith("2025-01-26: ")
		and result.parts.changes["flyer"].count("->") == 20
	)
	assert "Flyer multiplies demand by" in result.quality.verdict
	assert (
		"1 day far outside all others was cut down before fitting (2025-07-05: 1,000,000 -> "
		in result.quality.verdict
	)


@pytest.mark.parametrize(
	("code", "periods", "said"),
	[
		("MS", 15, "15 months of history: a yearly season cannot be tested."),
		("W", 60, "60 weeks of history: a yearly season cannot be tested."),
		("D", 210, "7 months of history: a yearly season cannot be tested."),
		("h", 150, "6 days of history: a weekly season cannot be tested."),
	],
)
def test_verdicts_speak_of_their_own_periods(code, periods, said):
	y = np.random.default_rng(1).poisson(20, periods).astype(float)
	settings = ForecastSettings(horizon_days=8, backtest_days=8, processes=1, methods=("MovingAverage",))
	words = forecast_series(with_calendar(y, code), settings).quality.verdict
	period = CALENDARS[code].period
	assert words.endswith(said)
	assert f"held-out {period}s" in words or words.startswith(f"No {period}s were held out")
