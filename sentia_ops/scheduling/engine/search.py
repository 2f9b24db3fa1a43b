"""Local search over the order and the modes that serial generation works through; always compiled.

A schedule is an order of operations in which each follows all that it waits for. A move changes the order, or a mode,
next to what makes a late job late; only the operations from there on are placed again, and no further than until the
schedule is known to be worse than would be accepted.
"""

from __future__ import annotations

import math

import numpy as np

from sentia_ops.scheduling.engine.arrays import (
	J_DUE,
	J_WEIGHT,
	JOB,
	JOBS,
	JOBS_AT,
	L_OP,
	LINK,
	LINKS_AT,
	O_FAMILY,
	O_FIXED,
	O_JOB,
	O_MODE,
	O_MODE_END,
	O_PRED,
	O_PRED_END,
	OP,
	OPS,
	OPS_AT,
	R_FAMILY,
	R_KIND,
	R_LIST,
	R_SETUP,
	RES,
	RES_AT,
	RESOURCE,
	S_END,
	S_MODE,
	S_START,
	SHARED,
	UNPLACED,
)
from sentia_ops.scheduling.engine.kernel import change, count_at, position, ready, remove
from sentia_ops.scheduling.engine.rules import station
from sentia_ops.scheduling.engine.serial import take

TARDINESS, MAKESPAN, SETUP, WIP, STABILITY = range(5)  # of `weight`, in the order of problem.OBJECTIVES
WORST = 1e300
LATE_SHARE, SETUP_SHARE = 0.75, 0.9  # of moves: that start from a late job; these and those that save setups
BACK = 6  # neighbours on a station that a move may jump


def worth(data, state, weight, previous, job_end, job_start):
	"""Weighted sum of the aims of a whole schedule.

	`previous`: (resource, start) of each operation in the published schedule, one after the other; -1: none.
	"""
	n, ops = data[OPS], data[OPS_AT]
	last, moved = 0, 0.0
	job_end[:] = -(1 << 60)
	job_start[:] = 1 << 60
	for o in range(n):
		start, end, job = state[S_START * n + o], state[S_END * n + o], data[ops + o * OP + O_JOB]
		job_end[job] = max(job_end[job], end)
		job_start[job] = min(job_start[job], start)
		last = max(last, end)
		if weight[STABILITY] > 0 and previous[2 * o] >= 0:
			moved += abs(start - previous[2 * o + 1])
			moved += 240 * (station(data, state[S_MODE * n + o]) != previous[2 * o])
	total = weight[MAKESPAN] * last + weight[STABILITY] * moved
	for j in range(data[JOBS]):
		if job_end[j] > -(1 << 60):
			total += weight[TARDINESS] * late(data, j, job_end[j]) + weight[WIP] * (job_end[j] - job_start[j])
	if weight[SETUP] > 0:
		total += weight[SETUP] * setup_minutes(data, state)
	return total


def late(data, j, end):
	"""Weighted minutes that a job is late."""
	job = data[JOBS_AT] + j * JOB
	return max(0, end - data[job + J_DUE]) * data[job + J_WEIGHT] / 1000.0


def setup_minutes(data, state):
	total = 0
	for r in range(data[RES]):
		resource = data[RES_AT] + r * RESOURCE
		if data[resource + R_SETUP] < 0:
			continue
		before = data[resource + R_FAMILY]
		for k in range(state[count_at(data, r)]):
			family = data[data[OPS_AT] + state[data[resource + R_LIST] + k] * OP + O_FAMILY]
			total += change(data, resource, before, family)
			before = family
	return total


def replay(data, state, order, modes, first, tail, weight, limit, job_end):
	"""Places order[first:] again; False where it does not fit or is surely worth more than `limit`.

	`tail`: minutes that a job still takes after each operation at the least. All of order[first:] is taken out first.
	"""
	n = data[OPS]
	job_end[:] = -(1 << 60)
	total, last = 0.0, 0
	for o in range(n):
		if state[S_MODE * n + o] >= 0:
			total, last = reckon(data, state, o, tail, weight, job_end, total, last)
	for k in range(first, len(order)):
		o = order[k]
		if take(data, state, o, modes) >= 0:
			return False
		if state[S_MODE * n + o] >= 0:
			total, last = reckon(data, state, o, tail, weight, job_end, total, last)
			if total + weight[MAKESPAN] * last > limit:
				return False
	return True


def reckon(data, state, o, tail, weight, job_end, total, last):
	"""Lower bounds with one more operation placed: lateness of all jobs, last end."""
	n = data[OPS]
	j = data[data[OPS_AT] + o * OP + O_JOB]
	end = state[S_END * n + o] + tail[o]
	if end > job_end[j]:
		total += weight[TARDINESS] * (late(data, j, end) - late(data, j, job_end[j]))
		job_end[j] = end
	return total, max(last, end)


