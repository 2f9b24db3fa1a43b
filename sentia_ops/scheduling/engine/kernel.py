"""Where an operation fits next: the rules of `problem.py` on the rows of `arrays.py`.

Every function here is plain Python on flat rows of ints. `forms.py` runs them as they are on lists, or compiled on
arrays; so they use nothing that either cannot.
"""

from __future__ import annotations

from sentia_ops.scheduling.engine.arrays import (
	BLOCKS,
	FAMILIES,
	L_MAX,
	L_MIN,
	L_OP,
	LINK,
	LINKS_AT,
	M_CALENDAR,
	M_MINUTES,
	M_NEED,
	M_NEED_END,
	MODE,
	MODES_AT,
	N_RESOURCE,
	N_UNITS,
	NEED,
	NEEDS_AT,
	NEVER,
	O_BATCH,
	O_FAMILY,
	O_FIXED,
	O_PRED,
	O_PRED_END,
	O_RELEASE,
	O_SPLIT,
	OP,
	OPS,
	OPS_AT,
	R_CALENDAR,
	R_CAPACITY,
	R_FAMILY,
	R_KIND,
	R_LIST,
	R_SETUP,
	RES_AT,
	RESOURCE,
	S_END,
	S_MODE,
	S_START,
	SETUPS_AT,
	SHARED,
	SINGLE,
)
from sentia_ops.scheduling.engine.clock import fit, opened, reach


def change(data, resource, before, after):
	"""Minutes of setup from family to family; -1 is neutral."""
	if before < 0 or after < 0:
		return 0
	return data[data[SETUPS_AT] + data[resource + R_SETUP] + before * data[FAMILIES] + after]


def position(state, first, count, starts, at):
	"""How many of the entries of a list start by `at`."""
	if (
		count == 0 or state[starts + state[first + count - 1]] <= at
	):  # mostly so: things are placed in order of time
		return count
	low, high = 0, count
	while low < high:
		middle = (low + high) // 2
		if state[starts + state[first + middle]] <= at:
			low = middle + 1
		else:
			high = middle
	return low


def after_single(data, state, r, family, minutes, start, end):
	"""On a resource that does one thing at a time: `start` if [start, end) is free, else when to try next."""
	resource = data[RES_AT] + r * RESOURCE
	ops, first = data[OPS_AT], data[resource + R_LIST]
	starts, ends = S_START * data[OPS], S_END * data[OPS]
	count = state[count_at(data, r)]
	here = position(state, first, count, starts, start)
	matrix = data[resource + R_SETUP] >= 0 and family >= 0
	ready = start
	if here > 0:
		before = state[first + here - 1]
		ready = max(ready, state[ends + before])
		if matrix:
			setup = change(data, resource, data[ops + before * OP + O_FAMILY], family)
			if setup > 0:
				ready = max(ready, reach(data, data[resource + R_CALENDAR], state[ends + before], setup))
		back = here - 1
		while back >= 0 and data[ops + state[first + back] * OP + O_FIXED]:  # only fixed ones overlap
			ready = max(ready, state[ends + state[first + back]])
			back -= 1
		if back >= 0:
			ready = max(ready, state[ends + state[first + back]])
	elif matrix:
		setup = change(data, resource, data[resource + R_FAMILY], family)
		if setup > 0:
			ready = max(ready, reach(data, data[resource + R_CALENDAR], 0, setup))
	if ready > start:
		return ready
	if here < count:
		after = state[first + here]
		gap = state[starts + after]
		clear = gap >= end
		if clear and matrix:
			setup = change(data, resource, family, data[ops + after * OP + O_FAMILY])
			if setup > 0:
				calendar = data[resource + R_CALENDAR]
				clear = opened(data, calendar, gap) - opened(data, calendar, end) >= setup
		if not clear:
			here += 1
			while here < count and state[starts + state[first + here]] - state[ends + after] < minutes:
				after = state[first + here]
				here += 1
			return max(state[ends + after], start + 1)
	return start


def after_shared(data, state, r, units, start, end):
	"""On a resource of several units: `start` if enough are free over [start, end), else when to try next.

	Its list holds (minute, units held from then on), in order.
	"""
	resource = data[RES_AT] + r * RESOURCE
	first = data[resource + R_LIST]
	count = state[count_at(data, r)]
	room = data[resource + R_CAPACITY] - units
	low, high = 0, count
	while low < high:
		middle = (low + high) // 2
		if state[first + 2 * middle] <= start:
			low = middle + 1
		else:
			high = middle
	here = low - 1 if low > 0 else 0
	while here < count and state[first + 2 * here] < end:
		if state[first + 2 * here + 1] > room:
			while here < count and state[first + 2 * here + 1] > room:
				here += 1
			return state[first + 2 * here] if here < count else NEVER
		here += 1
	return start


