"""Chunks of a forecast on a site's workers: shared with whoever is there, and never done twice after a crash."""

from __future__ import annotations

import os
import time
from pathlib import Path

import frappe
import numpy as np
import pytest
from frappe.utils.background_jobs import get_queue
from jobqueue import a_worker, own_queue  # noqa: F401 - a fixture

from sentia_ops.forecasting import site_jobs
from sentia_ops.forecasting.engine import ForecastSettings, History, forecast_many
from sentia_ops.forecasting.site_jobs import Board, SiteExecutor, content_hash

ITEMS = list(range(12))
MANY = list(range(40))  # the parent does one while a worker still loads its libraries


@pytest.fixture(autouse=True)
def no_answers(own_queue):  # noqa: F811
	_forget()
	yield
	_forget()


def _forget() -> None:
	for key in frappe.cache.keys(frappe.cache.make_key("sentia_chunks:*").decode()):
		frappe.cache.delete(key)


def slowly(item: int, shared: int) -> tuple[int, int]:
	time.sleep(0.4)
	return item * shared, os.getpid()


def noted(item: int, folder: str) -> int:
	"""Fails at item 7 while the folder holds a file `trip`; notes whatever it did."""
	if item == 7 and (Path(folder) / "trip").exists():
		time.sleep(1.0)  # so that others are done by then
		raise MemoryError("tripped")
	(Path(folder) / f"{item}-{time.monotonic_ns()}").touch()
	return item**2


def gathered(function, items, shared) -> list:
	found = dict(SiteExecutor().answers(function, items, shared))
	return [found[i] for i in range(len(items))]


def test_a_worker_takes_its_share(site):
	with a_worker():
		answers = gathered(slowly, MANY, 10)
	assert [value for value, _ in answers] == [item * 10 for item in MANY]
	assert os.getpid() in {pid for _, pid in answers}
	assert len({pid for _, pid in answers}) > 1, "the worker did nothing"
	assert get_queue("long").count == 0


def test_without_another_worker_this_machine_does_it(site):
	answers = gathered(slowly, ITEMS, 10)
	assert [value for value, _ in answers] == [item * 10 for item in ITEMS]


def test_a_run_repeated_after_a_crash_does_only_what_is_missing(site, tmp_path):
	(tmp_path / "trip").touch()
	with pytest.raises(MemoryError):
		gathered(noted, ITEMS, str(tmp_path))
	(tmp_path / "trip").unlink()
	before = {int(file.name.split("-")[0]) for file in tmp_path.iterdir()}
	kept = {i for i in ITEMS if Board.of(noted, str(tmp_path)).has(f"answer:{content_hash(i)}")}
	assert kept and kept <= before and 7 not in kept
	assert gathered(noted, ITEMS, str(tmp_path)) == [item**2 for item in ITEMS]
	times = [int(file.name.split("-")[0]) for file in tmp_path.iterdir()]
	assert all(times.count(item) == 1 for item in kept)


def test_a_chunk_whose_worker_died_is_done_here(site, monkeypatch):
	monkeypatch.setattr(site_jobs, "CLAIM_SECONDS", 2)
	board = Board.of(slowly, 3)
	assert board.claim(content_hash(5)) and not board.claim(content_hash(5))
	found = dict(site_jobs.Jobs(board).answers(slowly, ITEMS, 3))
	assert [found[i][0] for i in ITEMS] == [item * 3 for item in ITEMS]


def test_a_cleared_cache_costs_time_and_nothing_else(site):
	with a_worker():
		arriving = SiteExecutor().answers(slowly, ITEMS, 7)
		first = next(arriving)
		_forget()
		found = dict([first, *arriving])
	assert [found[i][0] for i in ITEMS] == [item * 7 for item in ITEMS]


def test_other_history_has_other_answers(site):
	assert gathered(slowly, ITEMS, 1) != gathered(slowly, ITEMS, 2)
	rows = np.arange(5.0)
	assert content_hash((rows, "a")) == content_hash((rows.copy(), "a")) != content_hash((rows + 1, "a"))


def test_forecasts_are_those_of_a_single_process(site):
	rng = np.random.default_rng(5)
	histories = [
		History((f"item {i}", "shed"), rng.poisson(4, 120).astype(float), np.ones(120, dtype=bool))
		for i in range(80)
	]
	settings = ForecastSettings(horizon_days=14, backtest_windows=1, backtest_days=14, processes=1)
	with a_worker():
		shared = forecast_many(histories, settings, executor=SiteExecutor())
	again = forecast_many(histories, settings, executor=SiteExecutor())
	alone = forecast_many(histories, settings)
	for one, two, three in zip(shared, again, alone, strict=True):
		assert one.key == two.key == three.key
		np.testing.assert_array_equal(one.quantiles, three.quantiles)
		np.testing.assert_array_equal(two.quantiles, three.quantiles)
