"""A `bench serve` of the test site on a free port of the loopback, and people with API keys."""

from __future__ import annotations

import sys
from contextlib import contextmanager

import frappe
import requests
from conftest import BENCH, SITE
from factories import make_user
from processes import free_port, running, wait_until_it_answers


@contextmanager
def serving():
	"""Yields the base address."""
	port = free_port()
	command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE]
	base = f"http://127.0.0.1:{port}"
	with running([*command, "serve", "--port", str(port), "--noreload"], BENCH / "sites") as server:
		wait_until_it_answers(server, base)
		yield base


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
