"""Which methods are tried on which demand, and what is believed of them before any was tested."""

from __future__ import annotations

from sentia_ops.forecasting.engine.calendar import Calendar
from sentia_ops.forecasting.engine.methods import boosting, pooled
from sentia_ops.forecasting.engine.settings import ForecastSettings

ABSOLUTE, ROBUST = "reg:absoluteerror", "reg:pseudohubererror"
LOSS = {"smooth": ABSOLUTE, "erratic": ABSOLUTE, "intermittent": ROBUST, "lumpy": ROBUST}
"""Loss of the global model. Medians have the least MASE; where most periods sell nothing the median is 0, and no use."""

REGULAR = {
	"best": {
		"D": (boosting.NAME, "DynamicHarmonic", "CES", "SeasonalNaive"),
		"W": (boosting.NAME, "DynamicHarmonic", "CES", "Theta", "MSTL", "SeasonalNaive"),
		"MS": (boosting.NAME, "DynamicHarmonic", "CES", "Theta", "AutoETS"),
		"h": (boosting.NAME, "DynamicHarmonic", "CES", "SeasonalNaive"),
	},
	"fast": {
		"D": (boosting.NAME, "DynamicHarmonic", "SeasonalNaive"),
		"W": (boosting.NAME, "DynamicHarmonic", "SeasonalNaive"),
		"MS": (boosting.NAME, "DynamicHarmonic", "CES", "Theta"),
		"h": (boosting.NAME, "DynamicHarmonic", "SeasonalNaive"),
	},
}
"""Profile -> calendar -> methods for what sells in most periods; cheap ones where series come in thousands."""
SLOW = (pooled.NAME, boosting.NAME)
YOUNG = {
	"best": ("CES", "Theta", "SeasonalNaive"),
	"fast": ("CES", "SeasonalNaive"),
}  # while no year can be seen
YEARS = 1.6  # from which on one can
BELIEF = {boosting.NAME: 3.0, "MSTL": 0.5, "SeasonalNaive": 0.3}
BELIEF_SLOW = {pooled.NAME: 3.0}
WINDOWS = {"best": 3, "fast": 2}  # held-out windows at most


def pool(demand_class: str, calendar: Calendar, periods: int, settings: ForecastSettings) -> tuple[str, ...]:
	"""Names of methods for a class; those a user named, where they did."""
	if settings.methods:
		return settings.methods
	if demand_class in ("intermittent", "lumpy"):
		return SLOW
	names = REGULAR[settings.profile][calendar.code]
	if periods < YEARS * calendar.year:
		names = (boosting.NAME, *YOUNG[settings.profile])
	return (*names, pooled.NAME) if demand_class == "erratic" else names


def belief(demand_class: str, names: tuple[str, ...]) -> list[float]:
	"""Weights of methods before any test; not scaled."""
	known = BELIEF_SLOW if demand_class in ("intermittent", "lumpy") else BELIEF
	return [known.get(name, 1.0) for name in names]
