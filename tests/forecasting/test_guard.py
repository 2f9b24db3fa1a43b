"""Paths of methods kept within reason."""

from __future__ import annotations

import numpy as np
import pytest
from forecast_series import WEEK

from sentia_ops.forecasting.engine.guard import reasonable

WEEKS = np.repeat(np.arange(12), 7)  # of the path
SHAPE = np.tile(10 * WEEK, 12)
KNOWN = np.tile(10 * WEEK, 20)


def test_growing_steps_end_with_the_first_season():
	for path in (SHAPE * 1.1**WEEKS, 10 + (SHAPE - 10) * 1.1**WEEKS, SHAPE * (2 - 1.1**WEEKS)):
		assert reasonable(path, KNOWN) == pytest.approx(np.tile(path[:7], 12))


def test_straight_and_damped_trends_and_steady_weeks_stay():
	for path in (SHAPE, SHAPE - 0.1 * WEEKS, SHAPE + 2 * (1 - 0.8**WEEKS), SHAPE[:20] + 0.1 * WEEKS[:20]):
		assert reasonable(path, KNOWN).tolist() == path.tolist()


def test_level_stays_near_the_highest_four_weeks_known():
	peak = np.where(np.arange(140) // 28 == 2, 2 * KNOWN, KNOWN)  # four weeks of twice the level
	assert reasonable(2 * SHAPE, peak).tolist() == (2 * SHAPE).tolist()
	assert reasonable(4 * SHAPE, peak) == pytest.approx(2.5 * SHAPE)
	rising = reasonable(SHAPE * (1 + WEEKS), KNOWN)
	assert rising == pytest.approx(SHAPE * np.minimum(1 + WEEKS, 1.25))  # the first week is believed
	assert reasonable(4 * np.r_[SHAPE, SHAPE[:3]], KNOWN) == pytest.approx(1.25 * np.r_[SHAPE, SHAPE[:3]])
	assert reasonable(4 * SHAPE, KNOWN[:10]).mean() == pytest.approx(1.25 * KNOWN[:10].mean())


def test_part_of_a_season_has_no_level():
	saturdays = np.where(np.arange(140) % 7 == 0, 70.0, 0.0)  # a level of 10
	assert reasonable(np.array([70.0]), saturdays).tolist() == [70.0]
	assert reasonable(saturdays[:84], saturdays).tolist() == saturdays[:84].tolist()
