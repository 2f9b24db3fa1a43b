"""Supplier performance: what is measured, with how many observations, and what follows from it."""

from sentia_ops.suppliers.scoring.engine import HISTORY_MONTHS, Facts, Performance, score
from sentia_ops.suppliers.scoring.measures import BY_NAME, MEASURES, Measure

__all__ = ["BY_NAME", "HISTORY_MONTHS", "MEASURES", "Facts", "Measure", "Performance", "score"]
