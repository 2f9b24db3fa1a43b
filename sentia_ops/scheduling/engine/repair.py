"""The published schedule after something went wrong: what still can stays, the rest moves to the right.

Right-shift repair (Abumaizar and Svestka, International Journal of Production Research 35, 1997): no operation starts
before its published minute or on another station; each, in published order, goes to the first minute from there on that
all rules leave. Where one is late, another that was published behind it keeps its own minute if it can: that moves less
than holding on to an order that nothing needs any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sentia_ops.scheduling.engine import forms
from sentia_ops.scheduling.engine.decode import Infeasible, decode
from sentia_ops.scheduling.engine.problem import Operation, Previous, Problem, Schedule

LAST = 1 << 60


def repair(problem: Problem, published: Mapping[int, tuple[int, int] | Previous]) -> Schedule:
	"""A schedule that keeps the rules, and of the published one what can be kept.

	Args:
	    published: operation -> (mode, start), or Previous; operations without one are fitted into the gaps at the end.

	Raises:
	    Infeasible: the calendars end before all is done; see `decode`.
	"""
	held = {i: _place(problem.operations[i], at) for i, at in published.items()}
	starts = np.array([held[i][1] if i in held else LAST for i in range(len(problem.operations))])
	modes = np.array([held[i][0] if i in held else -1 for i in range(len(problem.operations))], np.int64)
	order = np.argsort(starts, kind="stable")
	operations = [
		replace(operation, release=max(operation.release, held[i][1])) if i in held else operation
		for i, operation in enumerate(problem.operations)
	]
	try:
		return decode(replace(problem, operations=operations), order, modes, compiled=forms.warm())
	except (
		Infeasible
	):  # at their published minutes or later not all find room; in the published order they may
		return decode(problem, order, modes, compiled=forms.warm())


def _place(operation: Operation, at: tuple[int, int] | Previous) -> tuple[int, int]:
	"""(mode, start); mode -1, any, where the published station is none of the operation's any more."""
	if isinstance(at, Previous):
		modes = [m for m, mode in enumerate(operation.modes) if mode.resource == at.resource]
		return (modes[0] if modes else -1), at.start
	mode, start = at
	return (mode if mode < len(operation.modes) else -1), start
