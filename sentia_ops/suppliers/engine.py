"""Lead times per supplier and item, from order and receipt dates.

A lead time is the number of calendar days from the order date to the receipt. An order line delivered in parts is one
observation: each part weighs by its share of the quantity received, so that a line counts once however often the lorry
came. Mean and standard deviation are the ordinary sample figures over lines (n - 1); a quantile is the smallest number
of days within which at least that share had arrived.

With fewer than `MIN_RECEIPTS` lines of the item, the figures rest on the next best thing (all receipts of the supplier,
else what he promised, else the planner's figure, else the default) and the item's own receipts pull the mean their way,
weighing n against MIN_RECEIPTS: a shrinkage estimate, (n x own + k x prior) / (n + k).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

MIN_RECEIPTS = 3  # order lines delivered, before an item's own figures are trusted
MIN_FOR_SPREAD = 10  # lines of the whole company, before its own typical spread replaces the assumed one
ASSUMED_SPREAD = 0.3  # standard deviation as a share of the mean, where nothing was ever received
QUANTILES = {"p50_days": 0.50, "p90_days": 0.90, "p95_days": 0.95}
NORMAL_Z = {"p50_days": 0.0, "p90_days": 1.281552, "p95_days": 1.644854}
PAIR = ["supplier", "item_code"]
FIGURES = ["mean_days", "std_days", *QUANTILES]


@dataclass(frozen=True)
class LeadTimeResult:
	"""Attributes:
	lead_times: one row per supplier and item, columns as in the lead_times table without `run`.
	backwards: receipts left out because they are dated before their order.
	without_receipts: suppliers nothing was ever received from.
	suppliers: how many suppliers there are.
	"""

	lead_times: pd.DataFrame
	backwards: int
	without_receipts: list[str]
	suppliers: int


def check_default(days: float) -> None:
	"""Raises ValueError: not a finite number of 0 or more."""
	if not np.isfinite(days) or days < 0:
		raise ValueError(f"The default lead time must be 0 days or more, not {days}.")


def estimate(
	receipts: pd.DataFrame,
	supplier_items: pd.DataFrame,
	planner_days: dict[str, float],
	*,
	as_of: date,
	default_days: float,
) -> LeadTimeResult:
	"""Lead-time distribution of every supplier x item, offered or ever ordered.

	Args:
	    receipts: columns order_line, supplier, item_code, ordered_on, promised_on, received_on, qty_received; what was
	        received on or after `as_of` counts as still open.
	    supplier_items: columns supplier, item_code, promised_lead_days (empty: no promise).
	    planner_days: item_code -> the planner's own figure, calendar days; 0 or absent: not given.
	    default_days: calendar days where nothing else is known.

	Raises:
	    ValueError: see `check_default`.
	"""
	check_default(default_days)
	today = pd.Timestamp(as_of)
	known = receipts[receipts["ordered_on"] < today]
	arrived, backwards = _arrived_parts(known, today)
	pairs = _pairs(supplier_items, known)
	own, pooled = _statistics(arrived, PAIR), _statistics(arrived, ["supplier"])
	table = pairs.join(own.add_prefix("own_"), on=PAIR).join(pooled.add_prefix("all_"), on="supplier")
	table = table.join(_overdue(known, today), on=PAIR)
	table["planner_days"] = table["item_code"].map(planner_days).fillna(0.0)
	for count in ("own_lines", "all_lines", "open_overdue", "oldest_days"):
		table[count] = table[count].fillna(0).round().astype(int)
	spread = _typical_spread(pooled)
	rows = pd.DataFrame([_row(r, default_days, spread) for r in table.to_dict("records")], columns=_COLUMNS)
	without = sorted(set(pairs["supplier"]) - set(pooled.index))
	return LeadTimeResult(rows, backwards, without, pairs["supplier"].nunique())


_COLUMNS = [*PAIR, *FIGURES, "receipts", "supplier_receipts", "open_overdue", "basis", "note"]


def _arrived_parts(receipts: pd.DataFrame, today: pd.Timestamp) -> tuple[pd.DataFrame, int]:
	"""Parts received before `today` with `days` and `weight`; weights of one order line add up to 1."""
	here = receipts[(receipts["received_on"] < today) & (receipts["qty_received"] > 0)].copy()
	here["days"] = (here["received_on"].dt.normalize() - here["ordered_on"].dt.normalize()).dt.days
	backwards = int((here["days"] < 0).sum())
	here = here[here["days"] >= 0]
	line = here.groupby(["order_line", *PAIR], sort=False)["qty_received"].transform("sum")
	here["weight"] = here["qty_received"] / line
	return here, backwards


def _pairs(supplier_items: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
	offered = supplier_items[[*PAIR, "promised_lead_days"]]
	ordered = receipts[PAIR].drop_duplicates()
	return offered.merge(ordered, on=PAIR, how="outer").sort_values(PAIR, ignore_index=True)


def _statistics(arrived: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
	"""Per group: lines, mean_days, std_days (0 for one line) and the weighted quantiles."""
	parts = arrived.sort_values([*keys, "days"], kind="stable")
	weighted = parts.assign(
		first=parts["weight"] * parts["days"],
		cumulative=parts.groupby(keys)["weight"].cumsum(),
	)
	total = weighted.groupby(keys)[["weight", "first"]].sum()
	mean = (total["first"] / total["weight"]).rename("mean_days")
	weighted = weighted.join(mean, on=keys).join(total["weight"].rename("lines"), on=keys)
	weighted["second"] = weighted["weight"] * (weighted["days"] - weighted["mean_days"]) ** 2
	second = weighted.groupby(keys)["second"].sum()
	stats = pd.DataFrame({"lines": total["weight"].round(), "mean_days": mean})
	stats["std_days"] = np.sqrt(second / (stats["lines"] - 1).clip(lower=1))
	for name, share in QUANTILES.items():
		reached = weighted[weighted["cumulative"] >= share * weighted["lines"] - 1e-9]
		stats[name] = reached.groupby(keys)["days"].first()
	return stats


def _overdue(receipts: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""Order lines past their promised day and not here, and how late the oldest is; lines without a promise cannot be."""
	still_open = receipts["received_on"].isna() | (receipts["received_on"] >= today)
	late = receipts[still_open & (receipts["promised_on"] < today)]
	grouped = late.groupby(PAIR)
	return pd.DataFrame(
		{
			"open_overdue": grouped["order_line"].nunique(),
			"oldest_days": (today - grouped["promised_on"].min()).dt.days,
		}
	)


