"""The rounding of `formulas`, for whole columns at once: a figure is rounded to what is printed before it is used."""

from __future__ import annotations

import numpy as np

from sentia_ops.replenishment.engine.formulas import NOISE


def tidy(x: np.ndarray) -> np.ndarray:
	"""One decimal from 100 up, four significant digits below; floating noise becomes 0."""
	x = np.asarray(x, dtype=float)
	size = np.abs(x)
	with np.errstate(divide="ignore", invalid="ignore"):
		places = np.where(size >= 100, 1, 3 - np.floor(np.log10(np.where(size < NOISE, 1.0, size))))
	scale = 10.0**places
	return np.where(size < NOISE, 0.0, np.round(np.round(x * scale) / scale, 12))


def significant(x: np.ndarray) -> np.ndarray:
	"""Four significant digits, of numbers above 0 however small."""
	scale = 10.0 ** (3 - np.floor(np.log10(x)))
	return np.round(x * scale) / scale


def exact(x: np.ndarray) -> np.ndarray:
	"""Counted quantities and prices: kept, but for floating noise."""
	return np.round(np.asarray(x, dtype=float), 6) + 0.0


def round_up(qty: np.ndarray, step: np.ndarray) -> np.ndarray:
	"""The next multiple of `step`; without a step (0), the next thousandth."""
	unit = np.where(step > 0, step, 0.001)
	return exact(np.ceil(np.round(qty / unit, 6)) * unit)


def nearest(x: np.ndarray, whole: np.ndarray) -> np.ndarray:
	"""To the nearest whole number where things are counted in whole numbers."""
	return np.where(whole, np.floor(x + 0.5), x)
