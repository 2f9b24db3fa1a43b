"""Items, bills of materials, offers and retailers of the demo company."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.demo import catalogue as c
from sentia_ops.errors import SentiaError

ITEM_GROUPS = {"RED": "Red Range", "BLACK": "Black Range", "GOLD": "Gold Range"}
SPARE_GROUP, MATERIAL_GROUP = "Spare Parts", "Materials"
SMALLEST, LARGEST = 20, len(c.PRODUCTS) * len(c.RANGES) + len(c.MATERIALS) + len(c.SPARES)
STOCKED = {"finished": {"UK": 1.0, "EU": 0.85, "USA": 0.7}, "spare": {"UK": 1.0, "EU": 0.5, "USA": 0.35}}


def make_items(count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""Items and bills of materials.

	Args:
	    count: about 63 % become finished goods, 17 % materials, 20 % spare parts.

	Returns:
	    items: the columns of the items frame (without sourcing) and kind, product, range.
	    boms: item_code, material, qty (of the material in one piece).
	"""
	if not SMALLEST <= count <= LARGEST:
		raise SentiaError(
			f"The demo company has {SMALLEST} to {LARGEST} items, not {count}.", "Choose a number in between."
		)
	products = c.PRODUCTS[: round(count * 0.63 / len(c.RANGES))]
	materials = c.MATERIALS[: round(count * 0.17)]
	spares = c.SPARES[: count - len(products) * len(c.RANGES) - len(materials)]
	boms = _boms(products, {m[0]: m[4] for m in materials})
	costs = {m[0]: m[2] for m in materials}
	material_cost = (
		boms.assign(cost=boms["qty"] * boms["material"].map(costs)).groupby("item_code")["cost"].sum()
	)
	rows = [_finished(p, r, material_cost) for p in products for r in c.RANGES]
	rows += [_spare(*s) for s in spares] + [_material(*m) for m in materials]
	return pd.DataFrame(rows), boms


def _finished(product: c.Product, colour: str, material_cost: pd.Series) -> dict:
	code = f"{colour}-{product.code}"
	cost = max(product.cost * c.RANGE_PRICES[colour], 1.25 * material_cost.get(code, 0.0))
	return {
		"item_code": code,
		"item_name": f"{product.name}, {c.RANGES[colour][0]}",
		"item_group": ITEM_GROUPS[colour],
		"stock_uom": "Nos",
		"whole_number": True,
		"is_purchased": not product.body,
		"is_made": bool(product.body),
		"valuation_rate": round(cost, 2),
		"selling_rate": round(cost * 1.75, 2),
		"kind": "finished",
		"product": product.code,
		"range": colour,
	}


def _spare(code: str, name: str, cost: float) -> dict:
	return {
		"item_code": f"SP-{code}",
		"item_name": name,
		"item_group": SPARE_GROUP,
		"stock_uom": "Nos",
		"whole_number": True,
		"is_purchased": True,
		"is_made": False,
		"valuation_rate": cost,
		"selling_rate": round(cost * 2.6, 2),
		"kind": "spare",
		"product": "",
		"range": "",
	}


def _material(code: str, name: str, cost: float, uom: str, _quantity: float) -> dict:
	return {
		"item_code": code,
		"item_name": name,
		"item_group": MATERIAL_GROUP,
		"stock_uom": uom,
		"whole_number": uom == "Nos",
		"is_purchased": True,
		"is_made": False,
		"valuation_rate": cost,
		"selling_rate": 0.0,
		"kind": "raw",
		"product": "",
		"range": "",
	}


def _boms(products: list[c.Product], quantities: dict[str, float]) -> pd.DataFrame:
	rows = []
	for product in products:
		if not product.body:
			continue
		for colour in c.RANGES:
			used = [
				product.body,
				f"RM-PAINT-{colour}",
				*c.COMMON_MATERIALS,
				*c.EXTRA_MATERIALS.get(product.code, ()),
			]
			if product.drive:
				used += [product.drive, *c.ELECTRIC_MATERIALS]
				used += c.HEATING_MATERIALS if product.drive.startswith("RM-ELEMENT") else c.MOTOR_MATERIALS
			rows += [(f"{colour}-{product.code}", m, quantities[m]) for m in used if m in quantities]
	return pd.DataFrame(rows, columns=["item_code", "material", "qty"])


