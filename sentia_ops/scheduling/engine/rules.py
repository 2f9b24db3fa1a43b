"""Parallel schedule generation: time goes on, and whenever a station could begin something, a rule says what.

Non-delay schedules as in Pinedo (Scheduling, 2016, ch. 14 and 7.1). Plain functions on the rows of `arrays.py`, see
`kernel.py`.
"""

from __future__ import annotations

import math

from sentia_ops.scheduling.engine.arrays import (
	J_DUE,
	J_WEIGHT,
	JOB,
	JOBS_AT,
	L_OP,
	LINK,
	LINKS_AT,
	M_NEED,
	M_NEED_END,
	MODE,
	MODES_AT,
	N_RESOURCE,
	NEED,
	NEEDS_AT,
	NEVER,
	O_FAMILY,
	O_JOB,
	O_MODE,
	O_MODE_END,
	O_SUCC,
	O_SUCC_END,
	OP,
	OPS,
	OPS_AT,
	S_MODE,
)
from sentia_ops.scheduling.engine.kernel import earliest, insert, ready

EDD, ODD, SPT, WSPT, CR, SLACK, MDD, ATC, ATCS, COVERT, FIFO = range(11)
# columns of `facts`, all in minutes of the clock: own time, own and all that follows, steps that follow, mean setup
F_OWN, F_REST, F_STEPS, F_SETUP, FACT = 0, 1, 2, 3, 4
# columns of `plan`, per operation
P_AT, P_START, P_END, P_MODE, P_STALE, P_MASK, P_READY, PLAN = 0, 1, 2, 3, 4, 5, 6, 7
BITS = 62  # resources share bits beyond that many; too much is looked at again then, never too little


def index(rule, now, own, rest, steps, due, weight, setup, since, usual, usual_setup, k1, k2):
	"""Urgency of an operation by a rule; the greatest goes first.

	ATC: Vepsalainen and Morton (1987), with waiting estimated as `2 x` the work that follows; ATCS: Lee, Bhaskaran and
	Pinedo (1997); COVERT: Carroll (1965); MDD: Baker and Bertrand (1982), weighted.
	"""
	if rule == EDD:
		return -float(due)
	if rule == ODD:
		return -float(due - 3.0 * (rest - own))
	if rule == SPT:
		return -own
	if rule == WSPT:
		return weight / own
	if rule == CR:
		left = due - now
		return -left / rest if left > 0 else -left * rest
	if rule == SLACK:
		return -(due - now - rest) / (steps + 1.0)
	if rule == MDD:
		return -max(own, due - 3.0 * (rest - own) - now) / weight
	if rule == FIFO:
		return -float(since)
	slack = max(0.0, due - now - own - 3.0 * (rest - own))
	if rule == COVERT:
		return weight / own * max(0.0, 1.0 - slack / (k1 * 2.0 * rest)) + 1e-9 * weight / own
	urgent = math.exp(-slack / (k1 * usual)) + 1e-9
	if rule == ATC:
		return weight / own * urgent
	return weight / own * urgent * math.exp(-setup / (k2 * usual_setup))


def look(data, state, plan, o, at):
	"""Where an operation would go now: its best mode, and when its station could begin it, setups left out."""
	op, row = data[OPS_AT] + o * OP, o * PLAN
	family = data[op + O_FAMILY]
	best, best_start, best_end = -1, NEVER, NEVER
	for mode in range(data[op + O_MODE], data[op + O_MODE_END]):
		start, end = earliest(data, state, o, mode, at, family)
		if end < best_end:
			best, best_start, best_end = mode, start, end
	plan[row + P_MODE], plan[row + P_START], plan[row + P_END] = best, best_start, best_end
	plan[row + P_AT] = best_start
	if best >= 0 and family >= 0:
		start, _end = earliest(data, state, o, best, at, -1)
		plan[row + P_AT] = min(start, best_start)
	plan[row + P_STALE] = 0


