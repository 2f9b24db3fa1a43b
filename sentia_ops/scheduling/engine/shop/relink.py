"""Solutions to start from: random dispatching, and points on the way between two good solutions."""

from __future__ import annotations

from sentia_ops.scheduling.engine.shop.graph import gap, kernel
from sentia_ops.scheduling.engine.shop.neighbours import draw


@kernel
def dispatch(shop, order, alt, ready, free, work, last, rng, noise):
	"""Fill `order` and `alt` (n + 1,) by list scheduling: earliest start first, less what its job has yet to do.

	`noise` in percent of the priority is random, so that every call gives another solution. ready, work (n + 1,) and
	free, last (m,) are scratch.
	"""
	n = shop.jp.size - 1
	free[:] = 0
	last[:] = n
	for v in range(n + 1):
		ready[v] = -1
	for v in range(n):
		if shop.jp[v] == n:
			ready[v] = 0
		if shop.js[v] == n:  # minutes from here to the end of its job, by the first alternative
			total, w = 0, v
			while w != n:
				total += shop.minutes[shop.first[w]]
				work[w] = total
				w = shop.jp[w]
	for i in range(n):
		best, chosen, chosen_alt, chosen_start = 2**62, -1, -1, 0
		for v in range(n):
			if ready[v] < 0:
				continue
			for a in range(shop.first[v], shop.first[v + 1]):
				m = shop.machine[a]
				start = max(shop.release[v], ready[v], free[m] + gap(shop, m, last[m], v))
				end = start + shop.minutes[a]
				priority = 100 * (start + end) - work[v] * (50 + draw(rng, noise + 1))
				if priority < best:
					best, chosen, chosen_alt, chosen_start = priority, v, a, start
		m = shop.machine[chosen_alt]
		order[i], alt[chosen] = chosen, chosen_alt
		free[m] = chosen_start + shop.minutes[chosen_alt]
		last[m] = chosen
		ready[chosen] = -1
		if shop.js[chosen] != n:
			ready[shop.js[chosen]] = free[m]
	order[n] = n


@kernel
def distance(shop, pos_a, alt_a, pos_b, alt_b):
	"""Pairs on one machine in both solutions that stand in another order, plus operations on other machines."""
	n = shop.jp.size - 1
	apart = 0
	for u in range(n):
		if alt_a[u] != alt_b[u]:
			apart += 1
			continue
		m = shop.machine[alt_a[u]]
		for v in range(u + 1, n):
			if shop.machine[alt_a[v]] == m and alt_a[v] == alt_b[v]:
				apart += (pos_a[u] < pos_a[v]) != (pos_b[u] < pos_b[v])
	return apart
