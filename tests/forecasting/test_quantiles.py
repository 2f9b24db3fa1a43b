"""Quantiles: they cover what they promise on series whose law is known, never cross, never go below zero, and are whole where asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from forecast_series import WEEK, history, slow, weekly
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.forecasting.engine import classify
from sentia_ops.forecasting.engine.calibrate import calibrate, pools
from sentia_ops.forecasting.engine.counts import count_quantiles, dispersion, unit_of
from sentia_ops.forecasting.engine.error_size import ErrorSize, error_sizes
from sentia_ops.forecasting.engine.evidence import Combination, Evidence
from sentia_ops.forecasting.engine.measures import bias, coverage, pinball
from sentia_ops.forecasting.engine.methods.base import LEVELS
from sentia_ops.forecasting.engine.plain import plain_errors
from sentia_ops.forecasting.engine.repair import OUTLIER, Change

STEPS, WINDOWS = 28, 3


def combination(y, paths, ahead, key="A") -> Combination:
	"""`paths` were forecast from windows that end with `y`, oldest first; `ahead` from now."""
	y, paths, ahead = np.asarray(y, float), np.asarray(paths, float), np.asarray(ahead, float)
	actual = y[len(y) - paths.size :].reshape(paths.shape) if paths.size else paths
	evidence = Evidence(
		key=(key,),
		profile=classify(history(y)),
		demand=y,
		methods=("known mean",),
		past=paths[:, None],
		actual=actual,
		ahead=ahead[None],
		scales=np.ones(len(paths) + 1),
	)
	return Combination(evidence, np.ones(1), paths, ahead)


def normal(seed):
	return np.maximum(np.random.default_rng(seed).normal(60, 12, 400 + STEPS), 0), np.full(400 + STEPS, 60.0)


def poisson(seed):
	rate = 20 * WEEK[np.arange(400 + STEPS) % 7]
	return np.random.default_rng(seed).poisson(rate).astype(float), rate


def skewed(seed):
	y = 30 * np.random.default_rng(seed).lognormal(-0.5, 1.0, 400 + STEPS)
	return y, np.full(400 + STEPS, 30.0)


def lumpy(seed):
	return slow(400 + STEPS, share=0.3, size=5.0, seed=seed), np.full(400 + STEPS, 1.5)


def simulated(make, count=40, windows=WINDOWS):
	"""Combinations whose forecast is the true mean, and what then happened."""
	found, after = [], []
	for seed in range(count):
		y, mean = make(1000 + seed)
		paths = mean[400 - windows * STEPS : 400].reshape(windows, STEPS)
		found.append(combination(y[:400], paths, mean[400:], key=f"{seed:03}"))
		after.append(y[400:])
	return found, np.array(after)


@pytest.mark.parametrize("windows", [0, 1, WINDOWS])
@pytest.mark.parametrize("make", [normal, poisson, skewed, lumpy])
def test_intervals_cover_what_they_promise(make, windows):
	combinations, after = simulated(make, windows=windows)
	quantiles = np.array([c.quantiles for c in calibrate(combinations)])
	inside = ((after >= quantiles[:, 0]) & (after <= quantiles[:, -1])).mean()
	assert (0.92 if make is skewed else 0.93) <= inside <= (0.97 if windows == WINDOWS else 0.98)
	if windows:
		for level, row in zip(LEVELS, quantiles.transpose(1, 0, 2), strict=True):
			assert (after < row).mean() - 0.05 <= level <= (after <= row).mean() + 0.05


def test_held_out_quantiles_cover_as_honestly_as_those_ahead():
	combinations, _ = simulated(normal)
	found = calibrate(combinations)
	actual = np.array([c.evidence.actual for c in combinations])
	held = np.array([c.held_out for c in found])
	assert held.shape == (40, WINDOWS, 7, STEPS)
	assert 0.93 <= ((actual >= held[:, :, 0]) & (actual <= held[:, :, -1])).mean() <= 0.97


def test_a_window_does_not_widen_its_own_interval():
	combinations, _ = simulated(normal, count=1)
	wild = combinations[0].evidence.actual.copy()
	wild[1] *= 5
	other = replace(combinations[0], evidence=replace(combinations[0].evidence, actual=wild))
	calm_held, wild_held = (calibrate([c])[0].held_out for c in (combinations[0], other))
	assert np.allclose(calm_held[1], wild_held[1]) and not np.allclose(calm_held[2], wild_held[2])


def test_row_three_is_the_median_whether_forecasts_are_means_or_medians():
	for point in (30.0, 30 * np.exp(-0.5)):
		combinations, _ = simulated(skewed)
		as_if = [
			replace(c, past=np.full_like(c.past, point), mean=np.full(STEPS, point)) for c in combinations
		]
		found = np.mean([c.quantiles[3] for c in calibrate(as_if)])
		assert found == pytest.approx(30 * np.exp(-0.5), rel=0.12)


def test_one_bad_season_in_one_window_is_no_rule():
	"""All series sell half in one of three windows: intervals widen by less than that window's errors alone would say."""
	combinations, _after = simulated(normal)
	hit = []
	for c in combinations:
		actual = c.evidence.actual.copy()
		actual[1] *= 0.5
		hit.append(replace(c, evidence=replace(c.evidence, actual=actual)))
	calm, wide = (np.array([c.quantiles for c in calibrate(x)]) for x in (combinations, hit))
	assert np.median(wide[:, 3]) == pytest.approx(60, rel=0.08)
	width = (wide[:, -1] - wide[:, 0]).mean() / (calm[:, -1] - calm[:, 0]).mean()
	assert 1.1 < width < 2.5


