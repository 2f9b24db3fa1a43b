"""What a planner sets for all items."""

from __future__ import annotations

import math
from dataclasses import dataclass

CLASSES = tuple(abc + xyz for abc in "ABC" for xyz in "XYZ")
MEASURES = ("cycle", "fill")


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
	    stockout_margin: what a unit not sold costs, as a share of its unit cost, where no selling rate is known.
	    service_levels: wanted level by ABC x XYZ class, percent: "AX=98 AY=97 CZ=90"; other classes get `service_level`.
	    service_measure: "cycle": chance of no stock-out in a replenishment cycle; "fill": share of demand met from stock.
	    budget: the most that the orders of one plan may cost; None: no limit.
	    transfers: whether surplus in one warehouse is moved to another before anything is bought.
	    transfer_days, transfer_cost: of one transfer between two warehouses.
	"""

	service_level: float = 0.95
	review_days: int = 7
	ordering_cost: float = 25.0
	holding_rate: float = 0.25
	max_cover_days: int = 180
	default_lead_days: float = 14.0
	lead_spread: float = 0.3
	stockout_margin: float = 0.3
	service_levels: str = ""
	service_measure: str = "cycle"
	budget: float | None = None
	transfers: bool = True
	transfer_days: float = 3.0
	transfer_cost: float = 15.0

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
			("budget", "0 or more, or left out for no limit", self.budget is None or self.budget >= 0),
			("transfer_days", "0 days or more", self.transfer_days >= 0),
			("transfer_cost", "0 or more", self.transfer_cost >= 0),
			("stockout_margin", "0 or more (0.3 means 30 % of the unit cost)", self.stockout_margin >= 0),
		):
			value = getattr(self, name)
			if not fits or not (value is None or math.isfinite(value)):
				raise ValueError(f"{name} must be {rule}, not {value}.")
		if self.service_measure not in MEASURES:
			raise ValueError(f"service_measure must be cycle or fill, not {self.service_measure}.")
		self.levels()

	def levels(self) -> dict[str, float]:
		"""Wanted level by class, as a share; raises ValueError where `service_levels` cannot be read."""
		found = {}
		for word in self.service_levels.replace(",", " ").split():
			name, _, value = word.partition("=")
			try:
				level = float(value) / 100
			except ValueError:
				level = math.nan
			if name not in CLASSES or not 0.5 <= level < 1:
				raise ValueError(
					f"service_levels must be like AX=98 BY=95 (class = percent, 50 to below 100), not {word}."
				)
			found[name] = level
		return found
