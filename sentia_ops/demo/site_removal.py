"""Takes the demo company off a site: what `site.make` made, and whatever else is in the demo company by then.

Documents of the demo company go in bulk, as ERPNext's own Transaction Deletion Record does it; shared records (items,
suppliers, retailers) go one by one through `frappe.delete_doc`, so that one which another company's documents use
stays, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import frappe
from frappe.model import table_fields

from sentia_ops.demo.catalogue import COMPANY
from sentia_ops.demo.site_marks import forget, is_here, marked, unmark
from sentia_ops.store.base import Progress

MODULE = "Sentia Ops"
FRAMEWORK = ("Account", "Cost Center", "Warehouse", "Department")  # of the company; they go with it
SHARED = (
	"Setup Time", "Operation", "Workstation", "Workstation Type", "Item Price", "Item", "UOM", "Item Group", "Customer",
	"Supplier", "Holiday List", "Currency Exchange", "Price List", "Fiscal Year",
)  # fmt: skip
TRAILS = (  # what Frappe keeps about documents: doctype, field of their doctype, field of their name
	("Comment", "reference_doctype", "reference_name"),
	("Version", "ref_doctype", "docname"),
	("Tag Link", "document_type", "document_name"),
	("ToDo", "reference_type", "reference_name"),
	("DocShare", "share_doctype", "share_name"),
	("Document Follow", "ref_doctype", "ref_docname"),
	("View Log", "reference_doctype", "reference_name"),
	("Notification Log", "document_type", "document_name"),
	("Workflow Action", "reference_doctype", "reference_name"),
	("Activity Log", "reference_doctype", "reference_name"),
	("Communication Link", "link_doctype", "link_name"),
	("__global_search", "doctype", "name"),
)
CHUNK = 500


def remove_all(tell: Progress) -> dict[str, int]:
	"""Remove, commit by commit; a later call completes what a killed one left."""
	removed: dict[str, int] = {}
	if not is_here():
		return removed
	tell(0.0, "plans and recommendations")
	_count(removed, _remove_plans())
	documents = [d for d in _doctypes_of_company() if d not in FRAMEWORK]
	for number, doctype in enumerate(documents):
		tell(0.05 + 0.35 * number / len(documents), f"{doctype} documents")
		_count(removed, {doctype: _remove_documents(doctype, {"company": COMPANY})})
	frappe.db.commit()  # whole tables at a time; the next call finds the rest
	kept = _remove_shared(removed, tell)
	tell(0.95, "the company itself")
	_remove_company(removed)
	forget(kept)
	frappe.db.commit()  # the end
	frappe.clear_cache()
	tell(1.0, "the demo company is off the site" + _named(kept))
	return {name: count for name, count in {**removed, "kept": len(kept)}.items() if count}


def _named(kept: list[tuple[str, str]]) -> str:
	names = ", ".join(f"{doctype} {name}" for doctype, name in kept[:5])
	return f"; {len(kept)} records stay, others use them: {names}" if kept else ""


def _count(removed: dict[str, int], more: dict[str, int]) -> None:
	for doctype, count in more.items():
		removed[doctype] = removed.get(doctype, 0) + count


def _remove_plans() -> dict[str, int]:
	"""What Sentia Ops planned for the demo's items and warehouses, found by its link fields."""
	warehouses = frappe.get_all("Warehouse", {"company": COMPANY}, pluck="name")
	ours = {
		"Company": [COMPANY],
		"Warehouse": warehouses,
		"Item": marked("Item"),
		"Supplier": marked("Supplier"),
		"Workstation": marked("Workstation"),
	}
	removed: dict[str, int] = {}
	fields = ["parent", "fieldname", "options"]
	links = frappe.get_all("DocField", {"fieldtype": "Link", "options": ["in", list(ours)]}, fields)
	for link in links:
		if _is_table_of(link.parent, MODULE) and ours[link.options]:
			count = _remove_documents(link.parent, {link.fieldname: ["in", ours[link.options]]})
			_count(removed, {link.parent: count})
	empty = frappe.db.sql_list(
		"""select s.name from `tabProduction Schedule` s
		where not exists(select 1 from `tabProduction Schedule Job` j where j.schedule = s.name)"""
	)
	_count(
		removed, {"Production Schedule": _remove_documents("Production Schedule", {"name": ["in", empty]})}
	)
	return removed


