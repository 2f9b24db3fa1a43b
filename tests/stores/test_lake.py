"""The lake: all or nothing, one at a time, and clear words when the world says no."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from sentia_ops.errors import BusyError, FrameError, StoreError
from sentia_ops.forecasting.frames import DEMAND
from sentia_ops.replenishment.frames import STOCK
from sentia_ops.store.frames import ITEMS, RUNS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

ITEM_ROWS = pd.DataFrame({"item_code": ["A", "B"]})
WAREHOUSE_ROWS = pd.DataFrame({"warehouse": ["UK", "EU"]})


def stock(*rows) -> pd.DataFrame:
	return pd.DataFrame(rows, columns=["item_code", "warehouse", "on_hand"])


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	with store.run("import") as run:
		store.write(ITEMS, ITEM_ROWS, run=run)
		store.write(WAREHOUSES, WAREHOUSE_ROWS, run=run)
		store.write(STOCK, stock(("A", "UK", 10.0), ("B", "UK", 5.0)), run=run)
	return store


def on_hand(store: LakeStore) -> dict:
	return store.read(STOCK).set_index(["item_code", "warehouse"])["on_hand"].to_dict()


BEFORE = {("A", "UK"): 10.0, ("B", "UK"): 5.0}


def test_reads_what_was_written_and_filters(lake):
	assert on_hand(lake) == BEFORE
	assert lake.read(STOCK, item_code="A")["on_hand"].tolist() == [10.0]
	assert len(lake.read(STOCK, item_code=["A", "B"], warehouse="EU")) == 0
	assert lake.tables() == {"items": 2, "stock": 2, "warehouses": 2}
	assert lake.read(DEMAND).empty and lake.read(DEMAND)["date"].dtype == "datetime64[ns]"
	with pytest.raises(FrameError, match="colour: no such column"):
		lake.read(STOCK, colour="red")


def test_table_folder_holds_one_current_file(lake):
	with lake.run("import") as run:
		lake.write(STOCK, stock(("A", "UK", 1.0)), run=run)
	assert [f.name for f in (lake.path / "stock").iterdir()] == [f"{run.name}.parquet"]
	assert pd.read_parquet(lake.path / "stock")["on_hand"].tolist() == [1.0]


def test_scope_replaces_only_its_rows(lake):
	with lake.run("import") as run:
		lake.write(STOCK, stock(("A", "EU", 7.0)), run=run, scope={"item_code": ["A"]})
	assert on_hand(lake) == {("B", "UK"): 5.0, ("A", "EU"): 7.0}
	with pytest.raises(FrameError, match="outside the scope"), lake.run("import") as run:
		lake.write(STOCK, stock(("B", "EU", 7.0)), run=run, scope={"item_code": ["A"]})


def test_a_failed_run_leaves_nothing_but_its_record(lake):
	with pytest.raises(RuntimeError), lake.run("plan") as run:
		lake.write(STOCK, stock(("A", "UK", 99.0)), run=run)
		assert on_hand(lake) == {("A", "UK"): 99.0}, "a run sees what it staged"
		raise RuntimeError("boiler burst")
	assert on_hand(lake) == BEFORE
	assert not (lake.path / ".staging").exists() or not list((lake.path / ".staging").iterdir())
	last = lake.read(RUNS).iloc[-1]
	assert (last["status"], last["error"]) == ("Failed", "boiler burst")


def test_run_record_counts_rows_and_refusals(lake):
	with lake.run("import", parameters={"file": "x.csv"}, trigger="cli") as run:
		lake.read(ITEMS)
		lake.write(STOCK, stock(("A", "UK", 1.0)), run=run)
		run.refuse("text in a quantity", 3)
		run.warn("mind the gap")
	row = lake.read(RUNS, run=run.name).iloc[0]
	assert json.loads(row["rows_in"])["items"] == 2 and json.loads(row["rows_out"]) == {"stock": 1}
	assert json.loads(row["refused"]) == {"text in a quantity": 3} and json.loads(row["warnings"]) == [
		"mind the gap"
	]
	assert row["status"] == "Completed" and row["ended"] >= row["started"]


@pytest.mark.parametrize(
	("rows", "message"),
	[
		(stock(("A", "Mars", 1.0)), "row 1, warehouse: does not exist in table warehouses (found 'Mars')"),
		(stock(("Z", "UK", 1.0)), "row 1, item_code: does not exist in table items (found 'Z')"),
		(stock(("A", "UK", -1.0)), "row 1, on_hand: must be at least 0 (found -1.0)"),
		(stock(("A", "UK", "ten")), "row 1, on_hand: must be a number (found 'ten')"),
		(stock(("A", "UK", float("inf"))), "row 1, on_hand: must be a finite number"),
		(stock(("A", "UK", float("nan"))), "row 1, on_hand: must not be empty"),
		(stock(("A", "UK", 1.0), ("A", "UK", 2.0)), "row 2, item_code+warehouse: same key as row 1"),
		(pd.DataFrame({"item_code": ["A"], "warehouse": ["UK"]}), "on_hand: this column is missing"),
	],
)
def test_bad_rows_are_named_and_earlier_results_stay(lake, rows, message):
	with pytest.raises(FrameError) as error, lake.run("import") as run:
		lake.write(STOCK, rows, run=run)
	assert message in str(error.value)
	assert on_hand(lake) == BEFORE


def test_all_faults_of_a_table_are_named_at_once(lake):
	"""Also those in a column where another value is of the wrong type."""
	rows = stock(
		("A", "UK", "ten"),
		("B", "UK", -5),
		("A", "EU", "inf"),
		("B", "EU", "4"),
		("B", "EU", 4),
		("", "UK", 1),
	)
	with pytest.raises(FrameError) as error, lake.run("import") as run:
		lake.write(STOCK, rows, run=run)
	assert [(p.row, p.column, p.reason) for p in error.value.problems] == [
		(1, "on_hand", "must be a number"),
		(2, "on_hand", "must be at least 0"),
		(3, "on_hand", "must be a finite number"),
		(5, "item_code+warehouse", "same key as row 4"),
		(6, "item_code", "must not be empty"),
	]


def test_items_that_other_tables_use_cannot_be_dropped(lake):
	with pytest.raises(FrameError, match="table stock still uses 1 names that are missing here: B"):
		with lake.run("import") as run:
			lake.write(ITEMS, ITEM_ROWS.head(1), run=run)
	assert len(lake.read(ITEMS)) == 2
	with lake.run("import") as run:
		lake.write(ITEMS, ITEM_ROWS.head(1), run=run)
		lake.write(STOCK, stock(("A", "UK", 1.0)), run=run)
	assert len(lake.read(ITEMS)) == 1


def test_true_and_false_are_read_and_other_text_is_refused(lake):
	rows = ITEM_ROWS.assign(is_made=["Yes", "0"], whole_number=[1, 0], is_purchased=[None, False])
	with lake.run("import") as run:
		lake.write(ITEMS, rows, run=run)
	items = lake.read(ITEMS)
	assert items["is_purchased"].tolist() == [True, False], "empty means the default"
	assert items["is_made"].tolist() == [True, False] and items["whole_number"].tolist() == [True, False]
	with pytest.raises(FrameError, match="row 2, is_made: must be true or false"), lake.run("import") as run:
		lake.write(ITEMS, ITEM_ROWS.assign(is_made=["yes", "perhaps"]), run=run)


def test_dates_in_the_future_are_refused(lake):
	tomorrow = pd.Timestamp.now().normalize() + pd.Timedelta(days=1)
	rows = pd.DataFrame({"item_code": ["A"], "warehouse": ["UK"], "date": [tomorrow], "qty": [1.0]})
	with pytest.raises(FrameError, match="row 1, date: lies after today"), lake.run("import") as run:
		lake.write(DEMAND, rows, run=run)


def test_second_run_is_told_the_lake_is_busy(lake):
	with lake.run("plan"), pytest.raises(BusyError, match="Another run is writing"):
		with LakeStore(lake.path).run("plan"):
			pass
	with LakeStore(lake.path).run("plan"):
		pass


KILLED = """
import os, sys, signal
import pandas as pd
from sentia_ops.store.lake import LakeStore
from sentia_ops.replenishment.frames import STOCK
store = LakeStore(sys.argv[1])
with store.run("plan") as run:
	store.write(STOCK, pd.DataFrame({"item_code": ["A"], "warehouse": ["UK"], "on_hand": [77.0]}), run=run)
	print("staged", flush=True)
	signal.pause()
