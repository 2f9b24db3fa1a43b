"""What a planner may set about forecasts."""

from __future__ import annotations

from dataclasses import dataclass, fields

LEAST = {"horizon_days": 1, "history_days": 28, "backtest_windows": 0, "backtest_days": 7, "season_days": 1}


@dataclass(frozen=True)
class ForecastSettings:
	"""Settings of the demand forecast; all lengths in days.

	Attributes:
	    horizon_days: how far ahead to forecast.
	    history_days: how much history to use at most.
	    backtest_windows: held-out windows, one after another up to the last day known; fewer where history is short.
	    backtest_days: length of one window.
	    season_days: the short season; 7 where days of the week differ.
	    consume_backward_days, consume_forward_days: days before and after the one it is due on from which an open order takes
	        forecast; what it finds none for comes on top.
	    processes: worker processes; 0 means all cores, 1 none besides this one.
	    holidays: ISO 3166 codes of the countries whose public holidays move demand, "GB" or "US-CA, DE"; empty: none.

	Raises:
	    ValueError: a length is too small to mean anything.
	"""

	horizon_days: int = 90
	history_days: int = 730
	backtest_windows: int = 4
	backtest_days: int = 28
	season_days: int = 7
	consume_backward_days: int = 28
	consume_forward_days: int = 28
	processes: int = 0
	holidays: str = ""

	def __post_init__(self):
		for field in fields(self):
			if field.name == "holidays":
				continue
			least, value = LEAST.get(field.name, 0), getattr(self, field.name)
			if isinstance(value, bool) or not isinstance(value, int) or value < least:
				raise ValueError(f"{field.name} must be a whole number of at least {least}, not {value!r}.")
