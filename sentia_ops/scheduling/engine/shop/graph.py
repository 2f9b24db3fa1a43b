"""The disjunctive graph of a shop as arrays, and the kernels that keep it: links, topological order, heads and tails.

Nodes are operations 0 to n - 1; node n is a dummy with no minutes that stands for "none", so that no kernel asks
whether there is a predecessor. A solution is a topological order of the operations with the alternative of each: the
order of the operations on every machine follows from it (Pinedo, Scheduling, 2016, sec. 7.1).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np

SOURCES = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))))


def kernel(function):
	"""Compiled without the interpreter's lock, and kept on disk where there is a place to keep it."""
	try:
		compiled = numba.njit(cache=True, nogil=True)(function)
		# numba looks at the function's own file only, but kernels call those of other files here
		compiled._cache._cache_file._source_stamp = SOURCES.hexdigest()
		return compiled
	except (RuntimeError, AttributeError):  # no folder for the cache can be written; another numba
		return numba.njit(nogil=True)(function)


class Shop(NamedTuple):
	"""What never changes; n operations, m machines, a alternatives over all operations.

	jp, js (n + 1,): operation before and after it in its job, n: none. release (n + 1,). first (n + 1,): operation i
	has the alternatives first[i] to first[i + 1] - 1. machine, minutes (a,): of an alternative. family (n + 1,);
	setups (k, f, f) minutes, of the matrix which[machine]; initial (m, f): before the first operation. machines: m.
	"""

	jp: np.ndarray
	js: np.ndarray
	release: np.ndarray
	first: np.ndarray
	machine: np.ndarray
	minutes: np.ndarray
	family: np.ndarray
	setups: np.ndarray
	which: np.ndarray
	initial: np.ndarray
	machines: int
	has_setups: bool
	flexible: bool


class Graph(NamedTuple):
	"""A solution with its heads and tails.

	alt, mach, dur (n + 1,): alternative taken, its machine and minutes; mp, ms (n + 1,): operation before and after it
	on its machine; head (m,): first operation of a machine; order, pos: topological order and its inverse; r: earliest
	start; q: longest way from its end to the end of all; mark, spare: scratch.
	"""

	alt: np.ndarray
	mach: np.ndarray
	dur: np.ndarray
	mp: np.ndarray
	ms: np.ndarray
	head: np.ndarray
	order: np.ndarray
	pos: np.ndarray
	r: np.ndarray
	q: np.ndarray
	mark: np.ndarray
	spare: np.ndarray


def new_graph(shop: Shop) -> Graph:
	n = len(shop.jp) - 1
	node = [np.zeros(n + 1, dtype=np.int32) for _ in range(11)]
	alt, mach, dur, mp, ms, order, pos, r, q, mark, spare = node
	return Graph(alt, mach, dur, mp, ms, np.full(shop.machines, n, np.int32), order, pos, r, q, mark, spare)


@kernel
def gap(shop, machine, a, b):
	"""Minutes of setup between a and b, which follow each other on the machine; a = n: before the first."""
	n = shop.jp.size - 1
	if a == n:
		return shop.initial[machine, shop.family[b]]
	return shop.setups[shop.which[machine], shop.family[a], shop.family[b]]


@kernel
def set_heads(shop, g, since):
	"""Heads of all operations from position `since` of the order on; returns the makespan."""
	n = shop.jp.size - 1
	for i in range(since, n):
		v = g.order[i]
		p, w = shop.jp[v], g.mp[v]
		by_machine = g.r[w] + g.dur[w]
		if shop.has_setups:
			by_machine += gap(shop, g.mach[v], w, v)
		g.r[v] = max(shop.release[v], g.r[p] + g.dur[p], by_machine)
	makespan = 0
	for v in range(n):
		makespan = max(makespan, g.r[v] + g.dur[v])
	return makespan


@kernel
def set_tails(shop, g, until):
	"""Tails of all operations from position `until` of the order back to the first."""
	for i in range(until, -1, -1):
		v = g.order[i]
		s, w = shop.js[v], g.ms[v]
		by_machine = g.q[w] + g.dur[w]
		if shop.has_setups and w != shop.jp.size - 1:
			by_machine += gap(shop, g.mach[v], v, w)
		g.q[v] = max(g.q[s] + g.dur[s], by_machine)


