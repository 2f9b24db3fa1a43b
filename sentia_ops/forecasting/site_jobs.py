"""Forecasting on a site's workers: one RQ job a chunk on the `long` queue, next to the job that waits for all of them.

Answers are kept in the cache Redis under a hash of what they answer. So a run that is repeated after a crash, with the
same history and settings, finds the chunks that were done and does the others only; and as nothing but an answer can be
lost, nothing is: the plan's own job does whatever nobody else has done, also where there is no other worker at all.
"""

from __future__ import annotations

import pickle
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import frappe

from sentia_ops.forecasting.engine.executors import Executor, Function, Here, Processes, cores
from sentia_ops.store.base import library_versions

QUEUE = "long"
KEPT_SECONDS = 24 * 60 * 60  # a run that died is repeated within a day, or has other history to learn from
CLAIM_SECONDS = 120  # a chunk takes seconds; after so long whoever took it has died
JOB_SECONDS = 3600
MOST_JOBS = 100  # a job goes on with chunks nobody has taken: more jobs than that only fill the queue
LOOK_SECONDS = 0.2
WORTH_IT = 4  # chunks: with fewer the answer is there before a worker has imported its libraries


@dataclass(frozen=True)
class SiteExecutor:
	"""RQ workers where others than this one listen to the queue, else processes of this machine; answers are kept."""

	def answers(self, function: Function, items: Sequence, shared: Any) -> Iterator[tuple[int, Any]]:
		if len(items) < WORTH_IT:
			yield from Here().answers(function, items, shared)
			return
		board = Board.of(function, shared)
		names = [content_hash(item) for item in items]
		missing = []
		for i, name in enumerate(names):
			answer = board.get(f"answer:{name}")
			if answer is None:
				missing.append(i)
			else:
				yield i, answer
		inner: Executor = Jobs(board) if other_workers() else Processes(cores())
		arriving = inner.answers(function, [items[i] for i in missing], shared)
		with closing(arriving):
			for k, answer in arriving:
				i = missing[k]
				board.put(f"answer:{names[i]}", answer)
				yield i, answer


@dataclass(frozen=True)
class Jobs:
	"""RQ jobs, and this process beside them."""

	board: Board

	def answers(self, function: Function, items: Sequence, shared: Any) -> Iterator[tuple[int, Any]]:
		names = [content_hash(item) for item in items]
		places = dict(zip(names, range(len(items)), strict=True))
		waiting = dict(places)
		self.board.put("task", (function, shared))
		self.board.put("names", names)
		for name, item in zip(names, items, strict=True):
			self.board.put(f"item:{name}", item)
		jobs = [self._enqueue(name) for name in names[:MOST_JOBS]]
		try:
			while waiting:
				for name in [n for n in waiting if self.board.has(f"answer:{n}")]:
					answer = self.board.get(f"answer:{name}")
					if answer is not None:
						yield waiting.pop(name), answer
				mine = next((name for name in waiting if self.board.claim(name)), None)
				if mine is not None:
					yield waiting.pop(mine), function(items[places[mine]], shared)
				elif waiting:
					time.sleep(LOOK_SECONDS)
		finally:
			for job in jobs:
				_forget(job)

	def _enqueue(self, name: str):
		return frappe.enqueue(
			work,
			queue=QUEUE,
			timeout=JOB_SECONDS,
			job_id=f"sentia_chunk:{self.board.task}:{name}",
			task=self.board.task,
			name=name,
		)


def work(task: str, name: str) -> int:
	"""The RQ job: the chunk `name`, then, while libraries are loaded, any other that nobody has taken; how many it did."""
	board, done = Board(task), 0
	found = board.get("task")
	if found is None:  # the plan has ended since, or the cache was cleared: its own job does without
		return done
	function, shared = found
	for one in [name, *(board.get("names") or [])]:
		if board.has(f"answer:{one}") or not board.claim(one):
			continue
		item = board.get(f"item:{one}")
		try:
			if item is not None:
				board.put(f"answer:{one}", function(item, shared))
				done += 1
		except BaseException:  # killed or broken: whoever is next need not wait
			board.release(one)
			raise
	return done


@dataclass(frozen=True)
class Board:
	"""Notes in the cache Redis about one task: what it is, its items, who has taken which, and the answers."""

	task: str

	@classmethod
	def of(cls, function: Function, shared: Any) -> Board:
		name = f"{function.__module__}.{function.__qualname__}"
		return cls(content_hash((name, shared, sorted(library_versions().items()))))

	def put(self, name: str, value: Any) -> None:
		packed = zlib.compress(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL), 1)
		frappe.cache.set(self._key(name), packed, ex=KEPT_SECONDS)

	def get(self, name: str) -> Any:
		"""None where there is no such note (any more)."""
		packed = frappe.cache.get(self._key(name))
		return None if packed is None else pickle.loads(zlib.decompress(packed))

	def has(self, name: str) -> bool:
		return bool(frappe.cache.exists(self._name(name)))  # which makes the key itself, unlike get and set

	def claim(self, name: str) -> bool:
		"""Whether the chunk is the caller's to do: the first to ask has it, until he must be taken for dead."""
		return bool(frappe.cache.set(self._key(f"claim:{name}"), b"1", nx=True, ex=CLAIM_SECONDS))

	def release(self, name: str) -> None:
		frappe.cache.delete(self._key(f"claim:{name}"))

	def _name(self, name: str) -> str:
		return f"sentia_chunks:{self.task}:{name}"

	def _key(self, name: str) -> bytes:
		return frappe.cache.make_key(self._name(name))


def content_hash(value: Any) -> str:
	"""Equal for equal values, whatever objects they are made of."""
	import joblib

	return joblib.hash(value)


def other_workers() -> int:
	"""Live RQ workers of the queue, this one not counted."""
	from frappe.utils.background_jobs import get_queue, get_redis_conn
	from redis.exceptions import RedisError
	from rq import Worker, get_current_job

	try:
		current = get_current_job()
		workers = Worker.all(connection=get_redis_conn(), queue=get_queue(QUEUE))
	except RedisError:
		return 0
	return sum(1 for worker in workers if current is None or worker.name != current.worker_name)


def _forget(job) -> None:
	"""Take a job that has not begun out of the queue; one under way ends by itself."""
	from redis.exceptions import RedisError
	from rq.exceptions import NoSuchJobError

	try:
		if job and job.get_status(refresh=True) == "queued":
			job.delete()
	except (RedisError, NoSuchJobError):  # gone already, or Redis is: both leave nothing to do
		pass