@dataclass(frozen=True)
class _Spread:
	share: float  # of the mean
	words: str


def _typical_spread(pooled: pd.DataFrame) -> _Spread:
	"""Standard deviation over mean, pooled over the suppliers with enough receipts; assumed where there are too few."""
	enough = pooled[(pooled["lines"] >= MIN_RECEIPTS) & (pooled["mean_days"] > 0)]
	lines = float(enough["lines"].sum())
	if lines < MIN_FOR_SPREAD:
		return _Spread(ASSUMED_SPREAD, f"spread assumed as {ASSUMED_SPREAD:.0%} of the mean")
	squared = ((enough["std_days"] / enough["mean_days"]) ** 2 * enough["lines"]).sum() / lines
	share = round(float(np.sqrt(squared)), 2)
	return _Spread(
		share, f"spread taken as {share:.0%} of the mean, as usual among the suppliers that delivered"
	)


def _row(r: dict, default_days: float, spread: _Spread) -> dict:
	if r["own_lines"] >= MIN_RECEIPTS:
		basis, note = "item", f"{r['own_lines']} receipts of this item"
		figures = {name: r[f"own_{name}"] for name in FIGURES}
	else:
		basis, figures, note = _fallback(r, default_days, spread)
		if r["own_lines"]:
			figures, note = _pulled(figures, note, r)
	if r["open_overdue"]:
		lines = (
			"1 open order line is" if r["open_overdue"] == 1 else f"{r['open_overdue']} open order lines are"
		)
		note += (
			f"; {lines} overdue, the oldest by {r['oldest_days']} days: the supplier looks faster than it is"
		)
	return {
		**{key: r[key] for key in PAIR},
		**{name: round(float(value), 4) for name, value in figures.items()},
		"receipts": r["own_lines"],
		"supplier_receipts": r["all_lines"],
		"open_overdue": r["open_overdue"],
		"basis": basis,
		"note": note,
	}


def _fallback(r: dict, default_days: float, spread: _Spread) -> tuple[str, dict[str, float], str]:
	"""(basis, figures, note) where the item's own receipts are too few."""
	if r["all_lines"] >= MIN_RECEIPTS:
		note = f"{r['all_lines']} receipts of all items of this supplier"
		return "supplier", {name: r[f"all_{name}"] for name in FIGURES}, note
	if pd.notna(r["promised_lead_days"]):
		basis, mean, words = "promised", float(r["promised_lead_days"]), "the supplier's promise"
	elif r["planner_days"] > 0:
		basis, mean, words = "planner", float(r["planner_days"]), "the planner's figure on the item"
	else:
		basis, mean, words = "default", float(default_days), "the default lead time"
	std = spread.share * mean
	figures = {"mean_days": mean, "std_days": std, **{q: mean + z * std for q, z in NORMAL_Z.items()}}
	return basis, figures, f"{words}; {spread.words}"


def _pulled(figures: dict[str, float], note: str, r: dict) -> tuple[dict[str, float], str]:
	"""Move the fallback towards the one or two receipts there are; its spread stays, as two receipts tell none."""
	n, own = r["own_lines"], r["own_mean_days"]
	mean = (n * own + MIN_RECEIPTS * figures["mean_days"]) / (n + MIN_RECEIPTS)
	shift = mean - figures["mean_days"]
	moved = {name: max(value + shift, 0.0) for name, value in figures.items() if name != "std_days"}
	said = f"{n} receipt{'s' if n > 1 else ''} of this item (mean {own:.1f} days)"
	rest = f"weigh{'s' if n == 1 else ''} {n} against {MIN_RECEIPTS} for {figures['mean_days']:.1f} days from {note}"
	return {**figures, **moved}, f"{said} {rest}"