def after_batch(data, state, o, r, units, start, end):
	"""On a batch resource: `start` if it is empty over [start, end) or runs the same there, else when to try next."""
	resource = data[RES_AT] + r * RESOURCE
	ops, first = data[OPS_AT], data[resource + R_LIST]
	starts, ends, modes = S_START * data[OPS], S_END * data[OPS], S_MODE * data[OPS]
	count = state[count_at(data, r)]
	key = data[ops + o * OP + O_BATCH]
	here = position(state, first, count, starts, start)
	back = here
	while back > 0:  # those that started earlier or now; a batch is a run of equal starts
		other = state[first + back - 1]
		if state[ends + other] <= start and not data[ops + other * OP + O_FIXED]:
			break
		back -= 1
	held = units
	while back < count:
		other = state[first + back]
		back += 1
		if state[starts + other] >= end:
			break
		if state[ends + other] <= start:
			continue
		same = key > 0 and data[ops + other * OP + O_BATCH] == key
		held += units_of(data, state[modes + other], r)
		if state[starts + other] == start:
			if not same or state[ends + other] != end or held > data[resource + R_CAPACITY]:
				return state[ends + other]
		elif state[starts + other] > start and same and held <= data[resource + R_CAPACITY]:
			return state[
				starts + other
			]  # it may be joined there; a pause can make it end with that one from there only
		else:
			return max(state[ends + other], start + 1)
	return start


def units_of(data, mode, r):
	"""Units of a resource that a mode holds."""
	row = data[MODES_AT] + mode * MODE
	for need in range(data[row + M_NEED], data[row + M_NEED_END]):
		at = data[NEEDS_AT] + need * NEED
		if data[at + N_RESOURCE] == r:
			return data[at + N_UNITS]
	return 0


def count_at(data, r):
	"""Place in `state` of the number of entries of a resource."""
	return BLOCKS * data[OPS] + r


def earliest(data, state, o, mode, at, family):
	"""(start, end) of the first place for an operation from `at` on, given all that is placed."""
	op, row = data[OPS_AT] + o * OP, data[MODES_AT] + mode * MODE
	calendar, minutes, split = data[row + M_CALENDAR], data[row + M_MINUTES], data[op + O_SPLIT]
	if minutes == 0:
		return at, at
	while True:
		start, end = fit(data, calendar, at, minutes, split)
		if end >= NEVER:
			return NEVER, NEVER
		at = start
		for need in range(data[row + M_NEED], data[row + M_NEED_END]):
			here = data[NEEDS_AT] + need * NEED
			r = data[here + N_RESOURCE]
			kind = data[data[RES_AT] + r * RESOURCE + R_KIND]
			if kind == SINGLE:
				at = after_single(data, state, r, family, minutes, start, end)
			elif kind == SHARED:
				at = after_shared(data, state, r, data[here + N_UNITS], start, end)
			else:
				at = after_batch(data, state, o, r, data[here + N_UNITS], start, end)
			if at > start:
				break
		if at >= NEVER:
			return NEVER, NEVER
		if at == start:
			return start, end


def insert(data, state, o, mode, start, end):
	"""Places an operation: its row, and an entry with each resource that it holds."""
	n = data[OPS]
	state[S_START * n + o] = start
	state[S_END * n + o] = end
	state[S_MODE * n + o] = mode
	if start == end:
		return
	row = data[MODES_AT] + mode * MODE
	for need in range(data[row + M_NEED], data[row + M_NEED_END]):
		here = data[NEEDS_AT] + need * NEED
		r = data[here + N_RESOURCE]
		resource = data[RES_AT] + r * RESOURCE
		if data[resource + R_KIND] == SHARED:
			hold(data, state, r, start, end, data[here + N_UNITS])
			continue
		first, entries = data[resource + R_LIST], count_at(data, r)
		here = position(state, first, state[entries], S_START * n, start)
		for k in range(state[entries], here, -1):
			state[first + k] = state[first + k - 1]
		state[first + here] = o
		state[entries] += 1


