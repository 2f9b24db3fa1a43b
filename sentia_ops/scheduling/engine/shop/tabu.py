"""Tabu search of a shop: the best move along a critical path, whose undoing is forbidden for a while (Glover 1989).

Iterations, tenure and neighbourhood as in TS/PR (Peng, Lü and Cheng, Computers & Operations Research 53, 2015).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sentia_ops.scheduling.engine.shop.graph import Graph, Shop, build, kernel, move, new_graph
from sentia_ops.scheduling.engine.shop.neighbours import (
	after_estimate,
	before_estimate,
	best_gap,
	critical_path,
	draw,
)

NEVER = 2**31 - 1
GOES_ON, PATIENCE_OVER, TARGET_MET, PROVEN = range(4)


class Memory(NamedTuple):
	"""One searcher's own arrays.

	before (n, n): iteration until which the first may not be put before the second; route (a,): until which an
	alternative may not be taken again; path (n,), ends (n + 1,), last (m,), found, fallback (6,): scratch; rng (1,);
	best_order, best_alt (n + 1,): best solution since `begin`; count (4,): iteration, iteration of the best, its
	makespan, makespan now.
	"""

	before: np.ndarray
	route: np.ndarray
	path: np.ndarray
	ends: np.ndarray
	last: np.ndarray
	found: np.ndarray
	fallback: np.ndarray
	rng: np.ndarray
	best_order: np.ndarray
	best_alt: np.ndarray
	count: np.ndarray


def new_memory(shop: Shop, seed: int) -> Memory:
	n = len(shop.jp) - 1
	node = [np.zeros(n + 1, dtype=np.int32) for _ in range(4)]
	seeded = np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)
	return Memory(
		np.zeros((n, n), np.int32),
		np.zeros(len(shop.machine), np.int32),
		node[0],
		node[1],
		np.zeros(shop.machines, np.int32),
		np.zeros(6, np.int64),
		np.zeros(6, np.int64),
		seeded,
		node[2],
		node[3],
		np.zeros(4, np.int64),
	)


@kernel
def begin(shop, g, memory, order, alt):
	"""Start a search from this solution; returns its makespan."""
	g.order[:] = order
	g.alt[:] = alt
	memory.count[3] = build(shop, g, memory.last)
	memory.count[0] = 1
	memory.before[:] = 0
	memory.route[:] = 0
	keep(g, memory)
	return memory.count[3]


@kernel
def keep(g, memory):
	memory.best_order[:] = g.order
	memory.best_alt[:] = g.alt
	memory.count[1] = memory.count[0]
	memory.count[2] = memory.count[3]


@kernel
def offer(found, estimate, u, alt, x, y, rng):
	"""Keep the move with the lowest estimate; among equals each has the same chance. found[1] counts equals."""
	if estimate < found[0]:
		found[1] = 0
	elif estimate > found[0]:
		return
	found[1] += 1
	if draw(rng, found[1]) == 0:
		found[0] = estimate
		found[2], found[3], found[4], found[5] = u, alt, x, y


@kernel
def try_after(shop, g, memory, u, v):
	"""Offer to move u right behind v, further on in its block."""
	s = shop.js[u]
	if s == v or g.q[v] + g.dur[v] < g.q[s] + g.dur[s]:
		return
	now = memory.count[0]
	tabu, x = False, g.ms[u]
	while True:
		tabu = tabu or memory.before[x, u] > now
		if x == v:
			break
		x = g.ms[x]
	if tabu:
		offer(memory.fallback, 0, u, g.alt[u], v, g.ms[v], memory.rng)
	worst = memory.count[2] - 1 if tabu else memory.found[0]
	estimate = after_estimate(shop, g, u, v, memory.ends, worst)
	if estimate <= worst:
		offer(memory.found, estimate, u, g.alt[u], v, g.ms[v], memory.rng)


@kernel
def try_before(shop, g, memory, u, v):
	"""Offer to move v right before u, further up in its block."""
	p = shop.jp[v]
	if p == u or g.r[u] + g.dur[u] < g.r[p] + g.dur[p]:
		return
	now = memory.count[0]
	tabu, x = False, g.mp[v]
	while True:
		tabu = tabu or memory.before[v, x] > now
		if x == u:
			break
		x = g.mp[x]
	if tabu:
		offer(memory.fallback, 0, v, g.alt[v], g.mp[u], u, memory.rng)
	worst = memory.count[2] - 1 if tabu else memory.found[0]
	estimate = before_estimate(shop, g, u, v, memory.ends, worst)
	if estimate <= worst:
		offer(memory.found, estimate, v, g.alt[v], g.mp[u], u, memory.rng)


@kernel
def try_block(shop, g, memory, late, early):
	"""Offer all moves inside a critical block; path[late] is its first operation, path[early] its last."""
	path = memory.path
	for i in range(late, early, -1):
		for j in range(i - 1, early - 1, -1):
			if shop.has_setups or i == late or j == early:
				try_after(shop, g, memory, path[i], path[j])
				if i - j > 1:
					try_before(shop, g, memory, path[i], path[j])


@kernel
def try_routes(shop, g, memory, u):
	"""Offer every other alternative of u, each at its best place."""
	for alt in range(shop.first[u], shop.first[u + 1]):
		if shop.machine[alt] == g.mach[u]:
			continue
		longest, x, y = best_gap(shop, g, u, alt, NEVER)
		if x < 0:
			continue
		if memory.route[alt] > memory.count[0] and longest >= memory.count[2]:
			offer(memory.fallback, 0, u, alt, x, y, memory.rng)
		else:
			offer(memory.found, longest, u, alt, x, y, memory.rng)


@kernel
def forbid(shop, g, memory, u, alt, x, y):
	"""What undoing the move would need is forbidden for a while; called before the move is made."""
	n = shop.jp.size - 1
	base = 10 + n // shop.machines // shop.machines
	until = memory.count[0] + base + draw(memory.rng, base)
	if alt != g.alt[u]:
		memory.route[g.alt[u]] = until
	elif x != n and g.pos[x] > g.pos[u]:
		v = u
		while v != x:
			v = g.ms[v]
			memory.before[u, v] = until
	else:
		v = u
		while v != y:
			v = g.mp[v]
			memory.before[v, u] = until


@kernel
def step(shop, g, memory):
	"""Make the best allowed move; False where there is none: the critical path is one job, nothing is shorter."""
	path = memory.path
	length = critical_path(shop, g, memory.count[3], path, memory.rng)
	memory.found[0] = memory.fallback[0] = NEVER
	memory.found[1] = memory.fallback[1] = 0
	early = 0
	for i in range(1, length + 1):
		if i < length and g.mp[path[i - 1]] == path[i]:
			continue
		if i - 1 > early:
			try_block(shop, g, memory, i - 1, early)
		early = i
	if shop.flexible:
		for i in range(length):
			try_routes(shop, g, memory, path[i])
	chosen = memory.found if memory.found[1] > 0 else memory.fallback
	if chosen[1] == 0:
		return False
	u, alt, x, y = chosen[2], chosen[3], chosen[4], chosen[5]
	forbid(shop, g, memory, u, alt, x, y)
	makespan = move(shop, g, u, alt, x, y)
	if makespan >= 0:
		memory.count[3] = makespan
	return True


@kernel
def run(shop, g, memory, iterations, patience, target):
	"""At most so many iterations; ends sooner without a better one for `patience`, or at the target.

	Returns one of GOES_ON, PATIENCE_OVER, TARGET_MET, PROVEN. Call again to go on.
	"""
	count = memory.count
	stop = count[0] + iterations
	while count[0] < stop:
		if count[2] <= target:
			return TARGET_MET
		if count[0] - count[1] > patience:
			return PATIENCE_OVER
		count[0] += 1
		if not step(shop, g, memory):
			return PROVEN
		if count[3] < count[2]:
			keep(g, memory)
	return GOES_ON


class Searcher(NamedTuple):
	"""A solution and a memory: what one thread works with."""

	graph: Graph
	memory: Memory


def new_searcher(shop: Shop, seed: int) -> Searcher:
	return Searcher(new_graph(shop), new_memory(shop, seed))
