"""Tabu search of a shop: the best move along a critical path, whose undoing is forbidden for a while (Glover 1989).

Tenure and neighbourhood after TS/PR (Peng, Lü and Cheng, Computers & Operations Research 53, 2015).
"""

from __future__ import annotations

from sentia_ops.scheduling.engine.shop.graph import build, kernel, move
from sentia_ops.scheduling.engine.shop.layout import (
	ALT,
	BEYOND,
	FIRST,
	FORBIDDEN,
	HEAD,
	JP,
	JS,
	MACHINE,
	MINUTES,
	MP,
	MS,
	ON,
	PLACE,
	TAIL,
)
from sentia_ops.scheduling.engine.shop.neighbours import (
	NEVER,
	after_estimate,
	before_estimate,
	best_gap,
	critical_path,
	draw,
)

REACH = (
	6  # places that an operation inside a block goes at most, with setups: long blocks have too many pairs
)
GOES_ON, PATIENCE_OVER, TARGET_MET, STUCK = range(4)

# places in `count`, (COUNTS,) int64; count[0] is the state of the random numbers
ITERATION, BEST_AT, BEST, NOW, FOUND, FALLBACK = 1, 2, 3, 4, 5, 11
VALUE, EQUALS, WHO, WHAT, BEFORE, BEHIND = range(6)  # of a move, from FOUND and from FALLBACK on
COUNTS = 17


@kernel
def begin(g, order, alts, setups, before, best, count):
	"""Start a search from the solution in `order` and the column ALT; returns its makespan."""
	before[:] = 0
	alts[:, FORBIDDEN] = 0
	count[ITERATION] = 1
	count[NOW] = build(g, order, alts, setups)
	keep(g, order, best, count)
	return count[NOW]


@kernel
def keep(g, order, best, count):
	"""Remember the solution: its order in best[0], its alternatives in best[1]."""
	for i in range(order.size):
		best[0, i] = order[i]
		best[1, i] = g[i, ALT]
	count[BEST_AT] = count[ITERATION]
	count[BEST] = count[NOW]


@kernel
def offer(count, at, value, u, alt, x, y):
	"""Keep the move with the lowest value; among equals each has the same chance."""
	if value > count[at + VALUE]:
		return
	if value < count[at + VALUE]:
		count[at + EQUALS] = 0
		count[at + VALUE] = value
	count[at + EQUALS] += 1
	if draw(count, count[at + EQUALS]) == 0:
		count[at + WHO], count[at + WHAT], count[at + BEFORE], count[at + BEHIND] = u, alt, x, y


@kernel
def try_after(g, setups, before, count, u, v):
	"""Offer to move u right behind v, further on in its block."""
	s = g[u, JS]
	if s == v or g[v, TAIL] + g[v, MINUTES] < g[s, TAIL] + g[s, MINUTES]:
		return
	tabu, x = False, g[u, MS]
	while not tabu:
		tabu = before[x, u] > count[ITERATION]
		if x == v:
			break
		x = g[x, MS]
	if tabu:
		offer(count, FALLBACK, 0, u, g[u, ALT], v, g[v, MS])
	worst = count[BEST] - 1 if tabu else count[FOUND + VALUE]
	value = after_estimate(g, setups, u, v, worst)
	if value <= worst:
		offer(count, FOUND, value, u, g[u, ALT], v, g[v, MS])


@kernel
def try_before(g, setups, before, count, u, v):
	"""Offer to move v right before u, further up in its block."""
	p = g[v, JP]
	if p == u or g[u, HEAD] + g[u, MINUTES] < g[p, HEAD] + g[p, MINUTES]:
		return
	tabu, x = False, g[v, MP]
	while not tabu:
		tabu = before[v, x] > count[ITERATION]
		if x == u:
			break
		x = g[x, MP]
	if tabu:
		offer(count, FALLBACK, 0, v, g[v, ALT], g[u, MP], u)
	worst = count[BEST] - 1 if tabu else count[FOUND + VALUE]
	value = before_estimate(g, setups, u, v, worst)
	if value <= worst:
		offer(count, FOUND, value, v, g[v, ALT], g[u, MP], u)


@kernel
def try_routes(g, n, alts, setups, count, u):
	"""Offer every other alternative of u, each at its best place."""
	for alt in range(g[u, FIRST], g[u, BEYOND]):
		if alts[alt, ON] == g[u, MACHINE]:
			continue
		value, x, y = best_gap(g, n, alts, setups, u, alt)
		if x < 0:
			continue
		tabu = alts[alt, FORBIDDEN] > count[ITERATION] and value >= count[BEST]
		offer(count, FALLBACK if tabu else FOUND, 0 if tabu else value, u, alt, x, y)


@kernel
def forbid(g, n, alts, before, count, u, alt, x, y, until):
	"""What undoing the move would need is forbidden for a while; called before the move is made."""
	if alt != g[u, ALT]:
		alts[g[u, ALT], FORBIDDEN] = until
		return
	v = u
	if x != n and g[x, PLACE] > g[u, PLACE]:
		while v != x:
			v = g[v, MS]
			before[u, v] = until
	else:
		while v != y:
			v = g[v, MP]
			before[v, u] = until


@kernel
def step(g, order, alts, setups, before, path, count, tenure):
	"""Make the best allowed move; False where there is none."""
	n = order.size
	length = critical_path(g, order, setups, count[NOW], path, count)
	count[FOUND + VALUE] = count[FALLBACK + VALUE] = NEVER
	count[FOUND + EQUALS] = count[FALLBACK + EQUALS] = 0
	last = 0  # of a block; the path is from the last operation to the first
	for first in range(length):
		if first + 1 < length and g[path[first], MP] == path[first + 1]:
			continue
		for i in range(first, last, -1):
			for j in range(i - 1, last - 1, -1):
				if i == first or j == last or (setups.size > 1 and i - j <= REACH):
					try_after(g, setups, before, count, path[i], path[j])
					if i - j > 1:
						try_before(g, setups, before, count, path[i], path[j])
		last = first + 1
	if alts.shape[0] > n:
		for i in range(length):
			try_routes(g, n, alts, setups, count, path[i])
	at = FOUND if count[FOUND + EQUALS] > 0 else FALLBACK
	if count[at + EQUALS] == 0:
		return False
	u, alt, x, y = count[at + WHO], count[at + WHAT], count[at + BEFORE], count[at + BEHIND]
	forbid(g, n, alts, before, count, u, alt, x, y, count[ITERATION] + tenure + draw(count, tenure))
	makespan = move(g, order, alts, setups, path, u, alt, x, y)
	if makespan >= 0:
		count[NOW] = makespan
	return True


@kernel
def run(g, order, alts, setups, before, path, best, count, tenure, iterations, patience, target):
	"""At most so many iterations; ends sooner without a better one for `patience`, or at the target.

	Returns one of GOES_ON (call again to go on), PATIENCE_OVER, TARGET_MET, STUCK: no move shortens the critical path.
	"""
	stop = count[ITERATION] + iterations
	while count[ITERATION] < stop:
		if count[BEST] <= target:
			return TARGET_MET
		if count[ITERATION] - count[BEST_AT] > patience:
			return PATIENCE_OVER
		count[ITERATION] += 1
		if not step(g, order, alts, setups, before, path, count, tenure):
			return STUCK
		if count[NOW] < count[BEST]:
			keep(g, order, best, count)
	return GOES_ON
