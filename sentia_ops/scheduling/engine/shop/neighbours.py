"""Which operations of the critical path to move where, and what the makespan would about be then.

Job shops: N7 (Zhang, Li, Guan and Rao, Computers & Operations Research 34, 2007): an operation of a critical block goes
to the block's start or end, and those at its ends go inside. With setups the inside of a block counts too, so any
operation of a block goes anywhere in it. Alternatives: a critical operation goes to another machine between those that
must be before it and those that must be after it (Mastrolilli and Gambardella, Journal of Scheduling 3, 2000). Values
are estimated from heads and tails (Balas and Vazacopoulos, Management Science 44, 1998), setups included in both.
"""

from __future__ import annotations

import numpy as np

from sentia_ops.scheduling.engine.shop.graph import kernel
from sentia_ops.scheduling.engine.shop.layout import (
	FAMILY,
	HEAD,
	JP,
	JS,
	MACHINE,
	MINUTES,
	MP,
	MS,
	ON,
	RELEASE,
	SCRATCH,
	TAIL,
	TAKES,
)

NEVER = 2**31 - 1


@kernel
def draw(rng, below):
	"""A number from 0 to below - 1; rng (1,) int64 is a linear congruential generator (Knuth's MMIX)."""
	rng[0] = rng[0] * 6364136223846793005 + 1442695040888963407
	return ((rng[0] >> 33) & 0x7FFFFFFF) % below


@kernel
def critical_path(g, order, setups, makespan, path, rng):
	"""Fill `path` with one critical path, chosen at random at every fork, last operation first; returns its length."""
	n = order.size
	v, ends = n, 0
	for i in range(n):
		if g[i, HEAD] + g[i, MINUTES] == makespan:
			ends += 1
			if draw(rng, ends) == 0:
				v = i
	count = 0
	while v != n:
		path[count] = v
		count += 1
		p, w = g[v, JP], g[v, MP]
		ready = g[w, HEAD] + g[w, MINUTES]
		if setups.size > 1:
			ready += setups[g[v, MACHINE], g[w, FAMILY], g[v, FAMILY]]
		by_job = p != n and g[p, HEAD] + g[p, MINUTES] == g[v, HEAD]
		by_machine = w != n and ready == g[v, HEAD]
		if by_machine and not (by_job and draw(rng, 2) == 0):
			v = w
		elif by_job:
			v = p
		else:
			v = n
	return count


@kernel
def after_estimate(g, setups, u, v, worst):
	"""Longest way through u and all up to v when u goes right behind v; stops where that is above `worst`."""
	has_setups = setups.size > 1
	m, w = g[u, MACHINE], g[u, MP]
	ready = g[w, HEAD] + g[w, MINUTES]
	x = g[u, MS]
	while True:
		p = g[x, JP]
		if has_setups:
			ready += setups[m, g[w, FAMILY], g[x, FAMILY]]
		head = max(g[x, RELEASE], g[p, HEAD] + g[p, MINUTES], ready)
		g[x, SCRATCH] = head
		ready = head + g[x, MINUTES]
		w = x
		if x == v:
			break
		x = g[x, MS]
	p, s, y = g[u, JP], g[u, JS], g[v, MS]
	tail = g[y, TAIL] + g[y, MINUTES]
	if has_setups:
		ready += setups[m, g[v, FAMILY], g[u, FAMILY]]
		tail += setups[m, g[u, FAMILY], g[y, FAMILY]]
	tail = max(tail, g[s, TAIL] + g[s, MINUTES]) + g[u, MINUTES]
	longest = max(g[u, RELEASE], g[p, HEAD] + g[p, MINUTES], ready) + tail
	w = u
	while x != u and longest <= worst:
		s = g[x, JS]
		if has_setups:
			tail += setups[m, g[x, FAMILY], g[w, FAMILY]]
		tail = max(tail, g[s, TAIL] + g[s, MINUTES]) + g[x, MINUTES]
		longest = max(longest, g[x, SCRATCH] + tail)
		w = x
		x = g[x, MP]
	return longest


@kernel
def before_estimate(g, setups, u, v, worst):
	"""Longest way through v and all from u on when v goes right before u; stops where that is above `worst`."""
	has_setups = setups.size > 1
	m, w = g[v, MACHINE], g[v, MS]
	tail = g[w, TAIL] + g[w, MINUTES]
	x = g[v, MP]
	while True:
		s = g[x, JS]
		if has_setups:
			tail += setups[m, g[x, FAMILY], g[w, FAMILY]]
		rest = max(g[s, TAIL] + g[s, MINUTES], tail)
		g[x, SCRATCH] = rest
		tail = rest + g[x, MINUTES]
		w = x
		if x == u:
			break
		x = g[x, MP]
	p, s, y = g[v, JP], g[v, JS], g[u, MP]
	ready = g[y, HEAD] + g[y, MINUTES]
	if has_setups:
		tail += setups[m, g[v, FAMILY], g[u, FAMILY]]
		ready += setups[m, g[y, FAMILY], g[v, FAMILY]]
	ready = max(g[v, RELEASE], g[p, HEAD] + g[p, MINUTES], ready) + g[v, MINUTES]
	longest = ready + max(g[s, TAIL] + g[s, MINUTES], tail)
	w = v
	while x != v and longest <= worst:
		p = g[x, JP]
		if has_setups:
			ready += setups[m, g[w, FAMILY], g[x, FAMILY]]
		ready = max(g[x, RELEASE], g[p, HEAD] + g[p, MINUTES], ready) + g[x, MINUTES]
		longest = max(longest, ready + g[x, SCRATCH])
		w = x
		x = g[x, MS]
	return longest


@kernel
def best_gap(g, n, alts, setups, u, alt):
	"""The best place for u on another machine: (longest way through it, operation before, operation behind).

	Only places before all that must come after it and behind all that must come before, so that no cycle arises.
	Returns -1 for both where there is none.
	"""
	has_setups = setups.size > 1
	m, minutes = alts[alt, ON], alts[alt, TAKES]
	p, s = g[u, JP], g[u, JS]
	ready = max(g[u, RELEASE], g[p, HEAD] + g[p, MINUTES])
	tail = g[s, TAIL] + g[s, MINUTES]
	too_late = g[s, HEAD] + g[s, MINUTES] if s != n else NEVER
	too_soon = g[p, TAIL] + g[p, MINUTES] if p != n else NEVER
	best, best_x, best_y = NEVER, -1, -1
	x, y = n, np.int64(g[n + 1 + m, MS])
	while x == n or g[x, HEAD] < too_late:
		if y == n or g[y, TAIL] < too_soon:
			start, rest = g[x, HEAD] + g[x, MINUTES], g[y, TAIL] + g[y, MINUTES]
			if has_setups:
				start += setups[m, g[x, FAMILY], g[u, FAMILY]]
				rest += setups[m, g[u, FAMILY], g[y, FAMILY]]
			longest = max(ready, start) + minutes + max(tail, rest)
			if longest < best:
				best, best_x, best_y = longest, x, y
		if y == n:
			break
		x, y = y, np.int64(g[y, MS])
	return best, best_x, best_y
