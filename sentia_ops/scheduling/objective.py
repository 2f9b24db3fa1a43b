"""Objectives as text, as people type and read them."""

from __future__ import annotations

from sentia_ops.scheduling.engine.problem import OBJECTIVES, Objective

HELP = "'tardiness,setup': in that order; 'tardiness=1,makespan=0.01': weighed. Aims: " + ", ".join(
	OBJECTIVES
)


def objective_text(objective: Objective) -> str:
	"""As `parse_objective` takes it."""
	if objective.ordered:
		return ",".join(aim for aim, _weight in objective.aims)
	return ",".join(f"{aim}={weight:g}" for aim, weight in objective.aims)


def parse_objective(text: str) -> Objective:
	"""An objective from "tardiness,setup" (one after the other) or "tardiness=1,makespan=0.01" (weighed).

	Raises:
	    ValueError: what cannot be read, and what can.
	"""
	parts = [part.strip() for part in text.split(",") if part.strip()]
	weighed = [part for part in parts if "=" in part]
	if not parts or (weighed and len(weighed) < len(parts)):
		raise ValueError(f"objective {text!r} is neither an order of aims nor aims with weights; {HELP}")
	aims = []
	for part in parts:
		aim, _, weight = (piece.strip() for piece in part.partition("="))
		if aim not in OBJECTIVES:
			raise ValueError(f"unknown aim {aim}; {HELP}")
		try:
			aims.append((aim, float(weight) if weighed else 1.0))
		except ValueError:
			raise ValueError(f"the weight of {aim} must be a number, not {weight!r}") from None
	if len({aim for aim, _weight in aims}) < len(aims):
		raise ValueError(f"objective {text!r} names an aim twice")
	return Objective(tuple(aims), ordered=not weighed)