def _is_table_of(doctype: str, module: str) -> bool:
	found = frappe.db.get_value("DocType", doctype, ["module", "issingle", "is_virtual"], as_dict=True)
	return bool(found) and found.module == module and not found.issingle and not found.is_virtual


def _doctypes_of_company() -> Iterator[str]:
	"""Doctypes with a company, of every app; the ledgers before what they tell of makes no difference here."""
	field = {"fieldtype": "Link", "options": "Company", "fieldname": "company"}
	found = set(frappe.get_all("DocField", field, pluck="parent"))
	found |= set(frappe.get_all("Custom Field", field, pluck="dt"))
	own = {"name": ["in", list(found)], "istable": 0, "issingle": 0, "is_virtual": 0}
	return sorted(frappe.get_all("DocType", own, pluck="name"))


def _remove_documents(doctype: str, filters: dict) -> int:
	"""Delete documents with their child rows and trails; no checks, no hooks."""
	names = frappe.get_all(doctype, filters, pluck="name")
	children = {f.options for f in frappe.get_meta(doctype).fields if f.fieldtype in table_fields}
	for some in _chunks(names):
		for child in children:
			frappe.db.delete(child, {"parent": ["in", some], "parenttype": doctype})
		_remove_trails(doctype, some)
		frappe.db.delete(
			"DefaultValue", {"parent": "Sentia Demo", "defkey": doctype, "defvalue": ["in", some]}
		)
		frappe.db.delete(doctype, {"name": ["in", some]})
	return len(names)


def _remove_trails(doctype: str, names: list[str]) -> None:
	for trail, kind, name in TRAILS:
		frappe.db.delete(trail, {kind: doctype, name: ["in", names]})
	attached = {"attached_to_doctype": doctype, "attached_to_name": ["in", names]}
	for file in frappe.get_all("File", attached, pluck="name"):
		frappe.delete_doc("File", file, ignore_permissions=True, delete_permanently=True)


def _chunks(names: list[str]) -> Iterable[list[str]]:
	return (names[i : i + CHUNK] for i in range(0, len(names), CHUNK))


def _remove_shared(removed: dict[str, int], tell: Progress) -> list[tuple[str, str]]:
	"""Items, parties, lists: each unless others use it. Returns doctype and name of those that stay."""
	_remove_bins()
	prices = frappe.get_all("Item Price", {"item_code": ["in", marked("Item")]}, pluck="name")
	todo = [(doctype, name) for doctype in SHARED for name in marked(doctype)]
	kept = []
	for number, (doctype, name) in enumerate(todo):
		tell(0.4 + 0.55 * number / len(todo), f"{doctype} {name}")
		frappe.db.savepoint("shared")
		try:
			count = int(frappe.db.exists(doctype, name) is not None)
			frappe.delete_doc(doctype, name, ignore_permissions=True, delete_permanently=True)
			_remove_trails(doctype, [name])
			unmark(doctype, name)
			_count(removed, {doctype: count})
		except frappe.ValidationError:  # LinkExistsError, or "disable it instead": in use elsewhere
			frappe.db.rollback(save_point="shared")
			frappe.clear_messages()
			kept.append((doctype, name))
		if number % 20 == 0:
			frappe.db.commit()  # each record stands alone
	for currency in marked("Currency"):
		frappe.db.set_value("Currency", currency, "enabled", 0)
	gone = set(prices) - set(frappe.get_all("Item Price", {"name": ["in", prices]}, pluck="name"))
	_remove_trails("Item Price", list(gone))  # those that ERPNext deleted along with items and price lists
	return kept


def _remove_bins() -> None:
	"""Bins hold demo items fast, and know their warehouse only."""
	warehouses = frappe.get_all("Warehouse", {"company": COMPANY}, pluck="name")
	if warehouses:
		frappe.db.delete("Bin", {"warehouse": ["in", warehouses]})


def _remove_company(removed: dict[str, int]) -> None:
	if not frappe.db.exists("Company", COMPANY):
		return
	for doctype in FRAMEWORK:
		_count(removed, {doctype: _remove_documents(doctype, {"company": COMPANY})})
	frappe.delete_doc("Company", COMPANY, ignore_permissions=True, delete_permanently=True)
	_remove_trails("Company", [COMPANY])
	unmark("Company", COMPANY)
	_count(removed, {"Company": 1})
