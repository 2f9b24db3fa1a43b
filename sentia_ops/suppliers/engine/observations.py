"""Order lines as observations of a lead time: days it took, or "longer than so many days" while the line is open."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

PAIR = ["supplier", "item_code"]
LINE = ["order_line", *PAIR]
FORGOTTEN_DAYS = 365  # overdue by more than this, a line was forgotten, not delayed: nobody waits for it


@dataclass(frozen=True)
class Observations:
	"""Attributes:
	parts: supplier, item_code, order_line, days, is_open, share (parts of one line add up to 1), age (days since the
	    order). Of an open part `days` is how long it has been open: its lead time is at least that.
	counts: per supplier and item: open_lines, open_overdue, oldest_overdue (days), forgotten (lines).
	backwards: parts left out because they are dated before their order.
	early_promises: order lines whose promised day lies before the order; the promise is ignored.
	forgotten: order lines left out as forgotten, with supplier, item_code and overdue (days).
	"""

	parts: pd.DataFrame
	counts: pd.DataFrame
	backwards: int
	early_promises: list[str]
	forgotten: pd.DataFrame


def observe(receipts: pd.DataFrame, today: pd.Timestamp) -> Observations:
	"""What was known on the morning of `today`: what came that day or later counts as open."""
	known = receipts[receipts["ordered_on"] < today]
	ordered = known["ordered_on"].dt.normalize()
	known = known.assign(
		days=(known["received_on"].dt.normalize() - ordered).dt.days, age=(today - ordered).dt.days
	)
	here = (known["received_on"] < today) & (known["qty_received"] > 0)
	backwards = here & (known["days"] < 0)
	arrived = known[here & ~backwards]
	still = _open_lines(known, today)
	early = sorted(known.loc[known["promised_on"] < ordered, "order_line"].unique())
	forgotten = still[still["overdue"] > FORGOTTEN_DAYS]
	waiting = still[still["overdue"] <= FORGOTTEN_DAYS]
	parts = pd.concat(
		[
			arrived[[*LINE, "days", "age", "qty_received"]]
			.rename(columns={"qty_received": "qty"})
			.assign(is_open=False),
			waiting[[*LINE, "age", "qty"]].assign(days=waiting["age"], is_open=True),
		],
		ignore_index=True,
	)
	parts["share"] = parts["qty"] / parts.groupby(LINE)["qty"].transform("sum")
	parts = parts.drop(columns="qty").astype({"days": float, "age": float, "share": float})
	return Observations(parts, _counts(still), int(backwards.sum()), early, forgotten)


def _open_lines(known: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""One row per line that is not all here: qty still to come, age, days overdue (below 0: not due yet)."""
	later = known["received_on"] >= today
	lines = known.assign(
		later=known["qty_received"].where(later, 0.0),
		unreceived=known["received_on"].isna(),
		promise=known["promised_on"].where(known["promised_on"] >= known["ordered_on"].dt.normalize()),
	)
	lines = lines.groupby(LINE, as_index=False).agg(
		ordered=("qty_ordered", "max"),
		came=("qty_received", "sum"),
		later=("later", "sum"),
		unreceived=("unreceived", "any"),
		age=("age", "max"),
		promise=("promise", "max"),
	)
	rest = (lines["ordered"] - lines["came"]).clip(lower=0).where(lines["unreceived"], 0.0)
	lines["qty"] = lines["later"] + rest
	lines["overdue"] = (today - lines["promise"]).dt.days.astype(float)
	# without a promise nobody can say that a line is late; after a year it is forgotten all the same
	lines["overdue"] = lines["overdue"].where(
		lines["promise"].notna(), lines["age"].where(lines["age"] > FORGOTTEN_DAYS, 0.0)
	)
	return lines[lines["qty"] > 1e-9]


def _counts(still: pd.DataFrame) -> pd.DataFrame:
	marked = still.assign(late=still["overdue"] > 0, gone=still["overdue"] > FORGOTTEN_DAYS)
	marked["waited"] = marked["overdue"].where(marked["late"], 0.0)
	grouped = marked.groupby(PAIR)
	return pd.DataFrame(
		{
			"open_lines": grouped["order_line"].nunique(),
			"open_overdue": grouped["late"].sum(),
			"oldest_overdue": grouped["waited"].max(),
			"forgotten": grouped["gone"].sum(),
		}
	)
