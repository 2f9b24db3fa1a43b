"""`import transactions FILE` and `import frame NAME FILE`: data into a lake, validated."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sentia_ops.cli import transactions
from sentia_ops.cli.naming import closest, split_pair
from sentia_ops.cli.state import State, run_summary
from sentia_ops.errors import SentiaError

app = typer.Typer(help="Bring data in, validated; says what was refused and why.", no_args_is_help=True)

MAP_HELP = "TARGET=COLUMN of the file, once per target: " + ", ".join(transactions.TARGETS) + "."


@app.command("transactions")
def import_transactions(
	context: typer.Context,
	file: Annotated[Path, typer.Argument(help="Sales lines, CSV or Parquet.")],
	mapping: Annotated[
		list[str] | None, typer.Option("--map", help=MAP_HELP, metavar="TARGET=COLUMN")
	] = None,
	warehouse: Annotated[str, typer.Option(help="Warehouse of all lines, where none is mapped.")] = "Main",
	currency: Annotated[
		str, typer.Option(help="Currency of the prices; a new lake's company currency.")
	] = "",
	returns_prefix: Annotated[str, typer.Option(help="Vouchers that start so are returns, e.g. C.")] = "",
	skip_items: Annotated[
		str,
		typer.Option(
			help="Regular expression for whole item codes or names that are no products; '' keeps all."
		),
	] = transactions.SKIP_ITEMS,
	date_format: Annotated[str, typer.Option(help="e.g. '%d/%m/%Y %H:%M'. Default: ISO 8601.")] = "",
	decimal: Annotated[str, typer.Option(help="Decimal sign in a CSV's numbers.")] = ".",
	keep_duplicates: Annotated[
		bool, typer.Option("--keep-duplicates", help="Equal lines are true sales.")
	] = False,
	append: Annotated[
		bool, typer.Option("--append", help="Keep demand on days before and after this file's days.")
	] = False,
) -> None:
	"""Sales lines -> items, warehouses, currencies and net daily demand.

	Returns are taken off the sales they undo. Lines that cannot be used are refused, counted by reason, and written
	to LAKE/refused. Without --append the file replaces the demand of its warehouses. Stock is not in such a file:
	bring it in with 'import frame stock FILE'.
	"""
	from sentia_ops.cli.files import read_table
	from sentia_ops.cli.intake import write_transactions

	state: State = context.obj
	rules = transactions.Rules(
		today=date.today(),
		warehouse=warehouse.strip(),
		skip_items=skip_items,
		returns_prefix=returns_prefix,
		date_format=date_format,
		decimal=decimal,
		keep_duplicates=keep_duplicates,
	)
	_check_rules(rules)
	pairs = [split_pair(text) for text in mapping or []]
	state.say(f"Reading {file} ...")
	table = read_table(file)
	found = transactions.bring_in(table.rows, _mapping(pairs, list(table.rows.columns), rules), rules)
	found.notes[:0] = table.notes
	transactions.refuse_useless(found, date_format)
	with state.progress() as progress:
		run = write_transactions(
			state.create(),
			found,
			table.rows,
			source=file.name,
			currency=currency,
			append=append,
			progress=progress,
		)
	counts = found.counts
	state.result(
		run_summary(run) | {"counts": counts},
		f"{file.name}: {counts['lines']:,} lines -> {len(found.items):,} items, {len(found.demand):,} days of demand, "
		f"{found.demand['date'].min():%Y-%m-%d} to {found.demand['date'].max():%Y-%m-%d}, in {state.lake_path()}.",
		f"{counts['sales']:,} sales lines ({counts['units_sold']:,.0f} units); {counts['returns']:,} returns "
		f"({counts['units_returned']:,.0f} units), {counts['units_netted']:,.0f} units of them taken off their sales.",
	)
	if run.refused:
		state.say(
			f"{sum(run.refused.values()):,} lines refused: see {state.lake_path() / 'refused' / run.name}.csv"
		)
	state.finish(run)


def _mapping(pairs: list[tuple[str, str]], columns: list[str], rules: transactions.Rules) -> dict[str, str]:
	"""Target -> column: as mapped, else the column that already has the target's name.

	Raises:
	    SentiaError: unknown target, target mapped twice, column not in the file, required target missing.
	"""
	mapping = {target: target for target in transactions.TARGETS if target in columns}
	given: set[str] = set()
	for target, column in pairs:
		if target not in transactions.TARGETS:
			raise SentiaError(
				f"--map {target}={column}: {target} is no target.",
				closest(target, transactions.TARGETS, "Targets"),
			)
		if target in given:
			raise SentiaError(f"--map {target} is given twice.", "Give each target once.")
		if column not in columns:
			raise SentiaError(
				f"The file has no column {column} (for {target}).",
				closest(column, columns, "Columns in the file"),
			)
		given.add(target)
		mapping[target] = column
	missing = [target for target in transactions.REQUIRED if target not in mapping]
	if missing:
		raise SentiaError(
			f"No column is mapped to {', '.join(missing)}.",
			f"Add --map {missing[0]}=COLUMN. Columns in the file: {', '.join(columns)}.",
		)
	if rules.returns_prefix and "voucher" not in mapping:
		raise SentiaError("--returns-prefix needs the vouchers.", "Add --map voucher=COLUMN.")
	return mapping


def _check_rules(rules: transactions.Rules) -> None:
	if not rules.warehouse:
		raise SentiaError("--warehouse must not be empty.")
	try:
		re.compile(rules.skip_items)
	except re.error as error:
		raise SentiaError(f"--skip-items is not a regular expression: {error}.") from error
	if len(rules.decimal) != 1:
		raise SentiaError("--decimal must be one character.", "Example: --decimal ','")


@app.command("frame")
def import_frame(
	context: typer.Context,
	name: Annotated[str, typer.Argument(help="Table, e.g. stock, items, supplier_items, receipts.")],
	file: Annotated[Path, typer.Argument(help="CSV or Parquet with that table's columns.")],
) -> None:
	"""Replace a whole table by a file's rows; one bad row refuses them all."""
	from sentia_ops.cli.files import read_table
	from sentia_ops.cli.intake import write_frame
	from sentia_ops.store.registry import FRAMES

	state: State = context.obj
	frame = FRAMES.get(name)
	if frame is None or name == "runs":
		raise SentiaError(
			f"There is no table {name} to import.", closest(name, FRAMES.keys() - {"runs"}, "Tables")
		)
	table = read_table(file)
	with state.progress() as progress:
		run, before = write_frame(state.create(), frame, table, source=file.name, progress=progress)
	state.result(run_summary(run), f"{name}: {run.rows_out[name]:,} rows written (before: {before:,}).")
	state.finish(run)
