"""Many series: what they teach together, then each by itself in chunks on all cores or a cluster, then all results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sentia_ops.forecasting.engine.cluster import Dask
from sentia_ops.forecasting.engine.evidence import Evidence
from sentia_ops.forecasting.engine.examine import examine
from sentia_ops.forecasting.engine.executors import Executor, Here, Processes, Warn, cores, map_chunks
from sentia_ops.forecasting.engine.forecast import Outcome, conclude
from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.learn import Learned, learn
from sentia_ops.forecasting.engine.settings import ForecastSettings

CHUNK = 16  # series: one to three seconds of work, so that progress moves and no core waits long for the last
WORTH_A_POOL = 100  # fewer are done here sooner than a worker has imported its libraries

Done = Callable[[int, int], None]


def forecast_many(
	histories: Sequence[History],
	settings: ForecastSettings,
	done: Done | None = None,
	warn: Warn | None = None,
	executor: Executor | None = None,
) -> list[Outcome]:
	"""Forecasts of all series, in their order; the same answers wherever and by however many processes they are made.

	Args:
	    done: called with the number of series examined and the number of all.
	    warn: called with a sentence when workers died and their share was done in this process.
	    executor: where series are examined; default: as `settings` say.

	Raises:
	    NoCluster: `settings.engine` names a cluster that cannot be used.
	"""
	executor = executor or executor_for(settings, len(histories))
	places = chunks(len(histories))
	learned = learn(histories, settings)
	finished = 0

	def report(chunk: int) -> None:
		nonlocal finished
		finished += len(places[chunk])
		if done:
			done(finished, len(histories))

	work = [tuple(histories[i] for i in place) for place in places]
	answers = map_chunks(_examine, work, (learned, settings), executor, report, warn)
	evidences: list[Evidence] = [None] * len(histories)
	for place, answer in zip(places, answers, strict=True):
		for i, evidence in zip(place, answer, strict=True):
			evidences[i] = evidence
	return conclude(evidences, histories, settings)


def chunks(count: int) -> list[range]:
	"""Which of `count` series make up each chunk: of the whole list, as neighbours are alike, and so are their costs."""
	number = -(-count // CHUNK)
	return [range(first, count, number) for first in range(number)]


def examine_chunk(
	histories: Sequence[History], learned: Learned, settings: ForecastSettings
) -> list[Evidence]:
	"""Evidence of each; all of it can be pickled, so that a job may keep it until the other chunks are done, too."""
	return [examine(history, learned, settings) for history in histories]


def _examine(histories: tuple[History, ...], shared: tuple[Learned, ForecastSettings]) -> list[Evidence]:
	return examine_chunk(histories, *shared)


def executor_for(settings: ForecastSettings, series: int) -> Executor:
	"""Where so many series are examined.

	Raises:
	    NoCluster: see `Dask.check`.
	"""
	if settings.engine:
		cluster = Dask(settings.engine)
		cluster.check()  # before the work that comes first
		return cluster
	if series < WORTH_A_POOL:
		return Here()
	return Processes(settings.processes or cores())
