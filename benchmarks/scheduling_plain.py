"""The ERP-sized factory as a plain CP-SAT model: OR-Tools' flexible job shop example, with what the factory adds.

Optional intervals for alternatives and no-overlap, as in `flexible_job_shop_sat.py`; starts only where an operation fits
into working hours in one piece (so none is split); circuits for setups, counted in minutes of the clock; cumulatives
for the washer, the oven (which runs no batches) and the people; weighted tardiness. No start is given and no
neighbourhoods are searched. What it finds is carried out in the shop like every other plan.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.decode import decode
from sentia_ops.scheduling.engine.problem import Problem, Schedule

HORIZON = 30 * 1440  # minutes: about twice what dispatching rules take


def plain_cp_sat(problem: Problem, seconds: float, workers: int, seed: int, setups: bool) -> Schedule | None:
	"""The plan carried out; None where none was found. Building the model is not counted in the seconds."""
	model = cp_model.CpModel()
	starts, ends, chosen, holders = [], [], [], defaultdict(list)
	for i, operation in enumerate(problem.operations):
		release = max(operation.release, problem.jobs[operation.job].release)
		start, end = (model.new_int_var(release, HORIZON, f"{what} {i}") for what in ("start", "end"))
		starts.append(start)
		ends.append(end)
		chosen.append([])
		for k, mode in enumerate(operation.modes):
			taken = model.new_bool_var(f"{i} on {mode.resource}")
			own = model.new_int_var_from_domain(_starts(problem, mode, release), f"start {i} {k}")
			interval = model.new_optional_fixed_size_interval_var(own, mode.minutes, taken, f"{i} {k}")
			model.add(start == own).only_enforce_if(taken)
			model.add(end == own + mode.minutes).only_enforce_if(taken)
			chosen[i].append(taken)
			for resource, units in ((mode.resource, mode.units), *mode.needs):
				holders[resource].append((i, taken, interval, units))
		model.add_exactly_one(chosen[i])
		for after in operation.after:
			model.add(start >= ends[after.op] + after.min_wait)
	for r, users in holders.items():
		if problem.resources[r].capacity == 1:
			model.add_no_overlap([interval for _i, _taken, interval, _units in users])
		else:
			intervals, units = [u[2] for u in users], [u[3] for u in users]
			model.add_cumulative(intervals, units, problem.resources[r].capacity)
		if setups and r in problem.setups:
			_circuit(model, problem, r, users, starts, ends)
	model.minimize(_tardiness(model, problem, ends))
	solver = cp_model.CpSolver()
	solver.parameters.max_time_in_seconds = seconds
	solver.parameters.num_workers = workers
	solver.parameters.random_seed = seed
	if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
		return None
	order = np.argsort([solver.value(start) for start in starts], kind="stable")
	modes = [next(k for k, taken in enumerate(own) if solver.value(taken)) for own in chosen]
	return decode(problem, order, modes)


def _starts(problem: Problem, mode, release: int) -> cp_model.Domain:
	windows = None
	for r in (mode.resource, *(need for need, _units in mode.needs)):
		windows = calendars.intersect(windows, problem.resources[r].windows)
	spans = [
		[max(int(a), release), min(int(b), HORIZON) - mode.minutes]
		for a, b in windows
		if max(int(a), release) <= min(int(b), HORIZON) - mode.minutes
	]
	return cp_model.Domain.from_intervals(spans)


def _circuit(model, problem: Problem, r: int, users, starts, ends) -> None:
	"""An arc for each operation that may follow another on the machine; 0 is before the first and after the last."""
	arcs, family = [(0, 0, model.new_bool_var(f"{r} idle"))], [problem.operations[u[0]].family for u in users]
	for a, (i, taken, _interval, _units) in enumerate(users, start=1):
		arcs += [(0, a, model.new_bool_var("")), (a, 0, model.new_bool_var("")), (a, a, taken.negated())]
		for b, (j, _taken, _i, _u) in enumerate(users, start=1):
			if a == b:
				continue
			follows = model.new_bool_var("")
			arcs.append((a, b, follows))
			minutes = int(problem.setups[r][family[a - 1], family[b - 1]])
			model.add(starts[j] >= ends[i] + minutes).only_enforce_if(follows)
	model.add_circuit(arcs)


def _tardiness(model, problem: Problem, ends):
	last: dict[int, list] = defaultdict(list)
	for i, operation in enumerate(problem.operations):
		last[operation.job].append(ends[i])
	terms = []
	for j, mine in last.items():
		job = problem.jobs[j]
		if job.due is not None:
			late = model.new_int_var(0, HORIZON, f"late {j}")
			for end in mine:
				model.add(late >= end - job.due)
			terms.append(round(job.weight * 2) * late)
	return sum(terms)
