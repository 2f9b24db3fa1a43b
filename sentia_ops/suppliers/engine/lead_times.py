"""Lead-time distribution of every supplier and item: observations -> levels -> quantiles -> a table with words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.suppliers.engine import levels as lv
from sentia_ops.suppliers.engine import trend
from sentia_ops.suppliers.engine.observations import PAIR, Observations, observe
from sentia_ops.suppliers.engine.quantiles import QUANTILES, arrive_within
from sentia_ops.suppliers.engine.survival import sum_by
from sentia_ops.suppliers.engine.words import note

MIN_RECEIPTS = 3  # order lines delivered, from which on figures are said to rest on a level
HALF_LIFE = 180.0  # days; chosen by backtest, see benchmarks/lead_times.py
PRIOR_LINES = {"promised": 2.0, "planner": 2.0, "default": 1.0}  # order lines that each is worth
LEVELS = ("item", "group", "supplier")
FIGURES = ["mean_days", "std_days", *QUANTILES]
COLUMNS = [
	*PAIR, *FIGURES, "receipts", "supplier_receipts", "open_overdue", "open_lines", "basis", "note",
]  # fmt: skip


@dataclass(frozen=True)
class LeadTimeResult:
	"""Attributes:
	lead_times: one row per supplier and item, columns as in the lead_times table without `run`.
	backwards: receipts left out because they are dated before their order.
	early_promises: order lines whose promised day lies before the order; the promise is ignored.
	forgotten: order lines left out as open for too long: order_line, supplier, item_code, overdue (days).
	zero_promises: (supplier, item) of offers that promise delivery in 0 days.
	without_receipts: suppliers nothing was ever received from.
	suppliers: how many suppliers there are.
	"""

	lead_times: pd.DataFrame
	backwards: int
	early_promises: list[str]
	forgotten: pd.DataFrame
	zero_promises: list[tuple[str, str]]
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
	groups: dict[str, str] | None = None,
	half_life: float = HALF_LIFE,
) -> LeadTimeResult:
	"""Lead-time distribution of every supplier x item, offered or ever ordered; calendar days.

	Args:
	    receipts: columns order_line, supplier, item_code, ordered_on, promised_on, received_on, qty_ordered,
	        qty_received; what was received on or after `as_of` counts as still open.
	    supplier_items: columns supplier, item_code, promised_lead_days (empty: no promise).
	    planner_days: item_code -> the planner's own figure; 0 or absent: not given.
	    default_days: where nothing else is known.
	    groups: item_code -> item group; absent: a group of its own.
	    half_life: days after which an order weighs half.

	Raises:
	    ValueError: see `check_default`.
	"""
	check_default(default_days)
	seen = observe(receipts, pd.Timestamp(as_of))
	pairs = _pairs(supplier_items, receipts[receipts["ordered_on"] < pd.Timestamp(as_of)])
	pairs["item_group"] = pairs["item_code"].map(groups or {}).fillna("")
	_set_prior(pairs, planner_days, default_days)
	_count(pairs, seen)
	rows = _measure(pairs, seen, half_life) if len(pairs) else pd.DataFrame(columns=COLUMNS)
	silent = sorted(set(pairs["supplier"]) - set(seen.parts.loc[~seen.parts["is_open"], "supplier"]))
	zero = pairs[pairs["promised_lead_days"] == 0]
	return LeadTimeResult(
		lead_times=rows,
		backwards=seen.backwards,
		early_promises=seen.early_promises,
		forgotten=seen.forgotten,
		zero_promises=list(zip(zero["supplier"], zero["item_code"], strict=True)),
		without_receipts=silent,
		suppliers=pairs["supplier"].nunique(),
	)


def _pairs(supplier_items: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
	offered = supplier_items[[*PAIR, "promised_lead_days"]]
	ordered = receipts[PAIR].drop_duplicates()
	return offered.merge(ordered, on=PAIR, how="outer").sort_values(PAIR, ignore_index=True)


def _set_prior(pairs: pd.DataFrame, planner_days: dict[str, float], default_days: float) -> None:
	"""Columns prior (days) and prior_basis: the promise, else the planner's figure, else the default."""
	planner = pairs["item_code"].map(planner_days).astype(float).fillna(0.0)
	promise = pairs["promised_lead_days"].astype(float)
	pairs["prior"] = promise.fillna(planner.where(planner > 0)).fillna(default_days)
	pairs["prior_basis"] = np.where(promise.notna(), "promised", np.where(planner > 0, "planner", "default"))


