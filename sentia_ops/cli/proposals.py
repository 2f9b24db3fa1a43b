"""Recommendations on a terminal: the most urgent first, with the reasons a buyer can check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sentia_ops.cli.state import plain
from sentia_ops.replenishment.frames import RECOMMENDATIONS, STOCK_POLICY, URGENCIES
from sentia_ops.store.frames import CURRENCIES, ITEMS

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

COLOURS = {"Critical": "bold red", "High": "dark_orange", "Medium": "yellow", "Low": "green"}


def by_urgency(rows: pd.DataFrame) -> pd.DataFrame:
	"""Most urgent first; within an urgency the likeliest stock-out, then the dearest order."""
	rank = rows["urgency"].map({name: n for n, name in enumerate(URGENCIES)})
	order = rows.assign(_rank=rank).sort_values(
		["_rank", "stockout_risk", "order_by", "cost", "item_code", "warehouse"],
		ascending=[True, False, True, False, True, True],
	)
	return order.drop(columns="_rank").reset_index(drop=True)


def proposals(store: LakeStore, top: int) -> pd.DataFrame:
	"""The `top` most urgent recommendations, with the items' names."""
	rows = by_urgency(store.read(RECOMMENDATIONS)).head(top)
	names = store.read(ITEMS, item_code=list(rows["item_code"]))[["item_code", "item_name", "stock_uom"]]
	rows = rows.merge(names, on="item_code", how="left")
	for column in ("reasons", "alternatives", "projection", "inputs", "weekly_demand"):
		rows[column] = [json.loads(text) for text in rows[column]]
	return rows


def stock_known(store: LakeStore) -> bool:
	"""Whether the last plan knew what is on hand, and so could propose orders."""
	return "stock unknown" not in set(store.read(STOCK_POLICY)["verdict"])


def best_sellers(store: LakeStore) -> pd.DataFrame:
	"""The stock policy with the items' names, the largest expected demand first: what holds where stock is unknown."""
	rows = store.read(STOCK_POLICY).merge(
		store.read(ITEMS)[["item_code", "item_name", "stock_uom"]], on="item_code", how="left"
	)
	return rows.sort_values(
		["daily_demand", "item_code", "warehouse"], ascending=[False, True, True], ignore_index=True
	)


def reorder_points(rows: pd.DataFrame) -> Table:
	"""Rows of the stock policy as a table of what to keep."""
	table = Table(title="Order when stock falls to", title_justify="left", title_style="bold", box=None)
	table.add_column("item")
	table.add_column("warehouse")
	for name in ("reorder point", "safety stock", "demand a day", "lead days"):
		table.add_column(name, justify="right")
	for row in rows.itertuples():
		figures = (row.reorder_point, row.safety_stock, row.daily_demand, row.lead_days)
		table.add_row(
			plain(row.item_name or row.item_code), plain(row.warehouse), *(f"{f:,.1f}" for f in figures)
		)
	return table


def company_currency(store: LakeStore) -> str:
	"""The currency whose rate is 1; "" where none is known."""
	known = store.read(CURRENCIES)
	return next(iter(known.loc[known["rate"] == 1.0, "currency"]), "")


def most_urgent(store: LakeStore, rows: pd.DataFrame) -> list:
	"""Each recommendation with its reasons, then all of them as one table (last, so that a terminal still shows it)."""
	if rows.empty:
		return ["Nothing needs ordering."]
	reasons = [line for number, row in enumerate(rows.itertuples(), 1) for line in _why(number, row)]
	return [*reasons, _overview(rows, company_currency(store)), ""]


def _overview(rows: pd.DataFrame, currency: str) -> Table:
	table = Table(
		title="Order first", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0)
	)
	for name in ("#", "urgency", "item", "warehouse", "do", "from", "order by", "cost", "risk"):
		right = name in ("#", "cost", "risk")
		table.add_column(name, justify="right" if right else "left", no_wrap=name in ("do", "order by"))
	for number, row in enumerate(rows.itertuples(), 1):
		table.add_row(
			str(number),
			Text(row.urgency, style=COLOURS[row.urgency]),
			plain(row.item_name or row.item_code),
			plain(row.warehouse),
			f"{row.action} {row.qty:,g} {plain(row.stock_uom)}",
			plain(row.supplier or row.from_warehouse or "-"),
			f"{row.order_by:%Y-%m-%d}",
			f"{row.cost:,.0f} {currency}".strip(),
			f"{row.stockout_risk:.0%}",
		)
	return table


def _why(number: int, row) -> list:
	name = plain(row.item_name or row.item_code)
	heading = Text.assemble(
		(f"{number}. {name} ", "bold"), (f"({plain(row.item_code)}, {plain(row.warehouse)})", "dim")
	)
	grid = Table.grid(padding=(0, 2, 0, 0))
	grid.add_column(style="dim", no_wrap=True)
	grid.add_column()
	if row.changes:
		grid.add_row("   Changed", plain(row.changes))
	for reason in row.reasons:
		grid.add_row(f"   {plain(reason['label'])}", plain(reason["text"]))
	return [heading, Padding(plain(row.summary), (0, 0, 0, 3)), grid, ""]
