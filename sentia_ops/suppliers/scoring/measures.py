"""What is measured of a supplier, and how many points of 100 a figure is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
	"""One measure.

	Attributes:
	    name: column of the tables; its number of observations is in `counted`.
	    weight: of the overall score; all weights add up to 100.
	    share: whether the figure is a share, 0 to 1 (its interval is Wilson's).
	    better: 1 where more is better, -1 where less is.
	    points: figure -> points, before they are cut to 0..100.
	    rule: the same in words, to check it with a pocket calculator.
	    unit: "%" for shares and price indices, "days".
	    what: what one observation is.
	    neutral: the figure that is worth 50 points, for where nobody knows anything.
	"""

	name: str
	label: str
	weight: float
	share: bool
	better: int
	points: Callable[[float], float]
	rule: str
	unit: str
	what: str
	neutral: float

	@property
	def counted(self) -> str:
		return "on_time_n" if self.name == "days_late" else f"{self.name}_n"

	def worth(self, value: float) -> float:
		"""Points, 0 to 100."""
		return min(max(self.points(value), 0.0), 100.0)

	def show(self, value: float) -> str:
		return f"{100 * value:.1f} %" if self.unit == "%" else f"{value:.1f} days"


PRICE_RULE = "75 at 100 %, 2.5 fewer for each percent dearer, 2.5 more for each percent cheaper"
MEASURES = (
	Measure("on_time", "On time", 25, True, 1, lambda x: 100 * x, "1 for each percent", "%", "order lines due", 0.5),
	Measure("days_late", "Days late", 10, False, -1, lambda x: 100 - 10 * x, "100 less 10 for each day", "days", "order lines due", 5.0),
	Measure("in_full", "In full", 15, True, 1, lambda x: 100 * x, "1 for each percent", "%", "first deliveries", 0.5),
	Measure("accepted", "Accepted", 20, True, 1, lambda x: 100 - 1000 * (1 - x), "100 less 10 for each percent rejected or returned", "%", "deliveries", 0.95),
	Measure("inspected", "Inspections passed", 5, True, 1, lambda x: 100 * x, "1 for each percent", "%", "inspections", 0.5),
	Measure("price_market", "Price against the market", 10, False, -1, lambda x: 75 - 250 * (x - 1), PRICE_RULE, "%", "item-months", 1.1),
	Measure("price_year", "Price against last year", 5, False, -1, lambda x: 75 - 250 * (x - 1), PRICE_RULE, "%", "item-months", 1.1),
	Measure("response_days", "Days to answer a request", 10, False, -1, lambda x: 100 - 5 * x, "100 less 5 for each day", "days", "requested quotations", 10.0),
)  # fmt: skip
BY_NAME = {measure.name: measure for measure in MEASURES}
