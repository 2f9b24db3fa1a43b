"""ERPNext as a Store: facts are its own documents, read by SQL that aggregates in MariaDB; results are documents.

A run is one database transaction. Its Planning Run is committed before any work, results become visible with the one
commit at the end, and a process that dies leaves nothing behind but that Planning Run, which the next run marks Failed.
One run at a time per site is held by a MariaDB named lock, which the server lets go of when the connection dies.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import frappe
import pandas as pd

from sentia_ops.errors import BusyError, FrameError, Problem, SentiaError, StoreError
from sentia_ops.events.realtime import RUN, publish
from sentia_ops.store import planning_runs
from sentia_ops.store.base import Progress, Run, refuse_outside, refuse_unknown_columns, within
from sentia_ops.store.frame import Frame
from sentia_ops.store.frames import RUNS
from sentia_ops.store.site_sql import SiteContext, tidy

LINKS = {"item_code": "Item", "warehouse": "Warehouse", "supplier": "Supplier", "currency": "Currency"}
SCOPES = (*LINKS, "schedule")  # key columns that may be a scope, besides days
PROGRESS_EVERY = 0.5  # seconds between two progress messages
PROGRESS_KEPT = 3600  # seconds the last progress stays readable for a form opened later


class SiteStore:
	"""The Store protocol on the connected Frappe site.

	It asks for no permission: whoever calls it does (the API, the job's caller, the command line).

	Args:
	    run_name: a Planning Run recorded earlier as waiting; the next `run` becomes it.
	    notes: a run of another store, which hears what reads outside a run of this one have to say.
	"""

	def __init__(self, run_name: str | None = None, notes: Run | None = None):
		self._waiting = run_name
		self._notes = notes
		self._run: Run | None = None

	def today(self) -> date:
		return frappe.utils.getdate(frappe.utils.nowdate())

	# reading

	def read(self, frame: Frame, **filters: Any) -> pd.DataFrame:
		"""Rows of `frame`, within a run including what the run has written; see `Store.read`."""
		refuse_unknown_columns(frame, filters)
		rows = _readers()[frame.name](self.context(filters))
		rows = frame.validate(tidy(frame, rows), today=self.today())
		rows = rows[within(rows, filters)].reset_index(drop=True)
		if self._run is not None:
			self._run.rows_in[frame.name] = max(self._run.rows_in.get(frame.name, 0), len(rows))
		return rows

	def context(self, filters: dict[str, Any] | None = None) -> SiteContext:
		"""What readers and writers of the rooms know besides their rows."""
		settings = frappe.get_cached_doc("Sentia Settings")
		companies, currency = _companies(settings.company)
		today = self.today()
		return SiteContext(
			today=today,
			since=today - timedelta(days=settings.history_days or 730),
			companies=companies,
			currency=currency,
			snooze_days=settings.snooze_days or 0,
			run=self._run or self._notes,
			filters=filters or {},
		)

	# writing

	def write(
		self, frame: Frame, rows: pd.DataFrame, *, run: Run, scope: dict[str, Iterable] | None = None
	) -> None:
		"""Replace documents in the run's transaction; see `Store.write`.

		Raises:
		    StoreError: `run` is not the open one, or the frame is ERPNext's own (items, orders, stock ...).
		    FrameError: a row does not fit, names something the site does not have, or lies outside the scope.
		"""
		if run is not self._run:
			raise StoreError(
				f"Run {run.name} is not open on this site.", "Write inside 'with store.run(...)'."
			)
		self._replace(frame, rows, run, scope)
		run.rows_out[frame.name] = len(rows)

	def amend(self, frame: Frame, rows: pd.DataFrame, *, scope: dict[str, Iterable]) -> None:
		"""Replace the rows of `frame` within `scope`, in the transaction of a user who changes something by hand.

		Raises:
		    StoreError, FrameError: see `write`.
		"""
		self._replace(frame, rows, Run("", "amend", user=frappe.session.user), scope)

	def _replace(self, frame: Frame, rows: pd.DataFrame, run: Run, scope: dict[str, Iterable] | None) -> None:
		writer = _writers().get(frame.name)
		if writer is None:
			raise StoreError(f"Table {frame.name} is ERPNext's own.", "Change it with ERPNext's documents.")
		rows = frame.validate(rows, today=self.today())
		_refuse_unknown_links(frame, rows)
		if scope is not None:
			scope = {column: list(values) for column, values in scope.items()}
			_refuse_odd_scope(frame, scope)
			refuse_outside(frame, rows, scope)
		writer(rows, run, scope, self.context())

	# runs

	@contextmanager
	def run(
		self,
		flow: str,
		*,
		parameters: dict[str, Any] | None = None,
		trigger: str = "manual",
		progress: Progress | None = None,
	) -> Iterator[Run]:
		"""Open a run; see `Store.run`. Commits what the caller had open before, so that the record is there."""
		name, self._waiting = self._waiting, None
		with _site_lock(name):
			planning_runs.fail_dead(alive=waiting_runs() | ({name} if name else set()))
			name = name or planning_runs.new_run(flow, trigger, parameters or {})
			run = Run(name, flow, trigger, frappe.session.user, parameters=parameters or {})
			run.report = _reporter(run, progress)
			planning_runs.start(run)
			self._run = run
			try:
				yield run
				self._commit(run)
			except BaseException as error:
				self._abandon(run, error)
				raise
			finally:
				self._run = None

	def _commit(self, run: Run) -> None:
		run.status, run.ended = "Completed", datetime.now(timezone.utc).replace(tzinfo=None)
		planning_runs.finish(run)
		_tell(run, 100, "done", after_commit=True)
		frappe.db.commit()  # nosemgrep: all results of the run, or none

	def _abandon(self, run: Run, error: BaseException) -> None:
		run.status, run.ended = "Failed", datetime.now(timezone.utc).replace(tzinfo=None)
		run.error = _in_words(error)
		# a lost connection cannot say so: then the next run marks this one Failed
		with suppress(frappe.db.InternalError, frappe.db.OperationalError):
			frappe.db.rollback()
			planning_runs.finish(run)
			_tell(run, 100, run.error, after_commit=True)
			frappe.db.commit()  # nosemgrep: the failure stays visible although the work is rolled back


def _in_words(error: BaseException) -> str:
	if isinstance(error, KeyboardInterrupt):
		return "Stopped by the user."
	if isinstance(error, frappe.QueryDeadlockError | frappe.QueryTimeoutError):
		return "Somebody was changing the same documents at the same moment. Nothing was written: plan again."
	return str(error) or repr(error)


def waiting_runs() -> set[str]:
	"""Planning Runs whose jobs are queued and not yet started."""
	from sentia_ops import tasks

	return tasks.waiting_runs()


def lock_name() -> str:
	return f"sentia_ops:{frappe.conf.db_name}"[:64]


def is_running() -> bool:
	"""Whether any process holds the site's run lock."""
	return frappe.db.sql("select is_used_lock(%s)", lock_name())[0][0] is not None


@contextmanager
def _site_lock(waiting: str | None) -> Iterator[None]:
	"""MariaDB lets one connection take its own lock twice, hence the look at the flag as well."""
	if frappe.flags.sentia_run_open or not frappe.db.sql("select get_lock(%s, 0)", lock_name())[0][0]:
		frappe.db.rollback()  # read the newest state, not that of an older snapshot
		other = planning_runs.running()
		message = f"Another run is under way on this site ({other or 'just started'})."
		if waiting:
			planning_runs.fail(waiting, message)
			frappe.db.commit()  # nosemgrep: the run that could not start stays visible
		raise BusyError(message, "Wait until it has finished, then try again.")
	frappe.flags.sentia_run_open = True
	try:
		yield
	finally:
		frappe.flags.sentia_run_open = False
		# a lost connection has lost its lock, too
		with suppress(frappe.db.InternalError, frappe.db.OperationalError):
			frappe.db.sql("select release_lock(%s)", lock_name())


def _reporter(run: Run, also: Progress | None) -> Progress:
	last = 0.0

	def report(share: float, text: str) -> None:
		nonlocal last
		if also:
			also(share, text)
		if share >= 1 or time.monotonic() - last >= PROGRESS_EVERY:
			last = time.monotonic()
			_tell(run, round(share * 100, 1), text, after_commit=False)

	return report


def _tell(run: Run, percent: float, text: str, after_commit: bool) -> None:
	"""To whoever started the run, to whoever looks at its form, and for forms opened later (`progress_of`)."""
	message = {"run": run.name, "flow": run.flow, "status": run.status, "progress": percent, "text": text}
	frappe.cache.set_value(_progress_key(run.name), message, expires_in_sec=PROGRESS_KEPT)
	publish(
		RUN, message, user=run.user, document=(planning_runs.DOCTYPE, run.name), after_commit=after_commit
	)


def progress_of(run: str) -> dict[str, Any] | None:
	"""The last progress message of a run: run, flow, status, progress (percent), text."""
	return frappe.cache.get_value(_progress_key(run), expires=True)


def _progress_key(run: str) -> str:
	return f"sentia_run:{run}"


def _companies(chosen: str | None) -> tuple[list[str], str]:
	"""Companies in the plan and the currency of their books.

	Raises:
	    SentiaError: there is no company, or their books are in different currencies.
	"""
	filters = {"name": chosen} if chosen else {"is_group": 0}
	found = frappe.get_all("Company", filters, ["name", "default_currency"], order_by="name")
	if not found:
		raise SentiaError("This site has no company to plan for.", "Finish ERPNext's setup first.")
	currencies = sorted({company.default_currency for company in found})
	if len(currencies) > 1:
		raise SentiaError(
			f"The companies of this site keep their books in different currencies ({', '.join(currencies)}).",
			"Choose one company in Sentia Settings.",
		)
	return [company.name for company in found], currencies[0]


def _refuse_unknown_links(frame: Frame, rows: pd.DataFrame) -> None:
	problems = []
	for column, doctype in LINKS.items():
		if column not in rows or rows.empty:
			continue
		named = [name for name in rows[column].unique() if name] or [""]
		known = set(frappe.db.sql_list(f"select name from `tab{doctype}` where name in %s", [named]))
		unknown = rows[column].ne("") & ~rows[column].isin(known)
		problems += [
			Problem(column, f"no such {doctype} on this site", int(i) + 1, rows[column].iloc[i])
			for i in unknown.to_numpy().nonzero()[0]
		]
	if problems:
		raise FrameError(
			frame.name, problems, "Correct the names or make the documents. Nothing was written."
		)


def _refuse_odd_scope(frame: Frame, scope: dict[str, list]) -> None:
	types = frame.schema.to_schema().columns
	possible = [c for c in frame.key if c in SCOPES or str(types[c].dtype).startswith("datetime64")]
	odd = [column for column in scope if column not in possible]
	if odd:
		raise FrameError(
			frame.name,
			[Problem(column, "cannot be a scope on a site") for column in odd],
			f"Possible: {', '.join(possible)}.",
		)


@lru_cache
def _readers() -> dict:
	from sentia_ops.forecasting import site as forecasting
	from sentia_ops.replenishment import site as replenishment
	from sentia_ops.scheduling import site as scheduling
	from sentia_ops.store import masters
	from sentia_ops.suppliers import site as suppliers

	runs = {RUNS.name: planning_runs.read_runs}
	rooms = forecasting.READERS | suppliers.READERS | replenishment.READERS | scheduling.READERS
	return masters.READERS | runs | rooms


@lru_cache
def _writers() -> dict:
	from sentia_ops.forecasting import site as forecasting
	from sentia_ops.replenishment import site as replenishment
	from sentia_ops.scheduling import site as scheduling
	from sentia_ops.suppliers import site as suppliers

	return forecasting.WRITERS | suppliers.WRITERS | replenishment.WRITERS | scheduling.WRITERS
