"""A boosted model of all series together (XGBoost: Chen and Guestrin 2016), forecasting every step directly."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sentia_ops.forecasting.engine.features import frames
from sentia_ops.forecasting.engine.methods.base import Path, Sample

NAME = "Boosting"
PARAMETERS = {
	"tree_method": "hist",
	"max_depth": 6,
	"eta": 0.06,
	"min_child_weight": 30,
	"subsample": 0.7,
	"colsample_bytree": 0.5,
	"max_bin": 64,
	"reg_lambda": 5,
	"nthread": 1,  # series are spread over processes; and sums in one order only give the same answer each time
	"seed": 1,
}


@dataclass(frozen=True)
class Effort:
	"""Size of a training: trees, and origins and rows of each series, drawn from its last four long seasons."""

	trees: int
	origins: int
	rows: int


EFFORTS = {"best": Effort(100, 60, 720), "fast": Effort(80, 25, 250)}
MOST_SERIES, MOST_ROWS = 1_500, 240_000  # taught by: a hundred megabytes, and ten seconds
SPARE = 1.3  # rows drawn for each one kept: some lie beyond the end of the history
LEAST_ROWS = 1_000  # with fewer a tree finds chance, not habits
LEAST_SERIES = 5
FURTHEST = 20.0  # seasonal-naive errors: what lies further off base counts as that
MONTHS, LONG_SEASONS = 120, 4


@dataclass(frozen=True)
class Boosted:
	"""What was learned, small enough to be sent to other processes.

	Attributes:
	    model: XGBoost's own bytes (UBJSON).
	    factors: names of those it was shown.
	"""

	model: bytes
	factors: tuple[str, ...]

	def forecast(self, sample: Sample, horizon: int) -> Path:
		"""Mean path; effects of factors are what their values ahead change against none (0)."""
		seen = frames(sample, np.array([len(sample.y)]), np.arange(1, horizon + 1), self.factors)
		if not np.isfinite(seen.scale[0]):
			raise ValueError("a series without any change has no scale")
		mean = self._paths(seen.x[0], seen)
		effects = {}
		for k, name in enumerate(self.factors, start=seen.x.shape[-1] - len(self.factors)):
			if np.nan_to_num(seen.x[0, :, k]).any():
				without = seen.x[0].copy()
				without[:, k] = 0.0
				effects[name] = mean - self._paths(without, seen)
		return Path(np.maximum(mean, 0.0), effects=effects)

	def _paths(self, x: np.ndarray, seen) -> np.ndarray:
		return seen.base[0] + _booster(self.model).inplace_predict(x) * seen.scale[0]


@lru_cache(maxsize=4)
def _booster(model: bytes):
	import xgboost

	booster = xgboost.Booster({"nthread": 1})
	booster.load_model(bytearray(model))
	return booster


def why_not(samples: Sequence[Sample]) -> str:
	"""Why these series teach nothing together; empty: they do."""
	usable = sum(_usable(s) for s in samples)
	if usable < LEAST_SERIES:
		return f"{usable} series with enough history: at least {LEAST_SERIES} must teach one another"
	return ""


def teachers(keys: Sequence[str]) -> list[int]:
	"""Which series are learned from, where they are very many: drawn by their keys, in the order of these."""
	drawn = sorted(range(len(keys)), key=lambda i: (zlib.crc32(keys[i].encode()), keys[i]))[:MOST_SERIES]
	return sorted(drawn, key=lambda i: keys[i])


def train(
	keys: Sequence[str], samples: Sequence[Sample], horizon: int, objective: str, profile: str = "best"
) -> Boosted | None:
	"""One model of all `samples`; None where they have too little to teach.

	Origins and steps are drawn by each series' key, so that neither the order of series nor the others matter.

	Args:
	    objective: XGBoost's name of the loss: absolute for medians, squared for means.
	"""
	names = tuple(sorted({f.name for s in samples for f in s.factors if f.known_ahead}))
	order = [i for i in sorted(range(len(keys)), key=lambda i: keys[i]) if _usable(samples[i])]
	if len(order) < LEAST_SERIES:
		return None
	effort = EFFORTS[profile]
	rows = min(effort.rows, max(MOST_ROWS // len(order), 1))
	parts = [_rows(keys[i], samples[i], horizon, names, min(effort.origins, rows), rows) for i in order]
	x, target = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
	if len(target) < LEAST_ROWS:
		return None
	return Boosted(_fit(x, target, objective, effort.trees), names)


def _fit(x: np.ndarray, target: np.ndarray, objective: str, trees: int) -> bytes:
	import xgboost

	data = xgboost.QuantileDMatrix(
		x, np.clip(target, -FURTHEST, FURTHEST), max_bin=PARAMETERS["max_bin"], nthread=1
	)
	booster = xgboost.train(PARAMETERS | {"objective": objective}, data, trees)
	return bytes(booster.save_raw("ubj"))


def _first(sample: Sample) -> int:
	"""The first origin with anything to go by."""
	return max(sample.calendar.season + 6, 14)


def _usable(sample: Sample) -> bool:
	return len(sample.y) > _first(sample) + 1 and sample.y.min() < sample.y.max()


def _rows(
	key: str, sample: Sample, horizon: int, factors: tuple[str, ...], origins: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
	"""Features (rows, features) and targets (rows,) of one series."""
	calendar, y = sample.calendar, sample.y
	rng = np.random.default_rng(zlib.crc32(key.encode()))
	span = MONTHS if calendar.code == "MS" else round(LONG_SEASONS * calendar.year)
	possible = np.arange(max(_first(sample) + 1, len(y) - span), len(y))
	chosen = np.sort(rng.choice(possible, min(origins, len(possible)), replace=False))
	count = min(horizon, int(np.ceil(SPARE * most / len(chosen))))
	steps = np.sort(rng.choice(horizon, count, replace=False)) + 1
	seen = frames(sample, chosen, steps, factors)
	at = chosen[:, None] + steps[None] - 1
	known = (at < len(y)) & sample.seen[np.minimum(at, len(y) - 1)]
	target = (y[np.minimum(at, len(y) - 1)] - seen.base) / seen.scale[:, None]
	rows = np.flatnonzero((known & np.isfinite(target)).ravel())
	if len(rows) > most:
		rows = np.sort(rng.choice(rows, most, replace=False))
	return seen.x.reshape(-1, seen.x.shape[-1])[rows], target.ravel()[rows]
