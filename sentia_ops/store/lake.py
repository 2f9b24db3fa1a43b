"""A lake: a folder of Parquet tables, read by DuckDB.

lake/manifest.json           which file is the current one of each table: replaced in one step, so a run is seen whole or not at all
lake/<table>/<run>.parquet   the rows
lake/runs/<run>.parquet      one file per run, written before work starts
lake/.staging/<run>/         what a run has written so far
lake/.lock                   held while a run is under way; the kernel lets go of it when the process dies
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta, timezone
from getpass import getuser
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from sentia_ops.errors import BusyError, FrameError, Problem, StoreError
from sentia_ops.store.base import (
	STALE,
	Progress,
	Run,
	check_references,
	is_scalar,
	refuse_outside,
	refuse_unknown_columns,
	replaced,
	within,
)
from sentia_ops.store.frame import Frame
from sentia_ops.store.frames import RUNS

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
JSON_FIELDS = ("rows_in", "rows_out", "refused", "warnings", "parameters", "versions")


class LakeStore:
	"""The Store protocol on a folder.

	Args:
	    path: the folder.
	    create: make the folder if it is not there.

	Raises:
	    StoreError: no lake at `path`, or it cannot be made.
	"""

	def __init__(self, path: str | Path, create: bool = False):
		self.path = Path(path)
		self._run: Run | None = None
		self._staged: dict[str, Path] = {}
		if self.path.exists() and not self.path.is_dir():
			raise StoreError(f"{self.path} is a file, not a folder.", "Name a folder for the lake.")
		if create:
			with _explained(f"Cannot make the lake {self.path}"):
				self.path.mkdir(parents=True, exist_ok=True)
		elif not self._manifest_path.exists():
			raise StoreError(
				f"There is no lake at {self.path}.",
				"Make one with 'sentia-ops demo' or 'sentia-ops import', or name another with --lake.",
			)

	# reading

	def read(self, frame: Frame, **filters: Any) -> pd.DataFrame:
		"""Rows of `frame`, within a run including what the run has staged; see `Store.read`."""
		if frame.name == RUNS.name:
			return self._read_runs(**filters)
		rows = self._rows(frame, filters)
		if self._run is not None:
			self._run.rows_in[frame.name] = max(self._run.rows_in.get(frame.name, 0), len(rows))
		return rows

	def tables(self) -> dict[str, int]:
		"""Rows in each table that has been written."""
		return {name: entry["rows"] for name, entry in sorted(self._manifest()["tables"].items())}

	def files(self) -> dict[str, Path]:
		"""The current Parquet file of each table, for DuckDB, Spark or pandas."""
		return {name: self.path / entry["file"] for name, entry in self._manifest()["tables"].items()}

	def today(self) -> date:
		from sentia_ops.forecasting.frames import DEMAND

		file = self._file(DEMAND.name)
		last = None
		if file is not None:
			with _readable(DEMAND.name, file), duckdb.connect() as db:
				last = db.execute("SELECT max(date)::DATE FROM read_parquet(?)", [str(file)]).fetchone()[0]
		return last + timedelta(days=1) if last else date.today()

	def _rows(self, frame: Frame, filters: dict[str, Any]) -> pd.DataFrame:
		refuse_unknown_columns(frame, filters)
		file = self._file(frame.name)
		if file is not None and not file.exists():
			file = self._file(frame.name)  # a run ended between the manifest and here: take the newer file
		return frame.validate(frame.empty() if file is None else _query(frame, file, filters))

	def _read_runs(self, **filters: Any) -> pd.DataFrame:
		files = [str(f) for f in sorted((self.path / RUNS.name).glob("*.parquet"))]
		if not files:
			return RUNS.empty()
		with _readable(RUNS.name, self.path / RUNS.name), duckdb.connect() as db:
			rows = db.execute(
				"SELECT * FROM read_parquet(?, union_by_name=true) ORDER BY started, run", [files]
			).df()
		rows = RUNS.validate(rows)
		return rows[within(rows, filters)].reset_index(drop=True)

	# writing

	def write(
		self, frame: Frame, rows: pd.DataFrame, *, run: Run, scope: dict[str, Iterable] | None = None
	) -> None:
		"""Stage rows for the end of the run; see `Store.write`."""
		if run is not self._run:
			raise StoreError(
				f"Run {run.name} is not open on {self.path}.", "Write inside 'with store.run(...)'."
			)
		rows = frame.validate(rows)
		check_references(self, frame, rows)
		written = len(rows)
		if scope is not None:
			rows = self._merged(frame, rows, scope)
		file = self._staging / f"{frame.name}.parquet"
		with _explained(f"Cannot write table {frame.name} in {self.path}"):
			self._staging.mkdir(parents=True, exist_ok=True)
			_write_parquet(rows, file)
		self._staged[frame.name] = file
		run.rows_out[frame.name] = written

	def _merged(self, frame: Frame, rows: pd.DataFrame, scope: dict[str, Any]) -> pd.DataFrame:
		refuse_outside(frame, rows, scope)
		return replaced(self._rows(frame, {}), rows, scope)

	@contextmanager
	def run(
		self,
		flow: str,
		*,
		parameters: dict[str, Any] | None = None,
		trigger: str = "manual",
		progress: Progress | None = None,
	) -> Iterator[Run]:
		name = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
		run = Run(name, flow, trigger, _user(), parameters=parameters or {}, report=progress)
		with self._locked(run):
			self._fail_dead_runs()
			self._sweep()
			self._record(run)
			self._run, self._staged = run, {}
			try:
				yield run
				self._commit(run)
			except BaseException as error:
				self._abandon(run, error)
				raise
			finally:
				self._run, self._staged = None, {}

	def _commit(self, run: Run) -> None:
		self._refuse_orphans()
		with _explained(f"Cannot finish the run in {self.path}"):
			manifest = self._manifest()
			for name, staged in self._staged.items():
				file = self.path / name / f"{run.name}.parquet"
				file.parent.mkdir(exist_ok=True)
				os.replace(staged, file)
				_sync(file.parent)
				rows = pq.read_metadata(file).num_rows
				manifest["tables"][name] = {"file": f"{name}/{file.name}", "rows": rows}
			manifest["version"] += 1
			run.status, run.ended = "Completed", datetime.now(timezone.utc).replace(tzinfo=None)
			_write_text(self._manifest_path, json.dumps(manifest, indent=1))
		self._record(run)
		self._sweep()

	def _refuse_orphans(self) -> None:
		"""A run that replaces items, warehouses or currencies may not drop names that other tables still use."""
		from sentia_ops.store.registry import FRAMES

		for frame in FRAMES.values():
			file = self._file(frame.name)
			for column, target in frame.refers.items() if file else ():
				master, _, key = target.partition(".")
				if master not in self._staged:
					continue
				with _readable(frame.name, file), duckdb.connect() as db:
					orphans = db.execute(
						f"""SELECT DISTINCT "{column}" FROM read_parquet(?) WHERE "{column}" <> ''
						AND "{column}" NOT IN (SELECT "{key}" FROM read_parquet(?)) ORDER BY 1""",
						[str(file), str(self._staged[master])],
					).fetchall()
				if orphans:
					names = ", ".join(str(name) for (name,) in orphans[: FrameError.SHOWN])
					reason = (
						f"table {frame.name} still uses {len(orphans)} names that are missing here: {names}"
					)
					raise FrameError(
						master,
						[Problem(key, reason)],
						"Keep them, or bring in both tables. Nothing was written.",
					)

	def _abandon(self, run: Run, error: BaseException) -> None:
		run.status, run.ended = "Failed", datetime.now(timezone.utc).replace(tzinfo=None)
		run.error = (
			"Stopped by the user." if isinstance(error, KeyboardInterrupt) else str(error) or repr(error)
		)
		shutil.rmtree(self._staging, ignore_errors=True)
		with suppress(
			StoreError
		):  # a full disk must not hide the error that matters; the next run marks this one Failed
			self._record(run)

	@contextmanager
	def _locked(self, run: Run) -> Iterator[None]:
		with _explained(f"Cannot write to the lake {self.path}"):
			self.path.mkdir(parents=True, exist_ok=True)
			lock = open(self.path / ".lock", "a+")
		with lock:
			try:
				fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
			except BlockingIOError:
				lock.seek(0)
				raise BusyError(
					f"Another run is writing to {self.path} ({lock.read().strip() or 'just started'}).",
					"Wait until it has finished, then try again.",
				) from None
			lock.truncate(0)
			lock.write(f"run {run.name}, process {os.getpid()}")
			with suppress(OSError):  # only a courtesy to whoever finds the lake busy
				lock.flush()
			yield

	def _fail_dead_runs(self) -> None:
		"""Holding the lock, whatever still says Running is dead."""
		for row in self._read_runs(status="Running").to_dict("records"):
			file = self.path / RUNS.name / f"{row['run']}.parquet"
			with _explained(f"Cannot write table runs in {self.path}"):
				_write_parquet(
					RUNS.validate(pd.DataFrame([row | {"status": "Failed", "error": STALE}])), file
				)

	def _record(self, run: Run) -> None:
		row = {
			name: getattr(run, name)
			for name in ("flow", "trigger", "user", "status", "started", "ended", "error")
		}
		row |= {name: json.dumps(getattr(run, name), default=str) for name in JSON_FIELDS} | {"run": run.name}
		file = self.path / RUNS.name / f"{run.name}.parquet"
		with _explained(f"Cannot write table runs in {self.path}"):
			file.parent.mkdir(exist_ok=True)
			_write_parquet(RUNS.validate(pd.DataFrame([row])), file)

	def _sweep(self) -> None:
		"""Remove what no manifest names: files of former runs, and what a killed run left in staging."""
		shutil.rmtree(self.path / ".staging", ignore_errors=True)
		tables = self._manifest()["tables"]
		for name, entry in tables.items():
			for file in (self.path / name).glob("*.parquet"):
				if file.relative_to(self.path).as_posix() != entry["file"]:
					file.unlink(missing_ok=True)

	# the manifest

	@property
	def _manifest_path(self) -> Path:
		return self.path / "manifest.json"

	@property
	def _staging(self) -> Path:
		return self.path / ".staging" / self._run.name

	def _manifest(self) -> dict[str, Any]:
		try:
			return json.loads(self._manifest_path.read_text())
		except FileNotFoundError:
			return {"version": 0, "tables": {}}
		except (ValueError, OSError) as error:
			raise StoreError(
				f"{self._manifest_path} cannot be read: {error}.",
				"Restore it from a backup, or make the lake anew.",
			) from error

	def _file(self, table: str) -> Path | None:
		if table in self._staged:
			return self._staged[table]
		entry = self._manifest()["tables"].get(table)
		return self.path / entry["file"] if entry else None


def _query(frame: Frame, file: Path, filters: dict[str, Any]) -> pd.DataFrame:
	conditions = [f'"{column}" IN (SELECT unnest(?))' for column in filters]
	values = [[wanted] if is_scalar(wanted) else list(wanted) for wanted in filters.values()]
	where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
	with _readable(frame.name, file), duckdb.connect() as db:
		return db.execute(f"SELECT * FROM read_parquet(?){where}", [str(file), *values]).df()


def _write_parquet(rows: pd.DataFrame, file: Path) -> None:
	"""Write beside and rename, so that a reader never meets half a file."""
	part = file.with_name(f".{file.name}.part")
	try:
		rows.to_parquet(part, index=False, compression="zstd")
		_sync(part)
		os.replace(part, file)
	finally:
		part.unlink(missing_ok=True)


def _write_text(file: Path, text: str) -> None:
	part = file.with_name(f".{file.name}.part")
	try:
		part.write_text(text)
		_sync(part)
		os.replace(part, file)
		_sync(file.parent)
	finally:
		part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
	handle = os.open(path, os.O_RDONLY)
	try:
		os.fsync(handle)
	finally:
		os.close(handle)


def _user() -> str:
	try:
		return getuser()
	except (KeyError, OSError):  # a container user without a passwd entry
		return str(os.getuid())


@contextmanager
def _readable(table: str, file: Path) -> Iterator[None]:
	try:
		yield
	except (duckdb.Error, OSError) as error:
		raise StoreError(
			f"Table {table} cannot be read ({file}): {str(error).splitlines()[0]}",
			"Restore the file, or import or plan again.",
		) from error


@contextmanager
def _explained(what: str) -> Iterator[None]:
	"""Turn the operating system's refusals into words; earlier results are safe by construction."""
	try:
		yield
	except OSError as error:
		code = error.errno or _errno_in(str(error))
		if code in FULL:
			reason, hint = "the disk is full", "Free some space and run again."
		elif code in FORBIDDEN:
			reason, hint = (
				"no permission to write there",
				"Check the folder's owner and mode, or choose another with --lake.",
			)
		else:
			reason, hint = str(error), "Check the folder and run again."
		raise StoreError(f"{what}: {reason}.", f"Earlier results are untouched. {hint}") from error


def _errno_in(text: str) -> int | None:
	"""Arrow reports the system's error number in its text only."""
	found = re.search(r"\[errno (\d+)\]", text, re.IGNORECASE)
	return int(found.group(1)) if found else None