def hold(data, state, r, start, end, units):
	"""Adds units to a shared resource over [start, end)."""
	first = data[data[RES_AT] + r * RESOURCE + R_LIST]
	here = breakpoint_at(data, state, r, start)
	beyond = breakpoint_at(data, state, r, end)
	for k in range(here, beyond):
		state[first + 2 * k + 1] += units


def breakpoint_at(data, state, r, at):
	"""Place in the list of a shared resource of the minute `at`, which is put there if need be."""
	first, entries = data[data[RES_AT] + r * RESOURCE + R_LIST], count_at(data, r)
	low, high = 0, state[entries]
	while low < high:
		middle = (low + high) // 2
		if state[first + 2 * middle] < at:
			low = middle + 1
		else:
			high = middle
	if low < state[entries] and state[first + 2 * low] == at:
		return low
	for k in range(state[entries], low, -1):
		state[first + 2 * k] = state[first + 2 * k - 2]
		state[first + 2 * k + 1] = state[first + 2 * k - 1]
	state[first + 2 * low] = at
	state[first + 2 * low + 1] = state[first + 2 * low - 1] if low > 0 else 0
	state[entries] += 1
	return low


def forget(data, state, r, at):
	"""Drops the minute `at` from the list of a shared resource where nothing changes there."""
	here = breakpoint_at(data, state, r, at)
	first, entries = data[data[RES_AT] + r * RESOURCE + R_LIST], count_at(data, r)
	before = state[first + 2 * here - 1] if here > 0 else 0
	if state[first + 2 * here + 1] != before:
		return
	state[entries] -= 1
	for k in range(here, state[entries]):
		state[first + 2 * k] = state[first + 2 * k + 2]
		state[first + 2 * k + 1] = state[first + 2 * k + 3]


def remove(data, state, o):
	"""Takes an operation out again; its start and end stay readable."""
	n = data[OPS]
	mode, start, end = state[S_MODE * n + o], state[S_START * n + o], state[S_END * n + o]
	state[S_MODE * n + o] = -1
	if start == end:
		return
	row = data[MODES_AT] + mode * MODE
	for need in range(data[row + M_NEED], data[row + M_NEED_END]):
		here = data[NEEDS_AT] + need * NEED
		r = data[here + N_RESOURCE]
		resource = data[RES_AT] + r * RESOURCE
		if data[resource + R_KIND] == SHARED:
			hold(data, state, r, start, end, -data[here + N_UNITS])
			forget(data, state, r, end)
			forget(data, state, r, start)
			continue
		first, entries = data[resource + R_LIST], count_at(data, r)
		here = state[entries] - 1
		if state[first + here] != o:
			here = position(state, first, state[entries], S_START * n, start) - 1
			while state[first + here] != o:
				here -= 1
		for k in range(here, state[entries] - 1):
			state[first + k] = state[first + k + 1]
		state[entries] -= 1


def ready(data, state, o):
	"""The earliest minute that releases and predecessors allow; NEVER while one of them is not placed."""
	n, op = data[OPS], data[OPS_AT] + o * OP
	at = data[op + O_RELEASE]
	for k in range(data[op + O_PRED], data[op + O_PRED_END]):
		link = data[LINKS_AT] + k * LINK
		other = data[link + L_OP]
		if state[S_MODE * n + other] < 0:
			return NEVER
		at = max(at, state[S_END * n + other] + data[link + L_MIN])
	return at


def latest(data, state, o):
	"""The latest start that longest waits allow; NEVER where there are none."""
	n, op = data[OPS], data[OPS_AT] + o * OP
	at = NEVER
	for k in range(data[op + O_PRED], data[op + O_PRED_END]):
		link = data[LINKS_AT] + k * LINK
		if data[link + L_MAX] >= 0:
			at = min(at, state[S_END * n + data[link + L_OP]] + data[link + L_MAX])
	return at


def begin_to_end_at(data, state, o, end):
	"""The earliest start, on the way it is placed now, from which an operation does not end before `end`.

	One that may be split does if less than its minutes are open from the start to the minute before `end`.
	"""
	row = data[MODES_AT] + state[S_MODE * data[OPS] + o] * MODE
	minutes = data[row + M_MINUTES]
	if not data[data[OPS_AT] + o * OP + O_SPLIT]:
		return end - minutes
	calendar = data[row + M_CALENDAR]
	return reach(data, calendar, -NEVER, opened(data, calendar, end - 1) - minutes + 1)
