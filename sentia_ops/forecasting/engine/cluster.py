"""Work on a Dask cluster: `dask://HOST:PORT` of its scheduler."""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sentia_ops.forecasting.engine.executors import Function, WorkersLost

SCHEME = "dask://"
ANSWER_SECONDS = 10.0  # a scheduler that is there answers sooner
ALONE_SECONDS = 30.0  # without any worker, before the rest is done here: a new one may be on its way
LOOK_SECONDS = 1.0
FETCH_SECONDS = 5.0  # for one answer
GIVEN_UP = "The Dask cluster gave up work, after its workers or its scheduler died"
AHEAD = 3  # items sent for each thread of a worker: it never waits, and no memory fills


class NoCluster(Exception):
	"""The cluster cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Dask:
	"""The workers of a cluster. What items share is sent to each worker once; a lost worker's items are done again by others."""

	address: str

	def check(self) -> None:
		"""Raises: NoCluster: Dask is not installed, the scheduler does not answer, there are no workers, or not with this code."""
		with _connected(self.address) as client:
			_check_workers(client)

	def answers(self, function: Function, items: Sequence, shared: Any) -> Iterator[tuple[int, Any]]:
		with _connected(self.address) as client:
			try:
				yield from _through(client, function, items, shared)
			except OSError as error:  # the connection, when the scheduler dies
				raise WorkersLost(GIVEN_UP) from error


@contextmanager
def _connected(address: str):
	try:
		from distributed import Client
	except ImportError as error:
		raise NoCluster("Dask is not installed here: pip install 'sentia_ops[dask]'.") from error
	place = "tcp://" + address.removeprefix(SCHEME)
	try:
		client = Client(place, timeout=ANSWER_SECONDS, set_as_default=False)
	except (OSError, TimeoutError, ValueError) as error:
		raise NoCluster(
			f"No Dask scheduler answers at {address} within {ANSWER_SECONDS:g} seconds: "
			"check host and port (its log names them), and that nothing keeps this machine from it."
		) from error
	with _quiet():
		try:
			yield client
		finally:
			client.close(timeout=LOOK_SECONDS)


@contextmanager
def _quiet():
	"""Lost connections are told in our words, and not by Dask's log, traceback and all."""
	log = logging.getLogger("distributed")
	before = log.level
	log.setLevel(logging.CRITICAL + 1)
	try:
		yield
	finally:
		log.setLevel(before)


def _check_workers(client) -> None:
	"""There must be workers, with the same code: other code might give other answers."""
	from sentia_ops import __version__

	if not client.nthreads():
		raise NoCluster(
			"The Dask scheduler has no workers: start some with 'dask worker HOST:PORT --nthreads 1'."
		)

	def their_version() -> str:  # within a function: sent whole, and not as a name that a worker may not know
		try:
			from sentia_ops import __version__
		except ImportError:
			return "none"
		return __version__

	strange = {worker: v for worker, v in client.run(their_version).items() if v != __version__}
	if strange:
		worker, version = next(iter(strange.items()))
		raise NoCluster(
			f"The Dask workers must have the same sentia_ops as this machine, version {__version__}; {worker} has {version}. "
			"Install it there."
		)


def _through(client, function: Function, items: Sequence, shared: Any) -> Iterator[tuple[int, Any]]:
	"""Sends items as workers become free, so that neither they nor the scheduler hold them all."""
	from distributed import TimeoutError as NoneFinished
	from distributed import wait

	# a task, not scattered data: the scheduler can make it again when the workers that hold it are lost
	held = client.submit(pickle.loads, pickle.dumps(shared, protocol=pickle.HIGHEST_PROTOCOL), pure=False)
	left, running, deadline = list(range(len(items)))[::-1], {}, None
	while left or running:
		threads = sum(client.nthreads().values())
		while left and len(running) < max(AHEAD * threads, 1):
			i = left.pop()
			running[client.submit(function, items[i], held, pure=False)] = i
		try:
			with client.as_current():
				finished = wait(list(running), LOOK_SECONDS, "FIRST_COMPLETED").done
		except NoneFinished:
			finished = set()
		for future in finished:
			try:
				answer = _result(future)
			except NoneFinished:  # its worker died with it: the cluster does it again, or nobody does
				continue
			yield running.pop(future), answer
		deadline = None if threads else deadline or time.monotonic() + ALONE_SECONDS
		if deadline and time.monotonic() > deadline:
			raise WorkersLost("The Dask cluster lost all its workers")


def _result(future) -> Any:
	from distributed import CancelledError, KilledWorker

	try:
		return future.result(timeout=FETCH_SECONDS)
	except (KilledWorker, CancelledError) as error:
		raise WorkersLost(GIVEN_UP) from error
