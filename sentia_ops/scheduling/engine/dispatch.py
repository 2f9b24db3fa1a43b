"""Dispatching rules: a feasible schedule at once, and what every better method is measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sentia_ops.scheduling.engine import arrays, forms
from sentia_ops.scheduling.engine.aims import better
from sentia_ops.scheduling.engine.decode import Infeasible, by_due_date, decode, fixed, mode_rows
from sentia_ops.scheduling.engine.problem import Objective, Problem, Schedule
from sentia_ops.scheduling.engine.rules import (
	ATC,
	ATCS,
	COVERT,
	CR,
	EDD,
	FACT,
	FIFO,
	MDD,
	ODD,
	PLAN,
	SLACK,
	SPT,
	WSPT,
)

# name -> (rule, look-ahead k1, weight of setups k2)
_RULES = {
	"EDD": (EDD, 0.0, 0.0),  # earliest due date of the job
	"SPT": (SPT, 0.0, 0.0),  # shortest processing time
	"ATC": (ATC, 2.0, 0.0),  # apparent tardiness cost
	"CR": (CR, 0.0, 0.0),  # critical ratio: time left by work left
	"ODD": (ODD, 0.0, 0.0),  # operation due date
	"WSPT": (WSPT, 0.0, 0.0),
	"S/RO": (SLACK, 0.0, 0.0),  # slack per remaining operation
	"WMDD": (MDD, 0.0, 0.0),  # weighted modified due date
	"COVERT": (COVERT, 2.0, 0.0),  # cost over time
	"FIFO": (FIFO, 0.0, 0.0),
	"ATCS": (ATCS, 2.0, 0.5),  # apparent tardiness cost with setups
	"ATC k=1": (ATC, 1.0, 0.0),
	"ATC k=4": (ATC, 4.0, 0.0),
	"ATCS k=1, 0.2": (ATCS, 1.0, 0.2),
	"ATCS k=2, 0.2": (ATCS, 2.0, 0.2),
	"ATCS k=2, 1": (ATCS, 2.0, 1.0),
	"ATCS k=4, 0.5": (ATCS, 4.0, 0.5),
	"ATCS k=4, 1": (ATCS, 4.0, 1.0),
}
RULES = tuple(_RULES)
STRONG = (
	"ATC",
	"ATC k=1",
	"WMDD",
	"ATCS k=2, 1",
	"ATCS k=2, 0.2",
	"FIFO",
)  # one of them is good for most shops
FEW = 300  # operations that plain Python places sooner than a compiler gets ready


def dispatch(
	problem: Problem, rule: str = "ATC", *, data: np.ndarray | None = None, compiled: bool | None = None
) -> Schedule:
	"""A feasible schedule by one of RULES.

	Args:
	    data: `arrays.pack(problem)`, where it is there already.
	    compiled: run compiled; None: where that is sooner. The schedule is the same.

	Raises:
	    KeyError: no such rule.
	    Infeasible: an operation finds no place in the calendars, see `decode`.
	"""
	name, k1, k2 = _RULES[rule]
	data = arrays.pack(problem) if data is None else data
	compiled = forms.warm() if compiled is None else compiled
	form = forms.form(compiled)
	n = int(data[arrays.OPS])
	flat, state = form.row(data), form.row(arrays.fresh(data))
	facts, usual, usual_setup = _facts(problem)
	if not form.run.begin(flat, state, form.row(mode_rows(data, None)), *map(form.row, fixed(problem, data))):
		raise Infeasible("an operation cannot follow a fixed one within its longest wait")
	plan, queue = form.row(np.zeros(n * PLAN, dtype=np.int64)), form.row(np.zeros(n, dtype=np.int64))
	done = form.run.simulate(flat, state, plan, queue, form.row(facts), name, usual, usual_setup, k1, k2)
	if not done:
		raise Infeasible("an operation finds no place in the working hours")
	schedule = arrays.schedule_of(data, state)
	return _with_waits(problem, schedule, data, compiled)


def quick(problem: Problem, *, data: np.ndarray | None = None) -> Schedule:
	"""Jobs by due date, placed one after the other: feasible before any compiler has started.

	Raises:
	    Infeasible: see `dispatch`.
	"""
	return decode(problem, by_due_date(problem), None, data=data, compiled=False)


def best_rule(
	problem: Problem,
	objective: Objective | None = None,
	rules: Sequence[str] = RULES,
	stop: Callable[[], bool] | None = None,
) -> tuple[str, Schedule]:
	"""(name, schedule) of the rule that is best by the objective.

	Args:
	    stop: asked before each rule but the first; True: those so far will do.

	Raises:
	    Infeasible: no rule finds a schedule.
	"""
	objective = objective or Objective()
	data = arrays.pack(problem)
	compiled = len(problem.operations) > FEW or forms.warm()
	best: tuple[str, Schedule] | None = None
	failure: Infeasible | None = None
	for rule in rules:
		if best is not None and stop is not None and stop():
			break
		try:
			found = dispatch(problem, rule, data=data, compiled=compiled)
		except Infeasible as error:
			failure = error
			continue
		if best is None or better(problem, objective, found, best[1]):
			best = rule, found
	if best is None:  # a checked problem fits in this order, whatever the rules run into
		try:
			best = "due dates", quick(problem, data=data)
		except Infeasible:
			raise failure from None
	return best


def _with_waits(problem: Problem, schedule: Schedule, data: np.ndarray, compiled: bool) -> Schedule:
	"""Decoded once more where longest waits tie operations together: rules know nothing of those."""
	tied = np.array([len(chain) > 1 for chain in arrays.chains(problem)], dtype=bool)
	if not tied.any():
		return schedule
	order = np.argsort(schedule.start, kind="stable")
	try:
		return decode(problem, order, np.where(tied, -1, schedule.mode), data=data, compiled=compiled)
	except Infeasible:  # chains first: nothing is in their way then
		order = np.lexsort((schedule.start, ~tied))
		return decode(problem, order, None, data=data, compiled=compiled)


def _facts(problem: Problem) -> tuple[np.ndarray, float, float]:
	"""`facts` of the rules, and the mean minutes of an operation and of a setup, in minutes of the clock."""
	stretch = [_stretch(resource.windows) for resource in problem.resources]
	facts = np.zeros((len(problem.operations), FACT))
	facts[:, 0] = [
		max(1.0, min(m.minutes * stretch[m.resource] for m in o.modes)) for o in problem.operations
	]
	facts[:, 1] = facts[:, 0]
	for o in reversed(arrays.topological(problem)):
		for link in problem.operations[o].after:
			facts[link.op, 1] = max(facts[link.op, 1], facts[link.op, 0] + link.min_wait + facts[o, 1])
			facts[link.op, 2] = max(facts[link.op, 2], facts[o, 2] + 1)
	setups = [matrix.mean() for matrix in problem.setups.values() if np.size(matrix)]
	return (
		facts.ravel(),
		float(facts[:, 0].mean()) if len(facts) else 1.0,
		max(1.0, float(np.mean(setups))) if setups else 1.0,
	)


def _stretch(windows: np.ndarray | None) -> float:
	"""Minutes of the clock for each open minute."""
	if windows is None or not len(windows):
		return 1.0
	return float(windows[-1, 1] - windows[0, 0]) / max(1, int((windows[:, 1] - windows[:, 0]).sum()))
