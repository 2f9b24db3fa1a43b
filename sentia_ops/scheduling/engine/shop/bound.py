"""A makespan that no schedule of a shop can beat."""

from __future__ import annotations

import heapq
from itertools import pairwise

import numpy as np

from sentia_ops.scheduling.engine.shop.layout import BEYOND, FIRST, JP, JS, ON, RELEASE, TAKES
from sentia_ops.scheduling.engine.shop.shops import Shop


def lower_bound(shop: Shop) -> int:
	"""The largest of: minutes of a job; of each machine, its preemptive one-machine schedule with heads and tails.

	Jackson's rule gives that schedule (Carlier, European Journal of Operational Research 11, 1982). Operations with
	alternatives count by their shortest one, and on a machine only where all their alternatives are on it. Setups are
	left out.
	"""
	shortest = np.minimum.reduceat(shop.alts[:, TAKES], shop.column(FIRST)).astype(np.int64)
	head, tail = _heads_and_tails(shop, shortest)
	bound = int((head + shortest).max())
	routes = [set(shop.alts[a:b, ON]) for a, b in zip(shop.column(FIRST), shop.column(BEYOND), strict=True)]
	for machine in range(shop.machines):
		only = [v for v, on in enumerate(routes) if on == {machine}]
		if only:
			bound = max(bound, _preemptive(head[only], shortest[only], tail[only]))
	return max(bound, -(-int(shortest.sum()) // shop.machines))


def _heads_and_tails(shop: Shop, minutes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
	"""Of every operation in its job alone."""
	head, tail = shop.column(RELEASE).astype(np.int64), np.zeros(shop.n, np.int64)
	before, behind = shop.column(JP), shop.column(JS)
	for v in np.flatnonzero(before == shop.n):
		chain = [v]
		while behind[chain[-1]] != shop.n:
			chain.append(behind[chain[-1]])
		for a, b in pairwise(chain):
			head[b] = max(head[b], head[a] + minutes[a])
		for b, a in pairwise(reversed(chain)):
			tail[a] = tail[b] + minutes[b]
	return head, tail


def _preemptive(head: np.ndarray, minutes: np.ndarray, tail: np.ndarray) -> int:
	"""Makespan of Jackson's preemptive schedule: always the ready operation with the longest tail."""
	coming = sorted(zip(head.tolist(), tail.tolist(), minutes.tolist(), strict=True))
	ready: list[list[int]] = []
	now, makespan, i = 0, 0, 0
	while ready or i < len(coming):
		if not ready:
			now = max(now, coming[i][0])
		while i < len(coming) and coming[i][0] <= now:
			heapq.heappush(ready, [-coming[i][1], coming[i][2]])
			i += 1
		until = coming[i][0] if i < len(coming) else now + ready[0][1]
		spent = min(ready[0][1], until - now)
		now += spent
		ready[0][1] -= spent
		if ready[0][1] == 0:
			makespan = max(makespan, now - ready[0][0])
			heapq.heappop(ready)
	return makespan
