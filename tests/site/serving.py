"""A `bench serve` of the test site on a free port of the loopback, and people with API keys."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import frappe
import requests
from conftest import BENCH, SITE
from factories import make_user

READY_SECONDS = 60


@contextmanager
def serving():
	"""Yields the base address."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		port = probe.getsockname()[1]
	command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE]
	command += ["serve", "--port", str(port), "--noreload"]
	server = subprocess.Popen(
		command, cwd=BENCH / "sites", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
	)
	base = f"http://127.0.0.1:{port}"
	try:
		_wait_until_it_answers(server, base)
		yield base
	finally:
		server.terminate()
		server.wait(timeout=10)


def _wait_until_it_answers(server: subprocess.Popen, base: str) -> None:
	until = time.monotonic() + READY_SECONDS
	while time.monotonic() < until:
		assert server.poll() is None, "bench serve ended by itself"
		try:
			if requests.get(f"{base}/api/method/ping", timeout=5).ok:
				return
		except requests.ConnectionError:
			time.sleep(0.2)
	raise AssertionError(f"bench serve did not answer within {READY_SECONDS} seconds")


class Person:
	"""Somebody who calls the API; without a role: a guest."""

	def __init__(self, base: str, *roles: str):
		self.base, self.headers, self.user = base, {}, None
		if roles:
			self.user = make_user(*roles)
			self.user.api_key, self.user.api_secret = (
				frappe.generate_hash(length=15),
				frappe.generate_hash(length=15),
			)
			self.user.save(ignore_permissions=True)
			secret = self.user.get_password("api_secret")
			self.headers = {"Authorization": f"token {self.user.api_key}:{secret}"}

	def get(self, method: str, **arguments) -> requests.Response:
		return requests.get(self._url(method), params=arguments, headers=self.headers, timeout=60)

	def post(self, method: str, **arguments) -> requests.Response:
		return requests.post(self._url(method), json=arguments, headers=self.headers, timeout=60)

	def _url(self, method: str) -> str:
		return f"{self.base}/api/method/sentia_ops.api.{method}"
