"""`sentia-ops accuracy`, and the report's section on kept forecasts."""

from __future__ import annotations

import pandas as pd
import pytest
from handmade import AS_OF

from sentia_ops.cli.report import build
from sentia_ops.cli.report.facts import kept
from sentia_ops.forecasting.frames import FORECAST_QUALITY, FORECAST_SCORES
from sentia_ops.store.lake import LakeStore


def score_rows() -> pd.DataFrame:
	"""Two scored forecasts of one series, one with an override that helped; one of a new item; one still open."""
	first, second = pd.Timestamp(AS_OF) - pd.Timedelta(days=56), pd.Timestamp(AS_OF) - pd.Timedelta(days=28)
	rows = [
		{"item_code": "A", "as_of": first, "demand_class": "smooth", "mase": 0.5, "mase_naive": 1.0, "sold": 80, "expected": 100, "days_scored": 28, "status": "scored"},
		{"item_code": "A", "as_of": second, "demand_class": "smooth", "mase": 2.0, "mase_naive": 1.0, "sold": 10, "expected": 5, "days_scored": 7, "status": "scored", "planner": "ann", "mase_machine": 2.5},
		{"item_code": "B", "as_of": second, "demand_class": "new", "days_scored": 28, "status": "scored"},
		{"item_code": "B", "as_of": pd.Timestamp(AS_OF), "demand_class": "new", "status": "open"},
	]  # fmt: skip
	return FORECAST_SCORES.validate(
		pd.DataFrame(rows).assign(warehouse="UK", days=28, model="AutoETS").fillna(FILL)
	)


FILL = {"sold": 0.0, "expected": 0.0, "days_scored": 0, "planner": ""}


@pytest.fixture
def scored(planned) -> LakeStore:
	with planned.run("plan", parameters={"as_of": f"{AS_OF:%Y-%m-%d}"}) as run:
		planned.write(FORECAST_SCORES, score_rows(), run=run)
		quality = planned.read(FORECAST_QUALITY)
		quality.loc[0, "drift"] = "too high"
		planned.write(FORECAST_QUALITY, quality, run=run)
	return planned


def test_kept_forecasts_are_summed_by_days():
	smooth, new = (row for row in sorted(kept(score_rows(), "class"), key=lambda r: -r["sold"]))
	assert smooth["mase"] == pytest.approx((0.5 * 28 + 2.0 * 7) / 35) and smooth["forecasts"] == 2
	assert (smooth["series"], smooth["days_scored"], smooth["bias"]) == (1, 35, pytest.approx(15 / 90))
	assert (smooth["overridden"], smooth["overrides_better"]) == (1, 1)
	assert (new["group"], new["forecasts"], new["mase"], new["bias"]) == ("new", 1, None, None)
	assert [row["group"] for row in kept(score_rows(), "planner")] == ["", "ann"]
	assert len(kept(score_rows(), "week")) == 2
	assert kept(FORECAST_SCORES.empty(), "class") == []


def test_the_command(sentia, scored):
	done = sentia("--lake", scored.path, "accuracy")
	assert done.code == 0 and "Tested on held-out history" in done.out
	assert "0.800" in done.out and "1 of 1" in done.out
	assert "1 kept forecasts wait" in done.out and "series drift" in done.out
	found = sentia("--lake", scored.path, "--json", "accuracy", "--by", "model").json
	assert found["kept"][0]["group"] == "AutoETS" and found["kept"][0]["forecasts"] == 3
	assert (found["open"], found["drifting"], found["by"]) == (1, 1, "model")


def test_nothing_scored_yet_and_wrong_use(sentia, planned, tmp_path):
	done = sentia("--lake", planned.path, "accuracy")
	assert done.code == 0 and "No kept forecast has been scored yet." in done.out
	assert sentia("--lake", planned.path, "--json", "accuracy").json["kept"] == []
	wrong = sentia("--lake", planned.path, "accuracy", "--by", "modle")
	assert wrong.code == 2 and "model" in wrong.err and "Traceback" not in wrong.err
	LakeStore(tmp_path / "bare", create=True)
	assert sentia("--lake", tmp_path / "bare", "accuracy").code == 2


def test_the_report_says_it(scored, planned):
	page = build(scored)
	assert "scored when their days were over" in page and "1 series drift" in page
	assert "1 of 1" in page


def test_without_scores_the_report_says_nothing_of_them(planned):
	assert "scored when their days were over" not in build(planned)
