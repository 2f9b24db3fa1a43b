"""A problem as two flat rows of int64: what never changes (`data`) and the schedule as it grows (`state`).

Two arrays instead of forty keep the compiled functions of `kernel.py` cheap to compile and to call, and make a copy of
the whole schedule one slice. As lists they run uncompiled, which is how the first schedule is there before any
compiler has started.

`data` begins with the places of its tables (the constants *_AT) and their sizes; a table has rows of fixed width, whose
columns are the constants named after it.
"""

from __future__ import annotations

import heapq
import itertools

import numpy as np

from sentia_ops.scheduling.engine import calendars
from sentia_ops.scheduling.engine.problem import Problem, Schedule

NEVER = 1 << 50  # later than any minute
OPEN = 1 << 40  # half the width of the window of a calendar that never closes

# the header of `data`
OPS_AT, MODES_AT, NEEDS_AT, LINKS_AT, RES_AT, CALS_AT, WINDOWS_AT, HINTS_AT, SETUPS_AT, JOBS_AT, FIRST_AT = (
	range(11)
)
# counts; HEADER is its own length
OPS, MODES, RES, JOBS, FAMILIES, LISTS, STATE, FIRST, HEADER = range(11, 20)

OP, MODE, NEED, LINK, RESOURCE, CALENDAR, WINDOW, JOB = 15, 4, 2, 3, 7, 4, 3, 3  # widths of rows
# an operation: modes and links as [from, to) of their tables
O_MODE, O_MODE_END, O_PRED, O_PRED_END, O_SUCC, O_SUCC_END = range(6)
O_MEMBER, O_MEMBER_END, O_JOB, O_FAMILY, O_BATCH, O_SPLIT, O_RELEASE, O_FIXED, O_HASTE = range(6, 15)
# a mode: its calendar is the intersection of those of all that it holds; its first need is the workstation
M_MINUTES, M_CALENDAR, M_NEED, M_NEED_END = range(4)
N_RESOURCE, N_UNITS = range(2)
# a link: the other operation and the waits; a member of a chain only uses the first
L_OP, L_MIN, L_MAX = range(3)
# a resource: what is placed on it is a list in `state`, at R_LIST
R_KIND, R_CAPACITY, R_CALENDAR, R_SETUP, R_FAMILY, R_LIST, R_ROOM = range(7)
SINGLE, SHARED, BATCH = range(3)  # R_KIND
# a calendar: places in `data` of its windows, and for each HINT minutes from 0 on, of the last one that starts by then
C_FIRST, C_BEYOND, C_HINT, C_HINTS = range(4)
HINT = 256
W_FROM, W_UNTIL, W_BEFORE = range(3)
J_DUE, J_WEIGHT, J_OPS = range(3)  # weight in 1/1000

# `state`: blocks of one number for each operation, then how many entries each resource has, then their lists
S_START, S_END, S_MODE, S_NOT_BEFORE, S_TRIED, S_STACK = range(6)
BLOCKS = 6
# instead of a mode: not yet its turn; its turn came before its predecessors were placed
UNPLACED, PASSED = -1, -2


def pack(problem: Problem) -> np.ndarray:
	"""`data` of a problem; see the constants of this module for what is where."""
	return _Packing(problem).data()


def fresh(data: np.ndarray) -> np.ndarray:
	"""`state` with nothing placed."""
	state = np.zeros(int(data[STATE]), dtype=np.int64)
	n = int(data[OPS])
	state[S_MODE * n : (S_MODE + 1) * n] = UNPLACED
	return state


def schedule_of(data: np.ndarray, state) -> Schedule:
	"""The schedule in a `state`; modes counted within each operation again."""
	n = int(data[OPS])
	blocks = np.asarray(state[: BLOCKS * n], dtype=np.int64).reshape(BLOCKS, n)
	return Schedule(blocks[S_START].copy(), blocks[S_END].copy(), blocks[S_MODE] - first_modes(data))


def first_modes(data: np.ndarray) -> np.ndarray:
	"""Row of each operation's mode 0 in the table of modes."""
	at, n = int(data[OPS_AT]), int(data[OPS])
	return np.asarray(data[at : at + n * OP], dtype=np.int64).reshape(n, OP)[:, O_MODE]


