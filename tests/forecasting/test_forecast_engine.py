"""Forecasts, intervals and verdicts of single series."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forecast_series import WEEK, history, slow, weekly
from hypothesis import given, settings
from hypothesis import strategies as st

from sentia_ops.forecasting.engine import ForecastSettings, forecast_series
from sentia_ops.forecasting.engine.backtest import origins
from sentia_ops.forecasting.engine.examine import examine
from sentia_ops.forecasting.engine.learn import Learned

ROOT = Path(__file__).resolve().parents[2]
MONTH = ForecastSettings(horizon_days=28)


def answer(qty, out=(), settings=MONTH):
	return forecast_series(history(qty, out), settings)


def test_beats_seasonal_naive_and_says_by_how_much():
	results = [(answer(weekly(420, seed=s)[:392]), weekly(420, seed=s)) for s in range(5)]
	ours = np.mean([np.abs(y[392:] - r.qty).mean() for r, y in results])
	naive = np.mean([np.abs(y[392:] - np.tile(y[385:392], 4)).mean() for _, y in results])
	assert ours < 0.85 * naive  # the best possible forecast of Poisson noise: 1 / sqrt(2) of the naive error
	quality = results[0][0].quality
	assert quality.mase < quality.mase_naive and "CES" in quality.model
	gain = 1 - quality.mase / quality.mase_naive
	assert quality.verdict.startswith(f"Beats last week's same day by {gain:.0%} on 84 held-out days.")
	assert "13 months of history: a yearly season cannot be tested." in quality.verdict


@pytest.mark.parametrize("seed", [44, 79, 112])  # CES grows by itself there: weekly sums doubled in 90 days
def test_no_forecast_runs_away(seed):
	days = np.arange(140)
	level = 20 * np.exp(days / 140 * 1.5) * (days % 7 > 0)
	y = np.round(level * np.random.default_rng(seed).lognormal(0, 1.0, 140))
	result = answer(y, settings=ForecastSettings(horizon_days=90))
	assert "CES" in result.quality.model and result.quality.demand_class == "erratic"
	weeks = result.qty[:84].reshape(12, 7)
	highest = np.convolve(y, np.full(28, 1 / 28), "valid").max()
	assert weeks.sum(axis=1).max() < 1.4 * weeks[0].sum()
	assert result.qty.mean() < 1.3 * highest


def test_follows_the_week_also_after_a_stockout():
	y = weekly(365, seed=2)
	out = range(300, 330)
	y[list(out)] = 0
	result = answer(y, out)
	expected = 30 * WEEK[(365 + np.arange(28)) % 7]
	assert np.abs(result.qty - expected).mean() < 0.12 * 30
	assert result.quality.stockout_days == 30
	assert "30 of 365 days were out of stock; their demand is estimated." in result.quality.verdict


def test_constant_is_known():
	result = answer(np.full(200, 5.0))
	assert result.qty.tolist() == [5.0] * 28 and result.bounds.tolist() == [[5.0] * 28] * 4
	assert result.quality.error_std == 0 and result.quality.windows == 3
	assert result.quality.verdict.startswith("5 on every one of 200 days")


def test_closed_days_sell_nothing():
	y = weekly(300, seed=3) + 1
	y[np.arange(300) % 7 > 4] = 0
	qty = answer(y).qty
	assert (qty[(300 + np.arange(28)) % 7 > 4] == 0).all() and (qty[(300 + np.arange(28)) % 7 < 5] > 5).all()


def test_slow_mover_keeps_its_mean_and_is_not_rounded():
	means = [answer(slow(730, seed=s)).qty.mean() for s in range(20)]
	assert np.mean(means) == pytest.approx(0.4, rel=0.2)
	assert answer(slow(730, seed=1)).quality.model == "Pooled"


def test_slow_mover_is_judged_by_squared_error_and_said_so():
	quality = answer(slow(700, seed=2)).quality
	assert quality.demand_class == "lumpy"
	assert re.match(
		r"(Beats|Worse than|No better than) last week's same day .*on 84 held-out days by squared error",
		quality.verdict,
	)
	rare = np.zeros(500)
	rare[[10, 110, 210, 310, 350]] = 2
	assert re.match(
		r"Nothing was sold on 84 held-out days; \d\.\d were expected\.", answer(rare).quality.verdict
	)


def test_intervals_cover_about_what_they_promise():
	for make, floor in ((weekly, 0.9), (slow, 0.93)):
		inside95, inside80, promised = [], [], []
		for s in range(20):
			y = make(428, seed=100 + s)
			result = answer(y[:400])
			lo95, lo80, hi80, hi95 = result.bounds
			inside95.append(((y[400:] >= lo95) & (y[400:] <= hi95)).mean())
			inside80.append(((y[400:] >= lo80) & (y[400:] <= hi80)).mean())
			promised.append(result.quality.coverage95)
		assert floor <= np.mean(inside95) <= 0.995
		assert np.mean(inside80) >= 0.75 and np.mean(inside80) < np.mean(inside95)
		assert np.mean(promised) == pytest.approx(np.mean(inside95), abs=0.04)


def test_error_std_is_that_of_sums_over_the_lead_time():
	def wandering(seed):
		rng = np.random.default_rng(seed)
		level = 60 * np.exp(np.cumsum(rng.normal(0, 0.02, 428)))
		return np.maximum(rng.normal(level, 6), 0)

	for make in (lambda s: weekly(428, seed=s), wandering, lambda s: slow(428, seed=s)):
		shares = []
		for s in range(16):
			y = make(200 + s)
			result = answer(y[:400])
			shares.append((y[400:].sum() - result.qty.sum()) / (result.quality.error_std * np.sqrt(28)))
		assert 0.4 < np.sqrt(np.mean(np.square(shares))) < 1.5


def test_season_of_the_year_is_used_where_it_shows_and_not_where_there_is_none():
	days = np.arange(820)
	year = 1 + 0.6 * np.sin(2 * np.pi * days / 365.25)
	y = np.random.default_rng(5).poisson(40 * year * WEEK[days % 7]).astype(float)
	result = answer(y[:730], settings=ForecastSettings(horizon_days=90))
	truth = (40 * year * WEEK[days % 7])[730:]
	assert (
		"yearly season" in result.quality.model
		and "A season of the year is included" in result.quality.verdict
	)
	assert abs(result.qty.sum() / truth.sum() - 1) < 0.1
	flat = [answer(weekly(730, seed=s)).quality for s in range(5)]
	assert not any("yearly" in q.model for q in flat)
	assert "No clear season of the year was found." in flat[0].verdict


def test_earlier_origins_see_nothing_of_what_came_after():
	y = weekly(300, seed=6)
	other = y.copy()
	other[-28:] = y[:-29:-1]
	seen, changed = (examine(history(values), Learned(), MONTH) for values in (y, other))
	assert seen.past.shape == (3, len(seen.methods), 28)
	assert np.array_equal(seen.past, changed.past, equal_nan=True) and np.isfinite(seen.past).any()
	assert not np.array_equal(seen.ahead, changed.ahead, equal_nan=True)


def test_stockout_days_are_not_scored():
	y = weekly(300, seed=7)
	y[-28:-10] = 0
	evidence = examine(history(y, out=range(272, 290)), Learned(), MONTH)
	assert np.isfinite(evidence.actual).sum(axis=1).tolist() == [28, 28, 10]


@pytest.mark.parametrize(
	("days", "expected"),
	[(27, ([], 0)), (34, ([], 0)), (35, ([28], 7)), (60, ([32], 28)), (400, ([316, 344, 372], 28))],
)
def test_windows_fit_the_history(days, expected):
	assert origins(history(np.ones(days)), MONTH) == expected


VERDICTS = {
	"no rows": ([], (), "No history before the first day to plan for: nothing can be said about demand."),
	"one day": (
		[4],
		(),
		"Based on 1 day of history: no season can be tested; the mean is used, "
		"lowered by 88% as sales just after a first one run high.",
	),
	"three days": ([0, 4, 2], (), "Based on 3 days of history: no season can be tested; the mean is used."),
	"three zeros": ([0, 0, 0], (), "Only zeros in 3 days of history: nothing is expected."),
	"zeros": ([0] * 200, (), "Only zeros in 7 months of history: nothing is expected."),
	"died": (
		[3] * 100 + [0] * 80,
		(),
		"No sale on the last 80 days in stock, long for its own rhythm: nothing is expected.",
	),
	"never in stock": (
		[0] * 40,
		range(40),
		"Out of stock on all 40 days of history, and nothing sold: demand is unknown, not zero. Plan this item by hand.",
	),
	"sold without stock": (
		[2] * 40,
		range(40),
		"Out of stock on all 40 days of history: real demand cannot be known; "
		"the mean of what was sold in spite of it is a lower bound.",
	),
	"a month": (
		[3, 1, 4, 1, 5, 9, 2, 6] * 4,
		(),
		"No days were held out: the forecast is untested. "
		"32 days of history: a yearly season cannot be tested.",
	),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_hard_cases_are_answered_in_words(case):
	qty, out, expected = VERDICTS[case]
	result = answer(qty, out)
	assert result.quality.verdict == expected
	assert result.quality.history_days == len(qty)
	in_days = {"one day": 0.5, "three days": 2, "sold without stock": 2}
	if case in in_days:
		assert result.qty.tolist() == [in_days[case]] * 28
		assert result.quality.windows == 0 and np.isnan(result.quality.mase)
	elif case != "a month":
		assert not result.qty.any() and not result.bounds.any()


def test_new_item_is_not_taken_to_sell_every_day_as_it_did_when_first_seen():
	"""Histories cut so that they begin with a sale, of items whose rate is known."""
	rng = np.random.default_rng(3)
	for share, low in ((0.2, 0.85), (1.0, 0.93)):
		forecasts = []
		for _ in range(300):
			sold = rng.binomial(1, share, 400) * rng.geometric(0.2, 400)
			first = np.flatnonzero(sold)[0]
			forecasts.append(answer(sold[first : first + 13]).qty[0])
		assert low < np.mean(forecasts) / (5 * share) < 1.05


def test_less_history_means_more_doubt():
	one, three, twenty = (answer([4.0] * n).bounds[3][0] for n in (1, 3, 20))
	assert one > three > twenty > 4


def test_seasonal_item_at_rest_is_pointed_out():
	year = np.where((np.arange(365) > 20) & (np.arange(365) < 60), 5.0, 0.0)
	assert "It sold in these weeks a year ago" in answer(np.r_[year, np.zeros(15)]).quality.verdict


def test_huge_spike_neither_moves_the_forecast_nor_passes_unsaid():
	y = weekly(300, seed=8)
	calm = answer(y)
	y[280] = 1e6
	result = answer(y)
	assert result.qty.sum() < 1.6 * calm.qty.sum()
	assert (
		"1 day far outside all others was cut down before fitting (day 281: 1,000,000 -> "
		in result.quality.verdict
	)
	assert result.quality.error_std > 10 * calm.quality.error_std  # the risk is kept


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_impossible_quantities_are_named_and_the_rest_is_used(bad):
	result = answer([1.0, bad, 2.0])
	assert (
		result.quality.verdict.startswith("Could not be forecast")
		and "must be finite" in result.quality.verdict
	)
	assert result.qty.tolist() == [1.0] * 28


@pytest.mark.parametrize(
	("name", "value"), [("horizon_days", 0), ("history_days", 5), ("season_days", 1.5), ("processes", -1)]
)
def test_settings_refuse_nonsense(name, value):
	with pytest.raises(ValueError, match=f"{name} must be a whole number of at least"):
		ForecastSettings(**{name: value})


numbers = st.one_of(
	st.just(0.0), st.integers(0, 50).map(float), st.floats(0, 1e9, allow_nan=False, allow_subnormal=False)
)


@settings(max_examples=40, deadline=None)
@given(
	block=st.lists(numbers, min_size=0, max_size=40),
	repeat=st.integers(1, 6),
	out=st.sets(st.integers(0, 200), max_size=40),
	season=st.sampled_from([1, 7]),
)
def test_any_history_gives_a_sane_and_repeatable_answer(block, repeat, out, season):
	qty = block * repeat
	what = history(qty, [day for day in out if day < len(qty)])
	chosen = ForecastSettings(horizon_days=30, season_days=season)
	first, again = forecast_series(what, chosen), forecast_series(what, chosen)
	lo95, lo80, hi80, hi95 = first.bounds
	assert np.isfinite(first.qty).all() and np.isfinite(first.bounds).all()
	assert (0 <= lo95).all() and (lo95 <= lo80).all() and (lo80 <= first.qty).all()
	assert (lo80 <= hi80).all() and (
		hi80 <= hi95
	).all()  # a slow mover's mean may lie above: most days sell nothing
	assert (first.qty == again.qty).all() and (first.bounds == again.bounds).all()
	assert first.quality.error_std >= 0 and np.isfinite(first.quality.error_std) and first.quality.verdict
	assert first.qty.max(initial=0) <= 20 * max(qty, default=0)


def test_real_cash_withdrawals_are_forecast_better_than_by_last_week():
	path = (
		Path(os.environ.get("SENTIA_DATA", ROOT.parent / "shared" / "data"))
		/ "forecasting"
		/ "nn5_daily.parquet"
	)
	if not path.exists():
		pytest.skip(f"{path.name} is not here (set SENTIA_DATA to the data folder)")
	rows = pd.read_parquet(path)
	ours, naive, covered = [], [], []
	for code in sorted(rows["unique_id"].unique())[:8]:
		series = rows[rows["unique_id"] == code].sort_values("ds")
		known, actual = (
			series.loc[series["split"] == part, "y"].to_numpy(float) for part in ("train", "test")
		)
		result = answer(known, settings=ForecastSettings(horizon_days=len(actual)))
		ours.append(np.abs(actual - result.qty).mean())
		naive.append(np.abs(actual - np.resize(known[-7:], len(actual))).mean())
		covered.append(((actual >= result.bounds[0]) & (actual <= result.bounds[3])).mean())
	assert np.sum(ours) < 0.95 * np.sum(naive)
	assert np.mean(covered) > 0.9


def test_settings_come_without_heavy_imports():
	code = (
		"import sys; from sentia_ops.forecasting.engine import ForecastSettings; "
		"sys.exit(any(m in sys.modules for m in ('statsforecast', 'scipy', 'pandas')))"
	)
	assert (
		subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}).returncode == 0
	)
