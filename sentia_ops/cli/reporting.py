"""`report`: the lake's results as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentia_ops.cli.state import State
from sentia_ops.errors import NoDataError

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore


def register(app: typer.Typer) -> None:
	app.command()(report)


def report(
	context: typer.Context,
	out: Annotated[Path, typer.Option("--out", "-o", help="Where to write it.")] = Path("report.html"),
	charts: Annotated[int, typer.Option(min=0, max=100, help="Recommendations with a chart.")] = 30,
) -> None:
	"""Write one self-contained HTML file: recommendations with reasons and charts, forecast accuracy, lead times, the production schedule."""
	state: State = context.obj
	file = write_report(state, state.open(), out, charts)
	state.result({"report": str(file), "bytes": file.stat().st_size}, f"Report: {file}")


def write_report(state: State, store: LakeStore, out: Path, charts: int = 30) -> Path:
	"""Build and write the report.

	Raises:
	    NoDataError: nothing has been planned yet.
	"""
	from sentia_ops.cli.files import write_atomically
	from sentia_ops.cli.report import build

	tables = store.tables()
	if not {"stock_policy", "forecast_quality", "schedules"} & tables.keys():
		raise NoDataError(f"Nothing has been planned in {store.path} yet.", "Run 'sentia-ops plan' first.")
	state.say("Writing the report ...")
	return write_atomically(out, build(store, charts=charts)).resolve()
