"""The demo company in a lake, and what a second one leaves of the first."""

from datetime import date

import pandas as pd
import pytest

from sentia_ops.demo import generate, write_lake
from sentia_ops.demo.lake import TRUTH
from sentia_ops.errors import StoreError
from sentia_ops.store.frames import RUNS
from sentia_ops.store.lake import LakeStore

AS_OF = date(2026, 6, 1)


def make(seed=2026):
	return generate(seed=seed, items=24, days=90, as_of=AS_OF)


def test_lake_gives_back_the_company(tmp_path):
	store, company, seen = LakeStore(tmp_path, create=True), make(), []
	run = write_lake(store, company, lambda share, text: seen.append((share, text)))
	for frame, rows in company.frames():
		pd.testing.assert_frame_equal(store.read(frame), frame.validate(rows))
		assert run.rows_out[frame.name] == len(rows)
	assert store.today() == AS_OF
	shares = [share for share, _ in seen]
	assert shares == sorted(shares) and shares[-1] == 1.0
	assert RUNS.name not in store.tables() and store.read(RUNS)["flow"].tolist() == ["demo"]


def test_truth_lies_beside_and_is_no_table(tmp_path):
	store, company = LakeStore(tmp_path, create=True), make()
	write_lake(store, company)
	assert TRUTH not in store.tables()
	files = {f.stem: pd.read_parquet(f) for f in (tmp_path / TRUTH).iterdir()}
	assert set(files) == {*company.truth, "customers", "boms"}
	pd.testing.assert_frame_equal(files["series"], company.truth["series"])


def test_a_second_company_replaces_the_first(tmp_path):
	store = LakeStore(tmp_path, create=True)
	write_lake(store, make())
	before = store.tables()
	write_lake(store, make())
	assert store.tables() == before
	write_lake(store, other := make(seed=3))
	assert store.tables()["demand"] == len(other.demand)


def test_truth_that_cannot_be_written_leaves_the_lake_as_it_was(tmp_path):
	store = LakeStore(tmp_path, create=True)
	(tmp_path / TRUTH).write_text("in the way")
	with pytest.raises(StoreError, match="truth"):
		write_lake(store, make())
	assert store.tables() == {}
