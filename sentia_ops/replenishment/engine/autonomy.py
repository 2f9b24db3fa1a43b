"""Which service classes may be approved without a person: a right that is earned, and lost by itself.

    backtest pass = forecasts of the class that beat last week's same day within bounds that hold what they promise, and do
                    not drift / forecasts of the class that were tested
    good share    = good ones among the newest `min_outcomes` outcomes of the class

A class has the right while both reach their thresholds on enough cases. Who has lost it must earn it anew: only outcomes
judged after the loss count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

LEAST_COVERAGE = 0.85  # of 95 % bounds on the backtest: below, they promise what they do not hold
PAIR = ["item_code", "warehouse"]


@dataclass(frozen=True)
class AutonomyRules:
	"""Thresholds as shares."""

	backtest_share: float = 0.8
	min_backtests: int = 10
	good_share: float = 0.9
	min_outcomes: int = 20


@dataclass(frozen=True)
class Rights:
	"""`rows` as frame AUTONOMY without `run`; sentences on the classes that won or lost the right."""

	rows: list[dict]
	granted: list[str]
	withdrawn: list[str]


def judge_rights(
	quality: pd.DataFrame,
	policies: pd.DataFrame,
	outcomes: pd.DataFrame,
	before: pd.DataFrame,
	as_of: date,
	rules: AutonomyRules,
) -> Rights:
	"""The right of every class that has a forecast or an outcome.

	Args:
	    quality, policies, outcomes, before: frames FORECAST_QUALITY, STOCK_POLICY, OUTCOMES and AUTONOMY.
	"""
	classes = policies.assign(segment=policies["abc"] + policies["xyz"])
	tested = quality[quality["windows"] > 0].merge(classes[[*PAIR, "segment"]], on=PAIR)
	tests = passed(tested).groupby(tested["segment"]).agg(["size", "mean"])
	earlier = before.set_index("segment").to_dict("index")
	segments = sorted(({*tests.index, *outcomes["segment"], *earlier}) - {"", "unclassified"})
	found = Rights([], [], [])
	for segment in segments:
		count, share = tests.loc[segment] if segment in tests.index else (0, None)
		was = earlier.get(segment)
		own = _counted(outcomes[outcomes["segment"] == segment], was)
		newest = own.sort_values(["judged_on", "recommendation"]).tail(rules.min_outcomes)
		good = float(newest["is_good"].mean()) if len(newest) else None
		row = {"segment": segment, "backtests": int(count), "backtest_pass": share, "outcomes": len(own)}
		row |= {"good_share": good} | _right(row, good, rules)
		had = bool(was and was["may_approve"])
		row["since"] = _since(row["may_approve"], had, was, as_of)
		found.rows.append(row)
		if had != row["may_approve"]:
			(found.withdrawn if had else found.granted).append(f"Class {segment}: {row['why']}")
	return found


def passed(tested: pd.DataFrame) -> pd.Series:
	"""True for each tested forecast (frame FORECAST_QUALITY) that may be relied on."""
	better = tested["mase"] <= tested["mase_naive"]
	return better & (tested["coverage95"] >= LEAST_COVERAGE) & (tested["drift"] == "")


def _counted(outcomes: pd.DataFrame, was: dict | None) -> pd.DataFrame:
	lost_on = was["since"] if was and not was["may_approve"] else pd.NaT
	return outcomes if pd.isna(lost_on) else outcomes[outcomes["judged_on"] > lost_on]


def _since(may: bool, had: bool, was: dict | None, as_of: date) -> pd.Timestamp:
	"""The day the right was won or, where it was had before, lost; empty: it never was."""
	if may != had:
		return pd.Timestamp(as_of)
	return was["since"] if was else pd.NaT


def _right(row: dict, good: float | None, rules: AutonomyRules) -> dict:
	share, count, outcomes = row["backtest_pass"], row["backtests"], row["outcomes"]
	tests = f"{round((share or 0) * count)} of {count} forecasts pass the backtest"
	judged = min(outcomes, rules.min_outcomes)
	orders = f"{round((good or 0) * judged)} of the newest {judged} orders turned out well"
	missing = []
	if count < rules.min_backtests:
		missing.append(f"at least {rules.min_backtests} tested forecasts are wanted")
	elif share < rules.backtest_share:
		missing.append(f"{rules.backtest_share:.0%} of the forecasts are wanted, {share:.0%} pass")
	if outcomes < rules.min_outcomes:
		missing.append(f"at least {rules.min_outcomes} judged orders are wanted")
	elif good < rules.good_share:
		missing.append(f"{rules.good_share:.0%} of the orders are wanted, {good:.0%} turned out well")
	if missing:
		return {"may_approve": False, "why": f"{tests}, {orders}: {'; '.join(missing)}."}
	wanted = f"wanted {rules.backtest_share:.0%} and {rules.good_share:.0%}"
	return {"may_approve": True, "why": f"{tests} ({share:.0%}), {orders} ({good:.0%}); {wanted}."}