def shift_later(data, order, pos, marks, i, j):
	"""Moves the operation at place i to place j > i, and with it what follows it among those in between."""
	marks[order[i]] = 1
	kept, moved = i, 0
	held = order[i : j + 1].copy()
	for k in range(1, len(held)):
		o = held[k]
		op = data[OPS_AT] + o * OP
		for p in range(data[op + O_PRED], data[op + O_PRED_END]):
			if marks[data[data[LINKS_AT] + p * LINK + L_OP]]:
				marks[o] = 1
		if not marks[o]:
			order[kept] = o
			pos[o] = kept
			kept += 1
	for o in held:
		if marks[o]:
			order[kept + moved] = o
			pos[o] = kept + moved
			moved += 1
			marks[o] = 0


def shift_earlier(data, order, pos, i, j):
	"""Moves the operation at place i to place j < i, or as near to it as what it waits for allows; answers where."""
	o = order[i]
	op = data[OPS_AT] + o * OP
	for p in range(data[op + O_PRED], data[op + O_PRED_END]):
		other = data[data[LINKS_AT] + p * LINK + L_OP]
		if not data[data[OPS_AT] + other * OP + O_FIXED]:
			j = max(j, pos[other] + 1)
	for k in range(i, j, -1):
		order[k] = order[k - 1]
		pos[order[k]] = k
	order[min(j, i)] = o
	pos[o] = min(j, i)
	return min(j, i)


def late_operation(data, state, job_end, last_of):
	"""The last operation of a job, drawn with odds as its share of all lateness; -1 where nothing is late."""
	total = 0.0
	for j in range(data[JOBS]):
		total += late(data, j, job_end[j]) ** 0.7
	if total <= 0:
		return -1
	draw = np.random.random() * total
	for j in range(data[JOBS]):
		draw -= late(data, j, job_end[j]) ** 0.7
		if draw <= 0:
			return last_of[j]
	return -1


def blocked(data, state, o):
	"""Goes back from an operation along what it waits for, to one that waits for a station; -1 where none does."""
	n = data[OPS]
	found = -1
	for _step in range(50):
		at = ready(data, state, o)
		if state[S_START * n + o] > at:
			found = o
			if np.random.random() < 0.5:
				return found
		op = data[OPS_AT] + o * OP
		before, latest = -1, -(1 << 60)
		for p in range(data[op + O_PRED], data[op + O_PRED_END]):
			other = data[data[LINKS_AT] + p * LINK + L_OP]
			if state[S_END * n + other] > latest:
				before, latest = other, state[S_END * n + other]
		if before < 0 or data[data[OPS_AT] + before * OP + O_FIXED]:
			return found
		o = before
	return found


def neighbour(data, state, o, back):
	"""The operation `back` places before (or after, where negative) on the same station; -1 where there is none.

	On a station of several places: one that runs about then.
	"""
	n = data[OPS]
	r = station(data, state[S_MODE * n + o])
	resource = data[RES_AT] + r * RESOURCE
	if data[resource + R_KIND] == SHARED:
		return -1
	first, count = data[resource + R_LIST], state[count_at(data, r)]
	here = position(state, first, count, S_START * n, state[S_START * n + o]) - 1
	while here > 0 and state[first + here] != o:
		here -= 1
	here -= back
	if here < 0 or here >= count:
		return -1
	other = state[first + here]
	return -1 if data[data[OPS_AT] + other * OP + O_FIXED] or other == o else other


def other_mode(data, modes, o):
	"""Draws another mode for an operation; False where it has no other."""
	op = data[OPS_AT] + o * OP
	count = data[op + O_MODE_END] - data[op + O_MODE]
	if count < 2:
		return False
	draw = data[op + O_MODE] + np.random.randint(count - 1)
	modes[o] = draw + 1 if draw >= modes[o] else draw
	return True


def move_late(data, state, order, pos, marks, modes, o):
	"""Brings an operation forward before one that its station does first, or that one back, or it to another station."""
	kind = np.random.random()
	if kind < 0.3 and other_mode(data, modes, o):
		place = pos[o]
		if np.random.random() < 0.6:
			return shift_earlier(data, order, pos, place, max(0, place - 1 - np.random.randint(200)))
		return place
	w = neighbour(data, state, o, 1 + int(BACK * np.random.random() ** 2))
	if w < 0:
		place = pos[o]
		return shift_earlier(data, order, pos, place, max(0, place - 1 - np.random.randint(100)))
	if pos[w] >= pos[o]:
		return -1
	if kind < 0.7:
		return shift_earlier(data, order, pos, pos[o], pos[w])
	place = pos[w]
	shift_later(data, order, pos, marks, place, pos[o])
	return place


