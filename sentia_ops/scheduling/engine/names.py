"""What a schedule's numbers are called: jobs, steps, workstations, and why a station is closed."""

from __future__ import annotations

import pandas as pd

from sentia_ops.scheduling.engine import words

HORIZON = "the end of the planned time"


class Names:
	"""Words for a Built problem (engine/prepare.py)."""

	def __init__(self, built):
		self.built, self.problem = built, built.problem
		self.now = built.to_local(0)
		self._holes: dict[tuple[int, int, int], str] = {}

	def job(self, op: int) -> str:
		return self.problem.jobs[self.problem.operations[op].job].name

	def step(self, op: int) -> str:
		operation = self.problem.operations[op]
		name = f" ({operation.name})" if operation.name else ""
		return f"step {operation.step}{name}"

	def task(self, op: int) -> str:
		"""An operation of another job: "PJ-0012"; maintenance by its own name."""
		maintenance = self.problem.operations[op].kind == "maintenance"
		return f"maintenance {self.job(op)}" if maintenance else self.job(op)

	def station(self, resource: int) -> str:
		return self.built.lanes.get(resource) or self.problem.resources[resource].name

	def when(self, minutes: int) -> str:
		return words.when(self.built.to_local(minutes), self.now)

	def between(self, start: int, until: int) -> str:
		return words.between(self.built.to_local(start), self.built.to_local(until), self.now)

	def material(self, op: int) -> str:
		"""What the step waits for, else what its job does."""
		known, operation = self.built.materials, self.problem.operations[op]
		own = known.get((self.job(op), operation.step), "")
		return own or known.get(self.job(op), "") or "its material"

	def family(self, family: int | None) -> str:
		return "any other" if family is None else str(self.built.families[family])

	def closed(self, resource: int, hole: tuple[int, int]) -> str:
		"""Why a resource is closed: "night", "weekend", the reason of a holiday or breakdown, "break" ..."""
		key = (resource, *hole)
		if key not in self._holes:
			self._holes[key] = self._closed(resource, hole)
		return self._holes[key]

	def _closed(self, resource: int, hole: tuple[int, int]) -> str:
		windows = self.problem.resources[resource].windows
		if windows is not None and len(windows) and hole[0] >= windows[-1, 1]:
			return HORIZON
		reasons = [
			reason
			for start, until, reason in self.built.closures.get(resource, ())
			if reason and start < hole[1] and until > hole[0]
		]
		start, until = (self.built.to_local(minutes) for minutes in hole)
		clock = _by_clock(start, until)
		if not reasons:
			return clock
		return " with ".join(dict.fromkeys(([clock] if clock == "weekend" else []) + reasons))


def _by_clock(start: pd.Timestamp, until: pd.Timestamp) -> str:
	noons = pd.date_range(start.normalize(), until, freq="D") + pd.Timedelta(hours=12)
	closed_noons = [noon for noon in noons if start <= noon < until]
	if any(noon.weekday() >= 5 for noon in closed_noons):
		return "weekend"
	if closed_noons and until - start > pd.Timedelta(hours=12):
		return "closed day" if len(closed_noons) == 1 else "closed days"
	return "night" if until.normalize() > start.normalize() or start.hour < 5 else "break"
