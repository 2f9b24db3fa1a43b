"""Scores of all suppliers: of the last year, and month by month.

Every figure is a mean over observations of one supplier in a period. Small samples are drawn to what is known from
elsewhere, (n x own + 5 x other) / (n + 5): a supplier's year to the average supplier's, a month to the supplier's own history.
`n` counts what is independent: lines of one order share their fate, so n is divided by the design effect
1 + (m - 1) x icc, with m lines an order and icc their intraclass correlation (Kish 1965).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.suppliers.scoring import history, prices, verdict
from sentia_ops.suppliers.scoring import lines as judged
from sentia_ops.suppliers.scoring import statistics as st
from sentia_ops.suppliers.scoring.measures import BY_NAME, MEASURES

HISTORY_MONTHS = 24
YEAR = pd.Timedelta(days=365)
STRENGTH = 5.0  # observations that the other knowledge weighs as much as
ENOUGH = 35.0  # weight of measures with data, of 100, below which there is no score


@dataclass(frozen=True)
class Facts:
	"""What is known, as frames of the same names; `rates`: currency -> company currency; `barred`: supplier -> why."""

	receipts: pd.DataFrame
	offers: pd.DataFrame
	quotations: pd.DataFrame
	inspections: pd.DataFrame
	rates: dict[str, float]
	barred: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Performance:
	"""Attributes:
	suppliers: as the supplier_performance table, without `run`.
	months: as the supplier_scores table, without `run`.
	without_data: suppliers of which nothing at all could be measured.
	unknown_currencies: currencies of offers that have no rate; those offers were not compared.
	"""

	suppliers: pd.DataFrame
	months: pd.DataFrame
	without_data: list[str]
	unknown_currencies: list[str]


def score(facts: Facts, *, as_of: date) -> Performance:
	"""Score every supplier that offers, was asked, or was ordered from, as known on the morning of `as_of`."""
	today = pd.Timestamp(as_of)
	lines = judged.judge(facts.receipts, today)
	seen = observe(facts, lines, today)
	figures = window_figures(seen[seen["day"] >= today - YEAR])
	months = history.monthly(seen)
	trends = history.trends(months)
	strange = history.anomalies(months)
	context = verdict.Context(today, lines, figures, trends, strange, facts)
	suppliers = pd.DataFrame([verdict.of(name, context) for name in _names(facts)])
	known = set(seen["supplier"])
	return Performance(
		suppliers=suppliers,
		months=history.table(months, strange),
		without_data=[name for name in _names(facts) if name not in known],
		unknown_currencies=sorted(set(facts.offers["currency"]) - set(facts.rates)),
	)


def observe(facts: Facts, lines: judged.Lines, today: pd.Timestamp) -> pd.DataFrame:
	"""All observations of the last `HISTORY_MONTHS` months, with `month`."""
	cells, offers = prices.paid(facts.receipts, today), prices.offered(facts.offers, facts.rates)
	rows = pd.concat(
		[
			judged.observations(lines),
			judged.inspections(facts.inspections, today),
			judged.answers(facts.quotations, today),
			prices.against_market(cells, offers, today),
			prices.against_last_year(cells),
		],
		ignore_index=True,
	)
	rows["month"] = rows["day"].dt.to_period("M").dt.to_timestamp()
	first = (today.to_period("M") - (HISTORY_MONTHS - 1)).to_timestamp()
	return rows[(rows["month"] >= first) & (rows["month"] <= today)]


def summed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
	"""Per group: n, value (weighted mean), std (weighted, 0 for one observation)."""
	rows = rows.assign(first=rows["weight"] * rows["value"], second=rows["weight"] * rows["value"] ** 2)
	sums = rows.groupby(keys).agg(
		n=("value", "size"), weight=("weight", "sum"), first=("first", "sum"), second=("second", "sum")
	)
	value = sums["first"] / sums["weight"]
	variance = (sums["second"] / sums["weight"] - value**2).clip(lower=0)
	n = sums["n"]
	return pd.DataFrame({"n": n, "value": value, "std": np.sqrt(variance * n / (n - 1).clip(lower=1))})


def window_figures(rows: pd.DataFrame) -> dict[str, dict[str, dict]]:
	"""supplier -> measure -> n, worth_n, value, shrunk, company, low, high, points, points_low, points_high."""
	own = summed(rows, ["supplier", "measure"])
	figures: dict[str, dict[str, dict]] = {}
	for measure in MEASURES:
		mine = rows[rows["measure"] == measure.name]
		if mine.empty:
			continue
		clusters = _clusters(mine)
		means = own.xs(measure.name, level="measure")["value"]
		icc = st.clustering(clusters, means)
		size = (clusters["n"] ** 2).groupby(clusters["supplier"]).sum() / clusters.groupby("supplier")[
			"n"
		].sum()
		number = clusters.groupby("supplier").size()
		each = own.xs(measure.name, level="measure")
		average = _average(each)
		for row in each.itertuples():
			effect = 1 + (size[row.Index] - 1) * icc
			figure = _figure(measure, row, average, row.n / effect)
			figure["clusters"] = int(number[row.Index])
			figures.setdefault(row.Index, {})[measure.name] = figure
	return figures


def _clusters(rows: pd.DataFrame) -> pd.DataFrame:
	rows = rows.assign(square=rows["value"] ** 2)
	return rows.groupby(["supplier", "cluster"], as_index=False).agg(
		n=("value", "size"), total=("value", "sum"), squares=("square", "sum")
	)


def average_supplier(rows: pd.DataFrame) -> dict[str, float]:
	"""Measure -> value of the average supplier."""
	each = summed(rows, ["measure", "supplier"])
	return {name: float(_average(each.loc[name])["value"]) for name in each.index.unique("measure")}


def _average(each: pd.DataFrame) -> pd.Series:
	"""Value and scatter of the average supplier; one with few observations weighs n / (n + 5)."""
	weight = each["n"] / (each["n"] + STRENGTH)
	return each[["value", "std"]].mul(weight, axis=0).sum() / weight.sum()


def _figure(measure, row, average: pd.Series, n: float) -> dict:
	if measure.share:
		low, high = st.wilson(float(row.value), n)
	else:
		# of a few observations the own scatter says little
		std = max(float(row.std), 0.0) if row.n >= STRENGTH else max(float(row.std), float(average["std"]))
		low, high = st.mean_interval(float(row.value), std, n)
	n = round(n, 1)
	usual = float(average["value"])
	drawn = st.shrunk(float(row.value), n, usual, STRENGTH)
	ends = [measure.worth(st.shrunk(end, n, usual, STRENGTH)) for end in (low, high)]
	return {
		"n": int(row.n),
		"worth_n": n,
		"value": float(row.value),
		"company": usual,
		"shrunk": drawn,
		"low": low,
		"high": high,
		"points": measure.worth(drawn),
		"points_low": min(ends),
		"points_high": max(ends),
	}


def overall(figures: dict[str, dict]) -> dict | None:
	"""Weighted mean of the points of the measures with data: score, low, high, weight; None where too few have any.

	The interval takes the measures' errors as independent: half-width = sqrt(sum (w/W x half-width)^2).
	"""
	weights = {name: BY_NAME[name].weight for name in figures}
	total = sum(weights.values())
	if total < ENOUGH:
		return None
	value = sum(weights[name] * figure["points"] for name, figure in figures.items()) / total
	half = np.sqrt(
		sum(
			(weights[name] / total * (figure["points_high"] - figure["points_low"]) / 2) ** 2
			for name, figure in figures.items()
		)
	)
	return {
		"score": value,
		"low": max(value - float(half), 0.0),
		"high": min(value + float(half), 100.0),
		"weight": total,
	}


def _names(facts: Facts) -> list[str]:
	tables = (facts.receipts, facts.offers, facts.quotations, facts.inspections)
	return sorted({name for table in tables for name in table["supplier"].unique()} - {""})
