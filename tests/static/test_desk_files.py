"""Checks of the Frappe half that need no site: JSON, hook paths, patches, workspace."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "sentia_ops"
MODULE = APP / "sentia_ops"
ROLES = {"System Manager", "Operations Manager", "Operations Operator", "Operations Viewer"}
ERPNEXT = {
	"Company",
	"Currency",
	"Customer",
	"Item",
	"Item Group",
	"Item Price",
	"Job Card",
	"Material Request",
	"Operation",
	"Purchase Order",
	"Role",
	"Sales Order",
	"Supplier",
	"UOM",
	"User",
	"Warehouse",
	"Work Order",
	"Workstation",
	"Workstation Type",
}
FIELD_TYPES = {
	"Check",
	"Code",
	"Column Break",
	"Currency",
	"Data",
	"Date",
	"Datetime",
	"Float",
	"HTML",
	"Int",
	"Link",
	"Percent",
	"Section Break",
	"Select",
	"Small Text",
	"Table",
	"Text",
}


def records(kind: str) -> dict[str, dict]:
	return {
		path.parent.name: json.loads(path.read_text()) for path in sorted(MODULE.glob(f"{kind}/*/*.json"))
	}


DOCTYPES = records("doctype")
NAMES = {doc["name"] for doc in DOCTYPES.values()}


def slug(name: str) -> str:
	return name.lower().replace(" ", "_").replace("-", "_")


def functions(dotted: str) -> set[str]:
	"""Names of the functions defined at the top of a module of the app, read without importing it."""
	path = ROOT / (dotted.replace(".", "/") + ".py")
	assert path.is_file(), f"{dotted}: there is no {path.relative_to(ROOT)}"
	return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def resolves(dotted: str) -> bool:
	module, _, name = dotted.rpartition(".")
	return name in functions(module)


def hooks() -> dict:
	found = {}
	for node in ast.parse((APP / "hooks.py").read_text()).body:
		if isinstance(node, ast.Assign):
			found[node.targets[0].id] = ast.literal_eval(node.value)
	return found


def dotted_paths(value) -> list[str]:
	if isinstance(value, dict):
		return [path for part in value.values() for path in dotted_paths(part)]
	if isinstance(value, list | tuple):
		return [path for part in value for path in dotted_paths(part)]
	return (
		[value]
		if isinstance(value, str) and value.startswith("sentia_ops.") and "bundle" not in value
		else []
	)


def test_there_are_doctypes():
	assert len(DOCTYPES) >= 7


@pytest.mark.parametrize("folder", DOCTYPES)
def test_doctype_is_sound(folder):
	doc = DOCTYPES[folder]
	names = [field["fieldname"] for field in doc["fields"]]
	assert folder == slug(doc["name"])
	assert (doc["doctype"], doc["module"]) == ("DocType", "Sentia Ops")
	assert len(names) == len(set(names))
	assert doc["field_order"] == names
	assert {field["fieldtype"] for field in doc["fields"]} <= FIELD_TYPES


@pytest.mark.parametrize("folder", DOCTYPES)
def test_links_point_somewhere(folder):
	for field in DOCTYPES[folder]["fields"]:
		if field["fieldtype"] == "Link":
			assert field["options"] in NAMES | ERPNEXT, field["fieldname"]
		elif field["fieldtype"] == "Table":
			child = next(doc for doc in DOCTYPES.values() if doc["name"] == field["options"])
			assert child["istable"] == 1
		elif field["fieldtype"] == "Select":
			options = field["options"].split("\n")
			assert field.get("default", options[0]) in options


@pytest.mark.parametrize("folder", DOCTYPES)
def test_fetches_and_titles_name_fields_that_exist(folder):
	doc = DOCTYPES[folder]
	fields = {field["fieldname"]: field for field in doc["fields"]}
	for field in fields.values():
		if "fetch_from" in field:
			assert fields[field["fetch_from"].split(".")[0]]["fieldtype"] == "Link"
	named = [doc.get("title_field"), *(doc.get("search_fields") or "").split(",")]
	assert {name.strip() for name in named if name} <= set(fields)


@pytest.mark.parametrize("folder", DOCTYPES)
def test_permissions_name_our_roles_only(folder):
	doc = DOCTYPES[folder]
	roles = [row["role"] for row in doc["permissions"]]
	if doc.get("istable"):
		assert roles == []
		return
	assert set(roles) == ROLES and len(roles) == len(set(roles))
	for row in doc["permissions"]:
		assert row.get("read")
		if row["role"] == "Operations Viewer":
			assert not {"write", "create", "delete", "submit"} & {
				right for right, on in row.items() if on == 1
			}


@pytest.mark.parametrize("folder", DOCTYPES)
def test_controller_has_its_class(folder):
	tree = ast.parse((MODULE / "doctype" / folder / f"{folder}.py").read_text())
	classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
	assert DOCTYPES[folder]["name"].replace(" ", "") in classes


def test_doctypes_hold_their_frames():
	"""Columns and fields are named alike, so that a column added to a frame cannot get lost on a site."""
	from sentia_ops.forecasting.frames import (
		FORECAST_PARTS,
		FORECAST_QUALITY,
		FORECAST_SCORES,
		FORECAST_TOTALS,
	)
	from sentia_ops.replenishment.frames import AUTONOMY, OUTCOMES, RECOMMENDATIONS, STOCK_POLICY
	from sentia_ops.scheduling import frames as scheduling
	from sentia_ops.suppliers.frames import SUPPLIER_PERFORMANCE, SUPPLIER_SCORES

	for frame, folder in (
		(FORECAST_QUALITY, "demand_forecast"),
		(FORECAST_PARTS, "forecast_part"),
		(FORECAST_SCORES, "forecast_score"),
		(FORECAST_TOTALS, "forecast_total"),
		(STOCK_POLICY, "stock_policy"),
		(RECOMMENDATIONS, "reorder_recommendation"),
		(OUTCOMES, "recommendation_outcome"),
		(AUTONOMY, "approval_right"),
		(SUPPLIER_PERFORMANCE, "supplier_performance"),
		(SUPPLIER_SCORES, "supplier_performance_month"),
		(scheduling.SCHEDULES, "production_schedule"),
		(scheduling.SCHEDULED_OPERATIONS, "scheduled_operation"),
		(scheduling.SCHEDULED_JOBS, "production_schedule_job"),
		(scheduling.UNPLACED_OPERATIONS, "unplaced_operation"),
		(scheduling.STATION_LOADS, "station_load"),
		(scheduling.SETUPS, "setup_time"),
	):
		assert set(frame.columns) - {"schedule"} <= set(DOCTYPES[folder]["field_order"]), folder


@pytest.mark.parametrize("path", dotted_paths(hooks()))
def test_hook_resolves(path):
	assert resolves(path), f"{path} is not a function"


def test_hooked_bundles_exist():
	found = hooks()
	assert (APP / "public" / "js" / found["app_include_js"]).is_file()
	assert (APP / "public" / "css" / found["app_include_css"]).is_file()
	assert all(
		(APP / "public" / row["logo"].split("/", 3)[3]).is_file() for row in found["add_to_apps_screen"]
	)


def test_patches_resolve():
	lines = [line.split("#")[0].strip() for line in (APP / "patches.txt").read_text().splitlines()]
	for line in lines:
		if line and not line.startswith("["):
			assert resolves(f"{line.split()[0]}.execute"), line


def test_workspace_points_at_what_is_there():
	cards, charts = (
		{doc["name"] for doc in records(kind).values()} for kind in ("number_card", "dashboard_chart")
	)
	for page in records("workspace").values():
		assert {row["number_card_name"] for row in page["number_cards"]} == cards
		assert {row["chart_name"] for row in page["charts"]} == charts
		pages = {doc["name"] for doc in records("page").values()}
		assert {row["link_to"] for row in page["shortcuts"]} <= NAMES | ERPNEXT | pages
		links = [row for row in page["links"] if row["type"] == "Link"]
		reports = {doc["name"] for doc in records("report").values()}
		assert {row["link_to"] for row in links if row["link_type"] == "Report"} == reports
		assert {row["link_to"] for row in links if row["link_type"] == "Page"} == pages
		assert {row["link_to"] for row in links if row["link_type"] == "DocType"} <= NAMES | ERPNEXT
		assert {row["role"] for row in page["roles"]} == ROLES
		blocks = json.loads(page["content"])
		assert len({block["id"] for block in blocks}) == len(blocks)
		titles = {block["data"].get("shortcut_name") for block in blocks if block["type"] == "shortcut"}
		assert titles == {row["label"] for row in page["shortcuts"]}
		breaks = {row["label"] for row in page["links"] if row["type"] == "Card Break"}
		assert {b["data"]["card_name"] for b in blocks if b["type"] == "card"} == breaks


@pytest.mark.parametrize("folder", records("report"))
def test_report_is_sound(folder):
	doc = records("report")[folder]
	assert (doc["doctype"], doc["report_type"], doc["module"]) == ("Report", "Script Report", "Sentia Ops")
	assert folder == slug(doc["name"]) and doc["name"] == doc["report_name"] and doc["is_standard"] == "Yes"
	assert doc["ref_doctype"] in NAMES and {row["role"] for row in doc["roles"]} == ROLES
	assert "execute" in functions(f"sentia_ops.sentia_ops.report.{folder}.{folder}")
	script = (MODULE / "report" / folder / f"{folder}.js").read_text()
	assert f'frappe.query_reports["{doc["name"]}"]' in script


@pytest.mark.parametrize("folder", records("page"))
def test_page_is_sound(folder):
	doc = records("page")[folder]
	assert (doc["doctype"], doc["module"], doc["standard"]) == ("Page", "Sentia Ops", "Yes")
	assert folder == slug(doc["name"]) and doc["name"] == doc["page_name"]
	assert {row["role"] for row in doc["roles"]} == ROLES
	script = (MODULE / "page" / folder / f"{folder}.js").read_text()
	assert f'frappe.pages["{doc["name"]}"].on_page_load' in script
	for part in re.findall(r'{% include "(.+)" %}', script):
		assert (ROOT / part).is_file() or (APP.parent / part).is_file(), part


@pytest.mark.parametrize("kind", ["number_card", "dashboard_chart"])
def test_cards_and_charts_filter_on_fields_that_exist(kind):
	fields = {doc["name"]: set(doc["field_order"]) for doc in DOCTYPES.values()}
	for doc in records(kind).values():
		assert doc["document_type"] in NAMES
		if doc.get("type") == "Custom":
			assert resolves(doc["method"])
			continue
		known = fields[doc["document_type"]]
		filters = json.loads(doc["filters_json"]) + json.loads(doc["dynamic_filters_json"])
		used = [row[1] for row in filters] + [
			doc.get("aggregate_function_based_on"),
			doc.get("group_by_based_on"),
		]
		assert {name for name in used if name} <= known


def test_methods_called_from_the_browser_exist():
	"""Dotted paths in the JavaScript are whitelisted functions."""
	scripts = [*MODULE.rglob("*.js"), *(APP / "public" / "js").rglob("*.js")]
	called = {
		path
		for script in scripts
		if "dist" not in script.parts
		for path in re.findall(r'"(sentia_ops(?:\.\w+){2,})"', script.read_text())
	}
	assert called
	for path in called:
		assert resolves(path), path
		module, _, name = path.rpartition(".")
		tree = ast.parse((ROOT / (module.replace(".", "/") + ".py")).read_text())
		node = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
		assert any("whitelist" in ast.unparse(d) for d in node.decorator_list), path
