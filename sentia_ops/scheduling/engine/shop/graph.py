"""The disjunctive graph of a shop as one table of ints, and the kernels that keep it: links, order, heads and tails.

A row per operation 0 to n - 1; row n is a dummy without minutes that stands for "none", so that no kernel asks whether
there is a predecessor; row n + 1 + m starts the list of machine m. One row is one cache line. A solution is a
topological order of the operations with the alternative of each: the order of the operations on every machine follows
from it (Pinedo, Scheduling, 2016, sec. 7.1).

`setups` is (machines, families, families) minutes: the dummy has a family of its own, whose row is what the machine
needs before its first operation. Kernels take few and plain arrays: numba counts references of everything else.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numba
import numpy as np

from sentia_ops.scheduling.engine.shop.layout import (
	ALT,
	FAMILY,
	HEAD,
	JP,
	JS,
	LATEST,
	MACHINE,
	MINUTES,
	MP,
	MS,
	ON,
	PLACE,
	RELEASE,
	SCRATCH,
	TAIL,
	TAKES,
)

SOURCES = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
VERSION = hashlib.sha256(SOURCES).hexdigest()[:12]


def kernel(function):
	"""Compiled without the interpreter's lock, and kept on disk where there is a place to keep it."""
	# numba looks at the function's own file to tell whether its copy on disk is stale; kernels call those of others
	function.__qualname__ = f"{function.__name__}_{VERSION}"
	try:
		return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
	except RuntimeError:  # no folder for the copy can be written
		return numba.njit(nogil=True, error_model="numpy")(function)


@kernel
def set_heads(g, order, setups, since):
	"""Heads of all operations from place `since` of the order on; returns the makespan."""
	n = order.size
	latest = g[order[since - 1], LATEST] if since > 0 else 0
	has_setups = setups.size > 1
	for i in range(since, n):
		v = order[i]
		p, w = g[v, JP], g[v, MP]
		ready = g[w, HEAD] + g[w, MINUTES]
		if has_setups:
			ready += setups[g[v, MACHINE], g[w, FAMILY], g[v, FAMILY]]
		head = max(g[v, RELEASE], g[p, HEAD] + g[p, MINUTES], ready)
		g[v, HEAD] = head
		latest = max(latest, head + g[v, MINUTES])
		g[v, LATEST] = latest
	return latest


@kernel
def set_tails(g, order, setups, until):
	"""Tails of all operations from place `until` of the order back to the first."""
	has_setups = setups.size > 1
	for i in range(until, -1, -1):
		v = order[i]
		s, w = g[v, JS], g[v, MS]
		rest = g[w, TAIL] + g[w, MINUTES]
		if has_setups:
			rest += setups[g[v, MACHINE], g[v, FAMILY], g[w, FAMILY]]
		g[v, TAIL] = max(g[s, TAIL] + g[s, MINUTES], rest)


@kernel
def build(g, order, alts, setups):
	"""Links, heads and tails of the solution in `order` and the column ALT; returns the makespan."""
	n = order.size
	g[n, PLACE] = -1
	for m in range(g.shape[0] - n - 1):
		g[n + 1 + m, MS] = n
		g[n + 1 + m, SCRATCH] = n  # last one so far
	for i in range(n):
		v = order[i]
		a = g[v, ALT]
		m = n + 1 + alts[a, ON]
		w = g[m, SCRATCH]
		g[m, SCRATCH] = v
		g[v, PLACE], g[v, MACHINE], g[v, MINUTES] = i, alts[a, ON], alts[a, TAKES]
		g[v, MP], g[v, MS] = w, n
		if w == n:
			g[m, MS] = v
		else:
			g[w, MS] = v
	set_tails(g, order, setups, n - 1)
	return set_heads(g, order, setups, 0)


@kernel
def link(g, n, alts, u, alt, x, y):
	"""Take u off its machine and put it between x and y (n: none) on the machine of the alternative."""
	a, b = g[u, MP], g[u, MS]
	g[n + 1 + g[u, MACHINE] if a == n else a, MS] = b
	if b != n:
		g[b, MP] = a
	m = alts[alt, ON]
	g[u, ALT], g[u, MACHINE], g[u, MINUTES], g[u, MP], g[u, MS] = alt, m, alts[alt, TAKES], x, y
	g[n + 1 + m if x == n else x, MS] = u
	if y != n:
		g[y, MP] = u


@kernel
def reorder(g, order, spare, near, far):
	"""Move the operation at place `near` past the one at `far`, with all in between that must stay on its far side.

	Works both ways: to a later place take what follows it along, to a sooner one what precedes it. Returns False where
	that is true of the one at `far`: the links have a cycle, and the order stays as it was.
	"""
	way = 1 if far > near else -1
	by_job, by_machine = (JP, MP) if way == 1 else (JS, MS)
	for i in range(near, far + way, way):
		v = order[i]
		p, w = g[v, by_job], g[v, by_machine]
		inside_p = (g[p, PLACE] - near) * way >= 0 and (i - g[p, PLACE]) * way > 0 and g[p, PLACE] >= 0
		inside_w = (g[w, PLACE] - near) * way >= 0 and (i - g[w, PLACE]) * way > 0 and g[w, PLACE] >= 0
		marked = i == near or (inside_p and g[p, SCRATCH] == 1) or (inside_w and g[w, SCRATCH] == 1)
		g[v, SCRATCH] = 1 if marked else 0
	if g[order[far], SCRATCH] == 1:
		return False
	kept, moved = near, 0
	for i in range(near, far + way, way):
		v = order[i]
		if g[v, SCRATCH] == 1:
			spare[moved] = v
			moved += 1
		else:
			order[kept] = v
			g[v, PLACE] = kept
			kept += way
	for i in range(moved):
		order[kept] = spare[i]
		g[spare[i], PLACE] = kept
		kept += way
	return True


@kernel
def move(g, order, alts, setups, spare, u, alt, x, y):
	"""Put u between x and y, which follow each other once u is gone; order, heads and tails follow.

	Returns the new makespan, or -1 where that makes a cycle: then nothing has changed.
	"""
	n = order.size
	old_alt, a, b, place = np.int64(g[u, ALT]), np.int64(g[u, MP]), np.int64(g[u, MS]), np.int64(g[u, PLACE])
	far = place
	link(g, n, alts, u, alt, x, y)
	if x != n and g[x, PLACE] > place:
		far = np.int64(g[x, PLACE])
	elif y != n and g[y, PLACE] < place:
		far = np.int64(g[y, PLACE])
	if far != place and not reorder(g, order, spare, place, far):
		link(g, n, alts, u, old_alt, a, b)
		return -1
	set_tails(g, order, setups, max(place, far))
	return set_heads(g, order, setups, min(place, far))
