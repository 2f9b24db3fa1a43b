"""Our policy: the app's forecasts, lead times and levels, as a nightly plan applies them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist

import numpy as np
import pandas as pd
from replenishment_forecasts import EVERY, HORIZON, Origin
from replenishment_sim import Costs, Levels
from replenishment_world import World

from sentia_ops.replenishment.engine.policy import Policy

BEYOND = 400  # days that a forecast's last mean goes on for
LONG_RUN = 60  # days whose mean is the demand of the long run, at least


@dataclass(frozen=True)
class Ours:
	"""Attributes:
	service: wanted level by pair, shape (n,).
	review: days between two plans.
	"""

	world: World
	costs: Costs
	origins: list[Origin]
	service: np.ndarray
	review: int = 1
	measure: str = "cycle"
	name: str = "ours"
	_kept: dict[int, Levels] = field(default_factory=dict)

	def levels(self, day: int) -> Levels:
		if day not in self._kept:
			self._kept[day] = self._levels(day)
		return self._kept[day]

	def _levels(self, day: int) -> Levels:
		from sentia_ops.replenishment.engine.levels import levels

		found = levels(self.rows(day), self.policy)
		point, lot = found["reorder_point"].to_numpy(), found["order_qty"].to_numpy()
		sells = found["cover_demand"].to_numpy() > 1e-6
		point, lot = np.where(sells, point, 0.0), np.where(sells, lot, 0.0)
		return Levels(point, lot, point)

	@cached_property
	def policy(self) -> Policy:
		return Policy(
			review_days=self.review,
			ordering_cost=self.costs.ordering,
			holding_rate=self.costs.holding_rate,
		)

	def rows(self, day: int) -> pd.DataFrame:
		"""What the levels are worked out from, on that day."""
		origin = self.origin(day)
		leads = origin.lead_times
		lead = leads["mean_days"].to_numpy().round(1)
		long_run = np.full(len(lead), max(LONG_RUN, int(np.ceil(lead.max())) + 14 + self.review), dtype=float)
		return pd.DataFrame(
			{
				"long_daily": self.demand_within(day, long_run) / long_run,
				"error_std": origin.error_std,
				"day_std": np.minimum(origin.day_std, origin.error_std),
				"lead_days": lead,
				"lead_std": leads["std_days"].to_numpy().round(1),
				"lead_demand": self.demand_within(day, lead),
				"period_demand": self.demand_within(day, lead + self.review),
				"demand_class": origin.demand_class,
				"unit_cost": self.world.unit_cost,
				"margin": self.world.margin,
				"service_level": self.service,
				"service_measure": self.measure,
				"min_qty": self.world.min_qty,
				"step": self.world.pack,
				"whole": True,
			}
		)

	def origin(self, day: int) -> Origin:
		return self.origins[min(day // EVERY, len(self.origins) - 1)]

	@cached_property
	def _running(self) -> dict[int, np.ndarray]:
		"""Running totals of each origin's forecast, first column 0."""
		return {
			o.day: np.cumsum(
				np.hstack([np.zeros((len(o.tail), 1)), o.daily, np.repeat(o.tail[:, None], BEYOND, 1)]),
				axis=1,
			)
			for o in self.origins
		}

	def demand_within(self, day: int, days: np.ndarray) -> np.ndarray:
		"""Forecast of the `days` days from `day` on, shape (n,); parts of a day count in part."""
		origin = self.origin(day)
		running, at = self._running[origin.day], day - origin.day
		end = np.minimum(at + days, HORIZON + BEYOND - 1)
		low = np.floor(end).astype(int)
		rows = np.arange(len(running))
		upto = running[rows, low] + (end - low) * (running[rows, low + 1] - running[rows, low])
		return upto - running[:, at]


@dataclass(frozen=True)
class OldFormulas(Ours):
	"""Ours before the new levels, to see what they bring: one normal formula over lead time and review, economic quantity."""

	name: str = "ours, old formulas"

	def _levels(self, day: int) -> Levels:
		r = {name: column.to_numpy() for name, column in self.rows(day).items()}
		period = r["lead_days"] + self.review
		demand = r["period_demand"]
		z = np.array([NormalDist().inv_cdf(s) for s in self.service])
		reorder = np.floor(
			demand + z * np.sqrt(period * r["error_std"] ** 2 + (demand / period * r["lead_std"]) ** 2) + 0.5
		)
		lot = np.sqrt(
			2 * r["long_daily"] * 365 * self.costs.ordering / (self.costs.holding_rate * self.world.unit_cost)
		)
		lot = np.minimum(lot, 180 * r["long_daily"])
		sells = demand > 1e-6
		return Levels(np.where(sells, reorder, 0.0), np.where(sells, lot, 0.0), np.where(sells, reorder, 0.0))
