"""Where work is done: in this process, in several of this machine, or (see `cluster`) on other machines."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, current_process, get_context, parent_process
from typing import Any, Protocol

Function = Callable[[Any, Any], Any]  # of an item, and of what all items share
Warn = Callable[[str], None]


class WorkersLost(Exception):
	"""Some items will never be answered; `what` says in words for a user what happened."""

	def __init__(self, what: str):
		super().__init__(what)
		self.what = what


class Executor(Protocol):
	def answers(self, function: Function, items: Sequence, shared: Any) -> Iterator[tuple[int, Any]]:
		"""Pairs of index and `function(item, shared)`, as they come. Closed early, it ends all work at once.

		Raises:
		    WorkersLost: no more answers will come; those there were, count.
		"""


def map_chunks(
	function: Function,
	items: Sequence,
	shared: Any,
	executor: Executor,
	done: Callable[[int], None],
	warn: Warn | None = None,
) -> list:
	"""`[function(item, shared) for item in items]`, wherever that is done; `done` is called with the index of each.

	When workers are lost (killed for memory, for example) the items not yet answered are done in this process.
	"""
	answers: dict[int, Any] = {}
	try:
		with closing(executor.answers(function, items, shared)) as arriving:
			for i, answer in arriving:
				answers[i] = answer
				done(i)
	except WorkersLost as lost:
		if warn:
			missing = len(items) - len(answers)
			warn(f"{lost.what}: {missing} of {len(items)} parts of the work were done without it.")
	for i, item in enumerate(items):
		if i not in answers:
			answers[i] = function(item, shared)
			done(i)
	return [answers[i] for i in range(len(items))]


@dataclass(frozen=True)
class Here:
	"""This process, one item after another."""

	def answers(self, function: Function, items: Sequence, shared: Any) -> Iterator[tuple[int, Any]]:
		for i, item in enumerate(items):
			yield i, function(item, shared)


def cores() -> int:
	"""Cores this process may use."""
	return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Processes:
	"""Several processes of this machine.

	Workers are spawned, not forked: the caller may hold threads (DuckDB, Arrow) whose locks a fork would copy. What items
	share is sent to each worker once.
	"""

	count: int

	def answers(self, function: Function, items: Sequence, shared: Any) -> Iterator[tuple[int, Any]]:
		if min(self.count, len(items)) < 2 or current_process().daemon:  # a daemon may not have children
			yield from Here().answers(function, items, shared)
			return
		try:
			yield from _from_pool(function, items, shared, min(self.count, len(items)))
		except (BrokenProcessPool, OSError) as error:
			raise WorkersLost("A worker process died") from error


def _from_pool(function: Function, items: Sequence, shared: Any, count: int) -> Iterator[tuple[int, Any]]:
	"""As `Executor.answers`; left early, whatever the reason, it ends the workers at once."""
	others = set(active_children())
	pool = ProcessPoolExecutor(
		count,
		mp_context=get_context("spawn"),
		initializer=_start_worker,
		initargs=(function, pickle.dumps(shared, protocol=pickle.HIGHEST_PROTOCOL)),
	)
	try:
		with _interruptions_held():
			futures = {pool.submit(_work, item): i for i, item in enumerate(items)}
		for future in as_completed(futures):
			yield futures.pop(future), future.result()
	except BaseException:  # Ctrl-C, a job's time limit: an item under way may take another minute
		for worker in set(active_children()) - others:
			worker.terminate()
		if sys.version_info < (3, 11, 5):
			# CPython issue 94777: its feeder thread would wait for ever for workers that are gone to take more work
			pool._call_queue._reader.close()
		raise
	finally:
		pool.shutdown(cancel_futures=True)


@contextmanager
def _interruptions_held():
	"""Workers are started whole or not at all: Ctrl-C or a job's time limit in between waits for the end of the block.

	A worker started by half is in nobody's books: it would never be ended, and hold open the pipes that others wait for.
	Blocking the signal is not enough, as the kernel hands it to another thread (DuckDB's, for example) and Python then
	raises here all the same; so its handler waits, too. Being blocked is inherited: workers never see Ctrl-C, which a
	terminal sends to all, and their parent answers it.
	"""
	held: list[int] = []
	in_main = threading.current_thread() is threading.main_thread()  # handlers run in no other
	handlers = (
		{n: signal.signal(n, lambda n, _: held.append(n)) for n in (signal.SIGINT, signal.SIGALRM)}
		if in_main
		else {}
	)
	blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
	try:
		yield
	finally:
		signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
		for number, handler in handlers.items():
			signal.signal(number, handler)
	for number in held:
		signal.raise_signal(number)


_task: tuple[Function, Any] | None = None  # of a worker: what it does, and what its items share


def _start_worker(function: Function, shared: bytes) -> None:
	"""Know the task, and do not outlive the parent when it is killed."""
	global _task
	_task = function, pickle.loads(shared)
	threading.Thread(target=lambda: (parent_process().join(), os._exit(1)), daemon=True).start()


def _work(item: Any) -> Any:
	function, shared = _task
	return function(item, shared)
