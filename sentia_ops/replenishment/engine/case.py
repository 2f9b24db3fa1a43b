"""Everything known about one item in one warehouse, and the dates that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from sentia_ops.replenishment.engine.choice import Choice, Option
from sentia_ops.replenishment.engine.formulas import NOISE, exact
from sentia_ops.replenishment.engine.needs import Needs
from sentia_ops.replenishment.engine.offers import Offer
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.quantity import Quantity, order_quantity
from sentia_ops.replenishment.engine.series import OpenOrder, Outlook

SHOWN_DAYS = 60  # of projected stock, at least
SHOWN_AFTER = 14  # days after the protection period
SHOWN_MOST = 400


def horizon(period: float) -> int:
	"""Days to project for a protection period."""
	return max(SHOWN_DAYS, math.ceil(period) + SHOWN_AFTER)


@dataclass(frozen=True)
class Case:
	"""One item in one warehouse with the offer chosen for it.

	Attributes:
	    stock_known: whether anything at all is known of stock; where not, `outlook` counts none on hand.
	    quality: the row of forecast_quality, or None.
	    has_forecast, has_demand: there is a forecast; it is not all zero.
	    inbound, outbound: open orders by due date.
	"""

	item: dict
	warehouse: str
	as_of: date
	policy: Policy
	choice: Choice
	left_out: list[dict]
	outlook: Outlook
	stock_known: bool
	quality: dict | None
	has_forecast: bool
	has_demand: bool
	inbound: list[OpenOrder]
	outbound: list[OpenOrder]

	@property
	def option(self) -> Option:
		"""Who gets the order at hand. Verdict and stock policy are of the regular supplier, all else of this one."""
		return self.choice.taken

	@property
	def regular(self) -> Option:
		return self.choice.regular

	@property
	def offer(self) -> Offer:
		return self.option.offer

	@property
	def needs(self) -> Needs:
		return self.option.needs

	@property
	def verdict(self) -> str:
		if not self.stock_known and (
			self.has_demand or self.regular.needs.owed + self.regular.needs.promised > 0
		):
			return "stock unknown"
		if self.regular.needs.gap > 0:
			return "order"
		if not self.has_forecast:
			return "no forecast"
		return "enough" if self.has_demand else "no demand"

	@cached_property
	def quantity(self) -> Quantity:
		needs = self.needs
		return order_quantity(
			self.offer,
			self.policy,
			daily=self.option.daily,
			gap=needs.gap,
			left=needs.left_on_arrival,
			shelf_life_days=self.item["shelf_life_days"],
		)

	@property
	def cost(self) -> float:
		"""Company currency, to the cent."""
		return round(exact(self.quantity.qty * self.offer.unit_cost), 2)

	@property
	def shown_days(self) -> int:
		return min(horizon(self.needs.period), SHOWN_MOST)

	@cached_property
	def projected(self) -> np.ndarray:
		"""Stock at the end of each day from as_of on, if nothing is ordered."""
		return self.outlook.projected[: self.shown_days]

	@cached_property
	def stockout_on(self) -> date | None:
		return self._first_below(0.0) if self.stock_known else None

	@cached_property
	def need_by(self) -> date:
		"""First day from which projected stock stays under the safety stock; at the latest the protection period's last.

		A dip that ends with a delivery under way is a reason to ask for that delivery, not for this order.
		"""
		days = max(math.ceil(self.needs.period), 1)
		enough = np.flatnonzero(self.outlook.projected[:days] >= self.needs.safety_stock - NOISE)
		first = int(enough[-1]) + 1 if len(enough) else 0
		return self.as_of + timedelta(days=min(first, days - 1))

	@property
	def delivery_days(self) -> int:
		return math.ceil(self.offer.lead_days)

	@property
	def order_by(self) -> date:
		return self.need_by - timedelta(days=self.delivery_days)

	@property
	def days_late(self) -> int:
		return max((self.as_of - self.order_by).days, 0)

	@property
	def arrival_if_today(self) -> date:
		return self.as_of + timedelta(days=self.delivery_days)

	@cached_property
	def projected_with_order(self) -> np.ndarray:
		"""The same with the order placed on its order-by day, or today where that has passed."""
		arrival = (max(self.order_by, self.as_of) - self.as_of).days + self.delivery_days
		return self.projected + np.where(np.arange(self.shown_days) >= arrival, self.quantity.qty, 0.0)

	@property
	def late_inbound(self) -> list[OpenOrder]:
		return [o for o in self.inbound if o.due.date() < self.as_of]

	@property
	def to_expedite(self) -> OpenOrder | None:
		"""The first open order that arrives only after stock has run out."""
		if self.stockout_on is None:
			return None
		return next((o for o in self.inbound if o.due.date() > self.stockout_on), None)

	def _first_below(self, level: float) -> date | None:
		below = np.flatnonzero(self.projected < level - NOISE)
		return self.as_of + timedelta(days=int(below[0])) if len(below) else None
