"""Stock entries and work orders of the demo: opening stock, what the plant took, and what it finished.

Lots that are finished are a plain receipt and their materials a plain issue, one entry a day: a Work Order each would
double the time it takes to write the history. Lots still under way are real Work Orders with their materials moved to
the shop floor, so that planned stock and open needs are right.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sentia_ops.demo.catalogue import ABBR, WAREHOUSES
from sentia_ops.demo.company import DemoCompany
from sentia_ops.demo.factory import LOT_DAYS
from sentia_ops.demo.site_masters import SHOP_FLOOR, bom_name
from sentia_ops.demo.site_papers import Paper, posted
from sentia_ops.demo.site_plant import order_operations

RECEIPT, ISSUE, TRANSFER = "Material Receipt", "Material Issue", "Material Transfer for Manufacture"
PLANT = WAREHOUSES["UK"]


class StockPapers:
	def __init__(self, company: DemoCompany):
		self.company = company
		self.items = company.items.set_index("item_code")
		made = company.truth["production"]
		self.done = made.dropna(subset=["finished_on"])
		self.open = made[made["finished_on"].isna()]

	def opening(self) -> Iterator[Paper]:
		rows = self.company.truth["opening"].query("qty > 0")
		day = pd.Timestamp(self.company.as_of) - pd.Timedelta(days=self.company.days + 1)
		yield self._entry(f"{ABBR}-OPENING", RECEIPT, day, "18:00:00", rows)

	def finished(self) -> Iterator[Paper]:
		for day, rows in self.done.groupby("finished_on"):
			yield self._entry(f"{ABBR}-MADE-{day:%Y%m%d}", RECEIPT, day, "08:30:00", rows)

	def work_orders(self) -> Iterator[Paper]:
		"""Each open lot, followed by the move of its materials, a second apart: entries at one time would be reposted."""
		moved = self._moved()
		for number, lot in enumerate(self.open.itertuples()):
			name = f"{ABBR}-{lot.work_order}"
			yield Paper(lot.started_on, "Work Order", name, lambda lot=lot: self._work_order(lot))
			rows = moved[(moved["work_order"] == lot.work_order) & (moved["qty"] > 0)]
			links = {
				"work_order": name,
				"bom_no": bom_name(lot.item_code),
				"fg_completed_qty": lot.qty,
				"from_bom": 1,
			}
			if len(rows):
				yield self._entry(
					f"{ABBR}-MOVED-{lot.work_order}",
					TRANSFER,
					lot.started_on,
					f"16:{number // 60:02d}:{number % 60:02d}",
					rows,
					**links,
				)

	def issued(self) -> Iterator[Paper]:
		"""What finished lots took, day by day."""
		used = self.company.demand.query("channel == 'Production' and qty > 0")
		moved = self._moved().groupby(["item_code", "started_on"])["qty"].sum().rename("moved")
		used = used.join(moved, on=["item_code", "date"]).fillna({"moved": 0.0})
		used = used.assign(qty=(used["qty"] - used["moved"]).round(3))
		for day, rows in used[used["qty"] > 0].groupby("date"):
			yield self._entry(f"{ABBR}-USED-{day:%Y%m%d}", ISSUE, day, "17:30:00", rows)

	def _moved(self) -> pd.DataFrame:
		"""work_order, started_on, item_code, warehouse, qty: materials of the open lots, as far as there were any."""
		needs = self.open.merge(self.company.boms, on="item_code", suffixes=("", "_each"))
		needs["need"] = (needs["qty"] * needs["qty_each"]).round(3)
		used = self.company.demand.query("channel == 'Production'").set_index(["item_code", "date"])["qty"]
		there = (
			used.reindex(pd.MultiIndex.from_frame(needs[["material", "started_on"]])).fillna(0.0).to_numpy()
		)
		before = needs.groupby(["material", "started_on"])["need"].cumsum() - needs["need"]
		taken = np.clip(there - before, 0, needs["need"]).round(3)
		return pd.DataFrame(
			{
				"work_order": needs["work_order"],
				"started_on": needs["started_on"],
				"item_code": needs["material"],
				"warehouse": PLANT,
				"qty": taken,
			}
		)

	def _work_order(self, lot) -> dict:
		"""Those of the last week are on the shop floor; older ones are made and on their way to the markets."""
		running = lot.started_on > pd.Timestamp(self.company.as_of) - pd.Timedelta(days=LOT_DAYS)
		bom = bom_name(lot.item_code)
		return {
			"operations": order_operations(self.company, lot.item_code, lot.qty, bom) if running else [],
			"production_item": lot.item_code,
			"bom_no": bom,
			"qty": lot.qty,
			"stock_uom": self.items.at[lot.item_code, "stock_uom"],
			"source_warehouse": PLANT,
			"wip_warehouse": SHOP_FLOOR,
			"fg_warehouse": lot.warehouse,
			"transfer_material_against": "Work Order",
			"use_multi_level_bom": 0,
			"planned_start_date": f"{lot.started_on.date()} 08:00:00",
			"planned_end_date": f"{lot.due_on.date()} 17:00:00",
			"expected_delivery_date": lot.due_on.date(),
		}

	def _entry(
		self, name: str, purpose: str, day: pd.Timestamp, time: str, rows: pd.DataFrame, **links
	) -> Paper:
		return Paper(day, "Stock Entry", name, lambda: self._values(purpose, day, time, rows) | links)

	def _values(self, purpose: str, day: pd.Timestamp, time: str, rows: pd.DataFrame) -> dict:
		lines = []
		for r in rows.itertuples():
			line = {
				"item_code": r.item_code,
				"qty": r.qty,
				"uom": self.items.at[r.item_code, "stock_uom"],
				"conversion_factor": 1,
				"basic_rate": self.items.at[r.item_code, "valuation_rate"],
				"set_basic_rate_manually": int(purpose == RECEIPT),
			}
			line |= {"t_warehouse": r.warehouse} if purpose == RECEIPT else {"s_warehouse": r.warehouse}
			line |= {"t_warehouse": SHOP_FLOOR} if purpose == TRANSFER else {}
			lines.append(line)
		return {"stock_entry_type": purpose, "purpose": purpose, **posted(day, time), "items": lines}
