"""A job queue of the tests' own, and real workers for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import frappe
import pytest
import redis
from conftest import BENCH
from frappe.utils import background_jobs
from frappe.utils.background_jobs import get_queue, get_redis_conn
from processes import running

WORKER = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "worker", "--queue", "long", "--quiet"]
WORKER_SECONDS = 240


@pytest.fixture(scope="module", autouse=True)
def own_queue(site):
	"""A Redis of its own for the job queue and the realtime messages: no other worker takes our jobs."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		port = probe.getsockname()[1]
	server = subprocess.Popen(
		["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL
	)
	before = frappe.conf.redis_queue
	try:
		connect_to(f"redis://127.0.0.1:{port}")
		_wait_for(lambda: get_redis_conn().ping())
		yield
	finally:
		connect_to(before)
		server.terminate()
		server.wait(timeout=10)


def connect_to(address: str) -> None:
	frappe.local.conf.redis_queue = address
	background_jobs._redis_queue_conn = None


def _wait_for(ask) -> None:
	for _ in range(100):
		try:
			ask()
			return
		except redis.ConnectionError:
			time.sleep(0.1)
	raise AssertionError("Redis did not come up")


def work() -> None:
	"""Let a worker do what is queued, and end."""
	subprocess.run(
		[*WORKER, "--burst"],
		cwd=BENCH / "sites",
		env=_environment(),
		timeout=WORKER_SECONDS,
		check=True,
	)


@contextmanager
def a_worker():
	"""A worker that waits for jobs, until the block ends."""
	from rq import Worker

	with running(WORKER, BENCH / "sites", _environment()):
		until = time.monotonic() + WORKER_SECONDS
		while not Worker.count(connection=get_redis_conn(), queue=get_queue("long")):
			assert time.monotonic() < until, "the worker did not come up"
			time.sleep(0.2)
		yield


def _environment() -> dict[str, str]:
	path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
	return {**os.environ, "FRAPPE_REDIS_QUEUE": frappe.conf.redis_queue, "PYTHONPATH": path}
