"""What holds for forecasts of any series: hypothesis draws them, short and few, with one quick method.

The global model is left out here, as it needs more series than can be drawn in time; its order and seed are tested below.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from forecast_series import slow, weekly
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from sentia_ops.forecasting.engine import ForecastSettings, History, forecast_many
from sentia_ops.forecasting.engine.calendar import CALENDARS

QUICK = ForecastSettings(
	horizon_days=9, backtest_windows=2, backtest_days=7, methods=("SeasonalNaive", "TSB")
)
FAST = ForecastSettings(horizon_days=14, backtest_windows=2, profile="fast")
SOME = settings(
	max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def drawn(values: st.SearchStrategy, longest: int = 120) -> st.SearchStrategy:
	return st.lists(values, min_size=0, max_size=longest).map(lambda y: np.array(y, dtype=float))


COUNTS = st.integers(0, 50)
WILD = st.one_of(
	st.just(0.0), st.floats(0, 1e15, allow_subnormal=False), st.floats(0, 1e-9, allow_subnormal=False)
)
KINDS = st.sampled_from([weekly, slow]).flatmap(
	lambda made: st.tuples(st.integers(1, 200), st.integers(0, 9)).map(
		lambda drawn: made(drawn[0], seed=drawn[1])
	)
)


def history(y: np.ndarray, out: frozenset[int] = frozenset(), name: str = "A", code: str = "D") -> History:
	in_stock = np.ones(len(y), dtype=bool)
	in_stock[[i for i in out if i < len(y)]] = False
	return History((name,), y, in_stock, np.datetime64("2024-01-01", "ns"), CALENDARS[code])


def same(a, b) -> None:
	np.testing.assert_array_equal(a.qty, b.qty)
	np.testing.assert_array_equal(a.quantiles, b.quantiles)
	assert a.quality.verdict == b.quality.verdict and a.quality.model == b.quality.model


@SOME
@given(
	st.one_of(drawn(COUNTS), drawn(WILD), KINDS),
	st.frozensets(st.integers(0, 119)),
	st.sampled_from(sorted(CALENDARS)),
)
@example(np.zeros(90), frozenset(), "D")
@example(np.full(90, 7.0), frozenset(), "W")
@example(np.array([0.0, 1e15] * 40), frozenset(range(5)), "MS")
@example(weekly(100), frozenset(range(100)), "h")
@example(np.array([]), frozenset(), "D")
def test_every_series_is_answered_with_finite_ordered_numbers(y, out, code):
	done = forecast_many([history(y, out, code=code)], QUICK)[0]
	lo95, lo80, hi80, hi95 = done.bounds
	ladder = np.stack([lo95, lo80, done.median, hi80, hi95])
	assert np.isfinite(ladder).all() and np.isfinite(done.qty).all() and done.qty.shape == (9,)
	assert (ladder >= 0).all() and (done.qty >= 0).all()
	assert (np.diff(ladder, axis=0) >= 0).all()
	assert (np.diff(done.quantiles, axis=0) >= 0).all()
	assert done.quality.verdict and done.quality.model


@SOME
@given(KINDS, st.sampled_from([2.0**-7, 0.1, 3.0, 24.0, 1e6]))
@example(np.full(90, 5.0), 24.0)
def test_scaling_demand_scales_forecast_and_bounds(y, factor):
	base, scaled = (forecast_many([history(y * f)], QUICK)[0] for f in (1.0, factor))
	assert base.quality.model == scaled.quality.model
	size = max(base.quantiles.max(), 1e-12)
	np.testing.assert_allclose(scaled.qty / factor, base.qty, rtol=1e-6, atol=1e-6 * size)
	np.testing.assert_allclose(scaled.quantiles / factor, base.quantiles, rtol=1e-6, atol=1e-6 * size)


@SOME
@given(st.lists(KINDS, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_series_is_irrelevant_and_answers_repeat(many, rng):
	histories = [history(y, name=f"S{i}") for i, y in enumerate(many)]
	shuffled = rng.sample(histories, len(histories))
	first = {o.key: o for o in forecast_many(histories, QUICK)}
	again = {o.key: o for o in forecast_many(shuffled, QUICK)}
	assert list(again) == [h.key for h in shuffled]
	for key, outcome in first.items():
		same(outcome, again[key])


@SOME
@given(KINDS, KINDS)
def test_series_that_break_do_not_change_others(y, other):
	assume(len(y) > 0)
	broken = History(("broken",), np.full(30, np.nan), np.ones(30, dtype=bool))
	crooked = History(("crooked",), -np.ones(30), np.ones(29, dtype=bool))
	alone = forecast_many([history(y), history(other, name="B")], QUICK)
	beside = forecast_many([broken, history(y), crooked, history(other, name="B")], QUICK)
	same(alone[0], beside[1])
	same(alone[1], beside[3])
	for outcome in (beside[0], beside[2]):
		assert np.isfinite(outcome.qty).all() and (outcome.qty >= 0).all()
		assert "Could not be forecast" in outcome.quality.verdict


@pytest.fixture(scope="module")
def many() -> list[History]:
	"""Enough series to teach one another."""
	regular = [history(weekly(160, 8 + 3 * k, seed=k), name=f"R{k}") for k in range(14)]
	return regular + [history(slow(260, seed=k), name=f"S{k}") for k in range(8)]


@pytest.fixture(scope="module")
def together(many):
	return forecast_many(many, FAST)


def test_the_global_model_was_asked(together):
	assert any("Boosting" in outcome.parts.weights for outcome in together)


def test_with_the_global_model_order_is_irrelevant_and_answers_repeat(many, together):
	order = np.random.default_rng(4).permutation(len(many))
	again = forecast_many([many[i] for i in order], FAST)
	for i, outcome in zip(order, again, strict=True):
		assert outcome.key == together[i].key
		same(together[i], outcome)


def test_with_the_global_model_scaling_demand_scales_forecasts(many, together):
	scaled = forecast_many([replace(h, qty=h.qty * 8.0) for h in many], FAST)
	for a, b in zip(together, scaled, strict=True):
		np.testing.assert_allclose(b.qty / 8.0, a.qty, rtol=1e-3, atol=1e-3 * a.qty.max())
		np.testing.assert_allclose(b.bounds / 8.0, a.bounds, rtol=1e-3, atol=1e-3 * a.bounds.max())


def test_processes_change_nothing(many, together):
	copies = [replace(h, key=(f"{h.key[0]}-{k}",)) for k in range(5) for h in many]
	few = replace(FAST, methods=("SeasonalNaive",))
	for a, b in zip(
		forecast_many(copies, replace(few, processes=1)),
		forecast_many(copies, replace(few, processes=2)),
		strict=True,
	):
		assert a.key == b.key
		same(a, b)
