"""What a forecasting method is: it says whether it applies, fits one series, and forecasts with quantiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sentia_ops.forecasting.engine.calendar import DAILY, Calendar
from sentia_ops.forecasting.engine.history import Factor

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Quantiles of every forecast: the bounds of 95, 80 and 50 % and the median."""


@dataclass(frozen=True)
class Sample:
	"""A series made ready for methods: stock-outs filled in, outliers capped.

	Attributes:
	    y: demand a period, shape (periods,), finite, never negative.
	    seen: False for periods whose value is an estimate, shape (periods,).
	    factors: values reach to the end of the horizon; those not known ahead end (NaN) with `y`.
	"""

	y: np.ndarray
	seen: np.ndarray
	first: np.datetime64 | None = None
	calendar: Calendar = DAILY
	factors: tuple[Factor, ...] = field(default=())


@dataclass(frozen=True)
class Path:
	"""A method's answer.

	Attributes:
	    mean: shape (horizon,).
	    quantiles: at `LEVELS`, shape (7, horizon), rising along the first axis; None where the method has none of its own.
	    effects: name of a factor -> what it adds each period, shape (horizon,).
	    notes: what a planner should know of it, in sentences: a factor that is not known to the end, for example.
	"""

	mean: np.ndarray
	quantiles: np.ndarray | None = None
	effects: dict[str, np.ndarray] = field(default_factory=dict)
	notes: tuple[str, ...] = ()


class Fitted(Protocol):
	def forecast(self, horizon: int) -> Path: ...


class Method(Protocol):
	"""One forecasting method.

	Attributes:
	    name: how settings, results and the command line call it.
	    source: paper or library it comes from.
	"""

	name: str
	source: str

	def why_not(self, sample: Sample) -> str:
		"""Why this series is none for the method, in words for a planner; empty: it is."""

	def fit(self, sample: Sample) -> Fitted:
		"""Raises: ValueError where `why_not` would have answered."""
