"""What every Store promises, run against each of them.

A test module subclasses `StoreContract` and gives it a fixture `world`: a store that knows two items, two warehouses and
a supplier and holds no results. The lake's is in test_contract_lake.py, the site's in ../site/test_contract_site.py.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sentia_ops.errors import BusyError, FrameError, StoreError
from sentia_ops.forecasting.frames import (
	FORECAST_PARTS,
	FORECAST_QUALITY,
	FORECAST_SCORES,
	FORECAST_TOTALS,
	FORECASTS,
)
from sentia_ops.replenishment.frames import AUTONOMY, OUTCOMES, RECOMMENDATIONS, STOCK_POLICY
from sentia_ops.scheduling.frames import (
	SCHEDULED_JOBS,
	SCHEDULED_OPERATIONS,
	SCHEDULES,
	STATION_LOADS,
	UNPLACED_OPERATIONS,
)
from sentia_ops.store import Frame, Store
from sentia_ops.store.base import STALE
from sentia_ops.store.frames import RUNS
from sentia_ops.store.registry import FRAMES
from sentia_ops.suppliers.frames import LEAD_TIMES, SUPPLIER_PERFORMANCE, SUPPLIER_SCORES

RESULTS = [
	FORECASTS,
	FORECAST_QUALITY,
	FORECAST_PARTS,
	FORECAST_SCORES,
	FORECAST_TOTALS,
	LEAD_TIMES,
	STOCK_POLICY,
	RECOMMENDATIONS,
	OUTCOMES,
	AUTONOMY,
	SUPPLIER_PERFORMANCE,
	SUPPLIER_SCORES,
	SCHEDULES,
	SCHEDULED_OPERATIONS,
	SCHEDULED_JOBS,
	UNPLACED_OPERATIONS,
	STATION_LOADS,
]
FACTS = [frame for frame in FRAMES.values() if frame not in [*RESULTS, RUNS]]
MAY_BE_EMPTY = [
	"mean_scale",
	"root_scale",
	"promised_mase",
	"promised_std",
	"mase",
	"mase_machine",
	"mase_naive",
]
MAY_BE_EMPTY += ["rmsse", "scaled_pinball", "coverage95"]
DAYS = pd.to_datetime(["2026-11-20", "2026-11-21", "2026-11-22"])


@dataclass
class World:
	"""A store and what it knows.

	Attributes:
	    again: another store on the same data.
	    refresh: look at the newest state, as a new reader would.
	    child: Python source that opens `store` in a process of its own, and that process's working directory.
	"""

	store: Store
	items: list[str]
	warehouses: list[str]
	supplier: str
	again: Callable[[], Store]
	child: tuple[str, Path]
	refresh: Callable[[], None] = field(default=lambda: None)

	def pairs(self) -> pd.DataFrame:
		"""Item A in both warehouses, item B in the first."""
		a, b = self.items
		one, two = self.warehouses
		return pd.DataFrame([(a, one), (a, two), (b, one)], columns=["item_code", "warehouse"])


def rows_of(frame: Frame, world: World, run: str) -> pd.DataFrame:
	"""Valid rows with every kind of empty value the frame allows."""
	pairs = world.pairs()
	if frame is FORECASTS:
		days = pairs.merge(pd.DataFrame({"date": DAYS, "qty": [1.5, 0.0, 2.25]}), how="cross")
		bounds = {
			name: days["qty"] + add
			for name, add in zip(["lo80", "hi80", "lo95", "hi95"], [0, 1, 0, 2], strict=True)
		}
		made = {
			"median": days["qty"],
			"machine_qty": days["qty"] * 2,
			"committed": 1.25,
			"net_qty": days["qty"] / 2,
		}
		return days.assign(**bounds, **made, model="median of 3", run=run)
	if frame is FORECAST_QUALITY:
		measures = {
			key: [0.8, 0.0, np.nan] for key in ["mase", "rmsse", "scaled_pinball", "coverage95", "mase_naive"]
		}
		return pairs.assign(
			model="median of 3", demand_class=["smooth", "lumpy", "new"], history_days=[700, 90, 3],
			stockout_days=[4, 0, 0], mean_daily=[12.5, 0.25, 0.0], error_std=[3.125, 1.0, 0.0], drift=["too low", "", ""],
			windows=[4, 1, 0], verdict=["good", "", "too little history"], run=run, **measures,
		)  # fmt: skip
	if frame is OUTCOMES:
		return pairs.assign(
			recommendation=["REC-1", "REC-2", "REC-3"], supplier=["", world.supplier, ""], segment=["AX", "AX", "CZ"],
			ordered_on=DAYS[0], judged_on=DAYS[2], qty=[5.0, 1.5, 2.0], was_needed=[True, False, True],
			arrived_on=[DAYS[1], pd.NaT, DAYS[2]], days_late=[-2.0, np.nan, 0.0], stockout_days=[0.0, 3.0, 0.0],
			excess_qty=[1.0, 0.0, 0.0], regret=[0.25, 9.5, 0.0], is_good=[True, False, True], is_automatic=[False, False, True],
			why=["needed", "", ""], run=run,
		)  # fmt: skip
	if frame is AUTONOMY:
		return pd.DataFrame(
			{
				"segment": ["AX", "BY"], "backtests": [12, 0], "backtest_pass": [0.75, np.nan], "outcomes": [20, 0],
				"good_share": [0.95, np.nan], "may_approve": [True, False], "since": [DAYS[0], pd.NaT], "why": ["", "none"],
				"run": run,
			}
		)  # fmt: skip
	if frame is FORECAST_PARTS:
		return pairs.assign(
			kind=["method", "factor", "adjustment"], part=["AutoETS", "Christmas", "override by Ann"], share=[0.25, np.nan, np.nan],
			effect=[np.nan, -1.5, 0.0], note=["", "two of them seen", ""], run=run,
		)  # fmt: skip
	if frame is FORECAST_SCORES:
		numbers = {name: [0.5, 0.0, np.nan] for name in MAY_BE_EMPTY}
		return pairs.assign(
			as_of=[DAYS[0], DAYS[1], DAYS[1]], days=[28, 28, 7], model="median of 3", demand_class=["smooth", "lumpy", "new"],
			planner=["ann, bob", "", ""], points=['{"qty": [1.5, 2.0]}', "{}", "{}"], status=["open", "scored", "scored"],
			days_scored=[0, 28, 7], sold=[0.0, 12.5, 3.0], expected=[0.0, 0.0, 2.5], expected_machine=[0.0, 0.0, 2.0],
			bias=[np.nan, -1.0, 0.25], drift=["", "too low", ""], run=run, **numbers,
		)  # fmt: skip
	if frame is FORECAST_TOTALS:
		bounds = {name: [0.0, 1.25, 100.5] for name in ["lo80", "hi80", "lo95", "hi95"]}
		return pd.DataFrame(
			{"level": ["item", "item", "company"], "node": [world.items[0], world.items[0], "All, & more"],
			 "date": [DAYS[0], DAYS[1], DAYS[0]], "qty": [0.0, 2.25, 100.125], **bounds, "run": run}
		)  # fmt: skip
	if frame is LEAD_TIMES:
		days = {key: [12.25, 0.0] for key in ["mean_days", "std_days", "p50_days", "p90_days", "p95_days"]}
		return pd.DataFrame(
			{"supplier": world.supplier, "item_code": world.items, **days, "receipts": [7, 0],
			 "supplier_receipts": [9, 9], "open_overdue": [1, 0], "basis": ["item", "default"],
			 "note": ["7 receipts", ""], "run": run}
		)  # fmt: skip
	if frame is SUPPLIER_PERFORMANCE:
		return pd.DataFrame(
			{"supplier": [world.supplier], "as_of": DAYS[0], "on_time": 0.625, "on_time_n": 8, "price_market": np.nan,
			 "score": 71.5, "score_low": 0.0, "score_high": np.nan, "late_p90": np.nan, "confidence": "low", "trend": "worse",
			 "risk": "medium", "findings": "late", "recommendation": "Plan with 4 days more.", "anomalies": 1, "overdue_days": 9,
			 "measures": '[{"measure": "on_time", "n": 8}]', "note": "", "run": run}
		)  # fmt: skip
	if frame is SUPPLIER_SCORES:
		return pd.DataFrame(
			{"supplier": world.supplier, "month": pd.to_datetime(["2026-10-01", "2026-11-01"]), "on_time": [0.5, np.nan],
			 "on_time_n": [2, 0], "days_late": [0.0, np.nan], "score": [50.25, np.nan], "confidence": ["low", ""],
			 "anomaly": ["far off", ""], "run": run}
		)  # fmt: skip
	if frame in (SCHEDULES, SCHEDULED_OPERATIONS, SCHEDULED_JOBS, UNPLACED_OPERATIONS, STATION_LOADS):
		return schedule_rows(frame, world).assign(run=run)
	if frame is STOCK_POLICY:
		numbers = ["on_hand", "inbound", "outbound", "daily_demand", "lead_days", "lead_std"]
		numbers += ["safety_stock", "reorder_point", "order_qty"]
		return pairs.assign(
			supplier=[world.supplier, "", ""], position=[12.5, -3.0, 0.0], service_level=0.95,
			days_of_cover=[4.5, 0.0, np.nan], stockout_on=[DAYS[1], pd.NaT, pd.NaT],
			verdict=["order", "enough", "no demand"], why=["12 on hand", "", "nothing sold"], run=run,
			**{key: [12.5, 0.0, 3.0] for key in numbers},
		)  # fmt: skip
	return pairs.assign(
		action=["buy", "buy", "make"], supplier=[world.supplier, world.supplier, ""], qty=[100.0, 5.5, 1.0],
		order_by=DAYS, need_by=DAYS[2], unit_price=[4.2, 0.0, 1.0], currency=["GBP", "GBP", ""],
		cost=[420.0, 0.0, 1.0], service_level=0.95, stockout_risk=[0.4, 0.0, 1.0], confidence=[0.5, 1.0, 0.0],
		urgency=["Critical", "Low", "Medium"], summary=["Order 100 today", "", "Make 1"],
		reasons=json.dumps([{"label": "Demand", "text": "10 a day", "value": 10}]),
		alternatives=[json.dumps([{"supplier": world.supplier, "unit_price": 5.0, "currency": "GBP", "qty": 100,
			"total_cost": 500, "lead_days": 9, "why_not": "dearer"}]), "[]", "[]"],
		projection=json.dumps({"start": "2026-11-20", "without": [1, -2.5]}), run=run,
	)  # fmt: skip


def schedule_rows(frame: Frame, world: World) -> pd.DataFrame:
	"""Of one draft: an operation that is new and one that moved, a job in time and a late one."""
	early, late = pd.Timestamp("2026-11-20 06:30"), pd.Timestamp("2026-11-23 14:05")
	if frame is SCHEDULES:
		numbers = ["value", "bound", "seconds", "makespan", "tardiness", "weighted_tardiness", "setup_hours"]
		return pd.DataFrame(
			{"schedule": ["SCH-1", "SCH-2"], "status": "Draft", "made_at": [early, late], "from_at": early, "until_at": late,
			 "objective": "tardiness=1,makespan=0.01", "solver_status": ["feasible", "empty"], "gap": [0.25, 0.0],
			 "jobs": [2, 0], "operations": [3, 0], "late_jobs": [1, 0], "unplaced": [1, 4], "utilisation": [0.5, np.nan],
			 "moved": [1, 0], "history": ['[[0.5, 12.0, "due dates"]]', "[]"], "summary": ["2 jobs", ""],
			 **{name: [12.25, 0.0] for name in numbers}}
		)  # fmt: skip
	if frame is SCHEDULED_OPERATIONS:
		return pd.DataFrame(
			{"schedule": "SCH-1", "job": ["J-1", "J-1", "M-1"], "step": [10, 20, 0], "operation": ["Cut", "", "Service"],
			 "kind": ["work", "inspection", "maintenance"], "item_code": [world.items[0], world.items[0], ""],
			 "workstation": ["Saw", "Bench", "Saw"], "starts_at": [early, late, early], "ends_at": late, "minutes": [90, 0, 30],
			 "setup_from": [early, pd.NaT, pd.NaT], "setup_minutes": [15, 0, 0], "family": ["red", "", ""],
			 "needs": ['{"Setters": 1}', "", ""], "fixed_why": ["pinned", "", ""],
			 "moved_minutes": pd.array([-30, pd.NA, 0], "Int64"), "moved_from": ["Saw 2", "", ""],
			 "critical": [True, False, False], "why": ["It is pinned.", "", ""], "job_card": ""}
		)  # fmt: skip
	if frame is SCHEDULED_JOBS:
		chain = json.dumps([{"kind": "work", "text": "1.5 h on Saw", "hours": 1.5}])
		return pd.DataFrame(
			{"schedule": "SCH-1", "job": ["J-1", "J-2"], "item_code": world.items, "starts_at": early, "ends_at": late,
			 "due_at": [early, pd.NaT], "tardiness": [79.5, 0.0], "late": [True, False], "priority": [1, 3],
			 "summary": ["Late", ""], "chain": [chain, "[]"], "remedies": "[]", "work_order": ""}
		)  # fmt: skip
	if frame is UNPLACED_OPERATIONS:
		return pd.DataFrame(
			{
				"schedule": "SCH-1",
				"job": ["J-3", "J-4"],
				"step": [-1, 20],
				"code": ["no quantity", "cycle"],
				"text": ["Give one.", ""],
			}
		)
	weeks = pd.to_datetime(["2026-11-16", "2026-11-23"])
	return pd.DataFrame(
		{"schedule": "SCH-1", "workstation": "Saw", "week": weeks, "open_hours": [40.0, 0.0], "work_hours": [12.25, 0.0],
		 "setup_hours": 0.0, "maintenance_hours": [0.5, 0.0]}
	)  # fmt: skip


def same(frame: Frame, found: pd.DataFrame, wanted: pd.DataFrame) -> None:
	"""Equal as sets of rows; numbers to nine decimals, as MariaDB keeps them."""
	key = list(frame.key)
	found, wanted = (
		rows[frame.columns].sort_values(key).reset_index(drop=True)
		for rows in (found, frame.validate(wanted))
	)
	pd.testing.assert_frame_equal(found, wanted, rtol=0, atol=1e-8)


def policy(world: World, on_hand: float, items: list[str] | None = None) -> pd.DataFrame:
	rows = rows_of(STOCK_POLICY, world, "").assign(on_hand=on_hand)
	return rows[rows["item_code"].isin(items or world.items)]


def on_hand(world: World) -> list[float]:
	world.refresh()
	return world.store.read(STOCK_POLICY)["on_hand"].tolist()


class StoreContract:
	@pytest.mark.parametrize("frame", RESULTS, ids=lambda frame: frame.name)
	def test_results_come_back_as_written(self, world, frame):
		with world.store.run("contract") as run:
			rows = rows_of(frame, world, run.name)
			world.store.write(frame, rows, run=run)
		same(frame, world.again().read(frame), rows)

	@pytest.mark.parametrize("frame", RESULTS, ids=lambda frame: frame.name)
	def test_writing_again_doubles_nothing(self, world, frame):
		for _ in range(2):
			with world.store.run("contract") as run:
				rows = rows_of(frame, world, run.name)
				world.store.write(frame, rows, run=run)
		same(frame, world.again().read(frame), rows)

	@pytest.mark.parametrize("frame", RESULTS, ids=lambda frame: frame.name)
	def test_no_rows_empty_the_table(self, world, frame):
		with world.store.run("contract") as run:
			world.store.write(frame, rows_of(frame, world, run.name), run=run)
			world.store.write(frame, frame.empty(), run=run)
		found = world.again().read(frame)
		assert found.empty
		assert found.dtypes.to_dict() == frame.empty().dtypes.to_dict()

	@pytest.mark.parametrize(
		"frame", [f for f in RESULTS if "item_code" in f.key], ids=lambda frame: frame.name
	)
	def test_scope_replaces_only_its_rows(self, world, frame):
		first, second = world.items
		with world.store.run("contract") as run:
			rows = rows_of(frame, world, run.name)
			world.store.write(frame, rows, run=run)
			column = next(
				name for name in ("note", "why", "summary", "verdict", "points", "qty") if name in rows
			)
			changed = rows[rows["item_code"] == first].assign(**{column: 7.0 if column == "qty" else "new"})
			world.store.write(frame, changed, run=run, scope={"item_code": [first]})
		same(frame, world.again().read(frame), pd.concat([changed, rows[rows["item_code"] == second]]))

	def test_a_scope_of_days_replaces_only_theirs(self, world):
		with world.store.run("contract") as run:
			rows = rows_of(FORECAST_SCORES, world, run.name)
			world.store.write(FORECAST_SCORES, rows, run=run)
			later = rows[rows["as_of"] == DAYS[1]].head(1).assign(days=14)
			world.store.write(FORECAST_SCORES, later, run=run, scope={"as_of": [DAYS[1]]})
			with pytest.raises(FrameError, match="lies outside the scope"):
				world.store.write(FORECAST_SCORES, later, run=run, scope={"as_of": [DAYS[2]]})
		same(FORECAST_SCORES, world.again().read(FORECAST_SCORES), pd.concat([rows.head(1), later]))
		assert len(world.again().read(FORECAST_SCORES, as_of=[DAYS[0], DAYS[2]], status="open")) == 1

	def test_rows_outside_the_scope_are_refused(self, world):
		first, _second = world.items
		with pytest.raises(FrameError, match="lies outside the scope"), world.store.run("contract") as run:
			world.store.write(STOCK_POLICY, policy(world, 1.0), run=run, scope={"item_code": [first]})
		assert on_hand(world) == []

	def test_filters(self, world):
		first, second = world.items
		with world.store.run("contract") as run:
			world.store.write(FORECASTS, rows_of(FORECASTS, world, run.name), run=run)
		read = world.again().read
		assert set(read(FORECASTS, item_code=second)["item_code"]) == {second}
		assert len(read(FORECASTS, item_code=[first, second], warehouse=world.warehouses[1])) == 3
		assert read(FORECASTS, item_code=[]).empty
		assert len(read(FORECASTS, date=DAYS[0])) == 3
		with pytest.raises(FrameError, match="colour: no such column"):
			read(FORECASTS, colour="red")

	@pytest.mark.parametrize("frame", FACTS, ids=lambda frame: frame.name)
	def test_facts_have_their_columns_and_types(self, world, frame):
		found = world.store.read(frame)
		assert found.dtypes.to_dict() == frame.empty().dtypes.to_dict()
		assert found.columns.tolist() == frame.columns

	def test_items_and_warehouses_are_known(self, world):
		assert set(world.items) <= set(world.store.read(FRAMES["items"])["item_code"])
		assert set(world.warehouses) <= set(world.store.read(FRAMES["warehouses"])["warehouse"])

	def test_a_run_sees_what_it_wrote_and_a_failed_one_leaves_nothing(self, world):
		with world.store.run("contract") as run:
			world.store.write(STOCK_POLICY, policy(world, 1.0), run=run)
		with pytest.raises(RuntimeError), world.store.run("contract") as run:
			for frame in RESULTS:
				world.store.write(frame, rows_of(frame, world, run.name), run=run)
			world.store.write(STOCK_POLICY, policy(world, 99.0), run=run)
			assert set(world.store.read(STOCK_POLICY)["on_hand"]) == {99.0}
			raise RuntimeError("boiler burst")
		assert on_hand(world) == [1.0] * 3
		for frame in RESULTS:
			assert frame is STOCK_POLICY or world.store.read(frame).empty, frame.name
		record = world.store.read(RUNS, run=run.name).iloc[0]
		assert (record["status"], record["error"]) == ("Failed", "boiler burst")

	@pytest.mark.parametrize(
		("change", "message"),
		[
			({"on_hand": -1.0}, "row 1, on_hand: must be at least 0 (found -1.0)"),
			({"on_hand": np.nan}, "row 1, on_hand: must not be empty"),
			({"on_hand": np.inf}, "row 1, on_hand: must be a finite number"),
			({"on_hand": "ten"}, "row 1, on_hand: must be a number (found 'ten')"),
			({"verdict": "perhaps"}, "row 1, verdict: must be one of"),
			({"service_level": 1.5}, "row 1, service_level: must be less than 1"),
			({"item_code": ""}, "row 1, item_code: must not be empty"),
			({"item_code": "A", "warehouse": "W"}, "row 2, item_code+warehouse: same key as row 1"),
		],
	)
	def test_bad_rows_are_named_and_earlier_results_stay(self, world, change, message):
		with world.store.run("contract") as run:
			world.store.write(STOCK_POLICY, policy(world, 1.0), run=run)
		with pytest.raises(FrameError) as refused, world.store.run("contract") as run:
			world.store.write(STOCK_POLICY, policy(world, 2.0).assign(**change), run=run)
		assert message in str(refused.value) and "Nothing was written" in str(refused.value)
		assert on_hand(world) == [1.0] * 3

	def test_a_missing_column_is_named(self, world):
		with (
			pytest.raises(FrameError, match="on_hand: this column is missing"),
			world.store.run("contract") as run,
		):
			world.store.write(STOCK_POLICY, policy(world, 1.0).drop(columns="on_hand"), run=run)

	def test_the_record_of_a_run(self, world):
		with world.store.run("contract", parameters={"as_of": "2026-11-20"}, trigger="cli") as run:
			running = world.store.read(RUNS, run=run.name).iloc[0]
			world.store.read(FRAMES["items"])
			world.store.write(STOCK_POLICY, policy(world, 1.0), run=run)
			run.refuse("text in a quantity", 3)
			run.warn("mind the gap")
		assert running["status"] == "Running" and pd.isna(running["ended"])
		record = world.store.read(RUNS, run=run.name).iloc[0]
		assert (record["flow"], record["trigger"], record["status"]) == ("contract", "cli", "Completed")
		assert json.loads(record["rows_in"])["items"] >= 2
		assert json.loads(record["rows_out"]) == {"stock_policy": 3}
		assert json.loads(record["refused"]) == {"text in a quantity": 3}
		assert json.loads(record["warnings"]) == ["mind the gap"]
		assert json.loads(record["parameters"]) == {"as_of": "2026-11-20"}
		assert "pandas" in json.loads(record["versions"])
		assert abs(record["started"] - pd.Timestamp(run.started)) < pd.Timedelta(milliseconds=1), (
			"UTC on every host"
		)
		assert record["ended"] >= record["started"]

	def test_progress_is_told(self, world):
		told = []
		with world.store.run("contract", progress=lambda share, text: told.append((share, text))) as run:
			run.part(0.5, 1.0).progress(0.5, "half of the second half")
		assert told[0] == (0.75, "half of the second half")

	def test_one_run_at_a_time(self, world):
		with world.store.run("contract"), pytest.raises(BusyError, match="Another run is"):
			with world.again().run("contract"):
				pass
		with world.again().run("contract"):
			pass

	def test_writing_outside_a_run_is_refused(self, world):
		with world.store.run("contract") as run:
			pass
		with pytest.raises(StoreError, match="is not open"):
			world.store.write(STOCK_POLICY, policy(world, 1.0), run=run)

	def test_a_killed_run_changes_nothing_and_is_marked_by_the_next(self, world, tmp_path):
		with world.store.run("contract") as run:
			world.store.write(STOCK_POLICY, policy(world, 1.0), run=run)
		rows = tmp_path / "rows.parquet"
		policy(world, 77.0).to_parquet(rows)
		prelude, folder = world.child
		code = prelude + KILLED.format(rows=str(rows))
		child = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, text=True)
		try:
			killed = child.stdout.readline().strip()
			world.refresh()
			assert world.store.read(RUNS, run=killed)["status"].tolist() == ["Running"]
			with pytest.raises(BusyError), world.store.run("contract"):
				pass
		finally:
			child.send_signal(signal.SIGKILL)
			child.wait(timeout=10)
		assert on_hand(world) == [1.0] * 3
		with _when_free(world.store):
			pass
		record = world.store.read(RUNS, run=killed).iloc[0]
		assert (record["status"], record["error"]) == ("Failed", STALE)
		assert on_hand(world) == [1.0] * 3


KILLED = """
import signal
import pandas as pd
from sentia_ops.replenishment.frames import STOCK_POLICY
with store.run("contract") as run:
	store.write(STOCK_POLICY, pd.read_parquet({rows!r}), run=run)
	assert set(store.read(STOCK_POLICY)["on_hand"]) == {{77.0}}
	print(run.name, flush=True)
	signal.pause()
"""


def _when_free(store: Store):
	"""A run, as soon as the other side has noticed that its holder is dead."""
	for _ in range(50):
		try:
			run = store.run("contract")
			run.__enter__()
		except BusyError:
			time.sleep(0.1)
		else:
			return _Entered(run)
	raise AssertionError("the lock of a dead process was never freed")


class _Entered:
	"""A context manager that is entered already."""

	def __init__(self, manager):
		self.manager = manager

	def __enter__(self):
		return self

	def __exit__(self, *error):
		return self.manager.__exit__(*error)
