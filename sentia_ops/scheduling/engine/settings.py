"""What a planner may set; the same on a lake (command line) and on a site (Sentia Settings)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sentia_ops.scheduling.engine.problem import OBJECTIVES, Objective

PRIORITY_WEIGHTS = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0, 5: 0.5}  # what an hour late counts; each step halves it


@dataclass(frozen=True)
class ScheduleSettings:
	"""How schedules are made.

	Attributes:
	    objective: the aims; see Objective.
	    horizon_days: how far calendars reach; work that does not fit is said to be unplaced.
	    freeze_hours: published operations that start sooner than this stay where they are.
	    time_limit: seconds for the solver.
	    workers: processor cores that it may use.
	    seed: of its random choices.
	    time_zone: IANA name of the clock that timestamps are in.
	    stability: weight of a minute moved, when a published schedule is planned again.
	"""

	objective: Objective = field(default_factory=Objective)
	horizon_days: int = 60
	freeze_hours: float = 8.0
	time_limit: float = 60.0
	workers: int = 2
	seed: int = 0
	time_zone: str = "UTC"
	stability: float = 0.02

	def check(self) -> None:
		"""Raises ValueError naming the setting that makes no sense, and what it may be."""
		unknown = [aim for aim, _weight in self.objective.aims if aim not in OBJECTIVES]
		if unknown or not self.objective.aims:
			raise ValueError(
				f"unknown aim {', '.join(unknown) or '(none)'}; aims are {', '.join(OBJECTIVES)}"
			)
		if any(weight < 0 for _aim, weight in self.objective.aims):
			raise ValueError("the weight of an aim is below 0")
		for name, least, most in (
			("horizon_days", 1, 730),
			("freeze_hours", 0, 24 * 365),
			("time_limit", 0.1, 24 * 3600),
			("workers", 1, 256),
			("stability", 0, 1e6),
		):
			if not least <= getattr(self, name) <= most:
				raise ValueError(f"{name} is {getattr(self, name)}; it may be {least} to {most}")


def read_objective(text: str) -> Objective:
	"""Aims as people write them: "tardiness=1, makespan=0.01" is their weighted sum, "tardiness, setup" one after the other.

	Raises:
	    ValueError: naming the aim that is unknown or stands there twice, or the weight that is no number.
	"""
	parts = [part.strip() for part in text.split(",") if part.strip()]
	aims, ordered = [], "=" not in text
	for part in parts:
		name, _, weight = (word.strip() for word in part.partition("="))
		if name not in OBJECTIVES:
			raise ValueError(f"unknown aim {name!r}; aims are {', '.join(OBJECTIVES)}")
		if name in dict(aims):
			raise ValueError(f"the aim {name} stands there twice")
		try:
			value = 1.0 if ordered else float(weight)
		except ValueError:
			raise ValueError(
				f"{part!r}: write a weight for each aim, for example {name}=1, or for none"
			) from None
		if not 0 <= value < float("inf"):
			raise ValueError(f"{part!r}: a weight is a number from 0")
		aims.append((name, value))
	if not aims:
		raise ValueError(f"no aim is given; aims are {', '.join(OBJECTIVES)}")
	return Objective(tuple(aims), ordered)
