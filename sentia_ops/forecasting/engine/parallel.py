"""Many series on all cores: in chunks, with progress, and without losing anything when a worker dies."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from multiprocessing import active_children, current_process, get_context, parent_process
from typing import TypeVar

from sentia_ops.forecasting.engine.evidence import Evidence
from sentia_ops.forecasting.engine.examine import examine
from sentia_ops.forecasting.engine.forecast import Outcome, conclude
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.learn import Learned, learn
from sentia_ops.forecasting.engine.settings import ForecastSettings

CHUNK = 16  # series: one to three seconds of work, so that progress moves and no core waits long for the last
WORTH_A_POOL = 100  # fewer are done here sooner than a worker has imported its libraries

Done = Callable[[int, int], None]
Warn = Callable[[str], None]
Item = TypeVar("Item")
Answer = TypeVar("Answer")


def forecast_many(
	histories: Sequence[History],
	settings: ForecastSettings,
	done: Done | None = None,
	warn: Warn | None = None,
) -> list[Outcome]:
	"""Forecasts of all series, in their order; the same answers whatever the number of processes.

	Args:
	    done: called with the number of series finished and the number of all.
	    warn: called with a sentence when workers died and their share was done in this process.
	"""
	count = -(-len(histories) // CHUNK)
	# every chunk gets series from the whole list: neighbours are alike, and so are their costs
	places = [range(first, len(histories), count) for first in range(count)]
	learned = learn(histories, settings)
	work = [(tuple(histories[i] for i in place), learned, settings) for place in places]
	finished = 0

	def report(chunk: int) -> None:
		nonlocal finished
		finished += len(places[chunk])
		if done:
			done(finished, len(histories))

	processes = settings.processes or _cores()
	if len(histories) < WORTH_A_POOL:
		processes = 1
	answers = map_chunks(_examine_chunk, work, processes, report, warn)
	evidences: dict[int, Evidence] = {}
	for place, answer in zip(places, answers, strict=True):
		evidences.update(zip(place, answer, strict=True))
	return conclude([evidences[i] for i in range(len(histories))], histories, settings)


def _examine_chunk(work: tuple[tuple[History, ...], Learned, ForecastSettings]) -> list[Evidence]:
	histories, learned, settings = work
	return [examine(history, learned, settings) for history in histories]


def _cores() -> int:
	return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_chunks(
	function: Callable[[Item], Answer],
	items: Sequence[Item],
	processes: int,
	done: Callable[[int], None],
	warn: Warn | None = None,
) -> list[Answer]:
	"""`[function(item) for item in items]` on several processes; `done` is called with the index of each as it ends.

	When a worker dies (killed for memory, for example) the items not yet answered are done in this process. Workers are
	spawned, not forked: the caller may hold threads (DuckDB, Arrow) whose locks a fork would copy. An error or Ctrl-C ends
	them at once.
	"""
	answers: dict[int, Answer] = {}
	if processes > 1 and len(items) > 1 and not current_process().daemon:  # a daemon may not have children
		try:
			with closing(_from_pool(function, items, min(processes, len(items)))) as arriving:
				for i, answer in arriving:
					answers[i] = answer
					done(i)
		except (BrokenProcessPool, OSError):
			if warn:
				missing = len(items) - len(answers)
				warn(
					f"A worker process died: {missing} of {len(items)} parts of the work were done without it."
				)
	for i, item in enumerate(items):
		if i not in answers:
			answers[i] = function(item)
			done(i)
	return [answers[i] for i in range(len(items))]


def _from_pool(function: Callable[[Item], Answer], items: Sequence[Item], processes: int):
	"""Pairs of index and answer as they come; left early, whatever the reason, it ends the workers at once."""
	others = set(active_children())
	pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_bind_to_parent)
	try:
		with _ctrl_c_held():
			futures = {pool.submit(function, item): i for i, item in enumerate(items)}
		for future in as_completed(futures):
			yield futures[future], future.result()
	except BaseException:  # Ctrl-C, a job's time limit: a chunk under way may take another minute
		for worker in set(active_children()) - others:
			worker.terminate()
		if sys.version_info < (3, 11, 5):
			# CPython issue 94777: its feeder thread would wait for ever for workers that are gone to take more work
			pool._call_queue._reader.close()
		raise
	finally:
		pool.shutdown(cancel_futures=True)


@contextmanager
def _ctrl_c_held():
	"""Processes started here never see Ctrl-C, which a terminal sends to all: their parent answers it, after the block."""
	before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
	try:
		yield
	finally:
		signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _bind_to_parent() -> None:
	"""Do not outlive the parent when it is killed."""
	threading.Thread(target=lambda: (parent_process().join(), os._exit(1)), daemon=True).start()
