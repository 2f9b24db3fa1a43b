"""Reorder point and position of one item in one warehouse, for one way of getting it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.offers import Offer
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.series import Outlook


@dataclass(frozen=True)
class Moment:
	"""Demand counted, its standard deviation, and supply up to `days` from now."""

	days: float
	demand: float
	supply: float
	std: float

	@property
	def risk(self) -> float:
		return f.shortfall_chance(self.supply, self.demand, self.std)


@dataclass(frozen=True)
class Needs:
	"""All quantities in stock UOM, rounded as printed.

	Attributes:
	    period: the protection period, days: what is ordered today must last until the order after it can arrive.
	    demand: forecast over the period; daily is its mean a day.
	    owed: customer orders that are overdue.
	    promised: open customer orders due in the period; excess is what they ask for beyond the forecast.
	    inbound: open supply due in it.
	    position: on hand + inbound - owed - excess.
	    lead_demand, lead_supply: demand counted, and stock on hand + due, until an order placed today arrives.
	    lead_std: standard deviation of the demand until then.
	    tightest: the moment until then at which stock is most likely to have run out.
	"""

	period: float
	demand: float
	daily: float
	owed: float
	promised: float
	excess: float
	on_hand: float
	inbound: float
	position: float
	z: float
	error_std: float
	safety_stock: float
	reorder_point: float
	lead_demand: float
	lead_supply: float
	lead_std: float
	tightest: Moment

	@property
	def gap(self) -> float:
		"""What is missing up to the reorder point; 0: enough."""
		missing = f.exact(self.reorder_point - self.position)
		return missing if missing > f.NOISE else 0.0

	@property
	def left_on_arrival(self) -> float:
		"""Stock expected when an order placed today arrives; below zero: owed to customers."""
		return f.exact(self.lead_supply - self.lead_demand)

	@property
	def risk(self) -> float:
		"""Chance of running out before an order placed today arrives."""
		return self.tightest.risk

	@property
	def expected_short(self) -> float:
		"""Units that customers want and do not get before an order placed today arrives, on average; four decimals."""
		short = f.expected_shortage(self.lead_supply, self.lead_demand, self.lead_std)
		return f.tidy(short) if short >= 0.1 else round(short, 4)


def needs_of(outlook: Outlook, offer: Offer, error_std: float, policy: Policy, *, whole: bool) -> Needs:
	"""Protection period = mean lead time + review period; reorder point = forecast over it + safety stock.

	Items counted in whole numbers get the nearest whole reorder point: for one sold every few months the formula gives
	a fraction that would otherwise always call for one piece.

	Args:
	    error_std: standard deviation of the daily forecast error; 0 where nothing is forecast.
	"""
	period = f.exact(offer.lead_days + policy.review_days)
	demand = f.tidy(outlook.forecast_within(period))
	daily = f.tidy(demand / period)
	promised = f.exact(outlook.promised_within(period))
	excess = f.exact(max(promised - demand, 0.0))
	inbound = f.exact(outlook.inbound_within(period))
	z, error_std = f.safety_factor(policy.service_level), f.tidy(error_std)
	safety = f.tidy(f.safety_stock(z, period, error_std, daily, offer.lead_std))
	reorder_point = f.exact(demand + safety)
	lead_forecast = f.tidy(outlook.forecast_within(offer.lead_days))
	arrival = Moment(
		days=offer.lead_days,
		demand=max(lead_forecast, f.exact(outlook.promised_within(offer.lead_days))),
		supply=f.exact(outlook.on_hand - outlook.owed + outlook.inbound_within(offer.lead_days)),
		std=f.tidy(f.safety_stock(1.0, offer.lead_days, error_std, daily, offer.lead_std)),
	)
	return Needs(
		period=period,
		demand=demand,
		daily=daily,
		owed=f.exact(outlook.owed),
		promised=promised,
		excess=excess,
		on_hand=f.exact(outlook.on_hand),
		inbound=inbound,
		position=f.exact(outlook.on_hand - outlook.owed + inbound - excess),
		z=z,
		error_std=error_std,
		safety_stock=safety,
		reorder_point=float(math.floor(reorder_point + 0.5)) if whole else reorder_point,
		lead_demand=arrival.demand,
		lead_supply=arrival.supply,
		lead_std=arrival.std,
		tightest=_tightest(outlook, arrival, error_std),
	)


def _tightest(outlook: Outlook, arrival: Moment, error_std: float) -> Moment:
	"""The arrival itself, or the eve of a delivery before it: stock only ever rises by deliveries."""
	worst = arrival
	whole = math.ceil(round(arrival.days, 6))
	for day in np.flatnonzero(np.diff(outlook.inbound[:whole]) > f.NOISE):
		eve = Moment(
			days=float(day + 1),
			demand=f.tidy(float(outlook.demand[day])),
			supply=f.exact(outlook.on_hand - outlook.owed + float(outlook.inbound[day])),
			std=f.tidy(error_std * math.sqrt(day + 1)),
		)
		if eve.risk > worst.risk:
			worst = eve
	return worst
