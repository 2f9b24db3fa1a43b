"""`sentia-ops schedule` and `promise` on a lake that came in as CSV files, as a production manager uses them."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from sentia_ops.cli.report import build
from sentia_ops.scheduling.frames import JOBS, SCHEDULED_OPERATIONS, SCHEDULES
from sentia_ops.store.lake import LakeStore

FILES = {
	"workstations": "workstation,capacity\nSaw,1\nPress <1>,1\n",
	"shifts": "workstation,weekday,from_time,to_time\n"
	+ "".join(f"{w},{d},06:00,14:00\n" for w in ("Saw", "Press <1>") for d in range(5)),
	"jobs": "job,item_code,qty,due_at,priority\nJ-1,STOOL,10,2026-03-02 09:00,1\nJ-2,STOOL,10,2026-03-06 14:00,3\n"
	"J-3,TABLE,0,2026-03-06 14:00,3\n",
	"operations": "job,step,operation\n" + "".join(f"J-{j},{s},{o}\n" for j in (1, 2, 3) for s, o in ((10, "Cut"), (20, "Press"))),
	"operation_modes": "job,step,workstation,minutes\n"
	+ "".join(f"J-{j},10,Saw,120\nJ-{j},20,Press <1>,90\n" for j in (1, 2, 3)),
}  # fmt: skip
NOW = ("--now", "2026-03-02T06:00", "--time-limit", "2", "--workers", "1")


def flat(text: str) -> str:
	"""Without the terminal's line breaks."""
	return " ".join(text.split())


@pytest.fixture
def shop(sentia, tmp_path) -> LakeStore:
	for name, text in FILES.items():
		(tmp_path / f"{name}.csv").write_text(text)
		done = sentia("--lake", "lake", "import", "frame", name, f"{name}.csv")
		assert done.code == 0, done.err
	return LakeStore(tmp_path / "lake")


def test_a_schedule_in_words_and_its_tables(sentia, shop):
	done = sentia("--lake", "lake", "schedule", *NOW)
	assert done.code == 1, "J-3 has no quantity, which is a refusal"
	# J-1 saws 06:00-08:00 and presses until 09:30; J-2 follows until 11:30
	for text in (
		"2 jobs, 4 operations on 2 workstations, the last one ends Mon 2 Mar 11:30.",
		"1 of 2 jobs is late, by 0.5 h in all, most of all J-1 (0.5 h).",
		"Late jobs (1)",
		"Could not be placed, and why (1)",
		"no quantity",
		"Load: hours taken of hours open, by week",
		"Schedule SCH-20260302-1, a draft.",
	):
		assert text in flat(done.out), text
	rows = shop.read(SCHEDULED_OPERATIONS).set_index(["job", "step"])
	assert rows.loc[("J-2", 20), "ends_at"] == pd.Timestamp("2026-03-02 11:30")
	assert "Traceback" not in done.err


def test_json_is_the_tables(sentia, shop):
	found = sentia("--lake", "lake", "--json", "schedule", *NOW).json
	assert found["schedule"]["schedule"] == "SCH-20260302-1" and isinstance(
		found["schedule"]["history"], list
	)
	places = {(row["job"], row["step"]): row["starts_at"][11:16] for row in found["operations"]}
	assert places == {("J-1", 10): "06:00", ("J-2", 10): "08:00", ("J-1", 20): "08:00", ("J-2", 20): "10:00"}
	late = next(row for row in found["jobs"] if row["late"])
	assert late["job"] == "J-1" and late["tardiness"] == 0.5
	assert sum(link["hours"] for link in late["chain"]) == pytest.approx(3.5)
	assert found["unplaced"][0]["code"] == "no quantity" and found["loads"]


def test_publish_and_plan_again_with_a_reason(sentia, shop):
	sentia("--lake", "lake", "schedule", *NOW, "--publish")
	assert shop.read(SCHEDULES)["status"].tolist() == ["Published"]
	done = sentia("--lake", "lake", "schedule", *NOW, "--reason", "J-2 was promised earlier")
	assert "Made because: J-2 was promised earlier." in flat(
		done.out
	) and "none of 4 operations moved" in flat(done.out)
	assert sorted(shop.read(SCHEDULES)["status"]) == ["Draft", "Published"]
	again = sentia("--lake", "lake", "schedule", "--publish-draft")
	assert again.code == 0 and "SCH-20260302-2 is published" in again.out
	assert shop.read(SCHEDULES).set_index("schedule")["status"].to_dict() == {
		"SCH-20260302-1": "Superseded",
		"SCH-20260302-2": "Published",
	}
	assert sentia("--lake", "lake", "schedule", "--publish-draft").code == 2


