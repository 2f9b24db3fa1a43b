"""The best schedule so far, shared by searches that run side by side until time is up, a stop or a proof."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import cached_property
from time import monotonic

from sentia_ops.scheduling.engine import forms
from sentia_ops.scheduling.engine.aims import aims, value
from sentia_ops.scheduling.engine.arrays import pack
from sentia_ops.scheduling.engine.decode import Infeasible, decode, order_of
from sentia_ops.scheduling.engine.problem import Objective, Problem, Schedule

POLL = 0.05  # seconds between two looks at the clock and at `stop`
GRACE = 0.8  # seconds that searches have to end; a compiler that cannot be stopped is left behind
LAST_WAIT = 20.0  # seconds that a process waits, as it ends, for what was left behind
SAME = 1e-9

_left_behind: list[threading.Thread] = []


@atexit.register
def _wait_for_the_left_behind() -> None:
	"""A thread that is inside C++ when the interpreter goes away aborts the whole process."""
	for thread in _left_behind:
		thread.join(LAST_WAIT / len(_left_behind))


class Race:
	"""Best schedule, bound and history; safe to use from several threads.

	Callbacks of the caller (`on_better`, `stop`) are only called from the thread that runs `watch`.
	"""

	def __init__(
		self,
		problem: Problem,
		objective: Objective,
		limit: float,
		on_better: Callable[[Schedule, float, str], None] | None = None,
		stop: Callable[[], bool] | None = None,
	):
		self.problem, self.objective, self.data = problem, objective, pack(problem)
		self._on_better, self._stop = on_better, stop
		self._began = monotonic()
		self._deadline = self._began + limit
		self._lock = threading.Lock()
		self._over = threading.Event()
		self._solvers: list = []
		self.best: Schedule | None = None
		self.score: tuple[float, ...] = ()
		self.bound, self.proven = 0.0, False
		self.history: list[tuple[float, float, str]] = []
		self._told, self._closed = 0, False
		self._owner = threading.get_ident()
		self.error: Exception | None = None

	def rate(self, schedule: Schedule) -> tuple[float, ...]:
		"""What is compared: the weighted sum, or the aims in their order."""
		if not self.objective.ordered:
			return (value(self.problem, self.objective, schedule),)
		all_aims = aims(self.problem, schedule)
		return tuple(all_aims[aim] for aim, _weight in self.objective.aims)

	@cached_property
	def facts(self):
		"""What CP-SAT models need to know of the problem; made where the first one is built."""
		from sentia_ops.scheduling.engine.cp.facts import Facts

		return Facts(self.problem)

	def left_shift(self, schedule: Schedule, who: str, tie: bool = False) -> bool:
		"""Offers the schedule with everything as early as its order allows.

		Compiled only where that is compiled already, since a compiler cannot be stopped.
		"""
		order = order_of(self.problem, schedule)
		try:
			shifted = decode(self.problem, order, schedule.mode, data=self.data, compiled=forms.warm())
		except Infeasible:  # longest waits may not hold in that order
			return False
		return self.offer(shifted, who, tie)

	def offer(self, schedule: Schedule, who: str, tie: bool = False) -> bool:
		"""Takes the schedule where it is better than the best (`tie`: or as good). Returns whether it is better."""
		score = self.rate(schedule)
		with self._lock:
			if self._closed and threading.get_ident() != self._owner:
				return False
			better = self.best is None or _less(score, self.score)
			if better or (tie and not _less(self.score, score)):
				self.best, self.score = schedule.copy(), score
			if better:
				self.history.append((self.seconds(), score[0], who))
		return better

	def raise_bound(self, bound: float) -> None:
		with self._lock:
			self.bound = max(self.bound, bound)

	def prove(self) -> None:
		"""Nothing better exists."""
		self.proven = True
		self._over.set()

	def _met(self) -> bool:
		"""Whether the best is as good as the bound; of ordered aims that says nothing about the later ones."""
		with self._lock:
			return not self.objective.ordered and not _less((self.bound * (1 + SAME),), self.score)

	def fail(self, error: Exception) -> None:
		self.error = error
		self._over.set()

	def seconds(self) -> float:
		return monotonic() - self._began

	def left(self) -> float:
		"""Seconds that are left; 0 once over."""
		return 0.0 if self._over.is_set() else max(0.0, self._deadline - monotonic())

	def over(self) -> bool:
		return self.left() <= 0

	@contextmanager
	def stoppable(self):
		"""Yields a function to register CP-SAT solvers with, which `watch` stops when the race is over."""
		mine: list = []

		def register(solver) -> None:
			with self._lock:
				for old in mine:
					self._solvers.remove(old)
				mine[:] = [solver]
				self._solvers.append(solver)

		try:
			yield register
		finally:
			with self._lock:
				for solver in mine:
					self._solvers.remove(solver)

	def watch(self, threads: list[threading.Thread]) -> None:
		"""Runs the searches until they are through or the race is over; what is found later is not taken."""
		for thread in threads:
			thread.start()
		grace = GRACE
		while any(thread.is_alive() for thread in threads) and grace > 0:
			for thread in threads:
				thread.join(POLL / len(threads))
			self.tell()
			if self._met():
				self.prove()
			if self._stop is not None and self._stop():
				self._over.set()
			if self.over():
				self._over.set()
				grace -= POLL
				with self._lock:
					solvers = list(self._solvers)
				for solver in solvers:
					solver.stop_search()
		self._over.set()
		self._closed = True
		_left_behind[:] = [thread for thread in (*_left_behind, *threads) if thread.is_alive()]
		if self.error is not None:
			raise self.error

	def tell(self) -> None:
		"""Reports the newest improvement."""
		with self._lock:
			if self._on_better is None or len(self.history) == self._told:
				return
			self._told = len(self.history)
			schedule, (_at, score, who) = self.best.copy(), self.history[-1]
		self._on_better(schedule, score, who)


def _less(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
	"""Lexicographically smaller by more than rounding."""
	for x, y in zip(a, b, strict=True):
		if abs(x - y) > SAME * max(1.0, abs(x), abs(y)):
			return x < y
	return False
