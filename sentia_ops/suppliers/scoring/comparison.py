"""One item, its suppliers side by side: price, price history, lead time, score, and what a quantity costs landed.

Landed cost of an order of Q pieces that last Q / d days at a demand of d a day, with h the cost of holding a year:

	goods     Q x price
	ordering  cost of one order
	transit   goods x h x (P50 lead time / 365)          money tied up until it is here
	stock     goods x h x (Q / d / 365) / 2              half of it lies there on average while it lasts
	buffer    d x (P95 - P50) x price x h x (Q / d / 365)   kept against late deliveries while it lasts

Compared is the cost a piece, as a minimum or pack makes some order more than others. Without known demand, what is
bought beyond the quantity asked for may never be used: then the cost is spread over the quantity asked for.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field

import pandas as pd

YEAR = 365.0
LAST_ORDERS = 5


@dataclass(frozen=True)
class Question:
	"""quantity in stock UOM; `daily`: demand a day, 0 where unknown; money in company currency."""

	item_code: str
	qty: float
	daily: float
	ordering_cost: float
	holding_rate: float

	def check(self) -> None:
		"""Raises ValueError: quantity or costs make no sense."""
		if not (math.isfinite(self.qty) and self.qty > 0):
			raise ValueError(f"The quantity must be above 0, not {self.qty:g}.")
		if self.ordering_cost < 0 or self.holding_rate < 0:
			raise ValueError("Ordering cost and holding rate must be 0 or more.")


@dataclass
class Candidate:
	"""One supplier; None where there is no data.

	Attributes:
	    price: now, for the order quantity, in `currency`; unit_cost: the same in company currency.
	    orders: the last orders, newest first: day, qty, rate (company currency).
	    parts: goods, ordering, transit, stock, buffer of the order; total is their sum.
	    cost_each: landed cost a piece, what is compared.
	    text: the arithmetic. out: why no order is possible, empty if it is. why: why it wins, or loses.
	"""

	supplier: str
	currency: str = ""
	price: float | None = None
	unit_cost: float | None = None
	min_order_qty: float = 0.0
	pack_size: float = 0.0
	orders: list[dict] = field(default_factory=list)
	p50_days: float | None = None
	p95_days: float | None = None
	lead_basis: str = ""
	score: float | None = None
	confidence: str = ""
	risk: str = "no data"
	order_qty: float | None = None
	parts: dict[str, float] = field(default_factory=dict)
	total: float | None = None
	cost_each: float | None = None
	text: str = ""
	out: str = ""
	why: str = ""
	wins: bool = False


def compare(
	question: Question,
	*,
	offers: pd.DataFrame,
	receipts: pd.DataFrame,
	lead_times: pd.DataFrame,
	performance: pd.DataFrame,
	terms: pd.DataFrame,
	rates: dict[str, float],
) -> list[Candidate]:
	"""Candidates, the cheapest landed first, those that cannot be ordered from last. Frames of the one item only.

	Raises:
	    ValueError: see `Question.check`.
	"""
	question.check()
	keyed = {
		name: {row["supplier"]: row for row in frame.to_dict("records")}
		for name, frame in (("offer", offers), ("lead", lead_times), ("score", performance), ("terms", terms))
	}
	names = sorted({*keyed["offer"], *receipts["supplier"]})
	orders = dict(tuple(receipts.drop_duplicates("order_line").groupby("supplier")))
	found = [_candidate(name, question, keyed, orders.get(name), rates) for name in names]
	found.sort(key=lambda c: (c.cost_each is None, c.cost_each or 0.0, c.supplier))
	_explain(found)
	return found


def _candidate(name: str, question: Question, keyed: dict, orders, rates: dict[str, float]) -> Candidate:
	offer, lead, score, terms = (keyed[table].get(name) for table in ("offer", "lead", "score", "terms"))
	candidate = Candidate(name, orders=_last_orders(orders))
	if lead:
		candidate.p50_days, candidate.p95_days = lead["p50_days"], lead["p95_days"]
		candidate.lead_basis = lead["basis"]
	if score:
		known = pd.notna(score["score"])
		candidate.score = float(score["score"]) if known else None
		candidate.confidence, candidate.risk = score["confidence"], score["risk"]
	if terms and terms["barred"]:
		candidate.out = terms["barred"]
	if not offer:
		candidate.out = candidate.out or "no price now"
		return candidate
	candidate.currency = offer["currency"]
	candidate.min_order_qty, candidate.pack_size = offer["min_order_qty"], offer["pack_size"]
	candidate.order_qty = rounded_up(max(question.qty, offer["min_order_qty"]), offer["pack_size"])
	price = price_at(offer, candidate.order_qty)
	candidate.price = price if price > 0 else None
	if offer["currency"] not in rates:
		candidate.out = candidate.out or f"no exchange rate for {offer['currency']}"
	elif candidate.price is None:
		candidate.out = candidate.out or "no price now"
	elif lead is None:
		candidate.out = candidate.out or "no lead time yet: run the plan"
	else:
		candidate.unit_cost = candidate.price * rates[offer["currency"]]
		own = terms["ordering_cost"] if terms else None
		_cost(candidate, question, question.ordering_cost if own is None or pd.isna(own) else float(own))
	return candidate


def _last_orders(orders: pd.DataFrame | None) -> list[dict]:
	if orders is None:
		return []
	newest = orders.sort_values(["ordered_on", "order_line"], ascending=False, kind="stable").head(
		LAST_ORDERS
	)
	return [
		{"day": row.ordered_on, "qty": float(row.qty_ordered), "rate": float(row.rate)}
		for row in newest.itertuples()
	]


def rounded_up(qty: float, pack: float) -> float:
	return math.ceil(round(qty / pack, 9)) * pack if pack > 0 else qty


def price_at(offer: dict, qty: float) -> float:
	"""Price per stock UOM for `qty`: that of the largest break reached."""
	breaks = sorted((b["qty"], b["price"]) for b in json.loads(offer.get("price_breaks") or "[]"))
	reached = [price for start, price in breaks if start <= qty]
	return reached[-1] if reached else offer["price"]


def _cost(candidate: Candidate, question: Question, ordering: float) -> None:
	qty, unit, held = candidate.order_qty, candidate.unit_cost, question.holding_rate
	goods = qty * unit
	lasts = qty / question.daily if question.daily > 0 else 0.0
	late = max(candidate.p95_days - candidate.p50_days, 0.0)
	candidate.parts = {
		"goods": goods,
		"ordering": ordering,
		"transit": goods * held * candidate.p50_days / YEAR,
		"stock": goods * held * lasts / YEAR / 2,
		"buffer": question.daily * late * unit * held * lasts / YEAR,
	}
	candidate.total = sum(candidate.parts.values())
	spread = qty if question.daily > 0 else question.qty
	candidate.cost_each = candidate.total / spread
	p = candidate.parts
	candidate.text = (
		f"{qty:g} x {unit:.4f} = {p['goods']:.2f} goods + {ordering:.2f} to order + "
		f"{p['goods']:.2f} x {held:g} x {candidate.p50_days:.1f} / 365 = {p['transit']:.2f} in transit"
	)
	if question.daily > 0:
		candidate.text += (
			f" + {p['goods']:.2f} x {held:g} x {lasts:.1f} / 365 / 2 = {p['stock']:.2f} in stock ({qty:g} last {lasts:.1f} "
			f"days at {question.daily:.4g} a day) + {question.daily:.4g} x {late:.1f} x {unit:.4f} x {held:g} x {lasts:.1f} / 365 = "
			f"{p['buffer']:.2f} for a buffer of {late:.1f} days"
		)
	candidate.text += f" = {candidate.total:.2f}, / {spread:g} = {candidate.cost_each:.4f} each"


def _explain(found: list[Candidate]) -> None:
	possible = [c for c in found if c.cost_each is not None and not c.out]
	for candidate in found:
		if candidate.out:
			candidate.why = f"cannot be ordered from: {candidate.out}"
	if not possible:
		return
	winner = possible[0]
	winner.wins = True
	winner.why = "the only one that can be ordered from"
	if len(possible) > 1:
		dearer = possible[1].cost_each / winner.cost_each - 1
		winner.why = f"cheapest landed: {winner.cost_each:.4f} each, the next is {dearer:.1%} dearer"
		if dearer < 0.01:
			winner.why += "; so near that score and lead time may decide"
	for candidate in possible[1:]:
		candidate.why = f"{candidate.cost_each / winner.cost_each - 1:.1%} dearer, most of it {_difference(candidate, winner)}"


WORDS = {
	"goods": "the price",
	"ordering": "the cost of ordering",
	"transit": "the longer lead time",
	"stock": "the larger order lying in stock",
	"buffer": "the buffer against late deliveries",
}


def _difference(candidate: Candidate, winner: Candidate) -> str:
	more = {
		name: candidate.parts[name] / candidate.order_qty - winner.parts[name] / winner.order_qty
		for name in candidate.parts
	}
	return WORDS[max(more, key=lambda name: more[name])]


def facts(candidate: Candidate) -> list[tuple[str, str]]:
	"""What is shown of a candidate, line by line: label and text, the same labels for each."""
	c = candidate
	no = "no data"
	minimum = f"{c.min_order_qty:g} / {c.pack_size:g}" if c.currency else no
	history = [f"{o['rate']:.4g} on {o['day']:%d %b %Y} ({o['qty']:g})" for o in c.orders]
	history += [""] * (LAST_ORDERS - len(history)) if history else [no] + [""] * (LAST_ORDERS - 1)
	lines = [
		("Price now", no if c.price is None else f"{c.price:.4g} {c.currency}"),
		("Price now, company currency", no if c.unit_cost is None else f"{c.unit_cost:.4g}"),
		*((f"Order {-number}" if number else "Last order", text) for number, text in enumerate(history)),
		(
			"Lead time P50 / P95, days",
			no if c.p50_days is None else f"{c.p50_days:.1f} / {c.p95_days:.1f} ({c.lead_basis})",
		),
		("Score, confidence", no if c.score is None else f"{c.score:.0f}, {c.confidence}"),
		("Risk", c.risk),
		("Minimum / pack", minimum),
		("Order quantity", no if c.order_qty is None else f"{c.order_qty:g}"),
	]
	for name, label in (
		("goods", "Goods"), ("ordering", "Ordering"), ("transit", "Held in transit"), ("stock", "Held in stock"), ("buffer", "Held as buffer")
	):  # fmt: skip
		lines.append((label, f"{c.parts[name]:,.2f}" if c.parts else no))
	lines.append(("Total landed", no if c.total is None else f"{c.total:,.2f}"))
	lines.append(("Landed, each", no if c.cost_each is None else f"{c.cost_each:.4f}"))
	lines.append(("Verdict", f"{'WINS: ' if c.wins else ''}{c.why}"))
	return lines
