"""The same forecasts from a Dask cluster: a real scheduler and two worker processes on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from forecast_series import history, slow, weekly

from sentia_ops.forecasting.engine import ForecastSettings, forecast_many
from sentia_ops.forecasting.engine.cluster import Dask, NoCluster
from sentia_ops.forecasting.engine.executors import map_chunks

pytest.importorskip(
	"distributed", reason="dask[distributed] is not installed: pip install 'sentia_ops[dask]'"
)

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ForecastSettings(horizon_days=14, backtest_windows=2, methods=("Theta",))


@dataclass
class Cluster:
	"""Processes of a scheduler and of its workers."""

	address: str
	scheduler: subprocess.Popen
	workers: list[subprocess.Popen]

	def stop(self) -> None:
		for process in (*self.workers, self.scheduler):
			process.kill()
			process.wait()


def start(*command: str) -> subprocess.Popen:
	paths = [str(ROOT), str(Path(__file__).parent), *(p for p in sys.path if p)]
	env = os.environ | {"PYTHONPATH": ":".join(paths), "OMP_NUM_THREADS": "1"}
	words = [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]]
	return subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def free_port() -> int:
	with socket.socket() as found:
		found.bind(("127.0.0.1", 0))
		return found.getsockname()[1]


def start_cluster(folder: Path, workers: int) -> Cluster:
	port = free_port()
	place = f"127.0.0.1:{port}"
	scheduler = start(
		"dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"
	)
	settings = ("--nthreads", "1", "--no-dashboard", "--memory-limit", "0", "--no-nanny")
	cluster = Cluster(f"dask://{place}", scheduler, [])
	for i in range(workers):
		home = folder / str(i)
		cluster.workers.append(start("dask_worker", place, *settings, "--local-directory", str(home)))
	await_workers(cluster, workers)
	return cluster


def await_workers(cluster: Cluster, count: int) -> None:
	from distributed import Client

	with Client(
		"tcp://" + cluster.address.removeprefix("dask://"), timeout=60, set_as_default=False
	) as client:
		client.wait_for_workers(count, timeout=60)


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
	made = start_cluster(tmp_path, workers=2)
	yield made
	made.stop()


def pid(item: int, shared: int) -> int:
	time.sleep(0.05)
	return os.getpid()


def killing(item: int, victim: int) -> int:
	"""Item 5 kills the worker that is `victim`, should it get there; each takes a while, so that both have work."""
	time.sleep(0.1)
	if item == 5:
		os.kill(victim, signal.SIGKILL)
	return item**2


def test_both_workers_work_and_answers_keep_their_order(cluster):
	pids = map_chunks(pid, range(12), 0, Dask(cluster.address), lambda i: None)
	assert set(pids) == {worker.pid for worker in cluster.workers}


def test_forecasts_are_those_of_this_machine(cluster):
	histories = [history(weekly(150, 10 + 5 * k, seed=k), key=(f"A{k}", "UK")) for k in range(20)]
	histories += [history(slow(300, seed=k), key=(f"B{k}", "UK")) for k in range(15)]
	same_here_and_there(histories, SETTINGS, cluster)
	same_here_and_there(histories, replace(SETTINGS, methods=(), profile="fast"), cluster)


def same_here_and_there(histories, settings: ForecastSettings, cluster: Cluster) -> None:
	finished = []
	here = forecast_many(histories, settings)
	there = forecast_many(
		histories, replace(settings, engine=cluster.address), lambda n, of: finished.append((n, of))
	)
	assert finished[-1] == (35, 35)
	for a, b in zip(here, there, strict=True):
		assert a.key == b.key and a.quality.verdict == b.quality.verdict
		np.testing.assert_array_equal(a.qty, b.qty)
		np.testing.assert_array_equal(a.bounds, b.bounds)


def test_a_killed_worker_s_work_is_done_again_by_the_other(cluster):
	said, done = [], []
	victim = cluster.workers[0].pid
	answers = map_chunks(killing, range(20), victim, Dask(cluster.address), done.append, said.append)
	assert answers == [n**2 for n in range(20)]
	assert sorted(done) == list(range(20))
	assert cluster.workers[0].wait(10) == -signal.SIGKILL
	assert not said  # the cluster mended it by itself


@pytest.mark.parametrize("lost", ["workers", "scheduler"])
def test_without_workers_or_scheduler_the_rest_is_done_here(cluster, monkeypatch, lost):
	monkeypatch.setattr("sentia_ops.forecasting.engine.cluster.ALONE_SECONDS", 1.0)
	said = []

	def kill(i: int) -> None:
		for process in cluster.workers if lost == "workers" else [cluster.scheduler]:
			process.kill()

	answers = map_chunks(pid, range(15), 0, Dask(cluster.address), kill, said.append)
	assert len(answers) == 15 and answers.count(os.getpid()) > 5
	assert (
		len(said) == 1 and "Dask cluster" in said[0] and "parts of the work were done without it" in said[0]
	)


def test_a_cluster_that_cannot_be_used_is_named(cluster):
	nobody = f"dask://127.0.0.1:{free_port()}"
	with pytest.raises(NoCluster, match=r"No Dask scheduler answers at dask://127\.0\.0\.1"):
		forecast_many([history(weekly(60))], replace(SETTINGS, engine=nobody))
	for worker in cluster.workers:
		worker.terminate()
		worker.wait()
	with pytest.raises(NoCluster, match="has no workers"):
		Dask(cluster.address).check()


@pytest.mark.parametrize("engine", ["dask://", "dask://host", "ray://host:1", "host:8786"])
def test_an_address_that_is_none_is_refused(engine):
	with pytest.raises(ValueError, match="dask://HOST:PORT"):
		ForecastSettings(engine=engine)