def test_class_widens_a_series_that_by_chance_was_quiet():
	combinations, _ = simulated(normal)
	quiet = combinations[0]
	quiet = replace(quiet, evidence=replace(quiet.evidence, actual=quiet.past + 0.1))
	alone = calibrate([quiet])[0].quantiles
	among = calibrate([quiet, *combinations[1:]])[0].quantiles
	assert (among[-1] - among[0]).mean() > 1.3 * (alone[-1] - alone[0]).mean()


def test_errors_grow_with_the_step_where_the_level_wanders():
	rng = np.random.default_rng(3)
	walks = [100 + np.cumsum(rng.normal(0, 2, 400)) for _ in range(25)]
	found = calibrate(
		[
			combination(y, np.zeros((0, STEPS)), np.full(STEPS, y[-1]), key=f"{i:02}")
			for i, y in enumerate(walks)
		]
	)
	width = np.mean([c.quantiles[-1] - c.quantiles[0] for c in found], axis=0)
	assert width[-1] > 3 * width[0] and (np.diff(width) >= 0).all()
	flat = calibrate(simulated(normal)[0])[0].quantiles
	assert (flat[-1] - flat[0])[-1] < 1.1 * (flat[-1] - flat[0])[0]


def test_quantiles_go_on_beyond_the_steps_tested():
	y = weekly(300, seed=2)
	ahead = np.tile(30 * WEEK, 13)[:90]
	found = calibrate([combination(y, np.tile(30 * WEEK, 4).reshape(1, 28), ahead)])[0].quantiles
	assert found.shape == (7, 90) and np.isfinite(found).all()


def test_one_outlier_cut_down_does_not_widen_what_lies_ahead():
	y = weekly(300, seed=4)
	calm = combination(y, np.zeros((0, STEPS)), np.full(STEPS, 30.0))
	y[200] = 1e6
	spiked = combination(y, np.zeros((0, STEPS)), np.full(STEPS, 30.0))
	spiked = replace(spiked, evidence=replace(spiked.evidence, changes=(Change(200, 1e6, 60.0, OUTLIER),)))
	wide, narrow = (calibrate([c])[0].quantiles[-1].mean() for c in (spiked, calm))
	assert wide < 1.3 * narrow


def test_closed_days_have_no_interval():
	y = weekly(300, seed=5) + 1
	y[np.arange(300) % 7 > 4] = 0
	ahead = np.where((300 + np.arange(14)) % 7 > 4, 0.0, 20.0)
	found = calibrate([combination(y, np.zeros((0, 14)), ahead)])[0].quantiles
	assert (found[:, ahead == 0] == 0).all() and (found[-1, ahead > 0] > 20).all()


def test_order_of_series_does_not_matter_and_classes_stay_apart():
	combinations = simulated(normal, count=25)[0] + simulated(lumpy, count=25)[0]
	there = [c.quantiles for c in calibrate(combinations)]
	back = [c.quantiles for c in calibrate(combinations[::-1])][::-1]
	assert all(np.allclose(a, b) for a, b in zip(there, back, strict=True))
	alone = [c.quantiles for c in calibrate(combinations[:25])]
	assert all(np.allclose(a, b) for a, b in zip(there[:25], alone, strict=True))
	assert [len(among) for _, among in pools(combinations[:30])] == [25, 30], (
		"a class of five learns from all"
	)


