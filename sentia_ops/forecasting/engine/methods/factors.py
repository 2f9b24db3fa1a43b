"""Factors as columns of a regression: only what is known ahead, around its usual value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sentia_ops.forecasting.engine.history import Factor
from sentia_ops.forecasting.engine.methods.base import Sample

LEAST_UNUSUAL = 2  # periods at another value than the usual one, to learn an effect from
REACH = 2.0  # times the largest swing seen, beyond which no value is believed


@dataclass(frozen=True)
class Columns:
	"""Factors that can be used, as departures from their median in units of their largest departure in the history.

	Attributes:
	    values: shape (periods known of, factors); NaN: not known.
	    notes: what was left out, and why.
	"""

	names: tuple[str, ...]
	values: np.ndarray
	periods: int
	period: str
	notes: tuple[str, ...]

	@property
	def known(self) -> np.ndarray:
		"""Departures in the history, shape (periods, factors); 0 where not known."""
		return np.nan_to_num(self.values[: self.periods])

	def ahead(self, horizon: int) -> np.ndarray:
		"""Departures after it, shape (horizon, factors); 0, the usual value, where not known."""
		return np.nan_to_num(self._ahead(horizon))

	def notes_for(self, horizon: int) -> tuple[str, ...]:
		"""What is left out, and which factors end before the horizon does."""
		known = np.isfinite(self._ahead(horizon)).sum(axis=0)
		ends = [
			f"{name} is known for {count} of the {horizon} {self.period}s ahead; the rest is forecast at its usual value."
			for name, count in zip(self.names, known, strict=True)
			if count < horizon
		]
		return (*self.notes, *ends)

	def _ahead(self, horizon: int) -> np.ndarray:
		ahead = np.full((horizon, len(self.names)), np.nan)
		given = self.values[self.periods : self.periods + horizon]
		ahead[: len(given)] = given
		return ahead


def columns(sample: Sample) -> Columns:
	"""The factors of `sample` that are known ahead and moved in its history."""
	names, values, notes = [], [], []
	for factor in sample.factors:
		reason = _why_not(factor, len(sample.y))
		if reason:
			notes.append(f"{factor.name} {reason}.")
			continue
		names.append(factor.name)
		values.append(_departures(factor.values, len(sample.y)))
	longest = max([len(v) for v in values], default=len(sample.y))
	table = np.full((longest, len(values)), np.nan)
	for i, column in enumerate(values):
		table[: len(column), i] = column
	return Columns(tuple(names), table, len(sample.y), sample.calendar.period, tuple(notes))


def _why_not(factor: Factor, periods: int) -> str:
	if not factor.known_ahead:
		return "is not known ahead: not used"
	if not np.isfinite(factor.values[periods:]).any():
		return "ends before the forecast begins: not used"
	past = factor.values[:periods]
	past = past[np.isfinite(past)]
	if not len(past) or (past != np.median(past)).sum() < LEAST_UNUSUAL:
		return "hardly moved in the history: its effect cannot be learned"
	return ""


def _departures(values: np.ndarray, periods: int) -> np.ndarray:
	past = values[:periods]
	past = past[np.isfinite(past)]
	usual = np.median(past)
	return np.clip((values - usual) / np.abs(past - usual).max(), -REACH, REACH)


def summed(names: tuple[str, ...], effects: np.ndarray) -> dict[str, np.ndarray]:
	"""Effects, shape (horizon, factors), by name; those of the same name together."""
	found: dict[str, np.ndarray] = {}
	for name, effect in zip(names, effects.T, strict=True):
		found[name] = found[name] + effect if name in found else effect
	return found
