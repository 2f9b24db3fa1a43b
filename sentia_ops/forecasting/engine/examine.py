"""One series: what its methods say now, and what they would have said from earlier origins."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.forecasting.engine import newcomers
from sentia_ops.forecasting.engine.backtest import origins
from sentia_ops.forecasting.engine.classify import Profile
from sentia_ops.forecasting.engine.evidence import Evidence
from sentia_ops.forecasting.engine.guard import reasonable
from sentia_ops.forecasting.engine.history import History, phases
from sentia_ops.forecasting.engine.learn import Learned
from sentia_ops.forecasting.engine.measures import mean_scale
from sentia_ops.forecasting.engine.methods import boosting, method, pooled
from sentia_ops.forecasting.engine.methods.base import Path, Sample
from sentia_ops.forecasting.engine.newcomers import Launches
from sentia_ops.forecasting.engine.point import mean_since_launch
from sentia_ops.forecasting.engine.pool import LOSS, pool
from sentia_ops.forecasting.engine.sample import Prepared, prepare, season_of
from sentia_ops.forecasting.engine.settings import ForecastSettings
from sentia_ops.forecasting.engine.yearly import yearly_index

SLOW = ("intermittent", "lumpy")
NOTHING, MEAN, CONSTANT = "none", "mean", "constant"  # models of series that need no method
# others are given demand less its season, and less what promotions added
KNOW_THE_YEAR = ("DynamicHarmonic", "LinearRegression", "MSTL", "Prophet")
KNOW_FACTORS = ("AutoARIMA", boosting.NAME, "DynamicHarmonic", "LinearRegression", "MLP", "Prophet")
FOLLOW_THE_YEAR = ("CES",)  # of a calendar without a shorter season, after
LONG_SEASONS = 4  # of them
FAILED = "series"  # key of `Evidence.why_not` under which stands why the whole series could not be forecast
WILDEST = 10.0  # a smoothing run wild is worse than none: no method is believed beyond so many times the most ever sold


def examine(history: History, learned: Learned, settings: ForecastSettings) -> Evidence:
	"""Evidence of one series. Any series is answered: one that breaks everything has `FAILED` in its `why_not`."""
	try:
		return _examine(history, learned, settings)
	except Exception as error:  # libraries raise of every kind, and the other series must not be lost
		return _failed(history, str(error) or type(error).__name__, settings)


def _failed(history: History, reason: str, settings: ForecastSettings) -> Evidence:
	"""The mean of what can be read, as the only answer."""
	qty = np.asarray(history.qty, dtype=float)
	readable = np.where(np.isfinite(qty) & (qty >= 0), qty, 0.0)
	profile = Profile("new", float("inf"), 0.0, np.zeros(season_of(history, settings), dtype=bool), 0)
	level = float(readable.mean()) if len(readable) else 0.0
	return replace(_plain(history, profile, readable, MEAN, level, settings), why_not={FAILED: reason})


def _plain(
	history: History,
	profile: Profile,
	demand: np.ndarray,
	name: str,
	level: float,
	settings: ForecastSettings,
) -> Evidence:
	"""Evidence where one flat answer is all there is to say, and nothing to test."""
	return Evidence(
		key=history.key,
		profile=profile,
		demand=demand,
		methods=(name,),
		past=np.zeros((0, 1, 0)),
		actual=np.zeros((0, 0)),
		ahead=np.full((1, settings.horizon_days), level),
		scales=np.array([mean_scale(demand, len(profile.closed))]),
	)


def _examine(history: History, learned: Learned, settings: ForecastSettings) -> Evidence:
	ready = prepare(history, settings)
	demand, profile = ready.demand, ready.profile
	launches = learned.launches.get(history.calendar.code)
	if launches and profile.demand_class == "new" and (history.in_stock.any() or not len(history)):
		return _launched(ready, launches, settings)
	if profile.demand_class == "dead" or not demand.any():
		return _plain(history, profile, demand, NOTHING, 0.0, settings)
	if profile.demand_class == "new":
		level = mean_since_launch(demand) if history.in_stock.any() else demand.mean()
		return _plain(history, profile, demand, MEAN, float(level), settings)
	return _tested(ready, learned, settings)


def _launched(ready: Prepared, launches: Launches, settings: ForecastSettings) -> Evidence:
	path = launches.forecast(ready.history, settings.horizon_days)
	plain = _plain(ready.history, ready.profile, ready.demand, newcomers.NAME, 0.0, settings)
	return replace(plain, ahead=path.mean[None], quantiles=path.quantiles, notes=path.notes)


def _tested(ready: Prepared, learned: Learned, settings: ForecastSettings) -> Evidence:
	demand_class = ready.profile.demand_class
	constant = ready.demand.min() == ready.demand.max()
	known = (ready.sample.calendar, len(ready.demand))
	names = (CONSTANT,) if constant else pool(demand_class, *known, settings)
	why_not: dict[str, str] = {}
	desk = Desk(names, demand_class, learned, why_not)
	ahead = desk.paths(ready, settings.horizon_days, then=False)
	starts, length = origins(ready.history, settings)
	past = np.full((len(starts), len(ahead.paths), length), np.nan)
	deadline = time.monotonic() + settings.seconds
	for k in reversed(range(len(starts))):  # the newest say most: should time run out, it is for the oldest
		if time.monotonic() > deadline:
			why_not["windows"] = f"time ran out after {len(starts) - 1 - k} of {len(starts)}"
			break
		past[k] = desk.paths(prepare(ready.history.until(starts[k]), settings), length, then=True).paths
	return _evidence(ready, starts, length, ahead, past, why_not, names)


def _evidence(
	ready: Prepared,
	starts: list[int],
	length: int,
	ahead: Answers,
	past: np.ndarray,
	why_not: dict[str, str],
	names: tuple[str, ...],
) -> Evidence:
	history = ready.history
	held_out = np.where(history.in_stock, history.qty, np.nan)
	ends = [*starts, len(history)]
	return Evidence(
		key=history.key,
		profile=ready.profile,
		demand=ready.demand,
		methods=names,
		past=past,
		actual=np.array([held_out[s : s + length] for s in starts]).reshape(len(starts), length),
		ahead=ahead.paths,
		scales=np.array([mean_scale(ready.demand[:end], ready.season) for end in ends]),
		why_not=why_not,
		effects=ahead.effects,
		changes=ready.cleaned.changes,
		uplifts=ready.cleaned.uplifts,
		yearly=ahead.yearly,
	)


@dataclass(frozen=True)
class Answers:
	"""Paths of all methods from one origin, shape (methods, steps), NaN where one had none."""

	paths: np.ndarray
	effects: dict[str, dict[str, float]]
	yearly: bool


@dataclass(frozen=True)
class Desk:
	"""Where the methods of one series are asked; reasons why one has no answer now are kept in `why_not`."""

	names: tuple[str, ...]
	demand_class: str
	learned: Learned
	why_not: dict[str, str]

	def paths(self, ready: Prepared, steps: int, *, then: bool) -> Answers:
		if self.names == (CONSTANT,):
			return Answers(np.full((1, steps), ready.demand[-1]), {}, False)
		index = yearly_index(ready.sample, steps)
		found = np.full((len(self.names), steps), np.nan)
		effects: dict[str, dict[str, float]] = {}
		for k, name in enumerate(self.names):
			path = self._ask(name, ready, steps, index, then)
			if path is not None:
				found[k] = path.mean
				for factor, added in path.effects.items():
					effects.setdefault(factor, {})[name] = float(np.mean(added))
		closed = ready.profile.closed[phases(len(ready.demand), steps, ready.season)]
		found[:, closed] = np.where(np.isnan(found[:, closed]), np.nan, 0.0)
		return Answers(found, effects, index is not None)

	def _ask(
		self, name: str, ready: Prepared, steps: int, index: np.ndarray | None, then: bool
	) -> Path | None:
		try:
			path = self._answer(name, ready, steps, index, then)
		except Exception as error:
			self._note(name, str(error) or type(error).__name__, then)
			return None
		if not np.isfinite(path.mean).all() or np.abs(path.mean).max() > WILDEST * ready.demand.max():
			self._note(name, "its answer ran wild", then)
			return None
		return replace(path, mean=np.maximum(path.mean, 0.0))

	def _note(self, name: str, reason: str, then: bool) -> None:
		if not then:
			self.why_not[name] = reason

	def _answer(self, name: str, ready: Prepared, steps: int, index: np.ndarray | None, then: bool) -> Path:
		if name == boosting.NAME:
			return self._global(ready, steps, then)
		if index is None or name in KNOW_THE_YEAR:
			index = np.ones(len(ready.demand) + steps)
		promoted = np.ones(len(index)) if name in KNOW_FACTORS else ready.promoted(steps)
		index = index * promoted
		sample = replace(ready.sample, y=ready.sample.y / index[: len(ready.demand)])
		if name in FOLLOW_THE_YEAR:
			sample = _with_long_season(sample)
		if name == pooled.NAME:
			path = self._level(replace(ready, sample=sample), steps, then)
		else:
			path = method(name).fit(sample).forecast(steps)
		mean = path.mean
		if self.demand_class not in SLOW:
			mean = reasonable(mean, sample.y, ready.sample.calendar)
		mean = mean * index[len(sample.y) :]
		uplift = promoted[len(sample.y) :]
		if (uplift == 1).all():
			return replace(path, mean=mean)
		return replace(
			path, mean=mean, effects={" and ".join(ready.cleaned.uplifts): mean * (1 - 1 / uplift)}
		)

	def _global(self, ready: Prepared, steps: int, then: bool) -> Path:
		code = ready.sample.calendar.code
		models = self.learned.then if then else self.learned.now
		model = models.get((code, LOSS[self.demand_class]))
		if model is None:
			raise ValueError(
				self.learned.why_not.get(code) or "too little history before the windows held out"
			)
		return model.forecast(ready.sample, steps)

	def _level(self, ready: Prepared, steps: int, then: bool) -> Path:
		levels = self.learned.levels_then if then else self.learned.levels_now
		code = ready.sample.calendar.code
		if code not in levels:
			raise ValueError("too little history before the windows held out")
		return levels[code].forecast(ready.sample, steps, ready.profile.alive)


def _with_long_season(sample: Sample) -> Sample:
	calendar = sample.calendar
	if calendar.season > 1 or len(sample.y) < LONG_SEASONS * calendar.year:
		return sample
	return replace(sample, calendar=replace(calendar, season=round(calendar.year)))
