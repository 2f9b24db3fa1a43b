"""Stages of a forecast of many series: what they teach one another, how methods are weighed, and what happens when one fails."""

from __future__ import annotations

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest
from forecast_series import weekly

from sentia_ops.forecasting.engine import ForecastSettings, History, forecast_many, forecast_series
from sentia_ops.forecasting.engine import methods as registry
from sentia_ops.forecasting.engine.calendar import CALENDARS
from sentia_ops.forecasting.engine.combine import class_weights, combine
from sentia_ops.forecasting.engine.evidence import Evidence
from sentia_ops.forecasting.engine.examine import FAILED, examine
from sentia_ops.forecasting.engine.forecast import conclude
from sentia_ops.forecasting.engine.history import Factor
from sentia_ops.forecasting.engine.learn import Learned, learn
from sentia_ops.forecasting.engine.pool import pool

MONTH = ForecastSettings(horizon_days=28, processes=1)
FAST = replace(MONTH, profile="fast")
FIRST = np.datetime64("2024-01-01")


def series(qty, name="A", code="D", factors=()) -> History:
	qty = np.asarray(qty, dtype=float)
	return History((name, "UK"), qty, np.ones(len(qty), dtype=bool), FIRST, CALENDARS[code], tuple(factors))


def paydays(days: int, seed: int) -> np.ndarray:
	"""Sales that triple on the last three days of each month: no method that sees weeks only can know them."""
	dates = FIRST + np.arange(days)
	last = (dates.astype("M8[M]") + 1).astype("M8[D]") - dates <= np.timedelta64(3, "D")
	level = np.random.default_rng(seed).uniform(5, 500)
	return np.random.default_rng(seed).poisson(level * np.where(last, 3.0, 1.0)).astype(float)


@pytest.fixture(scope="module")
def batch() -> list[History]:
	return [series(paydays(728, seed), f"I{seed:02}") for seed in range(12)]


@pytest.fixture(scope="module")
def learned(batch) -> Learned:
	return learn([replace(h, qty=h.qty[:700], in_stock=h.in_stock[:700]) for h in batch], FAST)


def test_series_teach_one_another_what_none_can_learn_alone(batch, learned):
	errors = {"together": [], "alone": []}
	for history in batch:
		known, actual = history.until(700), history.qty[700:]
		evidence = examine(known, learned, FAST)
		for name, errors_of in (("Boosting", errors["together"]), ("DynamicHarmonic", errors["alone"])):
			path = evidence.ahead[evidence.methods.index(name)]
			errors_of.append(np.abs(actual - path).mean() / actual.mean())
	assert np.mean(errors["together"]) < 0.6 * np.mean(errors["alone"])


def test_what_was_learned_travels_and_examining_needs_nothing_else(batch, learned):
	sent = pickle.dumps(learned)
	assert len(sent) < 2_000_000
	here = examine(batch[0].until(700), learned, FAST)
	there = examine(batch[0].until(700), pickle.loads(sent), FAST)
	assert np.array_equal(here.ahead, there.ahead, equal_nan=True)
	assert np.array_equal(here.past, there.past, equal_nan=True)


def test_order_of_series_and_repetition_change_nothing(batch):
	forward = forecast_many(batch[:6], FAST)
	backward = forecast_many(batch[:6][::-1], FAST)[::-1]
	for one, other in zip(forward, backward, strict=True):
		assert one.key == other.key and one.qty == pytest.approx(other.qty, rel=1e-9)
		assert one.parts.weights == pytest.approx(other.parts.weights)


def test_more_of_one_item_is_more_of_its_forecast_only(batch):
	twice = [replace(batch[0], qty=batch[0].qty * 4), *batch[1:6]]
	before, after = forecast_many(batch[:6], FAST), forecast_many(twice, FAST)
	assert after[0].qty == pytest.approx(before[0].qty * 4, rel=1e-6)
	assert after[1].qty == pytest.approx(before[1].qty, rel=1e-6)


def test_global_model_abstains_where_there_is_nothing_to_learn_from():
	alone = forecast_series(series(weekly(700)), FAST)
	assert "Boosting" not in alone.quality.model
	assert alone.parts.why_not["Boosting"] == (
		"1 series with enough history: at least 5 must teach one another"
	)
	assert alone.parts.weights["Boosting"] == 0 and sum(alone.parts.weights.values()) == pytest.approx(1)