@kernel
def build(shop, g, last):
	"""Links, heads and tails of the solution in g.order and g.alt; returns the makespan. `last` (m,) is scratch."""
	n = shop.jp.size - 1
	last[:] = n
	g.head[:] = n
	g.pos[n] = -1
	for i in range(n):
		v = g.order[i]
		m = shop.machine[g.alt[v]]
		g.pos[v] = i
		g.mach[v] = m
		g.dur[v] = shop.minutes[g.alt[v]]
		w = last[m]
		g.mp[v] = w
		g.ms[v] = n
		if w == n:
			g.head[m] = v
		else:
			g.ms[w] = v
		last[m] = v
	makespan = set_heads(shop, g, 0)
	set_tails(shop, g, n - 1)
	return makespan


@kernel
def link(shop, g, u, alt, x, y):
	"""Take u off its machine and put it between x and y (n: none) on the machine of the alternative."""
	n = shop.jp.size - 1
	a, b = g.mp[u], g.ms[u]
	if a == n:
		g.head[g.mach[u]] = b
	else:
		g.ms[a] = b
	if b != n:
		g.mp[b] = a
	m = shop.machine[alt]
	g.alt[u] = alt
	g.mach[u] = m
	g.dur[u] = shop.minutes[alt]
	g.mp[u] = x
	g.ms[u] = y
	if x == n:
		g.head[m] = u
	else:
		g.ms[x] = u
	if y != n:
		g.mp[y] = u


@kernel
def reorder_later(shop, g, low, high):
	"""Move the operation at position `low`, and all in between that follow it, to behind position `high`.

	Returns False where what stands at `high` follows it: the links have a cycle. The order is then as it was.
	"""
	g.mark[low] = 1
	for i in range(low + 1, high + 1):
		v = g.order[i]
		p, w = g.pos[shop.jp[v]], g.pos[g.mp[v]]
		g.mark[i] = (low <= p < i and g.mark[p] == 1) or (low <= w < i and g.mark[w] == 1)
	if g.mark[high] == 1:
		return False
	kept, moved = low, 0
	for i in range(low, high + 1):
		v = g.order[i]
		if g.mark[i] == 1:
			g.spare[moved] = v
			moved += 1
		else:
			g.order[kept] = v
			g.pos[v] = kept
			kept += 1
	for i in range(moved):
		g.order[kept + i] = g.spare[i]
		g.pos[g.spare[i]] = kept + i
	return True


@kernel
def reorder_sooner(shop, g, low, high):
	"""Move the operation at position `high`, and all in between that it follows, to before position `low`."""
	g.mark[high] = 1
	for i in range(high - 1, low - 1, -1):
		v = g.order[i]
		p, w = g.pos[shop.js[v]], g.pos[g.ms[v]]
		g.mark[i] = (i < p <= high and g.mark[p] == 1) or (i < w <= high and g.mark[w] == 1)
	if g.mark[low] == 1:
		return False
	kept, moved = high, 0
	for i in range(high, low - 1, -1):
		v = g.order[i]
		if g.mark[i] == 1:
			g.spare[moved] = v
			moved += 1
		else:
			g.order[kept] = v
			g.pos[v] = kept
			kept -= 1
	for i in range(moved):
		g.order[kept - i] = g.spare[i]
		g.pos[g.spare[i]] = kept - i
	return True


@kernel
def move(shop, g, u, alt, x, y):
	"""Put u between x and y, which follow each other once u is gone; heads and tails follow.

	Returns the new makespan, or -1 where that makes a cycle: then nothing has changed.
	"""
	n = shop.jp.size - 1
	old_alt, a, b = np.int64(g.alt[u]), np.int64(g.mp[u]), np.int64(g.ms[u])
	low = high = g.pos[u]
	link(shop, g, u, alt, x, y)
	fits = True
	if x != n and g.pos[x] > high:
		high = g.pos[x]
		fits = reorder_later(shop, g, low, high)
	elif y != n and g.pos[y] < low:
		low = g.pos[y]
		fits = reorder_sooner(shop, g, low, high)
	if not fits:
		link(shop, g, u, old_alt, a, b)
		return -1
	set_tails(shop, g, high)
	return set_heads(shop, g, low)
