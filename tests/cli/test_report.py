"""The report: one file, nothing from outside, every text escaped, and the figures say what the tables say."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from handmade import AS_OF, EVIL, SCRIPTED, demand_rows, forecast_rows, receipt_rows

from sentia_ops.cli.report import build
from sentia_ops.cli.report.charts import (
	HISTORY_DAYS,
	MOST_RECEIPTS,
	demand_chart,
	lead_time_chart,
	stock_chart,
)
from sentia_ops.cli.report.facts import accuracy, gain, gather, stockouts
from sentia_ops.cli.report.page import money, safe_json, tiles
from sentia_ops.replenishment.frames import STOCK


@pytest.fixture
def page(planned) -> str:
	return build(planned)


def without_plotly(page: str) -> str:
	return re.sub(r"<script>/\*\*\n\* plotly\.js.*?</script>", "", page, flags=re.DOTALL)


def figures_of(page: str) -> dict:
	text = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.DOTALL).group(1)
	return json.loads(text)


def test_needs_nothing_from_outside(page):
	own = without_plotly(page)
	assert len(own) < 100_000 < len(page) < 10_000_000
	assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", own)
	assert "default-src 'none'" in own
	assert page.count("* plotly.js v") == 1


def test_names_cannot_become_markup(page):
	own = without_plotly(page)
	assert EVIL not in own and SCRIPTED not in own and "<only>" not in own
	assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &lt;b&gt;Lamp" in own
	assert own.count("<script") == own.count("</script>") == 2  # figures and the page's own
	assert json.loads(safe_json({"a": "</script><!--&"})) == {"a": "</script><!--&"}
	assert not re.search("[<>&]", safe_json("</script><!--&"))


def test_says_what_was_planned(page):
	for text in (
		"Order 100 today: 4 left, 4 a day wanted.",
		"4 / 4 a day = 1 day",
		"60 days is too slow",
		"no exchange rate for JPY",
		"90 on hand is above the reorder point of 68",
		"DESK has 3 days of history &lt;only&gt;.",
		"series without a sale",
	):
		assert text in page
	assert page.index("Order 100 today") < page.index("Order some time.")  # most urgent first
	assert "has no stock table" not in page


def test_tiles(planned):
	shown = {tile["label"]: tile for tile in tiles(gather(planned))}
	assert shown["To order"]["value"] == "2" and shown["To order"]["note"] == "1 critical, 1 low"
	assert shown["Order value"]["value"] == "500.00 GBP"
	assert shown["Expected stock-outs"]["value"] == "1"
	assert shown["Expected stock-outs"]["note"].endswith("1 in all if nothing is ordered")
	assert (shown["Forecast error"]["value"], shown["Forecast error"]["tone"]) == ("20% less", "good")


def test_a_worse_forecast_than_the_naive_one_is_said_plainly(planned):
	facts = gather(planned)
	facts.quality["mase"] = facts.quality["mase"] * 2
	tile = tiles(facts)[-1]
	assert (tile["value"], tile["tone"]) == ("60% more", "bad")
	facts.quality["mase_naive"] = np.nan
	assert tiles(facts)[-1]["value"] == "not tested" and gain(facts.quality) is None


def test_accuracy_leaves_untested_series_out(planned):
	rows = {row["name"]: row for row in accuracy(gather(planned).quality)}
	assert (rows["smooth"]["tested"], rows["smooth"]["mase"], rows["smooth"]["better"]) == (1, 0.8, 1.0)
	assert (rows["new"]["series"], rows["new"]["tested"], rows["new"]["mase"]) == (1, 0, None)


def test_suppliers_with_their_punctuality(planned):
	(row,) = gather(planned).suppliers
	assert (row["p50"], row["p90"], row["p95"], row["receipts"]) == (14.5, 20.2, 30.1, 10)
	assert row["late"] == 0.5  # five of ten took more than the 14 days promised


def test_stockouts_before_an_order_could_arrive():
	days = pd.to_datetime(["2025-06-05", "2025-06-30", None])
	policy = pd.DataFrame({"stockout_on": days, "lead_days": [14.0, 14.0, 14.0]})
	assert stockouts(policy, AS_OF.date()) == (2, 1)


def test_demand_chart_fills_days_without_a_sale_and_marks_days_without_stock():
	history = demand_rows()
	history = history[history["date"] != AS_OF - pd.Timedelta(days=1)]
	figure = demand_chart(history, forecast_rows(), AS_OF.date())
	series = {trace["name"]: trace for trace in figure["data"]}
	assert len(series["sold"]["x"]) == HISTORY_DAYS and series["sold"]["x"][-1] == "2025-06-01"
	assert series["sold"]["y"][-1] == 0
	assert series["out of stock"]["x"] == ["2025-05-23", "2025-05-24", "2025-05-25"]
	assert series["forecast"]["x"][0] == "2025-06-02" and series["95 %"]["y"][0] == 8.0


def test_demand_chart_starts_with_the_first_sale():
	young = demand_rows().tail(5)
	assert len(demand_chart(young, forecast_rows(), AS_OF.date())["data"][0]["x"]) == 5


def test_stock_chart():
	projection = {
		"start": "2025-06-02",
		"without": [4.0, 0.0],
		"with": [4.0, 100.0],
		"safety_stock": 1,
		"reorder_point": 2,
	}
	figure = stock_chart(projection, AS_OF, AS_OF + pd.Timedelta(days=99))
	assert [trace["name"] for trace in figure["data"]][:2] == ["without the order", "with the order"]
	assert len(figure["layout"]["shapes"]) == 1  # need-by lies outside
	assert stock_chart({}, AS_OF, AS_OF) is None


def test_lead_time_chart_escapes_names_and_thins_long_histories():
	rows = receipt_rows()
	days = (rows["received_on"] - rows["ordered_on"]).dt.days
	figure = lead_time_chart(pd.DataFrame({"supplier": rows["supplier"], "days": days}))
	assert figure["data"][0]["name"] == "Acme &lt;Ltd&gt;"
	assert sorted(figure["data"][0]["x"]) == sorted(days)
	many = pd.DataFrame({"supplier": "A", "days": np.arange(10_000)})
	assert len(lead_time_chart(many)["data"][0]["x"]) == MOST_RECEIPTS


def test_charts_are_capped(planned):
	assert {"demand-1", "stock-1", "demand-2"} <= figures_of(build(planned)).keys()
	assert "demand-2" not in figures_of(build(planned, charts=1))


def test_without_stock_it_says_so(planned):
	with planned.run("import frame") as run:
		planned.write(STOCK, STOCK.empty(), run=run)
	page = build(planned)
	assert "The lake has no stock table" in page and "What to keep in stock" in page
	assert "90 on hand is above the reorder point of 68" in page and "Critical" not in without_plotly(page)
	assert "demand-1" in figures_of(page) and "stock-1" not in figures_of(page)


def test_an_empty_result_is_a_page_too(masters):
	page = build(masters)
	assert "Nothing needs ordering." in page and "No forecasts yet." in page and "not tested" in page


@pytest.mark.parametrize(
	("value", "text"), [(0.5, "0.50 GBP"), (999.994, "999.99 GBP"), (1234.5, "1,234 GBP"), (None, "–")]
)
def test_money(value, text):
	assert money(value, "GBP") == text


def test_command_writes_the_file_and_says_where(sentia, planned, tmp_path):
	done = sentia("--lake", "lake", "report", "--out", "sub/out.html")
	assert done.code == 0 and str(tmp_path / "sub" / "out.html") in done.out.replace("\n", "")
	assert "<h1>Operations report</h1>" in (tmp_path / "sub" / "out.html").read_text()
	assert [f.name for f in (tmp_path / "sub").iterdir()] == ["out.html"]  # no half-written files


def test_command_before_any_plan(sentia, masters):
	done = sentia("--lake", "lake", "report")
	assert (
		done.code == 2
		and "Nothing has been planned in lake yet. Run 'sentia-ops plan' first." in " ".join(done.err.split())
	)


def test_command_where_it_cannot_write(sentia, planned, tmp_path):
	(tmp_path / "taken").write_text("x")
	done = sentia("--lake", "lake", "report", "--out", "taken/out.html")
	assert done.code == 2 and "taken/out.html cannot be written" in done.err and "Traceback" not in done.err
