"""Site tests: on a real Frappe/ERPNext site with sentia_ops installed.

	SENTIA_BENCH=~/frappe-bench SENTIA_SITE=test.localhost ~/frappe-bench/env/bin/python -m pytest tests/site

Each test runs in a transaction that is rolled back; tests that must commit clean up after themselves.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BENCH = Path(os.environ.get("SENTIA_BENCH") or Path.home() / "frappe-bench")
SITE = os.environ.get("SENTIA_SITE", "test.localhost")


def why_not() -> str:
	"""Empty when a site can be used; else what is missing."""
	if not (BENCH / "sites" / SITE / "site_config.json").is_file():
		return f"no bench with a site {SITE} at {BENCH} (set SENTIA_BENCH and SENTIA_SITE)"
	try:
		import frappe  # noqa: F401
	except ImportError:
		return f"frappe is not importable: run with {BENCH}/env/bin/python"
	return ""


if why_not():
	collect_ignore_glob = ["test_*.py"]


def pytest_terminal_summary(terminalreporter):
	if why_not():
		terminalreporter.write_line(f"tests/site skipped: {why_not()}")


@pytest.fixture(scope="session")
def site():
	"""A connected site, as Administrator; yields its name."""
	import frappe

	os.chdir(BENCH / "sites")  # Frappe keeps log and file paths relative to it
	frappe.init(site=SITE, sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.flags.in_test = True
	frappe.flags.mute_emails = True
	frappe.db.rollback()
	yield SITE
	if (
		getattr(frappe.local, "site", None) == SITE
	):  # the browser tests, in the same session, may have closed it
		frappe.db.rollback()
		frappe.destroy()


@pytest.fixture(autouse=True)
def rollback(site):
	"""Whatever a test wrote and did not commit is undone, and the user is Administrator again."""
	import frappe

	frappe.set_user("Administrator")
	frappe.clear_messages()
	yield
	frappe.set_user("Administrator")
	frappe.db.rollback()
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")


@pytest.fixture
def item(site):
	from factories import make_item

	return make_item()


@pytest.fixture
def shed(site):
	from factories import make_warehouse

	return make_warehouse()


@pytest.fixture
def customer(site):
	from factories import make_customer

	return make_customer()
