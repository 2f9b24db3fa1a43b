"""The Store protocol: two verbs on frames, and runs that are all or nothing.

	with store.run("plan", parameters={...}) as run:
		demand = store.read(DEMAND)
		store.write(FORECASTS, rows, run=run)

Whatever a run writes becomes visible to others when the block ends without an error, all of it at once; inside the
block `read` sees it already, so that one run can chain several flows. After an error nothing of it remains but the
run's own record, marked Failed. A run whose process was killed is marked Failed by the next one.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import pandas as pd

from sentia_ops.errors import FrameError, Problem
from sentia_ops.store.frame import Frame

STALE = "The process that ran it ended before it finished. Earlier results are untouched: run it again."

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is going on, in words."""


@dataclass
class Run:
	"""One run of a flow: what went in, what came out, what was refused. Times are UTC."""

	name: str
	flow: str
	trigger: str = "manual"  # manual, scheduler, api, cli
	user: str = ""
	status: str = "Running"
	started: datetime = field(default_factory=lambda: datetime.now(timezone.utc).replace(tzinfo=None))
	ended: datetime | None = None
	rows_in: dict[str, int] = field(default_factory=dict)
	rows_out: dict[str, int] = field(default_factory=dict)
	refused: dict[str, int] = field(default_factory=dict)
	warnings: list[str] = field(default_factory=list)
	error: str = ""
	parameters: dict[str, Any] = field(default_factory=dict)
	versions: dict[str, str] = field(default_factory=lambda: library_versions())
	report: Progress | None = None
	span: tuple[float, float] = (0.0, 1.0)

	def progress(self, share: float, text: str) -> None:
		"""Tell whoever watches; `share` is of the current part (see `part`)."""
		if self.report:
			low, high = self.span
			self.report(low + (high - low) * min(max(share, 0.0), 1.0), text)

	def part(self, low: float, high: float) -> Run:
		"""From here on, progress 0 to 1 means `low` to `high` of the whole run."""
		self.span = (low, high)
		return self

	def warn(self, text: str) -> None:
		if text not in self.warnings:
			self.warnings.append(text)

	def refuse(self, reason: str, count: int) -> None:
		if count:
			self.refused[reason] = self.refused.get(reason, 0) + int(count)

	@property
	def seconds(self) -> float:
		ended = self.ended or datetime.now(timezone.utc).replace(tzinfo=None)
		return (ended - self.started).total_seconds()


def library_versions() -> dict[str, str]:
	"""Versions that can change an answer, kept with every run."""
	found = {"python": platform.python_version()}
	for package in ("sentia_ops", "statsforecast", "numpy", "pandas", "scipy"):
		try:
			found[package] = version(package)
		except PackageNotFoundError:
			pass
	return found


class Store(Protocol):
	"""Where frames live: a lake folder or an ERPNext site."""

	def read(self, frame: Frame, **filters: Any) -> pd.DataFrame:
		"""Rows of `frame`; `filters` are column=value or column=[values]. A table never written is empty."""

	def write(
		self, frame: Frame, rows: pd.DataFrame, *, run: Run, scope: dict[str, Iterable] | None = None
	) -> None:
		"""Replace the rows of `frame` within `scope` (column -> values; None: the whole table) by `rows`.

		Raises:
		    FrameError: the rows do not fit the frame; nothing is written.
		    StoreError: no room, no permission.
		"""

	def run(
		self,
		flow: str,
		*,
		parameters: dict[str, Any] | None = None,
		trigger: str = "manual",
		progress: Progress | None = None,
	) -> AbstractContextManager[Run]:
		"""Open a run; one at a time per store.

		Raises:
		    BusyError: another run is under way.
		"""

	def today(self) -> date:
		"""The first day to plan for: today on a site, the day after the last sale on a lake."""


def check_references(store: Store, frame: Frame, rows: pd.DataFrame) -> None:
	"""Refuse rows that name an item, warehouse, currency, workstation ... the store does not know; empty names are exempt.

	Raises:
	    FrameError: naming row, column and value.
	"""
	from sentia_ops.store.registry import FRAMES  # it imports every room, and each of them the store

	problems = []
	for column, target in frame.refers.items():
		table, _, key = target.partition(".")
		known = store.read(FRAMES[table])[key]
		unknown = rows[column].ne("") & ~rows[column].isin(known)
		problems += [
			Problem(column, f"does not exist in table {table}", int(i) + 1, rows[column].iloc[i])
			for i in unknown.to_numpy().nonzero()[0]
		]
	if problems:
		raise FrameError(
			frame.name, problems, "Add the missing names first, or correct them. Nothing was written."
		)


def within(rows: pd.DataFrame, filters: dict[str, Any]) -> pd.Series:
	"""Boolean mask of the rows whose columns equal, or are among, the filter values."""
	mask = pd.Series(True, index=rows.index)
	for column, wanted in filters.items():
		mask &= rows[column].isin([wanted] if is_scalar(wanted) else list(wanted))
	return mask


def refuse_unknown_columns(frame: Frame, filters: dict[str, Any]) -> None:
	"""Refuse filters on columns that `frame` does not have."""
	unknown = [Problem(column, "no such column") for column in filters if column not in frame.columns]
	if unknown:
		raise FrameError(frame.name, unknown, f"Columns: {', '.join(frame.columns)}.")


def refuse_outside(frame: Frame, rows: pd.DataFrame, scope: dict[str, Any]) -> None:
	"""Refuse rows that a write within `scope` would put beside what it replaces."""
	outside = ~within(rows, scope)
	if outside.any():
		row = int(outside.to_numpy().argmax()) + 1
		raise FrameError(frame.name, [Problem("+".join(scope), "lies outside the scope being written", row)])


def replaced(before: pd.DataFrame, rows: pd.DataFrame, scope: dict[str, Any]) -> pd.DataFrame:
	"""The table `before` with its rows within `scope` replaced by `rows`."""
	kept = before[~within(before, scope)]
	return pd.concat([part for part in (kept, rows) if len(part)] or [rows], ignore_index=True)


def is_scalar(value: Any) -> bool:
	return isinstance(value, str) or not isinstance(value, Iterable)