def test_effect_of_a_factor_known_ahead_is_said_in_units():
	rng = np.random.default_rng(0)

	def promoted(seed: int) -> History:
		on = (rng.random(728) < 0.1).astype(float)
		on[700:] = 0
		on[705:712] = 1
		qty = np.random.default_rng(seed).poisson(40 + 80 * on[:700]).astype(float)
		return series(qty, f"P{seed}", factors=[Factor("promotion", "promotion", on)])

	outcomes = forecast_many([promoted(seed) for seed in range(12)], FAST)
	for outcome in outcomes:
		assert outcome.qty[5:12].mean() > 2 * np.delete(outcome.qty, np.arange(5, 12)).mean()
		assert outcome.parts.effects["promotion"] == pytest.approx(80 * 7 / 28, rel=0.35)


TEMPLATE = examine(series(weekly(200)), Learned(), replace(MONTH, methods=("SeasonalNaive",)))


def evidence(errors, count: int = 3, seed: int = 0, demand_class: str = "smooth") -> Evidence:
	"""Of methods whose past paths miss by noise of these sizes."""
	rng = np.random.default_rng(seed)
	actual = 50 + rng.normal(0, 5, (count, 28))
	past = np.stack([actual + rng.normal(0, size, actual.shape) for size in errors], axis=1)
	return replace(
		TEMPLATE,
		key=(str(seed),),
		profile=replace(TEMPLATE.profile, demand_class=demand_class),
		methods=tuple("ABCDE"[: len(errors)]),
		actual=actual,
		past=past,
		ahead=np.tile(np.arange(1.0, len(errors) + 1)[:, None], (1, 28)),
		scales=np.full(count + 1, 5.0),
	)


@pytest.mark.parametrize("demand_class", ["smooth", "lumpy"])
def test_weights_go_to_the_better_method_the_more_series_say_so(demand_class):
	equal = np.array([0.5, 0.5])
	few, many = (
		class_weights([evidence((1, 10), seed=s) for s in range(count)], equal, demand_class)
		for count in (2, 200)
	)
	assert 0.5 < few[0] < 0.6 and many[0] > 0.85
	assert few.sum() == pytest.approx(1) and many.sum() == pytest.approx(1)


def test_errors_that_cancel_are_worth_more_than_their_size():
	"""Two methods that miss by as much in opposite directions: their mean is right, and the weights find it."""
	base = evidence((0.1, 0.1))
	past = np.stack([base.actual + 6, base.actual - 6], axis=1)
	weights = class_weights(
		[replace(base, key=(str(s),), past=past) for s in range(200)], np.array([0.9, 0.1]), "smooth"
	)
	assert weights == pytest.approx([0.5, 0.5], abs=0.06)


def test_own_record_tilts_the_weights_of_the_class():
	usual = [evidence((3, 3), seed=s) for s in range(30)]
	odd = evidence((1, 9), seed=99)
	weights = [c.weights for c in combine([*usual, odd])]
	assert weights[-1][0] > max(w[0] for w in weights[:-1]) and weights[-1][1] > 0.05


def test_method_without_an_answer_gives_its_weight_to_the_others():
	silent = evidence((2, 2, 2))
	silent.ahead[1] = np.nan
	silent.past[:, 1] = np.nan
	combined = combine([silent])[0]
	assert combined.weights[1] == 0 and combined.weights.sum() == pytest.approx(1)
	assert np.isfinite(combined.past).all() and 1 < combined.mean[0] < 3


def test_profiles_and_named_methods():
	best, fast = (pool("smooth", CALENDARS["D"], 730, s) for s in (MONTH, FAST))
	assert set(fast) < set(best) and "CES" in best
	young = pool("smooth", CALENDARS["D"], 400, MONTH)
	assert "DynamicHarmonic" not in young and "DynamicHarmonic" in best
	named = forecast_series(series(weekly(300)), replace(MONTH, methods=("SeasonalNaive", "MovingAverage")))
	assert set(named.parts.weights) == {"SeasonalNaive", "MovingAverage"}
	outcome = forecast_series(series(weekly(300)), replace(MONTH, methods=("Crystal", "SeasonalNaive")))
	assert outcome.parts.why_not["Crystal"].startswith("There is no forecasting method 'Crystal'")
	assert outcome.parts.weights == {"Crystal": 0.0, "SeasonalNaive": 1.0}
	for wrong in ({"profile": "quick"}, {"methods": "CES"}, {"seconds": 0}):
		with pytest.raises(ValueError, match=next(iter(wrong))):
			ForecastSettings(**wrong)


