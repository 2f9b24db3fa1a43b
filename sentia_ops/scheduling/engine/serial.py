"""Serial schedule generation: operations placed one after the other, each at the earliest minute that all rules leave.

Kolisch (1996), "Serial and parallel resource-constrained project scheduling methods revisited", with calendars, setups,
batches, modes and longest waits added. Plain functions on the rows of `arrays.py`, see `kernel.py`.
"""

from __future__ import annotations

from sentia_ops.scheduling.engine.arrays import (
	FIRST,
	FIRST_AT,
	L_MAX,
	L_OP,
	LINK,
	LINKS_AT,
	NEVER,
	O_FAMILY,
	O_HASTE,
	O_MEMBER,
	O_MEMBER_END,
	O_MODE,
	O_MODE_END,
	O_PRED,
	O_PRED_END,
	O_SUCC,
	O_SUCC_END,
	OP,
	OPS,
	OPS_AT,
	PASSED,
	S_END,
	S_MODE,
	S_NOT_BEFORE,
	S_STACK,
	S_TRIED,
	UNPLACED,
)
from sentia_ops.scheduling.engine.kernel import begin_to_end_at, earliest, insert, latest, ready, remove

RESTARTS = 2000  # of one chain, before it counts as not placeable
TRIES = 40  # combinations of modes of one chain


def choose(data, state, o, mode, at):
	"""(mode, start, end) of the earliest end; only the mode given, unless it is below 0."""
	op = data[OPS_AT] + o * OP
	family = data[op + O_FAMILY]
	if mode >= 0:
		start, end = earliest(data, state, o, mode, at, family)
		return mode, start, end
	best, best_start, best_end = -1, NEVER, NEVER
	for m in range(data[op + O_MODE], data[op + O_MODE_END]):
		start, end = earliest(data, state, o, m, at, family)
		if end < best_end or (end == best_end and start < best_start):
			best, best_start, best_end = m, start, end
	return best, best_start, best_end


def place(data, state, o, mode, at):
	"""Places one operation at `at` or later; False where it fits nowhere."""
	mode, start, end = choose(data, state, o, mode, at)
	if end >= NEVER or (data[data[OPS_AT] + o * OP + O_HASTE] and start > latest(data, state, o)):
		return False
	insert(data, state, o, mode, start, end)
	return True


def chain_ready(data, state, o):
	"""Whether all that the chain of an operation waits for, itself apart, is placed."""
	n, op = data[OPS], data[OPS_AT] + o * OP
	for k in range(data[op + O_MEMBER], data[op + O_MEMBER_END]):
		member = data[OPS_AT] + data[data[LINKS_AT] + k * LINK + L_OP] * OP
		for j in range(data[member + O_PRED], data[member + O_PRED_END]):
			other = data[data[LINKS_AT] + j * LINK + L_OP]
			if state[S_MODE * n + other] < 0 and not in_chain(data, op, other):
				return False
	return True


def in_chain(data, op, other):
	for k in range(data[op + O_MEMBER], data[op + O_MEMBER_END]):
		if data[data[LINKS_AT] + k * LINK + L_OP] == other:
			return True
	return False


def place_chain(data, state, o, modes):
	"""Places all operations that longest waits tie to this one, on their modes, or on any that hold the waits.

	Where a member may take any mode, the one that ends earliest comes first; if the chain does not hold then, all
	combinations of modes are tried in turn, up to TRIES of them.
	"""
	n, op = data[OPS], data[OPS_AT] + o * OP
	low, high = data[op + O_MEMBER], data[op + O_MEMBER_END]
	count = 1
	for k in range(low, high):
		member = data[data[LINKS_AT] + k * LINK + L_OP]
		state[S_TRIED * n + member] = modes[member]
		row = data[OPS_AT] + member * OP
		if modes[member] < 0 and count < TRIES:
			count *= data[row + O_MODE_END] - data[row + O_MODE]
	if try_chain(data, state, o):
		return True
	if count == 1:
		return False
	for turn in range(min(count, TRIES)):
		rest = turn
		for k in range(low, high):
			member = data[data[LINKS_AT] + k * LINK + L_OP]
			row = data[OPS_AT] + member * OP
			if modes[member] < 0:
				choices = data[row + O_MODE_END] - data[row + O_MODE]
				state[S_TRIED * n + member] = data[row + O_MODE] + rest % choices
				rest //= choices
		if try_chain(data, state, o):
			return True
	return False