def test_what_if_writes_nothing(sentia, shop):
	sentia("--lake", "lake", "schedule", *NOW)
	before = {p: p.read_bytes() for p in shop.path.rglob("*.parquet")}
	change = "down Saw from 2026-03-02 06:00 until 2026-03-02 08:00"
	done = sentia("--lake", "lake", "schedule", *NOW, "--freeze-hours", "0", "--what-if", change)
	assert done.code == 0
	assert "With Saw down from Mon 02 Mar 06:00 until Mon 02 Mar 08:00: 2 jobs end later (most: " in flat(
		done.out
	)
	assert "Nothing was written." in done.out and "Side by side" in done.out
	found = sentia(
		"--lake", "lake", "--json", "schedule", *NOW, "--freeze-hours", "0", "--what-if", change
	).json
	assert {row["hours"] for row in found["jobs"]} == {2.0}
	assert {p: p.read_bytes() for p in shop.path.rglob("*.parquet")} == before


def test_promise(sentia, shop):
	sentia("--lake", "lake", "schedule", *NOW)
	done = sentia("--lake", "lake", "promise", "STOOL", "10", "--now", "2026-03-02T06:00")
	# saw free from 10:00 to 12:00, then the press until 13:30
	assert done.code == 0 and "13:30" in done.out and "The way there" in done.out
	assert "the gaps of schedule SCH-20260302-1; nothing was written" in flat(done.out)
	found = sentia("--lake", "lake", "--json", "promise", "STOOL", "10", "--now", "2026-03-02T06:00").json
	assert found["at"] == "2026-03-02T13:30" and found["free_in_stock"] is None
	never = sentia("--lake", "lake", "promise", "STOOL", "1000", "--now", "2026-03-02T06:00")
	assert never.code == 1 and "No date can be promised" in flat(never.out)


@pytest.mark.parametrize(
	("words", "told"),
	[
		(("schedule", "--objective", "speed"), "unknown aim speed"),
		(("schedule", "--objective", "tardiness=1,setup"), "neither an order of aims"),
		(("schedule", "--objective", "tardiness=high"), "must be a number"),
		(("schedule", "--horizon-days", "0"), "horizon_days is 0"),
		(("schedule", "--time-zone", "Mars/Base"), "time zone Mars/Base"),
		(("schedule", "--setups", "x.csv"), "are for a FILE"),
		(("schedule", "--publish", "--what-if", "late X 1"), "cannot be published"),
		(("schedule", "--what-if", "faster"), "cannot be read"),
		(("promise", "CHAIR", "5"), "Nobody knows how CHAIR is made"),
		(("promise", "STOOL", "0"), "must be above 0"),
		(("plan", "--only", "scheduling", "--set", "schedule_objective=speed"), "unknown aim speed"),
		(("plan", "--only", "scheduling", "--set", "schedule_workers=0"), "workers is 0"),
	],
)
def test_refusals_help(sentia, shop, words, told):
	done = sentia("--lake", "lake", *words)
	assert done.code == 2 and told in flat(done.err) and "Traceback" not in done.err
	assert shop.read(SCHEDULES).empty


def test_without_jobs(sentia, masters):
	done = sentia("--lake", "lake", "schedule")
	assert done.code == 2 and "no open job" in done.err and "operation_modes" in done.err


def test_plan_schedules_where_there_are_jobs_and_is_silent_where_there_are_none(sentia, shop):
	done = sentia("--lake", "lake", "plan", "--only", "scheduling", "--set", "schedule_time_limit=1")
	assert done.code == 0 and "4 scheduled_operations" in flat(done.out)
	assert "Production: 2 jobs, 4 operations on 2 workstations" in flat(done.out)
	with shop.run("import") as run:
		shop.write(JOBS, JOBS.empty(), run=run)
	done = sentia("--lake", "lake", "plan", "--only", "scheduling")
	assert done.code == 0 and "schedule" not in done.out


def test_objectives_in_order_and_weighed(sentia, shop):
	for text, kept in (
		("setup,tardiness", "setup,tardiness"),
		("tardiness=2,wip=0.5", "tardiness=2,wip=0.5"),
	):
		sentia("--lake", "lake", "schedule", *NOW, "--objective", text)
		assert shop.read(SCHEDULES)["objective"].tolist() == [kept]


def test_a_report_of_production_alone(sentia, shop):
	sentia("--lake", "lake", "schedule", *NOW)
	assert sentia("--lake", "lake", "report", "-o", "report.html").code == 0
	page = build(shop)
	text = re.search(r'<script type="application/json" id="schedule">(.*?)</script>', page, re.DOTALL).group(
		1
	)
	board = json.loads(text)
	assert len(board["operations"]) == 4 and {s["name"] for s in board["stations"]} == {"Saw", "Press <1>"}
	assert "Late jobs, and why" in page and "Load of the workstations" in page and "vis-timeline" in page
	assert "To order" not in page and "Forecast accuracy</h2>" not in page
	assert "Press <1>" not in page.split("<!--")[0] and not re.search(
		r"(src|href)\s*=\s*[\"'](https?:)?//", page.split("<script")[0]
	)