def chains(problem: Problem) -> list[list[int]]:
	"""Operations that longest waits tie together, in an order that keeps precedence, the longest chains of ties whole.

	These are the strongly connected components of the graph with an arc along each wait and one back where it has a
	longest: whatever lies between two tied operations is tied too. Operations tied to none are lists of one.
	"""
	import scipy.sparse as sparse
	from scipy.sparse.csgraph import connected_components

	operations = problem.operations
	n = len(operations)
	rows, columns = [], []
	for o, link in _links(problem):
		rows.append(link.op)
		columns.append(o)
		if link.max_wait is not None and operations[link.op].fixed is None:
			rows.append(o)
			columns.append(link.op)
	graph = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
	_count, label = connected_components(graph, directed=True, connection="strong")
	members: dict[int, list[int]] = {}
	for o in topological(problem):
		members.setdefault(int(label[o]), []).append(o)
	return [members[int(label[o])] for o in range(n)]


def topological(problem: Problem) -> list[int]:
	"""Operations, each after those that it waits for.

	Raises:
	    ValueError: the precedence has a cycle.
	"""
	n = len(problem.operations)
	waiting, followers = [0] * n, [[] for _ in range(n)]
	for o, link in _links(problem):
		waiting[o] += 1
		followers[link.op].append(o)
	# the less an operation may wait, the sooner its turn: within a chain, it is the one that is short of time
	tight = [
		min([NEVER, *(a.max_wait for a in each.after if a.max_wait is not None)])
		for each in problem.operations
	]
	free = [(tight[o], o) for o in range(n) if not waiting[o]]
	order = []
	while free:
		o = heapq.heappop(free)[1]
		order.append(o)
		for follower in followers[o]:
			waiting[follower] -= 1
			if not waiting[follower]:
				heapq.heappush(free, (tight[follower], follower))
	if len(order) < n:
		raise ValueError("the precedence of the operations has a cycle")
	return order


def _links(problem: Problem):
	"""(operation, After) of all operations that are not fixed: nothing moves those."""
	for o, operation in enumerate(problem.operations):
		if operation.fixed is None:
			for link in operation.after:
				yield o, link


