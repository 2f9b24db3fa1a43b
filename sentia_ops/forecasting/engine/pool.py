"""Which methods are tried on which demand, and what is believed of them before any was tested."""

from __future__ import annotations

from sentia_ops.forecasting.engine.methods import boosting, pooled
from sentia_ops.forecasting.engine.settings import ForecastSettings

ABSOLUTE, SQUARED = "absolute", "squared"
TRAINED_BY = {"smooth": ABSOLUTE, "erratic": ABSOLUTE, "intermittent": SQUARED, "lumpy": SQUARED}
"""Loss of the global model. Medians have the least MASE; where most periods sell nothing the median is 0, and no use."""

REGULAR = {boosting.NAME: 3.0, "CES": 1.0, "Theta": 1.0, "MSTL": 0.5}
ERRATIC = REGULAR | {pooled.NAME: 1.0}
SLOW = {pooled.NAME: 3.0, boosting.NAME: 1.0}
CHOSEN = {
	"best": {"smooth": REGULAR, "erratic": ERRATIC, "intermittent": SLOW, "lumpy": SLOW},
	"fast": {
		"smooth": {boosting.NAME: 3.0, "Smoothing": 1.0},
		"erratic": {boosting.NAME: 3.0, "Smoothing": 1.0, pooled.NAME: 1.0},
		"intermittent": SLOW,
		"lumpy": SLOW,
	},
}
"""Profile -> demand class -> method -> weight before any test."""
WINDOWS = {"best": 4, "fast": 2}  # held-out windows at most


def pool(demand_class: str, settings: ForecastSettings) -> dict[str, float]:
	"""Methods for a class and their weights before any test; those a user named, all alike, where they did."""
	if settings.methods:
		return dict.fromkeys(settings.methods, 1.0)
	return CHOSEN[settings.profile][demand_class]
