"""Desk in a real Chromium, as a buyer with the roles Operations Manager and Purchase User.

	SENTIA_BENCH=~/frappe-bench SENTIA_SITE=test.localhost ~/frappe-bench/env/bin/python -m pytest tests/browser

The tests start a web server, a worker and a job queue of their own. Their records are committed, since the browser
must see them, and deleted at the end.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

BENCH = Path(os.environ.get("SENTIA_BENCH") or Path.home() / "frappe-bench")
SITE = os.environ.get("SENTIA_SITE", "test.localhost")
CHROMIUM = os.environ.get("SENTIA_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PASSWORD = "blue-kettle-42"
PUBLIC = Path(__file__).resolve().parents[2] / "sentia_ops" / "public"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "site"))  # factories, processes


def why_not() -> str:
	"""Empty when the tests can run; else what is missing."""
	if not (BENCH / "sites" / SITE / "site_config.json").is_file():
		return f"no bench with a site {SITE} at {BENCH} (set SENTIA_BENCH and SENTIA_SITE)"
	if not CHROMIUM:
		return "no Chromium found (set SENTIA_CHROMIUM)"
	try:
		import frappe  # noqa: F401
		import playwright  # noqa: F401
	except ImportError as error:
		return f"{error.name} is not importable: run with {BENCH}/env/bin/python, after pip install playwright there"
	return ""


if why_not():
	collect_ignore_glob = ["test_*.py"]


def pytest_terminal_summary(terminalreporter):
	if why_not():
		terminalreporter.write_line(f"tests/browser skipped: {why_not()}")


@pytest.fixture(scope="session")
def site():
	import frappe

	os.chdir(BENCH / "sites")
	frappe.init(site=SITE, sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.flags.mute_emails = True
	yield SITE
	frappe.db.rollback()
	frappe.destroy()


@pytest.fixture(scope="session")
def address(site):
	"""Base address of a web server with a worker behind it."""
	from processes import free_port, running, wait_until_it_answers

	port, queue = free_port(), free_port()
	environment = {**os.environ, "FRAPPE_REDIS_QUEUE": f"redis://127.0.0.1:{queue}"}
	folder = BENCH / "sites"
	frappe_cli = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe"]
	with ExitStack() as stack:
		stack.enter_context(
			running(["redis-server", "--port", str(queue), "--save", ""], folder, environment)
		)
		serve = [*frappe_cli, "--site", SITE, "serve", "--port", str(port), "--noreload"]
		web = stack.enter_context(running(serve, folder, environment))
		stack.enter_context(
			running([*frappe_cli, "worker", "--queue", "short,default,long"], folder, environment)
		)
		base = f"http://127.0.0.1:{port}"
		wait_until_it_answers(web, base)
		yield base


@pytest.fixture(scope="session")
def chromium():
	from playwright.sync_api import sync_playwright

	with sync_playwright() as player:
		browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
		yield browser
		browser.close()


@pytest.fixture(scope="session")
def buyer(site):
	import frappe
	from factories import make_user
	from frappe.utils.password import update_password

	user = make_user("Operations Manager", "Purchase User")
	update_password(user.name, PASSWORD)
	frappe.db.commit()
	yield user.name
	frappe.db.rollback()
	frappe.delete_doc("User", user.name, force=True)
	frappe.db.commit()


def logged_in(chromium, address, user):
	"""A page of its own browser context, logged in through the login form; and the errors of its scripts.

	Assets that are served as they are come from this checkout, whichever one the bench is linked to.
	"""
	context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
	context.route(re.compile(r"/assets/sentia_ops/(css|js|vendor)/"), _asset)
	page = context.new_page()
	page.set_default_timeout(60_000)
	broken: list[str] = []
	page.on("pageerror", lambda error: broken.append(str(error)))
	page.goto("/login")
	page.fill("#login_email", user)
	page.fill("#login_password", PASSWORD)
	page.click(".btn-login:visible")
	page.wait_for_url("**/app**")
	return page, broken


def _asset(route):
	path = PUBLIC / urlsplit(route.request.url).path.split("/assets/sentia_ops/")[1]
	route.fulfill(path=path) if path.is_file() else route.fulfill(status=404)


@pytest.fixture
def desk(chromium, address, buyer):
	"""A buyer's page; an error in the page's own scripts fails the test."""
	page, broken = logged_in(chromium, address, buyer)
	yield page
	page.context.close()
	assert not broken


@pytest.fixture
def viewer(chromium, address, site):
	"""A page of somebody who may only read; an error in the page's own scripts fails the test."""
	import frappe
	from factories import make_user
	from frappe.utils.password import update_password

	user = make_user("Operations Viewer")
	update_password(user.name, PASSWORD)
	frappe.db.commit()
	page, broken = logged_in(chromium, address, user.name)
	yield page
	page.context.close()
	frappe.db.rollback()
	frappe.delete_doc("User", user.name, force=True)
	frappe.db.commit()
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
