"""A choice of steps that keeps its limits exactly.

A solver keeps each limit to a millionth of it only: of a budget of 1.5 million it spent 73 hundredths too much, and it may
leave an order a cent under its minimum. That is mended here, giving up as little worth as can be done one order at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
	from sentia_ops.replenishment.engine.joint.solver import Problem

NOISE = 1e-6


def keep(problem: Problem, step: np.ndarray) -> np.ndarray:
	"""`step` itself where it keeps all limits; else a choice near it that does.

	A group under its order value gets the cheapest raise of one order that reaches it, or else orders nothing. While money or
	room is short, the order is lowered that loses least worth per unit of what is short, but none below its group's order
	value; where no order can be lowered so, a whole group orders nothing.

	Args:
	    step: of each order, the index of its step in the ladders; -1: nothing.
	"""
	step = step.copy()
	busy = _busy(problem, step)
	missing = np.where(busy, problem.least - _totals(problem, step), 0.0)
	for group in np.flatnonzero(missing > NOISE).tolist():
		_reach(problem, step, group, missing[group])
	for amount, limit in _limits(problem):
		while (short := amount[step].sum() - limit) > NOISE:
			_lower(problem, step, amount, short)
	return step


def _busy(problem: Problem, step: np.ndarray) -> np.ndarray:
	return np.bincount(problem.group[step >= 0], minlength=len(problem.least)) > 0


def _totals(problem: Problem, step: np.ndarray) -> np.ndarray:
	"""Cost of each group."""
	return np.bincount(
		problem.group, weights=_with_nothing(problem.ladders.cost)[step], minlength=len(problem.least)
	)


def _with_nothing(values: np.ndarray) -> np.ndarray:
	"""`values` of the steps, so that -1 is the 0 of "nothing"."""
	return np.append(values, 0.0)


def _limits(problem: Problem) -> Iterator[tuple[np.ndarray, float]]:
	"""(what each step takes of it, how much there is) of the budget and of each warehouse's room."""
	ladders = problem.ladders
	yield _with_nothing(ladders.cost), problem.budget
	warehouse = problem.warehouse[ladders.owner]
	for number in np.flatnonzero(np.isfinite(problem.room)).tolist():
		yield _with_nothing(np.where(warehouse == number, ladders.volume, 0.0)), problem.room[number]


@dataclass(frozen=True)
class _Changes:
	"""Each other step that an order could have, "nothing" included, against the one it has.

	Attributes:
	    owner, to: the order, and the step it would get.
	    cost, volume, loss: by how much cost and volume would rise, and worth fall.
	"""

	owner: np.ndarray
	to: np.ndarray
	cost: np.ndarray
	volume: np.ndarray
	loss: np.ndarray

	@classmethod
	def of(cls, problem: Problem, step: np.ndarray) -> _Changes:
		ladders, count = problem.ladders, len(step)
		owner = np.concatenate([ladders.owner, np.arange(count)])
		to = np.concatenate([np.arange(len(ladders.owner)), np.full(count, -1)])
		cost, volume, value = (_with_nothing(x) for x in (ladders.cost, ladders.volume, ladders.value))
		has = step[owner]
		return cls(owner, to, cost[to] - cost[has], volume[to] - volume[has], value[has] - value[to])


def _reach(problem: Problem, step: np.ndarray, group: int, missing: float) -> None:
	changes = _Changes.of(problem, step)
	able = (problem.group[changes.owner] == group) & (changes.cost >= missing - NOISE)
	if able.any():
		best = np.lexsort((changes.loss, changes.cost, ~able))[0]
		step[changes.owner[best]] = changes.to[best]
	else:
		step[problem.group == group] = -1


def _lower(problem: Problem, step: np.ndarray, amount: np.ndarray, short: float) -> None:
	"""The change of one order, or else of one whole group, that loses least worth per unit of what is `short`."""
	changes = _Changes.of(problem, step)
	freed = amount[step[changes.owner]] - amount[changes.to]
	group = problem.group[changes.owner]
	after = _totals(problem, step)[group] + changes.cost
	able = (freed > 0) & (changes.cost <= 0) & (changes.volume <= 0)
	able &= (problem.least[group] <= 0) | (after >= problem.least[group] - NOISE)
	if able.any():
		best = _least_loss(changes.loss, freed, able, short)
		step[changes.owner[best]] = changes.to[best]
		return
	freed = np.bincount(problem.group, weights=amount[step], minlength=len(problem.least))
	loss = np.bincount(
		problem.group, weights=_with_nothing(problem.ladders.value)[step], minlength=len(problem.least)
	)
	step[problem.group == _least_loss(loss, freed, freed > 0, short)] = -1


def _least_loss(loss: np.ndarray, freed: np.ndarray, able: np.ndarray, short: float) -> int:
	"""What is freed beyond what is short counts for nothing."""
	rate = np.full(len(loss), np.inf)
	rate[able] = loss[able] / np.minimum(freed[able], short)
	return int(np.argmin(rate))
