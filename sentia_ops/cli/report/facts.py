"""What the report says, as plain data: read from the store, summed, nothing drawn or formatted yet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentia_ops.cli.proposals import best_sellers, by_urgency, company_currency, stock_known
from sentia_ops.forecasting.frames import FORECAST_QUALITY, FORECAST_SCORES, SERIES
from sentia_ops.replenishment.frames import RECOMMENDATIONS
from sentia_ops.store.frames import ITEMS, RUNS
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

CLASSES = {
	"smooth": "sells often, in steady quantities",
	"erratic": "sells often, in very different quantities",
	"intermittent": "sells now and then, in steady quantities",
	"lumpy": "sells now and then, in very different quantities",
	"new": "too little history to test a forecast on",
	"dead": "has not sold for a long time",
}

KEPT_BY = {
	"class": "demand_class",
	"model": "model",
	"item": "item_code",
	"planner": "planner",
	"week": "as_of",
}
KEPT_MEANS = ("mase", "mase_naive", "rmsse", "scaled_pinball", "coverage95")


@dataclass
class Facts:
	"""Everything the page and its charts need."""

	as_of: date
	currency: str
	stock_known: bool
	policy: pd.DataFrame  # stock_policy with item_name, largest demand first
	recommendations: pd.DataFrame  # with item_name, stock_uom; JSON columns parsed; most urgent first
	quality: pd.DataFrame
	scores: pd.DataFrame  # of kept forecasts
	receipts: pd.DataFrame  # supplier, days (order to receipt) of received parts
	suppliers: list[dict[str, Any]]
	runs: list[dict[str, Any]]


def gather(store: LakeStore) -> Facts:
	items = store.read(ITEMS)[["item_code", "item_name", "stock_uom"]]
	recommendations = by_urgency(store.read(RECOMMENDATIONS)).merge(items, on="item_code", how="left")
	for column in ("reasons", "alternatives", "projection"):
		recommendations[column] = [json.loads(text) for text in recommendations[column]]
	receipts = store.read(RECEIPTS)
	runs = store.read(RUNS)
	return Facts(
		as_of=_as_of(runs, store),
		currency=company_currency(store),
		stock_known=stock_known(store),
		policy=best_sellers(store),
		recommendations=recommendations,
		quality=store.read(FORECAST_QUALITY),
		scores=store.read(FORECAST_SCORES),
		receipts=_days_to_receipt(receipts),
		suppliers=supplier_rows(store.read(LEAD_TIMES), receipts),
		runs=_latest_runs(runs),
	)


def _as_of(runs: pd.DataFrame, store: LakeStore) -> date:
	"""The first planned day of the last finished plan."""
	for row in runs[(runs["flow"] == "plan") & (runs["status"] == "Completed")].iloc[::-1].itertuples():
		return date.fromisoformat(json.loads(row.parameters)["as_of"])
	return store.today()


def _days_to_receipt(receipts: pd.DataFrame) -> pd.DataFrame:
	received = receipts[receipts["received_on"].notna()]
	days = (received["received_on"] - received["ordered_on"]).dt.days
	return pd.DataFrame({"supplier": received["supplier"], "days": days})


def supplier_rows(lead_times: pd.DataFrame, receipts: pd.DataFrame) -> list[dict[str, Any]]:
	"""Per supplier: the lead times that the plan used (median over its items), and punctuality of its deliveries."""
	dated = receipts[receipts["received_on"].notna() & receipts["promised_on"].notna()]
	late = (dated["received_on"] > dated["promised_on"]).groupby(dated["supplier"]).mean()
	rows = []
	for supplier, part in lead_times.groupby("supplier"):
		row = {name: float(part[f"{name}_days"].median()) for name in ("p50", "p90", "p95")}
		row |= {
			"supplier": supplier,
			"offers": len(part),
			"receipts": int(part["supplier_receipts"].max()),
			"overdue": int(part["open_overdue"].sum()),
			"late": None if supplier not in late else float(late[supplier]),
			"basis": ", ".join(sorted(part["basis"].unique())),
		}
		rows.append(row)
	return sorted(rows, key=lambda row: -row["p90"])


def _latest_runs(runs: pd.DataFrame) -> list[dict[str, Any]]:
	"""The last run of each flow, newest first, with what it warned of and refused."""
	last = runs.drop_duplicates("flow", keep="last").iloc[::-1]
	return [
		{
			"flow": row.flow,
			"status": row.status,
			"ended": row.ended,
			"error": row.error,
			"warnings": json.loads(row.warnings),
			"refused": json.loads(row.refused),
		}
		for row in last.itertuples()
	]


def accuracy(quality: pd.DataFrame) -> list[dict[str, Any]]:
	"""Per demand class: series, how many were tested, median MASE of ours and of seasonal naive, coverage."""
	rows = []
	for name, meaning in CLASSES.items():
		part = quality[quality["demand_class"] == name]
		if part.empty:
			continue
		both = tested(part)
		rows.append(
			{
				"name": name,
				"meaning": meaning,
				"series": len(part),
				"tested": len(both),
				"mase": _median(both["mase"]),
				"naive": _median(both["mase_naive"]),
				"better": float((both["mase"] <= both["mase_naive"]).mean()) if len(both) else None,
				"coverage": float(both["coverage95"].mean()) if both["coverage95"].notna().any() else None,
			}
		)
	return rows


def kept(scores: pd.DataFrame, by: str) -> list[dict[str, Any]]:
	"""Scores of kept forecasts summed by one of `KEPT_BY`: the same figures as `forecasting.site_scores.measured` on a site.

	Means are weighted by the days scored; None where nothing could be measured.
	"""
	rows = scores[(scores["status"] == "scored") & (scores["days_scored"] > 0)]
	found = []
	for group, part in rows.groupby(KEPT_BY[by]):
		sold, expected = float(part["sold"].sum()), float(part["expected"].sum())
		beside = part[part["mase_machine"].notna()]
		found.append(
			{
				"group": str(group.date()) if isinstance(group, pd.Timestamp) else group,
				"forecasts": len(part),
				"series": len(part.drop_duplicates(list(SERIES))),
				"days_scored": int(part["days_scored"].sum()),
				"sold": sold,
				"expected": expected,
				**{name: _weighted(part[name], part["days_scored"]) for name in KEPT_MEANS},
				"overridden": len(beside),
				"overrides_better": int((beside["mase"] < beside["mase_machine"]).sum()),
				"bias": (expected - sold) / sold if sold > 0 else None,
			}
		)
	return found


def _weighted(values: pd.Series, weights: pd.Series) -> float | None:
	known = values.notna()
	return float((values * weights)[known].sum() / weights[known].sum()) if known.any() else None


def tested(quality: pd.DataFrame) -> pd.DataFrame:
	return quality[quality["mase"].notna() & quality["mase_naive"].notna()]


def gain(quality: pd.DataFrame) -> float | None:
	"""Share of seasonal naive's scaled error that our forecasts avoid, over all tested series; empty: none tested."""
	both = tested(quality)
	naive = both["mase_naive"].sum()
	return None if naive == 0 else float(1 - both["mase"].sum() / naive)


def _median(values: pd.Series) -> float | None:
	return float(values.median()) if values.notna().any() else None


def stockouts(policy: pd.DataFrame, as_of: date) -> tuple[int, int]:
	"""Items that run out at all if nothing is ordered, and those that do before an order placed today arrives."""
	dry = policy[policy["stockout_on"].notna()]
	days = (dry["stockout_on"] - pd.Timestamp(as_of)).dt.days
	return len(dry), int((days < dry["lead_days"]).sum())


def series_of(rows: pd.DataFrame) -> list[tuple[str, str]]:
	return list(rows[list(SERIES)].itertuples(index=False, name=None))
