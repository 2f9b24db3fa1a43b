"""A board full of open recommendations, inserted in bulk: for the workbench's tests and its benchmark."""

from __future__ import annotations

import json
import random

import frappe
from factories import company
from frappe.utils import add_days, today

MARK = "BOARD"  # every name starts with it, so that a board left behind is found and removed
WAREHOUSES, SUPPLIERS = 4, 60
URGENCIES = ["Critical", "High", "Medium", "Low"]
DAYS = 90


def make_board(rows: int, seed: int = 7) -> list[str]:
	"""`rows` drafts over rows/4 items, 4 warehouses and 60 suppliers, with texts as long as a plan's; their names."""
	rng = random.Random(seed)
	sheds, mills = _places()
	codes = _items(-(-rows // WAREHOUSES))
	pairs = [(code, shed) for code in codes for shed in sheds][:rows]
	drafts = [_draft(f"{MARK}-{i:06d}", code, shed, rng, mills) for i, (code, shed) in enumerate(pairs)]
	_insert("Reorder Recommendation", [draft for draft, _policy in drafts])
	_insert("Stock Policy", [policy for _draft, policy in drafts])
	return [draft["name"] for draft, _policy in drafts]


def remove_board() -> None:
	for doctype in ("Reorder Recommendation", "Stock Policy", "Item", "Supplier", "Warehouse"):
		frappe.db.sql(f"delete from `tab{doctype}` where name like %s", f"{MARK}%")


def _places() -> tuple[list[str], list[str]]:
	sheds = [f"{MARK} Shed {n}" for n in range(WAREHOUSES)]
	mills = [f"{MARK} Mill {n:02d}" for n in range(SUPPLIERS)]
	_insert("Warehouse", [{"name": s, "warehouse_name": s, "company": company()} for s in sheds])
	_insert(
		"Supplier", [{"name": s, "supplier_name": s, "supplier_group": "All Supplier Groups"} for s in mills]
	)
	return sheds, mills


def _items(count: int) -> list[str]:
	codes = [f"{MARK}-{n:05d}" for n in range(count)]
	common = {"stock_uom": "Nos", "is_stock_item": 1, "is_purchase_item": 1}
	groups = frappe.get_all("Item Group", {"is_group": 0}, pluck="name") or ["All Item Groups"]
	rows = [
		{
			"name": c,
			"item_code": c,
			"item_name": f"Bracket {n} zinc plated",
			"item_group": groups[n % len(groups)],
		}
		for n, c in enumerate(codes)
	]
	_insert("Item", [{**row, **common} for row in rows])
	return codes


def _draft(name: str, code: str, shed: str, rng: random.Random, mills: list[str]) -> tuple[dict, dict]:
	daily = rng.uniform(0.5, 20)
	lead, supplier = rng.randint(4, 30), rng.choice(mills)
	safety, point = round(daily * 5, 1), round(daily * (lead + 12), 1)
	on_hand = round(daily * rng.uniform(0, lead + 11), 1)
	cover = round(on_hand / daily, 1)
	buffer = "red" if on_hand < safety else "yellow"
	pack = rng.choice([1, 1, 6, 12, 24])
	qty = max(pack * round(daily * 30 / pack), pack)
	price = round(rng.uniform(0.4, 90), 2)
	urgency = rng.choices(URGENCIES, [5, 15, 40, 40])[0]
	weekly = json.dumps([round(daily * 7 * rng.uniform(0.7, 1.3), 1) for _ in range(13)])
	without = [round(on_hand - daily * day, 1) for day in range(DAYS)]
	wanted = qty * 2 if rng.random() < 0.05 else -1
	key = {"item_code": code, "item_name": f"Bracket {code[-5:]} zinc plated", "warehouse": shed}
	shared = {"supplier": supplier, "days_of_cover": cover, "buffer": buffer, "weekly_demand": weekly}
	draft = {
		"name": name,
		**key,
		**shared,
		"company": company(),
		"action": "buy",
		"status": "Draft",
		"open_key": f"{code}|{shed}|buy",
		"qty": qty,
		"stock_uom": "Nos",
		"unit_price": price,
		"currency": "GBP",
		"cost": qty * price,
		"order_by": add_days(today(), rng.randint(-5, 25)),
		"need_by": add_days(today(), min(int(cover), DAYS - 1)),
		"urgency": urgency,
		"summary": f"Order {qty} Nos of {code} from {supplier}: stock lasts {cover} days.",
		"service_level": 0.95,
		"service_class": rng.choice("ABC") + rng.choice("XYZ"),
		"stockout_risk": round(rng.random(), 3),
		"confidence": 0.8,
		"wanted_qty": wanted,
		"cut_by": "budget" if wanted > 0 else None,
		"cost_without": round(rng.uniform(0, 900), 2),
		"cost_with": -1,
		"projection": json.dumps({"start": today(), "without": without, "with": without, "atp": without}),
		"reasons": json.dumps(
			[{"label": f"Reason {n}", "text": "word " * 50, "value": n} for n in range(11)]
		),
		"inputs": json.dumps({"min_qty": pack, "step": pack, "daily_demand": daily}),
		"alternatives": "[]",
	}
	policy = {
		"name": name,
		**key,
		**shared,
		"on_hand": on_hand,
		"position": on_hand,
		"daily_demand": daily,
		"lead_days": lead,
		"service_level": 0.95,
		"safety_stock": safety,
		"reorder_point": point,
		"order_up_to": point + qty,
		"verdict": "order",
		"abc": draft["service_class"][0],
		"xyz": draft["service_class"][1],
	}
	return draft, policy


def _insert(doctype: str, rows: list[dict]) -> None:
	now = frappe.utils.now()
	common = {"creation": now, "modified": now, "owner": "Administrator", "modified_by": "Administrator"}
	fields = [*rows[0], *common]
	frappe.db.bulk_insert(doctype, fields, [tuple({**row, **common}[f] for f in fields) for row in rows])
