"""One order to propose, and the dates that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.calendar import Calendar
from sentia_ops.replenishment.engine.choice import Choice
from sentia_ops.replenishment.engine.rows import SHOWN_AFTER, SHOWN_DAYS
from sentia_ops.replenishment.engine.series import OpenOrder, Outlook, whole_days

SHOWN_MOST = 400


@dataclass(frozen=True)
class Moment:
	"""Demand counted, its standard deviation, and supply up to `days` from now; and the chance of running out by then."""

	days: float
	demand: float
	supply: float
	std: float
	risk: float


@dataclass(frozen=True)
class Case:
	"""An order for one item in one warehouse.

	Attributes:
	    row: of `rows` and `orders`: what is ordered, from whom, and every figure behind it.
	    choice: the same for the other suppliers.
	    outlook: days from as_of on, at least as many as are shown.
	    inbound, outbound: open orders by due date.
	    has_demand: the forecast is not all zero.
	"""

	row: object
	choice: Choice
	as_of: date
	outlook: Outlook
	calendar: Calendar
	inbound: list[OpenOrder]
	outbound: list[OpenOrder]
	left_out: list[dict]
	has_demand: bool
	quality: dict | None

	@property
	def regular(self):
		return self.choice.regular

	@property
	def shown_days(self) -> int:
		return min(max(SHOWN_DAYS, math.ceil(self.row.period_days) + SHOWN_AFTER), SHOWN_MOST)

	@cached_property
	def projected(self) -> np.ndarray:
		"""Stock at the end of each day from as_of on, if nothing is ordered."""
		return self.outlook.projected[: self.shown_days]

	@cached_property
	def stockout_on(self) -> date | None:
		below = np.flatnonzero(self.projected < -f.NOISE)
		return self.as_of + timedelta(days=int(below[0])) if len(below) else None

	@cached_property
	def need_by(self) -> date:
		"""First day from which projected stock stays under the reserve; at the latest the protection period's last.

		A dip that ends with a delivery under way is a reason to ask for that delivery, not for this order.
		"""
		days = max(whole_days(self.row.period_days), 1)
		enough = np.flatnonzero(self.outlook.projected[:days] >= self.row.reserve - f.NOISE)
		first = int(enough[-1]) + 1 if len(enough) else 0
		return self.as_of + timedelta(days=min(first, days - 1))

	@property
	def delivery_days(self) -> int:
		"""From the day the order can be placed, closures included."""
		return math.ceil(f.exact(self.row.lead_days - self.row.wait_days))

	@property
	def closed_days(self) -> int:
		return self.delivery_days - math.ceil(self.row.lead_days_own)

	@cached_property
	def due_by(self) -> date:
		"""The last day by which ordering brings the goods in time, were orders taken on any day."""
		return self.need_by - timedelta(days=self.delivery_days)

	@cached_property
	def order_by(self) -> date:
		"""The same on a day the supplier takes orders; a day that has passed stays as it is."""
		if self.calendar.is_plain or self.due_by < self.as_of:
			return self.due_by
		return self.calendar.last_chance(self.due_by, self.as_of)

	@property
	def days_late(self) -> int:
		return max((self.as_of - self.order_by).days, 0)

	@property
	def order_on(self) -> date:
		"""The first day from as_of on that the order can be placed."""
		return self.as_of + timedelta(days=int(self.row.wait_days))

	@property
	def arrival_if_today(self) -> date:
		return self.as_of + timedelta(days=math.ceil(self.row.lead_days))

	@cached_property
	def projected_with_order(self) -> np.ndarray:
		"""The same with the order placed on its order-by day, or as soon as it can be where that has passed."""
		waited = (max(self.order_by, self.order_on) - self.order_on).days
		arrival = waited + math.ceil(self.row.lead_days)
		return self.projected + np.where(np.arange(self.shown_days) >= arrival, self.row.qty, 0.0)

	@property
	def late_inbound(self) -> list[OpenOrder]:
		return [o for o in self.inbound if o.due < self.as_of]

	@property
	def to_expedite(self) -> OpenOrder | None:
		"""The first open order that arrives only after stock has run out."""
		if self.stockout_on is None:
			return None
		return next((o for o in self.inbound if o.due > self.stockout_on), None)

	@cached_property
	def tightest(self) -> Moment:
		"""Until an order placed today arrives, when stock is likeliest to have run out: on arrival, or on the eve of a delivery."""
		row = self.row
		worst = Moment(row.lead_days, row.lead_wanted, row.lead_supply, row.lead_dev, row.lead_risk)
		whole = whole_days(row.lead_days)
		here = self.outlook.on_hand - self.outlook.owed
		for day in np.flatnonzero(np.diff(self.outlook.inbound[:whole]) > f.NOISE):
			wanted = f.tidy(float(self.outlook.demand[day]))
			supply = f.exact(here + float(self.outlook.inbound[day]))
			std = f.tidy(row.lead_error * math.sqrt(day + 1))
			risk = self._chance(wanted, std, supply)
			if risk > worst.risk:
				worst = Moment(float(day + 1), wanted, supply, std, risk)
		return worst

	def _chance(self, wanted: float, std: float, supply: float) -> float:
		one = [np.array([x]) for x in (wanted, std, 0.0, supply)]
		return round(float(demand.short_of(*one)[1][0]), 2)
