"""What a planner may set about forecasts."""

from __future__ import annotations

import re
from dataclasses import dataclass

LEAST = {
	"horizon_days": 1,
	"history_days": 28,
	"backtest_windows": 0,
	"backtest_days": 7,
	"season_days": 1,
	"consume_backward_days": 0,
	"consume_forward_days": 0,
	"processes": 0,
}
PROFILES = ("best", "fast")


@dataclass(frozen=True)
class ForecastSettings:
	"""Settings of the demand forecast; lengths in periods of the calendar, which are days unless a history says otherwise.

	Attributes:
	    horizon_days: how far ahead to forecast.
	    history_days: how much history to use at most.
	    backtest_windows: held-out windows, one after another up to the last day known; fewer where history is short.
	    backtest_days: length of one window.
	    season_days: the short season of daily histories; 7 where days of the week differ. Other calendars have their own.
	    consume_backward_days, consume_forward_days: days before and after the one it is due on from which an open order takes
	        forecast; what it finds none for comes on top.
	    processes: worker processes; 0 means all cores, 1 none besides this one.
	    holidays: ISO 3166 codes of the countries whose public holidays move demand, "GB" or "US-CA, DE"; empty: none.
	    profile: "best", or "fast" for many series: fewer methods and windows.
	    methods: names of the methods to use; empty: those the engine finds best for a demand class.
	    seconds: after so many a series' earlier origins are left as they are: methods without answers there weigh less.
	    engine: "dask://HOST:PORT", to examine series on that cluster; empty: on this machine.

	Raises:
	    ValueError: a length is too small to mean anything, or there is no such profile.
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
	profile: str = "best"
	methods: tuple[str, ...] = ()
	seconds: float = 10.0
	engine: str = ""

	def __post_init__(self):
		for name, least in LEAST.items():
			value = getattr(self, name)
			if isinstance(value, bool) or not isinstance(value, int) or value < least:
				raise ValueError(f"{name} must be a whole number of at least {least}, not {value!r}.")
		if self.profile not in PROFILES:
			raise ValueError(f"profile must be {' or '.join(PROFILES)}, not {self.profile!r}.")
		if isinstance(self.methods, str) or not all(isinstance(name, str) for name in self.methods):
			raise ValueError(f"methods must be a tuple of names, not {self.methods!r}.")
		if isinstance(self.seconds, bool) or not self.seconds > 0:
			raise ValueError(f"seconds must be more than 0, not {self.seconds!r}.")
		if self.engine and not re.fullmatch(r"dask://[^/\s:]+:\d+", self.engine):
			raise ValueError(f"engine must be like dask://HOST:PORT, not {self.engine!r}.")
