"""Rules 3 to 5 of engine/problem.py as CP-SAT constraints; rules 1, 2 and 6 are in the domains of the variables.

A workstation of capacity 1 is a `no_overlap`, one of more a `cumulative`. Where setups count, a circuit runs through the
operations of the station in their order (Pinedo 2016, ch. 4.4: a travelling salesman with time windows): an arc a -> b
that is taken says that b comes next, and that its start in the station's open minutes is a's end plus the setup.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ortools.sat.python import cp_model

from sentia_ops.scheduling.engine.cp.facts import FAR, Held
from sentia_ops.scheduling.engine.cp.variables import ModeVars, Variables
from sentia_ops.scheduling.engine.problem import After, Problem, Resource


@dataclass
class Use:
	"""A free operation that may hold a resource."""

	op: int
	units: int
	mode: ModeVars


def precedence(v: Variables) -> None:
	"""Rule 5; nothing is asked of a fixed operation, and nothing is left to ask between two that do not move."""
	for i in v.free:
		for after in v.problem.operations[i].after:
			_wait(v, i, after)
		for j, after in v.facts.followers[i]:
			if not v.is_free(j):
				_wait(v, j, after)


def _wait(v: Variables, i: int, after: After) -> None:
	start, end = v.start(i), v.end(after.op)
	v.model.add(start >= end + after.min_wait)
	if after.max_wait is not None:
		v.model.add(start <= end + after.max_wait)


def resources(v: Variables) -> list[tuple[cp_model.IntVar, int]]:
	"""Rules 3 and 4 for every resource. Returns (literal of an arc, minutes of setup) of the setups that may be."""
	setups = []
	for r, users in _users(v).items():
		resource = v.problem.resources[r]
		first, last = min(u.mode.lo for u in users), max(u.mode.latest_end for u in users)
		held = v.facts.held(r, v.scope.schedule, v.scope.free, first, last)
		if resource.batch:
			_batches(v, resource, users, held)
		elif resource.capacity == 1:
			blocks = [v.model.new_fixed_size_interval_var(a, b - a, "") for a, b in _union(held)]
			v.model.add_no_overlap([u.mode.interval for u in users] + blocks)
		if resource.capacity > 1:
			_cumulative(v, resource, users, held)
		if r in v.problem.setups and v.problem.setups[r].any():
			setups += Sequence(v, r, users).setups
	return setups


def _users(v: Variables) -> dict[int, list[Use]]:
	"""Free operations that may hold each resource."""
	found: dict[int, list[Use]] = {}
	for i, at in v.operations.items():
		for mode in at.modes:
			if mode.interval is not None:
				chosen = v.problem.operations[i].modes[mode.mode]
				for r, units in ((chosen.resource, chosen.units), *chosen.needs):
					found.setdefault(r, []).append(Use(i, units, mode))
	return found


def _union(held: list[Held]) -> list[tuple[int, int]]:
	"""Where operations that do not move hold a resource; they may overlap each other (rule 7)."""
	spans: list[list[int]] = []
	for h in sorted(held, key=lambda h: h.start):
		if spans and h.start <= spans[-1][1]:
			spans[-1][1] = max(spans[-1][1], h.end)
		else:
			spans.append([h.start, h.end])
	return [(a, b) for a, b in spans]


def _cumulative(v: Variables, resource: Resource, users: list[Use], held: list[Held]) -> None:
	intervals, demands = [u.mode.interval for u in users], [u.units for u in users]
	edges = sorted({t for h in held for t in (h.start, h.end)})
	for a, b in pairwise(edges):
		taken = min(resource.capacity, sum(h.units for h in held if h.start <= a < h.end))
		if taken:
			intervals.append(v.model.new_fixed_size_interval_var(a, b - a, ""))
			demands.append(taken)
	v.model.add_cumulative(intervals, demands, resource.capacity)


def _batches(v: Variables, resource: Resource, users: list[Use], held: list[Held]) -> None:
	"""Two operations on a batch resource run one after the other, or together from start to end."""
	model = v.model
	for n, a in enumerate(users):
		others = [(b.op, b.mode.mode, b.mode.start, b.mode.end, b.mode.present) for b in users[n + 1 :]]
		others += [(h.op, int(v.scope.schedule.mode[h.op]), h.start, h.end, None) for h in held]
		for j, mode, start, end, present in others:
			if a.op == j:
				continue
			both = [literal for literal in (a.mode.present, present) if literal is not None]
			before, behind = model.new_bool_var(""), model.new_bool_var("")
			choices = [before, behind]
			model.add(a.mode.end <= start).only_enforce_if(before, *both)
			model.add(end <= a.mode.start).only_enforce_if(behind, *both)
			if _together(v.problem, a.op, a.mode.mode, j, mode):
				same = model.new_bool_var("")
				model.add(a.mode.start == start).only_enforce_if(same, *both)
				model.add(a.mode.end == end).only_enforce_if(same, *both)
				choices.append(same)
			model.add_bool_or(choices).only_enforce_if(*both)


def _together(problem: Problem, i: int, m: int, j: int, n: int) -> bool:
	one, other = problem.operations[i], problem.operations[j]
	return bool(one.batch) and one.batch == other.batch and one.modes[m].minutes == other.modes[n].minutes


@dataclass
class Node:
	"""An operation in the circuit of a station; start and end in its open minutes."""

	op: int
	start: cp_model.LinearExprT
	end: cp_model.LinearExprT
	present: cp_model.IntVar | None
	mode: int
	earliest_end: int
	latest_start: int
	free: bool


class Sequence:
	"""The circuit of one station with setups; place 0 stands for before the first and after the last operation."""

	def __init__(self, v: Variables, r: int, users: list[Use]):
		self.v, self.matrix, self.resource = v, v.problem.setups[r], v.problem.resources[r]
		self.work = v.facts.work[r]
		self.setups: list[tuple[cp_model.IntVar, int]] = []
		self.arcs: list[tuple[int, int, cp_model.LiteralT]] = []
		self.nodes = [self._free(u) for u in users if self._main(u.op, u.mode.mode) == r]
		if not self.nodes:
			return
		held = v.facts.held(r, v.scope.schedule, v.scope.free, -FAR, FAR)
		mine = [h for h in held if self._main(h.op, int(v.scope.schedule.mode[h.op])) == r]
		self.nodes += [self._held(h) for h in self._neighbours(sorted(mine, key=lambda h: (h.start, h.end)))]
		self._ends()
		self._arcs()
		v.model.add_circuit(self.arcs)
		self._hint()

	def _main(self, i: int, m: int) -> int:
		return self.v.problem.operations[i].modes[m].resource

	def _free(self, u: Use) -> Node:
		mode = u.mode
		minutes = self.v.problem.operations[u.op].modes[mode.mode].minutes
		return Node(u.op, *self._times(u), mode.present, mode.mode, mode.lo + minutes, mode.hi, True)

	def _held(self, h: Held) -> Node:
		mode = int(self.v.scope.schedule.mode[h.op])
		return Node(h.op, self.work.at(h.start), self.work.at(h.end), None, mode, h.end, h.start, False)

	def _neighbours(self, held: list[Held]) -> list[Held]:
		"""Those between which a free operation may go: from the last that ends before all of them to the first behind."""
		first = min(node.earliest_end for node in self.nodes)
		last = max(node.latest_start for node in self.nodes)
		a = max((n for n, h in enumerate(held) if h.end < first), default=0)
		b = min((n for n, h in enumerate(held) if h.start > last), default=len(held))
		self.cut = a > 0
		return held[a : b + 1]

	def _minutes(self, before: int | None, after: int) -> int:
		"""Setup between two families; a neutral operation needs none."""
		family = self.v.problem.operations[after].family
		return 0 if before is None or family is None else int(self.matrix[before, family])

	def _ends(self) -> None:
		free = sum(node.free for node in self.nodes)
		for n, node in enumerate(self.nodes, start=1):
			if not self.cut:
				self._arc(0, n, self.resource.initial_family, None, node)
			elif n == free + 1:  # what is left out of the circuit goes before it
				self._arc(0, n, None, None, node)
			self.arcs.append((n, 0, self.v.model.new_bool_var("")))
			if node.present is not None:
				self.arcs.append((n, n, ~node.present))
		if all(node.present is not None for node in self.nodes):
			self.arcs.append((0, 0, self.v.model.new_bool_var("")))

	def _arcs(self) -> None:
		for a, one in enumerate(self.nodes, start=1):
			for b, other in enumerate(self.nodes, start=1):
				if one.op == other.op or one.earliest_end > other.latest_start:
					continue
				if one.free or other.free or b == a + 1:
					self._arc(a, b, self.v.problem.operations[one.op].family, one, other)

	def _arc(self, a: int, b: int, family: int | None, one: Node | None, other: Node) -> None:
		minutes = self._minutes(family, other.op)
		fixed = self._is_fixed(other) and (one is None or self._is_fixed(one))
		end = 0 if one is None else one.end
		asked = not fixed and (one is not None or minutes > 0)
		if asked and not other.free and (one is None or not one.free):
			if other.start < end + minutes:
				return
			asked = False
		literal = self.v.model.new_bool_var("")
		if asked:
			self.v.model.add(other.start >= end + minutes).only_enforce_if(literal)
		if minutes:
			self.setups.append((literal, minutes))
		self.arcs.append((a, b, literal))

	def _is_fixed(self, node: Node) -> bool:
		return self.v.problem.operations[node.op].fixed is not None

	def _times(self, u: Use):
		"""Start and end in the station's open minutes."""
		mode = u.mode
		if self.work.windows is None:
			return mode.start, mode.end
		start = self._linked(mode.start, mode.lo, mode.hi, 0)
		if mode.own_calendar:
			return start, start + self.v.problem.operations[u.op].modes[mode.mode].minutes
		return start, self._linked(mode.end, mode.lo + 1, mode.latest_end, 1)

	def _linked(self, clock, lo: int, hi: int, late: int):
		"""Open minutes before `clock`, which lies in an open minute (late: or ends one) between lo and hi."""
		base = lo - late - self.work.at(lo - late)
		passed = []
		for opens, gap in self.work.gaps(lo - late, hi - late):
			literal = self.v.model.new_bool_var("")
			self.v.model.add(clock >= opens + late).only_enforce_if(literal)
			self.v.model.add(clock < opens + late).only_enforce_if(~literal)
			passed.append(gap * literal)
		return clock - base - sum(passed)

	def _hint(self) -> None:
		now = self.v.scope.schedule
		taken = [n for n, node in enumerate(self.nodes, start=1) if now.mode[node.op] == node.mode]
		taken.sort(key=lambda n: int(now.start[self.nodes[n - 1].op]))
		follows = dict(zip([0, *taken], [*taken, 0], strict=True))
		for a, b, literal in self.arcs:
			if a != b or a == 0:
				self.v.hint(literal, follows.get(a) == b)
