"""What our schedules of classical shops are held against: the CP-SAT models of OR-Tools' own examples, and PyJobShop.

CP-SAT: `jobshop_ft06_sat.py` for job shops, `flexible_job_shop_sat.py` for alternatives, and a circuit of the operations
of each machine for setups, as OR-Tools documents it. Each is given the seconds and threads that ours gets, for solving;
building the model is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine.problem import Problem, Schedule


@dataclass
class Answer:
	"""Schedule (None: none found in time) and the bound that was proven."""

	schedule: Schedule | None
	bound: float


def plain_cp_sat(problem: Problem, seconds: float, workers: int, seed: int) -> Answer:
	model = cp_model.CpModel()
	horizon = _horizon(problem)
	starts, ends, chosen, machines = [], [], [], defaultdict(list)
	for i, op in enumerate(problem.operations):
		start, end = model.new_int_var(0, horizon, f"start {i}"), model.new_int_var(0, horizon, f"end {i}")
		starts.append(start)
		ends.append(end)
		chosen.append([])
		for k, mode in enumerate(op.modes):
			if len(op.modes) == 1:
				taken = 1
				interval = model.new_interval_var(start, mode.minutes, end, f"interval {i}")
			else:
				taken = model.new_bool_var(f"{i} on {mode.resource}")
				own_start = model.new_int_var(0, horizon, f"start {i} {k}")
				own_end = model.new_int_var(0, horizon, f"end {i} {k}")
				interval = model.new_optional_interval_var(
					own_start, mode.minutes, own_end, taken, f"{i} {k}"
				)
				model.add(start == own_start).only_enforce_if(taken)
				model.add(end == own_end).only_enforce_if(taken)
			chosen[i].append(taken)
			machines[mode.resource].append((i, taken, interval))
		if len(op.modes) > 1:
			model.add_exactly_one(chosen[i])
		for after in op.after:
			model.add(start >= ends[after.op])
	for machine, users in machines.items():
		model.add_no_overlap([interval for _i, _taken, interval in users])
		if machine in problem.setups:
			_circuit(model, problem, machine, users, starts, ends)
	makespan = model.new_int_var(0, horizon, "makespan")
	model.add_max_equality(makespan, ends)
	model.minimize(makespan)
	solver = cp_model.CpSolver()
	solver.parameters.max_time_in_seconds = seconds
	solver.parameters.num_workers = workers
	solver.parameters.random_seed = seed
	if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
		return Answer(None, 0.0)
	modes = [next(k for k, taken in enumerate(row) if solver.value(taken)) for row in chosen]
	values = [[solver.value(v) for v in part] for part in (starts, ends)]
	return Answer(Schedule(*(np.array(part) for part in (*values, modes))), solver.best_objective_bound)


def _circuit(model, problem: Problem, machine: int, users, starts, ends) -> None:
	"""Node 0 is before the first and after the last; an arc from one operation to another has their setup."""
	arcs = []
	for a, (i, taken, _interval) in enumerate(users, start=1):
		arcs += [(0, a, model.new_bool_var("")), (a, 0, model.new_bool_var(""))]
		if not isinstance(taken, int):
			arcs.append((a, a, taken.negated()))
		for b, (j, _taken, _other) in enumerate(users, start=1):
			if a != b:
				follows = model.new_bool_var("")
				arcs.append((a, b, follows))
				setup = problem.setups[machine][problem.operations[i].family, problem.operations[j].family]
				model.add(starts[j] >= ends[i] + int(setup)).only_enforce_if(follows)
	model.add_circuit(arcs)


def _horizon(problem: Problem) -> int:
	setup = max((int(matrix.max()) for matrix in problem.setups.values()), default=0)
	return sum(max(mode.minutes for mode in op.modes) + setup for op in problem.operations)


def pyjobshop(problem: Problem, seconds: float, workers: int, seed: int) -> Answer:
	"""PyJobShop's model of the same shop, solved by its OR-Tools back end."""
	from pyjobshop import Model

	model = Model()
	jobs = [model.add_job() for _ in problem.jobs]
	machines = [model.add_machine() for _ in problem.resources]
	tasks, on = [], defaultdict(list)
	for op in problem.operations:
		task = model.add_task(job=jobs[op.job])
		tasks.append(task)
		for mode in op.modes:
			model.add_mode(task, machines[mode.resource], mode.minutes)
			on[mode.resource].append(op)
		for after in op.after:
			model.add_end_before_start(tasks[after.op], task)
	place = {id(op): i for i, op in enumerate(problem.operations)}
	for machine, matrix in problem.setups.items():
		for one in on[machine]:
			for other in on[machine]:
				if one is not other and matrix[one.family, other.family]:
					ends = (tasks[place[id(one)]], tasks[place[id(other)]])
					model.add_setup_time(machines[machine], *ends, int(matrix[one.family, other.family]))
	result = model.solve(
		solver="ortools", time_limit=seconds, display=False, num_workers=workers, random_seed=seed
	)
	found = result.best.tasks
	if not found:
		return Answer(None, 0.0)
	modes = [
		next(k for k, mode in enumerate(op.modes) if mode.resource in task.resources)
		for op, task in zip(problem.operations, found, strict=True)
	]
	times = [np.array([getattr(task, name) for task in found]) for name in ("start", "end")]
	return Answer(Schedule(*times, np.array(modes)), result.lower_bound)