"""


def test_a_killed_run_changes_nothing_and_is_marked_by_the_next(lake):
	child = subprocess.Popen(
		[sys.executable, "-c", KILLED, str(lake.path)], stdout=subprocess.PIPE, text=True
	)
	assert child.stdout.readline().strip() == "staged"
	assert lake.read(RUNS).iloc[-1]["status"] == "Running"
	child.send_signal(signal.SIGKILL)
	child.wait(timeout=10)
	assert on_hand(lake) == BEFORE
	with lake.run("plan"):
		pass
	runs = lake.read(RUNS)
	assert runs.iloc[-2]["status"] == "Failed" and "ended before it finished" in runs.iloc[-2]["error"]
	assert runs.iloc[-1]["status"] == "Completed"
	assert not (lake.path / ".staging").exists()


def test_a_crash_between_moving_files_and_the_manifest_shows_the_old_rows(lake, monkeypatch):
	"""The manifest decides: files already moved into place are invisible until it names them."""
	import sentia_ops.store.lake as module

	def crash(*_):
		raise OSError("power cut")

	with (
		monkeypatch.context() as patch,
		pytest.raises(StoreError, match="power cut"),
		lake.run("plan") as run,
	):
		lake.write(STOCK, stock(("A", "UK", 99.0)), run=run)
		patch.setattr(module, "_write_text", crash)
	assert on_hand(lake) == BEFORE
	with lake.run("plan"):
		pass
	assert len(list((lake.path / "stock").iterdir())) == 1, "the orphan was swept"


def test_full_disk_is_said_and_nothing_lost(lake):
	"""A real refusal by the system: the process may write no file above 64 KiB."""

	def fill(path, answers):
		signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
		resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
		store = LakeStore(path)
		n = 200_000
		rows = pd.DataFrame({"item_code": [f"I{i * 7919 % n}" for i in range(n)]})
		try:
			with store.run("import") as run:
				store.write(ITEMS, rows, run=run)
		except StoreError as error:
			answers.put(str(error))

	message = _in_child(fill, lake.path)
	assert "Cannot write table items" in message and "disk is full" in message and "untouched" in message
	assert len(lake.read(ITEMS)) == 2
	assert lake.read(RUNS).iloc[-1]["status"] == "Failed"
	assert not list(lake.path.rglob("*.part"))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_full_disk_on_a_small_file_system(tmp_path):
	disk = tmp_path / "disk"
	disk.mkdir()
	mounted = subprocess.run(
		["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True
	)
	if mounted.returncode:
		pytest.skip("this machine does not let us mount a small disk")
	try:
		store = LakeStore(disk / "lake", create=True)
		with store.run("import") as run:
			store.write(ITEMS, ITEM_ROWS, run=run)
		n = 200_000
		big = pd.DataFrame({"item_code": [f"I{i * 7919 % n}" for i in range(n)]})
		with pytest.raises(StoreError, match="disk is full"), store.run("import") as run:
			store.write(ITEMS, big, run=run)
		assert store.read(ITEMS)["item_code"].tolist() == ["A", "B"]
		with store.run("import") as run:
			store.write(ITEMS, ITEM_ROWS, run=run)
	finally:
		subprocess.run(["umount", str(disk)], check=True)


def test_no_permission_is_said():
	"""As a user who may not write: for root, a child that has become nobody."""
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		store = LakeStore(Path(folder) / "lake", create=True)
		with store.run("import") as run:
			store.write(ITEMS, ITEM_ROWS, run=run)
		for path in [store.path, *store.path.rglob("*")]:
			path.chmod(0o555 if path.is_dir() else 0o444)

		def attempt(path, answers):
			if os.geteuid() == 0:
				os.seteuid(65534)
			try:
				with LakeStore(path).run("import"):
					pass
			except StoreError as error:
				answers.put(str(error))

		message = _in_child(attempt, store.path)
		assert "no permission to write" in message and "untouched" in message and "--lake" in message
		assert store.read(ITEMS)["item_code"].tolist() == ["A", "B"]
		for path in [store.path, *store.path.rglob("*")]:
			path.chmod(0o755)


def test_damaged_table_and_manifest_are_named(lake):
	file = lake.files()["stock"]
	file.write_bytes(file.read_bytes()[:40])
	with pytest.raises(StoreError, match=r"Table stock cannot be read .* import or plan again"):
		lake.read(STOCK)
	assert len(lake.read(ITEMS)) == 2
	(lake.path / "manifest.json").write_text("{")
	with pytest.raises(StoreError, match=r"manifest\.json cannot be read"):
		lake.read(ITEMS)


def test_no_lake_and_a_file_instead_of_a_folder(tmp_path):
	with pytest.raises(StoreError, match="There is no lake at"):
		LakeStore(tmp_path / "nowhere")
	(tmp_path / "file").write_text("x")
	with pytest.raises(StoreError, match="is a file, not a folder"):
		LakeStore(tmp_path / "file", create=True)


def test_writing_outside_a_run_is_refused(lake):
	with lake.run("import") as run:
		pass
	with pytest.raises(StoreError, match="is not open"):
		lake.write(ITEMS, ITEM_ROWS, run=run)


def _in_child(work, path) -> str:
	context = multiprocessing.get_context("fork")
	answers = context.Queue()
	child = context.Process(target=work, args=(path, answers))
	child.start()
	message = answers.get(timeout=30)
	child.join(10)
	return message
