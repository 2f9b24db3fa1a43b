"""What is to be scheduled, in whole minutes from an origin: the model that every solver, rule and check here shares.

Time is an int: minutes since the problem's origin, counted in UTC, so that a change of the clocks is neither a gap nor
an overlap. The rules a schedule has to keep (Pinedo, Scheduling, 2016, ch. 2, with calendars added):

1. Every operation has one mode: a main resource (the workstation), minutes, and units of further resources.
2. `work(r, a, b)` is the number of open minutes of a calendar between a and b. A mode's calendar is the intersection
   of the calendars of all resources that it holds. An operation that may not be split lies wholly inside one window of
   it; one that may be split starts in an open minute and has work(start, end) equal to its minutes, ending as early as
   that allows. It holds its resources over the whole of [start, end), pauses included.
3. A resource never holds more units than its capacity. On a `batch` resource all operations that overlap started at
   the same minute, have the same minutes and the same batch key, which is not empty.
4. On a resource with a setup matrix (its capacity is 1) two operations that follow each other, a then b, have
   work(end a, start b) >= setup[family a, family b] in the resource's own calendar. Before the first one the resource
   stands in `initial_family`; None: no setup before the first.
5. For each `After` of an operation: min_wait <= start - end of the other <= max_wait, in minutes of the clock.
6. start >= release of the job, and >= release of the operation (material).
7. A fixed operation stays where it is, in and out of working hours; rules 2, 5 and 6 are not asked of it, 3 and 4
   are asked of the others next to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

OBJECTIVES = ("tardiness", "makespan", "setup", "wip", "stability")
KINDS = ("work", "inspection", "rework", "maintenance")


@dataclass(frozen=True)
class Resource:
	"""A workstation, or people, tools or inspectors that operations need beside it.

	Attributes:
	    windows: (n, 2) int64, open [from, until) in minutes, sorted, disjoint and not touching; None: always open.
	    capacity: units that may be held at once.
	    batch: operations with one batch key may run together, up to `capacity` units.
	    initial_family: setup family it stands in at the origin; None: anything goes first.
	"""

	name: str
	capacity: int = 1
	windows: np.ndarray | None = None
	batch: bool = False
	kind: str = "machine"  # machine, operator, tool, inspector
	initial_family: int | None = None


@dataclass(frozen=True)
class Mode:
	"""One way of doing an operation.

	Attributes:
	    resource: index of the workstation.
	    minutes: open minutes it takes there, > 0 (0 is allowed and takes no room).
	    units: of the workstation's capacity.
	    needs: (index of a further resource, units), e.g. an operator.
	"""

	resource: int
	minutes: int
	units: int = 1
	needs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class After:
	"""This operation starts `min_wait` to `max_wait` minutes after operation `op` (index) has ended."""

	op: int
	min_wait: int = 0
	max_wait: int | None = None


@dataclass(frozen=True)
class Fixed:
	"""Where an operation stays: started, in the freeze window, or pinned by a planner."""

	mode: int
	start: int
	end: int


@dataclass(frozen=True)
class Operation:
	"""One step of a job.

	Attributes:
	    job: index into `Problem.jobs`; step: its number in the job, for people.
	    family: setup family, an index into the setup matrices; None: neutral, no setup before or after it.
	    batch: key of what may run together on a batch resource; empty: alone.
	"""

	job: int
	step: int
	modes: tuple[Mode, ...]
	after: tuple[After, ...] = ()
	name: str = ""
	family: int | None = None
	batch: str = ""
	splittable: bool = False
	release: int = 0
	kind: str = "work"
	fixed: Fixed | None = None


@dataclass(frozen=True)
class Job:
	"""What is wanted, by when.

	Attributes:
	    due: minutes; None: none given, never late.
	    weight: what a minute of lateness counts, > 0 (maintenance: the risk that waiting runs).
	"""

	name: str
	release: int = 0
	due: int | None = None
	weight: float = 1.0


@dataclass(frozen=True)
class Previous:
	"""Where the last published schedule has an operation: what stability is measured from."""

	resource: int
	start: int


@dataclass(frozen=True)
class Objective:
	"""What is better, and how several aims are weighed.

	Attributes:
	    aims: (name of OBJECTIVES, weight). tardiness: sum of job weight x minutes late; makespan: last end in minutes;
	        setup: minutes of setup; wip: sum over jobs of last end - first start; stability: minutes that operations
	        start away from `Problem.previous`, plus MOVED_STATION for each on another workstation.
	    ordered: True: each aim is optimised in turn and then held (weights unused); False: their weighted sum.
	"""

	aims: tuple[tuple[str, float], ...] = (("tardiness", 1.0), ("makespan", 0.01))
	ordered: bool = False


MOVED_STATION = 240  # minutes of shift that a change of workstation counts as


@dataclass(frozen=True)
class Problem:
	"""A checked instance: indices are valid, precedence has no cycle, every operation has a mode that can fit.

	`setups`: resource index -> (families, families) int array of minutes. `previous`: operation index -> Previous.
	"""

	jobs: Sequence[Job]
	operations: Sequence[Operation]
	resources: Sequence[Resource]
	setups: Mapping[int, np.ndarray] = field(default_factory=dict)
	previous: Mapping[int, Previous] = field(default_factory=dict)


@dataclass
class Schedule:
	"""Start, end and mode of each operation, int64 arrays as long as `Problem.operations`."""

	start: np.ndarray
	end: np.ndarray
	mode: np.ndarray

	def copy(self) -> Schedule:
		return Schedule(self.start.copy(), self.end.copy(), self.mode.copy())


class Status(str, Enum):
	OPTIMAL = "optimal"  # no better one exists
	FEASIBLE = "feasible"  # keeps all rules; a better one may exist
	EMPTY = "empty"  # nothing to schedule


@dataclass
class Result:
	"""The best schedule found, with what is proven about it.

	Attributes:
	    aims: value of each aim of OBJECTIVES, in the units of `Objective`.
	    value: the objective's weighted sum (first aim, where ordered).
	    bound: no schedule has a `value` below it; 0 where nothing better is proven.
	    gap: (value - bound) / max(value, 1), 0 to 1.
	    history: (seconds, value, who found it) of each improvement.
	"""

	schedule: Schedule
	status: Status
	aims: dict[str, float]
	value: float
	bound: float
	gap: float
	seconds: float = 0.0
	history: list[tuple[float, float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Unplaced:
	"""An operation that no schedule can hold, in words for a production manager."""

	job: str
	step: int | None  # None: the whole job
	code: str  # see REASONS
	text: str  # what, where, and what to do next


REASONS = (
	"no operations",
	"no quantity",
	"no workstation",
	"no time",
	"no working hours",
	"too long for a shift",
	"no working time in the horizon",
	"material never arrives",
	"cycle",
	"unknown resource",
	"waits contradict",
	"needs more than there is",
	"depends on an unplaced operation",
)
