"""The small factory of shop_world.py in a store."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pandas as pd
from shop_world import NOW, tables

from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, STOCK
from sentia_ops.scheduling import flow
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.store.frame import Frame
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.overlay import OverlayStore
from sentia_ops.store.registry import FRAMES

QUICK = ScheduleSettings(horizon_days=20, freeze_hours=2, time_limit=2, workers=1)
MAIN = "Main"


class Nothing:
	"""A store without a row, to build on in memory."""

	def read(self, frame: Frame, **filters) -> pd.DataFrame:
		return frame.empty()

	def today(self) -> date:
		return NOW.date()


def shop(**given: list[dict]) -> OverlayStore:
	"""The factory's tables, each of which can be given anew."""
	store, made = OverlayStore(Nothing()), tables(**given)
	with store.run("import") as run:
		for field in fields(made):
			if field.name != "published":
				store.write(FRAMES[field.name], getattr(made, field.name), run=run)
	return store


def write(store: OverlayStore, frame: Frame, rows: list[dict]) -> None:
	with store.run("import") as run:
		store.write(frame, pd.DataFrame(rows) if rows else frame.empty(), run=run)


def stocked(
	store: OverlayStore, on_hand: dict[str, float], orders: list[tuple[str, str, float, str]] = ()
) -> None:
	"""Stock of items in Main, and purchase orders (item, due date, quantity, voucher)."""
	items = sorted({*on_hand, *(order[0] for order in orders)})
	write(store, ITEMS, [{"item_code": item} for item in items])
	write(store, WAREHOUSES, [{"warehouse": MAIN}])
	write(store, STOCK, [{"item_code": i, "warehouse": MAIN, "on_hand": q} for i, q in on_hand.items()])
	write(store, INBOUND, purchases(orders))
	write(store, OUTBOUND, [])


def purchases(orders) -> list[dict]:
	return [
		{
			"item_code": i,
			"warehouse": MAIN,
			"due_date": pd.Timestamp(due),
			"qty": q,
			"voucher": v,
			"kind": "PO",
		}
		for i, due, q, v in orders
	]


def scheduled(store: OverlayStore, now: pd.Timestamp = NOW, settings: ScheduleSettings = QUICK, **more):
	"""Make a schedule; its name and the finished run."""
	with store.run("schedule") as run:
		name = flow.schedule(store, run, settings=settings, now=now, **more)
	return name, run
