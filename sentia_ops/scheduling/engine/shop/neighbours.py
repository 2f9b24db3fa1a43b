"""Which operations of the critical path to move where, and what the makespan would about be then.

Job shops: N7 (Zhang, Li, Guan and Rao, Computers & Operations Research 34, 2007): an operation of a critical block goes
to the block's start or end, and those at its ends go inside. With setups the inside of a block counts too, so any
operation of a block goes anywhere in it. Alternatives: a critical operation goes to another machine between those that
must be before it and those that must be after it (Mastrolilli and Gambardella, Journal of Scheduling 3, 2000). Values
are estimated from heads and tails (Balas and Vazacopoulos, Management Science 44, 1998), setups included in both.
"""

from __future__ import annotations

import numpy as np

from sentia_ops.scheduling.engine.shop.graph import gap, kernel


@kernel
def draw(rng, below):
	"""A number from 0 to below - 1 (xorshift, Marsaglia 2003); rng is one uint64 that is never 0."""
	x = rng[0]
	x ^= x << np.uint64(13)
	x ^= x >> np.uint64(7)
	x ^= x << np.uint64(17)
	rng[0] = x
	return np.int64(x >> np.uint64(33)) % below


@kernel
def critical_path(shop, g, makespan, path, rng):
	"""Fill `path` with one critical path, chosen at random at every fork, last operation first; returns its length."""
	n = shop.jp.size - 1
	v, ends = n, 0
	for i in range(n):
		if g.r[i] + g.dur[i] == makespan:
			ends += 1
			if draw(rng, ends) == 0:
				v = i
	count = 0
	while v != n:
		path[count] = v
		count += 1
		p, w = shop.jp[v], g.mp[v]
		by_job = p != n and g.r[p] + g.dur[p] == g.r[v]
		by_machine = w != n and g.r[w] + g.dur[w] + gap(shop, g.mach[v], w, v) == g.r[v]
		if by_job and by_machine:
			v = p if draw(rng, 2) == 0 else w
		elif by_machine:
			v = w
		elif by_job:
			v = p
		else:
			v = n
	return count


@kernel
def after_estimate(shop, g, u, v, new_r, worst):
	"""Longest way through u and all up to v when u goes right behind v; stops where that is above `worst`."""
	n = shop.jp.size - 1
	m = g.mach[u]
	before, ready = g.mp[u], g.r[g.mp[u]] + g.dur[g.mp[u]]
	x = g.ms[u]
	while True:
		p = shop.jp[x]
		ready += gap(shop, m, before, x) if shop.has_setups else 0
		new_r[x] = max(shop.release[x], g.r[p] + g.dur[p], ready)
		ready = new_r[x] + g.dur[x]
		before = x
		if x == v:
			break
		x = g.ms[x]
	p, s, y = shop.jp[u], shop.js[u], g.ms[v]
	ready += gap(shop, m, v, u) if shop.has_setups else 0
	start = max(shop.release[u], g.r[p] + g.dur[p], ready)
	tail = g.q[y] + g.dur[y]
	if shop.has_setups and y != n:
		tail += gap(shop, m, u, y)
	tail = max(tail, g.q[s] + g.dur[s]) + g.dur[u]
	longest = start + tail
	x, behind = v, u
	while longest <= worst:
		s = shop.js[x]
		tail += gap(shop, m, x, behind) if shop.has_setups else 0
		tail = max(tail, g.q[s] + g.dur[s]) + g.dur[x]
		longest = max(longest, new_r[x] + tail)
		behind = x
		x = g.mp[x]
		if x == u:
			break
	return longest


@kernel
def before_estimate(shop, g, u, v, new_q, worst):
	"""Longest way through v and all from u on when v goes right before u; stops where that is above `worst`."""
	n = shop.jp.size - 1
	m = g.mach[u]
	behind, tail = g.ms[v], g.q[g.ms[v]] + g.dur[g.ms[v]]
	x = g.mp[v]
	while True:
		s = shop.js[x]
		if shop.has_setups and behind != n:
			tail += gap(shop, m, x, behind)
		new_q[x] = max(g.q[s] + g.dur[s], tail)
		tail = new_q[x] + g.dur[x]
		behind = x
		if x == u:
			break
		x = g.mp[x]
	p, s, w = shop.jp[v], shop.js[v], g.mp[u]
	tail += gap(shop, m, v, u) if shop.has_setups else 0
	ready = g.r[w] + g.dur[w]
	ready += gap(shop, m, w, v) if shop.has_setups else 0
	ready = max(shop.release[v], g.r[p] + g.dur[p], ready) + g.dur[v]
	longest = ready + max(g.q[s] + g.dur[s], tail)
	x, before = u, v
	while longest <= worst:
		p = shop.jp[x]
		ready += gap(shop, m, before, x) if shop.has_setups else 0
		ready = max(shop.release[x], g.r[p] + g.dur[p], ready) + g.dur[x]
		longest = max(longest, ready + new_q[x])
		before = x
		x = g.ms[x]
		if x == v:
			break
	return longest


@kernel
def best_gap(shop, g, u, alt, worst):
	"""The best place for u on another machine: (longest way through it, operation before, operation behind).

	Only places after all that must come before it and before all that must come after, so that no cycle arises.
	"""
	n = shop.jp.size - 1
	m, minutes = shop.machine[alt], shop.minutes[alt]
	p, s = shop.jp[u], shop.js[u]
	ready = max(shop.release[u], g.r[p] + g.dur[p])
	tail = g.q[s] + g.dur[s]
	too_late = g.r[s] + g.dur[s] if s != n else 2**31
	too_soon = g.q[p] + g.dur[p] if p != n else 2**31
	best, best_x, best_y = worst, -1, -1
	x, y = n, g.head[m]
	while x == n or g.r[x] < too_late:
		if y == n or g.q[y] < too_soon:
			start, rest = g.r[x] + g.dur[x], g.q[y] + g.dur[y]
			if shop.has_setups:
				start += gap(shop, m, x, u)
				rest += gap(shop, m, u, y) if y != n else 0
			longest = max(ready, start) + minutes + max(tail, rest)
			if longest < best:
				best, best_x, best_y = longest, x, y
		if y == n:
			break
		x = y
		y = g.ms[y]
	return best, best_x, best_y
