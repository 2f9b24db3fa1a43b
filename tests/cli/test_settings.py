"""Planning rules from the command line."""

import pytest

from sentia_ops.cli.settings import plan_settings
from sentia_ops.errors import SentiaError


def test_rules_reach_the_engine_they_belong_to():
	settings = plan_settings(["service_level=0.98", " review_days = 14 ", "horizon_days=60"])
	assert (settings.policy.service_level, settings.policy.review_days) == (0.98, 14)
	assert settings.forecast.horizon_days == 60
	assert settings.policy.holding_rate == plan_settings(None).policy.holding_rate == 0.25


@pytest.mark.parametrize(
	("pair", "message"),
	[
		("servicelevel=0.9", "there is no rule 'servicelevel'. Did you mean service_level?"),
		("review_days=weekly", "review_days must be a whole number, not 'weekly'"),
		("service_level=95", "service_level must be at least 0.5 and below 1"),
		("holding_rate=nan", "holding_rate must be above 0"),
		("horizon_days=0", "horizon_days must be a whole number of at least 1"),
		("review_days", "review_days must be a whole number, not ''"),
	],
)
def test_nonsense_is_refused_in_words(pair, message):
	with pytest.raises(SentiaError) as error:
		plan_settings([pair])
	assert message in str(error.value)
