"""What all series teach together, once, before each is forecast by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sentia_ops.forecasting.engine.backtest import origins
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.methods import boosting, pooled
from sentia_ops.forecasting.engine.methods.boosting import Boosted
from sentia_ops.forecasting.engine.methods.pooled import Levels
from sentia_ops.forecasting.engine.newcomers import Launches, learn_launches
from sentia_ops.forecasting.engine.pool import ABSOLUTE, LOSS, ROBUST
from sentia_ops.forecasting.engine.sample import Prepared, prepare
from sentia_ops.forecasting.engine.settings import ForecastSettings

KNOWN_THEN = 0.8  # of all periods, known before the windows, that teach nearly what all of them do


@dataclass(frozen=True)
class Learned:
	"""Global models, small enough to be sent to every process.

	Attributes:
	    now: (calendar code, loss) -> boosted model trained on all that is known.
	    then: the same trained without the held-out windows, so that errors on those are honest.
	    why_not: calendar code -> why there is none.
	    launches: calendar code -> how new items sell.
	    levels_now, levels_then: calendar code -> what slow movers have in common, learned on the same two.
	"""

	now: dict[tuple[str, str], Boosted] = field(default_factory=dict)
	then: dict[tuple[str, str], Boosted] = field(default_factory=dict)
	why_not: dict[str, str] = field(default_factory=dict)
	launches: dict[str, Launches] = field(default_factory=dict)
	levels_now: dict[str, Levels] = field(default_factory=dict)
	levels_then: dict[str, Levels] = field(default_factory=dict)


def learn(histories: Sequence[History], settings: ForecastSettings) -> Learned:
	"""Learn from all series; those that cannot be read are left out here and named later.

	The answer depends neither on the order of the series nor on the machine's number of processes.
	"""
	if settings.methods and not {boosting.NAME, pooled.NAME} & set(settings.methods):
		return Learned()
	learned = Learned()
	ready = [p for h in sorted(histories, key=lambda h: h.key) if (p := _prepared(h, settings)) is not None]
	for code in sorted({p.sample.calendar.code for p in ready}):
		alike = [p for p in ready if p.sample.calendar.code == code]
		launches = learn_launches([p.history for p in alike])
		learned.launches.update({code: launches} if launches else {})
		_train_levels(code, alike, settings, learned)
		if settings.methods and boosting.NAME not in settings.methods:
			continue
		learned.why_not[code] = boosting.why_not([p.sample for p in alike])
		if not learned.why_not[code]:
			_train(code, alike, settings, learned)
	return learned


def _train(code: str, ready: list[Prepared], settings: ForecastSettings, learned: Learned) -> None:
	"""With the profile "fast" what most of the history taught before the windows also serves now: features are new, habits old."""
	horizon = max(settings.horizon_days, settings.backtest_days)
	wanted = {LOSS.get(p.profile.demand_class) for p in ready}
	ready = [ready[i] for i in boosting.teachers([_name(p) for p in ready])]
	earlier = [p for p in (_before_windows(p, settings) for p in ready) if p is not None]
	for loss in (ABSOLUTE, ROBUST):
		if loss not in wanted:
			continue
		then = _trained(earlier, horizon, loss, settings)
		hasty = settings.profile == "fast" and _periods(earlier) > KNOWN_THEN * _periods(ready)
		now = then if hasty and then else _trained(ready, horizon, loss, settings)
		learned.then.update({(code, loss): then} if then else {})
		learned.now.update({(code, loss): now} if now else {})
		if now is None:
			learned.why_not[code] = "too little history in all series together"


def _name(ready: Prepared) -> str:
	return "\x1f".join(ready.history.key)


def _periods(ready: list[Prepared]) -> int:
	return sum(len(p.demand) for p in ready)


def _trained(ready: list[Prepared], horizon: int, loss: str, settings: ForecastSettings) -> Boosted | None:
	return boosting.train(
		[_name(p) for p in ready], [p.sample for p in ready], horizon, loss, settings.profile
	)


def _train_levels(code: str, ready: list[Prepared], settings: ForecastSettings, learned: Learned) -> None:
	slow = [p for p in ready if p.profile.demand_class in pooled.LEARNED_FROM]
	earlier = [p for p in (_before_windows(p, settings) for p in slow) if p is not None]
	for levels, prepared in ((learned.levels_now, slow), (learned.levels_then, earlier)):
		if prepared:
			levels[code] = pooled.learn_levels([p.sample for p in prepared])


def _prepared(history: History, settings: ForecastSettings) -> Prepared | None:
	try:
		return prepare(history, settings)
	except Exception:  # whatever is wrong with it, `examine` finds it again and says so in its verdict
		return None


def _before_windows(ready: Prepared, settings: ForecastSettings) -> Prepared | None:
	"""The series as known before its first held-out window; None: it is too short for one."""
	starts, _ = origins(ready.history, settings)
	return _prepared(ready.history.until(starts[0]), settings) if starts else None
