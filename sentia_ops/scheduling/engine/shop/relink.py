"""Solutions to start from: random dispatching, and how far two solutions are apart."""

from __future__ import annotations

from sentia_ops.scheduling.engine.shop.graph import kernel
from sentia_ops.scheduling.engine.shop.layout import (
	ALT,
	BEYOND,
	FAMILY,
	FIRST,
	HEAD,
	JP,
	JS,
	ON,
	RELEASE,
	SCRATCH,
	TAIL,
	TAKES,
)
from sentia_ops.scheduling.engine.shop.neighbours import draw


@kernel
def dispatch(g, order, alts, setups, count, noise):
	"""Fill `order` and the column ALT by list scheduling: soonest first, less what its job has yet to do.

	`noise` in percent of the priority is random, so that every call gives another solution.
	"""
	n = order.size
	for m in range(g.shape[0] - n - 1):
		g[n + 1 + m, HEAD] = 0  # when the machine is free
		g[n + 1 + m, SCRATCH] = n  # its last operation
	for v in range(n):
		g[v, HEAD] = 0 if g[v, JP] == n else -1  # ready from then on; -1: not yet, or done
		if g[v, JS] == n:  # minutes from here to the end of its job, by the first alternative
			work, w = 0, v
			while w != n:
				work += alts[g[w, FIRST], TAKES]
				g[w, TAIL] = work
				w = g[w, JP]
	for i in range(n):
		best, chosen, chosen_alt, chosen_start = 2**62, 0, 0, 0
		for v in range(n):
			if g[v, HEAD] < 0:
				continue
			for a in range(g[v, FIRST], g[v, BEYOND]):
				m = n + 1 + alts[a, ON]
				start = g[m, HEAD]
				if setups.size > 1:
					start += setups[alts[a, ON], g[g[m, SCRATCH], FAMILY], g[v, FAMILY]]
				start = max(g[v, RELEASE], g[v, HEAD], start)
				priority = 100 * (2 * start + alts[a, TAKES]) - g[v, TAIL] * (50 + draw(count, noise + 1))
				if priority < best:
					best, chosen, chosen_alt, chosen_start = priority, v, a, start
		m = n + 1 + alts[chosen_alt, ON]
		order[i] = chosen
		g[chosen, ALT] = chosen_alt
		g[chosen, HEAD] = -1
		g[m, HEAD] = chosen_start + alts[chosen_alt, TAKES]
		g[m, SCRATCH] = chosen
		if g[chosen, JS] != n:
			g[g[chosen, JS], HEAD] = g[m, HEAD]


@kernel
def distance(alts, place, alt, other_place, other_alt):
	"""Pairs on one machine in both solutions that stand in another order, plus operations on other machines."""
	apart = 0
	for u in range(place.size):
		if alt[u] != other_alt[u]:
			apart += 1
			continue
		for v in range(u + 1, place.size):
			if alts[alt[v], ON] == alts[alt[u], ON] and alt[v] == other_alt[v]:
				apart += (place[u] < place[v]) != (other_place[u] < other_place[v])
	return apart
