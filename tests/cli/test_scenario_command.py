"""`sentia-ops scenario`: the difference in words and as JSON, refusals that help, and nothing written."""

from __future__ import annotations

import pytest

from sentia_ops.forecasting.frames import FORECASTS
from sentia_ops.replenishment.frames import RECOMMENDATIONS
from sentia_ops.store.frames import RUNS


def files(store) -> dict[str, bytes]:
	return {str(path): path.read_bytes() for path in store.path.rglob("*.parquet")}


def test_more_demand_in_words_and_nothing_written(sentia, planned):
	before, runs = files(planned), len(planned.read(RUNS))
	done = sentia("--lake", "lake", "scenario", "demand LAMP x3", "service 99%")
	assert done.code == 0 and "Traceback" not in done.err
	assert done.out.startswith("With demand of LAMP 200 % higher and service level 99 % ")
	for heading in ("Side by side", "by supplier", "by warehouse", "Changed orders", "nothing was written"):
		assert heading in done.out
	assert (
		"Demand a day" in done.out
		and "What was changed: Demand of LAMP 200 % higher: 1 forecast scaled" in done.out
	)
	assert files(planned) == before
	assert len(planned.read(RUNS)) == runs and not planned.read(RECOMMENDATIONS).empty


def test_json_has_figures_and_every_order(sentia, planned):
	found = sentia("--lake", "lake", "--json", "scenario", "demand LAMP x3").json
	measures = {row["name"]: row for row in found["measures"]}
	assert measures["purchase"]["change"] == pytest.approx(
		measures["purchase"]["then"] - measures["purchase"]["now"]
	)
	assert len(found["orders"]) == found["orders_changed"] > 0
	assert found["orders"][0]["why"] and found["headline"]
	assert found["as_of"] == "2025-06-02"  # of the lake's last plan


def test_several_side_by_side(sentia, planned):
	done = sentia("--lake", "lake", "scenario", "demand LAMP x3", "/", "service 80%", "review 1")
	assert "A. With demand" in done.out and "B. With service level 80 % and a review every day" in done.out
	assert done.out.count("Side by side") == 1
	found = sentia("--lake", "lake", "--json", "scenario", "demand LAMP x3", "/", "service 80%").json
	assert [row["changes"] for row in found] == [["demand of LAMP 200 % higher"], ["service level 80 %"]]


def test_rules_are_those_of_the_last_plan_unless_given(sentia, planned):
	sentia("--lake", "lake", "reorder", "--set", "service_level=0.8", "--as-of", "2025-06-02")
	same = sentia("--lake", "lake", "--json", "scenario", "service 80%").json
	assert same["orders_changed"] == 0 and "cost the same" in same["headline"][0]
	other = sentia("--lake", "lake", "--json", "scenario", "service 80%", "--set", "service_level=0.999").json
	holding = next(row for row in other["measures"] if row["name"] == "holding")
	assert holding["change"] <= 0


@pytest.mark.parametrize(
	("words", "told"),
	[
		(["demand LAMPP x2"], "Did you mean LAMP?"),
		(["demandd LAMP x2"], "Did you mean demand?"),
		(["demand LAMP"], "Example: demand Kitchen x1.2"),
		(["service 100%"], "below 100 percent"),
		(["service 90%", "service 91%"], "keep one of them"),
		(["demand LAMP x2", "/"], "at least one change"),
	],
)
def test_refusals_help(sentia, planned, words, told):
	done = sentia("--lake", "lake", "scenario", *words)
	assert done.code == 2 and told in done.err and "Traceback" not in done.err


def test_without_a_forecast(sentia, masters):
	done = sentia("--lake", "lake", "scenario", "demand LAMP x2")
	assert done.code == 2 and "Run the plan first" in done.err
	assert masters.read(FORECASTS).empty
