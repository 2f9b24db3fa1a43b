"""What passes between the stages of a forecast of many series.

learn(histories)             -> what all series teach together (global model, launch curves); in one process
examine(history, learned)    -> Evidence: paths of several methods, from earlier origins and from today; per series, parallel
combine(evidences)           -> Combination: weights by recent error, shrunk to the class average
calibrate(combinations)      -> quantiles from held-out errors, of the series itself and of its class
conclude                     -> Outcome: whole numbers, measures, verdict
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sentia_ops.forecasting.engine.classify import Profile
from sentia_ops.forecasting.engine.repair import OUTLIER, Change


@dataclass(frozen=True)
class Evidence:
	"""How several methods did on one series from earlier origins, and what they say now.

	Attributes:
	    demand: the history repaired, shape (periods,).
	    methods: their names.
	    past: paths from the origins, oldest first, shape (origins, methods, steps); NaN where a method had no answer.
	    actual: what then happened, shape (origins, steps); NaN where unknown (stock was out).
	    ahead: paths from now, shape (methods, horizon).
	    scales: mean absolute seasonal-naive error before each origin and before now, shape (origins + 1,); NaN: none.
	    why_not: method -> why it was not tried, or failed.
	    effects: factor -> method -> units it adds a period to that method's path, mean over the horizon.
	    changes: periods cut down before fitting, or freed of a promotion.
	    uplifts: promotion -> what it multiplies demand by.
	    origins: periods known at each origin, oldest first; empty: windows of `steps` one after another up to now.
	    quantiles: at `LEVELS`, of a forecast that brings its own, shape (7, horizon); None: `calibrate` finds them.
	    notes: what a planner should know of the forecast.
	"""

	key: tuple[str, ...]
	profile: Profile
	demand: np.ndarray
	methods: tuple[str, ...]
	past: np.ndarray
	actual: np.ndarray
	ahead: np.ndarray
	scales: np.ndarray
	why_not: dict[str, str] = field(default_factory=dict)
	effects: dict[str, dict[str, float]] = field(default_factory=dict)
	changes: tuple[Change, ...] = ()
	uplifts: dict[str, float] = field(default_factory=dict)
	yearly: bool = False
	origins: tuple[int, ...] = ()
	quantiles: np.ndarray | None = None
	notes: tuple[str, ...] = ()

	@property
	def capped(self) -> np.ndarray:
		"""`demand` with outliers cut down, shape (periods,)."""
		capped = self.demand.astype(float)
		for change in self.changes:
			if change.reason == OUTLIER:
				capped[change.period] = change.now
		return capped


@dataclass(frozen=True)
class Combination:
	"""Evidence weighed.

	Attributes:
	    weights: sum 1, shape (methods,).
	    past: combined paths from the origins, shape (origins, steps).
	    mean: combined path from now, shape (horizon,), never negative.
	"""

	evidence: Evidence
	weights: np.ndarray
	past: np.ndarray
	mean: np.ndarray