@settings(max_examples=40, deadline=None)
@given(
	sales=st.lists(st.one_of(st.just(0.0), st.floats(0, 1e6, allow_subnormal=False)), max_size=60),
	ahead=st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=20),
	windows=st.integers(0, 2),
)
def test_whatever_the_history_quantiles_rise_and_are_never_negative(sales, ahead, windows):
	steps = 7
	windows = min(windows, len(sales) // steps)
	paths = np.full((windows, steps), float(np.mean(sales)) if sales else 0.0)
	found = calibrate([combination(sales, paths, ahead)])[0]
	assert np.isfinite(found.quantiles).all() and (found.quantiles >= 0).all()
	assert (np.diff(found.quantiles, axis=0) >= 0).all()
	size = error_sizes([combination(sales, paths, ahead)])[0]
	assert np.isfinite(size.std(28)) and size.std(28) >= 0


@settings(max_examples=25, deadline=None)
@given(scale=st.sampled_from([1e-3, 0.5, 3.0, 12.0, 1e4]), make=st.sampled_from([poisson, lumpy]))
def test_scaling_demand_scales_quantiles(scale, make):
	combinations, _ = simulated(make, count=2)
	scaled = []
	for c in combinations:
		evidence = replace(c.evidence, demand=c.evidence.demand * scale, actual=c.evidence.actual * scale)
		scaled.append(Combination(evidence, c.weights, c.past * scale, c.mean * scale))
	for one, other in zip(calibrate(combinations), calibrate(scaled), strict=True):
		assert np.allclose(one.quantiles * scale, other.quantiles, rtol=0.02, atol=0.02 * scale)


def test_counts_are_whole_multiples_of_the_unit_sold():
	assert unit_of(np.array([0, 3.0, 7, 0])) == 1 and unit_of(np.array([0, 24.0, 36])) == 12
	assert unit_of(np.array([0.5, 2.25, 0])) == 0.25 and unit_of(np.zeros(3)) == 1
	assert unit_of(np.array([1000.0, 1000.001, 2500])) >= 1000 / 200, (
		"differences finer than that are rounding"
	)
	found = count_quantiles(np.array([0.0, 3.0, 30.0]), np.full(3, 24.0), 12.0)
	assert (found % 12 == 0).all() and (found[:, 0] == 0).all() and (np.diff(found, axis=0) >= 0).all()


def test_counts_follow_their_law():
	rng = np.random.default_rng(1)
	drawn = rng.negative_binomial(0.5, 0.5 / (0.5 + 2), 40_000)  # mean 2, variance 10
	found = count_quantiles(np.array([2.0]), np.array([5.0]), 1.0)[:, 0]
	for level, at in zip(LEVELS[1:-1], found[1:-1], strict=True):
		assert (drawn <= at).mean() >= level > (drawn < at).mean() - 0.01
	assert 0.94 < (drawn <= found[-1]).mean() < 0.97


def test_few_sales_vary_as_those_of_their_class():
	once = np.zeros(100)
	once[50] = 40
	assert dispersion(once, 5.0) < 0.5 * dispersion(np.tile(once, 10), 5.0)
	assert dispersion(np.zeros(10), 5.0) == 5.0


def test_plain_errors_find_the_size_of_noise():
	y = np.random.default_rng(0).normal(50, 5, 700)
	found = plain_errors(y, 7, 28)
	assert found.size(28) == pytest.approx(np.full(28, 5.0), rel=0.15)
	assert (
		found.size(90)[-1] < 7 and found.size(28, known=340) is not None and found.size(28, known=300) is None
	)
	assert plain_errors(np.array([1.0, 2.0]), 7, 28) is None
	assert plain_errors(np.full(100, 3.0), 7, 28).shape() is None


def test_plain_errors_know_the_week():
	y = weekly(400, mean=200, seed=1)
	assert plain_errors(y, 7, 28).size(28).mean() < 0.5 * y.std()


def shifting(seed):
	"""A level that moves for weeks on end."""
	rng = np.random.default_rng(seed)
	level = 50 * np.exp(np.repeat(np.cumsum(rng.normal(0, 0.2, 16)), 28))[: 400 + STEPS]
	return rng.poisson(level).astype(float), level


def test_safety_stock_holds_in_nineteen_of_twenty_windows_also_where_levels_shift():
	for make in (normal, lumpy, shifting):
		combinations, after = simulated(make, count=200)
		if make is shifting:  # nobody knows the new level: the last four weeks' mean is the forecast
			combinations = [
				replace(
					c,
					past=np.array(
						[np.full(STEPS, c.evidence.demand[t - STEPS : t].mean()) for t in (316, 344, 372)]
					),
					mean=np.full(STEPS, c.evidence.demand[-STEPS:].mean()),
				)
				for c in combinations
			]
		sizes = error_sizes(combinations)
		above = [
			a.sum() > c.mean.sum() + 1.645 * s.std(STEPS) * np.sqrt(STEPS)
			for a, c, s in zip(after, combinations, sizes, strict=True)
		]
		assert 0.005 <= np.mean(above) <= 0.09, make.__name__


def test_error_size_splits_periods_from_level():
	size = ErrorSize(daily=4.0, level=0.5)
	assert size.std(1) == pytest.approx(np.sqrt(4.5)) and size.std(28) == pytest.approx(np.sqrt(18))


def test_nothing_expected_has_no_error():
	rest = combination(np.r_[weekly(200), np.zeros(100)], np.zeros((0, STEPS)), np.zeros(STEPS))
	assert error_sizes([rest])[0].std(28) == 0 and not calibrate([rest])[0].quantiles.any()


def test_seven_level_pinball_and_bias():
	actual, quantiles = np.array([10.0, 0.0]), np.tile(np.array([[0.0], [2], [4], [6], [8], [10], [12]]), 2)
	expected = np.mean(
		[
			np.mean([max(p * (a - q), (p - 1) * (a - q)) for a in actual])
			for p, q in zip(LEVELS, quantiles[:, 0], strict=True)
		]
	)
	assert pinball(actual, quantiles, LEVELS) == pytest.approx(expected)
	assert bias(actual, np.array([6.0, 6.0])) == pytest.approx(0.2) and np.isnan(bias(np.zeros(2), actual))
	assert coverage(actual, quantiles[0], quantiles[-1]) == 1