def try_chain(data, state, o):
	"""Places a chain on the modes at S_TRIED.

	Each member at its earliest; where one comes too late after another, that other is moved later and the chain is begun
	again. No wait gets shorter by that, so the first schedule of the chain that holds is the earliest of its order.
	"""
	n, op = data[OPS], data[OPS_AT] + o * OP
	low, high = data[op + O_MEMBER], data[op + O_MEMBER_END]
	for k in range(low, high):
		state[S_NOT_BEFORE * n + data[data[LINKS_AT] + k * LINK + L_OP]] = -NEVER
	for _attempt in range(RESTARTS):
		done, failed, k = True, False, low
		while k < high and done:
			member = data[data[LINKS_AT] + k * LINK + L_OP]
			k += 1
			at = max(ready(data, state, member), state[S_NOT_BEFORE * n + member])
			mode, start, end = choose(data, state, member, state[S_TRIED * n + member], at)
			if end >= NEVER:
				failed = True
				break
			insert(data, state, member, mode, start, end)
			row = data[OPS_AT] + member * OP
			for j in range(data[row + O_PRED], data[row + O_PRED_END]):
				link = data[LINKS_AT] + j * LINK
				other, longest = data[link + L_OP], data[link + L_MAX]
				late = start - state[S_END * n + other] - longest
				if longest >= 0 and late > 0:
					if not in_chain(data, op, other):
						failed = True
					done = False
					moved = begin_to_end_at(data, state, other, start - longest)
					state[S_NOT_BEFORE * n + other] = max(state[S_NOT_BEFORE * n + other], moved)
		if done and not failed:
			return True
		for j in range(low, high):
			member = data[data[LINKS_AT] + j * LINK + L_OP]
			if state[S_MODE * n + member] >= 0:
				remove(data, state, member)
		if failed:
			return False
	return False


def take(data, state, o, modes):
	"""It is an operation's turn: places it, with its chain, and what was waiting for that.

	Answers the operation that fits nowhere, or -1.
	"""
	n, ops = data[OPS], data[OPS_AT]
	stack, top = S_STACK * n, 1
	state[stack] = o
	while top > 0:
		top -= 1
		o = state[stack + top]
		op = ops + o * OP
		if state[S_MODE * n + o] >= 0:
			continue
		single = data[op + O_MEMBER_END] - data[op + O_MEMBER] == 1
		at = ready(data, state, o) if single else 0
		if at >= NEVER or not (single or chain_ready(data, state, o)):
			state[S_MODE * n + o] = PASSED
			continue
		placed = place(data, state, o, modes[o], at) if single else place_chain(data, state, o, modes)
		if not placed:
			return o
		for k in range(data[op + O_MEMBER], data[op + O_MEMBER_END]):
			member = ops + data[data[LINKS_AT] + k * LINK + L_OP] * OP
			for j in range(data[member + O_SUCC], data[member + O_SUCC_END]):
				other = data[data[LINKS_AT] + j * LINK + L_OP]
				if state[S_MODE * n + other] == PASSED and chain_ready(data, state, other):
					state[S_MODE * n + other] = UNPLACED
					state[stack + top] = other
					top += 1
	return -1


def begin(data, state, modes, fixed_modes, fixed_starts, fixed_ends):
	"""Places what is fixed (mode >= 0 in `fixed_modes`), and what may not wait long after that."""
	for o in range(data[OPS]):
		if fixed_modes[o] >= 0:
			insert(data, state, o, fixed_modes[o], fixed_starts[o], fixed_ends[o])
	for k in range(data[FIRST]):
		if take(data, state, data[data[FIRST_AT] + k], modes) >= 0:
			return False
	return True


def serial(data, state, order, modes, first, beyond):
	"""Places order[first:beyond]; False where one fits nowhere. `modes`: row of each operation's mode, below 0: any."""
	for k in range(first, beyond):
		if take(data, state, order[k], modes) >= 0:
			return False
	return True
