"""What a period is, and after how many of them things come round again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calendar:
	"""A regular calendar.

	Attributes:
	    code: pandas offset alias: D, W, MS or h.
	    season: periods after which the short season returns; 1: there is none.
	    year: periods after which the long season returns (a year; of hours, a week).
	    period: in words, for verdicts: "day", "week", "month", "hour".
	"""

	code: str
	season: int
	year: float
	period: str

	def dates(self, first: np.datetime64, periods: int) -> np.ndarray:
		"""`periods` timestamps from `first` on; weeks keep the weekday of `first`."""
		import pandas as pd

		step = {"W": "7D"}.get(self.code, self.code)
		return pd.date_range(first, periods=periods, freq=step).to_numpy()


DAILY = Calendar("D", 7, 365.25, "day")
CALENDARS = {
	"D": DAILY,
	"W": Calendar("W", 1, 365.25 / 7, "week"),
	"MS": Calendar("MS", 12, 12.0, "month"),
	"h": Calendar("h", 24, 168.0, "hour"),
}
