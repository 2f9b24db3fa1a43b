"""What-if: changes to the tables a plan is made from, and the difference between two plans."""

from sentia_ops.scenarios.engine.changes import KINDS, Change, Names, Refused

__all__ = ["KINDS", "Change", "Names", "Refused"]
