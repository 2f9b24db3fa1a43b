"""`schedule`: production jobs of the lake, or any shop in a text file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
	app.command()(schedule)


def schedule(
	context: typer.Context,
	file: Annotated[Path, typer.Argument(help="A shop in a classical text format; see --format.")],
	kind: Annotated[str, typer.Option("--format", help="jobshop or flexible.")] = "jobshop",
	setups: Annotated[
		Path | None, typer.Option(help="CSV: machine, from_job, to_job, minutes, all numbers from 0.")
	] = None,
	out: Annotated[
		Path | None, typer.Option(help="Write the schedule here as JSON. Default: stdout.")
	] = None,
	time_limit: Annotated[float, typer.Option(help="Seconds for the solver.")] = 60.0,
	workers: Annotated[int, typer.Option(min=0, help="Threads. 0: one for each core.")] = 0,
	seed: Annotated[int, typer.Option(min=0, help="Of the random choices.")] = 0,
) -> None:
	"""Schedule the operations of FILE on its machines: the shortest makespan that is found in the time given."""
	from sentia_ops.cli.schedule_file import Request, solve_file

	solve_file(context.obj, Request(file, kind, setups, out, time_limit, workers, seed))
