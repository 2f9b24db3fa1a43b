"""`excess`, and what limits cut: stock and orders that the plan would rather have elsewhere, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sentia_ops.cli.proposals import company_currency
from sentia_ops.cli.state import State, plain, records
from sentia_ops.errors import NoDataError
from sentia_ops.replenishment.frames import ALLOCATIONS, EXCESS, STOCK_POLICY
from sentia_ops.store.frames import ITEMS

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore


def register(app: typer.Typer) -> None:
	app.command(name="excess")(show_excess)


def show_excess(
	context: typer.Context,
	top: Annotated[int, typer.Option(min=0, help="Rows to print, the dearest to hold first.")] = 10,
) -> None:
	"""Stock beyond what the largest cover will use, what to do with it, and how scarce stock is shared out."""
	state: State = context.obj
	store = state.open()
	if store.read(STOCK_POLICY).empty:
		raise NoDataError(f"Nothing has been planned in {store.path} yet.", "Run 'sentia-ops plan' first.")
	found = store.read(EXCESS).sort_values(["holding_cost", "item_code"], ascending=[False, True])
	shares = store.read(ALLOCATIONS).sort_values(["item_code", "warehouse"])
	currency = company_currency(store)
	total = (
		f"{len(found):,} items and warehouses hold too much: worth {found['excess_value'].sum():,.0f} {currency}, "
		f"{found['holding_cost'].sum():,.0f} {currency} a year to hold."
	)
	state.result(
		{"excess": records(found.head(top)), "allocations": records(shares.head(top))},
		*(_excess_lines(_named(store, found.head(top))) if len(found) else []),
		total if len(found) else "Nothing is held in excess.",
		*(_share_lines(_named(store, shares.head(top))) if len(shares) else []),
	)


def _named(store: LakeStore, rows: pd.DataFrame) -> pd.DataFrame:
	names = store.read(ITEMS, item_code=list(rows["item_code"].unique()))[["item_code", "item_name"]]
	return rows.merge(names, on="item_code", how="left")


def _excess_lines(rows: pd.DataFrame) -> list:
	table = _table("Too much", ["item", "warehouse", "do"], ["too many", "value", "a year to hold"])
	for row in rows.itertuples():
		table.add_row(
			plain(row.item_name or row.item_code),
			plain(row.warehouse),
			row.proposal,
			f"{row.excess_qty:,g}",
			f"{row.excess_value:,.0f}",
			f"{row.holding_cost:,.0f}",
		)
	return [*(_sentence(row) for row in rows.itertuples()), "", table, ""]


def _share_lines(rows: pd.DataFrame) -> list:
	table = _table(
		"Scarce, shared out until the next delivery",
		["item", "warehouse"],
		["here and due", "demand", "share", "short", "margin lost"],
	)
	for row in rows.itertuples():
		figures = (row.available, row.demand, row.allocated, row.short)
		table.add_row(
			plain(row.item_name or row.item_code),
			plain(row.warehouse),
			*(f"{figure:,g}" for figure in figures),
			f"{row.lost_margin:,.0f}",
		)
	return ["", table]


def _sentence(row) -> Padding:
	name = (f"{plain(row.item_name or row.item_code)}, {plain(row.warehouse)}: ", "bold")
	return Padding(Text.assemble(name, plain(row.why)), (0, 0, 0, 3))


def _table(title: str, texts: list[str], numbers: list[str]) -> Table:
	table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
	for name in texts:
		table.add_column(name)
	for name in numbers:
		table.add_column(name, justify="right")
	return table


def cuts(store: LakeStore, top: int) -> pd.DataFrame:
	"""Orders that budget, capacity or order value cut, the dearest risk first."""
	rows = store.read(STOCK_POLICY)
	rows = rows[(rows["cut_by"] != "") & (rows["cut_qty"] > 0)]
	order = ["cut_risk", "item_code", "warehouse"]
	return _named(store, rows.sort_values(order, ascending=[False, True, True]).head(top))


def cut_lines(rows: pd.DataFrame, currency: str) -> list:
	"""What was cut and what it risks, as a table; nothing where nothing was cut."""
	if rows.empty:
		return []
	table = _table(
		"Cut or left out",
		["item", "warehouse", "by"],
		["taken off", f"added stock-out cost {currency}".strip()],
	)
	for row in rows.itertuples():
		table.add_row(
			plain(row.item_name or row.item_code),
			plain(row.warehouse),
			row.cut_by,
			f"{row.cut_qty:,g}",
			f"{row.cut_risk:,.2f}",
		)
	return [table, ""]
