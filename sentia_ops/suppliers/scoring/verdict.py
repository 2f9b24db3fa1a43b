"""From figures to words: findings, risk, recommendation, and the arithmetic of every figure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentia_ops.suppliers.scoring import engine, history
from sentia_ops.suppliers.scoring.lines import Lines
from sentia_ops.suppliers.scoring.measures import MEASURES

if TYPE_CHECKING:
	from sentia_ops.suppliers.scoring.engine import Facts

GOOD, POOR = 75.0, 55.0  # of the score: below the first the risk is medium, below the second high
LATE_DAYS, LATE_SHARE = 1.5, 0.5  # "late": surely more days late a line, or surely fewer lines on time
PARTS_SHARE = 0.7  # "in parts": surely fewer first deliveries in full
REJECTS_SHARE = 0.99  # "rejects": surely less accepted
FAILED_SHARE = 0.9
DEAR = 1.03  # "dear" and "dearer than last year": surely above
SLOW_DAYS = 7.0
SCATTER_DAYS = 10.0  # "hard to predict": 8 of 10 lines lie this far apart
MIN_TENTHS, MIN_SCATTER = 10, 20  # lines due, to tell 9 of 10 of them, and to call them hard to predict
LONG_OVERDUE = 14  # days
FAULTS = ("late", "hard to predict", "in parts", "rejects")  # each makes the risk medium, whatever the price


@dataclass(frozen=True)
class Context:
	"""What a verdict rests on; see `engine.score`."""

	today: pd.Timestamp
	lines: Lines
	figures: dict[str, dict[str, dict]]
	trends: dict[str, dict[str, dict]]
	strange: list[dict]
	facts: Facts

	@cached_property
	def due(self) -> dict[str, pd.DataFrame]:
		"""Supplier -> lines due in the last year."""
		recent = self.lines.due[self.lines.due["promised_on"] >= self.today - engine.YEAR]
		return dict(tuple(recent.groupby("supplier")))

	@cached_property
	def open_due(self) -> dict[str, pd.DataFrame]:
		return dict(tuple(self.lines.due[self.lines.due["open"]].groupby("supplier")))

	@cached_property
	def sole(self) -> dict[str, int]:
		"""Supplier -> items that nobody else offers or was ordered from."""
		pairs = pd.concat([t[["supplier", "item_code"]] for t in (self.facts.offers, self.facts.receipts)])
		pairs = pairs.drop_duplicates()
		alone = ~pairs["item_code"].duplicated(keep=False)
		return pairs[alone].groupby("supplier").size().to_dict()

	@cached_property
	def strange_of(self) -> dict[str, list[dict]]:
		found: dict[str, list[dict]] = {}
		for row in self.strange:
			found.setdefault(row["supplier"], []).append(row)
		return found


def of(supplier: str, context: Context) -> dict[str, Any]:
	"""The row of one supplier in the supplier_performance table, without `run`."""
	figures = context.figures.get(supplier, {})
	trends = context.trends.get(supplier, {})
	total = engine.overall(figures)
	due = context.due.get(supplier)
	waiting = context.open_due.get(supplier)
	overdue = 0 if waiting is None else len(waiting)
	oldest = 0 if waiting is None else int((context.today - waiting["promised_on"].dt.normalize().min()).days)
	strange = context.strange_of.get(supplier, [])
	spread = _spread(due)
	found = findings(figures, trends, spread)
	risk, why = _risk(total, found, overdue, oldest, strange, context.today)
	barred = context.facts.barred.get(supplier, "")
	row = {measure.name: None for measure in MEASURES} | {measure.counted: 0 for measure in MEASURES}
	for measure in MEASURES:
		if measure.name in figures:
			row[measure.name] = round(figures[measure.name]["value"], 6)
			row[measure.counted] = figures[measure.name]["n"]
	sole = context.sole.get(supplier, 0)
	return row | {
		"supplier": supplier,
		"as_of": context.today,
		"score": round(total["score"], 1) if total else None,
		"score_low": round(total["low"], 1) if total else None,
		"score_high": round(total["high"], 1) if total else None,
		"confidence": history.confidence((total["high"] - total["low"]) / 2) if total else "",
		"late_p90": spread[1] if spread else None,
		"trend": _trend(trends),
		"risk": risk,
		"findings": ", ".join(found),
		"recommendation": _recommendation(found, figures, trends, spread, risk, why, barred, sole),
		"anomalies": len({row["month"] for row in strange}),
		"overdue_lines": overdue,
		"overdue_days": oldest,
		"sole_items": sole,
		"measures": json.dumps(_measures(figures, trends, total), ensure_ascii=False),
		"note": _note(supplier, context, figures, total, barred),
	}


def _spread(due: pd.DataFrame | None) -> tuple[float, float, int] | None:
	"""Days after the promise by which 1 and 9 of 10 lines were complete (the second at least 0), and how many lines."""
	if due is None or len(due) < MIN_TENTHS:
		return None
	low, high = due["complete_late"].quantile([0.1, 0.9], interpolation="higher")
	return float(low), max(float(high), 0.0), len(due)


def findings(figures: dict, trends: dict, spread: tuple[float, float, int] | None) -> list[str]:
	"""Faults that are more than bad luck: the whole interval lies on the wrong side of the limit."""

	def low(name: str, other: float) -> float:
		return figures[name]["low"] if name in figures else other

	def high(name: str, other: float) -> float:
		return figures[name]["high"] if name in figures else other

	checks = (
		("late", low("days_late", 0) > LATE_DAYS or high("on_time", 1) < LATE_SHARE),
		(
			"hard to predict",
			spread is not None and spread[2] >= MIN_SCATTER and spread[1] - spread[0] > SCATTER_DAYS,
		),
		("in parts", high("in_full", 1) < PARTS_SHARE),
		("rejects", high("accepted", 1) < REJECTS_SHARE or high("inspected", 1) < FAILED_SHARE),
		("dear", low("price_market", 0) > DEAR),
		("dearer than last year", low("price_year", 0) > DEAR),
		("slow to answer", low("response_days", 0) > SLOW_DAYS),
		("getting worse", any(t["way"] == "worse" for t in trends.values())),
	)
	return [name for name, holds in checks if holds]


def _trend(trends: dict) -> str:
	ways = {trend["way"] for trend in trends.values()} - {"steady"}
	if not trends:
		return "no data"
	return "mixed" if len(ways) == 2 else next(iter(ways), "steady")


def _risk(total, found, overdue, oldest, strange, today) -> tuple[str, list[str]]:
	"""Level and the reasons for it: by score and faults, one level up for each kind of warning sign."""
	if total is None and not overdue:
		return "no data", []
	reasons, level = [], 0
	if total and total["score"] < GOOD:
		level = 2 if total["score"] < POOR else 1
		reasons.append(f"a score of {round(total['score'], 1):.0f}")
	faults = [name for name in found if name in FAULTS]
	if faults and level == 0:
		level, reasons = 1, [*reasons, " and ".join(faults)]
	if "getting worse" in found:
		level, reasons = level + 1, [*reasons, "it gets worse"]
	if overdue and oldest >= LONG_OVERDUE:
		lines = "1 line is" if overdue == 1 else f"{overdue} lines are"
		level, reasons = level + 1, [*reasons, f"{lines} overdue, the oldest by {oldest} days"]
	recent = [row for row in strange if row["worse"] and row["month"] >= today - pd.DateOffset(months=3)]
	if recent:
		level, reasons = level + 1, [*reasons, f"an unusually bad {recent[-1]['month']:%B %Y}"]
	return ("low", "medium", "high")[min(level, 2)], reasons


def _recommendation(found, figures, trends, spread, risk, why, barred, sole) -> str:
	advice = [f"No order may be placed: {barred}."] if barred else []
	if risk == "no data":
		return " ".join([*advice, "No data: too little was ordered, asked or delivered to judge by."])
	if why:
		advice.append(f"Risk {risk}: {', '.join(why)}.")
	show = {m.name: m.show(figures[m.name]["value"]) for m in MEASURES if m.name in figures}
	words = {
		"late": lambda: (
			f"Plan with {spread[1]:.0f} days more than promised (9 of 10 of {spread[2]} lines were complete by then), or agree on true dates."
			if spread
			else f"Agree on true dates: lines are {show['days_late']} late on average."
		),
		"hard to predict": lambda: (
			f"Keep more safety stock: 8 of 10 lines came between {_days(spread[0])} and {_days(spread[1])} the promised day."
		),
		"in parts": lambda: (
			f"Ask for whole deliveries: only {show['in_full']} of first deliveries were complete."
		),
		"rejects": lambda: (
			f"Inspect on arrival and claim: {show.get('accepted', show.get('inspected'))} was kept."
			if "accepted" in figures
			else f"Inspect on arrival: {show['inspected']} of inspections were passed."
		),
		"dear": lambda: f"Negotiate or compare: prices are {show['price_market']} of the market's.",
		"dearer than last year": lambda: f"Ask why prices are {show['price_year']} of last year's.",
		"slow to answer": lambda: f"Ask early: requests wait {show['response_days']}.",
		"getting worse": lambda: f"Talk to them now: {_worsening(trends)}.",
	}
	advice += [words[name]() for name in found]
	if risk == "high" and sole:
		items = "1 item is" if sole == 1 else f"{sole} items are"
		advice.append(f"Find a second source: {items} to be had nowhere else.")
	if not found and risk == "low":
		advice.append("Keep: nothing stands out.")
	elif not found:
		advice.append("Watch: no single fault is certain yet.")
	return " ".join(advice)


def _days(value: float) -> str:
	if value == 0:
		return "on"
	return f"{abs(value):.0f} days {'after' if value > 0 else 'before'}"


def _worsening(trends: dict) -> str:
	worse = {name: trend for name, trend in trends.items() if trend["way"] == "worse"}
	return "; ".join(_slope(m, worse[m.name]) for m in MEASURES if m.name in worse)


def _slope(measure, trend: dict) -> str:
	step = 100 * trend["slope"] if measure.unit == "%" else trend["slope"]
	unit = "points" if measure.unit == "%" else "days"
	return f"{measure.label.lower()} changed by {step:+.2f} {unit} a month over {trend['months']} months (p = {trend['p']:.3f})"


def _measures(figures: dict, trends: dict, total: dict | None) -> list[dict]:
	"""Every measure, those without data too: they say so and weigh nothing."""
	rows = []
	covered = sum(m.weight for m in MEASURES if m.name in figures)
	for measure in MEASURES:
		row = {"measure": measure.name, "label": measure.label, "unit": measure.unit, "what": measure.what}
		figure = figures.get(measure.name)
		if figure is None:
			rows.append(row | {"n": 0, "value": None, "weight": 0, "text": "no data"})
			continue
		share = 100 * measure.weight / covered
		trend = trends.get(measure.name)
		rows.append(
			row
			| {name: _tidy(value) for name, value in figure.items()}
			| {
				"weight": round(share, 1),
				"counts": total is not None,
				"trend": trend["way"] if trend else "no data",
				"trend_text": _slope(measure, trend)
				if trend
				else f"fewer than {history.MIN_MONTHS} months with {history.MIN_MONTH} {measure.what}",
				"text": arithmetic(measure, figure, share),
			}
		)
	return rows


def _tidy(value):
	return round(value, 5) if isinstance(value, float) else value


def arithmetic(measure, figure: dict, share: float) -> str:
	"""How a figure becomes points, to be followed with a pocket calculator."""
	show, n, strength = measure.show, figure["worth_n"], engine.STRENGTH
	count = f"{figure['n']} {measure.what}"
	if n < 0.95 * figure["n"]:
		count += f" in {figure['clusters']} groups that share their fate, worth {n:g}"
	return (
		f"{show(figure['value'])} of {count} (95 % sure: {show(figure['low'])} to {show(figure['high'])}). "
		f"With the average supplier's {show(figure['company'])} counting as {strength:g}: ({n:g} x {show(figure['value'])} + "
		f"{strength:g} x {show(figure['company'])}) / {n + strength:g} = {show(figure['shrunk'])}. "
		f"Points: {measure.rule} = {figure['points']:.1f}, weight {share:.1f} %"
	)


def _note(supplier: str, context: Context, figures: dict, total: dict | None, barred: str) -> str:
	notes = []
	backwards = int(context.lines.backwards.get(supplier, 0))
	unpromised = int(context.lines.unpromised.get(supplier, 0))
	if backwards:
		notes.append(f"{backwards} deliveries dated before their order were left out")
	if unpromised:
		notes.append(f"{unpromised} lines without a promised day cannot be late")
	if not figures:
		notes.append("nothing was measured in the last year")
	elif total is None:
		covered = sum(m.weight for m in MEASURES if m.name in figures)
		notes.append(f"no score: what was measured weighs {covered:g} of 100, {engine.ENOUGH:g} are needed")
	missing = [m.label.lower() for m in MEASURES if m.name not in figures]
	if figures and missing:
		notes.append(f"no data: {', '.join(missing)}")
	if barred:
		notes.append(f"barred: {barred}")
	return "; ".join(notes)
