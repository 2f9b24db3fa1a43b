"""What is in the lake: `tables` and `show TABLE`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table

from sentia_ops.cli.naming import closest
from sentia_ops.cli.state import State, plain, records
from sentia_ops.errors import SentiaError


def register(app: typer.Typer) -> None:
	app.command()(tables)
	app.command()(show)


def tables(context: typer.Context) -> None:
	"""List the lake's tables with their rows."""
	state: State = context.obj
	store = state.open()
	found = store.tables()
	table = Table(title=f"Lake {plain(store.path)}", title_justify="left", box=None, padding=(0, 2, 0, 0))
	table.add_column("table")
	table.add_column("rows", justify="right")
	for name, rows in found.items():
		table.add_row(name, f"{rows:,}")
	state.result({"lake": str(store.path), "tables": found}, table)


def show(
	context: typer.Context,
	table: Annotated[str, typer.Argument(help="Table name, see 'sentia-ops tables'.")],
	where: Annotated[
		list[str] | None, typer.Option(help="column=value; give it again for more.", metavar="COL=VALUE")
	] = None,
	columns: Annotated[str, typer.Option(help="Only these, separated by commas.")] = "",
	limit: Annotated[int, typer.Option(min=0, help="Rows to show; 0: all.")] = 20,
) -> None:
	"""Print rows of a table: as a table on a terminal, as CSV into a pipe, as JSON with --json."""
	from sentia_ops.store.registry import FRAMES

	state: State = context.obj
	frame = FRAMES.get(table)
	if frame is None:
		raise SentiaError(f"There is no table {table}.", closest(table, FRAMES, "Tables"))
	filters = dict(_pair(text) for text in where or [])
	wanted = [name.strip() for name in columns.split(",") if name.strip()] or frame.columns
	for name in [*wanted, *filters]:
		if name not in frame.columns:
			raise SentiaError(f"Table {table} has no column {name}.", closest(name, frame.columns, "Columns"))
	rows = state.open().read(frame, **filters)
	total = len(rows)
	rows = (rows.head(limit) if limit else rows)[wanted]
	if state.as_json:
		state.result(records(rows))
	elif state.out.is_terminal:
		state.result(None, _printable(rows))
	else:
		rows.to_csv(sys.stdout, index=False)
	if len(rows) < total:
		state.say(f"{len(rows)} of {total:,} rows; --limit 0 shows all.")


def _pair(text: str) -> tuple[str, str]:
	name, sign, value = text.partition("=")
	if not sign:
		raise SentiaError(f"--where {text} is not of the form column=value.")
	return name, value


def _printable(rows) -> Table:
	table = Table(box=None, padding=(0, 2, 0, 0))
	for name in rows.columns:
		table.add_column(name, justify="right" if rows[name].dtype.kind in "if" else "left", overflow="fold")
	for row in records(rows):
		table.add_row(
			*(f"{v:g}" if isinstance(v, float) else "" if v is None else plain(v) for v in row.values())
		)
	return table