def _count(pairs: pd.DataFrame, seen: Observations) -> None:
	"""Order lines delivered, whole or in part, of item, group and supplier; and those open."""
	done = seen.parts[~seen.parts["is_open"]].drop_duplicates(["order_line", *PAIR])
	own = done.groupby(PAIR).size().rename("receipts")
	joined = pairs.join(own, on=PAIR).join(seen.counts, on=PAIR)
	for name in ("receipts", *seen.counts.columns):
		pairs[name] = joined[name].fillna(0).astype(int)
	in_group = pairs.groupby(["supplier", "item_group"])["receipts"].transform("sum")
	pairs["group_receipts"] = in_group.where(pairs["item_group"] != "", pairs["receipts"])
	pairs["supplier_receipts"] = pairs.groupby("supplier")["receipts"].transform("sum")


def _measure(pairs: pd.DataFrame, seen: Observations, half_life: float) -> pd.DataFrame:
	index = _index(pairs, seen.parts)
	parts = lv.Parts(
		seen.parts["days"].to_numpy(),
		seen.parts["is_open"].to_numpy(bool),
		seen.parts["share"].to_numpy(),
		seen.parts["age"].to_numpy(),
	)
	prior = pairs["prior"].to_numpy(), pairs["prior_basis"].map(PRIOR_LINES).to_numpy()
	evenly = lv.fit(
		parts, index, *prior, np.inf
	)  # a trend shows best where old receipts weigh as much as new ones
	growth = trend.yearly_growth(parts, index, evenly)
	parts = trend.raised(parts, index, growth)
	levels = lv.fit(parts, index, *prior, half_life)
	table = pairs.assign(
		growth=growth[index.supplier],
		sigma=levels.sigma_ahead,
		only_of_group=np.isclose(levels.lines[0], levels.lines[1]),
		only_of_supplier=np.isclose(levels.lines[0], levels.lines[2]),
	)
	_set_mean(table, levels)
	within, empirical = arrive_within(parts, index, levels, table["mean_days"].to_numpy())
	table = table.assign(**within, empirical=empirical, waited=_waited(parts, index, levels))
	table["std_days"] = table["mean_days"] * np.sqrt(np.expm1(levels.sigma_ahead**2))
	table["basis"] = _basis(table)
	table[FIGURES] = table[FIGURES].round(4)
	table["note"] = [note(row) for row in table.to_dict("records")]
	return table[COLUMNS]


def _index(pairs: pd.DataFrame, parts: pd.DataFrame) -> lv.Index:
	supplier = pd.factorize(pairs["supplier"])[0]
	alone = pairs["item_code"].where(pairs["item_group"] == "", "")
	group, names = pd.factorize(pd.MultiIndex.from_arrays([supplier, pairs["item_group"], alone]))
	of_pair = pd.MultiIndex.from_frame(pairs[PAIR]).get_indexer(pd.MultiIndex.from_frame(parts[PAIR]))
	return lv.Index(
		of_pair, group, supplier, names.get_level_values(0).to_numpy(dtype=int), int(supplier.max()) + 1
	)


def _set_mean(table: pd.DataFrame, levels: lv.Levels) -> None:
	"""Mean from levels in tenths of a day and weights in whole percent, as the note prints them."""
	shown = np.nan_to_num(np.array([levels.own, levels.group, levels.supplier, table["prior"]])).round(1)
	exact = levels.shares * 100
	percent = np.floor(exact)
	missing = np.rint(100 - percent.sum(axis=0)).astype(int)
	rank = np.argsort(
		np.argsort(-(exact - percent), axis=0), axis=0
	)  # the largest remainders get what is missing
	percent += rank < missing
	for place, name in enumerate((*LEVELS, "prior")):
		table[f"{name}_percent"], table[f"{name}_days"] = percent[place].astype(int), shown[place]
	table["mean_days"] = (percent * shown).sum(axis=0) / 100


def _waited(parts: lv.Parts, index: lv.Index, levels: lv.Levels) -> np.ndarray:
	"""Days that a pair's open lines are expected to take in all, on average; NaN without open lines."""
	weight = parts.share * parts.is_open
	total = sum_by(index.pair, weight, len(index.group))
	days = sum_by(index.pair, weight * levels.expected, len(index.group))
	return np.divide(days, total, out=np.full(len(total), np.nan), where=total > 0)


def _basis(table: pd.DataFrame) -> np.ndarray:
	"""The narrowest level with enough receipts."""
	counts = [table[name] >= MIN_RECEIPTS for name in ("receipts", "group_receipts", "supplier_receipts")]
	return np.select(counts, LEVELS, table["prior_basis"])
