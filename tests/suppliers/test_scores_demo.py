"""The demo's suppliers behave in known ways: the scores must find the right ones, and nobody else."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from time import process_time

import numpy as np
import pandas as pd
import pytest

from sentia_ops.demo import generate
from sentia_ops.demo.catalogue import RATES
from sentia_ops.suppliers import scoring
from sentia_ops.suppliers.frames import INSPECTIONS, QUOTATIONS, RECEIPTS, SUPPLIER_ITEMS

AS_OF = date(2026, 6, 1)


@lru_cache
def world(seed: int = 2026):
	company = generate(seed=seed, as_of=AS_OF)
	facts = scoring.Facts(
		company.receipts, company.supplier_items, QUOTATIONS.empty(), INSPECTIONS.empty(), dict(RATES)
	)
	found = scoring.score(facts, as_of=AS_OF).suppliers.set_index("supplier")
	truth = company.truth["suppliers"].set_index("supplier")
	return found, truth


def with_finding(found: pd.DataFrame, finding: str) -> set[str]:
	return {name for name, text in found["findings"].items() if finding in text.split(", ")}


@pytest.mark.parametrize("seed", [2026, 7])
def test_the_right_suppliers_are_found(seed):
	found, truth = world(seed)
	behaviour = {name: set(rows.index) for name, rows in truth.groupby("behaviour")}
	assert with_finding(found, "in parts") == behaviour["in parts"]
	assert with_finding(found, "rejects") == behaviour["quick, some rejects"]
	assert with_finding(found, "getting worse") >= behaviour["worsening"]
	late = with_finding(found, "late")
	assert behaviour["erratic"] | behaviour["worsening"] | behaviour["overseas"] <= late
	assert not late & (behaviour["reliable"] | behaviour["steady"] | behaviour["quick, some rejects"])
	unpredictable = with_finding(found, "hard to predict")
	assert behaviour["erratic"] <= unpredictable
	assert not unpredictable & (
		behaviour["reliable"] | behaviour["steady"] | behaviour["quick, some rejects"]
	)


def test_at_most_one_trend_of_sixteen_suppliers_is_chance():
	worse = [with_finding(world(seed)[0], "getting worse") for seed in (2026, 7)]
	assert sum(map(len, worse)) <= 2 + 1


def test_the_ranking_follows_the_truth():
	found, truth = world()
	name = {behaviour: supplier for supplier, behaviour in truth["behaviour"].items()}
	assert found["score"].idxmax() == name["reliable"] and found["score"].idxmin() == name["worsening"]
	assert found.loc[name["worsening"], "risk"] == "high" and found.loc[name["reliable"], "risk"] == "low"
	assert found.loc[name["worsening"], "trend"] == "worse"


def test_days_late_agree_with_the_known_lead_times():
	found, truth = world()
	enough = found["on_time_n"].reindex(truth.index) >= 100
	steady = truth[(truth["drift_days_per_year"] == 0) & (truth["split_chance"] < 0.1) & enough]
	rng = np.random.default_rng(1)
	for name, row in steady.iterrows():
		variance = np.log1p((row["std_days"] / row["mean_days"]) ** 2)
		days = np.maximum(
			1, np.round(rng.lognormal(np.log(row["mean_days"]) - variance / 2, np.sqrt(variance), 200_000))
		)
		expected = np.maximum(days - row["promised_days"], 0).mean()
		# a tenth of the lines come in parts, the rest of those some days later
		assert found.loc[name, "days_late"] == pytest.approx(expected, abs=0.25 + 0.15 * expected), name


def receipts_of(suppliers: int, lines: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
	rng = np.random.default_rng(seed)
	ordered = pd.Timestamp("2024-06-01") + pd.to_timedelta(rng.integers(0, 700, lines), unit="D")
	promised = ordered + pd.to_timedelta(10, unit="D")
	arrived = (promised + pd.to_timedelta(rng.integers(-3, 6, lines), unit="D")).to_series(index=range(lines))
	supplier, item = rng.integers(0, suppliers, lines), rng.integers(0, 2000, lines)
	receipts = pd.DataFrame(
		{"order_line": [f"L{i}" for i in range(lines)], "part": 0, "supplier": [f"S{i:02d}" for i in supplier],
		 "item_code": [f"I{i}" for i in item], "ordered_on": ordered, "promised_on": promised, "received_on": arrived.to_numpy(),
		 "qty_ordered": 10.0, "qty_received": 10.0, "qty_rejected": 0.0, "rate": rng.uniform(1, 2, lines)}
	)  # fmt: skip
	offers = receipts.drop_duplicates(["supplier", "item_code"])[["supplier", "item_code", "rate"]]
	offers = offers.rename(columns={"rate": "price"}).assign(currency="GBP", promised_lead_days=10.0)
	return RECEIPTS.validate(receipts, today=AS_OF), SUPPLIER_ITEMS.validate(offers)


def test_a_hundred_thousand_lines_of_sixty_suppliers_in_seconds():
	receipts, offers = receipts_of(60, 100_000)
	started = process_time()
	facts = scoring.Facts(receipts, offers, QUOTATIONS.empty(), INSPECTIONS.empty(), {"GBP": 1.0})
	found = scoring.score(facts, as_of=AS_OF)
	seconds = process_time() - started
	assert len(found.suppliers) == 60 and found.months["month"].nunique() == 23
	assert seconds < 30, "about 6 of processor time; ten are promised"
	assert (found.suppliers["trend"] == "steady").mean() > 0.9, "there is no trend in it"