def move_setup(data, state, order, pos, marks, o):
	"""Puts an operation next to one of its own family on its station."""
	family = data[data[OPS_AT] + o * OP + O_FAMILY]
	sign = 1 if np.random.random() < 0.5 else -1
	for back in range(2, 12):
		w = neighbour(data, state, o, sign * back)
		if w < 0:
			return -1
		if data[data[OPS_AT] + w * OP + O_FAMILY] == family:
			return (
				put(data, order, pos, marks, o, w)
				if np.random.random() < 0.5
				else put(data, order, pos, marks, w, o)
			)
	return -1


def put(data, order, pos, marks, o, w):
	"""Moves o next to w in the order; answers the first place that changed."""
	i, j = pos[o], pos[w]
	if i > j:
		return shift_earlier(data, order, pos, i, j + 1)
	shift_later(data, order, pos, marks, i, j)
	return i


def pull_job(data, order, pos, o, members, first, beyond):
	"""Brings all operations of a job forward by as much; answers the first place that changed."""
	step = 1 + np.random.randint(150)
	least = len(order)
	for k in range(first, beyond):
		place = pos[members[k]]
		if place >= 0:
			least = min(least, shift_earlier(data, order, pos, place, max(0, place - step)))
	return least


def propose(data, state, order, pos, marks, modes, job_end, last_of, members, bounds):
	"""One random move on order and modes; answers the first place from which to place again, or -1."""
	kind = np.random.random()
	if kind < LATE_SHARE:
		o = late_operation(data, state, job_end, last_of)
		if o >= 0 and np.random.random() < 0.1:
			j = data[data[OPS_AT] + o * OP + O_JOB]
			return pull_job(data, order, pos, o, members, bounds[j], bounds[j + 1])
		if o >= 0:
			o = blocked(data, state, o)
		if o >= 0 and pos[o] >= 0:
			return move_late(data, state, order, pos, marks, modes, o)
	o = order[np.random.randint(len(order))]
	if kind < SETUP_SHARE and data[data[OPS_AT] + o * OP + O_FAMILY] >= 0:
		return move_setup(data, state, order, pos, marks, o)
	return move_late(data, state, order, pos, marks, modes, o)


def climb(
	data,
	state,
	begun,
	whole,
	order,
	modes,
	tail,
	weight,
	previous,
	members,
	bounds,
	heat,
	rounds,
	seed,
	best_state,
	best_value,
):
	"""Some rounds of simulated annealing at one temperature; answers (value, best value, moves taken).

	Args:
	    state: a schedule with `order` and `modes`; they are changed in place to the last one taken.
	    begun: state with only what is fixed placed; `whole`: place everything again at each move.
	    best_state: the best schedule so far, worth `best_value`.
	"""
	np.random.seed(seed)
	n, jobs = data[OPS], data[JOBS]
	job_end, job_start, trial_end = (
		np.zeros(jobs, np.int64),
		np.zeros(jobs, np.int64),
		np.zeros(jobs, np.int64),
	)
	last_of, pos, marks = np.zeros(jobs, np.int64), np.full(n, -1, np.int64), np.zeros(n, np.int64)
	for k in range(len(order)):
		pos[order[k]] = k
	value = worth(data, state, weight, previous, job_end, job_start)
	lasts(data, state, last_of)
	kept, kept_order, kept_pos, kept_modes = state.copy(), order.copy(), pos.copy(), modes.copy()
	taken = 0
	for _round in range(rounds):
		first = propose(data, state, order, pos, marks, modes, job_end, last_of, members, bounds)
		ok = first >= 0
		if ok:
			limit = value - heat * math.log(1.0 - np.random.random())
			if whole:
				state[:] = begun
				first = 0
			else:
				for k in range(len(kept_order) - 1, first - 1, -1):
					remove(data, state, kept_order[k])
			ok = replay(data, state, order, modes, first, tail, weight, limit, trial_end)
		if ok:
			found = worth(data, state, weight, previous, trial_end, job_start)
			ok = found <= limit
		if not ok:
			state[:] = kept
			order[:] = kept_order
			pos[:] = kept_pos
			modes[:] = kept_modes
			continue
		taken += 1
		value = found
		job_end[:] = trial_end
		lasts(data, state, last_of)
		if value < best_value - 1e-6:
			best_value = value
			best_state[:] = state
		kept[:] = state
		kept_order[:] = order
		kept_pos[:] = pos
		kept_modes[:] = modes
	return value, best_value, taken


def lasts(data, state, last_of):
	"""The operation of each job that ends last."""
	n = data[OPS]
	last_of[:] = UNPLACED
	for o in range(n):
		j = data[data[OPS_AT] + o * OP + O_JOB]
		if last_of[j] < 0 or state[S_END * n + o] > state[S_END * n + last_of[j]]:
			last_of[j] = o
