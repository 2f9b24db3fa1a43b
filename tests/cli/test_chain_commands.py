"""The commands that run the chain, with the real engines, on little data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sentia_ops.replenishment.frames import RECOMMENDATIONS
from sentia_ops.store.frames import RUNS
from sentia_ops.store.lake import LakeStore


@pytest.fixture
def sales(tmp_path):
	"""Ninety days of two items: one sells three on weekdays, the other five on every day."""
	days = pd.date_range("2025-01-01", periods=90)
	lamp = pd.DataFrame({"item_code": "LAMP", "date": days, "qty": np.where(days.dayofweek < 5, 3.0, 0.0)})
	chair = pd.DataFrame({"item_code": "CHAIR", "date": days, "qty": 5.0})
	rows = pd.concat([lamp[lamp["qty"] > 0], chair])
	rows.to_csv(tmp_path / "sales.csv", index=False)
	return tmp_path / "sales.csv"


def test_plan_without_stock_gives_reorder_points_and_says_so(sentia, sales):
	assert sentia("--lake", "l", "import", "transactions", sales).code == 0
	done = sentia("--lake", "l", "plan")
	assert done.code == 0 and "There is no stock table" in done.err
	assert done.err.count("Warning:") == 1
	assert "Order when stock falls to" in done.out and "Critical" not in done.out
	assert done.out.index("CHAIR") < done.out.index("LAMP")  # the best seller first


def test_stock_frame_then_reorder_gives_orders(sentia, sales, tmp_path):
	sentia("--lake", "l", "import", "transactions", sales)
	assert sentia("--lake", "l", "plan", "--only", "forecasting").code == 0
	(tmp_path / "stock.csv").write_text("item_code,warehouse,on_hand\nLAMP,Main,4000\nCHAIR,Main,3\n")
	assert sentia("--lake", "l", "import", "frame", "stock", "stock.csv").code == 0
	done = sentia("--lake", "l", "--json", "reorder")
	assert done.code == 0
	assert [row["item_code"] for row in done.json["recommendations"]] == ["CHAIR"]
	assert done.json["recommendations"][0]["reasons"]
	done = sentia("--lake", "l", "report")
	assert done.code == 0 and (tmp_path / "report.html").exists()


def test_plan_on_an_empty_lake_and_with_unknown_steps(sentia, tmp_path):
	LakeStore(tmp_path / "l", create=True)
	assert "There is no lake at l" in sentia("--lake", "l", "plan").err
	(tmp_path / "i.csv").write_text("item_code\nLAMP\n")
	sentia("--lake", "l", "import", "frame", "items", "i.csv")
	done = sentia("--lake", "l", "plan")
	assert done.code == 2 and "Traceback" not in done.err and "sales history" in done.err
	done = sentia("--lake", "l", "plan", "--only", "buying,selling")
	assert done.code == 2 and "Unknown step selling" in done.err
	assert sentia("--lake", "l", "plan", "--as-of", "tomorrow").code == 2


def test_a_failed_plan_leaves_the_last_results(sentia, planned, monkeypatch):
	before = planned.read(RECOMMENDATIONS)

	def fail(*words, **named):
		raise MemoryError("no room")

	monkeypatch.setattr("sentia_ops.replenishment.flow.recommend", fail)
	done = sentia("--lake", "lake", "plan", "--only", "suppliers,buying")
	assert done.code == 3 and "no room" in done.err and "Earlier results are untouched" in done.err
	pd.testing.assert_frame_equal(planned.read(RECOMMENDATIONS), before)
	assert planned.read(RUNS)["status"].tolist()[-1] == "Failed"


def test_demo_from_nothing_to_a_report(sentia, tmp_path):
	done = sentia("demo", "--items", "24", "--days", "120", "--report", "out.html", "--as-of", "2025-06-02")
	assert done.code in (0, 1), done.err
	assert (tmp_path / "demo-lake" / "manifest.json").exists()
	page = (tmp_path / "out.html").read_text()
	assert "from 2 Jun 2025 on" in page and len(page) < 10_000_000
	assert "Order first" in done.out and "Safety stock" in done.out and str(tmp_path / "out.html") in done.out


def test_demo_never_writes_over_other_data(sentia, masters, monkeypatch, tmp_path):
	before = masters.tables()
	done = sentia("--lake", "lake", "demo", "--items", "24", "--days", "120")
	assert done.code == 2 and "holds data that is not the demo company's" in " ".join(done.err.split())
	monkeypatch.setenv("SENTIA_LAKE", str(masters.path))
	assert sentia("demo", "--items", "24", "--days", "120").code in (0, 1)
	assert masters.tables() == before and (tmp_path / "demo-lake" / "manifest.json").exists()
