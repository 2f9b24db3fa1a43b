"""The overlay: reads the base's rows with changes applied, keeps writes to itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from scenario_world import AS_OF, EU, UK

from sentia_ops import chain
from sentia_ops.errors import BusyError, FrameError, StoreError
from sentia_ops.replenishment.frames import RECOMMENDATIONS, STOCK, STOCK_POLICY
from sentia_ops.store.frames import ITEMS, RUNS
from sentia_ops.store.overlay import OverlayStore
from sentia_ops.suppliers.frames import LEAD_TIMES


def fingerprint(folder: Path) -> dict[str, str]:
	"""Every file of a lake by its content."""
	files = sorted(path for path in folder.rglob("*") if path.is_file())
	return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def doubled(rows: pd.DataFrame) -> pd.DataFrame:
	return rows.assign(on_hand=rows["on_hand"] * 2)


def test_reads_are_the_bases_with_the_changes(shared):
	overlay = OverlayStore(shared, {"stock": doubled})
	assert overlay.read(STOCK, item_code="MUG")["on_hand"].tolist() == [1000.0]
	assert shared.read(STOCK, item_code="MUG")["on_hand"].tolist() == [500.0]
	pd.testing.assert_frame_equal(overlay.read(ITEMS), shared.read(ITEMS))
	assert overlay.today() == shared.today()


def test_what_a_reader_does_to_its_rows_stays_with_it(shared):
	overlay = OverlayStore(shared)
	overlay.read(STOCK)["on_hand"] = 0.0
	assert overlay.read(STOCK)["on_hand"].sum() == 760.0


def test_a_change_that_does_not_fit_is_refused(shared):
	overlay = OverlayStore(shared, {"stock": lambda rows: rows.assign(on_hand=-1.0)})
	with pytest.raises(FrameError, match="on_hand"):
		overlay.read(STOCK)


def test_an_unknown_column_is_refused(shared):
	with pytest.raises(FrameError, match="colour"):
		OverlayStore(shared).read(STOCK, colour="red")


def test_a_plan_on_an_overlay_leaves_the_base_byte_for_byte(store):
	before = fingerprint(store.path)
	overlay = OverlayStore(store, {"stock": lambda rows: rows.assign(on_hand=0.0)})
	run = chain.plan(overlay, as_of=AS_OF, only=["suppliers", "buying"])
	assert fingerprint(store.path) == before
	assert run.status == "Completed" and run.rows_out["recommendations"] == 3
	assert set(overlay.written) >= {"lead_times", "stock_policy", "recommendations"}
	assert len(overlay.read(RECOMMENDATIONS)) == 3 > len(store.read(RECOMMENDATIONS))
	assert len(overlay.read(RUNS)) == len(store.read(RUNS))


def test_a_run_works_while_the_base_has_one_of_its_own(store):
	with store.run("plan"):
		chain.plan(OverlayStore(store), as_of=AS_OF, only=["buying"])


def test_writes_within_a_scope_replace_only_that(shared):
	overlay = OverlayStore(shared, {"stock": doubled})
	with overlay.run("test") as run:
		rows = pd.DataFrame([{"item_code": "KETTLE", "warehouse": EU, "on_hand": 7.0, "projected": 7.0}])
		overlay.write(STOCK, rows, run=run, scope={"item_code": ["KETTLE"]})
		with pytest.raises(FrameError, match="outside the scope"):
			overlay.write(STOCK, rows.assign(item_code="MUG"), run=run, scope={"item_code": ["KETTLE"]})
	found = overlay.read(STOCK).set_index(["item_code", "warehouse"])["on_hand"].to_dict()
	assert found == {("MUG", UK): 1000.0, ("KETTLE", EU): 7.0}


def test_a_run_that_fails_leaves_nothing(shared):
	overlay = OverlayStore(shared)
	with pytest.raises(ZeroDivisionError), overlay.run("test") as run:
		overlay.write(STOCK, STOCK.empty(), run=run)
		assert overlay.read(STOCK).empty
		raise ZeroDivisionError
	assert run.status == "Failed"
	assert len(overlay.read(STOCK)) == 3 and overlay.written == {}


def test_writes_need_the_open_run_and_known_names(shared):
	overlay = OverlayStore(shared)
	with overlay.run("test") as run:
		with pytest.raises(BusyError), overlay.run("another"):
			pass
		row = {"item_code": "GHOST", "warehouse": UK, "on_hand": 1.0, "projected": 1.0}
		with pytest.raises(FrameError, match="GHOST"):
			overlay.write(STOCK, pd.DataFrame([row]), run=run)
	with pytest.raises(StoreError, match="not open"):
		overlay.write(STOCK, STOCK.empty(), run=run)


def test_overlays_stack(shared):
	below = OverlayStore(shared)
	chain.plan(below, as_of=AS_OF, only=["buying"])
	later = {"lead_times": lambda rows: rows.assign(mean_days=rows["mean_days"] + 5)}
	above = OverlayStore(below, later)
	chain.plan(above, as_of=AS_OF, only=["buying"])
	assert above.read(LEAD_TIMES)["mean_days"].sum() == shared.read(LEAD_TIMES)["mean_days"].sum() + 15
	low, high = (
		s.read(STOCK_POLICY).set_index(["item_code", "warehouse"])["reorder_point"] for s in (below, above)
	)
	assert (high > low).all()
