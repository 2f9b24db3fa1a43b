"""Recommendations on a terminal: the most urgent first, with the reasons a buyer can check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from sentia_ops.cli.state import plain
from sentia_ops.replenishment.frames import RECOMMENDATIONS, URGENCIES
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
	for column in ("reasons", "alternatives", "projection"):
		rows[column] = [json.loads(text) for text in rows[column]]
	return rows


def company_currency(store: LakeStore) -> str:
	"""The currency whose rate is 1; "" where none is known."""
	known = store.read(CURRENCIES)
	return next(iter(known.loc[known["rate"] == 1.0, "currency"]), "")


def most_urgent(store: LakeStore, rows: pd.DataFrame) -> list:
	"""A table of the recommendations `rows`, and each one's reasons as short lines."""
	if rows.empty:
		return ["Nothing needs ordering."]
	currency = company_currency(store)
	table = Table(
		title="Order first", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0)
	)
	for name in ("#", "urgency", "item", "warehouse", "do", "from", "order by", "cost", "risk"):
		table.add_column(name, justify="right" if name in ("#", "cost", "risk") else "left")
	for number, row in enumerate(rows.itertuples(), 1):
		table.add_row(
			str(number),
			Text(row.urgency, style=COLOURS[row.urgency]),
			plain(row.item_name or row.item_code),
			plain(row.warehouse),
			f"{row.action} {row.qty:,g} {plain(row.stock_uom)}",
			plain(row.supplier or "-"),
			f"{row.order_by:%Y-%m-%d}",
			f"{row.cost:,.0f} {currency}".strip(),
			f"{row.stockout_risk:.0%}",
		)
	return [
		table,
		"",
		*(line for number, row in enumerate(rows.itertuples(), 1) for line in _why(number, row)),
	]


def _why(number: int, row) -> list[Text]:
	name = plain(row.item_name or row.item_code)
	heading = Text.assemble(
		(f"{number}. {name} ", "bold"), (f"({plain(row.item_code)}, {plain(row.warehouse)})", "dim")
	)
	lines = [heading, Text(f"   {plain(row.summary)}")]
	lines += [Text(f"   - {plain(r['label'])}: {plain(r['text'])}") for r in row.reasons]
	return [*lines, Text("")]