@pytest.mark.parametrize("code", CALENDARS)
@pytest.mark.parametrize("length", [0, 1, 2, 5, 13, 30, 75, 400])
def test_every_calendar_and_length_is_answered(code, length):
	settings = ForecastSettings(horizon_days=20, backtest_days=10, processes=1, profile="fast")
	season = CALENDARS[code].season
	rate = 30 + 20 * np.sin(2 * np.pi * np.arange(length) / max(season, 2))
	outcome = forecast_series(series(np.random.default_rng(length).poisson(rate), code=code), settings)
	assert outcome.qty.shape == (20,) and np.isfinite(outcome.qty).all() and (outcome.qty >= 0).all()
	assert outcome.quantiles.shape == (7, 20) and (np.diff(outcome.quantiles, axis=0) >= 0).all()
	assert outcome.quality.verdict
	if length == 400:
		assert 15 < outcome.qty.mean() < 45 and outcome.quality.windows == 2


class Broken:
	name = source = "CES"

	def fit(self, sample):
		raise ZeroDivisionError("a library fell over")


class Endless:
	name = source = "CES"

	def fit(self, sample):
		time.sleep(0.2)
		return registry.METHODS["SeasonalNaive"].fit(sample)


def test_a_failing_method_never_stops_a_series(monkeypatch):
	monkeypatch.setitem(registry.METHODS, "CES", Broken())
	outcome = forecast_series(series(weekly(300)), MONTH)
	assert outcome.parts.why_not["CES"] == "a library fell over" and outcome.parts.weights["CES"] == 0
	assert "Theta" in outcome.quality.model and outcome.qty.mean() == pytest.approx(30, rel=0.2)


def test_when_all_methods_fail_the_mean_stands():
	outcome = forecast_series(series(weekly(300)), replace(MONTH, methods=("Crystal",)))
	assert outcome.quality.model == "mean" and outcome.qty == pytest.approx(np.full(28, weekly(300).mean()))


def test_a_failing_series_never_stops_the_batch(batch):
	bad = replace(batch[0], key=("bad", "UK"), qty=np.r_[np.nan, batch[0].qty[1:]])
	short = replace(batch[0], key=("short", "UK"), in_stock=batch[0].in_stock[:5])
	outcomes = forecast_many([bad, short, *batch[:6]], FAST)
	alone = forecast_many(batch[:6], FAST)
	assert all("Could not be forecast" in o.quality.verdict for o in outcomes[:2])
	assert (
		"must be finite" in outcomes[0].quality.verdict and "differ in length" in outcomes[1].quality.verdict
	)
	for one, other in zip(outcomes[2:], alone, strict=True):
		assert one.qty == pytest.approx(other.qty, rel=1e-9) and "Boosting" in one.quality.model
	assert FAILED in examine(bad, Learned(), FAST).why_not


def test_time_budget_leaves_the_oldest_windows(monkeypatch):
	monkeypatch.setitem(registry.METHODS, "CES", Endless())
	settings = replace(MONTH, methods=("CES",), seconds=0.3)
	evidence = examine(series(weekly(300)), Learned(), settings)
	assert np.isfinite(evidence.past[-1]).all() and np.isnan(evidence.past[0]).all()
	assert evidence.why_not["windows"].startswith("time ran out after")
	outcome = conclude([evidence], [series(weekly(300))], settings)[0]
	assert 0 < outcome.quality.windows < 3 and np.isfinite(outcome.qty).all()


def test_spare_parts_are_not_drawn_to_materials_sold_by_the_hundred():
	"""Levels are compared in sales, not in units: else a part sold twice a month gets the forecast of steel."""
	rng = np.random.default_rng(11)
	spares = [(rng.random(200) < 0.1).astype(float) for _ in range(15)]
	materials = [
		np.where(np.arange(200) % 7 == 2, rng.integers(200, 900, 200), 0).astype(float) for _ in range(8)
	]
	histories = [
		History((f"{kind} {k}", "shed"), qty, np.ones(200, dtype=bool), first=np.datetime64("2026-01-01"))
		for kind, series in (("spare", spares), ("steel", materials))
		for k, qty in enumerate(series)
	]
	outcomes = forecast_many(histories, ForecastSettings(methods=("Pooled",), processes=1))
	expected = [outcome.qty.mean() for outcome in outcomes]
	assert np.mean(expected[:15]) == pytest.approx(np.mean(spares), rel=0.3)
	assert np.mean(expected[15:]) == pytest.approx(np.mean(materials), rel=0.3)
