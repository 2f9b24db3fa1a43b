"""ERPNext's own reorder levels (table Auto re-order of an item): written from our stock policy, and never both at work.

ERPNext's automatic Material Requests (`Stock Settings.auto_indent`) order whatever has a reorder level. They do not see our
drafts, so both together would order twice. The rule, item by item: where they are on and an item has a level for a warehouse,
ERPNext orders it, and our recommendation for it cannot be approved.
"""

from __future__ import annotations

import math

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, now

OFF, WHEN_APPROVED, EVERY_PLAN = "off", "when approved", "after every plan"
SHOWN = 100  # changes in one comment
Change = dict  # item_code, warehouse, old_level, level, old_qty, qty, material_request_type


def auto_indent() -> bool:
	return bool(frappe.db.get_single_value("Stock Settings", "auto_indent"))


def refuse_double(doc: Document) -> None:
	"""Raise where ERPNext's automatic Material Requests order the item for the warehouse already."""
	if doc.action == "transfer" or not auto_indent() or not ordered_by_erpnext(doc.item_code, doc.warehouse):
		return
	frappe.throw(
		_(
			"{0} has a reorder level for {1}, and ERPNext's automatic Material Requests are on: it would be ordered twice. "
			"Turn them off in Stock Settings, or take the level out of the item."
		).format(doc.item_code, doc.warehouse)
	)


def ordered_by_erpnext(item_code: str, warehouse: str) -> bool:
	"""Whether the item, or the template of a variant without levels of its own, has a level for the warehouse."""
	template = frappe.get_cached_value("Item", item_code, "variant_of")
	own = frappe.db.exists("Item Reorder", {"parent": item_code})
	parent = item_code if own or not template else template
	rows = frappe.get_all(
		"Item Reorder",
		{"parent": parent, "parenttype": "Item", "warehouse": warehouse},
		["warehouse_reorder_level", "warehouse_reorder_qty"],
	)
	return any(flt(row.warehouse_reorder_level) or flt(row.warehouse_reorder_qty) for row in rows)


def count_levels() -> int:
	"""Items and warehouses that ERPNext would order by itself."""
	return frappe.db.count("Item Reorder", {"parenttype": "Item", "warehouse_reorder_qty": (">", 0)})


def refuse_both(auto_indent_on: bool, settings: Document) -> None:
	"""Settings that would let both order the same; called from Sentia Settings and from Stock Settings."""
	if not auto_indent_on or settings.write_levels in (None, "", OFF):
		return
	on = _("ERPNext's automatic Material Requests are on (Stock Settings).")
	if settings.write_levels == WHEN_APPROVED:
		frappe.throw(
			_(
				"{0} With levels written when a recommendation is approved they would order again what was just approved. Turn "
				"them off, or write levels after every plan and leave the ordering to ERPNext."
			).format(on)
		)
	if settings.use_autonomy:
		frappe.throw(
			_(
				"{0} With levels written after every plan ERPNext orders: turn off earned autonomy, or them."
			).format(on)
		)


def preview(names: list[str] | None = None) -> list[Change]:
	"""What applying Stock Policies (default: all) would change in the items."""
	policies = _policies(names)
	current = _current([row.item_code for row in policies])
	found = []
	for row in policies:
		qty, level = _rounded(row, row.order_qty), _rounded(row, row.reorder_point)
		kind = "Manufacture" if row.is_made else "Purchase"
		old = current.get((row.item_code, row.warehouse, kind), frappe._dict())
		if (flt(old.warehouse_reorder_level), flt(old.warehouse_reorder_qty)) != (level, qty):
			found.append(
				{
					"item_code": row.item_code, "warehouse": row.warehouse, "material_request_type": kind,
					"old_level": old.warehouse_reorder_level, "level": level, "old_qty": old.warehouse_reorder_qty,
					"qty": qty, "row": old.name,
				}
			)  # fmt: skip
	return found


