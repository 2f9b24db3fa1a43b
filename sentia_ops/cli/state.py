"""What every command shares: which lake, how to talk, and how a run's end becomes an exit code."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from sentia_ops.store.base import Progress, Run

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

DONE, WITH_REFUSALS, WRONG_USE, UNEXPECTED = 0, 1, 2, 3
PIPED_WIDTH = 120  # columns of output that does not go to a terminal
QUIET_STEP = 0.1  # share of a run between two progress lines where there is no terminal


@dataclass
class State:
	"""Global options and the two outputs: results to stdout, everything else to stderr."""

	lake: Path | None = None
	as_json: bool = False
	out: Console = field(default_factory=lambda: _console(sys.stdout))
	err: Console = field(default_factory=lambda: _console(sys.stderr))

	def lake_path(self) -> Path:
		return self.lake or Path(os.environ.get("SENTIA_LAKE") or "lake")

	def open(self) -> LakeStore:
		"""The lake, which must exist."""
		from sentia_ops.store.lake import LakeStore

		return LakeStore(self.lake_path())

	def create(self) -> LakeStore:
		"""The lake, made if it is not there."""
		from sentia_ops.store.lake import LakeStore

		return LakeStore(self.lake_path(), create=True)

	def say(self, text: str = "") -> None:
		"""A remark for people."""
		self.err.print(plain(text))

	def result(self, data: Any, *human: Any) -> None:
		"""Print `data` as JSON for machines, or `human` (texts, rich tables) for people."""
		if self.as_json:
			sys.stdout.write(json.dumps(data, default=str, allow_nan=False, indent=1) + "\n")
			return
		for part in human:
			self.out.print(plain(part) if isinstance(part, str) else part)

	@contextmanager
	def progress(self) -> Iterator[Progress]:
		"""A callback for runs: a bar on a terminal, a few lines elsewhere."""
		try:
			with self._bar() if self.err.is_terminal else nullcontext(self._few_lines()) as report:
				yield report
		except KeyboardInterrupt:
			self.say("Stopped. Earlier results are untouched.")
			raise

	@contextmanager
	def _bar(self) -> Iterator[Progress]:
		from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
		from rich.progress import Progress as Bar

		columns = (
			BarColumn(),
			TaskProgressColumn(),
			TimeElapsedColumn(),
			TextColumn("{task.description}", markup=False),
		)
		with Bar(*columns, console=self.err, transient=True) as bar:
			task = bar.add_task("starting", total=1.0)
			yield lambda share, text: bar.update(task, completed=share, description=plain(text))

	def _few_lines(self) -> Progress:
		last, started = -1.0, time.monotonic()

		def report(share: float, text: str) -> None:
			nonlocal last
			if share - last >= QUIET_STEP or (share >= 1.0 > last):
				last = share
				self.say(f"{share:4.0%} {time.monotonic() - started:6.1f} s  {text}")

		return report

	def finish(self, run: Run) -> None:
		"""Say what was refused and warned of, and end with the exit code that fits."""
		for warning in run.warnings:
			self.say(f"Warning: {warning}")
		if run.refused:
			self.err.print(counts_table(run.refused, "Refused, and why", "lines"))
			raise typer.Exit(WITH_REFUSALS)


def _console(stream: Any) -> Console:
	"""Without markup and highlighting: an item called [red] is printed as it is."""
	console = Console(file=stream, markup=False, highlight=False, emoji=False)
	return (
		console
		if console.is_terminal
		else Console(file=stream, markup=False, highlight=False, emoji=False, width=PIPED_WIDTH)
	)


CONTROLS = {code: None for code in (*range(0, 9), *range(11, 32), *range(127, 160))}


def plain(text: object) -> str:
	"""Text without control characters, so that no item name can steer the terminal."""
	return str(text).translate(CONTROLS)


def counts_table(counts: dict[str, int], title: str, unit: str) -> Table:
	table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
	table.add_column(unit, justify="right")
	table.add_column("reason")
	for reason, count in sorted(counts.items(), key=lambda pair: -pair[1]):
		table.add_row(f"{count:,}", plain(reason))
	return table


def run_summary(run: Run) -> dict[str, Any]:
	"""A run for --json."""
	return {
		"run": run.name,
		"flow": run.flow,
		"status": run.status,
		"seconds": round(run.seconds, 2),
		"rows_in": run.rows_in,
		"rows_out": run.rows_out,
		"refused": run.refused,
		"warnings": run.warnings,
	}


def records(rows: Any) -> list[dict[str, Any]]:
	"""A frame's rows as JSON can hold them: dates as ISO days, empty as null."""
	import pandas as pd

	rows = rows.copy()
	for name in rows.columns:
		if pd.api.types.is_datetime64_any_dtype(rows[name]):
			whole_days = (rows[name].dropna() == rows[name].dropna().dt.normalize()).all()
			rows[name] = rows[name].dt.strftime("%Y-%m-%d" if whole_days else "%Y-%m-%dT%H:%M:%S")
	return rows.astype(object).where(rows.notna(), None).to_dict("records")
