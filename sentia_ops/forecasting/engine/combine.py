"""Weights of methods from recent errors: of all series of a class first, of the series itself a little.

A simple kin of FFORMA (Montero-Manso and others 2020): weights that do well for a class are found on held-out windows of
all its series, and each series' own record only tilts them, as a handful of windows says little about one series.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sentia_ops.forecasting.engine.evidence import Combination, Evidence
from sentia_ops.forecasting.engine.pool import belief

PRIOR_SERIES = 25.0  # series' worth of belief in the weights before any test
TILT = 1.0  # power of a series' own relative errors
OWN_WINDOWS = 4.0  # windows' worth of belief that a series is like its class
ROUNDS, RATE = 300, 0.3  # of exponentiated gradient descent
MOST_ROWS = 40_000
LEAST_ANSWERS = 0.5  # of held-out periods; a method that mostly had none is no part of a class' forecast


def combine(evidences: Sequence[Evidence]) -> list[Combination]:
	"""A combination of each, in the same order."""
	groups: dict[tuple, list[int]] = {}
	for i, evidence in enumerate(evidences):
		groups.setdefault((evidence.profile.demand_class, evidence.methods), []).append(i)
	found: dict[int, Combination] = {}
	for (demand_class, names), members in groups.items():
		prior = np.array(belief(demand_class, names))
		prior = prior / prior.sum()
		alike = [evidences[i] for i in members]
		of_class = class_weights(alike, prior, demand_class)
		found |= {i: _combined(e, of_class, demand_class) for i, e in zip(members, alike, strict=True)}
	return [found[i] for i in range(len(evidences))]


def class_weights(evidences: Sequence[Evidence], prior: np.ndarray, demand_class: str) -> np.ndarray:
	"""Weights, shape (methods,), that lead to the least error over all held-out windows, drawn to `prior`.

	Exponentiated gradient descent (Kivinen and Warmuth 1997) keeps them positive with sum 1. The loss is absolute error
	in seasonal-naive errors for regular demand, squared for slow movers.
	"""
	if len(prior) == 1:
		return prior
	paths, actual = _rows(evidences)
	answering = np.isfinite(paths).mean(axis=0) > LEAST_ANSWERS if len(actual) else np.zeros(len(prior), bool)
	known = np.isfinite(paths[:, answering]).all(axis=1) if answering.any() else np.zeros(0, bool)
	if not known.any():
		return prior
	weights = np.zeros(len(prior))
	weights[answering] = _descend(
		paths[known][:, answering], actual[known], prior[answering], demand_class in ("intermittent", "lumpy")
	)
	tested = sum(bool(np.isfinite(e.actual).any()) for e in evidences)
	share = tested / (tested + PRIOR_SERIES)
	return share * weights + (1 - share) * prior


def _descend(paths: np.ndarray, actual: np.ndarray, prior: np.ndarray, squared: bool) -> np.ndarray:
	weights = prior / prior.sum()
	for turn in range(ROUNDS):
		error = paths @ weights - actual
		pull = error if squared else np.sign(error)
		slope = (paths * pull[:, None]).mean(axis=0)
		slope = slope - slope @ weights
		step = RATE / np.sqrt(1 + turn) / max(np.abs(slope).max(), 1e-12)
		weights = weights * np.exp(-step * slope)
		weights /= weights.sum()
	return weights


def _rows(evidences: Sequence[Evidence]) -> tuple[np.ndarray, np.ndarray]:
	"""Paths (rows, methods) and actual (rows,) of held-out periods, in units of scale; NaN where a method had no answer."""
	paths, actual = [], []
	for e in sorted(evidences, key=lambda e: e.key):
		if not e.actual.size:
			continue
		scale = np.where(e.scales[:-1] > 0, e.scales[:-1], np.nan)
		x = np.moveaxis(e.past, 1, 2) / scale[:, None, None]
		y = e.actual / scale[:, None]
		known = np.isfinite(y)
		paths.append(x[known])
		actual.append(y[known])
	if not paths or not sum(map(len, actual)):
		return np.zeros((0, 0)), np.zeros(0)
	x, y = np.concatenate(paths), np.concatenate(actual)
	every = -(-len(y) // MOST_ROWS)
	return x[::every], y[::every]


def _combined(evidence: Evidence, of_class: np.ndarray, demand_class: str) -> Combination:
	weights = _tilted(evidence, of_class, squared=demand_class in ("intermittent", "lumpy"))
	answered = np.isfinite(evidence.ahead).all(axis=1)
	now = np.where(answered, weights, 0.0)
	if not now.any():
		mean, now = np.full(evidence.ahead.shape[1], evidence.demand.mean()), np.zeros(len(weights))
	else:
		now = now / now.sum()
		mean = np.nan_to_num(evidence.ahead).T @ now
	past = np.array([_mixed(paths, weights) for paths in evidence.past]).reshape(evidence.actual.shape)
	return Combination(evidence, now, past, np.maximum(mean, 0.0))


def _mixed(paths: np.ndarray, weights: np.ndarray) -> np.ndarray:
	"""Weighted mean of the methods that had an answer, shape (steps,); NaN where none had."""
	answered = np.isfinite(paths).all(axis=1)
	if not (weights * answered).any():
		return np.full(paths.shape[1], np.nan)
	now = np.where(answered, weights, 0.0)
	return np.nan_to_num(paths).T @ (now / now.sum())


def _tilted(evidence: Evidence, of_class: np.ndarray, *, squared: bool) -> np.ndarray:
	"""Class weights times the series' own inverse relative errors, the less the fewer windows it was tested on."""
	errors = evidence.past - evidence.actual[:, None, :]
	errors = errors**2 if squared else np.abs(errors)
	usable = np.isfinite(errors).all(axis=1).any(axis=1)
	if not usable.any():
		return of_class
	mean = np.nanmean(errors[usable], axis=(0, 2))
	if not (mean > 0).all():
		return of_class
	share = usable.sum() / (usable.sum() + OWN_WINDOWS)
	weights = of_class * (mean / np.exp(np.log(mean).mean())) ** (-TILT * share)
	return weights / weights.sum()