def apply(names: list[str] | None = None) -> list[Change]:
	"""Write reorder point and order quantity of Stock Policies (default: all) into the items; returns what changed.

	By SQL, as an Item takes a tenth of a second to save; the items are marked as modified, so that a form somebody has open
	says so instead of writing the old levels back.
	"""
	changes = preview(names)
	if not changes:
		return []
	items = sorted({change["item_code"] for change in changes})
	frappe.db.sql("select name from `tabItem` where name in %s order by name for update", [items])
	changes = preview(names)  # by now nobody else can change them
	last = dict(
		frappe.db.sql(
			"select parent, max(idx) from `tabItem Reorder` where parent in %s group by parent", [items]
		)
	)
	for change in changes:
		values = {"warehouse_reorder_level": change["level"], "warehouse_reorder_qty": change["qty"]}
		if change["row"]:
			frappe.db.set_value("Item Reorder", change["row"], values)
			continue
		last[change["item_code"]] = last.get(change["item_code"], 0) + 1
		row = frappe.new_doc("Item Reorder")
		row.update({"parent": change["item_code"], "parenttype": "Item", "parentfield": "reorder_levels"})
		row.update({"idx": last[change["item_code"]], "warehouse": change["warehouse"]})
		row.update(
			{"warehouse_group": change["warehouse"], "material_request_type": change["material_request_type"]}
		)
		row.update(values)
		row.db_insert()
	frappe.db.sql(
		"update `tabItem` set modified = %s, modified_by = %s where name in %s",
		(now(), frappe.session.user, items),
	)
	for item in items:
		frappe.clear_document_cache("Item", item)
	return changes


def apply_after_plan(run: str) -> None:
	"""Where the settings want it after every plan; what changed is told on the Planning Run."""
	if frappe.get_cached_doc("Sentia Settings").write_levels != EVERY_PLAN:
		return
	changes = apply()
	if changes:
		frappe.get_doc("Planning Run", run).add_comment("Info", table(changes))


def apply_approved(doc: Document) -> None:
	"""Where the settings want it when a recommendation is approved."""
	if frappe.get_cached_doc("Sentia Settings").write_levels != WHEN_APPROVED or doc.action == "transfer":
		return
	names = frappe.get_all(
		"Stock Policy", {"item_code": doc.item_code, "warehouse": doc.warehouse}, pluck="name"
	)
	changes = apply(names) if names else []
	if changes:
		doc.add_comment("Info", table(changes))


def table(changes: list[Change]) -> str:
	"""What changed, as HTML for a comment."""
	esc = frappe.utils.escape_html
	rows = "".join(
		f"<tr><td>{esc(c['item_code'])}</td><td>{esc(c['warehouse'])}</td><td>{flt(c['old_level']):g} → {c['level']:g}</td>"
		f"<td>{flt(c['old_qty']):g} → {c['qty']:g}</td></tr>"
		for c in changes[:SHOWN]
	)
	heads = "".join(
		f"<th>{text}</th>" for text in (_("Item"), _("Warehouse"), _("Reorder level"), _("Reorder quantity"))
	)
	more = _("and {0} more").format(len(changes) - SHOWN) if len(changes) > SHOWN else ""
	title = _("Reorder levels written into the items: {0}.").format(len(changes))
	return f"{title}<table class='table table-bordered'><tr>{heads}</tr>{rows}</table>{more}"


def _policies(names: list[str] | None) -> list[frappe._dict]:
	"""Policies that say something of ordering: with a demand, a reorder point and a quantity."""
	only = "and p.name in %(names)s" if names is not None else ""
	return frappe.db.sql(
		f"""select p.item_code, p.warehouse, p.reorder_point, p.order_qty, coalesce(u.must_be_whole_number, 0) whole,
			exists(select 1 from `tabBOM` b where b.item = i.name and b.docstatus = 1 and b.is_active = 1
				and b.is_default = 1) and i.is_sub_contracted_item = 0 is_made
		from `tabStock Policy` p join `tabItem` i on i.name = p.item_code left join `tabUOM` u on u.name = i.stock_uom
		where p.verdict in ('order', 'enough') and p.order_qty > 0 and p.reorder_point > 0 {only}
		order by p.item_code, p.warehouse""",
		{"names": names or [""]},
		as_dict=True,
	)


def _current(items: list[str]) -> dict[tuple[str, str, str], frappe._dict]:
	rows = frappe.get_all(
		"Item Reorder",
		{"parent": ("in", items or [""]), "parenttype": "Item"},
		[
			"name",
			"parent",
			"warehouse",
			"material_request_type",
			"warehouse_reorder_level",
			"warehouse_reorder_qty",
		],
		limit_page_length=0,
	)
	return {(row.parent, row.warehouse, row.material_request_type): row for row in rows}


def _rounded(row: frappe._dict, value: float) -> float:
	"""Up to whole units where the unit is counted in whole ones."""
	return float(math.ceil(round(value, 6))) if row.whole else round(flt(value), 3)
