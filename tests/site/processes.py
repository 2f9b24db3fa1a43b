"""Servers for the site and browser tests: started on free ports of the loopback, ended with the test."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

READY_SECONDS = 90


def free_port() -> int:
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return probe.getsockname()[1]


@contextmanager
def running(command: list[str], folder, environment: dict[str, str] | None = None):
	"""Yields the process, which is ended afterwards."""
	silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
	process = subprocess.Popen(command, cwd=folder, env=environment, **silent)
	try:
		yield process
	finally:
		process.terminate()
		process.wait(timeout=20)


def wait_until_it_answers(web: subprocess.Popen, base: str) -> None:
	until = time.monotonic() + READY_SECONDS
	while time.monotonic() < until:
		assert web.poll() is None, "bench serve ended by itself"
		try:
			urllib.request.urlopen(f"{base}/api/method/ping", timeout=5)
			return
		except OSError:
			time.sleep(0.3)
	raise AssertionError(f"bench serve did not answer within {READY_SECONDS} seconds")
