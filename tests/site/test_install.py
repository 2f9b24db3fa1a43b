"""Install and uninstall on a scratch site made for it: afterwards the site is as it was before, name by name.

Takes minutes, nearly all of them for a new site with ERPNext. The site is dropped at the end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from frappe.utils import get_bench_path

import sentia_ops

SCRATCH = "sentia-scratch.localhost"
SITES = Path(get_bench_path()) / "sites"
APP = Path(sentia_ops.__file__).parent
NAMED = [  # doctypes whose records must be the same before and after
	"Client Script",
	"Custom DocPerm",
	"Custom Field",
	"Custom HTML Block",
	"Dashboard",
	"Dashboard Chart",
	"DocType",
	"List View Settings",
	"Module Def",
	"Module Onboarding",
	"Notification",
	"Number Card",
	"Page",
	"Print Format",
	"Property Setter",
	"Report",
	"Role",
	"Scheduled Job Type",
	"Server Script",
	"Web Form",
	"Workflow",
	"Workflow Action Master",
	"Workflow State",
	"Workspace",
]
SNAPSHOT = """
import frappe, json, sys
frappe.init(site=sys.argv[1], sites_path="."); frappe.connect()
named = json.loads(sys.argv[2])
found = {d: sorted(frappe.get_all(d, pluck="name")) for d in named}
found["tables"] = sorted(frappe.db.get_tables(cached=False))
found["columns"] = sorted(map(list, frappe.db.sql(
	"select table_name, column_name from information_schema.columns where table_schema = database()")))
found["apps"] = frappe.get_installed_apps()
found["singles"] = sorted(frappe.db.sql_list("select distinct doctype from tabSingles"))
found["defaults"] = sorted(frappe.db.sql_list("select distinct defkey from tabDefaultValue"))
found["roles given"] = sorted(frappe.db.sql_list("select distinct role from `tabHas Role`"))
found["logs to clear"] = sorted(frappe.db.sql_list("select ref_doctype from `tabLogs To Clear`"))
found["patches"] = sorted(frappe.db.sql_list("select patch from `tabPatch Log`"))  # their names are random
found["comments"] = frappe.db.count("Comment", {"reference_doctype": "Planning Run"})
print("SNAPSHOT" + json.dumps(found))
"""
BEFORE = """
import frappe, sys
frappe.init(site=sys.argv[1], sites_path="."); frappe.connect()
frappe.get_doc({"doctype": "Workflow State", "workflow_state_name": "Snoozed"}).insert()
frappe.get_doc({"doctype": "Role", "role_name": "Operations Viewer"}).insert()
frappe.db.commit()
"""
USE = """
import frappe, sys
frappe.init(site=sys.argv[1], sites_path="."); frappe.connect()
user = frappe.get_doc("User", "Administrator")
user.add_roles("Operations Manager")
run = frappe.get_doc({"doctype": "Planning Run", "flow": "plan", "status": "Completed"}).insert()
run.add_comment("Comment", "looks fine")
settings = frappe.get_doc("Sentia Settings")
settings.service_level = 97
settings.save()
assert frappe.db.exists("Workflow", "Reorder Recommendation")
assert settings.company is None
frappe.db.commit()
"""


def python(*arguments: str) -> str:
	done = subprocess.run(
		[sys.executable, *arguments], cwd=SITES, capture_output=True, text=True, timeout=900
	)
	assert done.returncode == 0, f"exit code {done.returncode}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
	return done.stdout


def bench(*arguments: str) -> str:
	return python("-m", "frappe.utils.bench_helper", "frappe", *arguments)


def snapshot() -> dict:
	out = python("-c", SNAPSHOT, SCRATCH, json.dumps(NAMED))
	return json.loads(out.split("SNAPSHOT", 1)[1])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
	config = json.loads((SITES / "common_site_config.json").read_text())
	if not config.get("root_password"):
		pytest.skip("no root_password in common_site_config.json: cannot make a scratch site")
	bench("new-site", SCRATCH, "--force", "--admin-password", "admin", "--no-mariadb-socket")
	bench("--site", SCRATCH, "install-app", "erpnext")
	bench("--site", SCRATCH, "migrate")  # ERPNext settles: it drops doctypes of its own that nothing uses
	python("-c", BEFORE, SCRATCH)
	yield SCRATCH
	gone = str(tmp_path_factory.mktemp("archived"))
	bench("drop-site", SCRATCH, "--force", "--no-backup", "--archived-sites-path", gone)


def sources() -> set[Path]:
	return {path for path in APP.rglob("*") if path.suffix in (".json", ".py", ".js")}


def test_uninstall_leaves_the_site_as_it_was(scratch):
	before, files = snapshot(), sources()
	bench("--site", scratch, "install-app", "sentia_ops")
	python("-c", USE, scratch)
	during = snapshot()
	assert {"Operations Manager", "Operations Operator"} <= set(during["Role"])
	assert ["tabPurchase Order Item", "sentia_recommendation"] in during["columns"]
	assert "tasks.plan_daily" in during["Scheduled Job Type"]
	bench("--site", scratch, "uninstall-app", "sentia_ops", "--yes", "--no-backup", "--force")
	assert _differences(before, snapshot()) == {}
	assert sources() == files, "uninstalling deleted files of the app itself"
	bench("--site", scratch, "install-app", "sentia_ops")  # nothing of the first time is in the way
	assert _differences(during, snapshot()).keys() <= {"comments", "roles given", "logs to clear"}


def _differences(before: dict, after: dict) -> dict:
	"""What is left over and what is lost, by kind."""
	found = {}
	for kind, names in before.items():
		if after[kind] != names and isinstance(names, list):
			left = [name for name in after[kind] if name not in names]
			found[kind] = {"left": left, "lost": [name for name in names if name not in after[kind]]}
		elif after[kind] != names:
			found[kind] = after[kind]
	return found
