"""Forecasting methods one by one: right where the answer is known, silent nowhere about why they do not apply."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest
from forecast_series import WEEK, slow, weekly
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.forecasting.engine.calendar import CALENDARS
from sentia_ops.forecasting.engine.history import Factor
from sentia_ops.forecasting.engine.methods import LEVELS, METHODS, Sample, method
from sentia_ops.forecasting.engine.methods.common import faults_named, from_residuals, level_growth

SLOW = ("Croston", "SBA", "TSB", "ADIDA", "IMAPA")
REGULAR = tuple(name for name in METHODS if name not in SLOW)
WITH_FACTORS = ("LinearRegression", "DynamicRegression", "DynamicHarmonic", "Prophet", "AutoARIMA", "MLP")
ADAPTIVE = (
	"HoltWinters",
	"AutoETS",
	"Theta",
	"CES",
	"AutoARIMA",
	"MSTL",
	"DynamicRegression",
)  # of a noisy week, after a step
AHEAD = 28


def sample(y, code="D", factors=(), seen=None, first=None) -> Sample:
	y = np.asarray(y, dtype=float)
	seen = np.ones(len(y), dtype=bool) if seen is None else seen
	return Sample(y, seen, first, CALENDARS[code], tuple(factors))


def path(name, y, horizon=AHEAD, **kwargs):
	return method(name).fit(sample(y, **kwargs)).forecast(horizon)


def usual(name) -> np.ndarray:
	"""A series the method is meant for, 210 days long, or as many as it needs."""
	return slow(210, share=0.2) if name in SLOW else weekly(640 if name == "DynamicHarmonic" else 210)


def promoted(periods: int, gain: float, multiply: bool, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
	"""Weekly demand of 640 days, and a promotion on a tenth of the days, also of those ahead."""
	rng = np.random.default_rng(seed)
	promotion = (rng.random(periods + AHEAD) < 0.1).astype(float)
	base = weekly(periods, mean=50, seed=seed)
	days = promotion[:periods]
	return (base * (1 + gain * days) if multiply else base + gain * days), promotion


def test_all_named_methods_are_there_and_others_named_as_missing():
	named = "MovingAverage SeasonalNaive HoltWinters AutoETS AutoARIMA LinearRegression Theta CES MSTL"
	assert set(METHODS) >= {*named.split(), *SLOW, "DynamicRegression", "DynamicHarmonic", "Prophet", "MLP"}
	assert all(name == m.name and m.source for name, m in METHODS.items())
	with pytest.raises(ValueError, match=r"no forecasting method 'Thea'; there are: .*Theta, CES"):
		method("Thea")


# right where the answer is known


def test_moving_average_is_the_mean_of_four_weeks():
	y = np.r_[np.full(100, 50.0), weekly(28)]
	assert path("MovingAverage", y).mean == pytest.approx(np.full(AHEAD, y[-28:].mean()))
	assert path("MovingAverage", [3, 5], 2).mean == pytest.approx([4, 4])
	months = np.r_[np.full(30, 9.0), np.arange(12)]
	assert path("MovingAverage", months, 3, code="MS").mean == pytest.approx([5.5] * 3)


@pytest.mark.parametrize(("code", "season"), [("D", 7), ("W", 1), ("MS", 12), ("h", 24)])
def test_seasonal_naive_repeats_the_last_season(code, season):
	y = np.random.default_rng(0).integers(1, 99, 5 * season).astype(float)
	found = path("SeasonalNaive", y, 2 * season + 1, code=code)
	assert found.mean == pytest.approx(np.resize(y[-season:], 2 * season + 1))


def test_seasonal_naive_is_certain_of_a_season_that_never_changed():
	found = path("SeasonalNaive", np.tile(10 * WEEK, 10))
	assert found.mean == pytest.approx(np.tile(10 * WEEK, 4))
	assert np.ptp(found.quantiles, axis=0) == pytest.approx(np.zeros(AHEAD), abs=1e-6)


def test_errors_of_the_naive_grow_with_the_root_of_seasons():
	widths = np.ptp(path("SeasonalNaive", 100 + weekly(700)).quantiles, axis=0)
	assert widths[21:] / widths[:7] == pytest.approx(np.full(7, 2.0))


@pytest.mark.parametrize("name", [n for n in REGULAR if n not in ("MovingAverage", "DynamicHarmonic")])
def test_follows_a_week_nearly_without_noise(name):
	y = np.tile(10 * WEEK, 30) + np.random.default_rng(0).normal(0, 0.05, 210)
	assert np.abs(path(name, y).mean - np.tile(10 * WEEK, 4)).max() < 0.5


@pytest.mark.parametrize("name", ADAPTIVE)
def test_follows_a_step_of_the_level(name):
	level = np.where(np.arange(210) < 140, 20, 40) / 30
	found = path(name, weekly(210) * level)
	assert found.mean.mean() == pytest.approx(40, rel=0.12)


@pytest.mark.parametrize("name", ["HoltWinters", "LinearRegression", "AutoETS", "AutoARIMA"])
def test_carries_a_trend_on(name):
	y = 20 + 0.5 * np.arange(120) + np.random.default_rng(1).normal(0, 0.5, 120)
	found = path(name, y, 10, code="W")
	assert found.mean == pytest.approx(20 + 0.5 * np.arange(120, 130), rel=0.04)


def yearly(periods: int) -> np.ndarray:
	year = 0.4 * np.sin(2 * np.pi * np.arange(periods) / 365.25) + 0.15 * np.cos(
		4 * np.pi * np.arange(periods) / 365.25
	)
	return 20 * np.exp(year) * WEEK[np.arange(periods) % 7]


def test_harmonic_regression_knows_a_week_times_a_year():
	y = yearly(730 + 180)
	found = path("DynamicHarmonic", y[:730], 180)
	assert np.abs(found.mean / y[730:] - 1).max() < 0.03


def test_harmonic_regression_sees_through_noise_and_zeros():
	rng = np.random.default_rng(5)
	rate = yearly(730 + 90) / 10  # half of Sundays sell nothing
	found = path("DynamicHarmonic", rng.poisson(rate[:730]), 90)
	assert np.abs(found.mean - rate[730:]).mean() < 0.1 * rate.mean()


def test_harmonic_regression_moves_its_level():
	y = yearly(700)
	y[-60:] *= 1.5  # a step no season explains
	assert path("DynamicHarmonic", y, 14).mean.sum() == pytest.approx(1.5 * yearly(714)[700:].sum(), rel=0.1)


def test_harmonic_regression_takes_less_than_a_few_milliseconds():
	from time import perf_counter

	y = weekly(730)
	path("DynamicHarmonic", y)
	times = []
	for _ in range(20):
		start = perf_counter()
		path("DynamicHarmonic", y)
		times.append(perf_counter() - start)
	assert min(times) < 0.01  # 1.3 ms on the machine it was written on


@pytest.mark.parametrize("name", ["LinearRegression", "Prophet", "MSTL"])
def test_finds_the_season_of_the_year(name):
	days = np.arange(1100 + 60)
	y = 10 + 10 * WEEK[days % 7] + 6 * np.sin(2 * np.pi * days / 365.25)
	found = path(name, y[:1100], 60)
	flat = path("SeasonalNaive", y[:1100], 60)
	assert np.abs(found.mean - y[1100:]).mean() < 0.5 * np.abs(flat.mean - y[1100:]).mean()


@pytest.mark.parametrize("code", ["W", "MS"])
def test_the_season_of_the_year_in_weeks_and_months(code):
	calendar = CALENDARS[code]
	periods = round(4 * calendar.year)
	y = 30 + 10 * np.sin(2 * np.pi * np.arange(periods + 12) / calendar.year)
	for name in ("DynamicHarmonic", "LinearRegression", "MSTL"):
		found = path(name, y[:periods], 12, code=code)
		assert found.mean == pytest.approx(y[periods:], rel=0.12), name


def test_croston_divides_size_by_interval():
	y = np.tile([0, 0, 0, 6.0], 60)
	assert path("Croston", y).mean.mean() == pytest.approx(1.5, rel=1e-3)
	assert path("SBA", y).mean.mean() == pytest.approx(
		0.95 * 1.5, rel=1e-3
	)  # less alpha / 2, alpha being 0.1
	for name in ("TSB", "ADIDA", "IMAPA"):
		assert path(name, y).mean.mean() == pytest.approx(1.5, rel=0.15), name


def test_tsb_forgets_what_no_longer_sells_and_croston_does_not():
	y = np.r_[slow(400, share=0.2, seed=3), np.zeros(80)]
	assert path("TSB", y).mean.mean() < 0.3 * path("Croston", y).mean.mean()


def test_slow_movers_sell_on_the_days_of_the_week_they_sold_on():
	y = np.where(np.arange(364) % 7 < 2, slow(364, share=0.4), 0.0)
	found = path("TSB", y, 28).mean.reshape(4, 7)
	assert found[:, :2].mean() > 8 * found[:, 2:].mean()
	assert found.mean() == pytest.approx(y.mean(), rel=0.35)


def test_slow_movers_leave_estimates_out():
	y = np.tile([0, 0, 0, 6.0], 60)
	with_gaps = np.insert(y, 120, np.full(40, 0.3))
	seen = np.ones(len(with_gaps), dtype=bool)
	seen[120:160] = False
	assert path("Croston", with_gaps, seen=seen).mean.mean() == pytest.approx(1.5, rel=0.01)


def test_quantiles_of_a_slow_mover_are_those_of_its_sales():
	y = slow(2000, share=0.3, size=4.0, seed=7)
	found = path("SBA", y, 70).quantiles
	rows = np.random.default_rng(0).permutation(y)
	assert (found[LEVELS.index(0.5)] == 0).all()
	for level in (0.9, 0.975):
		assert (rows[:, None] <= found[LEVELS.index(level)]).mean() == pytest.approx(level, abs=0.03)


# factors


@pytest.mark.parametrize("name", WITH_FACTORS)
def test_a_promotion_known_ahead_is_learned_and_said(name):
	y, promotion = promoted(640, gain=40.0, multiply=False)
	found = path(name, y, factors=[Factor("Promotion", "promotion", promotion)])
	on = promotion[640:] > 0
	assert on.any() and not on.all()
	effect = found.effects["Promotion"]
	assert effect[on].mean() == pytest.approx(40, rel=0.15) and effect[~on] == pytest.approx(0, abs=1e-9)
	expected = 50 * WEEK[(640 + np.arange(AHEAD)) % 7] + 40 * on
	without = path(name, y)
	assert np.abs(found.mean - expected).mean() < 0.6 * np.abs(without.mean - expected).mean()
	assert not without.effects and not found.notes


@pytest.mark.parametrize("name", ["DynamicRegression", "DynamicHarmonic"])
def test_dynamic_regressions_multiply_effects(name):
	y, promotion = promoted(640, gain=0.8, multiply=True)
	found = path(name, y, factors=[Factor("Promotion", "promotion", promotion)])
	on = promotion[640:] > 0
	gain = found.effects["Promotion"][on] / (found.mean - found.effects["Promotion"])[on]
	assert gain == pytest.approx(np.full(on.sum(), 0.8), rel=0.1)


def test_prophet_learns_a_holiday():
	y = weekly(400, seed=2)
	holiday = np.zeros(428)
	holiday[[50, 120, 200, 310, 410]] = 1
	y[holiday[:400] > 0] = 0
	factor = Factor("Founders' day", "holiday", holiday)
	found = path("Prophet", y, factors=[factor], first=np.datetime64("2024-03-04"))
	effect = found.effects["Founders' day"]
	assert effect[10] == pytest.approx(-30, abs=8) and not np.delete(effect, 10).any()
	assert found.mean[10] - effect[10] == pytest.approx(30 * WEEK[410 % 7], rel=0.1)


@pytest.mark.parametrize("name", WITH_FACTORS)
def test_what_nobody_could_know_is_never_used(name):
	y, promotion = promoted(640, gain=40.0, multiply=False)
	weather = Factor("Weather", "weather", promotion, known_ahead=False)
	changed = np.r_[promotion[:640], 1 - promotion[640:]]
	found = path(name, y, factors=[weather])
	same = path(name, y, factors=[Factor("Weather", "weather", changed, known_ahead=False)])
	assert found.mean.tolist() == same.mean.tolist() and not found.effects
	assert found.notes == ("Weather is not known ahead: not used.",)


@pytest.mark.parametrize("name", WITH_FACTORS)
def test_a_factor_that_stops_before_the_horizon_is_not_used_beyond(name):
	y, promotion = promoted(640, gain=40.0, multiply=False)
	stops = promotion.copy()
	stops[650:] = np.nan
	found = path(name, y, factors=[Factor("Promotion", "promotion", stops)])
	assert found.effects["Promotion"][10:] == pytest.approx(0, abs=1e-9)
	assert found.notes == (
		"Promotion is known for 10 of the 28 days ahead; the rest is forecast at its usual value.",
	)
	for values in (stops[:650], np.r_[stops[:650], np.full(100, np.nan)]):
		again = path(name, y, factors=[Factor("Promotion", "promotion", values)])
		assert again.mean.tolist() == found.mean.tolist()
	ended = path(name, y, factors=[Factor("Promotion", "promotion", promotion[:640])])
	assert not ended.effects and ended.notes == ("Promotion ends before the forecast begins: not used.",)


def test_a_factor_that_never_moved_is_said_to_teach_nothing():
	quiet = np.zeros(700)
	quiet[645] = 1
	found = path("DynamicHarmonic", weekly(640), factors=[Factor("Fair", "promotion", quiet)])
	assert found.notes == ("Fair hardly moved in the history: its effect cannot be learned.",)
	assert found.mean.tolist() == path("DynamicHarmonic", weekly(640)).mean.tolist()


def test_effects_of_factors_of_one_name_are_one():
	y, promotion = promoted(640, gain=40.0, multiply=False)
	halves = [promotion * (np.arange(668) % 2 == half) for half in (0, 1)]
	together = path("LinearRegression", y, factors=[Factor("Promotion", "promotion", h) for h in halves])
	effect = together.effects["Promotion"]
	assert effect[promotion[640:] > 0] == pytest.approx(np.full(int(promotion[640:].sum()), 40), rel=0.15)


def test_a_wild_value_of_a_factor_is_not_believed():
	y, promotion = promoted(640, gain=0.8, multiply=True)
	promotion[645] = 1e6
	found = path("DynamicHarmonic", y, factors=[Factor("Promotion", "promotion", promotion)])
	assert found.mean.max() < 5 * y.max()


# quantiles


@pytest.mark.parametrize("name", METHODS)
def test_quantiles_rise_hold_the_mean_and_are_never_negative(name):
	found = path(name, usual(name))
	assert found.quantiles.shape == (len(LEVELS), AHEAD) and found.mean.shape == (AHEAD,)
	assert (np.diff(found.quantiles, axis=0) >= 0).all() and (found.quantiles >= 0).all()
	assert ((found.mean >= found.quantiles[0]) & (found.mean <= found.quantiles[-1])).all()
	assert (found.mean >= 0).all() and (np.ptp(found.quantiles, axis=0) > 0).all()


@pytest.mark.parametrize("name", [n for n in METHODS if n not in ("AutoARIMA", *SLOW)])
def test_intervals_cover_much_of_what_comes(name):
	inside = []
	for seed in range(4):
		y = weekly(668 if name == "DynamicHarmonic" else 238, seed=seed)
		found = path(name, y[:-AHEAD])
		inside.append((y[-AHEAD:] >= found.quantiles[0]) & (y[-AHEAD:] <= found.quantiles[-1]))
	assert 0.88 <= np.mean(inside) <= 1


def test_residuals_give_their_own_quantiles_and_a_wandering_level_more():
	rng = np.random.default_rng(0)
	residuals = rng.normal(0, 2, 5000)
	found = from_residuals(np.full(3, 10.0), residuals, np.array([1.0, 2.0, 3.0]))
	assert found[:, 0] == pytest.approx(10 + np.quantile(residuals, LEVELS))
	assert found[-1] - 10 == pytest.approx((found[-1, 0] - 10) * np.array([1, 2, 3]))
	assert level_growth(residuals, 7, 50)[-1] < 1.1
	walk = np.cumsum(
		rng.normal(0, 1, 5000)
	)  # within four steps its level moves by twice the step's deviation
	steps = level_growth(walk, 7, 29) ** 2 - 1
	assert steps[28] * walk.var() == pytest.approx(28, rel=0.25)


# why not


@pytest.mark.parametrize("name", METHODS)
def test_every_method_says_why_not(name):
	one = method(name)
	assert one.why_not(sample(usual(name))) == ""
	faults = {
		"no history": [],
		"nothing was sold in 40 days of history": np.zeros(40),
		"nothing was sold in 7 months of history": np.zeros(213),
		"its history holds quantities that are negative or no numbers": [1, 2, -1] * 20,
	}
	for reason, y in faults.items():
		assert one.why_not(sample(y)) == reason
		with pytest.raises(ValueError, match=f"{name} does not apply: {reason}"):
			one.fit(sample(y))
	assert one.why_not(sample([1.0, np.nan] * 20)) == one.why_not(sample([1.0, -1.0] * 20))
	if name != "MovingAverage":
		assert one.why_not(sample([3, 5])) != ""


@pytest.mark.parametrize(
	("name", "code", "y", "reason"),
	[
		("AutoETS", "D", [3, 5], "2 days of history; it needs 10 days"),
		("SeasonalNaive", "D", [3, 5], "2 days of history; it needs 8 days"),
		("HoltWinters", "MS", np.ones(20), "20 months of history; its season needs 24 months"),
		("MSTL", "W", np.ones(60), "60 weeks of history; its season needs 157 weeks"),
		("DynamicHarmonic", "D", np.ones(213), "7 months of history; a yearly season needs 19 months"),
		("DynamicHarmonic", "h", np.ones(100), "4 days of history; a weekly season needs 11 days"),
		("MLP", "D", np.ones(20), "20 days of history; a network on lags needs 34 days"),
		(
			"Croston",
			"D",
			np.tile(10 * WEEK, 10),
			"sells in 70 of 70 days: a method for slow movers sees no gaps",
		),
		("TSB", "D", np.r_[np.zeros(50), 3.0], "one sale while in stock; it needs two"),
	],
)
def test_reasons_are_in_a_planners_words(name, code, y, reason):
	assert method(name).why_not(sample(y, code=code)) == reason


# same answer, same scale, named faults


@pytest.mark.parametrize("name", METHODS)
def test_same_answer_twice_and_no_trace_left(name, caplog, capfd):
	one = sample(usual(name))
	caplog.set_level(logging.DEBUG)
	np.random.seed(3)
	before = np.random.get_state()[1].tolist()
	kept = one.y.copy()
	with warnings.catch_warnings():
		warnings.simplefilter("error")
		first, again = (method(name).fit(one).forecast(AHEAD) for _ in range(2))
	assert first.mean.tolist() == again.mean.tolist()
	assert first.quantiles.tolist() == again.quantiles.tolist()
	assert np.random.get_state()[1].tolist() == before and one.y.tolist() == kept.tolist()
	assert not [r for r in caplog.records if r.name.startswith(("prophet", "cmdstanpy"))]
	assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", METHODS)
def test_a_longer_horizon_begins_like_a_shorter_one(name):
	fitted = method(name).fit(sample(usual(name)))
	assert fitted.forecast(35).mean[:AHEAD] == pytest.approx(fitted.forecast(AHEAD).mean)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("scale", [1e-6, 3.0, 1e9])
def test_scaling_demand_scales_the_forecast(name, scale):
	found, scaled = path(name, usual(name)), path(name, scale * usual(name))
	assert scaled.mean == pytest.approx(scale * found.mean, rel=1e-5)
	assert scaled.quantiles == pytest.approx(scale * found.quantiles, rel=1e-5)


FAST = [n for n in METHODS if n not in ("AutoARIMA", "Prophet", "AutoETS", "MLP", "MSTL")]


@given(
	st.lists(st.one_of(st.just(0.0), st.floats(0, 1e12), st.integers(0, 40)), max_size=60),
	st.sampled_from(FAST),
	st.sampled_from(sorted(CALENDARS)),
	st.integers(1, 40),
)
@settings(max_examples=200, deadline=None)
def test_any_history_has_a_forecast_or_a_reason(y, name, code, horizon):
	one = sample(y, code=code)
	try:
		found = method(name).fit(one).forecast(horizon)
	except ValueError as fault:
		assert name in str(fault)
		return
	assert not method(name).why_not(one)
	assert found.mean.shape == (horizon,) and np.isfinite(found.mean).all() and (found.mean >= 0).all()


@pytest.mark.parametrize("name", ("AutoARIMA", "Prophet", "AutoETS", "MLP", "MSTL"))
def test_odd_histories_have_a_forecast_or_a_reason(name):
	rng = np.random.default_rng(0)
	odd = [
		np.full(60, 4.0),
		np.r_[rng.poisson(5, 59), 1e12],
		np.r_[np.zeros(50), rng.poisson(20, 10)],
		np.r_[rng.poisson(20, 30), np.zeros(30)],
		rng.poisson(5, 60) * 1e300,
	]
	for y in odd:
		try:
			found = path(name, y)
		except ValueError as fault:
			assert str(fault).startswith(name)
			continue
		assert np.isfinite(found.mean).all() and (found.mean >= 0).all()


def test_faults_of_libraries_have_one_type_and_a_name():
	for fault in (ZeroDivisionError("by zero"), Exception("tiny datasets"), KeyError(), OverflowError("big")):
		with pytest.raises(ValueError, match=r"^Theta failed: .") as found, faults_named("Theta"):
			raise fault
		assert found.value.__cause__ is fault
	with pytest.raises(KeyboardInterrupt), faults_named("Theta"):
		raise KeyboardInterrupt


def test_a_forecast_that_runs_away_is_none(monkeypatch):
	from sentia_ops.forecasting.engine.methods.averages import MovingAverage
	from sentia_ops.forecasting.engine.methods.base import Path
	from sentia_ops.forecasting.engine.methods.common import Answer

	for wild in (np.full(5, 1e3), np.full(5, np.nan), np.ones(4)):
		monkeypatch.setattr(MovingAverage, "learn", lambda self, s, wild=wild: Answer(lambda h: Path(wild)))
		with pytest.raises(ValueError, match="MovingAverage: its forecast runs away"):
			path("MovingAverage", weekly(60), 5)


def test_the_horizon_must_be_positive():
	with pytest.raises(ValueError, match="at least one period, not 0"):
		path("Theta", weekly(60), 0)


def test_estimated_days_do_not_bend_regressions():
	y = weekly(640)
	wrong = y.copy()
	wrong[300:330] = 400.0
	seen = np.ones(640, dtype=bool)
	seen[300:330] = False
	for name in ("LinearRegression", "DynamicRegression", "DynamicHarmonic"):
		assert path(name, wrong, seen=seen).mean == pytest.approx(path(name, y, seen=seen).mean, rel=0.02), (
			name
		)


def test_registry_loads_no_heavy_library():
	import subprocess
	import sys

	code = (
		"import sys, sentia_ops.forecasting.engine.methods;"
		"print([m for m in ('statsforecast', 'prophet', 'sklearn', 'scipy', 'pandas') if m in sys.modules])"
	)
	answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
	assert answer.stdout.strip() == "[]"
