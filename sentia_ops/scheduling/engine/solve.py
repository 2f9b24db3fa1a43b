"""The one entry to all solvers: the best schedule that can be found in the time given, with what is proven about it.

A dispatching rule gives a schedule at once. Then local search over the decoder (improve.py) and CP-SAT on the whole
model, where that is small enough to build, run side by side, each going on from the best of all. Where local search
cannot begin, CP-SAT takes parts of the problem in turn (large-neighbourhood search, Shaw 1998). Pure shops have a tabu
search of their own, which runs beside CP-SAT. What CP-SAT does not prove in time, bounds.py bounds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from sentia_ops.scheduling.engine import dispatch
from sentia_ops.scheduling.engine.aims import aims
from sentia_ops.scheduling.engine.bounds import lower_bound
from sentia_ops.scheduling.engine.decode import Infeasible
from sentia_ops.scheduling.engine.improve import improve
from sentia_ops.scheduling.engine.problem import Objective, Problem, Result, Schedule, Status
from sentia_ops.scheduling.engine.race import Race
from sentia_ops.scheduling.engine.shop.shops import arrays, fits

PROOF_SHARE = 0.25  # of the time that CP-SAT gets before the tabu search, where there is one thread for both
SMALL = 4_000  # arcs, pairs and starts of a model that CP-SAT alone does best with a single thread
USEFUL = 12_000  # beyond that CP-SAT finds nothing in a minute that local search has not found, setups and hours given
LARGEST = 60_000  # arcs, pairs and starts of a model that is still built as a whole for a pure shop


def solve(
	problem: Problem,
	objective: Objective | None = None,
	limit: float = 60.0,
	workers: int = 2,
	seed: int = 0,
	start: Schedule | None = None,
	on_better: Callable[[Schedule, float, str], None] | None = None,
	stop: Callable[[], bool] | None = None,
) -> Result:
	"""Schedules all operations.

	Args:
	    objective: what is better; default: Objective().
	    limit: seconds in all.
	    workers: threads; one searches, the others are CP-SAT's.
	    start: a schedule that keeps the rules; the result is never worse.
	    on_better: called with (schedule, value, who found it), in the caller's thread, values falling.
	    stop: asked several times a second; True ends the search.

	Returns:
	    The best schedule, left-shifted, with bound and gap. See Result.

	Raises:
	    Infeasible: neither `start` nor a schedule in order of due dates keeps the rules; see decode.py.
	"""
	objective = objective or Objective()
	race = Race(problem, objective, limit, on_better, stop)
	if not problem.operations:
		return _result(race, Status.EMPTY)
	if start is not None:
		race.offer(start, "start")
	try:
		race.offer(dispatch.quick(problem, data=race.data), "due dates")
	except Infeasible:
		if start is None:
			raise
	race.tell()
	race.watch([_thread(race, steps) for steps in _plan(race, workers, seed)])
	race.left_shift(race.best, "left shift", tie=True)
	race.tell()
	return _result(race, Status.OPTIMAL if race.proven else Status.FEASIBLE)


def _thread(race: Race, steps: list[Callable[[], None]]) -> threading.Thread:
	def run() -> None:
		try:
			for step in steps:
				if not race.over():
					step()
		except Exception as error:  # told to the caller by Race.watch
			race.fail(error)

	return threading.Thread(target=run, daemon=True)


def _plan(race: Race, workers: int, seed: int) -> list[list[Callable[[], None]]]:
	"""What each thread does, one step after the other."""
	if _only_makespan(race.objective) and fits(race.problem):
		return _shop_plan(race, workers, seed)
	small = size(race.problem)
	if workers == 1 and small <= SMALL:
		return [[lambda: _rules(race), lambda: _bound(race), lambda: _whole(race, 1, seed)]]
	whole = [[lambda: _whole(race, workers - 1, seed)]] if small <= USEFUL and workers > 1 else []
	local = [
		[lambda n=n: _local(race, seed + n), lambda n=n: _parts(race, seed + n)]
		for n in range(workers - len(whole))
	]
	first, *others = local
	return [[lambda: _rules(race), lambda: _bound(race), *first], *whole, *others]


def _only_makespan(objective: Objective) -> bool:
	return [aim for aim, weight in objective.aims if weight > 0 or objective.ordered] == ["makespan"]


def _shop_plan(race: Race, workers: int, seed: int) -> list[list[Callable[[], None]]]:
	"""Tabu search beside CP-SAT; with a single thread CP-SAT first, while kernels may have to be compiled."""
	compiler = threading.Thread(target=_compile_kernels, daemon=True)
	compiler.start()
	searchers = max(workers // 2, 1) if size(race.problem) <= LARGEST else workers
	tabu = [lambda: _shop(race, compiler, searchers, seed)]
	if searchers < workers:
		return [tabu, [lambda: _whole(race, workers - searchers, seed)]]
	return [tabu] if workers > 1 else [[lambda: _whole(race, 1, seed, PROOF_SHARE), *tabu]]


def _compile_kernels() -> None:
	from sentia_ops.scheduling.engine.shop.population import compile_kernels

	compile_kernels()


def _shop(race: Race, compiler: threading.Thread, searchers: int, seed: int) -> None:
	"""Tabu search of a pure shop; what no schedule can beat is known before it starts."""
	while compiler.is_alive():
		if race.over():  # a compiler cannot be stopped; what it makes is there for the next one
			return
		compiler.join(0.02)
	from sentia_ops.scheduling.engine.shop.bound import lower_bound
	from sentia_ops.scheduling.engine.shop.population import search

	weight = 1.0 if race.objective.ordered else sum(weight for _aim, weight in race.objective.aims)
	bound = lower_bound(arrays(race.problem))
	race.raise_bound(weight * bound)

	def over() -> bool:
		if race.score[0] <= race.bound * (1 + 1e-9):  # what one searcher found, the other proved
			race.prove()
		return race.over()

	search(
		race.problem,
		race.left(),
		searchers,
		seed,
		start=race.best,
		on_better=lambda schedule: race.offer(schedule, "tabu search"),
		stop=over,
	)
	over()


def _local(race: Race, seed: int) -> None:
	"""Simulated annealing over the decoder for all the time that is left; parts are only for what it cannot start from."""
	improve(
		race.problem,
		race.best,
		race.objective,
		race.left(),
		seed,
		on_better=lambda schedule, _value: race.offer(schedule, "local search"),
		stop=race.over,
		others=lambda: race.best,
	)


def _rules(race: Race) -> None:
	try:
		name, schedule = dispatch.best_rule(race.problem, race.objective, dispatch.STRONG, race.over)
		race.offer(schedule, name)
	except Infeasible:  # there is a schedule already; rules are only one way to a better one
		return


def _bound(race: Race) -> None:
	race.raise_bound(lower_bound(race.problem, race.objective))


def size(problem: Problem) -> int:
	"""About how many literals the whole model has."""
	users: dict[int, int] = {}
	total = 0
	for operation in problem.operations:
		for mode in operation.modes:
			users[mode.resource] = users.get(mode.resource, 0) + 1
			windows = problem.resources[mode.resource].windows
			total += 1 if windows is None or not operation.splittable else 5
	for r, count in users.items():
		if r in problem.setups:
			windows = problem.resources[r].windows
			total += count * (count + (0 if windows is None else len(windows)))
		elif problem.resources[r].batch:
			total += count * count
	return total


def _whole(race: Race, workers: int, seed: int, share: float = 1.0) -> None:
	from sentia_ops.scheduling.engine.cp.model import Limits, Model, whole_scope

	model = Model(race.facts, race.objective, whole_scope(race.facts, race.best))
	with race.stoppable() as started:
		found = model.solve(
			Limits(race.left() * share, workers, seed),
			on_better=lambda schedule: race.offer(schedule, "CP-SAT"),
			started=started,
			on_bound=race.raise_bound,
		)
	if found.schedule is not None:
		race.offer(found.schedule, "CP-SAT")
		fixed = race.rate(found.schedule)[0] - found.value  # what the model does not decide
		race.raise_bound(found.bounds[0] + max(0.0, fixed))
	if found.proven:
		race.prove()


def _parts(race: Race, seed: int) -> None:
	from sentia_ops.scheduling.engine.neighbourhoods import Neighbourhoods

	Neighbourhoods(race, seed).run()


def _result(race: Race, status: Status) -> Result:
	if race.best is None:
		nothing = Schedule(*(np.zeros(0, np.int64) for _ in range(3)))
		return Result(nothing, status, dict.fromkeys(aims(race.problem, nothing), 0.0), 0.0, 0.0, 0.0)
	found = race.score[0]
	bound = found if status is Status.OPTIMAL else min(race.bound, found)
	gap = max(0.0, found - bound) / max(found, 1.0)
	return Result(
		race.best, status, aims(race.problem, race.best), found, bound, gap, race.seconds(), race.history
	)
