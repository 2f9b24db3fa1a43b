"""Bounds hold for every schedule, and say what can be said by hand."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from exhaustive import cheapest, tiny

from sentia_ops.scheduling.engine.bounds import lower_bound
from sentia_ops.scheduling.engine.problem import (
	After,
	Fixed,
	Job,
	Mode,
	Objective,
	Operation,
	Previous,
	Problem,
	Resource,
)

FEATURES = (
	"calendar",
	"capacity",
	"batch",
	"modes",
	"needs",
	"waits",
	"setup",
	"split",
	"release",
	"fixed",
	"previous",
)
TARDINESS, MAKESPAN = Objective((("tardiness", 1.0),)), Objective((("makespan", 1.0),))


@pytest.mark.parametrize("seed", range(30))
def test_no_schedule_is_below_it(seed):
	random = Random(seed)
	problem = tiny(seed, set(random.sample(FEATURES, random.randint(1, 6))))
	for objective in (
		MAKESPAN,
		Objective((("tardiness", 1.0), ("makespan", 0.1), ("wip", 0.5), ("stability", 0.25))),
		Objective((("wip", 1.0), ("tardiness", 1.0)), ordered=True),
	):
		best = cheapest(problem, objective)
		if best is not None:
			assert lower_bound(problem, objective) <= best[0] + 1e-9


def queue(stations: int = 1, windows=None, **job) -> Problem:
	"""Three jobs of 10 minutes, all due at 10, that any of the stations can do."""
	modes = tuple(Mode(r, 10) for r in range(stations))
	jobs = [Job(f"J{j}", due=10, weight=weight) for j, weight in enumerate((1.0, 2.0, 4.0))]
	return Problem(
		jobs,
		[Operation(j, 0, modes) for j in range(3)],
		[Resource(f"M{r}", windows=windows) for r in range(stations)],
	)


def test_jobs_that_queue_for_one_station():
	# done at 10, 20, 30 whatever the order; the heaviest first is the cheapest: 2 x 10 + 1 x 20
	assert lower_bound(queue(), TARDINESS) == pytest.approx(40)
	assert lower_bound(queue(), MAKESPAN) == pytest.approx(30)


def test_stations_that_may_replace_each_other_count_together():
	# as fast as two: done at 5, 10 and 15, but no job alone before 10
	assert lower_bound(queue(2), TARDINESS) == pytest.approx(5)
	assert lower_bound(queue(2), MAKESPAN) == pytest.approx(15)


def test_closed_hours_count():
	hours = np.array([[0, 15], [100, 200]], np.int64)
	# 10 and 115 and, of what is split in the relaxation, the second at 105: 2 x 95 + 1 x 105
	assert lower_bound(queue(1, hours), TARDINESS) == pytest.approx(2 * 95 + 105)


def test_what_follows_in_the_job_counts():
	jobs = [Job("J", due=12, weight=3.0)]
	operations = [Operation(0, 0, (Mode(0, 10),)), Operation(0, 1, (Mode(1, 5),), (After(0, 4),))]
	problem = Problem(jobs, operations, [Resource("A"), Resource("B")])
	assert lower_bound(problem, TARDINESS) == pytest.approx(3 * (10 + 4 + 5 - 12))
	assert lower_bound(problem, Objective((("wip", 1.0),))) == pytest.approx(19)


def test_a_published_place_that_is_gone_counts_as_moved():
	operations = [Operation(0, 0, (Mode(0, 10),), release=30)]
	problem = Problem([Job("J")], operations, [Resource("A"), Resource("B")], previous={0: Previous(1, 10)})
	assert lower_bound(problem, Objective((("stability", 1.0),))) == pytest.approx(20 + 240)


def test_what_is_fixed_is_late_for_certain():
	operations = [Operation(0, 0, (Mode(0, 10),), fixed=Fixed(0, 50, 60))]
	problem = Problem([Job("J", due=40, weight=2.0)], operations, [Resource("A")])
	assert lower_bound(problem, TARDINESS) == pytest.approx(40)
