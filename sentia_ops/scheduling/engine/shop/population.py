"""Search of a pure shop for the shortest makespan: tabu search from points between good solutions, in threads.

After TS/PR (Peng, Lü and Cheng, Computers & Operations Research 53, 2015): a population of good solutions; a tabu search
from between two of them gives the next one. A point between two is made by mixing the positions of every operation in
their topological orders, which keeps every order that they agree on, so it never has a cycle.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sentia_ops.scheduling.engine.problem import Job, Mode, Operation, Problem, Resource, Schedule
from sentia_ops.scheduling.engine.shop.bound import lower_bound
from sentia_ops.scheduling.engine.shop.layout import ALT
from sentia_ops.scheduling.engine.shop.relink import dispatch, distance
from sentia_ops.scheduling.engine.shop.shops import Shop, arrays, schedule_of, solution_of
from sentia_ops.scheduling.engine.shop.tabu import BEST, COUNTS, GOES_ON, begin, run

POPULATION = 12  # of the first; each one after it is larger
GROWTH = 1.25
IDLE = 4  # searches for each of the population without a better one before a new population is begun
NEAR = 0.01  # pairs in another order, for each operation, below which two solutions are taken for one
PATIENCE = 12_500  # iterations without a better solution before the next start (TS/PR)
SLICE = 0.05  # seconds between two looks at the clock
NOISE = 100  # percent of a dispatching priority that is random


@dataclass
class Elite:
	"""A good solution: makespan; topological order, its inverse and alternatives, each (n,)."""

	makespan: int
	order: np.ndarray
	place: np.ndarray
	alt: np.ndarray


class Searcher:
	"""The arrays that one thread works on; see graph.py and tabu.py."""

	def __init__(self, shop: Shop, seed: int | tuple[int, ...]):
		self.table, self.alts, self.setups = shop.table.copy(), shop.alts.copy(), shop.setups
		self.order, self.path = np.zeros(shop.n, np.int32), np.zeros(shop.n + 1, np.int32)
		self.before = np.zeros((shop.n, shop.n), np.int32)
		self.best = np.zeros((2, shop.n), np.int32)
		self.count = np.zeros(COUNTS, np.int64)
		self.count[0] = np.random.SeedSequence(seed).generate_state(1, np.uint32)[0]
		self.tenure = 10 + shop.n // shop.machines**2  # Zhang et al. 2007: 10 + jobs / machines

	@property
	def makespan(self) -> int:
		return int(self.count[BEST])

	def dispatch(self, noise: int) -> tuple[np.ndarray, np.ndarray]:
		dispatch(self.table, self.order, self.alts, self.setups, self.count, noise)
		return self.order.copy(), self.table[: len(self.order), ALT].copy()

	def begin(self, order: np.ndarray, alt: np.ndarray) -> None:
		self.order[:] = order
		self.table[: len(order), ALT] = alt
		begin(self.table, self.order, self.alts, self.setups, self.before, self.best, self.count)

	def run(self, iterations: int, patience: int, target: int) -> int:
		return run(
			self.table,
			self.order,
			self.alts,
			self.setups,
			self.before,
			self.path,
			self.best,
			self.count,
			self.tenure,
			iterations,
			patience,
			target,
		)

	def elite(self) -> Elite:
		order, alt = self.best[0].copy(), self.best[1].copy()
		return Elite(self.makespan, order, np.argsort(order).astype(np.int32), alt)


@dataclass
class Hunt:
	"""What the threads share."""

	shop: Shop
	ends: float
	target: int
	stop: Callable[[], bool] | None
	on_better: Callable[[Schedule], None] | None
	rounds: int | None
	elites: list[Elite] = field(default_factory=list)
	starts: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
	best: Elite | None = None
	made: int = 0
	size: int = POPULATION
	idle: int = 0  # searches since the population got its best
	lock: threading.Lock = field(default_factory=threading.Lock)

	def over(self) -> bool:
		return (
			(self.best is not None and self.best.makespan <= self.target)
			or time.monotonic() >= self.ends
			or (self.rounds is not None and self.made >= self.rounds)
			or (self.stop is not None and self.stop())
		)

	def better(self, found: Elite) -> None:
		"""Remember and tell, where it is the best so far."""
		with self.lock:
			if self.best is not None and found.makespan >= self.best.makespan:
				return
			self.best = found
			if self.on_better:
				self.on_better(schedule_of(self.shop, found.order, found.alt))


def search(
	problem: Problem,
	seconds: float,
	workers: int = 1,
	seed: int = 0,
	start: Schedule | None = None,
	on_better: Callable[[Schedule], None] | None = None,
	stop: Callable[[], bool] | None = None,
	rounds: int | None = None,
) -> Schedule:
	"""The shortest schedule found of a problem that `fits`.

	Args:
	    seconds: of the clock; kernels that are not compiled yet add theirs, once.
	    workers: threads.
	    start: a schedule to begin with.
	    on_better: called with every schedule that is better than all before, from any of the threads.
	    stop: asked about twenty times a second; True ends the search.
	    rounds: ends after so many tabu searches; with one worker the result then depends on the seed alone.
	"""
	ends = time.monotonic() + seconds
	shop = arrays(problem)
	hunt = Hunt(shop, ends, lower_bound(shop), stop, on_better, rounds)
	if start is not None:
		hunt.starts.append(solution_of(shop, start))
	others = [threading.Thread(target=_work, args=(hunt, (seed, k)), daemon=True) for k in range(1, workers)]
	for thread in others:
		thread.start()
	_work(hunt, (seed, 0))
	for thread in others:
		thread.join()
	return schedule_of(shop, hunt.best.order, hunt.best.alt)


def compile_kernels() -> None:
	"""Has them compiled, or loads what was: some seconds the first time after an installation, then a third of one."""
	search(Problem([Job("")], [Operation(0, 0, (Mode(0, 1),))], [Resource("")]), seconds=0.0)


def _work(hunt: Hunt, seed: tuple[int, int]) -> None:
	"""One thread: tabu searches, one after the other, until it is over."""
	searcher = Searcher(hunt.shop, seed)
	rng = np.random.default_rng(seed)
	while True:
		order, alt = _next_start(hunt, searcher, rng)
		found = _tabu(hunt, searcher, order, alt)
		with hunt.lock:
			hunt.made += 1
			join(hunt, found)
		if hunt.over():
			return


def _next_start(hunt: Hunt, searcher: Searcher, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
	with hunt.lock:
		if hunt.starts:
			return hunt.starts.pop()
		if len(hunt.elites) >= hunt.size:
			a, b = rng.choice(len(hunt.elites), 2, replace=False)
			return between(hunt.elites[a], hunt.elites[b], rng)
	return searcher.dispatch(NOISE)


def between(a: Elite, b: Elite, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
	"""A solution on the way from a to b: every pair that both have in one order stays in it."""
	share = rng.uniform(0.3, 0.7)
	key = (1 - share) * a.place + share * b.place
	alt = np.where(rng.random(len(a.alt)) < share, b.alt, a.alt)
	return np.lexsort((a.place, key)), alt


def _tabu(hunt: Hunt, searcher: Searcher, order: np.ndarray, alt: np.ndarray) -> Elite:
	searcher.begin(order, alt)
	size, state = 200, GOES_ON
	while state == GOES_ON:
		began = time.monotonic()
		state = searcher.run(size, PATIENCE, hunt.target)
		if hunt.best is None or searcher.makespan < hunt.best.makespan:
			hunt.better(searcher.elite())
		if hunt.over():
			break
		size = int(size * min(max(SLICE / (time.monotonic() - began + 1e-6), 0.5), 2.0)) + 1
	return searcher.elite()


def join(hunt: Hunt, found: Elite) -> None:
	"""Into the population, in place of one close to it or else of the worst; a new one is begun where nothing comes of it."""
	elites = hunt.elites
	if len(elites) < hunt.size:
		elites.append(found)
		return
	near = [distance(hunt.shop.alts, found.place, found.alt, e.place, e.alt) for e in elites]
	closest = int(np.argmin(near))
	worst = max(range(len(elites)), key=lambda k: (elites[k].makespan, -near[k]))
	replaced = closest if near[closest] < NEAR * len(found.order) else worst
	hunt.idle += 1
	if found.makespan < min(e.makespan for e in elites):
		hunt.idle = 0
	if found.makespan <= elites[replaced].makespan:
		elites[replaced] = found
	if hunt.idle > IDLE * hunt.size:
		hunt.idle = 0
		hunt.size = int(hunt.size * GROWTH)
		hunt.elites = []