class _Packing:
	"""Builds the tables one after the other."""

	def __init__(self, problem: Problem) -> None:
		self.problem = problem
		self.calendars: dict[tuple[int, ...], int] = {}
		self.windows: list[np.ndarray] = []
		self.modes: list[int] = []
		self.needs: list[int] = []
		self.links: list[int] = []
		self.batches: dict[str, int] = {"": 0}

	def data(self) -> np.ndarray:
		problem = self.problem
		resources, lists, families, setups = self._resources()
		operations = self._operations()
		jobs = self._jobs()
		first = self._first()
		bounds, windows, hints = self._windows()
		tables = [operations, self.modes, self.needs, self.links, resources]
		tables += [bounds, windows, hints, setups, jobs, first]
		places = np.cumsum([HEADER] + [len(table) for table in tables])
		for c in range(0, len(bounds), CALENDAR):  # counted from the beginning of their tables so far
			bounds[c + C_FIRST] += places[6]
			bounds[c + C_BEYOND] += places[6]
			bounds[c + C_HINT] += places[7]
		hints[:] = [hint + places[6] for hint in hints]
		counts = [len(problem.operations), len(self.modes) // MODE, len(problem.resources), len(problem.jobs)]
		size = BLOCKS * counts[0] + counts[2] + lists
		header = [*places[:-1], *counts, families, lists, size, len(first)]
		return np.array(list(itertools.chain(header, *tables)), dtype=np.int64)

	def _windows(self) -> tuple[list[int], list[int], list[int]]:
		bounds, rows, hints = [], [], []
		for windows in self.windows:
			lengths = windows[:, 1] - windows[:, 0]
			first, before = len(rows), np.cumsum(lengths) - lengths
			rows += np.column_stack([windows, before]).astype(np.int64).ravel().tolist()
			last = int(windows[-1, 0]) if len(windows) else 0
			marks = np.arange(max(0, last) // HINT + 1) * HINT
			places = np.searchsorted(windows[:, 0], marks, side="right") - 1
			bounds += [first, len(rows), len(hints), len(marks)]
			hints += (first + places * WINDOW).tolist()
		return bounds, rows, hints

	def _calendar(self, resources: tuple[int, ...]) -> int:
		key = tuple(sorted({r for r in resources if self.problem.resources[r].windows is not None}))
		if key in self.calendars:
			return self.calendars[key]
		windows = None
		for r in key:
			windows = calendars.intersect(windows, self.problem.resources[r].windows)
		if windows is None:
			windows = np.array([[-OPEN, OPEN]], dtype=np.int64)
		self.windows.append(windows)
		self.calendars[key] = len(self.windows) - 1
		return self.calendars[key]

	def _resources(self):
		problem, table, setups, room = self.problem, [], [], 0
		users = np.zeros(len(problem.resources), dtype=np.int64)
		for operation in problem.operations:
			for mode in operation.modes:
				users[mode.resource] += 1
				for need, _units in mode.needs:
					users[need] += 1
		families = max((len(matrix) for matrix in problem.setups.values()), default=0)
		base = BLOCKS * len(problem.operations) + len(problem.resources)
		for r, resource in enumerate(problem.resources):
			kind = BATCH if resource.batch else SINGLE if resource.capacity == 1 else SHARED
			at = -1
			if r in problem.setups and kind == SINGLE:
				at = len(setups)
				setups += np.asarray(problem.setups[r], dtype=np.int64).ravel().tolist()
			family = -1 if resource.initial_family is None else resource.initial_family
			entries = 2 * (2 * int(users[r]) + 1) if kind == SHARED else int(users[r])
			table += [kind, resource.capacity, self._calendar((r,)), at, family, base + room, entries]
			room += entries
		return table, room, families, setups

	def _operations(self) -> list[int]:
		problem, table = self.problem, []
		followers = [[] for _ in problem.operations]
		for o, link in _links(problem):
			followers[link.op].append((o, link))
		members = chains(problem)
		for o, operation in enumerate(problem.operations):
			modes = (len(self.modes) // MODE, len(self.modes) // MODE + len(operation.modes))
			for mode in operation.modes:
				self._mode(mode)
			fixed = operation.fixed is not None
			before = () if fixed else [(link.op, link) for link in operation.after]
			preds = self._link(before)
			succs = self._link(followers[o])
			chain = self._link([(other, None) for other in members[o]])
			family = -1 if operation.family is None else operation.family
			batch = self.batches.setdefault(operation.batch, len(self.batches))
			release = max(operation.release, problem.jobs[operation.job].release)
			table += [*modes, *preds, *succs, *chain, operation.job, family, batch]
			haste = not fixed and any(link.max_wait is not None for link in operation.after)
			table += [int(operation.splittable), release, int(fixed), int(haste)]
		return table

	def _mode(self, mode) -> None:
		held = [(mode.resource, mode.units), *mode.needs]
		first = len(self.needs) // NEED
		for need in held:
			self.needs += need
		calendar = self._calendar(tuple(r for r, _units in held))
		self.modes += [mode.minutes, calendar, first, first + len(held)]

	def _link(self, links) -> tuple[int, int]:
		first = len(self.links) // LINK
		for other, link in links:
			longest = -1 if link is None or link.max_wait is None else link.max_wait
			self.links += [other, 0 if link is None else link.min_wait, longest]
		return first, len(self.links) // LINK

	def _jobs(self) -> list[int]:
		table, counts = [], [0] * len(self.problem.jobs)
		for operation in self.problem.operations:
			counts[operation.job] += 1
		for job, count in zip(self.problem.jobs, counts, strict=True):
			table += [NEVER if job.due is None else job.due, round(job.weight * 1000), count]
		return table

	def _first(self) -> list[int]:
		"""Operations that may not wait long after a fixed one: they are placed before all others."""
		operations = self.problem.operations
		return [
			o
			for o, operation in enumerate(operations)
			if operation.fixed is None
			and any(a.max_wait is not None and operations[a.op].fixed is not None for a in operation.after)
		]