def make_places(items: pd.DataFrame, rng: np.random.Generator, abroad: float) -> pd.DataFrame:
	"""Which item is kept where: item_code, warehouse, market. Materials stay at the plant in the UK.

	Args:
	    abroad: how much of their usual assortment the EU and USA warehouses keep, 0 to 1.
	"""
	rows = []
	for item in items.itertuples():
		for market in c.MARKETS:
			chance = STOCKED.get(item.kind, {"UK": 1.0}).get(market, 0.0)
			if rng.random() < chance * (1.0 if market == "UK" else abroad):
				rows.append((item.item_code, c.WAREHOUSES[market], market))
	return pd.DataFrame(rows, columns=["item_code", "warehouse", "market"])


def make_offers(items: pd.DataFrame, volume: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
	"""Rows of supplier_items: a default supplier for each bought item, a second one for most that have a choice.

	Args:
	    volume: item_code -> pieces a day over all markets; large sellers come in larger packs.
	"""
	rows, turn = [], dict.fromkeys(["finished", "spare", "metal", "packaging", "parts"], 0)
	product_turn: dict[str, int] = {}
	for item in items[items["is_purchased"]].itertuples():
		kind = _trade(item)
		pool = [s for s in c.SUPPLIERS if kind in s.sells]
		if kind == "finished":  # one supplier makes all colours of a product
			place = product_turn.setdefault(item.product, len(product_turn))
		else:
			place = turn[kind]
			turn[kind] += 1
		pack = _pack(item, volume.get(item.item_code, 0.0))
		wanted = [pool[place % len(pool)]]
		if len(pool) > 1 and rng.random() < 0.6:
			wanted.append(pool[(place + 1) % len(pool)])
		for supplier in wanted:
			rows.append(_offer(item, supplier, pack, volume, supplier is wanted[0], rng))
	return pd.DataFrame(rows)


def _offer(item, supplier: c.Source, pack: float, volume: pd.Series, is_default: bool, rng) -> dict:
	least = max(1.0, np.ceil(volume.get(item.item_code, 0.0) * supplier.cycle_days / 5 / pack)) * pack
	price = item.valuation_rate * supplier.price_factor * rng.uniform(0.97, 1.03) / c.RATES[supplier.currency]
	return {
		"supplier": supplier.name,
		"item_code": item.item_code,
		"price": round(price, 2 if price >= 1 else 4),
		"currency": supplier.currency,
		"min_order_qty": float(least),
		"pack_size": float(pack),
		"promised_lead_days": float(supplier.promised_days),
		"is_default": is_default,
	}


def _trade(item) -> str:
	if item.kind != "raw":
		return item.kind
	if item.item_code.startswith(c.METAL):
		return "metal"
	return "packaging" if item.item_code.startswith(c.PACKAGING) else "parts"


def _pack(item, volume: float) -> int:
	if item.kind == "raw":
		return 500 if item.valuation_rate < 0.1 else 100 if item.valuation_rate < 1 else 25
	if item.kind == "spare":
		return 5 if volume > 0.5 else 1
	return 12 if volume > 12 else 6 if volume > 4 else 2


def add_sourcing(items: pd.DataFrame, offers: pd.DataFrame, volume: pd.Series) -> pd.DataFrame:
	"""Items with min_order_qty, pack_size and lead_time_days, from the default offer or from the plant's lot."""
	default = offers[offers["is_default"]].set_index("item_code")
	code = items["item_code"]
	lot = (code.map(volume).fillna(0.0) * 5 / 6).apply(np.ceil).clip(lower=1) * 6
	made = items["is_made"]
	return items.assign(
		min_order_qty=np.where(made, lot, code.map(default["min_order_qty"]).fillna(0.0)),
		pack_size=np.where(made, 6.0, code.map(default["pack_size"]).fillna(0.0)),
		lead_time_days=np.where(
			made, c.PLANT["UK"].promised_days, code.map(default["promised_lead_days"]).fillna(0.0)
		),
		shelf_life_days=0.0,
		volume=(0.0015 * items["valuation_rate"] ** 0.6).round(
			4
		),  # dearer kitchen goods are larger, but not as much
	)


def make_customers(rng: np.random.Generator) -> pd.DataFrame:
	"""The retailers: customer, market, weight (share of their market's orders)."""
	rows = []
	for market, names in c.RETAILERS.items():
		weights = rng.pareto(1.6, len(names)) + 0.3
		rows += [(name, market, w) for name, w in zip(names, weights / weights.sum(), strict=True)]
	return pd.DataFrame(rows, columns=["customer", "market", "weight"])
