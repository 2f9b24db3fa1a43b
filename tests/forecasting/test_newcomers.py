"""New items: launch curves of others, drawn to their own first sales."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from forecast_series import history, weekly

from sentia_ops.forecasting.engine import ForecastSettings, forecast_many
from sentia_ops.forecasting.engine.calendar import CALENDARS
from sentia_ops.forecasting.engine.newcomers import learn_launches

CURVE = np.r_[
	20.0, np.full(27, 10.0), np.full(60, 6.0)
]  # a first day, four weeks of curiosity, then the rest
SETTINGS = ForecastSettings(horizon_days=28, processes=1, methods=("Pooled",))


def launched(days: int, level: float = 1.0, seed: int = 0, group: str = "", key: str = "new"):
	rng = np.random.default_rng(seed)
	qty = rng.poisson(CURVE[:days] * level).astype(float)
	qty[0] = max(qty[0], 1)
	return replace(history(qty, key=(key, "UK")), group=group)


def range_of_items(count: int = 30, group: str = "", level: float = 1.0, prefix: str = "L"):
	rng = np.random.default_rng(5)
	levels = level * rng.gamma(3, 1 / 3, count)
	days = rng.integers(40, 88, count)
	return [
		launched(int(n), v, seed=i, group=group, key=f"{prefix}{i:02}")
		for i, (n, v) in enumerate(zip(days, levels, strict=True))
	]


OLD = [replace(history(weekly(300, seed=s), key=(f"old{s}", "UK"))) for s in range(3)]


def test_the_curve_is_found():
	launches = learn_launches([*OLD, *range_of_items()])
	assert launches.count == 30
	found = launches.expected(np.array([0, 3, 20, 40]))
	assert found == pytest.approx([20, 10, 10, 6], rel=0.3)
	assert found[0] > 1.5 * found[1] and found[2] > 1.3 * found[3]


def test_what_sold_from_the_start_is_no_launch():
	assert learn_launches([*OLD, *[replace(OLD[0], key=(f"x{i}", "UK")) for i in range(30)]]) is None
	assert learn_launches(range_of_items(9)) is None, "nine launches make no curve"
	assert learn_launches([]) is None


def test_first_days_are_neither_believed_nor_lost():
	"""After one day the class speaks, after three weeks the item does."""
	launches = learn_launches([*OLD, *range_of_items()])
	usual = launches.forecast(launched(1), 28).mean.sum()
	assert usual == pytest.approx(10 * 27 + 6, rel=0.35)
	for days, low, high in ((1, 1.0, 1.6), (7, 1.5, 2.6), (27, 2.2, 3.3)):
		strong = launches.forecast(launched(days, 3.0, seed=8), 28).mean.sum()
		expected = launches.forecast(launched(days, 1.0, seed=9), 28).mean.sum()
		assert low < strong / expected < high
	weak = launches.forecast(launched(3, 0.05, seed=1), 28).mean.sum()
	assert 0.2 * usual < weak < 0.9 * usual


def test_groups_launch_at_their_own_level():
	items = [*OLD, *range_of_items(20, "toys", 3.0, "T"), *range_of_items(20, "books", 0.5, "B")]
	launches = learn_launches(items)
	one_day = launched(1)
	toys, books, other = (
		launches.forecast(replace(one_day, group=g), 28).mean.sum() for g in ("toys", "books", "cars")
	)
	assert toys > 2 * books and books < other < toys
	assert (
		launches.words("toys") == "20 launches of toys"
		and launches.words("cars") == "40 launches of other items"
	)


def test_an_item_that_never_sold_goes_as_its_group_went():
	items = [*OLD, *range_of_items(20, "toys", 2.0, "T")]
	nothing = replace(history([], key=("N", "UK")), group="toys")
	result = forecast_many([*items, nothing], SETTINGS)[-1]
	assert result.quality.model == "launch curve"
	assert result.qty[1:28].mean() == pytest.approx(20, rel=0.4)
	assert (
		result.quality.verdict
		== "Nothing sold yet: forecast as 20 launches of toys went from their first sale on, as if that came now."
	)
	assert np.isfinite(result.quality.error_std) and result.quality.error_std > 0


def test_intervals_of_new_items_cover():
	launches = learn_launches([*OLD, *range_of_items(60)])
	for days in (1, 5, 20):
		inside = []
		for seed in range(150):
			level = np.random.default_rng(900 + seed).gamma(3, 1 / 3)
			item = launched(80, level, seed=2000 + seed)
			path = launches.forecast(item.until(days), 28)
			after = item.qty[days : days + 28]
			inside.append(((after >= path.quantiles[0]) & (after <= path.quantiles[-1])).mean())
			assert (np.diff(path.quantiles, axis=0) >= 0).all() and (path.quantiles % 1 == 0).all()
		assert 0.92 < np.mean(inside) < 0.985


def test_verdict_says_what_a_new_item_rests_on():
	result = forecast_many([*OLD, *range_of_items(), launched(5)], SETTINGS)[-1]
	assert result.quality.demand_class == "new"
	assert (
		result.quality.verdict
		== "Based on 5 days of history and 30 launches of other items: no season can be tested."
	)
	alone = forecast_many([launched(5)], SETTINGS)[0]
	assert alone.quality.model == "mean" and "the mean is used" in alone.quality.verdict


def test_days_out_of_stock_count_neither_way():
	launches = learn_launches([*OLD, *range_of_items()])
	seen = launched(4, 2.0, seed=3)
	gap = history(np.r_[seen.qty, np.zeros(10)], out=range(4, 14))
	silent = history(np.r_[seen.qty, np.zeros(10)])
	assert launches.forecast(gap, 7).mean[0] > 1.3 * launches.forecast(silent, 7).mean[0]


def test_ages_follow_the_calendar():
	weeks = [replace(h, calendar=CALENDARS["W"]) for h in [*OLD, *range_of_items()]]
	assert learn_launches(weeks).edges.tolist() == [0, 1, 2, 4, 8, 16, 24, 40]
	months = [replace(h, calendar=CALENDARS["MS"]) for h in [*OLD, *range_of_items()]]
	assert learn_launches(months).edges[-1] == 30


def test_order_of_series_does_not_matter():
	items = [*OLD, *range_of_items(20, "toys", 2.0, "T")]
	there, back = learn_launches(items), learn_launches(items[::-1])
	assert (
		(there.curve == back.curve).all() and there.groups == back.groups and there.variance == back.variance
	)
