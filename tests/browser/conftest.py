"""Desk in a real Chromium, on a running site.

	SENTIA_BENCH=~/frappe-bench ~/frappe-bench/env/bin/python -m pytest tests/browser

The web server must answer at SENTIA_URL (default http://localhost:8000) and serve SENTIA_BROWSER_SITE (default: the
bench's default_site). Test records are committed, since the browser must see them, and deleted at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import urllib.request
from pathlib import Path

import pytest

BENCH = Path(os.environ.get("SENTIA_BENCH") or Path.home() / "frappe-bench")
URL = os.environ.get("SENTIA_URL", "http://localhost:8000")
USER = os.environ.get("SENTIA_USER", "Administrator")
PASSWORD = os.environ.get("SENTIA_PASSWORD", "admin")
CHROMIUM = os.environ.get("SENTIA_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "site"))  # factories


def browser_site() -> str:
	common = BENCH / "sites" / "common_site_config.json"
	default = json.loads(common.read_text()).get("default_site", "") if common.is_file() else ""
	return os.environ.get("SENTIA_BROWSER_SITE") or default


def why_not() -> str:
	"""Empty when the tests can run; else what is missing."""
	if not browser_site():
		return f"no bench with a default site at {BENCH} (set SENTIA_BENCH, SENTIA_BROWSER_SITE)"
	if not CHROMIUM:
		return "no Chromium found (set SENTIA_CHROMIUM)"
	try:
		import frappe  # noqa: F401
		import playwright  # noqa: F401
	except ImportError as error:
		return (
			f"{error.name} is not importable: run with {BENCH}/env/bin/python, and install playwright there"
		)
	try:
		urllib.request.urlopen(f"{URL}/api/method/ping", timeout=10)
	except OSError as error:
		return f"no web server at {URL} ({error})"
	return ""


REASON = why_not()
if REASON:
	collect_ignore_glob = ["test_*.py"]


def pytest_terminal_summary(terminalreporter):
	if REASON:
		terminalreporter.write_line(f"tests/browser skipped: {REASON}")


@pytest.fixture(scope="session")
def site():
	import frappe

	os.chdir(BENCH / "sites")
	frappe.init(site=browser_site(), sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.flags.mute_emails = True
	yield browser_site()
	frappe.db.rollback()
	frappe.destroy()


@pytest.fixture(scope="session")
def chromium():
	from playwright.sync_api import sync_playwright

	with sync_playwright() as player:
		browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
		yield browser
		browser.close()


@pytest.fixture
def desk(chromium, site):
	"""A page logged in through the login form; errors in the page's own scripts fail the test."""
	context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=URL)
	page = context.new_page()
	page.set_default_timeout(30_000)
	broken: list[str] = []
	page.on("pageerror", lambda error: broken.append(str(error)))
	page.goto("/login")
	page.fill("#login_email", USER)
	page.fill("#login_password", PASSWORD)
	page.click(".btn-login:visible")
	page.wait_for_url("**/app**")
	yield page
	context.close()
	assert not broken


@pytest.fixture
def recommendations(site):
	"""Two committed drafts; removed afterwards with the orders made from them."""
	import frappe
	from factories import make_recommendation

	made = [make_recommendation(urgency="Critical"), make_recommendation(urgency="Low")]
	frappe.db.commit()
	yield made
	frappe.db.rollback()
	for rec in made:
		for order in frappe.get_all(
			"Purchase Order Item", {"sentia_recommendation": rec.name}, pluck="parent"
		):
			frappe.delete_doc("Purchase Order", order, force=True)
		frappe.delete_doc("Reorder Recommendation", rec.name, force=True)
		for doctype, field in (("Item", "item_code"), ("Warehouse", "warehouse"), ("Supplier", "supplier")):
			frappe.delete_doc(doctype, rec.get(field), force=True)
	frappe.db.commit()
