"""The command line `sentia-ops`: global options, the commands, and the border where errors become words."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sentia_ops import __version__
from sentia_ops.cli import (
	accuracy,
	demo,
	forecasting,
	imports,
	lake,
	network,
	planning,
	reporting,
	scenario,
	scheduling,
	suppliers,
)
from sentia_ops.cli.state import UNEXPECTED, WRONG_USE, State, plain
from sentia_ops.errors import SentiaError

app = typer.Typer(
	name="sentia-ops",
	help="Plans operations from sales history: what will sell, what to buy and when, with reasons.",
	no_args_is_help=True,
	add_completion=False,
	pretty_exceptions_enable=False,
	context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (
	demo,
	planning,
	network,
	scenario,
	scheduling,
	forecasting,
	accuracy,
	suppliers,
	reporting,
	lake,
):
	room.register(app)
app.add_typer(imports.app, name="import")


def _version(wanted: bool) -> None:
	if wanted:
		sys.stdout.write(f"sentia-ops {__version__}\n")
		raise typer.Exit()


@app.callback()
def options(
	context: typer.Context,
	lake: Annotated[
		Path | None, typer.Option(help="The lake's folder. Default: $SENTIA_LAKE, else ./lake.")
	] = None,
	as_json: Annotated[bool, typer.Option("--json", help="Results as JSON.")] = False,
	debug: Annotated[bool, typer.Option("--debug", help="Show where an unexpected error came from.")] = False,
	version: Annotated[
		bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
	] = False,
) -> None:
	context.obj = State(lake=lake, as_json=as_json)


def main() -> None:
	"""Run a command; exit 0 done, 1 finished with refusals, 2 wrong use or bad input, 3 unexpected."""
	try:
		try:
			app()
		finally:
			sys.stdout.flush()  # here, where a reader that has gone away can be caught
	except SentiaError as error:
		_fail(type(error).__name__, error.message, error.hint, WRONG_USE)
	except BrokenPipeError:  # the reader (head, less) has seen enough
		os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
		sys.exit(1)  # as typer does when it meets the broken pipe first
	except Exception as error:
		if "--debug" in sys.argv:
			raise
		_fail(
			"Unexpected",
			f"Something unexpected happened: {error or type(error).__name__}",
			"Earlier results are untouched. 'sentia-ops --debug ...' shows where; please report it.",
			UNEXPECTED,
		)


def _fail(code: str, message: str, hint: str, status: int) -> None:
	state = State()
	state.err.print(f"Error: {plain(message)}", style="bold red", soft_wrap=True)
	if hint:
		state.err.print(plain(hint), soft_wrap=True)
	if "--json" in sys.argv:
		sys.stdout.write(json.dumps({"error": {"code": code, "message": message, "hint": hint}}) + "\n")
	sys.exit(status)


if __name__ == "__main__":
	main()
