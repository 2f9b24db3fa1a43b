"""What a planner sets for all items."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
	"""Planning rules; money in company currency.

	Attributes:
	    service_level: wanted chance of no stock-out in a replenishment cycle, 0.5 to below 1.
	    review_days: days between two looks at the same item; an order can only be placed then.
	    ordering_cost: of placing and receiving one order (or of setting up one production order).
	    holding_rate: cost of holding stock for a year, as a share of its value.
	    max_cover_days: an order shall not last longer than this.
	    default_lead_days: calendar days, for made items and items without a supplier where the planner gave none.
	    lead_spread: standard deviation of such a lead time, as a share of it.
	"""

	service_level: float = 0.95
	review_days: int = 7
	ordering_cost: float = 25.0
	holding_rate: float = 0.25
	max_cover_days: int = 180
	default_lead_days: float = 14.0
	lead_spread: float = 0.3

	def check(self) -> None:
		"""Raises ValueError naming the first value that makes no sense."""
		for name, rule, fits in (
			("service_level", "at least 0.5 and below 1 (0.95 means 95 %)", 0.5 <= self.service_level < 1),
			("review_days", "1 to 365 days", 1 <= self.review_days <= 365),
			("ordering_cost", "0 or more", self.ordering_cost >= 0),
			("holding_rate", "above 0 (0.25 means 25 % of the value a year)", self.holding_rate > 0),
			("max_cover_days", "1 day or more", self.max_cover_days >= 1),
			("default_lead_days", "0 days or more", self.default_lead_days >= 0),
			("lead_spread", "0 or more (0.3 means 30 % of the lead time)", self.lead_spread >= 0),
		):
			value = getattr(self, name)
			if not fits or not math.isfinite(value):
				raise ValueError(f"{name} must be {rule}, not {value}.")
