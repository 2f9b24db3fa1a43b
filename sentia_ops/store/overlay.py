"""A store on top of another one: it reads the other's rows with changes applied, and keeps what is written in memory.

So a whole plan can be run on "what if demand were a fifth higher" without a row of the real store being touched, and
without its run lock being taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timezone
from typing import Any

import pandas as pd

from sentia_ops.errors import BusyError, StoreError
from sentia_ops.store.base import (
	Progress,
	Run,
	Store,
	check_references,
	refuse_outside,
	refuse_unknown_columns,
	replaced,
	within,
)
from sentia_ops.store.frame import Frame

Change = Callable[[pd.DataFrame], pd.DataFrame]


class OverlayStore:
	"""The Store protocol over `base`, which is only read, each table at most once.

	Args:
	    base: any store; also another overlay.
	    changes: table name -> function from the base's rows to the rows seen here.
	    name: what runs are called.
	"""

	def __init__(self, base: Store, changes: Mapping[str, Change] | None = None, name: str = "overlay"):
		self._base = base
		self._changes = dict(changes or {})
		self._name = name
		self._seen: dict[str, pd.DataFrame] = {}
		self._written: dict[str, pd.DataFrame] = {}
		self._run: Run | None = None

	@property
	def written(self) -> dict[str, pd.DataFrame]:
		"""Table name -> its rows, of every table written here."""
		return dict(self._written)

	def today(self) -> date:
		return self._base.today()

	def read(self, frame: Frame, **filters: Any) -> pd.DataFrame:
		"""Rows of `frame` as written here, else the base's with the changes applied; see `Store.read`.

		Raises:
		    FrameError: the changed rows do not fit the frame.
		"""
		refuse_unknown_columns(frame, filters)
		rows = self._rows(frame)
		rows = rows[within(rows, filters)].reset_index(drop=True)
		if self._run is not None:
			self._run.rows_in[frame.name] = max(self._run.rows_in.get(frame.name, 0), len(rows))
		return rows

	def _rows(self, frame: Frame) -> pd.DataFrame:
		if frame.name in self._written:
			return self._written[frame.name]
		if frame.name not in self._seen:
			rows = self._base.read(frame)
			change = self._changes.get(frame.name)
			if change is not None:
				rows = frame.validate(change(rows), today=self.today())
			self._seen[frame.name] = rows
		return self._seen[frame.name]

	def write(
		self, frame: Frame, rows: pd.DataFrame, *, run: Run, scope: dict[str, Iterable] | None = None
	) -> None:
		"""Replace rows in memory; see `Store.write`.

		Raises:
		    StoreError: `run` is not the open one.
		    FrameError: the rows do not fit, or lie outside the scope.
		"""
		if run is not self._run:
			raise StoreError(f"Run {run.name} is not open here.", "Write inside 'with store.run(...)'.")
		rows = frame.validate(rows, today=self.today())
		check_references(self, frame, rows)
		if scope is not None:
			scope = {column: list(values) for column, values in scope.items()}
			refuse_unknown_columns(frame, scope)
			refuse_outside(frame, rows, scope)
			rows = replaced(self._rows(frame), rows, scope)
		self._written[frame.name] = rows
		run.rows_out[frame.name] = len(rows)

	@contextmanager
	def run(
		self,
		flow: str,
		*,
		parameters: dict[str, Any] | None = None,
		trigger: str = "manual",
		progress: Progress | None = None,
	) -> Iterator[Run]:
		"""A run that is recorded nowhere and leaves the base alone; all or nothing, as any run.

		Raises:
		    BusyError: a run is open on this overlay.
		"""
		if self._run is not None:
			raise BusyError(f"Run {self._run.name} is under way on this overlay.", "Wait until it has ended.")
		before = dict(self._written)
		run = self._run = Run(self._name, flow, trigger, parameters=parameters or {}, report=progress)
		try:
			yield run
			run.status = "Completed"
		except BaseException as error:
			run.status, run.error = "Failed", str(error) or repr(error)
			self._written = before
			raise
		finally:
			run.ended = datetime.now(timezone.utc).replace(tzinfo=None)
			self._run = None
