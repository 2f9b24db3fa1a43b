"""Order lines and their deliveries -> single observations: was it there, in full, in order?

A line is judged once its promised day is over. What of its quantity is still open then counts as late, with the days
waited so far; what was given up (a closed order) counts against "in full" only.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

WHOLE = 0.995  # of a quantity: the rest is rounding
COLUMNS = ["supplier", "measure", "day", "cluster", "value", "weight"]


@dataclass(frozen=True)
class Lines:
	"""Attributes:
	due: one row per order line past its promised day: order_line, supplier, item_code, ordered_on, promised_on, on_time
	    (share of its quantity), days_late (mean over its quantity, early 0), complete_late (days until the last of it;
	    of an open line so far), open.
	first: one row per order line of which anything came: in_full (0 or 1), day.
	parts: one row per delivery: accepted (share kept), day.
	backwards: supplier -> deliveries dated before their order, left out.
	unpromised: supplier -> lines without a promised day.
	"""

	due: pd.DataFrame
	first: pd.DataFrame
	parts: pd.DataFrame
	backwards: pd.Series
	unpromised: pd.Series


def judge(receipts: pd.DataFrame, today: pd.Timestamp) -> Lines:
	"""Judge every line ordered before `today`.

	Args:
	    receipts: columns as in the receipts table; what came on or after `today` counts as open.
	"""
	known = receipts[receipts["ordered_on"] < today]
	came = known[(known["received_on"] < today) & (known["qty_received"] > 0)]
	backward = came["received_on"].dt.normalize() < came["ordered_on"].dt.normalize()
	parts = came[~backward].sort_values(["order_line", "received_on"], kind="stable")
	lines = known.drop_duplicates("order_line").set_index("order_line")
	lines = lines[["supplier", "item_code", "ordered_on", "promised_on", "qty_ordered", "rate"]]
	lines["received"] = parts.groupby("order_line")["qty_received"].sum()
	lines["received"] = lines["received"].fillna(0.0)
	waiting = known[~(known["received_on"] < today)]["order_line"].unique()
	lines["open"] = lines.index.isin(waiting)
	# a line whose only deliveries are dated before its order says nothing
	lines = lines[lines["open"] | (lines["received"] > 0)]
	parts = parts.join(lines[["received"]], on="order_line")
	return Lines(
		due=_due(lines, parts, today),
		first=_first(lines, parts),
		parts=parts.assign(accepted=1 - (parts["qty_rejected"] / parts["qty_received"]).clip(0, 1)),
		backwards=came[backward].groupby("supplier").size(),
		unpromised=lines[lines["promised_on"].isna()].groupby("supplier").size(),
	)


def _due(lines: pd.DataFrame, parts: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	due = lines[lines["promised_on"].dt.normalize() < today].copy()
	mine = parts[parts["order_line"].isin(due.index)]
	late = (mine["received_on"].dt.normalize() - mine["promised_on"].dt.normalize()).dt.days
	mine = mine.assign(
		late=late,
		in_time=mine["qty_received"].where(late <= 0, 0.0),
		weighted=mine["qty_received"] * late.clip(lower=0),
	)
	sums = mine.groupby("order_line").agg(
		in_time=("in_time", "sum"), weighted=("weighted", "sum"), last=("late", "max")
	)
	due = due.join(sums)
	due[["in_time", "weighted"]] = due[["in_time", "weighted"]].fillna(0.0)
	waited = (today - due["promised_on"].dt.normalize()).dt.days
	rest = (due["qty_ordered"] - due["received"]).clip(lower=0).where(due["open"], 0.0)
	# an open row of a line that has all its quantity asks for nothing more
	due["open"] = rest > (1 - WHOLE) * due["qty_ordered"]
	rest = rest.where(due["open"], 0.0)
	judged = due["received"] + rest
	due["on_time"] = (due["in_time"] / judged).where(due["in_time"] < WHOLE * judged, 1.0)
	due["days_late"] = (due["weighted"] + rest * waited) / judged
	due["complete_late"] = due["last"].where(~due["open"], waited)
	return due.reset_index()


def _first(lines: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
	day = parts["received_on"].dt.normalize()
	first_day = day.groupby(parts["order_line"]).transform("min")
	whole = parts[day == first_day].groupby("order_line")["qty_received"].sum()
	first = lines.join(whole.rename("at_first"), how="inner")
	first["day"] = first_day.groupby(parts["order_line"]).first()
	first["in_full"] = (first["at_first"] >= WHOLE * first["qty_ordered"]).astype(float)
	return first.reset_index()


def observations(lines: Lines) -> pd.DataFrame:
	"""One row per observation: supplier, measure, day, cluster, value, weight.

	Lines ordered from a supplier on one day, and deliveries that came on one day, form a cluster: they tend to share
	their fate, so that ten lines of one order tell less than ten orders of one line.
	"""
	due, first, parts = lines.due, lines.first, lines.parts
	return pd.concat(
		[
			_rows(due, "on_time", due["promised_on"], due["ordered_on"], due["on_time"]),
			_rows(due, "days_late", due["promised_on"], due["ordered_on"], due["days_late"]),
			_rows(first, "in_full", first["day"], first["ordered_on"], first["in_full"]),
			_rows(parts, "accepted", parts["received_on"], parts["received_on"], parts["accepted"]),
		],
		ignore_index=True,
	)


def _rows(source: pd.DataFrame, measure: str, day, together, value) -> pd.DataFrame:
	return pd.DataFrame(
		{
			"supplier": source["supplier"],
			"measure": measure,
			"day": day.dt.normalize(),
			"cluster": together.dt.normalize().astype("int64"),
			"value": value.astype(float),
			"weight": 1.0,
		}
	)


def answers(quotations: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""Observations of response_days: from request to quotation; of an unanswered one the days waited so far."""
	asked = quotations[quotations["asked_on"] < today]
	answered = asked["answered_on"].where(asked["answered_on"] < today, today)
	days = (answered.dt.normalize() - asked["asked_on"].dt.normalize()).dt.days.clip(lower=0)
	rows = _rows(asked, "response_days", asked["asked_on"], asked["asked_on"], days)
	return rows.assign(cluster=pd.factorize(asked["request"])[0])


def inspections(rows: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""Observations of inspected: 1 passed, 0 failed."""
	done = rows[rows["inspected_on"] < today]
	return _rows(done, "inspected", done["inspected_on"], done["inspected_on"], done["accepted"])