def station(data, mode):
	"""The workstation of a mode."""
	return data[data[NEEDS_AT] + data[data[MODES_AT] + mode * MODE + M_NEED] * NEED + N_RESOURCE]


def touched(data, mode):
	"""Bits of the resources that a mode holds."""
	mask, row = 0, data[MODES_AT] + mode * MODE
	for need in range(data[row + M_NEED], data[row + M_NEED_END]):
		mask |= 1 << (data[data[NEEDS_AT] + need * NEED + N_RESOURCE] % BITS)
	return mask


def simulate(data, state, plan, queue, facts, rule, usual, usual_setup, k1, k2):
	"""Places every operation that is not placed yet; False where one fits nowhere.

	`queue` has room for all operations; `plan` is as long as them times PLAN; `usual` are the mean minutes of an
	operation and of a setup, `k1` and `k2` how far ahead ATC and ATCS look.
	"""
	n, ops, jobs = data[OPS], data[OPS_AT], data[JOBS_AT]
	waiting = 0
	for o in range(n):
		if state[S_MODE * n + o] < 0 and ready(data, state, o) < NEVER:
			waiting = join(data, state, plan, queue, waiting, o)
	dirty = 0
	while waiting > 0:
		soonest = NEVER
		for k in range(waiting):
			row = queue[k] * PLAN
			if plan[row + P_MASK] & dirty:
				plan[row + P_STALE] = 1
			if plan[row + P_AT] < soonest or (plan[row + P_AT] == soonest and soonest == NEVER):
				if plan[row + P_STALE]:
					look(data, state, plan, queue[k], plan[row + P_READY])
				soonest = min(soonest, plan[row + P_AT])
		if soonest >= NEVER:
			return False
		where, best, chosen = -1, 0.0, -1
		for k in range(waiting):
			o = queue[k]
			row = o * PLAN
			if plan[row + P_AT] > soonest:
				continue
			if plan[row + P_STALE]:
				look(data, state, plan, o, plan[row + P_READY])
			if plan[row + P_AT] > soonest:
				continue
			r = station(data, plan[row + P_MODE])
			if where >= 0 and r != where:
				continue
			where = r
			job = jobs + data[ops + o * OP + O_JOB] * JOB
			urgency = index(
				rule,
				soonest,
				facts[o * FACT + F_OWN],
				facts[o * FACT + F_REST],
				facts[o * FACT + F_STEPS],
				data[job + J_DUE],
				data[job + J_WEIGHT] / 1000.0,
				plan[row + P_START] - plan[row + P_AT],
				plan[row + P_READY],
				usual,
				usual_setup,
				k1,
				k2,
			)
			if chosen < 0 or urgency > best:
				best, chosen = urgency, k
		o = queue[chosen]
		row = o * PLAN
		insert(data, state, o, plan[row + P_MODE], plan[row + P_START], plan[row + P_END])
		dirty = touched(data, plan[row + P_MODE])
		waiting -= 1
		queue[chosen] = queue[waiting]
		for k in range(data[ops + o * OP + O_SUCC], data[ops + o * OP + O_SUCC_END]):
			other = data[data[LINKS_AT] + k * LINK + L_OP]
			if state[S_MODE * n + other] < 0 and ready(data, state, other) < NEVER:
				waiting = join(data, state, plan, queue, waiting, other)
	return True


def join(data, state, plan, queue, waiting, o):
	"""An operation whose predecessors are all placed joins the queue; answers how long that is now."""
	mask, op, row = 0, data[OPS_AT] + o * OP, o * PLAN
	for mode in range(data[op + O_MODE], data[op + O_MODE_END]):
		mask |= touched(data, mode)
	plan[row + P_MASK] = mask
	plan[row + P_READY] = ready(data, state, o)
	plan[row + P_AT] = plan[row + P_READY]
	plan[row + P_STALE] = 1
	queue[waiting] = o
	return waiting + 1
