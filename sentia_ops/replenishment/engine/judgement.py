"""How sure the figures are, and how urgent the order is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from sentia_ops.replenishment.engine import formulas as f

UNTESTED = 0.3  # confidence in a forecast that no backtest has tried
GUESSED_LEAD = {"promised": 0.4, "planner": 0.4, "default": 0.2}


@dataclass(frozen=True)
class Confidence:
	value: float
	text: str


def confidence(row, quality: dict | None, *, forecast_used: bool) -> Confidence:
	"""The weakest of three links, each 0 to 1.

	Forecast: demand over the protection period by itself plus its standard error, D / (D + s x sqrt(period)); one that
	may be off by its own size scores 0.5, an untested one at most 0.3. Lead time: n / (n + 3) for n
	receipts of the item; a supplier's other receipts count half; a promise or a planner's figure scores 0.4, a default
	0.2. History: days / (days + 90).
	"""
	links = [_lead_link(row)]
	if forecast_used:
		links += [_forecast_link(quality, row), _history_link(quality)]
	value, text = min(links, key=lambda link: link[0])
	return Confidence(value, f"weakest link: {text}" if forecast_used else f"open orders are certain; {text}")


def _lead_link(row) -> tuple[float, str]:
	if row.basis == "item":
		n = int(row.receipts)
		value = round(n / (n + 3), 2)
		return value, f"lead time, {n} receipts: {n} / ({n} + 3) = {f.show(value)}"
	if row.basis in ("supplier", "group"):
		n = int(row.supplier_receipts)
		value = round(n / 2 / (n / 2 + 3), 2)
		return (
			value,
			f"lead time, {n} receipts of the supplier's items, counted half: {n} / ({n} + 6) = {f.show(value)}",
		)
	value = GUESSED_LEAD.get(row.basis, GUESSED_LEAD["default"])
	return value, f"lead time, not measured ({row.basis}): {f.show(value)}"


def _forecast_link(quality: dict | None, row) -> tuple[float, str]:
	if quality is None or math.isnan(quality["mase"]):
		return UNTESTED, f"forecast, not tested on the past: {f.show(UNTESTED)}"
	error = f.tidy(row.cover_error * math.sqrt(row.period_days))
	total = row.period_demand + error
	value = round(row.period_demand / total, 2) if total > 0 else 0.0
	demand, off = f.show(row.period_demand), f.show(error)
	return value, (
		f"forecast, {demand} in {f.show(row.period_days)} days give or take {off} "
		f"({f.show(row.cover_error)} x sqrt({f.show(row.period_days)})): {demand} / ({demand} + {off}) = {f.show(value)}"
	)


def _history_link(quality: dict | None) -> tuple[float, str]:
	days = int(quality["history_days"]) if quality else 0
	value = round(days / (days + 90), 2)
	return value, f"history, {days} days: {days} / ({days} + 90) = {f.show(value)}"


def urgency(
	*, as_of: date, order_by: date, arrival: date, stockout_on: date | None, review_days: float
) -> tuple[str, str]:
	"""(level, reason). `arrival` is of an order placed today.

	Critical: stock runs out before an order placed today arrives. High: the order-by day has passed. Medium: it lies in
	the first half of the review period. Low: in the second half; it never lies later, as the next review meets that.
	"""
	if stockout_on is not None and stockout_on < arrival:
		return (
			"Critical",
			f"stock runs out on {stockout_on}, before an order placed today arrives ({arrival})",
		)
	if order_by < as_of:
		days = (as_of - order_by).days
		return "High", f"the order is {days} days late, stock will fall under the least to keep"
	left = (order_by - as_of).days
	if left <= review_days / 2:
		return (
			"Medium",
			f"{left} days are left to order, less than half of the {f.show(review_days)} between reviews",
		)
	return "Low", f"{left} days are left to order, most of the {f.show(review_days)} between reviews"
